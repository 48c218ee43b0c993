// The parts of the reduction family's kernels that have files of their own.
#pragma once

#include <tenon/core/registry.h>

namespace tenon::inline v0 {

void register_moment_kernels(Registry&);  // variances and norms
void register_scan_kernels(Registry&);    // cumsum and its like

}  // namespace tenon::inline v0
