// An op in somebody's own library: record, rule, gradient and kernel, registered when the library is loaded.
#include <tenon/core/door.h>
#include <tenon/core/gradients.h>
#include <tenon/ops/operators.h>

struct Cubed {
  tenon::Scalar scale = 1;
  static constexpr auto name = "cubed";
  static constexpr auto doc = "scale * input^3";
  static constexpr auto parameters =
      std::tuple(tenon::input("input"), tenon::attribute("scale", &Cubed::scale).keyword());
  static constexpr uint32_t traits = tenon::kElementwise;
  static constexpr uint8_t forms = tenon::kFunction | tenon::kInplace | tenon::kOut;
};

static void infer(const Cubed&, tenon::Specs in, tenon::Spec* out) {
  tenon::check<tenon::DTypeError>(in[0].dtype == tenon::DType::Float32, "cubed: input must be float32, not ",
                                  in[0].dtype);
  out->shape = in[0].shape;
  out->dtype = in[0].dtype;
}

static void gradient(const Cubed& r, tenon::Gradients& g) {
  const tenon::Tensor x = g.input(0);
  g.set(0, g.grad() * x * x * tenon::Tensor(tenon::Scalar(3 * r.scale.to_double())));
}

static void cubed(const Cubed& r, tenon::ConstViews in, tenon::Views out, tenon::Context& context) {
  if (!in[0].contiguous || !out[0].contiguous) {
    context.errors.report(tenon::ErrorSink::Code::Unsupported, "input must be contiguous");
    return;
  }
  const float* x = in[0].as<const float>();
  float* y = out[0].as<float>();
  const auto scale = static_cast<float>(r.scale.to_double());
  for (int64_t i = 0, n = in[0].numel(); i < n; ++i) y[i] = scale * x[i] * x[i] * x[i];
}

static void register_ops(tenon::Registry& registry) {
  registry.add<Cubed>();
  registry.add_gradient<Cubed>(tenon::save_input(0));
  registry.add_kernel<Cubed, &cubed>();
}

TENON_LIBRARY("cubed", register_ops)
