// The barrier's side that is not a template: exceptions become PODs, PODs become errors of the server.
#include "pg/guard.hpp"

#include "pg/encoding.hpp"

namespace leadscore {
namespace {

/// A copy in the current memory context, made without a chance to longjmp: a handler is running.
const char* copy_text(const std::string& text) noexcept {
  if (text.empty()) return nullptr;
  const std::size_t size = std::min<std::size_t>(text.size(), 64 * 1024);
  auto* const copy =
      static_cast<char*>(MemoryContextAllocExtended(CurrentMemoryContext, size + 1, MCXT_ALLOC_NO_OOM));
  if (copy == nullptr) return nullptr;
  std::memcpy(copy, text.data(), size);
  copy[size] = '\0';
  return copy;
}

}  // namespace

void capture(Failure& failure) noexcept {
  failure = {Failure::Kind::error, ERRCODE_INTERNAL_ERROR, nullptr, nullptr, nullptr};
  try {
    throw;
  } catch (const Error& error) {
    const char* const code = error.code();
    failure.sqlstate = MAKE_SQLSTATE(code[0], code[1], code[2], code[3], code[4]);
    failure.message = copy_text(error.message());
    failure.detail = copy_text(error.detail());
    failure.hint = copy_text(error.hint());
  } catch (const Interrupted&) {
    failure.kind = Failure::Kind::interrupted;
  } catch (const std::bad_alloc&) {
    failure.sqlstate = ERRCODE_OUT_OF_MEMORY;
  } catch (const std::exception& error) {
    // No mistake of a user's comes here; what() helps whoever reads the report.
    auto* const copy =
        static_cast<char*>(MemoryContextAllocExtended(CurrentMemoryContext, 256, MCXT_ALLOC_NO_OOM));
    if (copy != nullptr) std::snprintf(copy, 256, "%s", error.what());
    failure.message = copy;
  } catch (...) {
    failure.message = "unknown exception";
  }
}

void raise(const Failure& failure) {
  if (failure.sqlstate == ERRCODE_OUT_OF_MEMORY || failure.message == nullptr) {
    ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
  }
  const char* const message = server_message(failure.message);
  const char* const detail = server_message(failure.detail);
  const char* const hint = server_message(failure.hint);
  ereport(ERROR, (errcode(failure.sqlstate), errmsg_internal("%s", message),
                  detail == nullptr ? 0 : errdetail_internal("%s", detail),
                  hint == nullptr ? 0 : errhint("%s", hint)));
}

bool stop_requested() noexcept {
  return InterruptPending && !uninterruptible && InterruptHoldoffCount == 0 && QueryCancelHoldoffCount == 0 &&
         CritSectionCount == 0;
}

}  // namespace leadscore
