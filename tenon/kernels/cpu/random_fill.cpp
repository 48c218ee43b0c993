// Where PyTorch's compiler contracted a multiplication and an addition into one fused operation, so does
// this file, by name; everywhere else it must not.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3", "fp-contract=off")
#elif defined(__clang__)
#pragma clang fp contract(off)
#endif

#include <tenon/kernels/cpu/random_fill.h>

#include <bit>
#include <cmath>
#include <cstring>

namespace tenon::inline v0 {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr int64_t kBlock = 1024;  // words drawn at a time: 4 KiB of stack

// Calls consume(words, first element, elements) for each block of at most kBlock words.
template <int kWordsPerElement, class Consume>
inline void for_each_block(int64_t n, GeneratorState& gs, const Consume& consume) {
  uint32_t words[kBlock];
  constexpr int64_t kElements = kBlock / kWordsPerElement;
  for (int64_t i = 0; i < n; i += kElements) {
    const int64_t count = n - i < kElements ? n - i : kElements;
    gs.fill_words(words, count * kWordsPerElement);
    consume(static_cast<const uint32_t*>(words), i, count);
  }
}

inline float unit_float(uint32_t word) { return static_cast<float>(static_cast<int32_t>(word & 0xffffffu)) * 0x1p-24f; }
inline uint64_t join(const uint32_t* pair) { return static_cast<uint64_t>(pair[0]) << 32 | pair[1]; }
inline double unit_double(const uint32_t* pair) {
  return static_cast<double>(static_cast<int64_t>(join(pair) & 0x1fffffffffffffu)) * 0x1p-53;
}

// Unlocked: callers hold the state's lock.
void draw_unit(float* out, int64_t n, GeneratorState& gs) {
  for_each_block<1>(n, gs, [=](const uint32_t* words, int64_t first, int64_t count) {
    float* to = out + first;
    for (int64_t i = 0; i < count; ++i) to[i] = unit_float(words[i]);
  });
}

void draw_unit(double* out, int64_t n, GeneratorState& gs) {
  for_each_block<2>(n, gs, [=](const uint32_t* words, int64_t first, int64_t count) {
    double* to = out + first;
    for (int64_t i = 0; i < count; ++i) to[i] = unit_double(words + 2 * i);
  });
}

double draw_normal(GeneratorState& gs) {
  if (gs.has_next_double) {
    gs.has_next_double = false;
    return gs.next_double;
  }
  const auto unit = [&gs] {
    return static_cast<double>(static_cast<int64_t>(gs.random64() & 0x1fffffffffffffu)) * 0x1p-53;
  };
  const double u1 = unit();
  const double u2 = unit();
  const double r = std::sqrt(-2.0 * std::log1p(-u2));
  const double theta = 2.0 * kPi * u1;
  gs.next_double = r * std::sin(theta);
  gs.has_next_double = true;
  return r * std::cos(theta);
}

template <class T>
void draw_short_normal(T* out, int64_t n, double mean, double std, GeneratorState& gs) {
  for (int64_t i = 0; i < n; ++i) out[i] = static_cast<T>(std::fma(draw_normal(gs), std, mean));
}

// --- Box-Muller on a block of 16: 8 first uniforms, 8 second ones ---

inline uint32_t bits_of(float x) { return std::bit_cast<uint32_t>(x); }
inline float float_of(uint32_t bits) { return std::bit_cast<float>(bits); }

// Choices below are masks, not branches, so that compilers turn them into vector code.

// Natural logarithm of 0 < x <= 1, not denormal (Cephes' logf, Moshier 1984, in the order in which the
// usual SIMD versions of it evaluate it).
inline __attribute__((always_inline)) float fast_log(float x) {
  const uint32_t mantissa = (bits_of(x) & 0x7fffffu) | 0x3f000000u;         // in [0.5, 1)
  const uint32_t low = 0u - static_cast<uint32_t>(mantissa < 0x3f3504f3u);  // below sqrt(1/2)
  const int32_t exponent = static_cast<int32_t>(bits_of(x) >> 23) - 126 + static_cast<int32_t>(low);
  const float e = static_cast<float>(exponent);
  const float f = (float_of(mantissa) - 1.0f) + float_of(mantissa & low);
  const float z = f * f;
  float y = 7.0376836292e-2f;
  y = std::fma(y, f, -1.1514610310e-1f);
  y = std::fma(y, f, 1.1676998740e-1f);
  y = std::fma(y, f, -1.2420140846e-1f);
  y = std::fma(y, f, 1.4249322787e-1f);
  y = std::fma(y, f, -1.6668057665e-1f);
  y = std::fma(y, f, 2.0000714765e-1f);
  y = std::fma(y, f, -2.4999993993e-1f);
  y = std::fma(y, f, 3.3333331174e-1f);
  y = y * f;
  y = std::fma(y, z, e * -2.12194440e-4f);
  y = std::fma(z, -0.5f, y);
  return std::fma(e, 0.693359375f, f + y);
}

// Sine and cosine of 0 <= x < 8192 (Cephes' sinf and cosf).
inline __attribute__((always_inline)) void fast_sincos(float x, float& sine, float& cosine) {
  const int32_t octant = (static_cast<int32_t>(x * 1.27323954473516f) + 1) & ~1;
  const float y = static_cast<float>(octant);
  x = std::fma(y, -0.78515625f, x);
  x = std::fma(y, -2.4187564849853515625e-4f, x);
  x = std::fma(y, -3.77489497744594108e-8f, x);
  const float z = x * x;
  float c = 2.443315711809948e-5f;
  c = std::fma(c, z, -1.388731625493765e-3f);
  c = std::fma(c, z, 4.166664568298827e-2f);
  c = c * z;
  c = std::fma(c, z, z * -0.5f) + 1.0f;
  float s = -1.9515295891e-4f;
  s = std::fma(s, z, 8.3321608736e-3f);
  s = std::fma(s, z, -1.6666654611e-1f);
  s = std::fma(s * z, x, x);
  const uint32_t o = static_cast<uint32_t>(octant);
  const uint32_t swap = 0u - ((o >> 1) & 1u);
  const uint32_t cross = (bits_of(s) ^ bits_of(c)) & swap;
  sine = float_of((bits_of(s) ^ cross) ^ ((o & 4u) << 29));
  cosine = float_of((bits_of(c) ^ cross) ^ (((o + 2u) & 4u) << 29));
}

inline __attribute__((always_inline)) void box_muller_blocks(float* data, int64_t blocks, float mean, float std) {
  constexpr float kTwoPi = static_cast<float>(2.0 * kPi);
  for (int64_t b = 0; b < blocks; ++b, data += 16) {
    float radius[8], first[8], second[8];
    for (int j = 0; j < 8; ++j) radius[j] = -2.0f * fast_log(1.0f - data[j]);
    // Apart: where sqrt may set errno it is not vector code.
    for (int j = 0; j < 8; ++j) radius[j] = std::sqrt(radius[j]);
    for (int j = 0; j < 8; ++j) {
      float sine, cosine;
      fast_sincos(kTwoPi * data[j + 8], sine, cosine);
      first[j] = std::fma(radius[j] * cosine, std, mean);
      second[j] = std::fma(radius[j] * sine, std, mean);
    }
    std::memcpy(data, first, sizeof first);
    std::memcpy(data + 8, second, sizeof second);
  }
}

#if defined(__x86_64__) && !defined(__FMA__)
// std::fma is a library call in a baseline x86-64 build; the values are the same.
__attribute__((target("avx2,fma"))) void box_muller_fma(float* data, int64_t blocks, float mean, float std) {
  box_muller_blocks(data, blocks, mean, std);
}
void box_muller_baseline(float* data, int64_t blocks, float mean, float std) {
  box_muller_blocks(data, blocks, mean, std);
}
void box_muller(float* data, int64_t blocks, float mean, float std) {
  static const bool has_fma = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  (has_fma ? box_muller_fma : box_muller_baseline)(data, blocks, mean, std);
}
#else
void box_muller(float* data, int64_t blocks, float mean, float std) { box_muller_blocks(data, blocks, mean, std); }
#endif

void box_muller(double* data, int64_t blocks, double mean, double std) {
  for (int64_t b = 0; b < blocks; ++b, data += 16) {
    for (int j = 0; j < 8; ++j) {
      const double radius = std::sqrt(-2.0 * std::log(1.0 - data[j]));
      const double theta = 2.0 * kPi * data[j + 8];
      data[j] = std::fma(radius * std::cos(theta), std, mean);
      data[j + 8] = std::fma(radius * std::sin(theta), std, mean);
    }
  }
}

template <class T>
void normal(T* out, int64_t n, double mean, double std, GeneratorState& gs) {
  GeneratorLock lock(gs);
  if (n < 16) {
    draw_short_normal(out, n, mean, std, gs);
    return;
  }
  // All of the uniforms are drawn before the tail's, so blocks may be turned as they come; a multiple
  // of 16 at a time keeps them in cache.
  constexpr int64_t kChunk = 4096;
  const T m = static_cast<T>(mean), s = static_cast<T>(std);
  for (int64_t i = 0; i < n; i += kChunk) {
    const int64_t count = n - i < kChunk ? n - i : kChunk;
    draw_unit(out + i, count, gs);
    box_muller(out + i, count / 16, m, s);
  }
  if (n % 16 != 0) {
    draw_unit(out + n - 16, 16, gs);
    box_muller(out + n - 16, 1, m, s);
  }
}

template <class T>
void randint(T* out, int64_t n, int64_t low, int64_t high, GeneratorState& gs) {
  const uint64_t range = static_cast<uint64_t>(high) - static_cast<uint64_t>(low);
  const uint64_t base = static_cast<uint64_t>(low);
  GeneratorLock lock(gs);
  const auto store = [](uint64_t value) { return static_cast<T>(static_cast<int64_t>(value)); };
  if (range == 0) {
    for_each_block<2>(n, gs, [&](const uint32_t* words, int64_t first, int64_t count) {
      for (int64_t i = 0; i < count; ++i) out[first + i] = store(join(words + 2 * i));
    });
  } else if (range >= uint64_t{1} << 28) {
    for_each_block<2>(n, gs, [&](const uint32_t* words, int64_t first, int64_t count) {
      for (int64_t i = 0; i < count; ++i) out[first + i] = store(join(words + 2 * i) % range + base);
    });
  } else {
    const uint32_t small = static_cast<uint32_t>(range);
    for_each_block<1>(n, gs, [&](const uint32_t* words, int64_t first, int64_t count) {
      for (int64_t i = 0; i < count; ++i) out[first + i] = store(words[i] % small + base);
    });
  }
}

template <class T>
void bernoulli(T* out, int64_t n, double p, GeneratorState& gs) {
  // k / 2^53 < p, in integers; scaling by a power of two is exact.
  const auto threshold = static_cast<uint64_t>(std::ceil(p * 0x1p53));
  GeneratorLock lock(gs);
  for_each_block<2>(n, gs, [&](const uint32_t* words, int64_t first, int64_t count) {
    T* to = out + first;
    for (int64_t i = 0; i < count; ++i) {
      to[i] = static_cast<T>((join(words + 2 * i) & 0x1fffffffffffffu) < threshold);
    }
  });
}

template <class T>
void exponential(T* out, int64_t n, double lambda, GeneratorState& gs) {
  GeneratorLock lock(gs);
  for_each_block<2>(n, gs, [&](const uint32_t* words, int64_t first, int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
      out[first + i] = static_cast<T>(-1.0 / lambda * std::log1p(-unit_double(words + 2 * i)));
    }
  });
}

}  // namespace

