// Matching one field of a row.
#include <algorithm>
#include <cstring>
#include <optional>

#include "core/error.hpp"
#include "core/match_field.hpp"

namespace leadscore {
namespace {

bool is_ascii(std::string_view text) noexcept {
  constexpr std::uint64_t kHighBits = 0x8080'8080'8080'8080;
  const auto word_at = [&text](std::size_t at) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof word);
    return word;
  };
  std::uint64_t seen = 0;
  if (text.size() >= 8) {
    for (std::size_t i = 0; i + 8 < text.size(); i += 8) seen |= word_at(i);
    seen |= word_at(text.size() - 8);  // the rest, and some bytes once more
  } else {
    for (const char c : text) seen |= static_cast<unsigned char>(c);
  }
  return (seen & kHighBits) == 0;
}

}  // namespace

void MatchField::match_fully(const Value& v, Micros as_of, RowState& row, MatchResult& result) {
  const bool null = is_null(v);
  if (v.kind == Value::Kind::text && !null) [[likely]] {
    const TextMemo::Slot* const known = memo_.find(v.view());
    if (known == nullptr) match_text(v.view(), row);
    if (only_sums_) {
      add(known == nullptr ? scratch_.sums.data() : memo_.sums(*known), result);
      return;
    }
    const OutcomeView outcome = known == nullptr ? OutcomeView(scratch_) : memo_.view(*known);
    if (reads_time_) match_time(outcome.reads_as_instant, outcome.instant, as_of, false, row, result);
    if (reads_value_) give(outcome, row, result);
    return;
  }
  if (reads_time_) {
    const bool fits = v.kind == Value::Kind::instant;
    match_time(fits, fits ? v.instant : 0, as_of, null, row, result);
  }
  if (!reads_value_) return;
  std::uint32_t cls = kUnfitClass;
  if (null) {
    cls = kNullClass;
  } else if (v.kind == Value::Kind::number) {
    cls = value.class_of(v.number);
  } else if (v.kind == Value::Kind::boolean) {
    cls = value.class_of(v.boolean);
  }
  if (plain_) {
    look_up(value_table, value_number, cls, row, result);
    return;
  }
  if (null && null_known_) {
    give(OutcomeView(null_), row, result);
    return;
  }
  scratch_.clear(columns_.size());
  scratch_.value_class = cls;
  row.signals.atoms.next_value();
  if (v.kind == Value::Kind::array) {
    for (std::uint32_t i = 0; i < v.array.size; ++i) {
      if (i % 256 == 255) checkpoint();
      const Value& item = v.array.items[i];
      if (is_null(item)) continue;
      if (item.kind == Value::Kind::text) scan_text(item.view(), row);
      if (!elements.empty()) elements.scan(item, row.folder, row.signals.atoms);
    }
  }
  conclude(row);
  if (null) {
    null_ = scratch_;
    null_known_ = true;
  }
  give(OutcomeView(scratch_), row, result);
}

void MatchField::match_text(std::string_view text, RowState& row) {
  scratch_.clear(columns_.size());
  row.signals.atoms.next_value();
  scan_text(text, row);
  if (reads_time_) {
    const std::optional<Micros> instant = parse_instant(text);
    scratch_.reads_as_instant = instant.has_value();
    scratch_.instant = instant.value_or(0);
  }
  scratch_.value_class = class_of_text(text, row);
  conclude(row);
  memo_.store(text, scratch_);
}

std::uint32_t MatchField::class_of_text(std::string_view text, RowState& row) const {
  return value.texts.empty() ? value.class_of(std::string_view()) : value.class_of(row.folder.fold(text));
}

// What match_text() leaves in scratch_, where that is a sum alone.
double MatchField::sum_of_text(std::string_view text, RowState& row) {
  row.signals.atoms.next_value();
  scan_text(text, row);
  double sum = quick_sums_ == nullptr ? 0 : quick_sums_[class_of_text(text, row)];
  for (const std::uint32_t hit : row.signals.atoms.list()) {
    const std::uint32_t atom = hit - first_atom_;
    for (std::uint32_t i = point_offsets_[atom]; i < point_offsets_[atom + 1]; ++i) {
      sum += atom_points_[i].points;
    }
  }
  if (memo_.has_missed()) {
    scratch_.clear(1);
    scratch_.sums[0] = sum;
    memo_.store(text, scratch_);
  }
  return sum;
}

void MatchField::scan_text(std::string_view text, RowState& row) {
  AtomHits& hits = row.signals.atoms;
  if (!patterns.empty()) patterns.scan(is_ascii(text) ? text : row.folder.fold(text), hits);
  if (!regexes.empty()) regexes.scan(text, hits);
  if (!domains.empty()) domains.scan(text, row.folder, hits);
  if (!local_parts.empty()) local_parts.scan(text, row.folder, hits);
}

