#include <tenon/ops/norm.h>

#include <tenon/core/door.h>
#include <tenon/core/rules.h>
#include <tenon/ops/checks.h>
#include <tenon/ops/functions.h>
#include <tenon/ops/register.h>

namespace tenon::inline v0 {
namespace {

// 16-bit inputs may have float32 parameters and statistics, and always have statistics in float32.
DType statistics_dtype(DType dtype) { return dtype == DType::Float64 ? dtype : DType::Float32; }

void check_per_channel(const char* op, Specs in, int index, const char* name, Dim channels) {
  if (!in.has(index)) return;
  check<ShapeError>(in[index].shape == Shape{channels}, op, ": ", name, " should contain ", channels,
                    " elements and is ", in[index], "; input is ", in[0]);
}

// A tensor of channels as it broadcasts to an input of that rank.
Tensor per_channel(const Tensor& x, int64_t rank) {
  Shape shape(static_cast<size_t>(rank), 1);
  shape[1] = x.shape()[0];
  return reshape(x, shape);
}
DimsArg all_but_channels(int64_t rank) {
  DimsArg out{0};
  for (int64_t i = 2; i < rank; ++i) out.push_back(i);
  return out;
}
DimsArg last_dims(int64_t rank, int64_t n) {
  DimsArg out;
  for (int64_t i = rank - n; i < rank; ++i) out.push_back(i);
  return out;
}
DimsArg first_dims(int64_t n) {
  DimsArg out;
  for (int64_t i = 0; i < n; ++i) out.push_back(i);
  return out;
}

// The input less its mean over `dims`, and over its standard deviation: in differentiable ops.
struct Normalised {
  Tensor value, mean, invstd;
  Normalised(const Tensor& x, const DimsArg& dims, double eps) {
    mean = tenon::mean(x, dims, true);
    const Tensor centred = sub(x, mean);
    invstd = rsqrt(add(tenon::mean(mul(centred, centred), dims, true), Tensor(eps)));
    value = mul(centred, invstd);
  }
};

// What both norms have for a gradient: with g the gradient of the normalised value, over n elements.
Tensor normalised_gradient(const Tensor& g, const Normalised& x, const DimsArg& dims) {
  const Tensor along = mul(x.value, mean(mul(g, x.value), dims, true));
  return mul(x.invstd, sub(sub(g, mean(g, dims, true)), along));
}

Tensor like(const Tensor& x, DType dtype) { return x.dtype() == dtype ? x : to(x, dtype); }

}  // namespace

// ---- batch norm ----

void infer(const BatchNormTraining&, Specs in, Spec* out) {
  const Shape& x = in[0].shape;
  check_floating("batch_norm", in[0].dtype);
  check<ShapeError>(x.size() >= 2, "batch_norm: expected at least 2D input (got ", x.size(),
                    "D input); channels are at dim 1");
  for (int i = 1; i < 5; ++i) {
    constexpr const char* kNames[] = {"", "running_mean", "running_var", "weight", "bias"};
    check_per_channel("batch_norm", in, i, kNames[i], x[1]);
  }
  Dim per_channel = x[0];
  for (size_t i = 2; i < x.size(); ++i) per_channel = per_channel * x[i];
  check<ValueError>(!(per_channel == Dim(1)),
                    "batch_norm: Expected more than 1 value per channel when training, got input size ", x);
  out[0].shape = x;
  out[0].dtype = in[0].dtype;
  for (int i = 1; i < 3; ++i) {
    out[i].shape = Shape{x[1]};
    out[i].dtype = statistics_dtype(in[0].dtype);
  }
}

static std::tuple<Tensor, Tensor, Tensor> decompose(const BatchNormGradient& r, const Tensor& grad, const Tensor& input,
                                                    const Tensor& weight, const Tensor&, const Tensor&) {
  const DType dtype = statistics_dtype(input.dtype());
  const DimsArg dims = all_but_channels(input.dim());
  const Tensor g = like(grad, dtype);
  const Normalised x(like(input, dtype), dims, r.eps);
  const Tensor inner = weight.defined() ? mul(g, per_channel(weight, input.dim())) : g;
  return {like(normalised_gradient(inner, x, dims), input.dtype()), sum(mul(g, x.value), dims), sum(g, dims)};
}
void infer(const BatchNormGradient&, Specs in, Spec* out) {
  check<ShapeError>(in[0].shape == in[1].shape && in[1].dim() >= 2, "_batch_norm_gradient: grad is ", in[0],
                    ", input is ", in[1], "; they must have one shape, of at least 2 dimensions");
  for (int i = 2; i < 5; ++i) {
    constexpr const char* kNames[] = {"weight", "mean", "invstd"};
    check_per_channel("_batch_norm_gradient", in, i, kNames[i - 2], in[1].shape[1]);
  }
  out[0].shape = in[1].shape;
  out[0].dtype = in[1].dtype;
  for (int i = 1; i < 3; ++i) {
    out[i].shape = Shape{in[1].shape[1]};
    out[i].dtype = statistics_dtype(in[1].dtype);
  }
}

static Tensor decompose(const BatchNorm& r, const Tensor& input, const Tensor& running_mean, const Tensor& running_var,
                        const Tensor& weight, const Tensor& bias) {
  if (r.training) return apply(BatchNormTraining{r.momentum, r.eps}, input, running_mean, running_var, weight, bias);
  check<ValueError>(running_mean.defined() && running_var.defined(),
                    "batch_norm: running_mean and running_var must be defined in evaluation mode");
  check<ShapeError>(input.dim() >= 2, "batch_norm: expected at least 2D input (got ", input.dim(),
                    "D input); channels are at dim 1");
  const Dim channels = input.shape()[1];
  constexpr const char* kNames[] = {"running_mean", "running_var", "weight", "bias"};
  const Tensor* given[] = {&running_mean, &running_var, &weight, &bias};
  for (int i = 0; i < 4; ++i) {
    check<ShapeError>(!given[i]->defined() || given[i]->shape() == Shape{channels}, "batch_norm: ", kNames[i],
                      " should contain ", channels, " elements and is ", given[i]->defined() ? given[i]->numel() : 0);
  }
  // One product and one sum an element: scale and shift are folded per channel first.
  const Tensor invstd = rsqrt(add(running_var, Tensor(r.eps)));
  const Tensor scale = weight.defined() ? mul(invstd, weight) : invstd;
  const Tensor offset = mul(running_mean, scale);
  const Tensor shift = bias.defined() ? sub(bias, offset) : neg(offset);
  return like(add(mul(input, per_channel(scale, input.dim())), per_channel(shift, input.dim())), input.dtype());
}

// ---- layer norm ----

void infer(const LayerNorm& r, Specs in, Spec* out) {
  const Shape& x = in[0].shape;
  const size_t n = r.normalized_shape.size();
  check_floating("layer_norm", in[0].dtype);
  check<ShapeError>(n >= 1,
                    "layer_norm: Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one "
                    "element, but got normalized_shape = ()");
  const bool fits = x.size() >= n && Shape(x.end() - n, x.end()) == r.normalized_shape;
  check<ShapeError>(fits, "layer_norm: Given normalized_shape=", r.normalized_shape, ", expected input with shape [*, ",
                    r.normalized_shape, "], but got input of size ", x,
                    "; normalized_shape must be the input's last dimensions");
  for (int i = 1; i < 3; ++i) {
    check<ShapeError>(!in.has(i) || in[i].shape == r.normalized_shape, "layer_norm: Expected ",
                      i == 1 ? "weight" : "bias", " to be of same shape as normalized_shape, but got ",
                      i == 1 ? "weight" : "bias", " of shape ", in.has(i) ? in[i].shape : Shape{},
                      " and normalized_shape = ", r.normalized_shape);
  }
  out[0].shape = x;
  out[0].dtype = in[0].dtype;
  for (int i = 1; i < 3; ++i) {
    out[i].shape = Shape(x.begin(), x.end() - n);
    out[i].shape.resize(x.size(), 1);
    out[i].dtype = statistics_dtype(in[0].dtype);
  }
}

static std::tuple<Tensor, Tensor, Tensor> decompose(const LayerNorm& r, const Tensor& input, const Tensor& weight,
                                                    const Tensor& bias) {
  const Normalised x(like(input, statistics_dtype(input.dtype())),
                     last_dims(input.dim(), static_cast<int64_t>(r.normalized_shape.size())), r.eps);
  Tensor y = x.value;
  if (weight.defined()) y = mul(y, weight);
  if (bias.defined()) y = add(y, bias);
  return {like(y, input.dtype()), x.mean, x.invstd};
}

void infer(const LayerNormGradient& r, Specs in, Spec* out) {
  const Shape& x = in[1].shape;
  check<ShapeError>(in[0].shape == x && r.dims >= 1 && r.dims <= in[1].dim(), "_layer_norm_gradient: grad is ", in[0],
                    ", input is ", in[1], "; they must have one shape, of at least dims=", r.dims, " dimensions");
  const Shape normalized(x.end() - r.dims, x.end());
  Shape statistics(x.begin(), x.end() - r.dims);
  statistics.resize(x.size(), 1);
  check<ShapeError>((!in.has(2) || in[2].shape == normalized) && in[3].shape == statistics && in[4].shape == statistics,
                    "_layer_norm_gradient: weight must be ", normalized, ", mean and invstd ", statistics, "; mean is ",
                    in[3], ", invstd is ", in[4], ", input is ", in[1]);
  out[0].shape = x;
  out[0].dtype = in[1].dtype;
  for (int i = 1; i < 3; ++i) {
    out[i].shape = Shape(x.end() - r.dims, x.end());
    out[i].dtype = statistics_dtype(in[1].dtype);
  }
}
static std::tuple<Tensor, Tensor, Tensor> decompose(const LayerNormGradient& r, const Tensor& grad, const Tensor& input,
                                                    const Tensor& weight, const Tensor&, const Tensor&) {
  const DType dtype = statistics_dtype(input.dtype());
  const DimsArg dims = last_dims(input.dim(), r.dims), others = first_dims(input.dim() - r.dims);
  const Tensor g = like(grad, dtype);
  const Normalised x(like(input, dtype), dims, r.eps);
  const Tensor inner = weight.defined() ? mul(g, weight) : g;
  const auto total = [&](const Tensor& t) { return others.empty() ? t : sum(t, others); };
  return {like(normalised_gradient(inner, x, dims), input.dtype()), total(mul(g, x.value)), total(g)};
}

// ---- composites ----

static Tensor with_channel_parameters(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  Tensor y = x;
  if (weight.defined()) y = mul(y, per_channel(weight, x.dim()));
  if (bias.defined()) y = add(y, per_channel(bias, x.dim()));
  return like(y, x.dtype());
}

static Tensor decompose(const GroupNorm& r, const Tensor& input, const Tensor& weight, const Tensor& bias) {
  const Shape& s = input.shape();
  check<ShapeError>(s.size() >= 2, "group_norm: Expected at least 2 dimensions for input tensor but received ",
                    s.size());
  check<ValueError>(r.num_groups > 0, "group_norm: Expected num groups to be greater than 0, got ", r.num_groups);
  check<ShapeError>(
      s[1].value() % r.num_groups == 0,
      "group_norm: Expected number of channels in input to be divisible by num_groups, but got input of shape ", s,
      " and num_groups=", r.num_groups);
  Dim size = s[1] / Dim(r.num_groups);
  for (size_t i = 2; i < s.size(); ++i) size = size * s[i];
  const Tensor groups = reshape(input, Dims{s[0] * Dim(r.num_groups), size});
  return with_channel_parameters(reshape(apply(LayerNorm{Dims{size}, r.eps}, groups, Tensor(), Tensor()), s), weight,
                                 bias);
}

static Tensor decompose(const InstanceNorm& r, const Tensor& input, const Tensor& running_mean,
                        const Tensor& running_var, const Tensor& weight, const Tensor& bias) {
  const Shape& s = input.shape();
  check<ShapeError>(s.size() >= 3, "instance_norm: Expected at least 3D input (batch, channels, spatial...), but got ",
                    input);
  if (!r.use_input_stats) return batch_norm(input, running_mean, running_var, weight, bias, false, r.momentum, r.eps);
  // Each channel of each sample is a channel of a batch of one; the running statistics take the batch's mean.
  Shape flat = s;
  flat[0] = 1;
  flat[1] = s[0] * s[1];
  const auto repeated = [&](const Tensor& x) {
    return x.defined() ? reshape(expand(unsqueeze(x, 0), DimsArg{s[0], s[1]}), Dims{flat[1]}) : Tensor();
  };
  const auto own = [&](const Tensor& x) { return x.defined() ? add(repeated(x), Tensor(0)) : Tensor(); };
  const Tensor mean_copy = own(running_mean), var_copy = own(running_var);
  const Tensor y = reshape(
      apply(BatchNormTraining{r.momentum, r.eps}, reshape(input, flat), mean_copy, var_copy, Tensor(), Tensor()), s);
  const auto take = [&](const Tensor& to, const Tensor& from) {
    if (to.defined()) to.copy_(mean(reshape(from, Dims{s[0], s[1]}), DimsArg{0}));
  };
  take(running_mean, mean_copy);
  take(running_var, var_copy);
  return with_channel_parameters(y, weight, bias);
}

static Tensor decompose(const RmsNorm& r, const Tensor& input, const Tensor& weight) {
  check<DTypeError>(is_floating(input.dtype()), "rms_norm: needs a floating dtype, and input is ", input);
  const size_t n = r.normalized_shape.size();
  const Shape& s = input.shape();
  check<ShapeError>(n >= 1 && s.size() >= n && Shape(s.end() - n, s.end()) == r.normalized_shape,
                    "rms_norm: Given normalized_shape=", r.normalized_shape, ", expected input with shape [*, ",
                    r.normalized_shape, "], but got input of size ", s);
  double eps = input.dtype() == DType::Float64   ? 0x1p-52
               : input.dtype() == DType::Float32 ? 0x1p-23
               : input.dtype() == DType::Float16 ? 0x1p-10
                                                 : 0x1p-7;
  const Tensor x = like(input, statistics_dtype(input.dtype()));
  const Tensor scale =
      rsqrt(add(mean(mul(x, x), last_dims(input.dim(), static_cast<int64_t>(n)), true), Tensor(r.eps.value_or(eps))));
  const Tensor y = mul(x, scale);
  return like(weight.defined() ? mul(y, weight) : y, input.dtype());
}

void register_norm(Registry& registry) {
  NormRecords::add_to(registry);
  registry.add_decomposition<BatchNorm>();
  registry.add_decomposition<BatchNormGradient>();
  registry.add_decomposition<LayerNorm>();
  registry.add_decomposition<LayerNormGradient>();
  registry.add_decomposition<GroupNorm>();
  registry.add_decomposition<InstanceNorm>();
  registry.add_decomposition<RmsNorm>();
}

}  // namespace tenon::inline v0
