#include <tenon/ops/creation.h>

#include <cmath>

#include <tenon/core/rules.h>
#include <tenon/ops/checks.h>
#include <tenon/ops/register.h>

namespace tenon::inline v0 {

namespace {

void infer_created(const CreationOptions& r, const Dims& size, DType dtype, Spec* out) {
  out->shape = size;
  out->dtype = r.dtype.value_or(dtype);
  out->device = r.device.value_or(Device{});
}
void infer_created_like(const CreationOptions& r, const Dims& size, const Spec& like, Spec* out) {
  infer_created(r, size, like.dtype, out);
  if (!r.device) out->device = like.device;
}

// Numbers of these kinds make a tensor of this dtype.
DType range_dtype(const Scalar& a, const Scalar& b) {
  const Kind kind = a.kind() > b.kind() ? a.kind() : b.kind();
  return kind >= Kind::Float ? default_dtype() : DType::Int64;
}

int64_t range_length(const Scalar& start, const Scalar& end, const Scalar& step) {
  const double s = step.to_double(), span = end.to_double() - start.to_double();
  check<ValueError>(s != 0, "arange: step must be nonzero");
  check<ValueError>(std::isfinite(start.to_double()) && std::isfinite(end.to_double()),
                    "arange: unsupported range: ", start, " -> ", end);
  check<ValueError>((s > 0 && span >= 0) || (s < 0 && span <= 0),
                    "arange: upper bound and lower bound inconsistent with step sign: start=", start, ", end=", end,
                    ", step=", step);
  if (start.kind() <= Kind::Integer && end.kind() <= Kind::Integer && step.kind() <= Kind::Integer) {
    const auto distance = static_cast<__int128>(end.to_int()) - start.to_int();
    const __int128 by = step.to_int(), rounded = distance + by + (by > 0 ? -1 : 1);
    return static_cast<int64_t>(rounded / by);
  }
  const double length = std::ceil(span / s);
  check<ValueError>(length <= 9e18, "arange: invalid size, possible overflow: start=", start, ", end=", end,
                    ", step=", step);
  return static_cast<int64_t>(length);
}

void check_steps(const char* op, int64_t steps) {
  check<ValueError>(steps >= 0, op, ": number of steps must be non-negative, not ", steps);
}

}  // namespace

void infer(const SizedCreation& r, Specs, Spec* out) { infer_created(r, r.size, default_dtype(), out); }
void infer(const Full& r, Specs, Spec* out) {
  infer_created(r, r.size, r.fill_value.dtype(), out);
  check_fits(Full::name, "fill_value", r.fill_value, out->dtype);
}
void infer(const LikeCreation& r, Specs in, Spec* out) { infer_created_like(r, in[0].shape, in[0], out); }
void infer(const FullLike& r, Specs in, Spec* out) {
  infer_created_like(r, in[0].shape, in[0], out);
  check_fits(FullLike::name, "fill_value", r.fill_value, out->dtype);
}
void infer(const NewCreation& r, Specs in, Spec* out) { infer_created_like(r, r.size, in[0], out); }
void infer(const NewFull& r, Specs in, Spec* out) {
  infer_created_like(r, r.size, in[0], out);
  check_fits(NewFull::name, "fill_value", r.fill_value, out->dtype);
}

void infer(const Arange& r, Specs, Spec* out) {
  infer_created(r, {range_length(0, r.end, 1)}, range_dtype(r.end, 0), out);
}
void infer(const ArangeStart& r, Specs, Spec* out) {
  const DType dtype = r.step.kind() >= Kind::Float ? default_dtype() : range_dtype(r.start, r.end);
  infer_created(r, {range_length(r.start, r.end, r.step)}, dtype, out);
}
void infer(const Linspace& r, Specs, Spec* out) {
  check_steps(Linspace::name, r.steps);
  infer_created(r, {r.steps}, default_dtype(), out);
  check_fits(Linspace::name, "start", r.start, out->dtype);
  check_fits(Linspace::name, "end", r.end, out->dtype);
}
void infer(const Logspace& r, Specs, Spec* out) {
  check_steps(Logspace::name, r.steps);
  infer_created(r, {r.steps}, default_dtype(), out);
}
void infer(const Eye& r, Specs, Spec* out) {
  const Dim m = r.m ? Dim(*r.m) : r.n;
  check<ValueError>(r.n.is_symbolic() || r.n.value() >= 0, "eye: n must be greater or equal to 0, got ", r.n);
  check<ValueError>(m.is_symbolic() || m.value() >= 0, "eye: m must be greater or equal to 0, got ", m);
  infer_created(r, {r.n, m}, default_dtype(), out);
}

void register_creation(Registry& registry) { CreationRecords::add_to(registry); }

}  // namespace tenon::inline v0
