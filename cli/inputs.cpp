// From words of a command line to tensors.
#include <tenon/core/generator.h>
#include <tenon/exec/sizes.h>
#include <tenon/io/io.h>
#include <tenon/ops/functions.h>
#include <tenon/ops/operators.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>

#include "cli.h"

namespace tenon::cli {

namespace {

std::string input_list(const Model& model) {
  std::string out;
  for (size_t i = 0; i < model.plan().inputs.size(); ++i) {
    const exec::Value& value = model.input(i);
    out += text(i == 0 ? "" : ", ", value.name, " ", exec::shape_text(model.plan(), value.shape), " ", value.dtype);
  }
  return out.empty() ? "none" : out;
}

// The number that a dimension has in every call; 0 when it differs.
int64_t fixed_size(const Model& model, exec::Index size) {
  const exec::Size& s = model.plan().sizes[static_cast<size_t>(size)];
  return s.kind == exec::Size::Kind::Constant ? s.value : 0;
}

bool holds_channels(int64_t size) { return size == 1 || size == 3 || size == 4; }

// (c, height, width) with as many channels as are wanted.
Tensor with_channels(Tensor image, int64_t wanted, const std::string& path) {
  int64_t have = image.size(0);
  if (have == wanted) return image;
  if (have == 2 || have == 4) {  // what is transparent shows white paper
    const Tensor alpha = image.narrow(0, have - 1, 1).to(DType::Float32) / 255;
    const Tensor colour = image.narrow(0, 0, have - 1).to(DType::Float32);
    image = (colour * alpha + (1 - alpha) * 255).round().to(DType::UInt8);
    --have;
  }
  if (have == wanted) return image;
  if (have == 1 && wanted == 3) return image.expand({3, image.size(1), image.size(2)}).contiguous();
  check<ValueError>(have == 3 && wanted == 1, path, ": the picture has ", have, " channels, the model takes ", wanted);
  const Tensor rgb = image.to(DType::Float32);  // ITU-R 601, as most programs have it
  const Tensor grey = rgb.narrow(0, 0, 1) * 0.299 + rgb.narrow(0, 1, 1) * 0.587 + rgb.narrow(0, 2, 1) * 0.114;
  return grey.round().to(DType::UInt8);
}

// A picture in the layout that the input has: (c, h, w), (h, w, c), (h, w), each perhaps with a batch of one before.
Tensor picture(const std::string& path, const Model& model, size_t at) {
  const exec::Value& value = model.input(at);
  const size_t dims = value.shape.size(), first = dims == 4 ? 1 : 0;
  const auto what = [&] {
    return text(value.name, " ", exec::shape_text(model.plan(), value.shape), " ", value.dtype);
  };
  check<ValueError>(value.dtype == DType::UInt8 && dims >= 2 && dims <= 4, path, ": a picture is uint8 pixels, and ",
                    what(), " takes none; give a .npy file");
  Tensor image = io::read_image(path);
  if (dims == 2) return with_channels(image, 1, path).squeeze(0);
  const int64_t before = fixed_size(model, value.shape[first]), behind = fixed_size(model, value.shape[dims - 1]);
  check<ValueError>(holds_channels(before) || holds_channels(behind), path, ": ", what(),
                    " does not say where its 1, 3 or 4 channels are; give a .npy file");
  if (holds_channels(before)) {
    image = with_channels(image, before, path);
  } else {
    image = with_channels(image, behind, path).permute({1, 2, 0}).contiguous();
  }
  return dims == 4 ? image.unsqueeze(0) : image;
}

void flatten(const Json& json, size_t depth, Shape& shape, std::vector<double>& values, const std::string& word) {
  if (json.is_array()) {
    if (depth == shape.size()) {
      check<UsageError>(values.empty(), word, ": lists of different depth");
      shape.push_back(static_cast<int64_t>(json.size()));
    }
    check<UsageError>(shape[depth] == static_cast<int64_t>(json.size()), word, ": lists of different lengths");
    for (const Json& item : json) flatten(item, depth + 1, shape, values, word);
    return;
  }
  check<UsageError>(depth == shape.size() && (json.is_number() || json.is_boolean()), word,
                    ": must be a number or lists of numbers as in JSON");
  values.push_back(json.is_boolean() ? (json.get<bool>() ? 1 : 0) : json.get<double>());
}

// "3.5", "[[1, 2], [3, 4]]"
Tensor literal(const std::string& word, DType dtype) {
  const Json json = Json::parse(word, nullptr, false);
  check<UsageError>(!json.is_discarded(), word, ": neither a file nor a number or list of numbers as in JSON");
  Shape shape;
  std::vector<double> values;
  flatten(json, 0, shape, values, word);
  Tensor out = Tensor::empty(shape, DType::Float64);
  std::copy(values.begin(), values.end(), out.data<double>());
  return out.to(dtype);
}

class Inputs {
 public:
  explicit Inputs(const Model& model) : model_(model), tensors_(model.plan().inputs.size()) {}

