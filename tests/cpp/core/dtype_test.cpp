// Casts between all dtypes, the half formats' rounding, and the promotion table.
#include <tenon/core/dtype.h>

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <limits>

#include <tenon/core/error.h>
#include <tenon/core/half.h>
#include <tenon/core/tensor.h>
#include <tenon/ops/functions.h>

namespace {

using namespace tenon;

DType dtype_at(int i) { return static_cast<DType>(i); }

// What one value becomes in each dtype, by C++'s own conversions.
std::complex<double> expected(std::complex<double> value, DType from, DType to) {
  if (to == DType::Bool) return value != 0.0 ? 1 : 0;
  if (!is_complex(to)) value = value.real();
  switch (to) {
    case DType::Float16:
      return static_cast<float>(Half(static_cast<float>(value.real())));
    case DType::BFloat16:
      return static_cast<float>(BFloat16(static_cast<float>(value.real())));
    case DType::Float32:
      return static_cast<float>(value.real());
    case DType::Complex64:
      return std::complex<double>(std::complex<float>(value));
    case DType::Float64:
    case DType::Complex128:
      return value;
    default:
      break;
  }
  // Integers: towards zero, then the low bits.
  (void)from;
  const auto whole = static_cast<int64_t>(std::trunc(value.real()));
  switch (to) {
    case DType::UInt8:
      return static_cast<uint8_t>(whole);
    case DType::Int8:
      return static_cast<int8_t>(whole);
    case DType::Int16:
      return static_cast<int16_t>(whole);
    case DType::Int32:
      return static_cast<int32_t>(whole);
    default:
      return static_cast<double>(whole);
  }
}

TEST(DType, EveryCast) {
  const double samples[] = {0, 1, 2, 3.75, 100, 120.5};
  for (int f = 0; f < kDTypeCount; ++f) {
    for (int t = 0; t < kDTypeCount; ++t) {
      const DType from = dtype_at(f), to = dtype_at(t);
      for (const double sample : samples) {
        // Filled through float64, so that `from` holds what it can of the sample.
        const Tensor x = full({7}, Scalar(sample), DType::Float64).to(from);
        const std::complex<double> held = x.select(0, 3).scalar().to_complex();
        EXPECT_EQ(held, expected(sample, DType::Float64, from)) << name_of(from) << " of " << sample;
        const Tensor y = x.to(to);
        ASSERT_EQ(y.dtype(), to);
        EXPECT_EQ(y.select(0, 6).scalar().to_complex(), expected(held, from, to))
            << name_of(from) << " to " << name_of(to) << " of " << sample;
        const Tensor strided = full({4, 3}, Scalar(sample), DType::Float64).to(from).transpose(0, 1).to(to);
        EXPECT_EQ(strided.select(0, 1).select(0, 2).scalar().to_complex(), expected(held, from, to));
      }
    }
  }
}

TEST(DType, NegativeValuesAndImaginaryParts) {
  const Tensor x = Tensor::of<std::complex<double>>({{-2.5, 7}, {-1, 0}, {0, 3}});
  EXPECT_EQ(x.to(DType::Int16).data<int16_t>()[0], -2);
  EXPECT_EQ(x.to(DType::Float32).data<float>()[0], -2.5f);
  EXPECT_TRUE(x.to(DType::Bool).data<bool>()[2]);
  EXPECT_EQ(x.to(DType::Complex64).data<std::complex<float>>()[0], std::complex<float>(-2.5f, 7));
  EXPECT_EQ(Tensor::of<int32_t>({-1}).to(DType::UInt8).data<uint8_t>()[0], 255);
  EXPECT_EQ(Tensor::of<int64_t>({300}).to(DType::Int8).data<int8_t>()[0], 44);
  EXPECT_EQ(Tensor::of<int64_t>({(int64_t{1} << 60) + 1}).to(DType::Int64).data<int64_t>()[0], (int64_t{1} << 60) + 1);
}

TEST(DType, SpecialValuesSurviveFloatCasts) {
  const float inf = std::numeric_limits<float>::infinity();
  const Tensor x = Tensor::of<float>({inf, -inf, NAN, -0.0f, 65504, 65520, 1e-8f, 3e38f});
  for (const DType to : {DType::Float16, DType::BFloat16, DType::Float64, DType::Complex64}) {
    SCOPED_TRACE(name_of(to));
    const Tensor y = x.to(to).to(DType::Float32);
    EXPECT_EQ(y.data<float>()[0], inf);
    EXPECT_EQ(y.data<float>()[1], -inf);
    EXPECT_TRUE(std::isnan(y.data<float>()[2]));
    EXPECT_TRUE(std::signbit(y.data<float>()[3]));
  }
  const Tensor h = x.to(DType::Float16).to(DType::Float32);
  EXPECT_EQ(h.data<float>()[4], 65504);
  EXPECT_EQ(h.data<float>()[5], inf);  // 65520 is half way to 65536, and even is up
  EXPECT_EQ(h.data<float>()[6], 0);    // below half of the smallest subnormal
}

TEST(Half, EveryValueComesBack) {
  for (uint32_t bits = 0; bits < 65536; ++bits) {
    const float value = Half::to_float(static_cast<uint16_t>(bits));
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(Half::to_float(Half::from_float(value))));
      continue;
    }
    ASSERT_EQ(Half::from_float(value), bits);
    BFloat16 b;
    b.bits = static_cast<uint16_t>(bits);
    const float wide = static_cast<float>(b);
    if (!std::isnan(wide)) {
      ASSERT_EQ(BFloat16::from_float(wide), bits);
    }
  }
}

