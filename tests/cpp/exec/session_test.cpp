// Sessions of plans written by hand.
#include <thread>

#include "plans.h"

namespace {

using namespace plans;

std::vector<float> eager_values(const Tensor& t) {
  const float* p = t.data<float>();
  return {p, p + t.numel()};
}

Array numbers(std::vector<int64_t> shape) {
  int64_t n = 1;
  for (int64_t s : shape) n *= s;
  std::vector<float> data(static_cast<size_t>(n));
  for (size_t i = 0; i < data.size(); ++i) data[i] = static_cast<float>((i * 29 + 5) % 23) / 10 - 1;
  return {std::move(shape), std::move(data)};
}

TEST(ExecSession, GivesWhatEagerGivesForEveryBatch) {
  Mlp mlp(16, 32, 16);
  auto session = mlp.session();
  for (int64_t batch : {1, 3, 3, 64, 2, 0, 1}) {
    Array x = numbers({batch, 16});
    const View in = x.view();
    const Status status = session->run(&in, 1);
    ASSERT_TRUE(status.ok()) << status.text;
    EXPECT_EQ(session->output(0).sizes[0], batch);
    EXPECT_EQ(values_of(session->output(0)), eager_values(mlp.eager(x))) << batch;
  }
}

TEST(ExecSession, NewDataOfTheSameSizesIsRead) {
  Mlp mlp(4, 8, 2);
  auto session = mlp.session();
  Array a = numbers({2, 4}), b = numbers({2, 4});
  for (float& v : b.data) v += 1;
  const View first = a.view(), second = b.view();
  ASSERT_TRUE(session->run(&first, 1).ok());
  ASSERT_TRUE(session->run(&second, 1).ok());
  EXPECT_EQ(values_of(session->output(0)), eager_values(mlp.eager(b)));
}

TEST(ExecSession, StridedAndMisalignedInputsAreCopied) {
  Mlp mlp(4, 8, 2);
  auto session = mlp.session();
  Array x = numbers({3, 4});
  std::vector<float> turned(12);
  for (size_t i = 0; i < 3; ++i) {
    for (size_t j = 0; j < 4; ++j) turned[j * 3 + i] = x.data[i * 4 + j];
  }
  const int64_t strides[] = {1, 3};
  const View by_columns{turned.data(), x.sizes.data(), strides, 2, DType::Float32, true, false};
  const auto expected = eager_values(mlp.eager(x));
  ASSERT_TRUE(session->run(&by_columns, 1).ok());
  EXPECT_EQ(values_of(session->output(0)), expected);
  std::vector<char> bytes(12 * 4 + 1);
  std::memcpy(bytes.data() + 1, x.data.data(), 12 * 4);
  View odd = x.view();
  odd.data = bytes.data() + 1;
  ASSERT_TRUE(session->run(&odd, 1).ok());
  EXPECT_EQ(values_of(session->output(0)), expected);
}

TEST(ExecSession, AnOutputMayBeTheNextInput) {
  Builder b;
  const Id n = b.symbol("n", 0, 0);
  const Id x = b.input("x", {n});
  const Id doubled = b.arena("doubled", {n}), y = b.arena("y", {n});
  b.step(Add{}, {x, x}, {doubled});
  b.step(Relu{}, {doubled}, {y});
  b.output(y);
  auto session = b.session();
  Array a({3}, {1, 2, 3});
  View view = a.view();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(session->run(&view, 1).ok());
    view = session->output(0);
  }
  EXPECT_EQ(values_of(view), (std::vector<float>{8, 16, 24}));
}

TEST(ExecSession, InputsThatDoNotFitAreNamedAndTheSessionGoesOn) {
  Mlp mlp(4, 8, 2);
  auto session = mlp.session();
  Array x = numbers({2, 4}), wide = numbers({2, 5}), flat = numbers({8});
  const View good = x.view(), bad_size = wide.view(), bad_dims = flat.view(), bad_dtype = x.view(DType::Int32);
  const auto text_of = [&](const View* views, int count) { return session->run(views, count).text; };
  EXPECT_EQ(text_of(&bad_size, 1), "forward: the input 'x' is (2, 5) float32, and must be (batch, 4)");
  EXPECT_EQ(text_of(&bad_dims, 1), "forward: the input 'x' has 1 dimensions, and must be (batch, 4)");
  EXPECT_EQ(text_of(&bad_dtype, 1), "forward: the input 'x' is int32, and must be float32; convert it first");
  EXPECT_EQ(text_of(&good, 0), "forward takes 1 inputs (x), and 0 came");
  EXPECT_EQ(text_of(nullptr, 1), "forward takes 1 inputs (x), and 1 came");
  View empty = good;
  empty.data = nullptr;
  EXPECT_EQ(text_of(&empty, 1), "forward: the input 'x' has no data");
  ASSERT_TRUE(session->run(&good, 1).ok());
  EXPECT_EQ(values_of(session->output(0)), eager_values(mlp.eager(x)));
}

