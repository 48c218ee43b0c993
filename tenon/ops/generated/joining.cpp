// Generated from the op records by tools/generate_functions.cpp (`make generate`); do not edit.
// clang-format off
#include <tenon/core/door.h>
#include <tenon/ops/joining.h>
#include <tenon/ops/functions.h>

namespace tenon::inline v0 {

Tensor cat(const std::vector<Tensor>& tensors, int64_t dim) {
  Cat r;
  r.dim = dim;
  return apply_list(r, tensors);
}
const Tensor& cat_out(const Tensor& out, const std::vector<Tensor>& tensors, int64_t dim) {
  Cat r;
  r.dim = dim;
  return apply_list_out(r, out, tensors);
}
Tensor concat(const std::vector<Tensor>& tensors, int64_t dim) {
  Concat r;
  r.dim = dim;
  return apply_list(r, tensors);
}
const Tensor& concat_out(const Tensor& out, const std::vector<Tensor>& tensors, int64_t dim) {
  Concat r;
  r.dim = dim;
  return apply_list_out(r, out, tensors);
}
Tensor concatenate(const std::vector<Tensor>& tensors, int64_t dim) {
  Concatenate r;
  r.dim = dim;
  return apply_list(r, tensors);
}
const Tensor& concatenate_out(const Tensor& out, const std::vector<Tensor>& tensors, int64_t dim) {
  Concatenate r;
  r.dim = dim;
  return apply_list_out(r, out, tensors);
}
Tensor stack(const std::vector<Tensor>& tensors, int64_t dim) {
  Stack r;
  r.dim = dim;
  return apply_list(r, tensors);
}
const Tensor& stack_out(const Tensor& out, const std::vector<Tensor>& tensors, int64_t dim) {
  Stack r;
  r.dim = dim;
  return apply_list_out(r, out, tensors);
}
Tensor hstack(const std::vector<Tensor>& tensors) {
  return apply_list(Hstack{}, tensors);
}
const Tensor& hstack_out(const Tensor& out, const std::vector<Tensor>& tensors) {
  return apply_list_out(Hstack{}, out, tensors);
}
Tensor vstack(const std::vector<Tensor>& tensors) {
  return apply_list(Vstack{}, tensors);
}
const Tensor& vstack_out(const Tensor& out, const std::vector<Tensor>& tensors) {
  return apply_list_out(Vstack{}, out, tensors);
}
Tensor row_stack(const std::vector<Tensor>& tensors) {
  return apply_list(RowStack{}, tensors);
}
const Tensor& row_stack_out(const Tensor& out, const std::vector<Tensor>& tensors) {
  return apply_list_out(RowStack{}, out, tensors);
}
Tensor dstack(const std::vector<Tensor>& tensors) {
  return apply_list(Dstack{}, tensors);
}
const Tensor& dstack_out(const Tensor& out, const std::vector<Tensor>& tensors) {
  return apply_list_out(Dstack{}, out, tensors);
}
Tensor column_stack(const std::vector<Tensor>& tensors) {
  return apply_list(ColumnStack{}, tensors);
}
const Tensor& column_stack_out(const Tensor& out, const std::vector<Tensor>& tensors) {
  return apply_list_out(ColumnStack{}, out, tensors);
}
Tensor atleast_1d(const Tensor& input) {
  return apply(Atleast1d{}, input);
}
Tensor atleast_2d(const Tensor& input) {
  return apply(Atleast2d{}, input);
}
Tensor atleast_3d(const Tensor& input) {
  return apply(Atleast3d{}, input);
}
std::vector<Tensor> meshgrid(const std::vector<Tensor>& tensors, const std::string& indexing) {
  Meshgrid r;
  r.indexing = indexing;
  return apply_list_to_list(r, tensors);
}
std::vector<Tensor> broadcast_tensors(const std::vector<Tensor>& tensors) {
  return apply_list_to_list(BroadcastTensors{}, tensors);
}
Tensor repeat(const Tensor& input, const DimsArg& repeats) {
  Repeat r;
  r.repeats = repeats;
  return apply(r, input);
}
Tensor Tensor::repeat(const DimsArg& repeats) const {
  Repeat r;
  r.repeats = repeats;
  return apply(r, *this);
}
Tensor tile(const Tensor& input, const DimsArg& dims) {
  Tile r;
  r.dims = dims;
  return apply(r, input);
}
Tensor Tensor::tile(const DimsArg& dims) const {
  Tile r;
  r.dims = dims;
  return apply(r, *this);
}
Tensor repeat_interleave(const Tensor& input, int64_t repeats, std::optional<int64_t> dim) {
  RepeatInterleave r;
  r.repeats = repeats;
  r.dim = dim;
  return apply(r, input);
}
Tensor Tensor::repeat_interleave(int64_t repeats, std::optional<int64_t> dim) const {
  RepeatInterleave r;
  r.repeats = repeats;
  r.dim = dim;
  return apply(r, *this);
}
Tensor repeat_interleave(const Tensor& input, const Tensor& repeats, std::optional<int64_t> dim) {
  RepeatInterleaveEach r;
  r.dim = dim;
  return apply(r, input, repeats);
}
Tensor Tensor::repeat_interleave(const Tensor& repeats, std::optional<int64_t> dim) const {
  RepeatInterleaveEach r;
  r.dim = dim;
  return apply(r, *this, repeats);
}
Tensor _repeated_indices(const Tensor& repeats) {
  return apply(RepeatedIndices{}, repeats);
}
Tensor roll(const Tensor& input, const DimsArg& shifts, const DimsArg& dims) {
  Roll r;
  r.shifts = shifts;
  r.dims = dims;
  return apply(r, input);
}
Tensor Tensor::roll(const DimsArg& shifts, const DimsArg& dims) const {
  Roll r;
  r.shifts = shifts;
  r.dims = dims;
  return apply(r, *this);
}
Tensor flip(const Tensor& input, const DimsArg& dims) {
  Flip r;
  r.dims = dims;
  return apply(r, input);
}
Tensor Tensor::flip(const DimsArg& dims) const {
  Flip r;
  r.dims = dims;
  return apply(r, *this);
}
Tensor fliplr(const Tensor& input) {
  return apply(Fliplr{}, input);
}
Tensor Tensor::fliplr() const {
  return apply(Fliplr{}, *this);
}
Tensor flipud(const Tensor& input) {
  return apply(Flipud{}, input);
}
Tensor Tensor::flipud() const {
  return apply(Flipud{}, *this);
}
Tensor rot90(const Tensor& input, int64_t k, const DimsArg& dims) {
  Rot90 r;
  r.k = k;
  r.dims = dims;
  return apply(r, input);
}
Tensor Tensor::rot90(int64_t k, const DimsArg& dims) const {
  Rot90 r;
  r.k = k;
  r.dims = dims;
  return apply(r, *this);
}
Tensor tril(const Tensor& input, int64_t diagonal) {
  Tril r;
  r.diagonal = diagonal;
  return apply(r, input);
}
const Tensor& tril_out(const Tensor& out, const Tensor& input, int64_t diagonal) {
  Tril r;
  r.diagonal = diagonal;
  return apply_out(r, out, input);
}
Tensor Tensor::tril(int64_t diagonal) const {
  Tril r;
  r.diagonal = diagonal;
  return apply(r, *this);
}
const Tensor& Tensor::tril_(int64_t diagonal) const {
  Tril r;
  r.diagonal = diagonal;
  return apply_inplace(r, *this);
}
Tensor triu(const Tensor& input, int64_t diagonal) {
  Triu r;
  r.diagonal = diagonal;
  return apply(r, input);
}
const Tensor& triu_out(const Tensor& out, const Tensor& input, int64_t diagonal) {
  Triu r;
  r.diagonal = diagonal;
  return apply_out(r, out, input);
}
Tensor Tensor::triu(int64_t diagonal) const {
  Triu r;
  r.diagonal = diagonal;
  return apply(r, *this);
}
const Tensor& Tensor::triu_(int64_t diagonal) const {
  Triu r;
  r.diagonal = diagonal;
  return apply_inplace(r, *this);
}
Tensor diag(const Tensor& input, int64_t diagonal) {
  Diag r;
  r.diagonal = diagonal;
  return apply(r, input);
}
Tensor Tensor::diag(int64_t diagonal) const {
  Diag r;
  r.diagonal = diagonal;
  return apply(r, *this);
}
Tensor diag_embed(const Tensor& input, int64_t offset, int64_t dim1, int64_t dim2) {
  DiagEmbed r;
  r.offset = offset;
  r.dim1 = dim1;
  r.dim2 = dim2;
  return apply(r, input);
}
Tensor Tensor::diag_embed(int64_t offset, int64_t dim1, int64_t dim2) const {
  DiagEmbed r;
  r.offset = offset;
  r.dim1 = dim1;
  r.dim2 = dim2;
  return apply(r, *this);
}
Tensor diagflat(const Tensor& input, int64_t offset) {
  Diagflat r;
  r.offset = offset;
  return apply(r, input);
}
Tensor Tensor::diagflat(int64_t offset) const {
  Diagflat r;
  r.offset = offset;
  return apply(r, *this);
}
Tensor block_diag(const std::vector<Tensor>& tensors) {
  return apply_list(BlockDiag{}, tensors);
}
Tensor constant_pad_nd(const Tensor& input, const DimsArg& pad, Scalar value) {
  ConstantPad r;
  r.pad = pad;
  r.value = value;
  return apply(r, input);
}
Tensor pad(const Tensor& input, const DimsArg& pad, const std::string& mode, std::optional<Scalar> value) {
  Pad r;
  r.pad = pad;
  r.mode = mode;
  r.value = value;
  return apply(r, input);
}
Tensor select_scatter(const Tensor& input, const Tensor& src, int64_t dim, int64_t index) {
  SelectScatter r;
  r.dim = dim;
  r.index = index;
  return apply(r, input, src);
}
Tensor Tensor::select_scatter(const Tensor& src, int64_t dim, int64_t index) const {
  SelectScatter r;
  r.dim = dim;
  r.index = index;
  return apply(r, *this, src);
}
Tensor slice_scatter(const Tensor& input, const Tensor& src, int64_t dim, std::optional<int64_t> start, std::optional<int64_t> end, int64_t step) {
  SliceScatter r;
  r.dim = dim;
  r.start = start;
  r.end = end;
  r.step = step;
  return apply(r, input, src);
}
Tensor Tensor::slice_scatter(const Tensor& src, int64_t dim, std::optional<int64_t> start, std::optional<int64_t> end, int64_t step) const {
  SliceScatter r;
  r.dim = dim;
  r.start = start;
  r.end = end;
  r.step = step;
  return apply(r, *this, src);
}
Tensor diagonal_scatter(const Tensor& input, const Tensor& src, int64_t offset, int64_t dim1, int64_t dim2) {
  DiagonalScatter r;
  r.offset = offset;
  r.dim1 = dim1;
  r.dim2 = dim2;
  return apply(r, input, src);
}
Tensor Tensor::diagonal_scatter(const Tensor& src, int64_t offset, int64_t dim1, int64_t dim2) const {
  DiagonalScatter r;
  r.offset = offset;
  r.dim1 = dim1;
  r.dim2 = dim2;
  return apply(r, *this, src);
}

}  // namespace tenon::inline v0
