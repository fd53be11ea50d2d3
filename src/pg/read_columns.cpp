#include "pg/read_columns.hpp"

#include "pg/tree_walk.hpp"

namespace leadscore {
namespace {

struct Search {
  ReadColumns* read;
  Oid table;
};

/// Are they of one inheritance tree?
bool is_related(Oid a, Oid b) {
  if (!has_superclass(a) && !has_superclass(b)) return false;
  return list_member_oid(find_all_inheritors(a, NoLock, nullptr), b) ||
         list_member_oid(find_all_inheritors(b, NoLock, nullptr), a);
}

const Bitmapset* selected_columns([[maybe_unused]] const Query* query, const RangeTblEntry* entry) {
#if PG_VERSION_NUM >= 160000
  return getRTEPermissionInfo(query->rteperminfos, const_cast<RangeTblEntry*>(entry))->selectedCols;
#else
  return entry->selectedCols;
#endif
}

/// Is it known what the query has the right to, and so what it selects?
bool has_selected_columns([[maybe_unused]] const RangeTblEntry* entry) {
#if PG_VERSION_NUM >= 160000
  return entry->perminfoindex != 0;
#else
  return true;
#endif
}

void add_entry(const Search& search, const Query* query, const RangeTblEntry* entry) {
  ReadColumns& read = *search.read;
  if (entry->relkind == RELKIND_FOREIGN_TABLE) read.all = true;  // may be this table by another name
  if (entry->relid != search.table) {
    if (is_related(entry->relid, search.table)) read.all = true;
    return;
  }
  if (entry->tablesample != nullptr) read.known = false;  // goes by places of rows
  // What policies read is not selected.
  if (entry->securityQuals != NIL || !has_selected_columns(entry)) {
    read.all = true;
    return;
  }
  const Bitmapset* const selected = selected_columns(query, entry);
  for (int bit = -1; (bit = bms_next_member(selected, bit)) >= 0;) {
    const int number = bit + FirstLowInvalidHeapAttributeNumber;
    if (number > 0) {
      read.columns = bms_add_member(read.columns, number);
    } else if (number == InvalidAttrNumber) {
      read.all = true;
    } else {
      read.known = false;  // xmin and ctid change with every UPDATE
    }
  }
}

/// May the function read tables? Immutable ones are taken at their word.
bool may_read_tables(Oid function, void*) {
  if (function >= FirstNormalObjectId)
    return get_func_prokind(function) == PROKIND_AGGREGATE ||
           func_volatile(function) != PROVOLATILE_IMMUTABLE;
  if (func_volatile(function) == PROVOLATILE_IMMUTABLE) return false;
  const char* const name = get_func_name(function);
  if (name == nullptr) return true;
  const std::string_view view(name);
  return view.find("_to_xml") != std::string_view::npos || view == "ts_stat" || view == "ts_rewrite";
}

bool visit(Node* node, void* arg) {
  if (node == nullptr) return false;
  const Search& search = *static_cast<const Search*>(arg);
  if (IsA(node, Query)) {
    Query* const query = reinterpret_cast<Query*>(node);
    for (int i = 0; i < list_length(query->rtable); ++i) {
      const auto* const entry = static_cast<const RangeTblEntry*>(list_nth(query->rtable, i));
      if (entry->rtekind == RTE_RELATION) add_entry(search, query, entry);
    }
    return walk_query(query, visit, arg, 0);
  }
  if (check_functions_in_node(node, may_read_tables, nullptr)) search.read->all = true;
  return walk_parts(node, visit, arg);
}

}  // namespace

void add_read_columns(ReadColumns* read, List* queries, Oid table) {
  Search search{read, table};
  for (int i = 0; i < list_length(queries); ++i)
    (void)visit(static_cast<Node*>(list_nth(queries, i)), &search);
}

}  // namespace leadscore
