// Running sums, products and extremes along one dim.
#include <cmath>
#include <limits>

#include <tenon/core/thread_pool.h>
#include <tenon/kernels/cpu/cast.h>
#include <tenon/kernels/cpu/reduction_loops.h>
#include <tenon/kernels/cpu/reduction_parts.h>
#include <tenon/ops/reduction.h>

namespace tenon::inline v0 {

namespace {

// A scan has the state of every line, what one more element makes of it, and what is written then.
template <class T, bool product>
struct SumScan {
  using In = T;
  using State = SumOf<T>;
  using Out = T;
  static constexpr bool has_index = false;
  static State start() { return State(product ? 1 : 0); }
  static void take(State& s, T x, int64_t) {
    if constexpr (product)
      s *= static_cast<State>(x);
    else
      s += static_cast<State>(x);
  }
  static Out value(const State& s) { return static_cast<Out>(s); }
};

template <class T>
struct LogSumExpScan {
  using In = T;
  using State = double;
  using Out = T;
  static constexpr bool has_index = false;
  static State start() { return -std::numeric_limits<double>::infinity(); }
  static void take(State& s, T value, int64_t) {
    const double x = static_cast<double>(value), high = s > x || s != s ? s : x, low = s > x || s != s ? x : s;
    // Equal infinities have no difference.
    s = std::isinf(high) && high == low ? high : high + std::log1p(std::exp(low - high));
  }
  static Out value(const State& s) { return static_cast<Out>(s); }
};

template <class T>
struct Running {
  T value;
  int64_t index;
};
template <class T, bool is_max>
struct ExtremeScan {
  using In = T;
  using State = Running<T>;
  using Out = T;
  static constexpr bool has_index = true;
  static State start() { return {T(), -1}; }
  // The latest among equals; once NaN, always NaN.
  static void take(State& s, T x, int64_t at) {
    if constexpr (std::is_floating_point_v<T>) {
      if (x != x) {
        s = {x, at};
        return;
      }
    }
    if (s.index < 0 || (is_max ? x >= s.value : x <= s.value)) s = {x, at};
  }
  static Out value(const State& s) { return s.value; }
};

constexpr int64_t kLines = 128;      // lines that are scanned side by side
constexpr int64_t kPiece = 1024;     // elements of one line cast at a time
constexpr int64_t kParallel = 8192;  // elements worth a second thread

// Strides in bytes of input, output and indices.
struct Strides3 {
  int64_t in = 0, out = 0, index = 0;
};
struct ScanPlan {
  const View &in, &out;
  const View* indices;
  int64_t length = 1, lines = 1;  // of the scanned dim; lines side by side
  Strides3 along, across;
  int across_dim = -1, dim = -1;
  int64_t others = 1;

  ScanPlan(const View& i, const View& o, const View* x, int64_t d) : in(i), out(o), indices(x) {
    if (in.ndim == 0) return;
    dim = static_cast<int>(d < 0 ? d + in.ndim : d);
    length = in.sizes[dim];
    along = strides(dim);
    for (int k = in.ndim; k-- > 0;) {
      if (k != dim && in.sizes[k] > 1 && across_dim < 0) across_dim = k;
    }
    if (across_dim >= 0) {
      lines = in.sizes[across_dim];
      across = strides(across_dim);
    }
    for (int k = 0; k < in.ndim; ++k) {
      if (k != dim && k != across_dim) others *= in.sizes[k];
    }
  }
  Strides3 strides(int d) const {
    return {in.strides[d] * size_of(in.dtype), out.strides[d] * size_of(out.dtype),
            indices != nullptr ? indices->strides[d] * 8 : 0};
  }
  Strides3 offset(int64_t at) const {
    Strides3 sum;
    for (int k = in.ndim; k-- > 0;) {
      if (k == dim || k == across_dim) continue;
      const Strides3 s = strides(k);
      const int64_t i = at % in.sizes[k];
      at /= in.sizes[k];
      sum = {sum.in + i * s.in, sum.out + i * s.out, sum.index + i * s.index};
    }
    return sum;
  }
};

template <class S>
class Scan {
 public:
  explicit Scan(const ScanPlan& plan)
      : plan_(plan),
        read_(cast_loop(plan.in.dtype, reduction_dtype<typename S::In>)),
        write_(cast_loop(reduction_dtype<typename S::Out>, plan.out.dtype)) {}

  void run() const {
    const ScanPlan& p = plan_;
    const bool side_by_side = p.lines > 1 && std::abs(p.across.in) < std::abs(p.along.in);
    const int64_t width = side_by_side ? kLines : 1, tiles = (p.lines + width - 1) / width;
    const int64_t work = p.length * (p.lines < width ? p.lines : width);
    parallel_for(0, tiles * p.others, 1 + kParallel / (work > 0 ? work : 1), [&](int64_t begin, int64_t end) {
      for (int64_t t = begin; t < end; ++t) {
        Strides3 at = p.offset(t / tiles);
        const int64_t first = t % tiles * width, count = p.lines - first < width ? p.lines - first : width;
        at = {at.in + first * p.across.in, at.out + first * p.across.out, at.index + first * p.across.index};
        side_by_side ? lines(at, count) : line(at);
      }
    });
  }

