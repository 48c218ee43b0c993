// Attributes and methods of Tensor that are no ops.
#include <cstring>

#include <tenon/autograd/autograd.h>
#include <tenon/core/door.h>
#include <tenon/core/error.h>
#include <tenon/core/print.h>
#include <tenon/ops/views.h>

#include "autograd.h"
#include "construct.h"
#include "convert.h"
#include "errors.h"
#include "function_override.h"
#include "named_op.h"
#include "object.h"
#include "op_function.h"
#include "symbolic_dim.h"
#include "traced.h"
#include "values.h"

namespace tenon::python {

PyObject* tensor_dlpack(PyObject* self, PyObject* args, PyObject* kwargs);  // dlpack.cpp
PyObject* tensor_dlpack_device(PyObject* self, PyObject*);

namespace {

PyObject* text_object(const std::string& s) {
  return PyUnicode_FromStringAndSize(s.data(), static_cast<Py_ssize_t>(s.size()));
}

// ---- attributes ----

template <auto body>
PyObject* getter(PyObject* self, void*) {
  return guarded([&] { return body(unwrap(self)); });
}
template <bool value>
PyObject* constant(PyObject*, void*) {
  return PyBool_FromLong(value);
}

// A view attribute of a subclass has the subclass too.
PyObject* wrap_like(PyObject* self, Tensor tensor) {
  if (!is_exact_tensor(self) && wants_function_override(Py_TYPE(self))) {
    return wrap_as(Py_TYPE(self), std::move(tensor));
  }
  return wrap(std::move(tensor));
}

Tensor swap_last(const Tensor& t, const char* name) {
  if (t.dim() < 2) {
    fail<ShapeError>("tensor.", name, " is only supported on matrices or batches of matrices. Got ", t.dim(),
                     "-D tensor.");
  }
  return tenon::apply(Transpose{.dim0 = -2, .dim1 = -1}, t);
}

PyObject* get_T(PyObject* self, void*) {
  return guarded([&] {
    const Tensor& t = unwrap(self);
    Permute record;
    for (int64_t i = t.dim() - 1; i >= 0; --i) record.dims.push_back(i);
    return wrap_like(self, tenon::apply(record, t));
  });
}
PyObject* get_mT(PyObject* self, void*) {
  return guarded([&] { return wrap_like(self, swap_last(unwrap(self), "mT")); });
}
PyObject* get_H(PyObject* self, void*) {
  return guarded([&] {
    static const NamedOp conj("conj");
    const Tensor t = swap_last(unwrap(self), "mH");
    return wrap_like(self, is_complex(t.dtype()) ? conj.call({t.impl()}) : t);
  });
}
template <int part>
PyObject* get_part(PyObject* self, void*) {
  return guarded([&]() -> PyObject* {
    const Tensor& t = unwrap(self);
    if (!is_complex(t.dtype())) {
      if (part == 0) return Py_NewRef(self);
      raise(PyExc_RuntimeError, "imag is not implemented for tensors with non-complex dtypes.");
    }
    return wrap_like(self, tenon::apply(Select{.dim = -1, .index = part}, tenon::apply(ViewAsReal{}, t)));
  });
}

int set_requires_grad(PyObject* self, PyObject* value, void*) {
  return guarded_int([&]() -> int {
    if (value == nullptr || !PyBool_Check(value)) raise(PyExc_RuntimeError, "requires_grad must be a bool");
    Tensor(unwrap(self)).requires_grad_(value == Py_True);
    return 0;
  });
}

PyObject* get_grad(const Tensor& t) {
  Tensor grad = t.grad();
  if (!grad.defined() && !t.is_leaf() && !retains_grad(t) &&
      PyErr_WarnEx(PyExc_UserWarning,
                   "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed: backward() does not "
                   "fill it; call retain_grad() on the tensor before, or read the leaf's .grad",
                   1) < 0) {
    throw_python_error();
  }
  return wrap(std::move(grad));
}

int set_grad(PyObject* self, PyObject* value, void*) {
  return guarded_int([&]() -> int {
    Tensor t = unwrap(self);
    if (value == nullptr || value == Py_None) {
      t.set_grad(Tensor());
    } else if (is_tensor(value)) {
      t.set_grad(unwrap(value));
    } else {
      raise(PyExc_TypeError, "assigned grad expected to be a Tensor or None but got grad of type %s",
            Py_TYPE(value)->tp_name);
    }
    return 0;
  });
}

PyObject* get_data(PyObject* self, void*) {
  return guarded([&] {
    Tensor t = unwrap(self);
    Tensor out = t.alias(t.shape(), t.strides(), t.storage_offset());
    out.impl()->flags |= TensorImpl::kUntracked;
    return wrap_like(self, std::move(out));
  });
}

// The tensor takes on the other's storage and geometry; its history and its objects stay.
int set_data(PyObject* self, PyObject* value, void*) {
  return guarded_int([&]() -> int {
    if (value == nullptr || !is_tensor(value)) {
      raise(PyExc_TypeError, "Variable data has to be a tensor, but got %s",
            value == nullptr ? "nothing" : Py_TYPE(value)->tp_name);
    }
    TensorImpl* to = impl_of(self);
    const TensorImpl* from = impl_of(value);
    if (to == from) return 0;
    if ((to->flags & TensorImpl::kRequiresGrad) != 0 && !is_differentiable(from->spec.dtype)) {
      raise(PyExc_RuntimeError, "data set to a tensor that requires gradients must be floating point or complex dtype");
    }
    to->spec = from->spec;
    to->spec.weak = false;
    to->strides = from->strides;
    to->offset = from->offset;
    to->contiguous = from->contiguous;
    to->storage = from->storage;
    // It looks into other memory now, so it follows its old base no longer.
    to->base = {};
    to->flags &= static_cast<uint8_t>(~TensorImpl::kView);
    return 0;
  });
}

PyObject* get_base(PyObject* self, void*) {
  const TensorImpl* impl = impl_of(self);
  if (!impl->base) Py_RETURN_NONE;
  return guarded([&] { return wrap(Tensor(impl->base)); });
}

#define GETTER(expression) (&getter<[](const Tensor& t) -> PyObject* { return expression; }>)

// ---- methods ----

Dim elements(const Tensor& t) {
  if ((t.impl()->flags & TensorImpl::kExtended) == 0) return t.numel();
  Dim n = 1;
  for (Dim d : t.shape()) n = n * d;
  return n;
}

PyObject* positional(PyObject* args, PyObject* kwargs, const char* name) {
  // The one optional argument of a method, or null.
  if (PyTuple_GET_SIZE(args) > 0) return PyTuple_GET_ITEM(args, 0);
  return kwargs == nullptr ? nullptr : PyDict_GetItemString(kwargs, name);
}

PyObject* method_size(PyObject* self, PyObject* args, PyObject* kwargs) {
  return guarded([&]() -> PyObject* {
    PyObject* dim = positional(args, kwargs, "dim");
    if (dim == nullptr || dim == Py_None) return wrap_size(unwrap(self).shape());
    int64_t d;
    if (!to_int(dim, d)) raise(PyExc_TypeError, "size(): argument 'dim' must be int, not %s", Py_TYPE(dim)->tp_name);
    const Tensor& t = unwrap(self);
    if (t.dim() == 0) return PyLong_FromLongLong(t.size(d));  // raises
    return dim_object(t.shape()[static_cast<size_t>(wrap_dim("size", d, t.dim()))]);
  });
}

PyObject* method_stride(PyObject* self, PyObject* args, PyObject* kwargs) {
  return guarded([&]() -> PyObject* {
    const Tensor& t = unwrap(self);
    PyObject* dim = positional(args, kwargs, "dim");
    if (dim == nullptr || dim == Py_None) return wrap_strides(t.strides());
    int64_t d;
    if (!to_int(dim, d)) raise(PyExc_TypeError, "stride(): argument 'dim' must be int, not %s", Py_TYPE(dim)->tp_name);
    return PyLong_FromLongLong(t.strides()[static_cast<size_t>(wrap_dim("stride", d, t.dim()))].value());
  });
}

PyObject* method_is_contiguous(PyObject* self, PyObject* args, PyObject* kwargs) {
  const Tensor& t = unwrap(self);
  PyObject* format = positional(args, kwargs, "memory_format");
  if (format != nullptr && Py_TYPE(format) == memory_format_type &&
      strncmp(name_of_object(format), "channels_last", 13) == 0) {
    const size_t n = t.shape().size();
    if (n != (strcmp(name_of_object(format), "channels_last") == 0 ? 4u : 5u)) Py_RETURN_FALSE;
    int64_t expected = 1;  // the channels, then the others from the last
    for (size_t k = 0; k < n; ++k) {
      const size_t i = k == 0 ? 1 : k == n - 1 ? 0 : n - k;
      if (t.shape()[i].value() != 1 && t.strides()[i].value() != expected) Py_RETURN_FALSE;
      expected *= t.shape()[i].value();
    }
    Py_RETURN_TRUE;
  }
  return PyBool_FromLong(t.is_contiguous());
}

PyObject* method_requires_grad(PyObject* self, PyObject* args, PyObject* kwargs) {
  return guarded([&]() -> PyObject* {
    PyObject* value = positional(args, kwargs, "requires_grad");
    bool wanted = true;
    if (value != nullptr && !to_bool(value, wanted)) raise(PyExc_TypeError, "requires_grad_(): expected a bool");
    Tensor(unwrap(self)).requires_grad_(wanted);
    return Py_NewRef(self);
  });
}

PyObject* method_detach_(PyObject* self, PyObject*) {
  return guarded([&] {
    tenon::detach_(unwrap(self));
    return Py_NewRef(self);
  });
}
PyObject* method_detach(PyObject* self, PyObject*) {
  return guarded([&] { return wrap_like(self, unwrap(self).detach()); });
}
PyObject* method_retain_grad(PyObject* self, PyObject*) {
  return guarded([&]() -> PyObject* {
    tenon::retain_grad(unwrap(self));
    Py_RETURN_NONE;
  });
}

PyObject* method_item(PyObject* self, PyObject*) {
  return guarded([&] { return wrap(unwrap(self).scalar()); });
}
PyObject* method_complex(PyObject* self, PyObject*) {
  return guarded([&] {
    const std::complex<double> c = unwrap(self).scalar().to_complex();
    return PyComplex_FromDoubles(c.real(), c.imag());
  });
}
PyObject* method_tolist(PyObject* self, PyObject*) {
  return guarded([&] {
    need_values(unwrap(self), ".tolist()");
    return to_list(unwrap(self));
  });
}
PyObject* method_numpy(PyObject* self, PyObject* args, PyObject* kwargs) {
  return guarded([&] {
    PyObject* force = positional(args, kwargs, "force");
    return to_numpy(self, force != nullptr && truth(force));
  });
}
// NumPy's way in: __array__(dtype=None, copy=None).
PyObject* method_array(PyObject* self, PyObject* args, PyObject* kwargs) {
  return guarded([&]() -> PyObject* {
    Owned array(checked(to_numpy(self, false)));
    PyObject* dtype = positional(args, kwargs, "dtype");
    PyObject* copy = kwargs == nullptr ? nullptr : PyDict_GetItemString(kwargs, "copy");
    if (dtype != nullptr && dtype != Py_None) {
      array = Owned(checked(PyObject_CallMethod(array.get(), "astype", "O", dtype)));
    } else if (copy == Py_True) {
      array = Owned(checked(PyObject_CallMethod(array.get(), "copy", nullptr)));
    }
    return array.release();
  });
}
PyObject* method_array_wrap(PyObject*, PyObject* args) {
  return guarded([&]() -> PyObject* {
    if (PyTuple_GET_SIZE(args) < 1) raise(PyExc_TypeError, "__array_wrap__() takes an array");
    return wrap(as_tensor(PyTuple_GET_ITEM(args, 0)));
  });
}

PyObject* method_format(PyObject* self, PyObject* spec) {
  return guarded([&]() -> PyObject* {
    const bool values = (unwrap(self).impl()->flags & TensorImpl::kExtended) == 0;
    if (!values && PyUnicode_GetLength(spec) > 0) need_values(unwrap(self), "a format");
    const bool number = values && unwrap(self).dim() == 0 && unwrap(self).device().kind != DeviceKind::Meta;
    if (number && (Py_TYPE(self) == tensor_type || PyUnicode_GetLength(spec) > 0)) {
      Owned value(checked(wrap(unwrap(self).scalar())));
      return PyObject_Format(value.get(), spec);
    }
    if (PyUnicode_GetLength(spec) > 0) {
      raise(PyExc_TypeError, "unsupported format string passed to Tensor.__format__");
    }
    return PyObject_Str(self);
  });
}

PyObject* method_deepcopy(PyObject* self, PyObject* memo) {
  static PyObject* helper = nullptr;
  if (helper == nullptr) {
    Owned module(PyImport_ImportModule("tenon._tensor"));
    helper = module ? PyObject_GetAttrString(module.get(), "deepcopy") : nullptr;
    if (helper == nullptr) return nullptr;
  }
  return PyObject_CallFunctionObjArgs(helper, self, memo, nullptr);
}
PyObject* method_reduce(PyObject* self, PyObject* protocol) {
  Owned module(PyImport_ImportModule("tenon._tensor"));
  return module ? PyObject_CallMethod(module.get(), "reduce_ex", "OO", self, protocol) : nullptr;
}

PyObject* method_as_subclass(PyObject* self, PyObject* cls) {
  return guarded([&]() -> PyObject* {
    if (!PyType_Check(cls) || !PyType_IsSubtype(reinterpret_cast<PyTypeObject*>(cls), tensor_type)) {
      raise(PyExc_TypeError, "as_subclass(): cls must be a subclass of Tensor");
    }
    return wrap_as(reinterpret_cast<PyTypeObject*>(cls), call_alias(unwrap(self)));
  });
}
// _make_subclass(cls, data, require_grad=False): as as_subclass, without history.
PyObject* make_subclass(PyObject*, PyObject* args, PyObject* kwargs) {
  static const char* names[] = {"cls", "data", "require_grad", nullptr};
  PyObject *cls = nullptr, *data = nullptr;
  int requires_grad = 0;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|p", const_cast<char**>(names), &cls, &data, &requires_grad))
    return nullptr;
  return guarded([&]() -> PyObject* {
    if (!PyType_Check(cls) || !is_tensor(data))
      raise(PyExc_TypeError, "_make_subclass(): expected a class and a Tensor");
    Tensor tensor = unwrap(data).detach();
    if (requires_grad != 0) tensor.requires_grad_(true);
    return wrap_as(reinterpret_cast<PyTypeObject*>(cls), std::move(tensor));
  });
}

PyObject* method_data_ptr(PyObject* self, PyObject*) {
  return guarded([&] {
    need_values(unwrap(self), "data_ptr()");
    return PyLong_FromVoidPtr(unwrap(self).data_ptr());
  });
}
PyObject* method_get_device(PyObject*, PyObject*) { return PyLong_FromLong(-1); }
PyObject* method_is_set_to(PyObject* self, PyObject* other) {
  if (!is_tensor(other)) return PyErr_Format(PyExc_TypeError, "is_set_to(): expected a Tensor");
  const TensorImpl *a = impl_of(self), *b = impl_of(other);
  return PyBool_FromLong(a->storage == b->storage && a->offset == b->offset && a->spec.shape == b->spec.shape &&
                         a->strides == b->strides);
}
PyObject* method_is_same_size(PyObject* self, PyObject* other) {
  if (!is_tensor(other)) return PyErr_Format(PyExc_TypeError, "is_same_size(): expected a Tensor");
  return PyBool_FromLong(unwrap(self).shape() == unwrap(other).shape());
}
PyObject* return_self(PyObject* self, PyObject*, PyObject*) { return Py_NewRef(self); }
PyObject* return_false(PyObject*, PyObject*) { Py_RETURN_FALSE; }

// new_tensor(data, *, dtype=None, device=None, requires_grad=False)
PyObject* method_new_tensor(PyObject* self, PyObject* args, PyObject* kwargs) {
  static const char* names[] = {"data", "dtype", "device", "requires_grad", nullptr};
  PyObject *data = nullptr, *dtype = Py_None, *device = Py_None;
  int requires_grad = 0;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|$OOp", const_cast<char**>(names), &data, &dtype, &device,
                                   &requires_grad))
    return nullptr;
  return guarded([&] {
    const Tensor& t = unwrap(self);
    Tensor out = tensor_from_data(data, dtype == Py_None ? t.dtype() : to_dtype(dtype).value_or(t.dtype()),
                                  device == Py_None ? t.device() : to_device(device).value_or(t.device()));
    if (requires_grad != 0) out.requires_grad_(true);
    return wrap(std::move(out));
  });
}

