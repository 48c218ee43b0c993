#include "cost.h"

#include <algorithm>
#include <string_view>

namespace tenon::cli {

namespace {

struct Operand {
  const exec::Plan& plan;
  const exec::Value& value;
  const int64_t* sizes;

  int64_t size(size_t dim) const { return sizes[value.shape[dim]]; }
  size_t dims() const { return value.shape.size(); }
  double elements() const {
    double n = 1;
    for (size_t i = 0; i < dims(); ++i) n *= static_cast<double>(size(i));
    return n;
  }
};

// Which input is the left factor of a product: its last dimension is summed over.
constexpr struct {
  std::string_view op;
  size_t left;
} kProducts[] = {{"matmul", 0}, {"mm", 0},    {"bmm", 0},   {"mv", 0},      {"dot", 0},  {"inner", 0},
                 {"linear", 0}, {"addmm", 1}, {"addmv", 1}, {"baddbmm", 1}, {"outer", 2}};

}  // namespace

double multiply_adds(const exec::Plan& plan, const exec::Step& step, const int64_t* sizes) {
  const auto operand = [&](exec::Index i) { return Operand{plan, plan.values[static_cast<size_t>(i)], sizes}; };
  const std::string_view op = plan.ops[static_cast<size_t>(step.op)].name;
  const auto product = std::find_if(std::begin(kProducts), std::end(kProducts), [&](auto& p) { return p.op == op; });
  if (step.kind != exec::Step::Kind::Kernel || step.outputs.empty()) return 0;
  const Operand out = operand(step.outputs[0]);
  if (product != std::end(kProducts)) {
    if (op == "outer") return out.elements();
    const Operand left = operand(step.inputs[product->left]);
    return out.elements() * static_cast<double>(left.dims() == 0 ? 1 : left.size(left.dims() - 1));
  }
  if (op == "_convolution") {  // each element of the output meets one filter
    const Operand filters = operand(step.inputs[1]);
    return filters.elements() == 0 ? 0 : out.elements() * filters.elements() / static_cast<double>(filters.size(0));
  }
  if (op == "_convolution_input_gradient") {  // a transposed convolution: each element of the input meets one
    const Operand in = operand(step.inputs[0]), filters = operand(step.inputs[1]);
    return filters.elements() == 0 ? 0 : in.elements() * filters.elements() / static_cast<double>(filters.size(0));
  }
  return 0;
}

}  // namespace tenon::cli
