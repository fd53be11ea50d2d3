// The aggregates over a value of any type, woe_table and psi: values are told apart by their text form, in
// the database's encoding.
#include "core/information.hpp"
#include "pg/composite_array.hpp"
#include "pg/measure_state.hpp"

namespace leadscore {
namespace {

/// Arguments of the transition function.
enum Argument { kState, kValue, kOutcome };

/// How values of the argument's type become text.
struct ValueCall {
  enum class Kind : unsigned char { unknown, text, blank_padded, other } kind = Kind::unknown;
  FmgrInfo output;
};

void learn_type(FunctionCallInfo fcinfo, ValueCall& call) {
  const Oid given = get_fn_expr_argtype(fcinfo->flinfo, kValue);
  if (!OidIsValid(given)) {
    ereport(ERROR,
            (errcode(ERRCODE_INDETERMINATE_DATATYPE), errmsg("could not determine the type of the values")));
  }
  const Oid type = getBaseType(given);
  if (type == TEXTOID || type == VARCHAROID) {
    call.kind = ValueCall::Kind::text;
  } else if (type == BPCHAROID) {
    call.kind = ValueCall::Kind::blank_padded;
  } else {
    Oid output;
    bool is_varlena;
    getTypeOutputInfo(type, &output, &is_varlena);
    fmgr_info_cxt(output, &call.output, fcinfo->flinfo->fn_mcxt);
    call.kind = ValueCall::Kind::other;
  }
}

/// May longjmp.
std::string_view text_of(FunctionCallInfo fcinfo, ValueCall& call) {
  if (call.kind == ValueCall::Kind::unknown) learn_type(fcinfo, call);
  if (call.kind == ValueCall::Kind::other) return OutputFunctionCall(&call.output, PG_GETARG_DATUM(kValue));
  const text* const value = PG_GETARG_TEXT_PP(kValue);
  std::string_view made(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
  if (call.kind == ValueCall::Kind::blank_padded) {
    made.remove_suffix(made.size() - std::min(made.size(), made.find_last_not_of(' ') + 1));
  }
  return made;
}

struct TableCall {
  RowArray array;
  WoeTable table;
};

}  // namespace

/// categories_step(state, value, outcome) -> state
LEADSCORE_FUNCTION(categories_step) {
  const MemoryContext aggregate = aggregate_memory(fcinfo, "categories_step");
  CategoryState* state = given_state<CategoryState>(fcinfo);
  if (state == nullptr) state = make_state<CategoryState>(aggregate);
  if (PG_ARGISNULL(kOutcome)) PG_RETURN_POINTER(state);
  const bool positive = PG_GETARG_BOOL(kOutcome);
  std::optional<std::string_view> value;
  if (!PG_ARGISNULL(kValue)) value = text_of(fcinfo, call_state<ValueCall>(fcinfo));
  guarded_change([&] { state->categories.add(value, positive); });
  PG_RETURN_POINTER(state);
}

/// categories_combine(state, state) -> state
LEADSCORE_FUNCTION(categories_combine) {
  const MemoryContext aggregate = aggregate_memory(fcinfo, "categories_combine");
  CategoryState* state = given_state<CategoryState>(fcinfo);
  const CategoryState* const other = given_state<CategoryState>(fcinfo, 1);
  if (other == nullptr) {
    if (state == nullptr) PG_RETURN_NULL();
    PG_RETURN_POINTER(state);
  }
  if (state == nullptr) state = make_state<CategoryState>(aggregate);
  // There is a limit to how many they are, so this ends soon.
  guarded_change([&] { state->categories.merge(other->categories); });
  PG_RETURN_POINTER(state);
}

/// categories_serial(state) -> bytea
LEADSCORE_FUNCTION(categories_serial) {
  (void)aggregate_memory(fcinfo, "categories_serial");
  const CategoryState& state = *given_state<CategoryState>(fcinfo);
  bytea* const bytes = make_bytes(state.categories.encoded_size());
  state.categories.encode(reinterpret_cast<std::uint8_t*>(VARDATA(bytes)));
  PG_RETURN_BYTEA_P(bytes);
}

/// categories_deserial(bytea, internal) -> state
LEADSCORE_FUNCTION(categories_deserial) {
  (void)aggregate_memory(fcinfo, "categories_deserial");
  const bytea* const given = PG_GETARG_BYTEA_PP(0);
  const std::span<const std::uint8_t> bytes(reinterpret_cast<const std::uint8_t*>(VARDATA_ANY(given)),
                                            VARSIZE_ANY_EXHDR(given));
  auto* const state = make_state<CategoryState>(CurrentMemoryContext);
  guarded_change([&] { state->categories.decode(bytes); });
  PG_RETURN_POINTER(state);
}

/// woe_table_final(state) -> woe_level[]
LEADSCORE_FUNCTION(woe_table_final) {
  enum { kText, kRows, kPositives, kNegatives, kWoe, kIv, kTotalIv, kAdjusted, kColumns };
  const CategoryState* const state = given_state<CategoryState>(fcinfo);
  if (state == nullptr) PG_RETURN_NULL();
  auto& call = call_state<TableCall>(fcinfo);
  read_row_array(fcinfo, call.array, "woe_level", kColumns);
  guarded([&] { call.table = woe_table(state->categories.counts()); });
  if (call.table.levels.empty()) PG_RETURN_NULL();
  const std::optional<double>& iv = call.table.iv;
  return row_array<kColumns>(
      call.array, call.table.levels, [&iv](const WoeLevel& level, Datum* values, bool* nulls) {
        nulls[kText] = !level.value;
        values[kText] = level.value ? PointerGetDatum(cstring_to_text_with_len(
                                          level.value->data(), static_cast<int>(level.value->size())))
                                    : Datum{0};
        values[kRows] = Int64GetDatum(static_cast<int64>(level.positives + level.negatives));
        values[kPositives] = Int64GetDatum(static_cast<int64>(level.positives));
        values[kNegatives] = Int64GetDatum(static_cast<int64>(level.negatives));
        set_number(&values[kWoe], &nulls[kWoe], level.woe);
        set_number(&values[kIv], &nulls[kIv], level.iv);
        set_number(&values[kTotalIv], &nulls[kTotalIv], iv);
        values[kAdjusted] = BoolGetDatum(level.adjusted);
      });
}

/// categories_psi_final(state) -> float8
LEADSCORE_FUNCTION(categories_psi_final) {
  const CategoryState* const state = given_state<CategoryState>(fcinfo);
  if (state == nullptr) PG_RETURN_NULL();
  std::optional<double> value;
  guarded([&] { value = psi(state->categories.counts()); });
  if (!value) PG_RETURN_NULL();
  PG_RETURN_FLOAT8(*value);
}

}  // namespace leadscore
