#include <tenon/ops/conv.h>

#include <tenon/core/door.h>
#include <tenon/core/rules.h>
#include <tenon/ops/functions.h>
#include <tenon/ops/register.h>

namespace tenon::inline v0 {
namespace {

Dims filled(size_t n, Dim value) { return Dims(n, value); }

// "[1, 3, 8, 8]", as PyTorch's texts name sizes.
// "[2, 3]": joined only when an error is raised.
struct Brackets {
  const Shape& shape;
};
std::string to_text(const Brackets& b) {
  std::string out = "[";
  for (size_t i = 0; i < b.shape.size(); ++i) out += (i ? ", " : "") + b.shape[i].str();
  return out + "]";
}
std::string crossed(const Dims& dims) {
  std::string out = "(";
  for (size_t i = 0; i < dims.size(); ++i) out += (i ? " x " : "") + dims[i].str();
  return out + ")";
}

void check_at_least(const char* op, const char* what, const Dims& values, int64_t least) {
  for (Dim d : values) {
    check<ValueError>(d.is_symbolic() || d.value() >= least, op, ": ", what, " must be at least ", least,
                      " in every dimension, but is ", values);
  }
}

void check_geometry(const char* op, const ConvolutionGeometry& r) {
  check_at_least(op, "stride", r.stride, 1);
  check_at_least(op, "dilation", r.dilation, 1);
  check_at_least(op, "padding", r.padding, 0);
  check_at_least(op, "padding", r.padding_end, 0);
  check<ValueError>(r.groups >= 1, op, ": groups must be positive, but is ", r.groups);
}

// How many places a kernel takes along one dimension.
Dim places(Dim size, Dim kernel, Dim stride, Dim padding, Dim dilation) {
  return (size + padding - dilation * (kernel - 1) - 1) / stride + 1;
}

void check_floating(const char* op, DType dtype) {
  check<DTypeError>(is_floating(dtype), "\"", op, "\" not implemented for '", dtype,
                    "'; convert the input with .to(dtype) first");
}

}  // namespace

// ---- convolution ----

// The primitive speaks with the name that was called.
static const char* convolution_name(int64_t spatial, bool transposed) {
  static constexpr const char* kNames[2][4] = {
      {"convolution", "conv1d", "conv2d", "conv3d"},
      {"conv_transpose", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d"}};
  return kNames[transposed][spatial >= 1 && spatial <= 3 ? spatial : 0];
}

void infer(const Convolution& r, Specs in, Spec* out) {
  const Shape &x = in[0].shape, &w = in[1].shape;
  const char* name = convolution_name(in[0].dim() - 2, false);
  check_geometry(name, r);
  check_floating(name, in[0].dtype);
  check<DTypeError>(in[0].dtype == in[1].dtype, name, ": Input type (", in[0].dtype, ") and weight type (", in[1].dtype,
                    ") should be the same");
  check<ShapeError>(x.size() == w.size() && x.size() >= 3, name, ": input is ", in[0], ", weight is ", in[1],
                    "; weight must have ", x.size(), " dimensions: (out_channels, in_channels / groups, kernel...)");
  const int64_t spatial = in[0].dim() - 2;
  if (!(w[1] * Dim(r.groups) == x[1])) {
    fail<ShapeError>(name, ": Given groups=", r.groups, ", weight of size ", Brackets{w}, ", expected input",
                     Brackets{x}, " to have ", w[1] * Dim(r.groups), " channels, but got ", x[1], " channels instead");
  }
  const int64_t channels = w[0].value();
  check<ShapeError>(channels % r.groups == 0, name, ": Given groups=", r.groups,
                    ", expected weight to be divisible by ", r.groups, " at dimension 0, but got weight of size ",
                    Brackets{w}, " instead");
  if (in.has(2)) {
    check<ShapeError>(in[2].shape == Shape{w[0]}, name, ": Given weight of size ", Brackets{w},
                      ", expected bias to be 1-dimensional with ", w[0], " elements, but got bias of size ",
                      Brackets{in[2].shape}, " instead");
    check<DTypeError>(in[2].dtype == in[0].dtype, name, ": Input type (", in[0].dtype, ") and bias type (", in[2].dtype,
                      ") should be the same");
  }
  out->dtype = in[0].dtype;
  out->shape = {x[0], w[0]};
  for (int64_t i = 0; i < spatial; ++i) {
    const Dim padded = x[i + 2] + r.padding[i] + r.padding_end[i], reach = r.dilation[i] * (w[i + 2] - 1) + 1;
    if (!padded.is_symbolic() && !reach.is_symbolic() && padded.value() < reach.value()) {
      Dims sizes, kernel;
      for (int64_t j = 0; j < spatial; ++j) {
        sizes.push_back(x[j + 2] + r.padding[j] + r.padding_end[j]);
        kernel.push_back(r.dilation[j] * (w[j + 2] - 1) + 1);
      }
      fail<ShapeError>(name, ": Calculated padded input size per channel: ", crossed(sizes),
                       ". Kernel size: ", crossed(kernel),
                       ". Kernel size can't be greater than actual input size; add padding");
    }
    out->shape.push_back(places(x[i + 2], w[i + 2], r.stride[i], r.padding[i] + r.padding_end[i], r.dilation[i]));
  }
}

void infer(const ConvolutionInputGradient& r, Specs in, Spec* out) {
  const Shape &g = in[0].shape, &w = in[1].shape;
  const char* name = convolution_name(in[0].dim() - 2, true);
  check_geometry(name, r);
  check_floating(name, in[0].dtype);
  check<DTypeError>(in[0].dtype == in[1].dtype, name, ": Input type (", in[0].dtype, ") and weight type (", in[1].dtype,
                    ") should be the same");
  check<ShapeError>(g.size() == w.size() && g[1] == w[0], name, ": Given transposed=1, weight of size ", Brackets{w},
                    ", expected input", Brackets{g}, " to have ", w[0], " channels, but got ",
                    g.size() > 1 ? g[1] : Dim(0), " channels instead");
  out->dtype = in[0].dtype;
  out->shape = {g[0], w[1] * Dim(r.groups)};
  for (Dim d : r.sizes) out->shape.push_back(d);
}

void infer(const ConvolutionWeightGradient& r, Specs in, Spec* out) {
  out->dtype = in[0].dtype;
  out->shape = {in[0].shape[1], in[1].shape[1] / Dim(r.groups)};
  for (Dim d : r.sizes) out->shape.push_back(d);
}

namespace {

// Adds the batch dimension that a single image lacks.
struct Batched {
  Tensor tensor;
  bool single;

  Batched(const char* op, const Tensor& x, int spatial) : tensor(x), single(x.dim() == spatial + 1) {
    if (single)
      tensor = unsqueeze(x, 0);
    else if (x.dim() != spatial + 2) {
      fail<ShapeError>(op, ": Expected ", spatial + 1, "D (unbatched) or ", spatial + 2, "D (batched) input to ", op,
                       ", but got input of size: ", Brackets{x.shape()});
    }
  }
  Tensor back(const Tensor& y) const { return single ? squeeze(y, 0) : y; }
};

template <class R>
ConvolutionGeometry geometry(const R& r, Dims padding, Dims padding_end) {
  ConvolutionGeometry out;
  out.stride = r.stride;
  out.padding = std::move(padding);
  out.padding_end = std::move(padding_end);
  out.dilation = r.dilation;
  out.groups = r.groups;
  return out;
}

}  // namespace

template <int n>
Tensor decompose(const Conv<n>& r, const Tensor& x, const Tensor& weight, const Tensor& bias) {
  const Batched input(Conv<n>::name, x, n);
  return input.back(apply(Convolution{geometry(r, r.padding, r.padding)}, input.tensor, weight, bias));
}

template <int n>
Tensor decompose(const ConvPadding<n>& r, const Tensor& x, const Tensor& weight, const Tensor& bias) {
  const Batched input(Conv<n>::name, x, n);
  check<ValueError>(r.padding == "same" || r.padding == "valid", Conv<n>::name,
                    ": padding must be 'same', 'valid' or numbers, but is '", r.padding, "'");
  Dims before = filled(n, 0), after = filled(n, 0);
  if (r.padding == "same") {
    for (size_t i = 0; i < n; ++i) {
      check<ValueError>(r.stride[i] == Dim(1), Conv<n>::name,
                        ": padding='same' is not supported for strided convolutions; stride is ", r.stride);
      const Dim total = r.dilation[i] * (weight.shape()[i + 2] - 1);
      before[i] = total / 2;
      after[i] = total - before[i];
    }
  }
  return input.back(apply(Convolution{geometry(r, before, after)}, input.tensor, weight, bias));
}

template <int n>
Tensor decompose(const ConvTranspose<n>& r, const Tensor& x, const Tensor& weight, const Tensor& bias) {
  const Batched input(ConvTranspose<n>::name, x, n);
  check<ShapeError>(weight.dim() == n + 2, ConvTranspose<n>::name, ": weight is ", weight, ", and must have ", n + 2,
                    " dimensions");
  ConvolutionInputGradient inner{geometry(r, r.padding, r.padding), {}};
  for (size_t i = 0; i < n; ++i) {
    const Dim extra = r.output_padding[i];
    check<ValueError>(
        extra.is_symbolic() || extra.value() < r.stride[i].value() || extra.value() < r.dilation[i].value(),
        ConvTranspose<n>::name,
        ": output padding must be smaller than either stride or dilation, but got output_padding: ", r.output_padding,
        ", stride: ", r.stride, ", dilation: ", r.dilation);
    inner.sizes.push_back((input.tensor.shape()[i + 2] - 1) * r.stride[i] - r.padding[i] - r.padding[i] +
                          r.dilation[i] * (weight.shape()[i + 2] - 1) + extra + 1);
  }
  check_at_least(ConvTranspose<n>::name, "the size of the output", inner.sizes, 1);
  Tensor out = apply(inner, input.tensor, weight);
  if (bias.defined()) {
    Shape shape = filled(n + 2, 1);
    shape[1] = bias.shape()[0];
    out = add(out, reshape(bias, shape));
  }
  return input.back(out);
}

// ---- pooling ----

namespace {

// A place may start in the end padding with ceil_mode only if its window reaches the input or begin padding.
Dim pooled(const char* op, Dim size, Dim kernel, Dim stride, Dim padding, Dim dilation, bool ceil_mode) {
  const Dim room = size + padding + padding - dilation * (kernel - 1) - 1;
  if (!room.is_symbolic()) {
    check<ShapeError>(room.value() >= (ceil_mode ? 1 - stride.value() : 0), op, ": Output size is too small: size ",
                      size, ", kernel_size ", kernel, ", stride ", stride, ", padding ", padding, ", dilation ",
                      dilation, "; use a smaller kernel_size or more padding");
  }
  if (!ceil_mode) return room / stride + 1;
  Dim out = (room + stride - 1) / stride + 1;
  if (!out.is_symbolic() && !size.is_symbolic() && (out.value() - 1) * stride.value() >= size.value() + padding.value())
    out = out - 1;
  return out;
}

void infer_pool(const char* op, const PoolGeometry& r, const Spec& in, Spec* out) {
  const size_t n = r.kernel_size.size();
  check<ShapeError>(in.shape.size() == n + 1 || in.shape.size() == n + 2, op, ": Expected ", n + 1, "D or ", n + 2,
                    "D input, but got ", in);
  check_at_least(op, "kernel_size", r.kernel_size, 1);
  check_at_least(op, "stride", r.stride, 1);
  check_at_least(op, "padding", r.padding, 0);
  check_at_least(op, "dilation", r.dilation, 1);
  out->dtype = in.dtype;
  out->shape = in.shape;
  const size_t first = in.shape.size() - n;
  for (size_t i = 0; i < n; ++i) {
    const int64_t kernel = r.kernel_size[i].value(), padding = r.padding[i].value();
    check<ValueError>(padding * 2 <= kernel, op,
                      ": pad should be at most half of effective kernel size, but got pad=", padding,
                      ", kernel_size=", kernel);
    out->shape[first + i] = pooled(op, in.shape[first + i], kernel, r.stride[i], padding, r.dilation[i], r.ceil_mode);
  }
}

void infer_sized(const char* op, const Spec& in, const Dims& sizes, Spec* out) {
  const size_t n = sizes.size();
  check<ShapeError>(in.shape.size() == n + 1 || in.shape.size() == n + 2, op, ": Expected ", n + 1, "D or ", n + 2,
                    "D input, but got ", in);
  check_at_least(op, "output_size", sizes, 0);
  out->dtype = in.dtype;
  out->shape = in.shape;
  for (size_t i = 0; i < n; ++i) out->shape[in.shape.size() - n + i] = sizes[i];
}

void check_indices(const char* op, Specs in) {
  check<ShapeError>(in[0].shape == in[1].shape || in[1].dtype != DType::Int64, op, ": input is ", in[0],
                    ", indices are ", in[1]);
  check<DTypeError>(in[1].dtype == DType::Int64, op, ": indices are ", in[1], ", and must be int64");
}

}  // namespace

void infer(const MaxPool& r, Specs in, Spec* out) {
  infer_pool("max_pool", r, in[0], out);
  out[1].shape = out[0].shape;
  out[1].dtype = DType::Int64;
}
void infer(const AdaptiveMaxPool& r, Specs in, Spec* out) {
  infer_sized("adaptive_max_pool", in[0], r.output_size, out);
  out[1].shape = out[0].shape;
  out[1].dtype = DType::Int64;
}
void infer(const PoolScatter& r, Specs in, Spec* out) {
  check_indices("max_unpool", in);
  infer_sized("max_unpool", in[0], r.sizes, out);
}
void infer(const PoolGather&, Specs in, Spec* out) {
  check<DTypeError>(in[1].dtype == DType::Int64, "_pool_gather: indices are ", in[1], ", and must be int64");
  out->dtype = in[0].dtype;
  out->shape = in[1].shape;
}
void infer(const AvgPool& r, Specs in, Spec* out) {
  check<ValueError>(!r.divisor_override || *r.divisor_override != 0, "avg_pool: divisor must be not zero");
  infer_pool("avg_pool", r, in[0], out);
}
void infer(const AvgPoolGradient& r, Specs in, Spec* out) { infer_sized("avg_pool", in[0], r.sizes, out); }
void infer(const AdaptiveAvgPool& r, Specs in, Spec* out) {
  infer_sized("adaptive_avg_pool", in[0], r.output_size, out);
}
void infer(const AdaptiveAvgPoolGradient& r, Specs in, Spec* out) {
  infer_sized("adaptive_avg_pool", in[0], r.sizes, out);
}

namespace {

template <class R>
PoolGeometry pool_geometry(const R& r, const Dims& dilation) {
  PoolGeometry out;
  out.kernel_size = r.kernel_size;
  out.stride = r.stride && !r.stride->empty() ? *r.stride : r.kernel_size;
  out.padding = r.padding;
  out.dilation = dilation;
  out.ceil_mode = r.ceil_mode;
  return out;
}
template <class R>
Dims kept_sizes(const R& r, const Tensor& x) {
  Dims out = r.output_size;
  const size_t n = out.size(), rank = x.shape().size();
  check<ShapeError>(rank == n + 1 || rank == n + 2, R::name, ": Expected ", n + 1, "D or ", n + 2, "D input, but got ",
                    x);
  for (size_t i = 0; i < n; ++i) {
    if (out[i] == Dim(-1)) out[i] = x.shape()[rank - n + i];
  }
  return out;
}

}  // namespace

template <int n>
Tensor decompose(const MaxPoolNd<n>& r, const Tensor& x) {
  return apply(MaxPool{pool_geometry(r, r.dilation)}, x);
}
template <int n>
std::tuple<Tensor, Tensor> decompose(const MaxPoolIndices<n>& r, const Tensor& x) {
  auto out = apply_all(MaxPool{pool_geometry(r, r.dilation)}, x);
  return {std::move(out[0]), std::move(out[1])};
}
template <int n>
Tensor decompose(const AvgPoolNd<n>& r, const Tensor& x) {
  return apply(AvgPool{pool_geometry(r, filled(n, 1)), r.count_include_pad, r.divisor_override}, x);
}
template <int n>
Tensor decompose(const AdaptiveAvgPoolNd<n>& r, const Tensor& x) {
  return apply(AdaptiveAvgPool{kept_sizes(r, x)}, x);
}
template <int n>
Tensor decompose(const AdaptiveMaxPoolNd<n>& r, const Tensor& x) {
  return apply(AdaptiveMaxPool{kept_sizes(r, x)}, x);
}

template <int n>
static void register_composites(Registry& registry) {
  registry.add_decomposition<Conv<n>>();
  registry.add_decomposition<ConvPadding<n>>();
  registry.add_decomposition<ConvTranspose<n>>();
  registry.add_decomposition<MaxPoolNd<n>>();
  registry.add_decomposition<MaxPoolIndices<n>>();
  registry.add_decomposition<AvgPoolNd<n>>();
  registry.add_decomposition<AdaptiveAvgPoolNd<n>>();
  registry.add_decomposition<AdaptiveMaxPoolNd<n>>();
}

void register_conv(Registry& registry) {
  ConvRecords::add_to(registry);
  register_composites<1>(registry);
  register_composites<2>(registry);
  register_composites<3>(registry);
}

}  // namespace tenon::inline v0
