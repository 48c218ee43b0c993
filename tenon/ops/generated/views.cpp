// Generated from the op records by tools/generate_functions.cpp (`make generate`); do not edit.
// clang-format off
#include <tenon/core/door.h>
#include <tenon/ops/views.h>
#include <tenon/ops/functions.h>

namespace tenon::inline v0 {

Tensor alias(const Tensor& input) {
  return apply(Alias{}, input);
}
Tensor view(const Tensor& input, const DimsArg& size) {
  ViewShape r;
  r.size = size;
  return apply(r, input);
}
Tensor Tensor::view(const DimsArg& size) const {
  ViewShape r;
  r.size = size;
  return apply(r, *this);
}
Tensor view(const Tensor& input, DType dtype) {
  ViewDType r;
  r.dtype = dtype;
  return apply(r, input);
}
Tensor Tensor::view(DType dtype) const {
  ViewDType r;
  r.dtype = dtype;
  return apply(r, *this);
}
Tensor reshape(const Tensor& input, const DimsArg& shape) {
  Reshape r;
  r.shape = shape;
  return apply(r, input);
}
Tensor Tensor::reshape(const DimsArg& shape) const {
  Reshape r;
  r.shape = shape;
  return apply(r, *this);
}
Tensor _reshape_copy(const Tensor& input, const DimsArg& shape) {
  ReshapeCopy r;
  r.shape = shape;
  return apply(r, input);
}
Tensor Tensor::_reshape_copy(const DimsArg& shape) const {
  ReshapeCopy r;
  r.shape = shape;
  return apply(r, *this);
}
Tensor reshape_as(const Tensor& input, const Tensor& other) {
  return apply(ReshapeLike{}, input, other);
}
Tensor Tensor::reshape_as(const Tensor& other) const {
  return apply(ReshapeLike{}, *this, other);
}
Tensor view_as(const Tensor& input, const Tensor& other) {
  return apply(ViewLike{}, input, other);
}
Tensor Tensor::view_as(const Tensor& other) const {
  return apply(ViewLike{}, *this, other);
}
Tensor flatten(const Tensor& input, int64_t start_dim, int64_t end_dim) {
  Flatten r;
  r.start_dim = start_dim;
  r.end_dim = end_dim;
  return apply(r, input);
}
Tensor Tensor::flatten(int64_t start_dim, int64_t end_dim) const {
  Flatten r;
  r.start_dim = start_dim;
  r.end_dim = end_dim;
  return apply(r, *this);
}
Tensor ravel(const Tensor& input) {
  return apply(Ravel{}, input);
}
Tensor Tensor::ravel() const {
  return apply(Ravel{}, *this);
}
Tensor unflatten(const Tensor& input, int64_t dim, const DimsArg& sizes) {
  Unflatten r;
  r.dim = dim;
  r.sizes = sizes;
  return apply(r, input);
}
Tensor Tensor::unflatten(int64_t dim, const DimsArg& sizes) const {
  Unflatten r;
  r.dim = dim;
  r.sizes = sizes;
  return apply(r, *this);
}
Tensor transpose(const Tensor& input, int64_t dim0, int64_t dim1) {
  Transpose r;
  r.dim0 = dim0;
  r.dim1 = dim1;
  return apply(r, input);
}
Tensor Tensor::transpose(int64_t dim0, int64_t dim1) const {
  Transpose r;
  r.dim0 = dim0;
  r.dim1 = dim1;
  return apply(r, *this);
}
Tensor permute(const Tensor& input, const DimsArg& dims) {
  Permute r;
  r.dims = dims;
  return apply(r, input);
}
Tensor Tensor::permute(const DimsArg& dims) const {
  Permute r;
  r.dims = dims;
  return apply(r, *this);
}
Tensor t(const Tensor& input) {
  return apply(TransposeMatrix{}, input);
}
Tensor Tensor::t() const {
  return apply(TransposeMatrix{}, *this);
}
Tensor movedim(const Tensor& input, const DimsArg& source, const DimsArg& destination) {
  Movedim r;
  r.source = source;
  r.destination = destination;
  return apply(r, input);
}
Tensor Tensor::movedim(const DimsArg& source, const DimsArg& destination) const {
  Movedim r;
  r.source = source;
  r.destination = destination;
  return apply(r, *this);
}
Tensor moveaxis(const Tensor& input, const DimsArg& source, const DimsArg& destination) {
  Moveaxis r;
  r.source = source;
  r.destination = destination;
  return apply(r, input);
}
Tensor Tensor::moveaxis(const DimsArg& source, const DimsArg& destination) const {
  Moveaxis r;
  r.source = source;
  r.destination = destination;
  return apply(r, *this);
}
Tensor swapaxes(const Tensor& input, int64_t axis0, int64_t axis1) {
  Swapaxes r;
  r.axis0 = axis0;
  r.axis1 = axis1;
  return apply(r, input);
}
Tensor Tensor::swapaxes(int64_t axis0, int64_t axis1) const {
  Swapaxes r;
  r.axis0 = axis0;
  r.axis1 = axis1;
  return apply(r, *this);
}
Tensor swapdims(const Tensor& input, int64_t dim0, int64_t dim1) {
  Swapdims r;
  r.dim0 = dim0;
  r.dim1 = dim1;
  return apply(r, input);
}
Tensor Tensor::swapdims(int64_t dim0, int64_t dim1) const {
  Swapdims r;
  r.dim0 = dim0;
  r.dim1 = dim1;
  return apply(r, *this);
}
Tensor squeeze(const Tensor& input, const std::optional<DimsArg>& dim) {
  Squeeze r;
  r.dim = dim;
  return apply(r, input);
}
Tensor Tensor::squeeze(const std::optional<DimsArg>& dim) const {
  Squeeze r;
  r.dim = dim;
  return apply(r, *this);
}
Tensor unsqueeze(const Tensor& input, int64_t dim) {
  Unsqueeze r;
  r.dim = dim;
  return apply(r, input);
}
Tensor Tensor::unsqueeze(int64_t dim) const {
  Unsqueeze r;
  r.dim = dim;
  return apply(r, *this);
}
Tensor expand(const Tensor& input, const DimsArg& size) {
  Expand r;
  r.size = size;
  return apply(r, input);
}
Tensor Tensor::expand(const DimsArg& size) const {
  Expand r;
  r.size = size;
  return apply(r, *this);
}
Tensor expand_as(const Tensor& input, const Tensor& other) {
  return apply(ExpandLike{}, input, other);
}
Tensor Tensor::expand_as(const Tensor& other) const {
  return apply(ExpandLike{}, *this, other);
}
Tensor broadcast_to(const Tensor& input, const DimsArg& size) {
  BroadcastTo r;
  r.size = size;
  return apply(r, input);
}
Tensor Tensor::broadcast_to(const DimsArg& size) const {
  BroadcastTo r;
  r.size = size;
  return apply(r, *this);
}
Tensor select(const Tensor& input, int64_t dim, int64_t index) {
  Select r;
  r.dim = dim;
  r.index = index;
  return apply(r, input);
}
Tensor Tensor::select(int64_t dim, int64_t index) const {
  Select r;
  r.dim = dim;
  r.index = index;
  return apply(r, *this);
}
Tensor narrow(const Tensor& input, int64_t dim, Dim start, Dim length) {
  Narrow r;
  r.dim = dim;
  r.start = start;
  r.length = length;
  return apply(r, input);
}
Tensor Tensor::narrow(int64_t dim, Dim start, Dim length) const {
  Narrow r;
  r.dim = dim;
  r.start = start;
  r.length = length;
  return apply(r, *this);
}
Tensor slice(const Tensor& input, int64_t dim, Dim start, Dim end, int64_t step) {
  SliceAlong r;
  r.dim = dim;
  r.start = start;
  r.end = end;
  r.step = step;
  return apply(r, input);
}
Tensor Tensor::slice(int64_t dim, Dim start, Dim end, int64_t step) const {
  SliceAlong r;
  r.dim = dim;
  r.start = start;
  r.end = end;
  r.step = step;
  return apply(r, *this);
}
Tensor _basic_index(const Tensor& input, const std::string& pattern, const DimsArg& values) {
  BasicIndex r;
  r.pattern = pattern;
  r.values = values;
  return apply(r, input);
}
Tensor _basic_index_backward(const Tensor& input, const DimsArg& sizes, const std::string& pattern, const DimsArg& values) {
  BasicIndexBackward r;
  r.sizes = sizes;
  r.pattern = pattern;
  r.values = values;
  return apply(r, input);
}
Tensor diagonal(const Tensor& input, int64_t offset, int64_t dim1, int64_t dim2) {
  Diagonal r;
  r.offset = offset;
  r.dim1 = dim1;
  r.dim2 = dim2;
  return apply(r, input);
}
Tensor Tensor::diagonal(int64_t offset, int64_t dim1, int64_t dim2) const {
  Diagonal r;
  r.offset = offset;
  r.dim1 = dim1;
  r.dim2 = dim2;
  return apply(r, *this);
}
Tensor unfold(const Tensor& input, int64_t dimension, int64_t size, int64_t step) {
  Unfold r;
  r.dimension = dimension;
  r.size = size;
  r.step = step;
  return apply(r, input);
}
Tensor Tensor::unfold(int64_t dimension, int64_t size, int64_t step) const {
  Unfold r;
  r.dimension = dimension;
  r.size = size;
  r.step = step;
  return apply(r, *this);
}
Tensor as_strided(const Tensor& input, const DimsArg& size, const DimsArg& stride, std::optional<int64_t> storage_offset) {
  AsStrided r;
  r.size = size;
  r.stride = stride;
  r.storage_offset = storage_offset;
  return apply(r, input);
}
Tensor Tensor::as_strided(const DimsArg& size, const DimsArg& stride, std::optional<int64_t> storage_offset) const {
  AsStrided r;
  r.size = size;
  r.stride = stride;
  r.storage_offset = storage_offset;
  return apply(r, *this);
}
Tensor _as_strided(const Tensor& input, const DimsArg& size, const DimsArg& stride, Dim storage_offset) {
  AsStridedUnchecked r;
  r.size = size;
  r.stride = stride;
  r.storage_offset = storage_offset;
  return apply(r, input);
}
Tensor _as_strided_backward(const Tensor& input, const DimsArg& sizes, const DimsArg& stride, Dim storage_offset) {
  AsStridedBackward r;
  r.sizes = sizes;
  r.stride = stride;
  r.storage_offset = storage_offset;
  return apply(r, input);
}
Tensor view_as_real(const Tensor& input) {
  return apply(ViewAsReal{}, input);
}
Tensor view_as_complex(const Tensor& input) {
  return apply(ViewAsComplex{}, input);
}
std::vector<Tensor> unbind(const Tensor& input, int64_t dim) {
  Unbind r;
  r.dim = dim;
  return apply_to_list(r, input);
}
std::vector<Tensor> Tensor::unbind(int64_t dim) const {
  Unbind r;
  r.dim = dim;
  return apply_to_list(r, *this);
}
std::vector<Tensor> split(const Tensor& tensor, int64_t split_size_or_sections, int64_t dim) {
  SplitSize r;
  r.split_size_or_sections = split_size_or_sections;
  r.dim = dim;
  return apply_to_list(r, tensor);
}
std::vector<Tensor> Tensor::split(int64_t split_size_or_sections, int64_t dim) const {
  SplitSize r;
  r.split_size_or_sections = split_size_or_sections;
  r.dim = dim;
  return apply_to_list(r, *this);
}
std::vector<Tensor> split(const Tensor& tensor, const DimsArg& split_size_or_sections, int64_t dim) {
  SplitSections r;
  r.split_size_or_sections = split_size_or_sections;
  r.dim = dim;
  return apply_to_list(r, tensor);
}
std::vector<Tensor> Tensor::split(const DimsArg& split_size_or_sections, int64_t dim) const {
  SplitSections r;
  r.split_size_or_sections = split_size_or_sections;
  r.dim = dim;
  return apply_to_list(r, *this);
}
std::vector<Tensor> chunk(const Tensor& input, int64_t chunks, int64_t dim) {
  Chunk r;
  r.chunks = chunks;
  r.dim = dim;
  return apply_to_list(r, input);
}
std::vector<Tensor> Tensor::chunk(int64_t chunks, int64_t dim) const {
  Chunk r;
  r.chunks = chunks;
  r.dim = dim;
  return apply_to_list(r, *this);
}
std::vector<Tensor> tensor_split(const Tensor& input, int64_t indices_or_sections, int64_t dim) {
  TensorSplit r;
  r.indices_or_sections = indices_or_sections;
  r.dim = dim;
  return apply_to_list(r, input);
}
std::vector<Tensor> Tensor::tensor_split(int64_t indices_or_sections, int64_t dim) const {
  TensorSplit r;
  r.indices_or_sections = indices_or_sections;
  r.dim = dim;
  return apply_to_list(r, *this);
}
std::vector<Tensor> tensor_split(const Tensor& input, const DimsArg& indices_or_sections, int64_t dim) {
  TensorSplitAt r;
  r.indices_or_sections = indices_or_sections;
  r.dim = dim;
  return apply_to_list(r, input);
}
std::vector<Tensor> Tensor::tensor_split(const DimsArg& indices_or_sections, int64_t dim) const {
  TensorSplitAt r;
  r.indices_or_sections = indices_or_sections;
  r.dim = dim;
  return apply_to_list(r, *this);
}

}  // namespace tenon::inline v0
