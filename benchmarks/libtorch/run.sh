#!/usr/bin/env bash
# run.sh PYTHON: builds and runs eager.cpp against the libtorch of PYTHON's torch, and the built libtenon.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${1:?the Python of an environment that has torch}
mkdir -p build/libtorch
torch=$("$python" -c 'import torch, os; print(os.path.dirname(torch.__file__))')
mkdir -p build/libtorch
g++ -std=c++20 -O2 -fno-math-errno benchmarks/libtorch/eager.cpp -o build/libtorch/eager \
  -I. -isystem "$torch/include" -isystem "$torch/include/torch/csrc/api/include" \
  -Lpython/tenon -ltenon -L"$torch/lib" -ltorch -ltorch_cpu -lc10 \
  -Wl,-rpath,"$PWD/python/tenon" -Wl,-rpath,"$torch/lib"
build/libtorch/eager
