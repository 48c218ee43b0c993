// tenon: run, inspect, convert and measure exported models from a shell.
#include <cstdio>
#include <exception>

#include <tenon/build_config.h>
#include <tenon/core/thread_pool.h>

#include "cli.h"

namespace tenon::cli {

namespace {

constexpr int kFailed = 1, kUsage = 2;

// One line, whatever a text holds.
int report(const std::string& where, std::string problem, int status) {
  for (char& c : problem) {
    if (c == '\n') c = ' ';
  }
  while (!problem.empty() && problem.back() == ' ') problem.pop_back();
  std::fprintf(stderr, "%s: %s\n", where.c_str(), problem.c_str());
  return status;
}

std::string chosen(const CLI::App& app) {
  const auto parsed = app.get_subcommands();
  return parsed.empty() ? "tenon" : "tenon " + parsed.front()->get_name();
}

int run(int argc, char** argv) {
  CLI::App app("Tenon: run, inspect, convert and measure models.", "tenon");
  const auto version = [] {
    std::string config = build_config_text();
    config.pop_back();  // the parser ends the line
    return config;
  };
  app.set_version_flag("--version", version, "What this Tenon is and how it was built");
  app.require_subcommand(1);
  app.get_formatter()->column_width(36);
  app.footer(
      "tenon COMMAND --help tells more, with examples.\n"
      "Exit status: 0 all went well, 1 something failed, 2 the command line was not understood.");
  add_run(app);
  add_info(app);
  add_convert(app);
  add_bench(app);
  add_completions(app);
  try {
    app.parse(argc, argv);
    std::fflush(stdout);
    return std::ferror(stdout) != 0 ? report("tenon", "the output could not be written", kFailed) : 0;
  } catch (const CLI::Success& asked) {  // --help, --version
    return app.exit(asked);
  } catch (const CLI::ParseError& problem) {
    const std::string where = chosen(app);
    if (where == "tenon" && argc > 1 && argv[1][0] != '-') {
      return report(where, text("there is no command '", argv[1], "' (tenon --help lists them)"), kUsage);
    }
    return report(where, text(problem.what(), " (", where, " --help tells more)"), kUsage);
  } catch (const UsageError& problem) {
    return report(chosen(app), problem.what(), kUsage);
  } catch (const std::exception& problem) {
    return report(chosen(app), problem.what(), kFailed);
  }
}

}  // namespace

}  // namespace tenon::cli

int main(int argc, char** argv) { return tenon::cli::run(argc, argv); }
