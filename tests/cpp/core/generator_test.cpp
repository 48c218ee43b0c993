#include <tenon/core/generator.h>
#include <tenon/core/thread_generator.h>
#include <tenon/kernels/cpu/random_fill.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

#include "random_goldens.h"

namespace {

using namespace tenon;

constexpr size_t kBytes = Generator::kStateBytes;

// Bit for bit: what is made from words by integer arithmetic, and by floating point that this code
// spells out itself.
template <class T, size_t N, class Fill>
void expect_bits(const char* name, const T (&golden)[N], const Fill& fill) {
  T got[N];
  fill(got, static_cast<int64_t>(N));
  for (size_t i = 0; i < N; ++i) {
    EXPECT_EQ(std::memcmp(&got[i], &golden[i], sizeof(T)), 0)
        << name << "[" << i << "]: " << +got[i] << ", PyTorch " << +golden[i];
  }
}

// What goes through the C library's sin, cos, log and log1p, which may differ in the last bit.
template <class T, size_t N, class Fill>
void expect_near(const char* name, const T (&golden)[N], const Fill& fill) {
  T got[N];
  fill(got, static_cast<int64_t>(N));
  const double tolerance = sizeof(T) == 4 ? 2.4e-7 : 1e-15;
  for (size_t i = 0; i < N; ++i) {
    EXPECT_NEAR(got[i], golden[i], tolerance * std::max(4.0, std::fabs(double(golden[i])))) << name << i;
  }
}

uint64_t hash_of(const Generator& generator) {
  uint8_t bytes[kBytes];
  generator.get_state(bytes);
  uint64_t h = 0xcbf29ce484222325u;
  for (uint8_t byte : bytes) h = (h ^ byte) * 0x100000001b3u;
  return h;
}

// The calls of make_random_goldens.py, in its order.
template <class Golden>
class RandomGoldens : public ::testing::Test {};
using Seeds = ::testing::Types<goldens::Seed0, goldens::Seed42, goldens::Seed1099511627783>;
TYPED_TEST_SUITE(RandomGoldens, Seeds);

TYPED_TEST(RandomGoldens, AreDrawnAlike) {
  using G = TypeParam;
  Generator generator(G::seed);
  GeneratorState& gs = generator.state();
  const auto uniform = [&](double a, double b) {
    return [&gs, a, b](auto* out, int64_t n) { fill_uniform(out, n, a, b, gs); };
  };
  const auto normal = [&](double m, double s) {
    return [&gs, m, s](auto* out, int64_t n) { fill_normal(out, n, m, s, gs); };
  };
  const auto randint = [&](int64_t low, int64_t high) {
    return [&gs, low, high](auto* out, int64_t n) { fill_randint(out, n, low, high, gs); };
  };
  const auto randperm = [&](int64_t* out, int64_t n) { fill_randperm(out, n, gs); };
  const auto bernoulli = [&](double p) { return [&gs, p](auto* out, int64_t n) { fill_bernoulli(out, n, p, gs); }; };
  const auto exponential = [&](double rate) {
    return [&gs, rate](auto* out, int64_t n) { fill_exponential(out, n, rate, gs); };
  };
  expect_bits("rand_10", G::rand_10, uniform(0, 1));
  expect_bits("rand_f64_7", G::rand_f64_7, uniform(0, 1));
  expect_near("randn_1", G::randn_1, normal(0, 1));
  expect_near("randn_5", G::randn_5, normal(0, 1));
  expect_near("randn_15", G::randn_15, normal(0, 1));
  expect_near("randn_f64_3", G::randn_f64_3, normal(0, 1));
  expect_bits("randn_16", G::randn_16, normal(0, 1));
  expect_bits("randn_17", G::randn_17, normal(0, 1));
  expect_bits("randn_100", G::randn_100, normal(0, 1));
  expect_near("randn_f64_16", G::randn_f64_16, normal(0, 1));
  expect_near("randn_f64_21", G::randn_f64_21, normal(0, 1));
  expect_bits("rand_4_5", G::rand_4_5, uniform(0, 1));
  expect_bits("uniform", G::uniform_m0p3_0p7_33, uniform(-0.3, 0.7));
  expect_bits("uniform_f64", G::uniform_f64_m3_5_9, uniform(-3, 5));
  expect_near("normal_3_9", G::normal_3_0p02_9, normal(3, 0.02));
  expect_bits("normal_3_35", G::normal_3_0p02_35, normal(3, 0.02));
  expect_near("normal_f64", G::normal_f64_3_0p02_18, normal(3, 0.02));
  expect_bits("randint_10", G::randint_0_10_20, randint(0, 10));
  expect_bits("randint_2e27", G::randint_m5_2e27_9, randint(-5, 1 << 27));
  expect_bits("randint_2e28", G::randint_0_2e28_9, randint(0, 1 << 28));
  expect_bits("randint_2e40", G::randint_m7_2e40_9, randint(-7, int64_t{1} << 40));
  expect_bits("randint_full", G::randint_full_5, randint(0, 0));
  expect_bits("randint_i32", G::randint_i32_9, randint(INT32_MIN, INT32_MAX));
  expect_bits("randint_u8", G::randint_u8_9, randint(0, 256));
  expect_bits("randint_f32", G::randint_f32_9, randint(0, 1 << 20));
  randperm(nullptr, 0);
  expect_bits("randperm_1", G::randperm_1, randperm);
  expect_bits("randperm_10", G::randperm_10, randperm);
  expect_bits("randperm_200", G::randperm_200, randperm);
  expect_bits("bernoulli", G::bernoulli_0p3_50, bernoulli(0.3));
  expect_bits("bernoulli_bool", G::bernoulli_bool_0p9_50, bernoulli(0.9));
  expect_near("exponential", G::exponential_2_20, exponential(2));
  expect_near("exponential_f64", G::exponential_f64_0p5_5, exponential(0.5));
  expect_near("randn_7", G::randn_7, normal(0, 1));
  expect_bits("rand_last", G::rand_last_3, uniform(0, 1));
  EXPECT_EQ(hash_of(generator), G::state_hash);
}

TEST(Generator, WordsAreTheStandardTwisters) {
  std::mt19937 standard(1234);
  GeneratorState gs(1234);
  for (int i = 0; i < 3000; ++i) ASSERT_EQ(gs.random(), standard());
  GeneratorState wide(1234);
  std::mt19937 again(1234);
  for (int i = 0; i < 100; ++i) {
    const uint64_t high = again();
    ASSERT_EQ(wide.random64(), high << 32 | again());
  }
}

TEST(Generator, FillWordsIsRandomInARow) {
  GeneratorState a(9), b(9);
  std::vector<uint32_t> words(5000);
  for (int64_t n : {0, 1, 5, 623, 624, 625, 1, 1248, 2000, 17}) {
    a.fill_words(words.data(), n);
    for (int64_t i = 0; i < n; ++i) ASSERT_EQ(words[static_cast<size_t>(i)], b.random());
  }
  EXPECT_EQ(a.position, b.position);
}

TEST(Generator, SeedsAndHandles) {
  Generator a;
  EXPECT_EQ(a.initial_seed(), 67280421310721u);
  Generator same = a;
  Generator other = a.clone();
  EXPECT_TRUE(same == a);
  EXPECT_FALSE(other == a);
  const uint32_t first = a.state().random();
  EXPECT_NE(same.state().random(), first);   // shared
  EXPECT_EQ(other.state().random(), first);  // its own
  EXPECT_EQ(a.manual_seed(5).initial_seed(), 5u);
  EXPECT_EQ(same.initial_seed(), 5u);
  const uint64_t seed = a.seed();
  EXPECT_EQ(a.initial_seed(), seed);
  EXPECT_LT(seed, uint64_t{1} << 53);
  EXPECT_NE(a.seed(), seed);
  const Generator& itself = same;
  same = itself;
  other = same;
  EXPECT_TRUE(other == a);
}

TEST(Generator, SeedingDropsTheSpareNormal) {
  Generator g(3);
  double once[3], again[3];
  fill_normal(once, 3, 0, 1, g.state());
  EXPECT_TRUE(g.state().has_next_double);
  g.manual_seed(3);
  fill_normal(again, 3, 0, 1, g.state());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(once[i], again[i]);
}

TEST(Generator, StateRoundTripsFromAnywhereInTheStream) {
  for (int drawn : {0, 1, 623, 624, 625, 1247, 1248, 5000}) {
    Generator g(11);
    for (int i = 0; i < drawn; ++i) g.state().random();
    float spare;
    if (drawn % 2 == 1) fill_normal(&spare, 1, 0, 1, g.state());
    uint8_t bytes[kBytes], back[kBytes];
    g.get_state(bytes);
    Generator other(99);
    ASSERT_TRUE(other.set_state(bytes, kBytes));
    other.get_state(back);
    EXPECT_EQ(std::memcmp(bytes, back, kBytes), 0);
    EXPECT_EQ(other.initial_seed(), 11u);
    double a[7], b[7];
    fill_normal(a, 7, 0, 1, g.state());
    fill_normal(b, 7, 0, 1, other.state());
    for (int i = 0; i < 7; ++i) EXPECT_EQ(a[i], b[i]);
    for (int i = 0; i < 2000; ++i) ASSERT_EQ(g.state().random(), other.state().random());
  }
}

TEST(Generator, BadStatesAreRefusedAndChangeNothing) {
  Generator g(1);
  g.state().random();
  uint8_t good[kBytes], bad[kBytes], after[kBytes];
  g.get_state(good);
  EXPECT_FALSE(g.set_state(good, kBytes - 1));
  EXPECT_FALSE(g.set_state(good, kBytes + 1));
  EXPECT_FALSE(g.set_state(nullptr, 0));
  // left, seeded, next, high half of a word
  for (size_t offset : {size_t{8}, size_t{12}, size_t{16}, size_t{22}, size_t{28}, size_t{24 + 8 * 600 + 5}}) {
    std::memcpy(bad, good, kBytes);
    bad[offset] ^= 0x55;
    EXPECT_FALSE(g.set_state(bad, kBytes)) << offset;
  }
  g.get_state(after);
  EXPECT_EQ(std::memcmp(good, after, kBytes), 0);
}

TEST(Generator, DefaultGeneratorIsOneAndCanBeSeeded) {
  EXPECT_TRUE(default_generator() == default_generator());
  manual_seed(21);
  float a[20], b[20];
  fill_uniform(a, 20, 0, 1, default_generator().state());
  manual_seed(21);
  fill_uniform(b, 20, 0, 1, default_generator().state());
  EXPECT_EQ(std::memcmp(a, b, sizeof a), 0);
}

TEST(Generator, FillsOfSeveralThreadsAreRunsOfTheStream) {
  constexpr int kThreads = 4, kFills = 50, kLength = 1500;
  Generator shared(77);
  std::vector<std::vector<int32_t>> got(kThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      got[t].resize(kFills * kLength);
      for (int f = 0; f < kFills; ++f) {
        fill_randint(got[t].data() + f * kLength, kLength, 0, 1 << 27, shared.state());
      }
    });
  }
  for (auto& thread : threads) thread.join();
  // Cut up like the whole stream, the fills are the same ones in another order.
  std::vector<int32_t> whole(kThreads * kFills * kLength);
  Generator alone(77);
  fill_randint(whole.data(), static_cast<int64_t>(whole.size()), 0, 1 << 27, alone.state());
  std::vector<std::vector<int32_t>> expected, found;
  for (int i = 0; i < kThreads * kFills; ++i) {
    expected.emplace_back(whole.begin() + i * kLength, whole.begin() + (i + 1) * kLength);
    const auto& of = got[i / kFills];
    found.emplace_back(of.begin() + i % kFills * kLength, of.begin() + (i % kFills + 1) * kLength);
  }
  std::sort(expected.begin(), expected.end());
  std::sort(found.begin(), found.end());
  EXPECT_TRUE(expected == found);
}

