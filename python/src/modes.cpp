// no_grad, enable_grad, set_grad_enabled and inference_mode: context managers that cost two flag writes,
// and decorators.
#include <cstring>
#include <string>

#include <tenon/autograd/autograd.h>

#include "autograd.h"
#include "errors.h"
#include "object.h"

namespace tenon::python {

namespace {

enum class Mode : uint8_t { NoGrad, EnableGrad, SetGrad, Inference };

struct ModeObject {
  PyObject_HEAD Mode mode;
  bool value;  // set_grad_enabled(value), inference_mode(value)
  bool previous_grad;
  bool previous_inference;
};

PyTypeObject* mode_types[4];

ModeObject* cast(PyObject* object) { return reinterpret_cast<ModeObject*>(object); }

void switch_on(ModeObject* self) {
  self->previous_grad = is_grad_enabled();
  self->previous_inference = modes.inference;
  switch (self->mode) {
    case Mode::NoGrad:
      set_grad_enabled(false);
      break;
    case Mode::EnableGrad:
      set_grad_enabled(true);
      break;
    case Mode::SetGrad:
      set_grad_enabled(self->value);
      break;
    case Mode::Inference:
      modes.inference = self->value;
      if (self->value) set_grad_enabled(false);
      break;
  }
}
void switch_back(ModeObject* self) {
  set_grad_enabled(self->previous_grad);
  modes.inference = self->previous_inference;
}

PyObject* decorate(PyObject* mode, PyObject* function) {
  static PyObject* helper = nullptr;
  if (helper == nullptr) {
    Owned module(PyImport_ImportModule("tenon._decorate"));
    helper = module ? PyObject_GetAttrString(module.get(), "decorate") : nullptr;
    if (helper == nullptr) return nullptr;
  }
  return PyObject_CallFunctionObjArgs(helper, mode, function, nullptr);
}

// no_grad(), no_grad(function), set_grad_enabled(True), inference_mode(), inference_mode(mode=False)
PyObject* mode_new(PyTypeObject* type, PyObject* args, PyObject* kwargs) {
  ModeObject* self = cast(type->tp_alloc(type, 0));
  if (self == nullptr) return nullptr;
  Owned owner(reinterpret_cast<PyObject*>(self));
  for (int i = 0; i < 4; ++i) {
    if (PyType_IsSubtype(type, mode_types[i])) self->mode = static_cast<Mode>(i);
  }
  self->value = true;
  const bool takes_mode = self->mode == Mode::SetGrad || self->mode == Mode::Inference;
  PyObject* argument = nullptr;
  if (type == mode_types[static_cast<int>(self->mode)]) {  // a subclass's arguments are its __init__'s
    const char* const names[] = {takes_mode ? "mode" : "orig_func", nullptr};
    const std::string format = std::string("|O:") + type->tp_name;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, format.c_str(), const_cast<char**>(names), &argument))
      return nullptr;
  } else if (PyTuple_GET_SIZE(args) > 0) {
    argument = PyTuple_GET_ITEM(args, 0);
  }
  if (argument != nullptr && PyCallable_Check(argument) && !PyBool_Check(argument)) {
    return decorate(owner.get(), argument);
  }
  if (!takes_mode && argument != nullptr && argument != Py_None) {
    return PyErr_Format(PyExc_TypeError, "%s() decorates a function or takes no argument, not %s", type->tp_name,
                        Py_TYPE(argument)->tp_name);
  }
  if (takes_mode) {
    if (argument == nullptr && self->mode == Mode::SetGrad) {
      PyErr_SetString(PyExc_TypeError, "set_grad_enabled() missing required argument 'mode'");
      return nullptr;
    }
    if (argument != nullptr) {
      const int value = PyObject_IsTrue(argument);
      if (value < 0) return nullptr;
      self->value = value != 0;
    }
  }
  // Used as a function it holds from now on; `with` restores what was before.
  if (self->mode == Mode::SetGrad) switch_on(self);
  return owner.release();
}

void mode_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  type->tp_free(self);
  Py_DECREF(type);
}

