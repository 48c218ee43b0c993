// Arguments of a constructor or method written by hand, by position or name.
#pragma once

#include <Python.h>

#include <initializer_list>
#include <string>
#include <vector>

#include <tenon/core/op.h>

#include "convert.h"
#include "errors.h"
#include "object.h"
#include "values.h"

namespace tenon::python {

class Reader {
 public:
  static constexpr int kMax = 20;

  // TypeError, worded as Python words it, unless the arguments fit `names`, the first `required` of them given.
  Reader(const char* function, PyObject* args, PyObject* kwargs, std::initializer_list<const char*> names,
         int required = 0)
      : function_(function), names_(names) {
    const Py_ssize_t given = PyTuple_GET_SIZE(args);
    if (given > count()) too_many(given);
    for (Py_ssize_t i = 0; i < given; ++i) values_[i] = PyTuple_GET_ITEM(args, i);
    if (kwargs != nullptr) {
      PyObject *key, *value;
      Py_ssize_t at = 0;
      while (PyDict_Next(kwargs, &at, &key, &value)) set(key, value);
    }
    check_required(required);
  }
  // The same for a vectorcall.
  Reader(const char* function, PyObject* const* args, Py_ssize_t given, PyObject* keywords,
         std::initializer_list<const char*> names, int required = 0)
      : function_(function), names_(names) {
    if (given > count()) too_many(given);
    for (Py_ssize_t i = 0; i < given; ++i) values_[i] = args[i];
    if (keywords != nullptr) {
      for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(keywords); ++i) set(PyTuple_GET_ITEM(keywords, i), args[given + i]);
    }
    check_required(required);
  }

  PyObject* object(int i) const { return values_[i]; }
  bool given(int i) const { return values_[i] != nullptr && values_[i] != Py_None; }

  int64_t integer(int i, int64_t otherwise = 0) const {
    int64_t out = otherwise;
    if (values_[i] != nullptr && !to_int(values_[i], out)) wrong(i, "int");
    return out;
  }
  OptionalInt optional_integer(int i) const {
    if (!given(i)) return std::nullopt;
    return integer(i);
  }
  double real(int i, double otherwise = 0) const {
    double out = otherwise;
    if (values_[i] != nullptr && !to_double(values_[i], out)) wrong(i, "float");
    return out;
  }
  OptionalDouble optional_real(int i) const {
    if (!given(i)) return std::nullopt;
    return real(i);
  }
  // Anything with a truth value, as Python code takes it.
  bool boolean(int i, bool otherwise = false) const {
    if (values_[i] == nullptr) return otherwise;
    return truth(values_[i]);
  }
  std::string string(int i, const char* otherwise = "") const {
    std::string out = otherwise;
    if (values_[i] != nullptr && !to_string(values_[i], out)) wrong(i, "str");
    return out;
  }
  Dims dims(int i, Dims otherwise = {}, int repeat = 0) const {
    Dims out = otherwise;
    if (values_[i] != nullptr && !to_dims(values_[i], out, repeat)) wrong(i, "int or tuple of ints");
    return out;
  }
  OptionalDType dtype(int i) const {
    if (!given(i)) return std::nullopt;
    OptionalDType out = to_dtype(values_[i]);
    if (!out) wrong(i, "dtype");
    return out;
  }
  // Left out: where `with tenon.device(...)` puts tensors.
  OptionalDevice device(int i) const {
    if (!given(i)) return default_device();
    OptionalDevice out = to_device(values_[i]);
    if (!out) wrong(i, "device");
    return out;
  }
  // Undefined for None and when left out.
  Tensor tensor(int i) const {
    if (!given(i)) return {};
    if (!is_tensor(values_[i])) wrong(i, "Tensor");
    return unwrap(values_[i]);
  }
  [[noreturn]] void wrong(int i, const char* wanted) const {
    raise(PyExc_TypeError, "%s(): argument '%s' must be %s, not %s", function_, names_[static_cast<size_t>(i)], wanted,
          describe_type(values_[i]).c_str());
  }

 private:
  Py_ssize_t count() const { return static_cast<Py_ssize_t>(names_.size()); }
  void set(PyObject* key, PyObject* value) {
    for (size_t i = 0; i < names_.size(); ++i) {
      if (PyUnicode_CompareWithASCIIString(key, names_[i]) != 0) continue;
      if (values_[i] != nullptr)
        raise(PyExc_TypeError, "%s() got multiple values for argument '%s'", function_, names_[i]);
      values_[i] = value;
      return;
    }
    raise(PyExc_TypeError, "%s() got an unexpected keyword argument '%s'", function_, PyUnicode_AsUTF8(key));
  }
  [[noreturn]] void too_many(Py_ssize_t given) const {
    raise(PyExc_TypeError, "%s() takes %zd positional arguments but %zd were given", function_, count(), given);
  }
  void check_required(int required) const {
    for (int i = 0; i < required; ++i) {
      if (values_[i] == nullptr) {
        raise(PyExc_TypeError, "%s() missing 1 required positional argument: '%s'", function_,
              names_[static_cast<size_t>(i)]);
      }
    }
  }

  const char* function_;
  std::vector<const char*> names_;
  PyObject* values_[kMax] = {};
};

}  // namespace tenon::python
