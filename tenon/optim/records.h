// Optimiser steps as ops: one call updates all parameters of a group. Inputs are lists laid end to end,
// n tensors each, in the order that each record names; the first list and the states are written.
#pragma once

#include <array>

#include <tenon/core/registry.h>

namespace tenon::inline v0 {

struct OptimizerOp {
  static constexpr auto outputs = std::array<OutputInfo, 0>{};
  static constexpr uint32_t traits = kNotDifferentiable;
  static constexpr uint8_t forms = 0;  // reached through tenon::optim only
};

// params, grads, and with momentum: momentum buffers.
struct SgdStep : OptimizerOp {
  double lr = 1e-3;
  double momentum = 0;
  double dampening = 0;
  double weight_decay = 0;
  bool nesterov = false;
  bool maximize = false;
  bool fresh = false;  // the buffers hold nothing yet
  static constexpr auto name = "_sgd_step";
  static constexpr auto parameters =
      std::tuple(input_list("tensors"), attribute("lr", &SgdStep::lr), attribute("momentum", &SgdStep::momentum),
                 attribute("dampening", &SgdStep::dampening), attribute("weight_decay", &SgdStep::weight_decay),
                 attribute("nesterov", &SgdStep::nesterov), attribute("maximize", &SgdStep::maximize),
                 attribute("fresh", &SgdStep::fresh));
};

// params, grads, exp_avg, exp_avg_sq, with amsgrad: max_exp_avg_sq, then steps (float32 scalars).
struct AdamStep : OptimizerOp {
  double lr = 1e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double eps = 1e-8;
  double weight_decay = 0;
  bool amsgrad = false;
  bool maximize = false;
  bool decoupled = false;  // AdamW: decay the weights, not the gradients
  static constexpr auto name = "_adam_step";
  static constexpr auto parameters =
      std::tuple(input_list("tensors"), attribute("lr", &AdamStep::lr), attribute("beta1", &AdamStep::beta1),
                 attribute("beta2", &AdamStep::beta2), attribute("eps", &AdamStep::eps),
                 attribute("weight_decay", &AdamStep::weight_decay), attribute("amsgrad", &AdamStep::amsgrad),
                 attribute("maximize", &AdamStep::maximize), attribute("decoupled", &AdamStep::decoupled));
};

void infer(const SgdStep&, Specs in, Spec* out);
void infer(const AdamStep&, Specs in, Spec* out);

TENON_API void register_optimizer_ops(Registry& registry);
TENON_API void register_optimizer_kernels(Registry& registry);

}  // namespace tenon::inline v0
