#include <tenon/core/state_dict.h>

#include <tenon/core/error.h>

namespace tenon::inline v0 {

size_t StateDict::place(std::string_view name) const {
  if (!index_.empty()) {
    const auto found = index_.find(name);
    return found == index_.end() ? items_.size() : found->second;
  }
  size_t i = 0;
  while (i < items_.size() && items_[i].first != name) ++i;
  return i;
}

void StateDict::append(std::string name, Tensor value) {
  if (!index_.empty()) index_.emplace(name, items_.size());
  items_.emplace_back(std::move(name), std::move(value));
  if (index_.empty() && items_.size() > kIndexed) {
    for (size_t i = 0; i < items_.size(); ++i) index_.emplace(items_[i].first, i);
  }
}

const Tensor* StateDict::find(std::string_view name) const {
  const size_t i = place(name);
  return i < items_.size() ? &items_[i].second : nullptr;
}

const Tensor& StateDict::at(std::string_view name) const {
  const Tensor* found = find(name);
  if (found == nullptr) fail<KeyError>("state dict: no entry '", name, "'");
  return *found;
}

void StateDict::set(std::string name, Tensor value) {
  const size_t i = place(name);
  if (i == items_.size()) return append(std::move(name), std::move(value));
  items_[i].second = std::move(value);
}

void StateDict::add(std::string name, Tensor value) {
  check<ValueError>(!contains(name), "state dict: two tensors are named '", name, "'");
  append(std::move(name), std::move(value));
}

Tensor& StateDict::operator[](std::string_view name) {
  const size_t i = place(name);
  if (i == items_.size()) append(std::string(name), {});
  return items_[i].second;
}

}  // namespace tenon::inline v0
