#include <tenon/ops/contraction.h>

#include <algorithm>
#include <array>
#include <limits>

#include <tenon/core/door.h>
#include <tenon/core/rules.h>
#include <tenon/ops/functions.h>
#include <tenon/ops/register.h>

namespace tenon::inline v0 {
namespace {

// ---- einsum: what the equation says ----
// A label is a letter, or one of the dimensions that '...' stands for, counted from the last.

constexpr int kLetters = 52, kEllipsis = kLetters;  // labels from kEllipsis on belong to '...'
constexpr int kMostLabels = kLetters + kMaxKernelDims;
using Labels = std::vector<int>;

int label_of(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  return -1;
}
std::string spelled(int label) {
  if (label >= kEllipsis) return "...";
  return std::string(1, static_cast<char>(label < 26 ? 'A' + label : 'a' + label - 26));
}

struct Term {  // an operand, or what was made of several
  Tensor value;
  Labels labels;
};

struct Equation {
  std::vector<std::string> operands;
  std::optional<std::string> output;
};

Equation split_equation(const std::string& text) {
  Equation out;
  std::string part;
  bool after_arrow = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == ' ') continue;
    if (c == ',' && !after_arrow) {
      out.operands.push_back(std::move(part));
      part.clear();
    } else if (c == '-' && i + 1 < text.size() && text[i + 1] == '>' && !after_arrow) {
      out.operands.push_back(std::move(part));
      part.clear();
      after_arrow = true;
      ++i;
    } else {
      check<ValueError>(label_of(c) >= 0 || c == '.', "einsum: '", std::string(1, c), "' at position ", i, " of '",
                        text, "' is no letter; labels are letters, operands are parted by ',', and '->' comes once");
      part += c;
    }
  }
  if (after_arrow)
    out.output = part;
  else
    out.operands.push_back(part);
  return out;
}

// The labels of an operand with `extra` dimensions in its '...'.
Labels read_labels(const std::string& equation, const std::string& part, int64_t extra) {
  Labels out;
  bool seen = false;
  for (size_t i = 0; i < part.size(); ++i) {
    if (part[i] != '.') {
      out.push_back(label_of(part[i]));
      continue;
    }
    check<ValueError>(!seen && part.compare(i, 3, "...") == 0, "einsum: '", part, "' in '", equation,
                      "' has a stray '.'; write '...' at most once an operand");
    seen = true;
    i += 2;
    for (int64_t d = extra; d-- > 0;) out.push_back(kEllipsis + static_cast<int>(d));
  }
  return out;
}

int64_t letters_in(const std::string& part) {
  return static_cast<int64_t>(std::count_if(part.begin(), part.end(), [](char c) { return c != '.'; }));
}

bool has(const Labels& labels, int label) { return std::find(labels.begin(), labels.end(), label) != labels.end(); }

// A label that an operand repeats means its diagonal.
Term take_diagonals(const std::string& equation, Tensor value, const Labels& labels) {
  Term out{std::move(value), {}};
  for (const int label : labels) {
    const auto at = std::find(out.labels.begin(), out.labels.end(), label);
    if (at == out.labels.end()) {
      out.labels.push_back(label);
      continue;
    }
    const int64_t first = at - out.labels.begin(), second = static_cast<int64_t>(out.labels.size());
    check<ShapeError>(out.value.shape()[static_cast<size_t>(first)] == out.value.shape()[static_cast<size_t>(second)],
                      "einsum: label '", spelled(label), "' is repeated in one operand of '", equation,
                      "', whose dimensions differ: ", out.value.shape());
    // The diagonal is the last dimension; it belongs where the label came first.
    out.value = movedim(diagonal(out.value, 0, first, second), {Dim(-1)}, {Dim(first)});
  }
  return out;
}

// ---- einsum: the order of products ----

using Sizes = std::array<double, kMostLabels>;

// What a product costs: the sizes of all its labels multiplied.
double cost_of(const Labels& a, const Labels& b, const Sizes& sizes) {
  double cost = 1;
  for (const int label : a) cost *= sizes[static_cast<size_t>(label)];
  for (const int label : b) {
    if (!has(a, label)) cost *= sizes[static_cast<size_t>(label)];
  }
  return cost;
}

