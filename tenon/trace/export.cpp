#include <tenon/trace/export.h>

#include <cmath>
#include <set>

#include <tenon/autograd/autograd.h>
#include <tenon/core/generator.h>
#include <tenon/core/print.h>
#include <tenon/graph/interpret.h>
#include <tenon/graph/passes.h>
#include <tenon/graph/verify.h>
#include <tenon/ops/functions.h>

namespace tenon::inline v0 {
namespace {

using graph::Graph;

class Exporter {
 public:
  Exporter(const tracing::Function& function, const std::vector<tracing::State>& state,
           const std::vector<Tensor>& examples, const ExportOptions& options)
      : function_(function), state_(state), examples_(examples), options_(options) {
    check<ValueError>(options.inputs.empty() || options.inputs.size() == examples.size(), "export: ", examples.size(),
                      " examples for ", options.inputs.size(), " inputs");
    for (size_t i = 0; i < examples.size(); ++i) add_input(i);
    for (const auto& [name, dims] : options.dynamic) {
      bool known = false;
      for (const tracing::Input& input : inputs_) known |= input.name == name;
      check<ValueError>(known, "export: dynamic names '", name, "', which is no input; they are ", names());
    }
  }

  graph::Program run() {
    tracing::Options options{options_.name, state_, options_.locate};
    Graph traced = tracing::trace(function_, inputs_, options);
    if (options_.outputs) output_names_ = options_.outputs();
    for (size_t i = output_names_.size(); i < traced.outputs.size(); ++i)
      output_names_.push_back(traced[traced.outputs[i]].name);
    if (options_.check && !symbols_.empty()) compare(traced);
    const DimConditions conditions;  // those of the graph, which every call checks
    graph::Program program;
    program.functions.push_back(graph::optimize(std::move(traced), {.fusion = options_.fusion}));
    if (options_.outputs) name_outputs(program.functions.back());
    program.labels = options_.labels;
    program.metadata = options_.metadata;
    return program;
  }

 private:
  std::string names() const {
    std::string out;
    for (const tracing::Input& input : inputs_) out += text(out.empty() ? "" : ", ", "'", input.name, "'");
    return out;
  }

  void add_input(size_t i) {
    const Tensor& example = examples_[i];
    check<ValueError>(example.defined(), "export: example ", i, " is None");
    tracing::Input input{options_.inputs.empty() ? i == 0 ? "input" : text("input_", i) : options_.inputs[i],
                         example.spec()};
    input.spec.weak = false;
    const auto name_dim = [&](int64_t dim, const std::string& name) {
      Dim& size = input.spec.shape[static_cast<size_t>(wrap_dim("export: dynamic", dim, example.dim()))];
      const auto [known, fresh] = symbols_.emplace(name, size.value());
      check<ValueError>(fresh || known->second == size.value(), "export: '", name, "' is ", known->second,
                        " in one input and ", size.value(), " in '", input.name,
                        "'; give dimensions that may differ different names");
      size = Dim::symbol(name);
    };
    if (!options_.batch.empty() && example.dim() > 0) name_dim(0, options_.batch);
    if (const auto found = options_.dynamic.find(input.name); found != options_.dynamic.end()) {
      for (const auto& [dim, name] : found->second) name_dim(dim, name);
    }
    inputs_.push_back(std::move(input));
  }

  // Outputs are named; one that has a name already, or leaves twice, leaves as a copy.
  void name_outputs(Graph& g) const {
    std::set<std::string> taken;
    for (const graph::Value& value : g.values) taken.insert(value.name);
    std::set<graph::ValueId> named;
    for (size_t i = 0; i < g.outputs.size(); ++i) {
      graph::ValueId& id = g.outputs[i];
      const std::string& wanted = output_names_[i];
      if (g[id].producer == graph::kNone || !named.insert(id).second) id = add_copy(g, id);
      if (g[id].name == wanted) continue;
      // Who has the name gives it up, unless it is an input or a weight.
      for (graph::Value& value : g.values) {
        if (value.name != wanted) continue;
        std::string other = wanted + "_";
        while (taken.count(other) != 0) other += "_";
        taken.insert(other);
        value.name = other;
      }
      g[id].name = wanted;
      taken.insert(wanted);
    }
    graph::verify(g);
  }
  static graph::ValueId add_copy(Graph& g, graph::ValueId id) {
    static const OpInfo& clone = *registry().find("clone");
    graph::Value value{text(g[id].name, "_copy"), g[id].spec, static_cast<graph::NodeId>(g.nodes.size())};
    value.spec.weak = false;
    g.values.push_back(value);
    const auto copy = static_cast<graph::ValueId>(g.values.size() - 1);
    g.nodes.push_back({&clone, graph::Record(clone), {id}, {copy}, graph::kNone, {}});
    return copy;
  }

  // ---- the second example ----

