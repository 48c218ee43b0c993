#!/usr/bin/env bash
# generate.sh [check]: writes what is generated from the op records; with `check`, says whether it is fresh.
set -euo pipefail
cd "$(dirname "$0")/.."
stubs() { PYTHONPATH=python .venv/bin/python tools/generate_stubs.py "$1"; }
# Quiet, but for what goes wrong.
build() {
  local log
  log=$(tools/build.sh release "$1" 2>&1) || {
    printf '%s\n' "$log" | grep -E -A4 'error|FAILED|stopped' >&2
    echo "generate: '$1' does not build; what is generated from it was not written" >&2
    exit 1
  }
}
build generate_functions
generator=build/release/tools/generate_functions
if [ "${1:-}" = check ]; then
  fresh=$(mktemp -d)
  trap 'rm -rf "$fresh"' EXIT
  mkdir "$fresh/generated"
  "$generator" "$fresh" >/dev/null
  for file in functions.h tensor_methods.inc generated; do
    diff -rq "$fresh/$file" "tenon/ops/$file" || { echo "stale: run 'make generate'" >&2; exit 1; }
  done
  build python
  stubs "$fresh/_tenon.pyi"
  diff -q "$fresh/_tenon.pyi" python/tenon/_tenon.pyi || { echo "stale: run 'make generate'" >&2; exit 1; }
else
  "$generator" tenon/ops
  build python
  stubs python/tenon/_tenon.pyi
fi
