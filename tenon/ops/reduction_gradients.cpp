#include <tenon/ops/register.h>
namespace tenon::inline v0 {
void register_reduction_gradients(Registry&) {}
}  // namespace tenon::inline v0
