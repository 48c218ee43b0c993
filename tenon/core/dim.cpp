#include <tenon/core/dim.h>

#include <mutex>
#include <unordered_map>
#include <vector>

#include <tenon/core/error.h>

namespace tenon::inline v0 {

// Symbolic dims are indices into one interned table, so equal expressions are equal values.
class DimTable {
 public:
  static DimTable& instance() {
    static DimTable* table = new DimTable;  // never destroyed: dims may outlive static destruction
    return *table;
  }
  Dim intern(const std::string& expression) {
    std::lock_guard lock(mutex_);
    auto [it, fresh] = index_.try_emplace(expression, static_cast<int64_t>(names_.size()));
    if (fresh) names_.push_back(expression);
    return Dim(kFirst + it->second);
  }
  std::string name(Dim dim) {
    std::lock_guard lock(mutex_);
    const auto place = static_cast<uint64_t>(dim.raw()) - static_cast<uint64_t>(kFirst);
    return place < names_.size() ? names_[place] : std::to_string(dim.raw());
  }

 private:
  // Not the lowest integer, which people do type: a number out of range is no symbol.
  static constexpr int64_t kFirst = INT64_MIN + 0x5EED'0000'0000;
  std::mutex mutex_;
  std::unordered_map<std::string, int64_t> index_;
  std::vector<std::string> names_;
};

Dim Dim::symbol(std::string_view name) { return DimTable::instance().intern(std::string(name)); }

std::string Dim::str() const { return is_symbolic() ? DimTable::instance().name(*this) : std::to_string(value_); }

Dim Dim::combine(char op, Dim a, Dim b) {
  check<ShapeError>(!concrete(a, b), "shape: ", a, " ", op, " ", b, " does not fit in 64 bits; sizes are too large");
  if (op == '+' && a == Dim(0)) return b;
  if ((op == '+' || op == '-') && b == Dim(0)) return a;
  if ((op == '*' || op == '/') && b == Dim(1)) return a;
  if (op == '*' && a == Dim(1)) return b;
  if (op == '*' && (a == Dim(0) || b == Dim(0))) return 0;
  if (op == '-' && a == b) return 0;
  if (op == '/' && a == b) return 1;
  std::string left = a.str(), right = b.str();
  // One order for commutative operators, so that n*4 and 4*n are the same dim.
  if ((op == '+' || op == '*') && right < left) std::swap(left, right);
  const char* spelled = op == '/' ? " // " : op == '*' ? " * " : op == '+' ? " + " : " - ";
  return DimTable::instance().intern(text("(", left, spelled, right, ")"));
}

void Dim::symbolic_value_error(Dim dim) {
  fail<ShapeError>(
      "shape: the dimension ", dim.str(),
      " is unknown while tracing, and its number is needed here; compute with it instead, or make it static");
}

}  // namespace tenon::inline v0
