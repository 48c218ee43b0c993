#include <tenon/kernels/onednn/convolution.h>

#include <algorithm>
#include <atomic>
#include <initializer_list>

#include <tenon/core/thread_pool.h>
#include <tenon/kernels/onednn/convolution_plan.h>
#include <tenon/kernels/onednn/sgemm.h>

namespace tenon::inline v0::onednn {
namespace {

constexpr int64_t kPieceBytes = 1 << 20;    // blocked input and output of a piece stay in the second cache
constexpr int64_t kPieceWork = 1 << 20;     // multiply-adds that make up for the calls of a piece
constexpr int64_t kLargeWeights = 1 << 20;  // elements that only several images together are worth reading
constexpr int64_t kPieces = 16;             // enough for the threads of most machines

// How the batch is cut: by sizes alone, whatever the threads.
struct Cut {
  int64_t images, rest, pieces;  // per piece; of the last when that is shorter

  Cut(int64_t batch, int64_t wanted) {
    wanted = std::clamp<int64_t>(wanted, 1, batch);
    pieces = (batch + wanted - 1) / wanted;
    images = (batch + pieces - 1) / pieces;
    pieces = (batch + images - 1) / images;
    rest = batch - (pieces - 1) * images;
    if (rest == images) rest = 0;
  }
  const Piece& of(const Plan& plan, int64_t i) const { return rest != 0 && i == pieces - 1 ? plan.rest : plan.piece; }
};

int64_t up(int64_t a, int64_t b) { return (a + b - 1) / b; }

Cut cut_of(const ConvolutionShape& s) {
  const int64_t bytes = (s.image_in() + s.image_out()) * static_cast<int64_t>(sizeof(float));
  const int64_t fitting = std::max<int64_t>(1, std::min(kPieceBytes / bytes, up(s.batch, kPieces)));
  const int64_t sharing = s.weights() > kLargeWeights ? 4 : 1;
  return Cut(s.batch, std::max({fitting, sharing, up(kPieceWork, s.image_work())}));
}

// Sums over pieces cost one pass over the weights each: the positions of a piece must outweigh that.
Cut weight_cut_of(const ConvolutionShape& s) {
  constexpr int64_t kPositions = 512;
  const int64_t least = std::max(up(kPieceWork, s.image_work()), up(kPositions, s.out.count()));
  return Cut(s.batch, std::max(least, up(s.batch, kPieces)));
}

// A oneDNN memory object over memory of ours.
class Memory {
 public:
  Memory(const dnnl_memory_desc_t& desc, const void* data) {
    if (api().memory_create(&memory_, &desc, api().engine, const_cast<void*>(data)) != dnnl_success) memory_ = nullptr;
  }
  ~Memory() {
    if (memory_ != nullptr) api().memory_destroy(memory_);
  }
  Memory(const Memory&) = delete;
  dnnl_memory_t get() const { return memory_; }

 private:
  dnnl_memory_t memory_ = nullptr;
};

// What a thread runs primitives on.
class Stream {
 public:
  Stream() {
    if (api().stream_create(&stream_, api().engine, dnnl_stream_default_flags) != dnnl_success) stream_ = nullptr;
  }
  ~Stream() {
    if (stream_ != nullptr) api().stream_destroy(stream_);
  }
  Stream(const Stream&) = delete;

  bool run(dnnl_primitive_t primitive, std::initializer_list<dnnl_exec_arg_t> args) const {
    if (stream_ == nullptr) return false;
    for (const dnnl_exec_arg_t& arg : args) {
      if (arg.memory == nullptr) return false;
    }
    return api().primitive_execute(primitive, stream_, static_cast<int>(args.size()), args.begin()) == dnnl_success;
  }
  bool reorder(dnnl_primitive_t primitive, const Memory& from, const Memory& to) const {
    return run(primitive, {{DNNL_ARG_FROM, from.get()}, {DNNL_ARG_TO, to.get()}});
  }

