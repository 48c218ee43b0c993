#include <tenon/ops/sorting.h>

#include <cmath>

#include <tenon/core/thread_pool.h>
#include <tenon/kernels/cpu/cast.h>
#include <tenon/kernels/cpu/contiguous.h>
#include <tenon/kernels/cpu/register.h>
#include <tenon/kernels/cpu/sorting_keys.h>
#include <tenon/kernels/cpu/sorting_unique.h>
#include <tenon/kernels/cpu/strided.h>
#include <tenon/kernels/cpu/types.h>

namespace tenon::inline v0 {

namespace {

// ---- sort and topk ---------------------------------------------------------------------------------------

constexpr int64_t kParallel = 2048;  // elements worth a second thread

// The lines along one dim of an input and of two outputs. Strides in bytes.
struct Lines {
  const View &in, &values, &indices;
  int dim = -1;
  int64_t length = 1, count = 1;
  int64_t in_step = 0, value_step = 0, index_step = 0;

  Lines(const View& x, const View& v, const View& i, int64_t d) : in(x), values(v), indices(i) {
    if (in.ndim == 0) return;
    dim = static_cast<int>(d < 0 ? d + in.ndim : d);
    length = in.sizes[dim];
    for (int k = 0; k < in.ndim; ++k) count *= k == dim ? 1 : in.sizes[k];
    in_step = in.strides[dim] * size_of(in.dtype);
    value_step = values.strides[dim] * size_of(values.dtype);
    index_step = indices.strides[dim] * 8;
  }
  void find(int64_t line, const char*& x, char*& v, char*& i) const {
    int64_t a = 0, b = 0, c = 0;
    for (int k = in.ndim; k-- > 0;) {
      if (k == dim) continue;
      const int64_t at = line % in.sizes[k];
      line /= in.sizes[k];
      a += at * in.strides[k];
      b += at * values.strides[k];
      c += at * indices.strides[k];
    }
    x = in.as<const char>() + a * size_of(in.dtype);
    v = values.as<char>() + b * size_of(values.dtype);
    i = indices.as<char>() + c * 8;
  }
};

// Writes the first `kept` of every sorted line; all when kept is the length.
template <class T>
void sort_lines(const Lines& lines, int64_t kept, bool descending, Context& context) {
  using Key = SortKey<T>;
  using Entry = SortEntry<Key>;
  const int64_t n = lines.length;
  if (n == 0 || lines.count == 0 || kept == 0) return;
  if (sizeof(Key) == 4 && n > INT64_C(0xffffffff)) {
    return context.errors.report(ErrorSink::Code::Unsupported, "a dimension of %lld elements is too long to sort",
                                 static_cast<long long>(n));
  }
  // One part of the scratch memory for each task.
  const int64_t wanted = lines.count * n < kParallel ? 1 : num_threads(), tasks = std::min(lines.count, wanted);
  const size_t part = (static_cast<size_t>(n) * (2 * sizeof(Entry) + sizeof(T)) + 127) / 64 * 64;
  auto* scratch = static_cast<char*>(context.workspace(part * static_cast<size_t>(tasks)));
  if (scratch == nullptr) return;
  const CastLoop read = cast_loop(lines.in.dtype, detail::kDTypeOf<T>), copy = copy_loop(size_of(lines.in.dtype));
  const Key flip = descending ? ~Key(0) : 0;
  parallel_for(0, tasks, 1, [&](int64_t begin, int64_t end) {
    for (int64_t t = begin; t < end; ++t) {
      auto* entries = reinterpret_cast<Entry*>(scratch + static_cast<int64_t>(part) * t);
      Entry* spare = entries + n;
      T* keys = reinterpret_cast<T*>(spare + n);
      for (int64_t line = lines.count * t / tasks; line < lines.count * (t + 1) / tasks; ++line) {
        const char* x;
        char *values, *indices;
        lines.find(line, x, values, indices);
        read(x, lines.in_step, reinterpret_cast<char*>(keys), sizeof(T), n);
        for (int64_t i = 0; i < n; ++i) entries[i] = make_entry(static_cast<Key>(sort_key(keys[i]) ^ flip), i);
        if (kept < n) {
          std::nth_element(entries, entries + kept, entries + n);
          std::sort(entries, entries + kept);
        } else {
          sort_entries(entries, spare, n);
        }
        for (int64_t i = 0; i < kept; ++i) {
          const int64_t place = place_of(entries[i]);
          *reinterpret_cast<int64_t*>(indices + i * lines.index_step) = place;
          copy(x + place * lines.in_step, 0, values + i * lines.value_step, 0, 1);
        }
      }
    }
  });
}

void sort(const Sort& r, ConstViews in, Views out, Context& context) {
  const Lines lines(in[0], out[0], out[1], r.dim);
  with_real_type(in[0].dtype, [&]<class T>() { sort_lines<Wide<T>>(lines, lines.length, r.descending, context); });
}
void topk(const Topk& r, ConstViews in, Views out, Context& context) {
  const Lines lines(in[0], out[0], out[1], r.dim);
  with_real_type(in[0].dtype, [&]<class T>() { sort_lines<Wide<T>>(lines, r.k, r.largest, context); });
}

// ---- search ----------------------------------------------------------------------------------------------

// Behind all that are less (or, with `right`, not greater); NaN goes to the end.
template <class T>
int64_t search(const T* row, int64_t n, T value, bool right) {
  int64_t first = 0;
  while (n > 0) {
    const int64_t half = n / 2;
    const T middle = row[first + half];
    if (right ? middle > value : middle >= value) {
      n = half;
    } else {
      first += half + 1;
      n -= half + 1;
    }
  }
  return first;
}

template <class T>
void search_all(bool right, ConstViews in, const View& out, Context& context) {
  const int64_t total = in[1].numel();
  if (total == 0) return;
  const int64_t n = in[0].sizes[in[0].ndim - 1];
  const int64_t per_row = in[0].ndim > 1 ? in[1].sizes[in[1].ndim - 1] : total;
  const T *rows = row_major<T>(in[0], context), *values = row_major<T>(in[1], context);
  const RowMajorOutput<int64_t> found(out, context);
  if (context.errors) return;
  parallel_for(0, total, kParallel, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) found.data()[i] = search(rows + i / per_row * n, n, values[i], right);
  });
  found.finish();
}

