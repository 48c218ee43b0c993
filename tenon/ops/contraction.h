// Sums of products over named dimensions, made of matmul and views.
#pragma once

#include <tenon/core/registry.h>

namespace tenon::inline v0 {

struct Einsum {
  std::string equation;
  static constexpr auto name = "einsum";
  static constexpr auto doc =
      "Sums of products of operands whose dimensions are named: einsum('ij,jk->ik', a, b) is a @ b. Letters that the "
      "result lacks are summed; '...' stands for dimensions that broadcast. Several operands are multiplied in the "
      "order that costs least.";
  static constexpr auto parameters =
      std::tuple(attribute("equation", &Einsum::equation).required(), input_list("operands"));
  static constexpr std::array outputs{maybe_view_of(0)};  // of one operand
  static constexpr uint8_t forms = kFunction;
};
Tensor decompose(const Einsum& r, Inputs in);

struct Tensordot {
  int64_t dims = 2;
  static constexpr auto name = "tensordot";
  static constexpr auto doc = "Sums of products over the last `dims` dimensions of a and the first of b.";
  static constexpr auto parameters = std::tuple(input("a"), input("b"), attribute("dims", &Tensordot::dims));
  static constexpr uint8_t forms = kFunction | kOut;
};
Tensor decompose(const Tensordot& r, const Tensor& a, const Tensor& b);

struct TensordotOver {
  Dims dims_a, dims_b;
  static constexpr auto name = "tensordot";
  static constexpr auto overload = "over";
  static constexpr auto doc = "Sums of products over dims_a of a and dims_b of b, taken in pairs.";
  static constexpr auto parameters =
      std::tuple(input("a"), input("b"), attribute("dims_a", &TensordotOver::dims_a).required(),
                 attribute("dims_b", &TensordotOver::dims_b).required());
  static constexpr uint8_t forms = kFunction | kOut;
};
Tensor decompose(const TensordotOver& r, const Tensor& a, const Tensor& b);

struct Kron {
  static constexpr auto name = "kron";
  static constexpr auto doc = "The Kronecker product: blocks of `other`, each times an element of `input`.";
  static constexpr auto parameters = std::tuple(input("input"), input("other"));
  static constexpr uint8_t forms = kFunction | kMethod | kOut;
};
Tensor decompose(const Kron&, const Tensor& input, const Tensor& other);

struct Trace {
  static constexpr auto name = "trace";
  static constexpr auto doc = "The sum of a matrix's diagonal.";
  static constexpr auto parameters = std::tuple(input("input"));
};
Tensor decompose(const Trace&, const Tensor& input);

struct Vdot {
  static constexpr auto name = "vdot";
  static constexpr auto doc = "The dot product of two vectors.";
  static constexpr auto parameters = std::tuple(input("input"), input("other"));
  static constexpr uint8_t forms = kFunction | kMethod | kOut;
};
Tensor decompose(const Vdot&, const Tensor& input, const Tensor& other);

// torch.linalg.cross takes the last dimension; torch.cross the first of size 3.
struct Cross {
  std::optional<int64_t> dim;
  static constexpr auto name = "cross";
  static constexpr auto doc = "Cross products of the vectors of 3 along `dim`, by default the first of size 3.";
  static constexpr auto parameters = std::tuple(input("input"), input("other"), attribute("dim", &Cross::dim));
  static constexpr uint8_t forms = kFunction | kMethod | kOut;
};
Tensor decompose(const Cross& r, const Tensor& input, const Tensor& other);

struct Addbmm {
  Scalar beta = 1, alpha = 1;
  static constexpr auto name = "addbmm";
  static constexpr auto doc = "beta * input + alpha * the sum over i of batch1[i] @ batch2[i]";
  static constexpr auto parameters =
      std::tuple(input("input"), input("batch1"), input("batch2"), attribute("beta", &Addbmm::beta).keyword(),
                 attribute("alpha", &Addbmm::alpha).keyword());
  static constexpr uint32_t traits = kAutocastLow;
  static constexpr uint8_t forms = kFunction | kMethod | kInplace | kOut;
};
Tensor decompose(const Addbmm& r, const Tensor& input, const Tensor& batch1, const Tensor& batch2);

struct ChainMatmul {
  static constexpr auto name = "chain_matmul";
  static constexpr auto doc = "The product of matrices, in the order that costs least.";
  static constexpr auto parameters = std::tuple(input_list("matrices"));
  static constexpr std::array outputs{maybe_view_of(0)};  // of one matrix
  static constexpr uint8_t forms = kFunction;
};
Tensor decompose(const ChainMatmul&, Inputs in);

struct Cdist {
  double p = 2;
  std::string compute_mode = "use_mm_for_euclid_dist_if_necessary";
  static constexpr auto name = "cdist";
  static constexpr auto doc =
      "p-norm distances between the rows of x1 (..., P, M) and of x2 (..., R, M): (..., P, R). With p = 2 and more "
      "than 25 rows by a product of matrices, unless compute_mode says otherwise.";
  static constexpr auto parameters =
      std::tuple(input("x1"), input("x2"), attribute("p", &Cdist::p), attribute("compute_mode", &Cdist::compute_mode));
  static constexpr uint8_t forms = kFunction;
};
Tensor decompose(const Cdist& r, const Tensor& x1, const Tensor& x2);

using ContractionRecords =
    Records<Einsum, Tensordot, TensordotOver, Kron, Trace, Vdot, Cross, Addbmm, ChainMatmul, Cdist>;

}  // namespace tenon::inline v0
