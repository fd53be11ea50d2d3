// draft_rules: asks a table about its columns, and has a first rule set made of the answers.
#include "core/draft.hpp"

#include "core/parse.hpp"
#include "pg/acting.hpp"
#include "pg/activity_source.hpp"
#include "pg/arguments.hpp"
#include "pg/encoding.hpp"
#include "pg/guard.hpp"
#include "pg/model_sql.hpp"
#include "pg/ruleset_cache.hpp"
#include "pg/statement.hpp"

namespace leadscore {
namespace {

enum Argument { kRelation, kOutcome, kOptions };

/// Characters of a value that are looked at: a map has none of more than 200 bytes.
constexpr int kMostRead = 201;
/// Values of a column that are looked at one by one, and kinds of activities.
constexpr int kMostLevels = 1000, kMostKinds = 40;

/// What belongs to the call, and goes with it.
struct DraftCall {
  DraftOptions options;
  std::unique_ptr<Draft> draft;
  Column column;
  KindOfActivity kind;
  Json ruleset;
  std::string text;
};

/// The table, and the expressions over its rows. In the memory of the call.
struct Subject {
  Oid relation;
  const char* from;   ///< "schema.table AS alias"
  const char* alias;  ///< quoted
  const char* won;    ///< an expression
  const char* as_of;  ///< another, of type timestamptz
};

/// "(expression)::timestamptz"; now() where there is none.
const char* as_of_text(Oid relation, const char* source) {
  if (source[0] == '\0') return "now()";
  const Expression as_of = parse_expression(relation, source, "as_of", NIL, Scope::row);
  const Oid type = getBaseType(as_of.type);
  if (type != TIMESTAMPTZOID && type != TIMESTAMPOID && type != DATEOID)
    ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
                    errmsg("as_of is of type %s, not timestamptz", format_type_be(as_of.type))));
  return psprintf("(%s)::timestamptz", as_of.text);
}

/// `SELECT value AS v, won`, a row for each lead with an outcome.
const char* leads(const Subject& subject, const char* value) {
  return psprintf("SELECT %s AS v, (%s) AS won FROM %s WHERE (%s) IS NOT NULL", value, subject.won,
                  subject.from, subject.won);
}

constexpr const char* kEnds = "count(*) FILTER (WHERE won) AS won, count(*) FILTER (WHERE NOT won) AS lost";

Ends ends_at(uint64 row, int number) {
  return {static_cast<std::uint64_t>(tuple_int8(row, number)),
          static_cast<std::uint64_t>(tuple_int8(row, number + 1))};
}

float8 real_at(uint64 row, int number) {
  bool is_null;
  const Datum value = tuple_value(row, number, &is_null);
  return is_null ? 0 : DatumGetFloat8(value);
}

/// The levels in SPI_tuptable: value, won, lost.
void take_levels(Column& column, uint64 rows) {
  for (uint64 row = 0; row < rows; ++row) {
    const char* const value = tuple_text(row, 1);
    const std::string_view utf8 = to_utf8(value);
    const Ends ends = ends_at(row, 2);
    guarded_change([&] { column.levels.push_back({std::string(utf8), ends}); });
  }
}

void ask_levels(const Subject& subject, Column& column, const char* value, const Ends& all) {
  const uint64 rows = read_tuples(
      psprintf("SELECT left(value, %d), won, lost, (sum(won) OVER ())::bigint, (sum(lost) OVER "
               "())::bigint, count(*) OVER () "
               "FROM (SELECT v AS value, %s FROM (%s) l WHERE v IS NOT NULL GROUP BY v) g "
               "ORDER BY won + lost DESC, value LIMIT %d",
               kMostRead, kEnds, leads(subject, psprintf("(%s)::text COLLATE \"C\"", value)), kMostLevels),
      {}, nullptr);
  take_levels(column, rows);
  const Ends filled = rows > 0 ? ends_at(0, 4) : Ends{};
  column.distinct = rows > 0 ? static_cast<std::uint64_t>(tuple_int8(0, 6)) : 0;
  column.missing = {all.positives - filled.positives, all.negatives - filled.negatives};
  column.others = filled;
  for (const Level& level : column.levels) {
    column.others.positives -= level.ends.positives;
    column.others.negatives -= level.ends.negatives;
  }
}

