// Leads of which it is known what became of them, each as it was when that was decided: what back-tests and
// thresholds look at. Of a model, with its own sources of activities, or of any table.
#pragma once

#include "pg/acting.hpp"
#include "pg/activity_source.hpp"
#include "pg/model.hpp"
#include "pg/statement.hpp"

namespace leadscore {

/// n (a number), key, lead (its row), won, at, part: the leads. `part`, from 1, is what they are split into;
/// NULL: the outcome or its time is not known.
inline constexpr const char* kDecided = "leadscore_decided";
/// key (n of kDecided), added: what the activities of each amount to, up to its decision.
inline constexpr const char* kEngaged = "leadscore_engaged";

struct Decided {
  const Model* model;  ///< nullptr: leads of a table
  Oid relation;
  const char* alias;      ///< of a lead, quoted
  const char *won, *at;   ///< expressions over a lead
  ActivitySource source;  ///< of a table's leads; relation InvalidOid: none
  Acting before;
  uint64 leads, positives, passed_over;
  Rows rows, engaged;  ///< published
  bool is_engaged;
  int64 activity_hash;  ///< of the rules that `engaged` is for
};

/// How leads are split into parts.
struct Split {
  enum class By : char { nothing, time, chance } by;
  int parts;
};

/// Leads of a model, whose outcome and time of decision default to those that are bound (nullptr). Raises
/// 42501 unless the current role may act as the model's owner, 22004 where nothing is bound. May longjmp, as
/// all of these.
Decided decided_leads(const Model* model, const char* outcome, const char* decided_at);
/// Leads of a table.
Decided decided_leads(Oid relation, const char* outcome, const char* decided_at,
                      const ActivityOptions& activity);

/// Connects to SPI, acts as who may read the leads, reads and publishes them. Raises 22023 unless some were
/// won and some lost.
void open_decided(Decided* decided, Split split);
/// Raises what is wrong where the rules can't score these leads.
void check_decided_fit(const Decided* decided, const text* rules);
/// Publishes what the activities amount to by these rules, and takes away what was published before.
void engage_decided(Decided* decided, const text* rules);
void close_decided(Decided* decided);

}  // namespace leadscore
