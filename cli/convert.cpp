// tenon convert: weights from one format to another.
#include <tenon/io/io.h>

#include <cstdio>
#include <filesystem>
#include <memory>

#include "cli.h"

namespace tenon::cli {

namespace {

struct ConvertOptions {
  std::string from, to;
  bool compress = false;
};

bool is_npz(const std::string& path) {
  const bool npz = path.ends_with(".npz");
  check<UsageError>(npz || path.ends_with(".safetensors"), path, ": must end in .safetensors or .npz");
  return npz;
}

void convert(const ConvertOptions& options) {
  const bool from_npz = is_npz(options.from), to_npz = is_npz(options.to);
  check<UsageError>(to_npz || !options.compress, "--compress: only .npz files can be compressed");
  std::error_code ignored;
  check<UsageError>(!std::filesystem::equivalent(options.from, options.to, ignored), options.to,
                    ": is the file to convert");
  StateDict tensors;
  io::Metadata metadata;
  if (from_npz) {
    tensors = io::load_npz(options.from);
  } else {
    metadata = io::read_safetensors_header(options.from).metadata;
    tensors = io::load_safetensors(options.from);
  }
  if (to_npz) {
    io::save_npz(tensors, options.to, options.compress);
    metadata.erase("format");
    if (!metadata.empty()) {
      std::fprintf(stderr, "tenon convert: note: .npz has no place for the metadata of %s\n", options.from.c_str());
    }
  } else {
    io::save_safetensors(tensors, options.to, metadata);
  }
  std::printf("%zu tensors in %s\n", tensors.size(), options.to.c_str());
}

}  // namespace

void add_convert(CLI::App& app) {
  auto options = std::make_shared<ConvertOptions>();
  CLI::App* command = app.add_subcommand("convert", "Convert weights between .safetensors and .npz");
  command->add_option("FROM", options->from, "A .safetensors or .npz file")->required()->option_text(" ");
  command->add_option("TO", options->to, "The file to write, in the format that its name tells")
      ->required()
      ->option_text(" ");
  command->add_flag("--compress", options->compress, "Deflate the arrays of an .npz file");
  command->footer(
      "Examples:\n"
      "  tenon convert digits.safetensors digits.npz\n"
      "  tenon convert digits.npz digits.safetensors");
  command->callback([options] { convert(*options); });
}

}  // namespace tenon::cli
