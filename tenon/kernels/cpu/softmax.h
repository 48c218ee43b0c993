// Softmax and its logarithm over rows and over strided columns.
#pragma once

#include <cstdint>

namespace tenon::inline v0 {

// `rows` rows of `n` elements, one after the other. y may be x.
void softmax_rows(const float* x, float* y, int64_t rows, int64_t n, bool logarithm);
void softmax_rows(const double* x, double* y, int64_t rows, int64_t n, bool logarithm);
// n x inner elements; each of the `inner` columns by itself. y may be x.
void softmax_columns(const float* x, float* y, int64_t n, int64_t inner, bool logarithm);
void softmax_columns(const double* x, double* y, int64_t n, int64_t inner, bool logarithm);
// y[i] = scale * exp(x[i]); for gradients of log-probabilities. y may be x.
void scaled_exp(const float* x, float* y, int64_t n, float scale);
void scaled_exp(const double* x, double* y, int64_t n, double scale);

}  // namespace tenon::inline v0
