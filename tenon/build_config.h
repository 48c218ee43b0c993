// How this libtenon was built, and what it chose on this machine.
#pragma once

#include <string>
#include <vector>

#include <tenon/core/export.h>

namespace tenon::inline v0 {

struct BuildConfig {
  std::string version;                     // "0.1.0"
  std::string commit;                      // of the sources; empty when whoever built it did not say
  std::string compiler;                    // "GCC 12.2.0"
  std::string build_type;                  // "Release"
  std::string sanitizers;                  // "address,undefined"; mostly empty
  std::string onednn;                      // "": built without; "optional": opened where the machine has it
  bool png = false, jpeg = false;          // whether images of these kinds can be read
  bool shared = true;                      // a shared library, or part of the program
  std::vector<std::string> simd_compiled;  // instruction sets that the kernels were compiled for, best first
  std::string simd;                        // the one that this machine runs
  int threads = 1;                         // of parallel kernels, now
};

TENON_API BuildConfig build_config();
// The same as a text of a few lines.
TENON_API std::string build_config_text();

}  // namespace tenon::inline v0
