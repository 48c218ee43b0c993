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
// A normal distribution cut to [a, b].
TENON_API Tensor trunc_normal_(Tensor tensor, double mean = 0, double std = 1, double a = -2, double b = 2,
                               GeneratorHandle generator = {});
// A matrix (all dimensions but the first joined) with orthonormal rows or columns, whichever are fewer.
TENON_API Tensor orthogonal_(Tensor tensor, double gain = 1, GeneratorHandle generator = {});
// The identity, for a matrix.
TENON_API Tensor eye_(Tensor tensor);
// A convolution's weight (3, 4 or 5 dimensions) that passes its input channels through, group by group.
TENON_API Tensor dirac_(Tensor tensor, int64_t groups = 1);
// A normal matrix with the part `sparsity` of each column set to zero.
TENON_API Tensor sparse_(Tensor tensor, double sparsity, double std = 0.01, GeneratorHandle generator = {});
TENON_API double calculate_gain(const std::string& nonlinearity, OptionalDouble param = {});
// (fan_in, fan_out). ValueError for fewer than 2 dimensions.
TENON_API std::pair<int64_t, int64_t> fan_in_and_fan_out(const Tensor& tensor);

}  // namespace tenon::inline v0::nn::init
