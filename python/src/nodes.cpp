// grad_fn objects and hooks.
#include <cstring>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>

#include <nanobind/nanobind.h>

#include <tenon/autograd/autograd.h>
#include <tenon/core/error.h>
#include <tenon/core/print.h>

#include "autograd.h"
#include "errors.h"
#include "object.h"

namespace nb = nanobind;

namespace tenon::python {

namespace {

// A node of the graph, or the leaf at its end.
struct NodeObject {
  PyObject_HEAD Node* node;
  TensorImpl* leaf;
};

PyTypeObject* node_type = nullptr;  // tenon.autograd.graph.Node

NodeObject* cast(PyObject* object) { return reinterpret_cast<NodeObject*>(object); }

// Objects that exist, so that `y.grad_fn is y.grad_fn`.
std::unordered_map<const void*, PyObject*>& known_nodes() {
  static auto* map = new std::unordered_map<const void*, PyObject*>;
  return *map;
}

std::string node_name(const Node& node) { return node.name(); }

// One type per kind of node: programs look at type(grad_fn).__name__.
PyTypeObject* type_of(const std::string& name) {
  static auto* types = new std::map<std::string, PyTypeObject*>;
  PyTypeObject*& type = (*types)[name];
  if (type == nullptr) {
    PyObject* made = PyObject_CallFunction(reinterpret_cast<PyObject*>(&PyType_Type), "s(O){s:s,s:()}", name.c_str(),
                                           node_type, "__module__", "tenon.autograd.graph", "__slots__");
    type = reinterpret_cast<PyTypeObject*>(checked(made));
  }
  return type;
}

PyObject* wrap_edge(const void* key, const std::string& name, Node* node, TensorImpl* leaf) {
  if (const auto it = known_nodes().find(key); it != known_nodes().end()) return Py_NewRef(it->second);
  PyTypeObject* type = type_of(name);
  PyObject* object = checked(type->tp_alloc(type, 0));
  cast(object)->node = node;
  cast(object)->leaf = leaf;
  if (node != nullptr) node->retain();
  if (leaf != nullptr) leaf->retain();
  known_nodes()[key] = object;
  return object;
}
PyObject* wrap_node(Node* node) { return wrap_edge(node, node_name(*node), node, nullptr); }

void node_dealloc(PyObject* object) {
  NodeObject* self = cast(object);
  PyTypeObject* type = Py_TYPE(object);
  known_nodes().erase(self->node != nullptr ? static_cast<const void*>(self->node) : self->leaf);
  Ref<Node>::adopt(std::exchange(self->node, nullptr)).reset();
  Ref<TensorImpl>::adopt(std::exchange(self->leaf, nullptr)).reset();
  type->tp_free(object);
  Py_DECREF(type);
}

PyObject* node_name_method(PyObject* self, PyObject*) {
  return guarded([&] {
    return PyUnicode_FromString(cast(self)->node == nullptr ? "AccumulateGrad" : node_name(*cast(self)->node).c_str());
  });
}

PyObject* next_functions(PyObject* self, void*) {
  return guarded([&]() -> PyObject* {
    const Node* node = cast(self)->node;
    const uint32_t n = node == nullptr ? 0 : node->edge_count();
    Owned tuple(checked(PyTuple_New(n)));
    for (uint32_t i = 0; i < n; ++i) {
      const Edge& edge = node->edge(i);
      Owned next(Py_NewRef(Py_None));
      if (edge.node)
        next = Owned(wrap_node(edge.node.get()));
      else if (edge.leaf)
        next = Owned(wrap_edge(edge.leaf.get(), "AccumulateGrad", nullptr, edge.leaf.get()));
      PyTuple_SET_ITEM(tuple.get(), i, checked(Py_BuildValue("(OI)", next.get(), edge.output)));
    }
    return tuple.release();
  });
}

PyObject* node_variable(PyObject* self, void*) {
  if (cast(self)->leaf == nullptr) {
    PyErr_SetString(PyExc_AttributeError, "only AccumulateGrad has a variable");
    return nullptr;
  }
  return guarded([&] { return wrap(Tensor(Ref<TensorImpl>::share(cast(self)->leaf))); });
}
PyObject* node_sequence(PyObject* self, PyObject*) {
  return PyLong_FromUnsignedLongLong(cast(self)->node == nullptr ? UINT64_MAX : cast(self)->node->sequence());
}

// ---- hooks ----

// A Python callable held by C++: its count changes under the GIL only.
class Callable {
 public:
  explicit Callable(PyObject* function) : function_(Py_NewRef(function)) {}
  ~Callable() {
    if (!Py_IsInitialized()) return;
    AcquireGil gil;
    Py_DECREF(function_);
  }
  Callable(const Callable&) = delete;
  PyObject* get() const { return function_; }

