// Layout, all integers little-endian, varint = LEB128, zigzag for signed ones:
//
//   u8 version (1) · u8 reserved (0) · u64 fingerprint · i64 last_at (µs since 2000-01-01 UTC, INT64_MIN:
//   none) varint cells, then each, ascending by slot:
//     varint ((slot − previous slot − 1) << 2 | form)        (the first: slot << 2 | form)
//     form 0, a count:  varint count                          (unfaded, every weight 1)
//     form 1, a sum:    varint count · zigzag block · f64 sum
//     form 2, a latest: varint count · varint (last_at − latest)
//     form 3, a list:   spec · varint events, then each in counting order:
//                       varint (previous at − at; the first: last_at − at) · [f64 multiplier] · [u64
//                       identity] · [varint branch]
//   spec: u8 flags (1 multipliers, 2 identities, 4 branches, 8 per_day, 16 horizon) · varint keep
//         · [varint per_day · zigzag utc_offset] · [varint horizon]
//   varint pending, then each, ascending by (at, slot, …):
//     varint (at − last_at as unsigned difference) · varint slot + 1 (0: no slot) · u8 type (0 sum, 1 latest,
//     2 list) sum: zigzag block · f64 weight;  list: spec · [multiplier] · [identity] · [branch]
#include "core/engagement_codec.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <new>
#include <tuple>

#include "core/error.hpp"
#include "core/json.hpp"
#include "core/ruleset.hpp"

