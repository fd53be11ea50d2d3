#include "statements.hpp"

#include <algorithm>
#include <array>

namespace {

using std::string;

constexpr int kLeads = 9;
constexpr int kActivityIds = 60;
constexpr std::string_view kColumns = "(lead, kind, at, url, amount, note)";
constexpr std::string_view kColumnsWithId = "(id, lead, kind, at, url, amount, note)";
constexpr std::string_view kLeadColumns = "(id, name, employees, country, company_id, deleted)";

string operator+(const string& a, std::string_view b) { return string(a).append(b); }

}  // namespace

Statements::Statements(std::uint64_t seed, std::vector<string> levels)
    : random_(seed), levels_(std::move(levels)) {
  if (levels_.empty()) levels_ = {"read committed", "repeatable read", "serializable"};
}

// Values

string Statements::pick(std::initializer_list<std::string_view> choices) {
  return string(*(choices.begin() + number(choices.size())));
}

string Statements::number_text(int from, int to) {
  return std::to_string(from + static_cast<int>(number(static_cast<std::uint64_t>(to - from + 1))));
}

string Statements::key() { return number_text(1, kLeads); }

string Statements::keys() {
  string text = key();
  for (std::uint64_t more = number(3); more > 0; --more) text += ", " + key();
  return text;
}

string Statements::kind() {
  return pick({"'open'", "'open'", "'click'", "'page'", "'rfq'", "'deal'", "'other'", "NULL"});
}

string Statements::at() {
  switch (number(6)) {
    case 0:
      return "now()";
    case 1:
      return "clock_timestamp()";
    case 2:
      return "now() + interval '" + number_text(1, 3000) + " milliseconds'";
    case 3:
      return "timestamptz '2026-01-0" + number_text(1, 9) + " 10:00Z'";
    case 4:
      return "now() - interval '" + number_text(0, 90) + " seconds'";
    default:
      return "now() - interval '" + number_text(0, 60000) + " minutes'";
  }
}

string Statements::amount() { return pick({"NULL::float8", "1", "99.5", "150", "-20"}); }

string Statements::source() { return pick({"crm.activity", "crm.activity", "crm.event"}); }

string Statements::condition() {
  switch (number(4)) {
    case 0:
      return "kind = " + pick({"'open'", "'click'", "'page'", "'rfq'", "'deal'"}) + " AND lead = " + key();
    case 1:
      return "lead IN (" + keys() + ") AND random() < 0.3";
    case 2:
      return "random() < 0.05";
    default:
      return "lead = " + key();
  }
}

string Statements::row(bool with_id) {
  return "(" + (with_id ? number_text(1, kActivityIds) + ", " : string()) + key() + ", " + kind() + ", " +
         at() + ", " + pick({"'/price/1'", "'/price/2'", "'/about'", "NULL"}) + ", " + amount() + ", " +
         pick({"NULL", "'spam'", "'x'"}) + ")";
}

string Statements::rows(int most, bool with_id) {
  string text = row(with_id);
  for (std::uint64_t more = number(static_cast<std::uint64_t>(most)); more > 0; --more)
    text += ", " + row(with_id);
  return text;
}

string Statements::lead_row() {
  return "(" + key() + ", " + pick({"'Anna'", "'Bo'"}) + ", " + pick({"5", "50", "5000"}) + ", " +
         pick({"'NL'", "'RO'", "'XX'"}) + ", " + number_text(1, 3) + ", " + pick({"true", "false", "false"}) +
         ")";
}

// Activities

string Statements::insert() { return "INSERT INTO " + source() + " " + kColumns + " VALUES " + rows(4); }

string Statements::insert_many() {
  return "INSERT INTO " + source() + " " + kColumns + " SELECT 1 + g % " + number_text(1, kLeads) +
         ", (ARRAY['open', 'click', 'page', 'rfq', 'none'])[1 + g % 5], now() - g * interval '1 minute', "
         "'/price/' || g % 7, "
         "g, 'many' FROM generate_series(1, " +
         pick({"5", "30", "600"}) + ") g";
}

