// Optimisers. `optim::AdamW opt(model.parameters(), {.lr = 1e-3});` then, per batch,
// `opt.zero_grad(); loss.backward(); opt.step();`.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include <tenon/core/tensor.h>
#include <tenon/nn/module.h>

namespace tenon::inline v0::optim {

struct TENON_API SGDOptions {
  double lr = 1e-3;
  double momentum = 0;
  double dampening = 0;
  double weight_decay = 0;
  bool nesterov = false;
  bool maximize = false;
};
struct TENON_API AdamOptions {
  double lr = 1e-3;
  std::array<double, 2> betas{0.9, 0.999};
  double eps = 1e-8;
  double weight_decay = 0;
  bool amsgrad = false;
  bool maximize = false;
};
struct TENON_API AdamWOptions {
  double lr = 1e-3;
  std::array<double, 2> betas{0.9, 0.999};
  double eps = 1e-8;
  double weight_decay = 1e-2;
  bool amsgrad = false;
  bool maximize = false;
};
// ValueError as PyTorch says it.
TENON_API void check_options(const SGDOptions& options);
TENON_API void check_options(const AdamOptions& options);
TENON_API void check_options(const AdamWOptions& options);

// The tensors of one step over one group. Whoever keeps the states (C++ below, Python's dicts) fills it;
// state tensors that are null are made by the step and handed back through `made`.
struct TENON_API StepTensors {
  static constexpr int kStates = 4;
  using List = SmallVector<TensorImpl*, 16>;
  List params, grads;
  List states[kStates];
  struct Made {
    int state, index;
    Tensor value;
  };
  std::vector<Made> made;

  void clear() {
    params.clear();
    grads.clear();
    for (List& s : states) s.clear();
    made.clear();
  }
};
// Names of the states in the order of StepTensors::states. Adam: step, exp_avg, exp_avg_sq, max_exp_avg_sq.
inline constexpr const char* kSgdStates[] = {"momentum_buffer"};
inline constexpr const char* kAdamStates[] = {"step", "exp_avg", "exp_avg_sq", "max_exp_avg_sq"};
TENON_API int state_count(const SGDOptions& options);
TENON_API int state_count(const AdamOptions& options);
inline AdamOptions as_adam(const AdamWOptions& o) {
  return {o.lr, o.betas, o.eps, o.weight_decay, o.amsgrad, o.maximize};
}
// One op call through the door each.
TENON_API void sgd_step(const SGDOptions& options, StepTensors& tensors);
TENON_API void adam_step(const AdamOptions& options, bool decoupled, StepTensors& tensors);

// Lets the gradient go, or fills it with zeros, cut off from the graph that may have made it.
TENON_API void zero_grad(Tensor& parameter, bool set_to_none = true);

class TENON_API Optimizer {
 public:
  virtual ~Optimizer();
  Optimizer() = default;
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;

  virtual void step() = 0;
  // Runs the closure with gradients on, then steps; returns the closure's loss.
  Tensor step(const std::function<Tensor()>& closure);
  // Lets the gradients go, or fills them with zeros.
  void zero_grad(bool set_to_none = true);

  virtual size_t group_count() const = 0;
  virtual std::vector<Tensor>& params(size_t group) = 0;
  virtual double& lr(size_t group) = 0;

  // Flat form of PyTorch's structure: "state.0.exp_avg", "param_groups.0.lr", with numbers as float64.
  StateDict state_dict();
  void load_state_dict(const StateDict& state);

 protected:
  using State = std::array<Tensor, StepTensors::kStates>;
  virtual std::vector<std::pair<const char*, double>> numbers(size_t group) const = 0;
  virtual void set_number(size_t group, std::string_view name, double value) = 0;
  virtual const char* state_name(int state) const = 0;
  void gather(size_t group, int states, StepTensors& tensors);
  void keep(const StepTensors& tensors);
  void check_params(const std::vector<Tensor>& fresh);

  // Keyed by the tensor; a parameter that has no state yet is absent.
  std::unordered_map<const TensorImpl*, State> states_;
};

template <class Options>
class TENON_API OptimizerOf : public Optimizer {
 public:
  struct Group : Options {
    std::vector<Tensor> params;
  };
  std::vector<Group> param_groups;

  explicit OptimizerOf(std::vector<Tensor> params, Options options = {}) : defaults_(options) {
    check<ValueError>(!params.empty(), "optimizer got an empty parameter list");
    add_param_group(std::move(params), options);
  }
  void add_param_group(std::vector<Tensor> params, Options options) {
    check_options(options);
    check_params(params);
    param_groups.push_back({options, std::move(params)});
  }
  void add_param_group(std::vector<Tensor> params) { add_param_group(std::move(params), defaults_); }

  using Optimizer::step;
  size_t group_count() const override { return param_groups.size(); }
  std::vector<Tensor>& params(size_t group) override { return param_groups[group].params; }
  double& lr(size_t group) override { return param_groups[group].lr; }

 protected:
  std::vector<std::pair<const char*, double>> numbers(size_t group) const override;
  void set_number(size_t group, std::string_view name, double value) override;
  const char* state_name(int state) const override;
  Options defaults_;
};

extern template class TENON_API OptimizerOf<SGDOptions>;
extern template class TENON_API OptimizerOf<AdamOptions>;
extern template class TENON_API OptimizerOf<AdamWOptions>;

class TENON_API SGD : public OptimizerOf<SGDOptions> {
 public:
  explicit SGD(std::vector<Tensor> params, SGDOptions options = {}) : OptimizerOf(std::move(params), options) {}
  using OptimizerOf::step;
  void step() override;
};
class TENON_API Adam : public OptimizerOf<AdamOptions> {
 public:
  explicit Adam(std::vector<Tensor> params, AdamOptions options = {}) : OptimizerOf(std::move(params), options) {}
  using OptimizerOf::step;
  void step() override;
};
class TENON_API AdamW : public OptimizerOf<AdamWOptions> {
 public:
  explicit AdamW(std::vector<Tensor> params, AdamWOptions options = {}) : OptimizerOf(std::move(params), options) {}
  using OptimizerOf::step;
  void step() override;
};

}  // namespace tenon::inline v0::optim
