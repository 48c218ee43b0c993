// Symbolic dims: one form for what is equal, texts that parse back, bounds that hold, and numbers that agree with
// those of ordinary arithmetic.
#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <random>

#include <tenon/core/dim.h>
#include <tenon/core/error.h>

using namespace tenon;

namespace {

const Dim batch = Dim::symbol("batch"), h = Dim::symbol("h"), w = Dim::symbol("w");

int64_t floor_of(int64_t a, int64_t b) { return a / b - (a % b < 0); }

}  // namespace

TEST(Dim, EqualExpressionsAreOneValue) {
  EXPECT_EQ(batch * 4 * 3 / 12, batch);
  EXPECT_EQ((batch + 1) - 1, batch);
  EXPECT_EQ(2 * batch + 2 * batch, 4 * batch);
  EXPECT_EQ((h + 2 * 1 - 3) / 1 + 1, h);
  EXPECT_EQ((h + 2 - 3) / 2 + 1, (h + 1) / 2);
  EXPECT_EQ(h / 2 / 2, h / 4);
  EXPECT_EQ((h / 2 + 1) / 3, (h + 2) / 6);
  EXPECT_EQ(h * w * batch / (w * h), batch);
  EXPECT_EQ((h + w) * batch / (h + w), batch);
  EXPECT_EQ(h * w / (w * batch), h / batch);
  EXPECT_EQ((h + w) * (h - w), h * h - w * w);
  EXPECT_EQ((4 * h + 3) % 8, 4 * (h % 2) + 3);
  EXPECT_EQ(6 * h % 3, Dim(0));
  EXPECT_EQ(h * w % w, Dim(0));
  EXPECT_EQ(max(w - 2, 0) + 2, max(2, w));
  EXPECT_EQ(min(min(w, 10), 5), min(5, w));
  EXPECT_EQ(min(w + 3, 2), Dim(2));
  EXPECT_EQ(max(batch, 0), batch);
  EXPECT_EQ(Dim(-7) / 2, Dim(-4));
  EXPECT_EQ(Dim(-7) % 2, Dim(1));
  EXPECT_FALSE(h / 2 == w / 2);
}

TEST(Dim, TextsParseBack) {
  EXPECT_EQ((batch * 12 + 3).str(), "12*batch + 3");
  EXPECT_EQ((0 - h / 2 + w).str(), "w - (h // 2)");
  EXPECT_EQ(min(10, w).str(), "min(w, 10)");
  EXPECT_EQ(Dim::parse("12*batch + 3"), batch * 12 + 3);
  EXPECT_EQ(Dim::parse(" ( 12 * batch ) "), batch * 12);
  EXPECT_EQ(Dim::parse("-(h // 2) % 5"), (0 - h / 2) % 5);
  EXPECT_EQ(Dim::parse("max(h, w, 3) - -4"), max(max(h, w), 3) + 4);
  const Dim odd = Dim::symbol("odd \"name\", + \\ 2");
  EXPECT_EQ(odd.name(), "odd \"name\", + \\ 2");
  EXPECT_EQ(Dim::parse((odd * 2).str()), odd * 2);
  const std::string deep(5000, '('), minus(5000, '-');
  for (const std::string& bad : {std::string(), std::string("1 +"), std::string("a b"), std::string("(a"),
                                 std::string("a // 0"), std::string("a % -b"), std::string("99999999999999999999"),
                                 std::string("4000000000000000000*a*9"), std::string("min(a"), std::string("\"x"),
                                 std::string("9223372036854775807 + 1"), std::string("a ** b"), deep, minus}) {
    EXPECT_THROW(Dim::parse(bad), ValueError) << bad.substr(0, 30);
  }
  try {
    Dim::parse("batch + * 2");
    FAIL();
  } catch (const ValueError& e) {
    EXPECT_STREQ(e.what(), "Dim.parse: expected a size at character 9 of \"batch + * 2\"");
  }
}

// What outside data can ask for is bounded: no expression grows without end.
TEST(Dim, LargeExpressionsAreRefused) {
  EXPECT_THROW(
      {
        Dim product = 1;
        for (int i = 0; i < 40; ++i)
          product *= Dim::symbol("a" + std::to_string(i)) + Dim::symbol("b" + std::to_string(i));
      },
      ShapeError);
  EXPECT_THROW(
      {
        Dim nested = h;
        for (int i = 0; i < 200; ++i) nested = (nested * w + 1) / batch;
      },
      ShapeError);
  EXPECT_THROW(h * Dim(std::numeric_limits<int64_t>::max()) * 4, ShapeError);
  EXPECT_THROW(h / 0, ShapeError);
  EXPECT_THROW(Dim(3) % Dim(0), ShapeError);
}