string Statements::insert_into_partition() {
  const string rest = ", " + at() + ", '/price/3', " + amount() + ", NULL)";
  switch (number(3)) {
    case 0:
      return "INSERT INTO crm.event_mail " + kColumns + " VALUES (" + key() + ", 'open'" + rest + ", (" +
             key() + ", 'click'" + rest;
    case 1:
      return "INSERT INTO crm.event_page " + kColumns + " VALUES (" + key() + ", 'page'" + rest;
    default:
      return "INSERT INTO crm.event_rest " + kColumns + " VALUES (" + key() + ", 'deal'" + rest;
  }
}

string Statements::upsert() {
  return "INSERT INTO crm.activity AS a " + kColumnsWithId + " VALUES " + rows(4, true) +
         " ON CONFLICT (id) DO " +
         pick({"NOTHING", "UPDATE SET lead = excluded.lead, kind = excluded.kind",
               "UPDATE SET at = excluded.at, amount = excluded.amount",
               "UPDATE SET lead = excluded.lead WHERE a.kind = excluded.kind", "UPDATE SET note = 'seen'"});
}

string Statements::merge() {
  return "MERGE INTO crm.activity a USING (VALUES " + rows(4, true) + ") v " + kColumnsWithId +
         " ON a.id = v.id " +
         pick({"WHEN MATCHED AND a.kind = v.kind THEN DELETE WHEN MATCHED THEN UPDATE SET lead = v.lead",
               "WHEN MATCHED THEN UPDATE SET kind = v.kind, at = v.at", "WHEN MATCHED THEN DELETE"}) +
         " WHEN NOT MATCHED THEN INSERT " + kColumnsWithId +
         " VALUES (v.id, v.lead, v.kind, v.at, v.url, v.amount, v.note)";
}

/// Statements that do several things to the activities of a lead.
string Statements::move() {
  const string from = source();
  const string to = source();
  switch (number(4)) {
    case 0:
      return "WITH d AS (DELETE FROM " + from + " WHERE " + condition() +
             " RETURNING lead, kind, at, url, amount, note) INSERT INTO " + to + " " + kColumns +
             " SELECT lead, kind, at, url, amount, note FROM d";
    case 1:
      return "WITH u AS (UPDATE " + from + " SET lead = " + key() + " WHERE " + condition() +
             " RETURNING lead, kind, at, url, amount, note), i AS (INSERT INTO " + to + " " + kColumns +
             " SELECT lead, kind, at, url, amount, note FROM u RETURNING 1) SELECT count(*) FROM i";
    case 2:
      return "WITH i AS (INSERT INTO " + from + " " + kColumns + " VALUES " + rows(3) +
             " RETURNING 1) DELETE FROM " + to + " WHERE " + condition();
    default:
      return "WITH l AS (INSERT INTO crm.lead " + kLeadColumns + " VALUES " + lead_row() +
             " ON CONFLICT (id) DO UPDATE SET employees = excluded.employees RETURNING id) INSERT INTO " +
             from + " " + kColumns + " SELECT id, 'open', now(), NULL, NULL, NULL FROM l";
  }
}

string Statements::point_elsewhere() {
  return "UPDATE " + source() + " SET lead = " + key() + " WHERE " + condition();
}

string Statements::change_activity() {
  return "UPDATE " + source() + " SET " +
         pick({"kind = 'open'", "kind = 'page'", "at = at - interval '1 hour'", "amount = 7",
               "url = '/price/8'"}) +
         " WHERE " + condition();
}

string Statements::change_unrelated() {
  return "UPDATE " + source() +
         " SET note = CASE note WHEN 'x' THEN 'y' ELSE 'x' END WHERE note IS DISTINCT FROM 'spam' AND " +
         condition();
}

