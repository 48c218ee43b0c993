// What a step of a plan costs.
#pragma once

#include <tenon/exec/plan.h>

namespace tenon::cli {

// Multiply-adds of a product or convolution, from the numbers of Plan::sizes; 0 for every other op.
double multiply_adds(const exec::Plan& plan, const exec::Step& step, const int64_t* sizes);

}  // namespace tenon::cli
