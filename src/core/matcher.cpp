// The way of a row: each field once, then the programs that read several of them.
#include "core/matcher.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "core/match_compiler.hpp"

namespace leadscore {

struct Matcher::Impl {
  Impl(std::vector<Decider> d, Accents accents) : deciders(std::move(d)), plan(accents) {}

  void run(std::uint32_t number, MatchResult& result);
  void sort_hits(std::vector<Match>& hits);

  std::vector<Decider> deciders;
  MatchPlan plan;
  // Scratch of sort_hits: by decider; all zero between calls.
  std::vector<std::uint64_t> is_hit;
  std::vector<std::uint32_t> branch_of;
};

void Matcher::Impl::run(std::uint32_t number, MatchResult& result) {
  const MatchProgram& program = plan.row.programs[number];
  const std::uint32_t branch = plan.row.code.run(program.entry, plan.row.signals);
  if (branch == MatchCode::kNone) return;
  if (program.bucket == Decider::kNoBucket) {
    result.hits.push_back({program.decider, branch});
  } else {
    result.buckets[program.bucket] += program.points[branch];
  }
}

// A decider hits once, so that many hits are sorted by marking them.
void Matcher::Impl::sort_hits(std::vector<Match>& hits) {
  if (hits.size() < 2) return;
  constexpr std::size_t kFew = 16;
  const auto by_decider = [](const Match& a, const Match& b) { return a.decider < b.decider; };
  if (std::is_sorted(hits.begin(), hits.end(), by_decider)) return;
  if (hits.size() <= kFew) {
    std::sort(hits.begin(), hits.end(), by_decider);
    return;
  }
  branch_of.resize(deciders.size());
  is_hit.resize(deciders.size() / 64 + 1);
  for (const Match& hit : hits) {
    is_hit[hit.decider / 64] |= std::uint64_t{1} << (hit.decider % 64);
    branch_of[hit.decider] = hit.branch;
  }
  std::size_t at = 0;
  for (std::uint32_t word = 0; at < hits.size(); ++word) {
    for (; is_hit[word] != 0; is_hit[word] &= is_hit[word] - 1) {
      const std::uint32_t decider = word * 64 + static_cast<std::uint32_t>(std::countr_zero(is_hit[word]));
      hits[at++] = {decider, branch_of[decider]};
    }
  }
}

Matcher::Matcher(const Ruleset& rules, std::span<const FieldRequest> fields, const RowShape& shape,
                 std::vector<Decider> deciders, std::uint32_t buckets)
    : impl_(std::make_unique<Impl>(std::move(deciders), rules.accents)) {
  compile_match(impl_->plan, rules, fields, shape, impl_->deciders, buckets);
}

Matcher::~Matcher() = default;

void Matcher::match(std::span<const Value> row, Micros as_of, MatchResult& result) {
  MatchPlan& plan = impl_->plan;
  result.buckets.resize(plan.base.size());
  std::copy(plan.base.begin(), plan.base.end(), result.buckets.begin());
  result.hits.clear();
  if (!plan.base_hits.empty()) result.hits = plan.base_hits;
  plan.row.signals.atoms.next_row();
  plan.row.code.next_row();
  plan.row.candidates.clear();
  for (const auto& field : plan.fields) field->match(row[field->request], as_of, plan.row, result);

  for (const std::uint32_t program : plan.always) impl_->run(program, result);
  if (!plan.row.candidates.empty()) {
    if (++plan.row_number == 0) {
      std::fill(plan.candidate_rows.begin(), plan.candidate_rows.end(), 0);
      plan.row_number = 1;
    }
    for (const std::uint32_t program : plan.row.candidates) {
      if (plan.candidate_rows[program] == plan.row_number) continue;
      plan.candidate_rows[program] = plan.row_number;
      impl_->run(program, result);
    }
  }
  impl_->sort_hits(result.hits);
}

Micros Matcher::next_flip(std::span<const Value> row, Micros as_of) const {
  Micros first = kInfinity;
  for (const auto& field : impl_->plan.fields) {
    first = std::min(first, field->next_flip(row[field->request], as_of));
  }
  return first;
}

}  // namespace leadscore
