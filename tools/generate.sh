#!/usr/bin/env bash
# generate.sh [check]: writes what is generated from the op records; with `check`, says whether it is fresh.
set -euo pipefail
cd "$(dirname "$0")/.."
stubs() { PYTHONPATH=python .venv/bin/python tools/generate_stubs.py "$1"; }
tools/build.sh release generate_functions >/dev/null
generator=build/release/tools/generate_functions
if [ "${1:-}" = check ]; then
  fresh=$(mktemp -d)
  trap 'rm -rf "$fresh"' EXIT
  mkdir "$fresh/generated"
  "$generator" "$fresh" >/dev/null
  for file in functions.h tensor_methods.inc generated; do
    diff -rq "$fresh/$file" "tenon/ops/$file" || { echo "stale: run 'make generate'" >&2; exit 1; }
  done
  tools/build.sh release python >/dev/null
  stubs "$fresh/_tenon.pyi"
  diff -q "$fresh/_tenon.pyi" python/tenon/_tenon.pyi || { echo "stale: run 'make generate'" >&2; exit 1; }
else
  "$generator" tenon/ops
  tools/build.sh release python >/dev/null
  stubs python/tenon/_tenon.pyi
fi
