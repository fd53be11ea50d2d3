// Effects on leads (EffectRecord) scattered over partitions by the leads' keys: in memory as far as they may
// be, in temporary files beyond that. Of each partition they come back in the order in which they went in.
#pragma once

#include "core/effect_record.hpp"
#include "pg/postgres.hpp"

namespace leadscore {

/// Whole records.
struct EffectBlock {
  EffectBlock* next;
  Size used, room;  ///< words
  std::uint64_t* words() noexcept { return reinterpret_cast<std::uint64_t*>(this + 1); }
};

struct EffectStore;

/// For at most so many bytes in memory, in a memory context of its own below the current one; at least 16
/// blocks of 1 kB all the same. `level`: how many stores have already divided what comes into this one, each
/// by other bits of the keys. May longjmp.
EffectStore* begin_effects(Size bytes, int level);
/// Closes its files, too. Where an error comes first, the transaction does both.
void end_effects(EffectStore* store);

/// Keys have no more bits to be divided by in a store of this level: what shares a partition there shares its
/// key's tag.
inline constexpr int kMostLevels = 7;

/// May longjmp, as all below.
void put_effect(EffectStore* store, const LeadKey& key, const Effect& effect);

int partition_count(const EffectStore* store) noexcept;
/// Takes blocks out of a partition, from its beginning: up to `bytes`, but one at least. nullptr: it is
/// empty. `more`: is anything left? Nothing may be put into the store any more.
EffectBlock* take_blocks(EffectStore* store, int partition, Size bytes, bool* more);
void give_back_blocks(EffectStore* store, EffectBlock* blocks);

}  // namespace leadscore
