#include "function_override.h"
#include "nn_internal.h"
#include "nn_values.h"

#include <structmember.h>

#include <cstring>
#include <typeindex>
#include <unordered_map>

namespace tenon::python {

PyTypeObject* module_type = nullptr;
PyTypeObject* native_forward_type = nullptr;
ModuleNames module_names;
bool global_hooks = false;

namespace {

PyObject* call_with_hooks = nullptr;  // set by tenon.nn.modules.module
PyObject* default_getattr = nullptr;

std::unordered_map<PyTypeObject*, NativeClass*>& native_classes() {
  static auto* table = new std::unordered_map<PyTypeObject*, NativeClass*>();
  return *table;
}
std::unordered_map<std::type_index, NativeClass*>& cpp_classes() {
  static auto* table = new std::unordered_map<std::type_index, NativeClass*>();
  return *table;
}

// ---- forward of a native class ---------------------------------------------------------------------------

PyObject* native_forward_call(PyObject* self, PyObject* const* args, size_t flags, PyObject* keywords) {
  const Py_ssize_t count = PyVectorcall_NARGS(flags);
  return guarded([&]() -> PyObject* {
    if (count < 1 || !is_module(args[0])) raise(PyExc_TypeError, "forward() needs a module as self");
    const ModuleScope scope(true);
    return reinterpret_cast<NativeForward*>(self)->forward(ready_module(args[0]), args + 1, count - 1, keywords);
  });
}

PyObject* native_forward_get(PyObject* self, PyObject* object, PyObject*) {
  if (object == nullptr || object == Py_None) return Py_NewRef(self);
  return PyMethod_New(self, object);
}

PyObject* native_forward_name(PyObject*, void*) { return Py_NewRef(module_names.forward); }
PyObject* native_forward_qualname(PyObject* self, void*) {
  return PyUnicode_FromFormat("%U.forward", reinterpret_cast<NativeForward*>(self)->owner);
}
PyObject* native_forward_doc(PyObject* self, void*) {
  return PyUnicode_FromFormat("What calling a %U computes.", reinterpret_cast<NativeForward*>(self)->owner);
}
PyObject* native_forward_signature(PyObject* self, void*) {
  return PyUnicode_FromFormat("($self, %U)", reinterpret_cast<NativeForward*>(self)->parameters);
}
PyObject* native_forward_repr(PyObject* self) {
  return PyUnicode_FromFormat("<method '%U.forward'>", reinterpret_cast<NativeForward*>(self)->owner);
}

void native_forward_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  Py_CLEAR(reinterpret_cast<NativeForward*>(self)->owner);
  Py_CLEAR(reinterpret_cast<NativeForward*>(self)->parameters);
  type->tp_free(self);
  Py_DECREF(type);
}

bool make_native_forward_type() {
  static PyMemberDef members[] = {
      {"__vectorcalloffset__", T_PYSSIZET, offsetof(NativeForward, call), READONLY, nullptr},
      {nullptr, 0, 0, 0, nullptr},
  };
  static PyGetSetDef getset[] = {
      {"__name__", &native_forward_name, nullptr, nullptr, nullptr},
      {"__qualname__", &native_forward_qualname, nullptr, nullptr, nullptr},
      {"__doc__", &native_forward_doc, nullptr, nullptr, nullptr},
      {"__text_signature__", &native_forward_signature, nullptr, nullptr, nullptr},
      {nullptr, nullptr, nullptr, nullptr, nullptr},
  };
  static PyType_Slot slots[] = {
      {Py_tp_call, reinterpret_cast<void*>(&PyVectorcall_Call)},
      {Py_tp_descr_get, reinterpret_cast<void*>(&native_forward_get)},
      {Py_tp_dealloc, reinterpret_cast<void*>(&native_forward_dealloc)},
      {Py_tp_repr, reinterpret_cast<void*>(&native_forward_repr)},
      {Py_tp_members, members},
      {Py_tp_getset, getset},
      {0, nullptr},
  };
  static PyType_Spec spec{"tenon.nn.native_forward", sizeof(NativeForward), 0,
                          Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_METHOD_DESCRIPTOR, slots};
  native_forward_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  return native_forward_type != nullptr;
}

PyObject* make_native_forward(const char* owner, NativeClass::Forward forward, const char* parameters) {
  PyObject* object = native_forward_type->tp_alloc(native_forward_type, 0);
  if (object == nullptr) return nullptr;
  reinterpret_cast<NativeForward*>(object)->owner = PyUnicode_FromString(owner);
  reinterpret_cast<NativeForward*>(object)->parameters = PyUnicode_FromString(parameters);
  if (PyErr_Occurred()) {
    Py_DECREF(object);
    return nullptr;
  }
  reinterpret_cast<NativeForward*>(object)->call = &native_forward_call;
  reinterpret_cast<NativeForward*>(object)->forward = forward;
  return object;
}

// ---- calling ------------------------------------------------------------------------------------------

// The class's `forward` with self in front of the arguments. PyTorch's order: the instance first.
PyObject* call_forward(PyObject* self, PyObject* const* args, size_t flags, PyObject* keywords) {
  ModuleObject* object = cast(self);
  const Py_ssize_t count = PyVectorcall_NARGS(flags);
  if (object->dict != nullptr) {
    if (PyObject* own = PyDict_GetItemWithError(object->dict, module_names.forward)) {
      Owned keep = Owned::share(own);
      return PyObject_Vectorcall(own, args, static_cast<size_t>(count), keywords);
    }
    if (PyErr_Occurred()) return nullptr;
  }
  PyObject* forward = _PyType_Lookup(Py_TYPE(self), module_names.forward);
  if (forward != nullptr && Py_TYPE(forward) == native_forward_type) {
    return guarded([&] {
      const ModuleScope scope(true);
      return reinterpret_cast<NativeForward*>(forward)->forward(*object->module, args, count, keywords);
    });
  }
  if (forward == nullptr || !PyType_HasFeature(Py_TYPE(forward), Py_TPFLAGS_METHOD_DESCRIPTOR)) {
    Owned bound(PyObject_GetAttr(self, module_names.forward));
    if (!bound) return nullptr;
    return PyObject_Vectorcall(bound.get(), args, static_cast<size_t>(count), keywords);
  }
  Owned keep = Owned::share(forward);  // the class may change while it runs
  if (flags & PY_VECTORCALL_ARGUMENTS_OFFSET) {
    PyObject** stack = const_cast<PyObject**>(args) - 1;
    PyObject* saved = stack[0];
    stack[0] = self;
    PyObject* result = PyObject_Vectorcall(forward, stack, static_cast<size_t>(count) + 1, keywords);
    stack[0] = saved;
    return result;
  }
  constexpr Py_ssize_t kInline = 8;
  const Py_ssize_t total = count + (keywords != nullptr ? PyTuple_GET_SIZE(keywords) : 0);
  PyObject* inline_stack[kInline + 1];
  std::vector<PyObject*> more;
  PyObject** stack = inline_stack;
  if (total > kInline) {
    more.resize(static_cast<size_t>(total) + 1);
    stack = more.data();
  }
  stack[0] = self;
  for (Py_ssize_t i = 0; i < total; ++i) stack[i + 1] = args[i];
  return PyObject_Vectorcall(forward, stack, static_cast<size_t>(count) + 1, keywords);
}

// The call itself, whatever `__call__` the class has.
PyObject* call_module(PyObject* self, PyObject* const* args, size_t flags, PyObject* keywords);

PyObject* module_call(PyObject* self, PyObject* const* args, size_t flags, PyObject* keywords) {
  PyTypeObject* type = Py_TYPE(self);
  // Python 3.11 keeps the vectorcall flag when somebody gives the class a `__call__`.
  if (type->tp_call != &PyVectorcall_Call) [[unlikely]] {
    const Py_ssize_t count = PyVectorcall_NARGS(flags);
    Owned tuple(PyTuple_New(count)), dict;
    if (!tuple) return nullptr;
    for (Py_ssize_t i = 0; i < count; ++i) PyTuple_SET_ITEM(tuple.get(), i, Py_NewRef(args[i]));
    if (keywords != nullptr) {
      dict = Owned(PyDict_New());
      for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(keywords); ++i) {
        if (PyDict_SetItem(dict.get(), PyTuple_GET_ITEM(keywords, i), args[count + i]) < 0) return nullptr;
      }
    }
    return type->tp_call(self, tuple.get(), dict.get());
  }
  return call_module(self, args, flags, keywords);
}