TEST(ExecSession, OutputsInTheCallersMemory) {
  Mlp mlp(4, 8, 2);
  auto session = mlp.session();
  Array x = numbers({2, 4});
  const View in = x.view();
  const auto expected = eager_values(mlp.eager(x));
  std::vector<float> place(4);
  exec::Destination to{place.data(), place.size() * sizeof(float)};
  ASSERT_TRUE(session->run(&in, 1, &to, 1).ok());
  EXPECT_EQ(place, expected);
  EXPECT_EQ(session->output(0).data, place.data());
  to.bytes = 15;
  EXPECT_EQ(session->run(&in, 1, &to, 1).text,
            "forward: output 0, (2, 2) float32, needs 16 bytes, and the memory for it has 15");
  to = {x.data.data(), 16};
  EXPECT_EQ(session->run(&in, 1, &to, 1).text,
            "forward: the memory for output 0 is also an input's; pass memory of its own");
  EXPECT_EQ(session->run(&in, 1, &to, 2).text, "forward gives 1 outputs, and there are 2 places for them");
  ASSERT_TRUE(session->run(&in, 1).ok());
  EXPECT_EQ(values_of(session->output(0)), expected);
  std::vector<char> odd(17);
  to = {odd.data() + 1, 16};
  ASSERT_TRUE(session->run(&in, 1, &to, 1).ok());
  EXPECT_EQ(0, std::memcmp(odd.data() + 1, expected.data(), 16));
}

TEST(ExecSession, ConditionsAndSizesBetweenInputs) {
  Builder b;
  const Id n = b.symbol("n", 0, 0), m = b.symbol("m", 1, 0);
  const Id x = b.input("x", {n}), y = b.input("y", {m});
  const Id out = b.output_value("z", {n});
  b.plan.conditions.push_back({n, m});
  b.step(Add{}, {x, y}, {out});
  auto session = b.session();
  Array two({2}, {1, 2}), three({3}, {1, 2, 3});
  const View same[] = {two.view(), two.view()}, other[] = {two.view(), three.view()};
  ASSERT_TRUE(session->run(same, 2).ok());
  EXPECT_EQ(session->run(other, 2).text, "forward: n must be equal to m, and they are 2 and 3");
  ASSERT_TRUE(session->run(same, 2).ok());
  EXPECT_EQ(values_of(session->output(0)), (std::vector<float>{2, 4}));
}

TEST(ExecSession, SizesThatDoNotFitAreAnError) {
  Builder b;
  const Id n = b.symbol("n", 0, 0);
  const Id x = b.input("x", {n, b.size(0)});
  const Id large = b.product(b.product(n, b.size(int64_t{1} << 40)), b.size(int64_t{1} << 22));
  b.plan.conditions.push_back({large, large});
  b.output(x);
  b.plan.placement.clear();
  std::unique_ptr<Session> session;
  ASSERT_TRUE(Session::create(b.plan, registry(), {}, session).ok());
  Array two({2, 0}, {});
  const View in = two.view();
  EXPECT_NE(session->run(&in, 1).text.find("has no result in 64 bits"), std::string::npos);
  Array one({1, 0}, {});
  const View small = one.view();
  EXPECT_TRUE(session->run(&small, 1).ok());
}

TEST(ExecSession, ViewsAreLayoutsAndOutputsAreRowMajor) {
  Builder b;
  const Id n = b.symbol("n", 0, 0);
  const Id x = b.input("x", {n, b.size(3)});
  const Id h = b.arena("h", {n, b.size(3)});
  b.step(Relu{}, {x}, {h});
  const Id turned = b.view_of(b.storage_of(h), "turned", {b.size(3), n});
  b.plan.values.back().strides = {b.size(1), b.size(3)};
  b.step(Relu{}, {h}, {turned});
  b.plan.steps.back().kind = exec::Step::Kind::View;
  b.output(turned);
  b.output(x);
  auto session = b.session();
  Array a({2, 3}, {1, 2, 3, 4, 5, 6});
  const View in = a.view();
  ASSERT_TRUE(session->run(&in, 1).ok());
  EXPECT_EQ(values_of(session->output(0)), (std::vector<float>{1, 4, 2, 5, 3, 6}));
  EXPECT_TRUE(session->output(0).contiguous);
  EXPECT_EQ(values_of(session->output(1)), a.data);
  EXPECT_NE(session->output(1).data, a.data.data()) << "an output is not the caller's input";
}

