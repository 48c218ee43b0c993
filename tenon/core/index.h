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

// A bound or an index counted from the end when it is negative. One that may be either, which only a symbolic
// one can, is taken to be none of the negative: a condition of the trace.
inline Dim from_start(Dim bound, Dim size) {
  if (!bound.is_symbolic()) return bound.raw() < 0 ? size + bound : bound;
  if (bound.bounds().high < 0) return size + bound;
  if (bound.bounds().low < 0) require_equal("index", min(bound, 0), 0);
  return bound;
}

// Where a slice's bound falls in a dimension of `size`: counted from the end when negative, then clamped.
inline Dim clamp_bound(Dim bound, Dim size) {
  if (bound == Dim(kEnd)) return size;
  return min(max(from_start(bound, size), 0), size);
}

// The stride of every step-th element. One that does not fit belongs to a single element, and is never used.
inline Dim stepped(Dim stride, int64_t step) {
  if (stride.is_symbolic()) return stride * step;
  int64_t product;
  return __builtin_mul_overflow(stride.raw(), step, &product) ? stride : Dim(product);
}

// What start:stop:step takes of a dimension of `size`.
struct SlicePart {
  Dim start, length;
};
inline SlicePart slice_part(Dim start, Dim stop, int64_t step, Dim size) {
  const Dim from = clamp_bound(start, size), to = clamp_bound(stop, size);
  Dim span = to - from;
  if (span.is_symbolic()) {
    // Equal to the difference of the clamped ones where that is not negative, and of a simpler form.
    const bool is_tail = !start.is_symbolic() && start.raw() < 0 && to == size;
    span = is_tail ? min(size, Dim(0) - start) : max(to - max(from_start(start, size), 0), 0);
    return {from, step == 1 ? span : (span + (step - 1)) / step};
  }
  return {from, span.raw() <= 0 ? 0 : (span.raw() - 1) / step + 1};
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

// Shape, strides and offset of an index into a layout of `sizes` and `strides`; returns the number of output
// dims. The index was checked before.
inline int basic_index_layout(std::string_view pattern, const Dims& values, int ndim, const Dim* sizes,
                              const Dim* strides, Dim* out_sizes, Dim* out_strides, Dim* offset) {
  int n = 0;
  for_each_part(pattern, values, ndim, [&](const IndexPart& part) {
    if (part.kind == 'n') {
      out_sizes[n] = 1;
      out_strides[n++] = 0;
      return;
    }
    const Dim size = sizes[part.dim], stride = strides[part.dim];
    if (part.kind == 'i') {
      *offset += from_start(part.start, size) * stride;
      return;
    }
    const SlicePart slice = slice_part(part.start, part.stop, part.step, size);
    out_sizes[n] = slice.length;
    out_strides[n++] = stepped(stride, part.step);
    if (!(slice.start == size)) *offset += slice.start * stride;
  });
  return n;
}

}  // namespace tenon::inline v0
