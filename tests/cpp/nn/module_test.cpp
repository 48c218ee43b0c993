// Modules in C++: tables and slots, state dicts, handles that replace one another, hooks, texts.
#include <gtest/gtest.h>
#include <tenon/tenon.h>

namespace {

using namespace tenon;

std::vector<double> values(const Tensor& t) {
  const Tensor flat = t.detach().to(DType::Float64).contiguous();
  return {flat.data<double>(), flat.data<double>() + flat.numel()};
}
Tensor full_of(const Shape& shape, double value) {
  Tensor out = Tensor::empty(shape, DType::Float32);
  out.fill_(value);
  return out;
}
template <class E, class F>
std::string error_of(F&& f) {
  try {
    f();
  } catch (const E& error) {
    return error.what();
  }
  return "no error";
}

struct Net : nn::Module {
  nn::Linear first{3, 4};
  nn::BatchNorm1d norm{4};
  nn::Linear last{4, 2, {.bias = false}};
  Tensor scale;
  Net() {
    register_modules({{"first", first}, {"norm", norm}, {"last", last}});
    scale = register_parameter("scale", nn::Parameter(full_of({1}, 2)));
    register_buffer("hidden", full_of({1}, 0), false);
  }
  Tensor forward(Tensor x) override { return last(relu(norm(first(x)))) * scale; }
};

TEST(Module, NamesInDefinitionOrder) {
  Net net;
  std::vector<std::string> names;
  for (const auto& [name, p] : net.named_parameters()) names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"scale", "first.weight", "first.bias", "norm.weight", "norm.bias",
                                             "last.weight"}));
  names.clear();
  for (const auto& [name, m] : net.named_modules()) names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"", "first", "norm", "last"}));
  EXPECT_EQ(&net.get_submodule("norm"), &*net.norm);
  EXPECT_NE(error_of<KeyError>([&] { net.get_submodule("norm.x"); }).find("no submodule 'x'"), std::string::npos);
  EXPECT_TRUE(net.get_parameter("last.weight").is_same(net.last->weight));
}

TEST(Module, StateDictRoundTrip) {
  Net a, b;
  const StateDict state = a.state_dict();
  std::vector<std::string> names;
  for (const auto& [name, value] : state) names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"scale", "first.weight", "first.bias", "norm.weight", "norm.bias",
                                             "norm.running_mean", "norm.running_var", "norm.num_batches_tracked",
                                             "last.weight"}));
  const nn::IncompatibleKeys keys = b.load_state_dict(state);
  EXPECT_TRUE(keys.missing_keys.empty() && keys.unexpected_keys.empty());
  for (const auto& [name, value] : b.state_dict()) EXPECT_EQ(values(value), values(state.at(name))) << name;
  a.eval();
  b.eval();
  const Tensor x = full_of({2, 3}, 1);
  EXPECT_EQ(values(a(x)), values(b(x)));
  // The state shares the module's data.
  state.at("scale").fill_(5);
  EXPECT_EQ(values(a.scale), std::vector<double>{5});
}

TEST(Module, ManyNamesAreSavedAndLoaded) {
  nn::Sequential net;
  for (int i = 0; i < 10000; ++i) net->append(nn::LayerNorm(1));
  StateDict state = net.state_dict();
  ASSERT_EQ(state.size(), 20000u);
  state.at("9999.bias").fill_(3);
  nn::Sequential other;
  for (int i = 0; i < 10000; ++i) other->append(nn::LayerNorm(1));
  other.load_state_dict(state);
  EXPECT_EQ(values(other.state_dict().at("9999.bias")), std::vector<double>{3});
}

TEST(Module, LoadErrorsListEverythingAndWriteNothing) {
  Net net;
  StateDict state;
  for (const auto& [name, value] : Net().state_dict()) {
    if (name != "first.bias") state.set(name, value);
  }
  state.set("extra", full_of({1}, 0));
  state.set("scale", full_of({1}, 9));
  const std::string text = error_of<KeyError>([&] { net.load_state_dict(state); });
  EXPECT_NE(text.find("Error(s) in loading state_dict for Net:"), std::string::npos) << text;
  EXPECT_NE(text.find("Missing key(s) in state_dict: \"first.bias\""), std::string::npos) << text;
  EXPECT_NE(text.find("Unexpected key(s) in state_dict: \"extra\""), std::string::npos) << text;
  EXPECT_EQ(values(net.scale), std::vector<double>{2});
  const nn::IncompatibleKeys keys = net.load_state_dict(state, false);
  EXPECT_EQ(keys.missing_keys, std::vector<std::string>{"first.bias"});
  EXPECT_EQ(keys.unexpected_keys, std::vector<std::string>{"extra"});
  EXPECT_EQ(values(net.scale), std::vector<double>{9});
  state.set("last.weight", full_of({4, 2}, 0));
  state.set("scale", full_of({1}, 1));
  const std::string sizes = error_of<ShapeError>([&] { net.load_state_dict(state, false); });
  EXPECT_NE(sizes.find("size mismatch for last.weight"), std::string::npos) << sizes;
  EXPECT_EQ(values(net.scale), std::vector<double>{9});
}

TEST(Module, HandlesShareAndReplace) {
  nn::Linear a(2, 2), b = a;
  b->weight = nn::Parameter(full_of({2, 2}, 1));
  EXPECT_TRUE(a->weight.get().is_same(b->weight));
  EXPECT_EQ(a->weight->grad().defined(), false);

  Net net;
  nn::Linear other(3, 4);
  net.register_module("first", other.ref());
  EXPECT_EQ(&*net.first, &*other);  // the member follows the table
  net.register_module("first", nn::Identity().ref());
  EXPECT_NE(error_of<TypeError>([&] { (void)net.first->in_features; }).find("holds a Identity"), std::string::npos);
}