TEST(RandomFill, UniformStaysInItsRange) {
  Generator g(4);
  std::vector<float> x(100000);
  fill_uniform(x.data(), 100000, -2, 3, g.state());
  EXPECT_GE(*std::min_element(x.begin(), x.end()), -2.0f);
  EXPECT_LE(*std::max_element(x.begin(), x.end()), 3.0f);
  fill_uniform(x.data(), 100000, 1, 1, g.state());
  EXPECT_EQ(*std::min_element(x.begin(), x.end()), 1.0f);
  EXPECT_EQ(*std::max_element(x.begin(), x.end()), 1.0f);
}

TEST(RandomFill, MomentsOfTheNormal) {
  Generator g(5);
  const int64_t n = 1 << 20;
  std::vector<float> x(n);
  fill_normal(x.data(), n, 1, 2, g.state());
  double sum = 0, squares = 0, cubes = 0, fourth = 0;
  for (float v : x) {
    const double z = (v - 1.0) / 2.0;
    sum += z, squares += z * z, cubes += z * z * z, fourth += z * z * z * z;
  }
  EXPECT_NEAR(sum / n, 0, 0.005);
  EXPECT_NEAR(squares / n, 1, 0.01);
  EXPECT_NEAR(cubes / n, 0, 0.02);
  EXPECT_NEAR(fourth / n, 3, 0.05);
}