TEST(ExecSession, SizesThatDependOnData) {
  Selecting b;
  auto session = b.session();
  for (const std::vector<float>& data :
       {std::vector<float>{1, 0, 3, 0}, {1, 2, 3, 4}, {0, 0, 0, 0}, {0, 2, 3, 0}, {5, 0, 0, 6}}) {
    Array a({4}, data);
    const View in = a.view();
    const Status status = session->run(&in, 1);
    ASSERT_TRUE(status.ok()) << status.text;
    std::vector<int64_t> places, total;
    for (int64_t i = 0; i < 4; ++i) {
      if (data[static_cast<size_t>(i)] != 0) places.push_back(i), total.push_back(3 * i);
    }
    EXPECT_EQ(values_of<int64_t>(session->output(0)), total);
    EXPECT_EQ(values_of<int64_t>(session->output(1)), places);
  }
  int64_t place = 0;
  const exec::Destination to[] = {{}, {&place, sizeof place}};
  Array two({4}, {1, 2, 0, 0}), one({4}, {0, 7, 0, 0});
  View in = two.view();
  EXPECT_EQ(session->run(&in, 1, to, 2).text,
            "forward: output 1, (2, 1) int64, needs 16 bytes, and the memory for it has 8");
  in = one.view();
  ASSERT_TRUE(session->run(&in, 1, to, 2).ok());
  EXPECT_EQ(place, 1);
}

TEST(ExecSession, AKernelThatMakesAnotherSizeThanThePlanSaysIsAnError) {
  Selecting b;
  b.plan.values[1].shape[1] = b.size(2);
  auto session = b.session();
  Array a({4}, {1, 0, 0, 0});
  const View in = a.view();
  EXPECT_EQ(session->run(&in, 1).text,
            "plan: 'forward': dimension 1 of places is 2 in the plan, and the kernel made 1");
}

TEST(ExecSession, KernelErrorsNameTheOpAndTheLine) {
  Builder b;
  const Id x = b.input("x", b.sizes({3})), at = b.input("at", b.sizes({2}), DType::Int64);
  const Id out = b.output_value("y", b.sizes({2}));
  b.step(Gather{.dim = 0}, {x, at}, {out});
  auto session = b.session();
  Array a({3}, {1, 2, 3});
  int64_t where[] = {0, 7};
  const int64_t two = 2, one = 1;
  const View in[] = {a.view(), {where, &two, &one, 1, DType::Int64, true, true}};
  const Status status = session->run(in, 2);
  EXPECT_EQ(status.code, Status::Code::Index);
  EXPECT_EQ(status.text.substr(0, 8), "gather: ");
  EXPECT_NE(status.text.find("(model.py:10, in forward)"), std::string::npos) << status.text;
  where[1] = 2;
  ASSERT_TRUE(session->run(in, 2).ok());
  EXPECT_EQ(values_of(session->output(0)), (std::vector<float>{1, 3}));
}

TEST(ExecSession, SlotsLiveFromCallToCall) {
  for (bool in_place : {true, false}) {
    Counting b(in_place);
    auto session = b.session();
    Array x({2}, {1, 2});
    const View in = x.view();
    for (int i = 1; i <= 3; ++i) {
      ASSERT_TRUE(session->run(&in, 1).ok());
      EXPECT_EQ(values_of(session->output(0)), (std::vector<float>{10.f + i, 20.f + 2 * i}));
    }
    float total[2];
    ASSERT_TRUE(session->get_slot("total", total, sizeof total).ok());
    EXPECT_EQ(total[1], 26);
    const float start[] = {0, 0}, factor[] = {100, 1000};
    ASSERT_TRUE(session->set_slot("total", start, sizeof start).ok());
    ASSERT_TRUE(session->set_slot("fixed", factor, sizeof factor).ok());
    ASSERT_TRUE(session->run(&in, 1).ok());
    EXPECT_EQ(values_of(session->output(0)), (std::vector<float>{1, 2}));
    EXPECT_EQ(values_of(session->output(1)), (std::vector<float>{100, 2000}));
    ASSERT_TRUE(session->reset().ok());
    ASSERT_TRUE(session->run(&in, 1).ok());
    EXPECT_EQ(values_of(session->output(0)), (std::vector<float>{11, 22}));
    EXPECT_EQ(values_of(session->output(1)), (std::vector<float>{1, 4}));
    EXPECT_EQ(session->get_slot("totals", total, 8).text,
              "forward: there is no slot 'totals'; there are 'total', 'fixed'");
    EXPECT_EQ(session->set_slot("total", start, 4).text, "forward: the slot 'total' has 8 bytes, and 4 came");
  }
}

