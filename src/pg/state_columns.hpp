// The columns of a model's state table.
#pragma once

namespace leadscore {

/// In their order, from 0. Columns of owners come after them. What every reader of scores looks at comes
/// first: the server takes a row apart as far as the last column that is asked for.
enum Column {
  kKey,
  kVersion,
  kEngagement,
  kTotal,
  kTier,
  kGrade,
  kDisqualified,
  kDimensions,
  kScoredAt,
  kNextChangeAt,
  kColumnCount
};

/// Their names. The key has its own in each model.
inline constexpr const char* kColumns[kColumnCount] = {
    "",      "version",      "engagement", "total",     "tier",
    "grade", "disqualified", "dimensions", "scored_at", "next_change_at"};

}  // namespace leadscore
