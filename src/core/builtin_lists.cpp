// The built-in lists: their text, embedded by the assembler, and a hash table over it per list in use.
//
// Embedding keeps 370 kB of names out of the compiler. The assembler reads the files without telling make:
// both builds must name data/lists/*.txt as prerequisites of this object.

#include "core/builtin_lists.hpp"

#include <bit>
#include <cstring>
#include <limits>
#include <memory>
#include <new>

#define XXH_INLINE_ALL
#include <xxhash.h>

#ifndef LEADSCORE_DATA_DIR
#error "LEADSCORE_DATA_DIR must be the absolute path of the directory data, as a string"
#endif

// Puts each list's text and its size into read-only data. The symbols are global, so that link-time
// optimisation may move the code below away from them, and hidden, so that they do not leave the module.
// clang-format off
asm(R"(
  .macro leadscore_embed symbol, file
    .globl \symbol\()_text
    .hidden \symbol\()_text
    .type \symbol\()_text, %object
  \symbol\()_text:
    .incbin "\file"
    .set \symbol\()_length, . - \symbol\()_text
    .size \symbol\()_text, \symbol\()_length
    .balign 8
    .globl \symbol\()_size
    .hidden \symbol\()_size
    .type \symbol\()_size, %object
  \symbol\()_size:
    .quad \symbol\()_length
    .size \symbol\()_size, 8
  .endm
  .pushsection .rodata, "a"
  leadscore_embed leadscore_freemail, ")" LEADSCORE_DATA_DIR R"(/lists/freemail.txt"
  leadscore_embed leadscore_disposable, ")" LEADSCORE_DATA_DIR R"(/lists/disposable.txt"
  leadscore_embed leadscore_education, ")" LEADSCORE_DATA_DIR R"(/lists/education.txt"
  leadscore_embed leadscore_role_accounts, ")" LEADSCORE_DATA_DIR R"(/lists/role_accounts.txt"
  .popsection
  .purgem leadscore_embed
)");
// clang-format on

#define LEADSCORE_HIDDEN __attribute__((visibility("hidden")))
extern "C" {
extern const char leadscore_freemail_text[] LEADSCORE_HIDDEN;
extern const std::uint64_t leadscore_freemail_size LEADSCORE_HIDDEN;
extern const char leadscore_disposable_text[] LEADSCORE_HIDDEN;
extern const std::uint64_t leadscore_disposable_size LEADSCORE_HIDDEN;
extern const char leadscore_education_text[] LEADSCORE_HIDDEN;
extern const std::uint64_t leadscore_education_size LEADSCORE_HIDDEN;
extern const char leadscore_role_accounts_text[] LEADSCORE_HIDDEN;
extern const std::uint64_t leadscore_role_accounts_size LEADSCORE_HIDDEN;
}
#undef LEADSCORE_HIDDEN

namespace leadscore {

namespace {

constexpr std::uint32_t kFree = std::numeric_limits<std::uint32_t>::max();

}  // namespace

// Open addressing with linear probing over offsets of entries in the text. Half full at most, so a probe
// always ends.
struct BuiltinList::Table {
  std::uint32_t entries;
  std::uint32_t mask;
  std::unique_ptr<std::uint32_t[]> slots;
};

// Constant-initialised and without a destructor, so nothing runs when the module is loaded or the process
// ends.
constinit const BuiltinList BuiltinList::lists[] = {
    {"freemail", Use::domain, leadscore_freemail_text, &leadscore_freemail_size},
    {"disposable", Use::domain, leadscore_disposable_text, &leadscore_disposable_size},
    {"education", Use::domain, leadscore_education_text, &leadscore_education_size},
    {"role_accounts", Use::local_part, leadscore_role_accounts_text, &leadscore_role_accounts_size},
};

std::span<const BuiltinList> BuiltinList::all() noexcept { return lists; }

const BuiltinList* BuiltinList::find(std::string_view name) noexcept {
  for (const BuiltinList& list : lists) {
    if (list.name_ == name) return &list;
  }
  return nullptr;
}

const BuiltinList::Table& BuiltinList::table() const {
  if (const Table* known = table_.load(std::memory_order_acquire)) return *known;

  const std::string_view all_text = text();
  std::uint32_t entries = 0;
  for (const char c : all_text) entries += c == '\n' ? 1 : 0;
  const std::uint32_t capacity = std::bit_ceil(2 * entries + 1);
  auto built = std::make_unique<Table>(
      Table{entries, capacity - 1, std::make_unique_for_overwrite<std::uint32_t[]>(capacity)});
  std::memset(built->slots.get(), 0xff, capacity * sizeof(std::uint32_t));
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = all_text.find('\n', begin)) != std::string_view::npos; begin = end + 1) {
    auto slot = static_cast<std::uint32_t>(XXH3_64bits(all_text.data() + begin, end - begin));
    while (built->slots[slot & built->mask] != kFree) ++slot;
    built->slots[slot & built->mask] = static_cast<std::uint32_t>(begin);
  }

  // Of threads that get here at once the first one's table stays.
  const Table* winner = nullptr;
  if (table_.compare_exchange_strong(winner, built.get(), std::memory_order_acq_rel)) return *built.release();
  return *winner;
}

std::size_t BuiltinList::size() const { return table().entries; }

bool BuiltinList::contains(std::string_view folded) const {
  const std::size_t length = folded.size();
  if (length == 0) return false;
  const Table& index = table();
  const std::string_view all_text = text();
  auto slot = static_cast<std::uint32_t>(XXH3_64bits(folded.data(), length));
  for (;; ++slot) {
    const std::uint32_t begin = index.slots[slot & index.mask];
    if (begin == kFree) return false;
    if (length < all_text.size() - begin && all_text[begin + length] == '\n' &&
        all_text.compare(begin, length, folded) == 0) {
      // Several lines at once are no entry.
      return folded.find('\n') == std::string_view::npos;
    }
  }
}

std::uint64_t BuiltinList::content_hash() const {
  const std::string_view all_text = text();
  return XXH3_64bits(all_text.data(), all_text.size());
}

}  // namespace leadscore
