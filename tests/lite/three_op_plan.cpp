// A plan of three ops on kernels, Context and views alone: no exceptions, no RTTI, no threads, no Tensor.
// Compiled with -fno-exceptions -fno-rtti -DTENON_NO_THREADS; linear, relu and softmax run on one arena.
#include <cmath>
#include <cstdio>
#include <cstring>

#include <tenon/core/registry.h>
#include <tenon/kernels/cpu/register.h>
#include <tenon/ops/activation.h>

#if defined(__cpp_exceptions) || defined(__GXX_RTTI)
#error "this test shows that kernels need neither exceptions nor RTTI"
#endif

using namespace tenon;

namespace {

struct Value {
  int64_t sizes[2], strides[2];
  size_t offset;  // in the arena, in bytes
};

struct Step {
  const char* op;
  const void* record;
  int inputs[3];
  int input_count;
  int output;
};

View view_of_value(char* arena, const Value& v) {
  return {arena + v.offset, v.sizes, v.strides, 2, DType::Float32, true, true};
}

}  // namespace

int main() {
  Registry kernels;
  register_elementwise_kernels(kernels);
  register_matmul_kernels(kernels);
  register_activation_kernels(kernels);

  constexpr int64_t n = 3, in = 4, out = 2;
  alignas(64) static char arena[4096];
  const Value values[] = {
      {{n, in}, {in, 1}, 0},     {{out, in}, {in, 1}, 256},  {{1, out}, {out, 1}, 512},
      {{n, out}, {out, 1}, 768}, {{n, out}, {out, 1}, 1024}, {{n, out}, {out, 1}, 1280},
  };
  auto* x = reinterpret_cast<float*>(arena);
  auto* w = reinterpret_cast<float*>(arena + 256);
  for (int i = 0; i < n * in; ++i) x[i] = static_cast<float>(i) * 0.25f - 1;
  for (int i = 0; i < out * in; ++i) w[i] = static_cast<float>(i % 3) - 0.5f;

  Softmax softmax;
  softmax.dim = 1;
  const Step plan[] = {
      {"linear", nullptr, {0, 1}, 2, 3},
      {"relu", nullptr, {3}, 1, 4},
      {"softmax", &softmax, {4}, 1, 5},
  };
  for (const Step& step : plan) {
    const OpInfo* op = kernels.find(step.op);
    if (op == nullptr || op->kernels[0] == nullptr) {
      std::printf("no kernel for %s in this build\n", step.op);
      return 1;
    }
    View inputs[3], output[1] = {view_of_value(arena, values[step.output])};
    for (int i = 0; i < step.input_count; ++i) inputs[i] = view_of_value(arena, values[step.inputs[i]]);
    Context context;
    op->kernels[0](step.record != nullptr ? step.record : op->defaults, inputs, step.input_count, output, 1, context);
    if (context.errors) {
      std::printf("%s: %s\n", step.op, context.errors.text);
      return 1;
    }
  }

  const auto* result = reinterpret_cast<const float*>(arena + 1280);
  for (int i = 0; i < n; ++i) {
    float logits[out];
    for (int j = 0; j < out; ++j) {
      float sum = 0;
      for (int k = 0; k < in; ++k) sum += x[i * in + k] * w[j * in + k];
      logits[j] = sum > 0 ? sum : 0;
    }
    const float total = std::exp(logits[0]) + std::exp(logits[1]);
    for (int j = 0; j < out; ++j) {
      if (std::fabs(result[i * out + j] - std::exp(logits[j]) / total) > 1e-6f) {
        std::printf("row %d differs\n", i);
        return 1;
      }
    }
  }
  std::printf("3 passed, 0 failed\n");
  return 0;
}
