// An op in somebody's own library, as docs/add-an-op.md has it: record, rule, gradient and kernel.
#include <tenon/tenon.h>

namespace tn = tenon;

// scale * input^3
struct Cubed {
  double scale = 1;
  static constexpr auto name = "cubed";
  static constexpr auto doc = "scale * input^3";
  static constexpr auto parameters = std::tuple(tn::input("input"), tn::attribute("scale", &Cubed::scale).keyword());
  static constexpr uint32_t traits = tn::kElementwise;
  static constexpr uint8_t forms = tn::kFunction | tn::kInplace | tn::kOut;
};
void infer(const Cubed&, tn::Specs in, tn::Spec* out) {
  tn::check<tn::DTypeError>(in[0].dtype == tn::DType::Float32, "cubed: input is ", in[0],
                            ", and must be float32; convert it with .to(dtype)");
  out->shape = in[0].shape;
  out->dtype = in[0].dtype;
}
void gradient(const Cubed& r, tn::Gradients& g) { g.set(0, g.grad() * g.input(0).square() * (3 * r.scale)); }
static void cubed(const Cubed& r, tn::ConstViews in, tn::Views out, tn::Context&) {
  tn::View y = out[0];
  const float scale = static_cast<float>(r.scale);
  for (int64_t i = 0, n = y.numel(); i < n; ++i) {
    int64_t from = 0, to = 0, rest = i;  // any strides
    for (int d = y.ndim - 1; d >= 0; --d) {
      from += rest % y.sizes[d] * in[0].strides[d];
      to += rest % y.sizes[d] * y.strides[d];
      rest /= y.sizes[d];
    }
    const float x = in[0].as<const float>()[from];
    y.as<float>()[to] = scale * x * x * x;
  }
}

static void register_ops(tn::Registry& registry) {
  registry.add<Cubed>();
  registry.add_gradient<Cubed>(tn::save_input(0));
  registry.add_kernel<Cubed, &cubed>();
}

TENON_LIBRARY("cubed", register_ops)
