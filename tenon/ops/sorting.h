// Sorting, and what rests on order: top elements, search in sorted values, counts and distinct values.
#pragma once

#include <tenon/core/registry.h>

namespace tenon::inline v0 {

struct OrderedOp {
  static constexpr std::array outputs{fresh("values"), fresh("indices")};
  static constexpr uint8_t forms = kFunction | kMethod | kOut;
};

struct Sort : OrderedOp {
  int64_t dim = -1;
  bool descending = false, stable = false;
  static constexpr auto name = "sort";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("dim", &Sort::dim), attribute("descending", &Sort::descending),
                 attribute("stable", &Sort::stable).keyword());
};
void infer(const Sort&, Specs in, Spec* out);

struct Argsort {
  int64_t dim = -1;
  bool descending = false, stable = false;
  static constexpr auto name = "argsort";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("dim", &Argsort::dim), attribute("descending", &Argsort::descending),
                 attribute("stable", &Argsort::stable).keyword());
};
Tensor decompose(const Argsort&, const Tensor& input);

struct Msort {
  static constexpr auto name = "msort";
  static constexpr auto parameters = std::tuple(input("input"));
};
Tensor decompose(const Msort&, const Tensor& input);

struct Topk : OrderedOp {
  int64_t k = 1, dim = -1;
  bool largest = true, sorted = true;
  static constexpr auto name = "topk";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("k", &Topk::k).required(), attribute("dim", &Topk::dim),
                 attribute("largest", &Topk::largest), attribute("sorted", &Topk::sorted));
};
void infer(const Topk&, Specs in, Spec* out);

struct Kthvalue : OrderedOp {
  int64_t k = 1, dim = -1;
  bool keepdim = false;
  static constexpr auto name = "kthvalue";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("k", &Kthvalue::k).required(), attribute("dim", &Kthvalue::dim),
                 attribute("keepdim", &Kthvalue::keepdim));
};
std::tuple<Tensor, Tensor> decompose(const Kthvalue&, const Tensor& input);

// Where `input` would go in rows of sorted values; `right` goes behind equal ones.
struct Searchsorted {
  bool out_int32 = false, right = false;
  std::optional<std::string> side;
  static constexpr auto name = "searchsorted";
  static constexpr auto parameters =
      std::tuple(input("sorted_sequence"), operand("input"), attribute("out_int32", &Searchsorted::out_int32).keyword(),
                 attribute("right", &Searchsorted::right).keyword(), attribute("side", &Searchsorted::side).keyword());
  static constexpr uint32_t traits = kNotDifferentiable;
  static constexpr uint8_t forms = kFunction | kOut;
};
void infer(const Searchsorted&, Specs in, Spec* out);
struct Bucketize {
  bool out_int32 = false, right = false;
  static constexpr auto name = "bucketize";
  static constexpr auto parameters =
      std::tuple(operand("input"), input("boundaries"), attribute("out_int32", &Bucketize::out_int32).keyword(),
                 attribute("right", &Bucketize::right).keyword());
  static constexpr uint8_t forms = kFunction | kOut;
};
Tensor decompose(const Bucketize&, const Tensor& input, const Tensor& boundaries);

struct Bincount {
  int64_t minlength = 0;
  static constexpr auto name = "bincount";
  static constexpr auto parameters =
      std::tuple(input("input"), input("weights").optional(), attribute("minlength", &Bincount::minlength));
  static constexpr uint32_t traits = kNotDifferentiable;
  static constexpr std::array outputs{data_dependent()};
};
void infer(const Bincount&, Specs in, Spec* out);

// Distinct values with, for each element, which it is, and how often each occurs. `consecutive` merges
// equal neighbours only and keeps the order. Python's `unique` and `unique_consecutive` pick from the three.
struct UniqueAll {
  bool consecutive = false;
  std::optional<int64_t> dim;  // distinct slices along a dimension
  static constexpr auto name = "_unique";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("consecutive", &UniqueAll::consecutive), attribute("dim", &UniqueAll::dim));
  static constexpr uint32_t traits = kNotDifferentiable;
  static constexpr uint8_t forms = kFunction;
  static constexpr std::array outputs{data_dependent("output"), data_dependent("inverse_indices"),
                                      data_dependent("counts")};
};
void infer(const UniqueAll&, Specs in, Spec* out);

using SortingRecords = Records<Sort, Argsort, Msort, Topk, Kthvalue, Searchsorted, Bucketize, Bincount, UniqueAll>;

}  // namespace tenon::inline v0
