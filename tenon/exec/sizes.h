// Size expressions of a plan: their values for a call, and their text.
#pragma once

#include <tenon/exec/plan.h>
#include <tenon/exec/status.h>

namespace tenon::inline v0::exec {

// Evaluates plan.sizes[index] from the operands before it and the symbols. Shape: the number does not fit in
// 64 bits, or the divisor is not positive.
TENON_API Status evaluate_size(const Plan& plan, Index index, const int64_t* symbols, int64_t* sizes);

// "batch", "(batch * 4)", "3".
TENON_API std::string size_text(const Plan& plan, Index index);
// "(batch, 1, 28, 28)"
TENON_API std::string shape_text(const Plan& plan, const std::vector<Index>& shape);

}  // namespace tenon::inline v0::exec
