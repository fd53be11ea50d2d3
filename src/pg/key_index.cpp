#include "pg/key_index.hpp"

#include "pg/hop.hpp"
#include "pg/model_sql.hpp"

namespace leadscore {
namespace {

/// Name of the column, quoted, where the key is a plain column of the table, which goes by `alias`. A copy:
/// it is read when the table has been closed.
const char* key_column(const char* key, const char* alias, Relation table) {
  const TupleDesc desc = RelationGetDescr(table);
  for (int i = 0; i < desc->natts; ++i) {
    const FormData_pg_attribute* const column = TupleDescAttr(desc, i);
    if (column->attisdropped) continue;
    const char* const name = quote_identifier(NameStr(column->attname));
    if (std::strcmp(key, psprintf("%s.%s", alias, name)) == 0) return pstrdup(name);
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

Oid unique_index(Relation table, AttrNumber attribute, Oid collation) {
  List* const indexes = RelationGetIndexList(table);
  const Oid type = TupleDescAttr(RelationGetDescr(table), attribute - 1)->atttypid;
  const Oid family = lookup_type_cache(type, TYPECACHE_BTREE_OPFAMILY)->btree_opf;
  Oid found = InvalidOid;
  for (int i = 0; i < list_length(indexes) && !OidIsValid(found); ++i) {
    const Relation index = index_open(list_nth_oid(indexes, i), AccessShareLock);
    const FormData_pg_index* const form = index->rd_index;
    if (form->indisunique && form->indimmediate && form->indisvalid && form->indnkeyatts == 1 &&
        form->indkey.values[0] == attribute && index->rd_rel->relam == BTREE_AM_OID &&
        index->rd_opfamily[0] == family && index->rd_indcollation[0] == collation &&
        RelationGetIndexPredicate(index) == NIL)
      found = RelationGetRelid(index);
    index_close(index, AccessShareLock);
  }
  list_free(indexes);
  return found;
}

bool key_is_unique(const Model* model) {
  const char kind = get_rel_relkind(model->lead);
  if (model->lead_attribute == 0 || (kind != RELKIND_RELATION && kind != RELKIND_PARTITIONED_TABLE))
    return false;
  // A child may repeat its parent's keys; partitions can't.
  if (kind == RELKIND_RELATION && has_subclass(model->lead)) return false;
  const Relation lead = table_open(model->lead, AccessShareLock);
  const bool unique =
      TupleDescAttr(RelationGetDescr(lead), model->lead_attribute - 1)->atttypid == model->key_type &&
      OidIsValid(unique_index(lead, model->lead_attribute, model->key_collation));
  table_close(lead, NoLock);
  return unique;
}

const char* missing_unique_index(const Model* model) {
  const char kind = get_rel_relkind(model->lead);
  if (kind != RELKIND_RELATION && kind != RELKIND_PARTITIONED_TABLE) return nullptr;
  const Relation table = table_open(model->lead, AccessShareLock);
  List* const indexes = RelationGetIndexList(table);
  bool found = false;
  for (int i = 0; i < list_length(indexes) && !found; ++i) {
    const Relation index = index_open(list_nth_oid(indexes, i), AccessShareLock);
    const AttrNumber first = index->rd_index->indkey.values[0];
    found = index->rd_index->indisunique && index->rd_index->indnkeyatts == 1 &&
            first == model->lead_attribute && RelationGetIndexPredicate(index) == NIL;
    index_close(index, AccessShareLock);
  }
  list_free(indexes);
  const char* const column = key_column(model->lead_key, model->lead_alias, table);
  table_close(table, NoLock);
  if (found) return nullptr;
  return psprintf("CREATE UNIQUE INDEX ON %s (%s)", relation_name(model->lead),
                  column != nullptr ? column : psprintf("(%s)", model->lead_key));
}

const char* missing_key_index(const Binding* binding) {
  if (binding->hop_table != nullptr) return missing_indexes(binding);
  return missing_index(binding->source, binding->lead_key, binding->alias);
}

}  // namespace leadscore
