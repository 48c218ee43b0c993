#include <tenon/kernels/cpu/elementwise_unary.h>

#include <cmath>
#include <cstring>
#include <limits>

#include <tenon/kernels/cpu/simd.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tenon/kernels/cpu/elementwise_math_simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
#include <tenon/kernels/cpu/vector_math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace tenon::inline v0 {
namespace HWY_NAMESPACE {

template <class F, class T>
void vector_loop(const void* const* in, void* out, int64_t n, const void* params) {
  const hn::ScalableTag<T> d;
  const int64_t step = static_cast<int64_t>(hn::Lanes(d));
  const T* a = static_cast<const T*>(in[0]);
  T* o = static_cast<T*>(out);
  const UnaryParams* p = static_cast<const UnaryParams*>(params);
  int64_t i = 0;
  for (; i + step <= n; i += step) hn::StoreU(F::of(d, hn::LoadU(d, a + i), p), d, o + i);
  if (i == n) return;
  HWY_ALIGN T rest[HWY_MAX_BYTES / sizeof(T)] = {};
  std::memcpy(rest, a + i, static_cast<size_t>(n - i) * sizeof(T));
  hn::Store(F::of(d, hn::Load(d, rest), p), d, rest);
  std::memcpy(o + i, rest, static_cast<size_t>(n - i) * sizeof(T));
}

template <class F>
constexpr LoopRow vector_row() {
  LoopRow row;
  row.at[static_cast<int>(DType::Float32)] = vector_loop<F, float>;
#if HWY_HAVE_FLOAT64
  row.at[static_cast<int>(DType::Float64)] = vector_loop<F, double>;
#endif
  return row;
}

struct ExpF {
  template <class D, class V>
  static HWY_INLINE V of(D d, V x, const UnaryParams*) {
    return vexp(d, x);
  }
};
struct Expm1F {
  template <class D, class V>
  static HWY_INLINE V of(D d, V x, const UnaryParams*) {
    return vexpm1(d, x);
  }
};
struct LogF {
  template <class D, class V>
  static HWY_INLINE V of(D d, V x, const UnaryParams*) {
    return vlog(d, x);
  }
};
struct Log1pF {
  template <class D, class V>
  static HWY_INLINE V of(D d, V x, const UnaryParams*) {
    return vlog1p(d, x);
  }
};
struct SinF {
  template <class D, class V>
  static HWY_INLINE V of(D d, V x, const UnaryParams*) {
    return vsin(d, x);
  }
};
struct CosF {
  template <class D, class V>
  static HWY_INLINE V of(D d, V x, const UnaryParams*) {
    return vcos(d, x);
  }
};
struct TanhF {
  template <class D, class V>
  static HWY_INLINE V of(D d, V x, const UnaryParams*) {
    return vtanh(d, x);
  }
};
struct ErfF {
  template <class D, class V>
  static HWY_INLINE V of(D d, V x, const UnaryParams*) {
    return verf(d, x);
  }
};
struct SigmoidF {
  template <class D, class V>
  static HWY_INLINE V of(D d, V x, const UnaryParams*) {
    return vsigmoid(d, x);
  }
};
struct SiluF {
  template <class D, class V>
  static HWY_INLINE V of(D d, V x, const UnaryParams*) {
    return hn::Div(x, hn::Add(constant(d, 1, x), vexp(d, hn::Neg(x))));
  }
};
struct GeluF {
  template <class D, class V>
  static HWY_INLINE V of(D d, V x, const UnaryParams*) {
    const V e = verf_beside_one(d, hn::Mul(x, constant(d, 0.70710678118654752440, x)));
    return hn::Mul(hn::Mul(constant(d, 0.5, x), x), hn::Add(constant(d, 1, x), e));
  }
};
struct GeluTanhF {
  template <class D, class V>
  static HWY_INLINE V of(D d, V x, const UnaryParams*) {
    const V cube = hn::Mul(hn::Mul(x, x), x);
    const V inner = hn::Mul(constant(d, 0.79788456080286535588, x), hn::MulAdd(constant(d, 0.044715, x), cube, x));
    return hn::Mul(hn::Mul(constant(d, 0.5, x), x), hn::Add(constant(d, 1, x), vtanh(d, inner)));
  }
};
struct EluF {
  template <class D, class V>
  static HWY_INLINE V of(D d, V x, const UnaryParams* p) {
    const V low = hn::Mul(constant(d, p->a, x), vexpm1(d, x));
    return nan_from(d, x, hn::IfThenElse(hn::Gt(x, hn::Zero(d)), x, low));
  }
};
struct SoftplusF {
  template <class D, class V>
  static HWY_INLINE V of(D d, V x, const UnaryParams* p) {
    const V beta = constant(d, p->a, x), scaled = hn::Mul(x, beta);
    const V curve = hn::Div(vlog1p(d, vexp(d, scaled)), beta);
    return hn::IfThenElse(hn::Gt(scaled, constant(d, p->b, x)), x, curve);
  }
};

constexpr MathLoops kLoops = {
    .exp = vector_row<ExpF>(),
    .expm1 = vector_row<Expm1F>(),
    .log = vector_row<LogF>(),
    .log1p = vector_row<Log1pF>(),
    .sin = vector_row<SinF>(),
    .cos = vector_row<CosF>(),
    .tanh = vector_row<TanhF>(),
    .sigmoid = vector_row<SigmoidF>(),
    .silu = vector_row<SiluF>(),
    .erf = vector_row<ErfF>(),
    .gelu = vector_row<GeluF>(),
    .gelu_tanh = vector_row<GeluTanhF>(),
    .elu = vector_row<EluF>(),
    .softplus = vector_row<SoftplusF>(),
};
const MathLoops* math_table() { return &kLoops; }

}  // namespace HWY_NAMESPACE
}  // namespace tenon::inline v0
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tenon::inline v0 {
HWY_EXPORT(math_table);
const MathLoops& math_loops() {
  static const MathLoops* const loops = HWY_DYNAMIC_DISPATCH(math_table)();
  return *loops;
}
}  // namespace tenon::inline v0
#endif