PyObject* call_module(PyObject* self, PyObject* const* args, size_t flags, PyObject* keywords) {
  nn::Module* module = cast(self)->module;
  if (module == nullptr) [[unlikely]] {
    PyErr_Format(PyExc_AttributeError, "'%s' object was called before Module.__init__()", short_name(Py_TYPE(self)));
    return nullptr;
  }
  if (module->python_flags != 0 || global_hooks || module->has_hooks()) [[unlikely]] {
    const Py_ssize_t count = PyVectorcall_NARGS(flags);
    const Py_ssize_t total = count + (keywords != nullptr ? PyTuple_GET_SIZE(keywords) : 0);
    std::vector<PyObject*> stack(static_cast<size_t>(total) + 1);
    stack[0] = self;
    for (Py_ssize_t i = 0; i < total; ++i) stack[static_cast<size_t>(i) + 1] = args[i];
    return PyObject_Vectorcall(call_with_hooks, stack.data(), static_cast<size_t>(count) + 1, keywords);
  }
  return call_forward(self, args, flags, keywords);
}

// `super().__call__(...)` in a class with a `__call__` of its own.
PyObject* module_call_method(PyObject* self, PyObject* const* args, Py_ssize_t count, PyObject* keywords) {
  return call_module(self, args, static_cast<size_t>(count), keywords);
}

