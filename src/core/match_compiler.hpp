// From deciders to tables, lists and code.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/match_expr.hpp"
#include "core/match_field.hpp"
#include "core/match_program.hpp"
#include "core/match_tests.hpp"
#include "core/matcher.hpp"
#include "core/ruleset.hpp"

namespace leadscore {

/// What Matcher runs: filled once by compile_match.
struct MatchPlan {
  explicit MatchPlan(Accents accents) : row(accents) {}

  std::vector<std::unique_ptr<MatchField>> fields;
  RowState row;
  std::vector<std::uint32_t> always;          ///< programs of several fields, run in each row
  std::vector<std::uint32_t> candidate_rows;  ///< by program: the last row that ran it
  std::vector<double> base;                   ///< by bucket: what every row gets
  std::vector<Match> base_hits;
  std::uint32_t row_number = 0;
};

/// Throws as Matcher's constructor does.
void compile_match(MatchPlan& plan, const Ruleset& rules, std::span<const FieldRequest> requests,
                   const RowShape& shape, const std::vector<Decider>& deciders, std::uint32_t buckets);

}  // namespace leadscore
