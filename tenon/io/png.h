// PNG images as uint8 tensors (channels, height, width), as torchvision has them.
#pragma once

#include <string>

#include <tenon/core/export.h>
#include <tenon/core/tensor.h>

namespace tenon::inline v0::io {

// 1 channel: grey, 2: with alpha, 3: RGB, 4: RGBA. Palettes become RGB and 16 bits become 8.
// FileError names what is wrong with a file; an Error when Tenon was built without libpng.
TENON_API Tensor read_png(const std::string& path);
// uint8, (height, width) or (1 to 4, height, width).
TENON_API void write_png(const Tensor& image, const std::string& path);

}  // namespace tenon::inline v0::io
