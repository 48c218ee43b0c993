// A size that is known only when a program runs: what `x.shape[0]` is while a function is traced.
#pragma once

#include <Python.h>

#include <tenon/core/tensor.h>

namespace tenon::python {

extern PyTypeObject* symbolic_dim_type;

inline bool is_symbolic_dim(PyObject* object) { return Py_TYPE(object) == symbolic_dim_type; }
PyObject* dim_object(Dim dim);  // an int where it is one; a new reference
// An int, as to_int takes it, or a symbolic one.
bool to_dim(PyObject* object, Dim& out);
// A symbolic one as a tensor, to compute with.
Tensor number_of(PyObject* symbolic);
[[noreturn]] void fail_unknown_size(PyObject* symbolic, const char* what);

bool make_symbolic_dim_type(PyObject* module);

}  // namespace tenon::python
