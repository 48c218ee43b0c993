// JPEG images as uint8 tensors (channels, height, width), as torchvision has them.
#pragma once

#include <string>

#include <tenon/core/export.h>
#include <tenon/core/tensor.h>

namespace tenon::inline v0::io {

// 1 channel: grey, 3: RGB. FileError names what is wrong with a file, a damaged one included; an Error when
// Tenon was built without libjpeg.
TENON_API Tensor read_jpeg(const std::string& path);
// PNG or JPEG, by how the file begins.
TENON_API Tensor read_image(const std::string& path);

}  // namespace tenon::inline v0::io
