// A state is a function of the set of activities: not of their order, not of how they were split up, not of
// whether a part travelled as bytes.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "core/error.hpp"
#include "property_subject.hpp"

namespace leadscore {
namespace {

using generate::Random;

/// A rule set, a lead and a history.
struct Sample {
  explicit Sample(Random& random, std::size_t most = 60)
      : jsonb(random.chance(50)),
        text(generate::ruleset(random)),
        subject(text, jsonb),
        as_of(generate::some_as_of(random)),
        lead(generate::lead(random, as_of, jsonb)),
        history(generate::history(random, as_of, most, jsonb)) {}

  std::string story() const { return leadscore::story(text, lead, history, as_of); }

  bool jsonb;
  std::string text;
  Subject subject;
  Micros as_of;
  reference::Row lead;
  std::vector<reference::Activity> history;
};

/// States with the arenas that they live in.
struct Part {
  std::unique_ptr<ScratchArena> arena = std::make_unique<ScratchArena>();
  Engagement state;
};

/// Each activity goes to one of up to six parts; `now(i)` is when part i is aggregated.
template <class Now>
std::vector<Part> split(Random& random, Sample& sample, const Now& now) {
  std::vector<std::vector<reference::Activity>> shares(1 + random.below(6));
  for (const reference::Activity& activity : sample.history) {
    shares[random.below(shares.size())].push_back(activity);
  }
  std::vector<Part> parts;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    Part& part = parts.emplace_back();
    part.state = sample.subject.engage(*part.arena, shares[i], now(i));
  }
  return parts;
}

Part merged(Random& random, Subject& subject, std::vector<Part> parts) {
  while (parts.size() > 1 || random.chance(20)) {
    const std::size_t from = random.below(parts.size());
    std::swap(parts[from], parts.back());
    Part taken = std::move(parts.back());
    parts.pop_back();
    if (random.chance(30)) {
      Part moved;
      moved.state = through_bytes(subject, taken.state, *taken.arena, *moved.arena);
      taken = std::move(moved);
    }
    if (parts.empty() || random.chance(20)) {
      Part fresh;
      fresh.state = subject.start();
      subject.writer().merge(fresh.state, *fresh.arena, taken.state);
      parts.push_back(std::move(fresh));
      continue;
    }
    Part& into = parts[random.below(parts.size())];
    subject.writer().merge(into.state, *into.arena, taken.state);
  }
  return std::move(parts.front());
}

TEST(PropertyMerge, AnyPartitionInAnyOrderIsTheWhole) {
  Random random(11);
  for (int i = 0; i < 2500; ++i) {
    Sample sample(random);
    Subject& subject = sample.subject;
    // Some activities wait.
    const Micros now = sample.as_of - static_cast<Micros>(random.below(3)) * 2 * kDay;
    Part whole;
    whole.state = subject.engage(*whole.arena, sample.history, now);
    Part parts = merged(random, subject, split(random, sample, [&](std::size_t) { return now; }));
    ASSERT_EQ(difference_between(subject, whole.state, *whole.arena, parts.state, *parts.arena), "")
        << sample.story();
    const reference::Result expected =
        reference::score(subject.rules(), sample.lead, sample.history, sample.as_of);
    ASSERT_EQ(
        difference_from(expected, subject.score(sample.lead, &parts.state, sample.as_of), subject.rules()),
        "")
        << sample.story();
  }
}

TEST(PropertyMerge, PartsMadeAtDifferentTimesAreTheWholeInTheEnd) {
  Random random(12);
  for (int i = 0; i < 2500; ++i) {
    Sample sample(random);
    Subject& subject = sample.subject;
    const auto some_time = [&](std::size_t) {
      return sample.as_of - random.between(0, 20 * 24) * 3600 * kSecond;
    };
    const Part parts = merged(random, subject, split(random, sample, some_time));
    const reference::Result expected =
        reference::score(subject.rules(), sample.lead, sample.history, sample.as_of);
    ASSERT_EQ(
        difference_from(expected, subject.score(sample.lead, &parts.state, sample.as_of), subject.rules()),
        "")
        << sample.story();
  }
}

TEST(PropertyMerge, OrderOfArrivalDoesNotShow) {
  Random random(13);
  for (int i = 0; i < 800; ++i) {
    Sample sample(random, 150);
    Part one, other;
    one.state = sample.subject.engage(*one.arena, sample.history, sample.as_of);
    for (std::size_t k = sample.history.size(); k > 1; --k) {
      std::swap(sample.history[k - 1], sample.history[random.below(k)]);
    }
    other.state = sample.subject.engage(*other.arena, sample.history, sample.as_of);
    ASSERT_EQ(difference_between(sample.subject, one.state, *one.arena, other.state, *other.arena), "")
        << sample.story();
  }
}

TEST(PropertyCodec, BytesComeBackAsTheyWere) {
  Random random(14);
  for (int i = 0; i < 2500; ++i) {
    Sample sample(random);
    Subject& subject = sample.subject;
    const Micros now = sample.as_of - static_cast<Micros>(random.below(3)) * 2 * kDay;
    Part made, again;
    made.state = subject.engage(*made.arena, sample.history, now);
    const Bytes bytes = subject.encoded(made.state, *made.arena);
    again.state = decode(bytes, *again.arena);
    ASSERT_NO_THROW(subject.plan().check_fits(again.state)) << sample.story();
    ASSERT_EQ(subject.encoded(again.state, *again.arena), bytes) << sample.story();
    // Nothing is lost either.
    ASSERT_EQ(difference_between(subject, made.state, *made.arena, again.state, *again.arena), "");
  }
}

TEST(PropertyCodec, CutOrDamagedBytesAreErrorsOrOtherStates) {
  Random random(15);
  for (int i = 0; i < 300; ++i) {
    Sample sample(random, 20);
    Part made;
    made.state = sample.subject.engage(*made.arena, sample.history, sample.as_of - 2 * kDay);
    const Bytes bytes = sample.subject.encoded(made.state, *made.arena);
    ScratchArena arena;
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_THROW(decode(std::span(bytes).first(size), arena), Error);
    }
    for (int k = 0; k < 200; ++k) {
      Bytes damaged = bytes;
      damaged[random.below(damaged.size())] ^= static_cast<std::uint8_t>(1U << random.below(8));
      try {
        Engagement state = decode(damaged, arena);
        sample.subject.plan().check_fits(state);
        sample.subject.score(sample.lead, &state, kEndOfTime - 1);
        const Bytes encoded = sample.subject.encoded(state, arena);
        Engagement again = decode(encoded, arena);
        ASSERT_EQ(sample.subject.encoded(again, arena), encoded);
      } catch (const Error& error) {
        const std::string code = error.code();
        ASSERT_TRUE(code == sqlstate::kInvalidBinary || code == sqlstate::kWrongState) << error.what();
      }
      arena.clear();
    }
  }
}

}  // namespace
}  // namespace leadscore
