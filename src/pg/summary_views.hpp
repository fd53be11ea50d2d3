// The views that sum up a model's leads: tiers, distribution, rules, transitions.
#pragma once

#include "pg/model.hpp"

namespace leadscore {

/// Creates them, on top of the view score. Between SPI_connect and SPI_finish, as the model's owner. May
/// longjmp.
void create_summary_views(const Model* model);

/// `security_invoker = …`: with whose rights the views of the model read.
const char* view_options(const Model* model);

/// A view's column, for COMMENT ON.
struct ViewColumn {
  const char* name;  ///< quoted where it must be
  const char* comment;
};
void comment_view(const Model* model, const char* view, const char* comment,
                  std::span<const ViewColumn> columns);

}  // namespace leadscore
