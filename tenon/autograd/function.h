// Functions with a gradient of their own:
//
//   struct MyExp : Function<MyExp> {
//     static Tensor forward(FunctionContext& ctx, const Tensor& x) {
//       Tensor y = exp(x);
//       ctx.save_for_backward({y});
//       return y;
//     }
//     static std::vector<Tensor> backward(FunctionContext& ctx, std::vector<Tensor> grads) {
//       return {mul(grads[0], ctx.saved_tensors()[0])};
//     }
//   };
//   Tensor y = MyExp::apply(x);
//
// A binding derives from CustomNode and calls run_custom(), which is all that Function does.
#pragma once

#include <any>
#include <string>
#include <tuple>
#include <unordered_map>

#include <tenon/autograd/autograd.h>
#include <tenon/autograd/saved_tensor.h>

namespace tenon::inline v0 {

class CustomNode;

// What forward leaves for backward.
class TENON_API FunctionContext {
 public:
  // Inputs, outputs or intermediate tensors. Undefined ones come back undefined.
  void save_for_backward(std::vector<Tensor> tensors) { to_save_ = std::move(tensors); }
  // AutogradError when one was written in place since, or after backward freed them.
  std::vector<Tensor> saved_tensors() const;
  // Inputs that forward wrote in place and returns.
  void mark_dirty(std::vector<Tensor> tensors) { dirty_ = std::move(tensors); }
  void mark_non_differentiable(std::vector<Tensor> tensors) { non_differentiable_ = std::move(tensors); }
  // Whether gradients of unused outputs reach backward as zeros (the default) or undefined.
  void set_materialize_grads(bool value) { materialize_grads_ = value; }
  bool needs_input_grad(size_t i) const { return i < needs_.size() && needs_[i]; }
  size_t input_count() const { return needs_.size(); }

  std::unordered_map<std::string, std::any> saved_data;

 private:
  friend class CustomNode;
  friend TENON_API std::vector<Tensor> run_custom(Ref<CustomNode>, const std::vector<Tensor>&,
                                                  const std::function<std::vector<Tensor>()>&);
  struct Saved {
    SavedTensor value;
    Edge edge;
    int64_t output = -1;  // saved outputs find their history in the node itself
    bool defined = false;
  };
  CustomNode* node_ = nullptr;
  std::vector<Tensor> to_save_, dirty_, non_differentiable_;
  std::vector<Saved> saved_;
  std::vector<bool> needs_;
  bool materialize_grads_ = true;
  bool released_ = false;
};

// The node of one call of a custom function. Derive from it, override backward(), and run it with
// run_custom(). Whatever else backward needs are members of the derived class.
class TENON_API CustomNode : public Node {
 public:
  // One gradient per tensor input, in order; undefined where there is none, and fewer or none at the end
  // count as undefined. Called under the mode of the backward: grad enabled means create_graph.
  virtual std::vector<Tensor> backward(std::vector<Tensor> grads) = 0;
  // What errors call the function: "MyExp". Nodes print as "MyExpBackward".
  virtual std::string function_name() const = 0;

  std::string name() const override { return function_name() + "Backward"; }
  void apply(Tensor* grads, Tensor* results, const bool* wanted) final;
  void release_saved() override;
  FunctionContext& context() { return context_; }

 private:
  friend TENON_API std::vector<Tensor> run_custom(Ref<CustomNode>, const std::vector<Tensor>&,
                                                  const std::function<std::vector<Tensor>()>&);
  FunctionContext context_;
  std::vector<Edge> own_edges_;
  std::vector<Spec> input_specs_, output_specs_;
};

// Runs `forward` without recording and makes its outputs results of `node`. `inputs` are the tensor inputs
// (undefined ones allowed) whose gradients backward() returns. Non-floating outputs get no gradient; an
// output that is an input is marked dirty, or comes back as an alias of it. Undefined outputs stay so.
TENON_API std::vector<Tensor> run_custom(Ref<CustomNode> node, const std::vector<Tensor>& inputs,
                                         const std::function<std::vector<Tensor>()>& forward);

// The class's own name, without its namespaces: "Linear" for nn::Linear.
TENON_API std::string readable_type_name(const char* mangled);

template <class F>
class Function {
 public:
  // Tensor arguments are the inputs; all arguments reach forward as they are. Returns what forward returns.
  template <class... Args>
  static auto apply(const Args&... args) {
    using Result = decltype(F::forward(std::declval<FunctionContext&>(), args...));
    struct FunctionNode final : CustomNode {
      std::vector<Tensor> backward(std::vector<Tensor> grads) override {
        return F::backward(context(), std::move(grads));
      }
      std::string function_name() const override { return readable_type_name(typeid(F).name()); }
    };
    std::vector<Tensor> inputs;
    (add_input(inputs, args), ...);
    auto* node = new FunctionNode;
    Ref<CustomNode> owner = Ref<FunctionNode>::adopt(node);
    std::vector<Tensor> outputs = run_custom(owner, inputs, [&]() -> std::vector<Tensor> {
      if constexpr (std::is_same_v<Result, std::vector<Tensor>>) {
        return F::forward(node->context(), args...);
      } else {
        return {F::forward(node->context(), args...)};
      }
    });
    if constexpr (std::is_same_v<Result, std::vector<Tensor>>) {
      return outputs;
    } else {
      return std::move(outputs[0]);
    }
  }

 private:
  template <class T>
  static void add_input(std::vector<Tensor>& inputs, const T& arg) {
    if constexpr (std::is_same_v<T, Tensor>) {
      inputs.push_back(arg);
    } else if constexpr (std::is_same_v<T, std::vector<Tensor>>) {
      inputs.insert(inputs.end(), arg.begin(), arg.end());
    }
  }
};

}  // namespace tenon::inline v0