string Statements::remove() { return "DELETE FROM " + source() + " WHERE " + condition(); }

Statement Statements::copy() {
  string lines;
  for (std::uint64_t i = number(5); i > 0; --i) {
    lines += key() + "\t" + pick({"open", "page", "click", "\\N"}) + "\t2026-02-0" + number_text(1, 9) +
             " 00:00Z\t/price/4\t5\t\\N\n";
  }
  return {"COPY " + source() + " " + kColumns + " FROM STDIN", lines};
}

string Statements::insert_form() {
  return "INSERT INTO crm.form " + kColumns + " VALUES (" + key() + ", 'rfq', " + at() +
         ", NULL, NULL, NULL)";
}

string Statements::write_form() {
  return pick({"DELETE FROM crm.form WHERE lead = ", "UPDATE crm.form SET lead = 1 WHERE lead = ",
               "UPDATE crm.form SET kind = 'open' WHERE lead = "}) +
         key();
}

string Statements::write_partition() {
  const string partition = pick({"crm.event_mail", "crm.event_page", "crm.event_rest"});
  if (one_in(2)) return "DELETE FROM " + partition + " WHERE " + condition();
  return "UPDATE " + partition + " SET lead = " + key() + " WHERE " + condition();
}

// Leads and what they hang together with

string Statements::insert_lead() {
  return "INSERT INTO crm.lead " + kLeadColumns + " VALUES " + lead_row() +
         pick({"", " ON CONFLICT DO NOTHING",
               " ON CONFLICT (id) DO UPDATE SET employees = excluded.employees, deleted = excluded.deleted"});
}

string Statements::update_lead() {
  return "UPDATE crm.lead SET " +
         pick({"employees = 5", "employees = 700", "country = 'NL'", "country = 'XX'",
               "deleted = NOT deleted", "company_id = 1", "company_id = 2", "note = 'n'", "name = name"}) +
         (one_in(8) ? string() : " WHERE id IN (" + keys() + ")");
}

string Statements::delete_lead() { return "DELETE FROM crm.lead WHERE id IN (" + key() + ", " + key() + ")"; }

string Statements::rekey_lead() { return "UPDATE crm.lead SET id = " + key() + " WHERE id = " + key(); }

string Statements::merge_leads() {
  return "MERGE INTO crm.lead l USING (VALUES " + lead_row() + ", " + lead_row() + ") v " + kLeadColumns +
         " ON l.id = v.id WHEN MATCHED AND v.deleted THEN DELETE WHEN MATCHED THEN UPDATE SET employees = "
         "v.employees "
         "WHEN NOT MATCHED THEN INSERT " +
         kLeadColumns + " VALUES (v.id, v.name, v.employees, v.country, v.company_id, v.deleted)";
}

string Statements::visitor() {
  const string name = "'v" + number_text(1, 5) + "'";
  switch (number(4)) {
    case 0:
      return "DELETE FROM crm.visitor WHERE visitor = " + name;
    case 1:
      return "UPDATE crm.visitor SET lead = " + key() + " WHERE visitor = " + name;
    default:
      return "INSERT INTO crm.visitor (visitor, lead) VALUES (" + name + ", " + key() +
             ") ON CONFLICT (visitor) DO UPDATE SET lead = excluded.lead";
  }
}

string Statements::visit() {
  const string name = "'v" + number_text(1, 5) + "'";
  switch (number(5)) {
    case 0:
      return "DELETE FROM crm.visit WHERE visitor = " + name;
    case 1:
      return "UPDATE crm.visit SET visitor = 'v" + number_text(1, 5) + "' WHERE visitor = " + name;
    default:
      return "INSERT INTO crm.visit (visitor, at, url) VALUES (" + name + ", " + at() + ", '/a/" +
             number_text(1, 9) + "')";
  }
}

