// In which order the memory of a plan is placed, first-fit, so that the arena is small.
#pragma once

#include <vector>

#include <tenon/exec/arena.h>

namespace tenon::inline v0::graph {

// Indices into `pieces` in the order whose arena is the smallest that was found. Their offsets are not used.
TENON_API std::vector<exec::Index> placement_order(const std::vector<exec::Piece>& pieces);

}  // namespace tenon::inline v0::graph
