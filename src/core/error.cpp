// The checkpoint's host callback: one pointer a process, set once when the module is loaded.
#include "core/error.hpp"

namespace leadscore {
namespace {
StopRequested stop_requested = nullptr;
}

void set_stop_requested(StopRequested fn) noexcept { stop_requested = fn; }

void checkpoint() {
  if (stop_requested != nullptr && stop_requested()) throw Interrupted{};
}

}  // namespace leadscore
