// The ops of a module written in C++ as the Python calls they stand for, so that subclasses of Tensor with a
// __torch_function__ see `nn.Linear(2, 2)(x)` as they see `linear(x, weight, bias)`.
#include <string>
#include <vector>

#include <nanobind/nanobind.h>
#include <nanobind/stl/shared_ptr.h>

#include <tenon/core/door.h>
#include <tenon/core/generator.h>

#include "errors.h"
#include "function_override.h"
#include "object.h"
#include "op_function.h"
#include "values.h"

namespace tenon::python {

namespace {

PyObject* object_of(bool value) { return PyBool_FromLong(value); }
PyObject* object_of(int64_t value) { return PyLong_FromLongLong(value); }
PyObject* object_of(double value) { return PyFloat_FromDouble(value); }
PyObject* object_of(const Scalar& value) { return wrap(value); }
PyObject* object_of(DType value) { return wrap(value); }
PyObject* object_of(Device value) { return wrap(value); }
PyObject* object_of(Dim value) { return PyLong_FromLongLong(value.value()); }
PyObject* object_of(const std::string& value) {
  return PyUnicode_FromStringAndSize(value.data(), static_cast<Py_ssize_t>(value.size()));
}
PyObject* object_of(const Dims& value) {
  Owned tuple(checked(PyTuple_New(static_cast<Py_ssize_t>(value.size()))));
  for (size_t i = 0; i < value.size(); ++i) {
    PyTuple_SET_ITEM(tuple.get(), static_cast<Py_ssize_t>(i), checked(object_of(value[i])));
  }
  return tuple.release();
}
PyObject* object_of(const GeneratorHandle& value) {
  if (!value) Py_RETURN_NONE;
  return nanobind::cast(value).release().ptr();
}
template <class T>
PyObject* object_of(const std::optional<T>& value) {
  if (!value) Py_RETURN_NONE;
  return object_of(*value);
}

template <class T>
PyObject* read(const void* at) {
  return object_of(*static_cast<const T*>(at));
}

PyObject* read_attribute(AttributeType type, const void* at) {
  switch (type) {
    case AttributeType::Bool:
      return read<bool>(at);
    case AttributeType::Int:
      return read<int64_t>(at);
    case AttributeType::Double:
      return read<double>(at);
    case AttributeType::Scalar:
      return read<Scalar>(at);
    case AttributeType::String:
      return read<std::string>(at);
    case AttributeType::DType:
      return read<DType>(at);
    case AttributeType::Device:
      return read<Device>(at);
    case AttributeType::Dim:
      return read<Dim>(at);
    case AttributeType::Dims:
      return read<Dims>(at);
    case AttributeType::OptionalBool:
      return read<OptionalBool>(at);
    case AttributeType::OptionalInt:
      return read<OptionalInt>(at);
    case AttributeType::OptionalDouble:
      return read<OptionalDouble>(at);
    case AttributeType::OptionalScalar:
      return read<OptionalScalar>(at);
    case AttributeType::OptionalString:
      return read<std::optional<std::string>>(at);
    case AttributeType::OptionalDType:
      return read<OptionalDType>(at);
    case AttributeType::OptionalDevice:
      return read<OptionalDevice>(at);
    case AttributeType::OptionalDims:
      return read<OptionalDims>(at);
    case AttributeType::Generator:
      return read<GeneratorHandle>(at);
  }
  Py_RETURN_NONE;
}

// A call of the door as positional and keyword arguments. Trailing arguments at their defaults are left out.
class PythonCall {
 public:
  explicit PythonCall(const Call& call) : call_(call) {
    size_t needed = 0;
    std::vector<std::pair<const char*, PyObject*>> named;
    for (const ParameterInfo& p : call.op->parameters) {
      const bool plain = is_default(p);
      if (p.is_keyword && plain) continue;
      PyObject* value = keep(value_of(p));
      if (p.is_keyword) {
        named.emplace_back(p.name, value);
        continue;
      }
      positional_.push_back(value);
      if (!plain) needed = positional_.size();
    }
    positional_.resize(needed);
    count_ = static_cast<Py_ssize_t>(needed);
    keywords_ = Owned(checked(PyTuple_New(static_cast<Py_ssize_t>(named.size()))));
    for (size_t i = 0; i < named.size(); ++i) {
      PyTuple_SET_ITEM(keywords_.get(), static_cast<Py_ssize_t>(i), checked(PyUnicode_FromString(named[i].first)));
      positional_.push_back(named[i].second);
    }
  }
  PyObject* call(PyObject* function) const {
    return call_override(function, positional_.data(), count_, keywords_.get());
  }

