#!/usr/bin/env bash
# build.sh <preset> <target> [cmake option...]: configures when needed, then builds.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=$1 target=$2
shift 2
# Ninja runs CMake again by itself when a file of the build system changes; here only new options.
stamp=build/$preset/.configured
if [ ! -f "$stamp" ] || { [ $# -gt 0 ] && ! grep -qxF -- "$*" "$stamp"; }; then
  cmake --preset "$preset" "$@"
  echo "$*" >>"$stamp"
fi
exec cmake --build "build/$preset" --target "$target"
