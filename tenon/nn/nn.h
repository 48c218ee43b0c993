// Everything of tenon::nn.
#pragma once

#include <tenon/nn/classes.h>
#include <tenon/nn/container.h>
#include <tenon/nn/forward.h>
#include <tenon/nn/init.h>
#include <tenon/nn/layers.h>
#include <tenon/nn/loss.h>
#include <tenon/nn/module.h>
#include <tenon/nn/value.h>
