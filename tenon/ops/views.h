// Views: ops whose result looks into the memory of their input, and those that are made of them.
#pragma once

#include <tenon/core/registry.h>

namespace tenon::inline v0 {

struct ViewOp {
  static constexpr auto parameters = std::tuple(input("input"));
  static constexpr std::array outputs{view_of(0)};
};

// The identity: another tensor on the same memory.
struct Alias : ViewOp {
  static constexpr auto name = "alias";
};
void infer(const Alias&, Specs in, Spec* out);
void alias(const Alias&, const Layout& in, Layout& out);

struct ViewShape : ViewOp {
  Dims size;
  static constexpr auto name = "view";
  static constexpr auto doc = "The same elements in another shape, without a copy; one size may be -1.";
  static constexpr auto parameters = std::tuple(input("input"), attribute("size", &ViewShape::size).variadic());
  static constexpr uint8_t forms = kMethod;
};
void infer(const ViewShape&, Specs in, Spec* out);
void alias(const ViewShape&, const Layout& in, Layout& out);

struct ViewDType : ViewOp {
  DType dtype = DType::Float32;
  static constexpr auto name = "view";
  static constexpr auto overload = "dtype";
  static constexpr auto doc = "The same bytes as another dtype; the last size changes with the element size.";
  static constexpr auto parameters = std::tuple(input("input"), attribute("dtype", &ViewDType::dtype).required());
  static constexpr uint8_t forms = kMethod;
  static constexpr uint32_t traits = kNotDifferentiable;  // other bits, no function of the values
};
void infer(const ViewDType&, Specs in, Spec* out);
void alias(const ViewDType&, const Layout& in, Layout& out);

struct Reshape {
  Dims shape;
  static constexpr auto name = "reshape";
  static constexpr auto doc = "The same elements in another shape: a view where the layout allows one, else a copy.";
  static constexpr auto parameters = std::tuple(input("input"), attribute("shape", &Reshape::shape).variadic());
  static constexpr std::array outputs{maybe_view_of(0)};
};
Tensor decompose(const Reshape&, const Tensor& input);

// The copy that reshape makes where no view will do.
struct ReshapeCopy {
  Dims shape;
  static constexpr auto name = "_reshape_copy";
  static constexpr auto parameters = std::tuple(input("input"), attribute("shape", &ReshapeCopy::shape).required());
};
void infer(const ReshapeCopy&, Specs in, Spec* out);

struct ReshapeLike {
  static constexpr auto name = "reshape_as";
  static constexpr auto parameters = std::tuple(input("input"), input("other"));
  static constexpr uint8_t forms = kMethod;
  static constexpr std::array outputs{maybe_view_of(0)};
};
Tensor decompose(const ReshapeLike&, const Tensor& input, const Tensor& other);

struct ViewLike {
  static constexpr auto name = "view_as";
  static constexpr auto parameters = std::tuple(input("input"), input("other"));
  static constexpr uint8_t forms = kMethod;
  static constexpr std::array outputs{view_of(0)};
};
Tensor decompose(const ViewLike&, const Tensor& input, const Tensor& other);

struct Flatten {
  int64_t start_dim = 0, end_dim = -1;
  static constexpr auto name = "flatten";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("start_dim", &Flatten::start_dim), attribute("end_dim", &Flatten::end_dim));
  static constexpr std::array outputs{maybe_view_of(0)};
};
Tensor decompose(const Flatten&, const Tensor& input);

struct Ravel {
  static constexpr auto name = "ravel";
  static constexpr auto parameters = std::tuple(input("input"));
  static constexpr std::array outputs{maybe_view_of(0)};
};
Tensor decompose(const Ravel&, const Tensor& input);

struct Unflatten {
  int64_t dim = 0;
  Dims sizes;
  static constexpr auto name = "unflatten";
  static constexpr auto parameters = std::tuple(input("input"), attribute("dim", &Unflatten::dim).required(),
                                                attribute("sizes", &Unflatten::sizes).required());
  static constexpr std::array outputs{view_of(0)};
};
Tensor decompose(const Unflatten&, const Tensor& input);

// ---- the order of dimensions ----

struct Transpose : ViewOp {
  int64_t dim0 = 0, dim1 = 1;
  static constexpr auto name = "transpose";
  static constexpr auto parameters = std::tuple(input("input"), attribute("dim0", &Transpose::dim0).required(),
                                                attribute("dim1", &Transpose::dim1).required());
};
void infer(const Transpose&, Specs in, Spec* out);
void alias(const Transpose&, const Layout& in, Layout& out);

