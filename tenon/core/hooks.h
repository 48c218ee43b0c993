// Lists of callbacks that may be taken away again.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace tenon::inline v0 {

template <class F>
struct HookList {
  std::mutex mutex;
  uint64_t next_id = 0;
  std::vector<std::pair<uint64_t, F>> items;

  uint64_t add(F f, bool prepend = false) {
    std::lock_guard lock(mutex);
    items.emplace(prepend ? items.begin() : items.end(), next_id, std::move(f));
    return next_id++;
  }
  void remove(uint64_t id) {
    F removed;  // destroyed outside of the lock, since it may be Python's
    std::lock_guard lock(mutex);
    const auto it = std::find_if(items.begin(), items.end(), [id](const auto& item) { return item.first == id; });
    if (it == items.end()) return;
    removed = std::move(it->second);
    items.erase(it);
  }
  std::vector<F> snapshot() {  // hooks may add and remove hooks
    std::lock_guard lock(mutex);
    std::vector<F> out;
    for (auto& item : items) out.push_back(item.second);
    return out;
  }
};

// Takes a hook away again; it may outlive the list.
class HookHandle {
 public:
  HookHandle() = default;
  template <class F>
  HookHandle(const std::shared_ptr<HookList<F>>& list, uint64_t id)
      : remove_([weak = std::weak_ptr<HookList<F>>(list), id] {
          if (auto l = weak.lock()) l->remove(id);
        }) {}
  void remove() {
    if (remove_) remove_();
    remove_ = nullptr;
  }

 private:
  std::function<void()> remove_;
};

}  // namespace tenon::inline v0
