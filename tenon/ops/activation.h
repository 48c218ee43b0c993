// Softmax and dropout: activations that are not elementwise.
#pragma once

#include <tenon/core/registry.h>

namespace tenon::inline v0 {

struct Softmax {
  int64_t dim = -1;
  std::optional<DType> dtype;
  static constexpr auto name = "softmax";
  static constexpr auto doc = "exp(input) divided by its sum along dim";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("dim", &Softmax::dim).required(), attribute("dtype", &Softmax::dtype));
  static constexpr uint32_t traits = kAutocastHigh;
  static constexpr uint8_t forms = kFunction | kMethod | kOut;
};
void infer(const Softmax&, Specs in, Spec* out);

struct LogSoftmax {
  int64_t dim = -1;
  std::optional<DType> dtype;
  static constexpr auto name = "log_softmax";
  static constexpr auto doc = "The logarithm of softmax(input, dim), computed stably";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("dim", &LogSoftmax::dim).required(), attribute("dtype", &LogSoftmax::dtype));
  static constexpr uint32_t traits = kAutocastHigh;
  static constexpr uint8_t forms = kFunction | kMethod | kOut;
};
void infer(const LogSoftmax&, Specs in, Spec* out);

// input * mask / (1 - p), where the mask keeps an element with probability 1 - p; 0 < p < 1.
struct DropoutMasked {
  double p = 0.5;
  GeneratorHandle generator;
  static constexpr auto name = "_dropout";
  static constexpr auto parameters = std::tuple(input("input"), attribute("p", &DropoutMasked::p).required(),
                                                attribute("generator", &DropoutMasked::generator));
  static constexpr std::array outputs = {fresh(), hidden("mask")};
  static constexpr uint32_t traits = kRandom;
  static constexpr uint8_t forms = kFunction;
};
void infer(const DropoutMasked&, Specs in, Spec* out);

struct Dropout {
  double p = 0.5;
  bool training = true, inplace = false;
  static constexpr auto name = "dropout";
  static constexpr auto doc = "Zeroes elements with probability p and scales the others by 1 / (1 - p), while training";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("p", &Dropout::p), attribute("training", &Dropout::training),
                 attribute("inplace", &Dropout::inplace));
  static constexpr uint8_t forms = kFunction;
  static constexpr std::array outputs{maybe_view_of(0)};
};

// Whole channels at a time: n spatial dimensions.
template <int n>
struct FeatureDropout {
  double p = 0.5;
  bool training = true, inplace = false;
  static constexpr auto name = n == 1 ? "dropout1d" : n == 2 ? "dropout2d" : "dropout3d";
  static constexpr auto doc = "Zeroes whole channels with probability p, while training";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("p", &FeatureDropout::p), attribute("training", &FeatureDropout::training),
                 attribute("inplace", &FeatureDropout::inplace));
  static constexpr uint8_t forms = kFunction;
  static constexpr std::array outputs{maybe_view_of(0)};
};

using ActivationRecords =
    Records<Softmax, LogSoftmax, DropoutMasked, Dropout, FeatureDropout<1>, FeatureDropout<2>, FeatureDropout<3>>;

}  // namespace tenon::inline v0
