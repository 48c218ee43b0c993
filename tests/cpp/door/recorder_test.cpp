// A recorder that counts what goes through the door.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include <tenon/core/door.h>
#include <tenon/ops/functions.h>

namespace {

using namespace tenon;

class Counter : public Recorder {
 public:
  std::map<std::string, int> calls;
  void record(const Call& call) override { ++calls[call.op->name]; }
};

TEST(Recorder, CountsEveryCall) {
  Counter counter;
  const Tensor a = Tensor::of<float>({1, 2, 3}), b = Tensor::of<float>({4, 5, 6});
  {
    RecorderScope scope(Observer::Profiler, &counter);
    const Tensor c = add(mul(a, b), b);
    c.add_(a);
    EXPECT_EQ(c.data<float>()[2], 27);
  }
  add(a, b);
  EXPECT_EQ(counter.calls["add"], 2);
  EXPECT_EQ(counter.calls["mul"], 1);
}

TEST(Recorder, SeesAnnouncedWritesBeforeTheyHappen) {
  struct Forbid : Recorder {
    void before_write(const Call&) override { throw ValueError("no writes today"); }
    void record(const Call&) override {}
  } forbid;
  const Tensor a = Tensor::of<float>({1});
  RecorderScope scope(Observer::User, &forbid);
  EXPECT_THROW(a.add_(a), ValueError);
  EXPECT_EQ(a.data<float>()[0], 1);
}

TEST(Recorder, CompositesShowTheirParts) {
  Counter counter;
  const Tensor a = Tensor::of<float>({1, 2, 3, 4});
  RecorderScope scope(Observer::Profiler, &counter);
  a.reshape({2, 2});
  EXPECT_EQ(counter.calls["view"], 1);
  EXPECT_EQ(counter.calls.count("reshape"), 0u);
}

}  // namespace
