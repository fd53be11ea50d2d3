// A first rule set from what is known of a table's columns: which values they have, and how leads that have
// them ended.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/activity_options.hpp"
#include "core/binning.hpp"
#include "core/json.hpp"

namespace leadscore {

/// What may be asked of a draft.
struct DraftOptions {
  std::size_t max_rules = 60;
  std::vector<std::string> leave_out;  ///< columns
  std::string as_of;                   ///< SQL expression; empty: now
  ActivityOptions activity;
};

/// Reads {"max_rules": …, "leave_out": […], "as_of": "…", "activity": {"source": "…", "lead_key": "…", "key":
/// "…", "kind": "…", "at": "…"}}. Throws Error (22023) that names the first member that is wrong.
DraftOptions parse_draft_options(const Json& json);

/// A value that leads have, or a class that it belongs to, and how they ended.
struct Level {
  std::string value;
  Ends ends;
};

/// What is known of a column.
struct Column {
  enum class Kind : std::uint8_t {
    text,     ///< levels: the most frequent values
    boolean,  ///< levels: true and false
    number,   ///< spans
    age,      ///< spans of whole days before the time as of which leads are looked at
    address,  ///< levels: the classes freemail, disposable, education, role, other
  };
  std::string name;
  Kind kind = Kind::text;
  std::vector<Level> levels;
  std::vector<Span> spans;
  std::uint64_t distinct = 0;  ///< values there are
  Ends missing;                ///< leads without a value
  Ends others;                 ///< leads whose value is not among the levels
  bool is_key = false;         ///< one that refers to something
};

/// What leads have done of one kind: those who have within each of kWindows, and all who have.
inline constexpr std::size_t kWindows = 4;
inline constexpr int kWindowDays[kWindows] = {7, 30, 90, 365};
struct KindOfActivity {
  std::string kind;
  Ends within[kWindows];
};

/// Throws Error (22023) where a column that is to be left out is none of the table's: misspelt, one that
/// gives the outcome away would stay.
void check_leave_out(const DraftOptions& options, std::span<const std::string_view> columns);

class Draft {
 public:
  /// `name`: of the table. `all`: every lead with an outcome.
  Draft(std::string name, Ends all, DraftOptions options);

  /// What is too rare to be told apart: fewer leads than this are pooled.
  std::uint64_t rare() const noexcept;
  /// Is the column to be left out, as asked? Then nothing but its name need be known to add it.
  bool leaves_out(std::string_view column) const noexcept;
  void add(const Column& column);
  void add(const KindOfActivity& kind);
  /// A column that can't be made a rule of.
  void leave_out(std::string_view column, std::string_view why);

  /// The rule set; the rules that tell most come first. Throws Error (22023) where nothing is left to make a
  /// rule of, or no lead was won or none lost.
  Json finish();

 private:
  struct Drafted {
    Json rule;
    double value = 0;  ///< information value
    bool is_activity = false;
    std::string name;
  };
  bool is_telling(std::string_view name, const std::vector<Ends>& groups);
  void keep(Json rule, std::string_view name, const std::vector<Ends>& groups, bool is_activity);
  Json points_of(const Ends& group) const;
  std::string free_id(const std::string& wanted) const;
  void add_map(const Column& column);
  void add_bands(const Column& column);
  void add_ages(const Column& column);
  void add_classes(const Column& column);

  std::string name_;
  Ends all_;
  DraftOptions options_;
  std::vector<Drafted> rules_;
  std::vector<std::string> left_out_;  ///< "name (why)"
  std::vector<std::string> kinds_;     ///< those that were added, folded
};

/// Adds tiers: "hot" from one total on, "warm" from another, the rest "cold". Where they are the same there
/// is no "warm".
void add_tiers(Json& ruleset, double warm, double hot);

/// The classes of addresses, in the order in which they are tried, as a rule set with a segment for each; it
/// reads the field "v".
extern const char* const kAddressClasses;

/// Is what `values` have, most of them, an e-mail address?
bool looks_like_addresses(const std::vector<Level>& levels);

}  // namespace leadscore
