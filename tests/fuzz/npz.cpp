// Any bytes: a FileError, or tensors.
#include <cstddef>
#include <cstdint>

#include <tenon/core/error.h>
#include <tenon/io/npz.h>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    tenon::io::load_npz(std::span(reinterpret_cast<const std::byte*>(data), size));
  } catch (const tenon::FileError&) {
  }
  return 0;
}
