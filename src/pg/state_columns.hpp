// The columns of a model's state table.
#pragma once

namespace leadscore {

/// In their order, from 0. Columns of owners come after them.
enum Column {
  kKey,
  kEngagement,
  kTotal,
  kTier,
  kGrade,
  kDisqualified,
  kDimensions,
  kScoredAt,
  kNextChangeAt,
  kVersion,
  kColumnCount
};

/// Their names. The key has its own in each model.
inline constexpr const char* kColumns[kColumnCount] = {
    "",           "engagement", "total",          "tier",   "grade", "disqualified",
    "dimensions", "scored_at",  "next_change_at", "version"};

}  // namespace leadscore
