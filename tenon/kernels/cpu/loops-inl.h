// Inner loops from functors, compiled once per instruction set: include after hwy/highway.h.
//
//   struct AddF { template <class T> static T of(T a, T b) { return a + b; } };
//   constexpr LoopRow kAdd = numeric_row<2, AddF>();
#if defined(TENON_KERNELS_CPU_LOOPS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef TENON_KERNELS_CPU_LOOPS_INL_H
#undef TENON_KERNELS_CPU_LOOPS_INL_H
#else
#define TENON_KERNELS_CPU_LOOPS_INL_H
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tenon::inline v0 {
namespace HWY_NAMESPACE {

// `F::of(a, b...)`, or `F::of(a, b..., params)` where a functor takes parameters: const F::Params&.
template <class F>
concept HasParams = requires {
  typename F::Params;
};

template <class F, class T, class O>
void unary_loop(const void* const* in, void* out, int64_t n, const void* params) {
  const T* a = static_cast<const T*>(in[0]);
  O* o = static_cast<O*>(out);
  if constexpr (HasParams<F>) {
    const typename F::Params p = *static_cast<const typename F::Params*>(params);
    TENON_SIMD_LOOP
    for (int64_t i = 0; i < n; ++i) o[i] = F::of(a[i], p);
  } else {
    TENON_SIMD_LOOP
    for (int64_t i = 0; i < n; ++i) o[i] = F::of(a[i]);
  }
}

template <class F, class T, class O>
void binary_loop(const void* const* in, void* out, int64_t n, const void* params) {
  const T* a = static_cast<const T*>(in[0]);
  const T* b = static_cast<const T*>(in[1]);
  O* o = static_cast<O*>(out);
  if constexpr (HasParams<F>) {
    const typename F::Params p = *static_cast<const typename F::Params*>(params);
    TENON_SIMD_LOOP
    for (int64_t i = 0; i < n; ++i) o[i] = F::of(a[i], b[i], p);
  } else {
    TENON_SIMD_LOOP
    for (int64_t i = 0; i < n; ++i) o[i] = F::of(a[i], b[i]);
  }
}

template <class F, class T, class O>
void ternary_loop(const void* const* in, void* out, int64_t n, const void* params) {
  const T* a = static_cast<const T*>(in[0]);
  const T* b = static_cast<const T*>(in[1]);
  const T* c = static_cast<const T*>(in[2]);
  O* o = static_cast<O*>(out);
  if constexpr (HasParams<F>) {
    const typename F::Params p = *static_cast<const typename F::Params*>(params);
    TENON_SIMD_LOOP
    for (int64_t i = 0; i < n; ++i) o[i] = F::of(a[i], b[i], c[i], p);
  } else {
    TENON_SIMD_LOOP
    for (int64_t i = 0; i < n; ++i) o[i] = F::of(a[i], b[i], c[i]);
  }
}

template <int inputs, class F, class T, class O>
constexpr Inner loop_of() {
  if constexpr (inputs == 1)
    return unary_loop<F, T, O>;
  else if constexpr (inputs == 2)
    return binary_loop<F, T, O>;
  else
    return ternary_loop<F, T, O>;
}

// Results of the operands' dtype (Same) or of the dtype O.
struct Same {};
template <int inputs, class F, class O, class T>
constexpr void set_loop(LoopRow& row, DType dtype) {
  row.at[static_cast<int>(dtype)] = loop_of<inputs, F, T, std::conditional_t<std::is_same_v<O, Same>, T, O>>();
}
template <int inputs, class F, class O = Same>
constexpr LoopRow integer_row() {
  LoopRow row;
  set_loop<inputs, F, O, uint8_t>(row, DType::UInt8);
  set_loop<inputs, F, O, int8_t>(row, DType::Int8);
  set_loop<inputs, F, O, int16_t>(row, DType::Int16);
  set_loop<inputs, F, O, int32_t>(row, DType::Int32);
  set_loop<inputs, F, O, int64_t>(row, DType::Int64);
  return row;
}
template <int inputs, class F, class O = Same>
constexpr LoopRow float_row() {
  LoopRow row;
  set_loop<inputs, F, O, float>(row, DType::Float32);
  set_loop<inputs, F, O, double>(row, DType::Float64);
  return row;
}
constexpr LoopRow operator|(LoopRow a, const LoopRow& b) {
  for (int i = 0; i < kDTypeCount; ++i) {
    if (b.at[i] != nullptr) a.at[i] = b.at[i];
  }
  return a;
}
template <int inputs, class F, class O = Same>
constexpr LoopRow complex_row() {
  LoopRow row;
  set_loop<inputs, F, O, std::complex<float>>(row, DType::Complex64);
  set_loop<inputs, F, O, std::complex<double>>(row, DType::Complex128);
  return row;
}
template <int inputs, class F, class O = Same>
constexpr LoopRow numeric_row() {
  return integer_row<inputs, F, O>() | float_row<inputs, F, O>();
}
// Booleans are bytes 0 and 1.
template <int inputs, class F, class O = Same>
constexpr LoopRow bool_row() {
  LoopRow row;
  set_loop<inputs, F, O, uint8_t>(row, DType::Bool);
  return row;
}

// Arithmetic of narrow and signed integers wraps around.
template <class T>
struct WrapType {
  using type = T;
};
template <class T>
requires std::is_integral_v<T>
struct WrapType<T> {
  using type = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;
};
template <class T>
using Wrap = typename WrapType<T>::type;

}  // namespace HWY_NAMESPACE
}  // namespace tenon::inline v0
HWY_AFTER_NAMESPACE();

#endif
