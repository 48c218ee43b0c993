// What module.py builds `_parameters`, `_buffers`, `_modules` and the named_* iterators from.
#include "nn_module.h"
#include "nn_reader.h"

namespace tenon::python {
namespace {

enum { kParameters, kBuffers, kModules };

int64_t kind_of(PyObject* object) {
  const int64_t kind = PyLong_AsLong(object);
  if (kind < kParameters || kind > kModules) raise(PyExc_ValueError, "no such table");
  return kind;
}

nn::Module& module_argument(PyObject* const* args, Py_ssize_t count, Py_ssize_t wanted) {
  if (count != wanted || !is_module(args[0]))
    raise(PyExc_TypeError, "expected a module and %zd more arguments", wanted - 1);
  return ready_module(args[0]);
}

std::string key_text(PyObject* key) {
  std::string out;
  if (!to_string(key, out))
    raise(PyExc_TypeError, "names of a module's entries are str, not %s", Py_TYPE(key)->tp_name);
  return out;
}

nn::TensorTable& tensors(nn::Module& module, int64_t kind) {
  return kind == kParameters ? module.parameter_table() : module.buffer_table();
}

PyObject* table_keys(PyObject*, PyObject* const* args, Py_ssize_t count) {
  return guarded([&]() -> PyObject* {
    nn::Module& module = module_argument(args, count, 2);
    Owned list(checked(PyList_New(0)));
    auto add = [&](const nn::Name* name) {
      Owned text(checked(PyUnicode_InternFromString(name->text.c_str())));
      if (PyList_Append(list.get(), text.get()) < 0) throw_python_error();
    };
    const int64_t kind = kind_of(args[1]);
    if (kind == kModules) {
      for (const auto& e : module.module_table().entries()) add(e->name);
    } else {
      for (const nn::TensorEntry* e : tensors(module, kind).entries()) add(e->name);
    }
    return list.release();
  });
}

PyObject* table_size(PyObject*, PyObject* const* args, Py_ssize_t count) {
  return guarded([&]() -> PyObject* {
    nn::Module& module = module_argument(args, count, 2);
    const int64_t kind = kind_of(args[1]);
    return PyLong_FromSize_t(kind == kModules ? module.module_table().entries().size()
                                              : tensors(module, kind).entries().size());
  });
}

// (module, index) -> the child at that place in the definition order. IndexError when there is none.
PyObject* child_at(PyObject*, PyObject* const* args, Py_ssize_t count) {
  return guarded([&]() -> PyObject* {
    nn::Module& module = module_argument(args, count, 2);
    const auto& entries = module.module_table().entries();
    const Py_ssize_t size = static_cast<Py_ssize_t>(entries.size());
    const Py_ssize_t index = PyNumber_AsSsize_t(args[1], PyExc_IndexError);
    if (index == -1 && PyErr_Occurred()) throw_python_error();
    if (index < -size || index >= size) raise(PyExc_IndexError, "index %zd is out of range", index);
    return wrap_module(entries[static_cast<size_t>(index < 0 ? index + size : index)]->child);
  });
}

// (module, kind, name): KeyError when there is none.
PyObject* table_get(PyObject*, PyObject* const* args, Py_ssize_t count) {
  return guarded([&]() -> PyObject* {
    nn::Module& module = module_argument(args, count, 3);
    const int64_t kind = kind_of(args[1]);
    if (PyUnicode_Check(args[2])) {
      const std::string name = key_text(args[2]);
      if (kind == kModules) {
        if (auto* e = module.module_table().find(name)) return wrap_module(e->child);
      } else if (auto* e = tensors(module, kind).find(name)) {
        return wrap(e->value);
      }
    }
    PyErr_SetObject(PyExc_KeyError, args[2]);
    return nullptr;
  });
}

PyObject* table_set(PyObject*, PyObject* const* args, Py_ssize_t count) {
  return guarded([&]() -> PyObject* {
    nn::Module& module = module_argument(args, count, 4);
    const int64_t kind = kind_of(args[1]);
    const std::string name = key_text(args[2]);
    PyObject* value = args[3];
    if (kind == kModules) {
      if (value != Py_None && !is_module(value)) raise(PyExc_TypeError, "'%s' must be a Module or None", name.c_str());
      module.module_table().set(name,
                                value == Py_None ? Ref<nn::Module>() : Ref<nn::Module>::share(&ready_module(value)));
    } else {
      if (value != Py_None && !is_tensor(value)) raise(PyExc_TypeError, "'%s' must be a Tensor or None", name.c_str());
      tensors(module, kind).set(name, value == Py_None ? Tensor() : unwrap(value));
    }
    Py_RETURN_NONE;
  });
}

PyObject* table_delete(PyObject*, PyObject* const* args, Py_ssize_t count) {
  return guarded([&]() -> PyObject* {
    nn::Module& module = module_argument(args, count, 3);
    const int64_t kind = kind_of(args[1]);
    if (PyUnicode_Check(args[2])) {
      const std::string name = key_text(args[2]);
      if (kind == kModules ? module.module_table().erase(name) : tensors(module, kind).erase(name)) Py_RETURN_NONE;
    }
    PyErr_SetObject(PyExc_KeyError, args[2]);
    return nullptr;
  });
}

PyObject* table_reorder(PyObject*, PyObject* const* args, Py_ssize_t count) {
  return guarded([&]() -> PyObject* {
    nn::Module& module = module_argument(args, count, 2);
    std::vector<std::string> names;
    Owned list(checked(PySequence_List(args[1])));
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list.get()); ++i)
      names.push_back(key_text(PyList_GET_ITEM(list.get(), i)));
    module.module_table().reorder(names);
    Py_RETURN_NONE;
  });
}

