// Constants, ranges, identity and triangles.
#include <cmath>
#include <complex>
#include <cstring>

#include <tenon/core/half.h>
#include <tenon/core/thread_pool.h>
#include <tenon/kernels/cpu/elementwise_loop.h>
#include <tenon/kernels/cpu/register.h>
#include <tenon/ops/creation.h>

namespace tenon::inline v0 {

namespace {

void fill_zero(const View& out) {
  if (out.contiguous && out.numel() > 0)
    std::memset(out.data, 0, static_cast<size_t>(out.numel() * size_of(out.dtype)));
  else
    fill_view(Scalar(0), out);
}

template <class R>
void nothing(const R&, ConstViews, Views, Context&) {}
template <class R>
void zeros_kernel(const R&, ConstViews, Views out, Context&) {
  fill_zero(out[0]);
}
template <class R>
void ones_kernel(const R&, ConstViews, Views out, Context&) {
  fill_view(Scalar(1), out[0]);
}
template <class R>
void full_kernel(const R& r, ConstViews, Views out, Context&) {
  fill_view(r.fill_value, out[0]);
}

// ---- ranges: value(i) for i < n, made in blocks and stored in whatever dtype and stride `out` has ----------

template <class T, class Value>
void store_range(const View& out, const Value& value) {
  constexpr int64_t kBlock = 512;
  const int64_t n = out.sizes[0], step = out.strides[0] * size_of(out.dtype);
  parallel_for(0, n, 16384, [&](int64_t begin, int64_t end) {
    T block[kBlock];
    for (int64_t i = begin; i < end; i += kBlock) {
      const int64_t count = end - i < kBlock ? end - i : kBlock;
      for (int64_t j = 0; j < count; ++j) block[j] = value(i + j);
      View from = number_view(block, std::is_same_v<T, double> ? DType::Float64 : DType::Int64);
      const int64_t one = 1;
      from.sizes = &count;
      from.strides = &one;
      from.ndim = 1;
      View to = out;
      to.data = static_cast<char*>(out.data) + i * step;
      to.sizes = &count;
      copy_view(from, to);
    }
  });
}

void store_arange(const Scalar& start, const Scalar& step, const View& out) {
  if (is_integral(out.dtype) && start.kind() <= Kind::Integer && step.kind() <= Kind::Integer) {
    const int64_t first = start.to_int(), by = step.to_int();
    store_range<int64_t>(out, [=](int64_t i) { return first + i * by; });
  } else if (is_integral(out.dtype)) {
    // PyTorch converts start and step first.
    const int64_t first = start.to_int(), by = step.to_int();
    store_range<int64_t>(out, [=](int64_t i) { return first + i * by; });
  } else {
    const double first = start.to_double(), by = step.to_double();
    store_range<double>(out, [=](int64_t i) { return first + static_cast<double>(i) * by; });
  }
}
void arange_kernel(const Arange&, ConstViews, Views out, Context&) { store_arange(0, 1, out[0]); }
void arange_start_kernel(const ArangeStart& r, ConstViews, Views out, Context&) {
  store_arange(r.start, r.step, out[0]);
}

// From both ends, so that the last value is exact. In the arithmetic of T.
template <class T>
struct Line {
  T start, end, step;
  int64_t steps;
  Line(double from, double to, int64_t count)
      : start(static_cast<T>(from)),
        end(static_cast<T>(to)),
        step(count > 1 ? (end - start) / static_cast<T>(count - 1) : T(0)),
        steps(count) {}
  T operator()(int64_t i) const {
    return i < steps / 2 ? start + step * static_cast<T>(i) : end - step * static_cast<T>(steps - i - 1);
  }
};
template <class T>
void store_linspace(const Linspace& r, const View& out) {
  const Line<T> line(r.start.to_double(), r.end.to_double(), r.steps);
  const bool single = r.steps == 1;
  store_range<double>(out, [=](int64_t i) { return static_cast<double>(single ? line.start : line(i)); });
}
void linspace_kernel(const Linspace& r, ConstViews, Views out, Context&) {
  if (out[0].dtype == DType::Float64 || is_integral(out[0].dtype))
    store_linspace<double>(r, out[0]);
  else
    store_linspace<float>(r, out[0]);
}
void logspace_kernel(const Logspace& r, ConstViews, Views out, Context&) {
  const Line<double> line(r.start.to_double(), r.end.to_double(), r.steps);
  const double base = r.base;
  const bool single = r.steps == 1;
  store_range<double>(out[0], [=](int64_t i) { return std::pow(base, single ? line.start : line(i)); });
}

void eye_kernel(const Eye&, ConstViews, Views out, Context&) {
  fill_zero(out[0]);
  const int64_t n = out[0].sizes[0] < out[0].sizes[1] ? out[0].sizes[0] : out[0].sizes[1];
  const int64_t step = out[0].strides[0] + out[0].strides[1];
  View diagonal = out[0];
  diagonal.ndim = 1;
  diagonal.sizes = &n;
  diagonal.strides = &step;
  diagonal.contiguous = false;
  if (n > 0) fill_view(Scalar(1), diagonal);
}

}  // namespace

void register_creation_kernels(Registry& r) {
  r.add_kernel<Empty, nothing<Empty>>();
  r.add_kernel<EmptyLike, nothing<EmptyLike>>();
  r.add_kernel<NewEmpty, nothing<NewEmpty>>();
  r.add_kernel<Zeros, zeros_kernel<Zeros>>();
  r.add_kernel<ZerosLike, zeros_kernel<ZerosLike>>();
  r.add_kernel<NewZeros, zeros_kernel<NewZeros>>();
  r.add_kernel<Ones, ones_kernel<Ones>>();
  r.add_kernel<OnesLike, ones_kernel<OnesLike>>();
  r.add_kernel<NewOnes, ones_kernel<NewOnes>>();
  r.add_kernel<Full, full_kernel<Full>>();
  r.add_kernel<FullLike, full_kernel<FullLike>>();
  r.add_kernel<NewFull, full_kernel<NewFull>>();
  r.add_kernel<Arange, arange_kernel>();
  r.add_kernel<ArangeStart, arange_start_kernel>();
  r.add_kernel<Linspace, linspace_kernel>();
  r.add_kernel<Logspace, logspace_kernel>();
  r.add_kernel<Eye, eye_kernel>();
}

}  // namespace tenon::inline v0
