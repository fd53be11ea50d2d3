// The views that sum up a model's leads: tiers, distribution, rules, transitions.
#pragma once

#include "pg/model.hpp"

namespace leadscore {

/// Creates them, on top of the view score. Between SPI_connect and SPI_finish, as the model's owner. May
/// longjmp.
void create_summary_views(const Model* model);

/// `security_invoker = …`: with whose rights the views of the model read.
const char* view_options(const Model* model);

/// A column, for COMMENT ON.
struct CommentedColumn {
  const char* name;  ///< quoted where it must be
  const char* comment;
};
/// COMMENT ON a relation (`kind`: TABLE or VIEW) and its columns.
void comment_relation(const char* kind, const char* schema, const char* name, const char* comment,
                      std::span<const CommentedColumn> columns);
void comment_view(const Model* model, const char* view, const char* comment,
                  std::span<const CommentedColumn> columns);

}  // namespace leadscore
