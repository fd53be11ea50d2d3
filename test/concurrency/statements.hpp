// Random statements of client sessions, as the tables of schema.sql take them.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

/// One statement; where it is a COPY, with the rows.
struct Statement {
  std::string text;
  std::string rows{};
};

/// What a session does between BEGIN and COMMIT. A single statement stands for itself.
using Transaction = std::vector<Statement>;

class Statements {
 public:
  /// Of transactions at these isolation levels; at any of the three where none is named.
  explicit Statements(std::uint64_t seed, std::vector<std::string> levels = {});

  /// With `single`, of one statement that touches rows in the order of keys.
  Transaction next(bool single);
  /// Of someone who runs the models.
  Transaction next_of_publisher();
  /// Of someone who makes, changes and drops the model 'extra'.
  Transaction next_of_maker();

  std::uint64_t number(std::uint64_t below) { return random_() % below; }
  bool one_in(std::uint64_t n) { return number(n) == 0; }
  const std::string& level() { return levels_[number(levels_.size())]; }

 private:
  std::mt19937_64 random_;
  std::vector<std::string> levels_;

  std::string pick(std::initializer_list<std::string_view> choices);
  std::string number_text(int from, int to);
  std::string key();
  std::string keys();
  std::string kind();
  std::string at();
  std::string amount();
  std::string source();
  std::string condition();
  std::string row(bool with_id);
  std::string rows(int most, bool with_id = false);
  std::string lead_row();

  std::string insert();
  std::string insert_many();
  std::string insert_into_partition();
  std::string upsert();
  std::string merge();
  std::string move();
  std::string point_elsewhere();
  std::string change_activity();
  std::string change_unrelated();
  std::string remove();
  std::string insert_form();
  std::string write_form();
  std::string write_partition();
  std::string insert_lead();
  std::string update_lead();
  std::string delete_lead();
  std::string rekey_lead();
  std::string merge_leads();
  std::string visitor();
  std::string visit();
  std::string company();
  std::string truncate();
  Statement copy();

  Statement any();
  Statement any_single();
  void append_duplicates(Transaction& transaction);
};
