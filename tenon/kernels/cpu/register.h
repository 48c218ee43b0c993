// One line per family: its kernels for the CPU.
#pragma once

#include <tenon/core/registry.h>

namespace tenon::inline v0 {

void register_elementwise_kernels(Registry&);
void register_reduction_kernels(Registry&);
void register_creation_kernels(Registry&);
void register_random_kernels(Registry&);
void register_matmul_kernels(Registry&);
void register_conv_kernels(Registry&);
void register_norm_kernels(Registry&);
void register_activation_kernels(Registry&);
void register_loss_kernels(Registry&);
void register_views_kernels(Registry&);
void register_joining_kernels(Registry&);
void register_indexing_kernels(Registry&);
void register_sorting_kernels(Registry&);
void register_fused_kernels(Registry&);

}  // namespace tenon::inline v0