 private:
  PyObject* function_;
};

struct RemovableHandle {
  HookHandle handle, second;
  int64_t id;
  void remove() {
    handle.remove();
    second.remove();
  }
};

PyObject* make_handle(HookHandle handle, HookHandle second = {}) {
  static int64_t next = 0;
  return nb::cast(RemovableHandle{std::move(handle), std::move(second), next++}, nb::rv_policy::move).release().ptr();
}

PyObject* wrap_list(const std::vector<Tensor>& tensors) {
  PyObject* tuple = checked(PyTuple_New(static_cast<Py_ssize_t>(tensors.size())));
  for (size_t i = 0; i < tensors.size(); ++i) PyTuple_SET_ITEM(tuple, static_cast<Py_ssize_t>(i), wrap(tensors[i]));
  return tuple;
}

void unwrap_list(PyObject* result, std::vector<Tensor>& into) {
  if (result == Py_None) return;
  Owned items(is_tensor(result) ? PyTuple_Pack(1, result) : PySequence_Tuple(result));
  if (!items) throw_python_error();
  if (static_cast<size_t>(PyTuple_GET_SIZE(items.get())) != into.size()) {
    raise(PyExc_RuntimeError, "hook has returned an incorrect number of values");
  }
  for (size_t i = 0; i < into.size(); ++i) {
    PyObject* item = PyTuple_GET_ITEM(items.get(), static_cast<Py_ssize_t>(i));
    if (item == Py_None)
      into[i] = Tensor();
    else if (is_tensor(item))
      into[i] = unwrap(item);
    else
      raise(PyExc_TypeError, "expected Variable, but hook returned '%s'", Py_TYPE(item)->tp_name);
  }
}

// Calls with the gradient that arrives at a tensor. Named types, so that the garbage collector finds the functions.
struct PythonTensorHook {
  std::shared_ptr<Callable> callable;
  Tensor operator()(const Tensor& gradient) const {
    AcquireGil gil;
    Owned argument(checked(wrap(gradient)));
    Owned result(checked(PyObject_CallOneArg(callable->get(), argument.get())));
    if (result.get() == Py_None) return Tensor();
    if (!is_tensor(result.get()))
      raise(PyExc_TypeError, "expected Variable, but hook returned '%s'", Py_TYPE(result.get())->tp_name);
    return unwrap(result.get());
  }
};
struct PythonAccumulateHook {
  std::shared_ptr<Callable> callable;
  void operator()(const Tensor& leaf) const {
    AcquireGil gil;
    Owned argument(checked(wrap(leaf)));
    Owned result(checked(PyObject_CallOneArg(callable->get(), argument.get())));
  }
};

// The end of the graph has no node: its hooks are hooks of the leaf.
struct PythonLeafPreHook {
  std::shared_ptr<Callable> callable;
  Tensor operator()(const Tensor& gradient) const {
    AcquireGil gil;
    std::vector<Tensor> gradients{gradient};
    Owned in(wrap_list(gradients));
    Owned result(checked(PyObject_CallOneArg(callable->get(), in.get())));
    unwrap_list(result.get(), gradients);
    return gradients[0];
  }
};
// Runs after the accumulation, with the gradient that came: one per thread, as backward may run in several.
struct Arrived {
  std::shared_ptr<Callable> callable;
  std::mutex mutex;
  std::map<std::thread::id, Tensor> gradients;
};
struct PythonLeafNote {
  std::shared_ptr<Arrived> arrived;
  Tensor operator()(const Tensor& gradient) const {
    std::lock_guard lock(arrived->mutex);
    arrived->gradients[std::this_thread::get_id()] = gradient;
    return Tensor();
  }
};
struct PythonLeafPostHook {
  std::shared_ptr<Arrived> arrived;
  void operator()(const Tensor&) const {
    Tensor gradient;
    {
      std::lock_guard lock(arrived->mutex);
      auto found = arrived->gradients.extract(std::this_thread::get_id());
      if (found) gradient = std::move(found.mapped());
    }
    AcquireGil gil;
    Owned in(checked(PyTuple_New(0))), out(wrap_list({gradient}));
    Owned(checked(PyObject_CallFunctionObjArgs(arrived->callable->get(), in.get(), out.get(), nullptr)));
  }
};

// What users keep on a node. The node outlives its objects, so a hook that does nothing holds the dict.
class Metadata {
 public:
  explicit Metadata(const void* key) : key_(key), dict_(checked(PyDict_New())) { known()[key] = dict_; }
  ~Metadata() {
    if (!Py_IsInitialized()) return;
    AcquireGil gil;
    known().erase(key_);
    Py_DECREF(dict_);
  }
  Metadata(const Metadata&) = delete;
  static std::unordered_map<const void*, PyObject*>& known() {
    static auto* map = new std::unordered_map<const void*, PyObject*>;
    return *map;
  }

