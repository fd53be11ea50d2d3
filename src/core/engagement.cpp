// Folding activities into a state, and one state into another.
#include "core/engagement.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>

#include "core/error.hpp"

namespace leadscore {
namespace {

std::uint32_t saturating_add(std::uint32_t a, std::uint32_t b) noexcept {
  const std::uint32_t sum = a + b;
  return sum < a ? std::numeric_limits<std::uint32_t>::max() : sum;
}

/// 2^(64 × blocks × −1): exact, 0 once the difference is beyond a double's range.
double scaled_back(double value, std::int64_t blocks) noexcept {
  constexpr std::int64_t kBeyondRange = 64;  // 2^-4096 is 0 for any double
  return blocks >= kBeyondRange ? 0.0 : std::ldexp(value, static_cast<int>(-kBlockHalfLives * blocks));
}

void write_event(EventList& list, std::uint32_t i, const Event& event) noexcept {
  std::uint64_t* word = list.words + std::size_t{i} * list.stride();
  *word++ = std::bit_cast<std::uint64_t>(event.at);
  if (list.spec.multipliers) *word++ = std::bit_cast<std::uint64_t>(event.multiplier);
  if (list.spec.identities) *word++ = event.identity;
  if (list.spec.branches) *word++ = event.branch;
}

template <class T>
void grow(T*& items, std::uint32_t size, std::uint32_t& capacity, Arena& arena, std::uint32_t first) {
  const std::uint32_t wanted = capacity == 0 ? first : capacity * 2;
  T* bigger = arena.allocate_array<T>(wanted);
  if (size != 0) std::memcpy(static_cast<void*>(bigger), items, size * sizeof(T));
  arena.release(items);
  items = bigger;
  capacity = wanted;
}

}  // namespace

bool counts_before(const Event& a, const Event& b) noexcept {
  if (a.at != b.at) return a.at > b.at;
  const double size_a = std::fabs(a.multiplier), size_b = std::fabs(b.multiplier);
  if (size_a != size_b) return size_a > size_b;
  if (a.branch != b.branch) return a.branch < b.branch;
  if (a.multiplier != b.multiplier) return a.multiplier > b.multiplier;
  return a.identity < b.identity;
}

void prune(std::vector<Event>& events, const ListSpec& spec, Micros last_at) {
  checkpoint();
  std::erase_if(
      events, [&](const Event& e) { return spec.horizon != 0 && difference(last_at, e.at) >= spec.horizon; });
  if (spec.identities) {
    // Of each identity the first that counts; events without one (identity 0) count each.
    std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
      return a.identity != b.identity ? a.identity < b.identity : counts_before(a, b);
    });
    events.erase(std::unique(events.begin(), events.end(),
                             [](const Event& a, const Event& b) {
                               return a.identity != 0 && a.identity == b.identity;
                             }),
                 events.end());
  }
  std::sort(events.begin(), events.end(), counts_before);
  if (spec.per_day != 0) {
    std::int64_t day = std::numeric_limits<std::int64_t>::max();
    std::uint32_t in_day = 0;
    std::erase_if(events, [&](const Event& e) {
      const std::int64_t d = day_number(e.at, spec.utc_offset);
      in_day = d == day ? in_day + 1 : 1;
      day = d;
      return in_day > spec.per_day;
    });
  }
  if (events.size() > spec.keep) events.resize(spec.keep);
}

Event event_at(const EventList& list, std::uint32_t i) noexcept {
  const std::uint64_t* word = list.words + std::size_t{i} * list.stride();
  Event event;
  event.at = std::bit_cast<Micros>(*word++);
  if (list.spec.multipliers) event.multiplier = std::bit_cast<double>(*word++);
  if (list.spec.identities) event.identity = *word++;
  if (list.spec.branches) event.branch = static_cast<std::uint32_t>(*word++);
  return event;
}

const Cell* Engagement::find(std::uint32_t slot) const noexcept {
  const Cell* begin = cells;
  const Cell* end = cells + size;
  const Cell* found =
      std::lower_bound(begin, end, slot, [](const Cell& c, std::uint32_t s) { return c.slot < s; });
  return found != end && found->slot == slot ? found : nullptr;
}

std::int64_t block_at(Micros at, Micros half_life) noexcept {
  if (half_life == 0) return 0;
  const Micros length = kBlockHalfLives * half_life;
  return at >= 0 ? at / length : -((-1 - at) / length) - 1;
}

Weight weight_at(Micros at, Micros half_life) noexcept {
  KnownBlock none;
  return weight_at(at, half_life, none);
}

