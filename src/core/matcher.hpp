// Many conditions over one row, answered in one pass over its fields.
//
// Each field that the deciders read is looked at once, by one index an axis (number, instant, age, text
// dictionary, text patterns, regular expressions, domains, …) that serves all tests of all rules on that
// field. A decider whose conditions read a single axis becomes a lookup in that axis's table; the points of
// all such deciders are summed at compile time, so that the cost of a row grows with the fields, hardly with
// the rules.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/condition.hpp"
#include "core/ruleset.hpp"
#include "core/value.hpp"

namespace leadscore {

/// A question put to each row: which branch holds first?
struct Decider {
  enum class Form : std::uint8_t { cases, map, bands };
  static constexpr std::uint32_t kNoBucket = UINT32_MAX;

  struct Branch {
    const Condition* condition = nullptr;  ///< nullptr: the rest
    double points = 0;
  };

  std::string owner;  ///< `rule "size"`: for messages
  Form form = Form::cases;
  std::vector<Branch> branches;  ///< form cases
  std::string field;             ///< form map, bands
  const std::vector<MapEntry>* map = nullptr;
  const std::vector<Band>* bands = nullptr;
  std::optional<double> otherwise, missing;  ///< form map, bands: branches of their own where given
  /// Where given, only the points matter: they are added to that bucket and the decider is not listed in the
  /// hits.
  std::uint32_t bucket = kNoBucket;
};

/// A decider's first branch that held. In a map: the entry's index; map->size() for `otherwise`; map->size()
/// + 1 for `missing`. In bands: the band's index, bands->size() for `missing`. NULL, a blank, in jsonb a
/// value of another type: missing.
struct Match {
  std::uint32_t decider;
  std::uint32_t branch;
};

/// What a row gave. Reused from row to row.
struct MatchResult {
  std::vector<double> buckets;
  std::vector<Match> hits;  ///< ascending by decider; a decider of which no branch held is not in it
};

class Matcher {
 public:
  /// `fields` are the requests that the row's values will answer, in order, `shape` the row type's answers.
  /// Deciders may read only these. Segments of `rules` are read where a condition names them. All pointers in
  /// `deciders` and `rules` must outlive the matcher. Throws Error for a column that does not exist (42703,
  /// nearest name as hint) or whose type can't serve an operator (42804), naming rule, column and type.
  Matcher(const Ruleset& rules, std::span<const FieldRequest> fields, const RowShape& shape,
          std::vector<Decider> deciders, std::uint32_t buckets);
  ~Matcher();
  Matcher(const Matcher&) = delete;
  Matcher& operator=(const Matcher&) = delete;

  /// The first branch that holds for each decider. `row` answers the requests in order. Not thread-safe
  /// (scratch space is reused).
  void match(std::span<const Value> row, Micros as_of, MatchResult& result);

  /// The first instant after as_of at which some older_than or newer_than test of a decider changes its
  /// answer for this row (the tests flip AT that instant), or kInfinity.
  Micros next_flip(std::span<const Value> row, Micros as_of) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace leadscore
