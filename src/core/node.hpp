// A JSON value together with the way to it, so that a problem can name its place. Nodes are made while
// walking down and live on the stack; the text of a path is put together only where it is asked for.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "core/json.hpp"

namespace leadscore {

class Node {
 public:
  /// The root, "$". The JSON outlives all nodes.
  explicit Node(const Json& root) noexcept : json_(&root) {}

  /// A child outlives neither this node nor its JSON, so a temporary can't have one.
  Node item(std::size_t index) const& noexcept { return Node(json_->items[index], this, {}, index); }
  Node item(std::size_t index) const&& = delete;
  Node member(const std::pair<std::string, Json>& member) const& noexcept {
    return Node(member.second, this, member.first, kNoIndex);
  }
  Node member(const std::pair<std::string, Json>& member) const&& = delete;

  const Json& json() const noexcept { return *json_; }
  bool is(Json::Kind kind) const noexcept { return json_->is(kind); }
  /// The name of a member; empty for the root and for items.
  std::string_view name() const noexcept { return name_; }
  /// Objects and arrays around this value.
  std::size_t depth() const noexcept { return depth_; }
  /// "$.dimensions[1].rules[3].half_life"
  std::string path() const;

 private:
  static constexpr std::size_t kNoIndex = static_cast<std::size_t>(-1);

  Node(const Json& json, const Node* parent, std::string_view name, std::size_t index) noexcept
      : json_(&json), parent_(parent), name_(name), index_(index), depth_(parent->depth_ + 1) {}

  const Json* json_;
  const Node* parent_ = nullptr;
  std::string_view name_;
  std::size_t index_ = kNoIndex;
  std::size_t depth_ = 0;
};

}  // namespace leadscore
