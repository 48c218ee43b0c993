#include <tenon/ops/matmul.h>

#include <algorithm>

#include <tenon/core/rules.h>
#include <tenon/ops/checks.h>
#include <tenon/ops/functions.h>
#include <tenon/ops/register.h>
#include <tenon/ops/scaled.h>

namespace tenon::inline v0 {
namespace {

void check_same_dtype(const OpInfo& op, Specs in, int a, int b) {
  if (in[a].dtype == in[b].dtype) return;
  fail<DTypeError>(op.name, ": expected m1 and m2 to have the same dtype, but got: ", in[a].dtype, " != ", in[b].dtype,
                   "; ", describe_input(op, in, a), ", ", describe_input(op, in, b), "; convert one with .to(dtype)");
}

[[noreturn]] void inner_differ(const OpInfo& op, Specs in, int a, int b, Dim left, Dim right, const char* right_name) {
  fail<ShapeError>(op.name, ": inner dimensions differ: ", describe_input(op, in, a), ", ", describe_input(op, in, b),
                   "; ", op.parameters[static_cast<size_t>(a)].name, "'s last (", left, ") must equal ",
                   op.parameters[static_cast<size_t>(b)].name, "'s ", right_name, " (", right, ")");
}

void check_rank(const OpInfo& op, Specs in, int index, int64_t rank, const char* what) {
  if (in[index].dim() == rank) return;
  fail<ShapeError>(op.name, ": ", describe_input(op, in, index), ", and must be ", what, " (", rank, "D)");
}

// The product of the matrices or vectors at inputs `a` and `b`.
void infer_product(const OpInfo& op, Specs in, int a, int b, Spec* out) {
  const Shape &left = in[a].shape, &right = in[b].shape;
  if (left.empty() || right.empty()) {
    fail<ShapeError>(op.name, ": both arguments need to be at least 1D, but they are ", left.size(), "D and ",
                     right.size(), "D; multiply numbers with *");
  }
  check_same_dtype(op, in, a, b);
  out->dtype = in[a].dtype;
  const size_t m = left.size(), n = right.size();
  if (m == 2 && n == 2) {
    if (!(left[1] == right[0])) [[unlikely]]
      inner_differ(op, in, a, b, left[1], right[0], "first");
    out->shape.assign(left.data(), left.data() + 1);
    out->shape.push_back(right[1]);
    return;
  }
  const Dim inner = n == 1 ? right[0] : right[n - 2];
  if (!(left[m - 1] == inner)) [[unlikely]]
    inner_differ(op, in, a, b, left[m - 1], inner, n == 1 ? "only" : "second to last");
  const Shape left_batch(left.data(), left.data() + (m >= 2 ? m - 2 : 0)),
      right_batch(right.data(), right.data() + (n >= 2 ? n - 2 : 0));
  for (size_t i = 1; i <= std::min(left_batch.size(), right_batch.size()); ++i) {
    const Dim x = left_batch[left_batch.size() - i], y = right_batch[right_batch.size() - i];
    if (!(x == y) && !(x == Dim(1)) && !(y == Dim(1))) [[unlikely]] {
      fail<ShapeError>(op.name, ": batch dimensions do not broadcast: ", describe_input(op, in, a), ", ",
                       describe_input(op, in, b), "; ", x, " and ", y, " must be equal, or one of them 1");
    }
  }
  out->shape = broadcast_shapes(op.name, left_batch, right_batch);
  if (m >= 2) out->shape.push_back(left[m - 2]);
  if (n >= 2) out->shape.push_back(right[n - 1]);
}

// What is added to a product must broadcast to it.
void infer_added(const OpInfo& op, const Scalar& beta, const Scalar& alpha, Specs in, Spec* out) {
  infer_product(op, in, 1, 2, out);
  check_fits(op.name, "beta", beta, out->dtype);
  check_fits(op.name, "alpha", alpha, out->dtype);
  if (!(broadcast_shapes(op.name, in[0].shape, out->shape) == out->shape)) {
    fail<ShapeError>(op.name, ": ", describe_input(op, in, 0), ", which does not broadcast to the product's shape ",
                     out->shape);
  }
  if (in[0].dtype != out->dtype) {
    fail<DTypeError>(op.name, ": ", describe_input(op, in, 0), ", and the product is ", out->dtype,
                     "; self and mat2 must have the same dtype");
  }
}

}  // namespace

void infer(const Matmul&, Specs in, Spec* out) { infer_product(op<Matmul>(), in, 0, 1, out); }

void infer(const Mm&, Specs in, Spec* out) {
  check_rank(op<Mm>(), in, 0, 2, "a matrix");
  check_rank(op<Mm>(), in, 1, 2, "a matrix");
  infer_product(op<Mm>(), in, 0, 1, out);
}
void infer(const Bmm&, Specs in, Spec* out) {
  check_rank(op<Bmm>(), in, 0, 3, "a batch of matrices");
  check_rank(op<Bmm>(), in, 1, 3, "a batch of matrices");
  check<ShapeError>(in[0].shape[0] == in[1].shape[0], "bmm: batch sizes differ: input is ", in[0], ", mat2 is ", in[1],
                    "; matmul broadcasts batches");
  infer_product(op<Bmm>(), in, 0, 1, out);
}
void infer(const Mv&, Specs in, Spec* out) {
  check_rank(op<Mv>(), in, 0, 2, "a matrix");
  check_rank(op<Mv>(), in, 1, 1, "a vector");
  infer_product(op<Mv>(), in, 0, 1, out);
}
void infer(const Dot&, Specs in, Spec* out) {
  if (in[0].dim() != 1 || in[1].dim() != 1) {
    fail<ShapeError>("dot: 1D tensors expected, but got ", in[0].dim(), "D and ", in[1].dim(), "D tensors; input is ",
                     in[0], ", tensor is ", in[1], "; matmul multiplies matrices");
  }
  infer_product(op<Dot>(), in, 0, 1, out);
}

void infer(const Addmm& r, Specs in, Spec* out) {
  check_rank(op<Addmm>(), in, 1, 2, "a matrix");
  check_rank(op<Addmm>(), in, 2, 2, "a matrix");
  infer_added(op<Addmm>(), r.beta, r.alpha, in, out);
}
void infer(const Baddbmm& r, Specs in, Spec* out) {
  check_rank(op<Baddbmm>(), in, 1, 3, "a batch of matrices");
  check_rank(op<Baddbmm>(), in, 2, 3, "a batch of matrices");
  check<ShapeError>(in[1].shape[0] == in[2].shape[0], "baddbmm: batch sizes differ: batch1 is ", in[1], ", batch2 is ",
                    in[2]);
  infer_added(op<Baddbmm>(), r.beta, r.alpha, in, out);
}
void infer(const Addmv& r, Specs in, Spec* out) {
  check_rank(op<Addmv>(), in, 1, 2, "a matrix");
  check_rank(op<Addmv>(), in, 2, 1, "a vector");
  infer_added(op<Addmv>(), r.beta, r.alpha, in, out);
}

void infer(const Linear&, Specs in, Spec* out) {
  const Shape &x = in[0].shape, &w = in[1].shape;
  if (x.empty() || w.empty() || w.size() > 2) {
    fail<ShapeError>("linear: input is ", in[0], ", weight is ", in[1],
                     "; input must be (..., in_features), weight (out_features, in_features)");
  }
  check_same_dtype(op<Linear>(), in, 0, 1);
  if (!(x.back() == w.back())) {
    fail<ShapeError>("linear: inner dimensions differ: input is ", in[0], ", weight is ", in[1], "; input's last (",
                     x.back(), ") must equal weight's last (", w.back(), "), which is in_features");
  }
  out->dtype = in[0].dtype;
  out->shape.assign(x.data(), x.data() + x.size() - 1);
  if (w.size() == 2) out->shape.push_back(w[0]);
  if (!in.has(2)) return;
  check_same_dtype(op<Linear>(), in, 0, 2);
  const bool fits = in[2].shape.empty() ||
                    (w.size() == 2 && in[2].dim() == 1 && (in[2].shape[0] == w[0] || in[2].shape[0] == Dim(1)));
  check<ShapeError>(fits, "linear: bias is ", in[2], ", weight is ", in[1], "; bias must be (out_features,)");
}

static Tensor decompose(const Outer&, const Tensor& a, const Tensor& b) {
  check<ShapeError>(a.dim() == 1 && b.dim() == 1, "outer: Expected 1-D arguments; input is ", a, ", vec2 is ", b);
  return mul(unsqueeze(a, 1), b);
}

static Tensor decompose(const Inner&, const Tensor& a, const Tensor& b) {
  if (a.dim() == 0 || b.dim() == 0) return mul(a, b);
  check<ShapeError>(a.shape().back() == b.shape().back(), "inner: the last dimensions differ: input is ", a,
                    ", other is ", b);
  Shape shape(a.shape().begin(), a.shape().end() - 1);
  for (size_t i = 0; i + 1 < b.shape().size(); ++i) shape.push_back(b.shape()[i]);
  const auto as_rows = [](const Tensor& x) {
    Dim rows = 1;
    for (size_t i = 0; i + 1 < x.shape().size(); ++i) rows = rows * x.shape()[i];
    return reshape(x, Dims{rows, x.shape().back()});
  };
  return reshape(matmul(as_rows(a), transpose(as_rows(b), 0, 1)), shape);
}

static Tensor decompose(const Addr& r, const Tensor& x, const Tensor& a, const Tensor& b) {
  const Tensor product = scaled(outer(a, b), r.alpha);
  if (r.beta.to_complex() == 0.0) return product;  // NaNs in input do not count
  const Tensor sum = add(scaled(x, r.beta), product);
  check<ShapeError>(sum.shape() == product.shape(), "addr: input is ", x,
                    ", which does not broadcast to the product's shape ", product.shape());
  return sum;
}

void register_matmul(Registry& registry) {
  MatmulRecords::add_to(registry);
  registry.add_decomposition<Outer>();
  registry.add_decomposition<Inner>();
  registry.add_decomposition<Addr>();
}

}  // namespace tenon::inline v0
