// Wiring and comparing.
#include "property_subject.hpp"

#include <cmath>
#include <sstream>

#include "core/json.hpp"
#include "core/parse.hpp"
#include "core/text.hpp"

namespace leadscore {
namespace {

std::string in_words(const reference::Datum& datum) {
  if (const auto* flag = std::get_if<bool>(&datum.held)) return *flag ? "true" : "false";
  if (const auto* value = std::get_if<double>(&datum.held)) {
    return std::isnan(*value) ? "NaN" : format_number(*value);
  }
  if (const auto* text = std::get_if<std::string>(&datum.held)) return '"' + *text + '"';
  if (const auto* at = std::get_if<Micros>(&datum.held)) return format_instant(*at);
  if (const auto* items = std::get_if<std::vector<reference::Datum>>(&datum.held)) {
    std::string out = "[";
    for (const reference::Datum& item : *items) out += in_words(item) + " ";
    return out + "]";
  }
  return "NULL";
}

std::string in_words(const reference::Row& row) {
  std::string out;
  for (const auto& [field, datum] : row) out += " " + field + "=" + in_words(datum);
  return out;
}

bool near(double a, double b, double scale) { return a == b || std::fabs(a - b) <= 1e-9 * scale; }

}  // namespace

RowValues::RowValues(const reference::Row& row, std::span<const FieldRequest> requests) {
  static const reference::Datum kNull;
  for (const FieldRequest& request : requests) {
    const auto found = row.find(request.path);
    const reference::Datum& datum = found == row.end() ? kNull : found->second;
    if (!request.as_text) {
      values_.push_back(value_of(datum));
      continue;
    }
    // Blanks too: that they count as NULL is the core's business.
    if (const auto* text = std::get_if<std::string>(&datum.held)) {
      values_.push_back(Value::of(std::string_view(texts_.emplace_back(*text))));
    } else if (const auto form = reference::text_form(datum)) {
      values_.push_back(Value::of(std::string_view(texts_.emplace_back(*form))));
    } else {
      values_.emplace_back();
    }
  }
}

Value RowValues::value_of(const reference::Datum& datum) {
  if (const auto* flag = std::get_if<bool>(&datum.held)) return Value::of(*flag);
  if (const auto* value = std::get_if<double>(&datum.held)) return Value::of(*value);
  if (const auto* at = std::get_if<Micros>(&datum.held)) return Value::at(*at);
  if (const auto* text = std::get_if<std::string>(&datum.held)) {
    return Value::of(std::string_view(texts_.emplace_back(*text)));
  }
  if (const auto* items = std::get_if<std::vector<reference::Datum>>(&datum.held)) {
    std::vector<Value> values;
    for (const reference::Datum& item : *items) values.push_back(value_of(item));
    const std::vector<Value>& kept = arrays_.emplace_back(std::move(values));
    return Value::of(kept.data(), static_cast<std::uint32_t>(kept.size()));
  }
  return {};
}

RowShape shape_of(std::span<const FieldRequest> requests, std::span<const generate::Column> columns,
                  bool jsonb) {
  RowShape shape = json_shape(requests.size());
  if (jsonb) return shape;
  shape.row_name = "record";
  for (const generate::Column& column : columns) shape.columns.emplace_back(column.name);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    FieldInfo& info = shape.fields[i];
    info.exists = false;
    for (const generate::Column& column : columns) {
      if (column.name != requests[i].path) continue;
      info.exists = true;
      info.type = requests[i].as_text ? FieldType::text : column.type;
      info.type_name = "a type";
    }
  }
  return shape;
}

Subject::Subject(const std::string& ruleset_text, bool jsonb) : Subject(parse_ruleset(ruleset_text), jsonb) {}

Subject::Subject(Ruleset parsed, bool jsonb)
    : compiled_(std::make_unique<CompiledRuleset>(std::move(parsed))),
      activity_requests_(ActivityProgram::fields(rules())),
      score_requests_(LeadProgram::fields(rules(), Purpose::score)),
      explain_requests_(LeadProgram::fields(rules(), Purpose::explain)) {
  const RowShape of_activity = shape_of(activity_requests_, generate::activity_columns(), jsonb);
  activities_ = std::make_unique<ActivityProgram>(rules(), plan(), &of_activity);
  score_ = std::make_unique<LeadProgram>(
      *compiled_, shape_of(score_requests_, generate::lead_columns(), jsonb), Purpose::score);
  explain_ = std::make_unique<LeadProgram>(
      *compiled_, shape_of(explain_requests_, generate::lead_columns(), jsonb), Purpose::explain);
}

void Subject::record(Engagement& state, Arena& arena, const reference::Activity& activity, Micros now) {
  if (!activity.kind) return;
  const ActivityProgram::KindClass* kind = activities_->classify(*activity.kind);
  if (kind == nullptr) return;
  const RowValues row(activity.row, activity_requests_);
  activities_->record(state, arena, *kind, activity.at, row.values(), now);
}

std::span<const Effect> Subject::effects(const reference::Activity& activity) {
  if (!activity.kind) return {};
  const ActivityProgram::KindClass* kind = activities_->classify(*activity.kind);
  if (kind == nullptr) return {};
  const RowValues row(activity.row, activity_requests_);
  return activities_->effects(*kind, activity.at, row.values());
}

Engagement Subject::engage(Arena& arena, std::span<const reference::Activity> activities, Micros now) {
  Engagement state = start();
  for (const reference::Activity& activity : activities) record(state, arena, activity, now);
  return state;
}

Bytes Subject::encoded(Engagement& state, Arena& arena) {
  Bytes out;
  encode(state, arena, writer(), out);
  return out;
}

