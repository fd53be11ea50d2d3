// The text of a node's path.
#include "core/node.hpp"

namespace leadscore {

// Recursion is as deep as the JSON is nested: kMaxNesting.
std::string Node::path() const {
  if (parent_ == nullptr) return "$";
  if (index_ == kNoIndex) return member_path(parent_->path(), name_);
  return parent_->path() + '[' + std::to_string(index_) + ']';
}

}  // namespace leadscore
