// For kernels that want row-major data: looks at a view's elements so, copying or widening them if need be.
#pragma once

#include <type_traits>

#include <tenon/core/context.h>
#include <tenon/core/half.h>

namespace tenon::inline v0 {

namespace detail {

// Calls f(row offset in `v`, index of the row) for every innermost row.
template <class F>
void for_each_inner_row(const View& v, F&& f) {
  int64_t rows = 1;
  for (int i = 0; i < v.ndim - 1; ++i) rows *= v.sizes[i];
  for (int64_t r = 0; r < rows; ++r) {
    int64_t offset = 0, rest = r;
    for (int i = v.ndim - 2; i >= 0; --i) {
      offset += rest % v.sizes[i] * v.strides[i];
      rest /= v.sizes[i];
    }
    f(offset, r);
  }
}

template <class From, class To>
void copy_to_rows(const View& from, To* to) {
  const int64_t n = from.ndim > 0 ? from.sizes[from.ndim - 1] : 1, step = from.ndim > 0 ? from.strides[from.ndim - 1] : 1;
  for_each_inner_row(from, [&](int64_t offset, int64_t row) {
    const From* source = from.as<const From>() + offset;
    for (int64_t i = 0; i < n; ++i) to[row * n + i] = static_cast<To>(source[i * step]);
  });
}

template <class From, class To>
void copy_from_rows(const From* from, const View& to) {
  const int64_t n = to.ndim > 0 ? to.sizes[to.ndim - 1] : 1, step = to.ndim > 0 ? to.strides[to.ndim - 1] : 1;
  for_each_inner_row(to, [&](int64_t offset, int64_t row) {
    To* target = to.as<To>() + offset;
    for (int64_t i = 0; i < n; ++i) target[i * step] = static_cast<To>(from[row * n + i]);
  });
}

}  // namespace detail

// The elements of `v` in row-major order as T, which is its type, or float for 16-bit floats. Null (and a
// report) when memory is short; also null for a view without elements.
template <class T>
const T* row_major(const View& v, Context& context) {
  const int64_t n = v.numel();
  if (n == 0) return nullptr;
  const bool narrow = std::is_same_v<T, float> && v.dtype != DType::Float32;
  if (v.contiguous && !narrow) return v.as<const T>();
  T* copy = static_cast<T*>(context.workspace(static_cast<size_t>(n) * sizeof(T)));
  if (copy == nullptr) return nullptr;
  if constexpr (std::is_same_v<T, float>) {
    if (v.dtype == DType::Float16) return detail::copy_to_rows<Half>(v, copy), copy;
    if (v.dtype == DType::BFloat16) return detail::copy_to_rows<BFloat16>(v, copy), copy;
  }
  detail::copy_to_rows<T>(v, copy);
  return copy;
}

// Where a kernel writes row-major T; `finish` brings it into the view.
template <class T>
class RowMajorOutput {
 public:
  RowMajorOutput(const View& view, Context& context) : view_(view) {
    direct_ = view.contiguous && !(std::is_same_v<T, float> && view.dtype != DType::Float32);
    if (direct_ || view.numel() == 0) data_ = view.as<T>();
    else data_ = static_cast<T*>(context.workspace(static_cast<size_t>(view.numel()) * sizeof(T)));
  }
  T* data() const { return data_; }
  void finish() const {
    if (direct_ || data_ == nullptr || view_.numel() == 0) return;
    if (std::is_same_v<T, float> && view_.dtype == DType::Float16) detail::copy_from_rows<T, Half>(data_, view_);
    else if (std::is_same_v<T, float> && view_.dtype == DType::BFloat16) detail::copy_from_rows<T, BFloat16>(data_, view_);
    else detail::copy_from_rows<T, T>(data_, view_);
  }

 private:
  const View& view_;
  T* data_;
  bool direct_;
};

// Calls f with the type to compute in: float for float32 and the 16-bit floats, double for float64.
template <class F>
void with_float_type(const char* op, DType dtype, Context& context, F&& f) {
  switch (dtype) {
    case DType::Float16:
    case DType::BFloat16:
    case DType::Float32: return f(float());
    case DType::Float64: return f(double());
    default: break;
  }
  context.errors.report(ErrorSink::Code::Unsupported, "\"%s\" not implemented for '%s'; convert with .to(dtype) first", op, info(dtype).name);
}

}  // namespace tenon::inline v0
