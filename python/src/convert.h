// From Python objects to plain values. Each returns false when the object is of another type, and throws
// when it is of the right type but cannot be used (an int that needs more than 64 bits).
#pragma once

#include <Python.h>

#include <tenon/core/op.h>

namespace tenon::python {

// An int, NumPy's ints, or a zero-dimensional integer tensor; bool is none.
bool to_int(PyObject* object, int64_t& out);
bool to_bool(PyObject* object, bool& out);
bool to_double(PyObject* object, double& out);
// bool, int, float, complex, their NumPy forms; `tensors`: zero-dimensional tensors too.
bool to_scalar(PyObject* object, Scalar& out, bool tensors = false);
bool to_string(PyObject* object, std::string& out);
// A list, tuple or Size of ints. With `repeat` > 0 an int stands for that many.
bool to_dims(PyObject* object, Dims& out, int repeat = 0);
// Ints from an array of objects: `view(2, 3)`.
bool to_dims(PyObject* const* objects, Py_ssize_t count, Dims& out);

// Converts to an attribute of a record.
bool to_attribute(const ParameterInfo& parameter, PyObject* object, void* out);

// "Tensor", "int", "list of int": how error texts name what they got.
std::string describe_type(PyObject* object);
// "tuple of ints": how they name what they want.
std::string describe_wanted(const ParameterInfo& parameter);

}  // namespace tenon::python
