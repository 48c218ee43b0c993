// The JSON header of a safetensors file, from hostile bytes.
#pragma once

#include <tenon/io/safetensors.h>

namespace tenon::inline v0::io {

// `bytes` is the whole file. FileError names `file`.
SafetensorsHeader parse_safetensors_header(const std::string& file, std::span<const std::byte> bytes);

// `text` as a JSON string with its quotes. ValueError when it is not UTF-8.
std::string json_string(const std::string& text);

}  // namespace tenon::inline v0::io
