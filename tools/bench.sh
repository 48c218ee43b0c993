#!/usr/bin/env bash
# Runs every benchmark: the C++ programs, then the Python scripts of benchmarks/.
set -euo pipefail
cd "$(dirname "$0")/.."
shopt -s nullglob
for program in build/release/benchmarks/*; do
  [ -f "$program" ] && [ -x "$program" ] || continue
  echo "== ${program##*/}"
  "$program"
done
for script in benchmarks/*.py; do
  echo "== $script"
  .venv/bin/python "$script"
done