// The labels of the product of terms i and j: those that the result or another term still needs.
Labels kept_labels(const std::vector<Term>& terms, size_t i, size_t j, const Labels& output) {
  Labels out;
  for (const size_t of : {i, j}) {
    for (const int label : terms[of].labels) {
      bool wanted = has(output, label);
      for (size_t k = 0; k < terms.size(); ++k) wanted |= k != i && k != j && has(terms[k].labels, label);
      if (wanted && !has(out, label)) out.push_back(label);
    }
  }
  return out;
}

// The pair whose product is best taken next: the result should be small beside what it replaces, the work little.
std::pair<size_t, size_t> next_pair(const std::vector<Term>& terms, const Labels& output, const Sizes& sizes) {
  std::pair<size_t, size_t> best{0, 1};
  double best_score = std::numeric_limits<double>::infinity(), best_cost = best_score;
  const auto size = [&](const Labels& labels) { return cost_of(labels, {}, sizes); };
  for (size_t i = 0; i < terms.size(); ++i) {
    for (size_t j = i + 1; j < terms.size(); ++j) {
      const Labels& a = terms[i].labels;
      const Labels& b = terms[j].labels;
      const double score = size(kept_labels(terms, i, j, output)) - size(a) - size(b), cost = cost_of(a, b, sizes);
      if (score < best_score || (score == best_score && cost < best_cost)) {
        best = {i, j};
        best_score = score, best_cost = cost;
      }
    }
  }
  return best;
}

// ---- einsum: one product ----

Dim size_of_label(const Term& t, int label) {
  const auto at = std::find(t.labels.begin(), t.labels.end(), label);
  return t.value.shape()[static_cast<size_t>(at - t.labels.begin())];
}

Term without(Term t, const Labels& drop) {
  if (drop.empty()) return t;
  Dims dims;
  Labels left;
  for (size_t i = 0; i < t.labels.size(); ++i) {
    if (has(drop, t.labels[i]))
      dims.push_back(Dim(i));
    else
      left.push_back(t.labels[i]);
  }
  return {sum(t.value, dims, false, t.value.dtype()), left};
}

// Without the labels of size 1 that `other` has in another size: there they broadcast.
Term without_stretched(const Term& t, const Term& other) {
  Labels drop;
  for (const int label : t.labels) {
    if (has(other.labels, label) && size_of_label(t, label) == Dim(1) && !(size_of_label(other, label) == Dim(1)))
      drop.push_back(label);
  }
  return without(t, drop);
}

// Without the labels that neither the other operand nor the result has: their sum comes first.
Term without_unshared(const Term& t, const Term& other, const Labels& kept) {
  Labels drop;
  for (const int label : t.labels) {
    if (!has(other.labels, label) && !has(kept, label)) drop.push_back(label);
  }
  return without(t, drop);
}

Tensor arranged(const Term& t, const Labels& order) {
  Dims dims;
  for (const int label : order)
    dims.push_back(Dim(std::find(t.labels.begin(), t.labels.end(), label) - t.labels.begin()));
  return permute(t.value, dims);
}

Dim product_of(const Term& t, const Labels& labels) {
  Dim n = 1;
  for (const int label : labels) n = n * size_of_label(t, label);
  return n;
}

// The product of two terms with the labels of `kept`: a product of matrices, batched where both keep a label.
Term multiply(const Term& x, const Term& y, const Labels& kept) {
  Term a = without_stretched(x, y), b = without_stretched(y, x);
  a = without_unshared(a, b, kept);
  b = without_unshared(b, a, kept);
  Labels batch, summed, rows, columns;
  for (const int label : a.labels) (!has(b.labels, label) ? rows : has(kept, label) ? batch : summed).push_back(label);
  for (const int label : b.labels) {
    if (!has(a.labels, label)) columns.push_back(label);
  }
  const auto joined = [](Labels x, const Labels& y, const Labels& z) {
    x.insert(x.end(), y.begin(), y.end());
    x.insert(x.end(), z.begin(), z.end());
    return x;
  };
  Dims sizes;
  for (const int label : batch) sizes.push_back(size_of_label(a, label));
  for (const int label : rows) sizes.push_back(size_of_label(a, label));
  for (const int label : columns) sizes.push_back(size_of_label(b, label));
  const Dim n = product_of(a, batch), m = product_of(a, rows), k = product_of(a, summed), p = product_of(b, columns);
  const Tensor left = reshape(arranged(a, joined(batch, rows, summed)), {n, m, k});
  const Tensor right = reshape(arranged(b, joined(batch, summed, columns)), {n, k, p});
  const Tensor product = summed.empty() ? mul(left, right) : batch.empty() ? matmul(left, right) : bmm(left, right);
  return {reshape(product, sizes), joined(batch, rows, columns)};
}