// ---- life and death -------------------------------------------------------------------------------------

PyObject* module_new(PyTypeObject* type, PyObject*, PyObject*) {
  if (PyType_HasFeature(type, Py_TPFLAGS_IS_ABSTRACT)) [[unlikely]] {
    // object() knows how to name the abstract methods that are missing.
    Owned none(PyTuple_New(0));
    return none ? PyBaseObject_Type.tp_new(type, none.get(), nullptr) : nullptr;
  }
  PyObject* object = type->tp_alloc(type, 0);
  if (object != nullptr) cast(object)->call = &module_call;
  return object;
}

int module_init(PyObject* self, PyObject* args, PyObject* kwargs) {
  if (PyTuple_GET_SIZE(args) > 0 || (kwargs != nullptr && PyDict_GET_SIZE(kwargs) > 0)) {
    PyErr_Format(PyExc_TypeError, "%s.__init__() takes 1 positional argument but %zd were given", "Module",
                 PyTuple_GET_SIZE(args) + 1 + (kwargs != nullptr ? PyDict_GET_SIZE(kwargs) : 0));
    return -1;
  }
  return guarded_int([&] {
    if (nn::Module* module = module_of(self)) {
      module->parameter_table().clear();
      module->buffer_table().clear();
      module->module_table().clear();
      module->training = true;
      return 0;
    }
    const NativeClass* native = native_class_of(Py_TYPE(self));
    if (native->blank == nullptr) {
      raise(PyExc_TypeError, "a %s can only be made by C++: its library names no constructor (nn::add_class)",
            short_name(native->type));
    }
    install_module(self, native->blank());
    return 0;
  });
}

int traverse_tensors(const nn::TensorTable& table, visitproc visit, void* arg) {
  for (nn::TensorEntry* e : table.entries()) {
    // A tensor object that Python dropped lives on for its attributes; this table alone keeps it.
    TensorImpl* impl = e->value.impl();
    if (impl != nullptr && impl->owns_python && impl->use_count() == 1) Py_VISIT(static_cast<PyObject*>(impl->python));
  }
  return 0;
}

int traverse_module(nn::Module& module, visitproc visit, void* arg) {
  if (int status = traverse_tensors(module.parameter_table(), visit, arg)) return status;
  if (int status = traverse_tensors(module.buffer_table(), visit, arg)) return status;
  for (const auto& e : module.module_table().entries()) {
    if (e->child == nullptr) continue;
    if (auto* object = static_cast<PyObject*>(e->child->object())) {
      Py_VISIT(object);
      if (e->member != nullptr) Py_VISIT(object);  // the C++ member holds one as well
    } else if (e->embedded || e->child->use_count() == (e->member != nullptr ? 2u : 1u)) {
      if (int status = traverse_module(*e->child, visit, arg)) return status;
    }
  }
  return 0;
}

int module_traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(cast(self)->dict);
  if (nn::Module* module = module_of(self)) return traverse_module(*module, visit, arg);
  return 0;
}

int module_clear(PyObject* self) {
  if (nn::Module* module = module_of(self)) {
    module->module_table().clear();
    module->parameter_table().clear();
    module->buffer_table().clear();
  }
  Py_CLEAR(cast(self)->dict);
  return 0;
}

