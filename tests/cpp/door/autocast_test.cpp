// An interceptor that changes a call: a toy autocast by the records' traits.
#include <gtest/gtest.h>

#include <tenon/core/door.h>
#include <tenon/ops/functions.h>

namespace {

using namespace tenon;

// Computes ops that are fast and safe in low precision in `low`; it reads the record, and keeps no list of ops.
class Autocast : public Interceptor {
 public:
  explicit Autocast(DType low) : low_(low) {}

  bool intercept(Call& call) override {
    if (!call.op->is(kAutocastLow) || call.destination != Destination::None) return false;
    std::vector<Tensor> cast;
    for (int i = 0; i < call.inputs.size(); ++i) {
      const Tensor& x = call.inputs[i];
      cast.push_back(
          x.defined() && is_floating(x.dtype()) && x.dtype() != low_ ? copy(Tensor::empty(x.shape(), low_), x) : x);
    }
    Call lower{call.op, call.record, Inputs(reinterpret_cast<TensorImpl* const*>(cast.data()), call.inputs.size()),
               call.outputs, call.list};
    apply(lower);
    return true;
  }

 private:
  DType low_;
};

TEST(Autocast, ReplacesTheInputsOfMatmul) {
  const Tensor a = add(Tensor::empty({4, 4}, DType::Float64).zero_(), 0.5);
  Autocast autocast(DType::Float32);
  InterceptorScope scope(Layer::Autocast, &autocast);
  EXPECT_EQ(matmul(a, a).dtype(), DType::Float32);
  EXPECT_EQ(add(a, a).dtype(), DType::Float64);
  EXPECT_FLOAT_EQ(matmul(a, a).data<float>()[0], 1.0f);
}

TEST(Autocast, AScopeWithNoneSwitchesItOff) {
  const Tensor a = Tensor::empty({2, 2}, DType::Float64).zero_();
  Autocast autocast(DType::Float32);
  InterceptorScope on(Layer::Autocast, &autocast);
  InterceptorScope off(Layer::Autocast, nullptr);
  EXPECT_EQ(matmul(a, a).dtype(), DType::Float64);
}

}  // namespace