// ---- einsum: the whole ----

Labels implicit_output(const std::vector<Labels>& operands, int64_t extra) {
  std::array<int, kMostLabels> count{};
  for (const Labels& labels : operands) {
    for (const int label : labels) ++count[static_cast<size_t>(label)];
  }
  Labels out;
  for (int64_t d = extra; d-- > 0;) out.push_back(kEllipsis + static_cast<int>(d));
  for (int label = 0; label < kLetters; ++label) {  // in alphabetical order, capitals first
    if (count[static_cast<size_t>(label)] == 1) out.push_back(label);
  }
  return out;
}

// Sizes that a label has in several operands agree, or are 1. For the order of products alone, a size that is
// unknown counts as a typical one.
Sizes check_sizes(const std::string& equation, const std::vector<Term>& terms) {
  constexpr double kTypical = 64;
  Sizes sizes;
  sizes.fill(1);
  std::array<Dim, kMostLabels> seen{};
  seen.fill(1);
  for (const Term& t : terms) {
    for (size_t i = 0; i < t.labels.size(); ++i) {
      Dim& known = seen[static_cast<size_t>(t.labels[i])];
      const Dim size = t.value.shape()[i];
      if (size == Dim(1)) continue;
      check<ShapeError>(known == Dim(1) || known == size, "einsum: label '", spelled(t.labels[i]), "' of '", equation,
                        "' stands for sizes ", known, " and ", size, "; they must be equal, or one of them 1");
      known = size;
      sizes[static_cast<size_t>(t.labels[i])] = size.is_symbolic() ? kTypical : static_cast<double>(size.value());
    }
  }
  return sizes;
}

}  // namespace

Tensor decompose(const Einsum& r, Inputs in) {
  check<ValueError>(in.size() > 0, "einsum: there is no operand; pass as many as '", r.equation, "' names");
  const Equation equation = split_equation(r.equation);
  check<ValueError>(static_cast<int>(equation.operands.size()) == in.size(), "einsum: '", r.equation, "' names ",
                    equation.operands.size(), " operands, and ", in.size(), " are given");
  std::vector<Labels> labels;
  int64_t extra = 0;
  for (int i = 0; i < in.size(); ++i) {
    const std::string& part = equation.operands[static_cast<size_t>(i)];
    const int64_t rest = in[i].dim() - letters_in(part);
    const bool ellipsis = part.find('.') != std::string::npos;
    check<ShapeError>(ellipsis ? rest >= 0 : rest == 0, "einsum: '", part, "' in '", r.equation, "' has ",
                      letters_in(part), " labels, and operand ", i, " has ", in[i].dim(),
                      " dimensions: ", in[i].spec());
    labels.push_back(read_labels(r.equation, part, rest));
    if (ellipsis) extra = std::max(extra, rest);
  }
  const Labels output =
      equation.output ? read_labels(r.equation, *equation.output, extra) : implicit_output(labels, extra);
  for (size_t i = 0; i < output.size(); ++i) {
    bool known = false;
    for (const Labels& each : labels) known |= has(each, output[i]);
    check<ValueError>(known || output[i] >= kEllipsis, "einsum: label '", spelled(output[i]), "' of the result of '",
                      r.equation, "' is in no operand");
    check<ValueError>(std::count(output.begin(), output.end(), output[i]) == 1, "einsum: the result of '", r.equation,
                      "' names '", spelled(output[i]), "' twice");
  }
  std::vector<Term> terms;
  for (int i = 0; i < in.size(); ++i)
    terms.push_back(take_diagonals(r.equation, in[i], labels[static_cast<size_t>(i)]));
  const Sizes sizes = check_sizes(r.equation, terms);
  while (terms.size() > 1) {
    const auto [i, j] = next_pair(terms, output, sizes);
    Term product = multiply(terms[i], terms[j], kept_labels(terms, i, j, output));
    terms.erase(terms.begin() + static_cast<std::ptrdiff_t>(j));
    terms[i] = std::move(product);
  }
  Labels drop;
  for (const int label : terms[0].labels) {
    if (!has(output, label)) drop.push_back(label);
  }
  return arranged(without(std::move(terms[0]), drop), output);
}

// ---- tensordot and the other products ----

