#include <tenon/ops/norm.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include <tenon/core/thread_pool.h>
#include <tenon/kernels/cpu/contiguous.h>
#include <tenon/kernels/cpu/norm_rows.h>
#include <tenon/kernels/cpu/register.h>

namespace tenon::inline v0 {
namespace {

// (batch, channels, plane) elements; a plane of one is the 2-D case, where channels lie side by side.
struct Channels {
  int64_t batch = 1, channels = 1, plane = 1;
  explicit Channels(const View& v) : batch(v.sizes[0]), channels(v.sizes[1]) {
    for (int i = 2; i < v.ndim; ++i) plane *= v.sizes[i];
  }
  int64_t count() const { return batch * plane; }
  int64_t grain() const { return std::max<int64_t>(1, 16384 / std::max<int64_t>(1, count())); }
  template <class F>
  void for_each_plane(int64_t c, F&& f) const {
    for (int64_t n = 0; n < batch; ++n) f((n * channels + c) * plane);
  }
};

// One channel's elements, gathered when they do not lie together: then for_each runs once over all.
template <class T>
void channel_statistics(const NormRows<T>& rows, const Channels& s, const T* x, int64_t c, double* mean,
                        double* squares) {
  double sum = 0, square = 0;
  s.for_each_plane(c, [&](int64_t at) { sum += rows.sum(x + at, s.plane); });
  *mean = sum / static_cast<double>(s.count());
  s.for_each_plane(c, [&](int64_t at) { square += rows.squares(x + at, s.plane, static_cast<T>(*mean)); });
  *squares = square;
}

// Means and squares of all channels at once, row by row, when each row holds one element of every channel.
template <class T>
void row_statistics(const Channels& s, const T* x, int64_t begin, int64_t end, double* mean, double* squares) {
  for (int64_t c = begin; c < end; ++c) mean[c] = squares[c] = 0;
  for (int64_t n = 0; n < s.batch; ++n) {
    for (int64_t c = begin; c < end; ++c) mean[c] += static_cast<double>(x[n * s.channels + c]);
  }
  for (int64_t c = begin; c < end; ++c) mean[c] /= static_cast<double>(s.batch);
  for (int64_t n = 0; n < s.batch; ++n) {
    for (int64_t c = begin; c < end; ++c) {
      const double v = static_cast<double>(x[n * s.channels + c]) - mean[c];
      squares[c] += v * v;
    }
  }
}

// running = (1 - momentum) * running + momentum * value, in a possibly strided view.
template <class T>
void move_statistic(const View& running, int64_t c, double momentum, double value) {
  const int64_t at = c * running.strides[0];
  switch (running.dtype) {
    case DType::Float64:
      running.as<double>()[at] = (1 - momentum) * running.as<double>()[at] + momentum * value;
      break;
    case DType::Float32:
      running.as<float>()[at] =
          static_cast<float>((1 - momentum) * static_cast<double>(running.as<float>()[at]) + momentum * value);
      break;
    default:
      break;
  }
}

template <class T>
void normalise_batch(const BatchNormTraining& r, const Channels& s, ConstViews in, const T* x, const T* w, const T* b,
                     T* y, T* mean_out, T* invstd_out, Context& context) {
  const NormRows<T>& rows = norm_rows(T());
  double* mean = static_cast<double*>(context.workspace(static_cast<size_t>(2 * s.channels) * sizeof(double)));
  if (mean == nullptr) return;
  double* squares = mean + s.channels;
  const double n = static_cast<double>(s.count());
  parallel_for(0, s.channels, s.grain(), [&](int64_t begin, int64_t end) {
    if (s.plane == 1) row_statistics(s, x, begin, end, mean, squares);
    for (int64_t c = begin; c < end; ++c) {
      if (s.plane != 1) channel_statistics(rows, s, x, c, mean + c, squares + c);
      const double invstd = 1 / std::sqrt(squares[c] / n + r.eps);
      mean_out[c] = static_cast<T>(mean[c]);
      invstd_out[c] = static_cast<T>(invstd);
      if (in.has(1)) move_statistic<T>(in[1], c, r.momentum, mean[c]);
      if (in.has(2)) move_statistic<T>(in[2], c, r.momentum, squares[c] / (n - 1));
      if (s.plane == 1) continue;
      const T scale = static_cast<T>(invstd) * (w ? w[c] : T(1)), shift = (b ? b[c] : T(0)) - mean_out[c] * scale;
      s.for_each_plane(c, [&](int64_t at) { rows.affine(x + at, y + at, s.plane, scale, shift); });
    }
    if (s.plane != 1) return;
    for (int64_t i = 0; i < s.batch; ++i) {
      for (int64_t c = begin; c < end; ++c) {
        const int64_t at = i * s.channels + c;
        y[at] = (x[at] - mean_out[c]) * (invstd_out[c] * (w ? w[c] : T(1))) + (b ? b[c] : T(0));
      }
    }
  });
}

void batch_norm_kernel(const BatchNormTraining& r, ConstViews in, Views out, Context& context) {
  with_float_type("batch_norm", out[0].dtype, context, [&]<class T>(T) {
    const Channels s(in[0]);
    for (int i = 1; i < 3; ++i) {
      if (in.has(i) && in[i].dtype != DType::Float32 && in[i].dtype != DType::Float64) {
        return context.errors.report(ErrorSink::Code::Unsupported,
                                     "running statistics must be float32 or float64, but are %s", name_of(in[i].dtype));
      }
    }
    const T *x = row_major<T>(in[0], context), *w = in.has(3) ? row_major<T>(in[3], context) : nullptr,
            *b = in.has(4) ? row_major<T>(in[4], context) : nullptr;
    const RowMajorOutput<T> y(out[0], context), mean(out[1], context), invstd(out[2], context);
    if (context.errors) return;
    if (s.count() == 0) {
      std::fill_n(mean.data(), s.channels, T(0));
      std::fill_n(invstd.data(), s.channels, T(0));
    } else {
      normalise_batch(r, s, in, x, w, b, y.data(), mean.data(), invstd.data(), context);
    }
    y.finish();
    mean.finish();
    invstd.finish();
  });
}

template <class T>
void batch_gradient_channel(const NormRows<T>& rows, const Channels& s, const T* g, const T* x, T w, T mean, T invstd,
                            int64_t c, T* gx, T* gw, T* gb) {
  double sum = 0, product = 0;
  const double n = static_cast<double>(s.count());
  s.for_each_plane(c, [&](int64_t at) { rows.sums(g + at, x + at, s.plane, mean, &sum, &product); });
  gw[c] = static_cast<T>(product * static_cast<double>(invstd));
  gb[c] = static_cast<T>(sum);
  const T scale = w * invstd;
  const T along = static_cast<T>(-product / n * static_cast<double>(invstd) * static_cast<double>(invstd)) * scale,
          shift = static_cast<T>(-sum / n) * scale;
  s.for_each_plane(c, [&](int64_t at) { rows.combine(g + at, x + at, gx + at, s.plane, mean, scale, along, shift); });
}

void batch_norm_gradient_kernel(const BatchNormGradient&, ConstViews in, Views out, Context& context) {
  with_float_type("batch_norm", out[0].dtype, context, [&]<class T>(T) {
    const Channels s(in[1]);
    const T *g = row_major<T>(in[0], context), *x = row_major<T>(in[1], context),
            *w = in.has(2) ? row_major<T>(in[2], context) : nullptr;
    const T *mean = row_major<T>(in[3], context), *invstd = row_major<T>(in[4], context);
    const RowMajorOutput<T> gx(out[0], context), gw(out[1], context), gb(out[2], context);
    if (context.errors) return;
    const NormRows<T>& rows = norm_rows(T());
    parallel_for(0, s.channels, s.grain(), [&](int64_t begin, int64_t end) {
      for (int64_t c = begin; c < end; ++c) {
        batch_gradient_channel(rows, s, g, x, w ? w[c] : T(1), mean[c], invstd[c], c, gx.data(), gw.data(), gb.data());
      }
    });
    gx.finish();
    gw.finish();
    gb.finish();
  });
}

// ---- layer norm ----

struct LayerRows {
  int64_t rows = 1, n = 1;
  LayerRows(const View& v, int64_t dims) {
    for (int i = 0; i < v.ndim; ++i) (i < v.ndim - dims ? rows : n) *= v.sizes[i];
  }
  int64_t grain() const { return std::max<int64_t>(1, 8192 / std::max<int64_t>(1, n)); }
};

void layer_norm_kernel(const LayerNorm& r, ConstViews in, Views out, Context& context) {
  with_float_type("layer_norm", out[0].dtype, context, [&]<class T>(T) {
    const LayerRows s(in[0], static_cast<int64_t>(r.normalized_shape.size()));
    const T *x = row_major<T>(in[0], context), *w = in.has(1) ? row_major<T>(in[1], context) : nullptr,
            *b = in.has(2) ? row_major<T>(in[2], context) : nullptr;
    const RowMajorOutput<T> y(out[0], context), mean(out[1], context), invstd(out[2], context);
    if (context.errors) return;
    const NormRows<T>& rows = norm_rows(T());
    parallel_for(0, s.rows, s.grain(), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const T* row = x + i * s.n;
        const double count = static_cast<double>(s.n), m = rows.sum(row, s.n) / count;
        mean.data()[i] = static_cast<T>(m);
        invstd.data()[i] = static_cast<T>(1 / std::sqrt(rows.squares(row, s.n, static_cast<T>(m)) / count + r.eps));
        rows.weighted(row, y.data() + i * s.n, s.n, mean.data()[i], invstd.data()[i], w, b);
      }
    });
    y.finish();
    mean.finish();
    invstd.finish();
  });
}

