#include <tenon/core/dim.h>

#include <algorithm>
#include <deque>
#include <mutex>
#include <numeric>
#include <optional>
#include <unordered_map>

#include <tenon/core/error.h>

namespace tenon::inline v0 {

namespace {

using Kind = Dim::Kind;

// Bounds on what outside data can ask for.
constexpr int kMaxDepth = 64;        // of an expression
constexpr size_t kMaxTerms = 256;    // of a sum
constexpr size_t kMaxFactors = 64;   // of a product
constexpr size_t kMaxOperands = 16;  // of a minimum or maximum

struct Node {
  Kind kind;
  std::vector<Dim> operands;
  std::string text;  // as str() says it; as the form of an expression is one, also its key
  std::string name;  // of a symbol
  int depth = 1;
};

// Symbolic dims are indices into one interned table, so equal expressions are equal values.
class DimTable {
 public:
  static DimTable& instance() {
    static DimTable* table = new DimTable;  // never destroyed: dims may outlive static destruction
    return *table;
  }
  Dim intern(Node node) {
    std::lock_guard lock(mutex_);
    auto [it, fresh] = index_.try_emplace(node.text, static_cast<int64_t>(nodes_.size()));
    if (fresh) nodes_.push_back(std::move(node));
    return kFirst + it->second;
  }
  // Null for a number that is out of the range of sizes. Nodes never move.
  const Node* find(Dim dim) {
    std::lock_guard lock(mutex_);
    const auto place = static_cast<uint64_t>(dim.raw()) - static_cast<uint64_t>(kFirst);
    return place < nodes_.size() ? &nodes_[place] : nullptr;
  }

