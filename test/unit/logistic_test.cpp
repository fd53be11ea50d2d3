// Logistic regression against closed forms and against the equations that its solution must satisfy.
#include "core/logistic.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "generate.hpp"

namespace leadscore {
namespace {

using generate::Random;

struct Lead {
  std::vector<Amount> amounts;
  bool won;
};

TrainingSet set_of(const std::vector<Lead>& leads) {
  TrainingSet set;
  for (const Lead& lead : leads) set.add(lead.amounts, lead.won);
  set.finish();
  return set;
}

double probability(double odds) { return 1 / (1 + std::exp(-odds)); }

/// Leads with indicators and counts, whose outcome depends on some of them.
std::vector<Lead> some_leads(std::uint64_t seed, std::size_t count, std::uint32_t parameters) {
  Random random(seed);
  std::vector<Lead> leads;
  for (std::size_t i = 0; i < count; ++i) {
    Lead lead;
    double odds = -1;
    for (std::uint32_t p = 0; p < parameters; ++p) {
      if (!random.chance(40)) continue;
      const double value = p % 3 == 2 ? static_cast<double>(random.between(1, 9)) / 2 : 1;
      lead.amounts.push_back({p, value});
      odds += (p % 2 == 0 ? 0.5 : -0.3) * value;
    }
    lead.won = static_cast<double>(random.below(1'000'000)) / 1e6 < probability(odds);
    leads.push_back(std::move(lead));
  }
  return leads;
}

/// Standard deviation of what leads have of a parameter.
double deviation(const std::vector<Lead>& leads, std::uint32_t parameter) {
  double sum = 0, squares = 0;
  for (const Lead& lead : leads) {
    for (const Amount& amount : lead.amounts) {
      if (amount.parameter != parameter) continue;
      sum += amount.value;
      squares += amount.value * amount.value;
    }
  }
  const auto n = static_cast<double>(leads.size());
  return std::sqrt(squares / n - sum / n * (sum / n));
}

/// At the maximum the derivative by each coefficient is 0.
void expect_stationary(const std::vector<Lead>& leads, const LogisticFit& fit, double ridge) {
  double by_intercept = 0;
  std::vector<double> by(fit.coefficients.size(), 0);
  for (const Lead& lead : leads) {
    const double off = (lead.won ? 1 : 0) - probability(fit.log_odds(lead.amounts));
    by_intercept += off;
    for (const Amount& amount : lead.amounts) by[amount.parameter] += off * amount.value;
  }
  EXPECT_NEAR(by_intercept, 0, 1e-6);
  for (std::uint32_t p = 0; p < by.size(); ++p) {
    if (fit.left_out[p] != LeftOut::no) continue;
    const double s = deviation(leads, p);
    EXPECT_NEAR(by[p], ridge * s * s * fit.coefficients[p], 1e-6) << p;
  }
}

TEST(Logistic, OneIndicatorHasTheLogOddsRatio) {
  TrainingSet set;
  const Amount has{0, 1};
  set.add({&has, 1}, 30, 10);
  set.add({}, 20, 80);
  set.finish();
  const LogisticFit fit = fit_logistic(set, 1, 0);
  EXPECT_NEAR(fit.intercept, std::log(20.0 / 80), 1e-10);
  EXPECT_NEAR(fit.coefficients[0], std::log(30.0 / 10) - std::log(20.0 / 80), 1e-10);
  EXPECT_NEAR(fit.log_likelihood,
              30 * std::log(0.75) + 10 * std::log(0.25) + 20 * std::log(0.2) + 80 * std::log(0.8), 1e-9);
  EXPECT_FALSE(fit.raised);
}

TEST(Logistic, IsAMaximumWithAndWithoutARidge) {
  for (const double ridge : {0.0, 0.1, 30.0}) {
    const std::vector<Lead> leads = some_leads(5, 3000, 9);
    const LogisticFit fit = fit_logistic(set_of(leads), 9, ridge);
    EXPECT_EQ(fit.ridge, ridge);
    expect_stationary(leads, fit, ridge);
  }
}

TEST(Logistic, ChosenRidgeIsTheOneThatForetellsBest) {
  // Hardly a lead for many coefficients: a strong ridge; many leads for few: a weak one.
  const double few = fit_logistic(set_of(some_leads(1, 60, 40)), 40, std::nullopt).ridge;
  const double many = fit_logistic(set_of(some_leads(1, 20'000, 3)), 3, std::nullopt).ridge;
  EXPECT_GE(few, 3);
  EXPECT_LE(many, 3);
  EXPECT_GE(many, kSmallestRidge);
  const std::vector<Lead> leads = some_leads(1, 60, 40);
  expect_stationary(leads, fit_logistic(set_of(leads), 40, few), few);
}

TEST(Logistic, IsTheSameInAnyOrder) {
  std::vector<Lead> leads = some_leads(9, 2000, 12);
  const LogisticFit first = fit_logistic(set_of(leads), 12, std::nullopt);
  Random random(3);
  for (int i = 0; i < 5; ++i) {
    for (std::size_t k = leads.size(); k > 1; --k) std::swap(leads[k - 1], leads[random.below(k)]);
    const LogisticFit again = fit_logistic(set_of(leads), 12, std::nullopt);
    EXPECT_EQ(first.ridge, again.ridge);
    EXPECT_EQ(std::memcmp(&first.intercept, &again.intercept, sizeof(double)), 0);
    EXPECT_EQ(std::memcmp(first.coefficients.data(), again.coefficients.data(), 12 * sizeof(double)), 0);
  }
}

TEST(Logistic, IsTheSameWhateverTheLastBits) {
  // What is left of faded activities differs in its last bits with the order in which they were added up.
  Random random(11);
  std::vector<Lead> leads = some_leads(9, 2000, 12);
  for (Lead& lead : leads)
    for (Amount& amount : lead.amounts)
      if (amount.parameter % 3 == 2) amount.value *= 0.3 + static_cast<double>(random.below(1'000'000)) / 1e6;
  std::vector<Lead> others = leads;
  for (Lead& lead : others)
    for (Amount& amount : lead.amounts)
      if (random.chance(50)) amount.value = std::nextafter(amount.value, random.chance(50) ? 0 : 100);
  const LogisticFit first = fit_logistic(set_of(leads), 12, std::nullopt);
  const LogisticFit other = fit_logistic(set_of(others), 12, std::nullopt);
  EXPECT_EQ(first.ridge, other.ridge);
  EXPECT_EQ(first.intercept, other.intercept);
  EXPECT_EQ(first.coefficients, other.coefficients);
}

TEST(Logistic, WhatTellsWonFromLostPerfectlyGetsAFiniteNumber) {
  TrainingSet set;
  const Amount has{0, 1};
  set.add({&has, 1}, 50, 0);
  set.add({}, 0, 50);
  set.finish();
  const LogisticFit fit = fit_logistic(set, 1, 0);
  EXPECT_TRUE(fit.raised);
  EXPECT_EQ(fit.ridge, kSmallestRidge);
  EXPECT_TRUE(std::isfinite(fit.intercept));
  EXPECT_GT(fit.coefficients[0], 5);
  EXPECT_LT(fit.coefficients[0], 100);
}

TEST(Logistic, ConstantParametersAreLeftOut) {
  std::vector<Lead> leads = some_leads(2, 500, 2);
  for (Lead& lead : leads) lead.amounts.push_back({2, 3.5});
  const LogisticFit fit = fit_logistic(set_of(leads), 4, 1);
  EXPECT_EQ(fit.left_out[0], LeftOut::no);
  EXPECT_EQ(fit.left_out[2], LeftOut::constant);  // everyone has it
  EXPECT_EQ(fit.left_out[3], LeftOut::constant);  // nobody has
  EXPECT_EQ(fit.coefficients[2], 0);
  EXPECT_EQ(fit.coefficients[3], 0);
  expect_stationary(leads, fit, 1);
}

TEST(Logistic, OfRulesThatSayTheSameTheFirstCountsWithoutARidge) {
  std::vector<Lead> leads = some_leads(4, 800, 2);
  for (Lead& lead : leads) {
    double sum = 0;
    for (const Amount& amount : lead.amounts) sum += amount.value;
    // 2: what the first two say together. 3: whoever does not have the first.
    if (sum != 0) lead.amounts.push_back({2, sum});
    if (lead.amounts.empty() || lead.amounts[0].parameter != 0) lead.amounts.push_back({3, 1});
  }
  const TrainingSet set = set_of(leads);
  const LogisticFit fit = fit_logistic(set, 4, 0);
  EXPECT_EQ(fit.left_out[0], LeftOut::no);
  EXPECT_EQ(fit.left_out[1], LeftOut::no);
  EXPECT_EQ(fit.left_out[2], LeftOut::collinear);
  EXPECT_EQ(fit.left_out[3], LeftOut::collinear);
  expect_stationary(leads, fit, 0);
}

TEST(Logistic, TwoIdenticalRulesShareWithARidge) {
  std::vector<Lead> leads = some_leads(6, 800, 1);
  for (Lead& lead : leads) {
    if (!lead.amounts.empty()) lead.amounts.push_back({1, lead.amounts[0].value});
  }
  const LogisticFit fit = fit_logistic(set_of(leads), 2, 1);
  EXPECT_NEAR(fit.coefficients[0], fit.coefficients[1], 1e-9);
  expect_stationary(leads, fit, 1);
}

TEST(Intercept, ForetellsAsManyAsThereWere) {
  TrainingSet set;
  const Amount has{0, 1};
  set.add({&has, 1}, 30, 10);
  set.add({}, 20, 80);
  set.finish();
  // Patterns stand in their order: the empty one first.
  for (const double slope : {0.0, 0.05, -2.0, 40.0}) {
    const double a = intercept_for(set, std::vector<double>{10, 30}, slope);
    EXPECT_NEAR(100 * probability(a + slope * 10) + 40 * probability(a + slope * 30), 50, 1e-9) << slope;
  }
  EXPECT_NEAR(intercept_for(set, std::vector<double>{10, 30}, 0), std::log(50.0 / 90), 1e-9);
}

TEST(TrainingSet, KeepsWhatIsTheSameOnce) {
  TrainingSet set;
  const std::vector<Amount> one{{3, 1}, {700, 0.25}}, other{{3, 1}, {700, 0.5}};
  for (int i = 0; i < 1000; ++i) {
    set.add(one, i % 4 == 0);
    set.add(other, false);
    set.add({}, true);
  }
  set.finish();
  ASSERT_EQ(set.patterns(), 3U);
  EXPECT_EQ(set.positives(), 1250U);
  EXPECT_EQ(set.negatives(), 1750U);
  std::vector<Amount> amounts;
  set.read(0, amounts);
  EXPECT_TRUE(amounts.empty());
  EXPECT_EQ(set.positives(0), 1000U);
  std::uint64_t won = 0;
  for (std::size_t i = 1; i < 3; ++i) {
    set.read(i, amounts);
    EXPECT_TRUE(amounts == one || amounts == other);
    won += set.positives(i);
  }
  EXPECT_EQ(won, 250U);
}

TEST(TrainingSet, LastBitsAreNoDifference) {
  TrainingSet set;
  const double sum = 0.1 + 0.2, most = std::numeric_limits<double>::max();
  for (const double value : {0.3, sum, -0.3, -sum, 1.0, std::nextafter(1.0, 2.0), most}) {
    const Amount amount{0, value};
    set.add({&amount, 1}, true);
  }
  set.finish();
  ASSERT_EQ(set.patterns(), 4U);
  std::vector<Amount> amounts;
  for (std::size_t i = 0; i < 4; ++i) {
    set.read(i, amounts);
    EXPECT_TRUE(std::isfinite(amounts[0].value));
    EXPECT_EQ(set.positives(i), amounts[0].value > 1 ? 1U : 2U);
  }
}

}  // namespace
}  // namespace leadscore
