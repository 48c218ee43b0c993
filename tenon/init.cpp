// The roof of the house: the one place that knows every floor and puts their ops into the registry.
#include <tenon/autograd/autograd.h>
#include <tenon/core/registry.h>
#include <tenon/kernels/cpu/register.h>
#include <tenon/ops/register.h>
#include <tenon/ops/tracing.h>
#include <tenon/optim/records.h>

namespace tenon::inline v0 {

static void register_families(Registry& r) {
  register_elementwise(r);
  register_reduction(r);
  register_creation(r);
  register_random(r);
  register_views(r);
  register_joining(r);
  register_indexing(r);
  register_sorting(r);
  register_matmul(r);
  register_contraction(r);
  register_conv(r);
  register_norm(r);
  register_activation(r);
  register_loss(r);
  register_fused(r);
  register_optimizer_ops(r);
  register_tracing(r);
}

static void register_gradients(Registry& r) {
  register_elementwise_gradients(r);
  register_reduction_gradients(r);
  register_random_gradients(r);
  register_views_gradients(r);
  register_joining_gradients(r);
  register_indexing_gradients(r);
  register_sorting_gradients(r);
  register_matmul_gradients(r);
  register_conv_gradients(r);
  register_norm_gradients(r);
  register_activation_gradients(r);
  register_loss_gradients(r);
  register_tracing_gradients(r);
}

static void register_cpu_kernels(Registry& r) {
  register_elementwise_kernels(r);
  register_reduction_kernels(r);
  register_creation_kernels(r);
  register_random_kernels(r);
  register_views_kernels(r);
  register_joining_kernels(r);
  register_indexing_kernels(r);
  register_sorting_kernels(r);
  register_matmul_kernels(r);
  register_conv_kernels(r);
  register_norm_kernels(r);
  register_activation_kernels(r);
  register_loss_kernels(r);
  register_fused_kernels(r);
  register_optimizer_kernels(r);
  register_tracing_kernels(r);
}

Registry& registry() {
  // Never destroyed: tensors that live in static variables of a program still need their ops.
  static Registry* instance = [] {
    auto* r = new Registry;
    register_families(*r);
    register_gradients(*r);
    register_cpu_kernels(*r);
    install_tape();
    return r;
  }();
  return *instance;
}

}  // namespace tenon::inline v0
