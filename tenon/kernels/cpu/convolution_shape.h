// The sizes of a convolution, one and two spatial dimensions taken as three with sizes of 1.
#pragma once

#include <tenon/core/allocator.h>
#include <tenon/core/context.h>
#include <tenon/ops/conv.h>

namespace tenon::inline v0 {

struct Shape3 {
  int64_t d = 1, h = 1, w = 1;
  int64_t count() const { return d * h * w; }
};

struct ConvolutionShape {
  int64_t batch, in_channels, out_channels, groups;  // channels per group
  Shape3 in, out, kernel, stride, padding{0, 0, 0}, dilation;

  static void fill(Shape3& to, int64_t n, const auto& at) {
    to.w = at(n - 1);
    if (n > 1) to.h = at(n - 2);
    if (n > 2) to.d = at(n - 3);
  }
  ConvolutionShape(const ConvolutionGeometry& r, const View& input, const View& weight, const View& output) {
    const int64_t n = input.ndim - 2;
    batch = input.sizes[0], groups = r.groups;
    in_channels = weight.sizes[1], out_channels = weight.sizes[0] / groups;
    fill(in, n, [&](int64_t i) { return input.sizes[i + 2]; });
    fill(out, n, [&](int64_t i) { return output.sizes[i + 2]; });
    fill(kernel, n, [&](int64_t i) { return weight.sizes[i + 2]; });
    fill(stride, n, [&](int64_t i) { return r.stride[i].value(); });
    fill(padding, n, [&](int64_t i) { return r.padding[i].value(); });
    fill(dilation, n, [&](int64_t i) { return r.dilation[i].value(); });
  }
  int64_t patch() const { return in_channels * kernel.count(); }
  // The input itself is the patch matrix.
  bool is_pointwise() const {
    return kernel.count() == 1 && stride.count() == 1 && padding.d + padding.h + padding.w == 0 &&
           in.count() == out.count();
  }
  bool is_depthwise() const { return groups > 1 && in_channels == 1; }
  int64_t rows() const { return out.d * out.h; }  // rows of the output image
  int64_t image_in() const { return groups * in_channels * in.count(); }
  int64_t image_out() const { return groups * out_channels * out.count(); }
  int64_t weights() const { return groups * out_channels * patch(); }
  // Multiply-adds for one image.
  int64_t image_work() const { return groups * out_channels * out.count() * patch(); }
};

// Memory of one task.
template <class T>
class Scratch {
 public:
  explicit Scratch(int64_t count)
      : bytes_(static_cast<size_t>(count) * sizeof(T)), data_(static_cast<T*>(allocate(bytes_))) {}
  ~Scratch() {
    if (data_ != nullptr) deallocate(data_, bytes_);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  T* data() const { return data_; }

 private:
  size_t bytes_;
  T* data_;
};

}  // namespace tenon::inline v0
