#include "nn_bindings.h"

#include "nn_module.h"

void bind_nn(nanobind::module_& module) {
  using namespace tenon::python;
  nanobind::module_ nn = module.def_submodule("nn", "Modules written in C++.");
  if (!make_module_type(nn.ptr()) || !make_module_tables(nn.ptr()) || !make_layer_types(nn.ptr())) throw nanobind::python_error();
}