 private:
  // Not the lowest integer, which people do type: a number out of range is no symbol.
  static constexpr int64_t kFirst = INT64_MIN + 0x5EED'0000'0000;
  std::mutex mutex_;
  std::unordered_map<std::string, int64_t> index_;
  std::deque<Node> nodes_;
};

[[noreturn]] void fail_number(Dim dim) { fail<ShapeError>("shape: ", dim.raw(), " is no size and no dimension"); }

const Node& node_of(Dim dim) {
  const Node* node = DimTable::instance().find(dim);
  if (node == nullptr) fail_number(dim);
  return *node;
}
Kind kind_of(Dim dim) { return dim.is_symbolic() ? node_of(dim).kind : Kind::Constant; }

[[noreturn]] void fail_large() {
  fail<ShapeError>("shape: an expression of sizes has grown too large; name a part of it by a dimension of its own");
}
int64_t fit(bool overflows, int64_t value) {
  check<ShapeError>(!overflows && value > INT64_MIN / 2,
                    "shape: an expression of sizes has a number that does not fit in 64 bits");
  return value;
}
int64_t add(int64_t a, int64_t b) {
  int64_t out;
  const bool overflows = __builtin_add_overflow(a, b, &out);
  return fit(overflows, out);
}
int64_t multiply(int64_t a, int64_t b) {
  int64_t out;
  const bool overflows = __builtin_mul_overflow(a, b, &out);
  return fit(overflows, out);
}
int64_t floor_of(int64_t a, int64_t b) { return a / b - (a % b < 0); }

// ---- sums of products ---------------------------------------------------------------------------------

struct Term {
  std::vector<Dim> atoms;  // in the order of their texts
  int64_t factor = 1;
};
using Sum = std::vector<Term>;  // by falling degree, then by texts: each term once, none with factor zero

bool comes_before(Dim a, Dim b) { return !(a == b) && node_of(a).text < node_of(b).text; }
// An order that products keep, which division relies on.
bool leads(const Term& a, const Term& b) {
  if (a.atoms.size() != b.atoms.size()) return a.atoms.size() > b.atoms.size();
  return std::lexicographical_compare(a.atoms.begin(), a.atoms.end(), b.atoms.begin(), b.atoms.end(), comes_before);
}

Term term_of(Dim dim) {
  if (!dim.is_symbolic()) return {{}, dim.raw()};
  const Node& node = node_of(dim);
  if (node.kind != Kind::Multiply) return {{dim}, 1};
  const bool scaled = !node.operands[0].is_symbolic();
  return {{node.operands.begin() + scaled, node.operands.end()}, scaled ? node.operands[0].raw() : 1};
}
Sum sum_of(Dim dim) {
  if (dim == Dim(0)) return {};
  if (kind_of(dim) != Kind::Add) return {term_of(dim)};
  Sum out;
  for (Dim d : node_of(dim).operands) out.push_back(term_of(d));
  return out;
}

void normalize(Sum& sum) {
  std::sort(sum.begin(), sum.end(), leads);
  size_t kept = 0;
  for (size_t i = 0; i < sum.size(); ++i) {
    if (kept > 0 && sum[kept - 1].atoms == sum[i].atoms) {
      sum[kept - 1].factor = add(sum[kept - 1].factor, sum[i].factor);
    } else {
      if (kept > 0 && sum[kept - 1].factor == 0) --kept;
      if (kept != i) sum[kept] = std::move(sum[i]);
      ++kept;
    }
  }
  if (kept > 0 && sum[kept - 1].factor == 0) --kept;
  sum.resize(kept);
  if (sum.size() > kMaxTerms) fail_large();
}

Term product(const Term& a, const Term& b) {
  Term out{{}, multiply(a.factor, b.factor)};
  std::merge(a.atoms.begin(), a.atoms.end(), b.atoms.begin(), b.atoms.end(), std::back_inserter(out.atoms),
             comes_before);
  if (out.atoms.size() > kMaxFactors) fail_large();
  return out;
}
Sum product(const Sum& a, const Sum& b) {
  if (a.size() * b.size() > kMaxTerms * 16) fail_large();
  Sum out;
  for (const Term& x : a)
    for (const Term& y : b) out.push_back(product(x, y));
  normalize(out);
  return out;
}
// a / b where that is a term.
std::optional<Term> quotient(const Term& a, const Term& b) {
  if (a.factor % b.factor != 0 ||
      !std::includes(a.atoms.begin(), a.atoms.end(), b.atoms.begin(), b.atoms.end(), comes_before))
    return std::nullopt;
  Term out{{}, a.factor / b.factor};
  std::set_difference(a.atoms.begin(), a.atoms.end(), b.atoms.begin(), b.atoms.end(), std::back_inserter(out.atoms),
                      comes_before);
  return out;
}

// ---- texts -------------------------------------------------------------------------------------------------

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return is_letter(c) || is_digit(c) || c == '.'; }

// A name with other characters than an identifier's and '.' stands in quotes.
std::string symbol_text(std::string_view name) {
  bool plain = !name.empty() && is_letter(name[0]);
  for (char c : name) plain &= is_word(c);
  if (plain) return std::string(name);
  std::string out = "\"";
  for (char c : name) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out + '"';
}

std::string text_of(Dim d) { return d.is_symbolic() ? node_of(d).text : std::to_string(d.raw()); }
std::string text_in_parentheses(Dim d) {
  const Kind kind = kind_of(d);
  const bool whole =
      kind == Kind::Symbol || kind == Kind::Min || kind == Kind::Max || (kind == Kind::Constant && d.raw() >= 0);
  return whole ? text_of(d) : "(" + text_of(d) + ")";
}
// Without its sign.
std::string text_of(const Term& term) {
  if (term.atoms.size() == 1 && term.factor == 1) return text_of(term.atoms[0]);
  const auto size = term.factor < 0 ? 0 - static_cast<uint64_t>(term.factor) : static_cast<uint64_t>(term.factor);
  std::string out = size == 1 && !term.atoms.empty() ? "" : std::to_string(size);
  for (Dim atom : term.atoms) out += (out.empty() ? "" : "*") + text_in_parentheses(atom);
  return out;
}
// What is added first, then what is taken away, then the number.
std::string text_of(const Sum& sum) {
  std::string out;
  const auto write = [&](const Term& term) {
    out += out.empty() ? (term.factor < 0 ? "-" : "") : (term.factor < 0 ? " - " : " + ");
    out += text_of(term);
  };
  for (const bool negative : {false, true}) {
    for (const Term& term : sum) {
      if (!term.atoms.empty() && (term.factor < 0) == negative) write(term);
    }
  }
  if (sum.back().atoms.empty()) write(sum.back());
  return out;
}

// ---- from parts to a dim ---------------------------------------------------------------------------------------

Dim intern(Kind kind, std::vector<Dim> operands, std::string text) {
  Node node{kind, std::move(operands), std::move(text), {}, 1};
  for (Dim d : node.operands) {
    if (d.is_symbolic()) node.depth = std::max(node.depth, node_of(d).depth + 1);
  }
  if (node.depth > kMaxDepth || node.text.size() > 1 << 14) fail_large();
  return DimTable::instance().intern(std::move(node));
}

Dim dim_of(const Term& term) {
  if (term.atoms.empty() || term.factor == 0) return term.factor;
  if (term.atoms.size() == 1 && term.factor == 1) return term.atoms[0];
  std::vector<Dim> operands;
  if (term.factor != 1) operands.push_back(term.factor);
  operands.insert(operands.end(), term.atoms.begin(), term.atoms.end());
  return intern(Kind::Multiply, std::move(operands), (term.factor < 0 ? "-" : "") + text_of(term));
}
Dim dim_of(const Sum& sum) {
  if (sum.empty()) return 0;
  if (sum.size() == 1) return dim_of(sum[0]);
  std::vector<Dim> operands;
  for (const Term& term : sum) operands.push_back(dim_of(term));
  return intern(Kind::Add, std::move(operands), text_of(sum));
}
Dim normalized(Sum sum) {
  normalize(sum);
  return dim_of(sum);
}

// ---- division ----------------------------------------------------------------------------------------------------

// What can be said of (whole * divisor + rest) / divisor: nothing of `rest` is a multiple of the divisor.
struct Division {
  Sum whole, rest;
};
Division divide(const Sum& sum, const Term& by) {
  Division out;
  for (const Term& term : sum) {
    const int64_t rest = term.factor - floor_of(term.factor, by.factor) * by.factor;
    if (const auto whole = quotient({term.atoms, term.factor - rest}, by)) {
      if (whole->factor != 0) out.whole.push_back(*whole);
      if (rest != 0) out.rest.push_back({term.atoms, rest});
    } else {
      out.rest.push_back(term);
    }
  }
  return out;
}

// a / b for sums where that is a sum: division of polynomials.
std::optional<Sum> exact_quotient(Sum a, const Sum& b) {
  Sum out;
  while (!a.empty()) {
    const auto term = quotient(a[0], b[0]);
    if (!term || out.size() == kMaxTerms) return std::nullopt;
    out.push_back(*term);
    for (const Term& t : product({Term{term->atoms, multiply(term->factor, -1)}}, b)) a.push_back(t);
    normalize(a);
  }
  return out;
}

// The greatest number that divides every factor but that of the number at the end.
int64_t common_factor(const Sum& sum, int64_t start) {
  for (const Term& term : sum) {
    if (!term.atoms.empty()) start = std::gcd(start, term.factor);
  }
  return start;
}
void divide_factors(Sum& sum, int64_t by) {
  for (Term& term : sum) term.factor = floor_of(term.factor, by);
  normalize(sum);
}

std::string division_text(Kind kind, Dim a, Dim b) {
  return text_in_parentheses(a) + (kind == Kind::FloorDivide ? " // " : " % ") + text_in_parentheses(b);
}
Dim atom(Kind kind, const Sum& a, Dim b) {
  const Dim left = dim_of(a);
  return intern(kind, {left, b}, division_text(kind, left, b));
}

Dim divide_by_number(Kind kind, const Sum& sum, int64_t by) {
  auto [whole, rest] = divide(sum, Term{{}, by});
  const bool floor = kind == Kind::FloorDivide;
  const Dim plain = dim_of(rest);
  const auto [low, high] = plain.bounds();
  if (low >= 0 && high < by) return floor ? dim_of(whole) : plain;
  // (4x + 3) // 8 is x // 2, and (4x + 3) % 8 is 4 (x % 2) + 3.
  const int64_t common = common_factor(rest, by);
  const int64_t left_over = rest.back().atoms.empty() ? rest.back().factor % common : 0;
  divide_factors(rest, common);
  by /= common;
  if (!floor) return Dim(common) * atom(kind, rest, by) + Dim(left_over);
  // (x // 2 + 1) // 3 is (x + 2) // 6
  if (const Term& lead = rest[0];
      lead.factor == 1 && lead.atoms.size() == 1 && rest.size() <= 2 && (rest.size() == 1 || rest[1].atoms.empty())) {
    const Node& inner = node_of(lead.atoms[0]);
    int64_t together;
    if (inner.kind == Kind::FloorDivide && !inner.operands[1].is_symbolic() &&
        !__builtin_mul_overflow(inner.operands[1].raw(), by, &together)) {
      const Dim more = rest.size() == 2 ? Dim(rest[1].factor) * inner.operands[1] : Dim(0);
      return dim_of(whole) + (inner.operands[0] + more) / Dim(together);
    }
  }
  return dim_of(whole) + atom(kind, rest, by);
}

// Takes the factors out that every term of both sums has.
void cancel(Sum& a, Sum& b) {
  Term common = a[0];
  common.factor = 0;
  for (const Sum* sum : {&a, &b}) {
    for (const Term& term : *sum) {
      common.factor = std::gcd(common.factor, term.factor);
      std::vector<Dim> both;
      std::set_intersection(common.atoms.begin(), common.atoms.end(), term.atoms.begin(), term.atoms.end(),
                            std::back_inserter(both), comes_before);
      common.atoms = std::move(both);
    }
  }
  for (Sum* sum : {&a, &b}) {
    for (Term& term : *sum) term = *quotient(term, common);
  }
}

Dim divide_by_sum(Kind kind, Sum a, Sum b) {
  const bool floor = kind == Kind::FloorDivide;
  if (const auto exact = exact_quotient(a, b)) return floor ? dim_of(*exact) : Dim(0);
  Dim whole = 0;
  if (b.size() == 1 && b[0].factor > 0) {
    Division parts = divide(a, b[0]);
    if (floor) whole = normalized(std::move(parts.whole));
    a = std::move(parts.rest);
    normalize(a);
  }
  if (!floor) return atom(kind, a, dim_of(b));
  cancel(a, b);
  if (b.size() == 1 && b[0].atoms.empty() && b[0].factor > 0) return whole + dim_of(a) / dim_of(b);
  return whole + atom(kind, a, dim_of(b));
}

Dim divided(Kind kind, Dim a, Dim b) {
  check<ShapeError>(b.bounds().high > 0, "shape: ", a, kind == Kind::FloorDivide ? " // " : " % ", b,
                    ": the divisor must be positive");
  if (!b.is_symbolic()) return divide_by_number(kind, sum_of(a), b.raw());
  return a == Dim(0) ? Dim(0) : divide_by_sum(kind, sum_of(a), sum_of(b));
}

// ---- minimum and maximum ---------------------------------------------------------------------------------------

int64_t number_in(Dim d) {
  const Sum sum = sum_of(d);
  return !sum.empty() && sum.back().atoms.empty() ? sum.back().factor : 0;
}

Dim extreme(Kind kind, Dim a, Dim b) {
  std::vector<Dim> all;
  for (Dim d : {a, b}) {
    // An inner one may stand beside a number: min(x, 3) + 1 is min(x + 1, 4).
    const int64_t more = number_in(d);
    const Dim inner = d - Dim(more);
    if (kind_of(inner) == kind)
      for (Dim each : node_of(inner).operands) all.push_back(each + Dim(more));
    else
      all.push_back(d);
  }
  if (all.size() > 2 * kMaxOperands) fail_large();
  // Whatever another one is known to reach is out.
  const auto reaches = [&](Dim x, Dim y) { return (kind == Kind::Max ? x - y : y - x).bounds().low >= 0; };
  std::vector<Dim> kept;
  for (Dim d : all) {
    if (std::any_of(kept.begin(), kept.end(), [&](Dim k) { return reaches(k, d); })) continue;
    kept.erase(std::remove_if(kept.begin(), kept.end(), [&](Dim k) { return reaches(d, k); }), kept.end());
    kept.push_back(d);
  }
  all = std::move(kept);
  if (all.size() == 1) return all[0];
  if (all.size() > kMaxOperands) fail_large();
  // One form for max(x - 1, 0) + 1 and max(x, 1): the first has no number beside it.
  const auto key = [](Dim d) { return d.is_symbolic() ? text_of(d - Dim(number_in(d))) : std::string("~"); };
  std::sort(all.begin(), all.end(), [&](Dim x, Dim y) { return key(x) < key(y); });
  const Dim more = number_in(all[0]);
  std::string text = kind == Kind::Min ? "min(" : "max(";
  for (Dim& d : all) {
    d -= more;
    text += (&d == all.data() ? "" : ", ") + text_of(d);
  }
  return intern(kind, std::move(all), text + ")") + more;
}

// ---- bounds ---------------------------------------------------------------------------------------------------------

constexpr int64_t kLow = INT64_MIN, kHigh = INT64_MAX;

Dim::Bounds sum_of_bounds(Dim::Bounds a, Dim::Bounds b) {
  Dim::Bounds out;
  if (a.low == kLow || b.low == kLow || __builtin_add_overflow(a.low, b.low, &out.low)) out.low = kLow;
  if (a.high == kHigh || b.high == kHigh || __builtin_add_overflow(a.high, b.high, &out.high)) out.high = kHigh;
  return out;
}
// Of two that are not negative.
int64_t product_of_bounds(int64_t a, int64_t b, int64_t too_large) {
  if (a == 0 || b == 0) return 0;
  int64_t out;
  return a == kHigh || b == kHigh || __builtin_mul_overflow(a, b, &out) ? too_large : out;
}
Dim::Bounds bounds_of_product(const std::vector<Dim>& operands) {
  Dim::Bounds out{1, 1};
  bool negative = false;
  for (Dim d : operands) {
    Dim::Bounds each = d.bounds();
    if (!d.is_symbolic() && d.raw() < 0) {
      negative = true;
      each = {-d.raw(), -d.raw()};
    }
    if (each.low < 0) return {kLow, kHigh};
    // A low bound too large to hold is still a low bound.
    out = {product_of_bounds(out.low, each.low, kHigh - 1), product_of_bounds(out.high, each.high, kHigh)};
  }
  if (!negative) return out;
  return {out.high == kHigh ? kLow : -out.high, -out.low};
}

Dim::Bounds bounds_of(const Node& node) {
  Dim::Bounds out = node.operands.empty() ? Dim::Bounds{0, kHigh} : node.operands[0].bounds();
  switch (node.kind) {
    case Kind::Constant:
    case Kind::Symbol:
      break;
    case Kind::Add:
      for (size_t i = 1; i < node.operands.size(); ++i) out = sum_of_bounds(out, node.operands[i].bounds());
      break;
    case Kind::Multiply:
      return bounds_of_product(node.operands);
    case Kind::FloorDivide: {
      const int64_t by = node.operands[1].is_symbolic() ? 0 : node.operands[1].raw();
      if (by == 0) return {out.low >= 0 ? 0 : kLow, out.low >= 0 ? out.high : kHigh};
      return {out.low == kLow ? kLow : floor_of(out.low, by), out.high == kHigh ? kHigh : floor_of(out.high, by)};
    }
    case Kind::Modulo: {
      const int64_t high = node.operands[1].bounds().high;
      return {0, high == kHigh ? kHigh : high - 1};
    }
    case Kind::Min:
    case Kind::Max:
      for (Dim d : node.operands) {
        const Dim::Bounds each = d.bounds();
        const bool least = node.kind == Kind::Min;
        out = {least ? std::min(out.low, each.low) : std::max(out.low, each.low),
               least ? std::min(out.high, each.high) : std::max(out.high, each.high)};
      }
      break;
  }
  return out;
}

Dim combined(Kind kind, Dim a, Dim b) {
  switch (kind) {
    case Kind::Add: {
      Sum sum = sum_of(a), more = sum_of(b);
      sum.insert(sum.end(), more.begin(), more.end());
      return normalized(std::move(sum));
    }
    case Kind::Multiply:
      return dim_of(product(sum_of(a), sum_of(b)));
    case Kind::FloorDivide:
    case Kind::Modulo:
      return divided(kind, a, b);
    default:
      return extreme(kind, a, b);
  }
}

}  // namespace

