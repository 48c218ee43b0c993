// Optimiser steps: one pass over each parameter with its gradient and states. The operations and their
// order are PyTorch's, so that float32 and float64 agree with it to rounding.
#include <cmath>
#include <type_traits>

#include <tenon/core/half.h>
#include <tenon/kernels/cpu/simd.h>
#include <tenon/optim/records.h>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_THREAD__) && \
    !defined(__SANITIZE_ADDRESS__)
// The loader picks the widest that the machine has.
#define TENON_CLONES __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define TENON_CLONES
#endif

namespace tenon::inline v0 {
namespace {

// What one element's arithmetic needs, in the precision it is done in.
template <class C>
struct SgdNumbers {
  C lr, momentum, keep, weight_decay;
  bool decay, has_momentum, nesterov, maximize, fresh;
};

template <class C>
struct AdamNumbers {
  C beta1_weight, beta2, beta2_weight, eps, weight_decay, step_size, correction, shrink;
  bool decay, decoupled, amsgrad, maximize;
};

template <class C>
inline void sgd_one(C& p, C g, C& buffer, const SgdNumbers<C>& k) {
  if (k.maximize) g = -g;
  if (k.decay) g = g + k.weight_decay * p;
  if (k.has_momentum) {
    buffer = k.fresh ? g : buffer * k.momentum + k.keep * g;
    g = k.nesterov ? g + k.momentum * buffer : buffer;
  }
  p = p - k.lr * g;
}

template <class C>
inline void adam_one(C& p, C g, C& m, C& v, C& vmax, const AdamNumbers<C>& k) {
  if (k.maximize) g = -g;
  if (k.decay) {
    if (k.decoupled)
      p = p * k.shrink;
    else
      g = g + k.weight_decay * p;
  }
  m = m + k.beta1_weight * (g - m);
  v = v * k.beta2 + k.beta2_weight * g * g;
  C used = v;
  if (k.amsgrad) {
    vmax = vmax > v ? vmax : v;
    used = vmax;
  }
  const C denominator = std::sqrt(used) / k.correction + k.eps;
  p = p - k.step_size * m / denominator;
}

// Contiguous float and double: loops that the compiler turns into vectors, one per set of options.
template <bool kDecay, bool kMomentum, bool kNesterov, class C>
[[gnu::always_inline]] inline void sgd_loop(C* p, const C* g, C* b, int64_t n, SgdNumbers<C> k) {
  k.decay = kDecay;
  k.has_momentum = kMomentum;
  k.nesterov = kNesterov;
  C none = 0;
  if (k.fresh || k.maximize) {
    for (int64_t i = 0; i < n; ++i) sgd_one(p[i], g[i], kMomentum ? b[i] : none, k);
    return;
  }
  k.fresh = k.maximize = false;
  TENON_SIMD_LOOP
  for (int64_t i = 0; i < n; ++i) {
    C unused = 0;
    sgd_one(p[i], g[i], kMomentum ? b[i] : unused, k);
  }
}

template <class C>
[[gnu::always_inline]] inline void sgd_choose(C* p, const C* g, C* b, int64_t n, const SgdNumbers<C>& k) {
  if (!k.has_momentum)
    return k.decay ? sgd_loop<true, false, false>(p, g, b, n, k) : sgd_loop<false, false, false>(p, g, b, n, k);
  if (k.nesterov)
    return k.decay ? sgd_loop<true, true, true>(p, g, b, n, k) : sgd_loop<false, true, true>(p, g, b, n, k);
  return k.decay ? sgd_loop<true, true, false>(p, g, b, n, k) : sgd_loop<false, true, false>(p, g, b, n, k);
}

template <bool kDecay, bool kDecoupled, bool kAmsgrad, class C>
[[gnu::always_inline]] inline void adam_loop(C* p, const C* g, C* m, C* v, C* x, int64_t n, AdamNumbers<C> k) {
  k.decay = kDecay;
  k.decoupled = kDecoupled;
  k.amsgrad = kAmsgrad;
  if (k.maximize) {
    C none = 0;
    for (int64_t i = 0; i < n; ++i) adam_one(p[i], g[i], m[i], v[i], kAmsgrad ? x[i] : none, k);
    return;
  }
  k.maximize = false;
  TENON_SIMD_LOOP
  for (int64_t i = 0; i < n; ++i) {
    C unused = 0;
    adam_one(p[i], g[i], m[i], v[i], kAmsgrad ? x[i] : unused, k);
  }
}

template <class C>
[[gnu::always_inline]] inline void adam_choose(C* p, const C* g, C* m, C* v, C* x, int64_t n, const AdamNumbers<C>& k) {
  if (k.amsgrad) {
    if (!k.decay) return adam_loop<false, false, true>(p, g, m, v, x, n, k);
    return k.decoupled ? adam_loop<true, true, true>(p, g, m, v, x, n, k)
                       : adam_loop<true, false, true>(p, g, m, v, x, n, k);
  }
  if (!k.decay) return adam_loop<false, false, false>(p, g, m, v, x, n, k);
  return k.decoupled ? adam_loop<true, true, false>(p, g, m, v, x, n, k)
                     : adam_loop<true, false, false>(p, g, m, v, x, n, k);
}

TENON_CLONES void sgd_flat(float* p, const float* g, float* b, int64_t n, const SgdNumbers<float>& k) {
  sgd_choose(p, g, b, n, k);
}
TENON_CLONES void sgd_flat(double* p, const double* g, double* b, int64_t n, const SgdNumbers<double>& k) {
  sgd_choose(p, g, b, n, k);
}
TENON_CLONES void adam_flat(float* p, const float* g, float* m, float* v, float* x, int64_t n,
                            const AdamNumbers<float>& k) {
  adam_choose(p, g, m, v, x, n, k);
}
TENON_CLONES void adam_flat(double* p, const double* g, double* m, double* v, double* x, int64_t n,
                            const AdamNumbers<double>& k) {
  adam_choose(p, g, m, v, x, n, k);
}

// Any strides and dtypes: element by element, by row-major index.
class Walk {
 public:
  explicit Walk(const View& shape) : shape_(shape) {}
  int64_t at(const View& v, int64_t i) const {
    if (v.contiguous) return i;
    int64_t offset = 0;
    for (int d = v.ndim - 1; d >= 0; --d) {
      offset += i % shape_.sizes[d] * v.strides[d];
      i /= shape_.sizes[d];
    }
    return offset;
  }

