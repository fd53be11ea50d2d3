// Reads an object of the rule set member by member: what may be written, of which type, within which bounds.
// Whatever is wrong goes to the log; a getter then gives nothing, and reading goes on.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/node.hpp"
#include "core/problem_log.hpp"
#include "core/ruleset.hpp"

namespace leadscore {

/// Closed bounds of a number.
struct Interval {
  double min, max;
};
inline constexpr Interval kPointsInterval{-kMaxPoints, kMaxPoints};
inline constexpr Interval kAnyNumber{std::numeric_limits<double>::lowest(),
                                     std::numeric_limits<double>::max()};
inline constexpr Interval kFactor{0, 1};

enum class Need : std::uint8_t { optional, required };

// Values. nullopt: not one, and the log says so.

std::optional<double> read_number(const Node& node, ProblemLog& log, Interval interval);
std::optional<std::int64_t> read_whole(const Node& node, ProblemLog& log, std::int64_t min, std::int64_t max);
/// A duration of at least `least` microseconds: 0 or 1.
std::optional<Micros> read_duration(const Node& node, ProblemLog& log, Micros least = 1);
/// Text that is not blank.
std::optional<std::string> read_text(const Node& node, ProblemLog& log);
std::optional<bool> read_boolean(const Node& node, ProblemLog& log);
/// The name of a column or of a dotted path, without the leading dot that escapes it.
std::optional<std::string> read_field(const Node& node, ProblemLog& log);
/// `written` is a name where a field is meant; the problem is logged at `node`.
std::optional<std::string> read_field_name(std::string_view written, const Node& node, ProblemLog& log);

/// Says that a value should have been something else: "must be a number, not text".
void wrong_kind(const Node& node, ProblemLog& log, std::string_view expected, std::string hint = {});

/// Says so, unless it is an array.
bool is_array(const Node& node, ProblemLog& log, std::string_view expected = "an array");

/// Says so for each member that is written again.
void find_duplicates(const Node& object, ProblemLog& log);

class Reader {
 public:
  /// Says what is wrong with the object as a whole: not an object, unknown members (with the one that was
  /// meant), duplicates. `known` outlives the reader. "note", where known, is checked here.
  Reader(const Node& node, ProblemLog& log, std::span<const std::string_view> known);

  /// False where it isn't an object at all; then it has no members.
  bool is_object() const noexcept { return node_.is(Json::Kind::object); }
  const Node& node() const noexcept { return node_; }
  ProblemLog& log() const noexcept { return log_; }

  /// Written; or not, but some unknown member was probably meant to be this one, so that nothing need be said
  /// of its absence.
  bool wrote(std::string_view name) const noexcept;
  /// False, and said so, where it isn't written.
  bool require(std::string_view name) const;
  std::optional<Node> member(std::string_view name) const noexcept;
  /// Logs an error at each of these members that is written, and tells whether one was.
  bool refuse(std::span<const std::string_view> names, std::string_view problem,
              std::string_view hint = {}) const;

  std::optional<double> number(std::string_view name, Interval interval = kPointsInterval,
                               Need need = Need::optional) const;
  std::optional<std::int64_t> whole(std::string_view name, std::int64_t min, std::int64_t max) const;
  std::optional<Micros> duration(std::string_view name, Micros least = 1, Need need = Need::optional) const;
  std::optional<std::string> text(std::string_view name, Need need = Need::optional) const;
  std::optional<bool> boolean(std::string_view name) const;
  std::optional<std::string> field(std::string_view name, Need need = Need::optional) const;
  /// min and max, the one not above the other.
  Bounds bounds(Interval interval = kPointsInterval) const;

 private:
  bool is_known(std::string_view name) const noexcept;
  void find_unknown();

  const Node& node_;
  ProblemLog& log_;
  std::span<const std::string_view> known_;
  std::vector<std::string_view> meant_;  ///< known names that unknown members stand for
};

}  // namespace leadscore
