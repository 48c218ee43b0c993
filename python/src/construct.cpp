// tensor(), as_tensor() and the constructors: from Python data to memory.
#include "construct.h"

#include <cmath>
#include <cstring>
#include <limits>

#include <tenon/core/door.h>
#include <tenon/core/error.h>
#include <tenon/core/half.h>

#include "convert.h"
#include "errors.h"
#include "named_op.h"
#include "object.h"
#include "values.h"

namespace tenon::python {

Tensor from_dlpack(PyObject* source);  // dlpack.cpp

namespace {

bool is_sequence(PyObject* object) { return PyList_Check(object) || PyTuple_Check(object); }

// Calls `body(item)` for each item. Reading an item may run Python code that changes the list, so the items are
// looked at one by one, and one that may run code is held.
template <class Body>
void each_item(PyObject* sequence, Body&& body) {
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(sequence); ++i) {
    PyObject* item = PySequence_Fast_GET_ITEM(sequence, i);
    if (PyFloat_CheckExact(item) || PyLong_CheckExact(item)) {
      body(item);
    } else {
      const Owned held = Owned::share(item);
      body(item);
    }
  }
}

// Shape and dtype of nested data, found by walking it once.
class Survey {
 public:
  explicit Survey(PyObject* data) {
    find_shape(data);
    check(data, 0);
  }
  Dims shape;
  std::optional<DType> dtype;

 private:
  void join(DType other) { dtype = dtype ? promote(*dtype, other) : other; }

  void find_shape(PyObject* data) {
    while (true) {
      if (is_sequence(data)) {
        shape.push_back(PySequence_Fast_GET_SIZE(data));
        if (shape.size() > 64) raise(PyExc_ValueError, "too many dimensions '%s'", Py_TYPE(data)->tp_name);
        if (shape.back() == Dim(0)) return;
        data = PySequence_Fast_GET_ITEM(data, 0);
        continue;
      }
      if (is_tensor(data)) {
        for (Dim d : unwrap(data).shape()) shape.push_back(d);
      } else if (is_numpy_array(data)) {
        for (Dim d : from_array(data, false).shape()) shape.push_back(d);
      }
      return;
    }
  }

  [[noreturn]] void uneven(size_t depth, int64_t got) {
    raise(PyExc_ValueError, "expected sequence of length %lld at dim %zu (got %lld)",
          static_cast<long long>(shape[depth].raw()), depth, static_cast<long long>(got));
  }

  void check_array(const Tensor& tensor, size_t depth) {
    const auto n = static_cast<size_t>(tensor.dim());
    if (depth + n != shape.size()) {
      raise(PyExc_ValueError, "expected data of %zu dimensions at depth %zu, but got a Tensor of shape %s",
            shape.size() - depth, depth, to_text(tensor.shape()).c_str());
    }
    for (size_t i = 0; i < n; ++i) {
      if (!(tensor.shape()[i] == shape[depth + i])) uneven(depth + i, tensor.shape()[i].raw());
    }
    join(tensor.dtype());
  }

  void check(PyObject* data, size_t depth) {
    if (is_sequence(data)) {
      const Py_ssize_t n = PySequence_Fast_GET_SIZE(data);
      if (depth >= shape.size()) {
        raise(PyExc_TypeError, "expected a number at dim %zu, but got a %s", depth, Py_TYPE(data)->tp_name);
      }
      if (!(shape[depth] == Dim(static_cast<int64_t>(n)))) uneven(depth, n);
      each_item(data, [&](PyObject* item) { check(item, depth + 1); });
      return;
    }
    if (is_tensor(data)) return check_array(unwrap(data), depth);
    if (is_numpy_array(data)) return check_array(from_array(data, false), depth);
    if (depth != shape.size()) {
      raise(PyExc_TypeError, "expected a sequence of length %lld at dim %zu, but got %s",
            static_cast<long long>(shape[depth].raw()), depth, Py_TYPE(data)->tp_name);
    }
    const char* name = Py_TYPE(data)->tp_name;
    const bool numpy = strncmp(name, "numpy.", 6) == 0;  // float64 is a Python float too, and stays 64 bits wide
    if (PyFloat_Check(data) && !numpy) return join(default_dtype());
    if (PyBool_Check(data)) return join(DType::Bool);
    if (PyLong_Check(data)) return join(DType::Int64);
    Scalar value;
    if (!to_scalar(data, value)) {
      raise(PyExc_TypeError, "tensor(): could not make a tensor of an object of type %s", Py_TYPE(data)->tp_name);
    }
    join(numpy ? numpy_dtype(name + 6, value) : value.dtype());
  }