void module_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  // A long chain of modules must not overflow the C stack.
  Py_TRASHCAN_BEGIN(self, module_dealloc) if (cast(self)->weakrefs != nullptr) PyObject_ClearWeakRefs(self);
  if (nn::Module* module = std::exchange(cast(self)->module, nullptr)) {
    module->set_object(nullptr);
    module->set_count(0);
    delete module;
  }
  Py_CLEAR(cast(self)->dict);
  type->tp_free(self);
  Py_DECREF(type);
  Py_TRASHCAN_END
}

// Subclasses get our fast slots back where type() gave them its generic ones.
PyObject* module_init_subclass(PyObject* cls, PyObject* args, PyObject* kwargs) {
  auto* type = reinterpret_cast<PyTypeObject*>(cls);
  if (_PyType_Lookup(type, module_names.getattr) == default_getattr &&
      _PyType_Lookup(type, module_names.getattribute) == _PyType_Lookup(module_type, module_names.getattribute)) {
    type->tp_getattro = &module_getattro;
  }
  if (type->tp_call == &PyVectorcall_Call && type->tp_vectorcall_offset == offsetof(ModuleObject, call)) {
    type->tp_flags |= Py_TPFLAGS_HAVE_VECTORCALL;
  }
  // Go on along the class's own line: `class A(Module, Mixin)` may have another __init_subclass__.
  Owned super(PyObject_CallFunctionObjArgs(reinterpret_cast<PyObject*>(&PySuper_Type), module_type, cls, nullptr));
  if (!super) return nullptr;
  Owned next(PyObject_GetAttrString(super.get(), "__init_subclass__"));
  if (!next) return nullptr;
  return PyObject_Call(next.get(), args, kwargs);
}

// ---- methods written here; the rest of Module's Python methods live in tenon/nn/modules/module.py ----------

PyObject* get_training(PyObject* self, void*) {
  nn::Module* module = module_of(self);
  if (module == nullptr) {
    PyErr_Format(PyExc_AttributeError, "'%s' object has no attribute 'training'", short_name(Py_TYPE(self)));
    return nullptr;
  }
  return PyBool_FromLong(module->training);
}
int set_training(PyObject* self, PyObject* value, void*) {
  return guarded_int([&] {
    if (value == nullptr) raise(PyExc_AttributeError, "cannot delete 'training'");
    ready_module(self).training = truth(value);
    return 0;
  });
}

PyObject* get_python_hooks(PyObject* self, void*) {
  return PyBool_FromLong(module_of(self) != nullptr && module_of(self)->python_flags != 0);
}
int set_python_hooks(PyObject* self, PyObject* value, void*) {
  return guarded_int([&] {
    if (value == nullptr) raise(PyExc_AttributeError, "cannot delete '_has_python_hooks'");
    ready_module(self).python_flags = truth(value);
    return 0;
  });
}

PyObject* module_train(PyObject* self, PyObject* const* args, Py_ssize_t count, PyObject* keywords) {
  return guarded([&]() -> PyObject* {
    const Py_ssize_t named = keywords != nullptr ? PyTuple_GET_SIZE(keywords) : 0;
    if (count + named > 1) raise(PyExc_TypeError, "train() takes at most 1 argument, got %zd", count + named);
    if (named == 1 && PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(keywords, 0), "mode") != 0) {
      raise(PyExc_TypeError, "train() got an unexpected keyword argument '%s'",
            PyUnicode_AsUTF8(PyTuple_GET_ITEM(keywords, 0)));
    }
    if (count + named == 1 && !PyBool_Check(args[0]))
      raise(PyExc_ValueError, "training mode is expected to be boolean");
    ready_module(self).train(count + named == 0 || args[0] == Py_True);
    return Py_NewRef(self);
  });
}

PyObject* module_repr(PyObject* self) {
  return guarded([&]() -> PyObject* {
    nn::Module& module = ready_module(self);
    Owned name(checked(PyObject_CallMethodNoArgs(self, module_names.get_name)));
    Owned extra(checked(PyObject_CallMethodNoArgs(self, module_names.extra_repr)));
    return PyUnicode_FromString(
        module.repr(std::string(text_of(name.get())), std::string(text_of(extra.get()))).c_str());
  });
}
PyObject* module_extra_repr(PyObject* self, PyObject*) {
  return guarded([&] { return PyUnicode_FromString(ready_module(self).extra_repr().c_str()); });
}
PyObject* module_get_name(PyObject* self, PyObject*) { return PyUnicode_FromString(short_name(Py_TYPE(self))); }

