// Functions of the module that are no ops: tensor() and its kin, constructors, defaults, printing options.
#include <cstring>

#include <tenon/autograd/autograd.h>
#include <tenon/build_config.h>
#include <tenon/core/door.h>
#include <tenon/core/error.h>
#include <tenon/core/generator.h>
#include <tenon/core/print.h>
#include <tenon/core/thread_pool.h>

#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "caster.h"
#include "construct.h"
#include "convert.h"
#include "errors.h"
#include "function_override.h"
#include "object.h"
#include "values.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace tenon::python {

Tensor from_dlpack(PyObject* source);  // dlpack.cpp

namespace {

// The keywords of tensor() and as_tensor(), which are called too often for a slower parser.
struct MakeArguments {
  PyObject* data = nullptr;
  std::optional<DType> dtype;
  std::optional<Device> device;
  bool requires_grad = false;

  MakeArguments(const char* who, PyObject* const* args, Py_ssize_t count, PyObject* keywords) {
    if (count > 0) data = args[0];
    if (count > 1) set_dtype(who, args[1]);
    if (count > 2) set_device(who, args[2]);
    for (Py_ssize_t i = 0; keywords != nullptr && i < PyTuple_GET_SIZE(keywords); ++i) {
      PyObject *name = PyTuple_GET_ITEM(keywords, i), *value = args[count + i];
      auto is = [name](const char* text) { return PyUnicode_CompareWithASCIIString(name, text) == 0; };
      if (is("dtype"))
        set_dtype(who, value);
      else if (is("device"))
        set_device(who, value);
      else if (is("requires_grad"))
        requires_grad = truth(value);
      else if (is("data") || is("obj"))
        data = value;
      else if (!is("pin_memory") && !is("copy") && !is("names")) {
        raise(PyExc_TypeError, "%s() got an unexpected keyword argument '%U'", who, name);
      }
    }
    if (data == nullptr) raise(PyExc_TypeError, "%s() missing 1 required positional argument: 'data'", who);
  }

 private:
  void set_dtype(const char* who, PyObject* object) {
    if (object == Py_None) return;
    dtype = to_dtype(object);
    if (!dtype) raise(PyExc_TypeError, "%s(): argument 'dtype' must be dtype, not %s", who, Py_TYPE(object)->tp_name);
  }
  void set_device(const char* who, PyObject* object) {
    if (object == Py_None) return;
    device = to_device(object);
    if (!device)
      raise(PyExc_TypeError, "%s(): argument 'device' must be device, not %s", who, Py_TYPE(object)->tp_name);
  }
};

PyObject* make_tensor(PyObject*, PyObject* const* args, Py_ssize_t count, PyObject* keywords) {
  return guarded([&] {
    const MakeArguments a("tensor", args, count, keywords);
    if (is_tensor(a.data)) {
      const int status =
          PyErr_WarnEx(PyExc_UserWarning,
                       "To copy construct from a tensor, it is recommended to use sourceTensor.detach().clone() or "
                       "sourceTensor.detach().clone().requires_grad_(True), rather than tensor(sourceTensor).",
                       1);
      if (status < 0) throw_python_error();
    }
    Tensor out = tensor_from_data(a.data, a.dtype, a.device);
    if (a.requires_grad) out.requires_grad_(true);
    return wrap(std::move(out));
  });
}
PyObject* make_as_tensor(PyObject*, PyObject* const* args, Py_ssize_t count, PyObject* keywords) {
  return guarded([&]() -> PyObject* {
    const MakeArguments a("as_tensor", args, count, keywords);
    Tensor out = as_tensor(a.data, a.dtype, a.device);
    if (a.requires_grad) out.requires_grad_(true);
    return wrap(std::move(out));
  });
}
PyObject* make_from_numpy(PyObject*, PyObject* array) {
  return guarded([&] {
    if (!is_numpy_array(array)) raise(PyExc_TypeError, "expected np.ndarray (got %s)", Py_TYPE(array)->tp_name);
    return wrap(from_array(array));
  });
}
PyObject* make_from_dlpack(PyObject*, PyObject* const* args, Py_ssize_t count, PyObject*) {
  return guarded([&] {
    if (count < 1) raise(PyExc_TypeError, "from_dlpack() missing 1 required positional argument: 'ext_tensor'");
    return wrap(from_dlpack(args[0]));
  });
}

// frombuffer(buffer, *, dtype, count=-1, offset=0, requires_grad=False)
PyObject* make_from_buffer(PyObject*, PyObject* args, PyObject* kwargs) {
  static const char* names[] = {"buffer", "dtype", "count", "offset", "requires_grad", nullptr};
  PyObject *buffer = nullptr, *dtype_object = nullptr;
  Py_ssize_t count = -1, offset = 0;
  int requires_grad = 0;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|$Onnp:frombuffer", const_cast<char**>(names), &buffer,
                                   &dtype_object, &count, &offset, &requires_grad)) {
    return nullptr;
  }
  return guarded([&] {
    const auto dtype = dtype_object == nullptr ? std::nullopt : to_dtype(dtype_object);
    if (!dtype) raise(PyExc_TypeError, "frombuffer(): argument 'dtype' must be dtype");
    Owned memory(checked(PyMemoryView_FromObject(buffer)));
    const Py_buffer* view = PyMemoryView_GET_BUFFER(memory.get());
    const Py_ssize_t size = size_of(*dtype);
    if (view->len <= 0)
      raise(PyExc_ValueError, "both buffer length (%zd) and count (%zd) must not be 0", view->len, count);
    if (offset < 0 || offset >= view->len) {
      raise(PyExc_ValueError,
            "offset (%zd bytes) must be non-negative and no greater than buffer length (%zd bytes) minus 1", offset,
            view->len);
    }
    if (count <= 0) {
      if ((view->len - offset) % size != 0) {
        raise(PyExc_ValueError,
              "buffer length (%zd bytes) after offset (%zd bytes) must be a multiple of element size (%zd)", view->len,
              offset, size);
      }
      count = (view->len - offset) / size;
    } else if (count > (view->len - offset) / size) {
      raise(PyExc_ValueError,
            "requested buffer length (%zd * %zd bytes) after offset (%zd bytes) must not be greater than actual buffer "
            "length (%zd bytes)",
            count, size, offset, view->len);
    }
    if (view->readonly &&
        PyErr_WarnEx(PyExc_UserWarning,
                     "The given buffer is not writable, and Tenon does not support non-writable tensors.", 1) < 0) {
      throw_python_error();
    }
    char* data = static_cast<char*>(view->buf) + offset;
    Tensor out =
        Tensor::borrow(data, {Dim(static_cast<int64_t>(count))}, {1}, *dtype, memory.release(), [](void* owner) {
          if (!Py_IsInitialized()) return;
          AcquireGil gil;
          Py_DECREF(static_cast<PyObject*>(owner));
        });
    if (requires_grad != 0) out.requires_grad_(true);
    return wrap(std::move(out));
  });
}

