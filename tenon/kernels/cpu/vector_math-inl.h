// Functions of vectors of float or double, for any argument, good to a few ulp: include after
// hwy/highway.h.
#if defined(TENON_KERNELS_CPU_VECTOR_MATH_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef TENON_KERNELS_CPU_VECTOR_MATH_INL_H
#undef TENON_KERNELS_CPU_VECTOR_MATH_INL_H
#else
#define TENON_KERNELS_CPU_VECTOR_MATH_INL_H
#endif

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tenon::inline v0 {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

template <class D>
using LaneOf = hn::TFromD<D>;
template <class D>
inline constexpr bool kIsFloat = sizeof(LaneOf<D>) == 4;

template <class D, class V>
HWY_INLINE V constant(D d, double value, V /*like*/) {
  return hn::Set(d, static_cast<LaneOf<D>>(value));
}
template <class D, class V>
HWY_INLINE V nan_from(D /*d*/, V x, V result) {
  return hn::IfThenElse(hn::Eq(x, x), result, x);
}

// Highway's functions hold in a range; these hold everywhere.
template <class D, class V>
HWY_INLINE V vexp(D d, V x) {
  const V top = constant(d, kIsFloat<D> ? 89.0 : 710.0, x);
  return nan_from(d, x, hn::Exp(d, hn::IfThenElse(hn::Gt(x, top), top, x)));
}
template <class D, class V>
HWY_INLINE V vexpm1(D d, V x) {
  const V top = constant(d, kIsFloat<D> ? 89.0 : 710.0, x);
  // The sign of x is the sign of the result, also at -0.
  return hn::CopySign(nan_from(d, x, hn::Expm1(d, hn::IfThenElse(hn::Gt(x, top), top, x))), x);
}
// The edges of a logarithm whose argument is x and whose pole lies at `pole`.
template <class D, class V>
HWY_INLINE V log_edges(D d, V x, V result, double pole) {
  using T = LaneOf<D>;
  const V at = constant(d, pole, x);
  const V infinity = hn::Set(d, std::numeric_limits<T>::infinity());
  result = hn::IfThenElse(hn::Eq(x, at), hn::Neg(infinity), result);
  result = hn::IfThenElse(hn::Lt(x, at), hn::Set(d, std::numeric_limits<T>::quiet_NaN()), result);
  result = hn::IfThenElse(hn::Eq(x, infinity), x, result);
  return nan_from(d, x, result);
}
template <class D, class V>
HWY_INLINE V vlog(D d, V x) {
  return log_edges(d, x, hn::Log(d, x), 0);
}
template <class D, class V>
HWY_INLINE V vlog1p(D d, V x) {
  return log_edges(d, x, hn::Log1p(d, x), -1);
}
template <class D, class V>
HWY_INLINE V vtanh(D d, V x) {
  return nan_from(d, x, hn::Tanh(d, x));
}

// One lane at a time: for rare arguments, and functions without a vector form.
template <class D, class V, class F>
HWY_INLINE V by_lanes(D d, V x, const F& f) {
  HWY_ALIGN LaneOf<D> lanes[HWY_MAX_BYTES / sizeof(LaneOf<D>)];
  hn::Store(x, d, lanes);
  for (size_t i = 0; i < hn::Lanes(d); ++i) lanes[i] = f(lanes[i]);
  return hn::Load(d, lanes);
}
template <class D, class V>
HWY_INLINE bool small_angle(D d, V x) {
  return hn::AllTrue(d, hn::Lt(hn::Abs(x), constant(d, 30000, x)));
}
template <class D, class V>
HWY_INLINE V vsin(D d, V x) {
  if (HWY_LIKELY(small_angle(d, x))) return hn::Sin(d, x);
  return by_lanes(d, x, [](auto v) HWY_ATTR { return std::sin(v); });
}
template <class D, class V>
HWY_INLINE V vcos(D d, V x) {
  if (HWY_LIKELY(small_angle(d, x))) return hn::Cos(d, x);
  return by_lanes(d, x, [](auto v) HWY_ATTR { return std::cos(v); });
}

template <class D, class V>
HWY_INLINE V polynomial(D /*d*/, V /*x*/, V sum) {
  return sum;
}
template <class D, class V, class... More>
HWY_INLINE V polynomial(D d, V x, V sum, double next, More... more) {
  return polynomial(d, x, hn::MulAdd(sum, x, constant(d, next, x)), more...);
}

// Minimax polynomials on two ranges (after N. Juffa's published erff), within 1 ulp in float.
template <class D, class V>
HWY_INLINE V verf(D d, V x) {
  if constexpr (kIsFloat<D>) {
    const V t = hn::Abs(x), s = hn::Mul(x, x);
    V far = hn::MulAdd(constant(d, -1.72853470e-5, x), t, constant(d, 3.83197126e-4, x));
    const V odd = hn::MulAdd(constant(d, -3.88396438e-3, x), t, constant(d, 2.42546219e-2, x));
    far = polynomial(d, t, hn::MulAdd(far, s, odd), -1.06777877e-1, -6.34846687e-1, -1.28717512e-1);
    far = hn::Sub(constant(d, 1, x), vexp(d, hn::MulSub(far, t, t)));
    far = hn::CopySignToAbs(far, x);
    const V p = polynomial(d, s, constant(d, -5.96761703e-4, x), 4.99119423e-3, -2.67681349e-2, 1.12819925e-1,
                           -3.76125336e-1, 1.28379166e-1);
    const V near = hn::MulAdd(p, x, x);
    return nan_from(d, x, hn::IfThenElse(hn::Gt(t, constant(d, 0.927734375, x)), far, near));
  } else {
    return by_lanes(d, x, [](auto v) HWY_ATTR { return std::erf(v); });
  }
}

// erf for sums with 1, which lose its last digits anyway: x P(x^2) / Q(x^2) with a relative error of 4e-7 in
// float, fitted on [0, 3.8325] where erf reaches 1, and never beyond 1.
template <class D, class V>
HWY_INLINE V verf_beside_one(D d, V x) {
  if constexpr (kIsFloat<D>) {
    const V edge = constant(d, 3.8325, x), one = constant(d, 1, x);
    const V t = hn::Min(hn::Max(x, hn::Neg(edge)), edge), z = hn::Mul(t, t);
    const V p = polynomial(d, z, constant(d, 2.1231321625e-6, x), 2.8594231117e-4, 3.6527281629e-3, 5.2418451757e-2,
                           1.8730777502e-1, 1.1283791065);
    const V q = polynomial(d, z, constant(d, 3.8898234698e-5, x), 1.1417004280e-3, 1.4742446132e-2, 1.1290026456e-1,
                           4.9933010340e-1, 1.0);
    const V ratio = hn::Div(hn::Mul(t, p), q);
    return nan_from(d, x, hn::Min(hn::Max(ratio, hn::Neg(one)), one));
  } else {
    return verf(d, x);
  }
}

template <class D, class V>
HWY_INLINE V vsigmoid(D d, V x) {
  const V one = constant(d, 1, x);
  return hn::Div(one, hn::Add(one, vexp(d, hn::Neg(x))));
}

}  // namespace HWY_NAMESPACE
}  // namespace tenon::inline v0
HWY_AFTER_NAMESPACE();

#endif
