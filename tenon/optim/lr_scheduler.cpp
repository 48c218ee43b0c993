#include <tenon/optim/lr_scheduler.h>

#include <cmath>
#include <numbers>

namespace tenon::inline v0::optim {

double step_lr(double lr, int64_t epoch, int64_t step_size, double gamma) {
  return epoch == 0 || epoch % step_size != 0 ? lr : lr * gamma;
}

double cosine_annealing_lr(double lr, double base_lr, int64_t epoch, int64_t t_max, double eta_min) {
  constexpr double pi = std::numbers::pi;
  if (epoch == 0) return lr;
  const auto e = static_cast<double>(epoch), t = static_cast<double>(t_max);
  // At a minimum the quotient below would be 0 / 0.
  if ((epoch - 1 - t_max) % (2 * t_max) == 0) return lr + (base_lr - eta_min) * (1 - std::cos(pi / t)) / 2;
  return (1 + std::cos(pi * e / t)) / (1 + std::cos(pi * (e - 1) / t)) * (lr - eta_min) + eta_min;
}

LRScheduler::~LRScheduler() = default;

LRScheduler::LRScheduler(Optimizer& optimizer) : optimizer_(&optimizer) {
  for (size_t g = 0; g < optimizer.group_count(); ++g) base_lrs_.push_back(optimizer.lr(g));
  last_lr_ = base_lrs_;
}

void LRScheduler::step() {
  ++last_epoch_;
  // A group may have been added since.
  for (size_t g = base_lrs_.size(); g < optimizer_->group_count(); ++g) base_lrs_.push_back(optimizer_->lr(g));
  last_lr_.resize(base_lrs_.size());
  for (size_t g = 0; g < optimizer_->group_count(); ++g) {
    last_lr_[g] = optimizer_->lr(g) = next_lr(optimizer_->lr(g), base_lrs_[g]);
  }
}

StepLR::StepLR(Optimizer& optimizer, int64_t step_size, double gamma)
    : LRScheduler(optimizer), step_size_(step_size), gamma_(gamma) {
  check<ValueError>(step_size > 0, "StepLR: step_size must be positive, got ", step_size);
}
double StepLR::next_lr(double lr, double) const { return step_lr(lr, last_epoch_, step_size_, gamma_); }

CosineAnnealingLR::CosineAnnealingLR(Optimizer& optimizer, int64_t t_max, double eta_min)
    : LRScheduler(optimizer), t_max_(t_max), eta_min_(eta_min) {
  check<ValueError>(t_max > 0, "CosineAnnealingLR: T_max must be positive, got ", t_max);
}
double CosineAnnealingLR::next_lr(double lr, double base_lr) const {
  return cosine_annealing_lr(lr, base_lr, last_epoch_, t_max_, eta_min_);
}

}  // namespace tenon::inline v0::optim
