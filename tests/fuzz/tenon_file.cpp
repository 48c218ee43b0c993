// Any bytes: a Status or a FileError, or programs that run without a step outside of their memory.
#include <cstddef>
#include <cstdint>

#include <tenon/core/error.h>
#include <tenon/io/tenon_file.h>
#include <tenon/tenon.h>

#include "run_program.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes = tenon::hostile::sealed({reinterpret_cast<const char*>(data), size});
  tenon::hostile::load_and_run(bytes);
  try {
    tenon::io::load_program(std::as_bytes(std::span(bytes)), "hostile");
  } catch (const tenon::FileError&) {
  }
  return 0;
}
