// Random ops: fills of contiguous memory, and what is drawn from tensors of probabilities.
#include <algorithm>
#include <limits>

#include <tenon/core/generator.h>
#include <tenon/kernels/cpu/elementwise_loop.h>
#include <tenon/kernels/cpu/random_fill.h>
#include <tenon/kernels/cpu/register.h>
#include <tenon/ops/random.h>

namespace tenon::inline v0 {

namespace {

// Strides of memory without gaps that lies in the order of `view`'s own: PyTorch draws in that order.
void strides_in_memory_order(const View& view, int64_t* strides) {
  int order[kMaxKernelDims];
  for (int d = 0; d < view.ndim; ++d) order[d] = d;
  std::stable_sort(order, order + view.ndim, [&](int a, int b) { return view.strides[a] > view.strides[b]; });
  int64_t step = 1;
  for (int i = view.ndim - 1; i >= 0; --i) {
    strides[order[i]] = step;
    step *= view.sizes[order[i]];
  }
}

// Calls fill(T* memory, n) on the output itself, or on scratch memory that is then copied to it.
template <class T, class Fill>
void fill_as(DType dtype, const View& out, Context& context, const Fill& fill) {
  const int64_t n = out.numel();
  if (n == 0) return;
  if (out.contiguous && out.dtype == dtype) return fill(static_cast<T*>(out.data), n);
  T* scratch = static_cast<T*>(context.workspace(static_cast<size_t>(n) * sizeof(T)));
  if (scratch == nullptr) return;
  fill(scratch, n);
  int64_t strides[kMaxKernelDims];
  strides_in_memory_order(out, strides);
  View from = out;
  from.data = scratch;
  from.strides = strides;
  from.dtype = dtype;
  copy_view(from, out);
}

// Floats: float64 draws doubles, everything else floats.
template <class Fill>
void fill_floats(const View& out, Context& context, const Fill& fill) {
  if (out.dtype == DType::Float64)
    fill_as<double>(DType::Float64, out, context, fill);
  else
    fill_as<float>(DType::Float32, out, context, fill);
}

void uniform(const View& out, double from, double to, Context& context) {
  fill_floats(out, context, [&](auto* p, int64_t n) { fill_uniform(p, n, from, to, *context.generator); });
}
void normal(const View& out, double mean, double std, Context& context) {
  fill_floats(out, context, [&](auto* p, int64_t n) {
    // PyTorch's blocks are for contiguous tensors; the others it fills element by element.
    if (out.contiguous)
      fill_normal(p, n, mean, std, *context.generator);
    else
      fill_normal_singly(p, n, mean, std, *context.generator);
  });
}
void integers(const View& out, int64_t low, int64_t high, Context& context) {
  const auto fill = [&](auto* p, int64_t n) { fill_randint(p, n, low, high, *context.generator); };
  switch (out.dtype) {
    case DType::Bool:
      return fill_as<bool>(DType::Bool, out, context, fill);
    case DType::UInt8:
      return fill_as<uint8_t>(DType::UInt8, out, context, fill);
    case DType::Int8:
      return fill_as<int8_t>(DType::Int8, out, context, fill);
    case DType::Int16:
      return fill_as<int16_t>(DType::Int16, out, context, fill);
    case DType::Int32:
      return fill_as<int32_t>(DType::Int32, out, context, fill);
    case DType::Int64:
      return fill_as<int64_t>(DType::Int64, out, context, fill);
    case DType::Float64:
      return fill_as<double>(DType::Float64, out, context, fill);
    default:
      return fill_as<float>(DType::Float32, out, context, fill);
  }
}

void rand_kernel(const Rand&, ConstViews, Views out, Context& c) { uniform(out[0], 0, 1, c); }
void rand_like_kernel(const RandLike&, ConstViews, Views out, Context& c) { uniform(out[0], 0, 1, c); }
void randn_kernel(const Randn&, ConstViews, Views out, Context& c) { normal(out[0], 0, 1, c); }
void randn_like_kernel(const RandnLike&, ConstViews, Views out, Context& c) { normal(out[0], 0, 1, c); }
void uniform_kernel(const Uniform& r, ConstViews, Views out, Context& c) { uniform(out[0], r.from, r.to, c); }
void normal_fill_kernel(const NormalFill& r, ConstViews, Views out, Context& c) { normal(out[0], r.mean, r.std, c); }
void normal_kernel(const Normal& r, ConstViews, Views out, Context& c) { normal(out[0], r.mean, r.std, c); }
void randint_kernel(const Randint& r, ConstViews, Views out, Context& c) { integers(out[0], 0, r.high, c); }
void randint_low_kernel(const RandintLow& r, ConstViews, Views out, Context& c) { integers(out[0], r.low, r.high, c); }
void randint_like_kernel(const RandintLike& r, ConstViews, Views out, Context& c) { integers(out[0], 0, r.high, c); }
void randint_like_low_kernel(const RandintLikeLow& r, ConstViews, Views out, Context& c) {
  integers(out[0], r.low, r.high, c);
}
void exponential_kernel(const Exponential& r, ConstViews, Views out, Context& c) {
  fill_floats(out[0], c, [&](auto* p, int64_t n) { fill_exponential(p, n, r.lambd, *c.generator); });
}

void randperm_kernel(const Randperm&, ConstViews, Views out, Context& c) {
  fill_as<int64_t>(DType::Int64, out[0], c, [&](int64_t* p, int64_t n) { fill_randperm(p, n, *c.generator); });
}

// One past the last integer up to which a dtype counts without gaps; 2^63 wraps to the lowest int64.
int64_t countable(DType dtype) {
  switch (dtype) {
    case DType::Bool:
      return 2;
    case DType::UInt8:
      return 256;
    case DType::Int8:
      return 128;
    case DType::Int16:
      return int64_t{1} << 15;
    case DType::Int32:
      return int64_t{1} << 31;
    case DType::Float16:
      return (1 << 11) + 1;
    case DType::BFloat16:
      return (1 << 8) + 1;
    case DType::Float32:
      return (1 << 24) + 1;
    case DType::Float64:
      return (int64_t{1} << 53) + 1;
    default:
      return std::numeric_limits<int64_t>::min();
  }
}
void random_to_kernel(const RandomTo& r, ConstViews, Views out, Context& c) {
  if (!r.to && out[0].dtype == DType::Int32) {
    // Without a bound PyTorch takes one word per value here, where `integers` would take two.
    return fill_as<int32_t>(DType::Int32, out[0], c, [&](int32_t* p, int64_t n) {
      const GeneratorLock lock(*c.generator);
      for (int64_t i = 0; i < n; ++i) p[i] = static_cast<int32_t>(c.generator->random() & 0x7fffffffu);
    });
  }
  integers(out[0], 0, r.to.value_or(countable(out[0].dtype)), c);
}
void random_from_kernel(const RandomFrom& r, ConstViews, Views out, Context& c) {
  integers(out[0], r.from, r.to.value_or(countable(out[0].dtype)), c);
}

void coin(const View& out, double p, Context& c) {
  const auto fill = [&](auto* at, int64_t n) { fill_bernoulli(at, n, p, *c.generator); };
  if (out.dtype == DType::Float32)
    fill_as<float>(DType::Float32, out, c, fill);
  else if (out.dtype == DType::Float64)
    fill_as<double>(DType::Float64, out, c, fill);
  else
    fill_as<bool>(DType::Bool, out, c, fill);
}
void bernoulli_fill_kernel(const BernoulliFill& r, ConstViews, Views out, Context& c) { coin(out[0], r.p, c); }
void bernoulli_p_kernel(const BernoulliP& r, ConstViews, Views out, Context& c) { coin(out[0], r.p, c); }

// `in` as contiguous values of T: its own memory, or scratch.
template <class T>
const T* values(const View& in, DType dtype, Context& context) {
  if (in.contiguous && in.dtype == dtype) return in.as<const T>();
  T* result = nullptr;
  View out = in;
  out.dtype = dtype;
  out.contiguous = false;  // so that scratch memory is used
  T* scratch = static_cast<T*>(context.workspace(static_cast<size_t>(in.numel()) * sizeof(T) + 1));
  if (scratch == nullptr) return nullptr;
  result = scratch;
  int64_t strides[kMaxKernelDims], step = 1;
  for (int d = in.ndim - 1; d >= 0; --d) {
    strides[d] = step;
    step *= in.sizes[d];
  }
  out.data = scratch;
  out.strides = strides;
  copy_view(in, out);
  return result;
}

template <class T>
void bernoulli(const View& in, const View& out, DType dtype, Context& context) {
  const T* p = values<T>(in, dtype, context);
  if (p == nullptr) return;
  fill_as<T>(dtype, out, context, [&](T* to, int64_t n) {
    for (int64_t i = 0; i < n; ++i) {
      if (!(p[i] >= 0 && p[i] <= 1))
        return context.errors.report(ErrorSink::Code::Value, "expected p_in >= 0 && p_in <= 1, but element %lld is %g",
                                     static_cast<long long>(i), static_cast<double>(p[i]));
    }
    GeneratorLock lock(*context.generator);
    for (int64_t i = 0; i < n; ++i) {
      double u;
      if constexpr (std::is_same_v<T, double>)
        u = static_cast<double>(context.generator->random64() & ((uint64_t{1} << 53) - 1)) * 0x1p-53;
      else
        u = static_cast<float>(context.generator->random() & ((1u << 24) - 1)) * 0x1p-24f;
      to[i] = u < static_cast<double>(p[i]) ? T(1) : T(0);
    }
  });
}
void bernoulli_kernel(const Bernoulli&, ConstViews in, Views out, Context& context) {
  if (in[0].numel() == 0) return;
  if (in[0].dtype == DType::Float64)
    bernoulli<double>(in[0], out[0], DType::Float64, context);
  else
    bernoulli<float>(in[0], out[0], DType::Float32, context);
}

// ---- multinomial -----------------------------------------------------------------------------------------

template <class T>
bool check_weights(const T* weights, int64_t rows, int64_t n, Context& context) {
  for (int64_t r = 0; r < rows; ++r) {
    double sum = 0;
    for (int64_t i = 0; i < n; ++i) {
      const T w = weights[r * n + i];
      if (!(w >= 0 && w <= std::numeric_limits<T>::max())) {
        context.errors.report(
            ErrorSink::Code::Value,
            "probability tensor contains either `inf`, `nan` or element < 0: row %lld, column %lld is %g",
            static_cast<long long>(r), static_cast<long long>(i), static_cast<double>(w));
        return false;
      }
      sum += static_cast<double>(w);
    }
    if (!(sum > 0)) {
      context.errors.report(ErrorSink::Code::Value,
                            "invalid multinomial distribution (sum of probabilities <= 0) in row %lld",
                            static_cast<long long>(r));
      return false;
    }
  }
  return true;
}

template <class T>
void draw_with_replacement(const T* weights, int64_t rows, int64_t n, int64_t samples, int64_t* out, T* sums,
                           GeneratorState& gs) {
  GeneratorLock lock(gs);
  for (int64_t r = 0; r < rows; ++r) {
    T sum = 0;
    for (int64_t i = 0; i < n; ++i) sums[i] = sum += weights[r * n + i];
    for (int64_t i = 0; i < n; ++i) sums[i] /= sum;
    sums[n - 1] = 1;
    for (int64_t s = 0; s < samples; ++s) {
      const double u = static_cast<double>(gs.random64() & ((uint64_t{1} << 53) - 1)) * 0x1p-53;
      out[r * samples + s] =
          std::lower_bound(sums, sums + n, u, [](T a, double b) { return static_cast<double>(a) < b; }) - sums;
    }
  }
}

// The largest of weight / exponential noise: a race of exponential clocks.
template <class T>
void draw_without_replacement(const T* weights, int64_t rows, int64_t n, int64_t samples, int64_t* out, T* noise,
                              int64_t* order, GeneratorState& gs) {
  fill_exponential(noise, rows * n, 1, gs);
  for (int64_t r = 0; r < rows; ++r) {
    T* race = noise + r * n;
    for (int64_t i = 0; i < n; ++i) {
      race[i] = weights[r * n + i] / race[i];
      order[i] = i;
    }
    std::partial_sort(order, order + samples, order + n,
                      [&](int64_t a, int64_t b) { return race[a] > race[b] || (race[a] == race[b] && a < b); });
    for (int64_t s = 0; s < samples; ++s) out[r * samples + s] = order[s];
  }
}

template <class T>
void multinomial(const Multinomial& r, const View& in, const View& out, DType dtype, Context& context) {
  const int64_t n = in.sizes[in.ndim - 1], rows = in.ndim == 2 ? in.sizes[0] : 1;
  if (rows == 0) return;
  const T* weights = values<T>(in, dtype, context);
  T* scratch = static_cast<T*>(context.workspace(static_cast<size_t>(rows * n + 1) * sizeof(T)));
  auto* order = static_cast<int64_t*>(context.workspace(static_cast<size_t>(n + 1) * sizeof(int64_t)));
  if (weights == nullptr || scratch == nullptr || order == nullptr || !check_weights(weights, rows, n, context)) return;
  fill_as<int64_t>(DType::Int64, out, context, [&](int64_t* to, int64_t) {
    if (r.replacement && r.num_samples > 1)
      draw_with_replacement(weights, rows, n, r.num_samples, to, scratch, *context.generator);
    else
      draw_without_replacement(weights, rows, n, r.num_samples, to, scratch, order, *context.generator);
  });
}
void multinomial_kernel(const Multinomial& r, ConstViews in, Views out, Context& context) {
  if (in[0].dtype == DType::Float64)
    multinomial<double>(r, in[0], out[0], DType::Float64, context);
  else
    multinomial<float>(r, in[0], out[0], DType::Float32, context);
}

}  // namespace

void register_random_kernels(Registry& r) {
  r.add_kernel<Rand, rand_kernel>();
  r.add_kernel<Randn, randn_kernel>();
  r.add_kernel<RandLike, rand_like_kernel>();
  r.add_kernel<RandnLike, randn_like_kernel>();
  r.add_kernel<Randint, randint_kernel>();
  r.add_kernel<RandintLow, randint_low_kernel>();
  r.add_kernel<RandintLike, randint_like_kernel>();
  r.add_kernel<RandintLikeLow, randint_like_low_kernel>();
  r.add_kernel<Randperm, randperm_kernel>();
  r.add_kernel<Uniform, uniform_kernel>();
  r.add_kernel<NormalFill, normal_fill_kernel>();
  r.add_kernel<Normal, normal_kernel>();
  r.add_kernel<Exponential, exponential_kernel>();
  r.add_kernel<BernoulliFill, bernoulli_fill_kernel>();
  r.add_kernel<BernoulliP, bernoulli_p_kernel>();
  r.add_kernel<RandomTo, random_to_kernel>();
  r.add_kernel<RandomFrom, random_from_kernel>();
  r.add_kernel<Bernoulli, bernoulli_kernel>();
  r.add_kernel<Multinomial, multinomial_kernel>();
}

}  // namespace tenon::inline v0