struct Permute : ViewOp {
  Dims dims;
  static constexpr auto name = "permute";
  static constexpr auto parameters = std::tuple(input("input"), attribute("dims", &Permute::dims).variadic());
};
void infer(const Permute&, Specs in, Spec* out);
void alias(const Permute&, const Layout& in, Layout& out);

struct TransposeMatrix {
  static constexpr auto name = "t";
  static constexpr auto parameters = std::tuple(input("input"));
  static constexpr std::array outputs{view_of(0)};
};
Tensor decompose(const TransposeMatrix&, const Tensor& input);

struct Movedim {
  Dims source, destination;
  static constexpr auto name = "movedim";
  static constexpr auto parameters = std::tuple(input("input"), attribute("source", &Movedim::source).required(),
                                                attribute("destination", &Movedim::destination).required());
  static constexpr std::array outputs{view_of(0)};
};
Tensor decompose(const Movedim&, const Tensor& input);
struct Moveaxis {
  Dims source, destination;
  static constexpr auto name = "moveaxis";
  static constexpr auto parameters = std::tuple(input("input"), attribute("source", &Moveaxis::source).required(),
                                                attribute("destination", &Moveaxis::destination).required());
  static constexpr std::array outputs{view_of(0)};
};
Tensor decompose(const Moveaxis&, const Tensor& input);

struct Swapaxes {
  int64_t axis0 = 0, axis1 = 1;
  static constexpr auto name = "swapaxes";
  static constexpr auto parameters = std::tuple(input("input"), attribute("axis0", &Swapaxes::axis0).required(),
                                                attribute("axis1", &Swapaxes::axis1).required());
  static constexpr std::array outputs{view_of(0)};
};
Tensor decompose(const Swapaxes&, const Tensor& input);
struct Swapdims {
  int64_t dim0 = 0, dim1 = 1;
  static constexpr auto name = "swapdims";
  static constexpr auto parameters = std::tuple(input("input"), attribute("dim0", &Swapdims::dim0).required(),
                                                attribute("dim1", &Swapdims::dim1).required());
  static constexpr std::array outputs{view_of(0)};
};
Tensor decompose(const Swapdims&, const Tensor& input);

// ---- dimensions of size 1, and broadcasting ----

struct Squeeze : ViewOp {
  std::optional<Dims> dim;
  static constexpr auto name = "squeeze";
  static constexpr auto parameters = std::tuple(input("input"), attribute("dim", &Squeeze::dim));
};
void infer(const Squeeze&, Specs in, Spec* out);
void alias(const Squeeze&, const Layout& in, Layout& out);

struct Unsqueeze : ViewOp {
  int64_t dim = 0;
  static constexpr auto name = "unsqueeze";
  static constexpr auto parameters = std::tuple(input("input"), attribute("dim", &Unsqueeze::dim).required());
};
void infer(const Unsqueeze&, Specs in, Spec* out);
void alias(const Unsqueeze&, const Layout& in, Layout& out);

struct Expand : ViewOp {
  Dims size;
  static constexpr auto name = "expand";
  static constexpr auto doc = "Dimensions of size 1 repeated without a copy; -1 keeps a size.";
  static constexpr auto parameters = std::tuple(input("input"), attribute("size", &Expand::size).variadic());
  static constexpr uint8_t forms = kMethod;
};
void infer(const Expand&, Specs in, Spec* out);
void alias(const Expand&, const Layout& in, Layout& out);

struct ExpandLike {
  static constexpr auto name = "expand_as";
  static constexpr auto parameters = std::tuple(input("input"), input("other"));
  static constexpr uint8_t forms = kMethod;
  static constexpr std::array outputs{view_of(0)};
};
Tensor decompose(const ExpandLike&, const Tensor& input, const Tensor& other);

struct BroadcastTo {
  Dims size;
  static constexpr auto name = "broadcast_to";
  static constexpr auto parameters = std::tuple(input("input"), attribute("size", &BroadcastTo::size).required());
  static constexpr std::array outputs{view_of(0)};
};
Tensor decompose(const BroadcastTo&, const Tensor& input);

// ---- parts ----

struct Select : ViewOp {
  int64_t dim = 0, index = 0;
  static constexpr auto name = "select";
  static constexpr auto parameters = std::tuple(input("input"), attribute("dim", &Select::dim).required(),
                                                attribute("index", &Select::index).required());
};
void infer(const Select&, Specs in, Spec* out);
void alias(const Select&, const Layout& in, Layout& out);

