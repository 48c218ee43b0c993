#include <tenon/core/print.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

#include <tenon/core/half.h>

namespace tenon::inline v0 {

std::string (*gradient_name)(const Tensor& tensor) = nullptr;

PrintOptions& print_options() {
  static PrintOptions options;
  return options;
}

Scalar read_element(const void* p, DType dtype) {
  switch (dtype) {
    case DType::Bool:
      return *static_cast<const uint8_t*>(p) != 0;
    case DType::UInt8:
      return *static_cast<const uint8_t*>(p);
    case DType::Int8:
      return *static_cast<const int8_t*>(p);
    case DType::Int16:
      return *static_cast<const int16_t*>(p);
    case DType::Int32:
      return *static_cast<const int32_t*>(p);
    case DType::Int64:
      return *static_cast<const int64_t*>(p);
    case DType::Float16:
      return static_cast<float>(*static_cast<const Half*>(p));
    case DType::BFloat16:
      return static_cast<float>(*static_cast<const BFloat16*>(p));
    case DType::Float32:
      return *static_cast<const float*>(p);
    case DType::Float64:
      return *static_cast<const double*>(p);
    case DType::Complex64:
      return std::complex<double>(*static_cast<const std::complex<float>*>(p));
    case DType::Complex128:
      return *static_cast<const std::complex<double>*>(p);
  }
  return 0;
}

namespace {

std::string format_number(double value, char style, int precision) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  const char format[] = {'%', '.', '*', style, 0};
  char buffer[400];
  const int n = std::snprintf(buffer, sizeof buffer, format, precision, value);
  return std::string(buffer, static_cast<size_t>(std::clamp(n, 0, static_cast<int>(sizeof buffer) - 1)));
}

std::string format_whole(const Scalar& value) {
  if (value.kind() == Kind::Bool) return value.to_bool() ? "True" : "False";
  return std::to_string(value.to_int());
}

// Chooses one width and style for all numbers that are shown.
class Formatter {
 public:
  explicit Formatter(bool is_float) : is_float_(is_float) {}

  void see(const Scalar& whole) { widen(format_whole(whole).size()); }
  void see(double value) {
    if (std::isfinite(value) && value != 0) values_.push_back(value);
  }
  void choose() {
    if (!is_float_ || values_.empty()) return;
    const PrintOptions& options = print_options();
    double low = HUGE_VAL, high = 0;
    for (double v : values_) {
      low = std::min(low, std::fabs(v));
      high = std::max(high, std::fabs(v));
      whole_ &= v == std::ceil(v);
    }
    scientific_ = high / low > 1000.0 || high > 1e8 || (!whole_ && low < 1e-4);
    for (double v : values_) {
      if (scientific_) {
        widen(format_number(v, 'e', options.precision).size());
      } else {
        widen(whole_ ? format_number(v, 'f', 0).size() + 1 : format_number(v, 'f', options.precision).size());
      }
    }
    if (options.sci_mode) scientific_ = *options.sci_mode;
    values_.clear();
    values_.shrink_to_fit();
  }
  size_t width() const { return width_; }

  std::string format(double value) const {
    const int precision = print_options().precision;
    if (scientific_) return pad(format_number(value, 'e', precision));
    if (!whole_) return pad(format_number(value, 'f', precision));
    return pad(format_number(value, 'f', 0) + (std::isfinite(value) ? "." : ""));
  }
  std::string format(const Scalar& value) const {
    return is_float_ ? format(value.to_double()) : pad(format_whole(value));
  }

 private:
  void widen(size_t n) { width_ = std::max(width_, n); }
  std::string pad(std::string s) const {
    if (s.size() < width_) s.insert(0, width_ - s.size(), ' ');
    return s;
  }

  bool is_float_;
  bool whole_ = true;
  bool scientific_ = false;
  size_t width_ = 1;
  std::vector<double> values_;
};

// One tensor being printed; positions are byte pointers walked along the strides.
class Printer {
 public:
  explicit Printer(const Tensor& tensor)
      : impl_(tensor.impl()),
        complex_(is_complex(tensor.dtype())),
        summarize_(tensor.numel() > print_options().threshold),
        real_(tensor.dtype() != DType::Bool && !is_integral(tensor.dtype())),
        imaginary_(true) {
    visit(start(), 0);
    real_.choose();
    imaginary_.choose();
  }
  std::string print(size_t indent) const { return print(start(), 0, indent); }

 private:
  const char* start() const { return static_cast<const char*>(impl_->data()); }
  size_t dim() const { return impl_->spec.shape.size(); }
  int64_t size(size_t d) const { return impl_->spec.shape[d].value(); }
  int64_t step(size_t d) const { return impl_->strides[d].raw() * size_of(impl_->spec.dtype); }
  bool shortens(size_t d) const { return summarize_ && size(d) > 2 * print_options().edgeitems; }

  // Calls body(i) for the shown indices of dimension d, and gap() where some are left out.
  template <class Body, class Gap>
  void each(size_t d, Body body, Gap gap) const {
    const int64_t n = size(d), edge = shortens(d) ? print_options().edgeitems : n;
    for (int64_t i = 0; i < edge; ++i) body(i);
    if (edge == n) return;
    gap();
    for (int64_t i = n - edge; i < n; ++i) body(i);
  }

