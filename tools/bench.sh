#!/usr/bin/env bash
# Runs every benchmark, in the environment of the peers.
set -euo pipefail
cd "$(dirname "$0")/.."
export PYTHONPATH=$PWD/python
failed=0
for script in benchmarks/*.py; do
  [ "$script" != benchmarks/peers.py ] || continue
  echo "== $script"
  .peers/bin/python "$script" || failed=1
done
echo "== benchmarks/libtorch"
benchmarks/libtorch/run.sh .peers/bin/python || failed=1
exit $failed
