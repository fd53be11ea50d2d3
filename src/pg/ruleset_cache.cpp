// The backend's compiled rule sets: a short list, the latest used first, and for each the programs made of
// it.
#include "pg/ruleset_cache.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "core/parse.hpp"
#include "pg/encoding.hpp"
#include "pg/guard.hpp"

namespace leadscore {
namespace {

constexpr std::size_t kMaxEntries = 32;
constexpr std::size_t kMaxTextBytes = 8
                                      << 20;  ///< of all entries together; the latest stays whatever its size
constexpr std::size_t kMaxPrograms = 6;       ///< of each sort in an entry

/// Made at first use and never destroyed: nothing is to run when the process ends.
std::vector<RulesetPin>* entries = nullptr;

std::uint64_t hash_of(std::string_view stored) noexcept { return XXH3_64bits(stored.data(), stored.size()); }

template <class Pin>
void move_to_front(std::vector<Pin>& pins, std::size_t at) noexcept {
  std::rotate(pins.begin(), pins.begin() + static_cast<std::ptrdiff_t>(at),
              pins.begin() + static_cast<std::ptrdiff_t>(at) + 1);
}

bool find_entry(std::string_view stored, std::uint64_t hash, RulesetPin* pin) noexcept {
  if (entries == nullptr) return false;
  for (std::size_t i = 0; i < entries->size(); ++i) {
    const RulesetEntry& entry = *(*entries)[i];
    if (entry.hash != hash || entry.text != stored) continue;
    move_to_front(*entries, i);
    if (pin != nullptr) *pin = entries->front();
    return true;
  }
  return false;
}

void add_entry(RulesetPin pin) {
  if (entries == nullptr) entries = new std::vector<RulesetPin>();
  entries->reserve(kMaxEntries + 1);
  entries->insert(entries->begin(), std::move(pin));
  std::size_t bytes = 0;
  std::size_t kept = 0;
  while (kept < entries->size() && kept < kMaxEntries) {
    bytes += (*entries)[kept]->text.size();
    if (kept > 0 && bytes > kMaxTextBytes) break;
    ++kept;
  }
  entries->resize(kept);
}

template <class Bound, class Test>
bool find_program(std::vector<std::shared_ptr<Bound>>& programs, std::shared_ptr<Bound>& bound,
                  const Test& fits) noexcept {
  for (std::size_t i = 0; i < programs.size(); ++i) {
    if (!fits(*programs[i])) continue;
    move_to_front(programs, i);
    bound = programs.front();
    return true;
  }
  return false;
}

template <class Bound>
void add_program(std::vector<std::shared_ptr<Bound>>& programs, const std::shared_ptr<Bound>& made) {
  programs.reserve(kMaxPrograms + 1);
  programs.insert(programs.begin(), made);
  if (programs.size() > kMaxPrograms) programs.resize(kMaxPrograms);
}

}  // namespace

bool is_constant(FunctionCallInfo fcinfo, int number) {
  const Node* argument = nullptr;
  if (const Aggref* const aggregate = AggGetAggref(fcinfo)) {
    // The first argument of a transition function is the state.
    if (number - 1 >= list_length(aggregate->args)) return false;
    argument = reinterpret_cast<const Node*>(
        static_cast<const TargetEntry*>(list_nth(aggregate->args, number - 1))->expr);
  } else if (const Node* const expression = fcinfo->flinfo->fn_expr; expression != nullptr) {
    const List* arguments = nullptr;
    if (IsA(expression, FuncExpr)) arguments = reinterpret_cast<const FuncExpr*>(expression)->args;
    if (IsA(expression, OpExpr)) arguments = reinterpret_cast<const OpExpr*>(expression)->args;
    if (arguments == nullptr || number >= list_length(arguments)) return false;
    argument = static_cast<const Node*>(list_nth(arguments, number));
  }
  return argument != nullptr && IsA(argument, Const);
}

RulesetEntry::RulesetEntry(std::string_view stored, std::uint64_t stored_hash, Ruleset parsed)
    : text(stored), hash(stored_hash), compiled(std::move(parsed)) {
  for (const Purpose purpose : {Purpose::score, Purpose::explain, Purpose::segments}) {
    lead_fields[static_cast<std::size_t>(purpose)] = LeadProgram::fields(compiled.rules, purpose);
  }
  activity_fields = ActivityProgram::fields(compiled.rules);
}

void compile_ruleset(std::string_view stored, RulesetPin* pin) {
  const std::uint64_t hash = hash_of(stored);
  if (find_entry(stored, hash, pin)) return;
  const std::string_view utf8 = to_utf8(stored.data(), stored.size());
  guarded([&] {
    auto made = std::make_shared<RulesetEntry>(stored, hash, parse_ruleset(utf8));
    add_entry(made);
    if (pin != nullptr) *pin = std::move(made);
  });
}

const RulesetEntry& latest_ruleset() noexcept { return *entries->front(); }

RulesetPin latest_ruleset_pin() noexcept { return entries->front(); }

bool RulesetArgument::examine(FunctionCallInfo fcinfo, int number) {
  auto* value = reinterpret_cast<varlena*>(PG_GETARG_POINTER(number));
  if (VARATT_IS_EXTERNAL(value) && !VARATT_IS_EXTERNAL_ONDISK(value))
    value = PG_DETOAST_DATUM(PointerGetDatum(value));
  // The bytes as they came: of a toasted value those of its pointer, of a compressed one the compressed ones.
  // Equal pointers to toasted values are equal values.
  const std::size_t size = VARSIZE_ANY(value);
  if (pin_ != nullptr && size == raw_size_ && std::memcmp(value, raw_, size) == 0) return false;
  if (!examined_) {
    constant_ = is_constant(fcinfo, number);
    examined_ = true;
  }
  const varlena* const flat = PG_DETOAST_DATUM_PACKED(PointerGetDatum(value));
  const RulesetEntry* const before = pin_.get();
  compile_ruleset({VARDATA_ANY(flat), VARSIZE_ANY_EXHDR(flat)}, &pin_);
  if (!constant_) {
    raw_size_ = 0;
    if (size > raw_room_) {
      if (raw_ != nullptr) pfree(raw_);
      raw_ = nullptr;
      raw_room_ = 0;
      raw_ = static_cast<char*>(MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, size));
      raw_room_ = size;
    }
    std::memcpy(raw_, value, size);
    raw_size_ = size;
  }
  return pin_.get() != before;
}

