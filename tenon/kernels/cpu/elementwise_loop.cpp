#include <tenon/core/number.h>
#include <tenon/kernels/cpu/elementwise_loop.h>

#include <complex>
#include <cstring>
#include <utility>

#include <tenon/core/thread_pool.h>
#include <tenon/kernels/cpu/cast.h>

namespace tenon::inline v0 {

namespace {

constexpr int64_t kBlock = 512;     // elements in a buffer
constexpr int64_t kShortRow = 128;  // rows up to this are taken several at a time
constexpr int kOperands = kMaxLoopInputs + 1;
constexpr int kOut = kMaxLoopInputs;  // the output's place among the operands

// The loop nest: dims coalesced and sorted so that the output moves least in dim 0.
struct Nest {
  int ndim = 0;
  int inputs = 0;
  int64_t total = 1;
  int64_t sizes[kMaxKernelDims];
  int64_t strides[kOperands][kMaxKernelDims];  // bytes
  char* base[kOperands];
  CastLoop cast[kOperands];  // from memory to the loop's dtype, for the output the other way
  bool same_dtype[kOperands];
  int64_t element[kOperands];  // bytes of the loop's dtype
  const InnerLoop* loop;
};

int64_t absolute(int64_t v) { return v < 0 ? -v : v; }

void add_dim(Nest& nest, const View* const* in, const View& out, int d) {
  const int at = nest.ndim++;
  nest.sizes[at] = out.sizes[d];
  nest.strides[kOut][at] = out.strides[d] * size_of(out.dtype);
  for (int k = 0; k < nest.inputs; ++k) {
    const int own = d - (out.ndim - in[k]->ndim);
    const bool repeats = own < 0 || in[k]->sizes[own] == 1;
    nest.strides[k][at] = repeats ? 0 : in[k]->strides[own] * size_of(in[k]->dtype);
  }
}

void swap_dims(Nest& nest, int a, int b) {
  std::swap(nest.sizes[a], nest.sizes[b]);
  std::swap(nest.strides[kOut][a], nest.strides[kOut][b]);
  for (int k = 0; k < nest.inputs; ++k) std::swap(nest.strides[k][a], nest.strides[k][b]);
}

// Dim a and the next outer dim b walk memory as one.
bool mergeable(const Nest& nest, int a, int b) {
  if (nest.strides[kOut][b] != nest.strides[kOut][a] * nest.sizes[a]) return false;
  for (int k = 0; k < nest.inputs; ++k) {
    if (nest.strides[k][b] != nest.strides[k][a] * nest.sizes[a]) return false;
  }
  return true;
}

void copy_dim(Nest& nest, int to, int from) {
  nest.sizes[to] = nest.sizes[from];
  nest.strides[kOut][to] = nest.strides[kOut][from];
  for (int k = 0; k < nest.inputs; ++k) nest.strides[k][to] = nest.strides[k][from];
}

void build_dims(Nest& nest, const View* const* in, const View& out) {
  for (int d = out.ndim - 1; d >= 0; --d) {
    nest.total *= out.sizes[d];
    if (out.sizes[d] != 1) add_dim(nest, in, out, d);
  }
  for (int i = 1; i < nest.ndim; ++i) {
    for (int j = i; j > 0 && absolute(nest.strides[kOut][j]) < absolute(nest.strides[kOut][j - 1]); --j)
      swap_dims(nest, j, j - 1);
  }
  int last = 0;
  for (int d = 1; d < nest.ndim; ++d) {
    if (mergeable(nest, last, d))
      nest.sizes[last] *= nest.sizes[d];
    else
      copy_dim(nest, ++last, d);
  }
  nest.ndim = last + 1;
  if (nest.ndim == 1 && out.ndim == 0) nest.ndim = 0;
  if (nest.ndim == 0 || nest.total == 1) {
    nest.ndim = 1;
    nest.sizes[0] = 1;
    for (auto& s : nest.strides) s[0] = 0;
    nest.strides[kOut][0] = size_of(out.dtype);
  }
}

// One thread's walk over elements [begin, end) of the nest.
class Walk {
 public:
  explicit Walk(const Nest& nest) : nest_(nest), row_(nest.sizes[0]) {
    direct_ = true;
    for (int k = 0; k < nest.inputs; ++k) direct_ &= unit(k);
    direct_ &= unit(kOut);
  }

