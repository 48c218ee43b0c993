// The small value types of Python: dtype, device, Size, layout, memory_format, Generator, finfo, iinfo.
#pragma once

#include <Python.h>

#include <optional>

#include <tenon/core/op.h>

namespace tenon::python {

extern PyTypeObject* dtype_type;
extern PyTypeObject* device_type;
extern PyTypeObject* size_type;
extern PyTypeObject* layout_type;
extern PyTypeObject* memory_format_type;

struct DTypeObject {
  PyObject_HEAD DType dtype;
};
struct DeviceObject {
  PyObject_HEAD Device device;
  PyObject* previous;  // list of the default devices that `with device:` put aside, or null
};

// New references.
PyObject* wrap(DType dtype);
PyObject* wrap(Device device);
PyObject* wrap_size(const Shape& shape);
PyObject* wrap_strides(const Strides& strides);
PyObject* wrap(const Scalar& value);

inline bool is_dtype(PyObject* object) { return Py_TYPE(object) == dtype_type; }
inline DType dtype_of(PyObject* object) { return reinterpret_cast<DTypeObject*>(object)->dtype; }
inline bool is_device(PyObject* object) { return Py_TYPE(object) == device_type; }

// The name of a layout or a memory_format.
const char* name_of_object(PyObject* object);

// What `dtype=` takes: a dtype, or Python's float, int, bool or complex.
std::optional<DType> to_dtype(PyObject* object);
// What `device=` takes: a device, a string, or an index. Throws DeviceError for an unknown name.
std::optional<Device> to_device(PyObject* object);

// Where ops that make tensors put them when no device is given; per thread.
Device default_device();
void set_default_device(Device device);

bool make_value_types(PyObject* module);

}  // namespace tenon::python
