#include "nn_bindings.h"

#include "nn_module.h"

void bind_nn(nanobind::module_& module) {
  using namespace tenon::python;
  nanobind::module_ nn = module.def_submodule("nn", "Modules written in C++.");
  PyObject* m = nn.ptr();
  const bool ok = make_module_type(m) && make_module_tables(m) && make_layer_types(m) && make_loss_types(m) &&
                  make_init_functions(m) && make_user_classes(m);
  if (!ok) throw nanobind::python_error();
}
