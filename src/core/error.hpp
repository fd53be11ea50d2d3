// The one exception type that the core throws at its callers, and the checkpoint by which a long
// computation asks its host whether it should stop.
#pragma once

#include <exception>
#include <string>
#include <utility>

namespace leadscore {

/// SQLSTATEs that the core uses (ISO 9075-2 and the class 22 and 54 codes of PostgreSQL's appendix A).
namespace sqlstate {
inline constexpr const char* kInvalidParameter = "22023";  ///< invalid_parameter_value
inline constexpr const char* kInvalidText = "22P02";       ///< invalid_text_representation
inline constexpr const char* kInvalidBinary = "22P03";     ///< invalid_binary_representation
inline constexpr const char* kDatetimeOverflow = "22008";  ///< datetime_field_overflow
inline constexpr const char* kUndefinedColumn = "42703";   ///< undefined_column
inline constexpr const char* kDatatypeMismatch = "42804";  ///< datatype_mismatch
inline constexpr const char* kLimitExceeded = "54000";     ///< program_limit_exceeded
inline constexpr const char* kWrongState = "55000";        ///< object_not_in_prerequisite_state
}  // namespace sqlstate

/// A mistake in what the user gave. Message lower-case without a full stop; detail and hint sentences
/// (either may be empty). The glue turns it into an `ereport`.
class Error : public std::exception {
 public:
  /// `code` points to a string literal of five characters.
  Error(const char* code, std::string message, std::string hint = {}, std::string detail = {})
      : code_(code), message_(std::move(message)), hint_(std::move(hint)), detail_(std::move(detail)) {}
  const char* what() const noexcept override { return message_.c_str(); }
  const char* code() const noexcept { return code_; }
  const std::string& message() const noexcept { return message_; }
  const std::string& hint() const noexcept { return hint_; }
  const std::string& detail() const noexcept { return detail_; }

 private:
  const char* code_;
  std::string message_, hint_, detail_;
};

/// Thrown by checkpoint() when the host wants the computation to stop; carries nothing, because the host
/// knows why.
struct Interrupted {};

/// Returns true when the running computation should be abandoned. Must not throw or longjmp.
using StopRequested = bool (*)() noexcept;

/// Installs the host's answer; nullptr (the default) means never stop.
void set_stop_requested(StopRequested fn) noexcept;

/// Called from every loop whose length the user's input decides. Throws Interrupted.
void checkpoint();

}  // namespace leadscore