void MatchField::conclude(RowState& row) {
  if (!reads_value_) return;
  const std::uint32_t cls = scratch_.value_class;
  if (value_number != kNoAxis) row.signals.classes[value_number] = cls;
  if (value_used) {
    const double* sums = value_table.sums(cls);
    for (std::size_t i = 0; i < table_columns_.size(); ++i) scratch_.sums[table_columns_[i]] += sums[i];
    if (value_table.has_lists()) {
      value_table.list(cls, scratch_.hits, [this](std::uint32_t bucket, double points) {
        scratch_.sums[column_of(bucket)] += points;
      });
    }
  }
  triggered_.clear();
  for (const std::uint32_t hit : row.signals.atoms.list()) {
    const std::uint32_t atom = hit - first_atom_;
    for (std::uint32_t i = point_offsets_[atom]; i < point_offsets_[atom + 1]; ++i) {
      scratch_.sums[atom_points_[i].column] += atom_points_[i].points;
    }
    for (const std::uint32_t* d = atom_deciders_.begin(atom); d != atom_deciders_.end(atom); ++d) {
      scratch_.hits.push_back({*d, 0});
    }
    triggered_.insert(triggered_.end(), atom_programs_.begin(atom), atom_programs_.end(atom));
    if (signal_[atom]) scratch_.atoms.push_back(hit);
  }
  if (!has_programs_) return;
  std::sort(triggered_.begin(), triggered_.end());
  triggered_.erase(std::unique(triggered_.begin(), triggered_.end()), triggered_.end());
  for (const std::uint32_t program : triggered_) run_program(program, row);
  for (const std::uint32_t program : always_programs_) run_program(program, row);
}

void MatchField::run_program(std::uint32_t number, RowState& row) {
  const MatchProgram& program = row.programs[number];
  const std::uint32_t branch = row.code.run(program.entry, row.signals);
  if (branch == MatchCode::kNone) return;
  if (program.bucket == Decider::kNoBucket) {
    scratch_.hits.push_back({program.decider, branch});
  } else {
    scratch_.sums[column_of(program.bucket)] += program.points[branch];
  }
}

void MatchField::give(const OutcomeView& outcome, RowState& row, MatchResult& result) const {
  add(outcome.sums, result);
  if (outcome.hits != nullptr && !outcome.hits->empty()) {
    result.hits.insert(result.hits.end(), outcome.hits->begin(), outcome.hits->end());
  }
  if (outcome.atoms != nullptr) {
    for (const std::uint32_t atom : *outcome.atoms) {
      row.signals.atoms.mark(atom);
      const std::uint32_t own = atom - first_atom_;
      row.candidates.insert(row.candidates.end(), atom_candidates_.begin(own), atom_candidates_.end(own));
    }
  }
  if (value_number != kNoAxis) row.signals.classes[value_number] = outcome.value_class;
  if (value_table.has_candidates()) value_table.list_candidates(outcome.value_class, row.candidates);
}

void MatchField::match_time(bool fits, Micros instant, Micros as_of, bool null, RowState& row,
                            MatchResult& result) {
  const auto class_in = [&](const TimedAxis& axis, bool as_age) {
    if (null) return kNullClass;
    if (!fits) return kUnfitClass;
    return axis.axis.class_of(as_age ? difference(as_of, instant) : instant);
  };
  if (time.used) look_up(time.table, time.number, class_in(time, false), row, result);
  if (age.used) look_up(age.table, age.number, class_in(age, true), row, result);
}

void MatchField::look_up(const ClassTable& table, std::uint32_t number, std::uint32_t cls, RowState& row,
                         MatchResult& result) const {
  const std::vector<std::uint32_t>& columns = table.columns();
  const double* sums = table.sums(cls);
  double* const buckets = result.buckets.data();
  for (std::size_t i = 0, n = columns.size(); i < n; ++i) buckets[columns[i]] += sums[i];
  if (table.has_lists()) {
    table.list(cls, result.hits,
               [&result](std::uint32_t bucket, double points) { result.buckets[bucket] += points; });
  }
  if (number != kNoAxis) row.signals.classes[number] = cls;
  if (table.has_candidates()) table.list_candidates(cls, row.candidates);
}

Micros MatchField::next_flip(const Value& v, Micros as_of) const {
  if (!age.used || is_null(v)) return kInfinity;
  std::optional<Micros> instant;
  if (v.kind == Value::Kind::instant) {
    instant = v.instant;
  } else if (v.kind == Value::Kind::text) {
    instant = parse_instant(v.view());
  }
  if (!instant.has_value() || !is_finite(*instant) || as_of == kInfinity) return kInfinity;
  const std::vector<Micros>& durations = age.axis.points.points();
  const auto next = std::upper_bound(durations.begin(), durations.end(), difference(as_of, *instant));
  if (next == durations.end()) return kInfinity;
  const Micros flip = shifted(*instant, *next);
  return flip < kEndOfTime ? flip : kInfinity;  // PostgreSQL has no later instant to say it with
}

}  // namespace leadscore
