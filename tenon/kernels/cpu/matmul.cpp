// Kernels of the matrix products: dimensions are read off the views, the products are gemm's.
#include <tenon/ops/matmul.h>

#include <algorithm>
#include <complex>
#include <utility>

#include <tenon/core/half.h>
#include <tenon/core/thread_pool.h>
#include <tenon/kernels/cpu/fused.h>
#include <tenon/kernels/cpu/gemm.h>
#include <tenon/kernels/cpu/register.h>

namespace tenon::inline v0 {
namespace {

// Calls f with a value of the C++ type behind `dtype`.
template <class F>
void with_type(const char* op, DType dtype, Context& context, F&& f) {
  switch (dtype) {
    case DType::Float32:
      return f(float());
    case DType::Float64:
      return f(double());
    case DType::UInt8:
      return f(uint8_t());
    case DType::Int8:
      return f(int8_t());
    case DType::Int16:
      return f(int16_t());
    case DType::Int32:
      return f(int32_t());
    case DType::Int64:
      return f(int64_t());
    case DType::Float16:
      return f(Half());
    case DType::BFloat16:
      return f(BFloat16());
    case DType::Complex64:
      return f(std::complex<float>());
    case DType::Complex128:
      return f(std::complex<double>());
    case DType::Bool:
      break;
  }
  context.errors.report(ErrorSink::Code::Unsupported, "\"%s\" not implemented for '%s'; convert with .to(dtype) first",
                        op, name_of(dtype));
}

// A matrix or a batch of them; vectors get the side they lack, with stride 0.
struct Operand {
  void* data;
  int64_t rows, columns, row, column;
  int batch_dims;
  const int64_t *sizes, *strides;

