// Shape and alias rules of the views on layouts of unknown sizes: put numbers in afterwards, or before; the
// result is the same.
#include <gtest/gtest.h>

#include <random>

#include <tenon/core/index.h>
#include <tenon/ops/views.h>

using namespace tenon;

namespace {

const Dim batch = Dim::symbol("batch"), height = Dim::symbol("height");

struct Value {
  Spec spec;
  Layout layout;
};
Value row_major(const Shape& shape) {
  return {{shape, DType::Float32, {}, false}, {shape, contiguous_strides(shape), 0}};
}

template <class R>
Value view(const R& r, const Value& from) {
  const Spec* const in[] = {&from.spec};
  Value out;
  op<R>().infer(&r, Specs(in, 1), &out.spec);
  out.layout = {out.spec.shape, {}, from.layout.offset};
  op<R>().alias(&r, from.layout, out.layout);
  return out;
}

int64_t numel(const Shape& shape) {
  int64_t n = 1;
  for (Dim d : shape) n *= d.value();
  return n;
}

// A view of random attributes, by what it would be for symbolic and for plain sizes.
class Pair {
 public:
  Pair(std::mt19937& random, int64_t b, int64_t h) : random_(random), b_(b), h_(h) {
    const Shape shape = random_() % 2 ? Shape{batch, 4, 3} : Shape{2, batch, height, 6};
    symbolic_ = row_major(shape);
    plain_ = row_major(at(shape));
  }

  Dim at(Dim d) const {
    return d.evaluate([&](Dim s) { return Dim(s == batch ? b_ : h_); });
  }
  Dims at(const Dims& dims) const {
    Dims out;
    for (Dim d : dims) out.push_back(at(d));
    return out;
  }

  // One more view; false when no more fits.
  void step() {
    const int64_t n = symbolic_.spec.dim();
    if (n == 0 || n > 6) return;
    const auto dim = static_cast<int64_t>(random_() % static_cast<uint64_t>(n));
    const auto d = static_cast<size_t>(dim);
    const Dim size = symbolic_.spec.shape[d];
    const int64_t plain = plain_.spec.shape[d].value();
    switch (random_() % 11) {
      case 0:
        return both(Transpose{{}, dim, static_cast<int64_t>(random_() % static_cast<uint64_t>(n))});
      case 1: {
        Dims order;
        for (int64_t i = 0; i < n; ++i) order.push_back((i + dim) % n);
        return both(Permute{{}, order});
      }
      case 2:
        return both(Unsqueeze{{}, dim});
      case 3:
        if (plain > 1 || !size.is_symbolic()) both(Squeeze{{}, Dims{dim}});
        return;
      case 4:
        if (plain > 1) both(Select{{}, dim, random_() % 2 ? int64_t{-1} : int64_t{1}});
        return;
      case 5: {
        const auto start = static_cast<int64_t>(random_() % 9) - 4, end = static_cast<int64_t>(random_() % 9) - 4;
        return both(
            SliceAlong{{}, dim, start, random_() % 3 ? Dim(end) : Dim(kEnd), 1 + static_cast<int64_t>(random_() % 3)});
      }
      case 6:
        if (plain > 1) both(Narrow{{}, dim, 1, size - 1}, Narrow{{}, dim, 1, plain - 1});
        return;
      case 7: {
        if (n < 2) return;
        const int64_t other = (dim + 1) % n;
        return both(Diagonal{{}, static_cast<int64_t>(random_() % 3) - 1, dim, other});
      }
      case 8:
        if (plain >= 2) both(Unfold{{}, dim, 2, 1 + static_cast<int64_t>(random_() % 2)});
        return;
      case 9: {
        Dims sizes(static_cast<size_t>(n), -1);
        sizes.insert(sizes.begin(), batch + 1);
        return both(Expand{{}, sizes}, Expand{{}, at(sizes)});
      }
      default:
        return both(
            BasicIndex{{}, "s.n", {static_cast<int64_t>(random_() % 4) - 1, random_() % 2 ? Dim(-1) : Dim(kEnd)}});
    }
  }

