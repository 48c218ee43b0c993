// Attributes of modules: the tables of parameters, buffers and children beside the instance dictionary.
#include "function_override.h"
#include "nn_internal.h"

namespace tenon::python {

PyObject* registration_hook = nullptr;

namespace {

inline bool same_name(const nn::Name* name, PyObject* key) {
  if (name->python == nullptr) [[unlikely]] {
    PyObject* text = PyUnicode_FromStringAndSize(name->text.data(), static_cast<Py_ssize_t>(name->text.size()));
    if (text != nullptr) PyUnicode_InternInPlace(&text);
    if (text == nullptr) PyErr_Clear();
    name->python = text;
  }
  if (name->python == key) return true;
  return !PyUnicode_CHECK_INTERNED(key) && name->python != nullptr &&
         PyUnicode_Compare(key, static_cast<PyObject*>(name->python)) == 0;
}

nn::TensorEntry* find(const nn::TensorTable& table, PyObject* key) {
  for (nn::TensorEntry* e : table.entries()) {
    if (same_name(e->name, key)) return e;
  }
  return nullptr;
}
nn::ModuleEntry* find(const nn::ModuleTable& table, PyObject* key) {
  for (const auto& e : table.entries()) {
    if (same_name(e->name, key)) return e.get();
  }
  return nullptr;
}

// From the tables; null without an error when there is no such entry.
PyObject* look_up(nn::Module& module, PyObject* name) {
  if (nn::TensorEntry* e = find(module.parameter_table(), name)) return wrap(e->value);
  if (nn::ModuleEntry* e = find(module.module_table(), name)) return wrap_module(e->child);
  if (nn::TensorEntry* e = find(module.buffer_table(), name)) return wrap(e->value);
  return nullptr;
}

}  // namespace

PyObject* module_getattro(PyObject* self, PyObject* name) {
  nn::Module* module = module_of(self);
  // What the class defines goes first, as with PyTorch; the tables before the dict, where no name is in both.
  if (module != nullptr && _PyType_Lookup(Py_TYPE(self), name) == nullptr) {
    if (PyObject* found = look_up(*module, name)) return found;
    if (PyErr_Occurred()) return nullptr;
  }
  return PyObject_GenericGetAttr(self, name);
}

// `super().__getattr__(name)` in a subclass's own __getattr__.
PyObject* module_getattr_method(PyObject* self, PyObject* name) {
  if (!PyUnicode_Check(name)) {
    PyErr_SetString(PyExc_TypeError, "attribute name must be string");
    return nullptr;
  }
  if (nn::Module* module = module_of(self)) {
    if (PyObject* found = look_up(*module, name)) return found;
    if (PyErr_Occurred()) return nullptr;
  }
  PyErr_Format(PyExc_AttributeError, "'%s' object has no attribute '%U'", short_name(Py_TYPE(self)), name);
  return nullptr;
}

std::string_view text_of(PyObject* name) {
  Py_ssize_t size = 0;
  const char* data = PyUnicode_AsUTF8AndSize(name, &size);
  if (data == nullptr) throw_python_error();
  return {data, static_cast<size_t>(size)};
}

namespace {

void forget_in_dict(PyObject* self, PyObject* name) {
  PyObject* dict = cast(self)->dict;
  if (dict == nullptr) return;
  const int has = PyDict_Contains(dict, name);
  if (has < 0 || (has == 1 && PyDict_DelItem(dict, name) < 0)) throw_python_error();
}

bool is_parameter(PyObject* value) { return is_tensor(value) && (impl_of(value)->flags & TensorImpl::kParameter) != 0; }

bool is_buffer_object(PyObject* value) {
  static PyObject* str_is_buffer = PyUnicode_InternFromString("_is_buffer");
  if (Py_TYPE(value) == tensor_type) {
    PyObject* dict = reinterpret_cast<TensorObject*>(value)->dict;
    return dict != nullptr && PyDict_GetItem(dict, str_is_buffer) == Py_True;
  }
  return false;
}

[[noreturn]] void wrong_kind(PyObject* value, PyObject* name, const char* kind, const char* expected) {
  raise(PyExc_TypeError, "cannot assign '%s' as %s '%s' (%s or None expected)", short_name(Py_TYPE(value)), kind,
        PyUnicode_AsUTF8(name), expected);
}

void set_attribute(PyObject* self, PyObject* name, PyObject* value) {
  nn::Module* module = module_of(self);
  if (is_tensor(value) && is_parameter(value)) {
    if (module == nullptr) raise(PyExc_AttributeError, "cannot assign parameters before Module.__init__() call");
    forget_in_dict(self, name);
    module->buffer_table().erase(text_of(name));
    module->module_table().erase(text_of(name));
    Owned result(checked(PyObject_CallMethodObjArgs(self, module_names.register_parameter, name, value, nullptr)));
    return;
  }
  if (module != nullptr && find(module->parameter_table(), name) != nullptr) {
    if (value != Py_None) wrong_kind(value, name, "parameter", "tenon.nn.Parameter");
    Owned result(checked(PyObject_CallMethodObjArgs(self, module_names.register_parameter, name, value, nullptr)));
    return;
  }
  if (is_module(value)) {
    if (module == nullptr) raise(PyExc_AttributeError, "cannot assign module before Module.__init__() call");
    forget_in_dict(self, name);
    module->parameter_table().erase(text_of(name));
    module->buffer_table().erase(text_of(name));
    Owned child = Owned::share(value);
    if (registration_hook != nullptr) {
      child = Owned(checked(PyObject_CallFunctionObjArgs(registration_hook, self, name, value, nullptr)));
      if (!is_module(child.get())) wrong_kind(child.get(), name, "child module", "tenon.nn.Module");
    }
    module->module_table().set(text_of(name), Ref<nn::Module>::share(&ready_module(child.get())));
    return;
  }
  if (module != nullptr && find(module->module_table(), name) != nullptr) {
    if (value != Py_None) wrong_kind(value, name, "child module", "tenon.nn.Module");
    module->module_table().set(text_of(name), nullptr);
    return;
  }
  if (module != nullptr) {
    nn::TensorEntry* buffer = find(module->buffer_table(), name);
    if (buffer != nullptr) {
      if (value != Py_None && !is_tensor(value)) wrong_kind(value, name, "buffer", "tenon.nn.Buffer, tenon.Tensor");
      module->buffer_table().set(text_of(name), value == Py_None ? Tensor() : unwrap(value));
      return;
    }
    if (is_tensor(value) && is_buffer_object(value)) {
      forget_in_dict(self, name);
      Owned persistent(PyObject_GetAttrString(value, "persistent"));
      if (!persistent) PyErr_Clear();
      module->register_buffer(text_of(name), unwrap(value), !persistent || truth(persistent.get()));
      return;
    }
  }
  if (PyObject_GenericSetAttr(self, name, value) < 0) throw_python_error();
}

}  // namespace

PyObject* module_setattr(PyObject* self, PyObject* const* args, Py_ssize_t count) {
  return guarded([&]() -> PyObject* {
    if (count != 2) raise(PyExc_TypeError, "__setattr__ expected 2 arguments, got %zd", count);
    set_attribute(self, args[0], args[1]);
    Py_RETURN_NONE;
  });
}

PyObject* module_delattr(PyObject* self, PyObject* name) {
  return guarded([&]() -> PyObject* {
    if (nn::Module* module = module_of(self)) {
      if (find(module->parameter_table(), name) != nullptr) {
        module->parameter_table().erase(text_of(name));
        Py_RETURN_NONE;
      }
      if (find(module->buffer_table(), name) != nullptr) {
        module->buffer_table().erase(text_of(name));
        Py_RETURN_NONE;
      }
      if (find(module->module_table(), name) != nullptr) {
        module->module_table().erase(text_of(name));
        Py_RETURN_NONE;
      }
    }
    if (PyObject_GenericSetAttr(self, name, nullptr) < 0) throw_python_error();
    Py_RETURN_NONE;
  });
}

namespace {

// `object.__class__ = cls` between classes of one layout, which CPython refuses when one is written in C.
PyObject* set_class(PyObject* object, PyTypeObject* type) {
  PyTypeObject* old = Py_TYPE(object);
  const bool modules = is_module(object) && PyType_IsSubtype(type, module_type);
  const bool tensors = is_tensor(object) && PyType_IsSubtype(type, tensor_type);
  if ((!modules && !tensors) || old->tp_basicsize != type->tp_basicsize || old->tp_dictoffset != type->tp_dictoffset) {
    PyErr_Format(PyExc_TypeError, "__class__ assignment: '%s' object layout differs from '%s'", type->tp_name,
                 old->tp_name);
    return nullptr;
  }
  if (modules && native_class_of(old) != native_class_of(type) && module_of(object) != nullptr) {
    // The C++ object stays what it is: only towards a class that is content with any module.
    if (native_class_of(type)->type != module_type) {
      PyErr_Format(PyExc_TypeError, "__class__ assignment: a %s cannot become a %s", old->tp_name, type->tp_name);
      return nullptr;
    }
  }
  if (tensors) {
    uint8_t& flags = impl_of(object)->flags;
    flags = wants_function_override(type) ? flags | TensorImpl::kIntercepted
                                          : static_cast<uint8_t>(flags & ~TensorImpl::kIntercepted);
  }
  Py_INCREF(type);
  Py_SET_TYPE(object, type);
  Py_DECREF(old);
  Py_RETURN_NONE;
}

}  // namespace

PyObject* set_class_function(PyObject*, PyObject* const* args, Py_ssize_t count) {
  if (count != 2 || !PyType_Check(args[1])) {
    PyErr_SetString(PyExc_TypeError, "_set_class(object, cls) expected");
    return nullptr;
  }
  return set_class(args[0], reinterpret_cast<PyTypeObject*>(args[1]));
}

PyObject* get_class_attribute(PyObject* self, void*) { return Py_NewRef(reinterpret_cast<PyObject*>(Py_TYPE(self))); }

int set_class_attribute(PyObject* self, PyObject* value, void*) {
  if (value == nullptr || !PyType_Check(value)) {
    PyErr_SetString(PyExc_TypeError, "__class__ must be set to a class");
    return -1;
  }
  Owned done(set_class(self, reinterpret_cast<PyTypeObject*>(value)));
  return done ? 0 : -1;
}

}  // namespace tenon::python