Tensor decompose(const Tensordot& r, const Tensor& a, const Tensor& b) {
  check<ValueError>(r.dims >= 0 && r.dims <= a.dim() && r.dims <= b.dim(), "tensordot: dims is ", r.dims,
                    ", and must be from 0 to the number of dimensions of both: a is ", a.spec(), ", b is ", b.spec());
  Dims of_a, of_b;
  for (int64_t i = 0; i < r.dims; ++i) {
    of_a.push_back(a.dim() - r.dims + i);
    of_b.push_back(i);
  }
  return tensordot(a, b, of_a, of_b);
}

Tensor decompose(const TensordotOver& r, const Tensor& a, const Tensor& b) {
  check<ValueError>(r.dims_a.size() == r.dims_b.size(),
                    "tensordot: both dimension lists should have the same length: ", r.dims_a, " and ", r.dims_b);
  const Dims over_a = normalize_dims("tensordot", r.dims_a, a.dim(), false),
             over_b = normalize_dims("tensordot", r.dims_b, b.dim(), false);
  Labels first, second(static_cast<size_t>(b.dim()), -1), output;
  for (int64_t i = 0; i < a.dim(); ++i) first.push_back(static_cast<int>(i));
  for (size_t i = 0; i < over_a.size(); ++i) {
    const auto x = static_cast<size_t>(over_a[i].value()), y = static_cast<size_t>(over_b[i].value());
    check<ShapeError>(a.shape()[x] == b.shape()[y] || a.shape()[x] == Dim(1) || b.shape()[y] == Dim(1),
                      "tensordot: contracted dimensions need to match: dim ", x, " of a is ", a.shape()[x], ", dim ", y,
                      " of b is ", b.shape()[y]);
    second[y] = static_cast<int>(x);
  }
  for (int64_t i = 0; i < a.dim(); ++i) {
    if (std::find(over_a.begin(), over_a.end(), Dim(i)) == over_a.end()) output.push_back(static_cast<int>(i));
  }
  for (size_t i = 0; i < second.size(); ++i) {
    if (second[i] < 0) output.push_back(second[i] = static_cast<int>(a.dim()) + static_cast<int>(i));
  }
  return arranged(multiply({a, first}, {b, second}, output), output);
}

Tensor decompose(const Kron&, const Tensor& input, const Tensor& other) {
  const int64_t n = std::max(input.dim(), other.dim());
  check<ShapeError>(2 * n <= kMaxKernelDims, "kron: ", n, " dimensions are too many; it takes at most ",
                    kMaxKernelDims / 2);
  // Sizes (a0, 1, a1, 1, ...) and (1, b0, 1, b1, ...).
  Shape a, b, result;
  for (int64_t i = 0; i < n; ++i) {
    const auto size = [&](const Tensor& x) {
      return i < n - x.dim() ? Dim(1) : x.shape()[static_cast<size_t>(i - n + x.dim())];
    };
    a.push_back(size(input)), a.push_back(1);
    b.push_back(1), b.push_back(size(other));
    result.push_back(size(input) * size(other));
  }
  return reshape(mul(reshape(input, a), reshape(other, b)), result);
}

Tensor decompose(const Trace&, const Tensor& input) {
  check<ShapeError>(input.dim() == 2, "trace: expected a matrix, but got tensor with dim ", input.dim(), ": input is ",
                    input.spec());
  return sum(diagonal(input));
}

Tensor decompose(const Vdot&, const Tensor& input, const Tensor& other) { return dot(input, other); }

Tensor decompose(const Cross& r, const Tensor& input, const Tensor& other) {
  const Shape shape = broadcast_shapes("cross", input.shape(), other.shape());
  int64_t dim = -1;
  if (r.dim) {
    dim = wrap_dim("cross", *r.dim, static_cast<int64_t>(shape.size()));
  } else {
    const auto at = std::find(shape.begin(), shape.end(), Dim(3));
    check<ShapeError>(at != shape.end(), "cross: no dimension of size 3 in input: ", shape);
    dim = at - shape.begin();
  }
  check<ShapeError>(shape[static_cast<size_t>(dim)] == Dim(3), "cross: dimension ", dim, " of ", shape,
                    " does not have size 3; pass dim=");
  const Tensor a = expand(input, shape), b = expand(other, shape);
  const auto turned = [&](const Tensor& x, int64_t by) { return roll(x, {Dim(by)}, {Dim(dim)}); };
  return sub(mul(turned(a, -1), turned(b, -2)), mul(turned(a, -2), turned(b, -1)));
}

