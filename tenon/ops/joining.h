// Joining: ops that put tensors together, repeat them, or move their elements about.
#pragma once

#include <tenon/core/registry.h>

namespace tenon::inline v0 {

struct Cat {
  int64_t dim = 0;
  static constexpr auto name = "cat";
  static constexpr auto doc = "The tensors one after the other along `dim`.";
  static constexpr auto parameters = std::tuple(input_list("tensors"), attribute("dim", &Cat::dim));
  static constexpr uint8_t forms = kFunction | kOut;
};
void infer(const Cat&, Specs in, Spec* out);
struct Concat {
  int64_t dim = 0;
  static constexpr auto name = "concat";
  static constexpr auto parameters = std::tuple(input_list("tensors"), attribute("dim", &Concat::dim));
  static constexpr uint8_t forms = kFunction | kOut;
};
Tensor decompose(const Concat&, Inputs in);
struct Concatenate {
  int64_t dim = 0;
  static constexpr auto name = "concatenate";
  static constexpr auto parameters = std::tuple(input_list("tensors"), attribute("dim", &Concatenate::dim));
  static constexpr uint8_t forms = kFunction | kOut;
};
Tensor decompose(const Concatenate&, Inputs in);

struct Stack {
  int64_t dim = 0;
  static constexpr auto name = "stack";
  static constexpr auto parameters = std::tuple(input_list("tensors"), attribute("dim", &Stack::dim));
  static constexpr uint8_t forms = kFunction | kOut;
};
void infer(const Stack&, Specs in, Spec* out);

struct ListOp {
  static constexpr auto parameters = std::tuple(input_list("tensors"));
  static constexpr uint8_t forms = kFunction | kOut;
};
struct Hstack : ListOp {
  static constexpr auto name = "hstack";
};
Tensor decompose(const Hstack&, Inputs in);
struct Vstack : ListOp {
  static constexpr auto name = "vstack";
};
Tensor decompose(const Vstack&, Inputs in);
struct RowStack : ListOp {
  static constexpr auto name = "row_stack";
};
Tensor decompose(const RowStack&, Inputs in);
struct Dstack : ListOp {
  static constexpr auto name = "dstack";
};
Tensor decompose(const Dstack&, Inputs in);
struct ColumnStack : ListOp {
  static constexpr auto name = "column_stack";
};
Tensor decompose(const ColumnStack&, Inputs in);

struct AtleastOp {
  static constexpr auto parameters = std::tuple(input("input"));
  static constexpr uint8_t forms = kFunction;
  static constexpr std::array outputs{maybe_view_of(0)};
};
struct Atleast1d : AtleastOp {
  static constexpr auto name = "atleast_1d";
};
Tensor decompose(const Atleast1d&, const Tensor& input);
struct Atleast2d : AtleastOp {
  static constexpr auto name = "atleast_2d";
};
Tensor decompose(const Atleast2d&, const Tensor& input);
struct Atleast3d : AtleastOp {
  static constexpr auto name = "atleast_3d";
};
Tensor decompose(const Atleast3d&, const Tensor& input);

struct Meshgrid {
  std::string indexing = "ij";
  static constexpr auto name = "meshgrid";
  static constexpr auto parameters =
      std::tuple(input_list("tensors"), attribute("indexing", &Meshgrid::indexing).keyword());
  static constexpr uint32_t traits = kListOutput;
  static constexpr uint8_t forms = kFunction;
  static constexpr std::array outputs{views_of(kEachInput)};
};
std::vector<Tensor> decompose(const Meshgrid&, Inputs in);

struct BroadcastTensors {
  static constexpr auto name = "broadcast_tensors";
  static constexpr auto parameters = std::tuple(input_list("tensors"));
  static constexpr uint32_t traits = kListOutput;
  static constexpr uint8_t forms = kFunction;
  static constexpr std::array outputs{views_of(kEachInput)};
};
std::vector<Tensor> decompose(const BroadcastTensors&, Inputs in);

// ---- repetition ----

struct Repeat {
  Dims repeats;
  static constexpr auto name = "repeat";
  static constexpr auto parameters = std::tuple(input("input"), attribute("repeats", &Repeat::repeats).variadic());
  static constexpr uint8_t forms = kMethod;
};
Tensor decompose(const Repeat&, const Tensor& input);

struct Tile {
  Dims dims;
  static constexpr auto name = "tile";
  static constexpr auto parameters = std::tuple(input("input"), attribute("dims", &Tile::dims).variadic());
};
Tensor decompose(const Tile&, const Tensor& input);

struct RepeatInterleave {
  int64_t repeats = 1;
  std::optional<int64_t> dim;
  static constexpr auto name = "repeat_interleave";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("repeats", &RepeatInterleave::repeats).required(),
                 attribute("dim", &RepeatInterleave::dim));
};
Tensor decompose(const RepeatInterleave&, const Tensor& input);

