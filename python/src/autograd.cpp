// grad(), backward() and custom functions.
#include "autograd.h"

#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <tenon/autograd/autograd.h>
#include <tenon/autograd/function.h>
#include <tenon/core/error.h>

#include "caster.h"
#include "errors.h"
#include "object.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace tenon::python {

bool make_node_type(PyObject* module);  // nodes.cpp

namespace {

// A tensor, a sequence of tensors, or None.
std::vector<Tensor> tensors_of(PyObject* object, const char* who) {
  std::vector<Tensor> out;
  if (object == nullptr || object == Py_None) return out;
  if (is_tensor(object)) {
    out.push_back(unwrap(object));
    return out;
  }
  Owned items(checked(PySequence_Tuple(object)));
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(items.get()); ++i) {
    PyObject* item = PyTuple_GET_ITEM(items.get(), i);
    if (item == Py_None) {
      out.emplace_back();
    } else if (is_tensor(item)) {
      out.push_back(unwrap(item));
    } else {
      raise(PyExc_TypeError, "%s: expected Tensors, but element %zd is a %s", who, i, Py_TYPE(item)->tp_name);
    }
  }
  return out;
}

void run_backward(PyObject* tensors, PyObject* gradients, std::optional<bool> retain_graph, bool create_graph,
                  PyObject* inputs) {
  const auto roots = tensors_of(tensors, "backward");
  const auto seeds = tensors_of(gradients, "backward");
  const auto wanted = tensors_of(inputs, "backward");
  if (inputs != nullptr && inputs != Py_None && wanted.empty()) {
    raise(PyExc_RuntimeError, "`inputs` argument to `backward()` cannot be empty.");
  }
  ReleaseGil release;
  tenon::backward(roots, seeds, retain_graph.value_or(create_graph), create_graph, wanted);
}

nb::object run_grad(nb::object outputs, nb::object inputs, nb::object grad_outputs, std::optional<bool> retain_graph,
                    bool create_graph, bool, std::optional<bool> allow_unused, bool, bool materialize_grads) {
  const auto roots = tensors_of(outputs.ptr(), "grad");
  const auto wanted = tensors_of(inputs.ptr(), "grad");
  const auto seeds = tensors_of(grad_outputs.ptr(), "grad");
  if (materialize_grads && allow_unused == false) {
    throw nb::value_error(
        "Expected allow_unused to be True or not passed when materialize_grads=True, but got: "
        "allow_unused=False.");
  }
  GradOptions options{retain_graph.value_or(create_graph), create_graph, allow_unused.value_or(materialize_grads)};
  std::vector<Tensor> out;
  {
    ReleaseGil release;
    out = tenon::grad(roots, wanted, seeds, options);
  }
  nb::object result = nb::steal(checked(PyTuple_New(static_cast<Py_ssize_t>(out.size()))));
  for (size_t i = 0; i < out.size(); ++i) {
    if (!out[i].defined() && materialize_grads) {
      out[i] = Tensor::empty(wanted[i].shape(), wanted[i].dtype(), wanted[i].device());
      if (void* p = out[i].data_ptr()) memset(p, 0, static_cast<size_t>(out[i].numel() * out[i].element_size()));
    }
    PyTuple_SET_ITEM(result.ptr(), static_cast<Py_ssize_t>(i), wrap(std::move(out[i])));
  }
  return result;
}

// ---- custom functions ----

class PythonNode;

// `ctx` in forward and backward. The node owns it; what it says of the node ends with the node.
struct FunctionCtx {
  PythonNode* node = nullptr;
  PythonNode& alive() const;
};

class PythonNode final : public CustomNode {
 public:
  PythonNode(nb::object function, std::vector<int> slots, size_t argument_count)
      : function_(std::move(function)),
        context_object_(nb::cast(new FunctionCtx{this}, nb::rv_policy::take_ownership)),
        slots_(std::move(slots)),
        argument_count_(argument_count) {
    name_ = nb::cast<std::string>(function_.attr("__name__"));
  }
  ~PythonNode() override {
    if (!Py_IsInitialized()) {
      function_.release();
      context_object_.release();
      return;
    }
    AcquireGil gil;
    nb::cast<FunctionCtx*>(context_object_)->node = nullptr;
    context_object_.reset();
    function_.reset();
  }

  std::string function_name() const override { return name_; }
  nb::object& object() { return context_object_; }
  size_t argument_count() const { return argument_count_; }
  // Where forward's tensors lie among its `count` results. The others have no gradient.
  void set_outputs(std::vector<size_t> places, size_t count) {
    places_ = std::move(places);
    result_count_ = count;
  }
  // Which tensor input an argument of forward is; -1 for the others.
  int slot(size_t argument) const { return slots_[argument]; }

