// Losses: modules of two tensors. `nn::CrossEntropyLoss()(output, target)`.
#pragma once

#include <string>

#include <tenon/nn/forward.h>

namespace tenon::inline v0::nn {

struct TENON_API LossImpl : Module {
  TENON_FORWARD("input, target")
  virtual Tensor forward(Tensor input, Tensor target) = 0;
  std::string reduction = "mean";
};

struct CrossEntropyOptions {
  Tensor weight;
  int64_t ignore_index = -100;
  std::string reduction = "mean";
  double label_smoothing = 0;
};
struct TENON_API CrossEntropyLossImpl : LossImpl {
  using Options = CrossEntropyOptions;
  explicit CrossEntropyLossImpl(const CrossEntropyOptions& options = {});
  using LossImpl::forward;
  Tensor forward(Tensor input, Tensor target) override;
  int64_t ignore_index;
  double label_smoothing;
  BufferSlot weight{*this, "weight"};
};
using CrossEntropyLoss = Handle<CrossEntropyLossImpl>;

struct MSEOptions {
  std::string reduction = "mean";
};
struct TENON_API MSELossImpl : LossImpl {
  using Options = MSEOptions;
  explicit MSELossImpl(const MSEOptions& options = {}) { reduction = options.reduction; }
  using LossImpl::forward;
  Tensor forward(Tensor input, Tensor target) override;
};
using MSELoss = Handle<MSELossImpl>;

struct TENON_API L1LossImpl : LossImpl {
  using Options = MSEOptions;
  explicit L1LossImpl(const MSEOptions& options = {}) { reduction = options.reduction; }
  using LossImpl::forward;
  Tensor forward(Tensor input, Tensor target) override;
};
using L1Loss = Handle<L1LossImpl>;

struct SmoothL1Options {
  std::string reduction = "mean";
  double beta = 1;
};
struct TENON_API SmoothL1LossImpl : LossImpl {
  using Options = SmoothL1Options;
  explicit SmoothL1LossImpl(const SmoothL1Options& options = {}) : beta(options.beta) { reduction = options.reduction; }
  using LossImpl::forward;
  Tensor forward(Tensor input, Tensor target) override;
  double beta;
};
using SmoothL1Loss = Handle<SmoothL1LossImpl>;

struct NLLOptions {
  Tensor weight;
  int64_t ignore_index = -100;
  std::string reduction = "mean";
};
struct TENON_API NLLLossImpl : LossImpl {
  using Options = NLLOptions;
  explicit NLLLossImpl(const NLLOptions& options = {});
  using LossImpl::forward;
  Tensor forward(Tensor input, Tensor target) override;
  int64_t ignore_index;
  BufferSlot weight{*this, "weight"};
};
using NLLLoss = Handle<NLLLossImpl>;

struct BCEOptions {
  Tensor weight;
  std::string reduction = "mean";
  Tensor pos_weight;  // of BCEWithLogitsLoss
};
struct TENON_API BCELossImpl : LossImpl {
  using Options = BCEOptions;
  explicit BCELossImpl(const BCEOptions& options = {});
  using LossImpl::forward;
  Tensor forward(Tensor input, Tensor target) override;
  BufferSlot weight{*this, "weight"};
};
using BCELoss = Handle<BCELossImpl>;
struct TENON_API BCEWithLogitsLossImpl : LossImpl {
  using Options = BCEOptions;
  explicit BCEWithLogitsLossImpl(const BCEOptions& options = {});
  using LossImpl::forward;
  Tensor forward(Tensor input, Tensor target) override;
  BufferSlot weight{*this, "weight"};
  BufferSlot pos_weight{*this, "pos_weight"};
};
using BCEWithLogitsLoss = Handle<BCEWithLogitsLossImpl>;

}  // namespace tenon::inline v0::nn
