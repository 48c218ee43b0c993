// The node of a recorded op: one block of memory with its edges, the specs of its inputs, what its
// gradient needs and a copy of its record.
#pragma once

#include <tenon/autograd/saved_tensor.h>
#include <tenon/core/door.h>
#include <tenon/core/gradients.h>

namespace tenon::inline v0 {

// Whether input `i` is among them.
inline bool saves_input(Saves saves, int i) { return (saves >> (i < 15 ? i : 15) & 1) != 0; }

class TENON_API OpNode final : public Node {
 public:
  enum class Rule : uint8_t {
    Gradient,       // the op's own rule
    Decomposition,  // runs what the op means in simpler ops again, and differentiates that
    Missing,        // raises: never a silent zero
  };
  static Rule rule_of(const OpInfo& op) {
    if (op.gradient != nullptr) return Rule::Gradient;
    // Run again, a random op would draw other numbers.
    return op.decompose != nullptr && !op.is(kRandom) ? Rule::Decomposition : Rule::Missing;
  }
  // What is saved, with kSaveForOthers resolved; `wanted` is the mask of inputs that want a gradient.
  static Saves saves_of(const OpInfo& op, Rule rule, uint64_t wanted);

  // `clones[i]`, where given, stands in for input i, which the op itself has written since.
  static Ref<OpNode> make(const Call& call, Rule rule, const Tensor* clones);

  std::string name() const override;
  void apply(Tensor* grads, Tensor* results, const bool* wanted) override;
  void release_saved() override;
  const OpInfo& op() const { return *op_; }
  const void* record() const { return record_; }

 private:
  friend struct GradientCall;
  friend class Gradients;
  struct Slot {
    int32_t index;  // input, or 16 + output
    SavedTensor value;
  };
  class Lock;

  OpNode(const OpInfo* op, Rule rule) : op_(op), rule_(rule) {}
  ~OpNode() override = default;
  void dispose() override;
  Tensor unpack(int index);
  const Slot* find(int index) const;
  std::string describe(int index) const;
  void apply_decomposition(Tensor* grads, Tensor* results, const bool* wanted);

  const OpInfo* op_;
  Rule rule_;
  bool released_ = false;
  std::atomic_flag busy_ = ATOMIC_FLAG_INIT;  // guards the saved values against a second backward
  uint32_t slot_count_ = 0;
  uint32_t bytes_ = 0;
  Spec* specs_ = nullptr;
  bool* present_ = nullptr;
  Slot* slots_ = nullptr;
  void* record_ = nullptr;
};

// "log_softmax" -> "LogSoftmaxBackward0", as PyTorch prints it.
TENON_API std::string backward_name(std::string_view op);
// Sums `gradient` down to the shape and casts it to the dtype. AutogradError naming `op` when it does not fit.
TENON_API Tensor fit_gradient(std::string_view op, int index, Tensor gradient, const Spec& spec);

}  // namespace tenon::inline v0
