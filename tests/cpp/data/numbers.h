// The elements of an int64 tensor.
#pragma once

#include <tenon/core/tensor.h>

#include <cstdint>
#include <vector>

inline std::vector<int64_t> numbers_of(const tenon::Tensor& tensor) {
  const auto* p = tensor.data<int64_t>();
  return {p, p + tensor.numel()};
}
