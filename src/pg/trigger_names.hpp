// The triggers of a binding: their names say to which they belong, and make those of one model fire before
// those of the next.
#pragma once

#include "pg/model.hpp"

namespace leadscore {

inline constexpr const char* kTriggerEvents[] = {"insert", "update", "delete", "truncate"};

/// `leadscore_0000000007_0000000012_insert`: model, binding, event. Numbers are padded because triggers fire
/// in the order of their names.
const char* trigger_name(int model, int binding, const char* event);
bool is_trigger_name(const Model* model, const Binding* binding, const char* name);

/// Puts the missing triggers of a binding on its table, its partitions and the tables that inherit from it.
/// Between SPI_connect and SPI_finish; the current role needs the right to. Returns how many were made.
int create_triggers(const Model* model, const Binding* binding);
/// Drops them wherever they are.
void drop_triggers(int model, int binding);

}  // namespace leadscore
