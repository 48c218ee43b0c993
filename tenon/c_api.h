/* Tenon's C interface. */
#pragma once
#include <tenon/runtime/c_api.h>