bool find_lead(RulesetEntry& entry, Purpose purpose, const RowType& type,
               std::shared_ptr<BoundLead>& bound) noexcept {
  return find_program(entry.leads, bound, [&](const BoundLead& made) {
    return made.purpose == purpose && row_type(*made.reader) == type && is_current(*made.reader);
  });
}

void bind_lead(RulesetEntry& entry, Purpose purpose, RowReader* reader, std::shared_ptr<BoundLead>& bound) {
  guarded([&] {
    const RowShape shape = shape_of(*reader);
    auto made = std::make_shared<BoundLead>(reader, purpose, entry.compiled, shape);
    keep_reader(reader);
    add_program(entry.leads, made);
    bound = std::move(made);
  });
}

void bind_activity(RulesetEntry& entry, RowReader* reader, std::shared_ptr<BoundActivity>& bound) {
  guarded([&] {
    std::shared_ptr<BoundActivity> made;
    if (reader == nullptr) {
      made = std::make_shared<BoundActivity>(nullptr, entry.compiled, nullptr);
    } else {
      const RowShape shape = shape_of(*reader);
      made = std::make_shared<BoundActivity>(reader, entry.compiled, &shape);
      keep_reader(reader);
    }
    add_program(entry.activities, made);
    bound = std::move(made);
  });
}

void find_activity(RulesetEntry& entry, const RowType* type, std::shared_ptr<BoundActivity>& bound,
                   std::vector<Value>& row) {
  bound.reset();
  const bool found = find_program(entry.activities, bound, [&](const BoundActivity& made) {
    if (type == nullptr || made.reader == nullptr) return type == nullptr && made.reader == nullptr;
    return row_type(*made.reader) == *type && is_current(*made.reader);
  });
  if (!found)
    bind_activity(entry, type == nullptr ? nullptr : resolve_row(*type, entry.activity_fields), bound);
  guarded([&] { row.resize(entry.activity_fields.size()); });
}

}  // namespace leadscore