string Statements::company() {
  const string id = number_text(1, 3);
  switch (number(3)) {
    case 0:
      return "DELETE FROM crm.company WHERE id = " + id;
    case 1:
      return "UPDATE crm.company SET industry = " + pick({"'Energy'", "'Food'", "NULL"}) +
             " WHERE id = " + id;
    default:
      return "INSERT INTO crm.company (id, size, industry) VALUES (" + id + ", " + pick({"5", "50"}) +
             ", 'Energy') ON CONFLICT (id) DO UPDATE SET size = excluded.size";
  }
}

string Statements::truncate() {
  return "TRUNCATE " + pick({"crm.activity", "crm.event", "crm.event_page", "crm.visit", "crm.form",
                             "crm.activity, crm.event", "crm.lead CASCADE", "crm.visitor"});
}

// Transactions

Statement Statements::any() {
  struct Choice {
    int weight;
    string (Statements::*make)();
  };
  static constexpr std::array choices = {Choice{22, &Statements::insert},
                                         Choice{4, &Statements::insert_many},
                                         Choice{6, &Statements::insert_into_partition},
                                         Choice{9, &Statements::upsert},
                                         Choice{6, &Statements::merge},
                                         Choice{7, &Statements::move},
                                         Choice{8, &Statements::point_elsewhere},
                                         Choice{6, &Statements::change_activity},
                                         Choice{3, &Statements::change_unrelated},
                                         Choice{10, &Statements::remove},
                                         Choice{4, &Statements::insert_form},
                                         Choice{2, &Statements::write_form},
                                         Choice{4, &Statements::write_partition},
                                         Choice{9, &Statements::insert_lead},
                                         Choice{8, &Statements::update_lead},
                                         Choice{5, &Statements::delete_lead},
                                         Choice{2, &Statements::rekey_lead},
                                         Choice{2, &Statements::merge_leads},
                                         Choice{4, &Statements::visitor},
                                         Choice{7, &Statements::visit},
                                         Choice{2, &Statements::company}};
  if (one_in(30)) return copy();
  if (one_in(250)) return {truncate()};
  static const int total = [] {
    int sum = 0;
    for (const Choice& choice : choices) sum += choice.weight;
    return sum;
  }();
  int at = static_cast<int>(number(static_cast<std::uint64_t>(total)));
  for (const Choice& choice : choices) {
    if (at < choice.weight) return {(this->*choice.make)()};
    at -= choice.weight;
  }
  return {insert()};
}

/// Of each model these fire one trigger that touches leads. Statements that fire several (upserts of more
/// than one row, MERGE, WITH, foreign keys that cascade, TRUNCATE of several tables) are like several
/// statements.
Statement Statements::any_single() {
  switch (number(20)) {
    case 0:
    case 1:
      return {remove()};
    case 2:
    case 3:
      return {point_elsewhere()};
    case 4:
      return {change_activity()};
    case 5:
      return {insert_lead()};
    case 6:
      return {update_lead()};
    case 7:
      return copy();
    case 8:
      return {insert_into_partition()};
    case 9:
      return {write_partition()};
    case 10:
      return {one_in(2) ? visitor() : company()};
    case 11:
      return {visit()};
    case 12:
      return {one_in(2) ? insert_form() : write_form()};
    case 13:
      return {insert_many()};
    default:
      return {insert()};
  }
}

/// Two leads turn out to be one.
void Statements::append_duplicates(Transaction& transaction) {
  const string keep = key();
  const string gone = key();
  std::vector<Statement> parts = {
      {"UPDATE crm.activity SET lead = " + keep + " WHERE lead = " + gone},
      {"UPDATE crm.event SET lead = " + keep + " WHERE lead = " + gone},
      {"UPDATE crm.form SET lead = " + keep + " WHERE lead = " + gone},
      {"UPDATE crm.visitor SET lead = " + keep + " WHERE lead = " + gone},
      {"DELETE FROM crm.lead WHERE id = " + gone + " AND id <> " + keep},
  };
  std::shuffle(parts.begin(), parts.end(), random_);
  transaction.insert(transaction.end(), parts.begin(), parts.end());
}

