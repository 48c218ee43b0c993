// tenon._tenon.optim: the steps of optimisers whose groups and states Python keeps in dicts. Each reads a
// group's options at every call, since programs write them between steps.
#include <tenon/autograd/autograd.h>
#include <tenon/nn/detail.h>
#include <tenon/optim/optim.h>

#include <nanobind/nanobind.h>

#include <vector>

#include "convert.h"
#include "errors.h"
#include "object.h"

namespace tenon::python {
namespace {

// Above this many elements other threads of Python run during the step.
constexpr int64_t kReleaseGilFrom = 1 << 16;

// The keys of groups and states, made once and interned, so that lookups compare pointers.
struct Keys {
  PyObject *params, *lr, *momentum, *dampening, *weight_decay, *nesterov, *maximize, *betas, *eps, *amsgrad, *decoupled;
  PyObject* sgd_states[std::size(optim::kSgdStates)];
  PyObject* adam_states[std::size(optim::kAdamStates)];
};
Keys keys;

PyObject* intern(const char* text) { return checked(PyUnicode_InternFromString(text)); }

void make_keys() {
  keys.params = intern("params");
  keys.lr = intern("lr");
  keys.momentum = intern("momentum");
  keys.dampening = intern("dampening");
  keys.weight_decay = intern("weight_decay");
  keys.nesterov = intern("nesterov");
  keys.maximize = intern("maximize");
  keys.betas = intern("betas");
  keys.eps = intern("eps");
  keys.amsgrad = intern("amsgrad");
  keys.decoupled = intern("decoupled_weight_decay");
  for (size_t i = 0; i < std::size(optim::kSgdStates); ++i) keys.sgd_states[i] = intern(optim::kSgdStates[i]);
  for (size_t i = 0; i < std::size(optim::kAdamStates); ++i) keys.adam_states[i] = intern(optim::kAdamStates[i]);
}

// Borrowed; null when absent.
PyObject* find(PyObject* dict, PyObject* key) {
  PyObject* value = PyDict_GetItemWithError(dict, key);
  if (value == nullptr && PyErr_Occurred() != nullptr) throw_python_error();
  return value;
}
PyObject* at(PyObject* group, PyObject* key) {
  PyObject* value = find(group, key);
  if (value == nullptr) raise(PyExc_KeyError, "the optimizer's param group has no '%U'", key);
  return value;
}
double number(PyObject* group, PyObject* key) {
  PyObject* value = at(group, key);
  double out = 0;
  if (!to_double(value, out))
    raise(PyExc_TypeError, "'%U' of a param group must be a number, got %s", key, describe_type(value).c_str());
  return out;
}
bool truth(PyObject* group, PyObject* key) {
  PyObject* value = at(group, key);
  if (value == Py_False) return false;
  const int out = PyObject_IsTrue(value);
  if (out < 0) throw_python_error();
  return out != 0;
}
std::array<double, 2> betas(PyObject* group) {
  PyObject* value = at(group, keys.betas);
  const Owned pair(PySequence_Fast(value, "'betas' of a param group must be a pair of numbers"));
  if (!pair) throw_python_error();
  std::array<double, 2> out{};
  bool good = PySequence_Fast_GET_SIZE(pair.get()) == 2;
  for (size_t i = 0; good && i < 2; ++i)
    good = to_double(PySequence_Fast_GET_ITEM(pair.get(), static_cast<Py_ssize_t>(i)), out[i]);
  if (!good) raise(PyExc_TypeError, "'betas' of a param group must be a pair of numbers, got %R", value);
  return out;
}

// Calls f(group) for each dict of `param_groups`.
template <class F>
void for_each_group(PyObject* param_groups, F&& f) {
  if (!PyList_Check(param_groups))
    raise(PyExc_TypeError, "param_groups must be a list of dicts, got %s", describe_type(param_groups).c_str());
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(param_groups); ++i) {
    const Owned group = Owned::share(PyList_GET_ITEM(param_groups, i));
    if (!PyDict_Check(group.get()))
      raise(PyExc_TypeError, "param_groups[%zd] must be a dict, got %s", i, describe_type(group.get()).c_str());
    f(group.get());
  }
}
// Calls f(object) for each tensor of the group. `f` may run Python code, so nothing borrowed is kept.
template <class F>
void for_each_param(PyObject* group, F&& f) {
  const Owned list = Owned::share(at(group, keys.params));
  if (!PyList_Check(list.get()) && !PyTuple_Check(list.get()))
    raise(PyExc_TypeError, "'params' of a param group must be a list of Tensors, got %s",
          describe_type(list.get()).c_str());
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(list.get()); ++i) {
    const Owned param = Owned::share(PySequence_Fast_GET_ITEM(list.get(), i));
    if (!is_tensor(param.get()))
      raise(PyExc_TypeError, "optimizer can only optimize Tensors, but one of the params is %s",
            Py_TYPE(param.get())->tp_name);
    f(param.get());
  }
}

// One group's tensors, gathered from Python's dicts, and what the step made put back there.
class Step {
 public:
  Step(PyObject* state, PyObject* const* names, int count) : state_(state), names_(names), count_(count) {
    if (!PyDict_Check(state))
      raise(PyExc_TypeError, "the optimizer's state must be a dict, got %s", describe_type(state).c_str());
  }

