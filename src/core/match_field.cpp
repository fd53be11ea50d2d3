// Building a field's look-ups.
#include "core/match_field.hpp"

#include <algorithm>
#include <utility>

namespace leadscore {

void MatchField::set_atoms(std::uint32_t first_atom, std::uint32_t atoms) {
  first_atom_ = first_atom;
  atoms_ = atoms;
  signal_.assign(atoms, false);
}

void MatchField::add_atom_decider(std::uint32_t atom, std::uint32_t decider, std::uint32_t bucket,
                                  double points) {
  pieces_.push_back({atom - first_atom_, decider, bucket, points});
}

void MatchField::add_program(std::uint32_t program, bool always, const std::vector<std::uint32_t>& atoms) {
  if (always) {
    always_programs_.push_back(program);
  } else {
    for (const std::uint32_t atom : atoms) atom_programs_.add(atom - first_atom_, program);
  }
  has_programs_ = true;
}

void MatchField::add_candidate(std::uint32_t atom, std::uint32_t program) {
  atom_candidates_.add(atom - first_atom_, program);
  add_signal(atom);
}

void MatchField::add_signal(std::uint32_t atom) { signal_[atom - first_atom_] = true; }

std::uint32_t MatchField::column_of(std::uint32_t bucket) const noexcept {
  return static_cast<std::uint32_t>(std::lower_bound(columns_.begin(), columns_.end(), bucket) -
                                    columns_.begin());
}

void MatchField::build(const std::vector<std::uint32_t>& program_buckets, std::size_t& table_cells,
                       TableBudget& budget, std::size_t memo_bytes) {
  const bool lists_hits =
      has_programs_ || std::any_of(pieces_.begin(), pieces_.end(),
                                   [](const AtomPiece& piece) { return piece.bucket == Decider::kNoBucket; });
  patterns.build(table_cells);
  domains.build();
  local_parts.build();
  elements.build();
  if (value_used) value_table.build(value.classes(), budget);
  for (TimedAxis* axis : {&time, &age}) {
    if (axis->used) axis->table.build(axis->axis.classes(), budget);
  }

  columns_ = value_table.all_buckets();
  for (const AtomPiece& piece : pieces_) {
    if (piece.bucket != Decider::kNoBucket) columns_.push_back(piece.bucket);
  }
  columns_.insert(columns_.end(), program_buckets.begin(), program_buckets.end());
  std::sort(columns_.begin(), columns_.end());
  columns_.erase(std::unique(columns_.begin(), columns_.end()), columns_.end());
  for (const std::uint32_t bucket : value_table.columns()) table_columns_.push_back(column_of(bucket));

  build_atoms();
  plain_ = atoms_ == 0 && !has_programs_;
  reads_value_ = value_used || atoms_ > 0;
  reads_time_ = time.used || age.used;
  only_sums_ = reads_value_ && !reads_time_ && !lists_hits && value_number == kNoAxis &&
               !value_table.has_lists() && !value_table.has_candidates() &&
               std::find(signal_.begin(), signal_.end(), true) == signal_.end();
  memo_.configure(columns_.size(), memo_bytes);
  quick_ = only_sums_ && columns_.size() == 1;
  if (!quick_) return;
  quick_bucket_ = columns_[0];
  if (!table_columns_.empty()) quick_sums_ = value_table.sums(0);
}

// The points of an atom by column, summed exactly, and the lists of what it decides.
void MatchField::build_atoms() {
  for (const AtomPiece& piece : pieces_) {
    if (piece.bucket == Decider::kNoBucket) atom_deciders_.add(piece.atom, piece.decider);
  }
  std::stable_sort(pieces_.begin(), pieces_.end(), [](const AtomPiece& a, const AtomPiece& b) {
    return a.atom != b.atom ? a.atom < b.atom : a.bucket < b.bucket;
  });
  point_offsets_.assign(atoms_ + 1, 0);
  for (std::size_t i = 0; i < pieces_.size();) {
    const AtomPiece& first = pieces_[i];
    long double sum = 0;
    for (; i < pieces_.size() && pieces_[i].atom == first.atom && pieces_[i].bucket == first.bucket; ++i) {
      sum += pieces_[i].points;
    }
    if (first.bucket == Decider::kNoBucket) continue;
    atom_points_.push_back({column_of(first.bucket), static_cast<double>(sum)});
    ++point_offsets_[first.atom + 1];
  }
  for (std::uint32_t atom = 0; atom < atoms_; ++atom) point_offsets_[atom + 1] += point_offsets_[atom];
  pieces_ = {};
  atom_deciders_.build(atoms_);
  atom_programs_.build(atoms_);
  atom_candidates_.build(atoms_);
}

}  // namespace leadscore
