// Every family of ops: the one list from which registration, generated functions and stubs start.
#pragma once

#include <tenon/ops/activation.h>
#include <tenon/ops/contraction.h>
#include <tenon/ops/conv.h>
#include <tenon/ops/creation.h>
#include <tenon/ops/elementwise.h>
#include <tenon/ops/indexing.h>
#include <tenon/ops/joining.h>
#include <tenon/ops/loss.h>
#include <tenon/ops/matmul.h>
#include <tenon/ops/norm.h>
#include <tenon/ops/random.h>
#include <tenon/ops/reduction.h>
#include <tenon/ops/sorting.h>
#include <tenon/ops/views.h>

namespace tenon::inline v0 {

template <class F>
void for_each_family(F&& f) {
  f("elementwise", ElementwiseRecords{});
  f("reduction", ReductionRecords{});
  f("creation", CreationRecords{});
  f("random", RandomRecords{});
  f("views", ViewRecords{});
  f("joining", JoiningRecords{});
  f("indexing", IndexingRecords{});
  f("sorting", SortingRecords{});
  f("matmul", MatmulRecords{});
  f("contraction", ContractionRecords{});
  f("conv", ConvRecords{});
  f("norm", NormRecords{});
  f("activation", ActivationRecords{});
  f("loss", LossRecords{});
}

}  // namespace tenon::inline v0
