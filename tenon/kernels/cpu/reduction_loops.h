// From a functor to the loops of a reduction.
//
//   struct F {
//     using In = ...; using Acc = ...; using Out = ...;       // plain data
//     static Acc start();
//     static void take(Acc&, In x, int64_t at, const void* params);
//     static void join(Acc&, const Acc& later);
//     static Out result(const Acc&, int64_t reduced, const void* params);
//     // Where there is something faster:
//     static void run(Acc&, const In* x, int64_t n, int64_t at, const void* params);
//     static void block(Acc*, const In* x, int64_t stride, int64_t rows, int64_t n, int64_t at, const void* params);
//     // With two outputs: static int64_t second(const Acc&);
//   };
#pragma once

#include <tenon/kernels/cpu/reduce.h>
#include <tenon/kernels/cpu/types.h>

namespace tenon::inline v0 {

template <class T>
inline constexpr DType reduction_dtype = [] {
  if constexpr (std::is_same_v<T, bool>) return DType::Bool;
  if constexpr (std::is_same_v<T, uint8_t>) return DType::UInt8;
  if constexpr (std::is_same_v<T, int8_t>) return DType::Int8;
  if constexpr (std::is_same_v<T, int16_t>) return DType::Int16;
  if constexpr (std::is_same_v<T, int32_t>) return DType::Int32;
  if constexpr (std::is_same_v<T, int64_t>) return DType::Int64;
  if constexpr (std::is_same_v<T, float>) return DType::Float32;
  if constexpr (std::is_same_v<T, double>) return DType::Float64;
  if constexpr (std::is_same_v<T, std::complex<float>>) return DType::Complex64;
  return DType::Complex128;
}();

namespace detail {

template <class F>
struct LoopsOf {
  using In = typename F::In;
  using Acc = typename F::Acc;
  using Out = typename F::Out;
  static_assert(sizeof(Acc) <= kMaxAccumulator);

  static void init(void* acc, int64_t n) {
    Acc* a = static_cast<Acc*>(acc);
    for (int64_t i = 0; i < n; ++i) a[i] = F::start();
  }
  static void rows(const void* x, int64_t stride, int64_t count, int64_t n, void* acc, int64_t at, const void* params) {
    for (int64_t k = 0; k < count; ++k) {
      const In* row = static_cast<const In*>(x) + k * stride;
      Acc& a = static_cast<Acc*>(acc)[k];
      if constexpr (requires { F::run(a, row, n, at, params); }) {
        if (n > 0) F::run(a, row, n, at, params);
      } else {
        Acc local = a;
        for (int64_t i = 0; i < n; ++i) F::take(local, row[i], at + i, params);
        a = local;
      }
    }
  }
  static void columns(const void* x, int64_t stride, int64_t rows, int64_t n, void* acc, int64_t at,
                      const void* params) {
    const In* row = static_cast<const In*>(x);
    Acc* a = static_cast<Acc*>(acc);
    if constexpr (requires { F::block(a, row, stride, rows, n, at, params); }) {
      F::block(a, row, stride, rows, n, at, params);
    } else {
      for (int64_t r = 0; r < rows; ++r, row += stride) {
        for (int64_t j = 0; j < n; ++j) F::take(a[j], row[j], at + r, params);
      }
    }
  }
  static void merge(void* acc, const void* other, int64_t n) {
    for (int64_t i = 0; i < n; ++i) F::join(static_cast<Acc*>(acc)[i], static_cast<const Acc*>(other)[i]);
  }
  static void finish(const void* acc, int64_t n, int64_t reduced, const void* params, void* first, void* second) {
    const Acc* a = static_cast<const Acc*>(acc);
    for (int64_t i = 0; i < n; ++i) {
      static_cast<Out*>(first)[i] = F::result(a[i], reduced, params);
      if constexpr (requires { F::second(a[i]); }) static_cast<int64_t*>(second)[i] = F::second(a[i]);
    }
  }
};

}  // namespace detail

template <class F>
inline constexpr ReduceLoops reduce_loops = {
    reduction_dtype<typename F::In>, sizeof(typename F::Acc),          detail::LoopsOf<F>::init,
    detail::LoopsOf<F>::rows,        detail::LoopsOf<F>::columns,      detail::LoopsOf<F>::merge,
    detail::LoopsOf<F>::finish,      reduction_dtype<typename F::Out>, DType::Int64};

inline DimMask all_dims(const View& in) { return in.ndim == 0 ? 0 : ~DimMask{0} >> (64 - in.ndim); }
inline DimMask one_dim_mask(int64_t dim, const View& in) {
  return in.ndim == 0 ? 0 : DimMask{1} << (dim < 0 ? dim + in.ndim : dim);
}
// None and () are all dims.
template <class D>
DimMask dims_mask(const D& dims, const View& in) {
  if (dims.empty()) return all_dims(in);
  DimMask mask = 0;
  for (const auto& d : dims) mask |= one_dim_mask(d.value(), in);
  return mask;
}
template <class D>
DimMask dims_mask(const std::optional<D>& dims, const View& in) {
  return dims ? dims_mask(*dims, in) : all_dims(in);
}

// What a sum or a product of these is computed in; the 16-bit floats go through float.
template <class F>
void with_sum_type(DType dtype, F&& f) {
  switch (dtype) {
    case DType::Float16:
    case DType::BFloat16:
    case DType::Float32:
      return f.template operator()<float>();
    case DType::Float64:
      return f.template operator()<double>();
    case DType::Complex64:
      return f.template operator()<std::complex<float>>();
    case DType::Complex128:
      return f.template operator()<std::complex<double>>();
    default:
      return f.template operator()<int64_t>();
  }
}

template <class T>
inline constexpr bool is_complex_type = false;
template <class T>
inline constexpr bool is_complex_type<std::complex<T>> = true;
// Sums of T happen in this; integers wrap around.
template <class T>
using SumOf = std::conditional_t<is_complex_type<T>, std::complex<double>,
                                 std::conditional_t<std::is_floating_point_v<T>, double, uint64_t>>;

}  // namespace tenon::inline v0
