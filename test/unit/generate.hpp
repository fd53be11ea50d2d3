// Random rule sets, leads and histories, the same on every platform for a seed: the distributions of <random>
// are not, so none is used. Small numbers throughout, so that limits, ties and bounds bite.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/value.hpp"
#include "reference.hpp"

namespace leadscore::generate {

class Random {
 public:
  /// LEADSCORE_SEED in the environment adds to every seed, to look further than the tests that are run each
  /// time.
  explicit Random(std::uint64_t seed);
  /// 0 … n − 1
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(engine_() % n); }
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(most - least + 1));
  }
  bool chance(int percent) { return below(100) < static_cast<std::size_t>(percent); }
  template <class Items>
  const auto& pick(const Items& items) {
    return items[below(std::size(items))];
  }

 private:
  std::mt19937_64 engine_;
};

/// A column of the leads or activities that are generated.
struct Column {
  std::string_view name;
  FieldType type;
};
std::span<const Column> lead_columns();
std::span<const Column> activity_columns();

/// Which parts a rule set is made of.
struct Flavour {
  bool lead_rules = true;
  bool activity_rules = true;
  bool tiers = true;
  int most_dimensions = 3;
  int most_rules = 7;  ///< of a dimension
};

/// The JSON text of a valid rule set.
std::string ruleset(Random& random, const Flavour& flavour = {});
/// Members of an activity rule without "id", "group" and "promote_to": `"on": …, "points": 3, …`.
std::string activity_rule_members(Random& random);

/// `jsonb`: values may be of types that do not fit, times are texts.
reference::Row lead(Random& random, Micros as_of, bool jsonb);

/// Up to `most` activities around as_of, some after it, in no order.
std::vector<reference::Activity> history(Random& random, Micros as_of, std::size_t most, bool jsonb);

/// A time near which histories are made.
Micros some_as_of(Random& random);

/// ISO 8601 to the microsecond, as jsonb columns hold times.
std::string iso_text(Micros at);

}  // namespace leadscore::generate
