// Largest elements of pooling windows, by rows of windows.
#pragma once

#include <cstdint>

namespace tenon::inline v0 {

// Windows of one row of outputs over one plane (depth, height, width) of the input. Positions along depth
// and height lie inside the plane; along the width window o has the columns o * stride - padding + k *
// dilation, k < kernel, those that are inside.
struct MaxPoolRow {
  int64_t height, width;  // of the plane
  int64_t depth_begin, depth_end, depth_step;
  int64_t row_begin, row_end, row_step;
  int64_t kernel, stride, padding, dilation;  // along the width
  int64_t windows;
  int64_t readable;  // elements from the plane's first that may be read
};

// Values and their indices within the plane; the first of equal ones, but the last NaN where there is one,
// as in PyTorch. A window without a column has -infinity and index -1. The plane has fewer than 2^31 elements.
void max_pool_row(const MaxPoolRow&, const float* plane, float* values, int64_t* indices);
void max_pool_row(const MaxPoolRow&, const double* plane, double* values, int64_t* indices);

}  // namespace tenon::inline v0
