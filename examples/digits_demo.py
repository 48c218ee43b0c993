"""`make demo`: the digits example in Python, then in C++ with the same seed, and each with the other's weights."""

import os
import subprocess
import sys
from pathlib import Path

from picture import draw_report

import tenon as tn

TOP = Path(__file__).resolve().parent.parent
OUTPUT = TOP / "build" / "demo"
PYTHON = [sys.executable, str(TOP / "examples" / "digits.py")]
CPP = [str(TOP / "build" / "release" / "examples" / "digits")]
SEED = "0"


def run(title: str, command: list[str], folder: str) -> Path:
    """Runs one program in a folder of its own, where it leaves its files."""
    print(f"\n== {title}", flush=True)
    where = OUTPUT / folder
    where.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "PYTHONPATH": str(TOP / "python")}
    if subprocess.run(command, cwd=where, env=environment).returncode != 0:
        sys.exit(f"demo: {' '.join(command)} failed")
    return where


def main() -> None:
    python = run("learning in Python", [*PYTHON, SEED], "python")
    weights = python / "digits.safetensors"
    losses = tn.io.load_safetensors(python / "losses.safetensors")["losses"]
    draw_report(OUTPUT / "digits.png", losses, weights, int(SEED))

    cpp = run("the same in C++", [*CPP, SEED], "cpp")
    cpp_losses = tn.io.load_safetensors(cpp / "losses.safetensors")["losses"]
    difference = (losses - cpp_losses).abs().max().item()
    print(f"\nlosses of the two programs over {len(losses)} steps: largest difference {difference:g}")
    if difference > 1e-5:
        sys.exit("demo: the losses of Python and C++ differ; please report this")

    run("Python's weights in C++", [*CPP, SEED, str(weights)], "cpp")
    run("the C++ weights in Python", [*PYTHON, SEED, str(cpp / "digits.safetensors")], "python")

    print(f"""
weights  {weights.relative_to(TOP)}
picture  {(OUTPUT / "digits.png").relative_to(TOP)}   (loss curve, test images and what the network said)

Next:
  PYTHONPATH=python .venv/bin/python examples/digits.py 1     another seed
  build/release/examples/digits 1                             the same in C++
  $EDITOR examples/digits.py                                  the whole program, to change
  make test                                                   all tests""")


if __name__ == "__main__":
    main()
