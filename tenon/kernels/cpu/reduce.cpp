#include <tenon/kernels/cpu/reduce.h>

#include <utility>

#include <tenon/core/thread_pool.h>
#include <tenon/kernels/cpu/cast.h>

namespace tenon::inline v0 {

namespace {

constexpr int64_t kTile = 512;        // columns taken together
constexpr int64_t kBatch = 64;        // rows taken together
constexpr int64_t kBuffer = 2048;     // elements cast at a time
constexpr int64_t kChunk = 65536;     // reduced elements in a piece of their own
constexpr int64_t kParallel = 32768;  // elements worth a second thread

int64_t min(int64_t a, int64_t b) { return a < b ? a : b; }
int64_t absolute(int64_t v) { return v < 0 ? -v : v; }

// Dims of one kind, the innermost first. Strides in bytes.
struct Group {
  int ndim = 0;
  int64_t total = 1;
  int64_t sizes[kMaxKernelDims];
  int64_t in[kMaxKernelDims];
  int64_t first[kMaxKernelDims], second[kMaxKernelDims];  // outputs; of kept dims

  int64_t size(int d) const { return d < ndim ? sizes[d] : 1; }
  void add(int64_t size, int64_t in_stride, int64_t first_stride, int64_t second_stride) {
    total *= size;
    if (size == 1) return;
    sizes[ndim] = size;
    in[ndim] = in_stride;
    first[ndim] = first_stride;
    second[ndim++] = second_stride;
  }
  void sort() {
    for (int i = 1; i < ndim; ++i) {
      for (int j = i; j > 0 && absolute(in[j]) < absolute(in[j - 1]); --j) {
        std::swap(sizes[j], sizes[j - 1]);
        std::swap(in[j], in[j - 1]);
        std::swap(first[j], first[j - 1]);
        std::swap(second[j], second[j - 1]);
      }
    }
  }
  void coalesce() {
    int last = 0;
    for (int d = 1; d < ndim; ++d) {
      if (in[d] == in[last] * sizes[last] && first[d] == first[last] * sizes[last] &&
          second[d] == second[last] * sizes[last]) {
        sizes[last] *= sizes[d];
        continue;
      }
      ++last;
      sizes[last] = sizes[d];
      in[last] = in[d];
      first[last] = first[d];
      second[last] = second[d];
    }
    if (ndim > 0) ndim = last + 1;
  }
  // Where flat index `at` over dims `from` and up lies.
  int64_t offset(const int64_t* strides, int64_t at, int from) const {
    int64_t out = 0;
    for (int d = from; d < ndim; ++d) {
      out += at % sizes[d] * strides[d];
      at /= sizes[d];
    }
    return out;
  }
};

struct Plan {
  const ReduceLoops& loops;
  const void* params;
  Group kept, reduced;
  const char* in;
  int64_t element;    // bytes of an input element in memory
  int64_t loop_size;  // and as the loops read it
  bool same_dtype;
  CastLoop read;
  ReduceOutputs out;
  CastLoop write_first, write_second = nullptr;

