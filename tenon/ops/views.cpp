#include <tenon/ops/views.h>

#include <algorithm>

#include <tenon/core/door.h>
#include <tenon/core/index.h>
#include <tenon/core/rules.h>
#include <tenon/ops/functions.h>
#include <tenon/ops/register.h>

namespace tenon::inline v0 {

namespace {

size_t wrap(const char* op, int64_t dim, const Spec& in) { return static_cast<size_t>(wrap_dim(op, dim, in.dim())); }
size_t wrap(int64_t dim, size_t ndim) {
  return static_cast<size_t>(dim < 0 ? dim + static_cast<int64_t>(ndim ? ndim : 1) : dim);
}

void start_from(const Spec& in, Spec* out) {
  out->shape = in.shape;
  out->dtype = in.dtype;
}

// Strides of the input, kept as they are.
void keep(const Layout& in, Layout& out) {
  out.strides = in.strides;
  out.offset = in.offset;
}

// The elements of a shape must be countable: ShapeError. Sizes that are not known yet are checked when they are.
void check_countable(const Shape& shape) {
  for (Dim d : shape) {
    if (d.is_symbolic()) return;
  }
  checked_numel(shape, DType::Bool);
}

}  // namespace

void infer(const Alias&, Specs in, Spec* out) { start_from(in[0], out); }
void alias(const Alias&, const Layout& in, Layout& out) { keep(in, out); }

// ---- shapes ----

std::optional<Strides> view_strides(const Shape& from, const Strides& strides, const Shape& to) {
  if (is_contiguous(from, strides)) return contiguous_strides(to);
  Strides out(to.size());
  auto next = static_cast<int64_t>(to.size()) - 1;
  // Each run of dimensions that lie row-major in memory must be filled exactly by dimensions of `to`.
  Dim base = strides.back(), have = 1, taken = 1;
  for (size_t i = from.size(); i-- > 0;) {
    have *= from[i];
    if (i != 0 && (from[i - 1] == Dim(1) || strides[i - 1] == have * base)) continue;
    for (; next >= 0 && (!(taken == have) || to[static_cast<size_t>(next)] == Dim(1)); --next) {
      out[static_cast<size_t>(next)] = taken * base;
      taken *= to[static_cast<size_t>(next)];
    }
    if (!(taken == have)) return std::nullopt;
    if (i == 0) break;
    base = strides[i - 1];
    have = taken = 1;
  }
  if (next >= 0) return std::nullopt;
  return out;
}

void infer(const ViewShape& r, Specs in, Spec* out) {
  out->dtype = in[0].dtype;
  out->shape = resolve_shape("view", in[0].shape, r.size);
}
void alias(const ViewShape&, const Layout& in, Layout& out) {
  out.offset = in.offset;
  auto strides = view_strides(in.shape, in.strides, out.shape);
  check<ShapeError>(
      strides.has_value(),
      "view: view size is not compatible with input tensor's size and stride (at least one dimension spans across "
      "two contiguous subspaces). Use .reshape(...) instead. The input is ",
      in.shape, " with stride ", in.strides, ", and ", out.shape, " was asked for");
  out.strides = std::move(*strides);
}

void infer(const ViewDType& r, Specs in, Spec* out) {
  start_from(in[0], out);
  out->dtype = r.dtype;
  const int64_t from = size_of(in[0].dtype), to = size_of(r.dtype);
  if (from == to) return;
  check<ShapeError>(in[0].dim() > 0, "view: self.dim() cannot be 0 to view ", in[0].dtype, " as ", r.dtype,
                    " (different element sizes)");
  Dim& last = out->shape.back();
  if (from > to) {
    last = last * Dim(from / to);
    return;
  }
  check<ShapeError>(require_divisible("view", last, to / from), "view: self.size(-1) must be divisible by ", to / from,
                    " to view ", in[0].dtype, " as ", r.dtype, " (different element sizes), but got ", last);
  last = last / Dim(to / from);
}
void alias(const ViewDType&, const Layout& in, Layout& out) {
  keep(in, out);
  if (in.shape == out.shape) return;
  check<ShapeError>(in.strides.back() == Dim(1),
                    "view: self.stride(-1) must be 1 to view the tensor as a dtype of another element size");
  // Strides count elements, of which the larger last dimension has more in the same bytes.
  const Dim before = in.shape.back(), after = out.shape.back();
  const bool grows = (after - before).bounds().low >= 0;
  const Dim ratio = before == Dim(0) || after == Dim(0) ? Dim(1) : grows ? after / before : before / after;
  for (size_t i = 0; i + 1 < out.strides.size(); ++i) {
    check<ShapeError>(grows || require_divisible("view", out.strides[i], ratio), "view: self.stride(", i,
                      ") must be divisible by ", ratio, ", but got ", out.strides[i]);
    out.strides[i] = grows ? out.strides[i] * ratio : out.strides[i] / ratio;
  }
  check<ShapeError>(grows || require_divisible("view", out.offset, ratio),
                    "view: self.storage_offset() must be divisible by ", ratio, ", but got ", out.offset);
  out.offset = grows ? out.offset * ratio : out.offset / ratio;
}

Tensor decompose(const Reshape& r, const Tensor& input) {
  const Shape shape = resolve_shape("reshape", input.shape(), r.shape);
  if (input.is_contiguous() || view_strides(input.shape(), input.strides(), shape)) return input.view(shape);
  return _reshape_copy(input, shape);
}
void infer(const ReshapeCopy& r, Specs in, Spec* out) {
  out->dtype = in[0].dtype;
  out->shape = resolve_shape("reshape", in[0].shape, r.shape);
}
Tensor decompose(const ReshapeLike&, const Tensor& input, const Tensor& other) { return reshape(input, other.shape()); }
Tensor decompose(const ViewLike&, const Tensor& input, const Tensor& other) { return input.view(other.shape()); }

Tensor decompose(const Flatten& r, const Tensor& input) {
  const size_t start = wrap("flatten", r.start_dim, input.spec()), end = wrap("flatten", r.end_dim, input.spec());
  check<ShapeError>(start <= end, "flatten: flatten() has invalid args: start_dim cannot come after end_dim");
  if (input.dim() == 0) return reshape(input, Dims{1});
  if (start == end) return input;
  Shape shape;
  Dim together = 1;
  for (size_t i = 0; i < input.shape().size(); ++i) {
    if (i < start || i > end)
      shape.push_back(input.shape()[i]);
    else
      together = together * input.shape()[i];
    if (i == end) shape.push_back(together);
  }
  return reshape(input, shape);
}
Tensor decompose(const Ravel&, const Tensor& input) { return reshape(input, Dims{-1}); }

Tensor decompose(const Unflatten& r, const Tensor& input) {
  const size_t dim = wrap("unflatten", r.dim, input.spec());
  check<ShapeError>(!r.sizes.empty() && input.dim() > 0,
                    "unflatten: sizes must be non-empty, and the input must have a dimension");
  const Shape middle = resolve_shape("unflatten", Shape{input.shape()[dim]}, r.sizes);
  Shape shape;
  for (size_t i = 0; i < input.shape().size(); ++i) {
    if (i != dim)
      shape.push_back(input.shape()[i]);
    else
      for (Dim d : middle) shape.push_back(d);
  }
  return input.view(shape);
}

// ---- the order of dimensions ----

void infer(const Transpose& r, Specs in, Spec* out) {
  start_from(in[0], out);
  const size_t a = wrap("transpose", r.dim0, in[0]), b = wrap("transpose", r.dim1, in[0]);
  if (in[0].dim() > 0) std::swap(out->shape[a], out->shape[b]);
}
void alias(const Transpose& r, const Layout& in, Layout& out) {
  keep(in, out);
  if (!in.shape.empty())
    std::swap(out.strides[wrap(r.dim0, in.shape.size())], out.strides[wrap(r.dim1, in.shape.size())]);
}

void infer(const Permute& r, Specs in, Spec* out) {
  out->dtype = in[0].dtype;
  check<ShapeError>(static_cast<int64_t>(r.dims.size()) == in[0].dim(),
                    "permute: number of dimensions in the tensor input does not match the length of the "
                    "desired ordering of dimensions i.e. input.dim() = ",
                    in[0].dim(), " is not equal to len(dims) = ", r.dims.size());
  uint64_t seen = 0;
  out->shape.clear();
  for (Dim d : r.dims) {
    const size_t dim = wrap("permute", d.value(), in[0]);
    check<ShapeError>((seen >> dim & 1) == 0, "permute: duplicate dims are not allowed, and dim ", dim,
                      " appears twice in ", r.dims);
    seen |= uint64_t{1} << dim;
    out->shape.push_back(in[0].shape[dim]);
  }
}
void alias(const Permute& r, const Layout& in, Layout& out) {
  out.offset = in.offset;
  for (Dim d : r.dims) out.strides.push_back(in.strides[wrap(d.value(), in.shape.size())]);
}

Tensor decompose(const TransposeMatrix&, const Tensor& input) {
  check<ShapeError>(input.dim() <= 2, "t: t() expects a tensor with <= 2 dimensions, but self is ", input.dim(),
                    "D; use transpose(dim0, dim1) or mT");
  return input.dim() == 2 ? transpose(input, 0, 1) : alias(input);
}

static Tensor move_dims(const char* op, const Tensor& input, const Dims& source, const Dims& destination) {
  const size_t n = input.shape().size();
  check<ShapeError>(source.size() == destination.size(), op, ": Invalid source or destination dims: source (", source,
                    ") should contain the same number of dims as destination (", destination, ")");
  const Dims from = normalize_dims(op, source, input.dim(), false),
             to = normalize_dims(op, destination, input.dim(), false);
  Dims order(n, -1);
  uint64_t moved = 0;
  for (size_t i = 0; i < from.size(); ++i) {
    order[static_cast<size_t>(to[i].value())] = from[i];
    moved |= uint64_t{1} << from[i].value();
  }
  size_t next = 0;
  for (Dim& place : order) {
    if (!(place == Dim(-1))) continue;
    while (moved >> next & 1) ++next;
    place = Dim(next++);
  }
  return permute(input, order);
}
Tensor decompose(const Movedim& r, const Tensor& input) { return move_dims("movedim", input, r.source, r.destination); }
Tensor decompose(const Moveaxis& r, const Tensor& input) {
  return move_dims("moveaxis", input, r.source, r.destination);
}
Tensor decompose(const Swapaxes& r, const Tensor& input) { return transpose(input, r.axis0, r.axis1); }
Tensor decompose(const Swapdims& r, const Tensor& input) { return transpose(input, r.dim0, r.dim1); }

// ---- dimensions of size 1, and broadcasting ----

// Which dimensions squeeze removes, as bits.
static uint64_t squeezed(const Squeeze& r, const Shape& shape) {
  uint64_t wanted = r.dim ? 0 : ~uint64_t{0}, out = 0;
  if (r.dim) {
    for (Dim d : *r.dim) wanted |= uint64_t{1} << wrap_dim("squeeze", d.value(), static_cast<int64_t>(shape.size()));
  }
  for (size_t i = 0; i < shape.size(); ++i) {
    if ((wanted >> i & 1) && shape[i] == Dim(1)) out |= uint64_t{1} << i;
  }
  return out;
}
void infer(const Squeeze& r, Specs in, Spec* out) {
  out->dtype = in[0].dtype;
  out->shape.clear();
  const uint64_t gone = squeezed(r, in[0].shape);
  for (size_t i = 0; i < in[0].shape.size(); ++i) {
    if ((gone >> i & 1) == 0) out->shape.push_back(in[0].shape[i]);
  }
}
void alias(const Squeeze& r, const Layout& in, Layout& out) {
  out.offset = in.offset;
  const uint64_t gone = squeezed(r, in.shape);
  for (size_t i = 0; i < in.shape.size(); ++i) {
    if ((gone >> i & 1) == 0) out.strides.push_back(in.strides[i]);
  }
}

void infer(const Unsqueeze& r, Specs in, Spec* out) {
  start_from(in[0], out);
  out->shape.insert(out->shape.begin() + wrap_dim("unsqueeze", r.dim, in[0].dim() + 1), 1);
}
void alias(const Unsqueeze& r, const Layout& in, Layout& out) {
  keep(in, out);
  const size_t dim = wrap(r.dim, in.shape.size() + 1);
  const Dim stride = dim < in.shape.size() ? in.shape[dim] * in.strides[dim] : Dim(1);
  out.strides.insert(out.strides.begin() + dim, stride);
}

void infer(const Expand& r, Specs in, Spec* out) {
  const Shape& from = in[0].shape;
  out->dtype = in[0].dtype;
  check<ShapeError>(r.size.size() >= from.size(), "expand: the number of sizes provided (", r.size.size(),
                    ") must be greater or equal to the number of dimensions in the tensor (", from.size(),
                    "); its shape is ", from, ", and ", r.size, " was asked for");
  out->shape = r.size;
  const size_t added = r.size.size() - from.size();
  for (size_t i = 0; i < r.size.size(); ++i) {
    Dim& to = out->shape[i];
    if (i < added) {
      check<ShapeError>(to.is_symbolic() || to.value() >= 0, "expand: The expanded size of the tensor (", to,
                        ") isn't allowed in a leading, non-existing dimension ", i);
      continue;
    }
    const Dim size = from[i - added];
    if (to == Dim(-1)) to = size;
    const bool repeats = size == Dim(1) && (to.is_symbolic() || to.value() >= 0);
    check<ShapeError>(repeats || require_equal("expand", to, size), "expand: The expanded size of the tensor (", to,
                      ") must match the existing size (", size, ") at non-singleton dimension ", i,
                      ".  Target sizes: ", r.size, ".  Tensor sizes: ", from);
  }
}
void alias(const Expand&, const Layout& in, Layout& out) {
  check_countable(out.shape);
  out.offset = in.offset;
  const size_t added = out.shape.size() - in.shape.size();
  out.strides.resize(added, 0);
  for (size_t i = 0; i < in.shape.size(); ++i)
    out.strides.push_back(in.shape[i] == Dim(1) && !(out.shape[added + i] == Dim(1)) ? Dim(0) : in.strides[i]);
}
Tensor decompose(const ExpandLike&, const Tensor& input, const Tensor& other) { return input.expand(other.shape()); }
Tensor decompose(const BroadcastTo& r, const Tensor& input) { return input.expand(r.size); }

// ---- parts ----

// Whether `index` names an element of a dimension of `size`.
static bool is_inside(const char* op, Dim index, Dim size) {
  if (!index.is_symbolic() && !size.is_symbolic()) return index.raw() >= -size.raw() && index.raw() < size.raw();
  const bool from_end = index.bounds().high < 0;
  return require_at_least(op, size, from_end ? Dim(0) - index : from_start(index, size) + 1);
}

void infer(const Select& r, Specs in, Spec* out) {
  check<IndexError>(in[0].dim() > 0, "select: select() cannot be applied to a 0-dim tensor");
  start_from(in[0], out);
  const size_t dim = wrap("select", r.dim, in[0]);
  const Dim size = in[0].shape[dim];
  check<IndexError>(is_inside("select", r.index, size), "select: select(): index ", r.index,
                    " out of range for tensor of size ", in[0].shape, " at dimension ", dim);
  out->shape.erase(out->shape.begin() + dim);
}
void alias(const Select& r, const Layout& in, Layout& out) {
  keep(in, out);
  const size_t dim = wrap(r.dim, in.shape.size());
  out.offset += from_start(r.index, in.shape[dim]) * in.strides[dim];
  out.strides.erase(out.strides.begin() + dim);
}

void infer(const Narrow& r, Specs in, Spec* out) {
  check<ShapeError>(in[0].dim() > 0, "narrow: narrow() cannot be applied to a 0-dim tensor.");
  start_from(in[0], out);
  const size_t dim = wrap("narrow", r.dim, in[0]);
  const Dim size = in[0].shape[dim];
  out->shape[dim] = r.length;
  if (size.is_symbolic() || r.start.is_symbolic() || r.length.is_symbolic()) {
    check<ShapeError>(require_at_least("narrow", r.length, 0) &&
                          require_at_least("narrow", size, from_start(r.start, size) + r.length),
                      "narrow: start (", r.start, ") + length (", r.length, ") exceeds dimension size (", size, ").");
    return;
  }
  const int64_t n = size.raw(), start = r.start.raw();
  check<ShapeError>(r.length.raw() >= 0, "narrow: narrow(): length must be non-negative, not ", r.length);
  check<IndexError>(start >= -n && start <= n, "narrow: start out of range (expected to be in range of [", -n, ", ", n,
                    "], but got ", start, ")");
  check<ShapeError>((start < 0 ? start + n : start) <= n - r.length.raw(), "narrow: start (", start, ") + length (",
                    r.length, ") exceeds dimension size (", n, ").");
}
void alias(const Narrow& r, const Layout& in, Layout& out) {
  keep(in, out);
  const size_t dim = wrap(r.dim, in.shape.size());
  if (!(r.length == Dim(0))) out.offset += from_start(r.start, in.shape[dim]) * in.strides[dim];
}

void infer(const SliceAlong& r, Specs in, Spec* out) {
  check<ShapeError>(in[0].dim() > 0, "slice: slice() cannot be applied to a 0-dim tensor.");
  check<ValueError>(r.step > 0, "slice: slice step must be positive, but is ", r.step, "; flip() reverses");
  start_from(in[0], out);
  Dim& size = out->shape[wrap("slice", r.dim, in[0])];
  size = slice_part(r.start, r.end, r.step, size).length;
}
void alias(const SliceAlong& r, const Layout& in, Layout& out) {
  keep(in, out);
  const size_t dim = wrap(r.dim, in.shape.size());
  const Dim start = clamp_bound(r.start, in.shape[dim]);
  if (!(start == in.shape[dim])) out.offset += start * in.strides[dim];
  out.strides[dim] = stepped(out.strides[dim], r.step);
}

// How many numbers the components of an index take.
static size_t values_of(const std::string& pattern) {
  size_t count = 0;
  for (char c : pattern) count += c == 'i' ? 1 : c == 's' ? 2 : c == 'S' ? 3 : 0;
  return count;
}

void infer(const BasicIndex& r, Specs in, Spec* out) {
  const Shape& from = in[0].shape;
  check<IndexError>(values_of(r.pattern) == r.values.size(), "index: the pattern '", r.pattern, "' takes ",
                    values_of(r.pattern), " values, not ", r.values);
  check<IndexError>(indexed_dims(r.pattern) <= in[0].dim(), "index: too many indices for tensor of dimension ",
                    in[0].dim());
  out->dtype = in[0].dtype;
  out->shape.clear();
  for_each_part(r.pattern, r.values, static_cast<int>(from.size()), [&](const IndexPart& part) {
    if (part.kind == 'n') return out->shape.push_back(1);
    const Dim size = from[static_cast<size_t>(part.dim)];
    if (part.kind == 'i') {
      check<IndexError>(is_inside("index", part.start, size), "index: index ", part.start,
                        " is out of bounds for dimension ", part.dim, " with size ", size);
      return;
    }
    check<ValueError>(part.step > 0, "index: slice step must be positive, but is ", part.step, "; flip() reverses");
    out->shape.push_back(slice_part(part.start, part.stop, part.step, size).length);
  });
}
void alias(const BasicIndex& r, const Layout& in, Layout& out) {
  Dim sizes[kMaxKernelDims];
  out.offset = in.offset;
  out.strides.resize(out.shape.size());
  basic_index_layout(r.pattern, r.values, static_cast<int>(in.shape.size()), in.shape.data(), in.strides.data(), sizes,
                     out.strides.data(), &out.offset);
}
void infer(const BasicIndexBackward& r, Specs in, Spec* out) {
  Spec part;
  out->dtype = in[0].dtype;
  out->shape = r.sizes;
  const Spec* const whole[] = {out};
  infer(BasicIndex{{}, r.pattern, r.values}, Specs(whole, 1), &part);
  check<ShapeError>(part.shape == in[0].shape, "_basic_index_backward: the index takes ", part.shape, " of ", r.sizes,
                    ", but the input is ", in[0]);
}

// The length of a diagonal: how far it runs before it leaves the matrix on either side.
static Dim diagonal_length(Dim rows, Dim columns, int64_t offset) {
  if (rows.is_symbolic() || columns.is_symbolic())
    return max(offset >= 0 ? min(rows, columns - offset) : min(rows + offset, columns), 0);
  const int64_t n =
      offset >= 0 ? std::min(rows.raw(), columns.raw() - offset) : std::min(rows.raw() + offset, columns.raw());
  return std::max<int64_t>(n, 0);
}
static void erase_pair(auto& values, size_t a, size_t b) {
  values.erase(values.begin() + std::max(a, b));
  values.erase(values.begin() + std::min(a, b));
}
void infer(const Diagonal& r, Specs in, Spec* out) {
  start_from(in[0], out);
  const size_t a = wrap("diagonal", r.dim1, in[0]), b = wrap("diagonal", r.dim2, in[0]);
  check<ShapeError>(a != b, "diagonal: diagonal dimensions cannot be identical ", r.dim1, ", ", r.dim2);
  const Dim length = diagonal_length(out->shape[a], out->shape[b], r.offset);
  erase_pair(out->shape, a, b);
  out->shape.push_back(length);
}
void alias(const Diagonal& r, const Layout& in, Layout& out) {
  keep(in, out);
  const size_t a = wrap(r.dim1, in.shape.size()), b = wrap(r.dim2, in.shape.size());
  if (!(out.shape.back() == Dim(0))) out.offset += r.offset >= 0 ? r.offset * in.strides[b] : -r.offset * in.strides[a];
  const Dim stride = in.strides[a] + in.strides[b];
  erase_pair(out.strides, a, b);
  out.strides.push_back(stride);
}

void infer(const Unfold& r, Specs in, Spec* out) {
  start_from(in[0], out);
  const size_t dim = wrap("unfold", r.dimension, in[0]);
  const Dim size = in[0].dim() == 0 ? Dim(1) : in[0].shape[dim];
  check<ShapeError>(r.step > 0, "unfold: step is ", r.step, " but must be > 0");
  check<ShapeError>(r.size >= 0, "unfold: size is ", r.size, " but must be >= 0");
  check<ShapeError>(require_at_least("unfold", size, r.size), "unfold: maximum size for tensor at dimension ", dim,
                    " is ", size, " but size is ", r.size);
  if (in[0].dim() > 0) out->shape[dim] = (size - Dim(r.size)) / Dim(r.step) + Dim(1);
  out->shape.push_back(r.size);
}
void alias(const Unfold& r, const Layout& in, Layout& out) {
  keep(in, out);
  if (in.shape.empty()) return out.strides.push_back(1);
  const size_t dim = wrap(r.dimension, in.shape.size());
  const Dim stride = out.strides[dim];
  out.strides[dim] = stepped(stride, r.step);
  out.strides.push_back(stride);
}

// One past the last element that strides reach; 0 when there is none. Symbolic sizes count as at least 1.
static Dim strided_end(const char* op, const Dims& sizes, const Dims& strides, Dim offset) {
  check<ShapeError>(sizes.size() == strides.size(), op, ": mismatch in length of strides and shape: size ", sizes,
                    ", stride ", strides);
  check<ValueError>(require_at_least(op, offset, 0), op, ": invalid storage offset ", offset);
  const auto unknown = [](Dim d) { return d.is_symbolic(); };
  const bool symbolic = unknown(offset) || std::any_of(sizes.begin(), sizes.end(), unknown) ||
                        std::any_of(strides.begin(), strides.end(), unknown);
  Dim last = offset;
  bool any = true, fits = true;
  for (size_t i = 0; i < sizes.size(); ++i) {
    check<ShapeError>(require_at_least(op, sizes[i], 0) && require_at_least(op, strides[i], 0), op,
                      ": Negative sizes and strides are not supported, got size ", sizes, " stride ", strides);
    any &= !(sizes[i] == Dim(0));
    if (!any) continue;
    if (symbolic) {
      last += (sizes[i] - 1) * strides[i];
      continue;
    }
    int64_t reach = 0, sum = 0;
    fits &= !__builtin_mul_overflow(sizes[i].raw() - 1, strides[i].raw(), &reach) &&
            !__builtin_add_overflow(last.raw(), reach, &sum);
    last = fits ? sum : 0;
  }
  if (!any) return 0;
  check<ShapeError>(fits && !(last == Dim(INT64_MAX)), op, ": size ", sizes, " with stride ", strides,
                    " spans more elements than fit in 64 bits");
  return last + 1;
}

// Reading outside the storage must not be possible, so the geometry is checked against it here. A trace has no
// storage yet: its planner knows how much there will be.
Tensor decompose(const AsStrided& r, const Tensor& input) {
  const Dim offset = r.storage_offset ? Dim(*r.storage_offset) : input.impl()->offset;
  const Dim end = strided_end("as_strided", r.size, r.stride, offset);
  const int64_t have =
      input.impl()->storage ? static_cast<int64_t>(input.impl()->storage->bytes) / input.element_size() : 0;
  check<ShapeError>(end.is_symbolic() || end.raw() <= have, "as_strided: setStorage: sizes ", r.size, ", strides ",
                    r.stride, ", storage offset ", offset, " reach to element ", end, ", out of bounds for storage of ",
                    have, " elements");
  return _as_strided(input, r.size, r.stride, offset);
}
void infer(const AsStridedUnchecked& r, Specs in, Spec* out) {
  strided_end("_as_strided", r.size, r.stride, r.storage_offset);
  out->dtype = in[0].dtype;
  out->shape = r.size;
}
void alias(const AsStridedUnchecked& r, const Layout&, Layout& out) {
  check_countable(out.shape);
  out.strides = r.stride;
  out.offset = r.storage_offset;
}
void infer(const AsStridedBackward& r, Specs in, Spec* out) {
  const Dim end = strided_end("_as_strided_backward", in[0].shape, r.stride, r.storage_offset);
  check_countable(r.sizes);
  Dim have = 1;
  for (Dim d : r.sizes) have *= d;
  check<ShapeError>(require_at_least("_as_strided_backward", have, end), "_as_strided_backward: stride ", r.stride,
                    " and offset ", r.storage_offset, " reach to element ", end, " of a result of ", r.sizes,
                    "; input is ", in[0]);
  out->dtype = in[0].dtype;
  out->shape = r.sizes;
}

// ---- complex numbers as pairs ----

void infer(const ViewAsReal&, Specs in, Spec* out) {
  check<DTypeError>(is_complex(in[0].dtype),
                    "view_as_real: view_as_real is only supported for complex tensors, and the input is ", in[0]);
  start_from(in[0], out);
  out->dtype = info(in[0].dtype).real;
  out->shape.push_back(2);
}
void alias(const ViewAsReal&, const Layout& in, Layout& out) {
  for (Dim stride : in.strides) out.strides.push_back(2 * stride);
  out.strides.push_back(1);
  out.offset = 2 * in.offset;
}

void infer(const ViewAsComplex&, Specs in, Spec* out) {
  check<DTypeError>(
      in[0].dtype == DType::Float32 || in[0].dtype == DType::Float64,
      "view_as_complex: view_as_complex is only supported for float and double tensors, but got a tensor of ", in[0]);
  check<ShapeError>(in[0].dim() > 0 && in[0].shape.back() == Dim(2),
                    "view_as_complex: Tensor must have a last dimension of size 2, and the input is ", in[0]);
  start_from(in[0], out);
  out->dtype = in[0].dtype == DType::Float32 ? DType::Complex64 : DType::Complex128;
  out->shape.pop_back();
}
void alias(const ViewAsComplex&, const Layout& in, Layout& out) {
  bool even = in.strides.back() == Dim(1) && require_divisible("view_as_complex", in.offset, 2);
  for (size_t i = 0; i < out.shape.size(); ++i) {
    even = even && (out.shape[i] == Dim(1) || require_divisible("view_as_complex", in.strides[i], 2));
    out.strides.push_back(in.strides[i] / 2);
  }
  check<ShapeError>(even,
                    "view_as_complex: Tensor must have a last dimension with stride 1, and all other strides and the "
                    "offset divisible by 2; use .contiguous() first");
  out.offset = in.offset / 2;
}

// ---- lists of views ----

std::vector<Tensor> decompose(const Unbind& r, const Tensor& input) {
  check<IndexError>(input.dim() > 0, "unbind: Dimension specified as ", r.dim, " but tensor has no dimensions");
  const int64_t dim = wrap_dim("unbind", r.dim, input.dim()), n = input.size(dim);
  std::vector<Tensor> out;
  out.reserve(static_cast<size_t>(n));
  for (int64_t i = 0; i < n; ++i) out.push_back(select(input, dim, i));
  return out;
}

// A list longer than memory is refused before it is begun.
static void check_pieces(const char* op, int64_t pieces) {
  check<MemoryError>(pieces < int64_t{1} << 32, op, ": ", pieces, " tensors do not fit into memory");
}

// Pieces of `step` elements; the last may be shorter. At least one.
static std::vector<Tensor> split_evenly(const Tensor& input, int64_t dim, int64_t step) {
  const int64_t n = input.size(dim);
  std::vector<Tensor> out;
  int64_t start = 0;
  do {
    out.push_back(narrow(input, dim, start, std::min(step, n - start)));
    start += step;
  } while (start < n);
  return out;
}

std::vector<Tensor> decompose(const SplitSize& r, const Tensor& input) {
  check<ShapeError>(input.dim() > 0, "split: split expects at least a 1-dimensional tensor");
  const int64_t dim = wrap_dim("split", r.dim, input.dim());
  check<ShapeError>(r.split_size_or_sections > 0 || (r.split_size_or_sections == 0 && input.size(dim) == 0),
                    "split: split_size can only be 0 if dimension size is 0, but got dimension size of ",
                    input.size(dim), " and split_size ", r.split_size_or_sections);
  return split_evenly(input, dim, std::max<int64_t>(r.split_size_or_sections, 1));
}

std::vector<Tensor> decompose(const SplitSections& r, const Tensor& input) {
  check<ShapeError>(input.dim() > 0, "split: split expects at least a 1-dimensional tensor");
  const int64_t dim = wrap_dim("split", r.dim, input.dim());
  Dim total = 0;
  bool negative = false;
  for (Dim d : r.split_size_or_sections) {
    total = total + d;
    negative |= !d.is_symbolic() && d.raw() < 0;
  }
  check<ShapeError>(!negative && require_equal("split", total, input.shape()[static_cast<size_t>(dim)]),
                    "split: split_with_sizes expects split_sizes to sum exactly to ",
                    input.shape()[static_cast<size_t>(dim)], " (input tensor's size at dimension ", dim,
                    "), but got split_sizes=", r.split_size_or_sections);
  std::vector<Tensor> out;
  Dim start = 0;
  for (Dim d : r.split_size_or_sections) {
    out.push_back(narrow(input, dim, start, d));
    start = start + d;
  }
  return out;
}

std::vector<Tensor> decompose(const Chunk& r, const Tensor& input) {
  check<ShapeError>(input.dim() > 0, "chunk: chunk expects at least a 1-dimensional tensor");
  check<ValueError>(r.chunks > 0, "chunk: chunk expects `chunks` to be greater than 0, got: ", r.chunks);
  const int64_t dim = wrap_dim("chunk", r.dim, input.dim()), n = input.size(dim);
  if (n > 0) {
    const int64_t pieces = std::min(r.chunks, n);
    return split_evenly(input, dim, (n + pieces - 1) / pieces);
  }
  check_pieces("chunk", r.chunks);
  std::vector<Tensor> out;
  for (int64_t i = 0; i < r.chunks; ++i) out.push_back(narrow(input, dim, 0, 0));
  return out;
}

std::vector<Tensor> decompose(const TensorSplit& r, const Tensor& input) {
  check<ShapeError>(
      input.dim() > 0,
      "tensor_split: tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims");
  check<ValueError>(r.indices_or_sections > 0, "tensor_split: number of sections must be larger than 0, got ",
                    r.indices_or_sections);
  check_pieces("tensor_split", r.indices_or_sections);
  const int64_t dim = wrap_dim("tensor_split", r.dim, input.dim()), n = input.size(dim),
                each = n / r.indices_or_sections, longer = n % r.indices_or_sections;
  std::vector<Tensor> out;
  int64_t start = 0;
  for (int64_t i = 0; i < r.indices_or_sections; ++i) {
    const int64_t length = each + (i < longer ? 1 : 0);
    out.push_back(narrow(input, dim, start, length));
    start += length;
  }
  return out;
}

std::vector<Tensor> decompose(const TensorSplitAt& r, const Tensor& input) {
  check<ShapeError>(
      input.dim() > 0,
      "tensor_split: tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims");
  const int64_t dim = wrap_dim("tensor_split", r.dim, input.dim());
  std::vector<Tensor> out;
  Dim start = 0;
  for (Dim at : r.indices_or_sections) {
    out.push_back(input.slice(dim, start, at));
    start = at;
  }
  out.push_back(input.slice(dim, start));
  return out;
}

namespace {
template <class... R>
void add_decompositions(Registry& registry) {
  (registry.add_decomposition<R>(), ...);
}
}  // namespace

void register_views(Registry& registry) {
  ViewRecords::add_to(registry);
  add_decompositions<Reshape, ReshapeLike, ViewLike, Flatten, Ravel, Unflatten, TransposeMatrix, Movedim, Moveaxis,
                     Swapaxes, Swapdims, ExpandLike, BroadcastTo, AsStrided, Unbind, SplitSize, SplitSections, Chunk,
                     TensorSplit, TensorSplitAt>(registry);
}

}  // namespace tenon::inline v0
