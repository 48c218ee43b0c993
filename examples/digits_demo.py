"""`make demo`: the digits example in Python, then in C++ with the same seed, each with the other's weights, and the
trained network as one file that Python, C++, C and the command line read."""

import os
import subprocess
import sys
from pathlib import Path

import digits
from picture import draw_report
from reader import Reader

import tenon as tn

TOP = Path(__file__).resolve().parent.parent
OUTPUT = TOP / "build" / "demo"
PYTHON = [sys.executable, str(TOP / "examples" / "digits.py")]
CPP = [str(TOP / "build" / "release" / "examples" / "digits")]
PROGRAMS = TOP / "build" / "release"
PICTURE = TOP / "examples" / "data" / "digit.png"
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


def export(weights: Path) -> Path:
    """Writes the network, with all that a picture needs before it, as one file that needs no Python."""
    network = digits.network()
    network.load_state_dict(tn.io.load_safetensors(weights))
    reader = Reader(network).eval()
    picture = tn.io.read_image(PICTURE)
    file = OUTPUT / "digits.tenon"
    program = tn.export(
        reader,
        {"image": picture},
        file,
        dynamic={"image": {1: "height", 2: "width"}},
        labels=[str(digit) for digit in range(10)],
        license="Apache-2.0; trained on MNIST (LeCun, Cortes, Burges; CC BY-SA 3.0)",
    )
    exact = tn.export(reader, {"image": picture}, dynamic={"image": {1: "height", 2: "width"}}, fusion=False)
    with tn.no_grad():
        scores = reader(picture)["scores"]
    if not tn.equal(exact(picture)["scores"], scores):
        sys.exit("demo: the exported network does not answer what the model does; please report this")
    difference = (program(picture)["scores"] - scores).abs().max() / scores.abs().max()
    print(
        f"exported and model: the same scores bit for bit; with fused ops {difference.item():.1g} of the largest apart"
    )
    return file


def read_picture(file: Path) -> None:
    """The exported network's answer for a drawn digit, from four programs: they must print the same."""
    pixels = tn.io.read_image(PICTURE)
    ppm = OUTPUT / "digit.ppm"
    ppm.write_bytes(
        b"P6 %d %d 255\n" % (pixels.shape[2], pixels.shape[1]) + pixels.permute(1, 2, 0).numpy().tobytes()
    )
    commands = {
        "Python": [sys.executable, str(TOP / "examples" / "read_digit.py"), str(file), str(PICTURE)],
        "C++": [str(PROGRAMS / "examples" / "read_digit"), str(file), str(PICTURE)],
        "C": [str(PROGRAMS / "examples" / "read_digit_c"), str(file), str(ppm)],
        "shell": [str(PROGRAMS / "bin" / "tenon"), "run", str(file), str(PICTURE), "--top", "1"],
    }
    environment = {**os.environ, "PYTHONPATH": str(TOP / "python")}
    answers = {}
    for name, command in commands.items():
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"demo: {' '.join(command)} failed: {done.stderr}")
        answers[name] = done.stdout.splitlines()
        print(f"{name:<8}{answers[name][0]}")
    if (
        len({answer[0] for answer in answers.values()}) > 1
        or not answers["Python"] == answers["C++"] == answers["C"]
    ):
        sys.exit(f"demo: the answers differ, please report this: {answers}")


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

    print("\n== the network leaves home: a drawn digit, read from one file by four programs")
    file = export(weights)
    read_picture(file)

    print(f"""
model    {file.relative_to(TOP)}
weights  {weights.relative_to(TOP)}
picture  {(OUTPUT / "digits.png").relative_to(TOP)}   (loss curve, test images and what the network said)

Next:
  PYTHONPATH=python .venv/bin/python examples/digits.py 1     another seed
  build/release/examples/digits 1                             the same in C++
  build/release/bin/tenon run build/demo/digits.tenon a_picture_of_yours.png
  build/release/bin/tenon info build/demo/digits.tenon        the graph, sizes, memory
  $EDITOR examples/digits.py                                  the whole program, to change
  make test                                                   all tests""")


if __name__ == "__main__":
    main()
