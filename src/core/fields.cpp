// Field requests and the errors that name a column.
#include "core/fields.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

namespace leadscore {

RowShape json_shape(std::size_t fields) {
  RowShape shape;
  shape.fields.resize(fields);
  shape.row_name = "jsonb";
  return shape;
}

namespace {

std::string key_of(std::string_view path, bool as_text) { return (as_text ? "t" : "v") + std::string(path); }

}  // namespace

std::uint32_t FieldList::add(std::string_view path, bool as_text, const std::string& owner) {
  const auto [at, added] =
      index_.emplace(key_of(path, as_text), static_cast<std::uint32_t>(requests_.size()));
  if (added) requests_.push_back({std::string(path), as_text, owner});
  return at->second;
}

std::uint32_t FieldList::index_of(std::string_view path, bool as_text) const {
  const auto found = index_.find(key_of(path, as_text));
  return found == index_.end() ? static_cast<std::uint32_t>(requests_.size()) : found->second;
}

void FieldList::add(const Condition& condition, const std::vector<Segment>& segments,
                    const std::string& owner) {
  seen_segments_.resize(segments.size());
  // Nesting is bounded by the language, chains of segments are not: these wait in a list instead of on the
  // stack.
  std::vector<const Condition*> waiting{&condition};
  while (!waiting.empty()) {
    const Condition* next = waiting.back();
    waiting.pop_back();
    if (next->kind == Condition::Kind::test) {
      add(next->test.field, false, owner);
    } else if (next->kind == Condition::Kind::segment) {
      if (seen_segments_[next->segment]) continue;
      seen_segments_[next->segment] = true;
      waiting.push_back(&segments[next->segment].condition);
    }
    for (auto child = next->children.rbegin(); child != next->children.rend(); ++child)
      waiting.push_back(&*child);
  }
}

std::string rule_owner(const Rule& rule) { return "rule \"" + rule.id + "\""; }

void throw_missing_column(const FieldRequest& request, const RowShape& shape, const std::string& owner) {
  std::vector<std::string_view> columns(shape.columns.begin(), shape.columns.end());
  const std::string_view near = nearest(request.path, columns);
  throw Error(sqlstate::kUndefinedColumn,
              owner + " reads column \"" + request.path + "\", which " + shape.row_name + " does not have",
              near.empty() ? std::string() : "Perhaps you meant \"" + std::string(near) + "\".");
}

void check_field(const FieldRequest& request, const FieldInfo& info, const RowShape& shape, bool as_instant,
                 std::string_view what, const std::string& owner) {
  if (!info.exists) throw_missing_column(request, shape, owner);
  const FieldType wanted = as_instant ? FieldType::instant : FieldType::number;
  if (info.type == wanted || info.type == FieldType::json) return;
  throw Error(sqlstate::kDatatypeMismatch,
              owner + ": " + std::string(what) + " does not apply to column \"" + request.path +
                  "\" of type " + info.type_name,
              as_instant ? "It takes a date or timestamp column." : "It takes a numeric column.");
}

}  // namespace leadscore
