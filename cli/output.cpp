// How tensors and numbers are shown.
#include <tenon/ops/functions.h>

#include <cmath>
#include <cstdio>
#include <cstring>

#include "cli.h"

namespace tenon::cli {

Tensor copy_of(const View& view) {
  Shape shape;
  for (int i = 0; i < view.ndim; ++i) shape.push_back(view.sizes[i]);
  Tensor out = Tensor::empty(shape, view.dtype);
  if (out.numel() > 0) std::memcpy(out.data_ptr(), view.data, static_cast<size_t>(out.numel() * size_of(view.dtype)));
  return out;
}

namespace {

// JSON has no infinities and no NaN: as texts, which most readers of numbers take.
Json number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  return value;
}

template <class Item>
Json nested(const Tensor& tensor, int64_t dim, int64_t& at, const Item& item) {
  if (dim == tensor.dim()) return item(at++);
  Json out = Json::array();
  for (int64_t i = 0; i < tensor.size(dim); ++i) out.push_back(nested(tensor, dim + 1, at, item));
  return out;
}

}  // namespace

Json values_of(const Tensor& tensor) {
  int64_t at = 0;
  const DType dtype = tensor.dtype();
  if (dtype == DType::Bool) {
    const bool* data = tensor.data<bool>();
    return nested(tensor, 0, at, [&](int64_t i) -> Json { return data[i]; });
  }
  if (is_integral(dtype)) {
    const Tensor wide = tensor.to(DType::Int64);
    return nested(tensor, 0, at, [data = wide.data<int64_t>()](int64_t i) -> Json { return data[i]; });
  }
  if (is_complex(dtype)) {
    const Tensor wide = tensor.to(DType::Complex128);
    const auto* data = static_cast<const double*>(wide.data_ptr());
    return nested(tensor, 0, at, [&](int64_t i) -> Json {
      return Json::array({number(data[2 * i]), number(data[2 * i + 1])});
    });
  }
  if (dtype == DType::Float64) {
    return nested(tensor, 0, at, [data = tensor.data<double>()](int64_t i) { return number(data[i]); });
  }
  const Tensor wide = tensor.to(DType::Float32);  // exact, and read back bit for bit from what is written
  return nested(tensor, 0, at, [data = wide.data<float>()](int64_t i) { return number(data[i]); });
}

static std::string readable(double value, double step, const char* const* units, int last) {
  int unit = 0;
  for (; value >= step && unit < last; ++unit) value /= step;
  char out[48];
  std::snprintf(out, sizeof out, unit == 0 ? "%.0f%s" : "%.3g%s", value, units[unit]);
  return out;
}

std::string readable_bytes(double bytes) {
  static constexpr const char* kUnits[] = {" bytes", " kB", " MB", " GB", " TB"};
  return readable(bytes, 1000, kUnits, 4);
}

std::string readable_count(double count) {
  static constexpr const char* kUnits[] = {"", " k", " M", " G", " T"};
  return readable(count, 1000, kUnits, 4);
}

}  // namespace tenon::cli