  static DType numpy_dtype(const char* name, const Scalar& value) {
    for (int i = 0; i < kDTypeCount; ++i) {
      if (strcmp(kDTypes[i].name, name) == 0) return static_cast<DType>(i);
    }
    return value.dtype();
  }
};

template <class T>
void store_integer(void* at, int64_t value, DType dtype) {
  if (value < static_cast<int64_t>(std::numeric_limits<T>::min()) ||
      value > static_cast<int64_t>(std::numeric_limits<T>::max())) {
    raise(PyExc_RuntimeError, "value cannot be converted to type %s without overflow: %lld", name_of(dtype),
          static_cast<long long>(value));
  }
  *static_cast<T*>(at) = static_cast<T>(value);
}

int64_t whole(const Scalar& value, DType dtype) {
  if (value.kind() < Kind::Float) return value.to_int();
  const double d = value.to_double();
  if (!(std::fabs(d) < 9.3e18)) {
    raise(PyExc_RuntimeError, "value cannot be converted to type %s without overflow: %s", name_of(dtype),
          to_text(d).c_str());
  }
  return static_cast<int64_t>(d);
}

void store(void* at, DType dtype, const Scalar& value) {
  switch (dtype) {
    case DType::Bool:
      *static_cast<bool*>(at) = value.to_bool();
      break;
    case DType::UInt8:
      store_integer<uint8_t>(at, whole(value, dtype), dtype);
      break;
    case DType::Int8:
      store_integer<int8_t>(at, whole(value, dtype), dtype);
      break;
    case DType::Int16:
      store_integer<int16_t>(at, whole(value, dtype), dtype);
      break;
    case DType::Int32:
      store_integer<int32_t>(at, whole(value, dtype), dtype);
      break;
    case DType::Int64:
      *static_cast<int64_t*>(at) = whole(value, dtype);
      break;
    case DType::Float16:
      *static_cast<Half*>(at) = Half(static_cast<float>(value.to_double()));
      break;
    case DType::BFloat16:
      *static_cast<BFloat16*>(at) = BFloat16(static_cast<float>(value.to_double()));
      break;
    case DType::Float32:
      *static_cast<float*>(at) = static_cast<float>(value.to_double());
      break;
    case DType::Float64:
      *static_cast<double*>(at) = value.to_double();
      break;
    case DType::Complex64:
      *static_cast<std::complex<float>*>(at) = std::complex<float>(value.to_complex());
      break;
    case DType::Complex128:
      *static_cast<std::complex<double>*>(at) = value.to_complex();
      break;
  }
}

// Writes nested data row by row. The data may have changed since it was measured: another thread, or the
// `__float__` of one of its items, may have done it.
class Writer {
 public:
  explicit Writer(Tensor& out)
      : at_(static_cast<char*>(out.data_ptr())),
        left_(out.numel() * out.element_size()),
        dtype_(out.dtype()),
        step_(size_of(out.dtype())) {}

  void write_all(PyObject* data) {
    write(data);
    if (left_ != 0) raise_changed();
  }

 private:
  void write(PyObject* data) {
    if (is_sequence(data)) {
      each_item(data, [this](PyObject* item) { write(item); });
      return;
    }
    if (!is_tensor(data) && !is_numpy_array(data)) {
      write_number(data);
    } else if (const Tensor source = is_tensor(data) ? unwrap(data) : from_array(data, false); source.numel() > 0) {
      write_array(source);
    }
  }
  void write_number(PyObject* data) {
    if (PyFloat_CheckExact(data) && dtype_ == DType::Float32) [[likely]] {
      const auto value = static_cast<float>(PyFloat_AS_DOUBLE(data));
      std::memcpy(take(sizeof value), &value, sizeof value);
      return;
    }
    Scalar value;
    if (!to_scalar(data, value)) raise_changed();
    if (value.kind() == Kind::Complex && !is_complex(dtype_)) {
      raise(PyExc_TypeError, "must be real number, not complex");
    }
    store(take(step_), dtype_, value);
  }
  void write_array(const Tensor& source) {
    const Tensor contiguous = source.is_contiguous() ? source.detach() : convert_tensor(source, {}, {}, true);
    const Tensor plain = convert_tensor(contiguous, dtype_, Device{});
    const int64_t bytes = plain.numel() * step_;
    std::memcpy(take(bytes), plain.data_ptr(), static_cast<size_t>(bytes));
  }
  // The next bytes of the tensor.
  char* take(int64_t bytes) {
    if (bytes > left_) [[unlikely]]
      raise_changed();
    left_ -= bytes;
    return std::exchange(at_, at_ + bytes);
  }
  [[noreturn]] static void raise_changed() {
    raise(PyExc_RuntimeError, "tensor(): the data changed while it was read");
  }

