// Generated from the op records by tools/generate_functions.cpp (`make generate`); do not edit.
// clang-format off
#include <tenon/core/door.h>
#include <tenon/ops/indexing.h>
#include <tenon/ops/functions.h>

namespace tenon::inline v0 {

Tensor index(const Tensor& input, const std::vector<Tensor>& indices) {
  std::vector<Tensor> all{input};
  all.insert(all.end(), indices.begin(), indices.end());
  return apply_list(Index{}, all);
}
Tensor Tensor::index(const std::vector<Tensor>& indices) const {
  std::vector<Tensor> all{*this};
  all.insert(all.end(), indices.begin(), indices.end());
  return apply_list(Index{}, all);
}
Tensor _index(const Tensor& input, const std::vector<Tensor>& indices) {
  std::vector<Tensor> all{input};
  all.insert(all.end(), indices.begin(), indices.end());
  return apply_list(IndexInteger{}, all);
}
Tensor index_put(const Tensor& input, const std::vector<Tensor>& indices, const Tensor& values, bool accumulate) {
  IndexPut r;
  r.accumulate = accumulate;
  std::vector<Tensor> all{input, values};
  all.insert(all.end(), indices.begin(), indices.end());
  return apply_list(r, all);
}
Tensor Tensor::index_put(const std::vector<Tensor>& indices, const Tensor& values, bool accumulate) const {
  IndexPut r;
  r.accumulate = accumulate;
  std::vector<Tensor> all{*this, values};
  all.insert(all.end(), indices.begin(), indices.end());
  return apply_list(r, all);
}
const Tensor& Tensor::index_put_(const std::vector<Tensor>& indices, const Tensor& values, bool accumulate) const {
  IndexPut r;
  r.accumulate = accumulate;
  return apply_list_inplace(r, indices, *this, values);
}
Tensor nonzero(const Tensor& input) {
  return apply(Nonzero{}, input);
}
Tensor Tensor::nonzero() const {
  return apply(Nonzero{}, *this);
}
Tensor argwhere(const Tensor& input) {
  return apply(Argwhere{}, input);
}
Tensor Tensor::argwhere() const {
  return apply(Argwhere{}, *this);
}
std::vector<Tensor> where(const Tensor& condition) {
  return apply_to_list(WhereCondition{}, condition);
}
std::vector<Tensor> Tensor::where() const {
  return apply_to_list(WhereCondition{}, *this);
}
Tensor masked_select(const Tensor& input, const Tensor& mask) {
  return apply(MaskedSelect{}, input, mask);
}
const Tensor& masked_select_out(const Tensor& out, const Tensor& input, const Tensor& mask) {
  return apply_out(MaskedSelect{}, out, input, mask);
}
Tensor Tensor::masked_select(const Tensor& mask) const {
  return apply(MaskedSelect{}, *this, mask);
}
Tensor masked_scatter(const Tensor& input, const Tensor& mask, const Tensor& source) {
  return apply(MaskedScatter{}, input, mask, source);
}
Tensor Tensor::masked_scatter(const Tensor& mask, const Tensor& source) const {
  return apply(MaskedScatter{}, *this, mask, source);
}
const Tensor& Tensor::masked_scatter_(const Tensor& mask, const Tensor& source) const {
  return apply_inplace(MaskedScatter{}, *this, mask, source);
}
Tensor gather(const Tensor& input, int64_t dim, const Tensor& index, bool sparse_grad) {
  Gather r;
  r.dim = dim;
  r.sparse_grad = sparse_grad;
  return apply(r, input, index);
}
const Tensor& gather_out(const Tensor& out, const Tensor& input, int64_t dim, const Tensor& index, bool sparse_grad) {
  Gather r;
  r.dim = dim;
  r.sparse_grad = sparse_grad;
  return apply_out(r, out, input, index);
}
Tensor Tensor::gather(int64_t dim, const Tensor& index, bool sparse_grad) const {
  Gather r;
  r.dim = dim;
  r.sparse_grad = sparse_grad;
  return apply(r, *this, index);
}
Tensor scatter(const Tensor& input, int64_t dim, const Tensor& index, const Tensor& src) {
  Scatter r;
  r.dim = dim;
  return apply(r, input, index, src);
}
const Tensor& scatter_out(const Tensor& out, const Tensor& input, int64_t dim, const Tensor& index, const Tensor& src) {
  Scatter r;
  r.dim = dim;
  return apply_out(r, out, input, index, src);
}
Tensor Tensor::scatter(int64_t dim, const Tensor& index, const Tensor& src) const {
  Scatter r;
  r.dim = dim;
  return apply(r, *this, index, src);
}
const Tensor& Tensor::scatter_(int64_t dim, const Tensor& index, const Tensor& src) const {
  Scatter r;
  r.dim = dim;
  return apply_inplace(r, *this, index, src);
}
Tensor scatter(const Tensor& input, int64_t dim, const Tensor& index, double value) {
  ScatterValue r;
  r.dim = dim;
  r.value = value;
  return apply(r, input, index);
}
const Tensor& scatter_out(const Tensor& out, const Tensor& input, int64_t dim, const Tensor& index, double value) {
  ScatterValue r;
  r.dim = dim;
  r.value = value;
  return apply_out(r, out, input, index);
}
Tensor Tensor::scatter(int64_t dim, const Tensor& index, double value) const {
  ScatterValue r;
  r.dim = dim;
  r.value = value;
  return apply(r, *this, index);
}
const Tensor& Tensor::scatter_(int64_t dim, const Tensor& index, double value) const {
  ScatterValue r;
  r.dim = dim;
  r.value = value;
  return apply_inplace(r, *this, index);
}
Tensor scatter_add(const Tensor& input, int64_t dim, const Tensor& index, const Tensor& src) {
  ScatterAdd r;
  r.dim = dim;
  return apply(r, input, index, src);
}
const Tensor& scatter_add_out(const Tensor& out, const Tensor& input, int64_t dim, const Tensor& index, const Tensor& src) {
  ScatterAdd r;
  r.dim = dim;
  return apply_out(r, out, input, index, src);
}
Tensor Tensor::scatter_add(int64_t dim, const Tensor& index, const Tensor& src) const {
  ScatterAdd r;
  r.dim = dim;
  return apply(r, *this, index, src);
}
const Tensor& Tensor::scatter_add_(int64_t dim, const Tensor& index, const Tensor& src) const {
  ScatterAdd r;
  r.dim = dim;
  return apply_inplace(r, *this, index, src);
}
Tensor scatter_reduce(const Tensor& input, int64_t dim, const Tensor& index, const Tensor& src, const std::string& reduce, bool include_self) {
  ScatterReduce r;
  r.dim = dim;
  r.reduce = reduce;
  r.include_self = include_self;
  return apply(r, input, index, src);
}
const Tensor& scatter_reduce_out(const Tensor& out, const Tensor& input, int64_t dim, const Tensor& index, const Tensor& src, const std::string& reduce, bool include_self) {
  ScatterReduce r;
  r.dim = dim;
  r.reduce = reduce;
  r.include_self = include_self;
  return apply_out(r, out, input, index, src);
}
Tensor Tensor::scatter_reduce(int64_t dim, const Tensor& index, const Tensor& src, const std::string& reduce, bool include_self) const {
  ScatterReduce r;
  r.dim = dim;
  r.reduce = reduce;
  r.include_self = include_self;
  return apply(r, *this, index, src);
}
const Tensor& Tensor::scatter_reduce_(int64_t dim, const Tensor& index, const Tensor& src, const std::string& reduce, bool include_self) const {
  ScatterReduce r;
  r.dim = dim;
  r.reduce = reduce;
  r.include_self = include_self;
  return apply_inplace(r, *this, index, src);
}
Tensor take_along_dim(const Tensor& input, const Tensor& indices, std::optional<int64_t> dim) {
  TakeAlongDim r;
  r.dim = dim;
  return apply(r, input, indices);
}
Tensor Tensor::take_along_dim(const Tensor& indices, std::optional<int64_t> dim) const {
  TakeAlongDim r;
  r.dim = dim;
  return apply(r, *this, indices);
}
Tensor take(const Tensor& input, const Tensor& index) {
  return apply(Take{}, input, index);
}
Tensor Tensor::take(const Tensor& index) const {
  return apply(Take{}, *this, index);
}
Tensor index_select(const Tensor& input, int64_t dim, const Tensor& index) {
  IndexSelect r;
  r.dim = dim;
  return apply(r, input, index);
}
const Tensor& index_select_out(const Tensor& out, const Tensor& input, int64_t dim, const Tensor& index) {
  IndexSelect r;
  r.dim = dim;
  return apply_out(r, out, input, index);
}
Tensor Tensor::index_select(int64_t dim, const Tensor& index) const {
  IndexSelect r;
  r.dim = dim;
  return apply(r, *this, index);
}
Tensor index_add(const Tensor& input, int64_t dim, const Tensor& index, const Tensor& source, Scalar alpha) {
  IndexAdd r;
  r.dim = dim;
  r.alpha = alpha;
  return apply(r, input, index, source);
}
const Tensor& index_add_out(const Tensor& out, const Tensor& input, int64_t dim, const Tensor& index, const Tensor& source, Scalar alpha) {
  IndexAdd r;
  r.dim = dim;
  r.alpha = alpha;
  return apply_out(r, out, input, index, source);
}
Tensor Tensor::index_add(int64_t dim, const Tensor& index, const Tensor& source, Scalar alpha) const {
  IndexAdd r;
  r.dim = dim;
  r.alpha = alpha;
  return apply(r, *this, index, source);
}
const Tensor& Tensor::index_add_(int64_t dim, const Tensor& index, const Tensor& source, Scalar alpha) const {
  IndexAdd r;
  r.dim = dim;
  r.alpha = alpha;
  return apply_inplace(r, *this, index, source);
}
Tensor index_copy(const Tensor& input, int64_t dim, const Tensor& index, const Tensor& source) {
  IndexCopy r;
  r.dim = dim;
  return apply(r, input, index, source);
}
const Tensor& index_copy_out(const Tensor& out, const Tensor& input, int64_t dim, const Tensor& index, const Tensor& source) {
  IndexCopy r;
  r.dim = dim;
  return apply_out(r, out, input, index, source);
}
Tensor Tensor::index_copy(int64_t dim, const Tensor& index, const Tensor& source) const {
  IndexCopy r;
  r.dim = dim;
  return apply(r, *this, index, source);
}
const Tensor& Tensor::index_copy_(int64_t dim, const Tensor& index, const Tensor& source) const {
  IndexCopy r;
  r.dim = dim;
  return apply_inplace(r, *this, index, source);
}
Tensor index_fill(const Tensor& input, int64_t dim, const Tensor& index, const Tensor& value) {
  IndexFill r;
  r.dim = dim;
  return apply(r, input, index, value);
}
const Tensor& index_fill_out(const Tensor& out, const Tensor& input, int64_t dim, const Tensor& index, const Tensor& value) {
  IndexFill r;
  r.dim = dim;
  return apply_out(r, out, input, index, value);
}
Tensor Tensor::index_fill(int64_t dim, const Tensor& index, const Tensor& value) const {
  IndexFill r;
  r.dim = dim;
  return apply(r, *this, index, value);
}
const Tensor& Tensor::index_fill_(int64_t dim, const Tensor& index, const Tensor& value) const {
  IndexFill r;
  r.dim = dim;
  return apply_inplace(r, *this, index, value);
}
Tensor _index_write(const Tensor& input, const Tensor& index, const Tensor& source, int64_t dim, bool accumulate) {
  IndexWrite r;
  r.dim = dim;
  r.accumulate = accumulate;
  return apply(r, input, index, source);
}
const Tensor& Tensor::_index_write_(const Tensor& index, const Tensor& source, int64_t dim, bool accumulate) const {
  IndexWrite r;
  r.dim = dim;
  r.accumulate = accumulate;
  return apply_inplace(r, *this, index, source);
}
Tensor embedding(const Tensor& input, const Tensor& weight, std::optional<int64_t> padding_idx) {
  Embedding r;
  r.padding_idx = padding_idx;
  return apply(r, input, weight);
}
Tensor _embedding_backward(const Tensor& input, const Tensor& indices, Dim rows, std::optional<int64_t> padding_idx) {
  EmbeddingBackward r;
  r.rows = rows;
  r.padding_idx = padding_idx;
  return apply(r, input, indices);
}
Tensor one_hot(const Tensor& tensor, int64_t num_classes) {
  OneHot r;
  r.num_classes = num_classes;
  return apply(r, tensor);
}

}  // namespace tenon::inline v0