void fill_uniform(float* out, int64_t n, double from, double to, GeneratorState& gs) {
  GeneratorLock lock(gs);
  const float low = static_cast<float>(from);
  const float width = static_cast<float>(to) - low;
  if (low == 0.0f && width == 1.0f) {
    draw_unit(out, n, gs);
    return;
  }
  // The product of two floats is exact in double: this rounds as a fused operation does (but for a
  // double rounding of about one in 2^29).
  for_each_block<1>(n, gs, [=](const uint32_t* words, int64_t first, int64_t count) {
    float* result = out + first;
    for (int64_t i = 0; i < count; ++i) {
      result[i] = static_cast<float>(static_cast<double>(unit_float(words[i])) * width + low);
    }
  });
}

void fill_uniform(double* out, int64_t n, double from, double to, GeneratorState& gs) {
  GeneratorLock lock(gs);
  const double width = to - from;
  if (from == 0.0 && width == 1.0) {
    draw_unit(out, n, gs);
    return;
  }
  for_each_block<2>(n, gs, [=](const uint32_t* words, int64_t first, int64_t count) {
    double* result = out + first;
    for (int64_t i = 0; i < count; ++i) result[i] = std::fma(unit_double(words + 2 * i), width, from);
  });
}

void fill_normal(float* out, int64_t n, double mean, double std, GeneratorState& gs) { normal(out, n, mean, std, gs); }
void fill_normal(double* out, int64_t n, double mean, double std, GeneratorState& gs) { normal(out, n, mean, std, gs); }
void fill_normal_singly(float* out, int64_t n, double mean, double std, GeneratorState& gs) {
  GeneratorLock lock(gs);
  draw_short_normal(out, n, mean, std, gs);
}
void fill_normal_singly(double* out, int64_t n, double mean, double std, GeneratorState& gs) {
  GeneratorLock lock(gs);
  draw_short_normal(out, n, mean, std, gs);
}