TEST(Half, RoundsToNearestEven) {
  for (uint32_t bits = 0; bits < 0x7bff; ++bits) {  // between each finite value and the next
    const double low = Half::to_float(static_cast<uint16_t>(bits));
    const double high = Half::to_float(static_cast<uint16_t>(bits + 1));
    const double middle = (low + high) / 2;
    ASSERT_EQ(Half::from_float(static_cast<float>(middle)), (bits & 1) ? bits + 1 : bits);
    ASSERT_EQ(Half::from_float(std::nextafter(static_cast<float>(middle), 1e9f)), bits + 1);
    ASSERT_EQ(Half::from_float(std::nextafter(static_cast<float>(middle), -1e9f)), bits);
  }
}

TEST(DType, PromotionIsSymmetricAndAnUpperBound) {
  for (int a = 0; a < kDTypeCount; ++a) {
    EXPECT_EQ(promote(dtype_at(a), dtype_at(a)), dtype_at(a));
    for (int b = 0; b < kDTypeCount; ++b) {
      const DType both = promote(dtype_at(a), dtype_at(b));
      EXPECT_EQ(both, promote(dtype_at(b), dtype_at(a)));
      EXPECT_EQ(promote(both, dtype_at(a)), both);
      EXPECT_EQ(std::max(info(dtype_at(a)).kind, info(dtype_at(b)).kind), info(both).kind);
    }
  }
  EXPECT_EQ(promote(DType::UInt8, DType::Int8), DType::Int16);
  EXPECT_EQ(promote(DType::Float16, DType::BFloat16), DType::Float32);
  EXPECT_EQ(promote(DType::Int64, DType::Float16), DType::Float16);
  EXPECT_EQ(promote(DType::Float64, DType::Complex64), DType::Complex128);
}

TEST(DType, TheDefaultIsAFloat) {
  EXPECT_THROW(set_default_dtype(DType::Int64), Error);
  set_default_dtype(DType::Float64);
  EXPECT_EQ(Tensor(1.5).dtype(), DType::Float64);
  EXPECT_EQ(zeros({1}).dtype(), DType::Float64);
  set_default_dtype(DType::Float32);
  EXPECT_EQ(Tensor(1.5).dtype(), DType::Float32);
}

}  // namespace