// Runs the forward inside C++ hooks, for _call_with_hooks.
PyObject* module_call_forward(PyObject* self, PyObject* const* args, Py_ssize_t count, PyObject* keywords) {
  nn::Module* module = module_of(self);
  if (!module->has_hooks()) return call_forward(self, args, static_cast<size_t>(count), keywords);
  return guarded([&] {
    const auto forward = [&](const nn::Arguments& changed) {
      const CallStack stack(changed);
      return to_value(Owned(checked(call_forward(self, stack.args(), stack.flags(), stack.keywords()))).get());
    };
    return to_object(module->call_hooked(to_arguments(args, count, keywords), forward));
  });
}

PyObject* get_cpp_hooks(PyObject* self, void*) {
  return PyBool_FromLong(module_of(self) != nullptr && module_of(self)->has_hooks());
}

// What registration was given, or its hooks made of it: a tensor, or None for an undefined one.
Tensor tensor_or_none(PyObject* value, PyObject* name, const char* kind, const char* wanted) {
  if (value == Py_None) return {};
  if (!is_tensor(value)) {
    raise(PyExc_TypeError, "cannot assign '%s' object to %s '%U' (%s or None required)", Py_TYPE(value)->tp_name, kind,
          name, wanted);
  }
  return unwrap(value);
}

// The data of the module's tensors under one name, checked: register_parameter and register_buffer.
PyObject* module_set_parameter(PyObject* self, PyObject* const* args, Py_ssize_t count) {
  return guarded([&]() -> PyObject* {
    if (count != 2 || !PyUnicode_Check(args[0])) raise(PyExc_TypeError, "register_parameter(name, param) expected");
    ready_module(self).register_parameter(text_of(args[0]),
                                          tensor_or_none(args[1], args[0], "parameter", "tenon.nn.Parameter"));
    Py_RETURN_NONE;
  });
}
PyObject* module_set_buffer(PyObject* self, PyObject* const* args, Py_ssize_t count) {
  return guarded([&]() -> PyObject* {
    if (count != 3 || !PyUnicode_Check(args[0]))
      raise(PyExc_TypeError, "register_buffer(name, tensor, persistent) expected");
    ready_module(self).register_buffer(text_of(args[0]), tensor_or_none(args[1], args[0], "buffer", "tenon.Tensor"),
                                       truth(args[2]));
    Py_RETURN_NONE;
  });
}
PyObject* module_fields(PyObject* self, PyObject*) {
  const NativeClass* native = native_class_of(Py_TYPE(self));
  Owned list(PyList_New(0));
  for (const char* field : native->fields) {
    Owned name(PyUnicode_InternFromString(field));
    if (!name || PyList_Append(list.get(), name.get()) < 0) return nullptr;
  }
  return list.release();
}

// Calls as C++ makes them, for tests of the way back: with one tensor for one, and with any arguments.
PyObject* call_from_cpp(PyObject*, PyObject* const* args, Py_ssize_t count) {
  return guarded([&]() -> PyObject* {
    if (count != 2 || !is_module(args[0]) || !is_tensor(args[1]))
      raise(PyExc_TypeError, "_call_from_cpp(module, tensor) expected");
    return wrap(ready_module(args[0])(unwrap(args[1])));
  });
}
PyObject* call_values_from_cpp(PyObject*, PyObject* const* args, Py_ssize_t count, PyObject* keywords) {
  return guarded([&]() -> PyObject* {
    if (count < 1 || !is_module(args[0])) raise(PyExc_TypeError, "_call_values_from_cpp(module, ...) expected");
    return to_object(ready_module(args[0]).call(to_arguments(args + 1, count - 1, keywords)));
  });
}

PyObject* set_hook_caller(PyObject*, PyObject* function) {
  Py_XSETREF(call_with_hooks, Py_NewRef(function));
  Py_RETURN_NONE;
}
PyObject* set_registration_hook(PyObject*, PyObject* function) {
  Py_XSETREF(registration_hook, function == Py_None ? nullptr : Py_NewRef(function));
  Py_RETURN_NONE;
}
PyObject* set_global_hooks(PyObject*, PyObject* value) {
  return guarded([&]() -> PyObject* {
    global_hooks = truth(value);
    Py_RETURN_NONE;
  });
}

