// Every family of ops: the one list from which registration, generated functions and stubs start.
#pragma once

#include <tenon/ops/elementwise.h>

namespace tenon::inline v0 {

template <class F>
void for_each_family(F&& f) {
  f("elementwise", ElementwiseRecords{});
}

}  // namespace tenon::inline v0
