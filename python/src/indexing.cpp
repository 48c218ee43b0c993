#include "indexing.h"

#include <vector>

#include <tenon/core/door.h>
#include <tenon/core/error.h>
#include <tenon/core/index.h>
#include <tenon/core/number.h>
#include <tenon/ops/views.h>

#include "construct.h"
#include "convert.h"
#include "errors.h"
#include "function_override.h"
#include "named_op.h"
#include "object.h"
#include "symbolic_dim.h"

namespace tenon::python {

namespace {

// A size that is not known while tracing is checked by who runs the program.
int64_t checked_index(int64_t index, int64_t dim, Dim length) {
  if (length.is_symbolic()) return index;
  const int64_t size = length.value();
  if (index < -size || index >= size) [[unlikely]] {
    fail<IndexError>("index ", index, " is out of bounds for dimension ", dim, " with size ", size);
  }
  return index;
}

Dim bound_value(PyObject* bound) {
  if (Dim size; is_symbolic_dim(bound) && to_dim(bound, size)) return size;
  int64_t value;
  if (PyLong_Check(bound)) {
    // Beyond what a dimension can have: as far as one can go.
    constexpr int64_t kFar = INT64_MAX / 4;
    int overflow = 0;
    value = PyLong_AsLongLongAndOverflow(bound, &overflow);
    if (overflow > 0 || value > kFar) return kEnd;
    return overflow < 0 || value < -kFar ? -kFar : value;
  }
  if (to_int(bound, value)) return value;
  raise(PyExc_TypeError, "slice indices must be integers or None or have an __index__ method, not %s",
        Py_TYPE(bound)->tp_name);
}

struct Bounds {
  std::optional<Dim> start, stop;
  int64_t step = 1;
};

Bounds bounds_of(PyObject* key) {
  const auto* slice = reinterpret_cast<PySliceObject*>(key);
  Bounds b;
  if (slice->start != Py_None) b.start = bound_value(slice->start);
  if (slice->stop != Py_None) b.stop = bound_value(slice->stop);
  const Dim step = slice->step != Py_None ? bound_value(slice->step) : Dim(1);
  if (step.is_symbolic()) fail_unknown_size(slice->step, "a slice's step");
  b.step = step.value();
  if (b.step <= 0) {
    raise(PyExc_ValueError, "step must be greater than zero: it is %lld; use flip() to reverse a dimension",
          static_cast<long long>(b.step));
  }
  return b;
}

bool is_mask(const Tensor& t) { return t.dtype() == DType::Bool || t.dtype() == DType::UInt8; }

Tensor constant(bool value) {
  Tensor t = Tensor::empty({1}, DType::Bool);
  *static_cast<bool*>(t.data_ptr()) = value;
  return t;
}

// An index expression taken apart: first one view for what is basic, then the tensors.
class Expression {
 public:
  Expression(const Tensor& self, PyObject* key) : self_(self) {
    PyObject* const* items = &key;
    Py_ssize_t count = 1;
    if (PyTuple_Check(key)) {
      items = &PyTuple_GET_ITEM(key, 0);
      count = PyTuple_GET_SIZE(key);
    } else if (PyList_Check(key) && holds_parts(key)) {
      items = reinterpret_cast<PyListObject*>(key)->ob_item;
      count = PyList_GET_SIZE(key);
    }
    for (Py_ssize_t i = 0; i < count; ++i) convert(items[i]);
    int64_t taken = 0;
    for (const Part& p : parts_) taken += p.dims;
    if (taken > self.dim()) {
      fail<IndexError>("too many indices for tensor of dimension ", self.dim(), ": ", taken, " were given");
    }
    rest_ = self.dim() - taken;
    for (const Part& p : parts_) add(p);
  }

