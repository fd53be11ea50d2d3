// One pass over the cells of a flat state, which copies what stays the same, many cells at once.
#include "core/flat_folder.hpp"

#include "core/engagement_bytes.hpp"
#include "core/engagement_codec.hpp"

namespace leadscore {

using flat::Form;

namespace {

/// What comes before the cells, and where in it the time of the newest activity is. The last byte of it is
/// the number of cells.
constexpr std::size_t kHead = 1 + 1 + 8 + 8 + 1, kLastAt = 1 + 1 + 8;

/// Of the cells together, so that their number is a single byte.
constexpr std::uint32_t kMostCells = 127;

// A cell of two bytes or more may get a longer head and a longer time; an effect changes one cell or adds
// one.
static_assert(FlatFolder::kRoom >= FlatFolder::kMostBytes / 2 * (2 + flat::kMostHead + flat::kMostVarint) +
                                       FlatFolder::kMostEffects * (flat::kMostHead + flat::kMostSpec +
                                                                   flat::kMostVarint + flat::kMostEvent));

}  // namespace

void FlatFolder::add(Cell& c, const Step& step) noexcept {
  add_to_sum(c, step.weight.block, step.weight.weight * step.effect->multiplier);
}

class FlatFolder::Pass {
 public:
  Pass(std::uint64_t fingerprint, std::span<const std::uint8_t> state, std::span<const Step> steps,
       std::vector<Event>& events, std::uint8_t* out)
      : fingerprint_(fingerprint),
        reader_(state),
        writer_(out),
        next_(steps.data()),
        end_(steps.data() + steps.size()),
        events_(events) {}

  /// The end of what was written, or nullptr where the flat form will not do.
  const std::uint8_t* run(Micros at) {
    std::uint32_t cells = 0;
    const bool is_new = reader_.left() == 0;
    if (!is_new) {
      if (reader_.byte() != kEngagementVersion || reader_.byte() != 0 || reader_.fixed() != fingerprint_) {
        return nullptr;
      }
      before_ = static_cast<Micros>(reader_.fixed());
      cells = reader_.elements();
    }
    last_at_ = std::max(before_, at);
    writer_.byte(kEngagementVersion);
    writer_.byte(0);
    writer_.fixed(fingerprint_);
    writer_.fixed(static_cast<std::uint64_t>(last_at_));
    std::uint8_t* const written = writer_.at();
    writer_.byte(0);
    as_is_ = reader_.at();
    for (std::uint32_t i = 0; i < cells; ++i) {
      if (pass_short_sum()) continue;
      cell_ = reader_.at();
      const std::uint64_t head = reader_.varint_up_to(std::uint64_t{kNoSlot} << 2, "a slot is out of range");
      const std::uint64_t slot = first_free_before_ + (head >> 2);
      if (slot >= kNoSlot) flat::reject("a slot is out of range");
      while (next_ != end_ && next_->slot < slot) {
        if (!add_new(*next_++)) return nullptr;
      }
      const auto form = static_cast<Form>(head & 3);
      if (next_ == end_ || next_->slot != slot) {
        copy(static_cast<std::uint32_t>(slot), form);
      } else if (!change(form, *next_++)) {
        return nullptr;
      }
      first_free_before_ = slot + 1;
    }
    cell_ = reader_.at();
    while (next_ != end_) {
      if (!add_new(*next_++)) return nullptr;
    }
    catch_up();
    // Nothing may wait.
    if (!is_new && (reader_.byte() != 0 || reader_.left() != 0)) return nullptr;
    writer_.byte(0);
    *written = static_cast<std::uint8_t>(cells_);
    return cells_ > kMostCells ? nullptr : writer_.at();
  }

 private:
  std::uint32_t step_to(std::uint32_t slot) noexcept {
    const auto step = static_cast<std::uint32_t>(slot - first_free_);
    first_free_ = std::uint64_t{slot} + 1;
    ++cells_;
    return step;
  }

