// Sifting: what a SELECT gives for many rows, without those that make it fail. It runs over parts of the
// rows, and where one fails over halves of that, down to single rows; so a few bad rows among many cost
// little.
#pragma once

#include "pg/problem.hpp"
#include "pg/statement.hpp"

namespace leadscore {

struct Sift {
  const Model* model;
  const char* part;  ///< the name by which the statement finds the rows
  const char* text;
  std::span<const Parameter> parameters;
  Rows* found;  ///< what it gives is appended to these

  /// Called for a row that makes the statement fail, the only row of the part. nullptr: it is passed over.
  /// What these allocate goes with the part.
  void (*on_failure)(const Sift* sift, const ErrorData* error) = nullptr;
  /// Called for each part that the statement could be run for.
  void (*on_part)(const Sift* sift) = nullptr;
  void* state = nullptr;  ///< for the functions above
  Seen seen = Seen::latest;
};

/// Sifts `rows`, the name of a relation or a query in parentheses that gives them. nullptr, or what is wrong
/// with the statement itself: none of the rows was looked at then, and found->desc is left alone. Between
/// SPI_connect and SPI_finish; the name of the part must be free. May longjmp.
ErrorData* sift_rows(const Sift* sift, const char* rows);

/// What note_unreadable() needs.
struct UnreadableRows {
  const char* names;  ///< SELECT over the part that names its rows
  Problems* problems;
};
/// Notes the row as a problem; a function for Sift::on_failure with UnreadableRows as its state.
void note_unreadable(const Sift* sift, const ErrorData* error);

}  // namespace leadscore
