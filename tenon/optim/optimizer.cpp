#include <tenon/optim/optimizer.h>

#include <unordered_set>

#include <tenon/autograd/autograd.h>
#include <tenon/core/door.h>
#include <tenon/core/overlap.h>
#include <tenon/nn/detail.h>
#include <tenon/optim/records.h>

namespace tenon::inline v0::optim {

void check_options(const SGDOptions& o) {
  check<ValueError>(o.lr >= 0, "Invalid learning rate: ", o.lr);
  check<ValueError>(o.momentum >= 0, "Invalid momentum value: ", o.momentum);
  check<ValueError>(o.weight_decay >= 0, "Invalid weight_decay value: ", o.weight_decay);
  check<ValueError>(!o.nesterov || (o.momentum > 0 && o.dampening == 0),
                    "Nesterov momentum requires a momentum and zero dampening");
}
void check_options(const AdamOptions& o) {
  check<ValueError>(o.lr >= 0, "Invalid learning rate: ", o.lr);
  check<ValueError>(o.eps >= 0, "Invalid epsilon value: ", o.eps);
  for (int i = 0; i < 2; ++i) {
    check<ValueError>(o.betas[static_cast<size_t>(i)] >= 0 && o.betas[static_cast<size_t>(i)] < 1,
                      "Invalid beta parameter at index ", i, ": ", o.betas[static_cast<size_t>(i)]);
  }
  check<ValueError>(o.weight_decay >= 0, "Invalid weight_decay value: ", o.weight_decay);
}
void check_options(const AdamWOptions& o) { check_options(as_adam(o)); }

int state_count(const SGDOptions& o) { return o.momentum != 0 ? 1 : 0; }
int state_count(const AdamOptions& o) { return o.amsgrad ? 4 : 3; }

namespace {

Tensor zeros_like(const TensorImpl* like) {
  Tensor out = Tensor::empty_strided(like->spec.shape, contiguous_strides(like->spec.shape), like->spec.dtype,
                                     like->spec.device);
  nn::detail::fill_zero(out);
  return out;
}

// What a step writes must not share memory with what it reads or writes besides, except that a gradient may
// be the parameter itself.
void check_overlap(std::initializer_list<const StepTensors::List*> lists, int gradients_at) {
  const auto* const* list = lists.begin();
  const int count = static_cast<int>(lists.size());
  for (size_t i = 0; i < list[0]->size(); ++i) {
    for (int a = 0; a < count; ++a) {
      const TensorImpl* written = (*list[a])[i];
      if (a == gradients_at) continue;
      if (!written->contiguous) check_writable("optimizer", written);
      for (int b = 0; b < count; ++b) {
        const TensorImpl* other = (*list[b])[i];
        if (b == a || other->storage.get() != written->storage.get() || !overlaps(written, other)) continue;
        const bool same = a == 0 && b == gradients_at && same_elements(written, other);
        check<ValueError>(same, "optimizer: unsupported operation: parameter ", i,
                          " or a state of it shares memory with its gradient or another state (shape ",
                          written->spec.shape, "); clone() one of them before step()");
      }
    }
  }
}

// Runs the op over the lists laid end to end, and counts the writes.
template <class R>
void run(const R& record, std::initializer_list<const StepTensors::List*> lists, int gradients_at) {
  check_overlap(lists, gradients_at);
  SmallVector<TensorImpl*, 64> in;
  for (const StepTensors::List* list : lists) {
    for (TensorImpl* t : *list) in.push_back(t);
  }
  Tensor out[kMaxOutputs];
  Call call{&op<R>(), &record, Inputs(in.data(), static_cast<int>(in.size())), out};
  apply(call);
  int list_index = 0;
  for (const StepTensors::List* list : lists) {
    if (list_index++ == gradients_at) continue;
    for (TensorImpl* t : *list) {
      if (!t->storage) continue;
      const uint32_t version = t->storage->version.fetch_add(1, std::memory_order_relaxed) + 1;
      if (note_write != nullptr) note_write(op<R>(), *t->storage, version);
    }
  }
}

}  // namespace

void sgd_step(const SGDOptions& o, StepTensors& t) {
  if (t.params.empty()) return;
  NoGrad no_grad;
  SgdStep record;
  record.lr = o.lr;
  record.momentum = o.momentum;
  record.dampening = o.dampening;
  record.weight_decay = o.weight_decay;
  record.nesterov = o.nesterov;
  record.maximize = o.maximize;
  if (o.momentum == 0) return run(record, {&t.params, &t.grads}, 1);

  StepTensors::List& buffers = t.states[0];
  size_t fresh = 0;
  for (size_t i = 0; i < buffers.size(); ++i) {
    if (buffers[i] != nullptr) continue;
    const TensorImpl* p = t.params[i];
    t.made.push_back({0, static_cast<int>(i), Tensor::empty(p->spec.shape, p->spec.dtype, p->spec.device)});
    ++fresh;
  }
  if (fresh == buffers.size() || fresh == 0) {
    for (const auto& m : t.made) buffers[static_cast<size_t>(m.index)] = m.value.impl();
    record.fresh = fresh != 0;
    return run(record, {&t.params, &t.grads, &buffers}, 1);
  }
  // Some parameters get their first gradient now: they go apart from those that have a history.
  StepTensors::List p[2], g[2], b[2];
  size_t next = 0;
  for (size_t i = 0; i < buffers.size(); ++i) {
    const int is_fresh = buffers[i] == nullptr ? 1 : 0;
    if (is_fresh) buffers[i] = t.made[next++].value.impl();
    p[is_fresh].push_back(t.params[i]);
    g[is_fresh].push_back(t.grads[i]);
    b[is_fresh].push_back(buffers[i]);
  }
  for (int is_fresh = 0; is_fresh < 2; ++is_fresh) {
    record.fresh = is_fresh != 0;
    run(record, {&p[is_fresh], &g[is_fresh], &b[is_fresh]}, 1);
  }
}

void adam_step(const AdamOptions& o, bool decoupled, StepTensors& t) {
  if (t.params.empty()) return;
  NoGrad no_grad;
  const int states = state_count(o);
  for (int s = 0; s < states; ++s) {
    for (size_t i = 0; i < t.params.size(); ++i) {
      TensorImpl*& slot = t.states[s][i];
      if (slot != nullptr) continue;
      Tensor made;
      if (s == 0) {
        made = Tensor::empty({}, DType::Float32);
        *made.data<float>() = 0;
      } else {
        made = zeros_like(t.params[i]);
      }
      slot = made.impl();
      t.made.push_back({s, static_cast<int>(i), std::move(made)});
    }
  }
  AdamStep record;
  record.lr = o.lr;
  record.beta1 = o.betas[0];
  record.beta2 = o.betas[1];
  record.eps = o.eps;
  record.weight_decay = o.weight_decay;
  record.amsgrad = o.amsgrad;
  record.maximize = o.maximize;
  record.decoupled = decoupled;
  if (o.amsgrad) return run(record, {&t.params, &t.grads, &t.states[1], &t.states[2], &t.states[3], &t.states[0]}, 1);
  run(record, {&t.params, &t.grads, &t.states[1], &t.states[2], &t.states[0]}, 1);
}

// ---- Optimizer ------------------------------------------------------------------------------------

Optimizer::~Optimizer() = default;

Tensor Optimizer::step(const std::function<Tensor()>& closure) {
  Tensor loss;
  {
    EnableGrad grad;
    loss = closure();
  }
  step();
  return loss;
}

void zero_grad(Tensor& parameter, bool set_to_none) {
  Tensor grad = parameter.grad();
  if (!grad.defined()) return;
  if (set_to_none) {
    parameter.set_grad({});
    return;
  }
  if (grad.requires_grad()) {
    grad = grad.detach();
    parameter.set_grad(grad);
  }
  nn::detail::fill_zero(grad);
}

void Optimizer::zero_grad(bool set_to_none) {
  for (size_t g = 0; g < group_count(); ++g) {
    for (Tensor& p : params(g)) optim::zero_grad(p, set_to_none);
  }
}

void Optimizer::check_params(const std::vector<Tensor>& fresh) {
  std::unordered_set<const TensorImpl*> seen;
  for (size_t g = 0; g < group_count(); ++g) {
    for (const Tensor& p : params(g)) seen.insert(p.impl());
  }
  for (const Tensor& p : fresh) {
    check<ValueError>(p.defined(), "optimizer got an undefined tensor among its parameters");
    check<ValueError>(p.is_leaf(), "can't optimize a non-leaf Tensor");
    check<ValueError>(seen.insert(p.impl()).second, "some parameters appear in more than one parameter group");
  }
}

void Optimizer::gather(size_t group, int states, StepTensors& t) {
  t.clear();
  for (Tensor& p : params(group)) {
    Tensor grad = p.grad();
    if (!grad.defined()) continue;
    t.params.push_back(p.impl());
    t.grads.push_back(grad.impl());
    const auto found = states_.find(p.impl());
    for (int s = 0; s < states; ++s) {
      t.states[s].push_back(found == states_.end() ? nullptr : found->second[static_cast<size_t>(s)].impl());
    }
  }
}

void Optimizer::keep(const StepTensors& t) {
  for (const auto& m : t.made) {
    states_[t.params[static_cast<size_t>(m.index)]][static_cast<size_t>(m.state)] = m.value;
  }
}

StateDict Optimizer::state_dict() {
  StateDict out;
  size_t index = 0;
  for (size_t g = 0; g < group_count(); ++g) {
    const std::string prefix = "param_groups." + std::to_string(g) + ".";
    for (const auto& [name, value] : numbers(g)) {
      Tensor number = Tensor::empty({}, DType::Float64);
      *number.data<double>() = value;
      out.set(prefix + name, number);
    }
    for (const Tensor& p : params(g)) {
      if (auto found = states_.find(p.impl()); found != states_.end()) {
        for (int s = 0; s < StepTensors::kStates; ++s) {
          const Tensor& value = found->second[static_cast<size_t>(s)];
          if (value.defined()) out.set("state." + std::to_string(index) + "." + state_name(s), value);
        }
      }
      ++index;
    }
  }
  return out;
}

void Optimizer::load_state_dict(const StateDict& state) {
  std::unordered_map<const TensorImpl*, State> loaded;
  size_t index = 0;
  for (size_t g = 0; g < group_count(); ++g) {
    const std::string prefix = "param_groups." + std::to_string(g) + ".";
    for (const auto& [name, value] : numbers(g)) {
      check<ValueError>(state.contains(prefix + name),
                        "loaded state dict has a different number of parameter groups: no '", prefix + name, "'");
    }
    for (const Tensor& p : params(g)) {
      const std::string own = "state." + std::to_string(index++) + ".";
      for (int s = 0; s < StepTensors::kStates && state_name(s) != nullptr; ++s) {
        const Tensor* value = state.find(own + state_name(s));
        if (value == nullptr) continue;
        check<ShapeError>(value->dim() == 0 || value->shape() == p.shape(), "loaded state '", own, state_name(s),
                          "' is ", to_text(*value), ", the parameter is ", p);
        Tensor copy = Tensor::empty(value->shape(), value->dtype(), value->device());
        nn::detail::copy_values(copy, *value);
        loaded[p.impl()][static_cast<size_t>(s)] = copy;
      }
    }
  }
  check<ValueError>(!state.contains("param_groups." + std::to_string(group_count()) + ".lr"),
                    "loaded state dict has a different number of parameter groups");
  for (size_t g = 0; g < group_count(); ++g) {
    for (const auto& [name, old] : numbers(g)) {
      set_number(g, name, state.at("param_groups." + std::to_string(g) + "." + name).scalar().to_double());
    }
  }
  states_ = std::move(loaded);
}

// ---- the options by name ----------------------------------------------------------------------------

namespace {

template <class F>
void visit(SGDOptions& o, F&& f) {
  f("lr", o.lr), f("momentum", o.momentum), f("dampening", o.dampening), f("weight_decay", o.weight_decay);
  f("nesterov", o.nesterov), f("maximize", o.maximize);
}
template <class O, class F>
requires requires(O o) { o.betas; }
void visit(O& o, F&& f) {
  f("lr", o.lr), f("beta1", o.betas[0]), f("beta2", o.betas[1]), f("eps", o.eps);
  f("weight_decay", o.weight_decay), f("amsgrad", o.amsgrad), f("maximize", o.maximize);
}

}  // namespace

template <class Options>
std::vector<std::pair<const char*, double>> OptimizerOf<Options>::numbers(size_t group) const {
  std::vector<std::pair<const char*, double>> out;
  Options options = param_groups[group];
  visit(options, [&](const char* name, auto& value) { out.emplace_back(name, static_cast<double>(value)); });
  return out;
}
template <class Options>
void OptimizerOf<Options>::set_number(size_t group, std::string_view name, double to) {
  visit(static_cast<Options&>(param_groups[group]), [&](const char* n, auto& value) {
    if (name == n) value = static_cast<std::decay_t<decltype(value)>>(to);
  });
}
template <class Options>
const char* OptimizerOf<Options>::state_name(int state) const {
  if constexpr (std::is_same_v<Options, SGDOptions>) {
    return state == 0 ? kSgdStates[0] : nullptr;
  } else {
    return kAdamStates[state];
  }
}
template class OptimizerOf<SGDOptions>;
template class OptimizerOf<AdamOptions>;
template class OptimizerOf<AdamWOptions>;

void SGD::step() {
  StepTensors t;
  for (Group& group : param_groups) {
    gather(static_cast<size_t>(&group - param_groups.data()), state_count(group), t);
    sgd_step(group, t);
    keep(t);
  }
}
void Adam::step() {
  StepTensors t;
  for (Group& group : param_groups) {
    gather(static_cast<size_t>(&group - param_groups.data()), state_count(group), t);
    adam_step(group, false, t);
    keep(t);
  }
}
void AdamW::step() {
  StepTensors t;
  for (Group& group : param_groups) {
    const AdamOptions options = as_adam(group);
    gather(static_cast<size_t>(&group - param_groups.data()), state_count(options), t);
    adam_step(options, true, t);
    keep(t);
  }
}

}  // namespace tenon::inline v0::optim
