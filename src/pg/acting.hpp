// Working with another role's rights: triggers and readers of a model work as its owner, its records are
// written as the extension's owner.
#pragma once

#include "pg/postgres.hpp"

namespace leadscore {

/// What was before; to be given back by stop_acting(). An error in between gives it back as well: the server
/// does that where it aborts the transaction or subtransaction.
struct Acting {
  Oid user;
  int security;
  int settings;  ///< nesting level of settings
};

/// From now on the rights of `role` count, and the settings that expressions could depend on are fixed:
/// search_path is pg_catalog, times are UTC and ISO. With `restricted` nothing can be done that would take
/// effect later with another role's rights. May longjmp.
Acting act_as(Oid role, bool restricted);
/// Only fixes the settings. May longjmp.
Acting fix_settings();
void stop_acting(const Acting& before);

/// Only takes the role, restricted: for what evaluates nothing that depends on settings. To be given back by
/// give_back(). May longjmp.
Acting take_role(Oid role);
void give_back(const Acting& before);

/// The role that owns the extension's own tables.
Oid extension_owner();

}  // namespace leadscore