  optim::StepTensors& gather(PyObject* group) {
    for_each_param(group, [this](PyObject* param) {
      const Tensor& p = unwrap(param);
      Tensor grad = p.grad();
      if (!grad.defined()) return;
      elements_ += p.numel();
      tensors_.params.push_back(p.impl());
      tensors_.grads.push_back(grad.impl());
      objects_.push_back(Owned::share(param));
      held_.push_back(std::move(grad));
      gather_states(param);
    });
    return tensors_;
  }

  template <class F>
  void run(F&& f) {
    {
      const ReleaseGil release(elements_ >= kReleaseGilFrom);
      f(tensors_);
    }
    for (auto& made : tensors_.made) keep(objects_[static_cast<size_t>(made.index)].get(), made);
  }

 private:
  void gather_states(PyObject* param) {
    if (count_ == 0) return;
    const Owned entry = Owned::share(find(state_, param));
    if (entry && !PyDict_Check(entry.get()))
      raise(PyExc_TypeError, "the optimizer's state of a parameter must be a dict, got %s",
            describe_type(entry.get()).c_str());
    for (int s = 0; s < count_; ++s) {
      PyObject* value = entry ? find(entry.get(), names_[s]) : nullptr;
      if (value == nullptr || value == Py_None) {
        tensors_.states[s].push_back(nullptr);
        continue;
      }
      if (!is_tensor(value))
        raise(PyExc_TypeError, "the optimizer's state '%U' must be a Tensor, got %s", names_[s],
              describe_type(value).c_str());
      tensors_.states[s].push_back(impl_of(value));
      held_.push_back(unwrap(value));
    }
  }
  void keep(PyObject* param, optim::StepTensors::Made& made) {
    Owned entry = Owned::share(find(state_, param));
    if (!entry) {
      entry = Owned(checked(PyDict_New()));
      if (PyDict_SetItem(state_, param, entry.get()) != 0) throw_python_error();
    }
    const Owned value(checked(wrap(std::move(made.value))));
    if (PyDict_SetItem(entry.get(), names_[made.state], value.get()) != 0) throw_python_error();
  }

  PyObject* state_;
  PyObject* const* names_;
  int count_;
  int64_t elements_ = 0;
  optim::StepTensors tensors_;
  std::vector<Owned> objects_;
  std::vector<Tensor> held_;
};

void check_count(const char* name, Py_ssize_t given, Py_ssize_t wanted) {
  if (given != wanted) raise(PyExc_TypeError, "%s() takes %zd arguments but %zd were given", name, wanted, given);
}

// sgd_step(param_groups, state)
PyObject* sgd_step(PyObject*, PyObject* const* args, Py_ssize_t count) {
  return guarded([&]() -> PyObject* {
    check_count("sgd_step", count, 2);
    for_each_group(args[0], [&](PyObject* group) {
      optim::SGDOptions o;
      o.lr = number(group, keys.lr);
      o.momentum = number(group, keys.momentum);
      o.dampening = number(group, keys.dampening);
      o.weight_decay = number(group, keys.weight_decay);
      o.nesterov = truth(group, keys.nesterov);
      o.maximize = truth(group, keys.maximize);
      Step step(args[1], keys.sgd_states, optim::state_count(o));
      step.gather(group);
      step.run([&](optim::StepTensors& tensors) { optim::sgd_step(o, tensors); });
    });
    Py_RETURN_NONE;
  });
}

// adam_step(param_groups, state)
PyObject* adam_step(PyObject*, PyObject* const* args, Py_ssize_t count) {
  return guarded([&]() -> PyObject* {
    check_count("adam_step", count, 2);
    for_each_group(args[0], [&](PyObject* group) {
      optim::AdamOptions o;
      o.lr = number(group, keys.lr);
      o.betas = betas(group);
      o.eps = number(group, keys.eps);
      o.weight_decay = number(group, keys.weight_decay);
      o.amsgrad = truth(group, keys.amsgrad);
      o.maximize = truth(group, keys.maximize);
      const bool decoupled = truth(group, keys.decoupled);
      Step step(args[1], keys.adam_states, optim::state_count(o));
      step.gather(group);
      step.run([&](optim::StepTensors& tensors) { optim::adam_step(o, decoupled, tensors); });
    });
    Py_RETURN_NONE;
  });
}

// zero_grad(param_groups, set_to_none)
PyObject* zero_grad(PyObject*, PyObject* const* args, Py_ssize_t count) {
  return guarded([&]() -> PyObject* {
    check_count("zero_grad", count, 2);
    const int to_none = PyObject_IsTrue(args[1]);
    if (to_none < 0) throw_python_error();
    for_each_group(args[0], [&](PyObject* group) {
      for_each_param(group, [&](PyObject* param) {
        Tensor p = unwrap(param);
        optim::zero_grad(p, to_none != 0);
      });
    });
    Py_RETURN_NONE;
  });
}

PyMethodDef fast(const char* name, PyObject* (*f)(PyObject*, PyObject* const*, Py_ssize_t)) {
  return {name, reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(f)), METH_FASTCALL, nullptr};
}

}  // namespace
}  // namespace tenon::python

void bind_optim(nanobind::module_& module) {
  using namespace tenon::python;
  static PyMethodDef functions[] = {fast("sgd_step", &sgd_step),
                                    fast("adam_step", &adam_step),
                                    fast("zero_grad", &zero_grad),
                                    {nullptr, nullptr, 0, nullptr}};
  make_keys();
  nanobind::module_ optim = module.def_submodule("optim", "Steps of optimisers whose groups and states are dicts.");
  if (PyModule_AddFunctions(optim.ptr(), functions) != 0) throw nanobind::python_error();
}
