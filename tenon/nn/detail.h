// What modules need of tensors besides ops.
#pragma once

#include <string>

#include <tenon/nn/module.h>

namespace tenon::inline v0::nn::detail {

// The values without the gradient: a new handle on the same storage.
TENON_API Tensor plain(const Tensor& parameter);
// `tensor.data = data`: the same object with other contents.
TENON_API void set_data(Tensor& tensor, const Tensor& data);
TENON_API void copy_values(const Tensor& to, const Tensor& from);
TENON_API void fill_zero(const Tensor& tensor);
TENON_API std::string repr(Module& module, const std::string& name, const std::string& extra);
TENON_API std::string indent(const std::string& lines);

}  // namespace tenon::inline v0::nn::detail
