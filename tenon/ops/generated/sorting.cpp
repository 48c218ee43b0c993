// Generated from the op records by tools/generate_functions.cpp (`make generate`); do not edit.
// clang-format off
#include <tenon/core/door.h>
#include <tenon/ops/sorting.h>
#include <tenon/ops/functions.h>

namespace tenon::inline v0 {

std::tuple<Tensor, Tensor> sort(const Tensor& input, int64_t dim, bool descending, bool stable) {
  Sort r;
  r.dim = dim;
  r.descending = descending;
  r.stable = stable;
  auto results = apply_all(r, input);
  return {std::move(results[0]), std::move(results[1])};
}
std::tuple<Tensor, Tensor> Tensor::sort(int64_t dim, bool descending, bool stable) const {
  Sort r;
  r.dim = dim;
  r.descending = descending;
  r.stable = stable;
  auto results = apply_all(r, *this);
  return {std::move(results[0]), std::move(results[1])};
}
Tensor argsort(const Tensor& input, int64_t dim, bool descending, bool stable) {
  Argsort r;
  r.dim = dim;
  r.descending = descending;
  r.stable = stable;
  return apply(r, input);
}
Tensor Tensor::argsort(int64_t dim, bool descending, bool stable) const {
  Argsort r;
  r.dim = dim;
  r.descending = descending;
  r.stable = stable;
  return apply(r, *this);
}
Tensor msort(const Tensor& input) {
  return apply(Msort{}, input);
}
Tensor Tensor::msort() const {
  return apply(Msort{}, *this);
}
std::tuple<Tensor, Tensor> topk(const Tensor& input, int64_t k, int64_t dim, bool largest, bool sorted) {
  Topk r;
  r.k = k;
  r.dim = dim;
  r.largest = largest;
  r.sorted = sorted;
  auto results = apply_all(r, input);
  return {std::move(results[0]), std::move(results[1])};
}
std::tuple<Tensor, Tensor> Tensor::topk(int64_t k, int64_t dim, bool largest, bool sorted) const {
  Topk r;
  r.k = k;
  r.dim = dim;
  r.largest = largest;
  r.sorted = sorted;
  auto results = apply_all(r, *this);
  return {std::move(results[0]), std::move(results[1])};
}
std::tuple<Tensor, Tensor> kthvalue(const Tensor& input, int64_t k, int64_t dim, bool keepdim) {
  Kthvalue r;
  r.k = k;
  r.dim = dim;
  r.keepdim = keepdim;
  auto results = apply_all(r, input);
  return {std::move(results[0]), std::move(results[1])};
}
std::tuple<Tensor, Tensor> Tensor::kthvalue(int64_t k, int64_t dim, bool keepdim) const {
  Kthvalue r;
  r.k = k;
  r.dim = dim;
  r.keepdim = keepdim;
  auto results = apply_all(r, *this);
  return {std::move(results[0]), std::move(results[1])};
}
Tensor searchsorted(const Tensor& sorted_sequence, const Tensor& input, bool out_int32, bool right, const std::optional<std::string>& side) {
  Searchsorted r;
  r.out_int32 = out_int32;
  r.right = right;
  r.side = side;
  return apply(r, sorted_sequence, input);
}
const Tensor& searchsorted_out(const Tensor& out, const Tensor& sorted_sequence, const Tensor& input, bool out_int32, bool right, const std::optional<std::string>& side) {
  Searchsorted r;
  r.out_int32 = out_int32;
  r.right = right;
  r.side = side;
  return apply_out(r, out, sorted_sequence, input);
}
Tensor bucketize(const Tensor& input, const Tensor& boundaries, bool out_int32, bool right) {
  Bucketize r;
  r.out_int32 = out_int32;
  r.right = right;
  return apply(r, input, boundaries);
}
const Tensor& bucketize_out(const Tensor& out, const Tensor& input, const Tensor& boundaries, bool out_int32, bool right) {
  Bucketize r;
  r.out_int32 = out_int32;
  r.right = right;
  return apply_out(r, out, input, boundaries);
}
Tensor bincount(const Tensor& input, const Tensor& weights, int64_t minlength) {
  Bincount r;
  r.minlength = minlength;
  return apply(r, input, weights);
}
Tensor Tensor::bincount(const Tensor& weights, int64_t minlength) const {
  Bincount r;
  r.minlength = minlength;
  return apply(r, *this, weights);
}
std::tuple<Tensor, Tensor, Tensor> _unique(const Tensor& input, bool consecutive, std::optional<int64_t> dim) {
  UniqueAll r;
  r.consecutive = consecutive;
  r.dim = dim;
  auto results = apply_all(r, input);
  return {std::move(results[0]), std::move(results[1]), std::move(results[2])};
}

}  // namespace tenon::inline v0
