// One line per family: its records and rules, and apart from them its gradients.
#pragma once

#include <tenon/core/registry.h>

namespace tenon::inline v0 {

void register_elementwise(Registry&);
void register_elementwise_gradients(Registry&);

}  // namespace tenon::inline v0
