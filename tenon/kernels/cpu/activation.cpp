#include <tenon/ops/activation.h>

#include <algorithm>

#include <tenon/core/thread_pool.h>
#include <tenon/kernels/cpu/contiguous.h>
#include <tenon/kernels/cpu/random_fill.h>
#include <tenon/kernels/cpu/register.h>
#include <tenon/kernels/cpu/softmax.h>

namespace tenon::inline v0 {
namespace {

void softmax_along(const char* op, int64_t dim, bool logarithm, const View& in, const View& out, Context& context) {
  if (out.numel() == 0) return;
  const int at = static_cast<int>(dim < 0 ? dim + std::max(1, out.ndim) : dim);
  int64_t outer = 1, inner = 1;
  const int64_t n = out.ndim > 0 ? out.sizes[at] : 1;
  for (int i = 0; i < at; ++i) outer *= out.sizes[i];
  for (int i = at + 1; i < out.ndim; ++i) inner *= out.sizes[i];
  with_float_type(op, out.dtype, context, [&]<class T>(T) {
    const T* x = row_major<T>(in, context);
    const RowMajorOutput<T> y(out, context);
    if (context.errors) return;
    parallel_for(0, outer, std::max<int64_t>(1, 8192 / (n * inner)), [&](int64_t begin, int64_t end) {
      if (inner == 1) return softmax_rows(x + begin * n, y.data() + begin * n, end - begin, n, logarithm);
      for (int64_t i = begin; i < end; ++i)
        softmax_columns(x + i * n * inner, y.data() + i * n * inner, n, inner, logarithm);
    });
    y.finish();
  });
}

void softmax_kernel(const Softmax& r, ConstViews in, Views out, Context& context) {
  softmax_along("softmax", r.dim, false, in[0], out[0], context);
}
void log_softmax_kernel(const LogSoftmax& r, ConstViews in, Views out, Context& context) {
  softmax_along("log_softmax", r.dim, true, in[0], out[0], context);
}

void dropout_kernel(const DropoutMasked& r, ConstViews in, Views out, Context& context) {
  const int64_t n = out[0].numel();
  if (n == 0) return;
  with_float_type("dropout", out[0].dtype, context, [&]<class T>(T) {
    const T* x = row_major<T>(in[0], context);
    const RowMajorOutput<T> y(out[0], context);
    const RowMajorOutput<bool> mask(out[1], context);
    if (context.errors) return;
    fill_bernoulli(mask.data(), n, 1 - r.p, *context.generator);
    const T scale = T(1) / static_cast<T>(1 - r.p);
    const bool* kept = mask.data();
    T* to = y.data();
    for (int64_t i = 0; i < n; ++i) to[i] = x[i] * (kept[i] ? scale : T(0));
    mask.finish();
    y.finish();
  });
}

}  // namespace

void register_activation_kernels(Registry& registry) {
  registry.add_kernel<Softmax, softmax_kernel>();
  registry.add_kernel<LogSoftmax, log_softmax_kernel>();
  registry.add_kernel<DropoutMasked, dropout_kernel>();
}

}  // namespace tenon::inline v0
