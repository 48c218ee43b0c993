#!/usr/bin/env python3
"""Runs the code blocks of README.md and docs/, so that what they show stays true.

    run_doc_blocks.py [file.md...]

The ```python blocks of a page run one after another in one namespace, in an empty folder. A ```cpp
block is a whole program (it has `int main`): it is compiled against the built library and run. A
block whose first line says `no-run` (```cpp no-run) is a fragment and is only counted.
"""

import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIBRARY = ROOT / "python" / "tenon"
TIMEOUT = 300  # seconds for one page or one program
FENCE = re.compile(r"^( *)(```+) *([\w+-]*)([^`]*)$")


@dataclass
class Block:
    language: str
    marks: str
    line: int  # of the first line of code
    code: str


def blocks_of(page: Path) -> list[Block]:
    blocks: list[Block] = []
    opened = None
    lines: list[str] = []
    for number, line in enumerate(page.read_text().splitlines(), 1):
        fence = FENCE.match(line)
        if opened is None:
            if fence:
                opened, start, lines = fence, number + 1, []
        elif fence and len(fence[2]) >= len(opened[2]) and not fence[3]:
            code = "\n".join(lines) + "\n"
            blocks.append(Block(opened[3].lower(), opened[4], start, code))
            opened = None
        else:
            lines.append(line.removeprefix(opened[1]))
    if opened is not None:
        sys.exit(f"{page.relative_to(ROOT)}: a code block is not closed")
    return blocks


def run(command: list[str], folder: str) -> str | None:
    """Runs a command; returns what went wrong, or None."""
    env = dict(os.environ, PYTHONPATH=str(ROOT / "python"), MPLBACKEND="Agg")
    try:
        done = subprocess.run(
            command, cwd=folder, env=env, text=True, errors="replace", timeout=TIMEOUT,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"took longer than {TIMEOUT} s"
    return None if done.returncode == 0 else f"{done.stdout[-4000:]}\nexit status {done.returncode}"


def run_python(page: Path, blocks: list[Block], folder: str) -> str | None:
    """One program per page: each block stands at its own line, so tracebacks point into the page."""
    source = ""
    for block in blocks:
        source += "\n" * (block.line - 1 - source.count("\n")) + block.code
    runner = "import sys; p, s = sys.argv[1:]; exec(compile(open(s).read(), p, 'exec'))"
    script = Path(folder) / ".blocks.py"
    script.write_text(source)
    return run([sys.executable, "-c", runner, str(page), str(script)], folder)


def run_cpp(page: Path, block: Block, folder: str) -> str | None:
    if not re.search(r"\bint\s+main\b", block.code):
        return "has no `int main`: make it a whole program, or mark the fragment ```cpp no-run"
    source, program = Path(folder) / "block.cpp", Path(folder) / "block"
    source.write_text(f'#line {block.line} "{page}"\n{block.code}')
    compiler = os.environ.get("CXX", "c++")
    command = [compiler, "-std=c++20", "-O0", f"-I{ROOT}", str(source), "-o", str(program)]
    command += [f"-L{LIBRARY}", f"-Wl,-rpath,{LIBRARY}", "-ltenon", "-pthread"]
    return run(command, folder) or run([str(program)], folder)


def main() -> int:
    pages = [Path(a).resolve() for a in sys.argv[1:]]
    pages = pages or [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    failures = ran = skipped = 0
    for page in (page for page in pages if page.exists()):
        blocks = [b for b in blocks_of(page) if b.language in {"python", "py", "cpp", "c++"}]
        live = [b for b in blocks if "no-run" not in b.marks]
        skipped += len(blocks) - len(live)
        ran += len(live)
        python = [b for b in live if b.language.startswith("py")]
        jobs = [(python[0].line, lambda f, b=python, p=page: run_python(p, b, f))] if python else []
        jobs += [(b.line, lambda f, b=b, p=page: run_cpp(p, b, f)) for b in live if b not in python]
        for line, job in jobs:
            with tempfile.TemporaryDirectory() as folder:
                problem = job(folder)
            if problem:
                failures += 1
                print(f"{page.relative_to(ROOT)}:{line}: {problem}")
    print(f"code blocks: {ran} run, {skipped} marked no-run, {failures} failed")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