TEST(Module, SlotsAreTheTable) {
  nn::Linear layer(2, 1);
  const Tensor x = full_of({1, 2}, 1);
  layer->weight = nn::Parameter(full_of({1, 2}, 3));
  layer->bias = Tensor();
  EXPECT_EQ(values(layer(x)), std::vector<double>{6});
  EXPECT_EQ(layer.parameters().size(), 1u);
  // Another tensor under the name, as a functional call puts it there.
  layer->parameter_table().set("weight", full_of({1, 2}, 4));
  EXPECT_EQ(values(layer(x)), std::vector<double>{8});
  layer->parameter_table().erase("weight");
  EXPECT_NE(error_of<KeyError>([&] { layer(x); }).find("'weight' was never set or was deleted"), std::string::npos);
  layer->weight = nn::Parameter(full_of({1, 2}, 5));
  EXPECT_EQ(values(layer(x)), std::vector<double>{10});
}

TEST(Module, TiedWeightsCountOnce) {
  nn::Linear a(2, 2), b(2, 2);
  b->weight = a->weight.get();
  nn::Sequential net(a, b);
  EXPECT_EQ(net.parameters().size(), 3u);
  EXPECT_EQ(net.state_dict().size(), 4u);
}

TEST(Module, HooksChangeInputsAndOutputs) {
  nn::Identity layer;
  int calls = 0;
  HookHandle before = layer.register_forward_pre_hook(
      [&](nn::Module&, const Tensor& x) -> std::optional<Tensor> { return ++calls, x + 1; });
  HookHandle after = layer.register_forward_hook(
      [&](nn::Module&, const Tensor&, const Tensor& y) -> std::optional<Tensor> { return y * 10; });
  EXPECT_EQ(values(layer(full_of({1}, 1))), std::vector<double>{20});
  before.remove();
  EXPECT_EQ(values(layer(full_of({1}, 1))), std::vector<double>{10});
  after.remove();
  EXPECT_EQ(values(nn::Sequential(layer)(full_of({1}, 1))), std::vector<double>{1});
  EXPECT_EQ(calls, 1);
}

TEST(Module, ModesAndDtypes) {
  Net net;
  net.eval();
  EXPECT_FALSE(net.norm.is_training());
  net.train();
  EXPECT_TRUE(net.norm.is_training());
  const Tensor weight = net.first->weight;
  net.to(DType::Float64);
  EXPECT_EQ(weight.dtype(), DType::Float64);  // the same tensor with other contents
  EXPECT_TRUE(weight.is_same(net.first->weight));
  EXPECT_EQ(net.norm->num_batches_tracked->dtype(), DType::Int64);
  EXPECT_NE(error_of<DTypeError>([&] { net.to(DType::Int32); }).find("floating point"), std::string::npos);
  net(full_of({4, 3}, 1).to(DType::Float64)).sum().backward();
  EXPECT_TRUE(weight.grad().defined());
  net.zero_grad();
  EXPECT_FALSE(weight.grad().defined());
  net.requires_grad_(false);
  EXPECT_FALSE(weight.requires_grad());
}

TEST(Module, TextsAreThoseOfPython) {
  Net net;
  EXPECT_EQ(net.str(),
            "Net(\n"
            "  (first): Linear(in_features=3, out_features=4, bias=True)\n"
            "  (norm): BatchNorm1d(4, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)\n"
            "  (last): Linear(in_features=4, out_features=2, bias=False)\n"
            ")");
  nn::Sequential seq(nn::Conv2d(1, 4, 3, {.stride = 2, .padding = 1}), nn::ReLU(), nn::MaxPool2d(2), nn::Flatten(),
                     nn::Dropout(0.25), nn::GELU(), nn::LeakyReLU(0.2));
  EXPECT_EQ(seq.str(),
            "Sequential(\n"
            "  (0): Conv2d(1, 4, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1))\n"
            "  (1): ReLU()\n"
            "  (2): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)\n"
            "  (3): Flatten(start_dim=1, end_dim=-1)\n"
            "  (4): Dropout(p=0.25, inplace=False)\n"
            "  (5): GELU(approximate='none')\n"
            "  (6): LeakyReLU(negative_slope=0.2)\n"
            ")");
  EXPECT_EQ(nn::ModuleList(nn::ReLU(), nn::ReLU(), nn::Tanh()).str(),
            "ModuleList(\n  (0-1): 2 x ReLU()\n  (2): Tanh()\n)");
  EXPECT_EQ(nn::LayerNorm(3).str(), "LayerNorm((3,), eps=1e-05, elementwise_affine=True, bias=True)");
  EXPECT_EQ(nn::Embedding(5, 2, {.padding_idx = 1}).str(), "Embedding(5, 2, padding_idx=1)");
}

TEST(Module, MissingForward) {
  nn::ModuleList list{nn::ReLU()};
  EXPECT_NE(error_of<Error>([&] { list(full_of({1}, 1)); }).find("forward"), std::string::npos);
}

TEST(Module, NamesAreChecked) {
  Net net;
  EXPECT_NE(error_of<KeyError>([&] { net.register_parameter("a.b", {}); }).find("can't contain"), std::string::npos);
  EXPECT_NE(error_of<KeyError>([&] { net.register_buffer("", {}); }).find("empty string"), std::string::npos);
  Tensor x = nn::Parameter(full_of({1}, 1)) * 2;
  EXPECT_NE(error_of<ValueError>([&] { net.register_parameter("y", x); }).find("non-leaf"), std::string::npos);
}

}  // namespace