  Plan(const ReduceLoops& l, const void* p) : loops(l), params(p) {}
};

void build(Plan& plan, const View& in, DimMask mask, bool ordered, ReduceOutputs out) {
  const int64_t size = size_of(in.dtype), first = size_of(out.first->dtype),
                second = out.second != nullptr ? size_of(out.second->dtype) : 0;
  // Outputs may have kept the reduced dims, with size 1.
  const bool keepdim = out.first->ndim == in.ndim;
  int at = out.first->ndim - 1;
  for (int d = in.ndim - 1; d >= 0; --d) {
    if (mask >> d & 1) {
      plan.reduced.add(in.sizes[d], in.strides[d] * size, 0, 0);
      if (keepdim) --at;
      continue;
    }
    plan.kept.add(in.sizes[d], in.strides[d] * size, out.first->strides[at] * first,
                  out.second != nullptr ? out.second->strides[at] * second : 0);
    --at;
  }
  plan.kept.sort();
  plan.kept.coalesce();
  if (!ordered) plan.reduced.sort();
  plan.reduced.coalesce();
  plan.in = static_cast<const char*>(in.data);
  plan.element = size;
  plan.loop_size = size_of(plan.loops.in);
  plan.same_dtype = in.dtype == plan.loops.in;
  plan.read = cast_loop(in.dtype, plan.loops.in);
  plan.out = out;
  plan.write_first = cast_loop(plan.loops.first, out.first->dtype);
  if (out.second != nullptr) plan.write_second = cast_loop(plan.loops.second, out.second->dtype);
}

// Results of n accumulators whose outputs lie at these offsets, a stride apart.
void store(const Plan& plan, const void* acc, int64_t n, int64_t first, int64_t first_stride, int64_t second,
           int64_t second_stride) {
  alignas(64) char a[kBatch * 16], b[kBatch * 8];
  const auto* at = static_cast<const char*>(acc);
  const int64_t size_a = size_of(plan.loops.first), size_b = size_of(plan.loops.second);
  for (int64_t i = 0; i < n; i += kBatch) {
    const int64_t count = min(kBatch, n - i);
    plan.loops.finish(at + i * plan.loops.accumulator, count, plan.reduced.total, plan.params, a, b);
    plan.write_first(a, size_a, static_cast<char*>(plan.out.first->data) + first + i * first_stride, first_stride,
                     count);
    if (plan.write_second != nullptr) {
      plan.write_second(b, size_b, static_cast<char*>(plan.out.second->data) + second + i * second_stride,
                        second_stride, count);
    }
  }
}

// ---- the reduced dims are the inner ones: one run of memory after the other into one accumulator -----------

// Elements [begin, end) of the reduced dims into the accumulators of `count` outputs a stride apart.
void reduce_rows(const Plan& plan, const char* x, int64_t stride, int64_t count, int64_t begin, int64_t end,
                 char* acc) {
  const int64_t row = plan.reduced.size(0), step = plan.reduced.ndim > 0 ? plan.reduced.in[0] : plan.element;
  const bool direct = plan.same_dtype && (step == plan.element || row == 1);
  alignas(64) char buffer[kBuffer * 16];
  for (int64_t at = begin; at < end;) {
    const int64_t column = at % row;
    int64_t n = min(row - column, end - at);
    const char* from = x + plan.reduced.offset(plan.reduced.in, at / row, 1) + column * step;
    if (direct && (count == 1 || stride % plan.element == 0)) {
      plan.loops.rows(from, stride / plan.element, count, n, acc, at, plan.params);
    } else {
      n = min(n, kBuffer);
      for (int64_t k = 0; k < count; ++k) {
        plan.read(from + k * stride, step, buffer, plan.loop_size, n);
        plan.loops.rows(buffer, 0, 1, n, acc + k * plan.loops.accumulator, at, plan.params);
      }
    }
    at += n;
  }
}

void run_rows(const Plan& plan, Context& context) {
  const int64_t inner = plan.kept.size(0), total = plan.reduced.total, size = plan.loops.accumulator;
  const int64_t stride = plan.kept.ndim > 0 ? plan.kept.in[0] : 0;
  const int64_t first = plan.kept.ndim > 0 ? plan.kept.first[0] : 0,
                second = plan.kept.ndim > 0 ? plan.kept.second[0] : 0;
  const int64_t chunks = total > kChunk ? (total + kChunk - 1) / kChunk : 1;
  if (chunks == 1) {
    const int64_t batches = (inner + kBatch - 1) / kBatch, tasks = batches * (plan.kept.total / inner);
    const int64_t work = min(inner, kBatch) * total;
    parallel_for(0, tasks, work > 0 ? 1 + kParallel / work : tasks, [&](int64_t begin, int64_t end) {
      alignas(64) char acc[kBatch * kMaxAccumulator];
      for (int64_t t = begin; t < end; ++t) {
        const int64_t outer = t / batches, from = t % batches * kBatch, count = min(kBatch, inner - from);
        plan.loops.init(acc, count);
        reduce_rows(plan, plan.in + plan.kept.offset(plan.kept.in, outer, 1) + from * stride, stride, count, 0, total,
                    acc);
        store(plan, acc, count, plan.kept.offset(plan.kept.first, outer, 1) + from * first, first,
              plan.kept.offset(plan.kept.second, outer, 1) + from * second, second);
      }
    });
    return;
  }
  // Long runs: pieces of fixed length, joined in order.
  const int64_t outputs = plan.kept.total;
  auto* partial = static_cast<char*>(context.workspace(static_cast<size_t>(outputs * chunks * size)));
  if (partial == nullptr) return;
  parallel_for(0, outputs * chunks, 1, [&](int64_t begin, int64_t end) {
    for (int64_t t = begin; t < end; ++t) {
      const int64_t output = t / chunks, chunk = t % chunks;
      char* acc = partial + t * size;
      plan.loops.init(acc, 1);
      reduce_rows(plan, plan.in + plan.kept.offset(plan.kept.in, output, 0), 0, 1, chunk * kChunk,
                  min(total, (chunk + 1) * kChunk), acc);
    }
  });
  for (int64_t output = 0; output < outputs; ++output) {
    char* acc = partial + output * chunks * size;
    for (int64_t c = 1; c < chunks; ++c) plan.loops.merge(acc, acc + c * size, 1);
    store(plan, acc, 1, plan.kept.offset(plan.kept.first, output, 0), 0, plan.kept.offset(plan.kept.second, output, 0),
          0);
  }
}

// ---- the kept dim is the innermost: one accumulator per column -----------------------------------------------

void reduce_columns(const Plan& plan, const char* x, int64_t n, int64_t begin, int64_t end, char* acc) {
  const int64_t rows = plan.reduced.size(0), step = plan.reduced.in[0], across = plan.kept.in[0];
  const bool direct = plan.same_dtype && across == plan.element && step % plan.element == 0;
  alignas(64) char buffer[kTile * 16];
  for (int64_t at = begin; at < end;) {
    const int64_t row = at % rows, count = min(rows - row, end - at);
    const char* from = x + plan.reduced.offset(plan.reduced.in, at / rows, 1) + row * step;
    if (direct) {
      plan.loops.columns(from, step / plan.element, count, n, acc, at, plan.params);
    } else {
      for (int64_t r = 0; r < count; ++r) {
        plan.read(from + r * step, across, buffer, plan.loop_size, n);
        plan.loops.columns(buffer, 0, 1, n, acc, at + r, plan.params);
      }
    }
    at += count;
  }
}

void run_columns(const Plan& plan, Context& context) {
  const int64_t inner = plan.kept.sizes[0], tiles = (inner + kTile - 1) / kTile,
                tasks = tiles * (plan.kept.total / inner);
  const int64_t total = plan.reduced.total, width = min(inner, kTile), size = plan.loops.accumulator;
  // Few columns and many rows: the rows are cut too.
  const int64_t rows_per_chunk = kChunk / width;
  const int64_t chunks = tasks < 16 && total > 2 * rows_per_chunk ? (total + rows_per_chunk - 1) / rows_per_chunk : 1;
  char* partial = nullptr;
  if (chunks > 1) {
    partial = static_cast<char*>(context.workspace(static_cast<size_t>(tasks * chunks * width * size)));
    if (partial == nullptr) return;
  }
  const auto store_tile = [&](int64_t t, const char* acc) {
    const int64_t outer = t / tiles, from = t % tiles * kTile;
    store(plan, acc, min(kTile, inner - from), plan.kept.offset(plan.kept.first, outer, 1) + from * plan.kept.first[0],
          plan.kept.first[0], plan.kept.offset(plan.kept.second, outer, 1) + from * plan.kept.second[0],
          plan.kept.second[0]);
  };
  const int64_t work = width * (chunks > 1 ? rows_per_chunk : total);
  parallel_for(0, tasks * chunks, 1 + kParallel / (work > 0 ? work : kParallel), [&](int64_t begin, int64_t end) {
    alignas(64) char local[kTile * kMaxAccumulator];
    for (int64_t i = begin; i < end; ++i) {
      const int64_t t = i / chunks, chunk = i % chunks, outer = t / tiles, from = t % tiles * kTile,
                    n = min(kTile, inner - from);
      char* acc = chunks > 1 ? partial + i * width * size : local;
      plan.loops.init(acc, n);
      const char* x = plan.in + plan.kept.offset(plan.kept.in, outer, 1) + from * plan.kept.in[0];
      if (chunks > 1)
        reduce_columns(plan, x, n, chunk * rows_per_chunk, min(total, (chunk + 1) * rows_per_chunk), acc);
      else
        reduce_columns(plan, x, n, 0, total, acc);
      if (chunks == 1) store_tile(t, acc);
    }
  });
  if (chunks == 1) return;
  for (int64_t t = 0; t < tasks; ++t) {
    char* acc = partial + t * chunks * width * size;
    const int64_t n = min(kTile, inner - t % tiles * kTile);
    for (int64_t c = 1; c < chunks; ++c) plan.loops.merge(acc, acc + c * width * size, n);
    store_tile(t, acc);
  }
}

[[gnu::noinline]] void run_plan(const ReduceLoops& loops, const View& in, DimMask reduced, bool ordered,
                                ReduceOutputs out, const void* params, Context& context) {
  Plan plan(loops, params);
  build(plan, in, reduced, ordered, out);
  if (plan.kept.total == 0) return;
  const bool columns = plan.reduced.ndim > 0 && plan.kept.ndim > 0 && plan.reduced.total > 0 &&
                       absolute(plan.kept.in[0]) < absolute(plan.reduced.in[0]);
  if (columns)
    run_columns(plan, context);
  else
    run_rows(plan, context);
}

}  // namespace

void run_reduction(const ReduceLoops& loops, const View& in, DimMask reduced, bool ordered, ReduceOutputs out,
                   const void* params, Context& context) {
  const DimMask all = in.ndim == 0 ? 0 : ~DimMask{0} >> (64 - in.ndim);
  if (in.contiguous && in.dtype == loops.in && reduced == all && out.first->dtype == loops.first &&
      out.second == nullptr) {
    const int64_t n = in.numel();
    if (n <= kChunk) {
      alignas(16) char acc[kMaxAccumulator];
      loops.init(acc, 1);
      loops.rows(in.data, 0, 1, n, acc, 0, params);
      return loops.finish(acc, 1, n, params, out.first->data, nullptr);
    }
  }
  run_plan(loops, in, reduced, ordered, out, params, context);
}

}  // namespace tenon::inline v0
