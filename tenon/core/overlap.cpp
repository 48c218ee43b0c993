#include <tenon/core/overlap.h>

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <vector>

#include <tenon/core/error.h>

namespace tenon::inline v0 {

namespace {

struct Range {
  int64_t low, high;  // bytes, high excluded
};
Range byte_range(const TensorImpl* t) {
  int64_t low = t->offset.value(), high = low;
  for (size_t i = 0; i < t->strides.size(); ++i) {
    const int64_t reach = (t->spec.shape[i].value() - 1) * t->strides[i].value();
    (reach < 0 ? low : high) += reach;
  }
  const int64_t size = size_of(t->spec.dtype);
  return {low * size, (high + 1) * size};
}

// Calls visit(place in elements) for each element until it returns true, and says whether one did.
template <class F>
bool any_place(const TensorImpl* t, F&& visit) {
  const size_t n = t->strides.size();
  std::vector<int64_t> at(n, 0);
  for (int64_t left = t->numel(), place = t->offset.value(); left > 0; --left) {
    if (visit(place)) return true;
    for (size_t i = n; i-- > 0;) {
      place += t->strides[i].raw();
      if (++at[i] < t->spec.shape[i].value()) break;
      place -= at[i] * t->strides[i].raw();
      at[i] = 0;
    }
  }
  return false;
}

// Whether two elements share a place, by counting.
bool places_collide(const TensorImpl* t) {
  const Range range = byte_range(t);
  const int64_t size = size_of(t->spec.dtype), low = range.low / size;
  std::vector<bool> taken(static_cast<size_t>((range.high - range.low) / size));
  return any_place(t, [&](int64_t place) {
    const auto at = static_cast<size_t>(place - low);
    if (taken[at]) return true;
    taken[at] = true;
    return false;
  });
}

}  // namespace

bool ranges_meet(const TensorImpl* a, const TensorImpl* b) {
  if (!a->storage || a->storage.get() != b->storage.get() || a->numel() == 0 || b->numel() == 0) return false;
  const Range x = byte_range(a), y = byte_range(b);
  return x.low < y.high && y.low < x.high;
}

bool overlaps(const TensorImpl* a, const TensorImpl* b) {
  if (!ranges_meet(a, b)) return false;
  if (a->contiguous && b->contiguous) return true;
  const Range range = byte_range(a);
  const int64_t a_size = size_of(a->spec.dtype), b_size = size_of(b->spec.dtype);
  std::vector<bool> taken(static_cast<size_t>(range.high - range.low));
  any_place(a, [&](int64_t place) {
    for (int64_t i = 0; i < a_size; ++i) taken[static_cast<size_t>(place * a_size + i - range.low)] = true;
    return false;
  });
  return any_place(b, [&](int64_t place) {
    for (int64_t i = 0; i < b_size; ++i) {
      const int64_t byte = place * b_size + i;
      if (byte >= range.low && byte < range.high && taken[static_cast<size_t>(byte - range.low)]) return true;
    }
    return false;
  });
}

bool same_elements(const TensorImpl* a, const TensorImpl* b) {
  return a->offset == b->offset && a->spec.dtype == b->spec.dtype && a->spec.shape == b->spec.shape &&
         a->strides == b->strides;
}

// Dimensions in order of their strides nest unless views were made to overlap; only then the places are counted.
bool overlaps_itself(const TensorImpl* t) {
  if (t->contiguous || t->numel() < 2) return false;
  std::vector<std::pair<int64_t, int64_t>> steps;  // stride, size - 1
  for (size_t i = 0; i < t->strides.size(); ++i) {
    const int64_t size = t->spec.shape[i].value();
    if (size == 1) continue;
    if (t->strides[i] == Dim(0)) return true;
    steps.emplace_back(std::abs(t->strides[i].value()), size - 1);
  }
  std::sort(steps.begin(), steps.end());
  int64_t reach = 0;
  for (const auto& [stride, rest] : steps) {
    if (stride <= reach) return places_collide(t);
    reach += stride * rest;
  }
  return false;
}

void check_writable(const char* op, const TensorImpl* t) {
  check<ValueError>(!overlaps_itself(t), op,
                    ": unsupported operation: more than one element of the written-to tensor refers to a single memory "
                    "location (shape ",
                    t->spec.shape, ", stride ", t->strides, "); clone() it before writing");
}

}  // namespace tenon::inline v0