  /// Passes over a cell that stays as it is, if it is of the commonest sort.
  bool pass_short_sum() noexcept {
    if (!reader_.at_short_sum() || first_free_ != first_free_before_) return false;
    const std::uint64_t slot = first_free_ + (*reader_.at() >> 2);
    if (slot >= (next_ == end_ ? kNoSlot : next_->slot)) return false;
    reader_.skip(flat::kShortSum);
    first_free_ = first_free_before_ = slot + 1;
    ++cells_;
    return true;
  }

  /// Writes the cells that stay as they are, up to the one at hand.
  void catch_up() noexcept {
    writer_.raw(as_is_, cell_);
    as_is_ = cell_;
  }

  /// The same, where something else takes the place of that cell, which has been read.
  void replace() noexcept {
    writer_.raw(as_is_, cell_);
    as_is_ = reader_.at();
  }

  static Event event_of(const Step& step) noexcept {
    const Effect& effect = *step.effect;
    return {effect.at, effect.multiplier, effect.identity, effect.branch};
  }

  bool is_too_old(const ListSpec& spec, Micros at) const noexcept {
    return spec.horizon != 0 && difference(last_at_, at) >= spec.horizon;
  }

  /// A cell that was not there, before the one at hand; false where steps do not come in the order of their
  /// slots.
  bool add_new(const Step& step) {
    if (step.slot < first_free_) return false;
    catch_up();
    Cell c;
    switch (step.tracker->type) {
      case Cell::Type::sum:
        add(c, step);
        writer_.sum(step_to(step.slot), c);
        break;
      case Cell::Type::latest:
        c.latest = kMinusInfinity;
        add_to_latest(c, step.effect->at);
        writer_.latest(step_to(step.slot), c, last_at_);
        break;
      case Cell::Type::list: {
        const ListSpec& spec = step.tracker->list;
        if (is_too_old(spec, step.effect->at)) break;
        writer_.list(step_to(step.slot), spec, 1, last_at_, [&](std::uint32_t) { return event_of(step); });
        break;
      }
    }
    return true;
  }

  /// The cell at hand and what it counts anew; false where it is not such as the plan makes.
  bool change(Form form, const Step& step) {
    Cell c;
    switch (step.tracker->type) {
      case Cell::Type::sum:
        if (form != Form::count_form && form != Form::sum_form) return false;
        reader_.sum(form, c);
        add(c, step);
        replace();
        writer_.sum(step_to(step.slot), c);
        break;
      case Cell::Type::latest:
        if (form != Form::latest_form) return false;
        reader_.latest(c, before_);
        add_to_latest(c, step.effect->at);
        replace();
        writer_.latest(step_to(step.slot), c, last_at_);
        break;
      case Cell::Type::list:
        if (form != Form::list_form || !(reader_.spec() == step.tracker->list)) return false;
        if (!prepend(step)) insert(step);
        break;
    }
    return true;
  }

  /// Events of a list that are kept, the newest first.
  struct Kept {
    std::uint32_t size = 0;
    Micros newest = 0;
    const std::uint8_t* rest = nullptr;   ///< what follows the newest event's time
    const std::uint8_t* until = nullptr;  ///< the end of the last of them
  };

  /// Reads the events of a list and says which to keep, at most so many.
  Kept read_kept(const ListSpec& spec, std::uint32_t most) {
    Kept kept;
    Micros at = before_;
    const std::uint32_t size = reader_.list_size(spec);
    for (std::uint32_t i = 0; i < size; ++i) {
      at = reader_.earlier(at);
      if (i == 0) {
        kept.newest = at;
        kept.rest = reader_.at();
      }
      reader_.skip((spec.multipliers ? 8 : 0) + (spec.identities ? 8 : 0));
      if (spec.branches) reader_.varint();
      // The events come in order of time: from the first that is too old on, all are.
      if (kept.size == most || is_too_old(spec, at)) continue;
      ++kept.size;
      kept.until = reader_.at();
    }
    return kept;
  }

