// Random fills of contiguous memory, drawing exactly as PyTorch's CPU kernels do. They never throw and
// do not check their arguments. Each holds the state's lock while it draws.
//
// For the same seed and the same order of calls (checked against PyTorch 2.15, x86-64, glibc 2.36):
// - every fill equals PyTorch's AVX2 and AVX512 builds bit for bit, the generator's state after it too;
// - PyTorch's plain build differs from those, and so from this, in the last bits of float32 randn of 16
//   or more (by up to 2.3e-6 in 3 million draws) and of scaled uniforms, hence Linear's initial weights;
// - short or float64 normals and exponentials go through the C library's sin, cos, log and log1p, so
//   another library than glibc may differ in the last bit.
// Older PyTorch wheels with MKL drew Bernoulli (dropout) and exponential from MKL's own stream: such
// masks cannot be had from a seed here.
//
// Units: n counts elements.
#pragma once

#include <cstdint>

#include <tenon/core/generator.h>

namespace tenon::inline v0 {

// Uniform in [from, to): 24 random bits for float, 53 for double. from <= to.
TENON_API void fill_uniform(float* out, int64_t n, double from, double to, GeneratorState& gs);
TENON_API void fill_uniform(double* out, int64_t n, double from, double to, GeneratorState& gs);

// Box-Muller. Fewer than 16 elements draw doubles one pair at a time and keep the spare half for the
// next short fill; 16 or more go in blocks of 16, and a tail redraws the last 16.
TENON_API void fill_normal(float* out, int64_t n, double mean, double std, GeneratorState& gs);
TENON_API void fill_normal(double* out, int64_t n, double mean, double std, GeneratorState& gs);
// The same as fewer than 16 do, for any number.
TENON_API void fill_normal_singly(float* out, int64_t n, double mean, double std, GeneratorState& gs);
TENON_API void fill_normal_singly(double* out, int64_t n, double mean, double std, GeneratorState& gs);

// Integers in [low, high) by modulo, as PyTorch's; ranges of 2^28 and more draw 64 bits an element.
// high == low asks for all 2^64 values, and the lowest int64 as `high` stands for 2^63 (int64_t only).
TENON_API void fill_randint(bool* out, int64_t n, int64_t low, int64_t high, GeneratorState& gs);
TENON_API void fill_randint(uint8_t* out, int64_t n, int64_t low, int64_t high, GeneratorState& gs);
TENON_API void fill_randint(int8_t* out, int64_t n, int64_t low, int64_t high, GeneratorState& gs);
TENON_API void fill_randint(int16_t* out, int64_t n, int64_t low, int64_t high, GeneratorState& gs);
TENON_API void fill_randint(int32_t* out, int64_t n, int64_t low, int64_t high, GeneratorState& gs);
TENON_API void fill_randint(int64_t* out, int64_t n, int64_t low, int64_t high, GeneratorState& gs);
TENON_API void fill_randint(float* out, int64_t n, int64_t low, int64_t high, GeneratorState& gs);
TENON_API void fill_randint(double* out, int64_t n, int64_t low, int64_t high, GeneratorState& gs);

// A random order of 0 .. n-1 (Fisher-Yates).
TENON_API void fill_randperm(int64_t* out, int64_t n, GeneratorState& gs);

// 1 with probability p, else 0.
TENON_API void fill_bernoulli(bool* out, int64_t n, double p, GeneratorState& gs);
TENON_API void fill_bernoulli(float* out, int64_t n, double p, GeneratorState& gs);
TENON_API void fill_bernoulli(double* out, int64_t n, double p, GeneratorState& gs);

// Exponential with rate lambda > 0; what multinomial draws from.
TENON_API void fill_exponential(float* out, int64_t n, double lambda, GeneratorState& gs);
TENON_API void fill_exponential(double* out, int64_t n, double lambda, GeneratorState& gs);

}  // namespace tenon::inline v0
