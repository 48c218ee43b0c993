// What the files of nn::Module's Python class share: nn_module.cpp (calls, life and death, classes),
// nn_attributes.cpp (attributes) and nn_bridge.cpp (calls from C++).
#pragma once

#include <cstring>
#include <string_view>

#include "nn_module.h"

namespace tenon::python {

inline ModuleObject* cast(PyObject* object) { return reinterpret_cast<ModuleObject*>(object); }

// "Linear" of "tenon.nn.modules.linear.Linear".
inline const char* short_name(PyTypeObject* type) {
  const char* dot = std::strrchr(type->tp_name, '.');
  return dot != nullptr ? dot + 1 : type->tp_name;
}

// Interned, so that look-ups compare pointers.
struct ModuleNames {
  PyObject *forward, *train, *extra_repr, *get_name, *state_dict, *register_parameter, *getattr, *getattribute, *prefix;
};
extern ModuleNames module_names;
extern PyTypeObject* native_forward_type;  // of `forward` of classes written in C++
extern bool global_hooks;                  // hooks of all modules exist

// (parent, name, child) -> child, while hooks of registration exist.
extern PyObject* registration_hook;

// The UTF-8 of a str, valid while it lives.
std::string_view text_of(PyObject* name);

PyObject* module_getattro(PyObject* self, PyObject* name);
PyObject* module_getattr_method(PyObject* self, PyObject* name);
PyObject* module_setattr(PyObject* self, PyObject* const* args, Py_ssize_t count);
PyObject* module_delattr(PyObject* self, PyObject* name);
PyObject* get_class_attribute(PyObject* self, void*);
int set_class_attribute(PyObject* self, PyObject* value, void*);
PyObject* set_class_function(PyObject*, PyObject* const* args, Py_ssize_t count);

// `forward` of a class written in C++: a method descriptor that the call slot can see through.
struct NativeForward {
  PyObject_HEAD vectorcallfunc call;
  NativeClass::Forward forward;
  PyObject *owner, *parameters;  // the class's name and the signature, for inspection
};

// Connects nn::Module to this side. After Module's own methods exist.
void install_bridge();

}  // namespace tenon::python
