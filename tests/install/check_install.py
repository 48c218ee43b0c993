#!/usr/bin/env python3
"""Installs Tenon the two ways that people do, and uses it from outside of the tree.

    check_install.py

1. `cmake --install` of build/release to an empty prefix; the CMake project beside this file finds it there,
   and builds and runs README's C++ page and docs/add-an-op.md's ops as a library.
2. A wheel, installed into an empty virtual environment: what it contains, a small training run, the library of
   ops loaded into Python and, once more, the CMake project, against the package inside of the environment.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from run_doc_blocks import blocks_of  # noqa: E402

HERE = Path(__file__).resolve().parent

TRAINING = """
import importlib.metadata, pathlib, sys
import tenon as tn
assert pathlib.Path(tn.__file__).is_relative_to(sys.prefix), tn.__file__
assert tn.__version__ == importlib.metadata.version("tenon"), tn.__version__
assert tn.__version__ in tn.__config__.show()
tn.manual_seed(0)
x = tn.randn(64, 8)
y = (x.sum(1) > 0).long()
model = tn.nn.Sequential(tn.nn.Linear(8, 16), tn.nn.ReLU(), tn.nn.Linear(16, 2))
optimizer = tn.optim.AdamW(model.parameters(), lr=1e-2)
losses = []
for step in range(20):
    optimizer.zero_grad()
    loss = tn.nn.functional.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
assert losses[-1] < 0.8 * losses[0], losses
tn.ops.load_library(sys.argv[1])
cube = tn.ops.cubed(tn.tensor([1.0, 2.0]), scale=2.0)
assert cube.tolist() == [2.0, 16.0], cube
assert tn.from_numpy(cube.numpy()).equal(cube)
print(f"  20 steps: loss {losses[0]:.3f} -> {losses[-1]:.3f}; an op of the library: {cube.tolist()}")
print(tn.utils.cmake_prefix_path)
"""


def run(*command: object, **extra: str) -> str:
    """Runs a command outside of the tree and gives what it printed; ends the check where it fails."""
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "LD_LIBRARY_PATH")} | extra
    words = [str(word) for word in command]
    done = subprocess.run(
        words, cwd="/", env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if done.returncode != 0:
        sys.exit(f"$ {' '.join(words)}\n{done.stdout[-6000:]}\nexit status {done.returncode}")
    return done.stdout


def check(right: object, complaint: str) -> None:
    if not right:
        sys.exit(f"check_install: {complaint}")


def write_pages(folder: Path) -> None:
    """README's program, and the ops of docs/add-an-op.md with its line for libraries in the place of main."""
    folder.mkdir(parents=True)
    program = next(b for b in blocks_of(ROOT / "README.md") if b.language == "cpp")
    (folder / "app.cpp").write_text(program.code)
    ops, last_line = (b for b in blocks_of(ROOT / "docs/add-an-op.md") if b.language == "cpp")
    start = ops.code.index("int main()")
    (folder / "my_ops.cpp").write_text(ops.code[:start] + last_line.code)


def build_outside(prefix: Path, build: Path) -> None:
    """Builds the CMake project against the package in prefix, and runs it."""
    write_pages(build / "pages")
    options = [f"-DCMAKE_PREFIX_PATH={prefix}", "-DCMAKE_BUILD_TYPE=Debug"]
    if shutil.which("ccache"):
        options.append("-DCMAKE_CXX_COMPILER_LAUNCHER=ccache")
    run("cmake", "-G", "Ninja", "-S", HERE, "-B", build, *options)
    run("cmake", "--build", build)
    check("loss" in run(build / "app"), "README's C++ page did not print its loss")
    run(build / "use_ops", build / "libmy_ops.so")


def check_prefix(folder: Path) -> None:
    prefix = folder / "prefix"
    run("cmake", "--install", ROOT / "build/release", "--prefix", prefix)
    library = next(prefix.glob("lib*/**/libtenon.so"))
    print(run(sys.executable, HERE / "list_exports.py", library), end="")
    check(not list(prefix.rglob("*.cpp")), "sources were installed")
    build_outside(prefix, folder / "outside")
    flags = run("pkg-config", "--cflags", "tenon", PKG_CONFIG_PATH=str(library.parent / "pkgconfig"))
    includes = [Path(word[2:]) for word in shlex.split(flags) if word.startswith("-I")]
    check(any((i / "tenon/tenon.h").exists() for i in includes), f"pkg-config points nowhere: {flags}")
    print("  cmake --install, find_package(Tenon), pkg-config: ok")


def check_contents(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for name in names:
        inside = name.startswith(("tenon/", f"tenon-{wheel.name.split('-')[1]}.dist-info/"))
        check(inside, f"{wheel.name} contains {name}")
        wanted = not re.search(
            r"(^|/)(tests?|data|examples|__pycache__)/.*\.(npz|gz|png|pyc|idx.*)$|/test_", name
        )
        check(wanted and not name.endswith((".cpp", ".a", ".o")), f"{wheel.name} contains {name}")
    libraries = [n for n in names if ".so" in n]
    check(
        len(libraries) == 2, f"{wheel.name} has other libraries than libtenon and the extension: {libraries}"
    )
    check("tenon/py.typed" in names and "tenon/_tenon.pyi" in names, f"{wheel.name} lacks its types")
    print(run(sys.executable, HERE / "list_wheel.py", wheel), end="")


def check_wheel(folder: Path) -> None:
    # With the tools of .venv and the compiler of the release build, so that ccache answers.
    cache = (ROOT / "build/release/CMakeCache.txt").read_text()
    compiler = re.search(r"^CMAKE_CXX_COMPILER:\w+=(.*)$", cache, re.M)
    check(compiler, "build/release names no compiler; run make build")
    wheel_options = ["-q", "--no-build-isolation", "--no-deps", "-w", folder]
    run(sys.executable, "-m", "pip", "wheel", *wheel_options, ROOT, CXX=compiler[1])
    wheel = next(folder.glob("*.whl"))
    check_contents(wheel)
    run(sys.executable, "-m", "venv", folder / "venv")
    python = folder / "venv/bin/python"
    run(python, "-m", "pip", "install", "-q", "--disable-pip-version-check", wheel)
    printed = run(python, "-c", TRAINING, folder / "outside/libmy_ops.so").splitlines()
    print(*printed[:-1], sep="\n")
    build_outside(Path(printed[-1]), folder / "beside_python")
    run(python, "-c", TRAINING, folder / "beside_python/libmy_ops.so")
    print("  the wheel in an empty virtual environment, and C++ against it: ok")


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="tenon install ") as folder:
        check_prefix(Path(folder))
        check_wheel(Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