struct Narrow : ViewOp {
  int64_t dim = 0;
  Dim start, length;
  static constexpr auto name = "narrow";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("dim", &Narrow::dim).required(),
                 attribute("start", &Narrow::start).required(), attribute("length", &Narrow::length).required());
};
void infer(const Narrow&, Specs in, Spec* out);
void alias(const Narrow&, const Layout& in, Layout& out);

struct SliceAlong : ViewOp {
  int64_t dim = 0;
  Dim start = 0, end = INT64_MAX;
  int64_t step = 1;
  static constexpr auto name = "slice";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("dim", &SliceAlong::dim), attribute("start", &SliceAlong::start),
                 attribute("end", &SliceAlong::end), attribute("step", &SliceAlong::step));
  static constexpr uint8_t forms = kMethod;
};
void infer(const SliceAlong&, Specs in, Spec* out);
void alias(const SliceAlong&, const Layout& in, Layout& out);

// x[1:3, None, -1] as one view; tenon/core/index.h says what `pattern` and `values` mean.
struct BasicIndex : ViewOp {
  std::string pattern;
  Dims values;
  static constexpr auto name = "_basic_index";
  static constexpr auto parameters = std::tuple(input("input"), attribute("pattern", &BasicIndex::pattern).required(),
                                                attribute("values", &BasicIndex::values).required());
  static constexpr uint8_t forms = kFunction;
};
void infer(const BasicIndex&, Specs in, Spec* out);
void alias(const BasicIndex&, const Layout& in, Layout& out);

// Zeros of `sizes` in which the part that the index names is `input`: the gradient of _basic_index, and
// of the views that it could spell.
struct BasicIndexBackward {
  Dims sizes;
  std::string pattern;
  Dims values;
  static constexpr auto name = "_basic_index_backward";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("sizes", &BasicIndexBackward::sizes).required(),
                 attribute("pattern", &BasicIndexBackward::pattern).required(),
                 attribute("values", &BasicIndexBackward::values).required());
  static constexpr uint8_t forms = kFunction;
};
void infer(const BasicIndexBackward&, Specs in, Spec* out);

struct Diagonal : ViewOp {
  int64_t offset = 0, dim1 = 0, dim2 = 1;
  static constexpr auto name = "diagonal";
  static constexpr auto parameters = std::tuple(input("input"), attribute("offset", &Diagonal::offset),
                                                attribute("dim1", &Diagonal::dim1), attribute("dim2", &Diagonal::dim2));
};
void infer(const Diagonal&, Specs in, Spec* out);
void alias(const Diagonal&, const Layout& in, Layout& out);

struct Unfold : ViewOp {
  int64_t dimension = 0, size = 1, step = 1;
  static constexpr auto name = "unfold";
  static constexpr auto doc =
      "All windows of `size` along a dimension, `step` apart; the window is the last dimension.";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("dimension", &Unfold::dimension).required(),
                 attribute("size", &Unfold::size).required(), attribute("step", &Unfold::step).required());
  static constexpr uint8_t forms = kMethod;
};
void infer(const Unfold&, Specs in, Spec* out);
void alias(const Unfold&, const Layout& in, Layout& out);

struct AsStrided {
  Dims size, stride;
  std::optional<int64_t> storage_offset;
  static constexpr auto name = "as_strided";
  static constexpr auto parameters = std::tuple(input("input"), attribute("size", &AsStrided::size).required(),
                                                attribute("stride", &AsStrided::stride).required(),
                                                attribute("storage_offset", &AsStrided::storage_offset));
  static constexpr std::array outputs{view_of(0)};
};
Tensor decompose(const AsStrided&, const Tensor& input);

// The view itself, after as_strided checked that it stays inside the storage.
struct AsStridedUnchecked : ViewOp {
  Dims size, stride;
  Dim storage_offset;
  static constexpr auto name = "_as_strided";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("size", &AsStridedUnchecked::size).required(),
                 attribute("stride", &AsStridedUnchecked::stride).required(),
                 attribute("storage_offset", &AsStridedUnchecked::storage_offset).required());
  static constexpr uint8_t forms = kFunction;
};
void infer(const AsStridedUnchecked&, Specs in, Spec* out);
void alias(const AsStridedUnchecked&, const Layout& in, Layout& out);

// Zeros of `sizes`, row-major, to which `input` is added at the places of the strided view.
struct AsStridedBackward {
  Dims sizes, stride;
  Dim storage_offset;
  static constexpr auto name = "_as_strided_backward";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("sizes", &AsStridedBackward::sizes).required(),
                 attribute("stride", &AsStridedBackward::stride).required(),
                 attribute("storage_offset", &AsStridedBackward::storage_offset).required());
  static constexpr uint8_t forms = kFunction;
};
void infer(const AsStridedBackward&, Specs in, Spec* out);

