// Convolutions and pooling over one to three spatial dimensions. Inputs are (batch, channels, spatial...)
// or (channels, spatial...). The public names are composites of a few primitives for any number of
// spatial dimensions, which are linear and each other's gradients.
#pragma once

#include <tenon/core/registry.h>

namespace tenon::inline v0 {

// ---- convolution: primitives ----

struct ConvolutionGeometry {
  Dims stride, padding, padding_end, dilation;  // per spatial dimension; padding before and after it
  int64_t groups = 1;
};

struct Convolution : ConvolutionGeometry {
  static constexpr auto name = "_convolution";
  static constexpr auto parameters = std::tuple(
      input("input"), input("weight"), input("bias").optional(), attribute("stride", &Convolution::stride).required(),
      attribute("padding", &Convolution::padding).required(),
      attribute("padding_end", &Convolution::padding_end).required(),
      attribute("dilation", &Convolution::dilation).required(), attribute("groups", &Convolution::groups).required());
  static constexpr uint32_t traits = kAutocastLow;
  static constexpr uint8_t forms = kFunction;
};
void infer(const Convolution&, Specs in, Spec* out);

// With respect to the input, whose spatial `sizes` are given: also what a transposed convolution computes.
struct ConvolutionInputGradient : ConvolutionGeometry {
  Dims sizes;
  static constexpr auto name = "_convolution_input_gradient";
  static constexpr auto parameters =
      std::tuple(input("grad"), input("weight"), attribute("sizes", &ConvolutionInputGradient::sizes).required(),
                 attribute("stride", &ConvolutionInputGradient::stride).required(),
                 attribute("padding", &ConvolutionInputGradient::padding).required(),
                 attribute("padding_end", &ConvolutionInputGradient::padding_end).required(),
                 attribute("dilation", &ConvolutionInputGradient::dilation).required(),
                 attribute("groups", &ConvolutionInputGradient::groups).required());
  static constexpr uint8_t forms = kFunction;
};
void infer(const ConvolutionInputGradient&, Specs in, Spec* out);

// With respect to the weight, whose spatial `sizes` are given.
struct ConvolutionWeightGradient : ConvolutionGeometry {
  Dims sizes;
  static constexpr auto name = "_convolution_weight_gradient";
  static constexpr auto parameters =
      std::tuple(input("grad"), input("input"), attribute("sizes", &ConvolutionWeightGradient::sizes).required(),
                 attribute("stride", &ConvolutionWeightGradient::stride).required(),
                 attribute("padding", &ConvolutionWeightGradient::padding).required(),
                 attribute("padding_end", &ConvolutionWeightGradient::padding_end).required(),
                 attribute("dilation", &ConvolutionWeightGradient::dilation).required(),
                 attribute("groups", &ConvolutionWeightGradient::groups).required());
  static constexpr uint8_t forms = kFunction;
};
void infer(const ConvolutionWeightGradient&, Specs in, Spec* out);

// ---- convolution: PyTorch's functions ----

template <int n>
struct Conv {
  Dims stride = Dims(n, 1), padding = Dims(n, 0), dilation = Dims(n, 1);
  int64_t groups = 1;
  static constexpr auto name = n == 1 ? "conv1d" : n == 2 ? "conv2d" : "conv3d";
  static constexpr auto parameters =
      std::tuple(input("input"), input("weight"), input("bias").optional(),
                 attribute("stride", &Conv::stride).broadcast(n), attribute("padding", &Conv::padding).broadcast(n),
                 attribute("dilation", &Conv::dilation).broadcast(n), attribute("groups", &Conv::groups));
  static constexpr uint8_t forms = kFunction;
};
// padding="same" or "valid"
template <int n>
struct ConvPadding {
  Dims stride = Dims(n, 1), dilation = Dims(n, 1);
  std::string padding = "valid";
  int64_t groups = 1;
  static constexpr auto name = Conv<n>::name;
  static constexpr auto overload = "padding";
  static constexpr auto parameters = std::tuple(
      input("input"), input("weight"), input("bias").optional(), attribute("stride", &ConvPadding::stride).broadcast(n),
      attribute("padding", &ConvPadding::padding).required(),
      attribute("dilation", &ConvPadding::dilation).broadcast(n), attribute("groups", &ConvPadding::groups));
  static constexpr uint8_t forms = kFunction;
};
template <int n>
struct ConvTranspose {
  Dims stride = Dims(n, 1), padding = Dims(n, 0), output_padding = Dims(n, 0), dilation = Dims(n, 1);
  int64_t groups = 1;
  static constexpr auto name = n == 1 ? "conv_transpose1d" : n == 2 ? "conv_transpose2d" : "conv_transpose3d";
  static constexpr auto parameters = std::tuple(
      input("input"), input("weight"), input("bias").optional(),
      attribute("stride", &ConvTranspose::stride).broadcast(n),
      attribute("padding", &ConvTranspose::padding).broadcast(n),
      attribute("output_padding", &ConvTranspose::output_padding).broadcast(n),
      attribute("groups", &ConvTranspose::groups), attribute("dilation", &ConvTranspose::dilation).broadcast(n));
  static constexpr uint8_t forms = kFunction;
};
using Conv1d = Conv<1>;
using Conv2d = Conv<2>;
using Conv3d = Conv<3>;

// ---- pooling: primitives over the last kernel_size.size() dimensions ----

struct PoolGeometry {
  Dims kernel_size, stride, padding, dilation;
  bool ceil_mode = false;
};

// The indices count elements of the flattened spatial dimensions.
struct MaxPool : PoolGeometry {
  static constexpr auto name = "_max_pool";
  static constexpr auto parameters = std::tuple(
      input("input"), attribute("kernel_size", &MaxPool::kernel_size).required(),
      attribute("stride", &MaxPool::stride).required(), attribute("padding", &MaxPool::padding).required(),
      attribute("dilation", &MaxPool::dilation).required(), attribute("ceil_mode", &MaxPool::ceil_mode).required());
  static constexpr std::array outputs = {fresh("values"), fresh("indices")};
  static constexpr uint8_t forms = kFunction;
};
void infer(const MaxPool&, Specs in, Spec* out);

struct AdaptiveMaxPool {
  Dims output_size;
  static constexpr auto name = "_adaptive_max_pool";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("output_size", &AdaptiveMaxPool::output_size).required());
  static constexpr std::array outputs = {fresh("values"), fresh("indices")};
  static constexpr uint8_t forms = kFunction;
};
void infer(const AdaptiveMaxPool&, Specs in, Spec* out);

