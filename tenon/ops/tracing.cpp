#include <tenon/ops/tracing.h>

#include <tenon/core/door.h>
#include <tenon/core/gradients.h>
#include <tenon/core/rules.h>
#include <tenon/ops/functions.h>
#include <tenon/ops/views.h>

namespace tenon::inline v0 {

static void same_type_as(const Spec& in, Spec* out) {
  out->shape = in.shape;
  out->dtype = in.dtype;
}

void infer(const BasicIndexScatter& r, Specs in, Spec* out) {
  Spec part;
  infer(BasicIndex{{}, r.pattern, r.values}, in, &part);
  check<ShapeError>(part.shape == in[1].shape && in[0].dtype == in[1].dtype, "_basic_index_scatter: the index takes ",
                    part, " of the input, but the source is ", in[1]);
  same_type_as(in[0], out);
}

void infer(const AsStridedScatter& r, Specs in, Spec* out) {
  AsStridedUnchecked view;
  view.size = in[1].shape;
  view.stride = r.stride;
  view.storage_offset = r.storage_offset;
  Spec part;
  infer(view, in, &part);
  check<ShapeError>(in[0].dtype == in[1].dtype, "_as_strided_scatter: the input is ", in[0], ", the source ", in[1]);
  // Where all is known: what the strides reach lies inside.
  Dim end = r.storage_offset + 1, have = 1;
  for (size_t i = 0; i < view.size.size(); ++i) end += (view.size[i] - 1) * r.stride[i];
  for (Dim d : in[0].shape) have *= d;
  check<ShapeError>(end.is_symbolic() || have.is_symbolic() || end.raw() <= have.raw(), "_as_strided_scatter: stride ",
                    r.stride, " and offset ", r.storage_offset, " reach to element ", end, " of the input ", in[0]);
  same_type_as(in[0], out);
}

void infer(const SizeNumber&, Specs, Spec* out) {
  out->shape = {};
  out->dtype = DType::Int64;
}
void infer(const ArangeSize& r, Specs, Spec* out) {
  check<ValueError>(r.end.is_symbolic() || r.end.value() >= 0, "arange: a size is negative: ", r.end);
  out->shape = {r.end};
  out->dtype = r.dtype.value_or(DType::Int64);
  out->device = r.device.value_or(Device{});
}

static void gradient(const BasicIndexScatter& r, Gradients& g) {
  if (g.needs(0)) {
    const Tensor nothing = zeros(g.input_spec(1).shape, g.grad().dtype(), g.grad().device());
    g.set(0, apply(r, g.grad(), nothing));
  }
  if (g.needs(1)) g.set(1, _basic_index(g.grad(), r.pattern, r.values));
}
static void gradient(const AsStridedScatter& r, Gradients& g) {
  const Tensor plain = g.grad().is_contiguous() ? g.grad() : _reshape_copy(g.grad(), g.grad().shape());
  const Shape& part = g.input_spec(1).shape;
  if (g.needs(0)) {
    const Tensor nothing = zeros(part, plain.dtype(), plain.device());
    g.set(0, apply(r, plain, nothing));
  }
  if (g.needs(1)) g.set(1, _as_strided(plain, part, r.stride, plain.storage_offset() + r.storage_offset));
}

void register_tracing(Registry& registry) { TracingRecords::add_to(registry); }

void register_tracing_gradients(Registry& registry) {
  registry.add_gradient<BasicIndexScatter>(0);
  registry.add_gradient<AsStridedScatter>(0);
}

}  // namespace tenon::inline v0
