// Python classes for modules that users wrote in C++: those that a library names (nn::add_class), which Python can
// make, and those that only come out of C++ as somebody's child.
#include <string>
#include <unordered_set>

#include <tenon/nn/classes.h>

#include "nn_internal.h"
#include "nn_values.h"

namespace tenon::python {
namespace {

PyObject* user_classes = nullptr;  // the module that `tenon.classes` shows

// Makes the C++ module, and keeps the arguments, from which a copy is made again.
int user_class_init(PyObject* self, PyObject* args, PyObject* kwargs) {
  return guarded_int([&] {
    const NativeClass* native = native_class_of(Py_TYPE(self));
    Ref<nn::Module> made = native->info->make(to_arguments(args, kwargs));
    install_module(self, made.detach());
    const Owned empty(checked(PyDict_New()));
    const Owned pair(checked(PyTuple_Pack(2, args, kwargs != nullptr ? kwargs : empty.get())));
    const Owned dict(checked(PyObject_GenericGetDict(self, nullptr)));
    if (PyDict_SetItemString(dict.get(), "_arguments", pair.get()) < 0) throw_python_error();
    return 0;
  });
}

// (module, args, kwargs): what __init__ of its C++ class does, for copies and pickles.
PyObject* make_again(PyObject*, PyObject* const* args, Py_ssize_t count) {
  if (count != 3 || !is_module(args[0]) || native_class_of(Py_TYPE(args[0]))->info == nullptr ||
      !PyTuple_Check(args[1]) || !PyDict_Check(args[2])) {
    PyErr_SetString(PyExc_TypeError, "_make_again(module of a user's class, args, kwargs) expected");
    return nullptr;
  }
  if (user_class_init(args[0], args[1], args[2]) < 0) return nullptr;
  Py_RETURN_NONE;
}

// Texts that a type points to for ever.
const char* keep(std::string text) { return (new std::string(std::move(text)))->c_str(); }

void make_class(const nn::ClassInfo& info) {
  NativeClass native;
  native.cpp = info.type;
  native.info = &info;
  native.forward = &forward_values;
  native.parameters = info.forward_parameters.c_str();
  const std::string doc = info.name + "(" + info.constructor.text() + ")\n--\n\nA module of a user's library.";
  const ClassSpec spec{keep("tenon.classes." + info.name), keep(doc), nullptr, &user_class_init};
  if (!make_native_class(user_classes, spec, native)) throw_python_error();
}

// Classes that libraries have named since the last time.
void make_new_classes() {
  static auto* made = new std::unordered_set<const nn::ClassInfo*>();
  for (const nn::ClassInfo* info : nn::classes()) {
    if (made->insert(info).second) make_class(*info);
  }
}

PyObject* add_classes(PyObject*, PyObject*) {
  return guarded([]() -> PyObject* {
    make_new_classes();
    Py_RETURN_NONE;
  });
}

}  // namespace

PyTypeObject* class_of_unknown(nn::Module& module) {
  make_new_classes();
  if (const NativeClass* named = native_class_of(typeid(module))) return named->type;
  NativeClass native;
  native.cpp = &typeid(module);
  native.forward = &forward_values;
  native.parameters = keep(module.forward_info().signature.text());
  const Owned nowhere(checked(PyModule_New("tenon.classes")));
  const ClassSpec spec{keep("tenon.classes." + module.name()), "A module of a user's C++ class."};
  if (!make_native_class(nowhere.get(), spec, native)) throw_python_error();
  return native_class_of(typeid(module))->type;
}

bool make_user_classes(PyObject* m) {
  user_classes = PyModule_New("tenon.classes");
  static PyMethodDef functions[] = {
      {"_add_classes", &add_classes, METH_NOARGS, nullptr},
      {"_make_again", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&make_again)), METH_FASTCALL, nullptr},
      {nullptr, nullptr, 0, nullptr}};
  return user_classes != nullptr && PyModule_AddFunctions(m, functions) == 0 &&
         PyModule_AddObjectRef(m, "_classes", user_classes) == 0;
}

}  // namespace tenon::python
