// Automatic differentiation: what programs use. Tensors carry the graph of how they were made; backward()
// and grad() walk it on the calling thread.
#pragma once

#include <string>
#include <vector>

#include <tenon/autograd/node.h>
#include <tenon/core/door.h>

namespace tenon::inline v0 {

// Puts the tape behind the door. Called once when the library's registry is made.
TENON_API void install_tape();

// ---- modes: per thread, as scopes ---------------------------------------------------------------------------

inline bool is_grad_enabled() { return (modes.recorders & bit(Observer::Tape)) != 0; }
inline void set_grad_enabled(bool enabled) {
  if (enabled) {
    modes.recorders |= bit(Observer::Tape);
  } else {
    modes.recorders &= static_cast<uint8_t>(~bit(Observer::Tape));
  }
}

class GradMode {
 public:
  explicit GradMode(bool enabled) : previous_(is_grad_enabled()) { set_grad_enabled(enabled); }
  ~GradMode() { set_grad_enabled(previous_); }
  GradMode(const GradMode&) = delete;
  GradMode& operator=(const GradMode&) = delete;

 private:
  bool previous_;
};
struct NoGrad : GradMode {
  NoGrad() : GradMode(false) {}
};
struct EnableGrad : GradMode {
  EnableGrad() : GradMode(true) {}
};
class InferenceMode {
 public:
  explicit InferenceMode(bool enabled = true) : mode_(!enabled && is_grad_enabled()), previous_(modes.inference) {
    modes.inference = enabled;
  }
  ~InferenceMode() { modes.inference = previous_; }
  InferenceMode(const InferenceMode&) = delete;
  InferenceMode& operator=(const InferenceMode&) = delete;

 private:
  GradMode mode_;
  bool previous_;
};
inline bool is_inference_mode_enabled() { return modes.inference; }

// ---- gradients ------------------------------------------------------------------------------------------------

struct GradOptions {
  bool retain_graph = false;  // create_graph retains too
  bool create_graph = false;  // the gradients can be differentiated again
  bool allow_unused = false;  // an input that the outputs do not depend on gets an undefined gradient
};

// Sum of the gradients of `outputs` with respect to each input; nothing is accumulated. Without
// `grad_outputs` the outputs have one element. AutogradError.
TENON_API std::vector<Tensor> grad(const std::vector<Tensor>& outputs, const std::vector<Tensor>& inputs,
                                   const std::vector<Tensor>& grad_outputs = {}, GradOptions options = {});
// Adds the gradients to grad() of the leaves, or of `inputs` only.
TENON_API void backward(const std::vector<Tensor>& tensors, const std::vector<Tensor>& grad_tensors = {},
                        bool retain_graph = false, bool create_graph = false, const std::vector<Tensor>& inputs = {});

// ---- one tensor's part --------------------------------------------------------------------------------------

// The node that made the tensor; null for a leaf. Makes a view's anew when its base was written.
TENON_API Ref<Node> grad_fn(const Tensor& tensor);
TENON_API uint32_t output_index(const Tensor& tensor);
TENON_API Edge gradient_edge(const Tensor& tensor);
// Cuts the tensor off its history. AutogradError for a view.
TENON_API const Tensor& detach_(const Tensor& tensor);
// Keeps the gradient of a tensor that is not a leaf in its grad().
TENON_API void retain_grad(const Tensor& tensor);
TENON_API bool retains_grad(const Tensor& tensor);
// Runs when the gradient of the tensor is known; what it returns, if defined, is used instead.
TENON_API HookHandle register_hook(const Tensor& tensor, TensorHook hook);
// Runs on a leaf after its grad() was added to.
TENON_API HookHandle register_post_accumulate_grad_hook(const Tensor& tensor, PostAccumulateHook hook);
TENON_API HookHandle register_prehook(Node& node, NodePreHook hook);
TENON_API HookHandle register_hook(Node& node, NodePostHook hook);

}  // namespace tenon::inline v0