 private:
  const void* attribute(const void* record, const ParameterInfo& p) const {
    return static_cast<const char*>(record) + p.offset;
  }
  bool is_default(const ParameterInfo& p) const {
    if (p.kind == ParameterKind::OptionalInput) return call_.inputs.data()[p.input_index] == nullptr;
    if (p.kind != ParameterKind::Attribute || p.is_required) return false;
    return print_attribute(p.type, attribute(call_.record, p)) ==
           print_attribute(p.type, attribute(call_.op->defaults, p));
  }
  PyObject* input(int i) const {
    TensorImpl* impl = call_.inputs.data()[i];
    return wrap(impl == nullptr ? Tensor() : Tensor(Ref<TensorImpl>::share(impl)));
  }
  PyObject* value_of(const ParameterInfo& p) const {
    if (p.kind == ParameterKind::Attribute) return read_attribute(p.type, attribute(call_.record, p));
    if (p.kind != ParameterKind::InputList) return input(p.input_index);
    Owned list(checked(PyList_New(0)));
    for (int i = call_.op->input_count; i < call_.inputs.size(); ++i) {
      const Owned item(checked(input(i)));
      if (PyList_Append(list.get(), item.get()) < 0) throw_python_error();
    }
    return list.release();
  }
  PyObject* keep(PyObject* value) {
    held_.emplace_back(checked(value));
    return value;
  }

  const Call& call_;
  std::vector<Owned> held_;
  std::vector<PyObject*> positional_;  // then the keywords' values
  Py_ssize_t count_ = 0;
  Owned keywords_;
};

// The tensors of what an override returned.
void take_results(const Call& call, PyObject* result) {
  const OpInfo& op = *call.op;
  const auto tensor = [&](PyObject* object) -> const Tensor& {
    if (!is_tensor(object)) {
      raise(PyExc_TypeError,
            "%s: a module written in C++ needs Tensors from __torch_function__, but it returned %s; return a Tensor or "
            "its subclass",
            op.name, Py_TYPE(object)->tp_name);
    }
    return unwrap(object);
  };
  const bool list = op.is(kListOutput);
  if (!list && op.visible_outputs == 1) {
    int visible = 0;
    while (op.outputs[static_cast<size_t>(visible)].hidden) ++visible;
    call.outputs[visible] = tensor(result);
    return;
  }
  const Owned items(checked(PySequence_Tuple(result)));
  const Py_ssize_t n = PyTuple_GET_SIZE(items.get());
  if (list) {
    for (Py_ssize_t i = 0; i < n; ++i) call.list->push_back(tensor(PyTuple_GET_ITEM(items.get(), i)));
    return;
  }
  if (n != op.visible_outputs) {
    raise(PyExc_TypeError, "%s: __torch_function__ returned %zd results, expected %d", op.name, n,
          static_cast<int>(op.visible_outputs));
  }
  Py_ssize_t next = 0;
  for (int i = 0; i < op.output_count; ++i) {
    if (!op.outputs[static_cast<size_t>(i)].hidden) {
      call.outputs[i] = tensor(PyTuple_GET_ITEM(items.get(), next++));
    }
  }
}

class ModuleInterceptor final : public Interceptor {
 public:
  bool intercept(Call& call) override {
    if (!override_state.in_module || !override_state.subclasses_enabled) return false;
    if (call.destination == Destination::Out) return false;
    const AcquireGil gil;
    PyObject* function = find(call);
    if (function == nullptr || !wanted(call.inputs)) return false;
    const ModuleScope outside(false);
    modes.disabled &= static_cast<uint8_t>(~bit(Layer::Python));  // for modules that the override calls
    const Owned result(checked(PythonCall(call).call(function)));
    take_results(call, result.get());
    return true;
  }

 private:
  static PyObject* find(const Call& call) {
    const std::string name = call.op->name;
    if (call.destination == Destination::Inplace) return find_method((name + "_").c_str());
    PyObject* function = find_function(name.c_str());
    return function != nullptr ? function : find_method(name.c_str());
  }
  static bool wanted(Inputs inputs) {
    for (int i = 0; i < inputs.size(); ++i) {
      const TensorImpl* impl = inputs.data()[i];
      if (impl == nullptr || (impl->flags & TensorImpl::kIntercepted) == 0 || impl->python == nullptr) continue;
      if (wants_function_override(Py_TYPE(static_cast<PyObject*>(impl->python)))) return true;
    }
    return false;
  }
};

}  // namespace

void install_module_interceptor() {
  static ModuleInterceptor interceptor;
  python_interceptor = &interceptor;
}

}  // namespace tenon::python
