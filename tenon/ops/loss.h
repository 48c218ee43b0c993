// Losses. `size_average` and `reduce` are PyTorch's older spelling of `reduction`.
#pragma once

#include <tenon/core/registry.h>

namespace tenon::inline v0 {

struct LegacyReduction {
  std::optional<bool> size_average, reduce;
  std::string reduction = "mean";
};

// ---- classification ----

struct CrossEntropy : LegacyReduction {
  int64_t ignore_index = -100;
  double label_smoothing = 0;
  static constexpr auto name = "cross_entropy";
  static constexpr auto doc = "Negative log-likelihood of logits; target holds class indices or probabilities";
  static constexpr auto parameters = std::tuple(
      input("input"), input("target"), input("weight").optional(),
      attribute("size_average", &CrossEntropy::size_average), attribute("ignore_index", &CrossEntropy::ignore_index),
      attribute("reduce", &CrossEntropy::reduce), attribute("reduction", &CrossEntropy::reduction),
      attribute("label_smoothing", &CrossEntropy::label_smoothing));
  static constexpr uint32_t traits = kAutocastHigh;
  static constexpr uint8_t forms = kFunction;
};

// The negative log-likelihood of class indices. `input` holds logits, or log-probabilities with
// `is_log`. Dims are (batch, classes, ...), with (batch, ...) for the target.
struct ClassLoss {
  bool is_log = false;
  int64_t ignore_index = -100;
  int64_t reduction = 1;  // 0 none, 1 mean, 2 sum
  double label_smoothing = 0;
  static constexpr auto name = "_class_loss";
  static constexpr auto parameters = std::tuple(input("input"), input("target"), input("weight").optional(),
                                                attribute("is_log", &ClassLoss::is_log).required(),
                                                attribute("ignore_index", &ClassLoss::ignore_index).required(),
                                                attribute("reduction", &ClassLoss::reduction).required(),
                                                attribute("label_smoothing", &ClassLoss::label_smoothing).required());
  static constexpr std::array outputs = {fresh(), hidden("log_probabilities"), hidden("total_weight")};
  static constexpr uint8_t forms = kFunction;
};
void infer(const ClassLoss&, Specs in, Spec* out);

struct ClassLossGradient {
  bool is_log = false;
  int64_t ignore_index = -100;
  int64_t reduction = 1;
  double label_smoothing = 0;
  static constexpr auto name = "_class_loss_gradient";
  static constexpr auto parameters =
      std::tuple(input("grad"), input("input"), input("target"), input("weight").optional(), input("log_probabilities"),
                 input("total_weight"), attribute("is_log", &ClassLossGradient::is_log).required(),
                 attribute("ignore_index", &ClassLossGradient::ignore_index).required(),
                 attribute("reduction", &ClassLossGradient::reduction).required(),
                 attribute("label_smoothing", &ClassLossGradient::label_smoothing).required());
  static constexpr uint8_t forms = kFunction;
};
void infer(const ClassLossGradient&, Specs in, Spec* out);

struct NllLoss : LegacyReduction {
  int64_t ignore_index = -100;
  static constexpr auto name = "nll_loss";
  static constexpr auto doc = "Negative log-likelihood of log-probabilities; target holds class indices";
  static constexpr auto parameters =
      std::tuple(input("input"), input("target"), input("weight").optional(),
                 attribute("size_average", &NllLoss::size_average), attribute("ignore_index", &NllLoss::ignore_index),
                 attribute("reduce", &NllLoss::reduce), attribute("reduction", &NllLoss::reduction));
  static constexpr uint8_t forms = kFunction;
};

struct BinaryCrossEntropy : LegacyReduction {
  static constexpr auto name = "binary_cross_entropy";
  static constexpr auto doc = "Cross entropy of probabilities and targets in [0, 1]";
  static constexpr auto parameters = std::tuple(input("input"), input("target"), input("weight").optional(),
                                                attribute("size_average", &BinaryCrossEntropy::size_average),
                                                attribute("reduce", &BinaryCrossEntropy::reduce),
                                                attribute("reduction", &BinaryCrossEntropy::reduction));
  static constexpr uint8_t forms = kFunction;
};
// Elementwise, without weight and reduction; a primitive for its check of the input's range.
struct BinaryLoss {
  static constexpr auto name = "_binary_loss";
  static constexpr auto parameters = std::tuple(input("input"), input("target"));
  static constexpr uint8_t forms = kFunction;
};
void infer(const BinaryLoss&, Specs in, Spec* out);

struct BinaryCrossEntropyWithLogits : LegacyReduction {
  static constexpr auto name = "binary_cross_entropy_with_logits";
  static constexpr auto doc = "binary_cross_entropy(sigmoid(input), target), computed stably";
  static constexpr auto parameters =
      std::tuple(input("input"), input("target"), input("weight").optional(),
                 attribute("size_average", &BinaryCrossEntropyWithLogits::size_average),
                 attribute("reduce", &BinaryCrossEntropyWithLogits::reduce),
                 attribute("reduction", &BinaryCrossEntropyWithLogits::reduction), input("pos_weight").optional());
  static constexpr uint8_t forms = kFunction;
};

// ---- regression ----

struct MseLoss : LegacyReduction {
  static constexpr auto name = "mse_loss";
  static constexpr auto doc = "Squared differences";
  static constexpr auto parameters = std::tuple(
      input("input"), input("target"), attribute("size_average", &MseLoss::size_average),
      attribute("reduce", &MseLoss::reduce), attribute("reduction", &MseLoss::reduction), input("weight").optional());
  static constexpr uint8_t forms = kFunction;
};
struct L1Loss : LegacyReduction {
  static constexpr auto name = "l1_loss";
  static constexpr auto doc = "Absolute differences";
  static constexpr auto parameters = std::tuple(
      input("input"), input("target"), attribute("size_average", &L1Loss::size_average),
      attribute("reduce", &L1Loss::reduce), attribute("reduction", &L1Loss::reduction), input("weight").optional());
  static constexpr uint8_t forms = kFunction;
};
struct SmoothL1Loss : LegacyReduction {
  double beta = 1;
  static constexpr auto name = "smooth_l1_loss";
  static constexpr auto doc = "Squared differences below beta, absolute ones above";
  static constexpr auto parameters =
      std::tuple(input("input"), input("target"), attribute("size_average", &SmoothL1Loss::size_average),
                 attribute("reduce", &SmoothL1Loss::reduce), attribute("reduction", &SmoothL1Loss::reduction),
                 attribute("beta", &SmoothL1Loss::beta));
  static constexpr uint8_t forms = kFunction;
};
struct HuberLoss {
  std::string reduction = "mean";
  double delta = 1;
  static constexpr auto name = "huber_loss";
  static constexpr auto doc = "Squared differences below delta, linear ones above";
  static constexpr auto parameters =
      std::tuple(input("input"), input("target"), attribute("reduction", &HuberLoss::reduction),
                 attribute("delta", &HuberLoss::delta), input("weight").optional());
  static constexpr uint8_t forms = kFunction;
};
struct KlDiv : LegacyReduction {
  bool log_target = false;
  static constexpr auto name = "kl_div";
  static constexpr auto doc = "Kullback-Leibler divergence of target from the log-probabilities input";
  static constexpr auto parameters =
      std::tuple(input("input"), input("target"), attribute("size_average", &KlDiv::size_average),
                 attribute("reduce", &KlDiv::reduce), attribute("reduction", &KlDiv::reduction),
                 attribute("log_target", &KlDiv::log_target));
  static constexpr uint8_t forms = kFunction;
};

using LossRecords = Records<CrossEntropy, ClassLoss, ClassLossGradient, NllLoss, BinaryCrossEntropy, BinaryLoss,
                            BinaryCrossEntropyWithLogits, MseLoss, L1Loss, SmoothL1Loss, HuberLoss, KlDiv>;

}  // namespace tenon::inline v0
