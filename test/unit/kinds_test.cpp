// An activity's kind finds its class, however often and in whatever order kinds come.
#include <gtest/gtest.h>

#include <map>

#include "generate.hpp"
#include "property_subject.hpp"

namespace leadscore {
namespace {

using generate::Random;

/// Names of all lengths around those of one to five words, of few letters, so that many share their
/// beginning, their end and their length.
std::string some_kind(Random& random) {
  std::string kind(1 + random.below(40), 'a');
  for (std::size_t changes = random.below(3); changes > 0; --changes) {
    kind[random.below(kind.size())] = static_cast<char>('b' + random.below(3));
  }
  return kind;
}

TEST(Kinds, FindTheirClass) {
  Random random(19);
  for (int i = 0; i < 20; ++i) {
    std::map<std::string, bool> named;
    while (named.size() < 60) named[some_kind(random)] = true;
    std::string rules;
    for (const auto& [kind, _] : named) {
      rules += std::string(rules.empty() ? "" : ",") + R"({"id": "r)" + kind + R"(", "on": ")" + kind +
               R"(", "points": 1})";
    }
    Subject subject(R"({"dimensions": [{"name": "d", "rules": [)" + rules + "]}]}");
    std::map<std::string, std::uint32_t> tracker;
    for (std::uint32_t t = 0; t < subject.plan().trackers().size(); ++t) {
      tracker[subject.plan().trackers()[t].on->kinds.front()] = t;
    }
    for (int n = 0; n < 5000; ++n) {
      reference::Activity activity;
      activity.kind = some_kind(random);
      const std::span<const Effect> effects = subject.effects(activity);
      ASSERT_EQ(effects.size(), 1U);
      const auto expected = tracker.find(*activity.kind);
      ASSERT_EQ(effects[0].tracker, expected == tracker.end() ? Effect::kNone : expected->second)
          << *activity.kind;
    }
  }
}

}  // namespace
}  // namespace leadscore
