// __torch_function__: classes, tensors or not, that take over calls made with them.
#pragma once

#include <Python.h>

#include <utility>

#include <tenon/core/tensor.h>

namespace tenon::python {

struct OverrideState {
  bool subclasses_enabled = true;  // false while subclasses have no say in this thread
  bool in_module = false;          // C++ runs a module that Python called: its ops are Python's calls
};
extern thread_local constinit OverrideState override_state __attribute__((tls_model("initial-exec")));

// Whether instances of the type want to see calls: any subclass of Tensor but Parameter that has not
// set `__torch_function__` to the disabled one.
bool wants_function_override(PyTypeObject* type);
// For objects that are no tensors: has the type a `__torch_function__`?
bool has_function_override(PyObject* object);

// While C++ runs a module for Python, tensors of overriding classes see its ops as calls of Python's functions.
struct ModuleScope {
  explicit ModuleScope(bool inside) : previous(std::exchange(override_state.in_module, inside)) {}
  ~ModuleScope() { override_state.in_module = previous; }
  ModuleScope(const ModuleScope&) = delete;
  bool previous;
};

// Calls the overrides of the arguments, which lie as a vectorcall has them. Null with a Python error.
PyObject* call_override(PyObject* function, PyObject* const* args, Py_ssize_t count, PyObject* keywords);

// The same values as another tensor that shares storage and passes gradients on.
Tensor call_alias(const Tensor& tensor);

bool make_function_override(PyObject* module);
void install_module_interceptor();  // module_calls.cpp

}  // namespace tenon::python
