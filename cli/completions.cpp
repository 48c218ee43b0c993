// tenon completions: scripts for shells, from what the parser knows.
#include <cstdio>
#include <memory>

#include "cli.h"

namespace tenon::cli {

namespace {

std::string words_of(const CLI::App& command) {
  std::string out;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) out += (out.empty() ? "--" : " --") + name;
  }
  return out;
}

// A text between single quotes, the same for all three shells.
std::string quoted(const std::string& words) {
  std::string out = "'";
  for (const char c : words) {
    if (c == '\'' || c == '[' || c == ']' || c == ':') continue;  // none of them worth the escapes
    out += c;
  }
  return out + "'";
}

void bash(const CLI::App& app) {
  std::string commands, cases;
  for (const CLI::App* command : app.get_subcommands({})) {
    commands += " " + command->get_name();
    cases += text("    ", command->get_name(), ") words=", quoted(words_of(*command)), " ;;\n");
  }
  std::printf(
      "_tenon() {\n"
      "  local current=${COMP_WORDS[COMP_CWORD]} words=\n"
      "  COMPREPLY=()\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
      "    COMPREPLY=($(compgen -W '%s %s' -- \"$current\"))\n"
      "    return\n"
      "  fi\n"
      "  case ${COMP_WORDS[1]} in\n%s  esac\n"
      "  [[ $current != -* ]] || COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
      "}\n"
      "complete -o default -F _tenon tenon\n",
      commands.c_str(), words_of(app).c_str(), cases.c_str());
}

void zsh(const CLI::App& app) {
  std::string commands, cases;
  for (const CLI::App* command : app.get_subcommands({})) {
    commands +=
        " " +
        quoted(command->get_name())
            .insert(command->get_name().size() + 1,
                    ":" + quoted(command->get_description()).substr(1, quoted(command->get_description()).size() - 2));
    cases += text("    ", command->get_name(), ") _arguments");
    for (const CLI::Option* option : command->get_options()) {
      for (const std::string& name : option->get_lnames()) {
        const std::string what = quoted(option->get_description());
        cases += text(" '--", name, "[", what.substr(1, what.size() - 2), "]",
                      option->get_expected_max() > 0 ? ":value:" : "", "'");
      }
    }
    cases += " '*:file:_files' ;;\n";
  }
  std::printf(
      "#compdef tenon\n"
      "_tenon() {\n"
      "  local -a commands=(%s)\n"
      "  if (( CURRENT == 2 )); then\n"
      "    _describe 'command' commands\n"
      "    return\n"
      "  fi\n"
      "  local command=${words[2]}\n"
      "  shift words; (( CURRENT-- ))\n"
      "  case $command in\n%s  esac\n"
      "}\n"
      "compdef _tenon tenon\n",
      commands.c_str(), cases.c_str());
}

void fish(const CLI::App& app) {
  for (const CLI::App* command : app.get_subcommands({})) {
    const std::string name = command->get_name();
    std::printf("complete -c tenon -n __fish_use_subcommand -f -a %s -d %s\n", name.c_str(),
                quoted(command->get_description()).c_str());
    for (const CLI::Option* option : command->get_options()) {
      for (const std::string& word : option->get_lnames()) {
        std::printf("complete -c tenon -n '__fish_seen_subcommand_from %s' -l %s%s -d %s\n", name.c_str(), word.c_str(),
                    option->get_expected_max() > 0 ? " -r" : "", quoted(option->get_description()).c_str());
      }
    }
  }
}

}  // namespace

void add_completions(CLI::App& app) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("completions", "Print the completions of a shell");
  command->add_option("SHELL", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->option_text(" ");
  command->footer(
      "Examples:\n"
      "  source <(tenon completions bash)\n"
      "  tenon completions fish > ~/.config/fish/completions/tenon.fish");
  command->callback([shell, &app] {
    if (*shell == "bash") {
      bash(app);
    } else if (*shell == "zsh") {
      zsh(app);
    } else {
      fish(app);
    }
  });
}

}  // namespace tenon::cli
