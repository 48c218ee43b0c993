// The interface lives in core, so that ops include no autograd.
#pragma once
#include <tenon/core/gradients.h>
