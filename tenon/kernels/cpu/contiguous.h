// For kernels that want row-major data: looks at a view's elements so, copying or widening them if need be.
#pragma once

#include <type_traits>

#include <tenon/core/context.h>
#include <tenon/kernels/cpu/cast.h>

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

template <class T>
inline constexpr DType kDTypeOf = std::is_same_v<T, float>     ? DType::Float32
                                  : std::is_same_v<T, double>  ? DType::Float64
                                  : std::is_same_v<T, int64_t> ? DType::Int64
                                  : std::is_same_v<T, int32_t> ? DType::Int32
                                  : std::is_same_v<T, int16_t> ? DType::Int16
                                  : std::is_same_v<T, int8_t>  ? DType::Int8
                                  : std::is_same_v<T, uint8_t> ? DType::UInt8
                                                               : DType::Bool;

}  // namespace detail

// The elements of `v` in row-major order as T, cast if need be. Null (and a report) when memory is short;
// also null for a view without elements.
template <class T>
const T* row_major(const View& v, Context& context) {
  const int64_t n = v.numel();
  if (n == 0) return nullptr;
  constexpr DType to = detail::kDTypeOf<T>;
  if (v.contiguous && v.dtype == to) return v.as<const T>();
  T* copy = static_cast<T*>(context.workspace(static_cast<size_t>(n) * sizeof(T)));
  if (copy == nullptr) return nullptr;
  const CastLoop cast = cast_loop(v.dtype, to);
  const int64_t size = size_of(v.dtype), inner = v.ndim > 0 ? v.sizes[v.ndim - 1] : 1,
                step = v.ndim > 0 ? v.strides[v.ndim - 1] : 1;
  detail::for_each_inner_row(v, [&](int64_t offset, int64_t row) {
    cast(v.as<const char>() + offset * size, step * size, reinterpret_cast<char*>(copy + row * inner), sizeof(T),
         inner);
  });
  return copy;
}

// Where a kernel writes row-major T; `finish` brings it into the view.
template <class T>
class RowMajorOutput {
 public:
  RowMajorOutput(const View& view, Context& context)
      : view_(view), direct_(view.contiguous && view.dtype == detail::kDTypeOf<T>) {
    if (direct_ || view.numel() == 0)
      data_ = view.as<T>();
    else
      data_ = static_cast<T*>(context.workspace(static_cast<size_t>(view.numel()) * sizeof(T)));
  }
  T* data() const { return data_; }
  void finish() const {
    if (direct_ || data_ == nullptr || view_.numel() == 0) return;
    const CastLoop cast = cast_loop(detail::kDTypeOf<T>, view_.dtype);
    const View& v = view_;
    const int64_t size = size_of(v.dtype), inner = v.ndim > 0 ? v.sizes[v.ndim - 1] : 1,
                  step = v.ndim > 0 ? v.strides[v.ndim - 1] : 1;
    detail::for_each_inner_row(v, [&](int64_t offset, int64_t row) {
      cast(reinterpret_cast<const char*>(data_ + row * inner), sizeof(T), v.as<char>() + offset * size, step * size,
           inner);
    });
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
    case DType::Float32:
      return f(float());
    case DType::Float64:
      return f(double());
    default:
      break;
  }
  context.errors.report(ErrorSink::Code::Unsupported, "\"%s\" not implemented for '%s'; convert with .to(dtype) first",
                        op, info(dtype).name);
}

}  // namespace tenon::inline v0