namespace leadscore {
namespace {

enum Form : std::uint8_t { count_form, sum_form, latest_form, list_form };
enum SpecFlag : std::uint8_t {
  has_multipliers = 1,
  has_identities = 2,
  has_branches = 4,
  has_per_day = 8,
  has_horizon = 16
};

/// later − earlier, which a signed number can't hold where they are the ends of time.
std::uint64_t micros_between(Micros earlier, Micros later) noexcept {
  return static_cast<std::uint64_t>(later) - static_cast<std::uint64_t>(earlier);
}

class Writer {
 public:
  explicit Writer(std::vector<std::uint8_t>& out) : out_(out) {}
  void byte(std::uint8_t b) { out_.push_back(b); }
  void fixed(std::uint64_t value) {
    for (int i = 0; i < 8; ++i) out_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
  void real(double value) { fixed(std::bit_cast<std::uint64_t>(value)); }
  void varint(std::uint64_t value) {
    while (value >= 0x80) {
      out_.push_back(static_cast<std::uint8_t>(value | 0x80));
      value >>= 7;
    }
    out_.push_back(static_cast<std::uint8_t>(value));
  }
  void zigzag(std::int64_t value) {
    varint((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
  }
  void spec(const ListSpec& s) {
    byte(static_cast<std::uint8_t>((s.multipliers ? has_multipliers : 0) |
                                   (s.identities ? has_identities : 0) | (s.branches ? has_branches : 0) |
                                   (s.per_day != 0 ? has_per_day : 0) | (s.horizon != 0 ? has_horizon : 0)));
    varint(s.keep);
    if (s.per_day != 0) {
      varint(s.per_day);
      zigzag(s.utc_offset);
    }
    if (s.horizon != 0) varint(static_cast<std::uint64_t>(s.horizon));
  }
  void payload(const ListSpec& s, const Event& e) {
    if (s.multipliers) real(e.multiplier);
    if (s.identities) fixed(e.identity);
    if (s.branches) varint(e.branch);
  }

 private:
  std::vector<std::uint8_t>& out_;
};

[[noreturn]] void reject(const char* what) {
  throw Error(sqlstate::kInvalidBinary, std::string("invalid engagement state: ") + what,
              "The bytes were damaged or do not come from leadscore.");
}

class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  std::size_t left() const { return bytes_.size() - at_; }
  std::uint8_t byte() {
    if (left() < 1) reject("it ends too early");
    return bytes_[at_++];
  }
  std::uint64_t fixed() {
    if (left() < 8) reject("it ends too early");
    std::uint64_t value = 0;
    for (int i = 0; i < 8; ++i) value |= std::uint64_t{bytes_[at_ + static_cast<std::size_t>(i)]} << (8 * i);
    at_ += 8;
    return value;
  }
  double real(double limit) {
    const double value = std::bit_cast<double>(fixed());
    if (!(std::fabs(value) <= limit)) reject("a number is out of range");
    return value;
  }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const std::uint8_t b = byte();
      if (shift == 63 && b > 1) break;
      value |= std::uint64_t{static_cast<std::uint8_t>(b & 0x7f)} << shift;
      if ((b & 0x80) == 0) {
        if (b == 0 && shift != 0) reject("an integer is not in its shortest form");
        return value;
      }
    }
    reject("an integer is too long");
  }
  std::uint64_t varint_up_to(std::uint64_t limit, const char* what) {
    const std::uint64_t value = varint();
    if (value > limit) reject(what);
    return value;
  }
  std::int64_t zigzag() {
    const std::uint64_t z = varint();
    return static_cast<std::int64_t>((z >> 1) ^ (~(z & 1) + 1));
  }
  /// How many elements follow; each takes a byte at least, so a hostile number cannot make us allocate.
  std::uint32_t elements() {
    const std::uint64_t n = varint();
    if (n > left()) reject("it ends too early");
    return static_cast<std::uint32_t>(n);
  }
  ListSpec spec() {
    const std::uint8_t flags = byte();
    if (flags >= 32) reject("a list has unknown flags");
    ListSpec s;
    s.multipliers = (flags & has_multipliers) != 0;
    s.identities = (flags & has_identities) != 0;
    s.branches = (flags & has_branches) != 0;
    s.keep = static_cast<std::uint32_t>(varint_up_to(kMaxKeptEvents + 1, "a list keeps too many events"));
    if (s.keep == 0) reject("a list keeps no event");
    if ((flags & has_per_day) != 0) {
      s.per_day =
          static_cast<std::uint32_t>(varint_up_to(kMaxKeptEvents, "a list keeps too many events of a day"));
      const std::int64_t offset = zigzag();
      if (s.per_day == 0 || offset < -18 * 60 || offset > 18 * 60) reject("a list's day is out of range");
      s.utc_offset = static_cast<std::int32_t>(offset);
    }
    if ((flags & has_horizon) != 0) {
      s.horizon = static_cast<Micros>(varint_up_to(kLongestDuration, "a list's horizon is out of range"));
      if (s.horizon == 0) reject("a list's horizon is out of range");
    }
    return s;
  }
  void payload(const ListSpec& s, Event& e) {
    if (s.multipliers) e.multiplier = real(kLargestMultiplier) + 0.0;  // never −0
    if (s.identities) e.identity = fixed();
    if (s.branches)
      e.branch = static_cast<std::uint32_t>(varint_up_to(kMaxRulesetBytes, "a branch is out of range"));
  }
  Micros earlier(Micros from) {
    const std::uint64_t by = varint();
    if (from < kFirstInstant || by > micros_between(kFirstInstant, from)) reject("a time is out of range");
    return static_cast<Micros>(static_cast<std::uint64_t>(from) - by);
  }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

/// A sum may be as large as 2^64 (the block's growth) × 2^32 (events) × the largest multiplier.
constexpr double kLargestSum = 1e130;
constexpr double kLargestWeight = 1e120;
/// Blocks of the shortest half-life, a second, reach so far from 2000.
constexpr std::int64_t kLargestBlock = kEndOfTime / (kBlockHalfLives * kSecond) + 1;

std::int64_t read_block(Reader& reader) {
  const std::int64_t block = reader.zigzag();
  if (block < -kLargestBlock || block > kLargestBlock) reject("a time is out of range");
  return block;
}

auto pending_key(const Pending& p) {
  return std::tuple(p.at, p.slot, p.type, p.block, p.event.branch, p.event.identity,
                    std::bit_cast<std::uint64_t>(p.event.multiplier));
}

void write_cell(Writer& writer, const Cell& c, std::uint32_t step, Micros last_at) {
  const auto head = [&](Form form) { writer.varint(std::uint64_t{step} << 2 | form); };
  switch (c.type) {
    case Cell::Type::sum: {
      // A count is a sum of ones; a saturated count no longer says the sum.
      const bool plain = c.block == 0 && c.sum == static_cast<double>(c.count) && c.count != UINT32_MAX;
      head(plain ? count_form : sum_form);
      writer.varint(c.count);
      if (!plain) {
        writer.zigzag(c.block);
        writer.real(c.sum);
      }
      break;
    }
    case Cell::Type::latest:
      head(latest_form);
      writer.varint(c.count);
      writer.varint(micros_between(c.latest, last_at));
      break;
    case Cell::Type::list: {
      head(list_form);
      writer.spec(c.list->spec);
      writer.varint(c.list->size);
      Micros previous = last_at;
      for (std::uint32_t i = 0; i < c.list->size; ++i) {
        const Event e = event_at(*c.list, i);
        writer.varint(micros_between(e.at, previous));
        writer.payload(c.list->spec, e);
        previous = e.at;
      }
      break;
    }
  }
}

std::uint32_t read_count(Reader& reader) {
  const auto count = static_cast<std::uint32_t>(reader.varint_up_to(UINT32_MAX, "a count is out of range"));
  if (count == 0) reject("a cell counts no event");
  return count;
}

EventList* read_list(Reader& reader, Micros last_at, Arena& arena) {
  checkpoint();
  auto* list = new (arena.allocate(sizeof(EventList))) EventList();
  list->spec = reader.spec();
  const std::uint32_t n = reader.elements();
  if (n == 0) reject("a list holds no event");
  if (n > list->spec.keep) reject("a list holds more events than it keeps");
  list->words = arena.allocate_array<std::uint64_t>(std::size_t{n} * list->stride());
  list->capacity = n;
  Event previous;
  for (std::uint32_t i = 0; i < n; ++i) {
    Event e;
    e.at = reader.earlier(i == 0 ? last_at : previous.at);
    reader.payload(list->spec, e);
    if (i != 0 && counts_before(e, previous)) reject("a list is not in order");
    std::uint64_t* word = list->words + std::size_t{i} * list->stride();
    *word++ = std::bit_cast<std::uint64_t>(e.at);
    if (list->spec.multipliers) *word++ = std::bit_cast<std::uint64_t>(e.multiplier);
    if (list->spec.identities) *word++ = e.identity;
    if (list->spec.branches) *word++ = e.branch;
    previous = e;
  }
  list->size = n;
  return list;
}

void read_cell(Reader& reader, Form form, Cell& c, Micros last_at, Arena& arena) {
  switch (form) {
    case count_form:
      c.type = Cell::Type::sum;
      c.count = read_count(reader);
      c.sum = static_cast<double>(c.count);
      break;
    case sum_form:
      c.type = Cell::Type::sum;
      c.count = read_count(reader);
      c.block = read_block(reader);
      c.sum = reader.real(kLargestSum);
      break;
    case latest_form:
      c.type = Cell::Type::latest;
      c.count = read_count(reader);
      c.latest = reader.earlier(last_at);
      break;
    case list_form:
      c.type = Cell::Type::list;
      c.list = read_list(reader, last_at, arena);
      break;
  }
}

Pending read_pending(Reader& reader, Micros last_at) {
  Pending p;
  const std::uint64_t after = reader.varint();
  const auto at = static_cast<Micros>(static_cast<std::uint64_t>(last_at) + after);
  if (at <= last_at || at < kFirstInstant || at >= kEndOfTime)
    reject("a pending activity's time is out of range");
  p.at = at;
  const auto slot = reader.varint_up_to(std::uint64_t{kNoSlot}, "a slot is out of range");
  p.slot = slot == 0 ? kNoSlot : static_cast<std::uint32_t>(slot - 1);
  const std::uint8_t type = reader.byte();
  if (type > 2) reject("a pending activity is of unknown type");
  p.type = static_cast<Cell::Type>(type);
  if (p.slot == kNoSlot && p.type != Cell::Type::latest) reject("a pending activity is of unknown type");
  if (p.type == Cell::Type::sum) {
    p.block = read_block(reader);
    p.event.multiplier = reader.real(kLargestWeight);
  } else if (p.type == Cell::Type::list) {
    p.spec = reader.spec();
    reader.payload(p.spec, p.event);
  }
  p.event.at = p.at;
  return p;
}

}  // namespace

void encode(Engagement& state, Arena& arena, EngagementWriter& writer, std::vector<std::uint8_t>& out) {
  // What waited may have been overtaken by an activity that was recorded at a later time.
  writer.fold_pending(state, arena, state.last_at);
  writer.compact(state);
  std::stable_sort(state.pending, state.pending + state.pending_size,
                   [](const Pending& a, const Pending& b) { return pending_key(a) < pending_key(b); });
  Writer w(out);
  w.byte(kEngagementVersion);
  w.byte(0);
  w.fixed(state.fingerprint);
  w.fixed(static_cast<std::uint64_t>(state.last_at));
  w.varint(state.size);
  for (std::uint32_t i = 0; i < state.size; ++i) {
    const std::uint32_t slot = state.cells[i].slot;
    write_cell(w, state.cells[i], i == 0 ? slot : slot - state.cells[i - 1].slot - 1, state.last_at);
  }
  w.varint(state.pending_size);
  for (std::uint32_t i = 0; i < state.pending_size; ++i) {
    const Pending& p = state.pending[i];
    w.varint(micros_between(state.last_at, p.at));
    w.varint(p.slot == kNoSlot ? 0 : std::uint64_t{p.slot} + 1);
    w.byte(static_cast<std::uint8_t>(p.type));
    if (p.type == Cell::Type::sum) {
      w.zigzag(p.block);
      w.real(p.event.multiplier);
    } else if (p.type == Cell::Type::list) {
      w.spec(p.spec);
      w.payload(p.spec, p.event);
    }
  }
}

Engagement decode(std::span<const std::uint8_t> bytes, Arena& arena) {
  Reader reader(bytes);
  const std::uint8_t version = reader.byte();
  if (version != kEngagementVersion) {
    throw Error(
        sqlstate::kInvalidBinary,
        "engagement state has version " + std::to_string(version) + ", this leadscore reads version 1",
        "It was written by a newer leadscore, or the bytes were damaged.");
  }
  if (reader.byte() != 0) reject("a reserved byte is not zero");
  Engagement state;
  state.fingerprint = reader.fixed();
  state.last_at = static_cast<Micros>(reader.fixed());
  if (state.last_at != kMinusInfinity && (state.last_at < kFirstInstant || state.last_at >= kEndOfTime)) {
    reject("a time is out of range");
  }
  state.size = state.capacity = reader.elements();
  if (state.size != 0 && state.last_at == kMinusInfinity) reject("it counts events but has no time");
  state.cells = arena.allocate_array<Cell>(std::max<std::uint32_t>(state.size, 1));
  std::uint64_t slot = 0;
  for (std::uint32_t i = 0; i < state.size; ++i) {
    const std::uint64_t head = reader.varint_up_to(std::uint64_t{kNoSlot} << 2, "a slot is out of range");
    slot = i == 0 ? head >> 2 : slot + 1 + (head >> 2);
    if (slot >= kNoSlot) reject("a slot is out of range");
    Cell& c = *new (state.cells + i) Cell();
    c.slot = static_cast<std::uint32_t>(slot);
    read_cell(reader, static_cast<Form>(head & 3), c, state.last_at, arena);
  }
  state.pending_size = state.pending_capacity = reader.elements();
  state.pending = arena.allocate_array<Pending>(std::max<std::uint32_t>(state.pending_size, 1));
  for (std::uint32_t i = 0; i < state.pending_size; ++i) {
    new (state.pending + i) Pending(read_pending(reader, state.last_at));
    if (i != 0 && pending_key(state.pending[i]) < pending_key(state.pending[i - 1]))
      reject("pending activities are not in order");
  }
  if (reader.left() != 0) reject("bytes follow its end");
  return state;
}

}  // namespace leadscore
