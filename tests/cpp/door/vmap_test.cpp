// Batching as an interceptor and an extension of the tensor: a toy vmap, with nothing of it in any op.
#include <gtest/gtest.h>

#include <tenon/core/door.h>
#include <tenon/ops/functions.h>

namespace {

using namespace tenon;

constexpr int kBatched = 1;

// A tensor that stands for one element of a batch: `value` has the batch in front. Each vmap around another has
// a level of its own.
struct Batched : Extension {
  Batched(Tensor v, int l) : Extension(kBatched), value(std::move(v)), level(l) {}
  Tensor value;
  int level;
};

Tensor wrap(const Tensor& value, int level = 0) {
  Tensor out(Ref<TensorImpl>::adopt(TensorImpl::create()));
  out.impl()->spec = value.spec();
  out.impl()->spec.shape.erase(out.impl()->spec.shape.begin());
  out.impl()->extension = new Batched(value, level);
  out.impl()->flags |= TensorImpl::kExtended;
  return out;
}
const Tensor* batch_of(const Tensor& x, int level) {
  if (!x.defined() || x.impl()->extension == nullptr || x.impl()->extension->kind != kBatched) return nullptr;
  const auto* batched = static_cast<Batched*>(x.impl()->extension);
  return batched->level == level ? &batched->value : nullptr;
}

class Vmap : public Interceptor {
 public:
  explicit Vmap(int level) : level_(level) {}
  bool intercept(Call& call) override {
    int64_t size = -1;
    for (int i = 0; i < call.inputs.size(); ++i) {
      if (const Tensor* value = batch_of(call.inputs[i], level_)) size = value->size(0);
    }
    if (size < 0) return false;
    if (call.op->is(kElementwise))
      elementwise(call);
    else
      one_by_one(call, size);
    return true;
  }

 private:
  // The trait says all: align the unbatched dims at the right, and broadcasting does the rest.
  void elementwise(Call& call) const {
    size_t rank = 0;
    for (int i = 0; i < call.inputs.size(); ++i) rank = std::max(rank, call.inputs[i].shape().size());
    std::vector<Tensor> in;
    for (int i = 0; i < call.inputs.size(); ++i) {
      const Tensor* value = batch_of(call.inputs[i], level_);
      if (value == nullptr) {
        in.push_back(call.inputs[i]);
        continue;
      }
      Dims shape{value->shape()[0]};
      for (size_t k = call.inputs[i].shape().size(); k < rank; ++k) shape.push_back(1);
      for (Dim d : call.inputs[i].shape()) shape.push_back(d);
      in.push_back(value->reshape(shape));
    }
    Tensor out[kMaxOutputs];
    Call lower{call.op, call.record, Inputs(reinterpret_cast<TensorImpl* const*>(in.data()), call.inputs.size()), out};
    apply(lower);
    call.outputs[0] = wrap(out[0], level_);
  }

  void one_by_one(Call& call, int64_t size) const {
    std::vector<Tensor> results;
    for (int64_t b = 0; b < size; ++b) {
      std::vector<Tensor> in;
      for (int i = 0; i < call.inputs.size(); ++i) {
        const Tensor* value = batch_of(call.inputs[i], level_);
        in.push_back(value != nullptr ? value->select(0, b) : call.inputs[i]);
      }
      Tensor out[kMaxOutputs];
      Call lower{call.op, call.record, Inputs(reinterpret_cast<TensorImpl* const*>(in.data()), call.inputs.size()),
                 out};
      apply(lower);
      results.push_back(out[0]);
    }
    call.outputs[0] = wrap(stack(results), level_);
  }

  int level_;
};

template <class F>
Tensor vmap(F f, const Tensor& x, int level = 0) {
  Vmap interceptor(level);
  InterceptorScope scope(Layer::Vmap, &interceptor);
  return *batch_of(f(wrap(x, level)), level);
}

TEST(Vmap, ElementwiseByTrait) {
  const Tensor x = arange(6).reshape({3, 2}), w = Tensor::of<int64_t>({10, 20});
  const Tensor y = vmap([&](const Tensor& row) { return add(mul(row, w), row); }, x);
  EXPECT_EQ(y.shape(), (Shape{3, 2}));
  EXPECT_EQ(y.data<int64_t>()[5], 5 * 20 + 5);
}

TEST(Vmap, AnyOpByItsSlices) {
  const Tensor x = arange(12).reshape({3, 2, 2});
  const Tensor y = vmap([&](const Tensor& m) { return sum(m, 0); }, x);
  EXPECT_EQ(y.shape(), (Shape{3, 2}));
  EXPECT_EQ(y.data<int64_t>()[1], 1 + 3);
}

TEST(Vmap, LevelsNest) {
  const Tensor x = arange(6).reshape({3, 2}), y = arange(8).reshape({4, 2});
  // All pairs of rows: an inner call with a batch of each level, and one with the outer's alone.
  const Tensor z = vmap(
      [&](const Tensor& a) { return vmap([&](const Tensor& b) { return add(mul(a, b), sum(a, 0)); }, y, 1); }, x, 0);
  EXPECT_EQ(z.shape(), (Shape{3, 4, 2}));
  for (int64_t i = 0; i < 3; ++i) {
    for (int64_t j = 0; j < 4; ++j) {
      for (int64_t k = 0; k < 2; ++k)
        EXPECT_EQ(z.data<int64_t>()[(i * 4 + j) * 2 + k], (2 * i + k) * (2 * j + k) + 4 * i + 1);
    }
  }
}

TEST(Vmap, ALayerSwitchedOffIsOffForEveryLevel) {
  const Tensor x = arange(6).reshape({3, 2});
  vmap(
      [&](const Tensor& a) {
        const InterceptorScope off(Layer::Vmap, nullptr);
        EXPECT_THROW(add(a, a), DTypeError);
        return a;
      },
      x);
}

TEST(Vmap, WithoutTheInterceptorAKernelRefusesTheExtension) {
  const Tensor x = wrap(arange(6).reshape({3, 2}));
  EXPECT_THROW(add(x, x), DTypeError);
}

}  // namespace
