// An op and a module in somebody's own library, as docs/add-an-op.md and docs/modules.md have them.
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

// A module of several inputs and results.
struct Attend : tn::nn::Module {
  TENON_FORWARD("query, key, value=None, *, mask=None, need_weights=True")
  explicit Attend(int64_t features, bool bias) : project(features, features, {.bias = bias}) {
    register_module("project", project);
  }
  std::tuple<tn::Tensor, tn::Tensor> forward(const tn::Tensor& query, const tn::Tensor& key, const tn::Tensor& value,
                                             const tn::Tensor& mask, bool need_weights) {
    tn::Tensor weights = tn::matmul(project(query), key.transpose(0, 1));
    if (mask.defined()) weights = weights + mask;
    weights = tn::softmax(weights, -1);
    return {tn::matmul(weights, value.defined() ? value : key), need_weights ? weights : tn::Tensor()};
  }
  std::string extra_repr() const override { return "a user's"; }
  tn::nn::Linear project;
};

// Its child is of a class that nothing registers.
struct Doubled : tn::nn::Module {
  struct Inner : tn::nn::Module {
    TENON_FORWARD("input, times=2")
    tn::Tensor forward(const tn::Tensor& input, double times) { return input * times; }
  };
  Doubled() { register_module("inner", inner); }
  tn::Tensor forward(tn::Tensor x) override { return inner(x); }
  tn::nn::Handle<Inner> inner;
};

static void register_ops(tn::Registry& registry) {
  tn::nn::add_class<Attend, int64_t, bool>("Attend", "features, bias=True");
  tn::nn::add_class<Doubled>("Doubled");
  registry.add<Cubed>();
  registry.add_gradient<Cubed>(tn::save_input(0));
  registry.add_kernel<Cubed, &cubed>();
}

TENON_LIBRARY("cubed", register_ops)
