// A dimension: one 8-byte value that is either an integer or a symbolic expression. Shape rules are
// written once with it and serve eager calls (always integers) and traces (a batch of unknown size).
//
// Expressions are kept in one form: sums of products of integers and atoms, where an atom is a symbol, a floor
// division, a remainder, a minimum or a maximum. So what is equal by the rules of arithmetic is the same value
// however it was computed: batch * 4 * 3 / 12 == batch. A symbol stands for a size, which is never negative.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tenon/core/export.h>
#include <tenon/core/small_vector.h>

namespace tenon::inline v0 {

class Dim {
 public:
  enum class Kind : uint8_t { Constant, Symbol, Add, Multiply, FloorDivide, Modulo, Min, Max };

  constexpr Dim() = default;
  constexpr Dim(int64_t value) : value_(value) {}
  constexpr Dim(int value) : value_(value) {}
  constexpr Dim(size_t value) : value_(static_cast<int64_t>(value)) {}

  // A fresh name makes a new unknown; the same name is the same unknown.
  TENON_API static Dim symbol(std::string_view name);

  constexpr bool is_symbolic() const { return value_ < kSymbolic; }
  // The integer. ShapeError when symbolic: code that needs a number calls this.
  int64_t value() const {
    if (is_symbolic()) [[unlikely]]
      symbolic_value_error(*this);
    return value_;
  }
  constexpr int64_t raw() const { return value_; }

  // The expression, for those who store or walk it. Operands of Add and Multiply are two or more, a constant
  // comes last in a sum and first in a product; Min and Max have two or more, the others of them two.
  TENON_API Kind kind() const;
  TENON_API const std::vector<Dim>& operands() const;
  TENON_API const std::string& name() const;  // of a symbol

  // "3", "batch", "12*batch + 3", "(height - 1) // 2", "min(width, 10)".
  TENON_API std::string str() const;
  // What str() wrote, or anything else of +, -, *, //, %, min, max and parentheses. ValueError.
  TENON_API static Dim parse(std::string_view text);
  struct Parsed;
  // The expression at `at` in a longer text.
  TENON_API static Parsed parse_prefix(std::string_view text, size_t at);

  // The expression with every symbol replaced by `value(symbol)`.
  TENON_API Dim substitute(const std::function<Dim(Dim)>& value) const;
  int64_t evaluate(const std::function<Dim(Dim)>& value) const {
    return is_symbolic() ? substitute(value).value() : value_;
  }

  // What is known of it without knowing its symbols; INT64_MIN and INT64_MAX where there is no bound.
  struct Bounds {
    int64_t low, high;
  };
  TENON_API Bounds bounds() const;

  // Structural equality, which by the one form of expressions is what is known to be equal.
  friend constexpr bool operator==(Dim a, Dim b) { return a.value_ == b.value_; }
  friend Dim operator+(Dim a, Dim b);
  friend Dim operator-(Dim a, Dim b);
  friend Dim operator*(Dim a, Dim b);
  // Rounds down; the divisor is positive, a ShapeError otherwise.
  friend Dim operator/(Dim a, Dim b) {
    if (concrete(a, b) && b.value_ > 0) return a.value_ / b.value_ - (a.value_ % b.value_ < 0);
    return combine(Kind::FloorDivide, a, b);
  }
  friend Dim operator%(Dim a, Dim b) {
    if (concrete(a, b) && b.value_ > 0) return a.value_ % b.value_ + (a.value_ % b.value_ < 0 ? b.value_ : 0);
    return combine(Kind::Modulo, a, b);
  }
  friend Dim min(Dim a, Dim b) {
    return concrete(a, b) ? Dim(a.value_ < b.value_ ? a.value_ : b.value_) : combine(Kind::Min, a, b);
  }
  friend Dim max(Dim a, Dim b) {
    return concrete(a, b) ? Dim(a.value_ > b.value_ ? a.value_ : b.value_) : combine(Kind::Max, a, b);
  }
  Dim& operator+=(Dim other) { return *this = *this + other; }
  Dim& operator-=(Dim other) { return *this = *this - other; }
  Dim& operator*=(Dim other) { return *this = *this * other; }

 private:
  static constexpr int64_t kSymbolic = INT64_MIN / 2;
  static constexpr bool concrete(Dim a, Dim b) { return !a.is_symbolic() && !b.is_symbolic(); }
  // Symbolic expressions; for two integers ShapeError, since their result does not fit.
  TENON_API static Dim combine(Kind kind, Dim a, Dim b);
  TENON_API static Dim subtract(Dim a, Dim b);
  [[noreturn]] TENON_API static void symbolic_value_error(Dim dim);

  int64_t value_ = 0;
};
static_assert(sizeof(Dim) == 8);

struct Dim::Parsed {
  Dim value;
  size_t end;            // behind the expression, or where it went wrong
  const char* expected;  // "a size"; null when all is well
};

// Overflow is an error, never a wrapped number.
inline Dim operator+(Dim a, Dim b) {
  int64_t sum;
  if (Dim::concrete(a, b) && !__builtin_add_overflow(a.value_, b.value_, &sum)) return sum;
  return Dim::combine(Dim::Kind::Add, a, b);
}
inline Dim operator-(Dim a, Dim b) {
  int64_t difference;
  if (Dim::concrete(a, b) && !__builtin_sub_overflow(a.value_, b.value_, &difference)) return difference;
  return Dim::subtract(a, b);
}
inline Dim operator*(Dim a, Dim b) {
  int64_t product;
  if (Dim::concrete(a, b) && !__builtin_mul_overflow(a.value_, b.value_, &product)) return product;
  return Dim::combine(Dim::Kind::Multiply, a, b);
}

using Dims = SmallVector<Dim, 5>;
using Shape = Dims;
using Strides = Dims;  // in elements

// What must hold at run time for a trace to be right: pairs of sizes that must be equal. A tracer puts one in
// place for a scope of its thread; without one, a rule that would have to rely on such a pair is a ShapeError.
class TENON_API DimConditions {
 public:
  DimConditions();
  ~DimConditions();
  DimConditions(const DimConditions&) = delete;
  static DimConditions* current();

  void add(Dim a, Dim b);
  const std::vector<std::pair<Dim, Dim>>& pairs() const { return pairs_; }

 private:
  DimConditions* previous_;
  std::vector<std::pair<Dim, Dim>> pairs_;
};

TENON_API bool require_equal_symbolic(const char* op, Dim a, Dim b);
// Whether two sizes are equal, or become so by a condition that is recorded. False when they never are.
inline bool require_equal(const char* op, Dim a, Dim b) {
  return a == b || ((a.is_symbolic() || b.is_symbolic()) && require_equal_symbolic(op, a, b));
}
inline bool require_divisible(const char* op, Dim a, Dim by) { return require_equal(op, a % by, 0); }

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
