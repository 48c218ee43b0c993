// Intrusive reference counting: one pointer per handle, the count inside the object.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace tenon::inline v0 {

// T derives from RefCounted and defines `static void destroy(T*)`, called when the last reference goes.
struct RefCounted {
  mutable std::atomic<uint32_t> references{1};

  void retain() const { references.fetch_add(1, std::memory_order_relaxed); }
  // True when this was the last reference.
  bool release() const {
    // A sole owner needs no locked instruction: nobody else can be changing the count.
    if (references.load(std::memory_order_acquire) == 1) return true;
    return references.fetch_sub(1, std::memory_order_acq_rel) == 1;
  }
  uint32_t use_count() const { return references.load(std::memory_order_relaxed); }
};

template <class T>
class Ref {
 public:
  constexpr Ref() = default;
  constexpr Ref(std::nullptr_t) {}
  Ref(const Ref& other) : p_(other.p_) {
    if (p_ != nullptr) p_->retain();
  }
  Ref(Ref&& other) noexcept : p_(std::exchange(other.p_, nullptr)) {}
  template <class U>
  requires std::is_convertible_v<U*, T*> Ref(Ref<U> other) : p_(other.detach()) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(p_, other.p_);
    return *this;
  }
  ~Ref() { reset(); }

  static Ref adopt(T* p) {  // takes over one reference
    Ref r;
    r.p_ = p;
    return r;
  }
  static Ref share(T* p) {  // adds one reference
    if (p != nullptr) p->retain();
    return adopt(p);
  }
  T* detach() { return std::exchange(p_, nullptr); }
  void reset() {
    if (T* p = std::exchange(p_, nullptr); p != nullptr && p->release()) T::destroy(p);
  }
  T* get() const { return p_; }
  T* operator->() const { return p_; }
  T& operator*() const { return *p_; }
  explicit operator bool() const { return p_ != nullptr; }
  friend bool operator==(const Ref& a, const Ref& b) { return a.p_ == b.p_; }

 private:
  T* p_ = nullptr;
};

}  // namespace tenon::inline v0
