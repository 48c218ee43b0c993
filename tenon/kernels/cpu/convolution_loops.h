// Convolutions on one thread, for float and double; conv.cpp splits the work. Patches are read where the
// products need them, from the image with its padding around it; nothing lays them out first. Functions return
// false when memory is short.
#pragma once

#include <tenon/kernels/cpu/convolution_shape.h>

namespace tenon::inline v0 {

template <class T>
struct ConvolutionLoops {
  // Multiply-adds of `convolve`, with those that tiles waste.
  int64_t (*work)(const ConvolutionShape& s);
  // Weights (groups * out_channels, patch) as the strips that `convolve` reads; how many elements these have.
  int64_t (*packed_size)(const ConvolutionShape& s);
  void (*pack_weights)(const ConvolutionShape& s, const T* w, T* packed);

  // The output of an image and group is computed in strips of positions. `convolve` does strips [begin, end)
  // of all images and groups, counted in that order.
  int64_t (*strips)(const ConvolutionShape& s);
  bool (*convolve)(const ConvolutionShape& s, const T* x, const T* packed, const T* bias, T* out, int64_t begin,
                   int64_t end);

  // Groups of one input channel each: planes [begin, end) of the output.
  bool (*convolve_depthwise)(const ConvolutionShape& s, const T* x, const T* w, const T* bias, T* out, int64_t begin,
                             int64_t end);

  // The gradient of rows of the patch, in strips: [begin, end) of `patch_strips`, for every group and output
  // channel. Sums over the batch in its order.
  int64_t (*patch_strips)(const ConvolutionShape& s);
  bool (*weight_gradient)(const ConvolutionShape& s, const T* grad, const T* x, T* out, int64_t begin, int64_t end);
};

template <class T>
const ConvolutionLoops<T>& convolution_loops();

}  // namespace tenon::inline v0
