#include "values.h"

#include <structmember.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include <tenon/core/error.h>
#include <tenon/core/generator.h>
#include <tenon/core/print.h>

#include "errors.h"
#include "object.h"
#include "symbolic_dim.h"

namespace tenon::python {

PyTypeObject* dtype_type = nullptr;
PyTypeObject* device_type = nullptr;
PyTypeObject* size_type = nullptr;
PyTypeObject* layout_type = nullptr;
PyTypeObject* memory_format_type = nullptr;

namespace {

PyObject* dtype_objects[kDTypeCount];
thread_local constinit Device current_device __attribute__((tls_model("initial-exec")));

template <class T>
T* cast(PyObject* object) {
  return reinterpret_cast<T*>(object);
}

PyTypeObject* make_type(PyObject* module, PyType_Spec& spec, PyTypeObject* base = nullptr) {
  Owned bases(base == nullptr ? nullptr : PyTuple_Pack(1, base));
  PyObject* type = PyType_FromSpecWithBases(&spec, bases.get());
  if (type == nullptr) return nullptr;
  if (PyModule_AddObjectRef(module, strrchr(spec.name, '.') + 1, type) < 0) return nullptr;
  return cast<PyTypeObject>(type);
}

PyObject* text_object(const std::string& s) {
  return PyUnicode_FromStringAndSize(s.data(), static_cast<Py_ssize_t>(s.size()));
}

// ---- dtype ----

PyObject* dtype_repr(PyObject* self) {
  return PyUnicode_FromFormat("%s.%s", print_options().prefix.c_str(), name_of(dtype_of(self)));
}
PyObject* dtype_reduce(PyObject* self, PyObject*) { return PyUnicode_FromString(name_of(dtype_of(self))); }
PyObject* dtype_to_real(PyObject* self, PyObject*) { return wrap(info(dtype_of(self)).real); }
PyObject* dtype_to_complex(PyObject* self, PyObject*) {
  switch (dtype_of(self)) {
    case DType::Float64:
    case DType::Complex128:
      return wrap(DType::Complex128);
    default:
      return wrap(DType::Complex64);
  }
}
PyObject* dtype_floating(PyObject* self, void*) { return PyBool_FromLong(is_floating(dtype_of(self))); }
PyObject* dtype_complex(PyObject* self, void*) { return PyBool_FromLong(is_complex(dtype_of(self))); }
PyObject* dtype_signed(PyObject* self, void*) { return PyBool_FromLong(info(dtype_of(self)).is_signed); }
PyObject* dtype_itemsize(PyObject* self, void*) { return PyLong_FromLongLong(size_of(dtype_of(self))); }
PyObject* dtype_module(PyObject*, void*) { return PyUnicode_FromString("tenon"); }

PyGetSetDef dtype_getset[] = {
    {"is_floating_point", &dtype_floating, nullptr, "Whether the dtype is floating", nullptr},
    {"is_complex", &dtype_complex, nullptr, "Whether the dtype is complex", nullptr},
    {"is_signed", &dtype_signed, nullptr, "Whether the dtype has a sign", nullptr},
    {"itemsize", &dtype_itemsize, nullptr, "Bytes of one element", nullptr},
    {"__module__", &dtype_module, nullptr, nullptr, nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};
PyMethodDef dtype_methods[] = {
    {"__reduce__", &dtype_reduce, METH_NOARGS, nullptr},
    {"to_real", &dtype_to_real, METH_NOARGS, "The dtype of a real part"},
    {"to_complex", &dtype_to_complex, METH_NOARGS, "The complex dtype of this width"},
    {nullptr, nullptr, 0, nullptr},
};
PyType_Slot dtype_slots[] = {
    {Py_tp_repr, reinterpret_cast<void*>(&dtype_repr)},
    {Py_tp_getset, dtype_getset},
    {Py_tp_methods, dtype_methods},
    {0, nullptr},
};
PyType_Spec dtype_spec{"tenon.dtype", sizeof(DTypeObject), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                       dtype_slots};

bool make_dtypes(PyObject* module) {
  dtype_type = make_type(module, dtype_spec);
  if (dtype_type == nullptr) return false;
  for (int i = 0; i < kDTypeCount; ++i) {
    PyObject* object = dtype_type->tp_alloc(dtype_type, 0);
    if (object == nullptr) return false;
    cast<DTypeObject>(object)->dtype = static_cast<DType>(i);
    dtype_objects[i] = object;
    if (PyModule_AddObjectRef(module, kDTypes[i].name, object) < 0) return false;
  }
  static constexpr std::pair<const char*, DType> kAliases[] = {
      {"half", DType::Float16}, {"float", DType::Float32}, {"double", DType::Float64},   {"short", DType::Int16},
      {"int", DType::Int32},    {"long", DType::Int64},    {"cfloat", DType::Complex64}, {"cdouble", DType::Complex128},
  };
  for (const auto& [name, dtype] : kAliases) {
    if (PyModule_AddObjectRef(module, name, dtype_objects[static_cast<int>(dtype)]) < 0) return false;
  }
  return true;
}

// ---- device ----

PyObject* device_new(PyTypeObject*, PyObject* args, PyObject* kwargs) {
  static const char* names[] = {"type", "index", nullptr};
  PyObject *type = nullptr, *index = nullptr;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|O:device", const_cast<char**>(names), &type, &index)) {
    return nullptr;
  }
  return guarded([&]() -> PyObject* {
    const std::optional<Device> device = to_device(type);
    if (!device)
      raise(PyExc_TypeError, "device(): argument 'type' must be a str, an int or a device, not %s",
            Py_TYPE(type)->tp_name);
    Device result = *device;
    if (index != nullptr && index != Py_None) {
      const long i = PyLong_AsLong(index);
      if (i == -1 && PyErr_Occurred()) throw_python_error();
      if (result.index >= 0) {
        raise(PyExc_RuntimeError,
              "type (string) must not include an index because index was passed "
              "explicitly: %s",
              result.str().c_str());
      }
      if (i < 0 || i > 127) raise(PyExc_RuntimeError, "Device index must not be negative");
      result.index = static_cast<int8_t>(i);
    }
    return wrap(result);
  });
}
std::string device_kind_name(Device device) {
  device.index = -1;
  return device.str();
}
PyObject* device_repr(PyObject* self) {
  const Device device = cast<DeviceObject>(self)->device;
  std::string s = "device(type='" + device_kind_name(device) + "'";
  if (device.index >= 0) s += ", index=" + std::to_string(device.index);
  return text_object(s + ")");
}
PyObject* device_str(PyObject* self) { return text_object(cast<DeviceObject>(self)->device.str()); }
PyObject* device_get_type(PyObject* self, void*) {
  return text_object(device_kind_name(cast<DeviceObject>(self)->device));
}
PyObject* device_get_index(PyObject* self, void*) {
  const int index = cast<DeviceObject>(self)->device.index;
  if (index < 0) Py_RETURN_NONE;
  return PyLong_FromLong(index);
}
Py_hash_t device_hash(PyObject* self) {
  const Device device = cast<DeviceObject>(self)->device;
  return (static_cast<Py_hash_t>(device.kind) << 8) + device.index + 2;
}
PyObject* device_compare(PyObject* a, PyObject* b, int op) {
  if (!is_device(b) || (op != Py_EQ && op != Py_NE)) Py_RETURN_NOTIMPLEMENTED;
  const bool same = cast<DeviceObject>(a)->device == cast<DeviceObject>(b)->device;
  return PyBool_FromLong(same == (op == Py_EQ));
}
PyObject* device_reduce(PyObject* self, PyObject*) {
  const Device device = cast<DeviceObject>(self)->device;
  const std::string kind = device_kind_name(device);
  if (device.index < 0) return Py_BuildValue("O(s)", device_type, kind.c_str());
  return Py_BuildValue("O(si)", device_type, kind.c_str(), device.index);
}
void device_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  Py_XDECREF(cast<DeviceObject>(self)->previous);
  type->tp_free(self);
  Py_DECREF(type);
}
// `with device('meta'):` makes it the default for tensors made inside.
PyObject* device_enter(PyObject* self, PyObject*) {
  DeviceObject* device = cast<DeviceObject>(self);
  if (device->previous == nullptr) device->previous = PyList_New(0);
  Owned previous(wrap(default_device()));
  if (device->previous == nullptr || !previous) return nullptr;
  if (PyList_Append(device->previous, previous.get()) < 0) return nullptr;
  set_default_device(device->device);
  return Py_NewRef(self);
}
PyObject* device_exit(PyObject* self, PyObject*) {
  DeviceObject* device = cast<DeviceObject>(self);
  const Py_ssize_t n = device->previous == nullptr ? 0 : PyList_GET_SIZE(device->previous);
  if (n == 0) Py_RETURN_NONE;
  Owned previous = Owned::share(PyList_GET_ITEM(device->previous, n - 1));
  if (PyList_SetSlice(device->previous, n - 1, n, nullptr) < 0) return nullptr;
  set_default_device(cast<DeviceObject>(previous.get())->device);
  Py_RETURN_NONE;
}

PyGetSetDef device_getset[] = {
    {"type", &device_get_type, nullptr, "The kind of device: 'cpu', 'meta'", nullptr},
    {"index", &device_get_index, nullptr, "Which one of its kind, or None", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};
PyMethodDef device_methods[] = {
    {"__reduce__", &device_reduce, METH_NOARGS, nullptr},
    {"__enter__", &device_enter, METH_NOARGS, nullptr},
    {"__exit__", &device_exit, METH_VARARGS, nullptr},
    {nullptr, nullptr, 0, nullptr},
};
PyType_Slot device_slots[] = {
    {Py_tp_new, reinterpret_cast<void*>(&device_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(&device_dealloc)},
    {Py_tp_repr, reinterpret_cast<void*>(&device_repr)},
    {Py_tp_str, reinterpret_cast<void*>(&device_str)},
    {Py_tp_hash, reinterpret_cast<void*>(&device_hash)},
    {Py_tp_richcompare, reinterpret_cast<void*>(&device_compare)},
    {Py_tp_getset, device_getset},
    {Py_tp_methods, device_methods},
    {Py_tp_doc, const_cast<char*>("device(type, index=None)\n--\n\nWhere a tensor's data lies.")},
    {0, nullptr},
};
PyType_Spec device_spec{"tenon.device", sizeof(DeviceObject), 0, Py_TPFLAGS_DEFAULT, device_slots};

// ---- Size ----

PyObject* size_from(PyObject* iterable) {
  Owned args(PyTuple_Pack(1, iterable));
  return args ? PyTuple_Type.tp_new(size_type, args.get(), nullptr) : nullptr;
}
PyObject* size_new(PyTypeObject* type, PyObject* args, PyObject* kwargs) {
  Owned self(PyTuple_Type.tp_new(type, args, kwargs));
  if (!self) return nullptr;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(self.get()); ++i) {
    PyObject* item = PyTuple_GET_ITEM(self.get(), i);
    if (PyLong_Check(item) || is_symbolic_dim(item)) continue;
    PyObject* number = PyNumber_Index(item);  // NumPy's integers and zero-dimensional tensors
    if (number == nullptr) {
      return PyErr_Format(PyExc_TypeError, "Size() takes an iterable of 'int' (item %zd is '%s')", i,
                          Py_TYPE(item)->tp_name);
    }
    PyTuple_SET_ITEM(self.get(), i, number);
    Py_DECREF(item);
  }
  return self.release();
}
PyObject* size_repr(PyObject* self) {
  std::string s = print_options().prefix + ".Size([";
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(self); ++i) {
    if (i > 0) s += ", ";
    Owned item(PyObject_Repr(PyTuple_GET_ITEM(self, i)));
    if (!item) return nullptr;
    s += PyUnicode_AsUTF8(item.get());
  }
  return text_object(s + "])");
}
PyObject* size_numel(PyObject* self, PyObject*) {
  Owned product(PyLong_FromLong(1));
  for (Py_ssize_t i = 0; product && i < PyTuple_GET_SIZE(self); ++i) {
    product = Owned(PyNumber_Multiply(product.get(), PyTuple_GET_ITEM(self, i)));
  }
  return product.release();
}
PyObject* size_reduce(PyObject* self, PyObject*) {
  Owned plain(PyTuple_GetSlice(self, 0, PyTuple_GET_SIZE(self)));
  return plain ? Py_BuildValue("O(O)", size_type, plain.get()) : nullptr;
}
PyObject* size_concat(PyObject* a, PyObject* b) {
  if (!PyTuple_Check(b)) {
    return PyErr_Format(PyExc_TypeError, "can only concatenate tuple (not %s) to tenon.Size", Py_TYPE(b)->tp_name);
  }
  Owned joined(PyTuple_Type.tp_as_sequence->sq_concat(a, b));
  return joined ? size_from(joined.get()) : nullptr;
}
PyObject* size_repeat(PyObject* self, Py_ssize_t n) {
  Owned repeated(PyTuple_Type.tp_as_sequence->sq_repeat(self, n));
  return repeated ? size_from(repeated.get()) : nullptr;
}
PyObject* size_subscript(PyObject* self, PyObject* key) {
  Owned item(PyTuple_Type.tp_as_mapping->mp_subscript(self, key));
  if (!item || !PySlice_Check(key)) return item.release();
  return size_from(item.get());
}
PyMethodDef size_methods[] = {
    {"numel", &size_numel, METH_NOARGS, "The number of elements a tensor of this size has"},
    {"__reduce__", &size_reduce, METH_NOARGS, nullptr},
    {nullptr, nullptr, 0, nullptr},
};
PyType_Slot size_slots[] = {
    {Py_tp_new, reinterpret_cast<void*>(&size_new)},
    {Py_tp_repr, reinterpret_cast<void*>(&size_repr)},
    {Py_sq_concat, reinterpret_cast<void*>(&size_concat)},
    {Py_sq_repeat, reinterpret_cast<void*>(&size_repeat)},
    {Py_mp_subscript, reinterpret_cast<void*>(&size_subscript)},
    {Py_tp_methods, size_methods},
    {Py_tp_doc, const_cast<char*>("The sizes of a tensor: a tuple of ints.")},
    {0, nullptr},
};
PyType_Spec size_spec{"tenon.Size", 0, 0, Py_TPFLAGS_DEFAULT, size_slots};

// ---- layout and memory_format: names that have no meaning beyond themselves ----

struct NameObject {
  PyObject_HEAD const char* name;
};
PyObject* name_repr(PyObject* self) {
  return PyUnicode_FromFormat("%s.%s", print_options().prefix.c_str(), cast<NameObject>(self)->name);
}
PyObject* name_reduce(PyObject* self, PyObject*) { return PyUnicode_FromString(cast<NameObject>(self)->name); }
PyMethodDef name_methods[] = {
    {"__reduce__", &name_reduce, METH_NOARGS, nullptr},
    {nullptr, nullptr, 0, nullptr},
};
PyGetSetDef name_getset[] = {
    {"__module__", &dtype_module, nullptr, nullptr, nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};
PyType_Slot name_slots[] = {
    {Py_tp_repr, reinterpret_cast<void*>(&name_repr)},
    {Py_tp_methods, name_methods},
    {Py_tp_getset, name_getset},
    {0, nullptr},
};
PyType_Spec layout_spec{"tenon.layout", sizeof(NameObject), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                        name_slots};
PyType_Spec format_spec{"tenon.memory_format", sizeof(NameObject), 0,
                        Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, name_slots};

bool add_names(PyObject* module, PyTypeObject* type, std::initializer_list<const char*> names) {
  if (type == nullptr) return false;
  for (const char* name : names) {
    PyObject* object = type->tp_alloc(type, 0);
    if (object == nullptr) return false;
    cast<NameObject>(object)->name = name;
    if (PyModule_AddObject(module, name, object) < 0) return false;
  }
  return true;
}

}  // namespace

const char* name_of_object(PyObject* object) { return cast<NameObject>(object)->name; }

PyObject* wrap(DType dtype) { return Py_NewRef(dtype_objects[static_cast<int>(dtype)]); }

PyObject* wrap(Device device) {
  PyObject* object = device_type->tp_alloc(device_type, 0);
  if (object != nullptr) cast<DeviceObject>(object)->device = device;
  return object;
}

PyObject* wrap_size(const Shape& shape) {
  PyObject* tuple = size_type->tp_alloc(size_type, static_cast<Py_ssize_t>(shape.size()));
  if (tuple == nullptr) return nullptr;
  for (size_t i = 0; i < shape.size(); ++i) {
    PyTuple_SET_ITEM(tuple, static_cast<Py_ssize_t>(i), dim_object(shape[i]));
  }
  return tuple;
}

PyObject* wrap_strides(const Strides& strides) {
  PyObject* tuple = PyTuple_New(static_cast<Py_ssize_t>(strides.size()));
  if (tuple == nullptr) return nullptr;
  for (size_t i = 0; i < strides.size(); ++i) {
    PyTuple_SET_ITEM(tuple, static_cast<Py_ssize_t>(i), PyLong_FromLongLong(strides[i].value()));
  }
  return tuple;
}

PyObject* wrap(const Scalar& value) {
  switch (value.kind()) {
    case Kind::Bool:
      return PyBool_FromLong(value.to_bool());
    case Kind::Integer:
      return PyLong_FromLongLong(value.to_int());
    case Kind::Float:
      return PyFloat_FromDouble(value.to_double());
    case Kind::Complex: {
      const std::complex<double> c = value.to_complex();
      return PyComplex_FromDoubles(c.real(), c.imag());
    }
  }
  Py_RETURN_NONE;
}

std::optional<DType> to_dtype(PyObject* object) {
  if (is_dtype(object)) return dtype_of(object);
  if (object == reinterpret_cast<PyObject*>(&PyFloat_Type)) return DType::Float64;
  if (object == reinterpret_cast<PyObject*>(&PyLong_Type)) return DType::Int64;
  if (object == reinterpret_cast<PyObject*>(&PyBool_Type)) return DType::Bool;
  if (object == reinterpret_cast<PyObject*>(&PyComplex_Type)) return DType::Complex128;
  return std::nullopt;
}

std::optional<Device> to_device(PyObject* object) {
  if (is_device(object)) return cast<DeviceObject>(object)->device;
  if (PyUnicode_Check(object)) {
    Py_ssize_t size = 0;
    const char* name = PyUnicode_AsUTF8AndSize(object, &size);
    if (name == nullptr) throw_python_error();
    return Device::parse({name, static_cast<size_t>(size)});
  }
  if (PyLong_Check(object) && !PyBool_Check(object)) {
    const long index = PyLong_AsLong(object);
    if (index == -1 && PyErr_Occurred()) throw_python_error();
    return Device::parse("cuda:" + std::to_string(index));  // PyTorch: an index means an accelerator
  }
  return std::nullopt;
}

Device default_device() { return current_device; }
void set_default_device(Device device) { current_device = device; }

bool make_value_types(PyObject* module) {
  if (!make_dtypes(module)) return false;
  device_type = make_type(module, device_spec);
  size_type = make_type(module, size_spec, &PyTuple_Type);
  if (device_type == nullptr || size_type == nullptr) return false;
  layout_type = make_type(module, layout_spec);
  memory_format_type = make_type(module, format_spec);
  return add_names(module, layout_type, {"strided", "sparse_coo", "sparse_csr"}) &&
         add_names(module, memory_format_type,
                   {"contiguous_format", "preserve_format", "channels_last", "channels_last_3d"});
}

}  // namespace tenon::python
