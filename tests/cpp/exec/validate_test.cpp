// Damaged plans: a Status with the reason, and nothing read or written outside of what they name.
#include <tenon/exec/validate.h>

#include "plans.h"

namespace {

using namespace plans;

std::string text_of(const Plan& plan) {
  std::unique_ptr<Session> session;
  return Session::create(plan, registry(), {}, session).text;
}

TEST(ExecValidate, WhatIsWrongIsSaid) {
  Mlp mlp(4, 8, 2);
  const Plan good = mlp.done();
  EXPECT_TRUE(exec::validate(good).ok());
  const auto damaged = [&](auto&& damage) {
    Plan plan = good;
    damage(plan);
    return text_of(plan);
  };
  EXPECT_EQ(damaged([](Plan& p) { p.values[0].storage = 99; }), "plan: 'forward': value 0 has no storage");
  EXPECT_EQ(damaged([](Plan& p) {
              p.sizes[2] = {exec::Size::Kind::Add, 0, 0, 2};
            }),
            "plan: 'forward': size 2 has an operand that does not precede it");
  EXPECT_EQ(damaged([](Plan& p) { std::swap(p.steps[0], p.steps[1]); }),
            "plan: 'forward': step 0 reads value 4 before it is made");
  EXPECT_EQ(damaged([](Plan& p) { p.steps[0].outputs[0] = 0; }),
            "plan: 'forward': step 0 writes an input or a constant");
  EXPECT_EQ(damaged([](Plan& p) { p.storages[4].last = 0; }),
            "plan: 'forward': step 1 reads value 4 outside of its life");
  EXPECT_EQ(damaged([](Plan& p) { p.steps[0].inputs.pop_back(), p.steps[0].inputs.pop_back(); }),
            "plan: 'forward': linear lacks the input 'weight'");
  EXPECT_EQ(damaged([](Plan& p) { p.constants[0].data = nullptr; }), "plan: 'forward': constant 0 has no data");
}

// Shapes and dtypes that an op's rule does not give, found when the sizes are known.
TEST(ExecValidate, StepsAreHeldToTheRulesOfTheirOps) {
  const auto run = [](Mlp& mlp) {
    auto session = mlp.session();
    Array x({2, 4}, std::vector<float>(8));
    const View in = x.view();
    return session->run(&in, 1).text;
  };
  Mlp small(4, 8, 2);
  small.plan.storages[4].bytes = small.size(8);
  EXPECT_EQ(run(small), "plan: 'forward': h reaches outside of its memory");
  Mlp narrow(4, 8, 2);
  narrow.plan.values[4].shape[1] = narrow.size(7);
  EXPECT_EQ(run(narrow),
            "plan: 'forward': linear: output 0 is (2, 8) float32 by its rule, and the plan has (2, 7) float32");
  Mlp other(4, 8, 2);
  other.plan.values[4].dtype = DType::Int32;
  EXPECT_EQ(run(other),
            "plan: 'forward': linear: output 0 is (2, 8) float32 by its rule, and the plan has (2, 8) int32");
  Mlp over(4, 8, 2);
  over.plan.values[6].storage = over.plan.values[5].storage;
  EXPECT_EQ(run(over), "plan: 'forward': linear: an output lies over an input (model.py:12, in forward)");
}

// Calls f(number) for every index, kind and size of the plan.
template <class F>
void for_each_number(Plan& p, F&& f) {
  const auto all = [&](std::vector<Id>& list) {
    for (Id& i : list) f(i);
  };
  for (auto& s : p.symbols) f(s.value), f(s.axis);
  for (auto& s : p.sizes) f(s.kind), f(s.value), f(s.a), f(s.b);
  for (auto& s : p.storages) f(s.kind), f(s.index), f(s.bytes), f(s.first), f(s.last);
  for (auto& v : p.values) f(v.dtype), f(v.storage), all(v.shape), all(v.strides), f(v.offset);
  for (auto& s : p.steps) f(s.kind), f(s.op), all(s.inputs), all(s.outputs), f(s.generator), f(s.source);
  for (auto& s : p.slots) f(s.kind), f(s.storage), f(s.value), f(s.updated);
  for (auto& c : p.conditions) f(c.left), f(c.right);
  for (auto& op : p.ops) {
    for (auto& a : op.attributes) f(a.type), f(a.present), all(a.sizes);
  }
  all(p.inputs), all(p.outputs), all(p.placement);
}

// Puts each of a set of numbers into each place in turn, and runs what is still accepted.
void damage_everything(Builder& builder, const std::vector<View>& inputs) {
  const Plan good = builder.done();
  static const int64_t numbers[] = {-1, 0, 1, 2, 3, 5, 7, 100, 1000, INT32_MAX, INT64_MAX, INT64_MIN};
  int count = 0, refused = 0;
  for_each_number(const_cast<Plan&>(good), [&](auto&) { ++count; });
  for (int place = 0; place < count; ++place) {
    for (int64_t number : numbers) {
      Plan plan = good;
      int at = 0;
      for_each_number(plan, [&](auto& field) {
        if (at++ == place) field = static_cast<std::remove_reference_t<decltype(field)>>(number);
      });
      std::unique_ptr<Session> session;
      Status status = Session::create(plan, registry(), {}, session);
      for (int run = 0; status.ok() && run < 2; ++run) {
        status = session->run(inputs.data(), static_cast<int>(inputs.size()));
      }
      refused += !status.ok();
      EXPECT_TRUE(status.ok() || !status.text.empty());
    }
  }
  EXPECT_GT(refused, count) << "most damage is seen";
}

TEST(ExecValidate, EveryNumberDamagedInTurn) {
  Array x({2, 4}, {1, 2, 3, 4, 5, 6, 7, 8}), two({2}, {1, 2}), four({4}, {1, 0, 3, 0});
  Mlp mlp(4, 8, 2);
  damage_everything(mlp, {x.view()});
  for (bool in_place : {false, true}) {
    Counting counting(in_place);
    damage_everything(counting, {two.view()});
  }
  Selecting selecting;
  damage_everything(selecting, {four.view()});
}

// Steps of every kind of op: what a rule checks of the attributes, a session checks too.
TEST(ExecValidate, AttributesDamagedInTurn) {
  Array x({1, 1, 6, 6}, std::vector<float>(36, 1));
  Builder b;
  const Id in = b.input("x", {b.symbol("n", 0, 0), b.size(1), b.size(6), b.size(6)});
  const Id w = b.constant("w", {2, 1, 3, 3}, std::vector<float>(18, 0.5f));
  const Id h = b.arena("h", b.sizes({1, 2, 4, 4}));
  const Id s = b.output_value("s", b.sizes({1, 2, 4, 4}));
  Convolution convolution;
  convolution.stride = convolution.dilation = {1, 1};
  convolution.padding = convolution.padding_end = {0, 0};
  b.step(convolution, {in, w, kNone}, {h});
  b.step(Softmax{.dim = 1}, {h}, {s});
  b.done();
  std::vector<View> views{x.view()};
  damage_everything(b, views);
  for (int64_t number : {int64_t{-1}, int64_t{0}, int64_t{9}, INT64_MAX, INT64_MIN}) {
    for (size_t op = 0; op < b.plan.ops.size(); ++op) {
      for (size_t a = 0; a < b.plan.ops[op].attributes.size(); ++a) {
        Plan plan = b.plan;
        for (int64_t& n : plan.ops[op].attributes[a].numbers) n = number;
        for (Id i : plan.ops[op].attributes[a].sizes) plan.sizes[static_cast<size_t>(i)].value = number;
        std::unique_ptr<Session> session;
        Status status = Session::create(plan, registry(), {}, session);
        if (status.ok()) status = session->run(views.data(), 1);
        EXPECT_TRUE(status.ok() || !status.text.empty());
      }
    }
  }
}

}  // namespace
