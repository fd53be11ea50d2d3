#include "pg/key_index.hpp"

#include "pg/model_sql.hpp"

namespace leadscore {
namespace {

/// Name of the column, quoted, where the key is a plain column.
const char* key_column(const Binding* binding, Relation table) {
  const TupleDesc desc = RelationGetDescr(table);
  for (int i = 0; i < desc->natts; ++i) {
    const FormData_pg_attribute* const column = TupleDescAttr(desc, i);
    if (column->attisdropped) continue;
    const char* const name = quote_identifier(NameStr(column->attname));
    if (std::strcmp(binding->lead_key, psprintf("%s.%s", binding->alias, name)) == 0) return name;
  }
  return nullptr;
}

}  // namespace

const char* missing_key_index(const Binding* binding) {
  const Relation table = table_open(binding->source, AccessShareLock);
  List* const indexes = RelationGetIndexList(table);
  const char* const column = key_column(binding, table);
  bool served = false;
  for (int i = 0; i < list_length(indexes) && !served; ++i) {
    const HeapTuple tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(list_nth_oid(indexes, i)));
    if (!HeapTupleIsValid(tuple)) continue;
    const AttrNumber first = reinterpret_cast<const FormData_pg_index*>(GETSTRUCT(tuple))->indkey.values[0];
    ReleaseSysCache(tuple);
    // Which expression an index on one stores is not looked into.
    served = column == nullptr
                 ? first == 0
                 : first != 0 &&
                       std::strcmp(quote_identifier(get_attname(binding->source, first, false)), column) == 0;
  }
  table_close(table, NoLock);
  if (served) return nullptr;
  return psprintf("CREATE INDEX ON %s (%s)", relation_name(binding->source),
                  column != nullptr ? column : psprintf("(%s)", binding->lead_key));
}

}  // namespace leadscore