// out[indices] += input over the last sizes.size() dimensions; and its reverse.
struct PoolScatter {
  Dims sizes;
  static constexpr auto name = "_pool_scatter";
  static constexpr auto parameters =
      std::tuple(input("input"), input("indices"), attribute("sizes", &PoolScatter::sizes).required());
  static constexpr uint8_t forms = kFunction;
};
void infer(const PoolScatter&, Specs in, Spec* out);
struct PoolGather {
  int64_t dims = 2;
  static constexpr auto name = "_pool_gather";
  static constexpr auto parameters =
      std::tuple(input("input"), input("indices"), attribute("dims", &PoolGather::dims).required());
  static constexpr uint8_t forms = kFunction;
};
void infer(const PoolGather&, Specs in, Spec* out);

struct AvgPool : PoolGeometry {
  bool count_include_pad = true;
  std::optional<int64_t> divisor_override;
  static constexpr auto name = "_avg_pool";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("kernel_size", &AvgPool::kernel_size).required(),
                 attribute("stride", &AvgPool::stride).required(), attribute("padding", &AvgPool::padding).required(),
                 attribute("ceil_mode", &AvgPool::ceil_mode).required(),
                 attribute("count_include_pad", &AvgPool::count_include_pad).required(),
                 attribute("divisor_override", &AvgPool::divisor_override).required());
  static constexpr uint8_t forms = kFunction;
};
void infer(const AvgPool&, Specs in, Spec* out);
struct AvgPoolGradient : PoolGeometry {
  bool count_include_pad = true;
  std::optional<int64_t> divisor_override;
  Dims sizes;
  static constexpr auto name = "_avg_pool_gradient";
  static constexpr auto parameters =
      std::tuple(input("grad"), attribute("sizes", &AvgPoolGradient::sizes).required(),
                 attribute("kernel_size", &AvgPoolGradient::kernel_size).required(),
                 attribute("stride", &AvgPoolGradient::stride).required(),
                 attribute("padding", &AvgPoolGradient::padding).required(),
                 attribute("ceil_mode", &AvgPoolGradient::ceil_mode).required(),
                 attribute("count_include_pad", &AvgPoolGradient::count_include_pad).required(),
                 attribute("divisor_override", &AvgPoolGradient::divisor_override).required());
  static constexpr uint8_t forms = kFunction;
};
void infer(const AvgPoolGradient&, Specs in, Spec* out);

struct AdaptiveAvgPool {
  Dims output_size;
  static constexpr auto name = "_adaptive_avg_pool";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("output_size", &AdaptiveAvgPool::output_size).required());
  static constexpr uint8_t forms = kFunction;
};
void infer(const AdaptiveAvgPool&, Specs in, Spec* out);
struct AdaptiveAvgPoolGradient {
  Dims sizes;
  static constexpr auto name = "_adaptive_avg_pool_gradient";
  static constexpr auto parameters =
      std::tuple(input("grad"), attribute("sizes", &AdaptiveAvgPoolGradient::sizes).required());
  static constexpr uint8_t forms = kFunction;
};
void infer(const AdaptiveAvgPoolGradient&, Specs in, Spec* out);