PyObject* mode_enter(PyObject* self, PyObject*) {
  if (cast(self)->mode != Mode::SetGrad) {
    switch_on(cast(self));
  } else {
    set_grad_enabled(cast(self)->value);
  }
  Py_RETURN_NONE;
}
PyObject* mode_exit(PyObject* self, PyObject* const*, Py_ssize_t) {
  switch_back(cast(self));
  Py_RETURN_NONE;
}
PyObject* mode_call(PyObject* self, PyObject* args, PyObject*) {
  if (PyTuple_GET_SIZE(args) != 1) {
    PyErr_SetString(PyExc_TypeError, "a gradient mode decorates one function");
    return nullptr;
  }
  if (cast(self)->mode == Mode::SetGrad) switch_back(cast(self));
  return decorate(self, PyTuple_GET_ITEM(args, 0));
}
// A mode that nobody has entered: set_grad_enabled's constructor would switch at once.
PyObject* make_mode(PyTypeObject* type, Mode mode, bool value) {
  PyObject* made = type->tp_alloc(type, 0);
  if (made == nullptr) return nullptr;
  cast(made)->mode = mode;
  cast(made)->value = value;
  cast(made)->previous_grad = is_grad_enabled();
  cast(made)->previous_inference = modes.inference;
  return made;
}
PyObject* mode_clone(PyObject* self, PyObject*) {
  return make_mode(Py_TYPE(self), cast(self)->mode, cast(self)->value);
}
// _restore_mode(cls, value): a mode from its pickle.
PyObject* restore_mode(PyObject*, PyObject* const* args, Py_ssize_t count) {
  if (count == 2 && PyType_Check(args[0])) {
    auto* type = reinterpret_cast<PyTypeObject*>(args[0]);
    for (int i = 0; i < 4; ++i) {
      if (PyType_IsSubtype(type, mode_types[i])) return make_mode(type, static_cast<Mode>(i), args[1] == Py_True);
    }
  }
  PyErr_SetString(PyExc_TypeError, "_restore_mode(cls, value): cls must be a gradient mode");
  return nullptr;
}
PyObject* mode_reduce(PyObject* self, PyObject*) {
  Owned module(PyImport_ImportModule("tenon._tenon"));
  Owned restore(module ? PyObject_GetAttrString(module.get(), "_restore_mode") : nullptr);
  if (!restore) return nullptr;
  Owned dict(PyObject_GetAttrString(self, "__dict__"));  // of a subclass
  if (!dict) {
    PyErr_Clear();
    dict = Owned(Py_NewRef(Py_None));
  }
  return Py_BuildValue("O(OO)O", restore.get(), Py_TYPE(self), cast(self)->value ? Py_True : Py_False, dict.get());
}

PyMethodDef mode_methods[] = {
    {"__enter__", &mode_enter, METH_NOARGS, nullptr},
    {"__exit__", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&mode_exit)), METH_FASTCALL, nullptr},
    {"clone", &mode_clone, METH_NOARGS, "Another one of the same mode"},
    {"__reduce__", &mode_reduce, METH_NOARGS, nullptr},
    {nullptr, nullptr, 0, nullptr},
};

PyObject* grad_enabled(PyObject*, PyObject*) { return PyBool_FromLong(is_grad_enabled()); }
PyObject* inference_enabled(PyObject*, PyObject*) { return PyBool_FromLong(modes.inference); }
PyObject* set_enabled(PyObject*, PyObject* value) {
  const int on = PyObject_IsTrue(value);
  if (on < 0) return nullptr;
  set_grad_enabled(on != 0);
  Py_RETURN_NONE;
}

PyMethodDef functions[] = {
    {"is_grad_enabled", &grad_enabled, METH_NOARGS, "is_grad_enabled()\n--\n\nWhether ops are recorded for gradients."},
    {"is_inference_mode_enabled", &inference_enabled, METH_NOARGS, "Whether inference mode is on."},
    {"_set_grad_enabled", &set_enabled, METH_O, nullptr},
    {"_restore_mode", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&restore_mode)), METH_FASTCALL,
     nullptr},
    {nullptr, nullptr, 0, nullptr},
};

}  // namespace

bool make_mode_types(PyObject* module) {
  static constexpr std::pair<const char*, const char*> kNames[] = {
      {"tenon.no_grad", "no_grad()\n--\n\nA scope, or a function, in which no gradients are recorded."},
      {"tenon.enable_grad", "enable_grad()\n--\n\nA scope, or a function, in which gradients are recorded."},
      {"tenon.set_grad_enabled", "set_grad_enabled(mode)\n--\n\nRecords gradients or not, from now on or for a scope."},
      {"tenon.inference_mode", "inference_mode(mode=True)\n--\n\nA scope without gradients or version counts."},
  };
  for (int i = 0; i < 4; ++i) {
    PyType_Slot slots[] = {
        {Py_tp_new, reinterpret_cast<void*>(&mode_new)},   {Py_tp_dealloc, reinterpret_cast<void*>(&mode_dealloc)},
        {Py_tp_call, reinterpret_cast<void*>(&mode_call)}, {Py_tp_methods, mode_methods},
        {Py_tp_doc, const_cast<char*>(kNames[i].second)},  {0, nullptr},
    };
    PyType_Spec spec{kNames[i].first, sizeof(ModeObject), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, slots};
    PyObject* type = PyType_FromSpec(&spec);
    if (type == nullptr || PyModule_AddObjectRef(module, strrchr(kNames[i].first, '.') + 1, type) < 0) return false;
    mode_types[i] = reinterpret_cast<PyTypeObject*>(type);
  }
  return PyModule_AddFunctions(module, functions) == 0;
}

}  // namespace tenon::python
