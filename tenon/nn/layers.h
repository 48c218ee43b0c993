// The layers that take one tensor and give one. `nn::Linear(784, 10, {.bias = false})` is a handle; the
// class with the members is `nn::LinearImpl`, reached by `->`.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include <tenon/nn/module.h>

namespace tenon::inline v0::nn {

// Where parameters are made: the default device and dtype unless given.
struct Factory {
  OptionalDevice device;
  OptionalDType dtype;
};

// ---- linear ------------------------------------------------------------------------------------------

struct LinearOptions {
  bool bias = true;
  OptionalDevice device;
  OptionalDType dtype;
};
struct TENON_API LinearImpl : Module {
  using Options = LinearOptions;
  LinearImpl() = default;
  LinearImpl(int64_t in_features, int64_t out_features, LinearOptions options = {});
  Tensor forward(Tensor x) override;
  std::string extra_repr() const override;
  void reset_parameters();

  int64_t in_features = 0, out_features = 0;
  ParameterSlot weight{*this, "weight"};
  ParameterSlot bias{*this, "bias"};
};
using Linear = Handle<LinearImpl>;

struct TENON_API IdentityImpl : Module {
  Tensor forward(Tensor x) override { return x; }
};
using Identity = Handle<IdentityImpl>;

struct TENON_API FlattenImpl : Module {
  explicit FlattenImpl(int64_t start_dim = 1, int64_t end_dim = -1) : start_dim(start_dim), end_dim(end_dim) {}
  Tensor forward(Tensor x) override;
  std::string extra_repr() const override;
  int64_t start_dim, end_dim;
};
using Flatten = Handle<FlattenImpl>;

struct EmbeddingOptions {
  OptionalInt padding_idx;
  OptionalDevice device;
  OptionalDType dtype;
};
struct TENON_API EmbeddingImpl : Module {
  using Options = EmbeddingOptions;
  EmbeddingImpl() = default;
  EmbeddingImpl(int64_t num_embeddings, int64_t embedding_dim, EmbeddingOptions options = {});
  Tensor forward(Tensor indices) override;
  std::string extra_repr() const override;
  void reset_parameters();

  int64_t num_embeddings = 0, embedding_dim = 0;
  OptionalInt padding_idx;
  ParameterSlot weight{*this, "weight"};
};
using Embedding = Handle<EmbeddingImpl>;

// ---- convolution and pooling ---------------------------------------------------------------------------

// One number for every side, one per dimension, or "same" and "valid".
struct Padding {
  DimsArg size{0};
  std::string mode;  // empty unless named
  Padding(const DimsArg& size = 0) : size(size) {}
  Padding(int64_t size) : size(size) {}
  Padding(int size) : size(size) {}
  Padding(std::initializer_list<Dim> sizes) : size(sizes) {}
  Padding(const char* mode) : mode(mode) {}
  Padding(std::string mode) : mode(std::move(mode)) {}
};

struct ConvOptions {
  DimsArg stride = 1;
  Padding padding = 0;
  DimsArg dilation = 1;
  int64_t groups = 1;
  bool bias = true;
  std::string padding_mode = "zeros";
  OptionalDevice device;
  OptionalDType dtype;
};
// Conv1d, Conv2d and Conv3d: `dims` of them.
struct TENON_API ConvImpl : Module {
  using Options = ConvOptions;
  explicit ConvImpl(int dims) : dims(dims) {}
  ConvImpl(int dims, int64_t in_channels, int64_t out_channels, const DimsArg& kernel_size, const ConvOptions& options);
  Tensor forward(Tensor x) override;
  std::string extra_repr() const override;
  void reset_parameters();

