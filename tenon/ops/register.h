// One line per family: its records and rules, and apart from them its gradients.
#pragma once

#include <tenon/core/registry.h>

namespace tenon::inline v0 {

void register_elementwise(Registry&);
void register_elementwise_gradients(Registry&);
void register_reduction(Registry&);
void register_reduction_gradients(Registry&);
void register_creation(Registry&);
void register_random(Registry&);
void register_random_gradients(Registry&);
void register_matmul(Registry&);
void register_matmul_gradients(Registry&);
void register_contraction(Registry&);
void register_conv(Registry&);
void register_conv_gradients(Registry&);
void register_norm(Registry&);
void register_norm_gradients(Registry&);
void register_activation(Registry&);
void register_activation_gradients(Registry&);
void register_loss(Registry&);
void register_loss_gradients(Registry&);
void register_views(Registry&);
void register_views_gradients(Registry&);
void register_joining(Registry&);
void register_joining_gradients(Registry&);
void register_indexing(Registry&);
void register_indexing_gradients(Registry&);
void register_sorting(Registry&);
void register_sorting_gradients(Registry&);
void register_fused(Registry&);

}  // namespace tenon::inline v0