 private:
  const View& shape_;
};

double load(const View& v, int64_t at) {
  switch (v.dtype) {
    case DType::Float32:
      return v.as<float>()[at];
    case DType::Float64:
      return v.as<double>()[at];
    case DType::Float16:
      return static_cast<float>(v.as<Half>()[at]);
    case DType::BFloat16:
      return static_cast<float>(v.as<BFloat16>()[at]);
    default:
      return 0;
  }
}
void store(const View& v, int64_t at, double value) {
  switch (v.dtype) {
    case DType::Float32:
      v.as<float>()[at] = static_cast<float>(value);
      break;
    case DType::Float64:
      v.as<double>()[at] = value;
      break;
    case DType::Float16:
      v.as<Half>()[at] = Half(static_cast<float>(value));
      break;
    case DType::BFloat16:
      v.as<BFloat16>()[at] = BFloat16(static_cast<float>(value));
      break;
    default:
      break;
  }
}

bool flat(DType dtype, std::initializer_list<const View*> views) {
  for (const View* v : views) {
    if (v->present && (!v->contiguous || v->dtype != dtype)) return false;
  }
  return true;
}

template <class C>
void sgd_update(const SgdStep& r, const View& p, const View& g, const View& b) {
  const SgdNumbers<C> k{static_cast<C>(r.lr),
                        static_cast<C>(r.momentum),
                        static_cast<C>(1 - r.dampening),
                        static_cast<C>(r.weight_decay),
                        r.weight_decay != 0,
                        r.momentum != 0,
                        r.nesterov,
                        r.maximize,
                        r.fresh};
  const int64_t n = p.numel();
  constexpr DType dtype = std::is_same_v<C, float> ? DType::Float32 : DType::Float64;
  if (flat(dtype, {&p, &g, &b})) return sgd_flat(p.as<C>(), g.as<C>(), b.present ? b.as<C>() : nullptr, n, k);
  const Walk walk(p);
  for (int64_t i = 0; i < n; ++i) {
    const int64_t pi = walk.at(p, i), bi = b.present ? walk.at(b, i) : 0;
    C pv = static_cast<C>(load(p, pi)), bv = b.present ? static_cast<C>(load(b, bi)) : 0;
    sgd_one(pv, static_cast<C>(load(g, walk.at(g, i))), bv, k);
    store(p, pi, pv);
    if (b.present) store(b, bi, bv);
  }
}

template <class C>
void adam_update(const AdamStep& r, const View& p, const View& g, const View& m, const View& v, const View& x,
                 double step) {
  const double correction1 = 1 - std::pow(r.beta1, step), correction2 = 1 - std::pow(r.beta2, step);
  const AdamNumbers<C> k{static_cast<C>(1 - r.beta1),
                         static_cast<C>(r.beta2),
                         static_cast<C>(1 - r.beta2),
                         static_cast<C>(r.eps),
                         static_cast<C>(r.weight_decay),
                         static_cast<C>(r.lr / correction1),
                         static_cast<C>(std::sqrt(correction2)),
                         static_cast<C>(1 - r.lr * r.weight_decay),
                         r.weight_decay != 0,
                         r.decoupled,
                         r.amsgrad,
                         r.maximize};
  const int64_t n = p.numel();
  constexpr DType dtype = std::is_same_v<C, float> ? DType::Float32 : DType::Float64;
  if (flat(dtype, {&p, &g, &m, &v, &x})) {
    return adam_flat(p.as<C>(), g.as<C>(), m.as<C>(), v.as<C>(), x.present ? x.as<C>() : nullptr, n, k);
  }
  const Walk walk(p);
  for (int64_t i = 0; i < n; ++i) {
    const int64_t pi = walk.at(p, i), mi = walk.at(m, i), vi = walk.at(v, i), xi = x.present ? walk.at(x, i) : 0;
    C pv = static_cast<C>(load(p, pi)), mv = static_cast<C>(load(m, mi)), vv = static_cast<C>(load(v, vi));
    C xv = x.present ? static_cast<C>(load(x, xi)) : 0;
    adam_one(pv, static_cast<C>(load(g, walk.at(g, i))), mv, vv, xv, k);
    store(p, pi, pv);
    store(m, mi, mv);
    store(v, vi, vv);
    if (x.present) store(x, xi, xv);
  }
}

void sgd_kernel(const SgdStep& r, ConstViews in, Views, Context&) {
  const int n = in.size() / (r.momentum != 0 ? 3 : 2);
  const View none;
  for (int i = 0; i < n; ++i) {
    const View& buffer = r.momentum != 0 ? in[2 * n + i] : none;
    if (in[i].dtype == DType::Float64)
      sgd_update<double>(r, in[i], in[n + i], buffer);
    else
      sgd_update<float>(r, in[i], in[n + i], buffer);
  }
}

void adam_kernel(const AdamStep& r, ConstViews in, Views, Context&) {
  const int n = in.size() / (r.amsgrad ? 6 : 5);
  const View none;
  for (int i = 0; i < n; ++i) {
    const View& max = r.amsgrad ? in[4 * n + i] : none;
    const View& steps = in[(r.amsgrad ? 5 : 4) * n + i];
    const double step = load(steps, 0) + 1;
    store(steps, 0, step);
    if (in[i].dtype == DType::Float64)
      adam_update<double>(r, in[i], in[n + i], in[2 * n + i], in[3 * n + i], max, step);
    else
      adam_update<float>(r, in[i], in[n + i], in[2 * n + i], in[3 * n + i], max, step);
  }
}

}  // namespace

void register_optimizer_kernels(Registry& registry) {
  registry.add_kernel<SgdStep, sgd_kernel>();
  registry.add_kernel<AdamStep, adam_kernel>();
}

}  // namespace tenon::inline v0
