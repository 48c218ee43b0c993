// Interceptors that change a call and let it go on, and the modes of pool threads.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <thread>

#include <tenon/autograd/autograd.h>
#include <tenon/core/door.h>
#include <tenon/core/thread_pool.h>
#include <tenon/ops/functions.h>

namespace {

using namespace tenon;

// Gives the call other inputs and returns false: the door goes on with what it left.
class Swap : public Interceptor {
 public:
  explicit Swap(std::vector<Tensor> inputs) : inputs_(std::move(inputs)) {}
  bool intercept(Call& call) override {
    call.inputs = Inputs(reinterpret_cast<TensorImpl* const*>(inputs_.data()), static_cast<int>(inputs_.size()));
    return false;
  }

 private:
  std::vector<Tensor> inputs_;
};

TEST(Interceptor, InputsThatItSwapsAreReadAnew) {
  const Tensor small = Tensor::of<float>({1, 2});
  const Tensor large = Tensor::empty({1000}, DType::Float64).fill_(3.0);
  Swap swap({large, large});
  Tensor sum;
  {
    InterceptorScope scope(Layer::User, &swap);
    sum = add(small, small);
  }
  EXPECT_EQ(sum.shape(), (Shape{1000}));
  EXPECT_EQ(sum.dtype(), DType::Float64);
  EXPECT_EQ(sum.data<double>()[999], 6.0);
}

TEST(Interceptor, SeesACallWhoseInputsAreOnTwoDevices) {
  const Tensor here = Tensor::of<float>({1, 2});
  const Tensor meta = Tensor::empty({2}, DType::Float32, Device{DeviceKind::Meta});
  EXPECT_THROW(add(here, meta), DeviceError);
  Swap swap({here, here});
  InterceptorScope scope(Layer::Placement, &swap);
  EXPECT_EQ(add(here, meta).data<float>()[1], 4.0f);
}

TEST(Interceptor, MoreInputsThanBeforeFit) {
  std::vector<Tensor> many(40, Tensor::of<float>({1, 2}));
  Swap swap(many);
  InterceptorScope scope(Layer::User, &swap);
  EXPECT_EQ(cat({many[0]}, 0).shape(), (Shape{80}));
}

TEST(Modes, PoolThreadsRunUnderThoseOfTheCaller) {
  const int before = num_threads();
  set_num_threads(2);
  std::atomic<int> arrived{0}, without_grad{0}, elsewhere{0};
  const auto caller = std::this_thread::get_id();
  const auto run = [&] {
    arrived = 0;
    parallel_for(0, 2, 1, [&](int64_t, int64_t) {
      without_grad += is_grad_enabled() ? 0 : 1;
      elsewhere += std::this_thread::get_id() == caller ? 0 : 1;
      arrived.fetch_add(1);
      while (arrived.load() < 2) std::this_thread::yield();
    });
  };
  {
    NoGrad off;
    run();
  }
  EXPECT_EQ(without_grad.load(), 2);
  EXPECT_EQ(elsewhere.load(), 1);
  run();
  EXPECT_EQ(without_grad.load(), 2);
  set_num_threads(before);
}

}  // namespace