PyObject* is_initialised(PyObject*, PyObject* object) {
  return PyBool_FromLong(is_module(object) && module_of(object) != nullptr);
}

template <class F>
PyCFunction as_method(F* f) {
  return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(f));
}

}  // namespace

nn::Module& ready_module(PyObject* object) {
  nn::Module* module = module_of(object);
  if (module == nullptr) {
    raise(PyExc_AttributeError, "'%s' object is not initialised: call super().__init__() first",
          short_name(Py_TYPE(object)));
  }
  return *module;
}

const NativeClass* native_class_of(PyTypeObject* type) {
  for (; type != nullptr; type = type->tp_base) {
    auto found = native_classes().find(type);
    if (found != native_classes().end()) return found->second;
  }
  return nullptr;
}

const NativeClass* native_class_of(const std::type_info& cpp) {
  const auto found = cpp_classes().find(cpp);
  return found == cpp_classes().end() ? nullptr : found->second;
}

void install_module(PyObject* object, nn::Module* module) {
  // The old one goes last: its end may run Python code that looks at the object.
  nn::Module* old = std::exchange(cast(object)->module, module);
  module->set_object(object);
  if (old != nullptr) {
    module->python_flags = old->python_flags;
    old->set_object(nullptr);
    old->set_count(0);
    delete old;
  }
}

PyObject* wrap_module(nn::Module* module) {
  if (module == nullptr) Py_RETURN_NONE;
  if (module->object() != nullptr) return Py_NewRef(static_cast<PyObject*>(module->object()));
  const NativeClass* native = native_class_of(typeid(*module));
  if (native == nullptr) {
    const Owned made(guarded([&] { return Py_NewRef(reinterpret_cast<PyObject*>(class_of_unknown(*module))); }));
    if (!made) return nullptr;
    native = native_class_of(typeid(*module));
  }
  PyTypeObject* type = native->type;
  PyObject* object = type->tp_alloc(type, 0);
  if (object == nullptr) return nullptr;
  cast(object)->call = &module_call;
  cast(object)->module = module;
  // Every C++ reference is one to the object from now on.
  Py_SET_REFCNT(object, Py_REFCNT(object) + static_cast<Py_ssize_t>(module->use_count()));
  module->set_object(object);
  return object;
}

namespace {

// `__init__` as a method with a signature; the slot stays what it is, and this calls it.
PyObject* init_method(PyObject* self, PyTypeObject* owner, PyObject* const* args, size_t count, PyObject* keywords) {
  Owned positional(PyTuple_New(static_cast<Py_ssize_t>(count))), named(PyDict_New());
  if (!positional || !named) return nullptr;
  for (size_t i = 0; i < count; ++i) PyTuple_SET_ITEM(positional.get(), static_cast<Py_ssize_t>(i), Py_NewRef(args[i]));
  for (Py_ssize_t i = 0; keywords != nullptr && i < PyTuple_GET_SIZE(keywords); ++i) {
    if (PyDict_SetItem(named.get(), PyTuple_GET_ITEM(keywords, i), args[count + static_cast<size_t>(i)]) < 0)
      return nullptr;
  }
  if (owner->tp_init(self, positional.get(), named.get()) < 0) return nullptr;
  Py_RETURN_NONE;
}

// `doc` begins with the signature: "Linear(in_features, ...)".
bool describe_init(PyTypeObject* type, const char* doc) {
  const std::string_view text(doc);
  const size_t open = text.find('('), first = text.find(')');
  if (open == text.npos || first == text.npos) return true;
  size_t close = open, depth = 0;
  do {
    depth += text[close] == '(' ? 1 : text[close] == ')' ? static_cast<size_t>(-1) : 0;
    ++close;
  } while (depth != 0 && close < text.size());
  const std::string inner(text.substr(open + 1, close - open - 2));
  auto* signature = new std::string("__init__($self" + (inner.empty() ? "" : ", " + inner) + ")\n--\n\n" + doc);
  auto* def = new PyMethodDef{"__init__", as_method(&init_method), METH_METHOD | METH_FASTCALL | METH_KEYWORDS,
                              signature->c_str()};  // live as long as the type: for ever
  Owned method(PyDescr_NewMethod(type, def));
  if (!method || PyDict_SetItemString(type->tp_dict, "__init__", method.get()) < 0) return false;
  PyType_Modified(type);
  return true;
}

}  // namespace

