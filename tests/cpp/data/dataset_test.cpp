#include <tenon/core/error.h>
#include <tenon/core/generator.h>
#include <tenon/data/data.h>
#include <tenon/ops/functions.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <set>

#include "data/numbers.h"

namespace {

using namespace tenon;
using data::Batch;

data::TensorDataset pairs(int64_t n) { return data::TensorDataset(arange(n * 2).view({n, 2}), arange(n)); }

template <class Sampler>
std::vector<int64_t> all_of(const Sampler& sampler) {
  std::vector<int64_t> out;
  int64_t piece[3];
  const auto indices = sampler.begin();
  while (const size_t got = indices->next(piece)) out.insert(out.end(), piece, piece + got);
  return out;
}

TEST(TensorDataset, RowsOfEach) {
  const auto dataset = pairs(5);
  EXPECT_EQ(dataset.size(), 5);
  const auto [x, y] = dataset.get(-1);
  EXPECT_EQ(numbers_of(x), (std::vector<int64_t>{8, 9}));
  EXPECT_EQ(y.item<int64_t>(), 4);
  const int64_t rows[] = {3, -5, 3};
  const Batch batch = dataset.get_batch(rows);
  EXPECT_EQ(numbers_of(batch[1]), (std::vector<int64_t>{3, 0, 3}));
  EXPECT_EQ(batch[0].shape(), Shape({3, 2}));
}

TEST(TensorDataset, WrongTensorsAndIndices) {
  EXPECT_THROW(data::TensorDataset(std::vector<Tensor>{}), ValueError);
  EXPECT_THROW(data::TensorDataset(std::vector<Tensor>(1)), ValueError);
  EXPECT_THROW(data::TensorDataset(arange(3).sum()), ShapeError);
  EXPECT_THROW(data::TensorDataset(arange(3), arange(4)), ShapeError);
  EXPECT_THROW(pairs(3).get(3), IndexError);
  const int64_t rows[] = {0, -4};
  EXPECT_THROW(pairs(3).get_batch(rows), IndexError);
}

TEST(Batch, OnlyPairsAreTakenApart) {
  EXPECT_NO_THROW(Batch({arange(1), arange(2)}).get<1>());
  EXPECT_THROW(Batch({arange(1)}).get<1>(), ValueError);
  EXPECT_THROW(Batch({arange(1), arange(2), arange(3)}).get<0>(), ValueError);
}

TEST(Subset, LooksThrough) {
  auto inner = std::make_shared<data::TensorDataset>(pairs(6));
  const data::Subset subset(inner, {5, 3, 1});
  EXPECT_EQ(subset.get(1)[1].item<int64_t>(), 3);
  const int64_t rows[] = {2, 0};
  EXPECT_EQ(numbers_of(subset.get_batch(rows)[1]), (std::vector<int64_t>{1, 5}));
  EXPECT_THROW(subset.get(3), IndexError);
}

TEST(Samplers, Passes) {
  EXPECT_EQ(all_of(data::SequentialSampler(4)), (std::vector<int64_t>{0, 1, 2, 3}));
  const auto shuffled = all_of(data::RandomSampler(10));
  EXPECT_EQ(std::set<int64_t>(shuffled.begin(), shuffled.end()).size(), 10u);
  EXPECT_EQ(all_of(data::RandomSampler(3, false, 8)).size(), 8u);
  EXPECT_EQ(all_of(data::RandomSampler(3, true, 70)).size(), 70u);
  auto subset = all_of(data::SubsetRandomSampler({7, 5}));
  std::sort(subset.begin(), subset.end());
  EXPECT_EQ(subset, (std::vector<int64_t>{5, 7}));
  for (const int64_t i : all_of(data::WeightedRandomSampler(Tensor::of({0.0, 1.0, 3.0}), 20))) EXPECT_GE(i, 1);
  EXPECT_THROW(data::RandomSampler(3, false, 0), ValueError);
  EXPECT_THROW(data::WeightedRandomSampler(arange(3), 0), ValueError);
}

TEST(Samplers, AreLazy) {
  const data::RandomSampler sampler(10, true, 10'000'000'000);
  int64_t piece[4];
  EXPECT_EQ(sampler.begin()->next(piece), 4u);
  EXPECT_EQ(sampler.size(), 10'000'000'000);
}

TEST(Samplers, DrawAsPyTorch) {
  const auto generator = std::make_shared<Generator>(5);
  const auto got = all_of(data::RandomSampler(10, false, {}, generator));
  const auto same = std::make_shared<Generator>(5);
  EXPECT_EQ(got, numbers_of(randperm(10, same)));
  randperm(10, same);  // PyTorch draws once more, for the samples that are left, of which there are none
  uint8_t a[Generator::kStateBytes], b[Generator::kStateBytes];
  generator->get_state(a);
  same->get_state(b);
  EXPECT_EQ(std::memcmp(a, b, sizeof(a)), 0);
}

}  // namespace