  std::vector<Tensor> backward(std::vector<Tensor> grads) override {
    AcquireGil gil;
    Owned args(checked(PyTuple_New(static_cast<Py_ssize_t>(result_count_ + 1))));
    PyTuple_SET_ITEM(args.get(), 0, context_object_.inc_ref().ptr());
    for (size_t i = 0; i < result_count_; ++i) {
      PyTuple_SET_ITEM(args.get(), static_cast<Py_ssize_t>(i + 1), Py_NewRef(Py_None));
    }
    for (size_t i = 0; i < grads.size() && i < places_.size(); ++i) {
      PyObject* gradient = checked(wrap(std::move(grads[i])));
      Py_DECREF(Py_None);  // its place's
      PyTuple_SET_ITEM(args.get(), static_cast<Py_ssize_t>(places_[i] + 1), gradient);
    }
    Owned method(checked(PyObject_GetAttrString(function_.ptr(), "backward")));
    Owned result(checked(PyObject_Call(method.get(), args.get(), nullptr)));
    Owned tuple(PyTuple_Check(result.get()) || PyList_Check(result.get()) ? PySequence_Tuple(result.get())
                                                                          : PyTuple_Pack(1, result.get()));
    if (!tuple) throw_python_error();
    const auto given = static_cast<size_t>(PyTuple_GET_SIZE(tuple.get()));
    // Too many are fine as long as they are None.
    bool fits = given >= argument_count_;
    for (size_t i = argument_count_; i < given; ++i) {
      fits = fits && PyTuple_GET_ITEM(tuple.get(), static_cast<Py_ssize_t>(i)) == Py_None;
    }
    check<AutogradError>(fits, "function ", name_, "Backward returned an incorrect number of gradients (expected ",
                         argument_count_, ", got ", given, ")");
    std::vector<Tensor> out;
    for (size_t i = 0; i < argument_count_; ++i) {
      PyObject* item = PyTuple_GET_ITEM(tuple.get(), static_cast<Py_ssize_t>(i));
      const bool none = item == Py_None;
      if (slots_[i] < 0) {
        if (!none) {
          fail<AutogradError>("function ", name_, "Backward returned a gradient different from None at position ",
                              i + 1, ", but the corresponding forward input was not a Variable");
        }
        continue;
      }
      if (!none && !is_tensor(item)) {
        fail<AutogradError>("function ", name_, "Backward: expected Variable or None (got ", Py_TYPE(item)->tp_name,
                            ")");
      }
      out.push_back(none ? Tensor() : unwrap(item));
    }
    return out;
  }

 private:
  nb::object function_, context_object_;
  std::vector<int> slots_;
  size_t argument_count_;
  std::vector<size_t> places_;
  size_t result_count_ = 0;
  std::string name_;
};

PythonNode& FunctionCtx::alive() const {
  check<AutogradError>(node != nullptr, "ctx: the graph it belonged to is gone");
  return *node;
}

// Whether a class has its own setup_context, so that forward takes no ctx.
bool has_setup_context(nb::handle function) {
  nb::object base = nb::module_::import_("tenon.autograd.function").attr("Function");
  return !function.attr("setup_context").is(base.attr("setup_context"));
}

nb::object apply_function(nb::object function, nb::args args) {
  std::vector<Tensor> inputs;
  std::vector<int> slots;
  for (nb::handle a : args) {
    const bool tensor = is_tensor(a.ptr());
    slots.push_back(tensor ? static_cast<int>(inputs.size()) : -1);
    if (tensor) inputs.push_back(unwrap(a.ptr()));
  }
  auto* node = new PythonNode(function, std::move(slots), args.size());
  const Ref<CustomNode> owner = Ref<PythonNode>::adopt(node);
  nb::object result;
  std::vector<size_t> places;  // of the tensors in the result
  bool single = false;
  auto outputs = run_custom(owner, inputs, [&] {
    if (has_setup_context(function)) {
      result = function.attr("forward")(*args);
      function.attr("setup_context")(node->object(), args, result);
    } else {
      result = function.attr("forward")(node->object(), *args);
    }
    std::vector<Tensor> tensors;
    single = is_tensor(result.ptr());
    if (single) {
      tensors.push_back(unwrap(result.ptr()));
      node->set_outputs({0}, 1);
    } else if (PyTuple_Check(result.ptr()) || PyList_Check(result.ptr())) {
      for (size_t i = 0; i < nb::len(result); ++i) {
        PyObject* item = PySequence_Fast_GET_ITEM(result.ptr(), static_cast<Py_ssize_t>(i));
        if (!is_tensor(item)) continue;
        places.push_back(i);
        tensors.push_back(unwrap(item));
      }
      node->set_outputs(places, nb::len(result));
    }
    return tensors;
  });
  if (single) {
    result.reset();
    return nb::steal(checked(wrap(std::move(outputs[0]))));
  }
  if (places.empty()) return result;
  nb::object tuple = nb::steal(checked(PyTuple_New(static_cast<Py_ssize_t>(nb::len(result)))));
  size_t next = 0;
  for (size_t i = 0; i < nb::len(result); ++i) {
    PyObject* item = next < places.size() && places[next] == i
                         ? checked(wrap(std::move(outputs[next++])))
                         : Py_NewRef(PySequence_Fast_GET_ITEM(result.ptr(), static_cast<Py_ssize_t>(i)));
    PyTuple_SET_ITEM(tuple.ptr(), static_cast<Py_ssize_t>(i), item);
  }
  return tuple;
}

}  // namespace

