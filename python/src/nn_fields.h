// Members of C++ layers as Python attributes.
#pragma once

#include <Python.h>

#include <string>

#include <tenon/nn/layers.h>

#include "convert.h"
#include "nn_module.h"

namespace tenon::python {

inline PyObject* to_python(bool value) { return PyBool_FromLong(value); }
inline PyObject* to_python(int64_t value) { return PyLong_FromLongLong(value); }
inline PyObject* to_python(double value) { return PyFloat_FromDouble(value); }
inline PyObject* to_python(const std::string& value) { return PyUnicode_FromString(value.c_str()); }
inline PyObject* to_python(const Dims& value) {
  PyObject* tuple = PyTuple_New(static_cast<Py_ssize_t>(value.size()));
  for (size_t i = 0; tuple != nullptr && i < value.size(); ++i) {
    PyTuple_SET_ITEM(tuple, static_cast<Py_ssize_t>(i), PyLong_FromLongLong(value[i].value()));
  }
  return tuple;
}
// What was given as one number reads as one number.
inline PyObject* to_python(const DimsArg& value) {
  return value.size() == 1 ? PyLong_FromLongLong(value[0].value()) : to_python(static_cast<const Dims&>(value));
}
inline PyObject* to_python(const nn::Padding& value) {
  return value.mode.empty() ? to_python(static_cast<const Dims&>(value.size)) : to_python(value.mode);
}
template <class T>
PyObject* to_python(const std::optional<T>& value) {
  if (!value) Py_RETURN_NONE;
  return to_python(*value);
}

inline bool from_python(PyObject* object, bool& out) {
  out = truth(object);
  return true;
}
inline bool from_python(PyObject* object, int64_t& out) { return to_int(object, out); }
inline bool from_python(PyObject* object, double& out) { return to_double(object, out); }
inline bool from_python(PyObject* object, std::string& out) { return to_string(object, out); }
inline bool from_python(PyObject* object, Dims& out) {
  return to_dims(object, out, out.empty() ? 1 : static_cast<int>(out.size()));
}
inline bool from_python(PyObject* object, DimsArg& out) { return to_dims(object, out, 1); }
inline bool from_python(PyObject* object, nn::Padding& out) {
  if (PyUnicode_Check(object)) return to_string(object, out.mode);
  out.mode.clear();
  return from_python(object, static_cast<Dims&>(out.size));
}
template <class T>
bool from_python(PyObject* object, std::optional<T>& out) {
  if (object == Py_None) {
    out.reset();
    return true;
  }
  T value{};
  if (!from_python(object, value)) return false;
  out = value;
  return true;
}

// The module as a T: TypeError when a class was mixed up.
template <class T>
T& native_cast(nn::Module& module) {
  if (typeid(module) == typeid(T)) [[likely]]
    return static_cast<T&>(module);
  if (T* found = dynamic_cast<T*>(&module)) return *found;
  raise(PyExc_TypeError, "this method belongs to another class of modules than %s", module.name().c_str());
}

template <class M>
struct MemberOf;
template <class C, class V>
struct MemberOf<V C::*> {
  using Class = C;
  using Value = V;
};

// `member` as an attribute. Before __init__ it is missing, as an attribute that was never set.
template <auto member>
PyGetSetDef field(const char* name) {
  using Class = typename MemberOf<decltype(member)>::Class;
  using Value = std::remove_const_t<typename MemberOf<decltype(member)>::Value>;
  getter get = [](PyObject* self, void* closure) {
    return guarded([&]() -> PyObject* {
      nn::Module* module = module_of(self);
      if (module == nullptr) {
        raise(PyExc_AttributeError, "'%s' object has no attribute '%s'", Py_TYPE(self)->tp_name,
              static_cast<const char*>(closure));
      }
      return to_python(native_cast<Class>(*module).*member);
    });
  };
  setter set = [](PyObject* self, PyObject* value, void* closure) {
    return guarded_int([&] {
      if (value == nullptr) raise(PyExc_AttributeError, "cannot delete '%s'", static_cast<const char*>(closure));
      if constexpr (!std::is_const_v<typename MemberOf<decltype(member)>::Value>) {
        Value converted = native_cast<Class>(ready_module(self)).*member;
        if (!from_python(value, converted)) {
          raise(PyExc_TypeError, "cannot assign %s to '%s'", Py_TYPE(value)->tp_name,
                static_cast<const char*>(closure));
        }
        native_cast<Class>(ready_module(self)).*member = std::move(converted);
      }
      return 0;
    });
  };
  return {name, get, set, nullptr, const_cast<char*>(name)};
}

// forward(input) of a class with one.
template <class T>
PyObject* forward_one(nn::Module& module, PyObject* const* args, Py_ssize_t count, PyObject* keywords) {
  if (count != 1 || keywords != nullptr) [[unlikely]] {
    const bool by_name = count == 0 && keywords != nullptr && PyTuple_GET_SIZE(keywords) == 1 &&
                         PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(keywords, 0), "input") == 0;
    if (!by_name) raise(PyExc_TypeError, "%s.forward() takes one argument 'input'", module.name().c_str());
  }
  if (!is_tensor(args[0])) [[unlikely]] {
    raise(PyExc_TypeError, "%s.forward(): argument 'input' must be Tensor, not %s", module.name().c_str(),
          Py_TYPE(args[0])->tp_name);
  }
  return wrap(run_cpp_forward(native_cast<T>(module), unwrap(args[0])));
}

}  // namespace tenon::python
