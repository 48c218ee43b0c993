// The instruction sets that kernels were compiled for, by Highway's names.
#pragma once

#include <string>
#include <vector>

namespace tenon::inline v0 {

std::vector<std::string> compiled_simd_targets();  // best first
std::string chosen_simd_target();                  // the best of them that this machine has

}  // namespace tenon::inline v0
