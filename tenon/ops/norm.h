// Normalisations.
#pragma once

#include <tenon/core/registry.h>

namespace tenon::inline v0 {

// ---- batch norm: channels at dim 1 ----

struct BatchNorm {
  bool training = false;
  double momentum = 0.1, eps = 1e-5;
  static constexpr auto name = "batch_norm";
  static constexpr auto doc = "Normalises each channel by its batch's statistics (training) or by the running ones";
  static constexpr auto parameters =
      std::tuple(input("input"), input("running_mean").optional(), input("running_var").optional(),
                 input("weight").optional(), input("bias").optional(), attribute("training", &BatchNorm::training),
                 attribute("momentum", &BatchNorm::momentum), attribute("eps", &BatchNorm::eps));
  static constexpr uint8_t forms = kFunction;
};

// By the batch's statistics, which also move the running ones.
struct BatchNormTraining {
  double momentum = 0.1, eps = 1e-5;
  static constexpr auto name = "_batch_norm_training";
  static constexpr auto parameters =
      std::tuple(input("input"), input("running_mean").optional(), input("running_var").optional(),
                 input("weight").optional(), input("bias").optional(),
                 attribute("momentum", &BatchNormTraining::momentum), attribute("eps", &BatchNormTraining::eps));
  static constexpr std::array outputs = {fresh(), hidden("mean"), hidden("invstd")};
  static constexpr uint32_t writes = 1u << 1 | 1u << 2;
  static constexpr uint8_t forms = kFunction;
};
void infer(const BatchNormTraining&, Specs in, Spec* out);

// (input, weight, bias) gradients. mean and invstd are what the forward call found.
struct BatchNormGradient {
  double eps = 1e-5;
  static constexpr auto name = "_batch_norm_gradient";
  static constexpr auto parameters =
      std::tuple(input("grad"), input("input"), input("weight").optional(), input("mean"), input("invstd"),
                 attribute("eps", &BatchNormGradient::eps));
  static constexpr std::array outputs = {fresh("input"), fresh("weight"), fresh("bias")};
  static constexpr uint8_t forms = kFunction;
};
void infer(const BatchNormGradient&, Specs in, Spec* out);

// ---- layer norm: over the last dimensions ----

struct LayerNorm {
  Dims normalized_shape;
  double eps = 1e-5;
  static constexpr auto name = "layer_norm";
  static constexpr auto doc = "Normalises over the last dimensions, which are normalized_shape";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("normalized_shape", &LayerNorm::normalized_shape).required(),
                 input("weight").optional(), input("bias").optional(), attribute("eps", &LayerNorm::eps));
  static constexpr std::array outputs = {fresh(), hidden("mean"), hidden("invstd")};
  static constexpr uint32_t traits = kAutocastHigh;
  static constexpr uint8_t forms = kFunction;
};
void infer(const LayerNorm&, Specs in, Spec* out);

struct LayerNormGradient {
  int64_t dims = 1;  // that are normalised
  double eps = 1e-5;
  static constexpr auto name = "_layer_norm_gradient";
  static constexpr auto parameters =
      std::tuple(input("grad"), input("input"), input("weight").optional(), input("mean"), input("invstd"),
                 attribute("dims", &LayerNormGradient::dims).required(), attribute("eps", &LayerNormGradient::eps));
  static constexpr std::array outputs = {fresh("input"), fresh("weight"), fresh("bias")};
  static constexpr uint8_t forms = kFunction;
};
void infer(const LayerNormGradient&, Specs in, Spec* out);

// ---- composites ----

struct GroupNorm {
  int64_t num_groups = 1;
  double eps = 1e-5;
  static constexpr auto name = "group_norm";
  static constexpr auto doc = "Normalises groups of channels within each sample";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("num_groups", &GroupNorm::num_groups).required(), input("weight").optional(),
                 input("bias").optional(), attribute("eps", &GroupNorm::eps));
  static constexpr uint8_t forms = kFunction;
};
struct InstanceNorm {
  bool use_input_stats = true;
  double momentum = 0.1, eps = 1e-5;
  static constexpr auto name = "instance_norm";
  static constexpr auto doc = "Normalises each channel of each sample";
  static constexpr auto parameters = std::tuple(
      input("input"), input("running_mean").optional(), input("running_var").optional(), input("weight").optional(),
      input("bias").optional(), attribute("use_input_stats", &InstanceNorm::use_input_stats),
      attribute("momentum", &InstanceNorm::momentum), attribute("eps", &InstanceNorm::eps));
  static constexpr uint8_t forms = kFunction;
};
// eps defaults to the dtype's smallest step at 1.
struct RmsNorm {
  Dims normalized_shape;
  std::optional<double> eps;
  static constexpr auto name = "rms_norm";
  static constexpr auto doc = "Divides by the root mean square over the last dimensions, which are normalized_shape";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("normalized_shape", &RmsNorm::normalized_shape).required(),
                 input("weight").optional(), attribute("eps", &RmsNorm::eps));
  static constexpr uint8_t forms = kFunction;
};

using NormRecords = Records<BatchNorm, BatchNormTraining, BatchNormGradient, LayerNorm, LayerNormGradient, GroupNorm,
                            InstanceNorm, RmsNorm>;

}  // namespace tenon::inline v0
