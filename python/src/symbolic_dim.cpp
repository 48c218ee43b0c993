#include "symbolic_dim.h"

#include <tenon/core/error.h>
#include <tenon/trace/trace.h>

#include <string>

#include "convert.h"
#include "errors.h"
#include "named_op.h"
#include "object.h"

namespace tenon::python {

PyTypeObject* symbolic_dim_type = nullptr;

namespace {

struct DimObject {
  PyObject_HEAD Dim dim;
};
Dim dim_of(PyObject* object) { return reinterpret_cast<DimObject*>(object)->dim; }

// With floats, and by true division, a size is a number that the program computes with.
template <PyObject* (*number)(PyObject*, PyObject*)>
PyObject* as_numbers(PyObject* a, PyObject* b) {
  const auto convert = [](PyObject* x) {
    return is_symbolic_dim(x) ? Owned(checked(wrap(number_of(x)))) : Owned::share(x);
  };
  const Owned left = convert(a), right = convert(b);
  return number(left.get(), right.get());
}

Dim plus(Dim a, Dim b) { return a + b; }
Dim minus(Dim a, Dim b) { return a - b; }
Dim times(Dim a, Dim b) { return a * b; }
Dim divided(Dim a, Dim b) {
  check<ValueError>(b.is_symbolic() || b.value() > 0, a, " // ", b, ": the divisor of a size is positive");
  return a / b;
}
Dim modulo(Dim a, Dim b) { return a - divided(a, b) * b; }

template <Dim (*compute)(Dim, Dim), PyObject* (*number)(PyObject*, PyObject*)>
PyObject* binary(PyObject* a, PyObject* b) {
  return guarded([&]() -> PyObject* {
    Dim left, right;
    if (is_tensor(a) || is_tensor(b)) Py_RETURN_NOTIMPLEMENTED;
    if (to_dim(a, left) && to_dim(b, right)) return dim_object(compute(left, right));
    if (PyFloat_Check(a) || PyFloat_Check(b)) return as_numbers<number>(a, b);
    Py_RETURN_NOTIMPLEMENTED;
  });
}
PyObject* number_power(PyObject* a, PyObject* b) { return PyNumber_Power(a, b, Py_None); }
PyObject* power(PyObject* a, PyObject* b, PyObject*) {
  return guarded([&] { return as_numbers<number_power>(a, b); });
}
PyObject* true_divide(PyObject* a, PyObject* b) {
  return guarded([&]() -> PyObject* {
    if (is_tensor(a) || is_tensor(b)) Py_RETURN_NOTIMPLEMENTED;
    return as_numbers<PyNumber_TrueDivide>(a, b);
  });
}
PyObject* negative(PyObject* a) {
  return guarded([&] { return dim_object(Dim(0) - dim_of(a)); });
}

PyObject* compare(PyObject* a, PyObject* b, int op) {
  return guarded([&]() -> PyObject* {
    Dim left, right;
    if (!to_dim(a, left) || !to_dim(b, right)) {
      if (PyFloat_Check(b)) fail_unknown_size(a, "comparing it with a number");
      Py_RETURN_NOTIMPLEMENTED;
    }
    const Dim difference = left - right;
    if (difference.is_symbolic()) {
      static constexpr const char* kNames[] = {"<", "<=", "==", "!=", ">", ">="};
      fail_unknown_size(a, text("'", left, " ", kNames[op], " ", right, "'").c_str());
    }
    Py_RETURN_RICHCOMPARE(difference.value(), 0, op);
  });
}

int to_truth(PyObject* self) {
  return guarded_int([&]() -> int { fail_unknown_size(self, "a branch on it"); });
}
PyObject* to_integer(PyObject* self) {
  return guarded([&]() -> PyObject* { fail_unknown_size(self, "int(), range() or len() of it"); });
}
PyObject* to_floating(PyObject* self) {
  return guarded([&]() -> PyObject* { fail_unknown_size(self, "float() of it"); });
}
PyObject* repr(PyObject* self) {
  return guarded([&] { return PyUnicode_FromString(dim_of(self).str().c_str()); });
}
Py_hash_t hash(PyObject* self) {
  const auto h = static_cast<Py_hash_t>(dim_of(self).raw());
  return h == -1 ? -2 : h;
}

}  // namespace

void fail_unknown_size(PyObject* symbolic, const char* what) {
  tracing::fail_trace(text("the size ", dim_of(symbolic), " differs from call to call, and ", what,
                           " needs its number. Compute with it (shapes, slices and arange take it; tensor / size "
                           "divides by it), or do not name this dimension dynamic"));
}

PyObject* dim_object(Dim dim) {
  if (!dim.is_symbolic()) return PyLong_FromLongLong(dim.raw());
  PyObject* object = symbolic_dim_type->tp_alloc(symbolic_dim_type, 0);
  if (object != nullptr) reinterpret_cast<DimObject*>(object)->dim = dim;
  return object;
}

bool to_dim(PyObject* object, Dim& out) {
  if (is_symbolic_dim(object)) {
    out = dim_of(object);
    return true;
  }
  int64_t value;
  if (!to_int(object, value)) return false;
  out = value;
  return true;
}

Tensor number_of(PyObject* symbolic) {
  static const NamedOp op("_size_number", {"size"});
  NamedOp::Record record(op);
  record.set(0, dim_of(symbolic));
  return record.call({});
}

bool make_symbolic_dim_type(PyObject* module) {
  static PyType_Slot slots[] = {
      {Py_nb_add, reinterpret_cast<void*>(&binary<plus, PyNumber_Add>)},
      {Py_nb_subtract, reinterpret_cast<void*>(&binary<minus, PyNumber_Subtract>)},
      {Py_nb_multiply, reinterpret_cast<void*>(&binary<times, PyNumber_Multiply>)},
      {Py_nb_floor_divide, reinterpret_cast<void*>(&binary<divided, PyNumber_FloorDivide>)},
      {Py_nb_remainder, reinterpret_cast<void*>(&binary<modulo, PyNumber_Remainder>)},
      {Py_nb_true_divide, reinterpret_cast<void*>(&true_divide)},
      {Py_nb_power, reinterpret_cast<void*>(&power)},
      {Py_nb_negative, reinterpret_cast<void*>(&negative)},
      {Py_nb_bool, reinterpret_cast<void*>(&to_truth)},
      {Py_nb_int, reinterpret_cast<void*>(&to_integer)},
      {Py_nb_index, reinterpret_cast<void*>(&to_integer)},
      {Py_nb_float, reinterpret_cast<void*>(&to_floating)},
      {Py_tp_richcompare, reinterpret_cast<void*>(&compare)},
      {Py_tp_hash, reinterpret_cast<void*>(&hash)},
      {Py_tp_repr, reinterpret_cast<void*>(&repr)},
      {Py_tp_doc, const_cast<char*>("A size that differs from call to call of an exported program.")},
      {0, nullptr},
  };
  static PyType_Spec spec{"tenon.SymbolicDim", sizeof(DimObject), 0,
                          Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};
  PyObject* type = PyType_FromSpec(&spec);
  if (type == nullptr || PyModule_AddObjectRef(module, "SymbolicDim", type) < 0) return false;
  symbolic_dim_type = reinterpret_cast<PyTypeObject*>(type);
  return true;
}

}  // namespace tenon::python
