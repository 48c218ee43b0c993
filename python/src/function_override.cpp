#include "function_override.h"

#include <cstring>

#include <tenon/core/door.h>

#include "errors.h"
#include "named_op.h"
#include "object.h"

namespace tenon::python {

thread_local constinit OverrideState override_state;

namespace {

PyObject* protocol = nullptr;         // "__torch_function__"
PyObject* disabled_method = nullptr;  // Tensor's way to say: no override

PyObject* lookup(PyTypeObject* type, PyObject* name) { return _PyType_Lookup(type, name); }

// Types that cannot have the attribute, so that numbers and strings cost no look-up.
bool is_plain(PyObject* object) {
  PyTypeObject* type = Py_TYPE(object);
  return object == Py_None || type == &PyLong_Type || type == &PyFloat_Type || type == &PyBool_Type ||
         type == &PyUnicode_Type || type == &PyComplex_Type;
}

// Every argument that wants the call, once per type, subclasses before their bases.
void collect(PyObject* object, std::vector<PyObject*>& found) {
  if (PyTuple_CheckExact(object) || PyList_CheckExact(object)) {
    PyObject** items = PySequence_Fast_ITEMS(object);
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(object); ++i) collect(items[i], found);
    return;
  }
  if (is_plain(object) || is_exact_tensor(object)) return;
  if (!(is_tensor(object) ? wants_function_override(Py_TYPE(object)) : has_function_override(object))) return;
  size_t at = found.size();
  for (size_t i = 0; i < found.size(); ++i) {
    if (Py_TYPE(found[i]) == Py_TYPE(object)) return;
    if (at == found.size() && PyType_IsSubtype(Py_TYPE(object), Py_TYPE(found[i]))) at = i;
  }
  found.insert(found.begin() + static_cast<std::ptrdiff_t>(at), object);
}

struct DisableSubclasses {
  bool previous = std::exchange(override_state.subclasses_enabled, false);
  ~DisableSubclasses() { override_state.subclasses_enabled = previous; }
};

// return_types.max and its kin.
bool is_named_result(PyTypeObject* type) {
  return type->tp_base == &PyTuple_Type && strncmp(type->tp_name, "tenon.return_types.", 19) == 0;
}

// Tensors of other types in a result become tensors of `cls`.
PyObject* convert(PyObject* result, PyTypeObject* cls) {  // steals `result`
  if (result == nullptr || cls == tensor_type) return result;
  if (is_tensor(result)) {
    if (PyType_IsSubtype(Py_TYPE(result), cls)) return result;
    Owned old(result);
    TensorObject* self = reinterpret_cast<TensorObject*>(result);
    if (Py_REFCNT(result) == 1 && is_exact_tensor(result) && self->dict == nullptr && self->weakrefs == nullptr) {
      // Nobody else has seen it: the tensor moves to a new object.
      Tensor tensor = unwrap(result);
      TensorImpl* impl = tensor.impl();
      impl->python = nullptr;
      self->impl = nullptr;
      Ref<TensorImpl>::adopt(impl).reset();
      return wrap_as(cls, std::move(tensor));
    }
    return guarded([&] { return wrap_as(cls, unwrap(result)); });
  }
  const bool named = is_named_result(Py_TYPE(result));
  const bool tuple = PyTuple_CheckExact(result) || named;
  if (!tuple && !PyList_CheckExact(result)) return result;
  Owned old(result);
  const Py_ssize_t n = PySequence_Fast_GET_SIZE(result);
  Owned out(tuple ? PyTuple_New(n) : PyList_New(n));
  for (Py_ssize_t i = 0; i < n && out; ++i) {
    PyObject* item = convert(Py_NewRef(PySequence_Fast_GET_ITEM(result, i)), cls);
    if (item == nullptr) return nullptr;
    if (tuple)
      PyTuple_SET_ITEM(out.get(), i, item);
    else
      PyList_SET_ITEM(out.get(), i, item);
  }
  if (named && out) return PyObject_CallOneArg(reinterpret_cast<PyObject*>(Py_TYPE(result)), out.get());
  return out.release();
}

// Tensor.__torch_function__(func, types, args=(), kwargs=None): runs the function as if the arguments were
// plain tensors and gives the result the class.
PyObject* default_override(PyObject* cls, PyObject* const* args, Py_ssize_t count, PyObject* keywords) {
  PyObject* given[4] = {nullptr, nullptr, nullptr, nullptr};
  static const char* const names[] = {"func", "types", "args", "kwargs"};
  for (Py_ssize_t i = 0; i < count && i < 4; ++i) given[i] = args[i];
  for (Py_ssize_t i = 0; keywords != nullptr && i < PyTuple_GET_SIZE(keywords); ++i) {
    for (int k = 0; k < 4; ++k) {
      if (PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(keywords, i), names[k]) == 0) given[k] = args[count + i];
    }
  }
  if (given[0] == nullptr || given[1] == nullptr) {
    PyErr_SetString(PyExc_TypeError, "__torch_function__() takes func, types, args=() and kwargs=None");
    return nullptr;
  }
  Owned types(PySequence_Tuple(given[1]));
  if (!types) return nullptr;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(types.get()); ++i) {
    const int related = PyObject_IsSubclass(cls, PyTuple_GET_ITEM(types.get(), i));
    if (related < 0) return nullptr;
    if (related == 0) Py_RETURN_NOTIMPLEMENTED;
  }
  Owned arguments(given[2] == nullptr ? PyTuple_New(0) : PySequence_Tuple(given[2]));
  if (!arguments) return nullptr;
  PyObject* kwargs = given[3] == Py_None ? nullptr : given[3];
  DisableSubclasses disable;
  return convert(PyObject_Call(given[0], arguments.get(), kwargs), reinterpret_cast<PyTypeObject*>(cls));
}

