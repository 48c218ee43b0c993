// Every family of ops: the one list from which registration, generated functions and stubs start.
#pragma once

#include <tenon/ops/elementwise.h>
#include <tenon/ops/views.h>
#include <tenon/ops/joining.h>
#include <tenon/ops/indexing.h>
#include <tenon/ops/sorting.h>
#include <tenon/ops/matmul.h>
#include <tenon/ops/conv.h>

namespace tenon::inline v0 {

template <class F>
void for_each_family(F&& f) {
  f("elementwise", ElementwiseRecords{});
  f("views", ViewRecords{});
  f("joining", JoiningRecords{});
  f("indexing", IndexingRecords{});
  f("sorting", SortingRecords{});
  f("matmul", MatmulRecords{});
  f("conv", ConvRecords{});
}

}  // namespace tenon::inline v0
