#include "pg/problem.hpp"

#include "pg/key_index.hpp"
#include "pg/model_sql.hpp"
#include "pg/statement.hpp"

namespace leadscore {
namespace {

constexpr int kLongestMessage = 1000;  ///< bytes: messages quote values
constexpr int kLongestName = 200;      ///< characters

Parameter texts(const List* values) {
  int count = list_length(values);
  auto* const elements = static_cast<Datum*>(palloc0(sizeof(Datum) * (count + 1)));
  auto* const nulls = static_cast<bool*>(palloc0(sizeof(bool) * (count + 1)));
  for (int i = 0; i < count; ++i) {
    const auto* const value = static_cast<const char*>(list_nth(values, i));
    nulls[i] = value == nullptr;
    if (!nulls[i]) elements[i] = CStringGetTextDatum(value);
  }
  int first = 1;
  return {TEXTARRAYOID, PointerGetDatum(construct_md_array(elements, nulls, 1, &count, &first, TEXTOID, -1,
                                                           false, TYPALIGN_INT))};
}

}  // namespace

void note_problem(Problems* problems, const char* key, const char* message) {
  if (++problems->count > kMostProblems) return;
  const int size = static_cast<int>(std::strlen(message));
  const MemoryContext before = MemoryContextSwitchTo(problems->context);
  problems->keys = lappend(problems->keys, key == nullptr ? nullptr : pstrdup(key));
  problems->messages =
      lappend(problems->messages, pnstrdup(message, pg_mbcliplen(message, size, kLongestMessage)));
  MemoryContextSwitchTo(before);
}

void note_fault(Problems* problems, const ErrorData* error) {
  if (up_to_date(problems->model) != problems->model) raise_changed(problems->model);
  note_problem(problems, nullptr, error->message);
}

/// Nobody is told while the row is written, so the server's log is. No value is quoted: logs have other
/// readers than tables.
void log_problems(const Problems& problems) {
  const Oid source = problems.source;
  ereport(LOG,
          (errmsg("model \"%s\" could not score rows of %s: " UINT64_FORMAT, problems.model->name,
                  get_rel_name(source) == nullptr ? "a relation" : relation_name(source), problems.count),
           errhint("SELECT key, message, at FROM leadscore.problem WHERE model = %s ORDER BY id DESC;",
                   quote_literal_cstr(problems.model->name)),
           errhidestmt(true), errhidecontext(true)));
}

void write_problems(const Problems& problems) {
  if (problems.count == 0) return;
  List* keys = problems.keys;
  List* messages = problems.messages;
  if (problems.count > kMostProblems) {
    keys = lappend(list_truncate(list_copy(keys), kMostProblems - 1), nullptr);
    messages = lappend(
        list_truncate(list_copy(messages), kMostProblems - 1),
        psprintf(UINT64_FORMAT " more rows could not be scored", problems.count - (kMostProblems - 1)));
  }
  const Parameter parameters[] = {text_parameter(problems.model->name),
                                  {OIDOID, ObjectIdGetDatum(problems.source)},
                                  texts(keys),
                                  texts(messages)};
  const uint64 written = run_statement(
      problems.model,
      psprintf("INSERT INTO leadscore.problem (model, source, key, message) "
               "SELECT $1, $2::regclass, n.key, n.message FROM unnest($3, $4) WITH ORDINALITY n(key, "
               "message, place)%s ORDER BY n.place",
               problems.once ? " WHERE NOT EXISTS (SELECT FROM leadscore.problem p WHERE p.model = $1 AND "
                               "p.source = $2::regclass AND p.key IS NOT DISTINCT FROM n.key AND p.message = "
                               "n.message)"
                             : ""),
      parameters, Load::few);
  if (written > 0 && logs_problems) log_problems(problems);
}

const char* row_name(Oid source, const char* alias) {
  StringInfoData sql;
  initStringInfo(&sql);
  const Relation table = table_open(source, AccessShareLock);
  const Oid index = primary_key_index(table);
  table_close(table, AccessShareLock);
  if (!OidIsValid(index)) return psprintf("left((%s.*)::text, %d)", alias, kLongestName);
  const HeapTuple tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(index));
  if (!HeapTupleIsValid(tuple)) elog(ERROR, "cache lookup failed for index %u", index);
  const auto* const key = reinterpret_cast<const FormData_pg_index*>(GETSTRUCT(tuple));
  appendStringInfoString(&sql, key->indnkeyatts == 1 ? "left((" : "left(ROW(");
  for (int i = 0; i < key->indnkeyatts; ++i) {
    appendStringInfo(&sql, "%s%s.%s", i == 0 ? "" : ", ", alias,
                     quote_identifier(get_attname(source, key->indkey.values[i], false)));
  }
  ReleaseSysCache(tuple);
  appendStringInfo(&sql, ")::text, %d)", kLongestName);
  return sql.data;
}

}  // namespace leadscore
