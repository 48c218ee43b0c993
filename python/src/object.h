// The Python object of a tensor: a raw C type, because every nanosecond of wrap() is paid by every op.
// nanobind binds the rest and gets a type caster (caster.h).
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <utility>

#include <tenon/core/tensor.h>

namespace tenon::python {

// Holds one reference to the impl; `TensorImpl::python` points back without one, except that an impl with
// `owns_python` keeps an object alive that Python has dropped, for its attributes.
struct TensorObject {
  PyObject_HEAD TensorImpl* impl;
  PyObject* dict;
  PyObject* weakrefs;
};

extern PyTypeObject* tensor_type;
extern PyTypeObject* parameter_type;  // tenon.nn.Parameter

// An owned reference that lets go by itself.
class Owned {
 public:
  Owned() = default;
  explicit Owned(PyObject* object) : object_(object) {}
  Owned(Owned&& other) noexcept : object_(other.release()) {}
  Owned& operator=(Owned&& other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Owned() { Py_XDECREF(object_); }
  static Owned share(PyObject* object) {
    Py_XINCREF(object);
    return Owned(object);
  }
  PyObject* get() const { return object_; }
  PyObject* release() { return std::exchange(object_, nullptr); }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  PyObject* object_ = nullptr;
};

inline bool is_exact_tensor(PyObject* object) {
  return Py_TYPE(object) == tensor_type || Py_TYPE(object) == parameter_type;
}
inline bool is_tensor(PyObject* object) {
  return is_exact_tensor(object) || PyType_IsSubtype(Py_TYPE(object), tensor_type);
}
inline TensorImpl* impl_of(PyObject* object) { return reinterpret_cast<TensorObject*>(object)->impl; }
// Looks at the object's tensor without taking a reference.
inline const Tensor& unwrap(PyObject* object) {
  static_assert(sizeof(Tensor) == sizeof(TensorImpl*));
  return reinterpret_cast<const Tensor&>(reinterpret_cast<TensorObject*>(object)->impl);
}

// A new reference to the tensor's object; None when undefined. Null (and MemoryError) when out of memory.
PyObject* wrap(Tensor&& tensor);
inline PyObject* wrap(const Tensor& tensor) { return wrap(Tensor(tensor)); }

// Shows the object to the garbage collector, once it holds Python objects that may lead back to it.
void track_object(PyObject* object);

// A new object of `type` (tensor_type or a subtype) for the tensor, which must have none or one that
// only `replaced` holds; otherwise an alias of it is wrapped.
PyObject* wrap_as(PyTypeObject* type, Tensor tensor);

// Makes the types. False with a Python error.
bool make_tensor_types(PyObject* module);

// Filled by other files, read by make_tensor_types().
extern PyGetSetDef tensor_getset[];
extern PyMethodDef tensor_methods[];
extern PyType_Slot operator_slots[];
PyObject* tensor_new(PyTypeObject* type, PyObject* args, PyObject* kwargs);
PyObject* parameter_new(PyTypeObject* type, PyObject* args, PyObject* kwargs);
PyObject* tensor_repr(PyObject* self);
extern PyBufferProcs tensor_buffer;

}  // namespace tenon::python
