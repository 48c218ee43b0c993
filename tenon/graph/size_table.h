// The sizes of a plan: dimensions as expressions that one pass evaluates.
#pragma once

#include <map>
#include <tuple>
#include <unordered_map>

#include <tenon/exec/plan.h>
#include <tenon/graph/graph.h>

namespace tenon::inline v0::graph {

class SizeTable {
 public:
  explicit SizeTable(exec::Plan& plan) : plan_(plan) {}

  // Where `dim` is in Plan::sizes; its parts come before it, equal ones are there once.
  exec::Index index_of(Dim dim);
  // The symbols of `shape` are the dimensions of `value`, unless something earlier gave them.
  void bind(const Shape& shape, exec::Index value);
  // ShapeError for a symbol that nothing gives.
  void check_bound() const;

 private:
  exec::Index symbol(Dim dim);
  exec::Index add(exec::Size size);
  exec::Index combine(exec::Size::Kind kind, exec::Index a, exec::Index b);

  exec::Plan& plan_;
  std::unordered_map<int64_t, exec::Index> sizes_, symbols_;  // by Dim::raw
  std::map<std::tuple<exec::Size::Kind, exec::Index, exec::Index>, exec::Index> combined_;
};

}  // namespace tenon::inline v0::graph
