#include "convert.h"

#include <nanobind/nanobind.h>
#include <nanobind/stl/shared_ptr.h>

#include <cstring>

#include <tenon/core/error.h>
#include <tenon/core/generator.h>

#include "errors.h"
#include "object.h"
#include "symbolic_dim.h"
#include "values.h"

namespace nb = nanobind;

namespace tenon::python {

namespace {

[[noreturn]] void fail_long(PyObject* object) {
  if (!PyErr_ExceptionMatches(PyExc_OverflowError)) throw_python_error();
  PyErr_Clear();
  raise(PyExc_OverflowError, "Overflow when unpacking long: %R does not fit in 64 bits", object);
}
// Of an int of Python. Those of one digit are read here, which saves most calls' arguments a call.
inline int64_t long_value(PyObject* object) {
  auto* number = reinterpret_cast<PyLongObject*>(object);
#if PY_VERSION_HEX >= 0x030C0000
  if (PyUnstable_Long_IsCompact(number)) [[likely]]
    return PyUnstable_Long_CompactValue(number);
#else
  if (const Py_ssize_t size = Py_SIZE(number); size >= -1 && size <= 1) [[likely]]
    return size * static_cast<int64_t>(number->ob_digit[0]);
#endif
  const int64_t value = PyLong_AsLongLong(object);
  if (value == -1 && PyErr_Occurred()) [[unlikely]]
    fail_long(object);
  return value;
}

bool is_numpy(PyObject* object) { return strncmp(Py_TYPE(object)->tp_name, "numpy.", 6) == 0; }

// NumPy's scalars that are no Python numbers: float32, int64, bool_, complex64.
bool numpy_scalar(PyObject* object, Scalar& out) {
  if (!is_numpy(object) || PyObject_CheckBuffer(object) == 0) return false;
  const char* name = Py_TYPE(object)->tp_name + 6;
  if (strncmp(name, "ndarray", 7) == 0) return false;
  if (strncmp(name, "bool", 4) == 0) {
    out = truth(object);
    return true;
  }
  if (PyIndex_Check(object)) {
    Owned number(checked(PyNumber_Index(object)));
    out = long_value(number.get());
    return true;
  }
  if (strncmp(name, "float", 5) == 0 || strncmp(name, "longdouble", 10) == 0) {
    Owned number(checked(PyNumber_Float(object)));
    out = PyFloat_AS_DOUBLE(number.get());
    return true;
  }
  if (strncmp(name, "complex", 7) == 0) {
    const Py_complex c = PyComplex_AsCComplex(object);
    if (PyErr_Occurred()) throw_python_error();
    out = std::complex<double>(c.real, c.imag);
    return true;
  }
  return false;
}

bool to_int_slow(PyObject* object, int64_t& out) {
  if (PyBool_Check(object) || is_symbolic_dim(object)) return false;
  if (PyLong_Check(object)) {
    out = long_value(object);
    return true;
  }
  if (is_tensor(object)) {
    const Tensor& tensor = unwrap(object);
    if (tensor.dim() != 0 || !is_integral(tensor.dtype()) || tensor.dtype() == DType::Bool) return false;
    out = tensor.scalar().to_int();
    return true;
  }
  if (!PyIndex_Check(object) || PyFloat_Check(object)) return false;
  Owned number(PyNumber_Index(object));
  if (!number) {  // an array of more than one element has the slot, and refuses
    PyErr_Clear();
    return false;
  }
  out = long_value(number.get());
  return true;
}

template <class T>
T& as(void* p) {
  return *static_cast<T*>(p);
}

template <class T, class Convert>
bool to_optional(PyObject* object, void* out, Convert convert) {
  if (object == Py_None) {
    as<std::optional<T>>(out).reset();
    return true;
  }
  T value{};
  if (!convert(object, value)) return false;
  as<std::optional<T>>(out) = std::move(value);
  return true;
}

bool to_dtype(PyObject* object, DType& out) {
  const auto dtype = python::to_dtype(object);
  if (dtype) out = *dtype;
  return dtype.has_value();
}
bool to_device(PyObject* object, Device& out) {
  const auto device = python::to_device(object);
  if (device) out = *device;
  return device.has_value();
}

}  // namespace

bool to_int(PyObject* object, int64_t& out) {
  if (!PyLong_CheckExact(object)) [[unlikely]]
    return to_int_slow(object, out);
  out = long_value(object);
  return true;
}

bool to_bool(PyObject* object, bool& out) {
  if (object == Py_True || object == Py_False) {
    out = object == Py_True;
    return true;
  }
  if (is_numpy(object) && strncmp(Py_TYPE(object)->tp_name + 6, "bool", 4) == 0) {
    out = truth(object);
    return true;
  }
  if (is_tensor(object) && unwrap(object).dim() == 0 && unwrap(object).dtype() == DType::Bool) {
    out = unwrap(object).scalar().to_bool();
    return true;
  }
  return false;
}

bool to_double(PyObject* object, double& out) {
  if (PyFloat_Check(object)) {
    out = PyFloat_AS_DOUBLE(object);
    return true;
  }
  Scalar value;
  if (!to_scalar(object, value, true) || value.kind() == Kind::Complex) return false;
  out = value.to_double();
  return true;
}

bool to_scalar(PyObject* object, Scalar& out, bool tensors) {
  if (PyFloat_Check(object)) {
    out = PyFloat_AS_DOUBLE(object);
    return true;
  }
  if (PyBool_Check(object)) {
    out = object == Py_True;
    return true;
  }
  if (PyLong_Check(object)) {
    out = long_value(object);
    return true;
  }
  if (PyComplex_Check(object)) {
    const Py_complex c = PyComplex_AsCComplex(object);
    out = std::complex<double>(c.real, c.imag);
    return true;
  }
  if (is_tensor(object)) {
    if (!tensors || unwrap(object).dim() != 0) return false;
    out = unwrap(object).scalar();
    return true;
  }
  return numpy_scalar(object, out);
}

bool to_string(PyObject* object, std::string& out) {
  if (Py_TYPE(object) == memory_format_type) {  // records know memory formats by their names
    out = name_of_object(object);
    return true;
  }
  if (!PyUnicode_Check(object)) return false;
  Py_ssize_t size = 0;
  const char* text = PyUnicode_AsUTF8AndSize(object, &size);
  if (text == nullptr) throw_python_error();
  out.assign(text, static_cast<size_t>(size));
  return true;
}

bool to_dims(PyObject* const* objects, Py_ssize_t count, Dims& out) {
  out.resize(static_cast<size_t>(count));
  Dim* dims = out.data();
  for (Py_ssize_t i = 0; i < count; ++i) {
    if (PyLong_CheckExact(objects[i])) [[likely]]
      dims[i] = long_value(objects[i]);
    else if (!to_dim(objects[i], dims[i]))
      return false;
  }
  return true;
}

bool to_dims(PyObject* object, Dims& out, int repeat) {
  if (PyTuple_Check(object)) {
    return to_dims(&PyTuple_GET_ITEM(object, 0), PyTuple_GET_SIZE(object), out);
  }
  if (PyList_Check(object)) {
    return to_dims(reinterpret_cast<PyListObject*>(object)->ob_item, PyList_GET_SIZE(object), out);
  }
  Dim value;
  if (repeat <= 0 || !to_dim(object, value)) return false;
  out = Dims(static_cast<size_t>(repeat), value);
  return true;
}

bool to_attribute(const ParameterInfo& p, PyObject* object, void* out) {
  const int repeat = p.is_broadcast ? std::max<int>(p.length, 1) : 1;  // dim=1 is dim=(1,)
  auto dims = [repeat](PyObject* o, Dims& value) { return to_dims(o, value, repeat); };
  auto scalar = [](PyObject* o, Scalar& value) { return to_scalar(o, value, true); };
  switch (p.type) {
    case AttributeType::Bool:
      return to_bool(object, as<bool>(out));
    case AttributeType::Int:
      return to_int(object, as<int64_t>(out));
    case AttributeType::Double:
      return to_double(object, as<double>(out));
    case AttributeType::Scalar:
      return scalar(object, as<Scalar>(out));
    case AttributeType::String:
      return to_string(object, as<std::string>(out));
    case AttributeType::DType:
      return to_dtype(object, as<DType>(out));
    case AttributeType::Device:
      return to_device(object, as<Device>(out));
    case AttributeType::Dim:
      return to_dim(object, as<Dim>(out));
    case AttributeType::Dims:
      return dims(object, as<Dims>(out));
    case AttributeType::OptionalBool:
      return to_optional<bool>(object, out, to_bool);
    case AttributeType::OptionalInt:
      return to_optional<int64_t>(object, out, [](PyObject* o, int64_t& v) { return to_int(o, v); });
    case AttributeType::OptionalDouble:
      return to_optional<double>(object, out, to_double);
    case AttributeType::OptionalScalar:
      return to_optional<Scalar>(object, out, scalar);
    case AttributeType::OptionalString:
      return to_optional<std::string>(object, out, to_string);
    case AttributeType::OptionalDType:
      return to_optional<DType>(object, out, [](PyObject* o, DType& v) { return to_dtype(o, v); });
    case AttributeType::OptionalDevice:
      return to_optional<Device>(object, out, [](PyObject* o, Device& v) { return to_device(o, v); });
    case AttributeType::OptionalDims:
      return to_optional<Dims>(object, out, dims);
    case AttributeType::Generator: {
      if (object == Py_None) {
        as<GeneratorHandle>(out).reset();
        return true;
      }
      return nb::try_cast<GeneratorHandle>(nb::handle(object), as<GeneratorHandle>(out), false);
    }
  }
  return false;
}

std::string describe_type(PyObject* object) {
  if (object == Py_None) return "None";
  const bool list = PyList_Check(object), tuple = PyTuple_Check(object);
  if ((list || tuple) && PySequence_Fast_GET_SIZE(object) > 0) {
    PyObject** items = PySequence_Fast_ITEMS(object);
    std::string inner;
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(object); ++i) {
      const std::string name = describe_type(items[i]);
      if (i == 0) inner = name;
      if (name != inner) return list ? "list" : "tuple";
    }
    return std::string(list ? "list of " : "tuple of ") + inner;
  }
  const char* name = Py_TYPE(object)->tp_name;
  if (const char* dot = strrchr(name, '.'); dot != nullptr && strncmp(name, "tenon.", 6) == 0) return dot + 1;
  return name;
}

