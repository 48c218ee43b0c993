// The Python side of nn::Module: a raw C type with metaclass `type`, so that users can mix it with ABC,
// Generic and other bases, and with a vectorcall slot of its own.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <typeinfo>
#include <vector>

#include <tenon/nn/classes.h>
#include <tenon/nn/module.h>

#include "errors.h"
#include "object.h"

namespace tenon::python {

// The C++ module is made by __init__ and dies with this object: once it has one, every C++ reference to
// the module is a reference to the object (nn::Bridge), so Python's collector sees all of them.
struct ModuleObject {
  PyObject_HEAD vectorcallfunc call;
  nn::Module* module;
  PyObject* dict;
  PyObject* weakrefs;
};

extern PyTypeObject* module_type;

// A class of modules written in C++.
struct NativeClass {
  // Arguments as a vectorcall has them, without self.
  using Forward = PyObject* (*)(nn::Module& module, PyObject* const* args, Py_ssize_t count, PyObject* keywords);

  PyTypeObject* type = nullptr;
  const std::type_info* cpp = nullptr;
  nn::Module* (*blank)() = nullptr;  // as unpickling needs it: no parameters yet
  Forward forward = nullptr;
  std::vector<const char*> fields;      // attributes kept by C++, for pickling
  const char* parameters = "input";     // of forward, as inspect.signature shows them
  const nn::ClassInfo* info = nullptr;  // of a user's library
};

inline bool is_module(PyObject* object) {
  return Py_TYPE(object) == module_type || PyType_IsSubtype(Py_TYPE(object), module_type);
}
// Null before Module.__init__().
inline nn::Module* module_of(PyObject* object) { return reinterpret_cast<ModuleObject*>(object)->module; }
// Throws AttributeError before Module.__init__().
nn::Module& ready_module(PyObject* object);

// A new reference; makes the object when Python sees the module for the first time. None for null.
PyObject* wrap_module(nn::Module* module);

// Gives the object a C++ module, in place of the one it may have. Takes over the one reference to it.
void install_module(PyObject* object, nn::Module* module);

// Makes a class. `init` gets (self, args, kwargs) and calls install_module(). False with a Python error.
struct ClassSpec {
  const char* name;  // "tenon.nn.modules.linear.Linear"
  const char* doc;
  PyTypeObject* base = nullptr;  // module_type when null
  initproc init = nullptr;
  PyGetSetDef* fields = nullptr;
  PyMethodDef* methods = nullptr;
};
bool make_native_class(PyObject* module, const ClassSpec& spec, NativeClass native);
const NativeClass* native_class_of(PyTypeObject* type);
const NativeClass* native_class_of(const std::type_info& cpp);  // null when Python has no class of it

// Whether a call runs C++'s forward and nothing of Python: no method, no hook.
bool runs_cpp_forward(nn::Module& module);

// C++'s forward, of one tensor or of any arguments; without the GIL when that is worth it.
Tensor run_cpp_forward(nn::Module& module, Tensor x);
nn::Value run_cpp_forward(nn::Module& module, const nn::Arguments& arguments);
// A NativeClass::Forward of any class: by its nn::Forward.
PyObject* forward_values(nn::Module& module, PyObject* const* args, Py_ssize_t count, PyObject* keywords);

bool make_module_type(PyObject* module);
bool make_layer_types(PyObject* module);
bool make_loss_types(PyObject* module);
bool make_init_functions(PyObject* module);
bool make_module_tables(PyObject* module);
// Classes of users' libraries that have no Python class yet: nn_user_classes.cpp.
bool make_user_classes(PyObject* module);
PyTypeObject* class_of_unknown(nn::Module& module);  // throws

}  // namespace tenon::python
