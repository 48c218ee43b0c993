// NumPy and the buffer protocol, without NumPy's C interface: NumPy is imported when it is first used.
#include <cstring>
#include <memory>

#include <tenon/core/error.h>
#include <tenon/core/print.h>

#include "construct.h"
#include "convert.h"
#include "errors.h"
#include "named_op.h"
#include "object.h"
#include "traced.h"
#include "values.h"

namespace tenon::python {

namespace {

// PEP 3118 format of a dtype; null when it has none.
const char* format_of(DType dtype) {
  switch (dtype) {
    case DType::Bool:
      return "?";
    case DType::UInt8:
      return "B";
    case DType::Int8:
      return "b";
    case DType::Int16:
      return "h";
    case DType::Int32:
      return "i";
    case DType::Int64:
      return "l";
    case DType::Float16:
      return "e";
    case DType::BFloat16:
      return nullptr;
    case DType::Float32:
      return "f";
    case DType::Float64:
      return "d";
    case DType::Complex64:
      return "Zf";
    case DType::Complex128:
      return "Zd";
  }
  return nullptr;
}

std::optional<DType> dtype_from_format(const char* format, Py_ssize_t size) {
  if (format == nullptr) return DType::UInt8;
  if (*format == '@' || *format == '=' || *format == '<') ++format;
  const std::string f = format;
  if (f == "?") return DType::Bool;
  if (f == "e") return DType::Float16;
  if (f == "f") return DType::Float32;
  if (f == "d") return DType::Float64;
  if (f == "Zf") return DType::Complex64;
  if (f == "Zd") return DType::Complex128;
  if (f == "B") return DType::UInt8;
  if (f == "b" || f == "h" || f == "i" || f == "l" || f == "q" || f == "n") {
    switch (size) {
      case 1:
        return DType::Int8;
      case 2:
        return DType::Int16;
      case 4:
        return DType::Int32;
      case 8:
        return DType::Int64;
    }
  }
  return std::nullopt;
}

void release_buffer(void* owner) {
  if (!Py_IsInitialized()) return;
  AcquireGil gil;
  auto* view = static_cast<Py_buffer*>(owner);
  PyBuffer_Release(view);
  delete view;
}

[[noreturn]] void unsupported_array(PyObject* array) {
  PyErr_Clear();
  Owned dtype(checked(PyObject_GetAttrString(array, "dtype")));
  Owned type(checked(PyObject_GetAttrString(dtype.get(), "type")));
  Owned name(checked(PyObject_GetAttrString(type.get(), "__name__")));
  raise(PyExc_TypeError,
        "can't convert np.ndarray of type numpy.%U. The only supported types are: float64, float32, float16, "
        "complex64, complex128, int64, int32, int16, int8, uint8, and bool.",
        name.get());
}

PyObject* numpy_module() {
  static PyObject* module = nullptr;
  if (module == nullptr) module = PyImport_ImportModule("numpy");
  return checked(module);
}

// A buffer whose sizes and strides are kept in `internal`.
int get_buffer(PyObject* self, Py_buffer* view, int flags) {
  view->obj = nullptr;
  const Tensor& tensor = unwrap(self);
  const char* format = format_of(tensor.dtype());
  const char* problem = nullptr;
  if (format == nullptr)
    problem = "bfloat16 tensors have no buffer format; use .float() first";
  else if ((tensor.impl()->flags & TensorImpl::kExtended) != 0)
    problem = "a tensor that is traced has no values to read; compute with it instead";
  else if (tensor.device().kind != DeviceKind::CPU)
    problem = "only tensors on the cpu have a buffer";
  else if (tensor.requires_grad())
    problem = "a tensor that requires grad has no buffer; use .detach() first";
  else if ((flags & PyBUF_STRIDES) != PyBUF_STRIDES && !tensor.is_contiguous())
    problem = "the tensor is not contiguous";
  else if ((flags & PyBUF_F_CONTIGUOUS) == PyBUF_F_CONTIGUOUS &&
           (flags & PyBUF_ANY_CONTIGUOUS) != PyBUF_ANY_CONTIGUOUS && tensor.dim() > 1)
    problem = "the tensor is row-major";
  else if ((flags & (PyBUF_C_CONTIGUOUS & ~PyBUF_STRIDES)) != 0 && !tensor.is_contiguous())
    problem = "the tensor is not contiguous";
  if (problem != nullptr) {
    PyErr_SetString(PyExc_BufferError, problem);
    return -1;
  }
  const auto n = static_cast<size_t>(tensor.dim());
  auto* numbers = static_cast<Py_ssize_t*>(PyMem_Malloc((2 * n + 1) * sizeof(Py_ssize_t)));
  if (numbers == nullptr) {
    PyErr_NoMemory();
    return -1;
  }
  for (size_t i = 0; i < n; ++i) {
    numbers[i] = tensor.shape()[i].value();
    numbers[n + i] = tensor.strides()[i].value() * tensor.element_size();
  }
  static char nothing[16];
  view->buf = tensor.numel() == 0 ? nothing : tensor.data_ptr();
  view->len = tensor.numel() * tensor.element_size();
  view->itemsize = tensor.element_size();
  view->readonly = 0;
  view->ndim = static_cast<int>(n);
  view->format = (flags & PyBUF_FORMAT) != 0 ? const_cast<char*>(format) : nullptr;
  view->shape = (flags & PyBUF_ND) != 0 ? numbers : nullptr;
  view->strides = (flags & PyBUF_STRIDES) == PyBUF_STRIDES ? numbers + n : nullptr;
  view->suboffsets = nullptr;
  view->internal = numbers;
  view->obj = Py_NewRef(self);
  return 0;
}

void release_own_buffer(PyObject*, Py_buffer* view) { PyMem_Free(view->internal); }

PyObject* element_list(const char* p, const TensorImpl* impl, size_t dim) {
  if (dim == impl->spec.shape.size()) return wrap(read_element(p, impl->spec.dtype));
  const int64_t n = impl->spec.shape[dim].value(), step = impl->strides[dim].value() * size_of(impl->spec.dtype);
  PyObject* list = PyList_New(n);
  if (list == nullptr) return nullptr;
  for (int64_t i = 0; i < n; ++i) {
    PyObject* item = element_list(p + i * step, impl, dim + 1);
    if (item == nullptr) {
      Py_DECREF(list);
      return nullptr;
    }
    PyList_SET_ITEM(list, i, item);
  }
  return list;
}

}  // namespace

PyBufferProcs tensor_buffer{&get_buffer, &release_own_buffer};

bool is_numpy_array(PyObject* object) {
  // Without NumPy loaded nobody can have an array of it.
  for (PyTypeObject* t = Py_TYPE(object); t != nullptr; t = t->tp_base) {
    if (strcmp(t->tp_name, "numpy.ndarray") == 0) return true;
  }
  return false;
}

Tensor from_array(PyObject* array, bool warn_read_only) {
  auto view = std::make_unique<Py_buffer>();
  if (PyObject_GetBuffer(array, view.get(), PyBUF_FORMAT | PyBUF_STRIDED_RO) < 0) unsupported_array(array);
  struct Guard {
    Py_buffer* view;
    ~Guard() {
      if (view != nullptr) PyBuffer_Release(view);
    }
  } guard{view.get()};
  if (view->format != nullptr && *view->format == '>' && view->itemsize > 1) {
    raise(PyExc_ValueError,
          "given numpy array has byte order different from the native byte order. Conversion between byte "
          "orders is currently not supported.");
  }
  const std::optional<DType> dtype = dtype_from_format(view->format, view->itemsize);
  if (!dtype || size_of(*dtype) != view->itemsize) unsupported_array(array);
  Shape shape(static_cast<size_t>(view->ndim));
  Strides strides(static_cast<size_t>(view->ndim));
  for (size_t i = 0; i < shape.size(); ++i) {
    const Py_ssize_t stride = view->strides[i];
    shape[i] = view->shape[i];
    if (stride % view->itemsize != 0) {
      raise(PyExc_ValueError,
            "given numpy array strides not a multiple of the element byte size. Try copying the numpy array to "
            "reallocate the memory.");
    }
    if (stride < 0) {
      raise(PyExc_ValueError,
            "At least one stride in the given numpy array is negative, and tensors with negative strides are not "
            "currently supported. (You can probably work around this by making a copy of your array  with "
            "array.copy().) ");
    }
    strides[i] = stride / view->itemsize;
  }
  if (view->readonly && warn_read_only) {
    const int status = PyErr_WarnEx(
        PyExc_UserWarning,
        "The given NumPy array is not writable, and Tenon does not support non-writable tensors. This means "
        "writing to this tensor will result in undefined behavior. You may want to copy the array to protect its "
        "data or make it writable before converting it to a tensor.",
        1);
    if (status < 0) throw_python_error();
  }
  Tensor tensor = Tensor::borrow(view->buf, shape, strides, *dtype, view.get(), &release_buffer);
  guard.view = nullptr;
  view.release();
  return tensor;
}

PyObject* to_list(const Tensor& tensor) {
  check<DeviceError>(tensor.device().kind == DeviceKind::CPU, "tolist: a tensor on ", tensor.device(),
                     " has no values to read; copy it to the cpu first");
  return element_list(static_cast<const char*>(tensor.data_ptr()), tensor.impl(), 0);
}

PyObject* to_numpy(PyObject* self, bool force) {
  Tensor tensor = unwrap(self);
  need_values(tensor, "NumPy");
  if (force) {
    tensor = convert_tensor(tensor.detach(), {}, Device{});
  } else {
    if (tensor.requires_grad()) {
      raise(PyExc_RuntimeError,
            "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.");
    }
    if (tensor.device().kind != DeviceKind::CPU) {
      raise(PyExc_TypeError,
            "can't convert %s device type tensor to numpy. Use Tensor.cpu() to copy the tensor to "
            "host memory first.",
            tensor.device().str().c_str());
    }
  }
  if (format_of(tensor.dtype()) == nullptr) raise(PyExc_TypeError, "Got unsupported ScalarType BFloat16");
  Owned object(checked(wrap(tensor)));
  Owned memory(checked(PyMemoryView_FromObject(object.get())));
  static PyObject* asarray = checked(PyObject_GetAttrString(numpy_module(), "asarray"));
  return PyObject_CallOneArg(asarray, memory.get());
}

}  // namespace tenon::python
