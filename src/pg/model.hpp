// A model as the backend knows it: the rows of leadscore.model, model_version and binding that concern it,
// and the relations in its schema.
//
// A model's state table stands for the model wherever something is locked or invalidated. Who writes scores
// holds ROW EXCLUSIVE on it to the end of the transaction, and only then looks at the model; who changes the
// model locks the table against writers and invalidates the table's relcache entry, which makes every backend
// read the model anew.
#pragma once

#include "pg/postgres.hpp"

namespace leadscore {

enum class Role : char { lead, activity, watch };

/// An activity source whose parts are plain columns, which can be read without evaluating expressions.
struct DirectSource {
  AttrNumber key, kind, at;   ///< of the source; 0: an expression
  const char* constant_kind;  ///< nullptr: kind is a column or expression
};

/// Which columns of its table matter. See relevance.hpp.
struct Relevance;

/// A table whose changes a model follows. Texts are SQL, ready to be put into a statement; nullptr for none.
struct Binding {
  int id;
  Role role;
  Oid source;                  ///< InvalidOid: the table was dropped
  const char* alias;           ///< quoted
  const char* trigger_prefix;  ///< what the names of its triggers begin with; see trigger_names.hpp
  const char *lead_key, *kind, *at, *filter, *fields, *leads;
  /// Where lead_key is looked up in another table; see hop.hpp.
  const char *hop_table, *hop_key, *hop_from, *hop_condition;
  bool key_is_integer;  ///< lead_key is an integer, and so is the model's key
  const char* same;     ///< see same_as_key()
  bool reads_tables;    ///< an expression looks into watched tables
  bool whole_row;       ///< rules read the source's row as it is
  DirectSource direct;  ///< key 0: it has a filter, or rules read another row than the source's
  Relevance* relevance;
};

struct Version {
  int number;
  int64 activity_hash;
};

/// What the direct way keeps from statement to statement. See direct.hpp.
struct DirectCache;

/// Statements that were planned for this model, by their text. See statement.hpp.
struct PlanStore;

struct Model {
  MemoryContext context;
  int id;
  const char* name;
  const char* schema;  ///< quoted name
  Oid owner;
  Oid state;  ///< the state table
  Oid lead;   ///< InvalidOid: the relation was dropped
  const char* lead_alias;
  const char* lead_key;
  AttrNumber lead_attribute;  ///< where lead_key is a plain column; else 0
  const char* filter;
  const char* outcome;     ///< what set_outcome has bound: a boolean over a row that goes by lead_alias
  const char* decided_at;  ///< the same: a timestamptz
  bool by_owner;           ///< security => 'owner'
  bool notify;
  bool rebuilding;
  int version;
  text* rules;  ///< the rule set in force, a value of type ruleset
  int64 activity_hash;
  List* dimensions;  ///< of char*: names, in the order of their columns in the view score

  Oid key_type;  ///< of the state table's first column
  int32 key_typmod;
  Oid key_collation;
  bool key_may_be_too_long;
  const char* key_column;  ///< its name, quoted
  const char* key_cast;    ///< "::type COLLATE …", to be put behind an expression in parentheses
  const char* key_equals;  ///< the operator, qualified
  const char* key_after;   ///< the same: >
  const char* key_until;   ///< the same: <=

  Binding* bindings;
  int binding_count;
  Version* versions;  ///< ascending
  int version_count;
  PlanStore* plans;
  DirectCache** direct;  ///< where a pointer to it is kept; nullptr there until it is needed
};

/// The model, with the latest of what has been committed. Locks the state table in `lock` first, to the end
/// of the transaction; NoLock where the caller has locked it. Valid until the transaction ends. Raises 42704
/// where there is none. May longjmp.
const Model* open_model(const char* name, LOCKMODE lock);
/// nullptr where there is none.
const Model* find_model(const char* name, LOCKMODE lock);
/// The same for the name of a model that has just been found.
const Model* find_again(const Model* model, LOCKMODE lock);

/// Raises 42501 unless the current role may act as the model's owner, 55000 where the owner is gone.
void check_owns(const Model* model);
void check_owner(Oid owner, const char* model);

const Binding* find_binding(const Model* model, int id);

/// Is the lead relation still there?
bool has_lead(const Model* model);
/// Raises 55000 where it was dropped.
void check_has_leads(const Model* model);

/// To be called by who changes a model: every backend reads it anew.
void model_changed(const Model* model);

/// The model as it is after a change of this transaction's, which every backend will read anew. May longjmp.
const Model* read_anew(const Model* model);

/// The model as it is by now. Who renames or alters a table that is followed does not wait for who has locked
/// the state table, so what this transaction has waited for may have changed the names in its statements.
/// Raises 40001 where the model or its leads are gone. May longjmp.
const Model* up_to_date(const Model* model);
[[noreturn]] void raise_changed(const Model* model);

/// The rule set of a version, as stored. May longjmp.
text* version_rules(const Model* model, int version);

/// A rule set's activity hash, as model_version has it.
int64 activity_hash(const text* rules);

}  // namespace leadscore
