// What small builds check of shapes is what the ops' own rules say.
#include <tenon/exec/shapes.h>

#include <gtest/gtest.h>

#include <random>

#include <tenon/core/registry.h>
#include <tenon/ops/records.h>

namespace {

using namespace tenon;

struct Operand {
  std::vector<int64_t> sizes, strides;
  DType dtype = DType::Float32;
  View view() const {
    static float data[1];
    return {data, sizes.data(), strides.data(), static_cast<int32_t>(sizes.size()), dtype, true, true};
  }
  Spec spec() const {
    Spec s;
    s.shape.assign(sizes.begin(), sizes.end());
    s.dtype = dtype;
    return s;
  }
};

class Shapes : public ::testing::Test {
 protected:
  // Operands with few sizes, so that they often fit.
  Operand operand(int most_dims, DType dtype = DType::Float32) {
    Operand out;
    for (int i = static_cast<int>(random_() % static_cast<unsigned>(most_dims + 1)); i > 0; --i) {
      out.sizes.push_back(1 + static_cast<int64_t>(random_() % 3));
    }
    out.strides.assign(out.sizes.size(), 1);
    out.dtype = dtype;
    return out;
  }

  // The rule and the check say the same of the operands and of outputs, right ones and wrong ones.
  void expect_agreement(const OpInfo& op, const void* record, const std::vector<Operand>& inputs) {
    std::vector<Spec> specs;
    std::vector<View> views;
    for (const Operand& i : inputs) specs.push_back(i.spec()), views.push_back(i.view());
    std::vector<const Spec*> pointers;
    for (const Spec& s : specs) pointers.push_back(&s);
    Spec rule[kMaxOutputs];
    bool fits = true;
    try {
      op.infer(record, Specs(pointers.data(), static_cast<int>(pointers.size())), rule);
    } catch (const Error&) {
      fits = false;
    }
    std::vector<Operand> outputs(op.output_count);
    for (size_t i = 0; i < outputs.size(); ++i) {
      if (fits) {
        for (Dim d : rule[i].shape) outputs[i].sizes.push_back(d.value());
        outputs[i].dtype = rule[i].dtype;
      } else {
        outputs[i] = operand(4);
      }
    }
    compare(op, record, inputs, views, outputs, fits);
    fitting_ += fits;
    if (!fits) return;
    Operand& out = outputs[random_() % outputs.size()];
    if (out.sizes.empty()) {
      out.sizes.push_back(1);
    } else if (random_() % 2 == 0) {
      ++out.sizes[random_() % out.sizes.size()];
    } else {
      out.sizes.pop_back();
    }
    compare(op, record, inputs, views, outputs, false);
  }
  void compare(const OpInfo& op, const void* record, const std::vector<Operand>& inputs, const std::vector<View>& views,
               std::vector<Operand>& outputs, bool fits) {
    std::vector<View> out;
    for (Operand& o : outputs) o.strides.assign(o.sizes.size(), 1), out.push_back(o.view());
    const char* wrong = exec::wrong_shapes(op, record, {views.data(), static_cast<int>(views.size())},
                                           {out.data(), static_cast<int>(out.size())});
    std::string words;
    for (const Operand& i : inputs) words += to_text(i.spec()) + " ";
    EXPECT_EQ(wrong == nullptr, fits) << op.full_name() << "(" << print_record(op, record) << "): " << words << "-> "
                                      << to_text(outputs[0].spec()) << ": " << (wrong == nullptr ? "" : wrong);
  }

  std::mt19937 random_{7};
  int fitting_ = 0;
};

TEST_F(Shapes, ProductsAndTheirKin) {
  for (const char* name : {"linear", "mm", "bmm", "mv", "dot", "matmul", "addmm", "baddbmm", "addmv"}) {
    const OpInfo& op = *registry().find(name);
    fitting_ = 0;
    for (int i = 0; i < 20000; ++i) {
      std::vector<Operand> inputs;
      for (int k = 0; k < op.input_count; ++k) inputs.push_back(operand(3));
      expect_agreement(op, op.defaults, inputs);
      if (HasFailure()) return;
    }
    EXPECT_GT(fitting_, 20) << name;
  }
}

TEST_F(Shapes, AlongADimension) {
  for (int i = 0; i < 2000; ++i) {
    Softmax softmax;
    softmax.dim = static_cast<int64_t>(random_() % 9) - 4;
    expect_agreement(op<Softmax>(), &softmax, {operand(3)});
    expect_agreement(op<Embedding>(), op<Embedding>().defaults, {operand(2, DType::Int64), operand(2)});
  }
}

TEST_F(Shapes, Windows) {
  const auto dims = [&](size_t n, int least, int most) {
    Dims out;
    for (size_t i = 0; i < n; ++i)
      out.push_back(least + static_cast<int>(random_() % static_cast<unsigned>(most - least + 1)));
    return out;
  };
  for (int i = 0; i < 50000; ++i) {
    const size_t n = 1 + random_() % 2;
    Convolution c;
    c.stride = dims(n, 1, 2), c.padding = dims(n, 0, 1), c.padding_end = dims(n, 0, 1), c.dilation = dims(n, 1, 2);
    c.groups = 1 + static_cast<int64_t>(random_() % 2);
    Operand x = operand(0), w = operand(0), bias = operand(1);
    for (size_t k = 0; k < n + 2; ++k) {
      x.sizes.push_back(1 + static_cast<int64_t>(random_() % 4));
      w.sizes.push_back(1 + static_cast<int64_t>(random_() % 3));
    }
    x.strides.assign(n + 2, 1), w.strides.assign(n + 2, 1);
    std::vector<Operand> inputs = {x, w};
    if (random_() % 2 == 0) inputs.push_back(bias);
    expect_agreement(op<Convolution>(), &c, inputs);
    MaxPool m;
    m.kernel_size = dims(n, 1, 3), m.stride = dims(n, 1, 2), m.padding = dims(n, 0, 1), m.dilation = dims(n, 1, 2);
    expect_agreement(op<MaxPool>(), &m, {x});
    if (HasFailure()) return;
  }
  EXPECT_GT(fitting_, 1000);
}

}  // namespace