  void visit(const char* p, size_t d) {
    if (d < dim()) {
      each(
          d, [&](int64_t i) { visit(p + i * step(d), d + 1); }, [] {});
      return;
    }
    const Scalar value = read_element(p, impl_->spec.dtype);
    if (complex_) {
      real_.see(value.to_complex().real());
      imaginary_.see(value.to_complex().imag());
    } else if (value.kind() == Kind::Float) {
      real_.see(value.to_double());
    } else {
      real_.see(value);
    }
  }

  std::string print_element(const char* p) const {
    const Scalar value = read_element(p, impl_->spec.dtype);
    if (!complex_) return real_.format(value);
    std::string imag = imaginary_.format(value.to_complex().imag()) + "j";
    imag.erase(0, imag.find_first_not_of(' '));
    return real_.format(value.to_complex().real()) + (imag[0] == '-' || imag[0] == '+' ? "" : "+") + imag;
  }

  std::string print_row(const char* p, size_t d, size_t indent) const {
    const size_t length = real_.width() + 2 + (complex_ ? imaginary_.width() + 1 : 0);
    const auto width = static_cast<size_t>(print_options().linewidth);
    const size_t per_line = std::max<size_t>(1, width > indent ? (width - indent) / length : 0);
    std::vector<std::string> items;
    if (summarize_ && print_options().edgeitems == 0) {
      items.emplace_back("...");
    } else {
      each(
          d, [&](int64_t i) { items.push_back(print_element(p + i * step(d))); }, [&] { items.emplace_back(" ..."); });
    }
    std::string out = "[";
    for (size_t i = 0; i < items.size(); ++i) {
      if (i > 0) out += i % per_line == 0 ? ",\n" + std::string(indent + 1, ' ') : ", ";
      out += items[i];
    }
    return out + "]";
  }

  std::string print(const char* p, size_t d, size_t indent) const {
    if (d == dim()) return print_element(p);
    if (d + 1 == dim()) return print_row(p, d, indent);
    const std::string separator = "," + std::string(dim() - d - 1, '\n') + std::string(indent + 1, ' ');
    std::string out = "[";
    bool first = true;
    auto next = [&] {
      if (!first) out += separator;
      first = false;
    };
    each(
        d,
        [&](int64_t i) {
          next();
          out += print(p + i * step(d), d + 1, indent + 1);
        },
        [&] {
          next();
          out += "...";
        });
    return out + "]";
  }

  const TensorImpl* impl_;
  bool complex_;
  bool summarize_;
  Formatter real_;
  Formatter imaginary_;
};

std::string print_shape(const Shape& shape) {
  std::string out = "(";
  for (size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) out += ", ";
    out += shape[i].str();
  }
  return out + (shape.size() == 1 ? ",)" : ")");
}

std::string add_suffixes(std::string out, const std::vector<std::string>& suffixes, size_t indent) {
  const size_t newline = out.rfind('\n');
  size_t last = newline == std::string::npos ? out.size() + 2 : out.size() - newline + 1;
  for (const std::string& suffix : suffixes) {
    if (last + suffix.size() + 2 > static_cast<size_t>(print_options().linewidth)) {
      out += ",\n" + std::string(indent, ' ') + suffix;
      last = indent + suffix.size();
    } else {
      out += ", " + suffix;
      last += suffix.size() + 2;
    }
  }
  return out + ")";
}

}  // namespace

std::string print_tensor(const Tensor& tensor, std::string_view head) {
  if (!tensor.defined()) return std::string(head) + ")";
  const DType dtype = tensor.dtype();
  const std::string dtype_suffix = "dtype=" + print_options().prefix + "." + name_of(dtype);
  const DType complex_default = default_dtype() == DType::Float64 ? DType::Complex128 : DType::Complex64;
  if ((tensor.impl()->flags & TensorImpl::kExtended) != 0)
    return std::string(head) + "..., " + to_text(tensor.spec()) + ")";
  std::vector<std::string> suffixes;
  if (tensor.device().kind != DeviceKind::CPU) suffixes.push_back("device='" + tensor.device().str() + "'");
  std::string out(head);
  if (tensor.device().kind != DeviceKind::CPU) {
    suffixes.push_back("size=" + print_shape(tensor.shape()));
    if (dtype != default_dtype()) suffixes.push_back(dtype_suffix);
    out += "...";
  } else if (tensor.numel() == 0) {
    if (tensor.dim() != 1) suffixes.push_back("size=" + print_shape(tensor.shape()));
    if (dtype != default_dtype()) suffixes.push_back(dtype_suffix);
    out += "[]";
  } else {
    if (dtype != default_dtype() && dtype != complex_default && dtype != DType::Int64 && dtype != DType::Bool) {
      suffixes.push_back(dtype_suffix);
    }
    out += Printer(tensor).print(head.size());
  }
  const std::string gradient = gradient_name == nullptr ? "" : gradient_name(tensor);
  if (!gradient.empty()) {
    suffixes.push_back("grad_fn=<" + gradient + ">");
  } else if (tensor.requires_grad()) {
    suffixes.push_back("requires_grad=True");
  }
  return add_suffixes(std::move(out), suffixes, head.size());
}

std::string Tensor::str() const { return print_tensor(*this); }

}  // namespace tenon::inline v0