  void run(int64_t begin, int64_t end) {
    seek(begin);
    for (int64_t at = begin; at < end;) {
      const int64_t left = end - at;
      int64_t rows = 1, n = row_ - column_;
      if (column_ == 0 && nest_.ndim > 1 && row_ <= kShortRow && left >= 2 * row_) {
        rows = min(min(kBlock / row_, left / row_), nest_.sizes[1] - index_[1]);
        n = row_;
      } else {
        n = min(n, left);
        if (!direct_) n = min(n, kBlock);
      }
      block(rows, n);
      at += rows * n;
      advance(rows, n);
    }
  }

 private:
  static int64_t min(int64_t a, int64_t b) { return a < b ? a : b; }

  bool unit(int k) const { return nest_.same_dtype[k] && (nest_.strides[k][0] == nest_.element[k]); }
  // Several rows are one run.
  bool joined(int k) const { return unit(k) && nest_.strides[k][1] == nest_.strides[k][0] * row_; }

  void seek(int64_t position) {
    column_ = position % row_;
    position /= row_;
    for (int k = 0; k <= kOut; ++k) {
      if (k < nest_.inputs || k == kOut) at_[k] = nest_.base[k] + column_ * nest_.strides[k][0];
    }
    for (int d = 1; d < nest_.ndim; ++d) {
      index_[d] = position % nest_.sizes[d];
      position /= nest_.sizes[d];
      for (int k = 0; k <= kOut; ++k) {
        if (k < nest_.inputs || k == kOut) at_[k] += index_[d] * nest_.strides[k][d];
      }
    }
  }

  void move(int d, int64_t steps) {
    for (int k = 0; k < nest_.inputs; ++k) at_[k] += steps * nest_.strides[k][d];
    at_[kOut] += steps * nest_.strides[kOut][d];
  }

  void advance(int64_t rows, int64_t n) {
    if (rows == 1 && column_ + n < row_) {
      column_ += n;
      move(0, n);
      return;
    }
    if (column_ != 0) move(0, -column_);
    column_ = 0;
    for (int d = 1; d < nest_.ndim; ++d) {
      const int64_t steps = d == 1 ? rows : 1;
      index_[d] += steps;
      move(d, steps);
      if (index_[d] < nest_.sizes[d]) return;
      move(d, -nest_.sizes[d]);
      index_[d] = 0;
    }
  }

  // `rows` rows of n elements each.
  void block(int64_t rows, int64_t n) {
    const void* in[kMaxLoopInputs];
    for (int k = 0; k < nest_.inputs; ++k) in[k] = (rows == 1 ? unit(k) : joined(k)) ? at_[k] : gather(k, rows, n);
    const bool straight = rows == 1 ? unit(kOut) : joined(kOut);
    void* out = straight ? at_[kOut] : buffer(kOut);
    nest_.loop->run(in, out, rows * n, nest_.loop->params);
    if (!straight) {
      for (int64_t r = 0; r < rows; ++r) {
        nest_.cast[kOut](buffer(kOut) + r * n * nest_.element[kOut], nest_.element[kOut],
                         at_[kOut] + (rows > 1 ? r * nest_.strides[kOut][1] : 0), nest_.strides[kOut][0], n);
      }
    }
  }