// ---- complex numbers as pairs ----

struct ViewAsReal : ViewOp {
  static constexpr auto name = "view_as_real";
  static constexpr uint8_t forms = kFunction;
};
void infer(const ViewAsReal&, Specs in, Spec* out);
void alias(const ViewAsReal&, const Layout& in, Layout& out);

struct ViewAsComplex : ViewOp {
  static constexpr auto name = "view_as_complex";
  static constexpr uint8_t forms = kFunction;
};
void infer(const ViewAsComplex&, Specs in, Spec* out);
void alias(const ViewAsComplex&, const Layout& in, Layout& out);

// ---- lists of views ----

struct Unbind {
  int64_t dim = 0;
  static constexpr auto name = "unbind";
  static constexpr auto parameters = std::tuple(input("input"), attribute("dim", &Unbind::dim));
  static constexpr uint32_t traits = kListOutput;
  static constexpr std::array outputs{views_of(0)};
};
std::vector<Tensor> decompose(const Unbind&, const Tensor& input);

struct SplitSize {
  int64_t split_size_or_sections = 1, dim = 0;
  static constexpr auto name = "split";
  static constexpr auto parameters =
      std::tuple(input("tensor"), attribute("split_size_or_sections", &SplitSize::split_size_or_sections).required(),
                 attribute("dim", &SplitSize::dim));
  static constexpr uint32_t traits = kListOutput;
  static constexpr std::array outputs{views_of(0)};
};
std::vector<Tensor> decompose(const SplitSize&, const Tensor& input);

struct SplitSections {
  Dims split_size_or_sections;
  int64_t dim = 0;
  static constexpr auto name = "split";
  static constexpr auto overload = "sections";
  static constexpr auto parameters = std::tuple(
      input("tensor"), attribute("split_size_or_sections", &SplitSections::split_size_or_sections).required(),
      attribute("dim", &SplitSections::dim));
  static constexpr uint32_t traits = kListOutput;
  static constexpr std::array outputs{views_of(0)};
};
std::vector<Tensor> decompose(const SplitSections&, const Tensor& input);

struct Chunk {
  int64_t chunks = 1, dim = 0;
  static constexpr auto name = "chunk";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("chunks", &Chunk::chunks).required(), attribute("dim", &Chunk::dim));
  static constexpr uint32_t traits = kListOutput;
  static constexpr std::array outputs{views_of(0)};
};
std::vector<Tensor> decompose(const Chunk&, const Tensor& input);

struct TensorSplit {
  int64_t indices_or_sections = 1, dim = 0;
  static constexpr auto name = "tensor_split";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("indices_or_sections", &TensorSplit::indices_or_sections).required(),
                 attribute("dim", &TensorSplit::dim));
  static constexpr uint32_t traits = kListOutput;
  static constexpr std::array outputs{views_of(0)};
};
std::vector<Tensor> decompose(const TensorSplit&, const Tensor& input);

struct TensorSplitAt {
  Dims indices_or_sections;
  int64_t dim = 0;
  static constexpr auto name = "tensor_split";
  static constexpr auto overload = "indices";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("indices_or_sections", &TensorSplitAt::indices_or_sections).required(),
                 attribute("dim", &TensorSplitAt::dim));
  static constexpr uint32_t traits = kListOutput;
  static constexpr std::array outputs{views_of(0)};
};
std::vector<Tensor> decompose(const TensorSplitAt&, const Tensor& input);

// Strides that show `from` in the shape `to`; nothing when only a copy can.
std::optional<Strides> view_strides(const Shape& from, const Strides& strides, const Shape& to);

using ViewRecords =
    Records<Alias, ViewShape, ViewDType, Reshape, ReshapeCopy, ReshapeLike, ViewLike, Flatten, Ravel, Unflatten,
            Transpose, Permute, TransposeMatrix, Movedim, Moveaxis, Swapaxes, Swapdims, Squeeze, Unsqueeze, Expand,
            ExpandLike, BroadcastTo, Select, Narrow, SliceAlong, BasicIndex, BasicIndexBackward, Diagonal, Unfold,
            AsStrided, AsStridedUnchecked, AsStridedBackward, ViewAsReal, ViewAsComplex, Unbind, SplitSize,
            SplitSections, Chunk, TensorSplit, TensorSplitAt>;

}  // namespace tenon::inline v0
