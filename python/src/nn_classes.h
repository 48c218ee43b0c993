// Shorthands for the files that list native classes.
#pragma once

#include <utility>
#include <vector>

#include "nn_fields.h"
#include "nn_reader.h"

namespace tenon::python {

// Body of an __init__: `make` returns the new C++ module.
template <class F>
int initialise(PyObject* self, F&& make) {
  return guarded_int([&] {
    install_module(self, make());
    return 0;
  });
}

template <class T>
NativeClass native(std::vector<const char*> fields, NativeClass::Forward forward) {
  NativeClass out;
  out.cpp = &typeid(T);
  out.blank = []() -> nn::Module* { return new T(); };
  out.forward = forward;
  out.fields = std::move(fields);
  if constexpr (requires { T::forward_parameters(); }) out.parameters = T::forward_parameters();
  return out;
}
// Its forward is C++'s, of one tensor or as TENON_FORWARD has it.
template <class T>
NativeClass native(std::vector<const char*> fields) {
  if constexpr (requires { T::forward_parameters(); }) return native<T>(std::move(fields), &forward_values);
  return native<T>(std::move(fields), &forward_one<T>);
}

// A method without arguments or result.
template <class T, void (T::*method)()>
PyObject* call_void(PyObject* self, PyObject*) {
  return guarded([&]() -> PyObject* {
    (native_cast<T>(ready_module(self)).*method)();
    Py_RETURN_NONE;
  });
}

// A class made before, borrowed.
inline PyTypeObject* find_type(PyObject* module, const char* name) {
  return reinterpret_cast<PyTypeObject*>(PyDict_GetItemString(PyModule_GetDict(module), name));
}

#define TENON_END_FIELDS \
  { nullptr, nullptr, nullptr, nullptr, nullptr }

}  // namespace tenon::python
