// A symbolic trace as an interceptor: the graph of a function, with a batch of unknown size.
#include <gtest/gtest.h>

#include <map>

#include <tenon/core/door.h>
#include <tenon/ops/functions.h>

namespace {

using namespace tenon;

// A tensor with a spec and no memory.
Tensor symbol(const Shape& shape, DType dtype = DType::Float32) {
  Tensor out(Ref<TensorImpl>::adopt(TensorImpl::create()));
  out.impl()->spec.shape = shape;
  out.impl()->spec.dtype = dtype;
  return out;
}

class Trace : public Interceptor {
 public:
  std::string graph;

  std::string name(const Tensor& x) {
    auto [it, fresh] = names_.try_emplace(x.impl(), text("%", names_.size()));
    if (fresh) keep_.push_back(x);
    return it->second;
  }

  bool intercept(Call& call) override {
    if (call.op->infer == nullptr) return false;  // a composite: its parts come by
    std::vector<const Spec*> specs;
    std::string arguments;
    for (int i = 0; i < call.inputs.size(); ++i) {
      const Tensor& x = call.inputs[i];
      specs.push_back(x.defined() ? &x.spec() : nullptr);
      if (!x.defined()) continue;
      if (!arguments.empty()) arguments += ", ";
      arguments += x.spec().weak ? to_text(x.scalar()) : name(x);
    }
    Spec out[kMaxOutputs];
    call.op->infer(call.record, Specs(specs.data(), call.inputs.size()), out);
    for (int i = 0; i < call.op->output_count; ++i) call.outputs[i] = symbol(out[i].shape, out[i].dtype);
    const std::string attributes = print_record(*call.op, call.record);
    graph += text(name(call.outputs[0]), " = ", call.op->name, "(", arguments, attributes.empty() ? "" : "; ",
                  attributes, ") : ", to_text(out[0]), "\n");
    return true;
  }

 private:
  std::map<TensorImpl*, std::string> names_;
  std::vector<Tensor> keep_;
};

TEST(Trace, PrintsAGraphWithAnUnknownBatch) {
  Trace trace;
  const Tensor x = symbol({Dim::symbol("batch"), 8}), w = symbol({8, 4});
  trace.name(x);
  trace.name(w);
  InterceptorScope scope(Layer::Trace, &trace);
  softmax(mul(matmul(x, w), 2.0), 1);
  EXPECT_EQ(trace.graph,
            "%2 = matmul(%0, %1) : (batch, 4) float32\n"
            "%3 = mul(%2, 2.0) : (batch, 4) float32\n"
            "%4 = softmax(%3; dim=1, dtype=None) : (batch, 4) float32\n");
}

TEST(Trace, DimsComputeWithSymbols) {
  Trace trace;
  const Dim batch = Dim::symbol("batch");
  const Tensor x = symbol({batch, 4, 3});
  InterceptorScope scope(Layer::Trace, &trace);
  EXPECT_EQ(x.flatten().shape()[0].str(), "12*batch");
  EXPECT_EQ(x.flatten(1).shape(), (Shape{batch, 12}));
  EXPECT_EQ(x.transpose(0, 1).shape(), (Shape{4, batch, 3}));
}

TEST(Trace, ANumberThatIsNotKnownIsAnError) {
  const Dim batch = Dim::symbol("batch");
  EXPECT_THROW(batch.value(), ShapeError);
  EXPECT_THROW(symbol({batch}).numel(), ShapeError);
}

}  // namespace
