// __torch_function__: classes, tensors or not, that take over calls made with them.
#pragma once

#include <Python.h>

#include <tenon/core/tensor.h>

namespace tenon::python {

// True while subclasses and modes have their say in this thread (DisableTorchFunctionSubclass).
struct OverrideState {
  bool subclasses_enabled = true;
  int mode_depth = 0;         // entries of the mode stack that are active
  PyObject* modes = nullptr;  // list of TorchFunctionMode objects
};
extern thread_local constinit OverrideState override_state __attribute__((tls_model("initial-exec")));

// Whether instances of the type want to see calls: any subclass of Tensor but Parameter that has not
// set `__torch_function__` to the disabled one.
bool wants_function_override(PyTypeObject* type);
void note_subclass(PyTypeObject* type);
// For objects that are no tensors: has the type a `__torch_function__`?
bool has_function_override(PyObject* object);

inline bool modes_active() { return override_state.mode_depth > 0; }

// Calls the overrides of the arguments, which lie as a vectorcall has them. Null with a Python error.
PyObject* call_override(PyObject* function, PyObject* const* args, Py_ssize_t count, PyObject* keywords);

// The same values as another tensor that shares storage and passes gradients on.
Tensor call_alias(const Tensor& tensor);

bool make_function_override(PyObject* module);

}  // namespace tenon::python
