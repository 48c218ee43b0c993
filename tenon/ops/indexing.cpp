#include <tenon/ops/indexing.h>

#include <cmath>

#include <tenon/core/door.h>
#include <tenon/core/rules.h>
#include <tenon/ops/checks.h>
#include <tenon/ops/functions.h>
#include <tenon/ops/register.h>

namespace tenon::inline v0 {

namespace {

bool is_mask(DType dtype) { return dtype == DType::Bool || dtype == DType::UInt8; }
void check_index_dtype(const char* op, const char* name, const Spec& s) {
  check<DTypeError>(info(s.dtype).kind == Kind::Integer, op, ": Expected dtype int32/int64 for ", name, ", and it is ",
                    s);
}
void check_index_kind(DType dtype) {
  check<IndexError>(is_integral(dtype),
                    "index: tensors used as indices must be long, int, byte or bool tensors, and one is ", dtype);
}
void like(const Spec& s, Spec* out) {
  out->shape = s.shape;
  out->dtype = s.dtype;
}

}  // namespace

// ---- x[i, j, mask] ----

// A mask over dims [dim, dim + its ndim) becomes one tensor of integers for each of them.
static void expand_mask(Tensor& x, const Tensor& mask, std::vector<Tensor>& indices) {
  const size_t dim = indices.size();
  if (mask.dim() == 0) {  // all or nothing, along a new dimension
    x = unsqueeze(x, static_cast<int64_t>(dim));
    indices.push_back(select(nonzero(reshape(mask, Dims{1})), 1, 0));
    return;
  }
  for (size_t i = 0; i < mask.shape().size(); ++i) {
    check<IndexError>(dim + i < x.shape().size(), "index: too many indices for tensor of dimension ", x.dim());
    check<IndexError>(mask.shape()[i] == x.shape()[dim + i], "index: The shape of the mask ", mask.shape(),
                      " at index ", i, " does not match the shape of the indexed tensor ", x.shape(), " at index ",
                      dim + i);
  }
  const Tensor places = nonzero(mask);
  for (int64_t i = 0; i < mask.dim(); ++i) indices.push_back(select(places, 1, i));
}

Tensor decompose(const Index&, Inputs in) {
  Tensor x = in[0];
  std::vector<Tensor> indices;
  bool some = false;
  for (int i = 1; i < in.size(); ++i) {
    if (!in.has(i)) {
      indices.emplace_back();
      continue;
    }
    some = true;
    check_index_kind(in[i].dtype());
    if (is_mask(in[i].dtype()))
      expand_mask(x, in[i], indices);
    else
      indices.push_back(in[i]);
  }
  return some ? _index(x, indices) : alias(x);
}

// NumPy's placement: the broadcast dims of the indices stand where the indexed dims stood, or in front
// when those are not neighbours. The kernels follow the same rule.
static Shape indexed_shape(const Shape& from, const Shape& broadcast, const std::vector<bool>& indexed) {
  size_t first = indexed.size(), last = 0, count = 0;
  for (size_t i = 0; i < indexed.size(); ++i) {
    if (!indexed[i]) continue;
    first = std::min(first, i);
    last = i;
    ++count;
  }
  if (last - first + 1 != count) first = 0;
  Shape out;
  size_t kept = 0;
  const auto place = [&] {
    for (Dim d : broadcast) out.push_back(d);
  };
  for (size_t i = 0; i < from.size(); ++i) {
    if (i < indexed.size() && indexed[i]) continue;
    if (kept++ == first) place();
    out.push_back(from[i]);
  }
  if (kept <= first) place();
  return out;
}

static Shape broadcast_indices(Specs in, int begin) {
  Shape out;
  for (int i = begin; i < in.size(); ++i) {
    if (!in.has(i)) continue;
    const Shape& s = in[i].shape;
    Shape joined(std::max(out.size(), s.size()), 1);
    for (size_t k = 0; k < joined.size(); ++k) {
      const Dim a = k < out.size() ? out[out.size() - 1 - k] : Dim(1), b = k < s.size() ? s[s.size() - 1 - k] : Dim(1);
      check<IndexError>(a == b || a == Dim(1) || b == Dim(1),
                        "index: shape mismatch: indexing tensors could not be broadcast together with shapes ", out,
                        ", ", s);
      joined[joined.size() - 1 - k] = a == Dim(1) ? b : a;
    }
    out = joined;
  }
  return out;
}

void infer(const IndexInteger&, Specs in, Spec* out) {
  const Shape& from = in[0].shape;
  std::vector<bool> indexed(static_cast<size_t>(in.size() - 1));
  check<IndexError>(indexed.size() <= from.size(), "index: too many indices for tensor of dimension ", from.size(),
                    " (got ", indexed.size(), ")");
  for (int i = 1; i < in.size(); ++i) {
    indexed[static_cast<size_t>(i - 1)] = in.has(i);
    if (in.has(i))
      check<IndexError>(info(in[i].dtype).kind == Kind::Integer,
                        "index: tensors used as indices must be long, int, byte or bool tensors, and one is ",
                        in[i].dtype);
  }
  out->dtype = in[0].dtype;
  out->shape = indexed_shape(from, broadcast_indices(in, 1), indexed);
}

// The inputs are input, values, and then the indices.
void infer(const IndexPut&, Specs in, Spec* out) {
  like(in[0], out);
  int64_t taken = 0;
  for (int i = 2; i < in.size(); ++i) {
    if (!in.has(i)) {
      ++taken;
      continue;
    }
    check_index_kind(in[i].dtype);
    taken += is_mask(in[i].dtype) ? in[i].dim() : 1;
  }
  check<IndexError>(taken <= in[0].dim(), "index_put: too many indices for tensor of dimension ", in[0].dim(), " (got ",
                    taken, ")");
  check<DTypeError>(in[1].dtype == in[0].dtype || in[1].weak || in[1].shape.empty(),
                    "index_put: Index put requires the source and destination dtypes match, got ", in[0].dtype,
                    " for the destination and ", in[1].dtype, " for the source.");
}

void infer(const Nonzero&, Specs in, Spec* out) {
  out->dtype = DType::Int64;
  out->shape = Shape{Dim(-1), Dim(in[0].dim())};
}
Tensor decompose(const Argwhere&, const Tensor& input) { return nonzero(input); }
std::vector<Tensor> decompose(const WhereCondition&, const Tensor& condition) {
  return unbind(nonzero(condition.dim() == 0 ? reshape(condition, Dims{1}) : condition), 1);
}

Tensor decompose(const MaskedSelect&, const Tensor& input, const Tensor& mask) {
  check<DTypeError>(mask.dtype() == DType::Bool, "masked_select: expected BoolTensor for mask, and it is ", mask);
  const Shape shape = broadcast_shapes("masked_select", input.shape(), mask.shape());
  if (shape.empty()) return index(reshape(input, Dims{1}), {reshape(mask, Dims{1})});
  return index(input.expand(shape), {mask.expand(shape)});
}
Tensor decompose(const MaskedScatter&, const Tensor& input, const Tensor& mask, const Tensor& source) {
  check<DTypeError>(mask.dtype() == DType::Bool, "masked_scatter: expected BoolTensor for mask, and it is ", mask);
  check<DTypeError>(input.dtype() == source.dtype(),
                    "masked_scatter: expected self and source to have same dtypes but got ", input.dtype(), " and ",
                    source.dtype());
  const Shape shape = broadcast_shapes("masked_scatter", input.shape(), mask.shape());
  if (input.device().kind == DeviceKind::Meta) return input.expand(shape).clone();
  const Tensor flat = reshape(input.expand(shape), Dims{-1});
  const Tensor places = reshape(nonzero(reshape(mask.expand(shape), Dims{-1})), Dims{-1});
  check<ShapeError>(places.numel() <= source.numel(),
                    "masked_scatter: Number of elements of source < number of ones in mask: ", source.numel(), " < ",
                    places.numel());
  return reshape(index_put(flat, {places}, narrow(reshape(source, Dims{-1}), 0, 0, places.numel())), shape);
}

// ---- along one dimension, an index per element ----

// `index` must fit into `other` in every dimension but, for the gathered side, `dim`.
static int64_t check_element_index(const char* op, int64_t dim, const Spec& x, const Spec& index) {
  check_index_dtype(op, "index", index);
  const int64_t at = wrap_dim(op, dim, x.dim());
  check<ShapeError>(std::max<int64_t>(index.dim(), 1) == std::max<int64_t>(x.dim(), 1), op,
                    ": Index tensor must have the same number of dimensions as input tensor: index is ", index,
                    ", input is ", x);
  return at;
}
static bool is_at_most(Dim a, Dim b) { return a == b || a.is_symbolic() || b.is_symbolic() || a.raw() <= b.raw(); }
static bool is_empty(const Shape& shape) {
  for (Dim d : shape) {
    if (d == Dim(0)) return true;
  }
  return false;
}

void infer(const Gather& r, Specs in, Spec* out) {
  const auto dim = static_cast<size_t>(check_element_index("gather", r.dim, in[0], in[1]));
  out->dtype = in[0].dtype;
  out->shape = in[1].shape;
  if (is_empty(in[1].shape)) return;
  for (size_t i = 0; i < std::min(in[0].shape.size(), in[1].shape.size()); ++i) {
    check<ShapeError>(i == dim || is_at_most(in[1].shape[i], in[0].shape[i]),
                      "gather: Size does not match at dimension ", i, " expected index ", in[1].shape,
                      " to be no larger than self ", in[0].shape, " apart from dimension ", dim);
  }
}

static void infer_scatter(const char* op, int64_t at, Specs in, Spec* out) {
  const auto dim = static_cast<size_t>(check_element_index(op, at, in[0], in[1]));
  like(in[0], out);
  const Shape &self = in[0].shape, &index = in[1].shape, &src = in[2].shape;
  const bool fills = in[2].weak || (src.empty() && !self.empty());
  check<DTypeError>(in[2].dtype == in[0].dtype || fills, op, ": Expected self.dtype to be equal to src.dtype; self is ",
                    in[0], ", src is ", in[2]);
  if (is_empty(index)) return;
  for (size_t i = 0; i < std::min(index.size(), self.size()); ++i) {
    const bool fits_self = i == dim || is_at_most(index[i], self[i]);
    const bool fits_src = fills || (i < src.size() && is_at_most(index[i], src[i]));
    check<ShapeError>(fits_self, op, ": Expected index ", index, " to be no larger than self ", self,
                      " apart from dimension ", dim);
    check<ShapeError>(fits_src, op, ": Expected index ", index, " to be no larger size than src ", src);
  }
}
void infer(const Scatter& r, Specs in, Spec* out) { infer_scatter("scatter", r.dim, in, out); }
void infer(const ScatterAdd& r, Specs in, Spec* out) { infer_scatter("scatter_add", r.dim, in, out); }
void infer(const ScatterReduce& r, Specs in, Spec* out) {
  const bool known =
      r.reduce == "sum" || r.reduce == "prod" || r.reduce == "mean" || r.reduce == "amax" || r.reduce == "amin";
  check<ValueError>(known, "scatter_reduce: reduce argument must be either sum, prod, mean, amax or amin, got ",
                    r.reduce);
  check<DTypeError>(!is_complex(in[0].dtype) || (r.reduce != "amax" && r.reduce != "amin"),
                    "scatter_reduce: complex values have no order, and reduce is ", r.reduce);
  infer_scatter("scatter_reduce", r.dim, in, out);
}
Tensor decompose(const ScatterValue& r, const Tensor& input, const Tensor& index) {
  check_fits("scatter", "value", r.value, input.dtype());
  const bool whole = std::trunc(r.value) == r.value;
  check<ValueError>(!is_integral(input.dtype()) || !whole || std::abs(r.value) <= 0x1p53, "scatter: value=", r.value,
                    " is not exact as a number; pass it as a tensor");
  const bool integral = is_integral(input.dtype()) && whole;
  return scatter(input, r.dim, index,
                 integral ? Tensor(Scalar(static_cast<int64_t>(r.value))) : Tensor(Scalar(r.value)));
}

Tensor decompose(const TakeAlongDim& r, const Tensor& input, const Tensor& indices) {
  if (!r.dim) return gather(reshape(input, Dims{-1}), 0, reshape(indices, Dims{-1}));
  const int64_t dim = wrap_dim("take_along_dim", *r.dim, input.dim());
  check<ShapeError>(input.dim() == indices.dim(),
                    "take_along_dim: input and indices should have the same number of dimensions, but got ",
                    input.dim(), " dimensions for input, and ", indices.dim(), " dimensions for indices");
  Shape a = input.shape(), b = indices.shape();
  if (!a.empty()) a[static_cast<size_t>(dim)] = b[static_cast<size_t>(dim)] = 1;
  Shape wide = broadcast_shapes("take_along_dim", a, b), wide_input = wide, wide_index = wide;
  if (!wide.empty()) {
    wide_input[static_cast<size_t>(dim)] = input.shape()[static_cast<size_t>(dim)];
    wide_index[static_cast<size_t>(dim)] = indices.shape()[static_cast<size_t>(dim)];
  }
  return gather(input.expand(wide_input), dim, indices.expand(wide_index));
}
Tensor decompose(const Take&, const Tensor& input, const Tensor& index) {
  return tenon::index(reshape(input, Dims{-1}), {index});
}

// ---- along one dimension, an index per slice ----

void infer(const IndexSelect& r, Specs in, Spec* out) {
  check_index_dtype("index_select", "index", in[1]);
  check<IndexError>(in[1].dim() <= 1, "index_select: Index is supposed to be a vector, and is ", in[1]);
  like(in[0], out);
  const auto dim = static_cast<size_t>(wrap_dim("index_select", r.dim, in[0].dim()));
  const Dim count = in[1].dim() == 0 ? Dim(1) : in[1].shape[0];
  if (!out->shape.empty())
    out->shape[dim] = count;
  else
    check<IndexError>(count == Dim(1), "index_select: Index to scalar can have only 1 value, got ", count, " value(s)");
}

static void check_slices(const char* op, int64_t at, const Tensor& input, const Tensor& index, const Tensor& source) {
  const auto dim = static_cast<size_t>(wrap_dim(op, at, input.dim()));
  check<DTypeError>(input.dtype() == source.dtype(), op,
                    ": self and source expected to have the same dtype, but got (self) ", input.dtype(),
                    " and (source) ", source.dtype());
  check<ShapeError>(source.dim() == input.dim(), op,
                    ": source tensor must have the same number of dimensions as self: self is ", input, ", source is ",
                    source);
  const int64_t count = index.dim() == 0 ? 1 : index.numel();
  for (size_t i = 0; i < input.shape().size(); ++i) {
    const Dim wanted = i == dim ? Dim(count) : input.shape()[i];
    check<ShapeError>(source.shape()[i] == wanted, op, ": Number of indices (", count, ") and the sizes of self ",
                      input.shape(), " must match those of source ", source.shape(), " at dimension ", i);
  }
}
Tensor decompose(const IndexAdd& r, const Tensor& input, const Tensor& index, const Tensor& source) {
  check_slices("index_add", r.dim, input, index, source);
  check_fits("index_add", "alpha", r.alpha, input.dtype());
  return _index_write(input, index, r.alpha == Scalar(1) ? source : mul(source, Tensor(r.alpha)), r.dim, true);
}
Tensor decompose(const IndexCopy& r, const Tensor& input, const Tensor& index, const Tensor& source) {
  check_slices("index_copy", r.dim, input, index, source);
  return _index_write(input, index, source, r.dim, false);
}
Tensor decompose(const IndexFill& r, const Tensor& input, const Tensor& index, const Tensor& value) {
  check<ShapeError>(value.dim() == 0,
                    "index_fill: index_fill_ only supports a 0-dimensional value tensor, but got tensor with ",
                    value.dim(), " dimension(s).");
  check_number_fits("index_fill", "value", value, input.dtype());
  return _index_write(input, index, value, r.dim, false);
}
void infer(const IndexWrite& r, Specs in, Spec* out) {
  const char* op = name_of(r, in[2].shape.empty());
  check_index_dtype(op, "index", in[1]);
  check<IndexError>(in[1].dim() <= 1, op, ": Index is supposed to be a vector, and is ", in[1]);
  wrap_dim(op, r.dim, in[0].dim());
  like(in[0], out);
}

// ---- embeddings ----

void infer(const Embedding& r, Specs in, Spec* out) {
  check_index_dtype("embedding", "input", in[0]);
  check<ShapeError>(in[1].dim() == 2, "embedding: 'weight' must be 2-D, and is ", in[1]);
  if (r.padding_idx && !in[1].shape[0].is_symbolic()) {
    const int64_t rows = in[1].shape[0].raw();
    check<ValueError>(*r.padding_idx >= -rows && *r.padding_idx < rows,
                      "embedding: Padding_idx must be within num_embeddings, ", rows, ", and is ", *r.padding_idx);
  }
  out->dtype = in[1].dtype;
  out->shape = in[0].shape;
  out->shape.push_back(in[1].shape[1]);
}
void infer(const EmbeddingBackward& r, Specs in, Spec* out) {
  const Shape &rows = in[0].shape, &indices = in[1].shape;
  check_index_dtype("_embedding_backward", "indices", in[1]);
  check<ShapeError>(rows.size() == indices.size() + 1 && Shape(rows.begin(), rows.end() - 1) == indices,
                    "_embedding_backward: input is ", in[0], ", indices are ", in[1], "; it must have a row for each");
  check<ShapeError>(r.rows.is_symbolic() || r.rows.value() >= 0, "_embedding_backward: rows is ", r.rows);
  out->dtype = in[0].dtype;
  out->shape = Shape{r.rows, in[0].shape.back()};
}

void infer(const OneHot& r, Specs in, Spec* out) {
  check<DTypeError>(in[0].dtype == DType::Int64 || in[0].dtype == DType::Int32,
                    "one_hot: one_hot is only applicable to index tensor of type LongTensor, and it is ", in[0]);
  check<ValueError>(r.num_classes >= -1, "one_hot: num_classes should be positive, and is ", r.num_classes);
  out->dtype = DType::Int64;
  out->shape = in[0].shape;
  out->shape.push_back(r.num_classes);
}

namespace {
template <class... R>
void add_decompositions(Registry& registry) {
  (registry.add_decomposition<R>(), ...);
}
}  // namespace

void register_indexing(Registry& registry) {
  IndexingRecords::add_to(registry);
  add_decompositions<Index, Argwhere, WhereCondition, MaskedSelect, MaskedScatter, ScatterValue, TakeAlongDim, Take,
                     IndexAdd, IndexCopy, IndexFill>(registry);
}

}  // namespace tenon::inline v0
