#include <tenon/exec/arena.h>

#include <algorithm>
#include <utility>

namespace tenon::inline v0::exec {

int64_t place_first_fit(std::vector<Piece>& pieces) {
  std::vector<const Piece*> placed;  // by offset
  placed.reserve(pieces.size());
  int64_t total = 0;
  for (Piece& piece : pieces) {
    if (piece.bytes == 0) continue;
    int64_t at = 0;
    for (const Piece* other : placed) {
      if (other->last < piece.first || piece.last < other->first) continue;
      if (other->offset - at >= piece.bytes) break;
      at = std::max(at, other->offset + other->bytes);
    }
    piece.offset = at;
    int64_t end;
    if (__builtin_add_overflow(at, piece.bytes, &end)) return -1;
    total = std::max(total, end);
    const auto where = std::upper_bound(placed.begin(), placed.end(), &piece,
                                        [](const Piece* a, const Piece* b) { return a->offset < b->offset; });
    placed.insert(where, &piece);
  }
  return total;
}

int64_t live_bytes(const std::vector<Piece>& pieces) {
  std::vector<std::pair<Index, int64_t>> changes;  // what starts to live, and then (after its last step) ends
  changes.reserve(2 * pieces.size());
  for (const Piece& piece : pieces) {
    changes.emplace_back(piece.first, piece.bytes);
    changes.emplace_back(piece.last + 1, -piece.bytes);
  }
  std::sort(changes.begin(), changes.end());  // what ends before a step goes before what starts at it
  int64_t now = 0, most = 0;
  for (const auto& [step, bytes] : changes) most = std::max(most, now += bytes);
  return most;
}

}  // namespace tenon::inline v0::exec