// (module, name) -> bool; (module, name, value) sets it.
PyObject* buffer_persistent(PyObject*, PyObject* const* args, Py_ssize_t count) {
  return guarded([&]() -> PyObject* {
    nn::Module& module = module_argument(args, count, count == 3 ? 3 : 2);
    auto* e = module.buffer_table().find(key_text(args[1]));
    if (e == nullptr) {
      PyErr_SetObject(PyExc_KeyError, args[1]);
      return nullptr;
    }
    if (count == 3) e->persistent = truth(args[2]);
    return PyBool_FromLong(e->persistent);
  });
}

PyObject* pair(const std::string& name, PyObject* value) {
  Owned text(checked(PyUnicode_FromString(name.c_str()))), held(checked(value));
  return checked(PyTuple_Pack(2, text.get(), held.get()));
}

// (module, kind, prefix, recurse, remove_duplicate) -> list of (name, value)
PyObject* named(PyObject*, PyObject* const* args, Py_ssize_t count) {
  return guarded([&]() -> PyObject* {
    nn::Module& module = module_argument(args, count, 5);
    const int64_t kind = kind_of(args[1]);
    const std::string prefix = key_text(args[2]);
    const bool recurse = truth(args[3]), once = truth(args[4]);
    Owned list(checked(PyList_New(0)));
    auto add = [&](PyObject* item) {
      Owned held(item);
      if (PyList_Append(list.get(), item) < 0) throw_python_error();
    };
    if (kind == kModules) {
      for (const auto& [name, child] : recurse ? module.named_modules(prefix, once) : module.named_children()) {
        add(pair(name, wrap_module(child)));
      }
    } else {
      for (const auto& [name, value] : kind == kParameters ? module.named_parameters(prefix, recurse, once)
                                                           : module.named_buffers(prefix, recurse, once)) {
        add(pair(name, wrap(value)));
      }
    }
    return list.release();
  });
}

}  // namespace

bool make_module_tables(PyObject* module) {
  static PyMethodDef functions[] = {
      {"_table_keys", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&table_keys)), METH_FASTCALL, nullptr},
      {"_table_get", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&table_get)), METH_FASTCALL, nullptr},
      {"_table_set", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&table_set)), METH_FASTCALL, nullptr},
      {"_table_delete", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&table_delete)), METH_FASTCALL,
       nullptr},
      {"_table_size", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&table_size)), METH_FASTCALL, nullptr},
      {"_child_at", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&child_at)), METH_FASTCALL, nullptr},
      {"_table_reorder", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&table_reorder)), METH_FASTCALL,
       nullptr},
      {"_buffer_persistent", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&buffer_persistent)),
       METH_FASTCALL, nullptr},
      {"_named", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&named)), METH_FASTCALL, nullptr},
      {nullptr, nullptr, 0, nullptr},
  };
  return PyModule_AddFunctions(module, functions) == 0;
}

}  // namespace tenon::python
