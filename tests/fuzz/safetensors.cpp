// Any bytes: a FileError, or tensors whose every byte can be read and written again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <tenon/core/error.h>
#include <tenon/io/safetensors.h>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const auto* bytes = reinterpret_cast<const std::byte*>(data);
    const auto tensors = tenon::io::load_safetensors(std::span(bytes, size));
    const std::string again = tenon::io::safetensors_bytes(tensors);
    const auto* p = reinterpret_cast<const std::byte*>(again.data());
    if (tenon::io::load_safetensors(std::span(p, again.size())).size() != tensors.size()) std::abort();
  } catch (const tenon::FileError&) {
  }
  return 0;
}