void ask_classes(const Subject& subject, Column& column, const char* value) {
  guarded([&] { column.levels.clear(); });
  const uint64 rows = read_tuples(
      psprintf(
          "SELECT value, won, lost FROM (SELECT coalesce((leadscore.segments(%s::leadscore.ruleset, l))[1], "
          "'other') AS value, %s FROM (%s) l WHERE v IS NOT NULL GROUP BY 1) g "
          "ORDER BY array_position(ARRAY['disposable', 'freemail', 'education', 'role'], value)",
          quote_literal_cstr(kAddressClasses), kEnds, leads(subject, psprintf("(%s)::text", value))),
      {}, nullptr);
  take_levels(column, rows);
  column.kind = Column::Kind::address;
  column.others = {};
}

/// Numbers are looked at in 256 groups of equal size, in which a number that many have is a group of its own.
/// Infinite ones belong to the first or the last group, as they do to a band; NaN is none.
void ask_spans(const Subject& subject, Column& column, const char* number, const Ends& all) {
  const uint64 rows =
      read_tuples(psprintf("WITH l AS MATERIALIZED (SELECT CASE WHEN v <> 'NaN' THEN v END AS v, "
                           "abs(v) = 'Infinity' AS endless, won FROM (%s) l), "
                           "q AS (SELECT unnest(percentile_disc(ARRAY(SELECT i / "
                           "256.0::float8 FROM generate_series(1, 255) i)) "
                           "WITHIN GROUP (ORDER BY v)) AS bound FROM l WHERE NOT endless), "
                           "b AS (SELECT array_agg(bound ORDER BY bound) AS bounds, "
                           "array_agg(bound) FILTER (WHERE n > 1) AS heavy "
                           "FROM (SELECT bound, count(*) AS n FROM q GROUP BY bound) g) "
                           "SELECT min(v), max(v), %s FROM l, b WHERE v IS NOT NULL "
                           "GROUP BY width_bucket(v, bounds), v = ANY (heavy), endless ORDER BY 1",
                           leads(subject, number), kEnds),
                  {}, nullptr);
  column.missing = all;
  Ends lowest, highest;
  for (uint64 row = 0; row < rows; ++row) {
    const Span span{real_at(row, 1), real_at(row, 2), ends_at(row, 3)};
    if (std::isinf(span.least)) {
      (span.least < 0 ? lowest : highest) += span.ends;
      continue;
    }
    column.missing.positives -= span.ends.positives;
    column.missing.negatives -= span.ends.negatives;
    guarded_change([&] { column.spans.push_back(span); });
  }
  if (column.spans.empty()) return;
  column.spans.front().ends += lowest;
  column.spans.back().ends += highest;
  column.missing.positives -= lowest.positives + highest.positives;
  column.missing.negatives -= lowest.negatives + highest.negatives;
}

/// Is the column, by itself, a key of the table, or does it refer to another one? Where nothing is declared
/// names tell: id, company_id, companyId.
bool identifies(Oid relation, AttrNumber number, const char* name) {
  const std::size_t length = std::strlen(name);
  if (pg_strcasecmp(name, "id") == 0 || (length > 3 && std::strcmp(name + length - 3, "_id") == 0) ||
      (length > 2 && std::strcmp(name + length - 2, "Id") == 0))
    return true;
  const Parameter parameters[] = {{OIDOID, ObjectIdGetDatum(relation)}, {INT2OID, Int16GetDatum(number)}};
  return read_tuples(
             "SELECT FROM pg_catalog.pg_index WHERE indrelid = $1 AND indisunique AND indnatts = 1 AND "
             "indkey[0] = $2 "
             "UNION ALL SELECT FROM pg_catalog.pg_constraint WHERE conrelid = $1 AND contype = 'f' AND "
             "conkey = ARRAY[$2]",
             parameters, nullptr) > 0;
}

bool is_number(Oid type) {
  return type == INT2OID || type == INT4OID || type == INT8OID || type == FLOAT4OID || type == FLOAT8OID ||
         type == NUMERICOID;
}