  const int dims;
  int64_t in_channels = 0, out_channels = 0, groups = 1;
  Dims kernel_size, stride, dilation;
  Padding padding;
  std::string padding_mode = "zeros";
  ParameterSlot weight{*this, "weight"};
  ParameterSlot bias{*this, "bias"};
};
template <int kDims>
struct ConvOf : ConvImpl {
  ConvOf() : ConvImpl(kDims) {}
  ConvOf(int64_t in_channels, int64_t out_channels, const DimsArg& kernel_size, const ConvOptions& options = {})
      : ConvImpl(kDims, in_channels, out_channels, kernel_size, options) {}
};
struct TENON_API Conv1dImpl : ConvOf<1> {
  using ConvOf::ConvOf;
};
struct TENON_API Conv2dImpl : ConvOf<2> {
  using ConvOf::ConvOf;
};
struct TENON_API Conv3dImpl : ConvOf<3> {
  using ConvOf::ConvOf;
};
using Conv1d = Handle<Conv1dImpl>;
using Conv2d = Handle<Conv2dImpl>;
using Conv3d = Handle<Conv3dImpl>;

struct MaxPoolOptions {
  std::optional<DimsArg> stride;  // kernel_size unless given
  DimsArg padding = 0;
  DimsArg dilation = 1;
  bool ceil_mode = false;
};
struct TENON_API MaxPool2dImpl : Module {
  using Options = MaxPoolOptions;
  explicit MaxPool2dImpl(const DimsArg& kernel_size = 1, const MaxPoolOptions& options = {});
  Tensor forward(Tensor x) override;
  std::string extra_repr() const override;
  DimsArg kernel_size, stride, padding, dilation;
  bool ceil_mode;
};
using MaxPool2d = Handle<MaxPool2dImpl>;

struct AvgPoolOptions {
  std::optional<DimsArg> stride;
  DimsArg padding = 0;
  bool ceil_mode = false;
  bool count_include_pad = true;
  OptionalInt divisor_override;
};
struct TENON_API AvgPool2dImpl : Module {
  using Options = AvgPoolOptions;
  explicit AvgPool2dImpl(const DimsArg& kernel_size = 1, const AvgPoolOptions& options = {});
  Tensor forward(Tensor x) override;
  std::string extra_repr() const override;
  DimsArg kernel_size, stride, padding;
  bool ceil_mode, count_include_pad;
  OptionalInt divisor_override;
};
using AvgPool2d = Handle<AvgPool2dImpl>;

struct TENON_API AdaptiveAvgPool2dImpl : Module {
  explicit AdaptiveAvgPool2dImpl(const DimsArg& output_size = 1) : output_size(output_size) {}
  Tensor forward(Tensor x) override;
  std::string extra_repr() const override;
  DimsArg output_size;
};
using AdaptiveAvgPool2d = Handle<AdaptiveAvgPool2dImpl>;

// ---- normalisation and dropout ---------------------------------------------------------------------------

struct BatchNormOptions {
  double eps = 1e-5;
  OptionalDouble momentum = 0.1;  // none: the average of all batches
  bool affine = true;
  bool track_running_stats = true;
  OptionalDevice device;
  OptionalDType dtype;
};
// BatchNorm1d, 2d and 3d differ in the shapes that they take.
struct TENON_API BatchNormImpl : Module {
  using Options = BatchNormOptions;
  explicit BatchNormImpl(int dims) : dims(dims) {}
  BatchNormImpl(int dims, int64_t num_features, const BatchNormOptions& options);
  Tensor forward(Tensor x) override;
  std::string extra_repr() const override;
  void reset_running_stats();
  void reset_parameters();

