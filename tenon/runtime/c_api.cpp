#include <tenon/runtime/c_api.h>

#include <algorithm>
#include <cstring>
#include <new>

#include <tenon/exec/load.h>
#include <tenon/exec/sizes.h>
#include <tenon/exec/validate.h>
#include <tenon/runtime/model.h>

using tenon::DType;
using tenon::View;
using tenon::exec::Plan;
using tenon::exec::Status;
using tenon::runtime::FunctionDescription;
using tenon::runtime::TensorDescription;

namespace tenon::inline v0::runtime {
namespace {

static_assert(TENON_COMPLEX128 == static_cast<int>(DType::Complex128) && kDTypeCount == TENON_COMPLEX128 + 1);
static_assert(TENON_ERROR_INTERNAL == static_cast<int>(Status::Code::Internal));
static_assert(TENON_ERROR_FILE == static_cast<int>(Status::Code::File));

int32_t report(const Status& status, TenonError* error) {
  const auto code = static_cast<int32_t>(status.code);
  if (error == nullptr) return code;
  error->code = code;
  const size_t length = std::min(status.text.size(), sizeof error->text - 1);
  std::memcpy(error->text, status.text.data(), length);
  error->text[length] = 0;
  return code;
}

// Runs `body`; in a build with exceptions, memory that runs out in it becomes a code.
template <class Body>
int32_t guarded(TenonError* error, Body&& body) {
#if defined(__cpp_exceptions)
  try {
    return report(body(), error);
  } catch (const std::bad_alloc&) {
    return report({Status::Code::Memory, "there is no memory left"}, error);
  } catch (const std::exception& e) {
    return report({Status::Code::Internal, e.what()}, error);
  }
#else
  return report(body(), error);
#endif
}

Status null_argument(const char* function, const char* name) {
  return exec::error(Status::Code::Argument, function, ": ", name, " is NULL");
}

TensorDescription describe(const Plan& plan, exec::Index index) {
  const exec::Value& value = plan.values[static_cast<size_t>(index)];
  TensorDescription out;
  out.name = value.name;
  out.dtype = value.dtype;
  for (exec::Index size : value.shape) {
    const exec::Size& s = plan.sizes[static_cast<size_t>(size)];
    out.sizes.push_back(s.kind == exec::Size::Kind::Constant ? s.value : -1);
    out.texts.push_back(exec::size_text(plan, size));
  }
  return out;
}

void fill(const TensorDescription& from, TenonTensorInfo& to) {
  TenonTensorInfo all{to.struct_size,
                      from.name.c_str(),
                      static_cast<int32_t>(from.dtype),
                      static_cast<int32_t>(from.sizes.size()),
                      from.sizes.data(),
                      from.text_pointers.data()};
  std::memcpy(static_cast<void*>(&to), &all, std::min(to.struct_size, sizeof all));
}

// The function of that name, or the first.
Status find_function(const TenonModel& model, const char* name, size_t& index) {
  const auto& functions = model.program->functions;
  if (name == nullptr && !functions.empty()) {
    index = 0;
    return {};
  }
  std::string names;
  for (size_t i = 0; i < functions.size(); ++i) {
    if (name != nullptr && functions[i].name == name) {
      index = i;
      return {};
    }
    names += (i > 0 ? ", '" : "'") + functions[i].name + "'";
  }
  return exec::error(Status::Code::Argument, "the model has no function '", name == nullptr ? "" : name, "'; there ",
                     functions.empty() ? "are none" : "is " + names);
}

exec::LoadOptions load_options(const TenonOpenOptions* options) {
  exec::LoadOptions out;
  if (options != nullptr && options->struct_size >= sizeof(TenonOpenOptions))
    out.verify_weights = options->verify_weights != 0;
  return out;
}

// What a C program passes, as a view; `strides` has room for its strides.
Status view_of(const Plan& plan, size_t index, const TenonTensor& tensor, int64_t* strides, View& view) {
  const exec::Value& value = plan.values[static_cast<size_t>(plan.inputs[index])];
  const auto bad = [&](Status::Code code, const auto&... parts) {
    return exec::error(code, plan.name, ": the input '", value.name, "' ", parts...);
  };
  if (tensor.dtype < 0 || tensor.dtype >= kDTypeCount)
    return bad(Status::Code::DType, "has the dtype ", tensor.dtype, ", which does not exist");
  if (tensor.ndim < 0 || static_cast<size_t>(tensor.ndim) != value.shape.size())
    return bad(Status::Code::Shape, "has ", tensor.ndim, " dimensions, and must be ",
               exec::shape_text(plan, value.shape));
  if (tensor.ndim > 0 && tensor.sizes == nullptr) return bad(Status::Code::Argument, "has no sizes: they are NULL");
  view = {tensor.data, tensor.sizes, strides, tensor.ndim, static_cast<DType>(tensor.dtype), true, false};
  int64_t stride = 1;
  for (int i = tensor.ndim; i-- > 0;) {
    if (tensor.sizes[i] < 0) return bad(Status::Code::Shape, "has the size ", static_cast<long>(tensor.sizes[i]));
    strides[i] = stride;
    if (__builtin_mul_overflow(stride, std::max<int64_t>(tensor.sizes[i], 1), &stride))
      return bad(Status::Code::Shape, "has more elements than fit in 64 bits");
  }
  int64_t last = size_of(view.dtype) - 1;  // the last byte that is read
  if (tensor.strides != nullptr) {
    view.strides = tensor.strides;
    for (int i = 0; i < tensor.ndim; ++i) {
      int64_t reach;
      if (tensor.strides[i] <= 0 || tensor.sizes[i] == 0) continue;
      if (__builtin_mul_overflow(tensor.strides[i], size_of(view.dtype), &reach) ||
          __builtin_mul_overflow(tensor.sizes[i] - 1, reach, &reach) || __builtin_add_overflow(last, reach, &last))
        return bad(Status::Code::Shape, "has strides that reach farther than 64 bits");
    }
  } else {
    view.contiguous = true;
    if (__builtin_mul_overflow(stride, size_of(view.dtype), &last))
      return bad(Status::Code::Shape, "has more bytes than fit in 64 bits");
    --last;
  }
  if (view.numel() > 0 && tensor.bytes <= static_cast<size_t>(last))
    return bad(Status::Code::Argument, "has ", tensor.bytes, " bytes, and its sizes need ",
               static_cast<long>(last + 1));
  return {};
}

void give(const View& view, TenonTensor& tensor) {
  tensor.data = view.data;
  tensor.bytes = static_cast<size_t>(view.numel() * size_of(view.dtype));
  tensor.dtype = static_cast<int32_t>(view.dtype);
  tensor.ndim = view.ndim;
  tensor.sizes = view.sizes;
  tensor.strides = view.strides;
}

Status run(TenonSession& s, const TenonTensor* inputs, size_t input_count, TenonTensor* outputs, size_t output_count) {
  const Plan& plan = *s.plan;
  if (input_count != plan.inputs.size())
    return s.session->run(nullptr, static_cast<int>(std::min<size_t>(input_count, INT32_MAX)));
  if (input_count > 0 && inputs == nullptr) return null_argument("tenon_run", "inputs");
  if (output_count > 0 && outputs == nullptr) return null_argument("tenon_run", "outputs");
  if (output_count > 0 && output_count != plan.outputs.size())
    return exec::error(Status::Code::Argument, plan.name, " gives ", plan.outputs.size(), " outputs, and there are ",
                       output_count, " places for them");
  int64_t* strides = s.strides.data();
  for (size_t i = 0; i < input_count; ++i) {
    if (Status status = view_of(plan, i, inputs[i], strides, s.views[i]); !status.ok()) return status;
    strides += inputs[i].ndim;
  }
  for (size_t i = 0; i < output_count; ++i) s.destinations[i] = {outputs[i].data, outputs[i].bytes};
  s.has_run = false;
  const exec::Destination* destinations = output_count > 0 ? s.destinations.data() : nullptr;
  Status status =
      s.session->run(s.views.data(), static_cast<int>(input_count), destinations, static_cast<int>(output_count));
  if (!status.ok()) return status;
  s.has_run = true;
  for (size_t i = 0; i < output_count; ++i) give(s.session->output(static_cast<int>(i)), outputs[i]);
  return {};
}

}  // namespace

TenonModel* make_model(exec::Program program) {
  auto* model = new TenonModel;
  model->program = std::make_shared<const exec::Program>(std::move(program));
  for (const Plan& plan : model->program->functions) {
    FunctionDescription& function = model->functions.emplace_back();
    for (exec::Index value : plan.inputs) function.inputs.push_back(describe(plan, value));
    for (exec::Index value : plan.outputs) function.outputs.push_back(describe(plan, value));
  }
  // When nothing moves any more: a short string lies inside its object.
  for (FunctionDescription& function : model->functions) {
    for (auto* list : {&function.inputs, &function.outputs}) {
      for (TensorDescription& tensor : *list) {
        for (const std::string& text : tensor.texts) tensor.text_pointers.push_back(text.c_str());
      }
    }
  }
  return model;
}

}  // namespace tenon::inline v0::runtime