/// Asks about one column and hands the answer to the draft.
void ask(const Subject& subject, DraftCall& call, Form_pg_attribute attribute, const Ends& all) {
  const char* const name = pstrdup(NameStr(attribute->attname));
  const std::string_view utf8 = to_utf8(name);
  const Oid type = getBaseType(attribute->atttypid);
  const char* const value = psprintf("%s.%s", subject.alias, quote_identifier(name));
  char category;
  bool preferred;
  get_type_category_preferred(type, &category, &preferred);
  bool is_left_out = false;
  guarded([&] {
    call.column = Column();
    call.column.name = utf8;
    is_left_out = call.draft->leaves_out(utf8);
  });
  const bool is_key = !is_left_out && identifies(subject.relation, attribute->attnum, name);
  call.column.is_key = is_key;
  Column& column = call.column;
  const char* unfit = nullptr;
  if (is_left_out || is_key) {
    // The draft says so.
  } else if (category == TYPCATEGORY_BOOLEAN) {
    column.kind = Column::Kind::boolean;
    ask_levels(subject, column, value, all);
  } else if (category == TYPCATEGORY_STRING || category == TYPCATEGORY_ENUM) {
    ask_levels(subject, column, value, all);
    bool addresses = false;
    guarded([&] { addresses = looks_like_addresses(column.levels); });
    if (addresses) ask_classes(subject, column, value);
  } else if (is_number(type)) {
    column.kind = Column::Kind::number;
    // A numeric that is too large for float8 is as good as infinite.
    const char* const real =
        type == NUMERICOID
            ? psprintf(
                  "(CASE WHEN %s <> 'NaN' AND %s >= 1e308 THEN 'Infinity' WHEN %s <= -1e308 THEN "
                  "'-Infinity' ELSE %s END)::float8",
                  value, value, value, value)
            : psprintf("(%s)::float8", value);
    ask_spans(subject, column, real, all);
  } else if (type == DATEOID || type == TIMESTAMPOID || type == TIMESTAMPTZOID) {
    column.kind = Column::Kind::age;
    // Dates reach further than timestamps do. What has no end is younger than any age, without a beginning
    // older.
    const char* const last = type == DATEOID ? "294276-01-01" : "infinity";
    ask_spans(
        subject, column,
        psprintf(
            "CASE WHEN isfinite(%s) THEN CASE WHEN %s >= '%s' THEN '-Infinity'::float8 WHEN %s = '-infinity' "
            "THEN 'Infinity' ELSE floor(extract(epoch FROM %s - (%s)::timestamptz) / 86400)::float8 END END",
            subject.as_of, value, last, value, subject.as_of, value),
        all);
  } else {
    unfit = psprintf("it is of type %s", format_type_be(type));
  }
  guarded_change([&] {
    if (unfit != nullptr) {
      call.draft->leave_out(column.name, unfit);
    } else {
      call.draft->add(column);
    }
  });
}

/// Are those that are to be left out among them?
void check_columns(const DraftCall& call, TupleDesc desc) {
  auto* const names =
      static_cast<std::string_view*>(palloc(sizeof(std::string_view) * static_cast<Size>(desc->natts + 1)));
  std::size_t count = 0;
  for (int i = 0; i < desc->natts; ++i) {
    const Form_pg_attribute attribute = TupleDescAttr(desc, i);
    if (!attribute->attisdropped) names[count++] = to_utf8(NameStr(attribute->attname));
  }
  guarded([&] { check_leave_out(call.options, {names, count}); });
}

void ask_activity(const Subject& subject, DraftCall& call, const ActivitySource& source) {
  StringInfoData query;
  initStringInfo(&query);
  appendStringInfo(
      &query,
      "WITH l AS MATERIALIZED (SELECT (%s)::text AS key, (%s) AS won, %s AS as_of FROM %s WHERE (%s) IS NOT "
      "NULL), "
      "k AS (SELECT lower(a.kind COLLATE \"default\") AS folded, min(a.kind COLLATE \"C\") AS kind, l.key, "
      "l.won, min(l.as_of - a.at) AS age FROM l JOIN (SELECT (%s)::text AS key, "
      "(%s)::text AS kind, (%s)::timestamptz AS at FROM %s AS %s) a ON a.key = l.key "
      "WHERE a.at <= l.as_of AND isfinite(a.at) AND isfinite(l.as_of) AND a.kind IS NOT NULL GROUP BY 1, 3, "
      "4) SELECT min(kind)",
      source.key, subject.won, subject.as_of, subject.from, subject.won, source.lead_key, source.kind,
      source.at, relation_name(source.relation), source.alias);
  for (const int days : kWindowDays) {
    appendStringInfo(
        &query,
        ", count(*) FILTER (WHERE won AND age < '%d days'), count(*) FILTER (WHERE NOT won AND age < '%d "
        "days')",
        days, days);
  }
  appendStringInfo(&query, " FROM k GROUP BY folded ORDER BY count(*) DESC, min(kind) LIMIT %d", kMostKinds);
  const uint64 rows = read_tuples(query.data, {}, nullptr);
  for (uint64 row = 0; row < rows; ++row) {
    const std::string_view utf8 = to_utf8(tuple_text(row, 1));
    Ends within[kWindows];
    for (std::size_t w = 0; w < kWindows; ++w) within[w] = ends_at(row, 2 + 2 * static_cast<int>(w));
    guarded_change([&] {
      call.kind.kind = utf8;
      std::copy(std::begin(within), std::end(within), std::begin(call.kind.within));
      call.draft->add(call.kind);
    });
  }
}

