// SQL expressions that a user passes as text: read with the server's own grammar, checked for what a score
// may depend on, and put into a form that doesn't depend on the session.
#pragma once

#include "pg/hop.hpp"

namespace leadscore {

/// A SQL expression over a row of a relation, checked and in a form that means the same whoever runs it.
/// Texts are in the memory context that was current at the call.
struct Expression {
  /// As the server writes it, for search_path = pg_catalog, pg_temp and standard_conforming_strings = on:
  /// other names qualified, columns prefixed by the relation's name (without schema), which the query that it
  /// is put into must give the row as alias. Constants are written out: of the settings that literals are
  /// read with, only those of the session that passed the expression count. Nothing is left open in it, but
  /// put it in parentheses where more than a comma follows.
  char* text;
  Oid type;
  int32 typmod;
  Oid collation;
  bool reads_tables;   ///< has a subquery that reads a table
  const char* column;  ///< name of the column, where the expression is a plain column reference; else nullptr
  const Hop* hop = nullptr;  ///< where the expression is one
};

/// What an expression may read beside its own row.
enum class Scope : char {
  watched,  ///< watched tables, in subqueries
  row,      ///< nothing: there is no model yet that could watch tables
  /// Any table that the current user has the right to read (insufficient_privilege else): of what is
  /// evaluated whenever it is asked for, nothing is kept that could go stale.
  anywhere,
};

/// Reads `source`, one expression over a row of `relation` (its columns, bare or prefixed by its name; the
/// name alone is the whole row). `argument` is the name that errors call it by; `watched`, a list of Oids,
/// are the relations that subqueries may read. `alias`, not quoted: the name by which the text that is made
/// is to speak of the row, where it is not the relation's own.
///
/// Errors, all with the expression as context and the place in it as position:
/// - what the server's parser raises, unchanged: syntax, unknown columns and functions, types that don't fit;
/// - syntax_error: not exactly one expression;
/// - grouping_error, windowing_error, feature_not_supported: an aggregate, a window function, a function that
///   returns a set, outside of a subquery;
/// - invalid_object_definition: it calls a volatile function, reads the clock or the session (literals such
///   as timestamptz 'now' included), or samples a table;
/// - feature_not_supported: a subquery reads a table that is not watched, or locks rows; a system column is
///   read; or the server can't write the expression so that it means the same under the search_path above
///   (CASE x WHEN y, say, where = is found in another schema: SQL has no way to name the operator there).
///
/// Stable functions are taken at their word, and so are immutable ones. What depends on settings (casts
/// between text and timestamps) does so where the expression is run: TimeZone, DateStyle, IntervalStyle and
/// lc_monetary are to be fixed there. Whether anyone may read what it reads is not checked.
///
/// Takes an AccessShareLock on the relation and on what is read, to the end of the transaction. Sets
/// settings for a while, so it can't run in a parallel worker. May longjmp.
Expression parse_expression(Oid relation, const char* source, const char* argument, List* watched,
                            Scope scope = Scope::watched, const char* alias = nullptr);

/// The same for a query with one column, SELECT, VALUES, TABLE or WITH … SELECT, over a row of `relation`
/// that it refers to by the relation's name. The text is ARRAY(query), and the type (with typmod and
/// collation) is that of the array's elements; where the query gives arrays, SQL joins them, and it is that
/// of their elements. Any table may be read that the current user has the right to read;
/// insufficient_privilege else.
Expression parse_query(Oid relation, const char* source, const char* argument);

}  // namespace leadscore