Dim Dim::symbol(std::string_view name) {
  return DimTable::instance().intern({Kind::Symbol, {}, symbol_text(name), std::string(name), 1});
}

Dim::Kind Dim::kind() const { return kind_of(*this); }
const std::vector<Dim>& Dim::operands() const {
  static const std::vector<Dim> none;
  return is_symbolic() ? node_of(*this).operands : none;
}
const std::string& Dim::name() const {
  TENON_ASSERT(is_symbolic());
  return node_of(*this).name;
}

std::string Dim::str() const {
  const Node* node = is_symbolic() ? DimTable::instance().find(*this) : nullptr;
  return node != nullptr ? node->text : std::to_string(value_);
}

Dim::Bounds Dim::bounds() const { return is_symbolic() ? bounds_of(node_of(*this)) : Bounds{value_, value_}; }

Dim Dim::combine(Kind kind, Dim a, Dim b) {
  static constexpr const char* kSigns[] = {"", "", " + ", " * ", " // ", " % ", "", ""};
  check<ShapeError>(!concrete(a, b) || kind == Kind::FloorDivide || kind == Kind::Modulo, "shape: ", a,
                    kSigns[static_cast<int>(kind)], b, " does not fit in 64 bits; sizes are too large");
  return combined(kind, a, b);
}
Dim Dim::subtract(Dim a, Dim b) {
  check<ShapeError>(!concrete(a, b), "shape: ", a, " - ", b, " does not fit in 64 bits; sizes are too large");
  return a == b ? Dim(0) : a + Dim(-1) * b;
}

