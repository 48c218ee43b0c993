// Builds at -O2 would leave the twist and the tempering scalar.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif

#include <tenon/core/generator.h>
#include <tenon/core/thread_generator.h>

#include <cstring>
#include <new>

#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#include <time.h>
#include <unistd.h>
#if defined(__linux__) || defined(__APPLE__)
#include <sys/random.h>
#endif
#else
#include <ctime>
#endif

namespace tenon::inline v0 {
namespace {

constexpr int kN = GeneratorState::kWords;
constexpr int kM = 397;

inline uint32_t twist(uint32_t u, uint32_t v) {
  const uint32_t mixed = (u & 0x80000000u) | (v & 0x7fffffffu);
  return (mixed >> 1) ^ ((0u - (v & 1u)) & 0x9908b0dfu);
}

// The byte form keeps the layout that PyTorch has used since Torch7: one 64-bit slot per word.
struct StateBytes {
  uint64_t seed;
  int32_t left;
  int32_t seeded;
  uint64_t next;
  uint64_t words[kN];
  double normal_x, normal_y, normal_rho;
  int32_t normal_is_valid;
  int32_t padding0;
  float next_float;
  uint8_t next_float_is_valid;
  uint8_t padding1[3];
};
static_assert(sizeof(StateBytes) == Generator::kStateBytes);

uint64_t entropy() {
  uint64_t value = 0;
#if defined(__linux__) || defined(__APPLE__)
  if (getentropy(&value, sizeof value) == 0) return value & 0x1fffffffffffffu;
#endif
#if defined(__unix__) || defined(__APPLE__)
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  value = static_cast<uint64_t>(now.tv_sec) * 1000000000u + static_cast<uint64_t>(now.tv_nsec);
  value ^= static_cast<uint64_t>(getpid()) << 40;
#else
  value = static_cast<uint64_t>(time(nullptr));
#endif
  value *= 0x9e3779b97f4a7c15u;
  return (value ^ value >> 29) & 0x1fffffffffffffu;
}

}  // namespace

void GeneratorState::manual_seed(uint64_t value) {
  seed = value;
  words[0] = static_cast<uint32_t>(value);
  for (uint32_t i = 1; i < kWords; ++i) {
    words[i] = 1812433253u * (words[i - 1] ^ (words[i - 1] >> 30)) + i;
  }
  position = kFresh;
  has_next_float = has_next_double = false;
  next_float = 0;
  next_double = 0;
}

void GeneratorState::refill() {
  uint32_t* const p = words;
  for (int i = 0; i < kN - kM; ++i) p[i] = p[i + kM] ^ twist(p[i], p[i + 1]);
    // Reads 227 words behind and one ahead: in runs of 4 nothing read has just been written.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC ivdep
#endif
  for (int i = kN - kM; i < kN - 1; ++i) p[i] = p[i + kM - kN] ^ twist(p[i], p[i + 1]);
  p[kN - 1] = p[kM - 1] ^ twist(p[kN - 1], p[0]);
  position = 0;
}

void GeneratorState::fill_words(uint32_t* out, int64_t n) {
  while (n > 0) {
    if (position >= kWords) refill();
    const int64_t count = n < kWords - position ? n : kWords - position;
    const uint32_t* __restrict from = words + position;
    uint32_t* __restrict to = out;
    for (int64_t i = 0; i < count; ++i) to[i] = temper(from[i]);
    position += static_cast<uint32_t>(count);
    out += count;
    n -= count;
  }
}

void GeneratorState::assign(const GeneratorState& other) {
  if (this == &other) return;
  seed = other.seed;
  std::memcpy(words, other.words, sizeof words);
  position = other.position;
  has_next_float = other.has_next_float;
  has_next_double = other.has_next_double;
  next_float = other.next_float;
  next_double = other.next_double;
}

void GeneratorState::lock() {
  uint32_t expected = 0;
  if (lock_.compare_exchange_strong(expected, 1, std::memory_order_acquire)) return;
  // A fill may take milliseconds, so wait in the kernel rather than spin.
  while (lock_.exchange(2, std::memory_order_acquire) != 0) lock_.wait(2);
}

void GeneratorState::unlock() {
  if (lock_.exchange(0, std::memory_order_release) == 2) lock_.notify_one();
}

struct Generator::Shared {
  std::atomic<int64_t> references{1};
  GeneratorState state;
};

Generator::Generator(uint64_t seed) : shared_(new Shared) { shared_->state.manual_seed(seed); }

Generator::Generator(const Generator& other) noexcept : shared_(other.shared_) {
  shared_->references.fetch_add(1, std::memory_order_relaxed);
}

Generator& Generator::operator=(const Generator& other) noexcept {
  Generator copy(other);
  Shared* const mine = shared_;
  shared_ = copy.shared_;
  copy.shared_ = mine;
  return *this;
}

Generator::~Generator() {
  if (shared_->references.fetch_sub(1, std::memory_order_acq_rel) == 1) delete shared_;
}

Generator& Generator::manual_seed(uint64_t seed) {
  GeneratorLock lock(shared_->state);
  shared_->state.manual_seed(seed);
  return *this;
}

uint64_t Generator::seed() {
  const uint64_t value = entropy();
  manual_seed(value);
  return value;
}

uint64_t Generator::initial_seed() const {
  GeneratorLock lock(shared_->state);
  return shared_->state.seed;
}

Generator Generator::clone() const {
  Generator copy;
  GeneratorLock lock(shared_->state);
  copy.shared_->state = shared_->state;
  return copy;
}

void Generator::get_state(uint8_t* bytes) const {
  GeneratorLock lock(shared_->state);
  const GeneratorState& from = shared_->state;
  StateBytes to{};
  const bool fresh = from.position == GeneratorState::kFresh;
  to.seed = from.seed;
  to.left = fresh ? 1 : kN + 1 - static_cast<int32_t>(from.position);
  to.seeded = 1;
  to.next = fresh ? 0 : from.position;
  for (int i = 0; i < kN; ++i) to.words[i] = from.words[i];
  to.normal_is_valid = from.has_next_double;
  to.normal_y = from.has_next_double ? from.next_double : 0;
  to.next_float_is_valid = from.has_next_float;
  to.next_float = from.has_next_float ? from.next_float : 0;
  std::memcpy(bytes, &to, sizeof to);
}

bool Generator::set_state(const uint8_t* bytes, size_t size) {
  if (bytes == nullptr || size != kStateBytes) return false;
  StateBytes from;
  std::memcpy(&from, bytes, sizeof from);
  const bool fresh = from.left == 1 && from.next == 0;
  if (from.seeded != 1) return false;
  if (!fresh && (from.next > kN || from.left < 1 || from.left + static_cast<int64_t>(from.next) != kN + 1)) {
    return false;
  }
  for (uint64_t word : from.words) {
    if (word > 0xffffffffu) return false;
  }

  GeneratorLock lock(shared_->state);
  GeneratorState& to = shared_->state;
  to.seed = from.seed;
  to.position = fresh ? GeneratorState::kFresh : static_cast<uint32_t>(from.next);
  for (int i = 0; i < kN; ++i) to.words[i] = static_cast<uint32_t>(from.words[i]);
  to.has_next_double = from.normal_is_valid != 0;
  to.next_double = to.has_next_double ? from.normal_y : 0;
  to.has_next_float = from.next_float_is_valid != 0;
  to.next_float = to.has_next_float ? from.next_float : 0;
  return true;
}

GeneratorState& Generator::state() const { return shared_->state; }

// fork() while another thread fills would leave the child's copy locked for ever.
struct GeneratorForkGuard {
  static GeneratorState* state;
  static void unlock_in_child() { state->lock_.store(0); }
};
GeneratorState* GeneratorForkGuard::state = nullptr;

static thread_local constinit Generator* thread_generator = nullptr;

ThreadGenerator::ThreadGenerator() : previous_(thread_generator) { thread_generator = &own_; }
ThreadGenerator::~ThreadGenerator() { thread_generator = previous_; }

Generator& default_generator() {
  if (thread_generator != nullptr) return *thread_generator;
  // Never destroyed: threads may draw while the process exits.
  alignas(Generator) static unsigned char storage[sizeof(Generator)];
  static Generator* const generator = [] {
    auto* made = new (storage) Generator(entropy());
    GeneratorForkGuard::state = &made->state();
#if defined(__unix__) || defined(__APPLE__)
    pthread_atfork(nullptr, nullptr, GeneratorForkGuard::unlock_in_child);
#endif
    return made;
  }();
  return *generator;
}

Generator& manual_seed(uint64_t seed) { return default_generator().manual_seed(seed); }

}  // namespace tenon::inline v0