using namespace tenon;
using namespace tenon::runtime;

// ---- what this library is ----

const char* tenon_version(void) { return TENON_VERSION; }
int32_t tenon_c_api_version(void) { return TENON_C_API_VERSION; }
const char* tenon_dtype_name(int32_t dtype) {
  return dtype < 0 || dtype >= kDTypeCount ? nullptr : kDTypes[dtype].name;
}
size_t tenon_dtype_size(int32_t dtype) { return dtype < 0 || dtype >= kDTypeCount ? 0 : kDTypes[dtype].size; }

// ---- models ----

template <class Load>
static int32_t open_model(TenonModel** model, TenonError* error, Load&& load) {
  return guarded(error, [&]() -> Status {
    if (model == nullptr) return null_argument("tenon_open", "model");
    *model = nullptr;
    exec::Program program;
    if (Status status = load(program); !status.ok()) return status;
    for (const Plan& plan : program.functions) {
      if (Status status = exec::validate(plan); !status.ok()) return status;
    }
    *model = make_model(std::move(program));
    return {};
  });
}

int32_t tenon_open(const char* path, const TenonOpenOptions* options, TenonModel** model, TenonError* error) {
  return open_model(model, error, [&](exec::Program& program) {
    if (path == nullptr) return null_argument("tenon_open", "path");
    return exec::load(path, load_options(options), program);
  });
}

