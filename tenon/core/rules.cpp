#include <tenon/core/rules.h>

namespace tenon::inline v0 {

DType result_type(Specs in) {
  // The common case first: everything has one dtype and nothing is weak.
  bool alike = in.size() > 0;
  for (int i = 0; i < in.size() && alike; ++i) alike = in.has(i) && in[i].dtype == in[0].dtype && !in[i].weak;
  if (alike) return in[0].dtype;
  constexpr int kNone = -1;
  int dims = kNone, zero = kNone, weak = kNone;
  const auto join = [](int& into, DType dtype) {
    into = into == kNone ? static_cast<int>(dtype) : static_cast<int>(promote(static_cast<DType>(into), dtype));
  };
  for (int i = 0; i < in.size(); ++i) {
    if (!in.has(i)) continue;
    const Spec& s = in[i];
    join(s.weak ? weak : s.shape.empty() ? zero : dims, s.dtype);
  }
  // A lower-priority group takes part only when it is of a higher kind.
  const auto combine = [](int high, int low) {
    if (high == kNone) return low;
    if (low == kNone) return high;
    const DType h = static_cast<DType>(high), l = static_cast<DType>(low);
    if (info(l).kind <= info(h).kind) return high;
    if (info(l).kind == Kind::Complex && info(h).kind == Kind::Float) {
      return static_cast<int>(h == DType::Float64 ? DType::Complex128 : DType::Complex64);
    }
    return static_cast<int>(promote(h, l));
  };
  const int result = combine(combine(dims, zero), weak);
  return result == kNone ? default_dtype() : static_cast<DType>(result);
}

DType float_result_type(Specs in) {
  const DType dtype = result_type(in);
  return is_integral(dtype) ? default_dtype() : dtype;
}

Shape broadcast_shapes(const char* op, const Shape& a, const Shape& b) {
  if (a == b) return a;
  const Shape& longer = a.size() >= b.size() ? a : b;
  const Shape& shorter = a.size() >= b.size() ? b : a;
  Shape out = longer;
  const size_t skip = longer.size() - shorter.size();
  for (size_t i = 0; i < shorter.size(); ++i) {
    const Dim x = longer[skip + i], y = shorter[i];
    if (x == y || y == Dim(1)) continue;
    if (x == Dim(1)) {
      out[skip + i] = y;
      continue;
    }
    // A symbol is taken to be no 1, which would broadcast; so both must be the same.
    if (require_equal(op, x, y)) {
      if (x.is_symbolic()) out[skip + i] = y;
      continue;
    }
    fail<ShapeError>(op, ": shapes ", a, " and ", b, " do not broadcast: The size of tensor a (",
                     a.size() >= b.size() ? x : y, ") must match the size of tensor b (", a.size() >= b.size() ? y : x,
                     ") at non-singleton dimension ", skip + i, "; make them equal or 1, with unsqueeze or reshape");
  }
  return out;
}

Shape broadcast_shapes(const char* op, Specs in) {
  Shape out;
  bool first = true;
  for (int i = 0; i < in.size(); ++i) {
    if (!in.has(i)) continue;
    if (first)
      out = in[i].shape;
    else if (!(in[i].shape == out) && !in[i].shape.empty())
      out = broadcast_shapes(op, out, in[i].shape);
    first = false;
  }
  return out;
}

std::string describe_input(const OpInfo& op, Specs in, int index) {
  for (const ParameterInfo& p : op.parameters) {
    if (p.kind != ParameterKind::Attribute && p.kind != ParameterKind::InputList && p.input_index == index) {
      return text(p.name, " is ", in.has(index) ? to_text(in[index]) : std::string("None"));
    }
  }
  return text("input ", index, " is ", in.has(index) ? to_text(in[index]) : std::string("None"));
}

Dims normalize_dims(const char* op, const Dims& dims, int64_t ndim, bool empty_is_all) {
  Dims out;
  if (dims.empty() && empty_is_all) {
    for (int64_t i = 0; i < ndim; ++i) out.push_back(i);
    return out;
  }
  for (Dim d : dims) {
    const int64_t wrapped = wrap_dim(op, d.value(), ndim);
    for (Dim seen : out)
      check<ValueError>(!(seen == Dim(wrapped)), op, ": dim ", wrapped, " appears multiple times in the list of dims ",
                        dims);
    if (ndim > 0) out.push_back(wrapped);
  }
  return out;
}

Shape reduced_shape(const Shape& in, const Dims& dims, bool keepdim) {
  Shape out;
  for (size_t i = 0; i < in.size(); ++i) {
    bool reduced = false;
    for (Dim d : dims) reduced |= d == Dim(i);
    if (!reduced)
      out.push_back(in[i]);
    else if (keepdim)
      out.push_back(1);
  }
  return out;
}

bool require_at_least(const char* op, Dim dim, Dim least) {
  if (!dim.is_symbolic() && !least.is_symbolic()) return dim.raw() >= least.raw();
  const auto [low, high] = (dim - least).bounds();
  return low >= 0 || (high >= 0 && require_equal(op, min(dim, least), least));
}

Shape resolve_shape(const char* op, const Shape& from, const Dims& wanted) {
  Dim total = 1, known = 1;
  for (Dim d : from) total = total * d;
  int64_t unknown = -1;
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] == Dim(-1)) {
      check<ShapeError>(unknown < 0, op, ": only one dimension can be inferred, and shape ", wanted, " has several -1");
      unknown = static_cast<int64_t>(i);
    } else {
      check<ShapeError>(wanted[i].is_symbolic() || wanted[i].value() >= 0, op, ": invalid shape dimension ", wanted[i],
                        " in ", wanted);
      known = known * wanted[i];
    }
  }
  Shape out = wanted;
  const auto mismatch = [&] {
    fail<ShapeError>(op, ": shape '", wanted, "' is invalid for input of size ", total, ", whose shape is ", from);
  };
  if (unknown >= 0) {
    if (known == Dim(0)) {
      fail<ShapeError>(op, ": cannot reshape tensor of 0 elements into shape ", wanted,
                       " because the unspecified dimension size -1 can be any value; name it");
    }
    if (!require_divisible(op, total, known)) mismatch();
    out[static_cast<size_t>(unknown)] = total / known;
  } else if (!require_equal(op, total, known)) {
    mismatch();
  }
  return out;
}

}  // namespace tenon::inline v0
