// Matrix products.
#pragma once

#include <tenon/core/registry.h>

namespace tenon::inline v0 {

// Vectors, matrices and batches of them, whose batch dimensions broadcast.
struct Matmul {
  static constexpr auto name = "matmul";
  static constexpr auto doc = "Matrix product: of vectors, matrices, or batches that broadcast";
  static constexpr auto parameters = std::tuple(input("input"), input("other"));
  static constexpr uint32_t traits = kAutocastLow;
  static constexpr uint8_t forms = kFunction | kMethod | kOut;
};
void infer(const Matmul&, Specs in, Spec* out);

struct Mm {
  static constexpr auto name = "mm";
  static constexpr auto doc = "Product of two matrices";
  static constexpr auto parameters = std::tuple(input("input"), input("mat2"));
  static constexpr uint32_t traits = kAutocastLow;
  static constexpr uint8_t forms = kFunction | kMethod | kOut;
};
void infer(const Mm&, Specs in, Spec* out);

struct Bmm {
  static constexpr auto name = "bmm";
  static constexpr auto doc = "Products of two batches of matrices";
  static constexpr auto parameters = std::tuple(input("input"), input("mat2"));
  static constexpr uint32_t traits = kAutocastLow;
  static constexpr uint8_t forms = kFunction | kMethod | kOut;
};
void infer(const Bmm&, Specs in, Spec* out);

struct Mv {
  static constexpr auto name = "mv";
  static constexpr auto doc = "Product of a matrix and a vector";
  static constexpr auto parameters = std::tuple(input("input"), input("vec"));
  static constexpr uint32_t traits = kAutocastLow;
  static constexpr uint8_t forms = kFunction | kMethod | kOut;
};
void infer(const Mv&, Specs in, Spec* out);

struct Dot {
  static constexpr auto name = "dot";
  static constexpr auto doc = "Dot product of two vectors";
  static constexpr auto parameters = std::tuple(input("input"), input("tensor"));
  static constexpr uint8_t forms = kFunction | kMethod | kOut;
};
void infer(const Dot&, Specs in, Spec* out);

struct Outer {
  static constexpr auto name = "outer";
  static constexpr auto doc = "Outer product of two vectors";
  static constexpr auto parameters = std::tuple(input("input"), input("vec2"));
  static constexpr uint8_t forms = kFunction | kMethod | kOut;
};
struct Inner {
  static constexpr auto name = "inner";
  static constexpr auto doc = "Sums of products over the last dimensions";
  static constexpr auto parameters = std::tuple(input("input"), input("other"));
  static constexpr uint8_t forms = kFunction | kMethod | kOut;
};

// beta * input + alpha * (mat1 @ mat2)
struct Addmm {
  Scalar beta = 1, alpha = 1;
  static constexpr auto name = "addmm";
  static constexpr auto doc = "beta * input + alpha * (mat1 @ mat2)";
  static constexpr auto parameters =
      std::tuple(input("input"), input("mat1"), input("mat2"), attribute("beta", &Addmm::beta).keyword(),
                 attribute("alpha", &Addmm::alpha).keyword());
  static constexpr uint32_t traits = kAutocastLow;
  static constexpr uint8_t forms = kFunction | kMethod | kInplace | kOut;
};
void infer(const Addmm&, Specs in, Spec* out);

struct Baddbmm {
  Scalar beta = 1, alpha = 1;
  static constexpr auto name = "baddbmm";
  static constexpr auto doc = "beta * input + alpha * (batch1 @ batch2)";
  static constexpr auto parameters =
      std::tuple(input("input"), input("batch1"), input("batch2"), attribute("beta", &Baddbmm::beta).keyword(),
                 attribute("alpha", &Baddbmm::alpha).keyword());
  static constexpr uint32_t traits = kAutocastLow;
  static constexpr uint8_t forms = kFunction | kMethod | kInplace | kOut;
};
void infer(const Baddbmm&, Specs in, Spec* out);

struct Addmv {
  Scalar beta = 1, alpha = 1;
  static constexpr auto name = "addmv";
  static constexpr auto doc = "beta * input + alpha * (mat @ vec)";
  static constexpr auto parameters =
      std::tuple(input("input"), input("mat"), input("vec"), attribute("beta", &Addmv::beta).keyword(),
                 attribute("alpha", &Addmv::alpha).keyword());
  static constexpr uint32_t traits = kAutocastLow;
  static constexpr uint8_t forms = kFunction | kMethod | kInplace | kOut;
};
void infer(const Addmv&, Specs in, Spec* out);

struct Addr {
  Scalar beta = 1, alpha = 1;
  static constexpr auto name = "addr";
  static constexpr auto doc = "beta * input + alpha * outer(vec1, vec2)";
  static constexpr auto parameters =
      std::tuple(input("input"), input("vec1"), input("vec2"), attribute("beta", &Addr::beta).keyword(),
                 attribute("alpha", &Addr::alpha).keyword());
  static constexpr uint8_t forms = kFunction | kMethod | kInplace | kOut;
};

struct Linear {
  static constexpr auto name = "linear";
  static constexpr auto doc = "input @ weight.T + bias";
  static constexpr auto parameters = std::tuple(input("input"), input("weight"), input("bias").optional());
  static constexpr uint32_t traits = kAutocastLow;
  static constexpr uint8_t forms = kFunction;
};
void infer(const Linear&, Specs in, Spec* out);

using MatmulRecords = Records<Matmul, Mm, Bmm, Mv, Dot, Outer, Inner, Addmm, Baddbmm, Addmv, Addr, Linear>;

}  // namespace tenon::inline v0
