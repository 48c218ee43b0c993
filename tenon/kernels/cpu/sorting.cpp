#include <tenon/kernels/cpu/register.h>
namespace tenon::inline v0 {
void register_sorting_kernels(Registry&) {}
}  // namespace tenon::inline v0
