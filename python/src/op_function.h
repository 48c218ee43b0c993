// Ops as Python callables, made from the registry: nobody writes a binding for an op by hand.
#pragma once

#include <Python.h>

#include <string>
#include <vector>

#include <tenon/core/op.h>

namespace tenon::python {

// A parameter of a signature, ready to be matched.
struct Parameter {
  ParameterInfo info;
  PyObject* name = nullptr;  // interned
  std::vector<PyObject*> aliases;
};

struct Overload {
  explicit Overload(const OpInfo& op);

  const OpInfo* op;
  std::vector<Parameter> parameters;
  std::vector<uint8_t> order;      // those that may be given by position
  int leading_inputs = 0;          // parameters 0 to n - 1 are inputs 0 to n - 1, given by position
  uint64_t required = 0;           // bit per parameter
  int device = -1;                 // index of the parameter, for the default device
  int size = -1;                   // offset in the record of the size of what it creates
  PyTypeObject* result = nullptr;  // named tuple of named outputs
};

struct OpSet {
  const Overload* first = nullptr;  // of the overloads, one load nearer
  bool inplace = false;
  std::string name;
  std::vector<Overload*> overloads;
};

struct OpFunction {
  PyObject_HEAD vectorcallfunc call;
  OpSet* set;
  PyObject* name;
  PyObject* module;
  PyObject* doc;
};

// The ops of a name as a callable; null when there is none. Borrowed, lives for ever.
PyObject* find_function(const char* name);
PyObject* find_method(const char* name);

bool make_op_types(PyObject* module);
// Puts all ops that are not there yet into the module and on the type. Returns the new names.
PyObject* add_ops(PyObject* module);

// Elements whose work takes about 20 us, more than giving up the GIL costs.
inline constexpr int64_t kLongWork = 32768;
// Whether a tensor adds nothing to speak of. A contiguous one has no more elements than its storage has bytes,
// which is quicker to ask than its sizes.
inline bool is_small(const TensorImpl* impl) {
  return impl->contiguous && impl->storage && impl->storage->bytes <= kLongWork / 16;
}

// Runs an op of the registry with defaults: for slots and methods written by hand.
Tensor call_op(const OpInfo& op, std::initializer_list<TensorImpl*> inputs, const void* record = nullptr);

// Calls an op's decomposition with arguments as of its function.
PyObject* call_decomposition(const OpInfo& op, PyObject* const* args, Py_ssize_t count, PyObject* keywords);

}  // namespace tenon::python
