// Random changes of what is valid: of bytes, and of the tree of a JSON text.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/json.hpp"
#include "generate.hpp"

namespace leadscore::mutation {

using Bytes = std::vector<std::uint8_t>;
using generate::Random;

/// One to four changes of bytes: turned, replaced, inserted, removed, repeated, cut off, or a piece of
/// `other` put in.
Bytes changed(Random& random, Bytes bytes, const Bytes& other);

/// One to three changes of values and members: replaced, removed, doubled, repeated many times, renamed,
/// nested, or exchanged with those of `other`.
std::string changed_json(Random& random, const std::string& text, const std::string& other);

}  // namespace leadscore::mutation
