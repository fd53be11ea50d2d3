// The complete example of docs/ruleset-language.md.
#pragma once

#include <string_view>

namespace leadscore::test {

// clang-format off
inline constexpr std::string_view kExampleRuleset = R"json({
  "name": "industrial-b2b",
  "note": "Fit and engagement for the industrial sector; reviewed with sales each quarter",
  "range": {"min": 0, "max": 100},
  "decimals": 0,
  "ignore_accents": true,

  "lists": {
    "competitors": ["acme.com", "globex.io"],
    "served": ["ID", "NL", "RO", "FR", "DE"],
    "not_theirs": ["email_sent", "unsubscribe"]
  },

  "segments": {
    "decision_maker": {"title": {"words": ["chief", "vp", "director*", "head of", "directeur", "direktur"]}},
    "icp": {"all": [{"industry": ["Manufacturing", "Energy"]}, {"employees": {"gte": 50, "lt": 5000}}]}
  },

  "dimensions": [
    {"name": "fit", "min": -50, "max": 50,
     "grades": [{"name": "A", "at": 30}, {"name": "B", "at": 15}, {"name": "C"}],
     "rules": [
       {"id": "role", "cases": [
          {"when": {"segment": "decision_maker"}, "points": 20},
          {"when": {"title": {"words": ["manager", "buyer"]}}, "points": 10},
          {"when": {"title": {"words": ["student", "intern"]}}, "points": -15}]},
       {"id": "icp",      "when": {"segment": "icp"}, "points": 15},
       {"id": "size",     "field": "employees", "bands": [{"below": 10, "points": -10}, {"below": 500, "points": 5}, {"points": 15}], "missing": 0},
       {"id": "industry", "field": "industry", "map": {"Manufacturing": 10, "Retail": -10}, "else": 0},
       {"id": "outside",  "when": {"country": {"not_in": "@served"}}, "points": -20},
       {"id": "personal", "when": {"any": [{"email": {"domain": "@freemail"}}, {"email": {"domain": "@education"}}]}, "points": -15},
       {"id": "rival",    "when": {"email": {"domain": "@competitors"}}, "disqualify": true}
     ]},

    {"name": "engagement", "max": 80,
     "grades": [{"name": "1", "at": 50}, {"name": "2", "at": 20}, {"name": "3"}],
     "groups": {"email": {"max": 30}, "web": {"max": 40}},
     "idle": {"on": "*", "except": "@not_theirs", "after": "90 days", "every": "90 days", "keep": 0.7},
     "rules": [
       {"id": "open",    "group": "email", "on": "email_open",  "points": 1, "half_life": "30 days", "max_points": 10},
       {"id": "click",   "group": "email", "on": "email_click", "points": 3, "half_life": "30 days"},
       {"id": "opens5",  "group": "email", "on": "email_open", "distinct": "email_id", "count": {"gte": 5}, "points": 25},
       {"id": "page",    "group": "web",   "on": "page_view", "half_life": "14 days", "max_per_day": 5, "cases": [
          {"where": {"url": {"starts_with": "/pricing"}}, "points": 10},
          {"where": {"url": {"starts_with": "/product"}}, "points": 3},
          {"where": {"url": {"starts_with": "/careers"}}, "points": -10},
          {"points": 1}]},
       {"id": "visits",  "group": "web",   "on": "page_view", "distinct": "session_id", "within": "30 days", "count": {"gt": 2}, "points": 10},
       {"id": "asset",   "on": "download", "field": "asset", "map": {"calculator": 20, "old white paper": 2}, "else": 5, "within": "1 year"},
       {"id": "rfq",     "on": ["rfq", "consultation"], "points": 80, "within": "90 days", "max_events": 1, "promote_to": "SQL"},
       {"id": "recent",  "on": "*", "except": "@not_theirs", "recency": [{"within": "7 days", "points": 10}, {"within": "30 days", "points": 5}]},
       {"id": "silent",  "on": "*", "except": "@not_theirs", "idle": {"after": "60 days", "every": "30 days", "points": -5, "since": "created_at"}, "max_points": 25},
       {"id": "demo_dm", "on": "demo", "when": {"segment": "decision_maker"}, "points": 30},
       {"id": "goodbye", "on": "unsubscribe", "points": -40, "max_events": 1}
     ]}
  ],

  "tiers": [
    {"name": "SQL",  "at": 80, "dimensions": {"fit": 10}},
    {"name": "MQL",  "grade": ["A1", "A2", "B1"]},
    {"name": "MQL",  "at": 50},
    {"name": "warm", "at": 20},
    {"name": "cold"}
  ]
})json";
// clang-format on

}  // namespace leadscore::test