TEST(Dim, ExpressionsCanBeWalked) {
  const Dim d = 3 * h * w + 5;
  ASSERT_EQ(d.kind(), Dim::Kind::Add);
  ASSERT_EQ(d.operands().size(), 2u);
  EXPECT_EQ(d.operands()[1], Dim(5));
  ASSERT_EQ(d.operands()[0].kind(), Dim::Kind::Multiply);
  EXPECT_EQ(d.operands()[0].operands(), (std::vector<Dim>{3, h, w}));
  EXPECT_EQ(h.name(), "h");
  EXPECT_EQ(Dim(4).kind(), Dim::Kind::Constant);
  EXPECT_EQ(d.substitute([](Dim s) { return s == h ? batch + 1 : s; }), 3 * batch * w + 3 * w + 5);
}

TEST(Dim, ConditionsAreRecordedOrRefused) {
  EXPECT_FALSE(require_equal("op", batch, batch + 1));
  EXPECT_TRUE(require_equal("op", batch * 2, batch + batch));
  try {
    require_equal("add", batch, h);
    FAIL();
  } catch (const ShapeError& e) {
    EXPECT_NE(
        std::string(e.what()).find("add: the sizes batch and h must be equal, but the dimension batch is unknown"),
        std::string::npos);
  }
  DimConditions conditions;
  EXPECT_TRUE(require_equal("add", batch, h));
  EXPECT_TRUE(require_equal("add", h, batch));
  EXPECT_TRUE(require_divisible("view", batch, 7));
  ASSERT_EQ(conditions.pairs().size(), 2u);
  EXPECT_EQ(conditions.pairs()[1], std::make_pair(batch % 7, Dim(0)));
}

// Random programs of all operators, beside the same in numbers.
TEST(Dim, AgreesWithNumbers) {
  std::mt19937 random(1);
  const Dim symbols[] = {batch, h, w};
  for (int round = 0; round < 1500; ++round) {
    std::map<int64_t, int64_t> numbers;
    const auto value = [&](Dim s) { return Dim(numbers[s.raw()]); };
    std::vector<Dim> dims(symbols, symbols + 3);
    std::vector<int64_t> plain;
    for (Dim s : symbols) plain.push_back(numbers[s.raw()] = 1 + static_cast<int64_t>(random() % 7));
    for (int i = 0; i < 6; ++i) {
      plain.push_back(static_cast<int64_t>(random() % 9) - 3);
      dims.push_back(plain.back());
    }
    try {
      for (int i = 0; i < 8; ++i) {
        const size_t a = random() % dims.size(), b = random() % dims.size();
        const Dim x = dims[a], y = dims[b];
        const int64_t p = plain[a], q = plain[b];
        // Symbols are positive here, and other divisors are known to be.
        const bool divides = y.kind() == Dim::Kind::Symbol || y.bounds().low > 0;
        switch (random() % 7) {
          case 0:
            dims.push_back(x + y), plain.push_back(p + q);
            break;
          case 1:
            dims.push_back(x - y), plain.push_back(p - q);
            break;
          case 2:
            if (std::abs(p) < 1000 && std::abs(q) < 1000) dims.push_back(x * y), plain.push_back(p * q);
            break;
          case 3:
            if (divides) dims.push_back(x / y), plain.push_back(floor_of(p, q));
            break;
          case 4:
            if (divides) dims.push_back(x % y), plain.push_back(p - floor_of(p, q) * q);
            break;
          case 5:
            dims.push_back(min(x, y)), plain.push_back(std::min(p, q));
            break;
          default:
            dims.push_back(max(x, y)), plain.push_back(std::max(p, q));
        }
        const Dim z = dims.back();
        ASSERT_EQ(z.evaluate(value), plain.back()) << z.str();
        ASSERT_EQ(Dim::parse(z.str()), z) << z.str();
        ASSERT_EQ(z.substitute([](Dim s) { return s; }), z) << z.str();
        ASSERT_LE(z.bounds().low, plain.back()) << z.str();
        ASSERT_GE(z.bounds().high, plain.back()) << z.str();
      }
    } catch (const ShapeError&) {
      // Grown too large, which is refused.
    }
  }
}