  const int dims;
  int64_t num_features = 0;
  double eps = 1e-5;
  OptionalDouble momentum = 0.1;
  bool affine = true, track_running_stats = true;
  ParameterSlot weight{*this, "weight"};
  ParameterSlot bias{*this, "bias"};
  BufferSlot running_mean{*this, "running_mean"};
  BufferSlot running_var{*this, "running_var"};
  BufferSlot num_batches_tracked{*this, "num_batches_tracked"};
};
template <int kDims>
struct BatchNormOf : BatchNormImpl {
  BatchNormOf() : BatchNormImpl(kDims) {}
  BatchNormOf(int64_t num_features, const BatchNormOptions& options = {})
      : BatchNormImpl(kDims, num_features, options) {}
};
struct TENON_API BatchNorm1dImpl : BatchNormOf<1> {
  using BatchNormOf::BatchNormOf;
};
struct TENON_API BatchNorm2dImpl : BatchNormOf<2> {
  using BatchNormOf::BatchNormOf;
};
struct TENON_API BatchNorm3dImpl : BatchNormOf<3> {
  using BatchNormOf::BatchNormOf;
};
using BatchNorm1d = Handle<BatchNorm1dImpl>;
using BatchNorm2d = Handle<BatchNorm2dImpl>;
using BatchNorm3d = Handle<BatchNorm3dImpl>;

struct LayerNormOptions {
  double eps = 1e-5;
  bool elementwise_affine = true;
  bool bias = true;
  OptionalDevice device;
  OptionalDType dtype;
};
struct TENON_API LayerNormImpl : Module {
  using Options = LayerNormOptions;
  LayerNormImpl() = default;
  explicit LayerNormImpl(const DimsArg& normalized_shape, const LayerNormOptions& options = {});
  Tensor forward(Tensor x) override;
  std::string extra_repr() const override;
  void reset_parameters();

  Dims normalized_shape;
  double eps = 1e-5;
  bool elementwise_affine = true;
  ParameterSlot weight{*this, "weight"};
  ParameterSlot bias{*this, "bias"};
};
using LayerNorm = Handle<LayerNormImpl>;

struct TENON_API DropoutImpl : Module {
  explicit DropoutImpl(double p = 0.5, bool inplace = false);
  Tensor forward(Tensor x) override;
  std::string extra_repr() const override;
  double p;
  bool inplace;
};
using Dropout = Handle<DropoutImpl>;

// ---- activations --------------------------------------------------------------------------------------

struct TENON_API ReLUImpl : Module {
  explicit ReLUImpl(bool inplace = false) : inplace(inplace) {}
  Tensor forward(Tensor x) override;
  std::string extra_repr() const override { return inplace ? "inplace=True" : ""; }
  bool inplace;
};
using ReLU = Handle<ReLUImpl>;

struct TENON_API GELUImpl : Module {
  explicit GELUImpl(std::string approximate = "none") : approximate(std::move(approximate)) {}
  Tensor forward(Tensor x) override;
  std::string extra_repr() const override { return "approximate='" + approximate + "'"; }
  std::string approximate;
};
using GELU = Handle<GELUImpl>;

struct TENON_API SigmoidImpl : Module {
  Tensor forward(Tensor x) override;
};
using Sigmoid = Handle<SigmoidImpl>;

struct TENON_API TanhImpl : Module {
  Tensor forward(Tensor x) override;
};
using Tanh = Handle<TanhImpl>;

struct TENON_API SiLUImpl : Module {
  explicit SiLUImpl(bool inplace = false) : inplace(inplace) {}
  Tensor forward(Tensor x) override;
  std::string extra_repr() const override { return inplace ? "inplace=True" : ""; }
  bool inplace;
};
using SiLU = Handle<SiLUImpl>;

struct TENON_API LeakyReLUImpl : Module {
  explicit LeakyReLUImpl(double negative_slope = 0.01, bool inplace = false)
      : negative_slope(negative_slope), inplace(inplace) {}
  Tensor forward(Tensor x) override;
  std::string extra_repr() const override;
  double negative_slope;
  bool inplace;
};
using LeakyReLU = Handle<LeakyReLUImpl>;

struct TENON_API SoftmaxImpl : Module {
  explicit SoftmaxImpl(OptionalInt dim = {}) : dim(dim) {}
  Tensor forward(Tensor x) override;
  std::string extra_repr() const override;
  OptionalInt dim;
};
using Softmax = Handle<SoftmaxImpl>;

struct TENON_API LogSoftmaxImpl : Module {
  explicit LogSoftmaxImpl(OptionalInt dim = {}) : dim(dim) {}
  Tensor forward(Tensor x) override;
  std::string extra_repr() const override;
  OptionalInt dim;
};
using LogSoftmax = Handle<LogSoftmaxImpl>;

}  // namespace tenon::inline v0::nn