  bool has_tensors() const { return last_ > 0; }
  // The part that no tensor is needed for.
  Tensor view() const {
    if (trivial_) return self_;
    BasicIndex record;
    record.pattern = pattern_;
    record.values = values_;
    return tenon::apply(record, self_);
  }
  // One entry per dimension of the view, up to the last tensor.
  std::vector<TensorImpl*> indices() const {
    std::vector<TensorImpl*> out;
    for (size_t i = 0; i < last_; ++i) out.push_back(indices_[i].impl());
    return out;
  }
  // A single mask over the first dimensions, and nothing else.
  const Tensor* only_mask() const { return trivial_ && last_ == 1 && is_mask(indices_[0]) ? &indices_[0] : nullptr; }

 private:
  struct Part {
    char kind = ':';  // as in a pattern; 't' a tensor, 'b' a bool
    int64_t dims = 1;
    Bounds bounds;
    Dim index = 0;
    Tensor tensor;
  };

  // A list that stands for a tuple, as older programs write it.
  static bool holds_parts(PyObject* list) {
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); ++i) {
      PyObject* item = PyList_GET_ITEM(list, i);
      if (PySlice_Check(item) || item == Py_None || item == Py_Ellipsis) return true;
    }
    return false;
  }

  void convert(PyObject* item) {
    Part part;
    bool flag;
    if (PySlice_Check(item)) {
      part.bounds = bounds_of(item);
      part.kind = 's';
    } else if (item == Py_None) {
      part.kind = 'n';
      part.dims = 0;
    } else if (item == Py_Ellipsis) {
      for (const Part& p : parts_) {
        if (p.kind == '.') fail<IndexError>("an index can only have a single ellipsis ('...')");
      }
      part.kind = '.';
      part.dims = 0;
    } else if (is_tensor(item)) {
      set_tensor(part, unwrap(item));
    } else if (to_bool(item, flag)) {
      part.kind = 'b';
      part.dims = 0;
      part.tensor = constant(flag);
    } else if (to_dim(item, part.index)) {
      part.kind = 'i';
    } else if (PySequence_Check(item) && !PyUnicode_Check(item)) {
      Tensor tensor = is_numpy_array(item) ? as_tensor(item) : tensor_from_data(item);
      // An empty list is an index of integers, not of the default float.
      if (tensor.numel() == 0 && !is_numpy_array(item)) tensor = convert_tensor(tensor, DType::Int64, {});
      set_tensor(part, tensor);
    } else {
      raise(PyExc_IndexError,
            "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices "
            "(got %s)",
            Py_TYPE(item)->tp_name);
    }
    parts_.push_back(std::move(part));
  }

  static void set_tensor(Part& part, const Tensor& tensor) {
    if (tensor.dtype() == DType::UInt8 && tensor.dim() > 0 &&
        PyErr_WarnEx(PyExc_UserWarning,
                     "indexing with dtype uint8 is deprecated: it is taken as a mask; use .bool() for a mask or "
                     ".long() for indices",
                     1) < 0) {
      throw_python_error();
    }
    if (!is_integral(tensor.dtype())) {
      fail<IndexError>("index: tensors used as indices must be long, int, byte or bool tensors, not ", tensor.dtype());
    }
    const bool known = (tensor.impl()->flags & TensorImpl::kExtended) == 0;
    if (known && tensor.dim() == 0 && tensor.dtype() != DType::Bool) {
      part.kind = 'i';
      part.index = tensor.scalar().to_int();
      return;
    }
    if (known && tensor.dim() == 0) {
      part.kind = 'b';
      part.dims = 0;
      part.tensor = constant(tensor.scalar().to_bool());
      return;
    }
    part.kind = 't';
    part.dims = is_mask(tensor) ? tensor.dim() : 1;
    part.tensor = tensor;
  }

  Dim size(int64_t dim) const { return self_.shape()[static_cast<size_t>(dim)]; }
  void skip(int64_t dims) {
    pattern_.append(static_cast<size_t>(dims), ':');
    for (int64_t i = 0; i < dims; ++i) indices_.emplace_back();
    dim_ += dims;
  }
  void add_tensor(const Tensor& tensor) {
    indices_.push_back(tensor);
    last_ = indices_.size();
  }