// Rows [begin, end): gradients of the input, and sums for the parameters in `gw` and `gb`.
template <class T>
void layer_gradient_rows(const LayerRows& s, const T* g, const T* x, const T* w, const T* mean, const T* invstd,
                         int64_t begin, int64_t end, T* gx) {
  const NormRows<T>& rows = norm_rows(T());
  for (int64_t i = begin; i < end; ++i) {
    const T *row = x + i * s.n, *grad = g + i * s.n;
    T* to = gx + i * s.n;
    if (w != nullptr) rows.multiply(grad, w, to, s.n), grad = to;
    double sum = 0, product = 0;
    rows.sums(grad, row, s.n, mean[i], &sum, &product);
    const double scale = static_cast<double>(invstd[i]), n = static_cast<double>(s.n);
    rows.combine(grad, row, to, s.n, mean[i], invstd[i], static_cast<T>(-product / n * scale * scale * scale),
                 static_cast<T>(-sum / n * scale));
  }
}

void layer_norm_gradient_kernel(const LayerNormGradient& r, ConstViews in, Views out, Context& context) {
  with_float_type("layer_norm", out[0].dtype, context, [&]<class T>(T) {
    const LayerRows s(in[1], r.dims);
    const T *g = row_major<T>(in[0], context), *x = row_major<T>(in[1], context),
            *w = in.has(2) ? row_major<T>(in[2], context) : nullptr;
    const T *mean = row_major<T>(in[3], context), *invstd = row_major<T>(in[4], context);
    const RowMajorOutput<T> gx(out[0], context), gw(out[1], context), gb(out[2], context);
    if (context.errors) return;
    parallel_for(0, s.rows, s.grain(), [&](int64_t begin, int64_t end) {
      layer_gradient_rows(s, g, x, w, mean, invstd, begin, end, gx.data());
    });
    // Columns in parallel: each sum runs over the rows in order, whatever the threads.
    const NormRows<T>& rows = norm_rows(T());
    parallel_for(0, s.n, std::max<int64_t>(64, 32768 / std::max<int64_t>(1, s.rows)), [&](int64_t begin, int64_t end) {
      std::fill(gw.data() + begin, gw.data() + end, T(0));
      std::fill(gb.data() + begin, gb.data() + end, T(0));
      for (int64_t i = 0; i < s.rows; ++i) {
        const int64_t at = i * s.n + begin;
        rows.accumulate(g + at, x + at, end - begin, mean[i], invstd[i], gw.data() + begin, gb.data() + begin);
      }
    });
    gx.finish();
    gw.finish();
    gb.finish();
  });
}

}  // namespace

void register_norm_kernels(Registry& registry) {
  registry.add_kernel<BatchNormTraining, batch_norm_kernel>();
  registry.add_kernel<BatchNormGradient, batch_norm_gradient_kernel>();
  registry.add_kernel<LayerNorm, layer_norm_kernel>();
  registry.add_kernel<LayerNormGradient, layer_norm_gradient_kernel>();
}

}  // namespace tenon::inline v0
