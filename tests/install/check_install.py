#!/usr/bin/env python3
"""Installs Tenon the ways that people do, and uses it from outside of the tree.

    check_install.py [prefix] [wheel] [static] [isolated]

prefix    `cmake --install` of build/release to an empty prefix; the CMake project beside this file finds it there,
          and builds and runs README's C++ page and docs/add-an-op.md's ops as a library.
wheel     A source distribution, unpacked and built without a network; what the wheel bundles; the wheel in an empty
          virtual environment: a small training run, the program `tenon`, and a library of ops from a project of its
          own (tests/user_library), built against the package inside of the environment and loaded into Python.
static    Tenon's tree as a folder of somebody's CMake project (add_subdirectory), as a static library; then that
          library installed, and found by the same project.
isolated  `pip install .` as README has it, with a network, for each Python at hand that is new enough.

Without arguments the first three.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
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
assert f"Tenon {tn.__version__}" in tn.__config__.show() and tn.__config__.build_type == "Release"
assert (pathlib.Path(tn.get_include()) / "tenon/tenon.h").exists()
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


def compile_project(source: Path, build: Path, *options: str) -> None:
    settings = ["-DCMAKE_BUILD_TYPE=Debug", *options]
    if shutil.which("ccache"):
        settings.append("-DCMAKE_CXX_COMPILER_LAUNCHER=ccache")
    run("cmake", "-G", "Ninja", "-S", source, "-B", build, *settings, CCACHE_BASEDIR=str(ROOT))
    run("cmake", "--build", build, "-j", str(os.cpu_count()), CCACHE_BASEDIR=str(ROOT))


def build_outside(build: Path, *options: str) -> None:
    """Builds the CMake project beside this file, and runs what it made."""
    if not (build / "pages").exists():
        write_pages(build / "pages")
    compile_project(HERE, build, *options)
    check("loss" in run(build / "app"), "README's C++ page did not print its loss")
    if (build / "use_ops").exists():
        run(build / "use_ops", build / "libmy_ops.so")


def check_pkg_config(prefix: Path) -> None:
    file = next(prefix.glob("lib*/**/tenon.pc"))
    flags = run("pkg-config", "--cflags", "tenon", PKG_CONFIG_PATH=str(file.parent))
    includes = [Path(word[2:]) for word in shlex.split(flags) if word.startswith("-I")]
    check(any((i / "tenon/tenon.h").exists() for i in includes), f"pkg-config points nowhere: {flags}")


def check_prefix(folder: Path) -> None:
    prefix = folder / "prefix"
    run("cmake", "--install", ROOT / "build/release", "--prefix", prefix)
    print(run(sys.executable, HERE / "list_exports.py", next(prefix.glob("lib*/**/libtenon.so"))), end="")
    check(not list(prefix.rglob("*.cpp")), "sources were installed")
    build_outside(folder / "outside", f"-DCMAKE_PREFIX_PATH={prefix}")
    check_pkg_config(prefix)
    check("Tenon" in run(prefix / "bin/tenon", "--version"), "the installed program does not run")
    print("  cmake --install, find_package(Tenon), pkg-config, tenon --version: ok")


def check_static(folder: Path) -> None:
    options = ["-DBUILD_SHARED_LIBS=OFF", "-DTENON_INSTALL=ON", "-DTENON_ONEDNN=OFF"]
    # One copy of each kernel, not optimised: this is about linking.
    options.append("-DTENON_HWY_DISABLED=HWY_SSSE3|HWY_SSE4|HWY_AVX2|HWY_AVX3|HWY_AVX3_DL")
    build_outside(folder / "inside", f"-DTENON_SOURCE={ROOT}", *options)
    prefix = folder / "static"
    run("cmake", "--install", folder / "inside/tenon", "--prefix", prefix)
    check(list(prefix.glob("lib*/**/libtenon.a")), "no static library was installed")
    build_outside(folder / "outside_static", f"-DCMAKE_PREFIX_PATH={prefix}")
    check_pkg_config(prefix)
    check(
        "libtenon" not in run("ldd", folder / "outside_static/app"),
        "the program is linked with a shared libtenon",
    )
    print("  add_subdirectory(tenon), a static libtenon, find_package of it: ok")


def make_sdist(folder: Path) -> Path:
    """The source distribution, unpacked."""
    script = "import sys, scikit_build_core.build as b; print(b.build_sdist(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)], cwd=ROOT, text=True, capture_output=True, check=False
    )
    check(done.returncode == 0, f"no source distribution could be made:\n{done.stderr}")
    archive = next(folder.glob("*.tar.gz"))
    with tarfile.open(archive) as tar:
        tar.extractall(folder / "sdist", filter="data")
    source = next((folder / "sdist").iterdir())
    names = [str(path.relative_to(source)) for path in source.rglob("*") if path.is_file()]
    unwanted = [
        n for n in names if n.startswith(("tests/", "benchmarks/", "build/", "examples/data/")) or ".so" in n
    ]
    check(not unwanted, f"{archive.name} contains {unwanted[:5]}")
    for name in ("LICENSE", "NOTICE", "CMakeLists.txt", "README.md", "cli/main.cpp", "tenon/tenon.h"):
        check(name in names, f"{archive.name} lacks {name}")
    print(f"  {archive.name}: {archive.stat().st_size / 1e6:.2f} MB, {len(names)} files")
    return source


def make_wheel(source: Path, folder: Path) -> Path:
    # With the tools of .venv and the compiler of the release build, so that ccache answers; without a network
    # where we may take it away.
    cache = (ROOT / "build/release/CMakeCache.txt").read_text()
    compiler = re.search(r"^CMAKE_CXX_COMPILER:\w+=(.*)$", cache, re.M)
    check(compiler, "build/release names no compiler; run make build")
    offline = ["unshare", "-n"] if os.geteuid() == 0 and shutil.which("unshare") else []
    options = ["-q", "--no-build-isolation", "--no-index", "--no-deps", "-w", folder]
    environment = {"CXX": compiler[1], "CCACHE_BASEDIR": str(source), "CCACHE_NOHASHDIR": "1"}
    run(*offline, sys.executable, "-m", "pip", "wheel", *options, source, **environment)
    wheel = next(folder.glob("*.whl"))
    check_contents(wheel)
    print(run(sys.executable, HERE / "list_wheel.py", wheel), end="")
    return wheel


def check_contents(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    version = wheel.name.split("-")[1]
    for name in names:
        inside = name.startswith(("tenon/", f"tenon-{version}.dist-info/")) or name == (
            f"tenon-{version}.data/scripts/tenon"
        )
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


def use_environment(python: Path, build: Path) -> None:
    """A library of ops against the package inside of an environment, and both in Python."""
    where = "import tenon; print(tenon.utils.cmake_prefix_path)"
    prefix = run(python, "-c", where).strip()
    compile_project(ROOT / "tests/user_library", build, f"-DCMAKE_PREFIX_PATH={prefix}")
    print(run(python, "-c", TRAINING, build / "libuser_library.so"), end="")
    version = run(python.parent / "tenon", "--version")
    check(version.startswith("Tenon "), f"`tenon --version` printed {version}")


def check_wheel(folder: Path) -> None:
    wheel = make_wheel(make_sdist(folder), folder)
    run(sys.executable, "-m", "venv", folder / "venv")
    python = folder / "venv/bin/python"
    run(python, "-m", "pip", "install", "-q", "--disable-pip-version-check", wheel)
    use_environment(python, folder / "user_library")
    print("  a wheel of the source distribution in an empty environment, C++ and `tenon` beside it: ok")


def check_isolated(folder: Path) -> None:
    for name in ("python3.11", "python3.12", "python3.13", "python3.14"):
        probe = [name, "-c", "import ensurepip"]
        if not shutil.which(name) or subprocess.run(probe, capture_output=True).returncode != 0:
            print(f"  {name}: not here")
            continue
        run(name, "-m", "venv", folder / name)
        python = folder / name / "bin/python"
        run(python, "-m", "pip", "install", "-q", "--disable-pip-version-check", ROOT)
        use_environment(python, folder / f"{name} library")
        print(f"  pip install . with {name}: ok")


STEPS = {"prefix": check_prefix, "wheel": check_wheel, "static": check_static, "isolated": check_isolated}


def main() -> int:
    steps = sys.argv[1:] or ["prefix", "wheel", "static"]
    if any(step not in STEPS for step in steps):
        print(__doc__, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="tenon install ") as folder:
        for step in steps:
            STEPS[step](Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
