// Operators of the Tensor type: slots that call the op itself, without the argument parser.
#include <cstring>

#include <tenon/core/error.h>

#include "construct.h"
#include "convert.h"
#include "errors.h"
#include "function_override.h"
#include "indexing.h"
#include "named_op.h"
#include "object.h"
#include "op_function.h"
#include "symbolic_dim.h"
#include "traced.h"
#include "values.h"

namespace tenon::python {

namespace {

struct Operator {
  explicit Operator(const char* name) : op(name), name(name) {}
  NamedOp op;
  const char* name;
};

Operator add{"add"}, sub{"sub"}, mul{"mul"}, divide{"div"}, power{"pow"}, matmul{"matmul"};
Operator remainder{"remainder"}, floor_divide{"floor_divide"};
Operator bit_and{"bitwise_and"}, bit_or{"bitwise_or"}, bit_xor{"bitwise_xor"}, bit_not{"bitwise_not"};
Operator left_shift{"bitwise_left_shift"}, right_shift{"bitwise_right_shift"};
Operator negative{"neg"}, absolute{"abs"};
Operator eq{"eq"}, ne{"ne"}, lt{"lt"}, le{"le"}, gt{"gt"}, ge{"ge"};
Operator any{"any"}, select_op{"select"};

bool is_override(PyObject* object) {
  if (is_exact_tensor(object)) return false;
  return is_tensor(object) ? wants_function_override(Py_TYPE(object)) : has_function_override(object);
}

PyObject* override_operator(const char* name, PyObject* const* args, Py_ssize_t count) {
  PyObject* method = find_method(name);
  if (method == nullptr) Py_RETURN_NOTIMPLEMENTED;
  return call_override(method, args, count, nullptr);
}

template <class F>
auto without_gil(F&& f) {
  ReleaseGil release;
  return f();
}

template <class... Impl>
PyObject* run_operator(const NamedOp& op, Impl*... inputs) {
  TensorImpl* const in[] = {inputs...};
  const auto run = [&] { return op.call(Inputs(in, sizeof...(inputs))); };
  const bool is_long = !(is_small(inputs) && ...) && (work_of(inputs) + ...) > kLongWork;
  return wrap(is_long ? without_gil(run) : run());
}

// At least one of the two is no plain tensor.
PyObject* binary_slow(const Operator& o, PyObject* a, PyObject* b) {
  PyObject* const both[] = {a, b};
  if (!o.op.exists()) Py_RETURN_NOTIMPLEMENTED;
  TensorImpl* impls[2];
  Tensor numbers[2];
  for (int i = 0; i < 2; ++i) {
    if (is_exact_tensor(both[i])) {
      impls[i] = impl_of(both[i]);
      continue;
    }
    Scalar value;
    if (PyFloat_CheckExact(both[i])) {
      value = PyFloat_AS_DOUBLE(both[i]);
    } else {
      if (override_state.subclasses_enabled && is_override(both[i])) return override_operator(o.name, both, 2);
      if (is_tensor(both[i])) {
        impls[i] = impl_of(both[i]);
        continue;
      }
      if (is_symbolic_dim(both[i])) {
        numbers[i] = number_of(both[i]);
        impls[i] = numbers[i].impl();
        continue;
      }
      if (!to_scalar(both[i], value)) {
        if (!is_numpy_array(both[i])) Py_RETURN_NOTIMPLEMENTED;
        numbers[i] = as_tensor(both[i]);
        impls[i] = numbers[i].impl();
        continue;
      }
    }
    numbers[i] = Tensor(value);
    impls[i] = numbers[i].impl();
  }
  return run_operator(o.op, impls[0], impls[1]);
}

template <Operator& o>
PyObject* binary(PyObject* a, PyObject* b) {
  return guarded([&]() -> PyObject* {
    if (is_exact_tensor(a) && is_exact_tensor(b)) [[likely]] {
      return run_operator(o.op, impl_of(a), impl_of(b));
    }
    return binary_slow(o, a, b);
  });
}

template <Operator& o>
PyObject* inplace(PyObject* a, PyObject* b) {
  return guarded([&]() -> PyObject* {
    PyObject* const both[] = {a, b};
    const bool a_override = !is_exact_tensor(a) && override_state.subclasses_enabled && is_override(a);
    if (a_override) {
      return override_operator((std::string(o.name) + "_").c_str(), both, 2);
    }
    Tensor number;
    TensorImpl* other;
    if (is_tensor(b)) {
      other = impl_of(b);
    } else {
      Scalar value;
      if (is_symbolic_dim(b)) {
        number = number_of(b);
      } else if (to_scalar(b, value)) {
        number = Tensor(value);
      } else if (is_numpy_array(b)) {
        number = as_tensor(b);
      } else {
        Py_RETURN_NOTIMPLEMENTED;
      }
      other = number.impl();
    }
    TensorImpl* const in[] = {impl_of(a), other};
    const bool release_gil = work_of(in[0]) > kLongWork;
    if (release_gil) {
      ReleaseGil release;
      o.op.call_inplace(Inputs(in, 2));
    } else {
      o.op.call_inplace(Inputs(in, 2));
    }
    return Py_NewRef(a);
  });
}

template <Operator& o>
PyObject* unary(PyObject* a) {
  return guarded([&]() -> PyObject* {
    if (!is_exact_tensor(a) && override_state.subclasses_enabled && is_override(a)) {
      return override_operator(o.name, &a, 1);
    }
    return run_operator(o.op, impl_of(a));
  });
}

PyObject* nb_power(PyObject* a, PyObject* b, PyObject* modulo) {
  if (modulo != Py_None) Py_RETURN_NOTIMPLEMENTED;
  return binary<power>(a, b);
}
PyObject* nb_inplace_power(PyObject* a, PyObject* b, PyObject*) { return inplace<power>(a, b); }
PyObject* nb_positive(PyObject* a) { return Py_NewRef(a); }
PyObject* nb_divmod(PyObject* a, PyObject* b) {
  Owned quotient(binary<floor_divide>(a, b));
  if (!quotient || quotient.get() == Py_NotImplemented) return quotient.release();
  Owned rest(binary<remainder>(a, b));
  return rest ? PyTuple_Pack(2, quotient.get(), rest.get()) : nullptr;
}

PyObject* compare(PyObject* a, PyObject* b, int op) {
  switch (op) {
    case Py_EQ:
      return binary<eq>(a, b);
    case Py_NE:
      return binary<ne>(a, b);
    case Py_LT:
      return binary<lt>(a, b);
    case Py_LE:
      return binary<le>(a, b);
    case Py_GT:
      return binary<gt>(a, b);
    default:
      return binary<ge>(a, b);
  }
}

// ---- as a Python number ----

int nb_bool(PyObject* self) {
  return guarded_int([&]() -> int {
    const Tensor& tensor = unwrap(self);
    need_values(tensor, "bool() or a branch on a tensor");
    if (const int64_t n = tensor.numel(); n != 1) {
      raise(PyExc_RuntimeError, n == 0 ? "Boolean value of Tensor with no values is ambiguous"
                                       : "Boolean value of Tensor with more than one value is ambiguous");
    }
    return tensor.scalar().to_bool();
  });
}

PyObject* nb_int(PyObject* self) {
  return guarded([&] {
    need_values(unwrap(self), "int()");
    Owned number(checked(wrap(unwrap(self).scalar())));
    if (PyComplex_Check(number.get())) raise(PyExc_TypeError, "can't convert complex to int");
    return PyNumber_Long(number.get());
  });
}

PyObject* nb_float(PyObject* self) {
  return guarded([&] {
    need_values(unwrap(self), "float()");
    const Scalar value = unwrap(self).scalar();
    if (value.kind() == Kind::Complex && value.to_complex().imag() != 0) {
      raise(PyExc_RuntimeError, "value cannot be converted to type double without overflow");
    }
    return PyFloat_FromDouble(value.to_double());
  });
}

PyObject* nb_index(PyObject* self) {
  return guarded([&] {
    const Tensor& tensor = unwrap(self);
    need_values(tensor, "an index");
    if (!is_integral(tensor.dtype()) || tensor.numel() != 1) {
      raise(PyExc_TypeError, "only integer tensors of a single element can be converted to an index");
    }
    return PyLong_FromLongLong(tensor.scalar().to_int());
  });
}

// ---- as a container ----

Py_ssize_t length(PyObject* self) {
  const Tensor& tensor = unwrap(self);
  if (tensor.dim() == 0) {
    PyErr_SetString(PyExc_TypeError, "len() of a 0-d tensor");
    return -1;
  }
  if (tensor.shape()[0].is_symbolic()) {
    return guarded_int([&]() -> int {
      const Owned size(checked(dim_object(tensor.shape()[0])));
      fail_unknown_size(size.get(), "len()");
    });
  }
  return static_cast<Py_ssize_t>(tensor.shape()[0].value());
}

PyObject* iterate(PyObject* self) {
  return guarded([&]() -> PyObject* {
    const Tensor& tensor = unwrap(self);
    if (tensor.dim() == 0) raise(PyExc_TypeError, "iteration over a 0-d tensor");
    if (tensor.shape()[0].is_symbolic()) {
      const Owned size(checked(dim_object(tensor.shape()[0])));
      fail_unknown_size(size.get(), "a loop over the tensor");
    }
    if (PyObject* unbind = find_method("unbind")) {
      Owned rows(PyObject_CallOneArg(unbind, self));
      return rows ? PyObject_GetIter(rows.get()) : nullptr;
    }
    const int64_t n = tensor.shape()[0].value();
    Owned rows(checked(PyTuple_New(n)));
    for (int64_t i = 0; i < n; ++i) {
      Owned index(checked(PyLong_FromLongLong(i)));
      PyTuple_SET_ITEM(rows.get(), i, checked(subscript(self, index.get())));
    }
    return PyObject_GetIter(rows.get());
  });
}

int contains(PyObject* self, PyObject* element) {
  return guarded_int([&]() -> int {
    Scalar value;
    if (!is_tensor(element) && !to_scalar(element, value)) {
      raise(PyExc_RuntimeError, "Tensor.__contains__ only supports Tensor or scalar, but you passed in a %s.",
            Py_TYPE(element)->tp_name);
    }
    Owned equal(checked(compare(self, element, Py_EQ)));
    need_values(unwrap(equal.get()), "'in'");
    if (unwrap(equal.get()).numel() == 0) return 0;
    const Tensor result = any.op.call({impl_of(equal.get())});
    return result.scalar().to_bool();
  });
}

Py_hash_t hash(PyObject* self) { return _Py_HashPointer(self); }

}  // namespace

#define SLOT(name, function) \
  { name, reinterpret_cast<void*>(function) }
PyType_Slot operator_slots[] = {
    SLOT(Py_nb_add, (&binary<add>)),
    SLOT(Py_nb_subtract, (&binary<sub>)),
    SLOT(Py_nb_multiply, (&binary<mul>)),
    SLOT(Py_nb_true_divide, (&binary<divide>)),
    SLOT(Py_nb_floor_divide, (&binary<floor_divide>)),
    SLOT(Py_nb_remainder, (&binary<remainder>)),
    SLOT(Py_nb_divmod, &nb_divmod),
    SLOT(Py_nb_power, &nb_power),
    SLOT(Py_nb_matrix_multiply, (&binary<matmul>)),
    SLOT(Py_nb_and, (&binary<bit_and>)),
    SLOT(Py_nb_or, (&binary<bit_or>)),
    SLOT(Py_nb_xor, (&binary<bit_xor>)),
    SLOT(Py_nb_lshift, (&binary<left_shift>)),
    SLOT(Py_nb_rshift, (&binary<right_shift>)),
    SLOT(Py_nb_inplace_add, (&inplace<add>)),
    SLOT(Py_nb_inplace_subtract, (&inplace<sub>)),
    SLOT(Py_nb_inplace_multiply, (&inplace<mul>)),
    SLOT(Py_nb_inplace_true_divide, (&inplace<divide>)),
    SLOT(Py_nb_inplace_floor_divide, (&inplace<floor_divide>)),
    SLOT(Py_nb_inplace_remainder, (&inplace<remainder>)),
    SLOT(Py_nb_inplace_power, &nb_inplace_power),
    SLOT(Py_nb_inplace_and, (&inplace<bit_and>)),
    SLOT(Py_nb_inplace_or, (&inplace<bit_or>)),
    SLOT(Py_nb_inplace_xor, (&inplace<bit_xor>)),
    SLOT(Py_nb_inplace_lshift, (&inplace<left_shift>)),
    SLOT(Py_nb_inplace_rshift, (&inplace<right_shift>)),
    SLOT(Py_nb_negative, (&unary<negative>)),
    SLOT(Py_nb_positive, &nb_positive),
    SLOT(Py_nb_absolute, (&unary<absolute>)),
    SLOT(Py_nb_invert, (&unary<bit_not>)),
    SLOT(Py_nb_bool, &nb_bool),
    SLOT(Py_nb_int, &nb_int),
    SLOT(Py_nb_float, &nb_float),
    SLOT(Py_nb_index, &nb_index),
    SLOT(Py_tp_richcompare, &compare),
    SLOT(Py_tp_hash, &hash),
    SLOT(Py_tp_iter, &iterate),
    SLOT(Py_sq_contains, &contains),
    SLOT(Py_mp_length, &length),
    SLOT(Py_mp_subscript, &subscript),
    SLOT(Py_mp_ass_subscript, &assign_subscript),
    {0, nullptr},
};
#undef SLOT

}  // namespace tenon::python
