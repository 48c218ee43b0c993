#include <cmath>

#include <tenon/nn/factory.h>
#include <tenon/nn/init.h>
#include <tenon/nn/layers.h>
#include <tenon/ops/functions.h>

namespace tenon::inline v0::nn {
namespace {

bool all_are(const Dims& dims, int64_t value) {
  for (Dim d : dims) {
    if (!(d == Dim(value))) return false;
  }
  return true;
}

}  // namespace

ConvImpl::ConvImpl(int dims, int64_t in_channels, int64_t out_channels, const DimsArg& kernel, const ConvOptions& o)
    : dims(dims),
      in_channels(in_channels),
      out_channels(out_channels),
      groups(o.groups),
      padding(o.padding),
      padding_mode(o.padding_mode) {
  const auto n = static_cast<size_t>(dims);
  kernel_size = kernel.broadcast(n);
  stride = o.stride.broadcast(n);
  dilation = o.dilation.broadcast(n);
  if (padding.mode.empty()) padding.size = padding.size.broadcast(n);
  check<ValueError>(groups > 0, "groups must be a positive integer");
  check<ValueError>(in_channels % groups == 0, "in_channels must be divisible by groups");
  check<ValueError>(out_channels % groups == 0, "out_channels must be divisible by groups");
  if (!padding.mode.empty()) {
    check<ValueError>(padding.mode == "same" || padding.mode == "valid", "Invalid padding string '", padding.mode,
                      "', should be one of {'valid', 'same'}");
    check<ValueError>(padding.mode != "same" || all_are(stride, 1),
                      "padding='same' is not supported for strided convolutions");
  }
  check<ValueError>(
      padding_mode == "zeros" || padding_mode == "reflect" || padding_mode == "replicate" || padding_mode == "circular",
      "padding_mode must be one of {'circular', 'reflect', 'replicate', 'zeros'}, but got padding_mode='", padding_mode,
      "'");
  Shape shape{out_channels, in_channels / groups};
  for (Dim k : kernel_size) shape.push_back(k);
  weight = new_parameter(shape, o);
  bias = o.bias ? new_parameter({out_channels}, o) : Tensor();
  reset_parameters();
}

void ConvImpl::reset_parameters() {
  init::kaiming_uniform_(weight, std::sqrt(5.0));
  if (!bias.defined()) return;
  const auto [fan_in, fan_out] = init::fan_in_and_fan_out(weight);
  if (fan_in == 0) return;
  const double bound = 1 / std::sqrt(static_cast<double>(fan_in));
  init::uniform_(bias, -bound, bound);
}

Tensor ConvImpl::forward(Tensor x) {
  DimsArg amount = padding.size;
  std::string mode = padding.mode;
  if (padding_mode != "zeros") {
    // Last dimension first, (before, after) pairs, as pad() wants them.
    Dims pairs;
    for (int d = dims - 1; d >= 0; --d) {
      const auto i = static_cast<size_t>(d);
      const int64_t total = mode == "same"    ? dilation[i].value() * (kernel_size[i].value() - 1)
                            : mode == "valid" ? 0
                                              : 2 * amount[i].value();
      pairs.push_back(total / 2);
      pairs.push_back(total - total / 2);
    }
    x = pad(x, pairs, padding_mode);
    amount = Dims(static_cast<size_t>(dims), Dim(0));
    mode.clear();
  }
  auto run = [&](auto numbers, auto named) { return mode.empty() ? numbers() : named(); };
  switch (dims) {
    case 1:
      return run([&] { return conv1d(x, weight, bias, stride, amount, dilation, groups); },
                 [&] { return conv1d(x, weight, bias, stride, mode, dilation, groups); });
    case 2:
      return run([&] { return conv2d(x, weight, bias, stride, amount, dilation, groups); },
                 [&] { return conv2d(x, weight, bias, stride, mode, dilation, groups); });
    default:
      return run([&] { return conv3d(x, weight, bias, stride, amount, dilation, groups); },
                 [&] { return conv3d(x, weight, bias, stride, mode, dilation, groups); });
  }
}

std::string ConvImpl::extra_repr() const {
  std::string out = text(in_channels, ", ", out_channels, ", kernel_size=", kernel_size, ", stride=", stride);
  if (!padding.mode.empty())
    out += ", padding=" + padding.mode;
  else if (!all_are(padding.size, 0))
    out += text(", padding=", static_cast<const Dims&>(padding.size));
  if (!all_are(dilation, 1)) out += text(", dilation=", dilation);
  if (groups != 1) out += text(", groups=", groups);
  if (bias.present && !bias.value.defined()) out += ", bias=False";
  if (padding_mode != "zeros") out += ", padding_mode=" + padding_mode;
  return out;
}

MaxPool2dImpl::MaxPool2dImpl(const DimsArg& kernel_size, const MaxPoolOptions& o)
    : kernel_size(kernel_size),
      stride(o.stride.value_or(kernel_size)),
      padding(o.padding),
      dilation(o.dilation),
      ceil_mode(o.ceil_mode) {}
Tensor MaxPool2dImpl::forward(Tensor x) { return max_pool2d(x, kernel_size, stride, padding, dilation, ceil_mode); }
std::string MaxPool2dImpl::extra_repr() const {
  return text("kernel_size=", one_or_all(kernel_size), ", stride=", one_or_all(stride),
              ", padding=", one_or_all(padding), ", dilation=", one_or_all(dilation), ", ceil_mode=", ceil_mode);
}

AvgPool2dImpl::AvgPool2dImpl(const DimsArg& kernel_size, const AvgPoolOptions& o)
    : kernel_size(kernel_size),
      stride(o.stride.value_or(kernel_size)),
      padding(o.padding),
      ceil_mode(o.ceil_mode),
      count_include_pad(o.count_include_pad),
      divisor_override(o.divisor_override) {}
Tensor AvgPool2dImpl::forward(Tensor x) {
  return avg_pool2d(x, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override);
}
std::string AvgPool2dImpl::extra_repr() const {
  return text("kernel_size=", one_or_all(kernel_size), ", stride=", one_or_all(stride),
              ", padding=", one_or_all(padding));
}

Tensor AdaptiveAvgPool2dImpl::forward(Tensor x) { return adaptive_avg_pool2d(x, output_size); }
std::string AdaptiveAvgPool2dImpl::extra_repr() const { return text("output_size=", one_or_all(output_size)); }

}  // namespace tenon::inline v0::nn