 private:
  OneThread one_thread_;
  dnnl_stream_t stream_ = nullptr;
};

size_t round_up(size_t bytes) { return (bytes + 63) / 64 * 64; }
size_t blocked_bytes(const Operand& o) { return o.reorder != nullptr ? round_up(o.bytes) : 0; }

// Memory of one task: the blocked operands and oneDNN's scratchpad.
class Buffers {
 public:
  explicit Buffers(const Piece& p)
      : scratch_(static_cast<int64_t>(blocked_bytes(p.x) + blocked_bytes(p.out) + round_up(p.scratchpad_bytes) + 64)),
        at_(scratch_.data()) {}
  bool ok() const { return scratch_.data() != nullptr; }
  char* take(size_t bytes) {
    char* p = at_;
    at_ += round_up(bytes);
    return p;
  }

 private:
  Scratch<char> scratch_;
  char* at_;
};

// The weights in the wanted form, the same for all pieces. Null when that fails.
const float* blocked_weights(const Operand& w, const float* data, Context& context) {
  if (w.reorder == nullptr) return data;
  void* blocked = context.workspace(w.bytes);
  if (blocked == nullptr) return nullptr;
  const Stream stream;
  const bool done = stream.reorder(w.reorder, Memory(w.plain, data), Memory(w.wanted, blocked));
  return done ? static_cast<const float*>(blocked) : nullptr;
}

// One piece: blocks its operands, runs, unblocks the result. `w` is in the wanted form.
bool run_piece(Part part, const Piece& p, const float* x, const float* w, const float* bias, const float* out) {
  Buffers buffers(p);
  if (!buffers.ok()) return false;
  const Stream stream;
  const Memory x_plain(p.x.plain, x), out_plain(p.out.plain, out), weights(p.w.wanted, w);
  const Memory x_blocked(p.x.wanted, p.x.reorder != nullptr ? buffers.take(p.x.bytes) : static_cast<const void*>(x));
  const Memory out_blocked(p.out.wanted,
                           p.out.reorder != nullptr ? buffers.take(p.out.bytes) : static_cast<const void*>(out));
  const Memory scratchpad(p.scratchpad, buffers.take(p.scratchpad_bytes));
  if (part != Part::InputGradient && p.x.reorder != nullptr && !stream.reorder(p.x.reorder, x_plain, x_blocked))
    return false;
  if (part != Part::Forward && p.out.reorder != nullptr && !stream.reorder(p.out.reorder, out_plain, out_blocked))
    return false;
  switch (part) {
    case Part::Forward: {
      if (bias == nullptr) {
        if (!stream.run(p.primitive, {{DNNL_ARG_SRC, x_blocked.get()},
                                      {DNNL_ARG_WEIGHTS, weights.get()},
                                      {DNNL_ARG_DST, out_blocked.get()},
                                      {DNNL_ARG_SCRATCHPAD, scratchpad.get()}}))
          return false;
      } else if (!stream.run(p.primitive, {{DNNL_ARG_SRC, x_blocked.get()},
                                           {DNNL_ARG_WEIGHTS, weights.get()},
                                           {DNNL_ARG_BIAS, Memory(p.bias, bias).get()},
                                           {DNNL_ARG_DST, out_blocked.get()},
                                           {DNNL_ARG_SCRATCHPAD, scratchpad.get()}})) {
        return false;
      }
      return p.out.reorder == nullptr || stream.reorder(p.out.reorder, out_blocked, out_plain);
    }
    case Part::InputGradient:
      return stream.run(p.primitive, {{DNNL_ARG_DIFF_SRC, x_blocked.get()},
                                      {DNNL_ARG_WEIGHTS, weights.get()},
                                      {DNNL_ARG_DIFF_DST, out_blocked.get()},
                                      {DNNL_ARG_SCRATCHPAD, scratchpad.get()}}) &&
             (p.x.reorder == nullptr || stream.reorder(p.x.reorder, x_blocked, x_plain));
    default:
      return stream.run(p.primitive, {{DNNL_ARG_SRC, x_blocked.get()},
                                      {DNNL_ARG_DIFF_WEIGHTS, weights.get()},
                                      {DNNL_ARG_DIFF_DST, out_blocked.get()},
                                      {DNNL_ARG_SCRATCHPAD, scratchpad.get()}});
  }
}

// Calls f(piece, index) for all pieces on the pool; false when one fails.
template <class F>
bool for_each_piece(const Cut& cut, const Plan& plan, F&& f) {
  std::atomic<bool> failed{false};
  parallel_for(0, cut.pieces, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      if (!f(cut.of(plan, i), i)) failed = true;
    }
  });
  return !failed;
}

