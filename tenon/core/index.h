// Basic indexing: what stands between the brackets of `x[1:3, None, -1]`, in one form that C++, Python,
// the op `_basic_index` and its kernels share. Users write, as in libtorch:
//
//   x.index({Slice(1, 3), None, -1});    x.index({Ellipsis, Slice({}, {}, 2)});
//
// The op keeps a pattern, one letter per component, and the numbers that its letters take, in order:
//
//   'i'  an integer              1 number
//   ':'  a whole dimension       none
//   's'  start:stop              2 numbers
//   'S'  start:stop:step         3 numbers
//   'n'  None, a new dimension   none
//   '.'  Ellipsis                none; at most one
//
// An absent start is 0, an absent stop is kEnd. `x[1:3, None, -1]` is pattern "sni" with values (1, 3, -1).
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <tenon/core/dim.h>
#include <tenon/core/tensor.h>

namespace tenon::inline v0 {

// ---- what users write ----

struct NoneType {};
struct EllipsisType {};
inline constexpr NoneType None;
inline constexpr EllipsisType Ellipsis;

struct Slice {
  std::optional<Dim> start, stop;
  int64_t step = 1;

  struct Bound : std::optional<Dim> {
    Bound() = default;  // Slice({}, {}, 2)
    Bound(NoneType) {}
    Bound(int64_t value) : std::optional<Dim>(Dim(value)) {}
    Bound(int value) : std::optional<Dim>(Dim(value)) {}
    Bound(Dim value) : std::optional<Dim>(value) {}
  };
  Slice(Bound start = {}, Bound stop = {}, int64_t step = 1) : start(start), stop(stop), step(step) {}
};

// One component of an index: an integer, a slice, None, Ellipsis, a bool, or a tensor of indices or a mask.
using IndexComponent = std::variant<Dim, Slice, NoneType, EllipsisType, bool, Tensor>;
struct TensorIndex : IndexComponent {
  TensorIndex(int64_t index) : IndexComponent(Dim(index)) {}
  TensorIndex(int index) : IndexComponent(Dim(index)) {}
  TensorIndex(Dim index) : IndexComponent(index) {}
  TensorIndex(bool all) : IndexComponent(all) {}
  TensorIndex(Slice slice) : IndexComponent(slice) {}
  TensorIndex(NoneType none) : IndexComponent(none) {}
  TensorIndex(EllipsisType dots) : IndexComponent(dots) {}
  TensorIndex(Tensor indices) : IndexComponent(std::move(indices)) {}
  const IndexComponent& component() const { return *this; }
};

// libtorch's spelling.
namespace indexing {
using tenon::Ellipsis;
using tenon::None;
using tenon::Slice;
using tenon::TensorIndex;
}  // namespace indexing

// ---- the form that the op keeps ----

inline constexpr int64_t kEnd = INT64_MAX;

// Where a slice's bound falls in a dimension of `size`: counted from the end when negative, then clamped.
// A symbolic size cannot be compared with: its bounds are taken to lie inside.
inline Dim clamp_bound(Dim bound, Dim size, bool is_stop) {
  if (bound.is_symbolic()) return bound;
  const int64_t at = bound.raw();
  if (at == kEnd) return size;
  if (size.is_symbolic()) {
    if (at < 0) return size + bound;
    return is_stop && at > 0 ? Dim(std::min(at, size.value())) : bound;
  }
  const int64_t end = size.raw();
  return at < 0 ? (at + end < 0 ? 0 : at + end) : (at > end ? end : at);
}

// The stride of every step-th element. One that does not fit belongs to a single element, and is never used.
inline int64_t stepped(int64_t stride, int64_t step) {
  int64_t product;
  return __builtin_mul_overflow(stride, step, &product) ? stride : product;
}
inline Dim slice_length(Dim start, Dim stop, int64_t step) {
  const Dim span = stop - start;
  if (!span.is_symbolic()) return span.raw() <= 0 ? 0 : (span.raw() - 1) / step + 1;
  return step == 1 ? span : (span + Dim(step - 1)) / Dim(step);
}

// One component, with the dimension of the input that it takes (-1 for None).
struct IndexPart {
  char kind;
  int dim;
  Dim start, stop;
  int64_t step;
};

// How many dimensions of the input a pattern takes, Ellipsis apart.
inline int indexed_dims(std::string_view pattern) {
  int count = 0;
  for (char c : pattern) count += c != 'n' && c != '.';
  return count;
}

// Calls `visit(part)` for each component in order; Ellipsis and what follows the pattern become whole
// dimensions. The pattern takes at most `ndim` dimensions.
template <class F>
void for_each_part(std::string_view pattern, const Dims& values, int ndim, F&& visit) {
  size_t next = 0;
  int dim = 0, rest = ndim - indexed_dims(pattern);
  const auto whole = [&](int count) {
    for (; count > 0; --count) visit(IndexPart{':', dim++, 0, kEnd, 1});
  };
  for (char c : pattern) {
    if (c == '.') {
      whole(rest);
      rest = 0;
    } else if (c == 'n') {
      visit(IndexPart{'n', -1, 0, 1, 1});
    } else if (c == 'i') {
      visit(IndexPart{'i', dim++, values[next], 0, 1});
      next += 1;
    } else if (c == 's' || c == 'S') {
      visit(IndexPart{'s', dim++, values[next], values[next + 1], c == 'S' ? values[next + 2].raw() : 1});
      next += c == 'S' ? 3 : 2;
    } else {
      whole(1);
    }
  }
  whole(rest);
}

// Strides and offset of an index into a layout of `sizes` and `strides`; returns the number of output dims.
// Plain numbers, for kernels and alias rules; the index was checked before.
inline int basic_index_layout(std::string_view pattern, const Dims& values, int ndim, const int64_t* sizes,
                              const int64_t* strides, int64_t* out_sizes, int64_t* out_strides, int64_t* offset) {
  int n = 0;
  for_each_part(pattern, values, ndim, [&](const IndexPart& part) {
    if (part.kind == 'n') {
      out_sizes[n] = 1;
      out_strides[n++] = 0;
    } else if (part.kind == 'i') {
      const int64_t at = part.start.raw();
      *offset += (at < 0 ? at + sizes[part.dim] : at) * strides[part.dim];
    } else {
      const int64_t start = clamp_bound(part.start, sizes[part.dim], false).raw();
      const int64_t stop = clamp_bound(part.stop, sizes[part.dim], true).raw();
      out_sizes[n] = slice_length(start, stop, part.step).raw();
      out_strides[n++] = stepped(strides[part.dim], part.step);
      if (start < sizes[part.dim]) *offset += start * strides[part.dim];
    }
  });
  return n;
}

}  // namespace tenon::inline v0
