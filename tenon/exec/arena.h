// One block of memory that the values between inputs and outputs share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <tenon/exec/plan.h>

namespace tenon::inline v0::exec {

inline constexpr int64_t kAlignment = 64;

// A storage of the arena: how long it lives (steps, both ends in it), how large it is and where it was put.
struct Piece {
  Index first = 0, last = 0;
  int64_t bytes = 0;  // a multiple of kAlignment
  int64_t offset = 0;
};

// Puts each piece, in order, at the lowest place that no piece placed before it holds at the same time.
// Returns the bytes that they take together, or -1 when that does not fit in 64 bits.
int64_t place_first_fit(std::vector<Piece>& pieces);

// The most bytes that live at one time: no arena is smaller.
int64_t live_bytes(const std::vector<Piece>& pieces);

}  // namespace tenon::inline v0::exec