// ---- pooling: PyTorch's functions ----

template <int n>
struct MaxPoolNd {
  Dims kernel_size, padding = Dims(n, 0), dilation = Dims(n, 1);
  std::optional<Dims> stride;  // kernel_size when absent
  bool ceil_mode = false;
  static constexpr auto name = n == 1 ? "max_pool1d" : n == 2 ? "max_pool2d" : "max_pool3d";
  static constexpr auto parameters = std::tuple(
      input("input"), attribute("kernel_size", &MaxPoolNd::kernel_size).broadcast(n).required(),
      attribute("stride", &MaxPoolNd::stride).broadcast(n), attribute("padding", &MaxPoolNd::padding).broadcast(n),
      attribute("dilation", &MaxPoolNd::dilation).broadcast(n), attribute("ceil_mode", &MaxPoolNd::ceil_mode));
  static constexpr uint8_t forms = kFunction;
};
// Returns (values, indices): what max_pool2d(..., return_indices=True) calls.
template <int n>
struct MaxPoolIndices {
  Dims kernel_size, padding = Dims(n, 0), dilation = Dims(n, 1);
  std::optional<Dims> stride;
  bool ceil_mode = false;
  static constexpr auto name = n == 1   ? "max_pool1d_with_indices"
                               : n == 2 ? "max_pool2d_with_indices"
                                        : "max_pool3d_with_indices";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("kernel_size", &MaxPoolIndices::kernel_size).broadcast(n).required(),
                 attribute("stride", &MaxPoolIndices::stride).broadcast(n),
                 attribute("padding", &MaxPoolIndices::padding).broadcast(n),
                 attribute("dilation", &MaxPoolIndices::dilation).broadcast(n),
                 attribute("ceil_mode", &MaxPoolIndices::ceil_mode));
  static constexpr std::array outputs = {fresh("values"), fresh("indices")};
  static constexpr uint8_t forms = kFunction;
};
template <int n>
struct AvgPoolNd {
  Dims kernel_size, padding = Dims(n, 0);
  std::optional<Dims> stride;
  bool ceil_mode = false, count_include_pad = true;
  std::optional<int64_t> divisor_override;
  static constexpr auto name = n == 1 ? "avg_pool1d" : n == 2 ? "avg_pool2d" : "avg_pool3d";
  static constexpr auto parameters = std::tuple(
      input("input"), attribute("kernel_size", &AvgPoolNd::kernel_size).broadcast(n).required(),
      attribute("stride", &AvgPoolNd::stride).broadcast(n), attribute("padding", &AvgPoolNd::padding).broadcast(n),
      attribute("ceil_mode", &AvgPoolNd::ceil_mode), attribute("count_include_pad", &AvgPoolNd::count_include_pad),
      attribute("divisor_override", &AvgPoolNd::divisor_override));
  static constexpr uint8_t forms = kFunction;
};
// A size of -1 keeps the input's.
template <int n>
struct AdaptiveAvgPoolNd {
  Dims output_size;
  static constexpr auto name = n == 1 ? "adaptive_avg_pool1d" : n == 2 ? "adaptive_avg_pool2d" : "adaptive_avg_pool3d";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("output_size", &AdaptiveAvgPoolNd::output_size).broadcast(n).required());
  static constexpr uint8_t forms = kFunction;
};
template <int n>
struct AdaptiveMaxPoolNd {
  Dims output_size;
  static constexpr auto name = n == 1 ? "adaptive_max_pool1d" : n == 2 ? "adaptive_max_pool2d" : "adaptive_max_pool3d";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("output_size", &AdaptiveMaxPoolNd::output_size).broadcast(n).required());
  static constexpr uint8_t forms = kFunction;
};

using ConvRecords =
    Records<Convolution, ConvolutionInputGradient, ConvolutionWeightGradient, Conv<1>, Conv<2>, Conv<3>, ConvPadding<1>,
            ConvPadding<2>, ConvPadding<3>, ConvTranspose<1>, ConvTranspose<2>, ConvTranspose<3>, MaxPool,
            AdaptiveMaxPool, PoolScatter, PoolGather, AvgPool, AvgPoolGradient, AdaptiveAvgPool,
            AdaptiveAvgPoolGradient, MaxPoolNd<1>, MaxPoolNd<2>, MaxPoolNd<3>, MaxPoolIndices<1>, MaxPoolIndices<2>,
            MaxPoolIndices<3>, AvgPoolNd<1>, AvgPoolNd<2>, AvgPoolNd<3>, AdaptiveAvgPoolNd<1>, AdaptiveAvgPoolNd<2>,
            AdaptiveAvgPoolNd<3>, AdaptiveMaxPoolNd<1>, AdaptiveMaxPoolNd<2>, AdaptiveMaxPoolNd<3>>;

}  // namespace tenon::inline v0
