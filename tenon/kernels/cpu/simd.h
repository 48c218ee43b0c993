// For kernel files that are compiled once per instruction set, with Highway's foreach_target:
//
//   #undef HWY_TARGET_INCLUDE
//   #define HWY_TARGET_INCLUDE "tenon/kernels/cpu/this_file.cpp"
//   #include <hwy/foreach_target.h>
//   #include <hwy/highway.h>
//
// Loops of plain C++ between HWY_BEFORE_NAMESPACE and HWY_AFTER_NAMESPACE are vectorised for the target.
#pragma once

// The iterations of the next loop are independent, also where an output is one of the inputs.
#if defined(__clang__)
#define TENON_SIMD_LOOP _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__)
#define TENON_SIMD_LOOP _Pragma("GCC ivdep")
#else
#define TENON_SIMD_LOOP
#endif