struct RepeatInterleaveEach {
  std::optional<int64_t> dim;
  static constexpr auto name = "repeat_interleave";
  static constexpr auto overload = "tensor";
  static constexpr auto parameters =
      std::tuple(input("input"), input("repeats"), attribute("dim", &RepeatInterleaveEach::dim));
};
Tensor decompose(const RepeatInterleaveEach&, const Tensor& input, const Tensor& repeats);

// 0, 0, 1, 1, 1, ... with i standing repeats[i] times.
struct RepeatedIndices {
  static constexpr auto name = "_repeated_indices";
  static constexpr auto parameters = std::tuple(input("repeats"));
  static constexpr uint32_t traits = kNotDifferentiable;
  static constexpr uint8_t forms = kFunction;
  static constexpr std::array outputs{data_dependent()};
};
void infer(const RepeatedIndices&, Specs in, Spec* out);

// ---- order ----

struct Roll {
  Dims shifts, dims;
  static constexpr auto name = "roll";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("shifts", &Roll::shifts).required(), attribute("dims", &Roll::dims));
};
Tensor decompose(const Roll&, const Tensor& input);

struct Flip {
  Dims dims;
  static constexpr auto name = "flip";
  static constexpr auto parameters = std::tuple(input("input"), attribute("dims", &Flip::dims).variadic());
};
void infer(const Flip&, Specs in, Spec* out);
struct Fliplr {
  static constexpr auto name = "fliplr";
  static constexpr auto parameters = std::tuple(input("input"));
};
Tensor decompose(const Fliplr&, const Tensor& input);
struct Flipud {
  static constexpr auto name = "flipud";
  static constexpr auto parameters = std::tuple(input("input"));
};
Tensor decompose(const Flipud&, const Tensor& input);

struct Rot90 {
  int64_t k = 1;
  Dims dims{0, 1};
  static constexpr auto name = "rot90";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("k", &Rot90::k), attribute("dims", &Rot90::dims));
};
Tensor decompose(const Rot90&, const Tensor& input);

// ---- triangles and diagonals ----

struct Tril {
  int64_t diagonal = 0;
  static constexpr auto name = "tril";
  static constexpr auto parameters = std::tuple(input("input"), attribute("diagonal", &Tril::diagonal));
  static constexpr uint32_t traits = kDestinationMayAlias;
  static constexpr uint8_t forms = kFunction | kMethod | kInplace | kOut;
};
void infer(const Tril&, Specs in, Spec* out);
struct Triu {
  int64_t diagonal = 0;
  static constexpr auto name = "triu";
  static constexpr auto parameters = std::tuple(input("input"), attribute("diagonal", &Triu::diagonal));
  static constexpr uint32_t traits = kDestinationMayAlias;
  static constexpr uint8_t forms = kFunction | kMethod | kInplace | kOut;
};
void infer(const Triu&, Specs in, Spec* out);

struct Diag {
  int64_t diagonal = 0;
  static constexpr auto name = "diag";
  static constexpr auto parameters = std::tuple(input("input"), attribute("diagonal", &Diag::diagonal));
};
Tensor decompose(const Diag&, const Tensor& input);

