#include <tenon/exec/rules.h>
#include <tenon/exec/shapes.h>

#include <bit>
#include <exception>

namespace tenon::inline v0::exec {

Status check_signature(const OpInfo& op, const Plan& plan, const Step& step) {
  const auto bad = [&](const auto&... parts) { return bad_plan("'", plan.name, "': ", op.full_name(), parts...); };
  const auto count = static_cast<int>(step.inputs.size());
  if (count < op.input_count && !op.has_list) {
    for (const ParameterInfo& p : op.parameters) {
      if (p.kind == ParameterKind::Input && p.input_index >= count) return bad(" lacks the input '", p.name, "'");
    }
  } else if (count < op.input_count || (count > op.input_count && !op.has_list)) {
    return bad(" takes ", op.input_count, " inputs, and the plan gives it ", count);
  }
  for (const ParameterInfo& p : op.parameters) {
    const bool may_be_absent =
        p.kind == ParameterKind::OptionalInput || (p.kind == ParameterKind::InputList && p.takes_none);
    if (p.kind == ParameterKind::Attribute || may_be_absent) continue;
    const bool is_list = p.kind == ParameterKind::InputList;
    for (int i = is_list ? op.input_count : p.input_index, end = is_list ? count : i + 1; i < end; ++i) {
      if (step.inputs[static_cast<size_t>(i)] == kNone) return bad(" lacks the input '", p.name, "'");
    }
  }
  if (step.outputs.size() != op.output_count + static_cast<size_t>(std::popcount(op.writes)))
    return bad(" makes ", op.output_count + std::popcount(op.writes), " values, and the plan has ",
               step.outputs.size());
  size_t next = op.output_count;
  for (size_t i = 0; i < 32; ++i) {
    if ((op.writes >> i & 1) == 0) continue;
    const Index updated = step.outputs[next++];
    const Index input = i < step.inputs.size() ? step.inputs[i] : kNone;
    if (input == kNone) continue;
    if (updated == kNone ||
        plan.values[static_cast<size_t>(input)].storage != plan.values[static_cast<size_t>(updated)].storage)
      return bad(" writes its input ", i, ", and its new value is in other memory");
  }
  return {};
}

#if defined(__cpp_exceptions)

namespace {

Spec spec_of(const View& view, bool weak) {
  Spec spec;
  spec.shape.assign(view.sizes, view.sizes + view.ndim);
  spec.dtype = view.dtype;
  spec.weak = weak;
  return spec;
}

// Where no input is floating the rule takes the process's default dtype, and the plan that of its author.
bool is_default_float(const Spec* inputs, size_t count, DType rule, DType plan) {
  for (size_t i = 0; i < count; ++i) {
    if (info(inputs[i].dtype).kind >= Kind::Float && !inputs[i].weak) return false;
  }
  return is_floating(rule) && is_floating(plan);
}

}  // namespace

Status check_rule(const OpInfo& op, const Plan& plan, const Step& step, const void* record, const View* inputs,
                  const View* outputs) {
  if (op.infer == nullptr) return {};
  const size_t count = step.inputs.size();
  std::vector<Spec> specs(count);
  std::vector<const Spec*> present(count, nullptr);
  for (size_t i = 0; i < count; ++i) {
    if (step.inputs[i] == kNone) continue;
    specs[i] = spec_of(inputs[i], plan.values[static_cast<size_t>(step.inputs[i])].weak);
    present[i] = &specs[i];
  }
  Spec rule[kMaxOutputs];
  try {
    op.infer(record, Specs(present.data(), static_cast<int>(count)), rule);
  } catch (const std::exception& e) {
    return bad_plan("'", plan.name, "': ", e.what());
  }
  for (int i = 0; i < op.output_count; ++i) {
    const Spec planned = spec_of(outputs[i], false);
    const bool sized_by_kernel = op.outputs[static_cast<size_t>(i)].effect == Effect::DataDependent;
    const bool same_shape =
        sized_by_kernel ? rule[i].shape.size() == planned.shape.size() : rule[i].shape == planned.shape;
    if (same_shape &&
        (rule[i].dtype == planned.dtype || is_default_float(specs.data(), count, rule[i].dtype, planned.dtype)))
      continue;
    rule[i].weak = false;
    return bad_plan("'", plan.name, "': ", op.full_name(), ": output ", i, " is ", to_text(rule[i]),
                    " by its rule, and the plan has ", to_text(planned));
  }
  return {};
}

#else

Status check_rule(const OpInfo& op, const Plan& plan, const Step& step, const void* record, const View* inputs,
                  const View* outputs) {
  const char* wrong =
      wrong_shapes(op, record, {inputs, static_cast<int>(step.inputs.size())}, {outputs, op.output_count});
  return wrong == nullptr ? Status() : bad_plan("'", plan.name, "': ", op.full_name(), ": ", wrong);
}

#endif

}  // namespace tenon::inline v0::exec
