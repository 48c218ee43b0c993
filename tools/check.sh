#!/usr/bin/env bash
# check.sh [step...]: everything that tests alone do not tell, cheapest first; without arguments all
# steps. Goes on after a failure, so that one run shows everything, and ends with a summary.
set -uo pipefail
cd "$(dirname "$0")/.."
python=.venv/bin/python
export PYTHONPATH=$PWD/python
fuzz_seconds=${TENON_FUZZ_SECONDS:-20}

step_includes() { $python tools/check_includes.py; }
step_generated() { tools/generate.sh check; }
step_format() { tools/format.sh check; }
step_ruff() { .venv/bin/ruff format --check -q . && .venv/bin/ruff check -q .; }
step_types() { $python -m mypy python/tenon examples; }
step_docs() { tools/build.sh release python && $python tools/run_doc_blocks.py; }
step_install() { tools/build.sh release all && $python tests/install/check_install.py; }
step_asan() { sanitized asan; }
step_tsan() { sanitized tsan; }

sanitized() {
  tools/build.sh "$1" all || return
  local run=()
  # Address space randomisation with many bits breaks older sanitizer runtimes.
  if [ "$(cat /proc/sys/vm/mmap_rnd_bits 2>/dev/null || echo 0)" -gt 28 ] && setarch -R true 2>/dev/null; then
    run=(setarch -R)
  fi
  "${run[@]}" ctest --preset "$1"
}

# Each fuzz target starts from its seeds (tests/fuzz/seeds/<name>) and runs for a short while; what
# it finds is left in build/asan/fuzz.
step_fuzz() {
  tools/build.sh asan fuzz || return
  local target name failed=0
  for target in build/asan/fuzz/*; do
    [ -f "$target" ] && [ -x "$target" ] || continue
    name=${target##*/}
    mkdir -p "build/asan/fuzz/$name.corpus"
    local seeds=()
    [ ! -d "tests/fuzz/seeds/$name" ] || seeds=("tests/fuzz/seeds/$name")
    local log=build/asan/fuzz/$name.log
    if "$target" -max_total_time="$fuzz_seconds" -timeout=10 -rss_limit_mb=2048 \
      -print_final_stats=1 -artifact_prefix="build/asan/fuzz/$name-" \
      "build/asan/fuzz/$name.corpus" "${seeds[@]}" >"$log" 2>&1; then
      echo "$name: $(sed -n 's/.*number_of_executed_units: *//p' "$log") runs in $fuzz_seconds s"
    else
      tail -40 "$log"
      failed=1
    fi
  done
  return $failed
}

steps=("$@")
[ ${#steps[@]} -gt 0 ] || steps=(includes generated format ruff types docs install asan fuzz tsan)
failed=()
for step in "${steps[@]}"; do
  declare -F "step_$step" >/dev/null || {
    echo "check: no step '$step'; there are: includes generated format ruff types docs install asan fuzz tsan" >&2
    exit 2
  }
  echo "== check: $step"
  start=$SECONDS
  if "step_$step"; then
    echo "   $step: ok ($((SECONDS - start)) s)"
  else
    echo "   $step: FAILED ($((SECONDS - start)) s)"
    failed+=("$step")
  fi
done
if [ ${#failed[@]} -gt 0 ]; then
  echo "check: ${#failed[@]} of ${#steps[@]} steps failed: ${failed[*]}"
  exit 1
fi
echo "check: all ${#steps[@]} steps passed"
