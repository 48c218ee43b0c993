// nn::Value and nn::Arguments as Python objects and back.
#pragma once

#include <Python.h>

#include <vector>

#include <tenon/nn/value.h>

#include "object.h"

namespace tenon::python {

// None, tensors, bools, ints, floats, texts; tuples, lists and dicts of these with texts as keys. Anything else,
// classes derived from these too, is an nn::Foreign, which comes back as the same object.
nn::Value to_value(PyObject* object);
PyObject* to_object(const nn::Value& value);  // a new reference; throws

nn::Arguments to_arguments(PyObject* const* args, Py_ssize_t count, PyObject* keywords);
nn::Arguments to_arguments(PyObject* args, PyObject* kwargs);  // a tuple, and a dict or null

// Arguments as a vectorcall has them.
class CallStack {
 public:
  explicit CallStack(const nn::Arguments& arguments);
  PyObject* const* args() const { return stack_.data() + 1; }
  // To be called with PY_VECTORCALL_ARGUMENTS_OFFSET: the place before args() is free.
  size_t flags() const { return count_ | PY_VECTORCALL_ARGUMENTS_OFFSET; }
  PyObject* keywords() const { return keywords_.get(); }

 private:
  size_t count_;
  std::vector<Owned> held_;
  std::vector<PyObject*> stack_;
  Owned keywords_;
};

}  // namespace tenon::python