struct DiagEmbed {
  int64_t offset = 0, dim1 = -2, dim2 = -1;
  static constexpr auto name = "diag_embed";
  static constexpr auto parameters =
      std::tuple(input("input"), attribute("offset", &DiagEmbed::offset), attribute("dim1", &DiagEmbed::dim1),
                 attribute("dim2", &DiagEmbed::dim2));
};
Tensor decompose(const DiagEmbed&, const Tensor& input);

struct Diagflat {
  int64_t offset = 0;
  static constexpr auto name = "diagflat";
  static constexpr auto parameters = std::tuple(input("input"), attribute("offset", &Diagflat::offset));
};
Tensor decompose(const Diagflat&, const Tensor& input);

struct BlockDiag {
  static constexpr auto name = "block_diag";
  static constexpr auto parameters = std::tuple(input_list("tensors"));
  static constexpr uint8_t forms = kFunction;
};
Tensor decompose(const BlockDiag&, Inputs in);

// ---- padding ----

// Pairs (before, after) from the last dimension on; a negative one cuts off.
struct ConstantPad {
  Dims pad;
  Scalar value = 0;
  static constexpr auto name = "constant_pad_nd";
  static constexpr auto parameters = std::tuple(input("input"), attribute("pad", &ConstantPad::pad).required(),
                                                attribute("value", &ConstantPad::value));
  static constexpr uint8_t forms = kFunction;
};
void infer(const ConstantPad&, Specs in, Spec* out);

// nn.functional.pad: modes constant, reflect, replicate and circular.
struct Pad {
  Dims pad;
  std::string mode = "constant";
  std::optional<Scalar> value;
  static constexpr auto name = "pad";
  static constexpr auto parameters = std::tuple(input("input"), attribute("pad", &Pad::pad).required(),
                                                attribute("mode", &Pad::mode), attribute("value", &Pad::value));
  static constexpr uint8_t forms = kFunction;
};
Tensor decompose(const Pad&, const Tensor& input);

// ---- a part replaced, in a new tensor ----

struct SelectScatter {
  int64_t dim = 0, index = 0;
  static constexpr auto name = "select_scatter";
  static constexpr auto parameters =
      std::tuple(input("input"), input("src"), attribute("dim", &SelectScatter::dim).required(),
                 attribute("index", &SelectScatter::index).required());
};
Tensor decompose(const SelectScatter&, const Tensor& input, const Tensor& src);
struct SliceScatter {
  int64_t dim = 0;
  std::optional<int64_t> start, end;
  int64_t step = 1;
  static constexpr auto name = "slice_scatter";
  static constexpr auto parameters = std::tuple(
      input("input"), input("src"), attribute("dim", &SliceScatter::dim), attribute("start", &SliceScatter::start),
      attribute("end", &SliceScatter::end), attribute("step", &SliceScatter::step));
};
Tensor decompose(const SliceScatter&, const Tensor& input, const Tensor& src);
struct DiagonalScatter {
  int64_t offset = 0, dim1 = 0, dim2 = 1;
  static constexpr auto name = "diagonal_scatter";
  static constexpr auto parameters =
      std::tuple(input("input"), input("src"), attribute("offset", &DiagonalScatter::offset),
                 attribute("dim1", &DiagonalScatter::dim1), attribute("dim2", &DiagonalScatter::dim2));
};
Tensor decompose(const DiagonalScatter&, const Tensor& input, const Tensor& src);

using JoiningRecords =
    Records<Cat, Concat, Concatenate, Stack, Hstack, Vstack, RowStack, Dstack, ColumnStack, Atleast1d, Atleast2d,
            Atleast3d, Meshgrid, BroadcastTensors, Repeat, Tile, RepeatInterleave, RepeatInterleaveEach,
            RepeatedIndices, Roll, Flip, Fliplr, Flipud, Rot90, Tril, Triu, Diag, DiagEmbed, Diagflat, BlockDiag,
            ConstantPad, Pad, SelectScatter, SliceScatter, DiagonalScatter>;

}  // namespace tenon::inline v0
