// x[...] and x[...] = value.
#pragma once

#include <Python.h>

namespace tenon::python {

PyObject* subscript(PyObject* self, PyObject* key);
int assign_subscript(PyObject* self, PyObject* key, PyObject* value);

}  // namespace tenon::python
