#include <tenon/exec/sizes.h>

#include <algorithm>

namespace tenon::inline v0::exec {
namespace {

// Lower numbers are symbolic dims where a record keeps them.
constexpr int64_t kLeastSize = -(int64_t{1} << 61);
constexpr int kSpelledDepth = 16;
constexpr size_t kSpelledLength = 200;

// False when the result does not exist or does not fit.
bool combine(Size::Kind kind, int64_t a, int64_t b, int64_t& result) {
  switch (kind) {
    case Size::Kind::Add:
      return !__builtin_add_overflow(a, b, &result);
    case Size::Kind::Multiply:
      return !__builtin_mul_overflow(a, b, &result);
    case Size::Kind::FloorDivide:
      if (b <= 0) return false;
      result = a / b - (a % b < 0);
      return true;
    case Size::Kind::Modulo:
      if (b <= 0) return false;
      result = a % b + (a % b < 0 ? b : 0);
      return true;
    case Size::Kind::Min:
      result = std::min(a, b);
      return true;
    case Size::Kind::Max:
      result = std::max(a, b);
      return true;
    case Size::Kind::Constant:
    case Size::Kind::Symbol:
      break;
  }
  return false;
}

void spell(const Plan& plan, Index index, int depth, std::string& out) {
  if (depth > kSpelledDepth || out.size() > kSpelledLength) {
    out += "...";
    return;
  }
  const Size& size = plan.sizes[static_cast<size_t>(index)];
  switch (size.kind) {
    case Size::Kind::Constant:
      out += to_text(static_cast<long>(size.value));
      return;
    case Size::Kind::Symbol:
      out += plan.symbols[static_cast<size_t>(size.value)].name;
      return;
    case Size::Kind::Min:
    case Size::Kind::Max:
      out += size.kind == Size::Kind::Min ? "min(" : "max(";
      spell(plan, size.a, depth + 1, out);
      out += ", ";
      break;
    default:
      out += "(";
      spell(plan, size.a, depth + 1, out);
      out += size.kind == Size::Kind::Add        ? " + "
             : size.kind == Size::Kind::Multiply ? " * "
             : size.kind == Size::Kind::Modulo   ? " % "
                                                 : " // ";
  }
  spell(plan, size.b, depth + 1, out);
  out += ")";
}

}  // namespace

Status evaluate_size(const Plan& plan, Index index, const int64_t* symbols, int64_t* sizes) {
  const Size& size = plan.sizes[static_cast<size_t>(index)];
  int64_t& result = sizes[index];
  if (size.kind == Size::Kind::Constant) {
    result = size.value;
  } else if (size.kind == Size::Kind::Symbol) {
    result = symbols[size.value];
  } else if (!combine(size.kind, sizes[size.a], sizes[size.b], result)) {
    return error(Status::Code::Shape, plan.name, ": the size ", size_text(plan, index), " is ",
                 static_cast<long>(sizes[size.a]), " and ", static_cast<long>(sizes[size.b]),
                 " combined, which has no result in 64 bits; the inputs are too large");
  }
  if (result < kLeastSize)
    return error(Status::Code::Shape, plan.name, ": the size ", size_text(plan, index), " is ", result);
  return {};
}

std::string size_text(const Plan& plan, Index index) {
  std::string out;
  spell(plan, index, 0, out);
  return out;
}

std::string shape_text(const Plan& plan, const std::vector<Index>& shape) {
  std::string out = "(";
  for (size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) out += ", ";
    out += size_text(plan, shape[i]);
  }
  return out + (shape.size() == 1 ? ",)" : ")");
}

}  // namespace tenon::inline v0::exec
