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

std::uint32_t FieldList::add(std::string_view path, bool as_text, const std::string& owner) {
  const std::size_t at = index_of(path, as_text);
  if (at == requests_.size()) requests_.push_back({std::string(path), as_text, owner});
  return static_cast<std::uint32_t>(at);
}

std::uint32_t FieldList::index_of(std::string_view path, bool as_text) const {
  std::size_t i = 0;
  while (i < requests_.size() && (requests_[i].path != path || requests_[i].as_text != as_text)) ++i;
  return static_cast<std::uint32_t>(i);
}

void FieldList::add(const Condition& condition, const std::vector<Segment>& segments, const std::string& owner) {
  switch (condition.kind) {
    case Condition::Kind::test:
      add(condition.test.field, false, owner);
      break;
    case Condition::Kind::segment:
      add(segments[condition.segment].condition, segments, owner);
      break;
    default:
      for (const Condition& child : condition.children) add(child, segments, owner);
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
              owner + ": " + std::string(what) + " does not apply to column \"" + request.path + "\" of type " +
                  info.type_name,
              as_instant ? "It takes a date or timestamp column." : "It takes a numeric column.");
}

}  // namespace leadscore
