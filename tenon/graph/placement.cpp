#include <tenon/graph/placement.h>

#include <algorithm>
#include <numeric>

namespace tenon::inline v0::graph {
namespace {

using exec::Index;
using exec::Piece;
using Order = std::vector<Index>;

struct Placed {
  int64_t bytes;
  Index top;  // of the order: the piece that ends highest
};

Placed place(const std::vector<Piece>& pieces, const Order& order) {
  std::vector<Piece> moved;
  moved.reserve(order.size());
  for (Index i : order) moved.push_back(pieces[static_cast<size_t>(i)]);
  Placed out{exec::place_first_fit(moved), 0};
  for (size_t i = 0; i < moved.size(); ++i) {
    if (moved[i].bytes > 0 && moved[i].offset + moved[i].bytes == out.bytes) out.top = static_cast<Index>(i);
  }
  return out;
}

template <class Less>
Order sorted(const std::vector<Piece>& pieces, Less less) {
  Order order(pieces.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) {
    return less(pieces[static_cast<size_t>(a)], pieces[static_cast<size_t>(b)]);
  });
  return order;
}

int64_t lifetime(const Piece& p) { return int64_t{p.last} - p.first + 1; }

}  // namespace

// Large pieces first, or long-lived ones, or as they come; then the piece that sticks out is placed earlier, as
// long as that helps.
std::vector<Index> placement_order(const std::vector<Piece>& pieces) {
  constexpr int kTries = 64;
  const Order starts[] = {
      sorted(pieces, [](const Piece& a, const Piece& b) { return a.bytes > b.bytes; }),
      sorted(pieces, [](const Piece& a, const Piece& b) { return a.first < b.first; }),
      sorted(pieces, [](const Piece& a, const Piece& b) { return lifetime(a) > lifetime(b); }),
      sorted(pieces,
             [](const Piece& a, const Piece& b) {
               return static_cast<double>(a.bytes) * static_cast<double>(lifetime(a)) >
                      static_cast<double>(b.bytes) * static_cast<double>(lifetime(b));
             }),
  };
  const int64_t bound = exec::live_bytes(pieces);
  Order best = starts[0];
  int64_t fewest = place(pieces, best).bytes;
  for (Order order : starts) {
    for (int i = 0; i < kTries && fewest > bound; ++i) {
      const Placed placed = place(pieces, order);
      if (placed.bytes >= 0 && placed.bytes < fewest) fewest = placed.bytes, best = order;
      if (placed.top == 0) break;
      const auto top = order.begin() + placed.top;
      std::rotate(order.begin(), top, top + 1);
    }
  }
  return best;
}

}  // namespace tenon::inline v0::graph
