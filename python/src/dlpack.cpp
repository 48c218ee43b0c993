// DLPack, both ways, with the versioned and the older capsule. The structures are those of dlpack.h.
#include <cstring>
#include <memory>

#include <tenon/core/error.h>

#include "construct.h"
#include "convert.h"
#include "errors.h"
#include "object.h"
#include "traced.h"
#include "values.h"

namespace tenon::python {

namespace {

struct DLDevice {
  int32_t type;
  int32_t id;
};
struct DLDataType {
  uint8_t code;
  uint8_t bits;
  uint16_t lanes;
};
struct DLTensor {
  void* data;
  DLDevice device;
  int32_t ndim;
  DLDataType dtype;
  int64_t* shape;
  int64_t* strides;
  uint64_t byte_offset;
};
struct DLManagedTensor {
  DLTensor tensor;
  void* context;
  void (*deleter)(DLManagedTensor*);
};
struct DLVersion {
  uint32_t major;
  uint32_t minor;
};
struct DLManagedTensorVersioned {
  DLVersion version;
  void* context;
  void (*deleter)(DLManagedTensorVersioned*);
  uint64_t flags;
  DLTensor tensor;
};
constexpr int32_t kCpu = 1;
constexpr uint64_t kReadOnly = 1, kCopied = 2;

enum Code : uint8_t { kInt = 0, kUInt = 1, kFloat = 2, kBfloat = 4, kComplex = 5, kBool = 6 };

DLDataType to_dlpack_type(DType dtype) {
  const auto bits = static_cast<uint8_t>(size_of(dtype) * 8);
  if (dtype == DType::Bool) return {kBool, 8, 1};
  if (dtype == DType::UInt8) return {kUInt, 8, 1};
  if (dtype == DType::BFloat16) return {kBfloat, 16, 1};
  if (is_complex(dtype)) return {kComplex, bits, 1};
  return {is_floating(dtype) ? kFloat : kInt, bits, 1};
}

DType from_dlpack_type(DLDataType type) {
  if (type.lanes == 1) {
    for (int i = 0; i < kDTypeCount; ++i) {
      const DLDataType known = to_dlpack_type(static_cast<DType>(i));
      if (known.code == type.code && known.bits == type.bits) return static_cast<DType>(i);
    }
  }
  fail<TypeError>("from_dlpack: no dtype for type code ", static_cast<int>(type.code), " with ",
                  static_cast<int>(type.bits), " bits and ", static_cast<int>(type.lanes), " lanes");
}

// Keeps the tensor and its geometry while a consumer holds the memory.
template <class Managed>
struct Export {
  Managed managed{};
  Tensor tensor;
  int64_t numbers[128];
};

template <class Managed>
PyObject* make_capsule(const Tensor& tensor, const char* name, uint64_t flags) {
  need_values(tensor, "DLPack");
  auto out = std::make_unique<Export<Managed>>();
  out->tensor = tensor;
  const auto n = static_cast<size_t>(tensor.dim());
  check<ShapeError>(n <= 64, "__dlpack__: the tensor has more than 64 dimensions");
  for (size_t i = 0; i < n; ++i) {
    out->numbers[i] = tensor.shape()[i].value();
    out->numbers[n + i] = tensor.strides()[i].value();
  }
  Managed& m = out->managed;
  m.context = out.get();
  m.deleter = [](Managed* self) { delete static_cast<Export<Managed>*>(self->context); };
  m.tensor = {tensor.data_ptr(), {kCpu, 0}, static_cast<int32_t>(n), to_dlpack_type(tensor.dtype()), out->numbers,
              out->numbers + n,  0};
  if constexpr (std::is_same_v<Managed, DLManagedTensorVersioned>) {
    m.version = {1, 0};
    m.flags = flags;
  }
  // A capsule that nobody consumed frees what it holds.
  PyObject* capsule = PyCapsule_New(&m, name, [](PyObject* capsule) {
    const char* current = PyCapsule_GetName(capsule);
    if (current == nullptr || strncmp(current, "used_", 5) == 0) return;
    auto* m = static_cast<Managed*>(PyCapsule_GetPointer(capsule, current));
    if (m != nullptr && m->deleter != nullptr) m->deleter(m);
  });
  if (capsule != nullptr) out.release();  // the capsule's from here on
  return capsule;
}

template <class Managed>
Tensor import_capsule(PyObject* capsule, const char* name, const char* used) {
  auto* m = static_cast<Managed*>(PyCapsule_GetPointer(capsule, name));
  if (m == nullptr) throw_python_error();
  if constexpr (std::is_same_v<Managed, DLManagedTensorVersioned>) {
    check<TypeError>(m->version.major == 1, "from_dlpack: the capsule is of DLPack version ", m->version.major,
                     ", which is not known; version 1 is");
    if ((m->flags & kReadOnly) != 0 &&
        PyErr_WarnEx(PyExc_UserWarning,
                     "from_dlpack: the memory is read-only, and writing to this tensor is undefined; clone it to write",
                     1) < 0) {
      throw_python_error();
    }
  }
  const DLTensor& t = m->tensor;
  check<DeviceError>(t.device.type == kCpu, "from_dlpack: the data lies on a device of type ", t.device.type,
                     "; copy it to the cpu first");
  check<ShapeError>(t.ndim >= 0 && t.ndim <= 64, "from_dlpack: ", t.ndim, " dimensions");
  const DType dtype = from_dlpack_type(t.dtype);
  Shape shape;
  for (int i = 0; i < t.ndim; ++i) shape.push_back(t.shape[i]);
  Strides strides = contiguous_strides(shape);
  for (int i = 0; t.strides != nullptr && i < t.ndim; ++i) {
    strides[static_cast<size_t>(i)] = t.strides[i];
    check<ValueError>(t.strides[i] >= 0, "from_dlpack: negative strides are not supported; copy the array first");
  }
  Tensor out = Tensor::borrow(static_cast<char*>(t.data) + t.byte_offset, shape, strides, dtype, m, [](void* owner) {
    auto* managed = static_cast<Managed*>(owner);
    if (managed->deleter == nullptr) return;
    if (!Py_IsInitialized()) return;
    AcquireGil gil;  // deleters of Python's arrays touch Python
    managed->deleter(managed);
  });
  PyCapsule_SetName(capsule, used);
  PyCapsule_SetDestructor(capsule, nullptr);
  return out;
}

}  // namespace

// __dlpack__(*, stream=None, max_version=None, dl_device=None, copy=None)
PyObject* tensor_dlpack(PyObject* self, PyObject* args, PyObject* kwargs) {
  static const char* names[] = {"stream", "max_version", "dl_device", "copy", nullptr};
  PyObject *stream = Py_None, *version = Py_None, *device = Py_None, *copy = Py_None;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|OOOO:__dlpack__", const_cast<char**>(names), &stream, &version,
                                   &device, &copy))
    return nullptr;
  return guarded([&]() -> PyObject* {
    Tensor tensor = unwrap(self);
    if (tensor.requires_grad()) {
      raise(PyExc_BufferError, "Can't export tensors that require gradient, use tensor.detach()");
    }
    if (tensor.device().kind != DeviceKind::CPU)
      raise(PyExc_BufferError, "__dlpack__: only tensors on the cpu can be exported");
    if (PyTuple_Check(device)) {
      int64_t kind = 0;
      if (PyTuple_GET_SIZE(device) != 2 || !to_int(PyTuple_GET_ITEM(device, 0), kind) || kind != kCpu) {
        raise(PyExc_BufferError, "__dlpack__: the tensor cannot be exported to another device");
      }
    }
    uint64_t flags = 0;
    if (copy == Py_True) {
      tensor = convert_tensor(tensor, {}, {}, true);
      flags |= kCopied;
    }
    int64_t major = 0;
    if (PyTuple_Check(version) && PyTuple_GET_SIZE(version) > 0) to_int(PyTuple_GET_ITEM(version, 0), major);
    if (major >= 1) return make_capsule<DLManagedTensorVersioned>(tensor, "dltensor_versioned", flags);
    return make_capsule<DLManagedTensor>(tensor, "dltensor", 0);
  });
}

