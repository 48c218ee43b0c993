// IDX: the files of the MNIST family, plain or gzipped.
#pragma once

#include <string>

#include <tenon/core/export.h>
#include <tenon/core/tensor.h>

namespace tenon::inline v0::io {

// FileError: not IDX, cut off, damaged, or followed by more than it says.
TENON_API Tensor read_idx(const std::string& path);

}  // namespace tenon::inline v0::io