  char* at_;
  int64_t left_;  // bytes
  DType dtype_;
  int64_t step_;
};

// The memory of a contiguous CPU tensor goes to the device.
Tensor to_device_of(Tensor tensor, std::optional<Device> device) {
  const Device wanted = device.value_or(default_device());
  return convert_tensor(tensor, {}, wanted);
}

// Where data that lies on a device goes when none is asked for: along with `with device:`, else it stays.
std::optional<Device> device_for(const Tensor& source, std::optional<Device> device) {
  if (!device && default_device().kind == DeviceKind::CPU) return source.device();
  return device.value_or(default_device());
}

// The tensor on the memory of an object that shows it: DLPack, `__array__` or a buffer. Undefined when it does not.
Tensor from_interface(PyObject* data, bool warn_read_only) {
  if (PyObject_HasAttrString(data, "__dlpack__")) return from_dlpack(data);
  if (PyObject_HasAttrString(data, "__array__")) {
    Owned numpy(checked(PyImport_ImportModule("numpy")));
    Owned array(checked(PyObject_CallMethod(numpy.get(), "asarray", "O", data)));
    return from_array(array.get(), warn_read_only);
  }
  if (PyObject_CheckBuffer(data) && !PyBytes_Check(data)) return from_array(data, warn_read_only);
  return {};
}

// As many items as the sequence says it has: its iterator may have no end.
PyObject* to_list_of_length(PyObject* sequence) {
  const Py_ssize_t n = PySequence_Size(sequence);
  if (n < 0) throw_python_error();
  Owned list(checked(PyList_New(0)));
  for (Py_ssize_t i = 0; i < n; ++i) {
    const Owned item(checked(PySequence_GetItem(sequence, i)));
    if (PyList_Append(list.get(), item.get()) < 0) throw_python_error();
  }
  return list.release();
}

}  // namespace

Tensor convert_tensor(const Tensor& tensor, std::optional<DType> dtype, std::optional<Device> device, bool copy) {
  const DType to = dtype.value_or(tensor.dtype());
  const Device where = device.value_or(tensor.device());
  if (!copy && to == tensor.dtype() && where.kind == tensor.device().kind) return tensor;
  if (where.kind != tensor.device().kind) {
    static const NamedOp move("to", {"device", "dtype"}, "device");
    NamedOp::Record record(move);
    record.set(0, where);
    record.set(1, to);
    return record.call(tensor);
  }
  static const NamedOp cast("_to_copy", {"dtype"});
  NamedOp::Record record(cast);
  record.set(0, to);
  return record.call(tensor);
}

Tensor tensor_from_data(PyObject* data, std::optional<DType> dtype, std::optional<Device> device) {
  if (is_tensor(data)) {
    const Tensor& source = unwrap(data);
    return convert_tensor(source.detach(), dtype, device_for(source, device), true);
  }
  if (is_numpy_array(data)) return to_device_of(convert_tensor(from_array(data, false), dtype, {}, true), device);
  Owned list;
  if (!is_sequence(data)) {
    Scalar value;
    if (to_scalar(data, value)) {
      const bool numpy = strncmp(Py_TYPE(data)->tp_name, "numpy.", 6) == 0;
      Tensor out = Tensor::empty({}, dtype ? *dtype : numpy ? *Survey(data).dtype : value.dtype());
      if (value.kind() == Kind::Complex && !is_complex(out.dtype())) {
        raise(PyExc_TypeError, "must be real number, not complex");
      }
      store(out.data_ptr(), out.dtype(), value);
      return to_device_of(std::move(out), device);
    }
    if (const Tensor source = from_interface(data, false); source.defined()) {
      return to_device_of(convert_tensor(source, dtype, {}, true), device);
    }
    if (PyUnicode_Check(data)) raise(PyExc_TypeError, "new(): invalid data type 'str'");
    if (!PySequence_Check(data)) {
      raise(PyExc_RuntimeError, "Could not infer dtype of %s", Py_TYPE(data)->tp_name);
    }
    list = Owned(to_list_of_length(data));  // range and the like
    data = list.get();
  }
  const Survey survey(data);
  Tensor out = Tensor::empty(survey.shape, dtype ? *dtype : survey.dtype.value_or(default_dtype()));
  Writer(out).write_all(data);
  return to_device_of(std::move(out), device);
}

Tensor as_tensor(PyObject* data, std::optional<DType> dtype, std::optional<Device> device) {
  if (is_tensor(data)) return convert_tensor(unwrap(data), dtype, device_for(unwrap(data), device));
  if (is_numpy_array(data)) return to_device_of(convert_tensor(from_array(data), dtype, {}), device);
  const bool plain = PyList_Check(data) || PyTuple_Check(data) || PyNumber_Check(data);
  if (!plain) {
    if (const Tensor source = from_interface(data, true); source.defined()) {
      return to_device_of(convert_tensor(source, dtype, {}), device);
    }
  }
  return tensor_from_data(data, dtype, device);
}

}  // namespace tenon::python