Dim Dim::substitute(const std::function<Dim(Dim)>& value) const {
  if (!is_symbolic()) return *this;
  const Node& node = node_of(*this);
  if (node.kind == Kind::Symbol) return value(*this);
  Dim out = node.operands[0].substitute(value);
  for (size_t i = 1; i < node.operands.size(); ++i) {
    const Dim next = node.operands[i].substitute(value);
    switch (node.kind) {
      case Kind::Add:
        out = out + next;
        break;
      case Kind::Multiply:
        out = out * next;
        break;
      case Kind::FloorDivide:
        out = out / next;
        break;
      case Kind::Modulo:
        out = out % next;
        break;
      default:
        out = node.kind == Kind::Min ? min(out, next) : max(out, next);
    }
  }
  return out;
}

void Dim::symbolic_value_error(Dim dim) {
  if (DimTable::instance().find(dim) == nullptr) fail_number(dim);
  fail<ShapeError>(
      "shape: the dimension ", dim.str(),
      " is unknown while tracing, and its number is needed here; compute with it instead, or make it static");
}

// ---- conditions ----------------------------------------------------------------------------------------------------

static thread_local constinit DimConditions* conditions = nullptr;

DimConditions::DimConditions() : previous_(conditions) { conditions = this; }
DimConditions::~DimConditions() { conditions = previous_; }
DimConditions* DimConditions::current() { return conditions; }
void DimConditions::add(Dim a, Dim b) {
  for (const auto& [left, right] : pairs_) {
    if ((left == a && right == b) || (left == b && right == a)) return;
  }
  pairs_.emplace_back(a, b);
}

