#include <tenon/graph/sizes.h>

#include <algorithm>

namespace tenon::inline v0::graph {

bool Sizes::bind(const Shape& shape, const Shape& actual) {
  if (shape.size() != actual.size()) return false;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i].kind() == Dim::Kind::Symbol) numbers_.try_emplace(shape[i].raw(), actual[i].value());
  }
  for (size_t i = 0; i < shape.size(); ++i) {
    const int64_t size = actual[i].value();
    // An expression whose symbols come later is checked where they do.
    if (knows(shape[i]) && evaluate(shape[i]) != size) return false;
  }
  return true;
}

bool Sizes::knows(Dim dim) const {
  if (dim.kind() == Dim::Kind::Constant) return true;
  if (dim.kind() == Dim::Kind::Symbol) return numbers_.count(dim.raw()) != 0;
  const std::vector<Dim>& operands = dim.operands();
  return std::all_of(operands.begin(), operands.end(), [&](Dim d) { return knows(d); });
}

int64_t Sizes::evaluate(Dim dim) const {
  return dim.evaluate([&](Dim symbol) {
    const auto known = numbers_.find(symbol.raw());
    check<ShapeError>(known != numbers_.end(), "graph: the size ", symbol, " is known by nothing");
    return Dim(known->second);
  });
}

bool Sizes::knows(const Record& record) const {
  Record copy = record;
  try {
    substitute(copy);
  } catch (const ShapeError&) {
    return false;
  }
  return true;
}

void Sizes::substitute(Record& record) const {
  for (const ParameterInfo& p : record.op()->parameters) {
    if (p.kind != ParameterKind::Attribute) continue;
    const auto replace = [&](Dims& dims) {
      for (Dim& d : dims) d = evaluate(d);
    };
    if (p.type == AttributeType::Dim) {
      Dim& dim = *static_cast<Dim*>(record.at(p));
      dim = evaluate(dim);
    } else if (p.type == AttributeType::Dims) {
      replace(*static_cast<Dims*>(record.at(p)));
    } else if (p.type == AttributeType::OptionalDims) {
      auto& dims = *static_cast<std::optional<Dims>*>(record.at(p));
      if (dims) replace(*dims);
    }
  }
}

}  // namespace tenon::inline v0::graph
