// Random numbers: the same Mersenne Twister, seeding and draw order as PyTorch's CPU generator, so the
// same seed gives the same numbers.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include <tenon/core/export.h>

namespace tenon::inline v0 {

// MT19937 (Matsumoto and Nishimura, 1998) plus the second half of the last Box-Muller pair. Plain data
// apart from the lock, so that kernels can use it through `Context::generator`.
//
// The members draw without locking. Whoever draws from a state that other threads may share holds a
// `GeneratorLock` for the whole fill: then each fill gets a contiguous run of the stream.
struct TENON_API GeneratorState {
  static constexpr int kWords = 624;
  static constexpr uint32_t kFresh = kWords + 1;             // seeded, nothing drawn: told apart for the byte form
  static constexpr uint64_t kDefaultSeed = 67280421310721u;  // of a `torch.Generator()`

  explicit GeneratorState(uint64_t seed = kDefaultSeed) { manual_seed(seed); }
  GeneratorState(const GeneratorState& other) { assign(other); }
  GeneratorState& operator=(const GeneratorState& other) {
    assign(other);
    return *this;
  }

  // Restarts the stream and drops the cached normals. Only the low 32 bits reach the engine, as in PyTorch.
  void manual_seed(uint64_t value);

  uint32_t random() {
    if (position >= kWords) [[unlikely]]
      refill();
    return temper(words[position++]);
  }
  // The first draw is the high half.
  uint64_t random64() {
    const uint64_t high = random();
    return high << 32 | random();
  }
  // out[i] = random() for i < n; several times faster.
  void fill_words(uint32_t* out, int64_t n);

  static constexpr uint32_t temper(uint32_t y) {
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680u;
    y ^= (y << 15) & 0xefc60000u;
    return y ^ (y >> 18);
  }

  void lock();
  void unlock();

  uint64_t seed;
  uint32_t words[kWords];
  uint32_t position;  // of the next word to use; kWords and above: twist first
  bool has_next_float;
  bool has_next_double;
  float next_float;
  double next_double;

 private:
  friend struct GeneratorForkGuard;
  void assign(const GeneratorState& other);
  void refill();

  std::atomic<uint32_t> lock_{0};  // 0 free, 1 held, 2 held and somebody waits
};

class GeneratorLock {
 public:
  explicit GeneratorLock(GeneratorState& state) : state_(state) { state_.lock(); }
  ~GeneratorLock() { state_.unlock(); }
  GeneratorLock(const GeneratorLock&) = delete;
  GeneratorLock& operator=(const GeneratorLock&) = delete;

 private:
  GeneratorState& state_;
};

// A shared handle: copies draw from the same stream; `clone` starts an own one at the same point.
// Safe to use from several threads.
class TENON_API Generator {
 public:
  // Size of the byte form, which is `torch.get_rng_state()`'s on 64-bit little-endian machines.
  static constexpr size_t kStateBytes = 5056;

  explicit Generator(uint64_t seed = GeneratorState::kDefaultSeed);
  Generator(const Generator& other) noexcept;
  Generator& operator=(const Generator& other) noexcept;
  ~Generator();

  Generator& manual_seed(uint64_t seed);
  // Seeds from the system's entropy; returns the seed (53 bits, so that a double holds it).
  uint64_t seed();
  uint64_t initial_seed() const;
  Generator clone() const;

  // Writes kStateBytes bytes.
  void get_state(uint8_t* bytes) const;
  // False, and nothing changed, unless `bytes` is a state that get_state or PyTorch wrote.
  [[nodiscard]] bool set_state(const uint8_t* bytes, size_t size);

  GeneratorState& state() const;  // for fills; see GeneratorLock
  friend bool operator==(const Generator& a, const Generator& b) { return a.shared_ == b.shared_; }

 private:
  struct Shared;
  Shared* shared_;
};

// What random ops use when no generator is given; seeded from the system's entropy.
TENON_API Generator& default_generator();
// Seeds the default generator.
TENON_API Generator& manual_seed(uint64_t seed);

}  // namespace tenon::inline v0