bool require_equal_symbolic(const char* op, Dim a, Dim b) {
  const auto [low, high] = (a - b).bounds();
  if (low > 0 || high < 0) return false;
  check<ShapeError>(conditions != nullptr, op, ": the sizes ", a, " and ", b, " must be equal, but the dimension ",
                    a.is_symbolic() ? a : b, " is unknown here; make it static, give both the same symbol, or trace, ",
                    "which records the condition");
  conditions->add(a, b);
  return true;
}

// ---- parsing -------------------------------------------------------------------------------------------------------

namespace {

struct DimParser {
  std::string_view text;
  size_t at;
  const char* expected = nullptr;
  int depth = 0;

  Dim sum() {
    Dim left = product();
    while (expected == nullptr) {
      if (accept("+"))
        left = left + product();
      else if (accept("-"))
        left = left - product();
      else
        break;
    }
    return left;
  }

 private:
  Dim product() {
    Dim left = factor();
    while (expected == nullptr) {
      if (accept("//"))
        left = left / divisor();
      else if (accept("%"))
        left = left % divisor();
      else if (accept("*"))
        left = left * factor();
      else
        break;
    }
    return left;
  }
  Dim divisor() {
    skip_spaces();
    const size_t begin = at;
    const Dim by = factor();
    if (expected != nullptr || by.bounds().high > 0) return by;
    at = begin;
    return fail_at("a divisor above zero");
  }
  Dim factor() {
    if (++depth > kMaxDepth) return fail_at("fewer parentheses");
    Dim out;
    skip_spaces();
    if (accept("(")) {
      out = sum();
      close(")");
    } else if (accept("-")) {
      out = Dim(0) - factor();
    } else if (is_digit(peek())) {
      out = number();
    } else if (peek() == '"') {
      out = quoted();
    } else if (is_letter(peek())) {
      out = word();
    } else {
      fail_at("a size");
    }
    --depth;
    return out;
  }
  Dim number() {
    int64_t value = 0;
    const size_t begin = at;
    for (; is_digit(peek()); ++at) {
      if (!__builtin_mul_overflow(value, 10, &value) && !__builtin_add_overflow(value, peek() - '0', &value)) continue;
      at = begin;
      return fail_at("a number that fits in 64 bits");
    }
    return value;
  }
  Dim word() {
    const size_t begin = at;
    while (is_word(peek())) ++at;
    const std::string_view name = text.substr(begin, at - begin);
    if ((name != "min" && name != "max") || peek() != '(') return Dim::symbol(name);
    ++at;
    Dim out = sum();
    while (expected == nullptr && accept(",")) out = name == "min" ? min(out, sum()) : max(out, sum());
    close(", or )");
    return out;
  }
  Dim quoted() {
    std::string name;
    for (++at; at < text.size() && text[at] != '"'; ++at) {
      if (text[at] == '\\' && at + 1 < text.size()) {
        ++at;
        name += text[at] == 'n' ? '\n' : text[at];
      } else {
        name += text[at];
      }
    }
    if (at == text.size()) return fail_at("a closing quote");
    ++at;
    return Dim::symbol(name);
  }

