#pragma once
#include <tenon/core/gradients.h>
