// C style throughout: anything here may longjmp. When memory is full all blocks go to files, one a partition,
// so that each is written in a few large pieces.
#include "pg/effect_store.hpp"

namespace leadscore {
namespace {

constexpr int kLevelBits = 8;
constexpr int kMostBits = kLevelBits, kLeastBits = 4;
constexpr Size kLargestBlock = 64 * 1024, kSmallestBlock = 1024;
/// Blocks of each partition that there should be memory for.
constexpr Size kBlocksEach = 4;

struct Partition {
  EffectBlock *first, *last;
  BufFile* file;   ///< nullptr: none yet
  uint64 in_file;  ///< bytes
  uint64 read;     ///< bytes of them that were taken
};

/// Stands before each block in a file.
struct BlockHeader {
  uint64 words;
};

}  // namespace

struct EffectStore {
  MemoryContext context;
  Size most, used;  ///< bytes
  Size block_bytes;
  EffectBlock* free;  ///< of the usual size
  int bits, shift;
  Partition partitions[FLEXIBLE_ARRAY_MEMBER];
};

namespace {

Size usual_words(const EffectStore* store) {
  return (store->block_bytes - sizeof(EffectBlock)) / sizeof(std::uint64_t);
}

/// The bytes of a block for so many words, of the usual size if they fit into it.
Size bytes_for(const EffectStore* store, Size words) {
  return words <= usual_words(store) ? store->block_bytes
                                     : sizeof(EffectBlock) + words * sizeof(std::uint64_t);
}

EffectBlock* new_block(EffectStore* store, Size words) {
  const Size usual = usual_words(store);
  EffectBlock* block = store->free;
  if (words <= usual && block != nullptr) {
    store->free = block->next;
  } else {
    const Size bytes = bytes_for(store, words);
    block = static_cast<EffectBlock*>(MemoryContextAllocHuge(store->context, bytes));
    block->room = std::max(words, usual);
    store->used += bytes;
  }
  block->next = nullptr;
  block->used = 0;
  return block;
}

void free_block(EffectStore* store, EffectBlock* block) {
  if (block->room == usual_words(store)) {
    block->next = store->free;
    store->free = block;
  } else {
    store->used -= bytes_for(store, block->room);
    pfree(block);
  }
}

void read(BufFile* file, void* data, Size size) {
#if PG_VERSION_NUM >= 160000
  BufFileReadExact(file, data, size);
#else
  if (BufFileRead(file, data, size) != size)
    ereport(ERROR, (errcode_for_file_access(), errmsg("could not read from a temporary file of activities")));
#endif
}

/// All that is in memory goes to the partitions' files.
void write_out(EffectStore* store) {
  const MemoryContext before = MemoryContextSwitchTo(store->context);
  for (int i = 0; i < partition_count(store); ++i) {
    CHECK_FOR_INTERRUPTS();
    Partition& partition = store->partitions[i];
    if (partition.first == nullptr) continue;
    if (partition.file == nullptr) partition.file = BufFileCreateTemp(false);
    for (EffectBlock *block = partition.first, *next; block != nullptr; block = next) {
      next = block->next;
      BlockHeader header{block->used};
      BufFileWrite(partition.file, &header, sizeof(header));
      BufFileWrite(partition.file, block->words(), block->used * sizeof(std::uint64_t));
      partition.in_file += sizeof(header) + block->used * sizeof(std::uint64_t);
      free_block(store, block);
    }
    partition.first = partition.last = nullptr;
  }
  MemoryContextSwitchTo(before);
}

/// Makes room for a block of so many words, if need be by writing out all that is in memory.
void make_room(EffectStore* store, Size words) {
  const bool is_large = words > usual_words(store);
  if (!is_large && store->free != nullptr) return;
  const Size wanted = bytes_for(store, words);
  if (store->used + wanted <= store->most) return;
  write_out(store);
  // Blocks of the usual size that are free are of no use to a larger one.
  while (is_large && store->free != nullptr && store->used + wanted > store->most) {
    EffectBlock* const block = store->free;
    store->free = block->next;
    store->used -= store->block_bytes;
    pfree(block);
  }
}

/// The next block of a partition's file.
EffectBlock* read_block(EffectStore* store, Partition& partition) {
  if (partition.read == 0 && BufFileSeek(partition.file, 0, 0, SEEK_SET) != 0)
    ereport(ERROR, (errcode_for_file_access(), errmsg("could not rewind a temporary file of activities")));
  BlockHeader header;
  read(partition.file, &header, sizeof(header));
  EffectBlock* const block = new_block(store, header.words);
  block->used = header.words;
  read(partition.file, block->words(), header.words * sizeof(std::uint64_t));
  partition.read += sizeof(header) + header.words * sizeof(std::uint64_t);
  return block;
}

}  // namespace

EffectStore* begin_effects(Size bytes, int level) {
  const MemoryContext context =
      AllocSetContextCreate(CurrentMemoryContext, "leadscore effects", ALLOCSET_DEFAULT_SIZES);
  int bits = kMostBits;
  while (bits > kLeastBits && (bytes >> bits) < kBlocksEach * kSmallestBlock * 8) --bits;
  auto* const store = static_cast<EffectStore*>(
      MemoryContextAllocZero(context, offsetof(EffectStore, partitions) + (sizeof(Partition) << bits)));
  store->context = context;
  store->most = bytes;
  store->bits = bits;
  // The topmost bits first; a store that uses fewer of its level's leaves the rest unused.
  store->shift = 64 - kLevelBits * level - bits;
  store->block_bytes = std::clamp((bytes >> bits) / kBlocksEach, kSmallestBlock, kLargestBlock);
  return store;
}

void end_effects(EffectStore* store) {
  for (int i = 0; i < partition_count(store); ++i) {
    if (store->partitions[i].file != nullptr) BufFileClose(store->partitions[i].file);
  }
  MemoryContextDelete(store->context);
}

int partition_count(const EffectStore* store) noexcept { return 1 << store->bits; }

void put_effect(EffectStore* store, const LeadKey& key, const Effect& effect) {
  const std::uint64_t mask = (std::uint64_t{1} << store->bits) - 1;
  Partition& partition = store->partitions[(spread(key.tag) >> store->shift) & mask];
  const Size words = EffectRecord::words(key, effect);
  EffectBlock* block = partition.last;
  if (block == nullptr || block->used + words > block->room) {
    make_room(store, words);
    block = new_block(store, words);
    if (partition.last == nullptr) {
      partition.first = block;
    } else {
      partition.last->next = block;
    }
    partition.last = block;
  }
  EffectRecord::write(block->words() + block->used, key, effect);
  block->used += words;
}

EffectBlock* take_blocks(EffectStore* store, int number, Size bytes, bool* more) {
  Partition& partition = store->partitions[number];
  EffectBlock *first = nullptr, **end = &first;
  Size taken = 0;
  const auto fits = [&](Size words) {
    return first == nullptr || taken + words * sizeof(std::uint64_t) <= bytes;
  };
  for (;;) {
    CHECK_FOR_INTERRUPTS();
    EffectBlock* block = nullptr;
    if (partition.read < partition.in_file) {
      if (!fits(store->block_bytes / sizeof(std::uint64_t))) break;
      block = read_block(store, partition);
    } else {
      block = partition.first;
      if (block == nullptr || !fits(block->used)) break;
      partition.first = block->next;
    }
    block->next = nullptr;
    *end = block;
    end = &block->next;
    taken += block->used * sizeof(std::uint64_t);
  }
  *more = partition.read < partition.in_file || partition.first != nullptr;
  return first;
}

void give_back_blocks(EffectStore* store, EffectBlock* blocks) {
  for (EffectBlock* next; blocks != nullptr; blocks = next) {
    next = blocks->next;
    free_block(store, blocks);
  }
}

}  // namespace leadscore
