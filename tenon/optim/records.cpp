#include <tenon/optim/records.h>

namespace tenon::inline v0 {
namespace {

// Lists of one length, each parameter alike with its gradient and states, and one step count for each.
void check_lists(const char* op, Specs in, int lists, int scalars) {
  const int n = in.size() / (lists + scalars);
  check<InternalError>(in.size() == n * (lists + scalars), op, ": lists differ in length");
  for (int i = 0; i < n; ++i) {
    check<DTypeError>(is_floating(in[i].dtype), op, ": parameter ", i, " is ", in[i],
                      "; this optimizer needs floating parameters");
    for (int list = 1; list < lists; ++list) {
      const Spec& other = in[list * n + i];
      check<ShapeError>(other.shape == in[i].shape, op, ": parameter ", i, " is ", in[i], ", its ",
                        list == 1 ? "gradient" : "state", " is ", other);
      check<DTypeError>(list != 1 || other.dtype == in[i].dtype, op, ": parameter ", i, " is ", in[i],
                        ", its gradient is ", other);
      check<DTypeError>(is_floating(other.dtype), op, ": the state of parameter ", i, " must be floating, and is ",
                        other);
    }
    for (int k = 0; k < scalars; ++k) {
      const Spec& step = in[(lists + k) * n + i];
      check<ShapeError>(step.shape.size() == 0, op, ": the step of parameter ", i, " must be a scalar, and is ", step);
      check<DTypeError>(is_floating(step.dtype), op, ": the step of parameter ", i, " must be floating, and is ", step);
    }
  }
}

}  // namespace

void infer(const SgdStep& r, Specs in, Spec*) { check_lists("SGD", in, r.momentum != 0 ? 3 : 2, 0); }
void infer(const AdamStep& r, Specs in, Spec*) { check_lists("Adam", in, r.amsgrad ? 5 : 4, 1); }

void register_optimizer_ops(Registry& registry) {
  registry.add<SgdStep>();
  registry.add<AdamStep>();
}

}  // namespace tenon::inline v0
