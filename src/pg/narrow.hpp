// What the planner's support functions have in common: a whole row as an argument, and the columns that can
// stand in for it. All may longjmp.
#pragma once

#include "pg/postgres.hpp"

namespace leadscore {

/// A function takes at most FUNC_MAX_ARGS arguments, so many of which may be columns.
inline constexpr int kMostColumns = FUNC_MAX_ARGS - 8;

/// The row type of a lead that can be narrowed, InvalidOid for any other: a whole-row reference to a
/// relation, or what the planner makes of one to a view. (Anonymous rows are what their query selected, and
/// they name no type. A plan is made anew where a relation that it names changes its columns, but not where a
/// type does that ROW(…) is cast to, so that stays whole.)
Oid narrowable_type(PlannerInfo* root, Node* lead);

/// A column, or system column, of the relation that this is the whole row of.
Var* variable_beside(const Var* row, AttrNumber number, Oid type, int32 typmod, Oid collation);

/// Has the row all columns of its type? A view that has been given more columns since its users were parsed
/// makes a row constructor that lacks them; the executor fills them up.
bool is_complete(Node* lead, TupleDesc desc);

/// The anonymous row of the columns whose flag is set in `read`, which is as long as `desc`.
RowExpr* row_of_columns(Node* lead, TupleDesc desc, const bool* read);

/// The names of its columns, of type text[].
Const* names_constant(const RowExpr* row);

/// The function in the same schema whose name goes on with _columns, with these arguments; InvalidOid: none.
Oid columns_variant(Oid function, const Oid* arguments, int count);

}  // namespace leadscore
