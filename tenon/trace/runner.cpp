#include <tenon/trace/runner.h>

#include <cstring>
#include <mutex>

#include <tenon/core/registry.h>
#include <tenon/exec/session.h>
#include <tenon/graph/plan.h>

namespace tenon::inline v0::tracing {
namespace {

void raise(const exec::Status& status) {
  using Code = exec::Status::Code;
  switch (status.code) {
    case Code::Ok:
      return;
    case Code::Shape:
      fail<ShapeError>(status.text);
    case Code::DType:
      fail<DTypeError>(status.text);
    case Code::Index:
      fail<IndexError>(status.text);
    case Code::Memory:
      fail<MemoryError>(status.text);
    case Code::File:
    case Code::Version:
      fail<FileError>(status.text);
    case Code::Internal:
      fail<InternalError>(status.text);
    default:
      fail<ValueError>(status.text);
  }
}

Tensor copy_of(const View& view) {
  Tensor out = Tensor::empty(Shape(view.sizes, view.sizes + view.ndim), view.dtype);
  const auto bytes = static_cast<size_t>(out.numel() * out.element_size());
  if (bytes != 0) std::memcpy(out.data_ptr(), view.data, bytes);
  return out;
}

}  // namespace

// Planned when it is first called.
struct Runner::Function {
  const graph::Graph& graph;
  std::mutex mutex;
  exec::Plan plan;
  std::unique_ptr<exec::Session> session;
  explicit Function(const graph::Graph& g) : graph(g) {}

  std::vector<Tensor> run(const std::vector<Tensor>& inputs) {
    const std::lock_guard lock(mutex);
    if (!session) {
      plan = graph::plan(graph);
      raise(exec::Session::create(plan, registry(), {}, session));
    }
    std::vector<View> views;
    for (const Tensor& x : inputs) {
      check<ValueError>(x.defined(), graph.name, ": input ", views.size(), " is None");
      (void)x.data_ptr();  // raises for tensors without values
      views.push_back(x.impl()->view());
    }
    raise(session->run(views.data(), static_cast<int>(views.size())));
    std::vector<Tensor> out;
    for (size_t i = 0; i < graph.outputs.size(); ++i) out.push_back(copy_of(session->output(static_cast<int>(i))));
    return out;
  }
};

Runner::Runner(graph::Program program) : program_(std::move(program)) {
  for (const graph::Graph& graph : program_.functions) functions_.push_back(std::make_unique<Function>(graph));
}
Runner::Runner(Runner&&) noexcept = default;
Runner::~Runner() = default;
const graph::Program& Runner::program() const { return program_; }

Runner::Function& Runner::find(const std::string& name) const {
  std::string known;
  for (const auto& function : functions_) {
    if (name.empty() || function->graph.name == name) return *function;
    known += text(known.empty() ? "" : ", ", function->graph.name);
  }
  fail<ValueError>("program: there is no function '", name, "'; there are ", known);
}
const graph::Graph& Runner::function(const std::string& name) const { return find(name).graph; }
std::vector<Tensor> Runner::run(const std::vector<Tensor>& inputs, const std::string& name) {
  return find(name).run(inputs);
}

}  // namespace tenon::inline v0::tracing
