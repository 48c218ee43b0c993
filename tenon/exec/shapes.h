// The shapes and dtypes that kernels trust, for builds without the ops' own rules.
#pragma once

#include <tenon/core/op.h>

namespace tenon::inline v0::exec {

// What is wrong with the operands of a call; null when nothing is, or when the op is not known here. Outputs that
// the kernel sizes are not looked at.
TENON_API const char* wrong_shapes(const OpInfo& op, const void* record, ConstViews inputs, ConstViews outputs);

}  // namespace tenon::inline v0::exec
