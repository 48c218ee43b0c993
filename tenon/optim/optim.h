// The floor's roof: optimisers and learning-rate schedules.
#pragma once

#include <tenon/optim/lr_scheduler.h>
#include <tenon/optim/optimizer.h>
