// One pass over the cells of a flat state, which copies what stays the same.
#include "core/flat_folder.hpp"

#include "core/engagement_bytes.hpp"
#include "core/engagement_codec.hpp"

namespace leadscore {

using flat::Form;

namespace {

/// Of the cells together, so that their number is a single byte.
constexpr std::uint32_t kMostCells = 127;

// A cell of two bytes or more may get a longer head and a longer time; an effect changes one cell or adds
// one.
static_assert(FlatFolder::kRoom >= FlatFolder::kMostBytes / 2 * (2 + flat::kMostHead + flat::kMostVarint) +
                                       FlatFolder::kMostEffects * (flat::kMostHead + flat::kMostSpec +
                                                                   flat::kMostVarint + flat::kMostEvent));

}  // namespace

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
    std::uint64_t slot = 0;
    for (std::uint32_t i = 0; i < cells; ++i) {
      const std::uint64_t head = reader_.varint_up_to(std::uint64_t{kNoSlot} << 2, "a slot is out of range");
      slot = i == 0 ? head >> 2 : slot + 1 + (head >> 2);
      if (slot >= kNoSlot) flat::reject("a slot is out of range");
      while (next_ != end_ && next_->slot < slot) {
        if (!add_new(*next_++)) return nullptr;
      }
      const bool touched = next_ != end_ && next_->slot == slot;
      const auto form = static_cast<Form>(head & 3);
      if (!touched) {
        copy(static_cast<std::uint32_t>(slot), form);
      } else if (!change(form, *next_++)) {
        return nullptr;
      }
    }
    while (next_ != end_) {
      if (!add_new(*next_++)) return nullptr;
    }
    // Nothing may wait.
    if (!is_new && (reader_.byte() != 0 || reader_.left() != 0)) return nullptr;
    writer_.byte(0);
    *written = static_cast<std::uint8_t>(cells_);
    return cells_ > kMostCells ? nullptr : writer_.at();
  }

 private:
  std::uint32_t step_to(std::uint32_t slot) noexcept {
    const std::uint32_t step = slot - first_free_;
    first_free_ = slot + 1;
    ++cells_;
    return step;
  }

  static void add(Cell& c, const Step& step) noexcept {
    add_to_sum(c, step.weight.block, step.weight.weight * step.effect->multiplier);
  }

  void write_list(const Step& step) {
    const Effect& effect = *step.effect;
    events_.push_back({effect.at, effect.multiplier, effect.identity, effect.branch});
    prune(events_, step.tracker->list, last_at_);
    if (events_.empty()) return;
    writer_.list(step_to(step.slot), step.tracker->list, static_cast<std::uint32_t>(events_.size()), last_at_,
                 [this](std::uint32_t i) -> const Event& { return events_[i]; });
  }

  /// A cell that was not there; false where steps do not come in the order of their slots.
  bool add_new(const Step& step) {
    if (step.slot < first_free_) return false;
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
      case Cell::Type::list:
        events_.clear();
        write_list(step);
        break;
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
        writer_.sum(step_to(step.slot), c);
        break;
      case Cell::Type::latest:
        if (form != Form::latest_form) return false;
        reader_.latest(c, before_);
        add_to_latest(c, step.effect->at);
        writer_.latest(step_to(step.slot), c, last_at_);
        break;
      case Cell::Type::list:
        if (form != Form::list_form || !(reader_.spec() == step.tracker->list)) return false;
        read_events(step.tracker->list);
        write_list(step);
        break;
    }
    return true;
  }

  void read_events(const ListSpec& spec) {
    events_.clear();
    Micros previous = before_;
    for (std::uint32_t n = reader_.list_size(spec); n > 0; --n) {
      Event& e = events_.emplace_back();
      e.at = reader_.earlier(previous);
      reader_.payload(spec, e);
      previous = e.at;
    }
  }

  /// The cell at hand as it is. Times are written as distances from last_at, which may have moved on.
  void copy(std::uint32_t slot, Form form) {
    switch (form) {
      case Form::count_form:
      case Form::sum_form: {
        writer_.head(step_to(slot), form);
        const std::uint8_t* const from = reader_.at();
        reader_.varint();
        if (form == Form::sum_form) {
          reader_.varint();
          reader_.skip(sizeof(double));
        }
        writer_.raw(from, reader_.at());
        break;
      }
      case Form::latest_form: {
        Cell c;
        reader_.latest(c, before_);
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
    const std::uint32_t size = reader_.list_size(spec);
    std::uint32_t kept = 0;
    Micros newest = 0, at = before_;
    const std::uint8_t* rest = nullptr;   // after the newest event's time
    const std::uint8_t* until = nullptr;  // the end of what is kept
    for (std::uint32_t i = 0; i < size; ++i) {
      at = reader_.earlier(at);
      if (i == 0) {
        newest = at;
        rest = reader_.at();
      }
      reader_.skip((spec.multipliers ? 8 : 0) + (spec.identities ? 8 : 0));
      if (spec.branches) reader_.varint();
      // The events come in order of time: from the first that is too old on, all are.
      if (spec.horizon != 0 && difference(last_at_, at) >= spec.horizon) continue;
      ++kept;
      until = reader_.at();
    }
    if (kept == 0) return;
    writer_.head(step_to(slot), Form::list_form);
    writer_.raw(spec_from, spec_to);
    writer_.varint(kept);
    writer_.varint(flat::micros_between(newest, last_at_));
    writer_.raw(rest, until);
  }

  const std::uint64_t fingerprint_;
  flat::Reader reader_;
  flat::Writer writer_;
  const Step* next_;
  const Step* end_;
  std::vector<Event>& events_;
  Micros before_ = kMinusInfinity, last_at_ = kMinusInfinity;
  std::uint32_t first_free_ = 0;  ///< the first slot that may still be written
  std::uint32_t cells_ = 0;       ///< written
};

bool FlatFolder::prepare(const EngagementPlan& plan, std::span<const Effect> effects, Micros now) {
  at_ = effects.front().at;
  if (at_ > now || effects.size() > kMostEffects) return false;
  fingerprint_ = plan.fingerprint();
  steps_.clear();
  for (const Effect& effect : effects) {
    if (effect.tracker == Effect::kNone) continue;
    const Tracker& tracker = plan.trackers()[effect.tracker];
    const bool weighs = tracker.type == Cell::Type::sum;
    steps_.push_back({&effect, &tracker, plan.slot_of(effect),
                      weighs ? weight_at(effect.at, tracker.half_life) : Weight{0, 0}});
  }
  return true;
}

std::size_t FlatFolder::fold(std::span<const std::uint8_t> state, std::uint8_t* out) {
  if (state.size() > kMostBytes) return 0;
  const std::uint8_t* const end = Pass(fingerprint_, state, steps_, events_, out).run(at_);
  if (end == nullptr) return 0;
  const auto size = static_cast<std::size_t>(end - out);
  return size > kMostBytes ? 0 : size;
}

}  // namespace leadscore
