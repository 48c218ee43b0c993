// Kernels that fused ones are made of.
#pragma once

#include <string_view>

#include <tenon/core/op.h>
#include <tenon/ops/conv.h>

namespace tenon::inline v0 {

struct LoopRow;

// out = in[0] @ in[1].T + in[2], which may be absent.
void compute_linear(ConstViews in, const View& out, Context& context);
void compute_convolution(const ConvolutionGeometry& geometry, ConstViews in, const View& out, Context& context);

// The elementwise loop of an activation, in place. Empty for an unknown name.
struct ActivationLoop {
  const LoopRow* row = nullptr;
  explicit operator bool() const { return row != nullptr; }
  void operator()(const View& x, Context& context) const;
};
ActivationLoop activation_loop(std::string_view name);

}  // namespace tenon::inline v0