int32_t tenon_open_memory(const void* data, size_t bytes, const TenonOpenOptions* options, TenonModel** model,
                          TenonError* error) {
  return open_model(model, error, [&](exec::Program& program) {
    if (data == nullptr) return null_argument("tenon_open_memory", "data");
    return exec::load(data, bytes, load_options(options), program);
  });
}

void tenon_close(TenonModel* model) { delete model; }

size_t tenon_function_count(const TenonModel* model) { return model == nullptr ? 0 : model->program->functions.size(); }
const char* tenon_function_name(const TenonModel* model, size_t index) {
  return index < tenon_function_count(model) ? model->program->functions[index].name.c_str() : nullptr;
}
size_t tenon_label_count(const TenonModel* model) { return model == nullptr ? 0 : model->program->labels.size(); }
const char* tenon_label(const TenonModel* model, size_t index) {
  return index < tenon_label_count(model) ? model->program->labels[index].c_str() : nullptr;
}
size_t tenon_metadata_count(const TenonModel* model) { return model == nullptr ? 0 : model->program->metadata.size(); }
const char* tenon_metadata_key(const TenonModel* model, size_t index) {
  if (index >= tenon_metadata_count(model)) return nullptr;
  return std::next(model->program->metadata.begin(), static_cast<ptrdiff_t>(index))->first.c_str();
}
const char* tenon_metadata(const TenonModel* model, const char* key) {
  if (model == nullptr || key == nullptr) return nullptr;
  for (const auto& [name, value] : model->program->metadata) {
    if (name == key) return value.c_str();
  }
  return nullptr;
}

using Ends = std::vector<TensorDescription> FunctionDescription::*;

static int32_t count_ends(Ends ends, const TenonModel* model, const char* function, size_t* count, TenonError* error) {
  return guarded(error, [&]() -> Status {
    if (model == nullptr || count == nullptr)
      return null_argument("tenon_input_count", model == nullptr ? "model" : "count");
    size_t index;
    if (Status status = find_function(*model, function, index); !status.ok()) return status;
    *count = (model->functions[index].*ends).size();
    return {};
  });
}

static int32_t describe_end(Ends ends, const char* what, const TenonModel* model, const char* function, size_t index,
                            TenonTensorInfo* info, TenonError* error) {
  return guarded(error, [&]() -> Status {
    if (model == nullptr || info == nullptr)
      return null_argument("tenon_input_info", model == nullptr ? "model" : "info");
    size_t place;
    if (Status status = find_function(*model, function, place); !status.ok()) return status;
    const auto& list = model->functions[place].*ends;
    if (index >= list.size())
      return exec::error(Status::Code::Argument, model->program->functions[place].name, " has ", list.size(), " ", what,
                         ", and number ", index, " was asked for");
    if (info->struct_size < sizeof(size_t))
      return exec::error(Status::Code::Argument, "tenon_input_info: set info->struct_size to sizeof(TenonTensorInfo)");
    fill(list[index], *info);
    return {};
  });
}