PyObject* tensor_dlpack_device(PyObject*, PyObject*) { return Py_BuildValue("(ii)", kCpu, 0); }

Tensor from_dlpack(PyObject* source) {
  Owned capsule;
  if (PyCapsule_CheckExact(source)) {
    capsule = Owned::share(source);
  } else {
    Owned method(checked(PyObject_GetAttrString(source, "__dlpack__")));
    Owned no_args(checked(PyTuple_New(0)));
    Owned kwargs(checked(Py_BuildValue("{s:(ii)}", "max_version", 1, 0)));
    capsule = Owned(PyObject_Call(method.get(), no_args.get(), kwargs.get()));
    if (!capsule) {  // producers from before version 1 know no max_version
      if (!PyErr_ExceptionMatches(PyExc_TypeError)) throw_python_error();
      PyErr_Clear();
      capsule = Owned(checked(PyObject_CallNoArgs(method.get())));
    }
  }
  const char* name = PyCapsule_IsValid(capsule.get(), "dltensor_versioned") ? "dltensor_versioned" : "dltensor";
  if (!PyCapsule_IsValid(capsule.get(), name)) {
    raise(PyExc_RuntimeError, "from_dlpack: not a DLPack capsule, or one that was consumed before");
  }
  if (strcmp(name, "dltensor") == 0) return import_capsule<DLManagedTensor>(capsule.get(), name, "used_dltensor");
  return import_capsule<DLManagedTensorVersioned>(capsule.get(), name, "used_dltensor_versioned");
}

}  // namespace tenon::python
