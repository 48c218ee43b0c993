#include <tenon/ops/joining.h>

#include <algorithm>

#include <tenon/core/door.h>
#include <tenon/core/rules.h>
#include <tenon/ops/checks.h>
#include <tenon/ops/functions.h>
#include <tenon/ops/indexing.h>
#include <tenon/ops/register.h>

namespace tenon::inline v0 {

namespace {

std::vector<Tensor> list_of(Inputs in) {
  std::vector<Tensor> out;
  for (int i = 0; i < in.size(); ++i) out.push_back(in[i]);
  return out;
}

// An empty tensor of shape (0,) joins with anything: PyTorch's old way to start a list.
bool is_skipped(const Spec& s) { return s.shape.size() == 1 && s.shape[0] == Dim(0); }

}  // namespace

// ---- cat and stack ----

void infer(const Cat& r, Specs in, Spec* out) {
  check<ValueError>(in.size() > 0, "cat: expected a non-empty list of Tensors");
  out->dtype = result_type(in);
  int first = -1;
  for (int i = 0; i < in.size() && first < 0; ++i) {
    if (!is_skipped(in[i])) first = i;
  }
  out->shape = in[std::max(first, 0)].shape;
  if (first < 0) return;
  check<ShapeError>(!out->shape.empty(), "cat: zero-dimensional tensor (at position ", first,
                    ") cannot be concatenated; use stack");
  const size_t n = out->shape.size(), dim = static_cast<size_t>(wrap_dim("cat", r.dim, static_cast<int64_t>(n)));
  for (int i = first + 1; i < in.size(); ++i) {
    const Shape& shape = in[i].shape;
    if (is_skipped(in[i])) continue;
    check<ShapeError>(shape.size() == n, "cat: Tensors must have same number of dimensions: got ", n, " and ",
                      shape.size(), "; tensor 0 is ", in[first], ", tensor ", i, " is ", in[i]);
    for (size_t d = 0; d < n; ++d) {
      check<ShapeError>(d == dim || shape[d] == out->shape[d], "cat: Sizes of tensors must match except in dimension ",
                        dim, ". Expected size ", out->shape[d], " but got size ", shape[d], " for tensor number ", i,
                        " in the list; tensor ", first, " is ", in[first], ", tensor ", i, " is ", in[i]);
    }
    out->shape[dim] = out->shape[dim] + shape[dim];
  }
}
Tensor decompose(const Concat& r, Inputs in) { return cat(list_of(in), r.dim); }
Tensor decompose(const Concatenate& r, Inputs in) { return cat(list_of(in), r.dim); }

void infer(const Stack& r, Specs in, Spec* out) {
  check<ValueError>(in.size() > 0, "stack: stack expects a non-empty TensorList");
  out->dtype = result_type(in);
  out->shape = in[0].shape;
  for (int i = 1; i < in.size(); ++i) {
    check<ShapeError>(in[i].shape == in[0].shape, "stack: stack expects each tensor to be equal size, but got ",
                      in[0].shape, " at entry 0 and ", in[i].shape, " at entry ", i);
  }
  out->shape.insert(out->shape.begin() + wrap_dim("stack", r.dim, in[0].dim() + 1), in.size());
}

Tensor decompose(const Atleast1d&, const Tensor& x) { return x.dim() == 0 ? reshape(x, Dims{1}) : x; }
Tensor decompose(const Atleast2d&, const Tensor& x) {
  return x.dim() == 0 ? reshape(x, Dims{1, 1}) : x.dim() == 1 ? unsqueeze(x, 0) : x;
}
Tensor decompose(const Atleast3d&, const Tensor& x) {
  if (x.dim() == 0) return reshape(x, Dims{1, 1, 1});
  if (x.dim() == 1) return unsqueeze(unsqueeze(x, 0), -1);
  return x.dim() == 2 ? unsqueeze(x, -1) : x;
}

template <class F>
static std::vector<Tensor> each(Inputs in, F&& f) {
  std::vector<Tensor> out;
  for (int i = 0; i < in.size(); ++i) out.push_back(f(in[i]));
  return out;
}
Tensor decompose(const Hstack&, Inputs in) {
  const std::vector<Tensor> all = each(in, [](const Tensor& x) { return atleast_1d(x); });
  return cat(all, all.empty() || all[0].dim() == 1 ? 0 : 1);
}
Tensor decompose(const Vstack&, Inputs in) {
  return cat(each(in, [](const Tensor& x) { return atleast_2d(x); }), 0);
}
Tensor decompose(const RowStack&, Inputs in) { return vstack(list_of(in)); }
Tensor decompose(const Dstack&, Inputs in) {
  return cat(each(in, [](const Tensor& x) { return atleast_3d(x); }), 2);
}
Tensor decompose(const ColumnStack&, Inputs in) {
  return cat(each(in, [](const Tensor& x) { return x.dim() < 2 ? reshape(x, Dims{-1, 1}) : x; }), 1);
}

std::vector<Tensor> decompose(const Meshgrid& r, Inputs in) {
  check<ValueError>(r.indexing == "ij" || r.indexing == "xy",
                    "meshgrid: indexing must be one of \"xy\" or \"ij\", but received: ", r.indexing);
  Shape shape;
  for (int i = 0; i < in.size(); ++i) {
    check<ShapeError>(in[i].dim() <= 1, "meshgrid: Expected scalar or 1D tensor in the tensor list but got ", in[i]);
    shape.push_back(in[i].dim() == 0 ? Dim(1) : in[i].shape()[0]);
  }
  std::vector<Tensor> out;
  const size_t n = shape.size();
  const bool swapped = r.indexing == "xy" && n >= 2;
  for (size_t i = 0; i < n; ++i) {
    Shape own(n, 1);
    own[i] = shape[i];
    const Tensor grid = reshape(in[static_cast<int>(i)], own).expand(shape);
    out.push_back(swapped ? transpose(grid, 0, 1) : grid);
  }
  return out;
}

std::vector<Tensor> decompose(const BroadcastTensors&, Inputs in) {
  Shape shape;
  for (int i = 0; i < in.size(); ++i) shape = broadcast_shapes("broadcast_tensors", shape, in[i].shape());
  return each(in, [&](const Tensor& x) { return x.expand(shape); });
}

// ---- repetition ----

// Every dimension becomes (repeats, size) by a view; one copy then puts them together.
static Tensor repeat_dims(const Tensor& input, const Dims& repeats) {
  const size_t n = repeats.size(), added = n - input.shape().size();
  Shape split, wide, out;
  bool copies = false;
  for (size_t i = 0; i < n; ++i) {
    const Dim size = i < added ? Dim(1) : input.shape()[i - added];
    copies |= !(repeats[i] == Dim(1));
    out.push_back(repeats[i] * size);
    for (Dim d : {Dim(1), size}) split.push_back(d);
    for (Dim d : {repeats[i], size}) wide.push_back(d);
  }
  if (!copies) return clone(reshape(input, out));
  return _reshape_copy(reshape(input, split).expand(wide), out);
}
Tensor decompose(const Repeat& r, const Tensor& input) {
  check<ShapeError>(
      r.repeats.size() >= input.shape().size(),
      "repeat: Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor: repeats is ",
      r.repeats, ", the tensor is ", input);
  for (Dim d : r.repeats)
    check<ShapeError>(d.is_symbolic() || d.value() >= 0,
                      "repeat: Trying to create tensor with negative dimension: repeats is ", r.repeats);
  return repeat_dims(input, r.repeats);
}
Tensor decompose(const Tile& r, const Tensor& input) {
  Dims repeats(input.shape().size() > r.dims.size() ? input.shape().size() - r.dims.size() : 0, 1);
  for (Dim d : r.dims) repeats.push_back(d);
  return input.repeat(repeats);
}

Tensor decompose(const RepeatInterleave& r, const Tensor& input) {
  check<ValueError>(r.repeats >= 0, "repeat_interleave: repeats must be non-negative, got ", r.repeats);
  const Tensor x = r.dim ? input : reshape(input, Dims{-1});
  const auto dim = static_cast<size_t>(wrap_dim("repeat_interleave", r.dim.value_or(0), x.dim()));
  Shape wide = x.dim() == 0 ? Shape{1} : x.shape(), out = wide;
  wide.insert(wide.begin() + dim + 1, r.repeats);
  out[dim] = out[dim] * Dim(r.repeats);
  return _reshape_copy(unsqueeze(x.dim() == 0 ? reshape(x, Dims{1}) : x, static_cast<int64_t>(dim) + 1).expand(wide),
                       out);
}
Tensor decompose(const RepeatInterleaveEach& r, const Tensor& input, const Tensor& repeats) {
  const Tensor x = r.dim ? input : reshape(input, Dims{-1});
  const int64_t dim = wrap_dim("repeat_interleave", r.dim.value_or(0), x.dim());
  check<ShapeError>(repeats.dim() <= 1, "repeat_interleave: repeats must be 0-dim or 1-dim tensor, and is ", repeats);
  check<ShapeError>(repeats.numel() == 1 || repeats.numel() == x.size(dim),
                    "repeat_interleave: repeats must have the same size as input along dim, but got repeats.size(0) = ",
                    repeats.numel(), " and input.size(", dim, ") = ", x.size(dim));
  return index_select(x, dim, _repeated_indices(reshape(repeats, Dims{-1}).expand(Dims{x.size(dim)})));
}
void infer(const RepeatedIndices&, Specs in, Spec* out) {
  check<DTypeError>(in[0].dtype == DType::Int64 || in[0].dtype == DType::Int32,
                    "repeat_interleave: repeats has to be Long or Int tensor, and is ", in[0].dtype);
  check<ShapeError>(in[0].dim() == 1, "repeat_interleave: repeats must be 1-dim, and is ", in[0]);
  out->dtype = DType::Int64;
  out->shape = Shape{Dim(-1)};
}

// ---- order ----

static Tensor roll_one(const Tensor& x, Dim shift, int64_t dim) {
  const int64_t n = x.size(dim);
  if (n == 0) return x;
  const int64_t by = ((shift.value() % n) + n) % n;
  if (by == 0) return x;
  return cat({narrow(x, dim, n - by, by), narrow(x, dim, 0, n - by)}, dim);
}
Tensor decompose(const Roll& r, const Tensor& input) {
  if (r.dims.empty()) {
    check<ValueError>(r.shifts.size() == 1, "roll: shifts and dimensions must align. shifts: ", r.shifts.size(),
                      ", dims:0");
    return clone(reshape(roll_one(reshape(input, Dims{-1}), r.shifts[0], 0), input.shape()));
  }
  check<ValueError>(r.shifts.size() == r.dims.size(),
                    "roll: shifts and dimensions must align. shifts: ", r.shifts.size(), ", dims:", r.dims.size());
  Tensor out = input;
  for (size_t i = 0; i < r.dims.size(); ++i)
    out = roll_one(out, r.shifts[i], wrap_dim("roll", r.dims[i].value(), input.dim()));
  return out.is_same(input) ? clone(input) : out;
}

void infer(const Flip& r, Specs in, Spec* out) {
  normalize_dims("flip", r.dims, in[0].dim(), false);
  out->shape = in[0].shape;
  out->dtype = in[0].dtype;
}
Tensor decompose(const Fliplr&, const Tensor& input) {
  check<ShapeError>(input.dim() >= 2, "fliplr: Input must be >= 2-d.");
  return flip(input, 1);
}
Tensor decompose(const Flipud&, const Tensor& input) {
  check<ShapeError>(input.dim() >= 1, "flipud: Input must be >= 1-d.");
  return flip(input, 0);
}

Tensor decompose(const Rot90& r, const Tensor& input) {
  check<ValueError>(r.dims.size() == 2, "rot90: expected total rotation dims == 2, but got dims = ", r.dims.size());
  const Dims dims = normalize_dims("rot90", r.dims, input.dim(), false);
  const int64_t a = dims[0].value(), b = dims[1].value();
  switch ((r.k % 4 + 4) % 4) {
    case 1:
      return flip(transpose(input, a, b), a);
    case 2:
      return flip(input, dims);
    case 3:
      return flip(transpose(input, a, b), b);
    default:
      return clone(input);
  }
}

// ---- triangles and diagonals ----

static void infer_triangle(const char* op, Specs in, Spec* out) {
  check<ShapeError>(in[0].dim() >= 2, op, ": input tensor must have at least 2 dimensions, and is ", in[0]);
  out->shape = in[0].shape;
  out->dtype = in[0].dtype;
}
void infer(const Tril&, Specs in, Spec* out) { infer_triangle("tril", in, out); }
void infer(const Triu&, Specs in, Spec* out) { infer_triangle("triu", in, out); }

Tensor decompose(const Diag& r, const Tensor& input) {
  check<ShapeError>(input.dim() == 1 || input.dim() == 2, "diag: Supports 1D or 2D tensors. Got ", input.dim(), "D");
  return input.dim() == 1 ? diag_embed(input, r.diagonal) : clone(diagonal(input, r.diagonal));
}

// Zeros with the input on the diagonal: a strided write into a matrix whose dims then move to their places.
Tensor decompose(const DiagEmbed& r, const Tensor& input) {
  const int64_t n = input.dim() + 1;
  const int64_t a = wrap_dim("diag_embed", r.dim1, n), b = wrap_dim("diag_embed", r.dim2, n);
  check<ShapeError>(a != b, "diag_embed: diagonal dimensions cannot be identical ", r.dim1, ", ", r.dim2);
  check<ShapeError>(input.dim() > 0, "diag_embed: input must have at least one dimension");
  const int64_t length = input.size(-1);
  check<ShapeError>(r.offset > INT32_MIN && r.offset < INT32_MAX, "diag_embed: offset is ", r.offset,
                    ", which makes a matrix larger than memory");
  const int64_t side = length + std::abs(r.offset);
  Shape sizes(input.shape().begin(), input.shape().end() - 1);
  sizes.push_back(side);
  sizes.push_back(side);
  Strides strides = contiguous_strides(sizes);
  strides.pop_back();
  strides.back() = side + 1;
  const int64_t offset = length == 0 ? 0 : r.offset >= 0 ? r.offset : -r.offset * side;
  const Tensor matrix = _as_strided_backward(input, sizes, strides, offset);
  // dim1 counts the rows: with dim1 > dim2 the matrix is transposed on the way.
  return movedim(matrix, Dims{-2, -1}, Dims{a, b});
}
Tensor decompose(const Diagflat& r, const Tensor& input) { return diag_embed(reshape(input, Dims{-1}), r.offset); }

Tensor decompose(const BlockDiag&, Inputs in) {
  std::vector<Tensor> rows;
  Dim before = 0, width = 0;
  for (int i = 0; i < in.size(); ++i) {
    check<ShapeError>(in[i].dim() <= 2, "block_diag: Input tensors must have 2 or fewer dimensions. Input ", i, " has ",
                      in[i].dim(), " dimensions");
    width = width + atleast_2d(in[i]).shape()[1];
  }
  for (int i = 0; i < in.size(); ++i) {
    const Tensor block = atleast_2d(in[i]);
    const Dim own = block.shape()[1];
    rows.push_back(constant_pad_nd(block, Dims{before, width - before - own}, 0));
    before = before + own;
  }
  return cat(rows, 0);
}

// ---- padding ----

void infer(const ConstantPad& r, Specs in, Spec* out) {
  out->shape = in[0].shape;
  out->dtype = in[0].dtype;
  check_fits(ConstantPad::name, "value", r.value, out->dtype);
  const size_t n = out->shape.size(), padded = r.pad.size() / 2;
  check<ShapeError>(r.pad.size() % 2 == 0, "constant_pad_nd: Length of pad must be even but instead it equals ",
                    r.pad.size());
  check<ShapeError>(padded <= n,
                    "constant_pad_nd: Length of pad should be no more than twice the number of dimensions of the "
                    "input. Pad length is ",
                    r.pad.size(), " while the input has ", n, " dimensions.");
  for (size_t i = 0; i < padded; ++i) {
    Dim& size = out->shape[n - 1 - i];
    const Dim grown = size + r.pad[2 * i] + r.pad[2 * i + 1];
    check<ShapeError>(grown.is_symbolic() || grown.value() >= 0, "constant_pad_nd: The input size ", size,
                      ", plus negative padding ", r.pad[2 * i], " and ", r.pad[2 * i + 1],
                      ", resulted in a negative output size, which is invalid. Check dimension ", n - 1 - i,
                      " of your input.");
    size = grown;
  }
}

// Where each padded position reads along a dimension of n.
static int64_t padded_source(const std::string& mode, int64_t at, int64_t n) {
  if (mode == "replicate") return std::clamp<int64_t>(at, 0, n - 1);
  if (mode == "circular") return ((at % n) + n) % n;
  return at < 0 ? -at : at >= n ? 2 * (n - 1) - at : at;
}
static Tensor pad_by_index(const Tensor& x, int64_t dim, int64_t before, int64_t after, const std::string& mode) {
  const int64_t n = x.size(dim);
  check<ShapeError>(
      mode != "reflect" || (before < n && after < n),
      "pad: Argument #4: Padding size should be less than the corresponding input dimension, but got: padding (",
      before, ", ", after, ") at dimension ", dim, " of input ", x.shape());
  check<ShapeError>(mode != "circular" || (before <= n && after <= n),
                    "pad: Padding value causes wrapping around more than once.");
  check<ShapeError>(n > 0, "pad: cannot pad dimension ", dim, " of size 0 in mode ", mode);
  const int64_t length = n + before + after;
  check<ShapeError>(length >= 0, "pad: padding (", before, ", ", after, ") leaves nothing of dimension ", dim,
                    " of size ", n);
  Tensor index = Tensor::empty({length}, DType::Int64);
  for (int64_t i = 0; i < length; ++i) index.data<int64_t>()[i] = padded_source(mode, i - before, n);
  return index_select(x, dim, x.device().kind == DeviceKind::CPU ? index : to(index, x.device()));
}

Tensor decompose(const Pad& r, const Tensor& input) {
  if (r.mode == "constant") return constant_pad_nd(input, r.pad, r.value.value_or(0));
  check<ValueError>(r.mode == "reflect" || r.mode == "replicate" || r.mode == "circular",
                    "pad: Unrecognised padding mode ", r.mode);
  check<ValueError>(!r.value || r.value->to_double() == 0, "pad: Padding mode \"", r.mode,
                    "\" doesn't take in value argument");
  check<ShapeError>(r.pad.size() % 2 == 0 && r.pad.size() / 2 <= input.shape().size(), "pad: Length of pad, ",
                    r.pad.size(), ", must be even and at most twice the number of dimensions of the input, ",
                    input.shape());
  Tensor out = input;
  for (size_t i = 0; i < r.pad.size() / 2; ++i) {
    const int64_t before = r.pad[2 * i].value(), after = r.pad[2 * i + 1].value();
    if (before != 0 || after != 0)
      out = pad_by_index(out, input.dim() - 1 - static_cast<int64_t>(i), before, after, r.mode);
  }
  return out.is_same(input) ? clone(input) : out;
}

// ---- a part replaced, in a new tensor ----

static Tensor replaced(const Tensor& copy, const Tensor& part, const Tensor& src, const char* op) {
  check<ShapeError>(part.shape() == src.shape(), op,
                    ": expected src to have a size equal to the slice of self. src size = ", src.shape(),
                    ", slice size = ", part.shape());
  part.copy_(src);
  return copy;
}
Tensor decompose(const SelectScatter& r, const Tensor& input, const Tensor& src) {
  const Tensor out = clone(input);
  return replaced(out, select(out, r.dim, r.index), src, "select_scatter");
}
Tensor decompose(const SliceScatter& r, const Tensor& input, const Tensor& src) {
  const Tensor out = clone(input);
  return replaced(out, out.slice(r.dim, r.start.value_or(0), r.end.value_or(INT64_MAX), r.step), src, "slice_scatter");
}
Tensor decompose(const DiagonalScatter& r, const Tensor& input, const Tensor& src) {
  const Tensor out = clone(input);
  return replaced(out, diagonal(out, r.offset, r.dim1, r.dim2), src, "diagonal_scatter");
}

namespace {
template <class... R>
void add_decompositions(Registry& registry) {
  (registry.add_decomposition<R>(), ...);
}
}  // namespace

void register_joining(Registry& registry) {
  JoiningRecords::add_to(registry);
  add_decompositions<Concat, Concatenate, Hstack, Vstack, RowStack, Dstack, ColumnStack, Atleast1d, Atleast2d,
                     Atleast3d, Meshgrid, BroadcastTensors, Repeat, Tile, RepeatInterleave, RepeatInterleaveEach, Roll,
                     Fliplr, Flipud, Rot90, Diag, DiagEmbed, Diagflat, BlockDiag, Pad, SelectScatter, SliceScatter,
                     DiagonalScatter>(registry);
}

}  // namespace tenon::inline v0
