// Each decider becomes the cheapest thing that it can be: a constant, part of a class table, points of an
// atom, or code.
#include "core/match_compiler.hpp"

#include <algorithm>
#include <utility>

#include "core/error.hpp"

namespace leadscore {
namespace {

/// So few programs of several fields are run in each row rather than looked for.
constexpr std::size_t kFewPrograms = 8;
/// A trigger that lets a larger share of rows through is not worth its upkeep.
constexpr double kSelective = 0.5;
constexpr std::size_t kTableCells = 4'000'000;            // of Automaton's tables: 16 MB
constexpr std::size_t kMemoBytes = std::size_t{8} << 20;  // of all remembered texts
constexpr std::size_t kMemoBytesOfField = std::size_t{1} << 20;

/// What an expression reads.
struct Reads {
  std::uint32_t field = 0;
  AxisKind axis = AxisKind::any;  ///< the one axis of its class sets, where one_axis
  bool any = false;               ///< something
  bool one_field = true, one_axis = true, only_classes = true, timed = false, segments = false;

  void add_field(std::uint32_t f) noexcept {
    if (any && f != field) one_field = false;
    field = f;
    any = true;
  }
};

void read(const Expr& expr, const MatchTests& tests, Reads& reads) {
  switch (expr.kind) {
    case Expr::Kind::constant:
      break;
    case Expr::Kind::classes:
      reads.add_field(expr.field);
      if (expr.axis == AxisKind::time || expr.axis == AxisKind::age) reads.timed = true;
      if (expr.axis != AxisKind::any) {
        if (reads.axis != AxisKind::any && reads.axis != expr.axis) reads.one_axis = false;
        reads.axis = expr.axis;
      }
      break;
    case Expr::Kind::atom:
      reads.add_field(tests.field_of_atom(expr.number));
      reads.only_classes = false;
      break;
    case Expr::Kind::segment:
      reads.segments = true;
      reads.only_classes = false;
      break;
    default:
      reads.only_classes = false;
      for (const Expr& child : expr.children) read(child, tests, reads);
  }
}

class Compiler {
 public:
  Compiler(MatchPlan& plan, MatchTests& tests, std::size_t segments)
      : plan_(plan), tests_(tests), needed_segments_(segments, false) {}

  void compile(std::uint32_t number, const Decider& decider);
  void finish();

 private:
  struct Pending {  // a program of several fields
    std::uint32_t program;
    Trigger trigger;
  };
  void compile_cases(std::uint32_t number, const Decider& decider);
  void add_function(std::uint32_t number, const Decider& decider, std::uint32_t field, AxisKind axis,
                    ClassFunction function, std::vector<double> points);
  void add_program(std::uint32_t number, const Decider& decider, const std::vector<Expr>& branches,
                   const Reads& reads);
  void add_segments();
  void mark_signals(const Expr& expr);
  bool add_triggers(const Pending& pending, TableBudget& budget);