/// The rule set so far as SQL passes it.
text* stored(DraftCall& call) {
  guarded([&] { call.text = pretty_json(call.ruleset); });
  text* const made = to_server_text(call.text);
  compile_ruleset({VARDATA_ANY(made), VARSIZE_ANY_EXHDR(made)}, nullptr);
  return made;
}

/// A tenth of the leads is hot, two tenths are warm, by their rows.
void ask_tiers(const Subject& subject, DraftCall& call) {
  const Parameter parameters[] = {rules_parameter(stored(call))};
  const uint64 rows = read_tuples(
      psprintf("SELECT q[1], q[2] FROM (SELECT percentile_disc(ARRAY[0.7, 0.9]) WITHIN GROUP (ORDER BY "
               "leadscore.total($1, %s.*, NULL, %s)) AS q FROM %s WHERE (%s) IS NOT NULL AND isfinite(%s)) t",
               subject.alias, subject.as_of, subject.from, subject.won, subject.as_of),
      parameters, nullptr);
  if (rows == 0) return;
  const float8 warm = real_at(0, 1), hot = real_at(0, 2);
  guarded_change([&] { add_tiers(call.ruleset, warm, hot); });
}

}  // namespace

/// draft_rules(relation, outcome, options) -> ruleset
LEADSCORE_FUNCTION(draft_rules) {
  if (PG_ARGISNULL(kRelation) || PG_ARGISNULL(kOutcome))
    ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
                    errmsg("%s must not be NULL", PG_ARGISNULL(kRelation) ? "relation" : "outcome")));
  DraftCall& call = call_state<DraftCall>(fcinfo);
  const std::string_view options = PG_ARGISNULL(kOptions) ? "{}" : json_text_of(PG_GETARG_JSONB_P(kOptions));
  guarded([&] {
    call.draft.reset();
    call.options = parse_draft_options(parse_json(options));
  });

  Subject subject{};
  subject.relation = PG_GETARG_OID(kRelation);
  check_relation(subject.relation);
  const char* const table = get_rel_name(subject.relation);
  subject.alias = quote_identifier(table);
  subject.from = psprintf("%s AS %s", relation_name(subject.relation), subject.alias);
  const Expression outcome = parse_expression(subject.relation, text_to_cstring(PG_GETARG_TEXT_PP(kOutcome)),
                                              "outcome", NIL, Scope::row);
  if (getBaseType(outcome.type) != BOOLOID)
    ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
                    errmsg("outcome is of type %s, not boolean", format_type_be(outcome.type)),
                    errhint("Write a condition, such as status = 'won'.")));
  subject.won = outcome.text;
  subject.as_of = as_of_text(subject.relation, to_server_copy(call.options.as_of));
  const ActivitySource activity = call.options.activity.source.empty()
                                      ? ActivitySource{}
                                      : read_source(subject.relation, subject.alias, call.options.activity);

  SPI_connect();
  const Acting before = fix_settings();
  (void)read_tuples(psprintf("SELECT %s FROM (%s) l", kEnds, leads(subject, "NULL")), {}, nullptr);
  const Ends all = ends_at(0, 1);
  const std::string_view name = to_utf8(table);
  guarded([&] { call.draft = std::make_unique<Draft>(std::string(name), all, call.options); });

  const Relation opened = relation_open(subject.relation, AccessShareLock);
  const TupleDesc desc = CreateTupleDescCopy(RelationGetDescr(opened));
  relation_close(opened, NoLock);
  check_columns(call, desc);
  for (int i = 0; i < desc->natts; ++i) {
    if (!TupleDescAttr(desc, i)->attisdropped) ask(subject, call, TupleDescAttr(desc, i), all);
  }
  if (!call.options.activity.source.empty()) ask_activity(subject, call, activity);
  guarded_change([&] { call.ruleset = call.draft->finish(); });
  ask_tiers(subject, call);
  stop_acting(before);
  SPI_finish();
  PG_RETURN_TEXT_P(stored(call));
}

}  // namespace leadscore
