#include <tenon/nn/init.h>

#include <cmath>

#include <tenon/autograd/autograd.h>

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

}  // namespace tenon::inline v0::nn::init
