// What nn::Module asks of its Python object: nn::Bridge.
#include "function_override.h"
#include "nn_internal.h"
#include "nn_values.h"
#include "traced.h"

namespace tenon::python {
namespace {

PyObject* module_train_method = nullptr;  // Module.train as we made it

void bridge_retain(void* object) {
  AcquireGil gil;
  Py_INCREF(static_cast<PyObject*>(object));
}
void bridge_release(void* object) {
  if (!Py_IsInitialized()) return;
  AcquireGil gil;
  Py_DECREF(static_cast<PyObject*>(object));
}
void bridge_orphan(void* object) {
  if (!Py_IsInitialized()) return;
  AcquireGil gil;
  cast(static_cast<PyObject*>(object))->module = nullptr;
  Py_DECREF(static_cast<PyObject*>(object));
}

bool in_dict(PyObject* self, PyObject* name) {
  PyObject* dict = cast(self)->dict;
  return dict != nullptr && PyDict_GetItem(dict, name) != nullptr;
}

bool bridge_wants_call(nn::Module& module) {
  AcquireGil gil;
  return !runs_cpp_forward(module);
}

nn::Value bridge_call(nn::Module& module, const nn::Arguments& arguments) {
  AcquireGil gil;
  const ModuleScope scope(false);
  const CallStack stack(arguments);
  const Owned result(checked(
      PyObject_Vectorcall(static_cast<PyObject*>(module.object()), stack.args(), stack.flags(), stack.keywords())));
  return to_value(result.get());
}

bool bridge_train(nn::Module& module, bool mode) {
  AcquireGil gil;
  auto* self = static_cast<PyObject*>(module.object());
  if (_PyType_Lookup(Py_TYPE(self), module_names.train) == module_train_method && !in_dict(self, module_names.train))
    return false;
  Owned result(checked(PyObject_CallMethodOneArg(self, module_names.train, mode ? Py_True : Py_False)));
  return true;
}

bool bridge_attribute(nn::Module& module, const nn::Name& name, Tensor& output) {
  AcquireGil gil;
  auto* self = static_cast<PyObject*>(module.object());
  Owned key(checked(PyUnicode_InternFromString(name.text.c_str())));
  Owned value(checked(PyObject_GetAttr(self, key.get())));
  if (value.get() == Py_None) {
    output = Tensor();
    return true;
  }
  if (!is_tensor(value.get())) {
    raise(PyExc_TypeError, "%s.%s must be a Tensor, it is %s", short_name(Py_TYPE(self)), name.text.c_str(),
          short_name(Py_TYPE(value.get())));
  }
  output = unwrap(value.get());
  return true;
}

bool bridge_state_dict(nn::Module& module, const std::string& prefix, StateDict& out) {
  AcquireGil gil;
  auto* self = static_cast<PyObject*>(module.object());
  Owned method(checked(PyObject_GetAttr(self, module_names.state_dict)));
  Owned text(checked(PyUnicode_FromString(prefix.c_str())));
  Owned kwargs(checked(PyDict_New())), none(checked(PyTuple_New(0)));
  if (PyDict_SetItem(kwargs.get(), module_names.prefix, text.get()) < 0) throw_python_error();
  Owned state(checked(PyObject_Call(method.get(), none.get(), kwargs.get())));
  Owned items(checked(PyMapping_Items(state.get())));
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(items.get()); ++i) {
    PyObject* pair = PyList_GET_ITEM(items.get(), i);
    PyObject* value = PyTuple_GET_ITEM(pair, 1);
    if (is_tensor(value)) out.set(std::string(text_of(PyTuple_GET_ITEM(pair, 0))), unwrap(value));
  }
  return true;
}

bool bridge_name(const nn::Module& module, std::string& output) {
  AcquireGil gil;
  Owned name(checked(PyObject_CallMethodNoArgs(static_cast<PyObject*>(module.object()), module_names.get_name)));
  output = text_of(name.get());
  return true;
}
bool bridge_repr(nn::Module& module, std::string& output) {
  AcquireGil gil;
  Owned text(checked(PyObject_Repr(static_cast<PyObject*>(module.object()))));
  output = text_of(text.get());
  return true;
}

const nn::Bridge python_bridge{&bridge_retain, &bridge_release,   &bridge_orphan,     &bridge_wants_call, &bridge_call,
                               &bridge_train,  &bridge_attribute, &bridge_state_dict, &bridge_name,       &bridge_repr};

}  // namespace

bool runs_cpp_forward(nn::Module& module) {
  auto* self = static_cast<PyObject*>(module.object());
  if (self == nullptr || module.python_flags != 0 || global_hooks) return false;
  PyTypeObject* type = Py_TYPE(self);
  if (type->tp_call != &PyVectorcall_Call || in_dict(self, module_names.forward)) return false;
  PyObject* forward = _PyType_Lookup(type, module_names.forward);
  return forward != nullptr && Py_TYPE(forward) == native_forward_type;
}

namespace {

constexpr int64_t kLongWork = 32768;  // elements: about 20 us, more than giving up the GIL costs

int64_t numel_of(const nn::Value& value) { return value.is_tensor() ? work_of(value.tensor().impl()) : 0; }

bool is_long(nn::Module& module, int64_t work) {
  module.parameter_table().each([&](const nn::TensorEntry& e) {
    if (e.value.defined()) work += work_of(e.value.impl());
  });
  return work > kLongWork;
}

// Lets Python's other threads run meanwhile. One may replace a parameter: those in use must not go.
template <class F>
auto run_released(nn::Module& module, F&& run) {
  std::vector<Tensor> kept;
  const auto keep = [&](const nn::TensorEntry& e) { kept.push_back(e.value); };
  module.parameter_table().each(keep);
  module.buffer_table().each(keep);
  const auto alive = Ref<nn::Module>::share(&module);
  const ReleaseGil released;
  return run();
}

}  // namespace

Tensor run_cpp_forward(nn::Module& module, Tensor x) {
  if (!is_long(module, x.defined() ? work_of(x.impl()) : 0)) return module.forward(std::move(x));
  return run_released(module, [&] { return module.forward(std::move(x)); });
}

nn::Value run_cpp_forward(nn::Module& module, const nn::Arguments& arguments) {
  int64_t work = 0;
  for (const nn::Value& value : arguments.positional) work += numel_of(value);
  for (const nn::Named& argument : arguments.keywords) work += numel_of(argument.value);
  const nn::Forward& forward = module.forward_info();
  if (!is_long(module, work)) return forward.run(module, arguments);
  return run_released(module, [&] { return forward.run(module, arguments); });
}

PyObject* forward_values(nn::Module& module, PyObject* const* args, Py_ssize_t count, PyObject* keywords) {
  return to_object(run_cpp_forward(module, to_arguments(args, count, keywords)));
}

void install_bridge() {
  module_train_method = _PyType_Lookup(module_type, module_names.train);
  nn::bridge = &python_bridge;
}

}  // namespace tenon::python
