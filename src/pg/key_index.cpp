#include "pg/key_index.hpp"

#include "pg/hop.hpp"
#include "pg/model_sql.hpp"

namespace leadscore {
namespace {

/// Name of the column, quoted, where the key is a plain column of the table, which goes by `alias`.
const char* key_column(const char* key, const char* alias, Relation table) {
  const TupleDesc desc = RelationGetDescr(table);
  for (int i = 0; i < desc->natts; ++i) {
    const FormData_pg_attribute* const column = TupleDescAttr(desc, i);
    if (column->attisdropped) continue;
    const char* const name = quote_identifier(NameStr(column->attname));
    if (std::strcmp(key, psprintf("%s.%s", alias, name)) == 0) return name;
  }
  return nullptr;
}

const char* missing_index(Oid relation, const char* key, const char* alias) {
  const Relation table = table_open(relation, AccessShareLock);
  List* const indexes = RelationGetIndexList(table);
  const char* const column = key_column(key, alias, table);
  bool served = false;
  for (int i = 0; i < list_length(indexes) && !served; ++i) {
    const HeapTuple tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(list_nth_oid(indexes, i)));
    if (!HeapTupleIsValid(tuple)) continue;
    const AttrNumber first = reinterpret_cast<const FormData_pg_index*>(GETSTRUCT(tuple))->indkey.values[0];
    ReleaseSysCache(tuple);
    // Which expression an index on one stores is not looked into.
    served =
        column == nullptr
            ? first == 0
            : first != 0 && std::strcmp(quote_identifier(get_attname(relation, first, false)), column) == 0;
  }
  table_close(table, NoLock);
  if (served) return nullptr;
  return psprintf("CREATE INDEX ON %s (%s)", relation_name(relation),
                  column != nullptr ? column : psprintf("(%s)", key));
}

/// Looked up in another table, the key needs two.
const char* missing_indexes(const Binding* binding) {
  const Oid other =
      RangeVarGetRelid(makeRangeVarFromNameList(textToQualifiedNameList(cstring_to_text(binding->hop_table))),
                       AccessShareLock, false);
  const char* const first = missing_index(other, binding->hop_key, kHopAlias);
  const char* const second = missing_index(binding->source, binding->hop_from, binding->alias);
  if (first == nullptr || second == nullptr) return first == nullptr ? second : first;
  return psprintf("%s; %s", first, second);
}

}  // namespace

const char* missing_key_index(const Binding* binding) {
  if (binding->hop_table != nullptr) return missing_indexes(binding);
  return missing_index(binding->source, binding->lead_key, binding->alias);
}

}  // namespace leadscore
