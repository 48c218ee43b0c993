// Initial values, drawn in PyTorch's order from the default generator unless one is given. Each writes its
// tensor in place, without recording a gradient, and returns it.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <tenon/core/op.h>
#include <tenon/core/tensor.h>

namespace tenon::inline v0::nn::init {

TENON_API Tensor uniform_(Tensor tensor, double a = 0, double b = 1, GeneratorHandle generator = {});
TENON_API Tensor normal_(Tensor tensor, double mean = 0, double std = 1, GeneratorHandle generator = {});
TENON_API Tensor constant_(Tensor tensor, double value);
TENON_API Tensor ones_(Tensor tensor);
TENON_API Tensor zeros_(Tensor tensor);
TENON_API Tensor xavier_uniform_(Tensor tensor, double gain = 1, GeneratorHandle generator = {});
TENON_API Tensor xavier_normal_(Tensor tensor, double gain = 1, GeneratorHandle generator = {});
TENON_API Tensor kaiming_uniform_(Tensor tensor, double a = 0, const std::string& mode = "fan_in",
                                  const std::string& nonlinearity = "leaky_relu", GeneratorHandle generator = {});
TENON_API Tensor kaiming_normal_(Tensor tensor, double a = 0, const std::string& mode = "fan_in",
                                 const std::string& nonlinearity = "leaky_relu", GeneratorHandle generator = {});
TENON_API double calculate_gain(const std::string& nonlinearity, OptionalDouble param = {});
// (fan_in, fan_out). ValueError for fewer than 2 dimensions.
TENON_API std::pair<int64_t, int64_t> fan_in_and_fan_out(const Tensor& tensor);

}  // namespace tenon::inline v0::nn::init
