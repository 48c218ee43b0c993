// How tensors print: as PyTorch prints them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <tenon/core/tensor.h>

namespace tenon::inline v0 {

struct PrintOptions {
  int precision = 4;
  int64_t threshold = 1000;  // more elements than this are summarised
  int64_t edgeitems = 3;     // shown at each end of a summarised dimension
  int64_t linewidth = 80;
  std::optional<bool> sci_mode;
  std::string prefix = "tenon";  // of dtype names: `dtype=tenon.int32`
};
TENON_API PrintOptions& print_options();

// `head` is what stands before the numbers, "tensor(" or the name of a subclass.
TENON_API std::string print_tensor(const Tensor& tensor, std::string_view head = "tensor(");

// The value of one element in memory.
TENON_API Scalar read_element(const void* data, DType dtype);

// "AddBackward0", or "" without a gradient function. Set by autograd.
TENON_API extern std::string (*gradient_name)(const Tensor& tensor);

}  // namespace tenon::inline v0