template <auto body>
PyObject* simple(PyObject* self, PyObject*) {
  return guarded([&] { return body(unwrap(self)); });
}
#define SIMPLE(expression) (&simple<[](const Tensor& t) -> PyObject* { return expression; }>)
#define KEYWORDS(function) reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function))

}  // namespace

PyGetSetDef tensor_getset[] = {
    {"shape", GETTER(wrap_size(t.shape())), nullptr, "The sizes, a tuple", nullptr},
    {"dtype", GETTER(wrap(t.dtype())), nullptr, "The type of the elements", nullptr},
    {"device", GETTER(wrap(t.device())), nullptr, "Where the data lies", nullptr},
    {"ndim", GETTER(PyLong_FromLongLong(t.dim())), nullptr, "The number of dimensions", nullptr},
    {"itemsize", GETTER(PyLong_FromLongLong(t.element_size())), nullptr, "Bytes of one element", nullptr},
    {"nbytes", GETTER(dim_object(elements(t) * Dim(t.element_size()))), nullptr, "Bytes of all elements", nullptr},
    {"T", &get_T, nullptr, "The dimensions in reverse order", nullptr},
    {"mT", &get_mT, nullptr, "The last two dimensions exchanged", nullptr},
    {"H", &get_H, nullptr, "The matrix conjugated and transposed", nullptr},
    {"mH", &get_H, nullptr, "The last two dimensions exchanged, conjugated", nullptr},
    {"real", &get_part<0>, nullptr, "The real parts", nullptr},
    {"imag", &get_part<1>, nullptr, "The imaginary parts", nullptr},
    {"requires_grad", GETTER(PyBool_FromLong(t.requires_grad())), &set_requires_grad, "Whether gradients are wanted",
     nullptr},
    {"grad", GETTER(get_grad(t)), &set_grad, "The gradient that backward() accumulated, or None", nullptr},
    {"_grad", GETTER(wrap(t.grad())), &set_grad, nullptr, nullptr},
    {"grad_fn", GETTER(get_grad_fn(t)), nullptr, "The node of the graph that made the tensor, or None", nullptr},
    {"is_leaf", GETTER(PyBool_FromLong(t.is_leaf())), nullptr, "Whether no recorded op made the tensor", nullptr},
    {"retains_grad", GETTER(PyBool_FromLong(retains_grad(t))), nullptr, "Whether retain_grad() was called", nullptr},
    {"output_nr", GETTER(PyLong_FromUnsignedLong(output_index(t))), nullptr, "Which output of grad_fn", nullptr},
    {"data", &get_data, &set_data, "The same values without history", nullptr},
    {"_version", GETTER(PyLong_FromUnsignedLong(t.version())), nullptr, "Counts the writes in place", nullptr},
    {"_base", &get_base, nullptr, "Of a view: the tensor it looks into", nullptr},
    {"is_cpu", GETTER(PyBool_FromLong(t.device().kind == DeviceKind::CPU)), nullptr, nullptr, nullptr},
    {"is_meta", GETTER(PyBool_FromLong(t.device().kind == DeviceKind::Meta)), nullptr, nullptr, nullptr},
    {"is_cuda", &constant<false>, nullptr, nullptr, nullptr},
    {"is_mps", &constant<false>, nullptr, nullptr, nullptr},
    {"is_xpu", &constant<false>, nullptr, nullptr, nullptr},
    {"is_sparse", &constant<false>, nullptr, nullptr, nullptr},
    {"is_sparse_csr", &constant<false>, nullptr, nullptr, nullptr},
    {"is_quantized", &constant<false>, nullptr, nullptr, nullptr},
    {"is_mkldnn", &constant<false>, nullptr, nullptr, nullptr},
    {"is_nested", &constant<false>, nullptr, nullptr, nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyMethodDef tensor_methods[] = {
    {"size", KEYWORDS(&method_size), METH_VARARGS | METH_KEYWORDS, "size(dim=None)\n--\n\nThe sizes, or one of them."},
    {"stride", KEYWORDS(&method_stride), METH_VARARGS | METH_KEYWORDS, "stride(dim=None)\n--\n\nSteps in elements."},
    {"dim", SIMPLE(PyLong_FromLongLong(t.dim())), METH_NOARGS, "The number of dimensions"},
    {"ndimension", SIMPLE(PyLong_FromLongLong(t.dim())), METH_NOARGS, "The number of dimensions"},
    {"numel", SIMPLE(dim_object(elements(t))), METH_NOARGS, "The number of elements"},
    {"nelement", SIMPLE(dim_object(elements(t))), METH_NOARGS, "The number of elements"},
    {"element_size", SIMPLE(PyLong_FromLongLong(t.element_size())), METH_NOARGS, "Bytes of one element"},
    {"storage_offset", SIMPLE(PyLong_FromLongLong(t.storage_offset())), METH_NOARGS, "Offset in elements"},
    {"data_ptr", &method_data_ptr, METH_NOARGS, "The address of the first element"},
    {"is_floating_point", SIMPLE(PyBool_FromLong(is_floating(t.dtype()))), METH_NOARGS, nullptr},
    {"is_complex", SIMPLE(PyBool_FromLong(is_complex(t.dtype()))), METH_NOARGS, nullptr},
    {"is_signed", SIMPLE(PyBool_FromLong(info(t.dtype()).is_signed)), METH_NOARGS, nullptr},
    {"is_conj", &return_false, METH_NOARGS, nullptr},
    {"is_neg", &return_false, METH_NOARGS, nullptr},
    {"is_inference", SIMPLE(PyBool_FromLong((t.impl()->flags & TensorImpl::kInference) != 0)), METH_NOARGS, nullptr},
    {"is_contiguous", KEYWORDS(&method_is_contiguous), METH_VARARGS | METH_KEYWORDS,
     "is_contiguous(memory_format=contiguous_format)\n--\n\nWhether the elements lie row-major without gaps."},
    {"is_set_to", &method_is_set_to, METH_O, nullptr},
    {"is_same_size", &method_is_same_size, METH_O, nullptr},
    {"_is_view", SIMPLE(PyBool_FromLong(static_cast<bool>(t.impl()->base))), METH_NOARGS, nullptr},
    {"get_device", &method_get_device, METH_NOARGS, nullptr},
    {"is_pinned", &return_false, METH_NOARGS, nullptr},
    {"pin_memory", KEYWORDS(&return_self), METH_VARARGS | METH_KEYWORDS, nullptr},
    {"requires_grad_", KEYWORDS(&method_requires_grad), METH_VARARGS | METH_KEYWORDS,
     "requires_grad_(requires_grad=True)\n--\n\nWhether gradients are wanted from now on."},
    {"detach", &method_detach, METH_NOARGS, "The same values without history"},
    {"detach_", &method_detach_, METH_NOARGS, "Forgets the history"},
    {"retain_grad", &method_retain_grad, METH_NOARGS, "Keeps the gradient of a tensor that is no leaf in .grad"},
    {"register_hook", &tensor_register_hook, METH_O,
     "register_hook(hook)\n--\n\nCalls hook(grad) when the gradient is known."},
    {"register_post_accumulate_grad_hook", &tensor_register_post_accumulate_grad_hook, METH_O,
     "register_post_accumulate_grad_hook(hook)\n--\n\nCalls hook(leaf) after .grad was added to."},
    {"backward", KEYWORDS(&tensor_backward), METH_FASTCALL | METH_KEYWORDS,
     "backward(gradient=None, retain_graph=None, create_graph=False, inputs=None)\n--\n\n"
     "Adds the gradients of this tensor to .grad of the leaves."},
    {"item", &method_item, METH_NOARGS, "The value of a one-element tensor as a Python number"},
    {"tolist", &method_tolist, METH_NOARGS, "The values as nested lists"},
    {"numpy", KEYWORDS(&method_numpy), METH_VARARGS | METH_KEYWORDS,
     "numpy(*, force=False)\n--\n\nA NumPy array on the same memory."},
    {"__array__", KEYWORDS(&method_array), METH_VARARGS | METH_KEYWORDS, nullptr},
    {"__array_wrap__", &method_array_wrap, METH_VARARGS, nullptr},
    {"__dlpack__", KEYWORDS(&tensor_dlpack), METH_VARARGS | METH_KEYWORDS, nullptr},
    {"__dlpack_device__", &tensor_dlpack_device, METH_NOARGS, nullptr},
    {"__complex__", &method_complex, METH_NOARGS, nullptr},
    {"__format__", &method_format, METH_O, nullptr},
    {"__deepcopy__", &method_deepcopy, METH_O, nullptr},
    {"__reduce_ex__", &method_reduce, METH_O, nullptr},
    {"as_subclass", &method_as_subclass, METH_O,
     "as_subclass(cls)\n--\n\nThe same tensor as an object of another class."},
    {"_make_subclass", KEYWORDS(&make_subclass), METH_VARARGS | METH_KEYWORDS | METH_STATIC, nullptr},
    {"new_tensor", KEYWORDS(&method_new_tensor), METH_VARARGS | METH_KEYWORDS,
     "new_tensor(data, *, dtype=None, device=None, requires_grad=False)\n--\n\nA tensor of this dtype and device."},
    {nullptr, nullptr, 0, nullptr},
};

PyObject* tensor_repr(PyObject* self) {
  return guarded([&]() -> PyObject* {
    const bool parameter = PyType_IsSubtype(Py_TYPE(self), parameter_type);
    const bool exact = is_exact_tensor(self);
    std::string head = "tensor(";
    if (!exact) {
      Owned name(checked(PyType_GetName(Py_TYPE(self))));
      head = std::string(PyUnicode_AsUTF8(name.get())) + "(";
    }
    std::string s = print_tensor(unwrap(self), head);
    if (parameter) s = exact ? "Parameter containing:\n" + s : "Parameter(" + s + ")";
    return text_object(s);
  });
}

}  // namespace tenon::python
