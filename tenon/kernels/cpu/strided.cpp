#include <tenon/kernels/cpu/strided.h>

#include <algorithm>
#include <complex>
#include <cstring>

#include <tenon/core/half.h>
#include <tenon/core/thread_pool.h>

namespace tenon::inline v0 {

namespace {

struct Bytes16 {
  uint64_t low, high;
};

template <class T>
void copy_run(const char* from, int64_t from_step, char* to, int64_t to_step, int64_t n) {
  constexpr auto kSize = static_cast<int64_t>(sizeof(T));
  if (from_step == kSize && to_step == kSize) {
    std::memcpy(to, from, static_cast<size_t>(n * kSize));
  } else if (from_step == 0 && to_step == kSize) {
    std::fill_n(reinterpret_cast<T*>(to), n, *reinterpret_cast<const T*>(from));
  } else {
    for (int64_t i = 0; i < n; ++i)
      *reinterpret_cast<T*>(to + i * to_step) = *reinterpret_cast<const T*>(from + i * from_step);
  }
}

template <class T>
T sum(T a, T b) {
  if constexpr (std::is_same_v<T, bool>)
    return a || b;
  else if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>)
    return T(static_cast<float>(a) + static_cast<float>(b));
  else if constexpr (std::is_integral_v<T>)
    return static_cast<T>(static_cast<std::make_unsigned_t<T>>(a) + static_cast<std::make_unsigned_t<T>>(b));
  else
    return a + b;
}

template <class T>
void add_elements(const char* from, int64_t from_step, char* to, int64_t to_step, int64_t n) {
  if (from_step == static_cast<int64_t>(sizeof(T)) && to_step == from_step) {
    T* out = reinterpret_cast<T*>(to);
    const T* in = reinterpret_cast<const T*>(from);
    for (int64_t i = 0; i < n; ++i) out[i] = sum(out[i], in[i]);
    return;
  }
  for (int64_t i = 0; i < n; ++i) {
    T* out = reinterpret_cast<T*>(to + i * to_step);
    *out = sum(*out, *reinterpret_cast<const T*>(from + i * from_step));
  }
}

constexpr int64_t kParallelElements = 1 << 15;

}  // namespace

CastLoop copy_loop(int64_t element_size) {
  switch (element_size) {
    case 1:
      return copy_run<uint8_t>;
    case 2:
      return copy_run<uint16_t>;
    case 4:
      return copy_run<uint32_t>;
    case 8:
      return copy_run<uint64_t>;
    default:
      return copy_run<Bytes16>;
  }
}

CastLoop add_loop(DType dtype) {
  switch (dtype) {
    case DType::Bool:
      return add_elements<bool>;
    case DType::UInt8:
      return add_elements<uint8_t>;
    case DType::Int8:
      return add_elements<int8_t>;
    case DType::Int16:
      return add_elements<int16_t>;
    case DType::Int32:
      return add_elements<int32_t>;
    case DType::Int64:
      return add_elements<int64_t>;
    case DType::Float16:
      return add_elements<Half>;
    case DType::BFloat16:
      return add_elements<BFloat16>;
    case DType::Float32:
      return add_elements<float>;
    case DType::Float64:
      return add_elements<double>;
    case DType::Complex64:
      return add_elements<std::complex<float>>;
    case DType::Complex128:
      return add_elements<std::complex<double>>;
  }
  return nullptr;
}

void PairedStrides::coalesce() {
  int kept = 0;
  for (int i = 0; i < ndim; ++i) {
    if (sizes[i] == 1) continue;
    if (kept > 0 && from[kept - 1] == from[i] * sizes[i] && to[kept - 1] == to[i] * sizes[i]) {
      sizes[kept - 1] *= sizes[i];
      from[kept - 1] = from[i];
      to[kept - 1] = to[i];
      continue;
    }
    sizes[kept] = sizes[i];
    from[kept] = from[i];
    to[kept++] = to[i];
  }
  ndim = kept;
}

void for_each_run(PairedStrides s, const char* from, char* to, CastLoop loop, bool parallel) {
  for (int i = 0; i < s.ndim; ++i) {
    if (s.sizes[i] == 0) return;
  }
  s.coalesce();
  if (s.ndim == 0) return loop(from, 0, to, 0, 1);
  const int last = s.ndim - 1;
  const int64_t n = s.sizes[last], from_step = s.from[last], to_step = s.to[last];
  int64_t runs = 1;
  for (int i = 0; i < last; ++i) runs *= s.sizes[i];
  if (runs == 1) {
    const auto piece = [&](int64_t b, int64_t e) {
      loop(from + b * from_step, from_step, to + b * to_step, to_step, e - b);
    };
    return parallel ? parallel_for(0, n, kParallelElements, piece) : piece(0, n);
  }
  const auto piece = [&](int64_t b, int64_t e) {
    Odometer at(last, s.sizes);
    at.seek(b);
    int64_t f = at.offset(s.from), t = at.offset(s.to);
    for (int64_t i = b; i < e; ++i) {
      loop(from + f, from_step, to + t, to_step, n);
      at.step(s.from, f, s.to, t);
    }
  };
  if (!parallel) return piece(0, runs);
  parallel_for(0, runs, std::max<int64_t>(1, kParallelElements / n), piece);
}

void copy_elements(const View& from, const View& to) {
  const int64_t from_size = size_of(from.dtype), to_size = size_of(to.dtype);
  const CastLoop loop = from.dtype == to.dtype ? copy_loop(from_size) : cast_loop(from.dtype, to.dtype);
  PairedStrides s;
  for (int i = 0; i < to.ndim; ++i) s.push(to.sizes[i], from.strides[i] * from_size, to.strides[i] * to_size);
  for_each_run(s, from.as<char>(), to.as<char>(), loop);
}

}  // namespace tenon::inline v0
