#include <tenon/nn/init.h>

#include <cmath>
#include <vector>

#include <tenon/autograd/autograd.h>
#include <tenon/ops/functions.h>

namespace tenon::inline v0::nn::init {
namespace {

double fan(const Tensor& tensor, const std::string& mode) {
  check<ValueError>(mode == "fan_in" || mode == "fan_out", "Mode ", mode,
                    " not supported, please use one of ['fan_in', 'fan_out']");
  const auto [in, out] = fan_in_and_fan_out(tensor);
  return static_cast<double>(mode == "fan_in" ? in : out);
}

}  // namespace

Tensor uniform_(Tensor tensor, double a, double b, GeneratorHandle generator) {
  NoGrad no_grad;
  tensor.uniform_(a, b, generator);
  return tensor;
}
Tensor normal_(Tensor tensor, double mean, double std, GeneratorHandle generator) {
  NoGrad no_grad;
  tensor.normal_(mean, std, generator);
  return tensor;
}
Tensor constant_(Tensor tensor, double value) {
  NoGrad no_grad;
  tensor.fill_(value);
  return tensor;
}
Tensor ones_(Tensor tensor) { return constant_(std::move(tensor), 1); }
Tensor zeros_(Tensor tensor) { return constant_(std::move(tensor), 0); }

std::pair<int64_t, int64_t> fan_in_and_fan_out(const Tensor& tensor) {
  check<ValueError>(tensor.dim() >= 2,
                    "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions, got ", tensor);
  int64_t field = 1;
  for (int64_t d = 2; d < tensor.dim(); ++d) field *= tensor.size(d);
  return {tensor.size(1) * field, tensor.size(0) * field};
}

double calculate_gain(const std::string& nonlinearity, OptionalDouble param) {
  for (const char* linear : {"linear", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d",
                             "conv_transpose3d", "sigmoid"}) {
    if (nonlinearity == linear) return 1;
  }
  if (nonlinearity == "tanh") return 5.0 / 3;
  if (nonlinearity == "relu") return std::sqrt(2.0);
  if (nonlinearity == "leaky_relu") {
    const double slope = param.value_or(0.01);
    return std::sqrt(2.0 / (1 + slope * slope));
  }
  if (nonlinearity == "selu") return 3.0 / 4;
  fail<ValueError>("Unsupported nonlinearity ", nonlinearity);
}

Tensor xavier_uniform_(Tensor tensor, double gain, GeneratorHandle generator) {
  const auto [in, out] = fan_in_and_fan_out(tensor);
  const double std = gain * std::sqrt(2.0 / static_cast<double>(in + out)), a = std::sqrt(3.0) * std;
  return uniform_(std::move(tensor), -a, a, std::move(generator));
}
Tensor xavier_normal_(Tensor tensor, double gain, GeneratorHandle generator) {
  const auto [in, out] = fan_in_and_fan_out(tensor);
  return normal_(std::move(tensor), 0, gain * std::sqrt(2.0 / static_cast<double>(in + out)), std::move(generator));
}
Tensor kaiming_uniform_(Tensor tensor, double a, const std::string& mode, const std::string& nonlinearity,
                        GeneratorHandle generator) {
  if (tensor.numel() == 0) return tensor;
  const double std = calculate_gain(nonlinearity, a) / std::sqrt(fan(tensor, mode)), bound = std::sqrt(3.0) * std;
  return uniform_(std::move(tensor), -bound, bound, std::move(generator));
}
Tensor kaiming_normal_(Tensor tensor, double a, const std::string& mode, const std::string& nonlinearity,
                       GeneratorHandle generator) {
  if (tensor.numel() == 0) return tensor;
  const double std = calculate_gain(nonlinearity, a) / std::sqrt(fan(tensor, mode));
  return normal_(std::move(tensor), 0, std, std::move(generator));
}

Tensor trunc_normal_(Tensor tensor, double mean, double std, double a, double b, GeneratorHandle generator) {
  const auto cdf = [&](double x) { return (1 + std::erf((x - mean) / std / std::sqrt(2.0))) / 2; };
  const double low = cdf(a), high = cdf(b);
  NoGrad no_grad;
  if (high - low > 0.5 && tensor.device().kind != DeviceKind::Meta) {
    // As PyTorch: normal values, and those outside are drawn again.
    tensor.normal_(mean, std, generator);
    for (;;) {
      const Tensor outside = tensor.lt(a).logical_or(tensor.gt(b));
      const auto count = static_cast<int64_t>(outside.sum().scalar().to_double());
      if (count == 0) return tensor;
      Tensor again = Tensor::empty({count}, tensor.dtype(), tensor.device());
      again.normal_(mean, std, generator);
      tensor.masked_scatter_(outside, again);
    }
  }
  // Uniform over the values that the distribution's integral takes on [a, b], then its inverse.
  tensor.uniform_(2 * low - 1, 2 * high - 1, generator);
  tensor.erfinv_();
  tensor.mul_(std * std::sqrt(2.0));
  tensor.add_(mean);
  tensor.clamp_(a, b);
  return tensor;
}

namespace {

double dot(const double* a, const double* b, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

// The rows of `m` (rows, columns), columns >= rows, made orthonormal in order. Twice, so that what
// rounding leaves of the earlier directions goes too. This is Q of QR with a positive diagonal of R.
void orthonormalise(double* m, int64_t rows, int64_t columns) {
  for (int64_t i = 0; i < rows; ++i) {
    double* row = m + i * columns;
    for (int64_t j = 0; j < 2 * i; ++j) {
      const double* earlier = m + (j % i) * columns;
      const double along = dot(row, earlier, columns);
      for (int64_t k = 0; k < columns; ++k) row[k] -= along * earlier[k];
    }
    const double length = std::sqrt(dot(row, row, columns));
    for (int64_t k = 0; k < columns; ++k) row[k] /= length;
  }
}

}  // namespace

Tensor orthogonal_(Tensor tensor, double gain, GeneratorHandle generator) {
  check<ValueError>(tensor.dim() >= 2, "Only tensors with 2 or more dimensions are supported, got ", tensor);
  if (tensor.numel() == 0) return tensor;
  NoGrad no_grad;
  const int64_t rows = tensor.size(0), columns = tensor.numel() / rows;
  Tensor drawn = Tensor::empty({rows, columns}, tensor.dtype(), tensor.device());
  drawn.normal_(0, 1, generator);
  const bool tall = rows > columns;
  Tensor m = (tall ? drawn.t() : drawn).to(DType::Float64).contiguous();
  orthonormalise(m.data<double>(), m.size(0), m.size(1));
  tensor.copy_((tall ? m.t() : m).reshape(tensor.shape()));
  tensor.mul_(gain);
  return tensor;
}

Tensor eye_(Tensor tensor) {
  check<ValueError>(tensor.dim() == 2, "Only tensors with 2 dimensions are supported, got ", tensor);
  NoGrad no_grad;
  tensor.copy_(eye(tensor.size(0), tensor.size(1), tensor.dtype(), tensor.device()));
  return tensor;
}

Tensor dirac_(Tensor tensor, int64_t groups) {
  const int64_t dims = tensor.dim();
  check<ValueError>(dims >= 3 && dims <= 5, "Only tensors with 3, 4, or 5 dimensions are supported, got ", tensor);
  check<ValueError>(groups > 0 && tensor.size(0) % groups == 0, "dim 0 must be divisible by groups");
  NoGrad no_grad;
  tensor.zero_();
  const int64_t per_group = tensor.size(0) / groups;
  for (int64_t out = 0; out < tensor.size(0); ++out) {
    if (out % per_group >= tensor.size(1)) continue;
    Tensor at = select(select(tensor, 0, out), 0, out % per_group);
    while (at.dim() > 0) at = select(at, 0, at.size(0) / 2);
    at.fill_(1);
  }
  return tensor;
}

Tensor sparse_(Tensor tensor, double sparsity, double std, GeneratorHandle generator) {
  check<ValueError>(tensor.dim() == 2, "Only tensors with 2 dimensions are supported, got ", tensor);
  check<ValueError>(sparsity >= 0 && sparsity <= 1, "sparsity must be between 0 and 1, got ", sparsity);
  NoGrad no_grad;
  const int64_t rows = tensor.size(0);
  const auto zeros = static_cast<int64_t>(std::ceil(sparsity * static_cast<double>(rows)));
  tensor.normal_(0, std, generator);
  for (int64_t column = 0; column < tensor.size(1); ++column) {
    const Tensor order = randperm(rows);
    for (int64_t i = 0; i < zeros; ++i) select(select(tensor, 1, column), 0, order.data<int64_t>()[i]).fill_(0);
  }
  return tensor;
}

}  // namespace tenon::inline v0::nn::init