// What a subclass assigns to __torch_function__ to be treated as a plain tensor.
PyObject* run_disabled(PyObject*, PyObject* const* args, Py_ssize_t count, PyObject* keywords) {
  return default_override(reinterpret_cast<PyObject*>(tensor_type), args, count, keywords);
}

PyMethodDef disabled_def{"_disabled_torch_function_impl",
                         reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&run_disabled)),
                         METH_FASTCALL | METH_KEYWORDS, nullptr};
PyMethodDef default_def{"__torch_function__",
                        reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&default_override)),
                        METH_FASTCALL | METH_KEYWORDS | METH_CLASS, nullptr};

}  // namespace

bool wants_function_override(PyTypeObject* type) {
  if (type == tensor_type || type == parameter_type) return false;
  PyObject* method = lookup(type, protocol);
  return method != nullptr && method != disabled_method;
}

bool has_function_override(PyObject* object) {
  if (is_plain(object) || PyTuple_CheckExact(object) || PyList_CheckExact(object) || PyType_Check(object)) return false;
  PyObject* method = lookup(Py_TYPE(object), protocol);
  return method != nullptr && method != disabled_method;
}

PyObject* call_override(PyObject* function, PyObject* const* args, Py_ssize_t count, PyObject* keywords) {
  std::vector<PyObject*> found;
  const Py_ssize_t keyword_count = keywords == nullptr ? 0 : PyTuple_GET_SIZE(keywords);
  for (Py_ssize_t i = 0; i < count + keyword_count; ++i) {
    if (override_state.subclasses_enabled) collect(args[i], found);
  }
  Owned types(PyTuple_New(static_cast<Py_ssize_t>(found.size())));
  Owned arguments(PyTuple_New(count));
  Owned kwargs(PyDict_New());
  if (!types || !arguments || !kwargs) return nullptr;
  for (size_t i = 0; i < found.size(); ++i) {
    PyTuple_SET_ITEM(types.get(), static_cast<Py_ssize_t>(i),
                     Py_NewRef(reinterpret_cast<PyObject*>(Py_TYPE(found[i]))));
  }
  for (Py_ssize_t i = 0; i < count; ++i) PyTuple_SET_ITEM(arguments.get(), i, Py_NewRef(args[i]));
  for (Py_ssize_t i = 0; i < keyword_count; ++i) {
    if (PyDict_SetItem(kwargs.get(), PyTuple_GET_ITEM(keywords, i), args[count + i]) < 0) return nullptr;
  }
  for (PyObject* object : found) {
    Owned method(PyObject_GetAttr(reinterpret_cast<PyObject*>(Py_TYPE(object)), protocol));
    if (!method) return nullptr;
    PyObject* const call_args[] = {function, types.get(), arguments.get(), kwargs.get()};
    PyObject* result = PyObject_Vectorcall(method.get(), call_args, 4, nullptr);
    if (result != Py_NotImplemented) return result;
    Py_DECREF(result);
  }
  PyErr_Format(PyExc_TypeError, "no implementation found for %R on types that implement __torch_function__: %R",
               function, types.get());
  return nullptr;
}

Tensor call_alias(const Tensor& tensor) {
  static const NamedOp op("view", {"size"});
  NamedOp::Record record(op);
  record.set(0, Dims(tensor.shape()));
  return record.call(tensor);
}

// (function, args, kwargs): what the overrides of a function written in Python return; NotImplemented when no
// argument has one.
static PyObject* override_python(PyObject*, PyObject* const* args, Py_ssize_t count) {
  if (count != 3 || !PyTuple_Check(args[1]) || !PyDict_Check(args[2])) {
    PyErr_SetString(PyExc_TypeError, "_override(function, args, kwargs) expected");
    return nullptr;
  }
  std::vector<PyObject*> found, values;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(args[1]); ++i) values.push_back(PyTuple_GET_ITEM(args[1], i));
  const Py_ssize_t positional = PyTuple_GET_SIZE(args[1]);
  PyObject *key, *value;
  for (Py_ssize_t at = 0; PyDict_Next(args[2], &at, &key, &value);) values.push_back(value);
  if (override_state.subclasses_enabled) {
    for (PyObject* v : values) collect(v, found);
  }
  if (found.empty()) Py_RETURN_NOTIMPLEMENTED;
  Owned names(PySequence_Tuple(args[2]));
  if (!names) return nullptr;
  return call_override(args[0], values.data(), positional, PyTuple_GET_SIZE(names.get()) == 0 ? nullptr : names.get());
}

bool make_function_override(PyObject* module) {
  static PyMethodDef functions[] = {
      {"_override", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&override_python)), METH_FASTCALL,
       nullptr},
      {nullptr, nullptr, 0, nullptr},
  };
  if (PyModule_AddFunctions(module, functions) < 0) return false;
  protocol = PyUnicode_InternFromString("__torch_function__");
  disabled_method = PyCFunction_NewEx(&disabled_def, nullptr, nullptr);
  if (protocol == nullptr || disabled_method == nullptr) return false;
  Owned method(PyDescr_NewClassMethod(tensor_type, &default_def));
  if (!method || PyObject_SetAttr(reinterpret_cast<PyObject*>(tensor_type), protocol, method.get()) < 0) return false;
  if (PyObject_SetAttr(reinterpret_cast<PyObject*>(parameter_type), protocol, disabled_method) < 0) return false;
  install_module_interceptor();
  return PyModule_AddObjectRef(module, "_disabled_torch_function_impl", disabled_method) == 0;
}

}  // namespace tenon::python
