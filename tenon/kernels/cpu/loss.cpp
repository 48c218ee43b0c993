#include <tenon/ops/loss.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include <tenon/core/thread_pool.h>
#include <tenon/kernels/cpu/contiguous.h>
#include <tenon/kernels/cpu/register.h>
#include <tenon/kernels/cpu/softmax.h>

namespace tenon::inline v0 {
namespace {

// (batch, classes, inner) logits, and (batch, inner) targets.
struct ClassShape {
  int64_t batch = 1, classes, inner = 1;
  explicit ClassShape(const View& x) : classes(x.sizes[x.ndim > 1 ? 1 : 0]) {
    if (x.ndim > 1) batch = x.sizes[0];
    for (int i = 2; i < x.ndim; ++i) inner *= x.sizes[i];
  }
  int64_t targets() const { return batch * inner; }
  // Of class 0 for target i; classes are `inner` apart.
  int64_t at(int64_t i) const { return i / inner * classes * inner + i % inner; }
};

bool check_targets(const ClassShape& s, const int64_t* targets, int64_t ignore_index, bool is_log, Context& context) {
  for (int64_t i = 0; i < s.targets(); ++i) {
    if ((targets[i] < 0 || targets[i] >= s.classes) && targets[i] != ignore_index) {
      context.errors.report(
          ErrorSink::Code::Index,
          "%s: Target %lld is out of bounds: there are %lld classes, 0 to %lld; or pass it as ignore_index",
          is_log ? "nll_loss" : "cross_entropy", static_cast<long long>(targets[i]), static_cast<long long>(s.classes),
          static_cast<long long>(s.classes - 1));
      return false;
    }
  }
  return true;
}

// One target's loss.
template <class T>
T class_loss(const ClassShape& s, const T* log_p, const T* weight, int64_t target, double smoothing) {
  const T own = weight ? weight[target] : T(1);
  T loss = -own * log_p[target * s.inner];
  if (smoothing == 0) return loss;
  T all = 0;
  for (int64_t c = 0; c < s.classes; ++c) all -= (weight ? weight[c] : T(1)) * log_p[c * s.inner];
  return static_cast<T>(1 - smoothing) * loss + static_cast<T>(smoothing / static_cast<double>(s.classes)) * all;
}

template <class T>
void log_probabilities(const ClassShape& s, const T* x, T* y) {
  parallel_for(0, s.batch, std::max<int64_t>(1, 8192 / std::max<int64_t>(1, s.classes * s.inner)),
               [&](int64_t begin, int64_t end) {
                 const int64_t size = s.classes * s.inner;
                 if (s.inner == 1)
                   return softmax_rows(x + begin * size, y + begin * size, end - begin, s.classes, true);
                 for (int64_t i = begin; i < end; ++i)
                   softmax_columns(x + i * size, y + i * size, s.classes, s.inner, true);
               });
}

void class_loss_kernel(const ClassLoss& r, ConstViews in, Views out, Context& context) {
  with_float_type("nll_loss", in[0].dtype, context, [&]<class T>(T) {
    const ClassShape s(in[0]);
    const T *x = row_major<T>(in[0], context), *weight = in.has(2) ? row_major<T>(in[2], context) : nullptr;
    const int64_t* targets = row_major<int64_t>(in[1], context);
    const RowMajorOutput<T> loss(out[0], context), log_out(out[1], context), total_out(out[2], context);
    if (context.errors || !check_targets(s, targets, r.ignore_index, r.is_log, context)) return;
    const T* log_p = x;
    if (!r.is_log && s.targets() > 0 && s.classes > 0) {
      log_probabilities(s, x, log_out.data());
      log_p = log_out.data();
    }
    double sum = 0, total = 0;
    for (int64_t i = 0; i < s.targets(); ++i) {
      const bool kept = targets[i] != r.ignore_index;
      const T value = kept ? class_loss(s, log_p + s.at(i), weight, targets[i], r.label_smoothing) : T(0);
      if (r.reduction == 0) loss.data()[i] = value;
      sum += static_cast<double>(value);
      if (kept) total += weight ? static_cast<double>(weight[targets[i]]) : 1;
    }
    if (r.reduction != 0) loss.data()[0] = static_cast<T>(r.reduction == 1 ? sum / total : sum);
    total_out.data()[0] = static_cast<T>(total);
    loss.finish();
    log_out.finish();
    total_out.finish();
  });
}

// Gradient of one target with respect to its log-probabilities or logits, scaled by g.
template <class T>
void class_gradient(const ClassLossGradient& r, const ClassShape& s, const T* log_p, const T* weight, int64_t target,
                    T g, T* to) {
  const T own = weight ? weight[target] : T(1), main = static_cast<T>(1 - r.label_smoothing) * own * g;
  const T each = static_cast<T>(r.label_smoothing / static_cast<double>(s.classes)) * g;
  T all = main;  // less the sum of the coefficients
  if (each != T(0)) {
    for (int64_t c = 0; c < s.classes; ++c) all += each * (weight ? weight[c] : T(1));
  }
  if (r.is_log) {
    for (int64_t c = 0; c < s.classes; ++c) to[c * s.inner] = T(0);
  } else if (s.inner == 1) {
    scaled_exp(log_p, to, s.classes, all);
  } else {
    for (int64_t c = 0; c < s.classes; ++c) to[c * s.inner] = all * std::exp(log_p[c * s.inner]);
  }
  if (each != T(0)) {
    for (int64_t c = 0; c < s.classes; ++c) to[c * s.inner] -= each * (weight ? weight[c] : T(1));
  }
  to[target * s.inner] -= main;
}

void class_loss_gradient_kernel(const ClassLossGradient& r, ConstViews in, Views out, Context& context) {
  if (out[0].numel() == 0) return;
  with_float_type("nll_loss", out[0].dtype, context, [&]<class T>(T) {
    const ClassShape s(in[1]);
    const T *grad = row_major<T>(in[0], context), *weight = in.has(3) ? row_major<T>(in[3], context) : nullptr;
    const int64_t* targets = row_major<int64_t>(in[2], context);
    const T *log_p = r.is_log ? nullptr : row_major<T>(in[4], context), *total = row_major<T>(in[5], context);
    const RowMajorOutput<T> y(out[0], context);
    if (context.errors || !check_targets(s, targets, r.ignore_index, r.is_log, context)) return;
    const T scale = r.reduction == 1 ? T(1) / total[0] : T(1);
    parallel_for(0, s.targets(), std::max<int64_t>(1, 8192 / std::max<int64_t>(1, s.classes)),
                 [&](int64_t begin, int64_t end) {
                   for (int64_t i = begin; i < end; ++i) {
                     T* to = y.data() + s.at(i);
                     if (targets[i] == r.ignore_index) {
                       for (int64_t c = 0; c < s.classes; ++c) to[c * s.inner] = T(0);
                       continue;
                     }
                     class_gradient(r, s, log_p ? log_p + s.at(i) : nullptr, weight, targets[i],
                                    grad[r.reduction == 0 ? i : 0] * scale, to);
                   }
                 });
    y.finish();
  });
}

void binary_loss_kernel(const BinaryLoss&, ConstViews in, Views out, Context& context) {
  with_float_type("binary_cross_entropy", out[0].dtype, context, [&]<class T>(T) {
    const T *x = row_major<T>(in[0], context), *t = row_major<T>(in[1], context);
    const RowMajorOutput<T> y(out[0], context);
    if (context.errors) return;
    for (int64_t i = 0, n = out[0].numel(); i < n; ++i) {
      if (!(x[i] >= T(0) && x[i] <= T(1))) {
        return context.errors.report(
            ErrorSink::Code::Value,
            "binary_cross_entropy: all elements of input should be between 0 and 1, but one is %g; use "
            "binary_cross_entropy_with_logits for logits",
            static_cast<double>(x[i]));
      }
      y.data()[i] = (t[i] - T(1)) * std::max(std::log1p(-x[i]), T(-100)) - t[i] * std::max(std::log(x[i]), T(-100));
    }
    y.finish();
  });
}

}  // namespace

void register_loss_kernels(Registry& registry) {
  registry.add_kernel<ClassLoss, class_loss_kernel>();
  registry.add_kernel<ClassLossGradient, class_loss_gradient_kernel>();
  registry.add_kernel<BinaryLoss, binary_loss_kernel>();
}

}  // namespace tenon::inline v0
