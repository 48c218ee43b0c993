// The roof of the house: the one place that knows every floor and puts their ops into the registry.
#include <tenon/autograd/autograd.h>
#include <tenon/core/registry.h>
#include <tenon/kernels/cpu/register.h>
#include <tenon/ops/register.h>

namespace tenon::inline v0 {

static void register_everything(Registry& r) {
  register_elementwise(r);
  register_elementwise_gradients(r);
  register_elementwise_kernels(r);
  install_tape();
}

Registry& registry() {
  // Never destroyed: tensors that live in static variables of a program still need their ops.
  static Registry* instance = [] {
    auto* r = new Registry;
    register_everything(*r);
    return r;
  }();
  return *instance;
}

}  // namespace tenon::inline v0
