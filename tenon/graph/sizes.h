// What a call knows of the sizes: numbers for the symbols of a graph.
#pragma once

#include <unordered_map>

#include <tenon/graph/graph.h>

namespace tenon::inline v0::graph {

class TENON_API Sizes {
 public:
  // Gives the symbols in `shape` the sizes of `actual`. False when the shapes do not fit, or a symbol has
  // another number already.
  bool bind(const Shape& shape, const Shape& actual);
  bool knows(Dim dim) const;
  // ShapeError for a symbol without a number.
  int64_t evaluate(Dim dim) const;
  // Whether all sizes among a record's attributes have numbers.
  bool knows(const Record& record) const;
  // Numbers for the sizes among a record's attributes.
  void substitute(Record& record) const;

 private:
  std::unordered_map<int64_t, int64_t> numbers_;  // by Dim::raw
};

}  // namespace tenon::inline v0::graph
