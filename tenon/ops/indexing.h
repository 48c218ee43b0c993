// Indexing: elements picked out, or written, at places that tensors of integers or masks name. Negative
// indices count from the end; one out of range is an IndexError.
#pragma once

#include <tenon/core/number.h>
#include <tenon/core/registry.h>

namespace tenon::inline v0 {

// ---- x[i, j, mask] ----

// Integer tensors and masks, None for a whole dimension. A mask stands for the integers of its nonzero().
struct Index {
  static constexpr auto name = "index";
  static constexpr auto parameters = std::tuple(input("input"), input_list("indices").with_none());
};
Tensor decompose(const Index&, Inputs in);

// The same with integer tensors only, so that the result's shape follows from shapes.
struct IndexInteger {
  static constexpr auto name = "_index";
  static constexpr auto parameters = std::tuple(input("input"), input_list("indices").with_none());
  static constexpr uint8_t forms = kFunction;
};
void infer(const IndexInteger&, Specs in, Spec* out);

// `input` with `values` at the places that x[indices] reads; with `accumulate` they are added.
struct IndexPut {
  bool accumulate = false;
  static constexpr auto name = "index_put";
  static constexpr auto parameters = std::tuple(input("input"), input_list("indices").with_none(), operand("values"),
                                                attribute("accumulate", &IndexPut::accumulate));
  static constexpr uint32_t traits = kDestinationMayAlias;
  static constexpr uint8_t forms = kFunction | kMethod | kInplace;
};
void infer(const IndexPut&, Specs in, Spec* out);

struct Nonzero {
  static constexpr auto name = "nonzero";
  static constexpr auto doc = "The indices of the elements that are not zero, one row each.";
  static constexpr auto parameters = std::tuple(input("input"));
  static constexpr uint32_t traits = kNotDifferentiable;
  static constexpr std::array outputs{data_dependent()};
};
void infer(const Nonzero&, Specs in, Spec* out);
struct Argwhere {
  static constexpr auto name = "argwhere";
  static constexpr auto parameters = std::tuple(input("input"));
};
Tensor decompose(const Argwhere&, const Tensor& input);
// where(condition): one tensor of indices per dimension, as nonzero(as_tuple=True).
struct WhereCondition {
  static constexpr auto name = "where";
  static constexpr auto overload = "condition";
  static constexpr auto parameters = std::tuple(input("condition"));
  static constexpr uint32_t traits = kListOutput;
};
std::vector<Tensor> decompose(const WhereCondition&, const Tensor& condition);

struct MaskedSelect {
  static constexpr auto name = "masked_select";
  static constexpr auto parameters = std::tuple(input("input"), input("mask"));
  static constexpr uint8_t forms = kFunction | kMethod | kOut;
};
Tensor decompose(const MaskedSelect&, const Tensor& input, const Tensor& mask);
struct MaskedScatter {
  static constexpr auto name = "masked_scatter";
  static constexpr auto parameters = std::tuple(input("input"), input("mask"), input("source"));
  static constexpr uint8_t forms = kFunction | kMethod | kInplace;
};
Tensor decompose(const MaskedScatter&, const Tensor& input, const Tensor& mask, const Tensor& source);

// ---- along one dimension, an index per element ----

struct Gather {
  int64_t dim = 0;
  bool sparse_grad = false;
  static constexpr auto name = "gather";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("dim", &Gather::dim).required(), input("index"),
                 attribute("sparse_grad", &Gather::sparse_grad).keyword());
  static constexpr uint8_t forms = kFunction | kMethod | kOut;
};
void infer(const Gather&, Specs in, Spec* out);

struct ScatterOp {
  static constexpr uint32_t traits = kDestinationMayAlias;
  static constexpr uint8_t forms = kFunction | kMethod | kInplace | kOut;
};
struct Scatter : ScatterOp {
  int64_t dim = 0;
  static constexpr auto name = "scatter";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("dim", &Scatter::dim).required(), input("index"), operand("src"));
  static constexpr uint32_t traits = kDestinationMayAlias | kNumbersFit;
};
void infer(const Scatter&, Specs in, Spec* out);
struct ScatterValue : ScatterOp {
  int64_t dim = 0;
  double value = 0;
  static constexpr auto name = "scatter";
  static constexpr auto overload = "value";
  static constexpr auto parameters = std::tuple(input("input"), attribute("dim", &ScatterValue::dim).required(),
                                                input("index"), attribute("value", &ScatterValue::value).required());
};
Tensor decompose(const ScatterValue&, const Tensor& input, const Tensor& index);
struct ScatterAdd : ScatterOp {
  int64_t dim = 0;
  static constexpr auto name = "scatter_add";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("dim", &ScatterAdd::dim).required(), input("index"), input("src"));
};
void infer(const ScatterAdd&, Specs in, Spec* out);

