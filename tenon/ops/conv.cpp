#include <tenon/ops/conv.h>

#include <tenon/core/door.h>
#include <tenon/core/rules.h>
#include <tenon/ops/checks.h>
#include <tenon/ops/functions.h>
#include <tenon/ops/register.h>

namespace tenon::inline v0 {
namespace {

Dims filled(size_t n, Dim value) { return Dims(n, value); }

// "[1, 3, 8, 8]", as PyTorch's texts name sizes; joined only when an error is raised.
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

// One value stands for all; otherwise there is one for each spatial dimension.
Dims spread(const char* op, const char* what, const Dims& values, size_t n) {
  if (values.size() == n) return values;
  check<ShapeError>(values.size() == 1, op, ": ", what, " must be one int or a tuple of ", n,
                    ", to match the spatial dimensions, but is ", values);
  return Dims(n, values[0]);
}
// Kernels read as many values as there are dimensions.
void check_length(const char* op, const char* what, const Dims& values, size_t n) {
  check<ShapeError>(values.size() == n, op, ": ", what, " must have ", n, " values, and is ", values);
}

void check_geometry(const char* op, const ConvolutionGeometry& r, size_t spatial) {
  check_length(op, "stride", r.stride, spatial);
  check_length(op, "padding", r.padding, spatial);
  check_length(op, "padding", r.padding_end, spatial);
  check_length(op, "dilation", r.dilation, spatial);
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

// That a convolution of an image of `sizes` by a kernel has the places of `grad`, whose gradient is taken.
void check_places(const char* op, const ConvolutionGeometry& r, const Shape& grad, const Dims& sizes,
                  const Dims& kernel) {
  for (size_t i = 0; i < sizes.size(); ++i) {
    const Dim got = grad[i + 2];
    if (got.is_symbolic() || sizes[i].is_symbolic() || kernel[i].is_symbolic()) continue;
    check<ShapeError>(sizes[i].value() >= 0 && kernel[i].value() >= 0, op, ": sizes must not be negative: ", sizes,
                      ", ", kernel);
    const Dim wanted = places(sizes[i], kernel[i], r.stride[i], r.padding[i] + r.padding_end[i], r.dilation[i]);
    check<ShapeError>(got == wanted, op, ": an image of ", sizes, " and a kernel of ", kernel, " make ", wanted,
                      " places along spatial dimension ", i, ", but the input has ", got);
  }
}

}  // namespace

// ---- convolution ----

static void check_groups(const char* name, int64_t groups, const Shape& weight) {
  check<ShapeError>(weight[0].value() % groups == 0, name, ": Given groups=", groups,
                    ", expected weight to be divisible by ", groups, " at dimension 0, but got weight of size ",
                    Brackets{weight}, " instead");
}

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
  check_floating(name, in[0].dtype);
  check<DTypeError>(in[0].dtype == in[1].dtype, name, ": Input type (", in[0].dtype, ") and weight type (", in[1].dtype,
                    ") should be the same");
  check<ShapeError>(x.size() == w.size() && x.size() >= 3 && x.size() <= 5, name, ": input is ", in[0], ", weight is ",
                    in[1], "; weight must have ", x.size(),
                    " dimensions: (out_channels, in_channels / groups, kernel...), of which 1 to 3 are spatial");
  const int64_t spatial = in[0].dim() - 2;
  check_geometry(name, r, static_cast<size_t>(spatial));
  check_at_least(name, "kernel_size", Dims(w.begin() + 2, w.end()), 1);
  if (!(w[1] * Dim(r.groups) == x[1])) {
    fail<ShapeError>(name, ": Given groups=", r.groups, ", weight of size ", Brackets{w}, ", expected input",
                     Brackets{x}, " to have ", w[1] * Dim(r.groups), " channels, but got ", x[1], " channels instead");
  }
  check_groups(name, r.groups, w);
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
  check_floating(name, in[0].dtype);
  check<DTypeError>(in[0].dtype == in[1].dtype, name, ": Input type (", in[0].dtype, ") and weight type (", in[1].dtype,
                    ") should be the same");
  check<ShapeError>(g.size() >= 3 && g.size() <= 5, name, ": input is ", in[0],
                    ", and must have 1 to 3 spatial dimensions");
  check_geometry(name, r, g.size() - 2);
  check_length(name, "the size of the output", r.sizes, g.size() - 2);
  check<ShapeError>(g.size() == w.size() && g[1] == w[0], name, ": Given transposed=1, weight of size ", Brackets{w},
                    ", expected input", Brackets{g}, " to have ", w[0], " channels, but got ", g[1],
                    " channels instead");
  check_groups(name, r.groups, w);
  check_places(name, r, g, r.sizes, Dims(w.begin() + 2, w.end()));
  out->dtype = in[0].dtype;
  out->shape = {g[0], w[1] * Dim(r.groups)};
  for (Dim d : r.sizes) out->shape.push_back(d);
}

void infer(const ConvolutionWeightGradient& r, Specs in, Spec* out) {
  const Shape &g = in[0].shape, &x = in[1].shape;
  const char* name = convolution_name(in[1].dim() - 2, false);
  check<ShapeError>(x.size() >= 3 && x.size() <= 5 && g.size() == x.size() && g[0] == x[0], name, ": grad is ", in[0],
                    ", input is ", in[1], "; they must share their batch and have 1 to 3 spatial dimensions");
  check_geometry(name, r, x.size() - 2);
  check_length(name, "the size of the kernel", r.sizes, x.size() - 2);
  check<ShapeError>(
      x[1].is_symbolic() || g[1].is_symbolic() || (x[1].value() % r.groups == 0 && g[1].value() % r.groups == 0), name,
      ": the channels of grad, ", in[0], ", and of input, ", in[1], ", must be divisible by groups=", r.groups);
  check_places(name, r, g, Dims(x.begin() + 2, x.end()), r.sizes);
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

template <int n, class R>
ConvolutionGeometry geometry(const R& r, Dims padding, Dims padding_end) {
  ConvolutionGeometry out;
  out.stride = spread(R::name, "stride", r.stride, n);
  out.padding = std::move(padding);
  out.padding_end = std::move(padding_end);
  out.dilation = spread(R::name, "dilation", r.dilation, n);
  out.groups = r.groups;
  return out;
}

}  // namespace

template <int n>
Tensor decompose(const Conv<n>& r, const Tensor& x, const Tensor& weight, const Tensor& bias) {
  const Batched input(Conv<n>::name, x, n);
  const Dims padding = spread(Conv<n>::name, "padding", r.padding, n);
  return input.back(apply(Convolution{geometry<n>(r, padding, padding)}, input.tensor, weight, bias));
}

template <int n>
Tensor decompose(const ConvPadding<n>& r, const Tensor& x, const Tensor& weight, const Tensor& bias) {
  const Batched input(Conv<n>::name, x, n);
  check<ValueError>(r.padding == "same" || r.padding == "valid", Conv<n>::name,
                    ": padding must be 'same', 'valid' or numbers, but is '", r.padding, "'");
  check<ShapeError>(weight.dim() == n + 2, Conv<n>::name, ": weight is ", weight, ", and must have ", n + 2,
                    " dimensions");
  ConvolutionGeometry all = geometry<n>(r, filled(n, 0), filled(n, 0));
  if (r.padding == "same") {
    for (size_t i = 0; i < n; ++i) {
      check<ValueError>(all.stride[i] == Dim(1), Conv<n>::name,
                        ": padding='same' is not supported for strided convolutions; stride is ", r.stride);
      const Dim total = all.dilation[i] * (weight.shape()[i + 2] - 1);
      all.padding[i] = total / 2;
      all.padding_end[i] = total - all.padding[i];
    }
  }
  return input.back(apply(Convolution{std::move(all)}, input.tensor, weight, bias));
}

template <int n>
Tensor decompose(const ConvTranspose<n>& r, const Tensor& x, const Tensor& weight, const Tensor& bias) {
  const Batched input(ConvTranspose<n>::name, x, n);
  check<ShapeError>(weight.dim() == n + 2, ConvTranspose<n>::name, ": weight is ", weight, ", and must have ", n + 2,
                    " dimensions");
  const Dims padding = spread(ConvTranspose<n>::name, "padding", r.padding, n);
  const Dims output_padding = spread(ConvTranspose<n>::name, "output_padding", r.output_padding, n);
  ConvolutionInputGradient inner{geometry<n>(r, padding, padding), {}};
  check_geometry(ConvTranspose<n>::name, inner, n);
  check_at_least(ConvTranspose<n>::name, "output_padding", output_padding, 0);
  for (size_t i = 0; i < n; ++i) {
    const Dim extra = output_padding[i], stride = inner.stride[i], dilation = inner.dilation[i];
    check<ValueError>(extra.is_symbolic() || extra.value() < stride.value() || extra.value() < dilation.value(),
                      ConvTranspose<n>::name,
                      ": output padding must be smaller than either stride or dilation, but got output_padding: ",
                      r.output_padding, ", stride: ", r.stride, ", dilation: ", r.dilation);
    inner.sizes.push_back((input.tensor.shape()[i + 2] - 1) * stride - padding[i] - padding[i] +
                          dilation * (weight.shape()[i + 2] - 1) + extra + 1);
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

// One to three dimensions are pooled; before them are the channels and maybe a batch.
void check_spatial(const char* op, const Spec& in, size_t n) {
  check<ShapeError>(n >= 1 && n <= 3, op, ": pools 1 to 3 dimensions, not ", n);
  check<ShapeError>(in.shape.size() == n + 1 || in.shape.size() == n + 2, op, ": Expected ", n + 1, "D or ", n + 2,
                    "D input, but got ", in);
}

// The function that the caller knows, by the number of dimensions that are pooled.
struct Names {
  const char* of[4];
  const char* at(size_t n) const { return of[n <= 3 ? n : 0]; }
};
constexpr Names kMaxPool{{"max_pool", "max_pool1d", "max_pool2d", "max_pool3d"}};
constexpr Names kAvgPool{{"avg_pool", "avg_pool1d", "avg_pool2d", "avg_pool3d"}};
constexpr Names kMaxUnpool{{"max_unpool", "max_unpool1d", "max_unpool2d", "max_unpool3d"}};
constexpr Names kAdaptiveMaxPool{
    {"adaptive_max_pool", "adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d"}};
constexpr Names kAdaptiveAvgPool{
    {"adaptive_avg_pool", "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d"}};

void infer_pool(const Names& names, const PoolGeometry& r, const Spec& in, Spec* out) {
  const size_t n = r.kernel_size.size();
  const char* op = names.at(n);
  check_spatial(op, in, n);
  check_length(op, "stride", r.stride, n);
  check_length(op, "padding", r.padding, n);
  if (!r.dilation.empty()) check_length(op, "dilation", r.dilation, n);  // averages have none
  check_at_least(op, "kernel_size", r.kernel_size, 1);
  check_at_least(op, "stride", r.stride, 1);
  check_at_least(op, "padding", r.padding, 0);
  check_at_least(op, "dilation", r.dilation, 1);
  out->dtype = in.dtype;
  out->shape = in.shape;
  const size_t first = in.shape.size() - n;
  for (size_t i = 0; i < n; ++i) {
    const Dim dilation = r.dilation.empty() ? Dim(1) : r.dilation[i];
    const int64_t kernel = r.kernel_size[i].value(), padding = r.padding[i].value();
    check<ValueError>(padding * 2 <= kernel, op,
                      ": pad should be at most half of effective kernel size, but got pad=", padding,
                      ", kernel_size=", kernel);
    out->shape[first + i] = pooled(op, in.shape[first + i], kernel, r.stride[i], padding, dilation, r.ceil_mode);
  }
}

void infer_sized(const Names& names, const Spec& in, const Dims& sizes, Spec* out) {
  const size_t n = sizes.size();
  const char* op = names.at(n);
  check_spatial(op, in, n);
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
  infer_pool(kMaxPool, r, in[0], out);
  out[1].shape = out[0].shape;
  out[1].dtype = DType::Int64;
}
void infer(const AdaptiveMaxPool& r, Specs in, Spec* out) {
  infer_sized(kAdaptiveMaxPool, in[0], r.output_size, out);
  out[1].shape = out[0].shape;
  out[1].dtype = DType::Int64;
}
void infer(const PoolScatter& r, Specs in, Spec* out) {
  check_indices("max_unpool", in);
  infer_sized(kMaxUnpool, in[0], r.sizes, out);
}
void infer(const PoolGather& r, Specs in, Spec* out) {
  const Shape &x = in[0].shape, &at = in[1].shape;
  check<DTypeError>(in[1].dtype == DType::Int64, "_pool_gather: indices are ", in[1], ", and must be int64");
  check_spatial("_pool_gather", in[0], static_cast<size_t>(r.dims));
  const size_t planes = x.size() - static_cast<size_t>(r.dims);
  check<ShapeError>(
      at.size() == x.size() && Shape(at.begin(), at.begin() + planes) == Shape(x.begin(), x.begin() + planes),
      "_pool_gather: input is ", in[0], ", indices are ", in[1], "; they must share their first ", planes,
      " dimensions");
  out->dtype = in[0].dtype;
  out->shape = in[1].shape;
}
void infer(const AvgPool& r, Specs in, Spec* out) {
  check<ValueError>(!r.divisor_override || *r.divisor_override != 0, "avg_pool: divisor must be not zero");
  infer_pool(kAvgPool, r, in[0], out);
}
void infer(const AvgPoolGradient& r, Specs in, Spec* out) {
  check_length("avg_pool", "sizes", r.sizes, r.kernel_size.size());
  infer_sized(kAvgPool, in[0], r.sizes, out);
  const Spec image = *out;
  infer_pool(kAvgPool, r, image, out);
  check<ShapeError>(out->shape == in[0].shape, "avg_pool: pooling ", image, " makes ", *out, ", but the gradient is ",
                    in[0]);
  *out = image;
}
void infer(const AdaptiveAvgPool& r, Specs in, Spec* out) { infer_sized(kAdaptiveAvgPool, in[0], r.output_size, out); }
void infer(const AdaptiveAvgPoolGradient& r, Specs in, Spec* out) {
  infer_sized(kAdaptiveAvgPool, in[0], r.sizes, out);
}

namespace {

template <int n, class R>
PoolGeometry pool_geometry(const R& r, const Dims& dilation) {
  PoolGeometry out;
  out.kernel_size = spread(R::name, "kernel_size", r.kernel_size, n);
  out.stride = r.stride && !r.stride->empty() ? spread(R::name, "stride", *r.stride, n) : out.kernel_size;
  out.padding = spread(R::name, "padding", r.padding, n);
  out.dilation = spread(R::name, "dilation", dilation, n);
  out.ceil_mode = r.ceil_mode;
  return out;
}
template <int n, class R>
Dims kept_sizes(const R& r, const Tensor& x) {
  Dims out = r.output_size;
  const size_t rank = x.shape().size();
  check<ShapeError>(out.size() == n, R::name, ": output_size must be one int or a tuple of ", n, ", but is ", out);
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
  return apply(MaxPool{pool_geometry<n>(r, r.dilation)}, x);
}
template <int n>
std::tuple<Tensor, Tensor> decompose(const MaxPoolIndices<n>& r, const Tensor& x) {
  auto out = apply_all(MaxPool{pool_geometry<n>(r, r.dilation)}, x);
  return {std::move(out[0]), std::move(out[1])};
}
template <int n>
Tensor decompose(const AvgPoolNd<n>& r, const Tensor& x) {
  return apply(AvgPool{pool_geometry<n>(r, filled(n, 1)), r.count_include_pad, r.divisor_override}, x);
}
template <int n>
Tensor decompose(const AdaptiveAvgPoolNd<n>& r, const Tensor& x) {
  return apply(AdaptiveAvgPool{kept_sizes<n>(r, x)}, x);
}
template <int n>
Tensor decompose(const AdaptiveMaxPoolNd<n>& r, const Tensor& x) {
  return apply(AdaptiveMaxPool{kept_sizes<n>(r, x)}, x);
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
