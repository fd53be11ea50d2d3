// Keys of activities as keys of a model's leads: which values can be one.
#pragma once

#include "pg/model.hpp"

namespace leadscore {

/// Bytes of the longest key, uncompressed: an index has room for it. Of a longer one neither lead nor
/// activity counts.
inline constexpr Size kLongestKey = 2000;
inline bool is_too_long(Datum key) { return toast_raw_datum_size(key) - VARHDRSZ > kLongestKey; }

/// May a value of this type be longer than that?
bool may_be_too_long(Oid type, int32 typmod);

/// SQL: is `expression`, of type `type`, still the same value as a key of the model? A cast may round it or
/// cut it off, and what is left may be another lead's key. nullptr: always. In the current memory context.
/// May longjmp.
const char* same_as_key(const Model* model, const char* expression, Oid type, int32 typmod);

/// An operator by its qualified name, in the current memory context. May longjmp.
const char* qualified_operator(Oid oid);

}  // namespace leadscore