int32_t tenon_input_count(const TenonModel* model, const char* function, size_t* count, TenonError* error) {
  return count_ends(&FunctionDescription::inputs, model, function, count, error);
}
int32_t tenon_output_count(const TenonModel* model, const char* function, size_t* count, TenonError* error) {
  return count_ends(&FunctionDescription::outputs, model, function, count, error);
}
int32_t tenon_input_info(const TenonModel* model, const char* function, size_t index, TenonTensorInfo* info,
                         TenonError* error) {
  return describe_end(&FunctionDescription::inputs, "inputs", model, function, index, info, error);
}
int32_t tenon_output_info(const TenonModel* model, const char* function, size_t index, TenonTensorInfo* info,
                          TenonError* error) {
  return describe_end(&FunctionDescription::outputs, "outputs", model, function, index, info, error);
}

// ---- sessions ----

int32_t tenon_session_create(const TenonModel* model, const char* function, const TenonSessionOptions* options,
                             TenonSession** session, TenonError* error) {
  return guarded(error, [&]() -> Status {
    if (session != nullptr) *session = nullptr;
    if (model == nullptr || session == nullptr)
      return null_argument("tenon_session_create", model == nullptr ? "model" : "session");
    size_t index;
    if (Status status = find_function(*model, function, index); !status.ok()) return status;
    exec::Allocator allocator;
    if (options != nullptr && options->struct_size >= sizeof(TenonSessionOptions))
      allocator = {options->allocator.allocate, options->allocator.deallocate, options->allocator.user};
    auto made = std::make_unique<TenonSession>();
    made->program = model->program;
    made->plan = &model->program->functions[index];
    if (Status status = exec::Session::create(*made->plan, registry(), allocator, made->session); !status.ok())
      return status;
    made->views.resize(made->plan->inputs.size());
    made->destinations.resize(made->plan->outputs.size());
    size_t dims = 0;
    for (exec::Index value : made->plan->inputs) dims += made->plan->values[static_cast<size_t>(value)].shape.size();
    made->strides.resize(dims);
    *session = made.release();
    return {};
  });
}

void tenon_session_destroy(TenonSession* session) { delete session; }

int32_t tenon_run(TenonSession* session, const TenonTensor* inputs, size_t input_count, TenonTensor* outputs,
                  size_t output_count, TenonError* error) {
  return guarded(error, [&]() -> Status {
    if (session == nullptr) return null_argument("tenon_run", "session");
    return run(*session, inputs, input_count, outputs, output_count);
  });
}

int32_t tenon_session_output(const TenonSession* session, size_t index, TenonTensor* output, TenonError* error) {
  return guarded(error, [&]() -> Status {
    if (session == nullptr || output == nullptr)
      return null_argument("tenon_session_output", session == nullptr ? "session" : "output");
    if (index >= session->plan->outputs.size())
      return exec::error(Status::Code::Argument, session->plan->name, " has ", session->plan->outputs.size(),
                         " outputs, and number ", index, " was asked for");
    if (!session->has_run)
      return exec::error(Status::Code::Argument, session->plan->name, ": no run has made outputs yet");
    give(session->session->output(static_cast<int>(index)), *output);
    return {};
  });
}

int32_t tenon_session_reset(TenonSession* session, TenonError* error) {
  return guarded(error, [&]() -> Status {
    return session == nullptr ? null_argument("tenon_session_reset", "session") : session->session->reset();
  });
}

int32_t tenon_session_slot_bytes(const TenonSession* session, const char* name, size_t* bytes, TenonError* error) {
  return guarded(error, [&]() -> Status {
    if (session == nullptr || name == nullptr || bytes == nullptr)
      return null_argument("tenon_session_slot_bytes", session == nullptr ? "session"
                                                       : name == nullptr  ? "name"
                                                                          : "bytes");
    return session->session->slot_bytes(name, *bytes);
  });
}

int32_t tenon_session_get_slot(const TenonSession* session, const char* name, void* data, size_t bytes,
                               TenonError* error) {
  return guarded(error, [&]() -> Status {
    if (session == nullptr || name == nullptr)
      return null_argument("tenon_session_get_slot", session == nullptr ? "session" : "name");
    return session->session->get_slot(name, data, bytes);
  });
}

int32_t tenon_session_set_slot(TenonSession* session, const char* name, const void* data, size_t bytes,
                               TenonError* error) {
  return guarded(error, [&]() -> Status {
    if (session == nullptr || name == nullptr)
      return null_argument("tenon_session_set_slot", session == nullptr ? "session" : "name");
    return session->session->set_slot(name, data, bytes);
  });
}