 private:
  const void* key_;
  PyObject* dict_;
};

PyObject* node_metadata(PyObject* self, void*) {
  return guarded([&] {
    Node* node = cast(self)->node;
    const void* key = node != nullptr ? static_cast<const void*>(node) : cast(self)->leaf;
    if (const auto it = Metadata::known().find(key); it != Metadata::known().end()) return Py_NewRef(it->second);
    auto kept = std::make_shared<Metadata>(key);
    if (node != nullptr) {
      register_hook(*node, NodePostHook([kept](std::vector<Tensor>&, const std::vector<Tensor>&) {}));
    } else {
      register_post_accumulate_grad_hook(Tensor(Ref<TensorImpl>::share(cast(self)->leaf)), [kept](const Tensor&) {});
    }
    return Py_NewRef(Metadata::known().at(key));
  });
}

PyObject* node_register_hook(PyObject* self, PyObject* hook) {
  return guarded([&]() -> PyObject* {
    auto callable = std::make_shared<Callable>(hook);
    if (cast(self)->node == nullptr) {
      const Tensor leaf(Ref<TensorImpl>::share(cast(self)->leaf));
      auto arrived = std::make_shared<Arrived>();
      arrived->callable = std::move(callable);
      HookHandle note = register_hook(leaf, PythonLeafNote{arrived});
      return make_handle(register_post_accumulate_grad_hook(leaf, PythonLeafPostHook{arrived}), std::move(note));
    }
    return make_handle(register_hook(
        *cast(self)->node, NodePostHook([callable](std::vector<Tensor>& in, const std::vector<Tensor>& out) {
          AcquireGil gil;
          Owned inputs(wrap_list(in)), outputs(wrap_list(out));
          Owned result(checked(PyObject_CallFunctionObjArgs(callable->get(), inputs.get(), outputs.get(), nullptr)));
          unwrap_list(result.get(), in);
        })));
  });
}
PyObject* node_register_prehook(PyObject* self, PyObject* hook) {
  return guarded([&]() -> PyObject* {
    auto callable = std::make_shared<Callable>(hook);
    if (cast(self)->node == nullptr) {
      const Tensor leaf(Ref<TensorImpl>::share(cast(self)->leaf));
      return make_handle(register_hook(leaf, PythonLeafPreHook{std::move(callable)}));
    }
    return make_handle(register_prehook(*cast(self)->node, [callable](std::vector<Tensor>& grads) {
      AcquireGil gil;
      Owned in(wrap_list(grads));
      Owned result(checked(PyObject_CallOneArg(callable->get(), in.get())));
      unwrap_list(result.get(), grads);
    }));
  });
}

PyMethodDef node_methods[] = {
    {"name", &node_name_method, METH_NOARGS, "The name of the gradient function"},
    {"_sequence_nr", &node_sequence, METH_NOARGS, nullptr},
    {"register_hook", &node_register_hook, METH_O, "Calls hook(grad_inputs, grad_outputs) after the node ran"},
    {"register_prehook", &node_register_prehook, METH_O, "Calls hook(grad_outputs) before the node runs"},
    {nullptr, nullptr, 0, nullptr},
};
PyGetSetDef node_getset[] = {
    {"next_functions", &next_functions, nullptr, "Where the gradients of this node go", nullptr},
    {"variable", &node_variable, nullptr, "The leaf of AccumulateGrad", nullptr},
    {"metadata", &node_metadata, nullptr, "A dict for users", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

}  // namespace

PyObject* get_grad_fn(const Tensor& tensor) {
  const Ref<Node> node = grad_fn(tensor);
  if (!node) Py_RETURN_NONE;
  return wrap_node(node.get());
}

PyObject* tensor_register_hook(PyObject* self, PyObject* hook) {
  return guarded([&]() -> PyObject* {
    if (!unwrap(self).requires_grad()) {
      raise(PyExc_RuntimeError, "cannot register a hook on a tensor that doesn't require gradient");
    }
    track_object(self);
    return make_handle(register_hook(unwrap(self), PythonTensorHook{std::make_shared<Callable>(hook)}));
  });
}

PyObject* tensor_register_post_accumulate_grad_hook(PyObject* self, PyObject* hook) {
  return guarded([&] {
    PythonAccumulateHook function{std::make_shared<Callable>(hook)};
    HookHandle handle = tenon::register_post_accumulate_grad_hook(unwrap(self), std::move(function));
    track_object(self);
    return make_handle(std::move(handle));
  });
}

// Hooks come and go under the GIL, which the collector has; other threads only read the lists.
int visit_leaf_hooks(const TensorImpl* impl, visitproc visit, void* arg) {
  const AutogradState* state = autograd_state(impl);
  if (state == nullptr || !state->hooks) return 0;
  if (state->hooks->tensor) {
    for (const auto& [id, hook] : state->hooks->tensor->items) {
      if (const auto* tensor = hook.target<PythonTensorHook>()) Py_VISIT(tensor->callable->get());
      if (const auto* before = hook.target<PythonLeafPreHook>()) Py_VISIT(before->callable->get());
    }
  }
  if (state->hooks->accumulated) {
    for (const auto& [id, hook] : state->hooks->accumulated->items) {
      if (const auto* after = hook.target<PythonAccumulateHook>()) Py_VISIT(after->callable->get());
      if (const auto* last = hook.target<PythonLeafPostHook>()) Py_VISIT(last->arrived->callable->get());
    }
  }
  return 0;
}

void clear_leaf_hooks(TensorImpl* impl) {
  if (AutogradState* state = autograd_state(impl)) {
    // Out of the tensor first: the functions' ends may run code that looks at it.
    const std::unique_ptr<LeafHooks> hooks = std::move(state->hooks);
  }
}

bool make_node_type(PyObject* module_object) {
  PyType_Slot slots[] = {
      {Py_tp_dealloc, reinterpret_cast<void*>(&node_dealloc)},
      {Py_tp_methods, node_methods},
      {Py_tp_getset, node_getset},
      {0, nullptr},
  };
  PyType_Spec spec{"tenon.autograd.graph.Node", sizeof(NodeObject), 0,
                   Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};
  node_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  if (node_type == nullptr || PyModule_AddObjectRef(module_object, "Node", reinterpret_cast<PyObject*>(node_type)) < 0)
    return false;
  gradient_name = [](const Tensor& t) -> std::string {
    const Ref<Node> node = grad_fn(t);
    return node ? node->name() : "";
  };
  nb::module_ module = nb::borrow<nb::module_>(module_object);
  nb::class_<RemovableHandle>(module, "RemovableHandle", nb::dynamic_attr())
      .def("remove", &RemovableHandle::remove)
      .def_ro("id", &RemovableHandle::id)
      .def("__enter__", [](nb::object self) { return self; })
      .def("__exit__", [](RemovableHandle& self, nb::args) { self.remove(); });
  return true;
}

}  // namespace tenon::python
