// What the C interface holds behind its handles.
#pragma once

#include <tenon/exec/session.h>
#include <tenon/runtime/c_api.h>

namespace tenon::inline v0::runtime {

// How a C program sees an input or output.
struct TensorDescription {
  std::string name;
  DType dtype = DType::Float32;
  std::vector<int64_t> sizes;
  std::vector<std::string> texts;
  std::vector<const char*> text_pointers;
};
struct FunctionDescription {
  std::vector<TensorDescription> inputs, outputs;
};

// A model of a program that is in memory already; closed with tenon_close.
TENON_API TenonModel* make_model(exec::Program program);

}  // namespace tenon::inline v0::runtime

struct TenonModel {
  // Shared with the sessions, so that a model may be closed before them.
  std::shared_ptr<const tenon::exec::Program> program;
  std::vector<tenon::runtime::FunctionDescription> functions;
};

struct TenonSession {
  std::shared_ptr<const tenon::exec::Program> program;
  const tenon::exec::Plan* plan = nullptr;
  std::unique_ptr<tenon::exec::Session> session;
  bool has_run = false;
  // Room for the views of a call, so that calls allocate nothing.
  std::vector<tenon::View> views;
  std::vector<tenon::exec::Destination> destinations;
  std::vector<int64_t> strides;  // row-major ones of the inputs that came without
};
