// Random changes of what is valid.
#include "mutations.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace leadscore::mutation {
namespace {

/// What stands at the bounds of varints, signs and flags.
constexpr std::array<std::uint8_t, 9> kBounds{0x00, 0x01, 0x02, 0x1f, 0x20, 0x7f, 0x80, 0x81, 0xff};

void change(Random& random, Bytes& bytes, const Bytes& other) {
  if (bytes.empty()) {
    bytes = other;
    return;
  }
  const std::size_t at = random.below(bytes.size());
  const auto here = bytes.begin() + static_cast<std::ptrdiff_t>(at);
  const std::size_t length = 1 + random.below(std::min<std::size_t>(bytes.size() - at, 12));
  const auto end = here + static_cast<std::ptrdiff_t>(length);
  switch (random.below(9)) {
    case 0:
      *here ^= static_cast<std::uint8_t>(1U << random.below(8));
      return;
    case 1:
      *here = random.pick(kBounds);
      return;
    case 2:
      bytes.insert(here, random.pick(kBounds));
      return;
    case 3:
      bytes.erase(here, end);
      return;
    case 4: {
      const Bytes piece(here, end);
      bytes.insert(here, piece.begin(), piece.end());
      return;
    }
    case 5:
      bytes.resize(at);
      return;
    case 6:  // a number that goes on and on
      bytes.insert(here, 1 + random.below(10), 0xff);
      return;
    case 7:
      std::fill(here, end, random.pick(kBounds));
      return;
    default: {
      if (other.empty()) return;
      const std::size_t from = random.below(other.size());
      const std::size_t most = std::min<std::size_t>(other.size() - from, 40);
      const auto piece = other.begin() + static_cast<std::ptrdiff_t>(from);
      bytes.erase(here, end);
      bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), piece,
                   piece + static_cast<std::ptrdiff_t>(1 + random.below(most)));
    }
  }
}

void collect(Json& json, std::vector<Json*>& nodes) {
  nodes.push_back(&json);
  for (Json& item : json.items) collect(item, nodes);
  for (auto& member : json.members) collect(member.second, nodes);
}

/// Values that a rule set seldom has where they come to stand.
Json some_value(Random& random) {
  static constexpr std::array<std::string_view, 32> kTexts{
      "null",
      "true",
      "-1",
      "0",
      "1e300",
      "-1e-300",
      "9007199254740993",
      R"("")",
      R"("@x")",
      R"("*")",
      R"("a*")",
      R"("(a|b)*")",
      R"("[")",
      R"("\u00e9\ud83d\ude00")",
      "[]",
      "[1]",
      R"(["a"])",
      "[null]",
      "[[[]]]",
      "{}",
      R"({"a": 1})",
      "[{}]",
      R"("1 day")",
      R"("0 days")",
      R"("9e9 days")",
      R"("+18:00")",
      R"({"gte": 5, "lt": 1})",
      R"({"matches": "(x+x+)+y"})",
      R"({"words": "a b*"})",
      R"({"within": "30 days"})",
      R"({"not": {"all": []}})",
      R"({"any": [{"a": 1}, {"b": {"is_null": true}}]})"};
  return parse_json(random.pick(kTexts));
}

void change(Random& random, Json& root, Json& other) {
  std::vector<Json*> nodes;
  collect(root, nodes);
  Json& node = *nodes[random.below(nodes.size())];
  const auto replace_by_other = [&] {
    std::vector<Json*> donors;
    collect(other, donors);
    Json copy = *donors[random.below(donors.size())];
    node = std::move(copy);
  };
  if (random.chance(30)) return replace_by_other();
  if (!node.members.empty()) {
    const std::size_t i = random.below(node.members.size());
    switch (random.below(4)) {
      case 0:
        node.members.erase(node.members.begin() + static_cast<std::ptrdiff_t>(i));
        return;
      case 1: {
        auto member = node.members[i];
        node.members.push_back(std::move(member));
        return;
      }
      case 2:
        node.members[i].first = node.members[random.below(node.members.size())].first;
        return;
      default:
        node.members[i].second = some_value(random);
        return;
    }
  }
  if (!node.items.empty()) {
    const std::size_t i = random.below(node.items.size());
    Json item = node.items[i];
    switch (random.below(4)) {
      case 0:
        node.items.erase(node.items.begin() + static_cast<std::ptrdiff_t>(i));
        return;
      case 1:
        node.items.push_back(std::move(item));
        return;
      case 2:
        node.items.resize(node.items.size() + 1 + random.below(random.chance(5) ? 3000 : 20), item);
        return;
      default:
        node.items[i] = some_value(random);
        return;
    }
  }
  if (random.chance(10)) {  // as deep as it may be, or deeper
    for (std::size_t depth = random.below(40); depth > 0; --depth) {
      Json outer = parse_json("{}");
      outer.members.emplace_back(random.chance(50) ? "not" : "all", node);
      node = std::move(outer);
    }
    return;
  }
  node = some_value(random);
}

}  // namespace

Bytes changed(Random& random, Bytes bytes, const Bytes& other) {
  for (std::size_t n = 1 + random.below(4); n > 0; --n) change(random, bytes, other);
  return bytes;
}

std::string changed_json(Random& random, const std::string& text, const std::string& other) {
  Json root = parse_json(text);
  Json donor = parse_json(other);
  for (std::size_t n = 1 + random.below(3); n > 0; --n) change(random, root, donor);
  return compact_json(root);
}

}  // namespace leadscore::mutation