  void add(const Part& p) {
    switch (p.kind) {
      case '.':
        skip(rest_);
        break;
      case 'n':
        pattern_ += 'n';
        indices_.emplace_back();
        trivial_ = false;
        break;
      case 'b':
        pattern_ += 'n';
        add_tensor(p.tensor);
        trivial_ = false;
        break;
      case 'i':
        pattern_ += 'i';
        values_.push_back(p.index.is_symbolic() ? p.index : Dim(checked_index(p.index.value(), dim_, size(dim_))));
        ++dim_;
        trivial_ = false;
        break;
      case 's':
        if (!p.bounds.start && !p.bounds.stop && p.bounds.step == 1) {
          skip(1);
          break;
        }
        pattern_ += p.bounds.step == 1 ? 's' : 'S';
        values_.push_back(p.bounds.start.value_or(Dim(0)));
        values_.push_back(p.bounds.stop.value_or(Dim(kEnd)));
        if (p.bounds.step != 1) values_.push_back(p.bounds.step);
        indices_.emplace_back();
        ++dim_;
        trivial_ = false;
        break;
      default:
        check_mask(p);
        pattern_.append(static_cast<size_t>(p.dims), ':');
        dim_ += p.dims;
        add_tensor(p.tensor);
    }
  }

  void check_mask(const Part& p) const {
    if (!is_mask(p.tensor)) return;
    for (int64_t i = 0; i < p.dims; ++i) {
      const Dim have = p.tensor.shape()[static_cast<size_t>(i)];
      if (have == self_.shape()[static_cast<size_t>(dim_ + i)]) continue;
      fail<IndexError>("The shape of the mask ", p.tensor.shape(), " at index ", i,
                       " does not match the shape of the indexed tensor ", self_.shape(), " at index ", dim_ + i);
    }
  }

  const Tensor& self_;
  std::vector<Part> parts_;
  int64_t rest_ = 0;
  int64_t dim_ = 0;  // of self_, while adding
  bool trivial_ = true;
  std::string pattern_;
  Dims values_;
  std::vector<Tensor> indices_;
  size_t last_ = 0;
};

NamedOp index_op("index"), index_put("index_put"), copy_op("copy"), masked_fill("masked_fill");

Tensor get(const Tensor& self, PyObject* key) {
  if (PyLong_CheckExact(key)) [[likely]] {
    int64_t index = 0;
    to_int(key, index);
    if (self.dim() == 0) {
      fail<IndexError>(
          "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or "
          "`tensor.item<T>()` in C++ to convert a 0-dim tensor to a number");
    }
    checked_index(index, 0, self.shape()[0]);
    return tenon::apply(Select{.dim = 0, .index = index}, self);
  }
  if (PySlice_Check(key) && self.dim() > 0) {
    const Bounds b = bounds_of(key);
    return tenon::apply(
        SliceAlong{.dim = 0, .start = b.start.value_or(0), .end = b.stop.value_or(kEnd), .step = b.step}, self);
  }
  if (key == Py_None) return tenon::apply(Unsqueeze{.dim = 0}, self);
  if (key == Py_Ellipsis) return tenon::apply(Alias{}, self);
  Expression expression(self, key);
  Tensor view = expression.view();
  if (!expression.has_tensors()) return view.is_same(self) ? tenon::apply(Alias{}, self) : view;
  std::vector<TensorImpl*> inputs = expression.indices();
  inputs.insert(inputs.begin(), view.impl());
  return index_op.call(Inputs(inputs.data(), static_cast<int>(inputs.size())));
}