Tensor decompose(const Addbmm& r, const Tensor& input, const Tensor& batch1, const Tensor& batch2) {
  check<ShapeError>(batch1.dim() == 3 && batch2.dim() == 3, "addbmm: batch1 and batch2 must be 3-D: ", batch1.spec(),
                    " and ", batch2.spec());
  check<ShapeError>(batch1.shape()[0] == batch2.shape()[0] && batch1.shape()[2] == batch2.shape()[1],
                    "addbmm: batch1 and batch2 must have the same number of batches, and inner sizes that match: ",
                    batch1.spec(), " and ", batch2.spec());
  // [i, j, k] to (j, i k): the sum over the batch is part of one product.
  const Dim n = batch1.shape()[0], rows = batch1.shape()[1], inner = batch1.shape()[2], columns = batch2.shape()[2];
  return addmm(input, reshape(permute(batch1, {1, 0, 2}), {rows, n * inner}), reshape(batch2, {n * inner, columns}),
               r.beta, r.alpha);
}

Tensor decompose(const ChainMatmul&, Inputs in) {
  check<ValueError>(in.size() > 0, "chain_matmul: expected one or more matrices");
  std::vector<Tensor> operands;
  std::string equation;
  check<ValueError>(in.size() < kLetters, "chain_matmul: ", in.size(), " matrices; it takes at most ", kLetters - 1);
  for (int i = 0; i < in.size(); ++i) {
    check<ShapeError>(in[i].dim() == 2, "chain_matmul: tensor ", i, " is ", in[i].spec(), ", and must be a matrix");
    operands.push_back(in[i]);
    equation += (i > 0 ? "," : "") + spelled(i) + spelled(i + 1);
  }
  return einsum(equation + "->" + spelled(0) + spelled(in.size()), operands);
}

Tensor decompose(const Cdist& r, const Tensor& x1, const Tensor& x2) {
  check<ShapeError>(x1.dim() >= 2 && x2.dim() >= 2, "cdist: x1 and x2 need at least two dimensions: ", x1.spec(),
                    " and ", x2.spec());
  check<ShapeError>(x1.shape().back() == x2.shape().back(),
                    "cdist: x1 and x2 must have the same number of columns: ", x1.spec(), " and ", x2.spec());
  check<ValueError>(r.p >= 0, "cdist: p is ", r.p, ", and must not be negative");
  const bool never = r.compute_mode == "donot_use_mm_for_euclid_dist",
             always = r.compute_mode == "use_mm_for_euclid_dist";
  check<ValueError>(never || always || r.compute_mode == "use_mm_for_euclid_dist_if_necessary",
                    "cdist: compute_mode is '", r.compute_mode,
                    "'; it must be 'use_mm_for_euclid_dist_if_necessary', 'use_mm_for_euclid_dist' or "
                    "'donot_use_mm_for_euclid_dist'");
  const auto is_long = [](Dim n) { return n.is_symbolic() || n.value() > 25; };
  const bool by_product = r.p == 2 && (always || (!never && (is_long(x1.shape()[x1.shape().size() - 2]) ||
                                                             is_long(x2.shape()[x2.shape().size() - 2]))));
  if (!by_product) return norm(sub(unsqueeze(x1, -2), unsqueeze(x2, -3)), Scalar(r.p), DimsArg(-1));
  // |a - b|^2 = |a|^2 - 2 a b + |b|^2; rounding may leave it below zero. At distance 0 the gradient is 0, as that of
  // norm is, and not the root's.
  const Tensor lengths = add(sum(square(x1), -1, true), transpose(sum(square(x2), -1, true), -1, -2));
  const Tensor squares = sub(lengths, mul(matmul(x1, transpose(x2, -1, -2)), 2.0));
  const Tensor apart = gt(squares, 0);
  return where(apart, sqrt(where(apart, squares, 1.0)), 0.0);
}

void register_contraction(Registry& r) {
  r.add_decomposition<Einsum>();
  r.add_decomposition<Tensordot>();
  r.add_decomposition<TensordotOver>();
  r.add_decomposition<Kron>();
  r.add_decomposition<Trace>();
  r.add_decomposition<Vdot>();
  r.add_decomposition<Cross>();
  r.add_decomposition<Addbmm>();
  r.add_decomposition<ChainMatmul>();
  r.add_decomposition<Cdist>();
}

}  // namespace tenon::inline v0