PyObject* is_tensor_function(PyObject*, PyObject* object) { return PyBool_FromLong(is_tensor(object)); }

#define FAST(function) reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function))
PyMethodDef functions[] = {
    {"tensor", FAST(&make_tensor), METH_FASTCALL | METH_KEYWORDS,
     "tensor(data, *, dtype=None, device=None, requires_grad=False, pin_memory=False)\n--\n\nA tensor with a copy of "
     "the data."},
    {"as_tensor", FAST(&make_as_tensor), METH_FASTCALL | METH_KEYWORDS,
     "as_tensor(data, dtype=None, device=None)\n--\n\nA tensor of the data, sharing its memory where it can."},
    {"asarray", FAST(&make_as_tensor), METH_FASTCALL | METH_KEYWORDS,
     "asarray(obj, *, dtype=None, device=None, copy=None, requires_grad=False)\n--\n\nAs as_tensor()."},
    {"from_numpy", &make_from_numpy, METH_O, "from_numpy(ndarray)\n--\n\nA tensor on the memory of a NumPy array."},
    {"from_dlpack", FAST(&make_from_dlpack), METH_FASTCALL | METH_KEYWORDS,
     "from_dlpack(ext_tensor)\n--\n\nA tensor on the memory of another library's."},
    {"frombuffer", FAST(&make_from_buffer), METH_VARARGS | METH_KEYWORDS,
     "frombuffer(buffer, *, dtype, count=-1, offset=0, requires_grad=False)\n--\n\nA tensor on the memory of a "
     "buffer."},
    {"is_tensor", &is_tensor_function, METH_O, "is_tensor(obj)\n--\n\nWhether an object is a tensor."},
    {nullptr, nullptr, 0, nullptr},
};

