#include <tenon/ops/elementwise.h>

#include <tenon/core/rules.h>
#include <tenon/ops/register.h>

namespace tenon::inline v0 {

void infer_binary(const char* op, Specs in, Spec* out) {
  out->shape = broadcast_shapes(op, in);
  out->dtype = result_type(in);
}

void infer(const Add& r, Specs in, Spec* out) {
  infer_binary(Add::name, in, out);
  check<DTypeError>(r.alpha.kind() <= info(out->dtype).kind, "add: alpha=", r.alpha, " does not fit the result's dtype ", out->dtype, "; an integral result needs an integral alpha");
}

void infer(const Copy&, Specs in, Spec* out) {
  *out = in[0];
  out->weak = false;
  check<ShapeError>(broadcast_shapes(Copy::name, in) == in[0].shape, "copy_: src is ", to_text(in[1]), ", which does not broadcast to the shape of self, ", in[0].shape);
}

void register_elementwise(Registry& registry) { ElementwiseRecords::add_to(registry); }

}  // namespace tenon::inline v0
