// The engine of reductions: walks an input of any shape and strides without copying it, so that the loops
// see contiguous runs, whether the reduced dims lie inside or outside of the kept ones.
//
// How the work is cut depends on the sizes alone, never on the number of threads, and so do the results.
#pragma once

#include <cstdint>

#include <tenon/core/op.h>

namespace tenon::inline v0 {

inline constexpr int kMaxAccumulator = 32;  // bytes

// The loops of one reduction over one dtype. An accumulator is plain data of `accumulator` bytes.
struct ReduceLoops {
  DType in = DType::Float32;  // what the loops read; other dtypes are cast block by block
  int64_t accumulator = 0;
  void (*init)(void* acc, int64_t n);
  // acc[k] takes in x[k * stride + i] for i < n (stride counts elements), k < count. The first element of
  // each has the position `at` among those that are reduced.
  void (*rows)(const void* x, int64_t stride, int64_t count, int64_t n, void* acc, int64_t at, const void* params);
  // acc[j] takes in x[r * stride + j] for r < rows, j < n; row r has position at + r.
  void (*columns)(const void* x, int64_t stride, int64_t rows, int64_t n, void* acc, int64_t at, const void* params);
  // acc[j] takes in other[j], whose elements come later.
  void (*merge)(void* acc, const void* other, int64_t n);
  // The results of n accumulators over `reduced` elements each; `second` is for reductions with two outputs.
  void (*finish)(const void* acc, int64_t n, int64_t reduced, const void* params, void* first, void* second);
  DType first = DType::Float32, second = DType::Int64;  // what finish writes
};

struct ReduceOutputs {
  const View* first;
  const View* second = nullptr;
};

// Which dims are reduced, as bits.
using DimMask = uint64_t;

// `ordered`: positions count in row-major order of the reduced dims, so these are not reordered.
void run_reduction(const ReduceLoops& loops, const View& in, DimMask reduced, bool ordered, ReduceOutputs out,
                   const void* params, Context& context);

}  // namespace tenon::inline v0
