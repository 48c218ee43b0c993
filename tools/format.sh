#!/usr/bin/env bash
# format.sh fix|check: the house style for C++ (clang-format) and Python (ruff).
set -euo pipefail
cd "$(dirname "$0")/.."
folders=()
for folder in tenon python cli tests examples benchmarks tools cmake; do
  [ ! -d $folder ] || folders+=("$folder")
done
cpp() { find "${folders[@]}" \( -name '*.cpp' -o -name '*.h' \) -print0; }
case ${1:-check} in
  fix)
    cpp | xargs -0 -r -n 16 -P "$(nproc)" clang-format -i
    .venv/bin/ruff format -q "${folders[@]}"
    .venv/bin/ruff check -q --fix "${folders[@]}" ;;
  check)
    cpp | xargs -0 -r -n 16 -P "$(nproc)" clang-format --dry-run -Werror || {
      echo "run: make format" >&2
      exit 1
    } ;;
  *)
    echo "usage: tools/format.sh fix|check" >&2
    exit 2 ;;
esac
