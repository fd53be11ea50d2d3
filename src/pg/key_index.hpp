// The index that a recompute needs: it looks for the activities of a few leads.
#pragma once

#include "pg/model.hpp"

namespace leadscore {

/// The statement, or two with a semicolon between, that would make an index on a binding's lead_key, nullptr
/// where one exists that serves it. May longjmp.
const char* missing_key_index(const Binding* binding);

/// The index of a primary key that is checked at once; InvalidOid: none. May longjmp.
inline Oid primary_key_index(Relation table) {
#if PG_VERSION_NUM >= 180000
  return RelationGetPrimaryKeyIndex(table, false);
#else
  return RelationGetPrimaryKeyIndex(table);
#endif
}

/// The index that finds a row by this column alone, uniquely and in the order of the column's type. Not one
/// that is checked later than the row is written: a key may be doubled until then.
Oid unique_index(Relation table, AttrNumber attribute, Oid collation);

/// Does an index see to it that no two leads share a key? Of a key that is an expression that is not known.
/// May longjmp.
bool key_is_unique(const Model* model);
/// A statement that makes such an index; nullptr where there is one, or one on an expression, which is not
/// looked into, or where the leads are no table. May longjmp.
const char* missing_unique_index(const Model* model);

}  // namespace leadscore