  /// Adds the newest event to the list at hand, where nothing but number and age decides which others stay.
  /// False, and nothing is done, where it is another.
  bool prepend(const Step& step) {
    const ListSpec& spec = step.tracker->list;
    const Micros at = step.effect->at;
    if (spec.identities || spec.per_day != 0 || is_too_old(spec, at)) return false;
    const flat::Reader start = reader_;
    const Kept kept = read_kept(spec, spec.keep - 1);
    if (kept.newest >= at) {
      reader_ = start;
      return false;
    }
    replace();
    writer_.head(step_to(step.slot), Form::list_form);
    writer_.spec(spec);
    writer_.varint(kept.size + 1);
    writer_.varint(flat::micros_between(at, last_at_));
    writer_.payload(spec, event_of(step));
    if (kept.size == 0) return true;
    writer_.varint(flat::micros_between(kept.newest, at));
    writer_.raw(kept.rest, kept.until);
    return true;
  }

  /// Adds any event to the list at hand.
  void insert(const Step& step) {
    const ListSpec& spec = step.tracker->list;
    events_.clear();
    Micros previous = before_;
    for (std::uint32_t n = reader_.list_size(spec); n > 0; --n) {
      Event& e = events_.emplace_back();
      e.at = reader_.earlier(previous);
      reader_.payload(spec, e);
      previous = e.at;
    }
    events_.push_back(event_of(step));
    prune(events_, spec, last_at_);
    replace();
    if (events_.empty()) return;
    writer_.list(step_to(step.slot), spec, static_cast<std::uint32_t>(events_.size()), last_at_,
                 [this](std::uint32_t i) -> const Event& { return events_[i]; });
  }

  /// The cell at hand as it is. Times are written as distances from last_at, which may have moved on.
  void copy(std::uint32_t slot, Form form) {
    switch (form) {
      case Form::count_form:
      case Form::sum_form:
        if (first_free_ == first_free_before_) {
          (void)step_to(slot);
        } else {
          // The head says how far it is from the cell before, which is another now.
          catch_up();
          writer_.head(step_to(slot), form);
          as_is_ = reader_.at();
        }
        reader_.varint();
        if (form == Form::sum_form) {
          reader_.varint();
          reader_.skip(sizeof(double));
        }
        break;
      case Form::latest_form: {
        Cell c;
        reader_.latest(c, before_);
        replace();
        writer_.latest(step_to(slot), c, last_at_);
        break;
      }
      case Form::list_form:
        copy_list(slot);
        break;
    }
  }

  void copy_list(std::uint32_t slot) {
    const std::uint8_t* const spec_from = reader_.at();
    const ListSpec spec = reader_.spec();
    const std::uint8_t* const spec_to = reader_.at();
    const Kept kept = read_kept(spec, spec.keep);
    replace();
    if (kept.size == 0) return;
    writer_.head(step_to(slot), Form::list_form);
    writer_.raw(spec_from, spec_to);
    writer_.varint(kept.size);
    writer_.varint(flat::micros_between(kept.newest, last_at_));
    writer_.raw(kept.rest, kept.until);
  }