  // The example with its dynamic dimensions doubled by going round: what was a valid index stays one.
  std::vector<Tensor> larger() const {
    std::vector<Tensor> out;
    for (size_t i = 0; i < examples_.size(); ++i) {
      Tensor x = examples_[i].detach();
      const Shape& shape = inputs_[i].spec.shape;
      for (size_t d = 0; d < shape.size(); ++d) {
        if (shape[d].is_symbolic()) x = cat({x, x}, static_cast<int64_t>(d));
      }
      out.push_back(x);
    }
    return out;
  }

  // State and the default generator as they were, whatever the model does to them.
  class Restore {
   public:
    explicit Restore(const std::vector<tracing::State>& state) {
      default_generator().get_state(generator_.data());
      for (const tracing::State& s : state) {
        if (s.tensor.defined()) kept_.emplace_back(s.tensor, clone(s.tensor.detach()));
      }
    }
    ~Restore() {
      (void)default_generator().set_state(generator_.data(), generator_.size());
      const NoGrad no_grad;
      for (const auto& [tensor, value] : kept_) {
        if (!graph::same_data(tensor.detach().contiguous(), value)) tensor.detach().copy_(value);
      }
    }

   private:
    std::vector<uint8_t> generator_ = std::vector<uint8_t>(Generator::kStateBytes);
    std::vector<std::pair<Tensor, Tensor>> kept_;
  };

  void compare(const Graph& g) const {
    const bool given = !options_.second_example.empty();
    const std::vector<Tensor> inputs = given ? options_.second_example : larger();
    std::vector<Tensor> expected;
    std::vector<Tensor> found;
    {
      const Restore restore(state_);
      try {
        found = graph::interpret(g, inputs).outputs;
        expected = function_(inputs);
      } catch (const Error& e) {
        fail<TraceError>("export: the second example, ", given ? "" : "made by doubling the dynamic dimensions, ",
                         "fails: ", e.what(), given ? "" : "; pass second_example=, or check=False");
      }
    }
    check<TraceError>(expected.size() == found.size(), "export: on the second example the function returned ",
                      expected.size(), " tensors instead of ", found.size());
    for (size_t i = 0; i < expected.size(); ++i) compare(i, expected[i], found[i]);
  }
  void compare(size_t i, const Tensor& expected, const Tensor& found) const {
    const std::string& name = output_names_[i];
    const std::string advice =
        "; a size or a value of the first example was taken for good: compute it from the inputs, with their shape";
    check<TraceError>(expected.shape() == found.shape(), "export: on the second example output '", name, "' is ",
                      found.spec(), ", and the model's is ", expected.spec(), advice);
    if (expected.numel() == 0) return;
    const NoGrad no_grad;
    const Tensor a = expected.detach().to(DType::Float64), b = found.detach().to(DType::Float64);
    const Tensor nan = isnan(a).logical_and(isnan(b)).logical_or(eq(a, b));
    const double largest = where(nan, zeros_like(a), sub(a, b)).abs().amax().item<double>();
    const double size = where(isfinite(a), a, zeros_like(a)).abs().amax().item<double>();
    check<TraceError>(largest <= 1e-5 * std::max(size, 1.0), "export: on the second example output '", name,
                      "' differs from the model's by up to ", largest, advice);
  }

  const tracing::Function& function_;
  const std::vector<tracing::State>& state_;
  const std::vector<Tensor>& examples_;
  const ExportOptions& options_;
  std::vector<tracing::Input> inputs_;
  std::map<std::string, int64_t> symbols_;
  std::vector<std::string> output_names_;
};

}  // namespace

graph::Program export_program(const tracing::Function& function, const std::vector<tracing::State>& state,
                              const std::vector<Tensor>& examples, const ExportOptions& options) {
  return Exporter(function, state, examples, options).run();
}

std::vector<tracing::State> state_of(nn::Module& module) {
  std::vector<tracing::State> out;
  for (const auto& [name, tensor] : module.named_parameters())
    out.push_back({graph::Slot::Kind::Parameter, name, tensor});
  for (const auto& [name, tensor] : module.named_buffers()) out.push_back({graph::Slot::Kind::Buffer, name, tensor});
  return out;
}

graph::Program export_program(nn::Module& module, const std::vector<Tensor>& examples, const ExportOptions& options) {
  const tracing::Function run = [&](const std::vector<Tensor>& inputs) {
    nn::Arguments arguments;
    for (const Tensor& input : inputs) arguments.positional.emplace_back(input);
    const nn::Value result = module.call(std::move(arguments));
    if (result.is_tensor()) return std::vector<Tensor>{result.tensor()};
    std::vector<Tensor> out;
    for (const nn::Value& item : result.items("the module's result")) out.push_back(item.tensor());
    return out;
  };
  return export_program(run, state_of(module), examples, options);
}

}  // namespace tenon::inline v0