// Against the definition in double, where PyTorch's plain build rounds otherwise.
TEST(RandomFill, FloatNormalIsBoxMuller) {
  Generator g(6);
  const int64_t n = 160000;
  std::vector<float> x(n), u(n);
  Generator copy = g.clone();
  fill_normal(x.data(), n, 0, 1, g.state());
  fill_uniform(u.data(), n, 0, 1, copy.state());
  double worst = 0;
  for (int64_t b = 0; b < n; b += 16) {
    for (int64_t j = b; j < b + 8; ++j) {
      const double r = std::sqrt(-2 * std::log1p(-double(u[j])));
      const double theta = 2 * 3.14159265358979323846 * double(u[j + 8]);
      worst = std::max({worst, std::fabs(x[j] - r * std::cos(theta)), std::fabs(x[j + 8] - r * std::sin(theta))});
    }
  }
  EXPECT_LT(worst, 2.5e-6);
}

TEST(RandomFill, BernoulliAtTheEnds) {
  Generator g(8);
  bool mask[500];
  fill_bernoulli(mask, 500, 0, g.state());
  EXPECT_EQ(std::count(mask, mask + 500, true), 0);
  fill_bernoulli(mask, 500, 1, g.state());
  EXPECT_EQ(std::count(mask, mask + 500, true), 500);
}

TEST(RandomFill, RandpermIsAPermutation) {
  Generator g(10);
  for (int64_t n : {0, 1, 2, 3, 100, 5000}) {
    std::vector<int64_t> order(static_cast<size_t>(n));
    fill_randperm(order.data(), n, g.state());
    std::sort(order.begin(), order.end());
    for (int64_t i = 0; i < n; ++i) ASSERT_EQ(order[static_cast<size_t>(i)], i);
  }
}

TEST(ThreadGenerator, IsTheThreadsOwnDefault) {
  manual_seed(3);
  const uint32_t first = default_generator().clone().state().random();
  std::thread([&] {
    const ThreadGenerator own;
    manual_seed(4);
    EXPECT_EQ(default_generator().initial_seed(), 4u);
    {
      const ThreadGenerator inner;
      manual_seed(5);
    }
    EXPECT_EQ(default_generator().initial_seed(), 4u);
    default_generator().state().random();
  }).join();
  EXPECT_EQ(default_generator().initial_seed(), 3u);
  EXPECT_EQ(default_generator().state().random(), first);
}

}  // namespace