Evaluation Subject::score(const reference::Row& lead, const Engagement* state, Micros as_of) {
  const RowValues row(lead, score_requests_);
  Evaluation out;
  score_->evaluate(row.values(), state, as_of, out);
  return out;
}

Evaluation Subject::evaluate_to_explain(const reference::Row& lead, const Engagement* state, Micros as_of) {
  const RowValues row(lead, explain_requests_);
  Evaluation out;
  explain_->evaluate(row.values(), state, as_of, out);
  return out;
}

std::vector<Line> Subject::lines(const reference::Row& lead, const Engagement* state, Micros as_of) {
  const RowValues row(lead, explain_requests_);
  Evaluation out;
  explain_->evaluate(row.values(), state, as_of, out);
  return explain(rules(), out, explain_requests_, row.values(), as_of);
}

Micros Subject::next_change(const reference::Row& lead, const Engagement* state, Micros as_of, Micros known) {
  const RowValues row(lead, score_requests_);
  Evaluation now;
  return score_->next_change(row.values(), state, as_of, now, known);
}

Engagement through_bytes(Subject& subject, Engagement& state, Arena& arena, Arena& into) {
  const Bytes bytes = subject.encoded(state, arena);
  Engagement made = decode(bytes, into);
  subject.plan().check_fits(made);
  return made;
}

std::string difference_between(Subject& subject, Engagement& a, Arena& arena_a, Engagement& b,
                               Arena& arena_b) {
  // Encoding brings both into canonical order.
  subject.encoded(a, arena_a);
  subject.encoded(b, arena_b);
  if (a.fingerprint != b.fingerprint) return "fingerprint";
  if (a.last_at != b.last_at) return "last_at";
  if (a.size != b.size) return "number of cells";
  for (std::uint32_t i = 0; i < a.size; ++i) {
    const Cell &x = a.cells[i], &y = b.cells[i];
    const std::string where = "cell " + std::to_string(i) + ": ";
    if (x.slot != y.slot || x.type != y.type) return where + "slot or type";
    if (x.type == Cell::Type::list) {
      if (!(x.list->spec == y.list->spec) || x.list->size != y.list->size) return where + "list";
      for (std::uint32_t e = 0; e < x.list->size; ++e) {
        if (!(event_at(*x.list, e) == event_at(*y.list, e))) return where + "event " + std::to_string(e);
      }
      continue;
    }
    if (x.count != y.count || x.block != y.block) return where + "count or block";
    if (x.type == Cell::Type::latest) continue;
    // Multipliers of both signs may cancel out, so errors are relative to what was added up.
    const Micros half_life = subject.plan().trackers()[subject.plan().tracker_of_slot(x.slot)].half_life;
    const Weight newest = weight_at(a.last_at, half_life);
    const double heaviest = newest.block == x.block ? newest.weight : std::ldexp(1.0, kBlockHalfLives);
    if (!near(x.sum, y.sum, 100 * heaviest * x.count)) return where + "sum";
  }
  if (a.pending_size != b.pending_size) return "number of pending activities";
  for (std::uint32_t i = 0; i < a.pending_size; ++i) {
    const Pending &x = a.pending[i], &y = b.pending[i];
    const bool same_event = x.type == Cell::Type::list ? x.event == y.event && x.spec == y.spec
                                                       : x.event.multiplier == y.event.multiplier;
    if (x.at != y.at || x.slot != y.slot || x.type != y.type || x.block != y.block || !same_event) {
      return "pending activity " + std::to_string(i);
    }
  }
  return "";
}

std::string difference_from(const reference::Result& expected, const Evaluation& got, const Ruleset& rules) {
  std::ostringstream out;
  out.precision(17);
  if (!near(expected.total, got.total, expected.scale)) {
    out << "total: expected " << expected.total << ", got " << got.total << "\n";
  }
  for (std::size_t d = 0; d < expected.dimensions.size(); ++d) {
    if (near(expected.dimensions[d], got.dimensions[d], expected.scale)) continue;
    out << rules.dimensions[d].name << ": expected " << expected.dimensions[d] << ", got "
        << got.dimensions[d] << "\n";
  }
  const std::optional<std::string> grade = got.has_grade ? std::optional(got.grade) : std::nullopt;
  if (grade != expected.grade) {
    out << "grade: expected " << expected.grade.value_or("none") << ", got " << grade.value_or("none")
        << "\n";
  }
  if (got.disqualified != expected.disqualified) out << "disqualified: got " << got.disqualified << "\n";
  const std::optional<std::string_view> tier = got.tier_name(rules);
  if (tier != expected.tier) {
    out << "tier: expected " << expected.tier.value_or("none") << ", got " << tier.value_or("none") << "\n";
  }
  if (got.tier != expected.tier_index) {
    out << "tier index: expected " << expected.tier_index.value_or(999) << ", got " << got.tier.value_or(999)
        << "\n";
  }
  if (got.own_tier != expected.own_tier_index) {
    out << "own tier index: expected " << expected.own_tier_index.value_or(999) << ", got "
        << got.own_tier.value_or(999) << "\n";
  }
  return out.str();
}

std::string story(const std::string& ruleset_text, const reference::Row& lead,
                  std::span<const reference::Activity> activities, Micros as_of) {
  std::string out = ruleset_text + "\nas of " + format_instant(as_of) + "\nlead:" + in_words(lead) + "\n";
  std::size_t shown = 0;
  for (const reference::Activity& activity : activities) {
    if (++shown > 40) return out + "… " + std::to_string(activities.size()) + " in all\n";
    out += activity.kind.value_or("NULL") + " " + format_instant(activity.at) + in_words(activity.row) + "\n";
  }
  return out;
}

}  // namespace leadscore
