// Where the memory of engagement states comes from: a memory context in the server, the heap elsewhere.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>
#include <vector>

namespace leadscore {

/// A source of memory whose blocks all vanish together, so that what lives in it needs no destructor.
class Arena {
 public:
  virtual ~Arena() = default;
  /// Uninitialised memory aligned for any scalar. Throws std::bad_alloc, never longjmps.
  virtual void* allocate(std::size_t bytes) = 0;
  /// Gives one block back early; nullptr is allowed.
  virtual void release(void* block) noexcept = 0;

  template <class T>
  T* allocate_array(std::size_t n) {
    return static_cast<T*>(allocate(n * sizeof(T)));
  }
};

/// Bump allocation on the heap that clear() rewinds without freeing: for states that live as long as one row.
class ScratchArena final : public Arena {
 public:
  ScratchArena() = default;
  ~ScratchArena() override;
  ScratchArena(const ScratchArena&) = delete;
  ScratchArena& operator=(const ScratchArena&) = delete;

  void* allocate(std::size_t bytes) override;
  void release(void*) noexcept override {}
  /// Forgets everything allocated; keeps the first chunk for reuse.
  void clear() noexcept;

 private:
  static constexpr std::size_t kChunk = 16 * 1024;
  struct Chunk {
    char* data;
    std::size_t size;
  };
  std::vector<Chunk> chunks_;
  std::size_t used_ = 0;  ///< of the last chunk
};

}  // namespace leadscore