TEST(ExecSession, GeneratorsAreTheSessionsOwn) {
  Generator seeded(7);
  std::vector<uint8_t> state(Generator::kStateBytes);
  seeded.get_state(state.data());
  Builder b;
  exec::Slot slot;
  slot.kind = exec::Slot::Kind::Generator;
  slot.name = "generator";
  slot.initial = {0, state.size(), state.data()};
  b.plan.slots.push_back(slot);
  const Id out = b.output_value("noise", b.sizes({5}));
  Rand record;
  record.size = {5};
  b.step(record, {}, {out});
  b.plan.steps.back().generator = 0;
  auto session = b.session();
  const auto draw = [&] {
    EXPECT_TRUE(session->run(nullptr, 0).ok());
    return values_of(session->output(0));
  };
  const auto first = draw(), second = draw();
  EXPECT_NE(first, second);
  EXPECT_EQ(first, eager_values(rand({5}, std::make_shared<Generator>(7))));
  std::vector<uint8_t> now(Generator::kStateBytes);
  ASSERT_TRUE(session->get_slot("generator", now.data(), now.size()).ok());
  const auto third = draw();
  ASSERT_TRUE(session->set_slot("generator", now.data(), now.size()).ok());
  EXPECT_EQ(draw(), third);
  ASSERT_TRUE(session->reset().ok());
  EXPECT_EQ(draw(), first);
  now.assign(now.size(), 3);
  EXPECT_FALSE(session->set_slot("generator", now.data(), now.size()).ok());
}

TEST(ExecSession, SeveralSessionsAtOnce) {
  Mlp mlp(16, 32, 16);
  mlp.done();
  std::vector<std::thread> threads;
  std::vector<int> right(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      std::unique_ptr<Session> session;
      if (!Session::create(mlp.plan, registry(), {}, session).ok()) return;
      Array x = numbers({t + 1, 16});
      const auto expected = eager_values(mlp.eager(x));
      const View in = x.view();
      for (int i = 0; i < 50; ++i) {
        right[static_cast<size_t>(t)] += session->run(&in, 1).ok() && values_of(session->output(0)) == expected;
      }
    });
  }
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(right, (std::vector<int>{50, 50, 50, 50}));
}

struct Counter {
  int64_t live = 0, calls = 0, limit = INT64_MAX;
  exec::Allocator allocator() {
    return {[](void* self, size_t bytes, size_t alignment) -> void* {
              auto* c = static_cast<Counter*>(self);
              if (c->live + static_cast<int64_t>(bytes) > c->limit) return nullptr;
              c->live += static_cast<int64_t>(bytes), ++c->calls;
              return std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
            },
            [](void* self, void* data, size_t bytes) {
              static_cast<Counter*>(self)->live -= static_cast<int64_t>(bytes);
              std::free(data);
            },
            this};
  }
};

TEST(ExecSession, AnAllocatorOfTheCallers) {
  Counter counter;
  {
    Mlp mlp(16, 32, 16);
    mlp.done();
    std::unique_ptr<Session> session;
    ASSERT_TRUE(Session::create(mlp.plan, registry(), counter.allocator(), session).ok());
    Array small = numbers({2, 16}), large = numbers({64, 16});
    const View few = small.view(), many = large.view();
    ASSERT_TRUE(session->run(&few, 1).ok());
    EXPECT_EQ(session->arena_bytes(), 2u * 2 * 32 * 4);
    EXPECT_EQ(session->arena_lower_bound(), session->arena_bytes());
    ASSERT_TRUE(session->run(&many, 1).ok());
    const int64_t calls = counter.calls;
    for (int i = 0; i < 3; ++i) {
      ASSERT_TRUE(session->run(&few, 1).ok());
      ASSERT_TRUE(session->run(&many, 1).ok());
    }
    EXPECT_EQ(counter.calls, calls) << "a run of known sizes allocates nothing";
    counter.limit = counter.live;
    Array huge = numbers({640, 16});
    const View most = huge.view();
    EXPECT_EQ(session->run(&most, 1).code, Status::Code::Memory);
    ASSERT_TRUE(session->run(&few, 1).code == Status::Code::Memory || counter.live <= counter.limit);
    counter.limit = INT64_MAX;
    ASSERT_TRUE(session->run(&few, 1).ok());
    EXPECT_EQ(values_of(session->output(0)), eager_values(mlp.eager(small)));
  }
  EXPECT_EQ(counter.live, 0);
}

TEST(ExecSession, AnOpWithoutKernelIsNamed) {
  Mlp mlp(4, 8, 2);
  mlp.done();
  Registry none;
  std::unique_ptr<Session> session;
  const Status status = Session::create(mlp.plan, none, {}, session);
  EXPECT_EQ(status.code, Status::Code::Unsupported);
  EXPECT_EQ(status.text.substr(0, 34), "there is no kernel for 'linear'; i") << status.text;
}

}  // namespace