  void add(const std::string& word) {
    const size_t equals = word.find('=');
    const std::string name = equals == std::string::npos ? "" : word.substr(0, equals);
    if (const auto at = find(name)) {
      read(word.substr(equals + 1), *at);
    } else if (std::filesystem::exists(word)) {
      if (is_archive(word)) return add_archive(word);
      read(word, next(word));
    } else {
      check<UsageError>(name.empty(), name, ": the function has no such input; it takes ", input_list(model_));
      fail<FileError>(word, ": no such file");
    }
  }

  std::vector<Tensor> all() && {
    for (size_t i = 0; i < tensors_.size(); ++i) {
      check<UsageError>(tensors_[i].defined(), "the input ", model_.input_name(i), " is missing; the function takes ",
                        input_list(model_));
    }
    return std::move(tensors_);
  }

 private:
  std::optional<size_t> find(const std::string& name) const {
    for (size_t i = 0; i < tensors_.size(); ++i) {
      if (!name.empty() && model_.input_name(i) == name) return i;
    }
    return {};
  }
  size_t next(const std::string& word) const {
    const auto free = std::find_if(tensors_.begin(), tensors_.end(), [](const Tensor& t) { return !t.defined(); });
    check<UsageError>(free != tensors_.end(), word, ": one input too many; the function takes ", input_list(model_));
    return static_cast<size_t>(free - tensors_.begin());
  }
  static bool is_archive(const std::string& path) { return path.ends_with(".npz") || path.ends_with(".safetensors"); }

  void read(const std::string& word, size_t at) {
    check<UsageError>(!is_archive(word), word, ": holds tensors by name; give it without a name before it");
    if (!std::filesystem::exists(word)) {
      set(at, literal(word, model_.input(at).dtype));
    } else {
      set(at, word.ends_with(".npy") ? io::load_npy(word) : picture(word, model_, at));
    }
  }
  void add_archive(const std::string& path) {
    const auto add = [&](const std::string& name, const Tensor& tensor) {
      const auto at = find(name);
      check<ValueError>(at.has_value(), path, ": holds '", name, "', which the function does not take; it takes ",
                        input_list(model_));
      set(*at, tensor);
    };
    if (path.ends_with(".npz")) {
      for (const auto& [name, tensor] : io::load_npz(path)) add(name, tensor);
    } else {
      for (const auto& [name, tensor] : io::load_safetensors(path)) add(name, tensor);
    }
  }
  void set(size_t at, Tensor tensor) {
    check<UsageError>(!tensors_[at].defined(), "the input ", model_.input_name(at), " is given twice");
    tensors_[at] = std::move(tensor);
  }

  const Model& model_;
  std::vector<Tensor> tensors_;
};

}  // namespace

std::vector<Tensor> read_inputs(const Model& model, const std::vector<std::string>& words) {
  Inputs inputs(model);
  for (const std::string& word : words) inputs.add(word);
  return std::move(inputs).all();
}

SizeNumbers parse_sizes(const std::vector<std::string>& words) {
  SizeNumbers out;
  for (const std::string& word : words) {
    const size_t equals = word.find('=');
    int64_t number = -1;
    const char* end = word.data() + word.size();
    const auto parsed = std::from_chars(word.data() + std::min(equals, word.size() - 1) + 1, end, number);
    check<UsageError>(equals != std::string::npos && parsed.ec == std::errc() && parsed.ptr == end && number >= 0,
                      "--size ", word, ": must be a name and a number, as in --size batch=8");
    out[word.substr(0, equals)] = number;
  }
  return out;
}

std::vector<Tensor> made_up_inputs(const Model& model, SizeNumbers& sizes) {
  const exec::Plan& plan = model.plan();
  std::string names;
  for (const exec::Symbol& symbol : plan.symbols) names += (names.empty() ? "" : ", ") + symbol.name;
  for (const auto& size : sizes) {
    const std::string& name = size.first;
    const bool known = std::any_of(plan.symbols.begin(), plan.symbols.end(), [&](auto& s) { return s.name == name; });
    check<UsageError>(known, "--size ", name, ": the sizes that can differ are: ", names.empty() ? "none" : names);
  }
  std::vector<Tensor> out;
  for (size_t i = 0; i < plan.inputs.size(); ++i) {
    Shape shape;
    for (const exec::Index index : model.input(i).shape) {
      const exec::Size& size = plan.sizes[static_cast<size_t>(index)];
      if (size.kind == exec::Size::Kind::Symbol) {
        const auto& symbol = plan.symbols[static_cast<size_t>(size.value)];
        shape.push_back(sizes.try_emplace(symbol.name, shape.empty() ? 1 : 32).first->second);
      } else {
        check<ValueError>(size.kind == exec::Size::Kind::Constant, "the input ", model.input_name(i),
                          " has a size that is computed: ", exec::size_text(plan, index));
        shape.push_back(size.value);
      }
    }
    const DType dtype = model.input(i).dtype;
    out.push_back(zeros(shape, dtype));
    if (is_floating(dtype)) out.back().copy_(rand(shape, {}, DType::Float32));
  }
  return out;
}

}  // namespace tenon::cli
