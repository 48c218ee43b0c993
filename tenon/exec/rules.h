// Kernels trust that shapes and dtypes are what the op's rule gives, and a plan may be damaged.
#pragma once

#include <tenon/core/registry.h>
#include <tenon/exec/plan.h>
#include <tenon/exec/status.h>

namespace tenon::inline v0::exec {

// Checks how many inputs and outputs a step has, and which may be absent.
Status check_signature(const OpInfo& op, const Plan& plan, const Step& step);

// Compares the outputs of a call with the op's shape and dtype rule, where the registry has it. A small runtime
// links no rules: there wrong_shapes() looks at the ops that it knows, and for the rest a plan is as good as its
// checksum.
Status check_rule(const OpInfo& op, const Plan& plan, const Step& step, const void* record, const View* inputs,
                  const View* outputs);

}  // namespace tenon::inline v0::exec
