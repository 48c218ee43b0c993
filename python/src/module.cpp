// tenon._tenon: tensors, ops and autograd here; nn, optim and data in files of their own.
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include "autograd.h"
#include "construct.h"
#include "errors.h"
#include "function_override.h"
#include "io_bindings.h"
#include "object.h"
#include "op_function.h"
#include "symbolic_dim.h"
#include "values.h"

namespace nb = nanobind;

namespace tenon::python {
void bind_signatures(nb::module_& m);             // signatures.cpp
void bind_export(nb::module_& m);                 // export_bindings.cpp
bool add_functions(PyObject* module);             // functions.cpp
void add_storage_functions(nb::module_& module);  // storage.cpp

namespace {

// What `import *` takes: not the parts with Python modules of their own, and no exception under the name of
// one of Python's own.
void set_public_names(nb::module_& module) {
  nb::object builtins = nb::module_::import_("builtins");
  nb::list names;
  for (auto [key, value] : nb::cast<nb::dict>(module.attr("__dict__"))) {
    const auto name = nb::cast<std::string>(key);
    if (name.front() == '_') continue;
    if (PyModule_Check(value.ptr()) && name != "return_types") continue;
    if (PyExceptionClass_Check(value.ptr()) && nb::hasattr(builtins, name.c_str())) continue;
    names.append(key);
  }
  names.attr("sort")();
  module.attr("__all__") = names;
}

}  // namespace
}  // namespace tenon::python

// Each is defined by its own file where that exists.
void bind_nn(nb::module_& module) __attribute__((weak));
void bind_optim(nb::module_& module) __attribute__((weak));
void bind_data(nb::module_& module) __attribute__((weak));

NB_MODULE(_tenon, m) {
  using namespace tenon::python;
  nb::set_leak_warnings(false);
  PyObject* module = m.ptr();
  register_error_translator();
  const bool ok = make_errors(module) && make_symbolic_dim_type(module) && make_value_types(module) &&
                  make_tensor_types(module) && make_op_types(module) && make_mode_types(module) &&
                  make_autograd_types(module) && add_functions(module) && make_function_override(module);
  if (!ok) throw nb::python_error();
  m.attr("_op_names") = nb::steal(add_ops(module));
  m.def("_add_ops", [m] { return nb::steal(add_ops(m.ptr())); });
  bind_signatures(m);
  bind_io(m);
  bind_export(m);
  if (bind_nn != nullptr) bind_nn(m);
  if (bind_optim != nullptr) bind_optim(m);
  if (bind_data != nullptr) bind_data(m);
  add_storage_functions(m);
  set_public_names(m);
}
