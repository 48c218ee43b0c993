// Tensors as memory: shapes, strides, storage and versions, zero sizes, and sizes that are nonsense.
#include <tenon/core/tensor.h>

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

#include <tenon/core/allocator.h>
#include <tenon/core/door.h>
#include <tenon/ops/functions.h>

namespace {

using namespace tenon;

constexpr int64_t kBig = int64_t{1} << 40;

template <class E, class F>
std::string error_of(F&& f) {
  try {
    f();
  } catch (const E& e) {
    return e.what();
  }
  return "(no error)";
}

TEST(Tensor, IsOnePointerWithSharedStorage) {
  const Tensor x = Tensor::empty({2, 3, 4});
  EXPECT_EQ(x.strides(), (Strides{12, 4, 1}));
  EXPECT_TRUE(x.is_contiguous());
  EXPECT_EQ(x.dim(), 3);
  EXPECT_EQ(x.size(-1), 4);
  EXPECT_THROW(x.size(3), IndexError);
  const Tensor t = x.transpose(0, 2);
  EXPECT_EQ(t.shape(), (Shape{4, 3, 2}));
  EXPECT_EQ(t.strides(), (Strides{1, 4, 12}));
  EXPECT_FALSE(t.is_contiguous());
  EXPECT_EQ(t.impl()->storage.get(), x.impl()->storage.get());
  EXPECT_EQ(x.select(0, 1).storage_offset(), 12);
}

TEST(Tensor, MemoryIsAlignedTo64Bytes) {
  for (int64_t n = 1; n < 5000; n += n < 40 ? 1 : 333) {
    EXPECT_EQ(reinterpret_cast<uintptr_t>(Tensor::empty({n}).data_ptr()) % 64, 0u) << n;
  }
}

TEST(Tensor, RanksBeyondTheInlineOnes) {
  Shape shape(12, 2);
  const Tensor x = Tensor::empty(shape);
  EXPECT_EQ(x.numel(), 4096);
  EXPECT_EQ(x.strides()[0], 2048);
  const Tensor y = zeros_like(x);
  EXPECT_EQ(y.sum().item<float>(), 0);
  EXPECT_EQ(y.transpose(0, 11).contiguous().strides(), x.strides());
}

TEST(Tensor, NoElements) {
  const Tensor x = Tensor::empty({0, 3});
  EXPECT_EQ(x.numel(), 0);
  EXPECT_TRUE(x.is_contiguous());
  EXPECT_EQ(x.strides(), (Strides{3, 1}));
  EXPECT_EQ(add(x, x).shape(), (Shape{0, 3}));
  EXPECT_EQ(x.sum().item<float>(), 0);
  EXPECT_EQ(x.sum(0).shape(), (Shape{3}));
  EXPECT_EQ(matmul(x, Tensor::empty({3, 5})).shape(), (Shape{0, 5}));
  EXPECT_EQ(cat({x, x}, 1).shape(), (Shape{0, 6}));
  EXPECT_EQ(x.transpose(0, 1).contiguous().shape(), (Shape{3, 0}));
  EXPECT_EQ(x.clone().shape(), (Shape{0, 3}));
  x.add_(1.0);
  EXPECT_THROW(x.scalar(), ShapeError);
}

TEST(Tensor, NoDimensions) {
  const Tensor x = Tensor::empty({}, DType::Float64).fill_(2.5);
  EXPECT_EQ(x.dim(), 0);
  EXPECT_EQ(x.numel(), 1);
  EXPECT_EQ(x.item<double>(), 2.5);
  EXPECT_EQ(x.sum(0).shape(), Shape{});
  EXPECT_EQ(x.reshape({1, 1}).shape(), (Shape{1, 1}));
  EXPECT_THROW(x.select(0, 0), IndexError);
  EXPECT_THROW(x.size(0), IndexError);
}

TEST(Tensor, NegativeAndOverflowingSizes) {
  EXPECT_NE(error_of<ShapeError>([] { Tensor::empty({2, -1}); }).find("-1"), std::string::npos);
  EXPECT_THROW(zeros({-3}), ShapeError);
  EXPECT_THROW(Tensor::empty({std::numeric_limits<int64_t>::min()}), ShapeError);
  EXPECT_THROW(Tensor::empty({kBig, kBig}), ShapeError);
  EXPECT_THROW(Tensor::empty({std::numeric_limits<int64_t>::max(), 2}), ShapeError);
  EXPECT_THROW(Tensor::empty({std::numeric_limits<int64_t>::max()}, DType::Float64), ShapeError);  // in bytes
  EXPECT_THROW(Tensor::empty({0, kBig, kBig}), ShapeError);                                        // its strides
  EXPECT_THROW(ones({kBig, kBig}), ShapeError);
  const Tensor x = Tensor::empty({1});
  EXPECT_THROW(x.expand({kBig, kBig}), ShapeError);
  EXPECT_THROW(x.view({kBig, kBig, -1}), ShapeError);
  EXPECT_THROW(x.view({std::numeric_limits<int64_t>::min()}), ShapeError);
  EXPECT_THROW(x.as_strided({kBig, kBig}, {0, 0}), ShapeError);
  EXPECT_THROW(x.as_strided({2}, {std::numeric_limits<int64_t>::max()}), ShapeError);
  EXPECT_THROW(x.narrow(0, std::numeric_limits<int64_t>::max(), 1), Error);
}

TEST(Tensor, MoreThanThereIsIsAMemoryError) {
  const int64_t before = memory_stats().current_bytes;
  EXPECT_THROW(Tensor::empty({int64_t{1} << 50}, DType::UInt8), MemoryError);
  EXPECT_EQ(memory_stats().current_bytes, before);
}

TEST(Tensor, StridedMemory) {
  const Tensor x = Tensor::empty_strided({2, 3}, {1, 2}, DType::Int32);
  EXPECT_FALSE(x.is_contiguous());
  EXPECT_EQ(x.impl()->storage->bytes, 24u);
  EXPECT_THROW(Tensor::empty_strided({2}, {1, 2}, DType::Int32), ShapeError);
  EXPECT_THROW(Tensor::empty_strided({2}, {-1}, DType::Int32), ValueError);
  EXPECT_THROW(Tensor::empty_strided({3, 3}, {kBig << 20, kBig << 20}, DType::Int32), ShapeError);
}

TEST(Tensor, BorrowedMemoryIsGivenBackOnce) {
  static int returned = 0;
  float memory[6] = {0, 1, 2, 3, 4, 5};
  {
    Tensor view;
    {
      const Tensor x = Tensor::borrow(memory, {2, 3}, {3, 1}, DType::Float32, &returned,
                                      [](void* count) { ++*static_cast<int*>(count); });
      view = x.select(0, 1);
      x.add_(1.0);
    }
    EXPECT_EQ(returned, 0);
    EXPECT_EQ(view.data<float>()[2], 6);
    EXPECT_EQ(memory[5], 6);
  }
  EXPECT_EQ(returned, 1);
}

TEST(Tensor, VersionsCountWritesAndViewsShareThem) {
  const Tensor x = zeros({2, 3});
  const uint32_t start = x.version();
  const Tensor row = x.select(0, 1);
  EXPECT_EQ(row.version(), start);
  row.add_(1.0);
  EXPECT_EQ(x.version(), start + 1);
  x.mul_(2.0);
  EXPECT_EQ(row.version(), start + 2);
  EXPECT_EQ(x.detach().version(), start + 2);
  add(x, 1.0);
  EXPECT_EQ(x.version(), start + 2);
  EXPECT_EQ(x.clone().version(), 0u);
  EXPECT_THROW(x.add_(zeros({5})), ShapeError);
  EXPECT_EQ(x.version(), start + 2) << "a refused write is none";
}

TEST(Tensor, ItemKeepsEveryBit) {
  const int64_t large = (int64_t{1} << 60) + 1;
  EXPECT_EQ(Tensor::of<int64_t>({large}).item<int64_t>(), large);
  EXPECT_EQ(Tensor::of<double>({0.1}).item<double>(), 0.1);
  EXPECT_TRUE(Tensor::of<double>({0.5}).item<bool>());
  const std::complex<double> c(1, -2);
  EXPECT_EQ(Tensor::of<std::complex<double>>({c}).item<std::complex<double>>(), c);
  EXPECT_THROW(zeros({2}).item<float>(), ShapeError);
}

TEST(Tensor, PointersKnowTheirType) {
  EXPECT_THROW(zeros({2}).data<double>(), DTypeError);
  EXPECT_EQ(zeros({2}).data<const float>()[0], 0);
}

TEST(Dims, ArithmeticNeverWraps) {
  const Dim large = std::numeric_limits<int64_t>::max();
  EXPECT_THROW(large + Dim(1), ShapeError);
  EXPECT_THROW(large * Dim(2), ShapeError);
  EXPECT_THROW(Dim(-2) - large, ShapeError);
  EXPECT_EQ((Dim(7) - Dim(9)).value(), -2);
  const Dim n = Dim::symbol("n");
  EXPECT_EQ(n * Dim(4), Dim(4) * n);
  EXPECT_EQ(n - n, Dim(0));
  EXPECT_EQ((n * Dim(4) * Dim(3)).str(), "12*n");
  EXPECT_EQ((n + Dim(1)).str(), "n + 1");
  EXPECT_EQ(n, Dim::symbol("n"));
  EXPECT_FALSE(n == Dim::symbol("m"));
  EXPECT_THROW(n.value(), ShapeError);
  // The lowest integer is somebody's mistake, never a symbol that happens to have its number.
  EXPECT_EQ(Dim(std::numeric_limits<int64_t>::min()).str(), "-9223372036854775808");
}

TEST(SmallVector, GrowsMovesAndCompares) {
  Dims a{1, 2, 3};
  for (int i = 4; i < 20; ++i) a.push_back(i);
  Dims b = a;
  EXPECT_EQ(a, b);
  Dims c = std::move(b);
  EXPECT_EQ(c, a);
  EXPECT_TRUE(b.empty());  // NOLINT: a moved-from vector is empty and usable
  b.push_back(7);
  EXPECT_EQ(b, (Dims{7}));
  c.erase(c.begin());
  EXPECT_EQ(c.front(), Dim(2));
  c.insert(c.begin() + 1, Dim(99));
  EXPECT_EQ(c[1], Dim(99));
  const Dims& itself = c;
  c = itself;
  EXPECT_EQ(c.size(), 19u);
  c = Dims{1};
  EXPECT_EQ(c, (Dims{1}));
}

}  // namespace