  // `vector_is_row`: what a one-dimensional view stands for.
  Operand(const View& v, bool vector_is_row, bool transposed = false)
      : data(v.data), batch_dims(v.ndim - 2), sizes(v.sizes), strides(v.strides) {
    const int n = v.ndim;
    if (n >= 2) {
      rows = sizes[n - 2], columns = sizes[n - 1], row = strides[n - 2], column = strides[n - 1];
    } else {
      batch_dims = 0;
      const int64_t size = n == 1 ? sizes[0] : 1, stride = n == 1 ? strides[0] : 0;
      rows = vector_is_row ? 1 : size, columns = vector_is_row ? size : 1;
      row = vector_is_row ? 0 : stride, column = vector_is_row ? stride : 0;
    }
    if (transposed) {
      std::swap(rows, columns);
      std::swap(row, column);
    }
  }
  template <class T>
  Matrix<T> matrix(int64_t offset = 0) const {
    return {static_cast<T*>(data) + offset, row, column};
  }
  // Batch dimensions that continue the rows: (2, 3, k) contiguous is (6, k).
  bool fold_batch() {
    int64_t count = 1, stride = row;
    const auto take = [&](int64_t size, int64_t step) {
      if (size == 1) return true;
      if (count == 1)
        stride = step;
      else if (step != stride * count)
        return false;
      count *= size;
      return true;
    };
    if (!take(rows, row)) return false;
    for (int i = batch_dims - 1; i >= 0; --i) {
      if (!take(sizes[i], strides[i])) return false;
    }
    rows = count, row = stride, batch_dims = 0;
    return true;
  }
  // A product's result, of whose last two dimensions some may be missing.
  static Operand result(const View& v, bool has_rows, bool has_columns) {
    Operand out(v, true);
    int n = v.ndim;
    out.rows = out.columns = 1, out.row = 0, out.column = 1;
    if (has_columns) --n, out.columns = v.sizes[n], out.column = v.strides[n];
    if (has_rows) --n, out.rows = v.sizes[n], out.row = v.strides[n];
    out.batch_dims = n;
    return out;
  }
};

// Steps through the batch of c; `a` and `b` align with it from the right, and repeat where they have 1.
struct BatchOffsets {
  int64_t a = 0, b = 0, c = 0;
  BatchOffsets(int64_t index, const Operand& left, const Operand& right, const Operand& out) {
    for (int i = out.batch_dims - 1; i >= 0; --i) {
      const int64_t at = index % out.sizes[i];
      index /= out.sizes[i];
      c += at * out.strides[i];
      a += step(left, i - out.batch_dims + left.batch_dims, at);
      b += step(right, i - out.batch_dims + right.batch_dims, at);
    }
  }
  static int64_t step(const Operand& x, int i, int64_t at) { return i < 0 || x.sizes[i] == 1 ? 0 : at * x.strides[i]; }
};

template <class T>
void multiply_batches(const Operand& a, const Operand& b, const Operand& c, bool accumulate, Context& context) {
  int64_t batches = 1;
  for (int i = 0; i < c.batch_dims; ++i) batches *= c.sizes[i];
  const auto multiply = [&](int64_t index) {
    const BatchOffsets at(index, a, b, c);
    return gemm(Gemm<T>{c.rows, c.columns, a.columns, a.matrix<const T>(at.a), b.matrix<const T>(at.b),
                        c.matrix<T>(at.c), accumulate},
                context);
  };
  const int64_t work = c.rows * c.columns * a.columns;
  // Only float and double keep to their own memory; the others ask the context, which is one thread's.
  const bool parallel = (std::is_same_v<T, float> || std::is_same_v<T, double>)&&c.column == 1 && work < (1 << 22);
  if (!parallel) {
    for (int64_t i = 0; i < batches; ++i) {
      if (!multiply(i)) return;
    }
    return;
  }
  parallel_for(0, batches, std::max<int64_t>(1, (1 << 19) / std::max<int64_t>(1, work)),
               [&](int64_t begin, int64_t end) {
                 for (int64_t i = begin; i < end; ++i) {
                   if (!multiply(i)) return;
                 }
               });
}

template <class T>
void multiply(Operand a, Operand b, Operand c, bool accumulate, Context& context) {
  if (c.batch_dims > 0 && b.batch_dims == 0) {
    Operand left = a, out = c;
    if (left.fold_batch() && out.fold_batch()) a = left, c = out;
  }
  if (c.batch_dims > 0) return multiply_batches<T>(a, b, c, accumulate, context);
  gemm(Gemm<T>{c.rows, c.columns, a.columns, a.matrix<const T>(), b.matrix<const T>(), c.matrix<T>(), accumulate},
       context);
}

// out = a @ b for what `matmul` takes. The dimensions of vectors are not in `out`.
template <class T>
void multiply_views(const View& left, const View& right, const View& out, Context& context) {
  const Operand c = Operand::result(out, left.ndim > 1, right.ndim > 1);
  multiply<T>(Operand(left, true), Operand(right, false), c, false, context);
}

template <class R>
void product_kernel(const R&, ConstViews in, Views out, Context& context) {
  with_type(R::name, out[0].dtype, context, [&]<class T>(T) { multiply_views<T>(in[0], in[1], out[0], context); });
}

// ---- products with something added ----

// Walks `out` and an `added` that broadcasts to it, row by row: f(out row, stride, added row, stride, size).
template <class T, class F>
void for_each_row(const View& out, const View& added, F&& f) {
  const int n = out.ndim, skip = out.ndim - added.ndim;
  const int64_t size = n > 0 ? out.sizes[n - 1] : 1, step = n > 0 ? out.strides[n - 1] : 1;
  const auto added_stride = [&](int i) { return i < skip || added.sizes[i - skip] == 1 ? 0 : added.strides[i - skip]; };
  int64_t rows = 1;
  for (int i = 0; i < n - 1; ++i) rows *= out.sizes[i];
  if (size == 0) return;
  for (int64_t r = 0; r < rows; ++r) {
    int64_t to = 0, from = 0, rest = r;
    for (int i = n - 2; i >= 0; --i) {
      const int64_t at = rest % out.sizes[i];
      rest /= out.sizes[i];
      to += at * out.strides[i];
      from += at * added_stride(i);
    }
    f(out.as<T>() + to, step, added.as<const T>() + from, n > 0 ? added_stride(n - 1) : 0, size);
  }
}

template <class T>
void fill_broadcast(const View& out, const View& added) {
  for_each_row<T>(out, added, [](T* to, int64_t to_step, const T* from, int64_t from_step, int64_t n) {
    if (to_step == 1 && from_step == 1) {
      for (int64_t i = 0; i < n; ++i) to[i] = from[i];
    } else {
      for (int64_t i = 0; i < n; ++i) to[i * to_step] = from[i * from_step];
    }
  });
}

template <class T>
auto widened(T x) {
  if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>)
    return static_cast<float>(x);
  else if constexpr (std::is_integral_v<T>)
    return static_cast<int64_t>(x);
  else
    return x;
}
template <class W>
W scalar_as(const Scalar& s) {
  if constexpr (std::is_integral_v<W>)
    return s.to_int();
  else if constexpr (std::is_floating_point_v<W>)
    return static_cast<W>(s.to_double());
  else
    return W(s.to_complex());
}

// out = beta * added + alpha * out
template <class T>
void combine(const View& out, const View& added, const Scalar& beta_value, const Scalar& alpha_value) {
  using W = decltype(widened(T()));
  const W beta = scalar_as<W>(beta_value), alpha = scalar_as<W>(alpha_value);
  const bool ignore = beta == W(0);  // then NaNs in it do not count
  for_each_row<T>(out, added, [=](T* to, int64_t to_step, const T* from, int64_t from_step, int64_t n) {
    for (int64_t i = 0; i < n; ++i) {
      const W product = alpha * widened(to[i * to_step]);
      to[i * to_step] = static_cast<T>(ignore ? product : product + beta * widened(from[i * from_step]));
    }
  });
}

template <class R>
void added_kernel(const R& r, ConstViews in, Views out, Context& context) {
  with_type(R::name, out[0].dtype, context, [&]<class T>(T) {
    multiply_views<T>(in[1], in[2], out[0], context);
    combine<T>(out[0], in[0], r.beta, r.alpha);
  });
}

void linear_kernel(const Linear&, ConstViews in, Views out, Context& context) { compute_linear(in, out[0], context); }

}  // namespace

void compute_linear(ConstViews in, const View& out, Context& context) {
  with_type("linear", out.dtype, context, [&]<class T>(T) {
    const bool has_bias = in.has(2);
    if (has_bias) fill_broadcast<T>(out, in[2]);
    const Operand c = Operand::result(out, in[0].ndim > 1, in[1].ndim > 1);
    multiply<T>(Operand(in[0], true), Operand(in[1], true, true), c, has_bias, context);
  });
}

void register_matmul_kernels(Registry& registry) {
  registry.add_kernel<Matmul, product_kernel<Matmul>>();
  registry.add_kernel<Mm, product_kernel<Mm>>();
  registry.add_kernel<Bmm, product_kernel<Bmm>>();
  registry.add_kernel<Mv, product_kernel<Mv>>();
  registry.add_kernel<Dot, product_kernel<Dot>>();
  registry.add_kernel<Addmm, added_kernel<Addmm>>();
  registry.add_kernel<Baddbmm, added_kernel<Baddbmm>>();
  registry.add_kernel<Addmv, added_kernel<Addmv>>();
  registry.add_kernel<Linear, linear_kernel>();
}

}  // namespace tenon::inline v0
