// tenon::Tensor in nanobind signatures: `nb::class_` and functions take and return it as it is.
#pragma once

#include <nanobind/nanobind.h>

#include "errors.h"
#include "object.h"
#include "values.h"

NAMESPACE_BEGIN(NB_NAMESPACE)
NAMESPACE_BEGIN(detail)

// None is the undefined tensor, both ways.
template <>
struct type_caster<tenon::Tensor> {
  NB_TYPE_CASTER(tenon::Tensor, const_name("tenon.Tensor"))

  bool from_python(handle source, uint8_t, cleanup_list*) noexcept {
    if (source.is_none()) {
      value = tenon::Tensor();
      return true;
    }
    if (!tenon::python::is_tensor(source.ptr())) return false;
    value = tenon::python::unwrap(source.ptr());
    return true;
  }
  static handle from_cpp(const tenon::Tensor& tensor, rv_policy, cleanup_list*) noexcept {
    return tenon::python::wrap(tenon::Tensor(tensor));
  }
};

template <>
struct type_caster<tenon::DType> {
  NB_TYPE_CASTER(tenon::DType, const_name("tenon.dtype"))

  bool from_python(handle source, uint8_t, cleanup_list*) noexcept {
    const auto dtype = tenon::python::to_dtype(source.ptr());
    if (dtype) value = *dtype;
    return dtype.has_value();
  }
  static handle from_cpp(tenon::DType dtype, rv_policy, cleanup_list*) noexcept { return tenon::python::wrap(dtype); }
};

template <>
struct type_caster<tenon::Device> {
  NB_TYPE_CASTER(tenon::Device, const_name("tenon.device"))

  bool from_python(handle source, uint8_t, cleanup_list*) noexcept {
    try {
      const auto device = tenon::python::to_device(source.ptr());
      if (device) value = *device;
      return device.has_value();
    } catch (...) {
      PyErr_Clear();
      return false;
    }
  }
  static handle from_cpp(tenon::Device device, rv_policy, cleanup_list*) noexcept {
    return tenon::python::wrap(device);
  }
};

// A tuple of ints for sizes; any sequence of ints is taken.
template <>
struct type_caster<tenon::Dims> {
  NB_TYPE_CASTER(tenon::Dims, const_name("tenon.Size"))

  bool from_python(handle source, uint8_t, cleanup_list*) noexcept;
  static handle from_cpp(const tenon::Dims& dims, rv_policy, cleanup_list*) noexcept {
    return tenon::python::wrap_size(dims);
  }
};

template <>
struct type_caster<tenon::Scalar> {
  NB_TYPE_CASTER(tenon::Scalar, const_name("float"))

  bool from_python(handle source, uint8_t, cleanup_list*) noexcept;
  static handle from_cpp(const tenon::Scalar& value, rv_policy, cleanup_list*) noexcept {
    return tenon::python::wrap(value);
  }
};

NAMESPACE_END(detail)
NAMESPACE_END(NB_NAMESPACE)

#include "convert.h"

NAMESPACE_BEGIN(NB_NAMESPACE)
NAMESPACE_BEGIN(detail)

inline bool type_caster<tenon::Dims>::from_python(handle source, uint8_t, cleanup_list*) noexcept {
  try {
    return tenon::python::to_dims(source.ptr(), value);
  } catch (...) {
    PyErr_Clear();
    return false;
  }
}
inline bool type_caster<tenon::Scalar>::from_python(handle source, uint8_t, cleanup_list*) noexcept {
  try {
    return tenon::python::to_scalar(source.ptr(), value, true);
  } catch (...) {
    PyErr_Clear();
    return false;
  }
}

NAMESPACE_END(detail)
NAMESPACE_END(NB_NAMESPACE)