 private:
  using In = typename S::In;
  using Out = typename S::Out;
  using State = typename S::State;

  void line(Strides3 at) const {
    alignas(64) In x[kPiece];
    alignas(64) Out y[kPiece];
    int64_t index[S::has_index ? kPiece : 1];
    State state = S::start();
    for (int64_t i = 0; i < plan_.length; i += kPiece) {
      const int64_t n = plan_.length - i < kPiece ? plan_.length - i : kPiece;
      read(at.in + i * plan_.along.in, plan_.along.in, x, n);
      for (int64_t k = 0; k < n; ++k) {
        S::take(state, x[k], i + k);
        y[k] = S::value(state);
        if constexpr (S::has_index) index[k] = state.index;
      }
      write(at.out + i * plan_.along.out, plan_.along.out, y, n);
      if constexpr (S::has_index) write_index(at.index + i * plan_.along.index, plan_.along.index, index, n);
    }
  }
  void lines(Strides3 at, int64_t count) const {
    alignas(64) In x[kLines];
    alignas(64) Out y[kLines];
    State state[kLines];
    int64_t index[S::has_index ? kLines : 1];
    for (int64_t k = 0; k < count; ++k) state[k] = S::start();
    for (int64_t i = 0; i < plan_.length; ++i) {
      read(at.in + i * plan_.along.in, plan_.across.in, x, count);
      for (int64_t k = 0; k < count; ++k) {
        S::take(state[k], x[k], i);
        y[k] = S::value(state[k]);
        if constexpr (S::has_index) index[k] = state[k].index;
      }
      write(at.out + i * plan_.along.out, plan_.across.out, y, count);
      if constexpr (S::has_index) write_index(at.index + i * plan_.along.index, plan_.across.index, index, count);
    }
  }
  void read(int64_t at, int64_t step, In* x, int64_t n) const {
    read_(plan_.in.as<const char>() + at, step, reinterpret_cast<char*>(x), sizeof(In), n);
  }
  void write(int64_t at, int64_t step, const Out* y, int64_t n) const {
    write_(reinterpret_cast<const char*>(y), sizeof(Out), plan_.out.as<char>() + at, step, n);
  }
  void write_index(int64_t at, int64_t step, const int64_t* index, int64_t n) const {
    char* to = plan_.indices->as<char>() + at;
    for (int64_t k = 0; k < n; ++k) *reinterpret_cast<int64_t*>(to + k * step) = index[k];
  }

  const ScanPlan& plan_;
  CastLoop read_, write_;
};

template <class S>
void scan(int64_t dim, ConstViews in, Views out, bool with_indices) {
  if (in[0].numel() == 0) return;
  const ScanPlan plan(in[0], out[0], with_indices ? &out[1] : nullptr, dim);
  Scan<S>(plan).run();
}

void cumsum(const Cumsum& r, ConstViews in, Views out, Context&) {
  with_sum_type(out[0].dtype, [&]<class T>() { scan<SumScan<T, false>>(r.dim, in, out, false); });
}
void cumprod(const Cumprod& r, ConstViews in, Views out, Context&) {
  with_sum_type(out[0].dtype, [&]<class T>() { scan<SumScan<T, true>>(r.dim, in, out, false); });
}
void logcumsumexp(const Logcumsumexp& r, ConstViews in, Views out, Context& context) {
  if (in[0].dtype == DType::Float64) return scan<LogSumExpScan<double>>(r.dim, in, out, false);
  if (is_floating(in[0].dtype)) return scan<LogSumExpScan<float>>(r.dim, in, out, false);
  context.errors.report(ErrorSink::Code::Unsupported,
                        "logcumsumexp needs a real floating-point input, not %s; convert it with .float()",
                        info(in[0].dtype).name);
}
template <class R, bool is_max>
void cum_extreme(const R& r, ConstViews in, Views out, Context&) {
  with_real_type(in[0].dtype, [&]<class T>() { scan<ExtremeScan<Wide<T>, is_max>>(r.dim, in, out, true); });
}

}  // namespace

void register_scan_kernels(Registry& registry) {
  registry.add_kernel<Cumsum, cumsum>();
  registry.add_kernel<Cumprod, cumprod>();
  registry.add_kernel<Logcumsumexp, logcumsumexp>();
  registry.add_kernel<Cummax, cum_extreme<Cummax, true>>();
  registry.add_kernel<Cummin, cum_extreme<Cummin, false>>();
}

}  // namespace tenon::inline v0