void searchsorted(const Searchsorted& r, ConstViews in, Views out, Context& context) {
  const bool right = r.right || (r.side && *r.side == "right");
  // A Python number takes part in the type of the search.
  const bool rows_float = is_floating(in[0].dtype), values_float = is_floating(in[1].dtype);
  if (rows_float && in[0].dtype != DType::Float64)
    search_all<float>(right, in, out[0], context);
  else if (rows_float || values_float)
    search_all<double>(right, in, out[0], context);
  else
    search_all<int64_t>(right, in, out[0], context);
}

// ---- counts ----------------------------------------------------------------------------------------------

template <class T>
void add_weights(const int64_t* x, int64_t n, const View& weights, View& out, Context& context) {
  const T* w = row_major<T>(weights, context);
  if (context.errors) return;
  T* sums = out.as<T>();
  for (int64_t i = 0; i < n; ++i) sums[x[i]] += w[i];
}

void bincount(const Bincount& r, ConstViews in, Views out, Context& context) {
  const int64_t n = in[0].numel();
  const int64_t* x = row_major<int64_t>(in[0], context);
  if (context.errors) return;
  int64_t bins = r.minlength;
  for (int64_t i = 0; i < n; ++i) {
    if (x[i] < 0) {
      return context.errors.report(ErrorSink::Code::Value, "input must not be negative; element %lld of it is %lld",
                                   static_cast<long long>(i), static_cast<long long>(x[i]));
    }
    if (x[i] >= bins) bins = x[i] + 1;
  }
  if (!context.resize_output(out.data, 0, &bins, 1)) return;
  if (bins == 0) return;
  std::fill_n(out[0].as<char>(), bins * size_of(out[0].dtype), char(0));
  if (!in.has(1)) {
    for (int64_t i = 0; i < n; ++i) ++out[0].as<int64_t>()[x[i]];
  } else if (out[0].dtype == DType::Float32) {
    add_weights<float>(x, n, in[1], out[0], context);
  } else {
    add_weights<double>(x, n, in[1], out[0], context);
  }
}

}  // namespace

void register_sorting_kernels(Registry& registry) {
  registry.add_kernel<Sort, sort>();
  registry.add_kernel<Topk, topk>();
  registry.add_kernel<Searchsorted, searchsorted>();
  registry.add_kernel<Bincount, bincount>();
  register_unique_kernels(registry);
}

}  // namespace tenon::inline v0