// reduce: sum, prod, mean, amax or amin.
struct ScatterReduce : ScatterOp {
  int64_t dim = 0;
  std::string reduce;
  bool include_self = true;
  static constexpr auto name = "scatter_reduce";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("dim", &ScatterReduce::dim).required(), input("index"), input("src"),
                 attribute("reduce", &ScatterReduce::reduce).required(),
                 attribute("include_self", &ScatterReduce::include_self).keyword());
};
void infer(const ScatterReduce&, Specs in, Spec* out);

struct TakeAlongDim {
  std::optional<int64_t> dim;
  static constexpr auto name = "take_along_dim";
  static constexpr auto parameters = std::tuple(input("input"), input("indices"), attribute("dim", &TakeAlongDim::dim));
};
Tensor decompose(const TakeAlongDim&, const Tensor& input, const Tensor& indices);
struct Take {
  static constexpr auto name = "take";
  static constexpr auto parameters = std::tuple(input("input"), input("index"));
};
Tensor decompose(const Take&, const Tensor& input, const Tensor& index);

// ---- along one dimension, an index per slice ----

struct IndexSelect {
  int64_t dim = 0;
  static constexpr auto name = "index_select";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("dim", &IndexSelect::dim).required(), input("index"));
  static constexpr uint8_t forms = kFunction | kMethod | kOut;
};
void infer(const IndexSelect&, Specs in, Spec* out);

struct IndexAdd : ScatterOp {
  int64_t dim = 0;
  Scalar alpha = 1;
  static constexpr auto name = "index_add";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("dim", &IndexAdd::dim).required(), input("index"), input("source"),
                 attribute("alpha", &IndexAdd::alpha).keyword());
};
Tensor decompose(const IndexAdd&, const Tensor& input, const Tensor& index, const Tensor& source);
struct IndexCopy : ScatterOp {
  int64_t dim = 0;
  static constexpr auto name = "index_copy";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("dim", &IndexCopy::dim).required(), input("index"), input("source"));
};
Tensor decompose(const IndexCopy&, const Tensor& input, const Tensor& index, const Tensor& source);
struct IndexFill : ScatterOp {
  int64_t dim = 0;
  static constexpr auto name = "index_fill";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("dim", &IndexFill::dim).required(), input("index"), operand("value"));
};
Tensor decompose(const IndexFill&, const Tensor& input, const Tensor& index, const Tensor& value);

// The primitive behind the three above: slices of `input` at `index` along `dim` become those of
// `source`, or grow by them. A zero-dimensional source stands for all elements.
struct IndexWrite {
  int64_t dim = 0;
  bool accumulate = false;
  static constexpr auto name = "_index_write";
  static constexpr auto parameters =
      std::tuple(input("input"), input("index"), operand("source"), attribute("dim", &IndexWrite::dim).required(),
                 attribute("accumulate", &IndexWrite::accumulate).required());
  static constexpr uint32_t traits = kDestinationMayAlias;
  static constexpr uint8_t forms = kFunction | kInplace;
};
void infer(const IndexWrite&, Specs in, Spec* out);
// The function that it stands for, whose name errors give.
inline const char* name_of(const IndexWrite& r, bool source_is_one_value) {
  return r.accumulate ? "index_add" : source_is_one_value ? "index_fill" : "index_copy";
}

// ---- embeddings ----

struct Embedding {
  std::optional<int64_t> padding_idx;
  static constexpr auto name = "embedding";
  static constexpr auto doc = "Row input[i] of `weight` for every i; the row padding_idx gets no gradient.";
  static constexpr auto parameters =
      std::tuple(input("input"), input("weight"), attribute("padding_idx", &Embedding::padding_idx));
  static constexpr uint8_t forms = kFunction;
};
void infer(const Embedding&, Specs in, Spec* out);

struct EmbeddingBackward {
  Dim rows;
  std::optional<int64_t> padding_idx;
  static constexpr auto name = "_embedding_backward";
  static constexpr auto parameters =
      std::tuple(input("input"), input("indices"), attribute("rows", &EmbeddingBackward::rows).required(),
                 attribute("padding_idx", &EmbeddingBackward::padding_idx));
  static constexpr uint8_t forms = kFunction;
};
void infer(const EmbeddingBackward&, Specs in, Spec* out);

struct OneHot {
  int64_t num_classes = -1;
  static constexpr auto name = "one_hot";
  static constexpr auto parameters = std::tuple(input("tensor"), attribute("num_classes", &OneHot::num_classes));
  static constexpr uint32_t traits = kNotDifferentiable;
  static constexpr uint8_t forms = kFunction;
  static constexpr std::array outputs{data_dependent()};
};
void infer(const OneHot&, Specs in, Spec* out);

using IndexingRecords =
    Records<Index, IndexInteger, IndexPut, Nonzero, Argwhere, WhereCondition, MaskedSelect, MaskedScatter, Gather,
            Scatter, ScatterValue, ScatterAdd, ScatterReduce, TakeAlongDim, Take, IndexSelect, IndexAdd, IndexCopy,
            IndexFill, IndexWrite, Embedding, EmbeddingBackward, OneHot>;

}  // namespace tenon::inline v0
