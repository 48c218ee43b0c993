#include <tenon/ops/register.h>
namespace tenon::inline v0 {
void register_sorting(Registry&) {}
}  // namespace tenon::inline v0