void set_print_options(std::optional<int> precision, std::optional<int64_t> threshold, std::optional<int64_t> edgeitems,
                       std::optional<int64_t> linewidth, std::optional<std::string> profile, nb::object sci_mode) {
  PrintOptions& o = print_options();
  if (profile) {
    const std::string prefix = o.prefix;
    o = PrintOptions{};
    o.prefix = prefix;
    if (*profile == "short") {
      o.precision = 2;
      o.edgeitems = 2;
    } else if (*profile == "full") {
      o.threshold = INT64_MAX;
    } else if (*profile != "default") {
      fail<ValueError>("set_printoptions: profile is '", *profile, "'; it may be 'default', 'short' or 'full'");
    }
  }
  if (precision) o.precision = *precision;
  if (threshold) o.threshold = *threshold;
  if (edgeitems) o.edgeitems = *edgeitems;
  if (linewidth) o.linewidth = *linewidth;
  o.sci_mode = sci_mode.is_none() ? std::nullopt : std::optional<bool>(nb::cast<bool>(sci_mode));
}

Tensor state_tensor(const Generator& g) {
  Tensor t = Tensor::empty({static_cast<int64_t>(Generator::kStateBytes)}, DType::UInt8);
  g.get_state(static_cast<uint8_t*>(t.data_ptr()));
  return t;
}
void load_state(Generator& g, const Tensor& state) {
  check<DTypeError>(state.dtype() == DType::UInt8 && state.is_contiguous(),
                    "set_state: the state must be a contiguous uint8 tensor");
  if (!g.set_state(static_cast<const uint8_t*>(state.data_ptr()), static_cast<size_t>(state.numel()))) {
    fail<ValueError>("set_state: not a state of a generator; it must come from get_state()");
  }
}

uint64_t to_seed(nb::object value) {
  Owned number(checked(PyNumber_Index(value.ptr())));
  const uint64_t seed = PyLong_AsUnsignedLongLongMask(number.get());
  if (PyErr_Occurred()) throw_python_error();
  return seed;
}

}  // namespace

// tn.Tensor(...), the constructor of old: sizes, data, or nothing; always of the default float.
PyObject* tensor_new(PyTypeObject* type, PyObject* args, PyObject* kwargs) {
  return guarded([&]() -> PyObject* {
    Tensor out;
    const Py_ssize_t n = PyTuple_GET_SIZE(args);
    PyObject* first = n > 0 ? PyTuple_GET_ITEM(args, 0) : nullptr;
    std::optional<Device> device;
    if (kwargs != nullptr && type == tensor_type) {
      if (first == nullptr) first = PyDict_GetItemString(kwargs, "data");
      PyObject* d = PyDict_GetItemString(kwargs, "device");
      if (d != nullptr) device = to_device(d);
    }
    Dims sizes;
    if (first == nullptr) {
      out = Tensor::empty({0});
    } else if (is_tensor(first)) {
      out = call_alias(unwrap(first).detach());
    } else if (Py_TYPE(first) == size_type) {
      to_dims(first, sizes);
      out = Tensor::empty(sizes, default_dtype(), device.value_or(Device{}));
    } else if (PyLong_Check(first) || (n > 1 && PyIndex_Check(first))) {
      if (!to_dims(&PyTuple_GET_ITEM(args, 0), n, sizes)) {
        raise(PyExc_TypeError, "new(): sizes must be ints; use tensor(data) for data");
      }
      out = Tensor::empty(sizes, default_dtype(), device.value_or(Device{}));
    } else if (PyFloat_Check(first)) {
      raise(PyExc_TypeError, "new(): data must be a sequence (got float)");
    } else {
      out = tensor_from_data(first, default_dtype(), device);
    }
    return wrap_as(type, std::move(out));
  });
}

// Parameter(data=None, requires_grad=True)
PyObject* parameter_new(PyTypeObject* type, PyObject* args, PyObject* kwargs) {
  PyObject* data = PyTuple_GET_SIZE(args) > 0 ? PyTuple_GET_ITEM(args, 0) : nullptr;
  PyObject* flag = PyTuple_GET_SIZE(args) > 1 ? PyTuple_GET_ITEM(args, 1) : nullptr;
  if (kwargs != nullptr) {
    if (data == nullptr) data = PyDict_GetItemString(kwargs, "data");
    if (flag == nullptr) flag = PyDict_GetItemString(kwargs, "requires_grad");
  }
  return guarded([&] {
    if (data != nullptr && data != Py_None && !is_tensor(data)) {
      raise(PyExc_TypeError, "Parameter(): argument 'data' must be Tensor, not %s; make one with tensor(data)",
            Py_TYPE(data)->tp_name);
    }
    Tensor out = data == nullptr || data == Py_None ? Tensor::empty({0}, default_dtype(), default_device())
                                                    : unwrap(data).detach();
    out.impl()->flags |= TensorImpl::kParameter;
    if (flag == nullptr || truth(flag)) out.requires_grad_(true);
    // A subclass that takes part in calls stays what it is; isinstance knows it for a Parameter all the same.
    const bool keeps_class = data != nullptr && is_tensor(data) && wants_function_override(Py_TYPE(data));
    return wrap_as(keeps_class ? Py_TYPE(data) : type, std::move(out));
  });
}

