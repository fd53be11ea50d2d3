// active: the rule set in force, as a query asks for it once or for each row.
#include "pg/acting.hpp"
#include "pg/guard.hpp"
#include "pg/local_transaction.hpp"
#include "pg/ruleset_cache.hpp"
#include "pg/statement.hpp"

namespace leadscore {
namespace {

/// What a call can see. PL/pgSQL keeps the state of a call through statements of a transaction, so it is not
/// enough that the call is the same. Of two snapshots of one (sub)transaction that have the same numbers, the
/// transactions in progress are the same, too: between given bounds they only become fewer.
struct Sight {
  LocalTransactionId transaction;
  SubTransactionId subtransaction;
  CommandId command;
  TransactionId oldest, next;
  uint32 running;
  int32 running_below;
  bool operator==(const Sight&) const = default;
};

Sight sight() {
  const Snapshot snapshot = GetActiveSnapshot();
  return {local_transaction(), GetCurrentSubTransactionId(),
          snapshot->curcid,    snapshot->xmin,
          snapshot->xmax,      snapshot->xcnt,
          snapshot->subxcnt};
}

struct ActiveCall {
  Sight seen = {};
  char* model = nullptr;  ///< as rules; in the memory of the call
  text* rules = nullptr;  ///< nullptr: nothing is known
};

/// In the memory of SPI's caller.
text* read_active(const char* name) {
  const Acting before = fix_settings();
  SPI_connect();
  Oid types[] = {TEXTOID};
  Datum values[] = {CStringGetTextDatum(name)};
  const int code = SPI_execute_with_args(
      "SELECT v.rules FROM leadscore.model m JOIN leadscore.model_version v ON v.model = m.name AND "
      "v.version = m.version "
      "WHERE m.name = $1",
      1, types, values, nullptr, true, 1);
  if (code != SPI_OK_SELECT)
    elog(ERROR, "reading leadscore's tables failed: %s", SPI_result_code_string(code));
  if (SPI_processed == 0) {
    ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("model \"%s\" does not exist", name),
                    errhint("SELECT name FROM leadscore.model lists those that do.")));
  }
  bool is_null;
  const Datum rules = SPI_datumTransfer(tuple_value(0, 1, &is_null), false, -1);
  SPI_finish();
  stop_acting(before);
  return DatumGetTextPP(rules);
}

void remember(ActiveCall& call, MemoryContext context, const char* name, const text* rules) {
  if (call.rules != nullptr) pfree(call.rules);
  if (call.model != nullptr) pfree(call.model);
  call.rules = nullptr;
  call.model = nullptr;
  const MemoryContext before = MemoryContextSwitchTo(context);
  call.model = pstrdup(name);
  call.rules = reinterpret_cast<text*>(DatumGetPointer(datumCopy(PointerGetDatum(rules), false, -1)));
  MemoryContextSwitchTo(before);
}

}  // namespace

/// active(model) -> ruleset
LEADSCORE_FUNCTION(active) {
  const char* const name = text_to_cstring(PG_GETARG_TEXT_PP(0));
  ActiveCall& call = call_state<ActiveCall>(fcinfo);
  const Sight now = sight();
  if (call.rules == nullptr || call.seen != now || std::strcmp(call.model, name) != 0) {
    const text* const rules = read_active(name);
    // Checked by this version of leadscore, which may be stricter than the one that published it.
    compile_ruleset({VARDATA_ANY(rules), VARSIZE_ANY_EXHDR(rules)}, nullptr);
    remember(call, fcinfo->flinfo->fn_mcxt, name, rules);
    call.seen = now;
  }
  // A copy: what a call returns lives until its row is done, the call's own until it is asked for another.
  PG_RETURN_DATUM(datumCopy(PointerGetDatum(call.rules), false, -1));
}

}  // namespace leadscore