  void compare() const {
    ASSERT_EQ(at(symbolic_.spec.shape), plain_.spec.shape);
    if (numel(plain_.spec.shape) == 0) return;  // nothing is looked at
    for (size_t i = 0; i < plain_.layout.strides.size(); ++i) {
      if (plain_.spec.shape[i].value() > 1) {
        ASSERT_EQ(at(symbolic_.layout.strides[i]), plain_.layout.strides[i]) << i;
      }
    }
    ASSERT_EQ(at(symbolic_.layout.offset), plain_.layout.offset) << symbolic_.layout.offset.str();
  }
  bool holds(const DimConditions& conditions) const {
    for (const auto& [a, b] : conditions.pairs()) {
      if (!(at(a) == at(b))) return false;
    }
    return true;
  }

 private:
  template <class R>
  void both(const R& r) {
    both(r, r);
  }
  template <class R>
  void both(const R& symbolic, const R& plain) {
    symbolic_ = view(symbolic, symbolic_);
    plain_ = view(plain, plain_);
  }

  std::mt19937& random_;
  int64_t b_, h_;
  Value symbolic_, plain_;
};

}  // namespace

TEST(SymbolicLayout, RandomViewsAgreeWithPlainOnes) {
  std::mt19937 random(7);
  for (int round = 0; round < 1500; ++round) {
    Pair pair(random, 2 + static_cast<int64_t>(random() % 6), 2 + static_cast<int64_t>(random() % 6));
    DimConditions conditions;
    for (int i = 0; i < 4; ++i) {
      pair.step();
      ASSERT_TRUE(pair.holds(conditions));
      pair.compare();
      if (HasFatalFailure()) return;
    }
  }
}

TEST(SymbolicLayout, ShapesMergeAndSplit) {
  const Value x = row_major({batch, 4, 3});
  EXPECT_EQ(x.layout.strides, (Strides{12, 3, 1}));
  EXPECT_EQ(view(ViewShape{{}, {batch, 12}}, x).layout.strides, (Strides{12, 1}));
  EXPECT_EQ(view(ViewShape{{}, {-1, 12}}, x).spec.shape, (Shape{batch, 12}));
  EXPECT_EQ(view(ViewShape{{}, {12 * batch}}, x).layout.strides, (Strides{1}));
  EXPECT_EQ(view(ViewShape{{}, {batch, 2, 2, 3}}, x).layout.strides, (Strides{12, 6, 3, 1}));

  // (4, batch, 3) in the memory of (batch, 4, 3): no dims merge, but one splits.
  const Value y = view(Transpose{{}, 0, 1}, x);
  EXPECT_EQ(view(ViewShape{{}, {2, 2, batch, 3}}, y).layout.strides, (Strides{6, 3, 12, 1}));
  EXPECT_THROW(view(ViewShape{{}, {4 * batch, 3}}, y), ShapeError);

  // A part of rows still merges what lies row-major before it.
  const Value part = view(SliceAlong{{}, 2, 0, 4, 1}, row_major({batch, height, 8}));
  EXPECT_EQ(view(ViewShape{{}, {batch * height, 4}}, part).layout.strides, (Strides{8, 1}));
  EXPECT_THROW(view(ViewShape{{}, {batch, 4 * height}}, part), ShapeError);
}

TEST(SymbolicLayout, DivisibilityIsACondition) {
  const Value x = row_major({batch, 3});
  EXPECT_THROW(view(ViewShape{{}, {-1, 7}}, x), ShapeError);
  DimConditions conditions;
  EXPECT_EQ(view(ViewShape{{}, {-1, 7}}, x).spec.shape, (Shape{3 * batch / 7, 7}));
  ASSERT_EQ(conditions.pairs().size(), 1u);
  EXPECT_EQ(conditions.pairs()[0], std::make_pair(3 * batch % 7, Dim(0)));
}
