// The direct way: inserts of activities whose source and leads are plain tables are followed without the
// executor. The activities are folded as the trigger brings them, and each lead's row of state is read,
// settled and updated through the table's own access methods. A statement's plan costs more to start than
// this takes to finish.
//
// It is the protocol of live.hpp with optimism in the place of locks. State and lead are read with one
// snapshot; the update of the row of state succeeds only if that row is still the one that was read, and who
// changes a lead or its activities writes its row of state before committing. So nothing has been committed
// between reading and writing that should have been seen; otherwise the lead is done anew with a later
// snapshot. Rows are written in the order of keys, as locks are taken there.
#pragma once

#include "pg/acting.hpp"
#include "pg/live.hpp"
#include "pg/settlement.hpp"

namespace leadscore {

/// One effect of a new activity, by the lead's key.
struct Addition {
  Datum key;
  uint32 effect;  ///< index into `effects`
};
/// What new activities add: in the order of keys, and of arrival for each lead.
struct Additions {
  const Addition* list;
  const Effect* effects;
  int count;
};

/// A lead relation and a state table that can be read by key.
struct DirectLeads;

/// Kept with the model, in its memory: nested statements may use it between two leads, never within one.
struct DirectCache {
  RulesetPin rules;
  Settlement lead;
  std::shared_ptr<BoundActivity> bound;
  std::vector<Value> activity;
  bool reads_lead = true;  ///< do the rules ask for anything in the lead's row?
  bool allowed = false;    ///< is the state table as create_model made it?
  Oid state_index = InvalidOid, lead_index = InvalidOid;
  FmgrInfo compare;             ///< two keys
  ScanKeyData equal, not_less;  ///< to a key, which is yet to be put in
};
/// Made at the first call. May longjmp.
DirectCache& direct_cache(const Model* model);

/// The owner acts, with fixed settings, and SPI is connected, while there is one: for the few statements of
/// the direct way.
struct Statements {
  Acting before;
};
Statements begin_statements(const Model* model);
void end_statements(const Statements& statements);

/// Follows an INSERT into the binding's table. False where it must be done the general way; nothing has been
/// done then. SPI is not connected, and the caller's own role and settings are in force. May longjmp.
bool insert_directly(const Model* model, const Binding* binding, const TriggerData* data);

/// Does the model allow it? Then what is needed to read and write its leads, until close_leads(). nullptr:
/// no.
DirectLeads* open_leads(const Model* model);
void close_leads(DirectLeads* leads);

/// Settles and writes the leads of these additions. May longjmp.
void apply_additions(DirectLeads* leads, const Additions& additions);

/// The order of the model's keys.
int compare_keys(const DirectLeads* leads, Datum a, Datum b);

}  // namespace leadscore
