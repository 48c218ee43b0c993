// tenon info: what a file holds.
#include <tenon/exec/sizes.h>
#include <tenon/graph/cost.h>
#include <tenon/graph/from_plan.h>
#include <tenon/graph/text.h>
#include <tenon/io/io.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <set>

#include "cli.h"

namespace tenon::cli {

namespace {

struct InfoOptions {
  std::string file;
  std::vector<std::string> sizes;
  bool verify = false, graph = false, json = false;
};

std::string dumped(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace); }

// [3, "height", "width"]
Json shape_json(const exec::Plan& plan, const exec::Value& value) {
  Json out = Json::array();
  for (const exec::Index i : value.shape) {
    const exec::Size& size = plan.sizes[static_cast<size_t>(i)];
    out.push_back(size.kind == exec::Size::Kind::Constant ? Json(size.value) : Json(exec::size_text(plan, i)));
  }
  return out;
}

Json values_json(const exec::Plan& plan, const std::vector<exec::Index>& values) {
  Json out = Json::array();
  for (const exec::Index i : values) {
    const exec::Value& value = plan.values[static_cast<size_t>(i)];
    out.push_back({{"name", value.name}, {"dtype", name_of(value.dtype)}, {"shape", shape_json(plan, value)}});
  }
  return out;
}

// Weights and state, each memory once.
void add_parameters(const exec::Plan& plan, Json& out) {
  std::set<exec::Index> seen;
  double elements = 0, bytes = 0;
  for (const exec::Value& value : plan.values) {
    if (value.storage == exec::kNone || value.weak || !seen.insert(value.storage).second) continue;
    const exec::Storage& storage = plan.storages[static_cast<size_t>(value.storage)];
    const auto at = static_cast<size_t>(storage.index);
    const bool constant = storage.kind == exec::Storage::Kind::Constant;
    if (!constant && storage.kind != exec::Storage::Kind::Slot) continue;
    const auto held = static_cast<double>((constant ? plan.constants[at] : plan.slots[at].initial).bytes);
    elements += held / static_cast<double>(size_of(value.dtype));
    bytes += held;
  }
  out["parameters"] = elements;
  out["parameter_bytes"] = bytes;
}

// What one run costs at these sizes: multiply-adds, and the memory that the plan shares among values.
void add_cost(Model& model, const SizeNumbers& given, Json& out) {
  const exec::Plan& plan = model.plan();
  SizeNumbers sizes = given;
  const std::vector<Tensor> inputs = made_up_inputs(model, sizes);
  // Sizes alone matter here, not the weights' bytes.
  const graph::Graph function = graph::from_plan(
      plan, [](const exec::Constant&, const Shape& shape, DType dtype) { return Tensor::empty(shape, dtype); });
  const Dim products = graph::cost_of(function).multiply_adds;
  model.run(inputs);
  out["sizes"] = sizes;
  out["multiply_adds"] = products.evaluate([&](Dim symbol) {
    const auto found = sizes.find(symbol.name());
    return found == sizes.end() ? Dim(1) : Dim(found->second);
  });
  out["arena_bytes"] = model.session().arena_bytes();
}

Json function_json(const InfoOptions& options, const std::string& name) {
  Model model(options.file, name);
  const exec::Plan& plan = model.plan();
  Json out = {
      {"name", plan.name}, {"inputs", values_json(plan, plan.inputs)}, {"outputs", values_json(plan, plan.outputs)}};
  std::map<std::string, int> ops;
  for (const exec::Step& step : plan.steps) ++ops[plan.ops[static_cast<size_t>(step.op)].name];
  out["steps"] = plan.steps.size();
  out["ops"] = ops;
  out["slots"] = Json::array();
  for (const exec::Slot& slot : plan.slots) {
    static constexpr const char* kKinds[] = {"parameter", "buffer", "generator", "optimizer"};
    out["slots"].push_back({{"name", slot.name}, {"kind", kKinds[static_cast<int>(slot.kind)]}});
  }
  add_parameters(plan, out);
  try {
    add_cost(model, parse_sizes(options.sizes), out);
  } catch (const UsageError&) {
    throw;
  } catch (const Error& problem) {  // at sizes that the model does not take
    out["no_cost"] = problem.what();
  }
  return out;
}

Json tenon_json(const InfoOptions& options) {
  const Model model(options.file, "", options.verify);
  const exec::Program& program = model.program();
  Json out = {{"file", options.file},
              {"format", "tenon"},
              {"bytes", std::filesystem::file_size(options.file)},
              {"producer", program.producer},
              {"weights_verified", options.verify},
              {"metadata", program.metadata},
              {"labels", program.labels}};
  for (const exec::Plan& plan : program.functions) out["functions"].push_back(function_json(options, plan.name));
  return out;
}

void print_values(const char* title, const Json& values) {
  for (const Json& value : values) {
    std::string shape;
    for (const Json& size : value["shape"]) {
      shape += (shape.empty() ? "" : ", ") + (size.is_string() ? size.get<std::string>() : size.dump());
    }
    std::printf("  %-8s %s (%s%s) %s\n", title, value["name"].get<std::string>().c_str(), shape.c_str(),
                value["shape"].size() == 1 ? "," : "", value["dtype"].get<std::string>().c_str());
  }
}

void print_function(const Json& function) {
  std::printf("%s\n", function["name"].get<std::string>().c_str());
  print_values("input", function["inputs"]);
  print_values("output", function["outputs"]);
  std::string ops;
  for (const auto& [op, count] : function["ops"].items()) {
    ops += text(ops.empty() ? "" : ", ", op, count > 1 ? text(" x", count.get<int>()) : std::string());
  }
  std::printf("  %-8s %zu: %s\n", "steps", function["steps"].get<size_t>(), ops.c_str());
  for (const Json& slot : function["slots"]) {
    std::printf("  %-8s %s (%s)\n", "state", slot["name"].get<std::string>().c_str(),
                slot["kind"].get<std::string>().c_str());
  }
  std::printf("  %-8s %s parameters, %s\n", "weights", readable_count(function["parameters"]).c_str(),
              readable_bytes(function["parameter_bytes"]).c_str());
  if (function.contains("no_cost")) {
    std::printf("  %-8s unknown at the sizes tried (give --size): %s\n", "a run",
                function["no_cost"].get<std::string>().c_str());
    return;
  }
  std::string at;
  for (const auto& [name, number] : function["sizes"].items()) {
    at += text(at.empty() ? " at " : ", ", name, "=", number.get<int64_t>());
  }
  std::printf("  %-8s %s multiply-adds, %s of planned memory%s\n", "a run",
              readable_count(function["multiply_adds"]).c_str(), readable_bytes(function["arena_bytes"]).c_str(),
              at.c_str());
}

void print_tenon(const Json& json) {
  std::printf("%s: %s, written by %s\n", json["file"].get<std::string>().c_str(), readable_bytes(json["bytes"]).c_str(),
              json["producer"].get<std::string>().c_str());
  for (const auto& [key, value] : json["metadata"].items()) {
    std::printf("%s: %s\n", key.c_str(), value.get<std::string>().c_str());
  }
  if (const Json& labels = json["labels"]; !labels.empty()) {
    std::string some;
    for (size_t i = 0; i < labels.size() && i < 10; ++i) some += (i > 0 ? ", " : "") + labels[i].get<std::string>();
    std::printf("%zu labels: %s%s\n", labels.size(), some.c_str(), labels.size() > 10 ? ", ..." : "");
  }
  if (json["weights_verified"]) std::printf("weights: as their checksums say\n");
  for (const Json& function : json["functions"]) print_function(function);
}

void show_safetensors(const InfoOptions& options) {
  check<UsageError>(!options.graph, "--graph: a .safetensors file holds weights and no graph");
  check<UsageError>(!options.verify, "--verify: a .safetensors file holds no checksums");
  check<UsageError>(options.sizes.empty(), "--size: the sizes of a .safetensors file are all fixed");
  const io::SafetensorsHeader header = io::read_safetensors_header(options.file);
  Json json = {{"file", options.file},
               {"format", "safetensors"},
               {"bytes", std::filesystem::file_size(options.file)},
               {"metadata", header.metadata},
               {"tensors", Json::array()}};
  double elements = 0;
  size_t width = 0;
  for (const auto& entry : header.entries) {
    Json shape = Json::array();
    for (const Dim d : entry.shape) shape.push_back(d.value());
    const size_t bytes = entry.end - entry.begin;
    elements += static_cast<double>(bytes) / static_cast<double>(size_of(entry.dtype));
    width = std::max(width, std::min<size_t>(entry.name.size(), 60));
    json["tensors"].push_back(
        {{"name", entry.name}, {"dtype", name_of(entry.dtype)}, {"shape", shape}, {"bytes", bytes}});
  }
  json["parameters"] = elements;
  if (options.json) return static_cast<void>(std::printf("%s\n", dumped(json).c_str()));
  std::printf("%s: %s, %zu tensors, %s parameters\n", options.file.c_str(), readable_bytes(json["bytes"]).c_str(),
              header.entries.size(), readable_count(elements).c_str());
  for (const auto& [key, value] : header.metadata) std::printf("%s: %s\n", key.c_str(), value.c_str());
  for (const auto& entry : header.entries) {
    std::printf("  %-*s %-9s %s\n", static_cast<int>(width), entry.name.c_str(), name_of(entry.dtype),
                to_text(entry.shape).c_str());
  }
}

void info(const InfoOptions& options) {
  if (options.file.ends_with(".safetensors")) return show_safetensors(options);
  if (options.graph) {
    check<UsageError>(!options.json, "--graph and --json: give one of the two");
    for (const graph::Graph& function : io::load_program(options.file, {.verify_weights = options.verify}).functions) {
      std::printf("%s\n", graph::print(function).c_str());
    }
    return;
  }
  const Json json = tenon_json(options);
  if (options.json) return static_cast<void>(std::printf("%s\n", dumped(json).c_str()));
  print_tenon(json);
}

}  // namespace

void add_info(CLI::App& app) {
  auto options = std::make_shared<InfoOptions>();
  CLI::App* command = app.add_subcommand("info", "Show what a .tenon or .safetensors file holds");
  command->add_option("FILE", options->file, "A .tenon or .safetensors file")->required()->option_text(" ");
  command->add_flag("--verify", options->verify, "Compare the weights with their checksums: reads all of them");
  command->add_flag("--graph", options->graph, "The graph of each function as text");
  command->add_option("--size", options->sizes, "A size that can differ, for multiply-adds and memory")
      ->allow_extra_args(false)
      ->option_text("NAME=N ...");
  command->add_flag("--json", options->json, "One JSON object");
  command->footer(
      "Examples:\n"
      "  tenon info digits.tenon\n"
      "  tenon info digits.tenon --verify --size height=480 --size width=640\n"
      "  tenon info weights.safetensors --json");
  command->callback([options] { info(*options); });
}

}  // namespace tenon::cli
