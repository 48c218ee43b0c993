// Learning-rate schedules, stepped once per epoch (or batch). The rules are PyTorch's recursive ones, so
// that changes of a group's rate made elsewhere carry through.
#pragma once

#include <cstdint>
#include <vector>

#include <tenon/optim/optimizer.h>

namespace tenon::inline v0::optim {

// The next rate of a group. Shared with Python's schedulers of the same names.
TENON_API double step_lr(double lr, int64_t epoch, int64_t step_size, double gamma);
TENON_API double cosine_annealing_lr(double lr, double base_lr, int64_t epoch, int64_t t_max, double eta_min);

class TENON_API LRScheduler {
 public:
  virtual ~LRScheduler();
  void step();
  int64_t last_epoch() const { return last_epoch_; }
  const std::vector<double>& get_last_lr() const { return last_lr_; }

 protected:
  explicit LRScheduler(Optimizer& optimizer);
  virtual double next_lr(double lr, double base_lr) const = 0;

  Optimizer* optimizer_;
  std::vector<double> base_lrs_, last_lr_;
  int64_t last_epoch_ = 0;
};

class TENON_API StepLR : public LRScheduler {
 public:
  StepLR(Optimizer& optimizer, int64_t step_size, double gamma = 0.1);

 private:
  double next_lr(double lr, double base_lr) const override;
  int64_t step_size_;
  double gamma_;
};

class TENON_API CosineAnnealingLR : public LRScheduler {
 public:
  CosineAnnealingLR(Optimizer& optimizer, int64_t t_max, double eta_min = 0);

 private:
  double next_lr(double lr, double base_lr) const override;
  int64_t t_max_;
  double eta_min_;
};

}  // namespace tenon::inline v0::optim