bool make_native_class(PyObject* module, const ClassSpec& spec, NativeClass native) {
  std::vector<PyType_Slot> slots{{Py_tp_doc, const_cast<char*>(spec.doc)},
                                 {Py_tp_traverse, reinterpret_cast<void*>(&module_traverse)},
                                 {Py_tp_clear, reinterpret_cast<void*>(&module_clear)},
                                 {Py_tp_dealloc, reinterpret_cast<void*>(&module_dealloc)}};
  if (spec.init != nullptr) slots.push_back({Py_tp_init, reinterpret_cast<void*>(spec.init)});
  if (spec.fields != nullptr) slots.push_back({Py_tp_getset, spec.fields});
  if (spec.methods != nullptr) slots.push_back({Py_tp_methods, spec.methods});
  slots.push_back({0, nullptr});
  PyType_Spec type_spec{spec.name, sizeof(ModuleObject), 0,
                        Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL,
                        slots.data()};
  Owned bases(PyTuple_Pack(1, spec.base != nullptr ? spec.base : module_type));
  if (!bases) return false;
  auto* type = reinterpret_cast<PyTypeObject*>(PyType_FromSpecWithBases(&type_spec, bases.get()));
  if (type == nullptr) return false;
  type->tp_vectorcall_offset = offsetof(ModuleObject, call);
  native.type = type;
  if (native.forward != nullptr) {
    Owned forward(make_native_forward(short_name(type), native.forward, native.parameters));
    if (!forward || PyObject_SetAttr(reinterpret_cast<PyObject*>(type), module_names.forward, forward.get()) < 0)
      return false;
  }
  if (spec.init != nullptr && !describe_init(type, spec.doc)) return false;
  const NativeClass* base = native_class_of(type->tp_base);
  if (base != nullptr) native.fields.insert(native.fields.begin(), base->fields.begin(), base->fields.end());
  auto* kept = new NativeClass(native);  // lives as long as the type: for ever
  native_classes()[type] = kept;
  if (native.cpp != nullptr) cpp_classes()[*native.cpp] = kept;
  type->tp_name = short_name(type);  // what messages call it; __module__ keeps the rest
  return PyModule_AddObjectRef(module, type->tp_name, reinterpret_cast<PyObject*>(type)) == 0;
}

