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
#include <new>
#include <tuple>

#include "core/engagement_bytes.hpp"
#include "core/error.hpp"

namespace leadscore {
namespace flat {

void reject(const char* what) {
  throw Error(sqlstate::kInvalidBinary, std::string("invalid engagement state: ") + what,
              "The bytes were damaged or do not come from leadscore.");
}

ListSpec Reader::spec() {
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

}  // namespace flat

namespace {

using flat::Form;
using flat::micros_between;
using flat::Reader;
using flat::reject;
using flat::Writer;

auto pending_key(const Pending& p) {
  return std::tuple(p.at, p.slot, p.type, p.block, p.event.branch, p.event.identity,
                    std::bit_cast<std::uint64_t>(p.event.multiplier));
}

void write_cell(Writer& writer, const Cell& c, std::uint32_t step, Micros last_at) {
  switch (c.type) {
    case Cell::Type::sum:
      return writer.sum(step, c);
    case Cell::Type::latest:
      return writer.latest(step, c, last_at);
    case Cell::Type::list:
      return writer.list(step, c.list->spec, c.list->size, last_at,
                         [&](std::uint32_t i) { return event_at(*c.list, i); });
  }
}

/// No state takes more bytes than this.
std::size_t most_bytes(const Engagement& state) noexcept {
  std::size_t bytes = 2 + 8 + 8 + 2 * flat::kMostVarint;
  for (std::uint32_t i = 0; i < state.size; ++i) {
    const Cell& c = state.cells[i];
    bytes += c.type == Cell::Type::list
                 ? flat::kMostHead + flat::kMostSpec + flat::kMostVarint + c.list->size * flat::kMostEvent
                 : std::max(flat::kMostSum, flat::kMostLatest);
  }
  return bytes + state.pending_size * flat::kMostPending;
}

EventList* read_list(Reader& reader, Micros last_at, Arena& arena) {
  checkpoint();
  auto* list = new (arena.allocate(sizeof(EventList))) EventList();
  list->spec = reader.spec();
  const std::uint32_t n = reader.list_size(list->spec);
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
    case Form::count_form:
    case Form::sum_form:
      return reader.sum(form, c);
    case Form::latest_form:
      return reader.latest(c, last_at);
    case Form::list_form:
      c.type = Cell::Type::list;
      c.list = read_list(reader, last_at, arena);
      return;
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
    p.block = reader.block();
    p.event.multiplier = reader.real(flat::kLargestWeight);
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
  const std::size_t before = out.size();
  out.resize(before + most_bytes(state));
  Writer w(out.data() + before);
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
  out.resize(static_cast<std::size_t>(w.at() - out.data()));
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
  std::uint64_t free = 0;  // the first slot that may come
  for (std::uint32_t i = 0; i < state.size; ++i) {
    Cell& c = *new (state.cells + i) Cell();
    std::uint64_t slot = free;
    if (reader.at_short_sum()) {
      slot += reader.short_sum(c);
    } else {
      const std::uint64_t head = reader.varint_up_to(std::uint64_t{kNoSlot} << 2, "a slot is out of range");
      slot += head >> 2;
      read_cell(reader, static_cast<Form>(head & 3), c, state.last_at, arena);
    }
    if (slot >= kNoSlot) reject("a slot is out of range");
    c.slot = static_cast<std::uint32_t>(slot);
    free = slot + 1;
  }
  state.pending_size = state.pending_capacity = reader.elements();
  if (state.pending_size != 0) state.pending = arena.allocate_array<Pending>(state.pending_size);
  for (std::uint32_t i = 0; i < state.pending_size; ++i) {
    new (state.pending + i) Pending(read_pending(reader, state.last_at));
    if (i != 0 && pending_key(state.pending[i]) < pending_key(state.pending[i - 1]))
      reject("pending activities are not in order");
  }
  if (reader.left() != 0) reject("bytes follow its end");
  return state;
}

}  // namespace leadscore
