// The server's walkers over parse trees, with the types that C++ wants.
#pragma once

#include "pg/postgres.hpp"

namespace leadscore {

using Walker = bool (*)(Node*, void*);

#if PG_VERSION_NUM >= 160000
inline bool walk_parts(Node* node, Walker walker, void* context) {
  return expression_tree_walker(node, walker, context);
}

inline bool walk_query(Query* query, Walker walker, void* context, int flags) {
  return query_tree_walker(query, walker, context, flags);
}
#else
// Declared with empty parentheses, which is another type in C++ than in C.
inline auto* untyped(Walker walker) {
  return reinterpret_cast<bool (*)()>(reinterpret_cast<void (*)()>(walker));
}

inline bool walk_parts(Node* node, Walker walker, void* context) {
  return expression_tree_walker(node, untyped(walker), context);
}

inline bool walk_query(Query* query, Walker walker, void* context, int flags) {
  return query_tree_walker(query, untyped(walker), context, flags);
}
#endif

}  // namespace leadscore