  const std::uint64_t fingerprint_;
  flat::Reader reader_;
  flat::Writer writer_;
  const Step* next_;
  const Step* end_;
  std::vector<Event>& events_;
  Micros before_ = kMinusInfinity, last_at_ = kMinusInfinity;
  const std::uint8_t* cell_ = nullptr;   ///< the cell at hand
  const std::uint8_t* as_is_ = nullptr;  ///< from here on, cells that stay as they are have yet to be written
  std::uint64_t first_free_before_ = 0;  ///< the first slot that the cell at hand may have
  std::uint64_t first_free_ = 0;         ///< the first slot that may still be written
  std::uint32_t cells_ = 0;              ///< written or to be written
};

bool FlatFolder::prepare(const EngagementPlan& plan, std::span<const Effect> effects, Micros now) {
  at_ = effects.front().at;
  if (at_ > now || effects.size() > kMostEffects) return false;
  fingerprint_ = plan.fingerprint();
  steps_.clear();
  if (known_blocks_.size() < plan.trackers().size()) known_blocks_.resize(plan.trackers().size());
  for (const Effect& effect : effects) {
    if (effect.tracker == Effect::kNone) continue;
    const Tracker& tracker = plan.trackers()[effect.tracker];
    const bool weighs = tracker.type == Cell::Type::sum;
    steps_.push_back(
        {&effect, &tracker, plan.slot_of(effect),
         weighs ? weight_at(effect.at, tracker.half_life, known_blocks_[effect.tracker]) : Weight{0, 0}});
  }
  return true;
}

std::size_t FlatFolder::fold_in_place(std::uint8_t* state, std::size_t size, std::size_t room) noexcept {
  if (steps_.size() != 1 || steps_[0].tracker->type != Cell::Type::sum) return 0;
  const Step& step = steps_[0];
  Cell c;
  if (size == 0) {
    if (room < kHead + flat::kMostSum + 1) return 0;
    add(c, step);
    flat::Writer writer(state);
    writer.byte(kEngagementVersion);
    writer.byte(0);
    writer.fixed(fingerprint_);
    writer.fixed(static_cast<std::uint64_t>(at_));
    writer.byte(1);
    writer.sum(step.slot, c);
    writer.byte(0);
    return static_cast<std::size_t>(writer.at() - state);
  }
  std::uint8_t* const last = state + size - 1;
  const std::uint32_t cells = size > kHead ? state[kHead - 1] : 0;
  if (size != kHead + cells * flat::kShortSum + 1 || cells >= kMostCells || *last != 0 ||
      state[0] != kEngagementVersion || state[1] != 0 || flat::word_at(state + 2) != fingerprint_) {
    return 0;
  }
  std::uint8_t* cell = last;           // the first that is not before the step's slot
  std::uint64_t slot = kNoSlot;        // of that cell
  std::uint64_t before = 0, free = 0;  // the first slot that could come there, and at the cell at hand
  for (std::uint8_t* at = state + kHead; at != last; at += flat::kShortSum) {
    if (!flat::is_short_sum(at)) return 0;
    const std::uint64_t own = free + (*at >> 2);
    if (cell == last) {
      before = free;
      if (own >= step.slot) {
        cell = at;
        slot = own;
      }
    }
    free = own + 1;
  }
  if (cell == last) before = free;
  const bool is_new = slot != step.slot;
  if (!is_new) {
    c.count = cell[1];
    c.block = flat::unzigzag(cell[2]);
    c.sum = std::bit_cast<double>(flat::word_at(cell + 3));
    if (c.count == 0 || !(std::fabs(c.sum) <= kLargestSum)) return 0;
  }
  add(c, step);
  flat::Writer writer(cell);
  if (flat::is_plain(c) || c.count >= 0x80 || flat::zigzag(c.block) >= 0x80) return 0;
  if (is_new) {
    if (step.slot - before >= 0x20 || size + flat::kShortSum > room) return 0;
    if (cell != last) *cell = static_cast<std::uint8_t>((slot - step.slot - 1) << 2 | Form::sum_form);
    std::memmove(cell + flat::kShortSum, cell, static_cast<std::size_t>(last + 1 - cell));
    state[kHead - 1] = static_cast<std::uint8_t>(cells + 1);
    size += flat::kShortSum;
  }
  writer.sum(static_cast<std::uint32_t>(step.slot - before), c);
  const auto last_at = std::max(static_cast<Micros>(flat::word_at(state + kLastAt)), at_);
  flat::Writer(state + kLastAt).fixed(static_cast<std::uint64_t>(last_at));
  return size;
}

std::size_t FlatFolder::fold(std::span<const std::uint8_t> state, std::uint8_t* out) {
  if (state.size() > kMostBytes) return 0;
  const std::uint8_t* const end = Pass(fingerprint_, state, steps_, events_, out).run(at_);
  if (end == nullptr) return 0;
  const auto size = static_cast<std::size_t>(end - out);
  return size > kMostBytes ? 0 : size;
}

}  // namespace leadscore
