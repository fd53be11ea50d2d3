// The relations of a model's schema that people read.
#pragma once

#include "pg/model.hpp"

namespace leadscore {

/// Their names. Each reads none that comes after it.
inline constexpr const char* kViews[] = {"score",       "tiers",       "distribution", "rules",
                                         "transitions", "performance", "drift"};

/// Creates the views, or defines those anew that there are, which keeps what was granted on them. Between
/// SPI_connect and SPI_finish, as the model's owner. May longjmp.
void create_views(const Model* model);
/// Gives the view score a column for each of the model's dimensions that has none yet.
void add_dimension_columns(const Model* model);

/// Raises 42710 where a dimension would be called like another column of the view score.
void check_dimension_names(const char* key_column, const List* dimensions);

/// Do rows of state need to be hidden from those who may not see the lead? Then this says which are seen.
void protect_state(const Model* model);

}  // namespace leadscore