Weight weight_at(Micros at, Micros half_life, KnownBlock& known) noexcept {
  if (half_life == 0) return {0, 1.0};
  const auto past_start = [&] {
    return static_cast<std::uint64_t>(at) - static_cast<std::uint64_t>(known.start);
  };
  // An event before the start is past it by more than any block's length.
  if (known.half_life != half_life ||
      past_start() >= static_cast<std::uint64_t>(kBlockHalfLives) * static_cast<std::uint64_t>(half_life)) {
    known.half_life = half_life;
    known.block = block_at(at, half_life);
    known.start = known.block * kBlockHalfLives * half_life;
  }
  const auto into = static_cast<Micros>(past_start());
  return {known.block, std::exp2(static_cast<double>(into) / static_cast<double>(half_life))};
}

double part_left(std::int64_t block, Micros half_life, Micros as_of) noexcept {
  const Micros landmark = block * kBlockHalfLives * half_life;
  // In two steps, so that neither factor leaves a double's range while their product is in it.
  const double half_lives = static_cast<double>(difference(as_of, landmark)) / static_cast<double>(half_life);
  return std::exp2(-half_lives);
}

double faded_sum(double sum, std::int64_t block, Micros half_life, Micros as_of) noexcept {
  return half_life == 0 ? sum : sum * part_left(block, half_life, as_of);
}

Cell& EngagementWriter::cell(Engagement& state, Arena& arena, std::uint32_t slot, Cell::Type type) {
  // A state has a dozen cells; the walk from the end is faster than a binary search there.
  std::uint32_t i = state.size;
  if (i > 16) {
    i = static_cast<std::uint32_t>(
        std::upper_bound(state.cells, state.cells + state.size, slot,
                         [](std::uint32_t s, const Cell& c) { return s < c.slot; }) -
        state.cells);
  } else {
    while (i > 0 && state.cells[i - 1].slot > slot) --i;
  }
  if (i > 0 && state.cells[i - 1].slot == slot) {
    Cell& found = state.cells[i - 1];
    if (found.type != type) {
      throw Error(sqlstate::kWrongState, "engagement states do not fit together: a slot is of another type");
    }
    return found;
  }
  if (state.size == state.capacity) grow(state.cells, state.size, state.capacity, arena, 4);
  if (i < state.size) {
    std::memmove(static_cast<void*>(state.cells + i + 1), state.cells + i, (state.size - i) * sizeof(Cell));
  }
  Cell& made = state.cells[i];
  made = Cell();
  made.slot = slot;
  made.type = type;
  if (type == Cell::Type::latest) made.latest = kMinusInfinity;
  if (type == Cell::Type::list) made.list = nullptr;
  ++state.size;
  return made;
}

void add_to_sum(Cell& c, std::int64_t block, double weight, std::uint32_t count) noexcept {
  if (c.count == 0) {
    c.block = block;
    c.sum = weight;
  } else if (block == c.block) {
    c.sum += weight;
  } else if (block < c.block) {
    c.sum += scaled_back(weight, c.block - block);
  } else {
    c.sum = scaled_back(c.sum, block - c.block) + weight;
    c.block = block;
  }
  // No activities get there; damaged states, which were read because each by itself is in range, might.
  c.sum = std::clamp(c.sum, -kLargestSum, kLargestSum);
  c.count = saturating_add(c.count, count);
}

void add_to_latest(Cell& c, Micros at, std::uint32_t count) noexcept {
  c.latest = std::max(c.latest, at);
  c.count = saturating_add(c.count, count);
}

void EngagementWriter::add_sum(Engagement& state, Arena& arena, std::uint32_t slot, std::int64_t block,
                               double weight, std::uint32_t count) {
  add_to_sum(cell(state, arena, slot, Cell::Type::sum), block, weight, count);
}

void EngagementWriter::add_latest(Engagement& state, Arena& arena, std::uint32_t slot, Micros at,
                                  std::uint32_t count) {
  add_to_latest(cell(state, arena, slot, Cell::Type::latest), at, count);
}

void EngagementWriter::compact_list(EventList& list, Micros last_at) {
  const std::vector<Event>& kept = events(list, last_at);
  list.size = static_cast<std::uint32_t>(kept.size());
  for (std::uint32_t i = 0; i < list.size; ++i) write_event(list, i, kept[i]);
}

const std::vector<Event>& EngagementWriter::events(const EventList& list, Micros last_at) {
  scratch_.clear();
  scratch_.reserve(list.size);
  for (std::uint32_t i = 0; i < list.size; ++i) scratch_.push_back(event_at(list, i));
  prune(scratch_, list.spec, last_at);
  return scratch_;
}

