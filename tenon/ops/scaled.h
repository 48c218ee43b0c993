// What the alpha, beta and value of many ops do, for their rules.
#pragma once

#include <tenon/ops/functions.h>

namespace tenon::inline v0 {

inline Tensor scaled(const Tensor& x, const Scalar& by) { return by == Scalar(1) ? x : mul(x, Tensor(by)); }

}  // namespace tenon::inline v0
