// Losses: modules of two tensors. `nn::CrossEntropyLoss()(output, target)`.
#pragma once

#include <string>

#include <tenon/nn/module.h>

namespace tenon::inline v0::nn {

struct TENON_API LossImpl : Module {
  using Module::forward;
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
  explicit MSELossImpl(const MSEOptions& options = {}) { reduction = options.reduction; }
  using LossImpl::forward;
  Tensor forward(Tensor input, Tensor target) override;
};
using MSELoss = Handle<MSELossImpl>;

}  // namespace tenon::inline v0::nn