void EngagementWriter::append(EventList& list, Arena& arena, const Event& event, Micros last_at) {
  if (list.size == list.capacity) {
    // Pruning is worth its sort only once there may be as much to drop as to keep.
    if (list.size >= 2 * std::min<std::uint32_t>(list.spec.keep, 16)) compact_list(list, last_at);
    if (list.size * 2 > list.capacity || list.capacity == 0) {
      const std::uint32_t wanted =
          list.capacity == 0 ? std::min<std::uint32_t>(2 * list.spec.keep, 4) : list.capacity * 2;
      auto* bigger = arena.allocate_array<std::uint64_t>(std::size_t{wanted} * list.stride());
      if (list.size != 0) {
        std::memcpy(bigger, list.words, std::size_t{list.size} * list.stride() * sizeof(std::uint64_t));
      }
      arena.release(list.words);
      list.words = bigger;
      list.capacity = wanted;
    }
  }
  write_event(list, list.size, event);
  ++list.size;
}

void EngagementWriter::add_event(Engagement& state, Arena& arena, std::uint32_t slot, const ListSpec& spec,
                                 const Event& event) {
  Cell& c = cell(state, arena, slot, Cell::Type::list);
  if (c.list == nullptr) {
    c.list = new (arena.allocate(sizeof(EventList))) EventList();
    c.list->spec = spec;
  } else if (!(c.list->spec == spec)) {
    throw Error(sqlstate::kWrongState, "engagement states do not fit together: a list is of another form");
  }
  append(*c.list, arena, event, state.last_at);
}

void EngagementWriter::add_pending(Engagement& state, Arena& arena, const Pending& pending) {
  if (state.pending_size == state.pending_capacity) {
    grow(state.pending, state.pending_size, state.pending_capacity, arena, 4);
  }
  new (state.pending + state.pending_size) Pending(pending);
  ++state.pending_size;
}

void EngagementWriter::merge(Engagement& into, Arena& arena, const Engagement& from) {
  assert(&into != &from);  // its lists would grow while they are read
  if (into.fingerprint != from.fingerprint) {
    throw Error(sqlstate::kWrongState, "engagement states of different rule sets cannot be merged",
                "Make both with rule sets whose activity rules select, measure and keep the same.");
  }
  into.last_at = std::max(into.last_at, from.last_at);
  for (std::uint32_t i = 0; i < from.size; ++i) {
    checkpoint();
    const Cell& c = from.cells[i];
    switch (c.type) {
      case Cell::Type::sum:
        add_sum(into, arena, c.slot, c.block, c.sum, c.count);
        break;
      case Cell::Type::latest:
        add_latest(into, arena, c.slot, c.latest, c.count);
        break;
      case Cell::Type::list:
        for (std::uint32_t e = 0; e < c.list->size; ++e) {
          add_event(into, arena, c.slot, c.list->spec, event_at(*c.list, e));
        }
        break;
    }
  }
  for (std::uint32_t i = 0; i < from.pending_size; ++i) add_pending(into, arena, from.pending[i]);
  fold_pending(into, arena, into.last_at);
}

void EngagementWriter::fold_pending(Engagement& state, Arena& arena, Micros as_of) {
  std::uint32_t left = 0;
  for (std::uint32_t i = 0; i < state.pending_size; ++i) {
    const Pending p = state.pending[i];
    if (p.at > as_of) {
      state.pending[left++] = p;
      continue;
    }
    state.last_at = std::max(state.last_at, p.at);
    if (p.slot == kNoSlot) continue;
    switch (p.type) {
      case Cell::Type::sum:
        add_sum(state, arena, p.slot, p.block, p.event.multiplier);
        break;
      case Cell::Type::latest:
        add_latest(state, arena, p.slot, p.at);
        break;
      case Cell::Type::list:
        add_event(state, arena, p.slot, p.spec, p.event);
        break;
    }
  }
  state.pending_size = left;
}

void EngagementWriter::compact(Engagement& state) {
  std::uint32_t left = 0;
  for (std::uint32_t i = 0; i < state.size; ++i) {
    const Cell& c = state.cells[i];
    if (c.type == Cell::Type::list) {
      compact_list(*c.list, state.last_at);
      // All of its events are beyond the horizon: as if there had never been one, which is what a merge of
      // pruned parts makes of it.
      if (c.list->size == 0) continue;
    }
    state.cells[left++] = c;
  }
  state.size = left;
}

}  // namespace leadscore
