#pragma once

#include <tenon/core/registry.h>

namespace tenon::inline v0 {

void register_unique_kernels(Registry&);

}  // namespace tenon::inline v0
