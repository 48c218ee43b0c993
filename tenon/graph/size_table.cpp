#include <tenon/graph/size_table.h>

namespace tenon::inline v0::graph {

using exec::Index;

Index SizeTable::symbol(Dim dim) {
  const auto [it, fresh] = symbols_.try_emplace(dim.raw(), static_cast<Index>(plan_.symbols.size()));
  if (fresh) plan_.symbols.push_back({dim.str(), exec::kNone, 0});
  return it->second;
}

Index SizeTable::index_of(Dim dim) {
  if (const auto known = sizes_.find(dim.raw()); known != sizes_.end()) return known->second;
  exec::Size size;
  if (dim.is_symbolic()) {
    size.kind = exec::Size::Kind::Symbol;
    size.value = symbol(dim);
  } else {
    size.value = dim.value();
  }
  const auto index = static_cast<Index>(plan_.sizes.size());
  plan_.sizes.push_back(size);
  sizes_.emplace(dim.raw(), index);
  return index;
}

void SizeTable::bind(const Shape& shape, Index value) {
  for (size_t i = 0; i < shape.size(); ++i) {
    if (!shape[i].is_symbolic()) continue;
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
