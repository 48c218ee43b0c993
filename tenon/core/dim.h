// A dimension: one 8-byte value that is either an integer or a symbolic expression. Shape rules are
// written once with it and serve eager calls (always integers) and traces (a batch of unknown size).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tenon/core/export.h>
#include <tenon/core/small_vector.h>

namespace tenon::inline v0 {

class Dim {
 public:
  constexpr Dim() = default;
  constexpr Dim(int64_t value) : value_(value) {}
  constexpr Dim(int value) : value_(value) {}
  constexpr Dim(size_t value) : value_(static_cast<int64_t>(value)) {}

  // A fresh name makes a new unknown; the same name is the same unknown.
  TENON_API static Dim symbol(std::string_view name);

  constexpr bool is_symbolic() const { return value_ < kSymbolic; }
  // The integer. InternalError when symbolic: code that needs a number calls this.
  int64_t value() const {
    if (is_symbolic()) [[unlikely]]
      symbolic_value_error(*this);
    return value_;
  }
  constexpr int64_t raw() const { return value_; }
  TENON_API std::string str() const;  // "3", "batch", "(batch * 4)"

  // Structural equality: two expressions are equal when they are the same expression.
  friend constexpr bool operator==(Dim a, Dim b) { return a.value_ == b.value_; }
  friend Dim operator+(Dim a, Dim b);
  friend Dim operator-(Dim a, Dim b);
  friend Dim operator*(Dim a, Dim b);
  // Floor division; the divisor is positive.
  friend Dim operator/(Dim a, Dim b) { return concrete(a, b) ? Dim(a.value_ / b.value_) : combine('/', a, b); }

 private:
  static constexpr int64_t kSymbolic = INT64_MIN / 2;
  static constexpr bool concrete(Dim a, Dim b) { return !a.is_symbolic() && !b.is_symbolic(); }
  // Symbolic expressions; for two integers ShapeError, since their result does not fit.
  TENON_API static Dim combine(char op, Dim a, Dim b);
  [[noreturn]] TENON_API static void symbolic_value_error(Dim dim);
  friend class DimTable;

  int64_t value_ = 0;
};
static_assert(sizeof(Dim) == 8);

// Overflow is an error, never a wrapped number.
inline Dim operator+(Dim a, Dim b) {
  int64_t sum;
  if (Dim::concrete(a, b) && !__builtin_add_overflow(a.value_, b.value_, &sum)) return sum;
  return Dim::combine('+', a, b);
}
inline Dim operator-(Dim a, Dim b) {
  int64_t difference;
  if (Dim::concrete(a, b) && !__builtin_sub_overflow(a.value_, b.value_, &difference)) return difference;
  return Dim::combine('-', a, b);
}
inline Dim operator*(Dim a, Dim b) {
  int64_t product;
  if (Dim::concrete(a, b) && !__builtin_mul_overflow(a.value_, b.value_, &product)) return product;
  return Dim::combine('*', a, b);
}

using Dims = SmallVector<Dim, 5>;
using Shape = Dims;
using Strides = SmallVector<int64_t, 5>;

// A parameter that takes a list of dims or one: `x.sum(1)`, `x.sum({0, 1})`, `max_pool2d(x, 2)`.
struct DimsArg : Dims {
  using Dims::Dims;
  DimsArg(const Dims& dims) : Dims(dims) {}
  DimsArg(int64_t dim) : Dims{Dim(dim)} {}
  DimsArg(int dim) : Dims{Dim(dim)} {}
  // One value stands for `length` of them.
  Dims broadcast(size_t length) const { return size() == 1 ? Dims(length, (*this)[0]) : Dims(*this); }
};

}  // namespace tenon::inline v0
