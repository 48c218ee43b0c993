#include <tenon/graph/size_table.h>

namespace tenon::inline v0::graph {

using exec::Index;

Index SizeTable::symbol(Dim dim) {
  const auto [it, fresh] = symbols_.try_emplace(dim.raw(), static_cast<Index>(plan_.symbols.size()));
  if (fresh) plan_.symbols.push_back({dim.name(), exec::kNone, 0});
  return it->second;
}

static exec::Size::Kind kind_of(Dim dim) {
  using Kind = exec::Size::Kind;
  static constexpr Kind kinds[] = {Kind::Constant,    Kind::Symbol, Kind::Add, Kind::Multiply,
                                   Kind::FloorDivide, Kind::Modulo, Kind::Min, Kind::Max};
  return kinds[static_cast<int>(dim.kind())];
}

Index SizeTable::index_of(Dim dim) {
  if (const auto known = sizes_.find(dim.raw()); known != sizes_.end()) return known->second;
  Index index = kNone;
  switch (dim.kind()) {
    case Dim::Kind::Constant:
      index = add({exec::Size::Kind::Constant, dim.value()});
      break;
    case Dim::Kind::Symbol:
      index = add({exec::Size::Kind::Symbol, symbol(dim)});
      break;
    default:
      // The operands of a sum or a product one after the other.
      for (Dim operand : dim.operands()) {
        const Index next = index_of(operand);
        index = index == kNone ? next : combine(kind_of(dim), index, next);
      }
  }
  sizes_.emplace(dim.raw(), index);
  return index;
}

Index SizeTable::add(exec::Size size) {
  plan_.sizes.push_back(size);
  return static_cast<Index>(plan_.sizes.size() - 1);
}

Index SizeTable::combine(exec::Size::Kind kind, Index a, Index b) {
  const auto [it, fresh] = combined_.try_emplace({kind, a, b}, kNone);
  if (fresh) it->second = add({kind, 0, a, b});
  return it->second;
}

void SizeTable::bind(const Shape& shape, Index value) {
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i].kind() != Dim::Kind::Symbol) continue;
    exec::Symbol& bound = plan_.symbols[static_cast<size_t>(symbol(shape[i]))];
    if (bound.value == exec::kNone) bound.value = value, bound.axis = static_cast<int32_t>(i);
  }
}

void SizeTable::check_bound() const {
  for (const exec::Symbol& symbol : plan_.symbols) {
    check<ShapeError>(symbol.value != exec::kNone, "plan: '", plan_.name, "': the size ", symbol.name,
                      " is no dimension of an input or of what an op sizes by its data");
  }
}

}  // namespace tenon::inline v0::graph
