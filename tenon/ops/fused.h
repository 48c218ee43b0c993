// Ops that passes put in the place of several: each is computed while its parts are in the cache, and means what
// its decomposition says.
#pragma once

#include <tenon/ops/conv.h>
#include <tenon/ops/matmul.h>

namespace tenon::inline v0 {

// What may follow a product in a fused op, by the names of the attribute `activation`.
enum class Activation : uint8_t { Relu, Gelu, GeluTanh, Sigmoid, Tanh, Silu, None };
inline constexpr const char* kActivations[] = {"relu", "gelu", "gelu_tanh", "sigmoid", "tanh", "silu"};
constexpr Activation find_activation(std::string_view name) {
  int i = 0;
  while (i < 6 && name != kActivations[i]) ++i;
  return static_cast<Activation>(i);
}

struct LinearActivation {
  std::string activation;
  static constexpr auto name = "_linear_activation";
  static constexpr auto parameters = std::tuple(input("input"), input("weight"), input("bias").optional(),
                                                attribute("activation", &LinearActivation::activation).required());
  static constexpr uint8_t forms = 0;  // made by passes only
};
void infer(const LinearActivation&, Specs in, Spec* out);

struct ConvolutionActivation : ConvolutionGeometry {
  std::string activation;
  static constexpr auto name = "_convolution_activation";
  static constexpr auto parameters =
      std::tuple(input("input"), input("weight"), input("bias").optional(),
                 attribute("stride", &ConvolutionActivation::stride).required(),
                 attribute("padding", &ConvolutionActivation::padding).required(),
                 attribute("padding_end", &ConvolutionActivation::padding_end).required(),
                 attribute("dilation", &ConvolutionActivation::dilation).required(),
                 attribute("groups", &ConvolutionActivation::groups).required(),
                 attribute("activation", &ConvolutionActivation::activation).required());
  static constexpr uint8_t forms = 0;
};
void infer(const ConvolutionActivation&, Specs in, Spec* out);

using FusedRecords = Records<LinearActivation, ConvolutionActivation>;

}  // namespace tenon::inline v0
