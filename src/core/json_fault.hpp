// What is wrong at the place where a JSON text stops being JSON, in words for the person who wrote it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace leadscore {

struct JsonFault {
  std::size_t line = 1, column = 1;  ///< of the fault; columns count characters
  bool in_value = false;             ///< at a member or an element, else in the container itself
  std::size_t index = 0;             ///< in_value in an array: which element
  std::string token;                 ///< what stands there, shortened
  std::string problem;               ///< "unexpected "}", expected a value"
  std::string hint;                  ///< a sentence or empty
};

/// `text` is JSON up to a token that a parser refused after reading `bytes_read` bytes (one more than the
/// text has, where it met the end). A parser reads at most one byte beyond a token to find its end.
JsonFault find_json_fault(std::string_view text, std::size_t bytes_read);

}  // namespace leadscore
