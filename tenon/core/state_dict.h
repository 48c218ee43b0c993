// StateDict: named tensors in definition order, as modules, files and runtimes exchange them.
#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <tenon/core/tensor.h>

namespace tenon::inline v0 {

class TENON_API StateDict {
 public:
  using value_type = std::pair<std::string, Tensor>;

  StateDict() = default;
  StateDict(std::initializer_list<value_type> items) : StateDict(of(items)) {}
  // Pairs of names and tensors. ValueError: a name twice.
  template <class Named>
  static StateDict of(const Named& tensors) {
    StateDict out;
    for (const auto& [name, tensor] : tensors) out.add(name, tensor);
    return out;
  }

  // Null when there is none. Constant time.
  const Tensor* find(std::string_view name) const;
  const Tensor& at(std::string_view name) const;  // KeyError
  bool contains(std::string_view name) const { return find(name) != nullptr; }
  // Adds at the end, or replaces in place.
  void set(std::string name, Tensor value);
  Tensor& operator[](std::string_view name);
  // Adds at the end. ValueError: there is such a name.
  void add(std::string name, Tensor value);
  const std::vector<value_type>& items() const { return items_; }
  size_t size() const { return items_.size(); }
  bool empty() const { return items_.empty(); }
  void reserve(size_t size) { items_.reserve(size); }
  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  static constexpr size_t kIndexed = 16;  // fewer names are compared one by one

  size_t place(std::string_view name) const;  // size() when there is none
  void append(std::string name, Tensor value);

  std::vector<value_type> items_;
  std::unordered_map<std::string, size_t, Hash, std::equal_to<>> index_;  // empty while there are few
};

}  // namespace tenon::inline v0
