// What the calls of one query that read leads of one model have in common. The view score is a column for
// each of several functions; a query that asks for many columns calls as many functions for each lead, one
// after the other. They read the versions of the model once, and score each lead once.
#pragma once

#include "pg/live_lead.hpp"

namespace leadscore {

/// Where a function has its arguments. The model is number 0.
struct LiveArguments {
  int version, activity;
  int address, table, names;  ///< -1: the lead comes as a whole row
  int first;                  ///< of the columns, or the whole row
};

/// A lead's score as last computed: what it was computed of, as bytes.
struct LiveMemo {
  bool valid = false;
  int version = 0;
  RowType columns{};
  std::vector<char> bytes;
};

/// By what a snapshot is told from another.
struct SnapshotMark {
  TransactionId xmin = InvalidTransactionId, xmax = InvalidTransactionId;
  uint32 running = 0;
  CommandId command = 0;
  uint64 completed = 0;
  bool operator==(const SnapshotMark&) const = default;
};

struct LiveQuery {
  LiveQuery() = default;
  LiveQuery(const LiveQuery&) = delete;
  LiveQuery& operator=(const LiveQuery&) = delete;
  ~LiveQuery();  ///< no longer under way

  MemoryContext memory = nullptr;  ///< of the query's expressions; goes with them
  int calls = 0;
  SnapshotMark seen;   ///< of which the versions are: PL/pgSQL keeps expressions from statement to statement
  int generation = 0;  ///< another one where they have been read anew
  LiveQuery* next = nullptr;
  LiveLead live;
  LiveMemo memo;
};

/// Of a call in an expression.
struct LiveCall {
  LiveQuery* query = nullptr;
  bool stays = false;  ///< with this model
  RowType columns{};   ///< the row type that the columns make
  int column_count = 0;
  std::int16_t* lengths = nullptr;  ///< of the columns, as in pg_type
  bool* by_value = nullptr;
  int generation = 0;  ///< of the query, when the following was found
  int fitting = 0;     ///< the version that was found to read just these columns, or …
  int unfitting = 0;   ///< … others
};

/// Scores the lead at hand into query->live.lead.evaluation; nullptr where model or lead is NULL. `version`
/// is by what. May longjmp.
LiveQuery* score_live(FunctionCallInfo fcinfo, const LiveArguments& at, const LiveVersion** version);

/// By what version the lead at hand is read; nullptr where model or lead is NULL. May longjmp.
const LiveVersion* live_version(FunctionCallInfo fcinfo, const LiveArguments& at);

/// Until when the lead's tier stays; false where model or lead is NULL. May longjmp.
bool next_live_change(FunctionCallInfo fcinfo, const LiveArguments& at, Micros* change);

}  // namespace leadscore
