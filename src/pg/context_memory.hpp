// Memory of a memory context for the containers of the core.
#pragma once

#include <memory_resource>

#include "pg/postgres.hpp"

namespace leadscore {

/// Throws where there is no memory, never longjmps. What is allocated counts among the context's and vanishes
/// with it, so that containers need no destruction.
class ContextMemory final : public std::pmr::memory_resource {
 public:
  explicit ContextMemory(MemoryContext context) noexcept : context_(context) {}

 private:
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    if (!AllocHugeSizeIsValid(bytes) || alignment > MAXIMUM_ALIGNOF) throw std::bad_alloc();
    void* const block = MemoryContextAllocExtended(context_, bytes, MCXT_ALLOC_NO_OOM | MCXT_ALLOC_HUGE);
    if (block == nullptr) throw std::bad_alloc();
    return block;
  }
  void do_deallocate(void* block, std::size_t, std::size_t) override { pfree(block); }
  bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }

  MemoryContext context_;
};

}  // namespace leadscore
