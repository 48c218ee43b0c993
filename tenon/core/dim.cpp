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
  // What a symbolic dim stands for: `factor` times `base`, where the base of most is the dim itself.
  struct Expression {
    std::string spelled;
    int64_t factor = 1;
    Dim base;
  };
  Dim intern(const std::string& spelled) { return intern(Expression{spelled, 1, {}}); }
  Dim intern(Expression e) {
    std::lock_guard lock(mutex_);
    auto [it, fresh] = index_.try_emplace(e.spelled, static_cast<int64_t>(expressions_.size()));
    const Dim dim = kFirst + it->second;
    if (fresh) {
      if (e.factor == 1) e.base = dim;
      expressions_.push_back(std::move(e));
    }
    return dim;
  }
  Expression find(Dim dim) {
    std::lock_guard lock(mutex_);
    const auto place = static_cast<uint64_t>(dim.raw()) - static_cast<uint64_t>(kFirst);
    return place < expressions_.size() ? expressions_[place] : Expression{std::to_string(dim.raw()), 1, dim};
  }

 private:
  // Not the lowest integer, which people do type: a number out of range is no symbol.
  static constexpr int64_t kFirst = INT64_MIN + 0x5EED'0000'0000;
  std::mutex mutex_;
  std::unordered_map<std::string, int64_t> index_;
  std::vector<Expression> expressions_;
};

Dim Dim::symbol(std::string_view name) { return DimTable::instance().intern(std::string(name)); }

std::string Dim::str() const {
  return is_symbolic() ? DimTable::instance().find(*this).spelled : std::to_string(value_);
}

Dim Dim::combine(char op, Dim a, Dim b) {
  check<ShapeError>(!concrete(a, b), "shape: ", a, " ", op, " ", b, " does not fit in 64 bits; sizes are too large");
  if (op == '+' && a == Dim(0)) return b;
  if ((op == '+' || op == '-') && b == Dim(0)) return a;
  if ((op == '*' || op == '/') && b == Dim(1)) return a;
  if (op == '*' && a == Dim(1)) return b;
  if (op == '*' && (a == Dim(0) || b == Dim(0))) return 0;
  if (op == '-' && a == b) return 0;
  if (op == '/' && a == b) return 1;
  if (op == '*' && !b.is_symbolic()) std::swap(a, b);
  if (op == '*' && !a.is_symbolic()) {  // numbers come together in front: 4 * (3 * n) is 12 * n
    const auto e = DimTable::instance().find(b);
    const Dim factor = a * Dim(e.factor);
    return DimTable::instance().intern(
        DimTable::Expression{text("(", factor, " * ", e.base, ")"), factor.value(), e.base});
  }
  std::string left = a.str(), right = b.str();
  // One order for commutative operators, so that n*4 and 4*n are the same dim.
  if ((op == '+' || op == '*') && right < left) std::swap(left, right);
  const char* spelled = op == '/' ? " // " : op == '*' ? " * " : op == '+' ? " + " : " - ";
  return DimTable::instance().intern(text("(", left, spelled, right, ")"));
}

void Dim::symbolic_value_error(Dim dim) {
  check<ShapeError>(dim.str() != std::to_string(dim.raw()), "shape: ", dim.raw(), " is no size and no dimension");
  fail<ShapeError>(
      "shape: the dimension ", dim.str(),
      " is unknown while tracing, and its number is needed here; compute with it instead, or make it static");
}

}  // namespace tenon::inline v0
