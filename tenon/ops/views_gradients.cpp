// Gradients of the views. Those that show a part of their input go back through one primitive that puts
// the part into zeros; it works from the shape alone, so the input's own layout does not matter.
#include <tenon/core/door.h>
#include <tenon/core/gradients.h>
#include <tenon/core/rules.h>
#include <tenon/ops/functions.h>
#include <tenon/ops/register.h>
#include <tenon/ops/views.h>

namespace tenon::inline v0 {

static void gradient(const Alias&, Gradients& g) { g.set(0, g.grad()); }
static void gradient(const ViewShape&, Gradients& g) { g.set(0, reshape(g.grad(), g.input_spec(0).shape)); }
static void gradient(const ReshapeCopy&, Gradients& g) { g.set(0, reshape(g.grad(), g.input_spec(0).shape)); }
static void gradient(const Squeeze&, Gradients& g) { g.set(0, reshape(g.grad(), g.input_spec(0).shape)); }
static void gradient(const Unsqueeze& r, Gradients& g) { g.set(0, squeeze(g.grad(), DimsArg(r.dim))); }
static void gradient(const Expand&, Gradients& g) { g.set(0, g.grad()); }
static void gradient(const Transpose& r, Gradients& g) { g.set(0, transpose(g.grad(), r.dim0, r.dim1)); }

static void gradient(const Permute& r, Gradients& g) {
  const auto n = static_cast<int64_t>(r.dims.size());
  Dims back(r.dims.size());
  for (int64_t i = 0; i < n; ++i)
    back[static_cast<size_t>(wrap_dim("permute", r.dims[static_cast<size_t>(i)].value(), n))] = Dim(i);
  g.set(0, permute(g.grad(), back));
}

// The pattern of a component at dimension `dim`, all before it whole.
static std::string pattern_at(const char* op, int64_t dim, const Spec& spec, char kind) {
  return std::string(static_cast<size_t>(wrap_dim(op, dim, spec.dim())), ':') + kind;
}
static void gradient(const Select& r, Gradients& g) {
  const Spec& spec = g.input_spec(0);
  g.set(0, _basic_index_backward(g.grad(), spec.shape, pattern_at("select", r.dim, spec, 'i'), Dims{r.index}));
}
static void gradient(const Narrow& r, Gradients& g) {
  const Spec& spec = g.input_spec(0);
  // A negative start would make an end of 0 look absent.
  const Dim size = spec.shape[static_cast<size_t>(wrap_dim("narrow", r.dim, spec.dim()))];
  const Dim start = !r.start.is_symbolic() && r.start.raw() < 0 ? size + r.start : r.start;
  g.set(0, _basic_index_backward(g.grad(), spec.shape, pattern_at("narrow", r.dim, spec, 's'),
                                 Dims{start, start + r.length}));
}
static void gradient(const SliceAlong& r, Gradients& g) {
  const Spec& spec = g.input_spec(0);
  const Dims values{r.start, r.end, r.step};
  g.set(0, _basic_index_backward(g.grad(), spec.shape, pattern_at("slice", r.dim, spec, 'S'), values));
}
static void gradient(const BasicIndex& r, Gradients& g) {
  g.set(0, _basic_index_backward(g.grad(), g.input_spec(0).shape, r.pattern, r.values));
}
static void gradient(const BasicIndexBackward& r, Gradients& g) {
  g.set(0, _basic_index(g.grad(), r.pattern, r.values));
}

// A view as its strides on a row-major input say it.
template <class R>
static void strided_gradient(const R& r, Gradients& g) {
  const Shape& shape = g.input_spec(0).shape;
  Layout out{g.grad().shape(), {}, 0};
  alias(r, Layout{shape, contiguous_strides(shape), 0}, out);
  g.set(0, _as_strided_backward(g.grad(), shape, out.strides, out.offset));
}
static void gradient(const Diagonal& r, Gradients& g) { strided_gradient(r, g); }
static void gradient(const Unfold& r, Gradients& g) { strided_gradient(r, g); }

// The result and the input are two windows on one storage: through a row-major buffer from one to the other.
static void gradient(const AsStridedUnchecked& r, Gradients& g) {
  const Layout x = g.input_layout(0);
  const Layout view{r.size, r.stride, r.storage_offset};
  const Stretch both = enclosing(x, view);
  const Tensor buffer = _as_strided_backward(g.grad(), Dims{both.extent}, r.stride, r.storage_offset - both.offset);
  g.set(0, _as_strided(buffer, x.shape, x.strides, x.offset - both.offset));
}
static void gradient(const AsStridedBackward& r, Gradients& g) {
  const Tensor plain = g.grad().is_contiguous() ? g.grad() : _reshape_copy(g.grad(), r.sizes);
  g.set(0, _as_strided(plain, g.input_spec(0).shape, r.stride, plain.impl()->offset + r.storage_offset));
}

static void gradient(const ViewAsReal&, Gradients& g) {
  const Tensor plain = g.grad().is_contiguous() ? g.grad() : _reshape_copy(g.grad(), g.grad().shape());
  g.set(0, view_as_complex(plain));
}
static void gradient(const ViewAsComplex&, Gradients& g) { g.set(0, view_as_real(g.grad())); }

namespace {
template <class... R>
void add_gradients(Registry& registry) {
  (registry.add_gradient<R>(0), ...);
}
}  // namespace

void register_views_gradients(Registry& registry) {
  add_gradients<Alias, ViewShape, ReshapeCopy, Squeeze, Unsqueeze, Expand, Transpose, Permute, Select, Narrow,
                SliceAlong, BasicIndex, BasicIndexBackward, Diagonal, Unfold, AsStridedBackward, ViewAsReal,
                ViewAsComplex>(registry);
  registry.add_gradient<AsStridedUnchecked>(save_input(0));
}

}  // namespace tenon::inline v0
