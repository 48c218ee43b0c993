// All of Tenon: `#include <tenon/tenon.h>`, `namespace tn = tenon;`.
#pragma once

#include <tenon/autograd/autograd.h>
#include <tenon/build_config.h>
#include <tenon/core/error.h>
#include <tenon/core/generator.h>
#include <tenon/core/gradients.h>
#include <tenon/core/tensor.h>
#include <tenon/core/thread_pool.h>
#include <tenon/data/data.h>
#include <tenon/io/io.h>
#include <tenon/nn/nn.h>
#include <tenon/ops/functions.h>
#include <tenon/ops/operators.h>
#include <tenon/optim/optim.h>
