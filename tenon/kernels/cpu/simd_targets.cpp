#include <tenon/kernels/cpu/simd_targets.h>

#include <hwy/highway.h>

namespace tenon::inline v0 {

namespace {
// Highway's numbers of targets are single bits, the best ones lowest.
int64_t lowest(int64_t targets) { return targets & -targets; }
}  // namespace

std::vector<std::string> compiled_simd_targets() {
  std::vector<std::string> out;
  for (int64_t left = HWY_TARGETS; left != 0; left &= left - 1) out.emplace_back(hwy::TargetName(lowest(left)));
  return out;
}

std::string chosen_simd_target() {
  const int64_t usable = hwy::SupportedTargets() & HWY_TARGETS;
  return hwy::TargetName(lowest(usable != 0 ? usable : HWY_STATIC_TARGET));
}

}  // namespace tenon::inline v0
