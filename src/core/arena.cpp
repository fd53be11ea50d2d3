// ScratchArena: chunks of growing size, rewound between rows.
#include "core/arena.hpp"

#include <algorithm>

namespace leadscore {

ScratchArena::~ScratchArena() {
  for (const Chunk& chunk : chunks_) std::free(chunk.data);
}

void* ScratchArena::allocate(std::size_t bytes) {
  constexpr std::size_t kAlign = alignof(std::max_align_t);
  bytes = (bytes + kAlign - 1) & ~(kAlign - 1);
  if (chunks_.empty() || chunks_.back().size - used_ < bytes) {
    const std::size_t size = std::max(bytes, chunks_.empty() ? kChunk : 2 * chunks_.back().size);
    chunks_.reserve(chunks_.size() + 1);
    char* data = static_cast<char*>(std::malloc(size));
    if (data == nullptr) throw std::bad_alloc();
    chunks_.push_back({data, size});
    used_ = 0;
  }
  void* block = chunks_.back().data + used_;
  used_ += bytes;
  return block;
}

void ScratchArena::clear() noexcept {
  while (chunks_.size() > 1) {
    std::free(chunks_.back().data);
    chunks_.pop_back();
  }
  used_ = 0;
}

}  // namespace leadscore