Transaction Statements::next(bool single) {
  Transaction made = {{"SET default_transaction_isolation = '" + level() + "'"}};
  if (single) {
    made.push_back(any_single());
    return made;
  }
  if (!one_in(3)) {
    for (std::uint64_t i = 1 + number(5); i > 0; --i) made.push_back(any());
    return made;
  }
  made = {{"BEGIN ISOLATION LEVEL " + level()}};
  // A snapshot of before what the others do next.
  if (one_in(3)) made.push_back({"SELECT count(*) FROM crm.lead"});
  if (one_in(6)) {
    append_duplicates(made);
  } else {
    for (std::uint64_t i = 1 + number(4); i > 0; --i) {
      if (one_in(5)) {
        made.push_back({"SAVEPOINT s"});
        for (std::uint64_t j = 1 + number(2); j > 0; --j) made.push_back(any());
        made.push_back({one_in(2) ? "ROLLBACK TO s" : "RELEASE s"});
      } else {
        made.push_back(any());
      }
      if (one_in(12)) made.push_back({"SELECT pg_sleep(0.02)"});
    }
  }
  made.push_back({one_in(6) ? "ROLLBACK" : "COMMIT"});
  return made;
}

Transaction Statements::next_of_publisher() {
  const string model = pick({"plain", "fading", "deeds", "view", "ledger"});
  switch (number(6)) {
    case 0:
      return {{"CALL leadscore.rescore('" + model + "', batch => " + pick({"1", "2", "100"}) + ")"}};
    case 1:
      if (model == "view" || model == "deeds") break;
      return {{"SELECT leadscore.publish('" + model +
               "', (SELECT rules::leadscore.ruleset FROM expected.rules WHERE name = '" +
               (model == "ledger" ? pick({"ledger", "ledger more"})
                                  : pick({"plain", "plain points", "fading", "fading points"})) +
               "'), note => 'random', rebuild => '" + pick({"now", "later"}) + "')"}};
    default:
      break;
  }
  return {{"SELECT leadscore.tick('" + model + "')"}};
}

Transaction Statements::next_of_maker() {
  const string rules = "(SELECT rules::leadscore.ruleset FROM expected.rules WHERE name = '" +
                       pick({"plain", "plain points", "fading", "fading points"}) + "')";
  const Statement make = {"SELECT leadscore.create_model('extra', " + rules +
                          ", 'crm.lead', filter => 'NOT deleted')"};
  const auto add = [](std::string_view source) {
    return Statement{string("SELECT leadscore.add_activity('extra', 'crm.") + source +
                     "', 'lead', 'kind', at => 'at')"};
  };
  switch (number(10)) {
    case 0:
      return {{"SELECT leadscore.drop_model('extra')"}};
    case 1:
    case 2:
      return {{"BEGIN"}, make, add("activity"), add("event"), {"COMMIT"}};
    case 3:
      return {make};
    case 4:
      // It moves tiers without transitions; those after the summary of a publish begin anew.
      return {{"BEGIN"},
              add(pick({"activity", "event", "form"})),
              {"SELECT leadscore.publish('extra', " + rules + ")"},
              {"COMMIT"}};
    case 5:
      return {
          {"SELECT leadscore.remove_activity('extra', 'crm." + pick({"activity", "event", "form"}) + "')"}};
    case 6:
      return {{"SELECT leadscore.rebind('extra')"}};
    case 7:
      return {{"CALL leadscore.rescore('extra', batch => " + pick({"1", "3", "100"}) + ")"}};
    default:
      return {
          {"SELECT leadscore.publish('extra', " + rules + ", rebuild => '" + pick({"now", "later"}) + "')"}};
  }
}
