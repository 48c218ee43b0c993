// Elements as unsigned integers of the same order, and sorting of these.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace tenon::inline v0 {

template <class T>
using SortKey = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;

// Equal elements have one key (also 0 and -0); NaN is the greatest.
template <class T>
SortKey<T> sort_key(T x) {
  using Key = SortKey<T>;
  constexpr Key kSign = Key(1) << (sizeof(Key) * 8 - 1);
  if constexpr (std::is_floating_point_v<T>) {
    if (x != x) return ~Key(0);
    if (x == 0) return kSign;
    const Key bits = std::bit_cast<Key>(x);
    return bits & kSign ? ~bits : bits | kSign;
  } else if constexpr (std::is_signed_v<T>) {
    return static_cast<Key>(x) ^ kSign;
  } else {
    return static_cast<Key>(x);
  }
}

// A key and where it was; entries order by key, then by place, which makes every sort of them stable.
template <class Key>
struct SortEntry {
  Key key;
  Key place;
  bool operator<(const SortEntry& other) const { return key != other.key ? key < other.key : place < other.place; }
};
// 32-bit keys with their place as one number.
template <>
struct SortEntry<uint32_t> {
  uint64_t both;
  bool operator<(const SortEntry& other) const { return both < other.both; }
};

inline SortEntry<uint32_t> make_entry(uint32_t key, int64_t place) {
  return {static_cast<uint64_t>(key) << 32 | static_cast<uint32_t>(place)};
}
inline SortEntry<uint64_t> make_entry(uint64_t key, int64_t place) { return {key, static_cast<uint64_t>(place)}; }
inline uint32_t key_of(const SortEntry<uint32_t>& e) { return static_cast<uint32_t>(e.both >> 32); }
inline uint64_t key_of(const SortEntry<uint64_t>& e) { return e.key; }
inline int64_t place_of(const SortEntry<uint32_t>& e) { return static_cast<int64_t>(e.both & 0xffffffff); }
inline int64_t place_of(const SortEntry<uint64_t>& e) { return static_cast<int64_t>(e.place); }

// Sorts n entries whose places ascend, using `spare` of the same length.
template <class Key>
void sort_entries(SortEntry<Key>* entries, SortEntry<Key>* spare, int64_t n) {
  constexpr int64_t kRadix = sizeof(Key) == 8 ? 512 : 160;  // from here on, counting beats comparing
  if (n < kRadix) return std::sort(entries, entries + n);
  constexpr int kDigits = sizeof(Key);
  static_assert(kDigits <= 8);
  int64_t counts[kDigits][256] = {};
  for (int64_t i = 0; i < n; ++i) {
    const Key key = key_of(entries[i]);
    for (int d = 0; d < kDigits; ++d) ++counts[d][key >> (8 * d) & 255];
  }
  SortEntry<Key>*from = entries, *to = spare;
  for (int d = 0; d < kDigits; ++d) {
    int64_t* count = counts[d];
    if (count[key_of(from[0]) >> (8 * d) & 255] == n) continue;  // all the same
    int64_t at = 0;
    for (int b = 0; b < 256; ++b) {
      const int64_t here = count[b];
      count[b] = at;
      at += here;
    }
    for (int64_t i = 0; i < n; ++i) to[count[key_of(from[i]) >> (8 * d) & 255]++] = from[i];
    std::swap(from, to);
  }
  if (from != entries) std::copy(from, from + n, entries);
}

}  // namespace tenon::inline v0
