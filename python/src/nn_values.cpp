#include "nn_values.h"

#include "convert.h"
#include "errors.h"
#include "values.h"

namespace tenon::python {
namespace {

// A list that holds itself ends as Python ends it: RecursionError.
struct Recursion {
  Recursion() {
    if (Py_EnterRecursiveCall(" while arguments of a module were read") != 0) throw_python_error();
  }
  ~Recursion() { Py_LeaveRecursiveCall(); }
};

nn::Value foreign(PyObject* object) {
  const auto let_go = [](void* held) {
    if (!Py_IsInitialized()) return;
    const AcquireGil gil;
    Py_DECREF(static_cast<PyObject*>(held));
  };
  return nn::Value(nn::Foreign{std::shared_ptr<void>(Py_NewRef(object), let_go), describe_type(object)});
}

template <class Sequence>
nn::Value sequence_of(PyObject* object) {
  const Recursion deeper;
  Sequence out;
  // Read again each time: code that runs meanwhile may change a list.
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(object); ++i)
    out.items.push_back(to_value(Owned::share(PySequence_Fast_GET_ITEM(object, i)).get()));
  return nn::Value(std::move(out));
}

nn::Value dict_of(PyObject* object) {
  const Recursion deeper;
  nn::Dict out;
  PyObject *key, *value;
  for (Py_ssize_t at = 0; PyDict_Next(object, &at, &key, &value);) {
    std::string name;
    if (!to_string(key, name)) return foreign(object);
    out.items.emplace_back(std::move(name), to_value(value));
  }
  return nn::Value(std::move(out));
}

PyObject* object_of(std::monostate) { Py_RETURN_NONE; }
PyObject* object_of(const Tensor& x) { return wrap(x); }
PyObject* object_of(bool x) { return PyBool_FromLong(x); }
PyObject* object_of(int64_t x) { return PyLong_FromLongLong(x); }
PyObject* object_of(double x) { return PyFloat_FromDouble(x); }
PyObject* object_of(const std::string& x) {
  return PyUnicode_FromStringAndSize(x.data(), static_cast<Py_ssize_t>(x.size()));
}
PyObject* object_of(const nn::Tuple& x) {
  Owned tuple(checked(PyTuple_New(static_cast<Py_ssize_t>(x.items.size()))));
  for (size_t i = 0; i < x.items.size(); ++i)
    PyTuple_SET_ITEM(tuple.get(), static_cast<Py_ssize_t>(i), to_object(x.items[i]));
  return tuple.release();
}
PyObject* object_of(const nn::List& x) {
  Owned list(checked(PyList_New(static_cast<Py_ssize_t>(x.items.size()))));
  for (size_t i = 0; i < x.items.size(); ++i)
    PyList_SET_ITEM(list.get(), static_cast<Py_ssize_t>(i), to_object(x.items[i]));
  return list.release();
}
PyObject* object_of(const nn::Dict& x) {
  Owned dict(checked(PyDict_New()));
  for (const auto& [name, value] : x.items) {
    const Owned key(checked(object_of(name))), held(to_object(value));
    if (PyDict_SetItem(dict.get(), key.get(), held.get()) < 0) throw_python_error();
  }
  return dict.release();
}
PyObject* object_of(const nn::Foreign& x) { return Py_NewRef(static_cast<PyObject*>(x.object.get())); }

}  // namespace

nn::Value to_value(PyObject* object) {
  if (is_tensor(object)) return unwrap(object);
  if (object == Py_None) return {};
  if (PyBool_Check(object)) return object == Py_True;
  if (PyLong_CheckExact(object)) {
    int overflow = 0;
    const int64_t value = PyLong_AsLongLongAndOverflow(object, &overflow);
    return overflow == 0 ? nn::Value(value) : foreign(object);
  }
  if (PyFloat_CheckExact(object)) return PyFloat_AS_DOUBLE(object);
  if (std::string text; PyUnicode_CheckExact(object) && to_string(object, text)) return text;
  if (PyTuple_CheckExact(object) || Py_TYPE(object) == size_type) return sequence_of<nn::Tuple>(object);
  if (PyList_CheckExact(object)) return sequence_of<nn::List>(object);
  if (PyDict_CheckExact(object)) return dict_of(object);
  return foreign(object);
}

PyObject* to_object(const nn::Value& value) {
  return checked(std::visit([](const auto& x) { return object_of(x); }, value.data()));
}

nn::Arguments to_arguments(PyObject* const* args, Py_ssize_t count, PyObject* keywords) {
  nn::Arguments out;
  out.positional.reserve(static_cast<size_t>(count));
  for (Py_ssize_t i = 0; i < count; ++i) out.positional.push_back(to_value(args[i]));
  for (Py_ssize_t i = 0; keywords != nullptr && i < PyTuple_GET_SIZE(keywords); ++i) {
    std::string name;
    to_string(PyTuple_GET_ITEM(keywords, i), name);
    out.keywords.push_back({std::move(name), to_value(args[count + i])});
  }
  return out;
}

nn::Arguments to_arguments(PyObject* args, PyObject* kwargs) {
  nn::Arguments out = to_arguments(&PyTuple_GET_ITEM(args, 0), PyTuple_GET_SIZE(args), nullptr);
  PyObject *key, *value;
  for (Py_ssize_t at = 0; kwargs != nullptr && PyDict_Next(kwargs, &at, &key, &value);) {
    std::string name;
    to_string(key, name);
    out.keywords.push_back({std::move(name), to_value(value)});
  }
  return out;
}

CallStack::CallStack(const nn::Arguments& arguments) : count_(arguments.positional.size()), stack_(1, nullptr) {
  const auto push = [&](const nn::Value& value) {
    held_.emplace_back(to_object(value));
    stack_.push_back(held_.back().get());
  };
  for (const nn::Value& value : arguments.positional) push(value);
  if (arguments.keywords.empty()) return;
  keywords_ = Owned(checked(PyTuple_New(static_cast<Py_ssize_t>(arguments.keywords.size()))));
  Py_ssize_t i = 0;
  for (const nn::Named& argument : arguments.keywords) {
    push(argument.value);
    PyObject* name = checked(PyUnicode_FromString(argument.name.c_str()));
    PyUnicode_InternInPlace(&name);
    PyTuple_SET_ITEM(keywords_.get(), i++, name);
  }
}

}  // namespace tenon::python
