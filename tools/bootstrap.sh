#!/usr/bin/env bash
# bootstrap.sh [build|test|check|bench]: makes sure that what a make command needs is there: system
# packages (installed when we may) and the pinned Python tools in .venv. Quick when nothing is
# missing. What it cannot do itself, it prints as the line to type, and stops.
set -euo pipefail
cd "$(dirname "$0")/.."
level=${1:-build}
case $level in build | test | check | bench) ;; *)
  echo "usage: tools/bootstrap.sh [build|test|check|bench]" >&2
  exit 2 ;;
esac

say() { echo "bootstrap: $*"; }
stop() {
  printf 'bootstrap: %s\n' "$1" >&2
  [ $# -lt 2 ] || printf '\n    %s\n\n' "$2" >&2
  exit 1
}
has() { command -v "$1" >/dev/null 2>&1; }
header() {
  local dir
  for dir in /usr/include /usr/local/include /opt/homebrew/include ${CONDA_PREFIX:+"$CONDA_PREFIX/include"}; do
    [ ! -e "$dir/$1" ] || return 0
  done
  return 1
}

# ---- system packages: a probe, and the Debian package that answers it -------------------------
missing=()
need() {  # need <package> <probe...>
  local package=$1
  shift
  "$@" || missing+=("$package")
}
need cmake has cmake
need ninja-build has ninja
need g++ has c++
need pkg-config has pkg-config
need libhwy-dev header hwy/highway.h
need nlohmann-json3-dev header nlohmann/json.hpp
need zlib1g-dev header zlib.h
need libflatbuffers-dev header flatbuffers/flatbuffers.h
need flatbuffers-compiler has flatc
need libpng-dev header png.h
need libjpeg-dev header jpeglib.h
need libcli11-dev header CLI/CLI.hpp
need libgtest-dev header gtest/gtest.h
if [ "$(uname -s)" = Linux ]; then
  need libdnnl-dev header dnnl.h  # oneDNN: optional for CMake, but people want the speed
  need ccache has ccache
  need mold has mold
fi
if [ "$level" = check ]; then
  need clang has clang++
  need clang-format has clang-format
  need llvm has llvm-symbolizer  # line numbers in the sanitizers' reports
  # Clang's sanitizer runtimes are a package of their own, named after Clang's version.
  if has apt-get && ! compgen -G "/usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.asan*" >/dev/null; then
    missing+=("$(apt-cache depends clang | sed -n 's/.*Depends: clang-\([0-9]*\)$/libclang-rt-\1-dev/p' | grep . || echo libclang-rt-dev)")
  fi
fi

# ---- Python: the one of .venv, else the first on PATH that is new enough -----------------------
venv_python=.venv/bin/python
base=
if [ ! -x $venv_python ] || ! $venv_python -c '' 2>/dev/null; then
  for name in python3 python3.14 python3.13 python3.12 python3.11; do
    if has $name && $name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      base=$($name -c 'import sys; print(sys.executable)')
      break
    fi
  done
  if [ -z "$base" ]; then
    if has apt-get && apt-cache show python3.11 >/dev/null 2>&1 || ! has python3; then
      missing+=(python3)
      base=python3
    else
      stop "Python 3.11 or newer is needed; python3 is $(python3 -V 2>&1). Install one and put it on PATH."
    fi
  fi
  if has "$base"; then
    "$base" -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
    "$base" -c 'import os, sys, sysconfig; sys.exit(not os.path.exists(os.path.join(sysconfig.get_paths()["include"], "Python.h")))' ||
      missing+=(python3-dev)
  else
    missing+=(python3-venv python3-dev)
  fi
fi

if [ ${#missing[@]} -gt 0 ]; then
  line="apt-get install -y --no-install-recommends ${missing[*]}"
  if ! has apt-get; then
    stop "these are missing (Debian's names): ${missing[*]}. Install them with your package manager, then run this again."
  fi
  if [ "$(id -u)" = 0 ]; then
    as_root=()
  elif has sudo && sudo -n true 2>/dev/null; then
    as_root=(sudo -n)
  else
    stop "system packages are missing; type this, then run make again:" "sudo apt-get update && sudo $line"
  fi
  say "installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  options=(-q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
  "${as_root[@]}" apt-get "${options[@]}" update >/dev/null || true
  # A line for each package that is ready; warnings and errors go to the terminal as they are.
  "${as_root[@]}" apt-get "${options[@]}" ${line#apt-get } | sed -u -n 's/^Setting up \([^ ]*\).*/  \1/p' ||
    stop "the packages could not be installed (no network?); when it is back, type:" "apt-get update && $line"
fi

# ---- Python tools -----------------------------------------------------------------------------
# The pins are the dependency groups of pyproject.toml; a stamp remembers what was installed.
if [ ! -x $venv_python ] || ! $venv_python -c '' 2>/dev/null; then
  say "making .venv with $base"
  "$base" -m venv --clear .venv || stop "no virtual environment could be made; type:" "apt-get install -y python3-venv"
fi
# install <virtual environment> <group...>: what is not there yet of those groups.
install() {
  local venv=$1 stamp pins quiet=-q
  shift
  stamp=$venv/tenon-$(IFS=-; echo "$*")
  [ ! "$stamp" -nt pyproject.toml ] || return 0
  mapfile -t pins < <("$venv/bin/python" - "$@" <<'PY'
import sys, tomllib
from importlib import metadata

groups = tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]
for pin in (pin for name in sys.argv[1:] for pin in groups[name]):
    name, version = pin.split("==")
    try:
        if metadata.version(name).split("+")[0] == version:
            continue
    except metadata.PackageNotFoundError:
        pass
    print(pin)
PY
)
  if [ ${#pins[@]} -gt 0 ]; then
    say "installing ${pins[*]}"
    [ ! -t 1 ] || quiet=
    "$venv/bin/python" -m pip install $quiet --disable-pip-version-check --retries 1 "${pins[@]}" ||
      stop "the Python tools could not be installed (no network?); when it is back, type:" \
        "$venv/bin/python -m pip install ${pins[*]}"
  fi
  touch "$stamp"
}

case $level in
  build) install .venv build ;;
  test | check) install .venv build test ;;&
  check) install .venv check ;;
  bench)
    install .venv build
    # Peers are large (PyTorch: 5.8 GB) and live apart, with the same Python, so that both run in one process.
    [ -x .peers/bin/python ] || $venv_python -m venv .peers
    install .peers peers ;;
esac
