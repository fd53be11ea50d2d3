// The triggers of a binding: their names say to which they belong, and make those of one model fire before
// those of the next.
#pragma once

#include "pg/model.hpp"

namespace leadscore {

inline constexpr const char* kTriggerEvents[] = {"insert", "update", "delete", "truncate"};

/// `leadscore_0000000007_0000000012_insert`: model, binding, event. Numbers are padded because triggers fire
/// in the order of their names.
const char* trigger_name(int model, int binding, const char* event);
bool is_trigger_name(const Binding* binding, const char* name);

/// Is `relation` the table `source`, a partition of it (one that is being detached, too) or a table that
/// inherits from it?
bool belongs_to(Oid relation, Oid source);

/// Raises 42501 where a role, the owner of a model, may not create triggers on a table.
void check_may_follow(Oid role, Oid table);

/// Puts the missing triggers of a binding on its table, its partitions and the tables that inherit from it.
/// Between SPI_connect and SPI_finish. The model's owner needs the right to on the binding's own table only:
/// who owns a partition has no say, as with row triggers.
void create_triggers(const Model* model, const Binding* binding);
/// The same for one table, whoever it belongs to. Returns how many were made.
int create_triggers_on(const Model* model, const Binding* binding, Oid table);
/// Drops them wherever they are, whoever the tables belong to.
void drop_triggers(int model, int binding);
/// Drops those on this table.
void drop_triggers_on(int model, int binding, Oid table);

}  // namespace leadscore
