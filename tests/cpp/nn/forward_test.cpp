// Modules of several arguments and results: typed calls, calls of values, hooks, other classes in a handle's place.
#include <gtest/gtest.h>
#include <tenon/tenon.h>

namespace {

using namespace tenon;

Tensor full_of(const Shape& shape, double value) {
  Tensor out = Tensor::empty(shape, DType::Float32);
  out.fill_(value);
  return out;
}
double number(const Tensor& t) { return t.detach().to(DType::Float64).scalar().to_double(); }
template <class E, class F>
std::string error_of(F&& f) {
  try {
    f();
  } catch (const E& error) {
    return error.what();
  }
  return "no error";
}
testing::AssertionResult says(const std::string& text, const std::string& part) {
  if (text.find(part) != text.npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << '"' << text << "\" lacks \"" << part << '"';
}

// key * scale added to the query, and the mask if there is one.
struct Attend : nn::Module {
  TENON_FORWARD("query, key, mask=None, *, scale=2.0, need_weights=True")
  std::tuple<Tensor, Tensor> forward(const Tensor& query, const Tensor& key, const Tensor& mask, double scale,
                                     bool need_weights) {
    Tensor weights = key * scale;
    if (mask.defined()) weights = weights + mask;
    return {query + weights, need_weights ? weights : Tensor()};
  }
};

using State = std::tuple<Tensor, Tensor>;
struct Recurrent : nn::Module {
  TENON_FORWARD("input, hx=None")
  std::tuple<Tensor, State> forward(const Tensor& input, const std::optional<State>& hx) {
    const State state = hx.value_or(State(full_of({}, 0), full_of({}, 0)));
    const Tensor h = input + std::get<0>(state);
    return {h, State(h, std::get<1>(state) + 1)};
  }
};

// Gives what Attend gives, for fewer arguments.
struct Half : nn::Module {
  TENON_FORWARD("query, key")
  std::pair<Tensor, std::optional<Tensor>> forward(const Tensor& q, const Tensor& k) { return {q * k, {}}; }
};

struct Add : nn::Module {
  TENON_FORWARD("pair")
  Tensor forward(const std::tuple<Tensor, State>& pair) { return std::get<0>(pair) + std::get<1>(std::get<1>(pair)); }
};

TEST(Forward, TypedCallsWithDefaults) {
  nn::Handle<Attend> attend;
  const Tensor q = full_of({}, 1), k = full_of({}, 10);
  auto [out, weights] = attend(q, k);
  EXPECT_EQ(number(out), 21);
  EXPECT_EQ(number(weights), 20);
  auto [masked, none] = attend(q, k, full_of({}, 100), 3, false);
  EXPECT_EQ(number(masked), 131);
  EXPECT_FALSE(none.defined());

  Recurrent recurrent;  // on the stack as well
  auto [h, state] = recurrent(q);
  auto [h2, state2] = recurrent(q, state);
  EXPECT_EQ(number(h2), 2);
  EXPECT_EQ(number(std::get<1>(state2)), 2);
  static_assert(std::is_same_v<decltype(recurrent(q)), std::tuple<Tensor, State>>);
}

TEST(Forward, CallsOfValues) {
  nn::Handle<Attend> attend;
  const Tensor q = full_of({}, 1), k = full_of({}, 10);
  const nn::AnyModule any = nn::AnyModule::share(&*attend);
  const nn::Value result =
      any.call(nn::Arguments(q, nn::named("need_weights", false), nn::named("key", k), nn::named("scale", 1)));
  EXPECT_EQ(number(result[0].tensor()), 11);
  EXPECT_TRUE(result[1].is_none());
  auto [out, weights] = result.to<std::tuple<Tensor, Tensor>>();
  EXPECT_EQ(number(out), 11);
  EXPECT_FALSE(weights.defined());
  // Modules of one tensor take them too.
  EXPECT_EQ(number(nn::Identity().call(nn::Arguments(nn::named("input", q))).tensor()), 1);
}

TEST(Forward, ErrorsAreThoseOfPython) {
  nn::Handle<Attend> attend;
  const Tensor q = full_of({}, 1);
  const auto error = [&](nn::Arguments a) { return error_of<TypeError>([&] { attend.call(std::move(a)); }); };
  EXPECT_TRUE(says(error(nn::Arguments(q)), "Attend.forward() missing required argument 'key'"));
  EXPECT_TRUE(says(error(nn::Arguments(q, q, q, 1.0)), "takes 3 positional arguments"));
  EXPECT_TRUE(says(error(nn::Arguments(q, q, nn::named("query", q))), "multiple values for argument 'query'"));
  EXPECT_TRUE(says(error(nn::Arguments(q, q, nn::named("maks", q))), "unexpected keyword argument 'maks'"));
  EXPECT_TRUE(says(error(nn::Arguments(q, "text")), "argument 'key' must be Tensor, not str"));
  EXPECT_TRUE(says(error(nn::Arguments(q, nn::Value())), "argument 'key' must be Tensor, not None"));
  EXPECT_TRUE(says(error(nn::Arguments(q, q, nn::named("need_weights", 1))), "'need_weights' must be bool, not int"));
  // A call for one tensor of a module that gives two.
  nn::Handle<Recurrent> recurrent;
  nn::Module& module = recurrent;
  EXPECT_TRUE(says(error_of<TypeError>([&] { (void)module(q); }), "the result is a tuple of 2"));
  EXPECT_TRUE(says(error_of<ValueError>([] { nn::Signature("a=1, b"); }), "b has no default and follows"));
  EXPECT_TRUE(says(error_of<ValueError>([] { nn::Signature("a=b"); }), "none of None, True"));
}

TEST(Forward, HooksOfAnyCall) {
  nn::Handle<Attend> attend;
  const Tensor q = full_of({}, 1), k = full_of({}, 10);
  std::vector<std::string> order;
  HookHandle before = attend.register_forward_pre_hook([&](nn::Module&, nn::Arguments& a) {
    order.push_back("first");
    a.add(nn::named("scale", 5.0));
  });
  attend.register_forward_pre_hook([&](nn::Module&, nn::Arguments&) { order.push_back("before it"); },
                                   {.prepend = true});
  HookHandle after = attend.register_forward_hook([&](nn::Module&, const nn::Arguments& a, nn::Value& out) {
    EXPECT_EQ(a.find("scale")->to<double>(), 5);
    out = nn::Value(std::tuple(out[1], out[0]));
  });
  auto [first, second] = attend(q, k);
  EXPECT_EQ(number(first), 50);
  EXPECT_EQ(number(second), 51);
  EXPECT_EQ(order, (std::vector<std::string>{"before it", "first"}));
  before.remove();
  after.remove();
  EXPECT_EQ(number(std::get<0>(attend(q, k, Tensor(), 1))), 11);  // an argument by keyword only, by position in C++
  attend.register_forward_hook([](nn::Module&, const nn::Arguments&, nn::Value& out) { out = 3; });
  EXPECT_TRUE(says(error_of<TypeError>([&] { attend(q, k); }), "the result must be tuple (Tensor, Tensor), not int"));
}

TEST(Forward, HooksOfOneTensor) {
  nn::Identity layer;
  const Tensor x = full_of({}, 1);
  int seen = 0;
  layer.register_forward_pre_hook([&](nn::Module&, const Tensor&) { ++seen; });
  layer.register_forward_hook([](nn::Module&, const Tensor&, const Tensor& y) { return y + 1; });
  layer.register_forward_hook([](nn::Module&, const Tensor&, const Tensor&) -> std::optional<Tensor> { return {}; });
  EXPECT_EQ(number(layer(x)), 2);
  EXPECT_EQ(seen, 1);
  nn::Handle<Attend> attend;
  attend.register_forward_pre_hook([](nn::Module&, const Tensor& t) { return t; });
  EXPECT_TRUE(says(error_of<TypeError>([&] { attend(x, x); }), "was called with 2 arguments; write it as"));
}

TEST(Forward, AlwaysCalledHooks) {
  struct Fails : nn::Module {
    Tensor forward(Tensor) override { fail<ValueError>("broken"); }
  };
  nn::Handle<Fails> module;
  int always = 0, otherwise = 0;
  module.register_forward_hook(
      [&](nn::Module&, const nn::Arguments&, nn::Value& out) {
        always += out.is_none();
        fail<KeyError>("the first error wins");
      },
      {.always_call = true});
  module.register_forward_hook([&](nn::Module&, const nn::Arguments&, nn::Value&) { ++otherwise; });
  EXPECT_EQ(error_of<ValueError>([&] { module(full_of({}, 1)); }), "broken");
  EXPECT_EQ(always, 1);
  EXPECT_EQ(otherwise, 0);
}

TEST(Forward, AnotherClassInAHandle) {
  nn::Handle<Attend> attend;
  nn::Handle<Half> half;
  attend.assign(&*half);
  auto [out, weights] = attend(full_of({}, 3), full_of({}, 4));
  EXPECT_EQ(number(out), 12);
  EXPECT_FALSE(weights.defined());
}

TEST(Forward, SequentialPassesTuplesOn) {
  nn::Sequential both{nn::Handle<Recurrent>(), nn::Handle<Add>(), nn::Identity()};
  EXPECT_EQ(number(both(full_of({}, 5))), 6);
  nn::Sequential one{nn::Handle<Recurrent>()};
  EXPECT_TRUE(says(error_of<TypeError>([&] { one(full_of({}, 5)); }), "must be Tensor, not tuple of 2"));
  EXPECT_EQ(one.call(nn::Arguments(full_of({}, 5))).items().size(), 2u);
  both.register_forward_hook([](nn::Module&, const Tensor&, const Tensor& y) { return y * 2; });
  EXPECT_EQ(number(both(full_of({}, 5))), 12);
}

TEST(Forward, LossesRunTheirHooks) {
  nn::MSELoss loss;
  loss.register_forward_hook([](nn::Module&, const nn::Arguments& a, nn::Value& out) {
    EXPECT_EQ(a.positional.size(), 2u);
    out = out.tensor() * 10;
  });
  EXPECT_EQ(number(loss(full_of({2}, 1), full_of({2}, 3))), 40);
}

TEST(Values, AreOrdinaryTypes) {
  using Kinds = std::tuple<bool, int, double, std::string, std::vector<int64_t>, std::map<std::string, Tensor>>;
  const nn::Value v(Kinds(true, 3, 0.5, "text", {1, 2}, {{"x", full_of({}, 7)}}));
  EXPECT_EQ(v[0].type_name(), "bool");
  EXPECT_EQ(v[5].type_name(), "dict");
  const auto back = v.to<Kinds>();
  EXPECT_EQ(std::get<3>(back), "text");
  EXPECT_EQ(std::get<4>(back), (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(number(std::get<5>(back).at("x")), 7);
  EXPECT_EQ(nn::Value(2).to<double>(), 2);
  EXPECT_TRUE(nn::Value(Tensor()).is_none());
  EXPECT_TRUE(nn::Value(std::optional<int>()).is_none());
  EXPECT_TRUE(says(error_of<TypeError>([] { nn::Value(2.5).to<int64_t>(); }), "must be int, not float"));
  EXPECT_TRUE(says(error_of<TypeError>([] { nn::Value(int64_t{1} << 40).to<int>(); }), "int of 32 bits"));
  EXPECT_TRUE(says(error_of<ValueError>([] { nn::Value(~uint64_t{0}); }), "does not fit"));
  EXPECT_TRUE(says(error_of<IndexError>([&] { (void)v[6]; }), "out of range"));
  EXPECT_EQ(nn::Signature("a, b='x, y', *, c=-2, d=1e-5").parameters()[3].otherwise.to<double>(), 1e-5);
  static_assert(nn::detail::count_parameters("a, b='x, y', *, c=-2, d=1e-5").all == 4);
  static_assert(nn::detail::count_parameters("").all == 0);
}

TEST(Classes, AreMadeByName) {
  struct Scaled : nn::Module {
    Scaled(double by, bool twice) : by(twice ? 2 * by : by) {}
    Tensor forward(Tensor x) override { return x * by; }
    double by;
  };
  nn::add_class<Scaled, double, bool>("ForwardTestScaled", "by, twice=False");
  const nn::ClassInfo* info = nullptr;
  for (const nn::ClassInfo* each : nn::classes()) info = each->name == "ForwardTestScaled" ? each : info;
  ASSERT_NE(info, nullptr);
  const Ref<nn::Module> made = info->make(nn::Arguments(3, nn::named("twice", true)));
  EXPECT_EQ(number((*made)(full_of({}, 1))), 6);
  EXPECT_TRUE(says(error_of<TypeError>([&] { info->make({}); }), "ForwardTestScaled.__init__() missing"));
  EXPECT_TRUE(says(error_of<ValueError>([] { nn::add_class<Scaled, double, bool>("ForwardTestOther", "by"); }),
                   "has 2 types of parameters"));
  EXPECT_TRUE(says(error_of<KeyError>([] { nn::add_class<nn::ReLUImpl>("ForwardTestScaled"); }), "another class"));
}

}  // namespace
