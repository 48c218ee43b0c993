// Autograd in Python: grad_fn objects, modes, hooks, grad() and backward(), custom functions.
#pragma once

#include <Python.h>

#include <tenon/core/tensor.h>

namespace tenon::python {

PyObject* get_grad_fn(const Tensor& tensor);  // None for a leaf
PyObject* tensor_register_hook(PyObject* self, PyObject* hook);
PyObject* tensor_register_post_accumulate_grad_hook(PyObject* self, PyObject* hook);
PyObject* tensor_backward(PyObject* self, PyObject* const* args, Py_ssize_t count, PyObject* keywords);

// The functions that the hooks of a leaf hold, for the garbage collector. Under the GIL.
int visit_leaf_hooks(const TensorImpl* impl, visitproc visit, void* arg);
void clear_leaf_hooks(TensorImpl* impl);

bool make_autograd_types(PyObject* module);
bool make_mode_types(PyObject* module);

}  // namespace tenon::python