// The value with leading dimensions of size 1 taken off where it has more than the target, which cannot grow.
Tensor fit_value(Tensor value, const Tensor& target) {
  while (value.dim() > target.dim() && value.shape()[0] == Dim(1)) {
    value = tenon::apply(Select{.dim = 0, .index = 0}, value);
  }
  bool fits = value.dim() <= target.dim();
  for (int64_t i = 1; fits && i <= value.dim(); ++i) {
    const Dim have = value.shape()[static_cast<size_t>(value.dim() - i)];
    const Dim room = target.shape()[static_cast<size_t>(target.dim() - i)];
    fits = have == Dim(1) || have == room || have.is_symbolic() || room.is_symbolic();
  }
  if (!fits) {
    fail<ShapeError>("shape mismatch: value tensor of shape ", value.shape(),
                     " cannot be broadcast to the indexed part of shape ", target.shape(),
                     "; an assignment does not change the tensor's shape");
  }
  return value;
}

void set(const Tensor& self, PyObject* key, PyObject* object) {
  Tensor value;
  Scalar number;
  bool is_number = false;
  if (is_tensor(object)) {
    value = unwrap(object);
  } else if (to_scalar(object, number)) {
    check_fits("index_put", "value", number, self.dtype());
    value = Tensor(number);
    is_number = true;
  } else {
    value = tensor_from_data(object, self.dtype());
  }
  if (PyLong_CheckExact(key) || (PySlice_Check(key) && self.dim() > 0) || key == Py_None || key == Py_Ellipsis) {
    const Tensor target = key == Py_Ellipsis ? self : get(self, key);
    value = fit_value(std::move(value), target);
    TensorImpl* const in[] = {target.impl(), value.impl()};
    return copy_op.call_inplace(Inputs(in, 2));
  }
  Expression expression(self, key);
  const Tensor target = expression.view();
  if (!expression.has_tensors()) {
    value = fit_value(std::move(value), target);
    TensorImpl* const in[] = {target.impl(), value.impl()};
    return copy_op.call_inplace(Inputs(in, 2));
  }
  if (const Tensor* mask = expression.only_mask(); mask != nullptr && is_number && masked_fill.exists() &&
                                                   mask->dtype() == DType::Bool && mask->dim() == self.dim()) {
    TensorImpl* const in[] = {self.impl(), mask->impl(), value.impl()};
    if (masked_fill.op().input_count == 3) return masked_fill.call_inplace(Inputs(in, 3));
  }
  if (value.spec().weak || (value.dtype() != self.dtype() && value.dim() == 0)) {
    value = convert_tensor(value, self.dtype(), {});
  }
  std::vector<TensorImpl*> inputs = expression.indices();
  inputs.insert(inputs.begin(), {target.impl(), value.impl()});
  index_put.call_inplace(Inputs(inputs.data(), static_cast<int>(inputs.size())));
}

bool overridden(PyObject* self) {
  return !is_exact_tensor(self) && override_state.subclasses_enabled && wants_function_override(Py_TYPE(self));
}

PyObject* override_slot(const char* name, PyObject* const* args, Py_ssize_t count) {
  Owned method(PyObject_GetAttrString(reinterpret_cast<PyObject*>(tensor_type), name));
  return method ? call_override(method.get(), args, count, nullptr) : nullptr;
}

}  // namespace

PyObject* subscript(PyObject* self, PyObject* key) {
  if (overridden(self)) [[unlikely]] {
    PyObject* const args[] = {self, key};
    return override_slot("__getitem__", args, 2);
  }
  return guarded([&] { return wrap(get(unwrap(self), key)); });
}

int assign_subscript(PyObject* self, PyObject* key, PyObject* value) {
  if (value == nullptr) {
    PyErr_SetString(PyExc_TypeError, "Tensor does not support deleting items");
    return -1;
  }
  if (overridden(self)) [[unlikely]] {
    PyObject* const args[] = {self, key, value};
    Owned result(override_slot("__setitem__", args, 3));
    return result ? 0 : -1;
  }
  return guarded_int([&] {
    set(unwrap(self), key, value);
    return 0;
  });
}

}  // namespace tenon::python