// Measured on one AVX-512 thread, with sgemm below our own kernels.
bool own_is_faster(Part part, const ConvolutionShape& s) {
  // The calls cost more than the work.
  if (s.batch * s.image_work() < 64 * 1024) return true;
  if (s.groups > 1) return false;
  switch (part) {
    case Part::Forward:
      return s.is_pointwise();  // one product an image, nothing to block
    case Part::InputGradient:
      return s.in_channels <= 8;  // oneDNN computes 16 channels whatever there are
    default:
      return s.in_channels >= 4 && s.in_channels <= 8;  // the same; up to 3 have code of their own
  }
}

// Sums `count` arrays of `size` elements, `stride` apart, in their order.
void sum_partials(const float* partials, int64_t count, int64_t stride, int64_t size, float* out) {
  parallel_for(0, size, 1 << 14, [&](int64_t begin, int64_t end) {
    if (out != partials) std::copy(partials + begin, partials + end, out + begin);
    for (int64_t k = 1; k < count; ++k) {
      const float* from = partials + k * stride;
      for (int64_t i = begin; i < end; ++i) out[i] += from[i];
    }
  });
}

}  // namespace

bool convolution(const ConvolutionShape& s, const float* x, const float* w, const float* bias, float* out,
                 Context& context) {
  if (own_is_faster(Part::Forward, s)) return false;
  const Cut cut = cut_of(s);
  const PlanRef ref = find_plan(Part::Forward, s, bias != nullptr, cut.images, cut.rest);
  const Plan* plan = ref.get();
  const float* weights = plan != nullptr ? blocked_weights(plan->piece.w, w, context) : nullptr;
  return weights != nullptr && for_each_piece(cut, *plan, [&](const Piece& p, int64_t i) {
           return run_piece(Part::Forward, p, x + i * cut.images * s.image_in(), weights, bias,
                            out + i * cut.images * s.image_out());
         });
}

bool convolution_input_gradient(const ConvolutionShape& s, const float* grad, const float* w, float* out,
                                Context& context) {
  if (own_is_faster(Part::InputGradient, s)) return false;
  const Cut cut = cut_of(s);
  const PlanRef ref = find_plan(Part::InputGradient, s, false, cut.images, cut.rest);
  const Plan* plan = ref.get();
  const float* weights = plan != nullptr ? blocked_weights(plan->piece.w, w, context) : nullptr;
  return weights != nullptr && for_each_piece(cut, *plan, [&](const Piece& p, int64_t i) {
           return run_piece(Part::InputGradient, p, out + i * cut.images * s.image_in(), weights, nullptr,
                            grad + i * cut.images * s.image_out());
         });
}

bool convolution_weight_gradient(const ConvolutionShape& s, const float* grad, const float* x, float* out,
                                 Context& context) {
  if (own_is_faster(Part::WeightGradient, s)) return false;
  const Cut cut = weight_cut_of(s);
  const PlanRef ref = find_plan(Part::WeightGradient, s, false, cut.images, cut.rest);
  const Plan* plan = ref.get();
  if (plan == nullptr) return false;
  const Operand& w = plan->piece.w;
  const auto run = [&](float* to, int64_t stride) {
    return for_each_piece(cut, *plan, [&](const Piece& p, int64_t i) {
      return run_piece(Part::WeightGradient, p, x + i * cut.images * s.image_in(), to + i * stride, nullptr,
                       grad + i * cut.images * s.image_out());
    });
  };
  if (cut.pieces == 1 && w.reorder == nullptr) return run(out, 0);
  const int64_t elements = static_cast<int64_t>(w.bytes / sizeof(float)), stride = up(elements, 16) * 16;
  auto* partials = static_cast<float*>(context.workspace(static_cast<size_t>(cut.pieces * stride) * sizeof(float)));
  if (partials == nullptr || !run(partials, stride)) return false;
  sum_partials(partials, cut.pieces, stride, elements, w.reorder == nullptr ? out : partials);
  if (w.reorder == nullptr) return true;
  const Stream stream;
  return stream.reorder(w.reorder, Memory(w.wanted, partials), Memory(w.plain, out));
}

}  // namespace tenon::inline v0::onednn
