#include <tenon/autograd/autograd.h>

#include <tenon/autograd/basic_ops.h>
#include <tenon/autograd/engine.h>
#include <tenon/autograd/op_node.h>

namespace tenon::inline v0 {

namespace {

// The roots of a backward: where each output's gradient starts, and with what.
void add_roots(const char* who, const std::vector<Tensor>& outputs, const std::vector<Tensor>& given,
               BackwardRequest& request) {
  check<AutogradError>(!outputs.empty(), who, ": no tensor to differentiate was given");
  check<AutogradError>(given.empty() || given.size() == outputs.size(), who, ": got ", outputs.size(), " tensors and ",
                       given.size(), " gradients");
  for (size_t i = 0; i < outputs.size(); ++i) {
    const Tensor& output = outputs[i];
    check<AutogradError>(output.defined(), who, ": tensor ", i, " is undefined");
    Edge edge = edge_of(output.impl());
    check<AutogradError>(static_cast<bool>(edge), who, ": element ", i,
                         " of tensors does not require grad and does not have a grad_fn: it is ", output.spec(),
                         "; none of what it was computed from requires grad, or it was made under no_grad()");
    Tensor gradient = given.empty() ? Tensor() : given[i];
    if (!gradient.defined()) {
      check<AutogradError>(output.numel() == 1, who,
                           ": grad can be implicitly created only for scalar outputs, but element ", i, " is ",
                           output.spec(), "; pass its gradient, or reduce it first, with sum() or mean()");
      check<AutogradError>(!is_complex(output.dtype()), who,
                           ": grad can be implicitly created only for real scalar outputs but got ", output.dtype(),
                           "; pass its gradient");
      NoGrad off;
      gradient = basic::ones(output.spec());
    } else {
      check<AutogradError>(gradient.shape() == output.shape(), who, ": Mismatch in shape: grad_output[", i,
                           "] has a shape of ", gradient.shape(), " and output[", i, "] has a shape of ",
                           output.shape());
      gradient = fit_gradient(who, static_cast<int>(i), std::move(gradient), output.spec());
    }
    request.roots.push_back(std::move(edge));
    request.root_grads.push_back(std::move(gradient));
  }
}

}  // namespace

std::vector<Tensor> grad(const std::vector<Tensor>& outputs, const std::vector<Tensor>& inputs,
                         const std::vector<Tensor>& grad_outputs, GradOptions options) {
  BackwardRequest request;
  check<AutogradError>(!inputs.empty(), "grad: requires non-empty inputs");
  add_roots("grad", outputs, grad_outputs, request);
  request.create_graph = options.create_graph;
  request.retain_graph = options.retain_graph || options.create_graph;
  request.accumulate = false;
  for (size_t i = 0; i < inputs.size(); ++i) {
    check<AutogradError>(inputs[i].requires_grad(),
                         "grad: One of the differentiated Tensors does not require grad: input ", i, " is ", inputs[i],
                         "; call requires_grad_() on it before the computation");
    request.targets.push_back(edge_of(inputs[i].impl()));
  }
  std::vector<Tensor> found = run_backward(std::move(request));
  for (size_t i = 0; i < found.size() && !options.allow_unused; ++i) {
    check<AutogradError>(found[i].defined(),
                         "grad: One of the differentiated Tensors appears to not have been used in the graph: input ",
                         i, " is ", inputs[i], "; set allow_unused=True if this is the desired behavior");
  }
  return found;
}

void backward(const std::vector<Tensor>& tensors, const std::vector<Tensor>& grad_tensors, bool retain_graph,
              bool create_graph, const std::vector<Tensor>& inputs) {
  BackwardRequest request;
  add_roots("backward", tensors, grad_tensors, request);
  request.create_graph = create_graph;
  request.retain_graph = retain_graph || create_graph;
  for (const Tensor& input : inputs) {
    check<AutogradError>(input.requires_grad(), "backward: One of the inputs does not require grad: it is ", input);
    if (!input.is_leaf()) retain_grad(input);
    request.targets.push_back(edge_of(input.impl()));
  }
  run_backward(std::move(request));
}

// ---- one tensor's part --------------------------------------------------------------------------------------

Edge gradient_edge(const Tensor& tensor) { return tensor.defined() ? edge_of(tensor.impl()) : Edge(); }

Ref<Node> grad_fn(const Tensor& tensor) { return gradient_edge(tensor).node; }

uint32_t output_index(const Tensor& tensor) { return gradient_edge(tensor).output; }

const Tensor& detach_(const Tensor& tensor) {
  check<AutogradError>(!tensor.impl()->base, "detach_: Can't detach views in-place: ", tensor.spec(),
                       "; use detach() instead");
  clear_history(tensor.impl());
  return tensor;
}

void retain_grad(const Tensor& tensor) {
  check<AutogradError>(tensor.requires_grad(),
                       "retain_grad: can't retain_grad on Tensor that has requires_grad=False: ", tensor);
  const Edge edge = edge_of(tensor.impl());
  AutogradState& s = need_autograd_state(tensor.impl());
  if (!edge.node || s.slot) return;
  s.slot = Ref<GradSlot>::adopt(new GradSlot);
  edge.node->need_hooks().retained.push_back({edge.output, s.slot});
}

bool retains_grad(const Tensor& tensor) {
  const AutogradState* s = autograd_state(tensor.impl());
  return s != nullptr && s->slot && !tensor.is_leaf();
}

HookHandle register_hook(const Tensor& tensor, TensorHook hook) {
  check<AutogradError>(tensor.requires_grad(),
                       "register_hook: cannot register a hook on a tensor that doesn't require gradient: ", tensor);
  const Edge edge = edge_of(tensor.impl());
  std::shared_ptr<HookList<TensorHook>> list;
  if (edge.node) {
    NodeHooks& hooks = edge.node->need_hooks();
    for (const NodeHooks::OfOutput& of : hooks.tensor) {
      if (of.output == edge.output) list = of.list;
    }
    if (!list) {
      list = std::make_shared<HookList<TensorHook>>();
      hooks.tensor.push_back({edge.output, list});
    }
  } else {
    AutogradState& s = need_autograd_state(tensor.impl());
    if (!s.hooks) s.hooks = std::make_unique<LeafHooks>();
    if (!s.hooks->tensor) s.hooks->tensor = std::make_shared<HookList<TensorHook>>();
    list = s.hooks->tensor;
  }
  return HookHandle(list, list->add(std::move(hook)));
}

HookHandle register_post_accumulate_grad_hook(const Tensor& tensor, PostAccumulateHook hook) {
  check<AutogradError>(tensor.requires_grad(),
                       "register_post_accumulate_grad_hook: the tensor doesn't require gradient: ", tensor);
  check<AutogradError>(tensor.is_leaf(),
                       "register_post_accumulate_grad_hook: post accumulate grad hooks cannot be registered on "
                       "non-leaf tensors: ",
                       tensor);
  AutogradState& s = need_autograd_state(tensor.impl());
  if (!s.hooks) s.hooks = std::make_unique<LeafHooks>();
  if (!s.hooks->accumulated) s.hooks->accumulated = std::make_shared<HookList<PostAccumulateHook>>();
  return HookHandle(s.hooks->accumulated, s.hooks->accumulated->add(std::move(hook)));
}

HookHandle register_prehook(Node& node, NodePreHook hook) {
  NodeHooks& hooks = node.need_hooks();
  if (!hooks.before) hooks.before = std::make_shared<HookList<NodePreHook>>();
  return HookHandle(hooks.before, hooks.before->add(std::move(hook)));
}

HookHandle register_hook(Node& node, NodePostHook hook) {
  NodeHooks& hooks = node.need_hooks();
  if (!hooks.after) hooks.after = std::make_shared<HookList<NodePostHook>>();
  return HookHandle(hooks.after, hooks.after->add(std::move(hook)));
}

}  // namespace tenon::inline v0