void fill_randint(bool* out, int64_t n, int64_t low, int64_t high, GeneratorState& gs) {
  randint(out, n, low, high, gs);
}
void fill_randint(uint8_t* out, int64_t n, int64_t low, int64_t high, GeneratorState& gs) {
  randint(out, n, low, high, gs);
}
void fill_randint(int8_t* out, int64_t n, int64_t low, int64_t high, GeneratorState& gs) {
  randint(out, n, low, high, gs);
}
void fill_randint(int16_t* out, int64_t n, int64_t low, int64_t high, GeneratorState& gs) {
  randint(out, n, low, high, gs);
}
void fill_randint(int32_t* out, int64_t n, int64_t low, int64_t high, GeneratorState& gs) {
  randint(out, n, low, high, gs);
}
void fill_randint(int64_t* out, int64_t n, int64_t low, int64_t high, GeneratorState& gs) {
  randint(out, n, low, high, gs);
}
void fill_randint(float* out, int64_t n, int64_t low, int64_t high, GeneratorState& gs) {
  randint(out, n, low, high, gs);
}
void fill_randint(double* out, int64_t n, int64_t low, int64_t high, GeneratorState& gs) {
  randint(out, n, low, high, gs);
}

void fill_randperm(int64_t* out, int64_t n, GeneratorState& gs) {
  GeneratorLock lock(gs);
  if (n < 0xffffffff / 20) {
    for (int64_t i = 0; i < n; ++i) out[i] = i;
    for (int64_t i = 0; i < n - 1; ++i) {
      const int64_t j = i + gs.random() % static_cast<uint32_t>(n - i);
      const int64_t kept = out[i];
      out[i] = out[j];
      out[j] = kept;
    }
    return;
  }
  // 32 bits would favour some orders; this draws 64 and builds the order inside out.
  for (int64_t i = 0; i < n; ++i) {
    const auto j = static_cast<int64_t>(gs.random64() % static_cast<uint64_t>(i + 1));
    out[i] = out[j];
    out[j] = i;
  }
}

void fill_exponential(float* out, int64_t n, double lambda, GeneratorState& gs) { exponential(out, n, lambda, gs); }
void fill_exponential(double* out, int64_t n, double lambda, GeneratorState& gs) { exponential(out, n, lambda, gs); }

void fill_bernoulli(bool* out, int64_t n, double p, GeneratorState& gs) { bernoulli(out, n, p, gs); }
void fill_bernoulli(float* out, int64_t n, double p, GeneratorState& gs) { bernoulli(out, n, p, gs); }
void fill_bernoulli(double* out, int64_t n, double p, GeneratorState& gs) { bernoulli(out, n, p, gs); }

}  // namespace tenon::inline v0