PyObject* tensor_backward(PyObject* self, PyObject* const* args, Py_ssize_t count, PyObject* keywords) {
  PyObject* given[4] = {Py_None, Py_None, Py_False, Py_None};
  static const char* const names[] = {"gradient", "retain_graph", "create_graph", "inputs"};
  if (count > 4) return PyErr_Format(PyExc_TypeError, "backward() takes at most 4 arguments");
  for (Py_ssize_t i = 0; i < count; ++i) given[i] = args[i];
  for (Py_ssize_t i = 0; keywords != nullptr && i < PyTuple_GET_SIZE(keywords); ++i) {
    PyObject* name = PyTuple_GET_ITEM(keywords, i);
    int k = 0;
    while (k < 4 && PyUnicode_CompareWithASCIIString(name, names[k]) != 0) ++k;
    if (k == 4) return PyErr_Format(PyExc_TypeError, "backward() got an unexpected keyword argument '%U'", name);
    if (k < count) return PyErr_Format(PyExc_TypeError, "backward() got multiple values for argument '%U'", name);
    given[k] = args[count + i];
  }
  return guarded([&]() -> PyObject* {
    std::optional<bool> retain;
    if (given[1] != Py_None) retain = truth(given[1]);
    run_backward(self, given[0], retain, truth(given[2]), given[3]);
    Py_RETURN_NONE;
  });
}

bool make_autograd_types(PyObject* module_object) {
  if (!make_node_type(module_object)) return false;
  nb::module_ module = nb::borrow<nb::module_>(module_object);
  module.def(
      "_backward",
      [](nb::object tensors, nb::object grad_tensors, std::optional<bool> retain_graph, bool create_graph,
         nb::object inputs) {
        run_backward(tensors.ptr(), grad_tensors.ptr(), retain_graph, create_graph, inputs.ptr());
      },
      "tensors"_a, "grad_tensors"_a.none() = nb::none(), "retain_graph"_a.none() = nb::none(), "create_graph"_a = false,
      "inputs"_a.none() = nb::none());
  module.def("_grad", &run_grad, "outputs"_a, "inputs"_a, "grad_outputs"_a.none() = nb::none(),
             "retain_graph"_a.none() = nb::none(), "create_graph"_a = false, "only_inputs"_a = true,
             "allow_unused"_a.none() = nb::none(), "is_grads_batched"_a = false, "materialize_grads"_a = false);
  nb::class_<FunctionCtx>(module, "FunctionCtx", nb::dynamic_attr())
      .def("save_for_backward",
           [](FunctionCtx& self, nb::args tensors) {
             self.alive().context().save_for_backward(tensors_of(tensors.ptr(), "save_for_backward"));
           })
      .def_prop_ro("saved_tensors",
                   [](FunctionCtx& self) {
                     const auto saved = self.alive().context().saved_tensors();
                     nb::object out = nb::steal(checked(PyTuple_New(static_cast<Py_ssize_t>(saved.size()))));
                     for (size_t i = 0; i < saved.size(); ++i) {
                       PyTuple_SET_ITEM(out.ptr(), static_cast<Py_ssize_t>(i), wrap(saved[i]));
                     }
                     return out;
                   })
      .def("mark_dirty",
           [](FunctionCtx& self, nb::args tensors) {
             self.alive().context().mark_dirty(tensors_of(tensors.ptr(), "mark_dirty"));
           })
      .def("mark_non_differentiable",
           [](FunctionCtx& self, nb::args tensors) {
             self.alive().context().mark_non_differentiable(tensors_of(tensors.ptr(), "mark_non_differentiable"));
           })
      .def("set_materialize_grads",
           [](FunctionCtx& self, bool value) { self.alive().context().set_materialize_grads(value); })
      .def_prop_ro("needs_input_grad",
                   [](FunctionCtx& self) {
                     PythonNode& node = self.alive();
                     nb::object out = nb::steal(checked(PyTuple_New(static_cast<Py_ssize_t>(node.argument_count()))));
                     for (size_t i = 0; i < node.argument_count(); ++i) {
                       const bool needs =
                           node.slot(i) >= 0 && node.context().needs_input_grad(static_cast<size_t>(node.slot(i)));
                       PyTuple_SET_ITEM(out.ptr(), static_cast<Py_ssize_t>(i), PyBool_FromLong(needs));
                     }
                     return out;
                   })
      .def("name", [](FunctionCtx& self) { return nb::str(self.alive().name().c_str()); });
  module.def("_apply_function", &apply_function, "function"_a, "args"_a);
  return true;
}

}  // namespace tenon::python
