#include <tenon/autograd/function.h>

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>

#include <tenon/autograd/basic_ops.h>
#include <tenon/autograd/op_node.h>
#include <tenon/autograd/tape.h>

namespace tenon::inline v0 {

std::string readable_type_name(const char* mangled) {
  int status = 0;
  char* text = abi::__cxa_demangle(mangled, nullptr, nullptr, &status);
  std::string name = status == 0 ? text : mangled;
  std::free(text);
  int depth = 0;  // of template arguments, which keep theirs
  size_t start = 0;
  for (size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '<') ++depth;
    if (name[i] == '>') --depth;
    if (depth == 0 && name[i] == ':') start = i + 1;
  }
  return name.substr(start);
}

std::vector<Tensor> FunctionContext::saved_tensors() const {
  if (released_) raise_already_freed(node_->name());
  // Inside forward there is nothing to unpack yet.
  if (saved_.empty()) return to_save_;
  std::vector<Tensor> out;
  for (size_t i = 0; i < saved_.size(); ++i) {
    const Saved& s = saved_[i];
    if (!s.defined) {
      out.emplace_back();
      continue;
    }
    if (s.value.is_stale()) {
      s.value.raise_stale(text("saved tensor ", i, " of ", node_->function_name()), node_->function_name());
    }
    out.push_back(s.value.unpack(
        s.output < 0 ? s.edge : Edge{Ref<Node>::share(node_), nullptr, static_cast<uint32_t>(s.output)}));
  }
  return out;
}

void CustomNode::release_saved() {
  if (context_.saved_.empty()) return;
  context_.released_ = true;
  for (auto& s : context_.saved_) s.value.reset();
}

void CustomNode::apply(Tensor* grads, Tensor* results, const bool* wanted) {
  std::vector<Tensor> given(grads, grads + output_count_);
  if (context_.materialize_grads_) {
    for (uint32_t o = 0; o < output_count_; ++o) {
      if (!given[o].defined() && is_differentiable(output_specs_[o].dtype)) given[o] = basic::zeros(output_specs_[o]);
    }
  }
  for (uint32_t o = 0; o < output_count_; ++o) grads[o] = {};
  std::vector<Tensor> found = backward(std::move(given));
  for (size_t i = edge_count_; i < found.size(); ++i) {
    check<AutogradError>(!found[i].defined(), function_name(),
                         ": backward returned an incorrect number of gradients (expected ", edge_count_, ", got ",
                         found.size(), ")");
  }
  for (uint32_t i = 0; i < edge_count_ && i < found.size(); ++i) {
    if (!wanted[i] || !found[i].defined()) continue;
    results[i] = fit_gradient(name(), static_cast<int>(i), std::move(found[i]), input_specs_[i]);
  }
}

namespace {

bool contains(const std::vector<Tensor>& tensors, const Tensor& t) {
  return std::any_of(tensors.begin(), tensors.end(), [&](const Tensor& other) { return other.is_same(t); });
}

}  // namespace

std::vector<Tensor> run_custom(Ref<CustomNode> node, const std::vector<Tensor>& inputs,
                               const std::function<std::vector<Tensor>()>& forward) {
  FunctionContext& context = node->context_;
  context.node_ = node.get();
  bool any = false;
  for (const Tensor& input : inputs) {
    const bool needs = is_grad_enabled() && input.requires_grad();
    any |= needs;
    context.needs_.push_back(needs);
    // Taken before forward runs, which may write an input.
    node->own_edges_.push_back(needs ? edge_of(input.impl()) : Edge());
    node->input_specs_.push_back(input.defined() ? input.spec() : Spec());
  }
  std::vector<Tensor> outputs;
  {
    NoGrad off;
    outputs = forward();
  }
  for (const Tensor& dirty : context.dirty_) {
    check<AutogradError>(contains(outputs, dirty), node->function_name(),
                         ": an input marked dirty is not among the outputs; return it");
    const Edge edge = is_grad_enabled() ? gradient_edge(dirty) : Edge();
    check<AutogradError>(!edge.leaf, node->function_name(),
                         ": a leaf Variable that requires grad is being used in an in-place operation: it is ", dirty,
                         "; write under no_grad()");
    if (any) check_view_is_followed(node->function_name(), dirty.impl());
  }
  node->edges_ = node->own_edges_.data();
  node->edge_count_ = static_cast<uint32_t>(node->own_edges_.size());
  node->output_count_ = static_cast<uint32_t>(outputs.size());

  std::vector<Tensor> original = outputs;
  for (uint32_t o = 0; o < outputs.size(); ++o) {
    Tensor& output = outputs[o];
    node->output_specs_.push_back(output.defined() ? output.spec() : Spec());
    if (!output.defined()) continue;
    const bool is_dirty = contains(context.dirty_, output);
    if (contains(inputs, output) && !is_dirty) {
      output = alias_of(output);
      output.impl()->flags |= TensorImpl::kView;
    }
    if (!is_differentiable(output.dtype()) || contains(context.non_differentiable_, original[o])) {
      if (!is_dirty && output.requires_grad()) output = alias_of(output);
      node->output_specs_[o].dtype = DType::Bool;  // no zeros are made for it
      continue;
    }
    if (!any) continue;
    if (is_dirty && output.impl()->base) {
      check<AutogradError>(outputs.size() == 1, node->function_name(),
                           ": a function that writes a view in place may return only that view");
      rebase_after_write(output.impl(), node);
    } else {
      rebase_history(output.impl(), node, o);
    }
  }
  if (!any) {
    context.to_save_.clear();
    return outputs;
  }
  for (const Tensor& t : context.to_save_) {
    FunctionContext::Saved saved;
    saved.defined = t.defined();
    if (saved.defined) {
      saved.value.save(nullptr, t.impl());
      for (size_t i = 0; i < inputs.size(); ++i) {
        if (inputs[i].is_same(t)) saved.edge = node->own_edges_[i];
      }
      bool is_output = false;
      for (size_t o = 0; o < original.size(); ++o) {
        if (!original[o].is_same(t) || contains(inputs, t) != contains(context.dirty_, t)) continue;
        is_output = true;
        if (outputs[o].requires_grad()) saved.output = static_cast<int64_t>(o);
      }
      if (!is_output && !saved.edge) saved.edge = gradient_edge(t);
    }
    context.saved_.push_back(std::move(saved));
  }
  context.to_save_.clear();
  context.dirty_.clear();
  context.non_differentiable_.clear();
  return outputs;
}

}  // namespace tenon::inline v0
