#include <tenon/ops/sorting.h>

#include <tenon/core/door.h>
#include <tenon/core/rules.h>
#include <tenon/ops/functions.h>
#include <tenon/ops/register.h>

namespace tenon::inline v0 {

namespace {

void check_ordered(const char* op, DType dtype) {
  check<DTypeError>(!is_complex(dtype), op, ": complex numbers have no order; sort their abs() or real part");
}

}  // namespace

void infer(const Sort& r, Specs in, Spec* out) {
  check_ordered("sort", in[0].dtype);
  wrap_dim("sort", r.dim, in[0].dim());
  out[0].shape = out[1].shape = in[0].shape;
  out[0].dtype = in[0].dtype;
  out[1].dtype = DType::Int64;
}

void infer(const Topk& r, Specs in, Spec* out) {
  check_ordered("topk", in[0].dtype);
  const int64_t dim = wrap_dim("topk", r.dim, in[0].dim());
  const int64_t size = in[0].dim() == 0 ? 1 : in[0].shape[static_cast<size_t>(dim)].value();
  check<ValueError>(r.k >= 0 && r.k <= size, "topk: k is ", r.k, ", and dimension ", r.dim, " of input ", in[0],
                    " has ", size, " elements; k must be between 0 and that");
  out[0].shape = in[0].shape;
  if (in[0].dim() > 0) out[0].shape[static_cast<size_t>(dim)] = r.k;
  out[1].shape = out[0].shape;
  out[0].dtype = in[0].dtype;
  out[1].dtype = DType::Int64;
}

void infer(const Searchsorted& r, Specs in, Spec* out) {
  const Spec &rows = in[0], &values = in[1];
  if (r.side) {
    check<ValueError>(*r.side == "left" || *r.side == "right", "searchsorted: side is '", *r.side,
                      "'; it must be 'left' or 'right'");
    check<ValueError>(!r.right || *r.side == "right",
                      "searchsorted: side='left' and right=True contradict each other; give one of them");
  }
  check<ShapeError>(rows.dim() > 0, "searchsorted: sorted_sequence must have at least one dimension; it is ", rows);
  check_ordered("searchsorted", rows.dtype);
  check<DTypeError>(values.weak || rows.dtype == values.dtype,
                    "searchsorted: sorted_sequence and input must have one dtype: sorted_sequence is ", rows,
                    ", input is ", values, "; convert one with .to(dtype)");
  bool match = rows.dim() == values.dim();
  for (size_t i = 0; match && i + 1 < rows.shape.size(); ++i) match = rows.shape[i] == values.shape[i];
  check<ShapeError>(rows.dim() == 1 || match,
                    "searchsorted: sorted_sequence must have one dimension, or the sizes of input in all but the last: "
                    "sorted_sequence is ",
                    rows, ", input is ", values);
  out->shape = values.shape;
  out->dtype = r.out_int32 ? DType::Int32 : DType::Int64;
}

void infer(const Bincount& r, Specs in, Spec* out) {
  check<ValueError>(r.minlength >= 0, "bincount: minlength is ", r.minlength, "; it must not be negative");
  check<ShapeError>(in[0].dim() == 1, "bincount: input must have one dimension; it is ", in[0]);
  check<DTypeError>(is_integral(in[0].dtype), "bincount: input must be integers; it is ", in[0]);
  if (in.has(1)) {
    check<ShapeError>(in[1].shape == in[0].shape, "bincount: weights must have the shape of input: input is ", in[0],
                      ", weights are ", in[1]);
    out->dtype = in[1].dtype == DType::Float32 ? DType::Float32 : DType::Float64;
  } else {
    out->dtype = DType::Int64;
  }
  out->shape = Shape{Dim(-1)};
}

void infer(const UniqueAll& r, Specs in, Spec* out) {
  if (r.dim) wrap_dim("unique", *r.dim, in[0].dim());
  out[0].dtype = in[0].dtype;
  out[1].dtype = out[2].dtype = DType::Int64;
  for (int i = 0; i < 3; ++i) out[i].shape = Shape{Dim(-1)};
}

Tensor decompose(const Argsort& r, const Tensor& input) {
  return apply_all(Sort{{}, r.dim, r.descending, r.stable}, input)[1];
}

Tensor decompose(const Msort&, const Tensor& input) { return apply_all(Sort{{}, 0, false, false}, input)[0]; }

std::tuple<Tensor, Tensor> decompose(const Kthvalue& r, const Tensor& input) {
  const int64_t dim = wrap_dim("kthvalue", r.dim, input.dim());
  const int64_t size = input.dim() == 0 ? 1 : input.size(dim);
  check<ValueError>(r.k >= 1 && r.k <= size, "kthvalue: k is ", r.k, ", and dimension ", r.dim, " of input ", input,
                    " has ", size, " elements; k counts from 1");
  auto sorted = apply_all(Sort{{}, dim, false, true}, input);
  if (input.dim() == 0) return {sorted[0], sorted[1]};
  const auto pick = [&](const Tensor& t) {
    const Tensor kept = narrow(t, dim, r.k - 1, 1);
    return r.keepdim ? kept : squeeze(kept, dim);
  };
  return {pick(sorted[0]), pick(sorted[1])};
}

Tensor decompose(const Bucketize& r, const Tensor& input, const Tensor& boundaries) {
  Searchsorted search;
  search.out_int32 = r.out_int32;
  search.right = r.right;
  return apply(search, boundaries, input);
}

void register_sorting(Registry& registry) {
  SortingRecords::add_to(registry);
  registry.add_decomposition<Argsort>();
  registry.add_decomposition<Msort>();
  registry.add_decomposition<Kthvalue>();
  registry.add_decomposition<Bucketize>();
}

}  // namespace tenon::inline v0