  MatchPlan& plan_;
  MatchTests& tests_;
  std::vector<bool> needed_segments_;
  std::vector<Pending> pending_;
  std::vector<std::vector<std::uint32_t>> program_buckets_;  // by field
};

void Compiler::compile(std::uint32_t number, const Decider& decider) {
  checkpoint();
  if (decider.form == Decider::Form::cases) {
    compile_cases(number, decider);
    return;
  }
  std::vector<double> points;
  AxisKind axis = AxisKind::value;
  ClassFunction function;
  if (decider.form == Decider::Form::map) {
    for (const MapEntry& entry : *decider.map) points.push_back(entry.points);
    points.push_back(decider.otherwise.value_or(0));
    function = tests_.map_function(decider.field, *decider.map, decider.otherwise.has_value(),
                                   decider.missing.has_value(), axis);
  } else {
    for (const Band& band : *decider.bands) points.push_back(band.points);
    function = tests_.bands_function(decider.field, *decider.bands, decider.missing.has_value());
  }
  points.push_back(decider.missing.value_or(0));
  add_function(number, decider, tests_.field_number(decider.field), axis, std::move(function),
               std::move(points));
}

void Compiler::compile_cases(std::uint32_t number, const Decider& decider) {
  std::vector<Expr> branches;
  std::size_t possible = 0, last_possible = 0;
  Reads reads;
  for (const Decider::Branch& branch : decider.branches) {
    branches.push_back(branch.condition == nullptr ? constant_expr(true) : tests_.express(*branch.condition));
    const Expr& expr = branches.back();
    if (expr.kind == Expr::Kind::constant && !expr.value) continue;
    ++possible;
    last_possible = branches.size() - 1;
    read(expr, tests_, reads);
    if (expr.kind == Expr::Kind::constant) break;  // those behind it never hold
  }
  if (possible == 0) return;

  const Expr& last = branches[last_possible];
  if (possible == 1 && last.kind == Expr::Kind::constant) {
    if (decider.bucket == Decider::kNoBucket) {
      plan_.base_hits.push_back({number, static_cast<std::uint32_t>(last_possible)});
    } else {
      plan_.base[decider.bucket] += decider.branches[last_possible].points;
    }
    return;
  }
  if (reads.only_classes && reads.one_field && reads.one_axis) {
    const AxisKind axis = reads.axis == AxisKind::any ? AxisKind::value : reads.axis;
    const std::uint32_t classes = tests_.classes(reads.field, axis);
    std::vector<ClassSet> sets;
    for (const Expr& expr : branches) {
      if (expr.kind == Expr::Kind::constant) {
        sets.push_back(expr.value ? ClassSet{{0, classes}} : ClassSet{});
      } else {
        sets.push_back(set_on(expr, classes));
      }
    }
    std::vector<double> points;
    for (const Decider::Branch& branch : decider.branches) points.push_back(branch.points);
    add_function(number, decider, reads.field, axis, first_holding(sets, classes), std::move(points));
    return;
  }
  if (possible == 1 && last_possible == 0 && last.kind == Expr::Kind::atom) {
    tests_.fields()[reads.field]->add_atom_decider(last.number, number, decider.bucket,
                                                   decider.branches[0].points);
    return;
  }
  add_program(number, decider, branches, reads);
}

void Compiler::add_function(std::uint32_t number, const Decider& decider, std::uint32_t field, AxisKind axis,
                            ClassFunction function, std::vector<double> points) {
  MatchField& f = *tests_.fields()[field];
  ClassTable& table = axis == AxisKind::time  ? f.time.table
                      : axis == AxisKind::age ? f.age.table
                                              : f.value_table;
  table.add_function(number, decider.bucket, std::move(function), std::move(points));
}

void Compiler::add_program(std::uint32_t number, const Decider& decider, const std::vector<Expr>& branches,
                           const Reads& reads) {
  MatchProgram program;
  program.decider = number;
  program.bucket = decider.bucket;
  for (const Decider::Branch& branch : decider.branches) program.points.push_back(branch.points);
  program.entry = plan_.row.code.add_branches(branches, tests_);
  const auto index = static_cast<std::uint32_t>(plan_.row.programs.size());
  plan_.row.programs.push_back(std::move(program));

  Trigger trigger;
  trigger.share = 0;
  for (const Expr& branch : branches) widen(trigger, trigger_of(branch, tests_));

  if (reads.one_field && !reads.timed && !reads.segments) {
    const bool always = trigger.share >= 1 || !trigger.sets.empty();
    tests_.fields()[reads.field]->add_program(index, always, trigger.atoms);
    if (decider.bucket != Decider::kNoBucket) {
      program_buckets_.resize(tests_.fields().size());
      program_buckets_[reads.field].push_back(decider.bucket);
    }
    return;
  }
  for (const Expr& branch : branches) mark_signals(branch);
  pending_.push_back({index, std::move(trigger)});
}

void Compiler::mark_signals(const Expr& expr) {
  if (expr.kind == Expr::Kind::segment) needed_segments_[expr.number] = true;
  if (expr.kind == Expr::Kind::atom)
    tests_.fields()[tests_.field_of_atom(expr.number)]->add_signal(expr.number);
  for (const Expr& child : expr.children) mark_signals(child);
}

// Those that code refers to. A segment refers to earlier ones only, so the last come first.
void Compiler::add_segments() {
  for (auto segment = needed_segments_.size(); segment-- > 0;) {
    if (!needed_segments_[segment]) continue;
    const Expr& expr = tests_.segment(segment);
    plan_.row.code.add_segment(static_cast<std::uint32_t>(segment), expr, tests_);
    mark_signals(expr);
  }
}

bool Compiler::add_triggers(const Pending& pending, TableBudget& budget) {
  if (pending.trigger.share >= kSelective) return false;
  std::size_t cells = 0;
  for (const Expr& classes : pending.trigger.sets) {
    for (const ClassRange& range : classes.set) cells += range.end - range.begin;
  }
  if (cells > budget.candidates) return false;
  for (const std::uint32_t atom : pending.trigger.atoms) {
    tests_.fields()[tests_.field_of_atom(atom)]->add_candidate(atom, pending.program);
  }
  for (const Expr& classes : pending.trigger.sets) {
    MatchField& field = *tests_.fields()[classes.field];
    ClassTable& table = classes.axis == AxisKind::time  ? field.time.table
                        : classes.axis == AxisKind::age ? field.age.table
                                                        : field.value_table;
    table.add_candidate(pending.program, classes.set, budget);
  }
  return true;
}

void Compiler::finish() {
  add_segments();
  TableBudget budget;
  for (const Pending& pending : pending_) {
    if (pending_.size() <= kFewPrograms || !add_triggers(pending, budget))
      plan_.always.push_back(pending.program);
  }
  plan_.candidate_rows.assign(plan_.row.programs.size(), 0);

  std::vector<std::unique_ptr<MatchField>>& fields = tests_.fields();
  program_buckets_.resize(fields.size());
  std::size_t table_cells = kTableCells;
  const std::size_t memo_bytes = fields.empty() ? 0 : std::min(kMemoBytesOfField, kMemoBytes / fields.size());
  for (std::size_t f = 0; f < fields.size(); ++f) {
    checkpoint();
    fields[f]->build(program_buckets_[f], table_cells, budget, memo_bytes);
  }
  plan_.row.signals.classes.assign(tests_.axis_numbers(), kNullClass);
  plan_.row.signals.atoms.resize(tests_.atoms());
  plan_.fields = std::move(fields);
}

}  // namespace

void compile_match(MatchPlan& plan, const Ruleset& rules, std::span<const FieldRequest> requests,
                   const RowShape& shape, const std::vector<Decider>& deciders, std::uint32_t buckets) {
  plan.base.assign(buckets, 0.0);
  plan.row.code.resize_segments(rules.segments.size());
  MatchTests tests(rules, requests, shape);
  for (const Decider& decider : deciders) {
    if (decider.form == Decider::Form::map) {
      tests.enter_map(decider.owner, decider.field, *decider.map);
    } else if (decider.form == Decider::Form::bands) {
      tests.enter_bands(decider.owner, decider.field, *decider.bands);
    } else {
      for (const Decider::Branch& branch : decider.branches) {
        if (branch.condition != nullptr) tests.enter(decider.owner, *branch.condition);
      }
    }
  }
  tests.freeze();
  Compiler compiler(plan, tests, rules.segments.size());
  for (std::uint32_t i = 0; i < deciders.size(); ++i) compiler.compile(i, deciders[i]);
  compiler.finish();
}

}  // namespace leadscore