  char* gather(int k, int64_t rows, int64_t n) {
    char* to = buffer(k);
    const int64_t stride = nest_.strides[k][0], outer = rows > 1 ? nest_.strides[k][1] : 0;
    // A broadcast operand often stays the same from block to block.
    const bool still = stride == 0 && (rows == 1 || outer == 0);
    const bool repeats = still || (rows > 1 && outer == 0);
    if (repeats && held_[k] == at_[k] && held_n_[k] >= rows * n && (still ? held_still_[k] : !held_still_[k]))
      return to;
    if (still || (rows > 1 && stride * n == outer)) {
      nest_.cast[k](at_[k], stride, to, nest_.element[k], rows * n);
    } else {
      for (int64_t r = 0; r < rows; ++r)
        nest_.cast[k](at_[k] + r * outer, stride, to + r * n * nest_.element[k], nest_.element[k], n);
    }
    held_[k] = repeats ? at_[k] : nullptr;
    held_n_[k] = rows * n;
    held_still_[k] = still;
    return to;
  }

  char* buffer(int k) { return buffers_ + k * kBlock * 16; }

  const Nest& nest_;
  int64_t row_, column_ = 0;
  bool direct_;
  int64_t index_[kMaxKernelDims];
  char* at_[kOperands];
  const char* held_[kOperands] = {};
  int64_t held_n_[kOperands];
  bool held_still_[kOperands];
  alignas(64) char buffers_[kOperands * kBlock * 16];
};

void set_operand(Nest& nest, int k, const View& view, DType dtype) {
  nest.base[k] = static_cast<char*>(view.data);
  nest.same_dtype[k] = view.dtype == dtype;
  nest.element[k] = size_of(dtype);
  nest.cast[k] = k == kOut ? cast_loop(dtype, view.dtype) : cast_loop(view.dtype, dtype);
}

[[gnu::noinline]] void run_nest(const InnerLoop& loop, const View* const* in, int count, const View& out) {
  Nest nest;
  nest.inputs = count;
  nest.loop = &loop;
  build_dims(nest, in, out);
  if (nest.total == 0) return;
  for (int k = 0; k < count; ++k) set_operand(nest, k, *in[k], loop.in[k]);
  set_operand(nest, kOut, out, loop.out);
  parallel_for(0, nest.total, kElementwiseGrain, [&](int64_t begin, int64_t end) { Walk(nest).run(begin, end); });
}

[[gnu::noinline]] void run_contiguous_parallel(const InnerLoop& loop, const View* const* in, int count, const View& out,
                                               int64_t total) {
  parallel_for(0, total, kElementwiseGrain, [&](int64_t begin, int64_t end) {
    const void* at[kMaxLoopInputs];
    for (int k = 0; k < count; ++k) at[k] = static_cast<const char*>(in[k]->data) + begin * size_of(loop.in[k]);
    loop.run(at, static_cast<char*>(out.data) + begin * size_of(loop.out), end - begin, loop.params);
  });
}

// One value, repeated by strides of 0, as an expanded gradient is.
bool is_one_value(const View& v) {
  for (int i = 0; i < v.ndim; ++i) {
    if (v.strides[i] != 0 && v.sizes[i] != 1) return false;
  }
  return true;
}

// A contiguous operand and numbers: the numbers are repeated in a buffer.
constexpr int64_t kSmallSplat = 64;

bool run_small(const InnerLoop& loop, const View* const* in, int count, const View& out, int64_t total) {
  alignas(64) char buffers[kMaxLoopInputs][kSmallSplat * 8];
  const void* at[kMaxLoopInputs];
  for (int k = 0; k < count; ++k) {
    const int64_t n = in[k]->numel();
    if (n == total && in[k]->contiguous && in[k]->dtype == loop.in[k]) {
      at[k] = in[k]->data;
    } else if (is_one_value(*in[k]) && size_of(loop.in[k]) <= 8) {
      cast_loop(in[k]->dtype, loop.in[k])(static_cast<const char*>(in[k]->data), 0, buffers[k], size_of(loop.in[k]),
                                          total);
      at[k] = buffers[k];
    } else {
      return false;
    }
  }
  loop.run(at, out.data, total, loop.params);
  return true;
}

}  // namespace

void run_elementwise(const InnerLoop& loop, const View* const* in, int count, const View& out) {
  const int64_t total = out.numel();
  if (total == 0) return;
  if (out.contiguous && out.dtype == loop.out) {
    const void* at[kMaxLoopInputs];
    bool plain = true;
    for (int k = 0; k < count; ++k) {
      plain &= in[k]->contiguous && in[k]->dtype == loop.in[k] && in[k]->numel() == total;
      at[k] = in[k]->data;
    }
    if (plain) {
      if (total > kElementwiseGrain) return run_contiguous_parallel(loop, in, count, out, total);
      return loop.run(at, out.data, total, loop.params);
    }
    if (total <= kSmallSplat && run_small(loop, in, count, out, total)) return;
  }
  run_nest(loop, in, count, out);
}

void copy_view(const View& from, const View& to) {
  const auto size = static_cast<size_t>(size_of(to.dtype));
  InnerLoop loop;
  loop.run = [](const void* const* in, void* out, int64_t n, const void* element) {
    std::memmove(out, in[0], static_cast<size_t>(n) * *static_cast<const size_t*>(element));
  };
  loop.params = &size;
  loop.in[0] = loop.out = to.dtype;
  const View* const operand[] = {&from};
  run_elementwise(loop, operand, 1, to);
}

void fill_view(const Scalar& value, const View& to) {
  const double real = value.to_double();
  const int64_t integer = value.to_int();
  const std::complex<double> complex = value.to_complex();
  switch (value.kind()) {
    case Kind::Bool:
    case Kind::Integer:
      return copy_view(number_view(&integer, DType::Int64), to);
    case Kind::Float:
      return copy_view(number_view(&real, DType::Float64), to);
    case Kind::Complex:
      return copy_view(number_view(&complex, DType::Complex128), to);
  }
}

Scalar read_number(const View& v) {
  const auto read = [&]<class T>(DType dtype, T) {
    T out;
    cast_loop(v.dtype, dtype)(static_cast<const char*>(v.data), 0, reinterpret_cast<char*>(&out), sizeof(T), 1);
    return out;
  };
  switch (info(v.dtype).kind) {
    case Kind::Float:
      return read(DType::Float64, double());
    case Kind::Complex:
      return read(DType::Complex128, std::complex<double>());
    default:
      return read(DType::Int64, int64_t());
  }
}
bool takes_number(const View& number, DType dtype, Context& context) {
  if (number.dtype == dtype || fits_or_wraps(read_number(number), dtype)) return true;
  context.errors.report(ErrorSink::Code::Value, "value cannot be converted to type %s without overflow",
                        c_name_of(dtype));
  return false;
}

DType common_dtype(const View* const* in, int count) {
  DType with_dims = DType::Bool, without = DType::Bool;
  bool any = false;
  for (int k = 0; k < count; ++k) {
    DType& group = in[k]->ndim > 0 ? with_dims : without;
    any |= in[k]->ndim > 0;
    group = promote(group, in[k]->dtype);
  }
  if (!any) return without;
  return info(without).kind > info(with_dims).kind ? promote(with_dims, without) : with_dims;
}

void run_row(const LoopRow& row, DType dtype, DType result, const View* const* in, int count, const View& out,
             const void* params, Context& context) {
  const DType compute = compute_dtype(dtype);
  const InnerLoop loop{row[compute], params, {compute, compute, compute, compute}, result};
  static_assert(kMaxLoopInputs == 4);
  if (loop.run == nullptr) [[unlikely]] {
    context.errors.report(ErrorSink::Code::Unsupported, "is not implemented for dtype %s", name_of(dtype));
    return;
  }
  run_elementwise(loop, in, count, out);
}

void run_row(const LoopRow& row, DType dtype, const View* const* in, int count, const View& out, const void* params,
             Context& context) {
  run_row(row, dtype, compute_dtype(dtype), in, count, out, params, context);
}

}  // namespace tenon::inline v0
