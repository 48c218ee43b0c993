// The engine of elementwise kernels: brings operands of any shape, stride and dtype to an inner loop that
// sees contiguous runs of one dtype.
#pragma once

#include <cstdint>

#include <tenon/core/op.h>

namespace tenon::inline v0 {

inline constexpr int kMaxLoopInputs = 4;
// Elements below which work stays on one thread.
inline constexpr int64_t kElementwiseGrain = 32768;

// in[i] and out are contiguous runs of n elements; out may be one of them.
using Inner = void (*)(const void* const* in, void* out, int64_t n, const void* params);

struct InnerLoop {
  Inner run = nullptr;
  const void* params = nullptr;
  DType in[kMaxLoopInputs] = {};  // what `run` reads
  DType out = DType::Float32;     // and writes
};

// Inputs broadcast to the shape of `out`; whatever is not as the loop wants it is cast block by block.
void run_elementwise(const InnerLoop& loop, const View* const* in, int count, const View& out);

// `to` takes the values of `from`, broadcast and cast.
void copy_view(const View& from, const View& to);
void fill_view(const Scalar& value, const View& to);
// A zero-dimensional view of one value.
inline View number_view(const void* value, DType dtype) {
  View v;
  v.data = const_cast<void*>(value);
  v.dtype = dtype;
  v.present = v.contiguous = true;
  return v;
}

// The value of a zero-dimensional view.
inline bool is_number(const View& v) { return v.ndim == 0; }
Scalar read_number(const View& v);
// False, with a report, when `dtype` cannot hold the number.
bool takes_number(const View& number, DType dtype, Context& context);

// ---- loops by dtype --------------------------------------------------------------------------------------

// One inner loop per dtype it computes in; null where the op is not defined.
struct LoopRow {
  Inner at[kDTypeCount] = {};
  constexpr Inner operator[](DType dtype) const { return at[static_cast<int>(dtype)]; }
};

// float16 and bfloat16 compute in float32.
constexpr DType compute_dtype(DType dtype) {
  return dtype == DType::Float16 || dtype == DType::BFloat16 ? DType::Float32 : dtype;
}
// The dtype that the operands share, as promotion has it.
DType common_dtype(const View* const* in, int count);

// All operands are read as `dtype`, in which the loop computes; its results are of that dtype too, or of
// `result`. Reports Unsupported when the row has no such loop.
void run_row(const LoopRow& row, DType dtype, const View* const* in, int count, const View& out, const void* params,
             Context& context);
void run_row(const LoopRow& row, DType dtype, DType result, const View* const* in, int count, const View& out,
             const void* params, Context& context);

}  // namespace tenon::inline v0