  char peek() const { return at < text.size() ? text[at] : '\0'; }
  void skip_spaces() {
    while (peek() == ' ') ++at;
  }
  bool accept(std::string_view token) {
    skip_spaces();
    if (text.substr(at, token.size()) != token) return false;
    at += token.size();
    return true;
  }
  void close(const char* wanted) {
    if (expected == nullptr && !accept(")")) fail_at(wanted);
  }
  Dim fail_at(const char* wanted) {
    if (expected == nullptr) expected = wanted;
    return 1;
  }
};

}  // namespace

Dim::Parsed Dim::parse_prefix(std::string_view text, size_t at) {
  DimParser parser{text, at};
#if defined(__cpp_exceptions)
  try {
    const Dim value = parser.sum();
    return {value, parser.at, parser.expected};
  } catch (const ShapeError&) {
    return {{}, parser.at, "a size that fits in 64 bits, of an expression that is not too large"};
  }
#else
  const Dim value = parser.sum();
  return {value, parser.at, parser.expected};
#endif
}

Dim Dim::parse(std::string_view text) {
  Parsed parsed = parse_prefix(text, 0);
  while (parsed.expected == nullptr && parsed.end < text.size() && text[parsed.end] == ' ') ++parsed.end;
  if (parsed.expected == nullptr && parsed.end < text.size()) parsed.expected = "an operator or the end";
  check<ValueError>(parsed.expected == nullptr, "Dim.parse: expected ",
                    std::string(parsed.expected ? parsed.expected : ""), " at character ", parsed.end + 1, " of \"",
                    text.substr(0, 200), "\"");
  return parsed.value;
}

}  // namespace tenon::inline v0
