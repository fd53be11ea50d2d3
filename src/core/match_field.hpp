// One field of a row and everything that is asked of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "core/match_atoms.hpp"
#include "core/match_axis.hpp"
#include "core/match_class_table.hpp"
#include "core/match_memo.hpp"
#include "core/match_names.hpp"
#include "core/match_patterns.hpp"
#include "core/match_program.hpp"
#include "core/match_regex.hpp"
#include "core/matcher.hpp"
#include "core/text.hpp"
#include "core/value.hpp"

namespace leadscore {

inline constexpr std::uint32_t kNoAxis = UINT32_MAX;

/// A decider that is code.
struct MatchProgram {
  std::uint32_t decider = 0;
  std::uint32_t bucket = Decider::kNoBucket;
  std::uint32_t entry = 0;
  std::vector<double> points;  ///< by branch
};

/// What the fields of a row fill and read.
struct RowState {
  RowSignals signals;
  MatchCode code;
  std::vector<MatchProgram> programs;
  std::vector<std::uint32_t> candidates;  ///< programs of several fields that this row may hold
  Folder folder;

  explicit RowState(Accents accents) : folder(accents) {}
};

/// An axis of instants or ages with its table.
struct TimedAxis {
  MicrosAxis axis;
  ClassTable table;
  std::uint32_t number = kNoAxis;  ///< where programs read it
  bool used = false;
};

class MatchField {
 private:
  // What every row reads comes first, to lie in few lines of the cache.
  bool quick_ = false;  // a value gives points to one bucket and nothing else
  std::uint32_t quick_bucket_ = 0;
  const double* quick_sums_ = nullptr;  // … by its class; nullptr: none
  TextMemo memo_;

 public:
  // Filled by the compiler, then fixed by build().
  std::uint32_t request = 0;
  FieldType type = FieldType::json;
  ValueAxis value;
  ClassTable value_table;
  std::uint32_t value_number = kNoAxis;
  bool value_used = false;
  TimedAxis time, age;
  TextPatterns patterns;
  RegexTests regexes;
  DomainTests domains;
  LocalPartTests local_parts;
  ElementTests elements;

  /// The points that one decider adds, or the hit that it is, where the atom is hit.
  void add_atom_decider(std::uint32_t atom, std::uint32_t decider, std::uint32_t bucket, double points);
  /// A program that reads only this field, without its time axes; with atoms of which one must be hit for it
  /// to hold, unless `always`.
  void add_program(std::uint32_t program, bool always, const std::vector<std::uint32_t>& atoms);
  /// A program of several fields that can hold where the atom is hit (or cannot be told from the atom).
  void add_candidate(std::uint32_t atom, std::uint32_t program);
  /// A program of several fields reads the atom.
  void add_signal(std::uint32_t atom);
  /// Atoms must be numbered in one piece a field: first_atom ... first_atom + atoms - 1.
  void set_atoms(std::uint32_t first_atom, std::uint32_t atoms);
  /// After all adds, but regexes.build(), which needs to know of the other fields. `program_buckets`: of the
  /// programs added. `table_cells`: what Automaton may take. `memo_bytes`: for remembered texts.
  void build(const std::vector<std::uint32_t>& program_buckets, std::size_t& table_cells, TableBudget& budget,
             std::size_t memo_bytes);

  /// Adds to `result` what the field gives by itself, and leaves in `row` what programs read.
  [[gnu::always_inline]] void match(const Value& v, Micros as_of, RowState& row, MatchResult& result) {
    if (quick_) {
      double& bucket = result.buckets[quick_bucket_];
      switch (v.kind) {
        case Value::Kind::text:
          if (is_blank_text(v.view())) break;
          if (const TextMemo::Slot* const known = memo_.find(v.view())) {
            bucket += known->sum;
          } else {
            bucket += sum_of_text(v.view(), row);
          }
          return;
        case Value::Kind::number:
          bucket += quick_sum(value.class_of(v.number));
          return;
        case Value::Kind::boolean:
          bucket += quick_sum(value.class_of(v.boolean));
          return;
        case Value::Kind::null:
          bucket += quick_sum(kNullClass);
          return;
        default:
          break;
      }
    }
    match_fully(v, as_of, row, result);
  }

  /// The next boundary of the age axis that the value passes after as_of, or kInfinity.
  Micros next_flip(const Value& v, Micros as_of) const;

 private:
  struct AtomPoints {
    std::uint32_t column;
    double points;
  };
  struct AtomPiece {
    std::uint32_t atom, decider, bucket;
    double points;
  };
  static bool is_blank_text(std::string_view text) noexcept {
    // Most texts begin with a visible ASCII character.
    if (text.empty()) return true;
    const auto first = static_cast<unsigned char>(text[0]);
    return (first <= ' ' || first >= 0x80) && is_blank(text);
  }
  static bool is_null(const Value& v) noexcept {
    if (v.kind == Value::Kind::text) return is_blank_text(v.view());
    return v.kind == Value::Kind::null || (v.kind == Value::Kind::array && v.array.size == 0);
  }
  double quick_sum(std::uint32_t cls) const noexcept { return quick_sums_ == nullptr ? 0 : quick_sums_[cls]; }
  double sum_of_text(std::string_view text, RowState& row);
  std::uint32_t class_of_text(std::string_view text, RowState& row) const;
  void match_fully(const Value& v, Micros as_of, RowState& row, MatchResult& result);
  void match_time(bool fits, Micros instant, Micros as_of, bool null, RowState& row, MatchResult& result);
  void look_up(const ClassTable& table, std::uint32_t number, std::uint32_t cls, RowState& row,
               MatchResult& result) const;
  void scan_text(std::string_view text, RowState& row);
  void match_text(std::string_view text, RowState& row);
  /// Completes scratch_ from its class and the atoms listed.
  void conclude(RowState& row);
  void add(const double* sums, MatchResult& result) const noexcept {
    double* const buckets = result.buckets.data();
    const std::uint32_t* const columns = columns_.data();
    for (std::size_t i = 0, n = columns_.size(); i < n; ++i) buckets[columns[i]] += sums[i];
  }
  void give(const OutcomeView& outcome, RowState& row, MatchResult& result) const;
  void run_program(std::uint32_t program, RowState& row);
  std::uint32_t column_of(std::uint32_t bucket) const noexcept;
  void build_atoms();

  std::uint32_t first_atom_ = 0, atoms_ = 0;
  std::vector<AtomPiece> pieces_;        // until build()
  std::vector<AtomPoints> atom_points_;  // by atom
  std::vector<std::uint32_t> point_offsets_;
  NumberLists atom_deciders_, atom_programs_, atom_candidates_;
  std::vector<bool> signal_;  // by atom
  std::vector<std::uint32_t> always_programs_;
  std::vector<std::uint32_t> triggered_;  // scratch

  std::vector<std::uint32_t> columns_;        // buckets that outcomes add to
  std::vector<std::uint32_t> table_columns_;  // of each column of value_table, its place in columns_
  bool has_programs_ = false;
  bool plain_ = true;       // value_table is all there is
  bool only_sums_ = false;  // texts give points and nothing else
  bool reads_value_ = false, reads_time_ = false;
  bool null_known_ = false;
  FieldOutcome scratch_, null_;
};

}  // namespace leadscore
