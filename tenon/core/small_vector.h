// A vector of plain values that keeps its first N elements inline: shapes and strides live inside the
// tensor, so making a tensor of ordinary rank touches no allocator.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <type_traits>

namespace tenon::inline v0 {

template <class T, uint32_t N>
class SmallVector {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  using value_type = T;
  using iterator = T*;
  using const_iterator = const T*;

  SmallVector() = default;
  explicit SmallVector(size_t count, T value = T()) { resize(count, value); }
  SmallVector(std::initializer_list<T> values) { assign(values.begin(), values.end()); }
  template <class It>
  requires(!std::is_integral_v<It>) SmallVector(It first, It last) { assign(first, last); }
  SmallVector(const SmallVector& other) { assign(other.begin(), other.end()); }
  SmallVector(SmallVector&& other) noexcept { take(other); }
  SmallVector& operator=(const SmallVector& other) {
    if (this != &other) assign(other.begin(), other.end());
    return *this;
  }
  SmallVector& operator=(SmallVector&& other) noexcept {
    if (this != &other) {
      release();
      take(other);
    }
    return *this;
  }
  ~SmallVector() { release(); }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* data() { return capacity_ == N ? at_.inlined : at_.heap; }
  const T* data() const { return capacity_ == N ? at_.inlined : at_.heap; }
  T* begin() { return data(); }
  T* end() { return data() + size_; }
  const T* begin() const { return data(); }
  const T* end() const { return data() + size_; }
  T& operator[](size_t i) { return data()[i]; }
  const T& operator[](size_t i) const { return data()[i]; }
  T& front() { return data()[0]; }
  const T& front() const { return data()[0]; }
  T& back() { return data()[size_ - 1]; }
  const T& back() const { return data()[size_ - 1]; }

  void clear() { size_ = 0; }
  void pop_back() { --size_; }
  void push_back(T value) {
    if (size_ == capacity_) grow(size_ + 1);
    data()[size_++] = value;
  }
  void resize(size_t count, T value = T()) {
    if (count > capacity_) grow(count);
    T* p = data();
    for (size_t i = size_; i < count; ++i) p[i] = value;
    size_ = static_cast<uint32_t>(count);
  }
  void insert(const T* where, T value) {
    const size_t at = where - data();
    push_back(value);
    T* p = data();
    std::memmove(static_cast<void*>(p + at + 1), p + at, (size_ - 1 - at) * sizeof(T));
    p[at] = value;
  }
  void erase(const T* where) {
    T* p = data();
    const size_t at = where - p;
    std::memmove(static_cast<void*>(p + at), p + at + 1, (size_ - 1 - at) * sizeof(T));
    --size_;
  }
  template <class It>
  void assign(It first, It last) {
    const size_t count = last - first;
    size_ = 0;
    if (count > capacity_) grow(count);
    T* p = data();
    for (size_t i = 0; i < count; ++i, ++first) p[i] = *first;
    size_ = static_cast<uint32_t>(count);
  }
  friend bool operator==(const SmallVector& a, const SmallVector& b) {
    if (a.size_ != b.size_) return false;
    const T *x = a.data(), *y = b.data();
    for (size_t i = 0; i < a.size_; ++i) {
      if (!(x[i] == y[i])) return false;
    }
    return true;
  }

 private:
  void grow(size_t count) {
    uint32_t capacity = capacity_ * 2;
    if (capacity < count) capacity = static_cast<uint32_t>(count);
    T* fresh = static_cast<T*>(std::malloc(capacity * sizeof(T)));
    if (fresh == nullptr) std::abort();
    std::memcpy(static_cast<void*>(fresh), data(), size_ * sizeof(T));
    release();
    at_.heap = fresh;
    capacity_ = capacity;
  }
  void release() {
    if (capacity_ != N) std::free(at_.heap);
    capacity_ = N;
  }
  void take(SmallVector& other) {
    size_ = other.size_;
    capacity_ = other.capacity_;
    if (capacity_ == N) {
      for (uint32_t i = 0; i < size_; ++i) at_.inlined[i] = other.at_.inlined[i];
    } else {
      at_.heap = other.at_.heap;
      other.capacity_ = N;
      other.size_ = 0;
    }
  }

  uint32_t size_ = 0;
  uint32_t capacity_ = N;
  union Elements {
    Elements() {}
    T inlined[N];
    T* heap;
  } at_;
};

}  // namespace tenon::inline v0