bool add_functions(PyObject* module_object) {
  if (PyModule_AddFunctions(module_object, functions) < 0) return false;
  nb::module_ m = nb::borrow<nb::module_>(module_object);
  m.def("get_default_dtype", [] { return default_dtype(); });
  m.def(
      "set_default_dtype", [](DType d) { set_default_dtype(d); }, "d"_a);
  m.def("get_default_device", [] { return default_device(); });
  m.def(
      "set_default_device",
      [](nb::object device) { set_default_device(device.is_none() ? Device{} : nb::cast<Device>(device)); },
      "device"_a.none());
  m.def("set_printoptions", &set_print_options, "precision"_a.none() = nb::none(), "threshold"_a.none() = nb::none(),
        "edgeitems"_a.none() = nb::none(), "linewidth"_a.none() = nb::none(), "profile"_a.none() = nb::none(),
        "sci_mode"_a.none() = nb::none());
  m.def("_set_name_prefix", [](std::string prefix) { print_options().prefix = std::move(prefix); });
  m.def(
      "promote_types", [](DType a, DType b) { return promote(a, b); }, "type1"_a, "type2"_a);
  m.def("get_num_threads", [] { return num_threads(); });
  m.def("_build_config", [] {
    const BuildConfig c = build_config();
    nb::dict out;
    out["version"] = c.version;
    out["commit"] = c.commit;
    out["compiler"] = c.compiler;
    out["build_type"] = c.build_type;
    out["sanitizers"] = c.sanitizers;
    out["onednn"] = c.onednn;
    out["png"] = c.png;
    out["jpeg"] = c.jpeg;
    out["shared"] = c.shared;
    out["simd_compiled"] = c.simd_compiled;
    out["simd"] = c.simd;
    out["threads"] = c.threads;
    return out;
  });
  m.def("_build_config_text", [] { return build_config_text(); });
  m.def(
      "set_num_threads",
      [](int n) {
        check<ValueError>(n > 0, "set_num_threads: expected a positive number of threads, got ", n);
        set_num_threads(n);
      },
      "num"_a);
  m.def(
      "load_library", [](const std::string& path) { load_library(path); }, "path"_a);

  nb::class_<Generator>(m, "Generator")
      .def(
          "__init__", [](Generator* self, nb::object) { new (self) Generator(); }, "device"_a.none() = nb::none())
      .def(
          "manual_seed",
          [](nb::object self, nb::object seed) {
            nb::cast<Generator&>(self).manual_seed(to_seed(seed));
            return self;
          },
          "seed"_a)
      .def("seed", &Generator::seed)
      .def("initial_seed", &Generator::initial_seed)
      .def("get_state", &state_tensor)
      .def(
          "set_state",
          [](nb::object self, const Tensor& state) {
            load_state(nb::cast<Generator&>(self), state);
            return self;
          },
          "new_state"_a)
      .def("clone_state", &Generator::clone)
      .def_prop_ro("device", [](const Generator&) { return Device{}; })
      .def("__getstate__", [](const Generator& g) { return state_tensor(g); })
      .def("__setstate__", [](Generator& g, const Tensor& state) {
        new (&g) Generator();
        load_state(g, state);
      });
  m.attr("default_generator") = nb::cast(std::make_shared<Generator>(tenon::default_generator()));
  m.def(
      "manual_seed",
      [m](nb::object seed) -> nb::object {
        Generator& generator = tenon::default_generator().manual_seed(to_seed(seed));
        nb::object common = m.attr("default_generator");
        if (nb::cast<Generator&>(common) == generator) return common;
        return nb::cast(std::make_shared<Generator>(generator));  // the thread's own
      },
      "seed"_a);
  m.def("seed", [] { return tenon::default_generator().seed(); });
  m.def("initial_seed", [] { return tenon::default_generator().initial_seed(); });
  m.def("get_rng_state", [] { return state_tensor(tenon::default_generator()); });
  m.def(
      "set_rng_state", [](const Tensor& state) { load_state(tenon::default_generator(), state); }, "new_state"_a);
  return true;
}

}  // namespace tenon::python