bool make_module_type(PyObject* m) {
  const std::pair<PyObject**, const char*> names[] = {
      {&module_names.forward, "forward"},       {&module_names.train, "train"},
      {&module_names.extra_repr, "extra_repr"}, {&module_names.get_name, "_get_name"},
      {&module_names.state_dict, "state_dict"}, {&module_names.register_parameter, "register_parameter"},
      {&module_names.getattr, "__getattr__"},   {&module_names.getattribute, "__getattribute__"},
      {&module_names.prefix, "prefix"}};
  for (auto& [slot, text] : names) {
    if ((*slot = PyUnicode_InternFromString(text)) == nullptr) return false;
  }
  if (!make_native_forward_type()) return false;

  static PyMemberDef members[] = {
      {"__dictoffset__", T_PYSSIZET, offsetof(ModuleObject, dict), READONLY, nullptr},
      {"__weaklistoffset__", T_PYSSIZET, offsetof(ModuleObject, weakrefs), READONLY, nullptr},
      {"__vectorcalloffset__", T_PYSSIZET, offsetof(ModuleObject, call), READONLY, nullptr},
      {nullptr, 0, 0, 0, nullptr},
  };
  static PyGetSetDef getset[] = {
      {"__dict__", &PyObject_GenericGetDict, &PyObject_GenericSetDict, nullptr, nullptr},
      {"__class__", &get_class_attribute, &set_class_attribute, nullptr, nullptr},
      {"training", &get_training, &set_training, nullptr, nullptr},
      {"_has_python_hooks", &get_python_hooks, &set_python_hooks, nullptr, nullptr},
      {"_has_cpp_hooks", &get_cpp_hooks, nullptr, nullptr, nullptr},
      {nullptr, nullptr, nullptr, nullptr, nullptr},
  };
  static PyMethodDef methods[] = {
      {"train", as_method(&module_train), METH_FASTCALL | METH_KEYWORDS,
       "train($self, /, mode=True)\n--\n\nSets training mode here and in every child."},
      {"extra_repr", &module_extra_repr, METH_NOARGS, nullptr},
      {"_get_name", &module_get_name, METH_NOARGS, nullptr},
      {"_call_forward", as_method(&module_call_forward), METH_FASTCALL | METH_KEYWORDS, nullptr},
      {"_set_parameter", as_method(&module_set_parameter), METH_FASTCALL, nullptr},
      {"_set_buffer", as_method(&module_set_buffer), METH_FASTCALL, nullptr},
      {"_fields", &module_fields, METH_NOARGS, nullptr},
      {"__init_subclass__", as_method(&module_init_subclass), METH_VARARGS | METH_KEYWORDS | METH_CLASS, nullptr},
      {nullptr, nullptr, 0, nullptr},
  };
  static PyType_Slot slots[] = {
      {Py_tp_new, reinterpret_cast<void*>(&module_new)},
      {Py_tp_init, reinterpret_cast<void*>(&module_init)},
      {Py_tp_dealloc, reinterpret_cast<void*>(&module_dealloc)},
      {Py_tp_traverse, reinterpret_cast<void*>(&module_traverse)},
      {Py_tp_clear, reinterpret_cast<void*>(&module_clear)},
      {Py_tp_call, reinterpret_cast<void*>(&PyVectorcall_Call)},
      {Py_tp_getattro, reinterpret_cast<void*>(&module_getattro)},
      {Py_tp_repr, reinterpret_cast<void*>(&module_repr)},
      {Py_tp_members, members},
      {Py_tp_getset, getset},
      {Py_tp_methods, methods},
      {Py_tp_doc, const_cast<char*>("Base class of all neural network modules.")},
      {0, nullptr},
  };
  static PyType_Spec spec{"tenon.nn.modules.module.Module", sizeof(ModuleObject), 0,
                          Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL,
                          slots};
  auto* type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  if (type == nullptr) return false;
  type->tp_name = short_name(type);
  module_type = type;
  auto* object = reinterpret_cast<PyObject*>(type);

  // These come as methods, not slots: then `object.__setattr__(module, ...)` is allowed, as programs expect.
  static PyMethodDef setattr_def{"__setattr__", as_method(&module_setattr), METH_FASTCALL, nullptr};
  static PyMethodDef delattr_def{"__delattr__", &module_delattr, METH_O, nullptr};
  static PyMethodDef call_def{"__call__", as_method(&module_call_method), METH_FASTCALL | METH_KEYWORDS, nullptr};
  for (PyMethodDef* def : {&setattr_def, &delattr_def}) {
    Owned method(PyDescr_NewMethod(type, def));
    if (!method || PyObject_SetAttrString(object, def->ml_name, method.get()) < 0) return false;
  }
  // Past the type's own setter, which would replace our attribute slot by a generic one.
  static PyMethodDef getattr_def{"__getattr__", &module_getattr_method, METH_O, nullptr};
  default_getattr = PyDescr_NewMethod(type, &getattr_def);
  Owned call(PyDescr_NewMethod(type, &call_def));
  if (!call || PyDict_SetItemString(type->tp_dict, "__call__", call.get()) < 0) return false;
  if (default_getattr == nullptr || PyDict_SetItem(type->tp_dict, module_names.getattr, default_getattr) < 0)
    return false;
  Owned forward(make_native_forward("Module", &forward_values, "*input"));
  if (!forward || PyObject_SetAttr(object, module_names.forward, forward.get()) < 0) return false;
  PyType_Modified(type);

  auto* native =
      new NativeClass{type, &typeid(nn::Module), [] { return new nn::Module; }, &forward_values, {}, "*input"};
  native_classes()[type] = native;
  cpp_classes()[typeid(nn::Module)] = native;
  install_bridge();

  static PyMethodDef functions[] = {
      {"_call_from_cpp", as_method(&call_from_cpp), METH_FASTCALL, nullptr},
      {"_call_values_from_cpp", as_method(&call_values_from_cpp), METH_FASTCALL | METH_KEYWORDS, nullptr},
      {"_set_hook_caller", &set_hook_caller, METH_O, nullptr},
      {"_set_registration_hook", &set_registration_hook, METH_O, nullptr},
      {"_set_global_hooks", &set_global_hooks, METH_O, nullptr},
      {"_is_initialised", &is_initialised, METH_O, nullptr},
      {"_set_class", as_method(&set_class_function), METH_FASTCALL, nullptr},
      {nullptr, nullptr, 0, nullptr},
  };
  return PyModule_AddFunctions(m, functions) == 0 && PyModule_AddObjectRef(m, "Module", object) == 0;
}

}  // namespace tenon::python