std::string describe_wanted(const ParameterInfo& p) {
  switch (p.kind) {
    case ParameterKind::Input:
      return p.takes_number ? "Tensor or number" : "Tensor";
    case ParameterKind::OptionalInput:
      return p.takes_number ? "Tensor, number or None" : "Tensor or None";
    case ParameterKind::InputList:
      return "tuple of Tensors";
    case ParameterKind::Attribute:
      break;
  }
  switch (p.type) {
    case AttributeType::Bool:
      return "bool";
    case AttributeType::Int:
    case AttributeType::Dim:
      return "int";
    case AttributeType::Double:
      return "float";
    case AttributeType::Scalar:
      return "number";
    case AttributeType::String:
      return "str";
    case AttributeType::DType:
      return "dtype";
    case AttributeType::Device:
      return "device";
    case AttributeType::Dims:
      return p.is_broadcast || p.is_variadic ? "int or tuple of ints" : "tuple of ints";
    case AttributeType::OptionalBool:
      return "bool or None";
    case AttributeType::OptionalInt:
      return "int or None";
    case AttributeType::OptionalDouble:
      return "float or None";
    case AttributeType::OptionalScalar:
      return "number or None";
    case AttributeType::OptionalString:
      return "str or None";
    case AttributeType::OptionalDType:
      return "dtype or None";
    case AttributeType::OptionalDevice:
      return "device or None";
    case AttributeType::OptionalDims:
      return p.is_broadcast ? "int, tuple of ints or None" : "tuple of ints or None";
    case AttributeType::Generator:
      return "Generator or None";
  }
  return "";
}

}  // namespace tenon::python
