// The flat form of an engagement state: compact, versioned, canonical, and never trusted on the way in.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/engagement.hpp"

namespace leadscore {

/// Version byte of the flat form that encode() writes.
inline constexpr std::uint8_t kEngagementVersion = 1;

/// Appends the flat form. Folds in what waited and is not later than last_at, and compacts the state's lists
/// on the way, which changes nothing that can be asked of it.
void encode(Engagement& state, Arena& arena, EngagementWriter& writer, std::vector<std::uint8_t>& out);

/// Reads a flat form into `arena`. Throws Error (22P03) naming what is wrong for bytes that encode() cannot
/// have written; never reads outside of them, and allocates in proportion to their number.
Engagement decode(std::span<const std::uint8_t> bytes, Arena& arena);

}  // namespace leadscore
