// Rule sets compiled once per backend, and how a function call recognises the one that it used for the last
// row.
#pragma once

#include <array>

#include "core/activity_program.hpp"
#include "core/lead_program.hpp"
#include "pg/postgres.hpp"
#include "pg/row_fields.hpp"

namespace leadscore {

/// A program together with the reader of the row type that it was made for.
struct BoundLead {
  RowReader* reader = nullptr;
  Purpose purpose;
  LeadProgram program;
  BoundLead(RowReader* adopted, Purpose what, const CompiledRuleset& compiled, const RowShape& shape)
      : purpose(what), program(compiled, shape, what) {
    reader = adopted;  // last: where the program throws, the reader stays the caller's
  }
  BoundLead(const BoundLead&) = delete;
  BoundLead& operator=(const BoundLead&) = delete;
  ~BoundLead() { release_reader(reader); }
};

struct BoundActivity {
  RowReader* reader = nullptr;  ///< nullptr: no activity row is given
  ActivityProgram program;
  BoundActivity(RowReader* adopted, const CompiledRuleset& compiled, const RowShape* shape)
      : program(compiled.rules, compiled.plan, shape) {
    reader = adopted;
  }
  BoundActivity(const BoundActivity&) = delete;
  BoundActivity& operator=(const BoundActivity&) = delete;
  ~BoundActivity() {
    if (reader != nullptr) release_reader(reader);
  }
};

/// A compiled rule set with the programs made of it, the latest used first. Programs are shared by all calls
/// of the backend: one evaluation never runs inside another, because none calls the server.
struct RulesetEntry {
  RulesetEntry(std::string_view stored, std::uint64_t stored_hash, Ruleset parsed);

  std::string text;  ///< as stored, in the database's encoding
  std::uint64_t hash;
  CompiledRuleset compiled;
  std::array<std::vector<FieldRequest>, 3> lead_fields;  ///< by Purpose
  std::vector<FieldRequest> activity_fields;
  std::vector<std::shared_ptr<BoundLead>> leads;
  std::vector<std::shared_ptr<BoundActivity>> activities;

  const std::vector<FieldRequest>& fields(Purpose purpose) const noexcept {
    return lead_fields[static_cast<std::size_t>(purpose)];
  }
};

using RulesetPin = std::shared_ptr<RulesetEntry>;

/// Checks and compiles a rule set in its stored form, where the backend has not met it. Into `pin`, unless
/// that is nullptr, its entry: that stays for as long as it is pinned, whatever else the backend compiles.
/// May longjmp; raises what parse_ruleset throws.
void compile_ruleset(std::string_view stored, RulesetPin* pin);

/// The entry that compile_ruleset met last; valid until it is called again.
const RulesetEntry& latest_ruleset() noexcept;
/// The same entry, pinned.
RulesetPin latest_ruleset_pin() noexcept;

/// Is the argument the same for as long as the expression lives? A parameter is not: PL/pgSQL keeps
/// expressions from one evaluation to the next and changes the parameters meanwhile, so
/// get_fn_expr_arg_stable() would say too much. Does not longjmp.
bool is_constant(FunctionCallInfo fcinfo, int number);

/// A rule set as an argument that comes again with each row: compiled when it changes.
class RulesetArgument {
 public:
  /// Reads argument `number` (not NULL). True where it is another rule set than at the last call. May
  /// longjmp.
  bool read(FunctionCallInfo fcinfo, int number) {
    return (pin_ == nullptr || !constant_) && examine(fcinfo, number);
  }
  RulesetEntry& entry() const noexcept { return *pin_; }
  const RulesetPin& pin() const noexcept { return pin_; }

 private:
  bool examine(FunctionCallInfo fcinfo, int number);

  RulesetPin pin_;
  bool examined_ = false;
  bool constant_ = false;
  char* raw_ =
      nullptr;  ///< the argument's bytes as they came, toasted or not; in the memory of the expression
  std::size_t raw_size_ = 0, raw_room_ = 0;
};

/// The program for rows of the reader's type in `bound`; looked up among the entry's, else made. They adopt
/// `reader` or, where one is there already, leave it to the memory context that it is in. May longjmp; raises
/// what the programs throw.
void bind_lead(RulesetEntry& entry, Purpose purpose, RowReader* reader, std::shared_ptr<BoundLead>& bound);
void bind_activity(RulesetEntry& entry, RowReader* reader, std::shared_ptr<BoundActivity>& bound);

/// A program made earlier for this row type, moved to the front; false where there is none. Does not longjmp.
bool find_lead(RulesetEntry& entry, Purpose purpose, const RowType& type,
               std::shared_ptr<BoundLead>& bound) noexcept;

/// The program for activity rows of this type in `bound`, found or made (nullptr: no row is given), and room
/// for the fields that it reads in `row`. May longjmp; raises what the program throws.
void find_activity(RulesetEntry& entry, const RowType* type, std::shared_ptr<BoundActivity>& bound,
                   std::vector<Value>& row);

}  // namespace leadscore
