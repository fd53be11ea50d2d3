// The views that sum up a model's leads: tiers, distribution, rules, transitions.
#pragma once

#include "pg/model.hpp"

namespace leadscore {

/// Creates them, on top of the view score. Between SPI_connect and SPI_finish, as the model's owner. May
/// longjmp.
void create_summary_views(const Model* model);

/// `security_invoker = …`: with whose rights the views of the model read. `hides_rows`: does the view read
/// rows, by its owner's rights, that it does not show? They are then kept from the functions of who reads it,
/// which would be called with them, if cheaper than what sorts them out. That keeps conditions of the
/// reader's other than the server's own comparisons from being looked at early.
const char* view_options(const Model* model, bool hides_rows);

/// A column, for COMMENT ON.
struct CommentedColumn {
  const char* name;  ///< quoted where it must be
  const char* comment;
};
/// COMMENT ON a relation (`kind`: TABLE or VIEW) and its columns.
void comment_relation(const char* kind, const char* schema, const char* name, const char* comment,
                      std::span<const CommentedColumn> columns);
/// Creates or replaces a view of the model's schema. `name` and `query` are SQL.
void create_view(const Model* model, const char* name, const char* query, const char* comment,
                 std::span<const CommentedColumn> columns, bool hides_rows = false);
void comment_view(const Model* model, const char* view, const char* comment,
                  std::span<const CommentedColumn> columns);

}  // namespace leadscore
