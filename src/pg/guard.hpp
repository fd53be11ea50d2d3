// The barrier between C++ and the server. A function of the server leaves by longjmp, C++ by exceptions, and
// neither may cross the other:
//
//  1. fetch:   C style. Server functions may be called and may longjmp; no object with a destructor is alive
//  on the stack.
//  2. compute: inside guarded(). C++ may throw; no server function is called that may longjmp.
//  3. build:   C style again. What the computation made lives in objects that hang on a memory context
//  (call_state()).
#pragma once

#include <type_traits>

#include "core/error.hpp"
#include "pg/postgres.hpp"

namespace leadscore {

/// What was thrown, in PODs. Texts are UTF-8, in the current memory context or literals; nullptr for none.
struct Failure {
  enum class Kind : unsigned char { error, interrupted } kind;
  int sqlstate;
  const char* message;
  const char* detail;
  const char* hint;
};

/// Describes the exception that is being handled. To be called in a catch block only.
void capture(Failure& failure) noexcept;

/// Raises it as an error of the server.
[[noreturn]] void raise(const Failure& failure);

/// The answer to the core's checkpoint: is there an interrupt, and may it be served now?
bool stop_requested() noexcept;

/// Set while a computation must not be abandoned halfway.
inline bool uninterruptible = false;

/// Runs `body`; false, with the failure described, where it threw. The exception is gone by then: raising
/// from inside of the handler would leak it.
template <class Body>
bool attempt(const Body& body, Failure& failure) noexcept {
  try {
    body();
    return true;
  } catch (...) {
    capture(failure);
  }
  return false;
}

/// Runs `body`, a lambda that captures references and PODs and may be run again from its start, and turns
/// what it throws into an error of the server. An interrupt is served and, where it does not end the query,
/// the body runs again.
template <class Body>
void guarded(const Body& body) {
  static_assert(std::is_trivially_destructible_v<Body>);
  for (;;) {
    Failure failure;
    if (attempt(body, failure)) return;
    if (failure.kind != Failure::Kind::interrupted) raise(failure);
    CHECK_FOR_INTERRUPTS();
  }
}

/// The same for a body that changes a state in place and so can't be run again: no interrupt stops it. For
/// short bodies only.
template <class Body>
void guarded_change(const Body& body) {
  static_assert(std::is_trivially_destructible_v<Body>);
  Failure failure;
  uninterruptible = true;
  const bool done = attempt(body, failure);
  uninterruptible = false;
  if (!done) raise(failure);
}

/// A new T, destroyed with the memory context. T's destructor must not throw. May longjmp.
template <class T>
T* new_in(MemoryContext context) {
  auto* const callback =
      static_cast<MemoryContextCallback*>(MemoryContextAllocZero(context, sizeof(MemoryContextCallback)));
  T* object = nullptr;
  guarded([&] { object = new T(); });
  callback->func = [](void* made) { delete static_cast<T*>(made); };
  callback->arg = object;
  MemoryContextRegisterResetCallback(context, callback);
  return object;
}

/// The T that belongs to this call of a function in an expression, made at its first call and destroyed with
/// the expression. T's destructor must not throw.
template <class T>
T& call_state(FunctionCallInfo fcinfo) {
  FmgrInfo* const flinfo = fcinfo->flinfo;
  if (flinfo->fn_extra == nullptr) flinfo->fn_extra = new_in<T>(flinfo->fn_mcxt);
  return *static_cast<T*>(flinfo->fn_extra);
}

}  // namespace leadscore

/// Opens the definition of a function that SQL calls. C symbols carry the extension's name: the server loads
/// all modules into one namespace.
#define LEADSCORE_FUNCTION(name)                        \
  extern "C" {                                          \
  PGDLLEXPORT Datum leadscore_##name(PG_FUNCTION_ARGS); \
  PG_FUNCTION_INFO_V1(leadscore_##name);                \
  }                                                     \
  Datum leadscore_##name(PG_FUNCTION_ARGS)
