#!/usr/bin/env python3
"""Checks that the floors of tenon/ include only what the include graph allows.

The graph is the block marked ```include-graph in docs/architecture.md:

    records := ops/*_records.h      # a floor of its own, cut out by patterns below tenon/
    ops <- core, records            # ops may include core and records, and itself; nothing more
    core <-

Nothing follows by itself: what a floor may include is all written on its line. A floor may be a
folder within a floor (`kernels/cpu`); the longest name wins, patterns before names. The headers
directly in tenon/ gather others and may include everything, and no floor may include them.

Also checks that the graph has no cycle, that what is included exists, that headers have
`#pragma once` (Highway's `-inl.h` are read once per target), and that no file is longer than
800 lines (files whose first lines say "do not edit", which generators write, are free).
"""

import fnmatch
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GRAPH_PAGE = "docs/architecture.md"
MAX_LINES = 800
SIZE_CHECKED = ("tenon", "python", "cli", "tests", "examples", "benchmarks", "tools", "cmake")
SOURCES = {".cpp", ".h", ".py", ".sh", ".cmake"}
TOP = "the top"  # the headers directly in tenon/

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"](tenon/[^">]+)[>"]')


class Graph:
    """Which floor a file belongs to, and which floors each may include."""

    def __init__(self, page: Path):
        self.patterns: list[tuple[str, str]] = []
        self.allowed: dict[str, set[str]] = {}
        block = re.search(r"^```include-graph\n(.*?)^```", page.read_text(), re.M | re.S)
        if not block:
            sys.exit(f"{GRAPH_PAGE}: has no block ```include-graph")
        for line in block[1].splitlines():
            line = line.split("#")[0].strip()
            if ":=" in line:
                name, globs = (part.strip() for part in line.split(":="))
                self.patterns += [(glob.strip(), name) for glob in re.split(r"[,\s]+", globs)]
            elif "<-" in line:
                names, others = line.split("<-")
                for name in names.split():
                    self.allowed[name] = {o for o in re.split(r"[,\s]+", others) if o}
            elif line:
                sys.exit(f"{GRAPH_PAGE}: cannot read the line: {line}")

    def floor(self, path: str) -> str | None:
        """The floor of a path below tenon/; None when no floor claims it."""
        for glob, name in self.patterns:
            if fnmatch.fnmatch(path, glob):
                return name
        if "/" not in path:
            return TOP
        names = [name for name in self.allowed if path.startswith(name + "/")]
        return max(names, key=len, default=None)

    def problems(self):
        known = set(self.allowed)
        for name, others in self.allowed.items():
            for other in sorted(others - known):
                yield f"{GRAPH_PAGE}: {name} <- {other}: there is no line for {other}"
        for _, name in self.patterns:
            if name not in known:
                yield f"{GRAPH_PAGE}: {name} := ...: there is no line `{name} <- ...`"
        # A cycle is what stays when floors that depend on nothing are taken away again and again.
        left = {name: others & known for name, others in self.allowed.items()}
        while ready := [name for name, others in left.items() if not others - {name}]:
            for name in ready:
                del left[name]
            left = {name: others - set(ready) for name, others in left.items()}
        if left:
            yield f"{GRAPH_PAGE}: the floors form a cycle: {', '.join(sorted(left))}"


def check_file(graph: Graph, file: Path, unclaimed: set[str]):
    path = file.relative_to(ROOT / "tenon").as_posix()
    own = graph.floor(path)
    text = file.read_text()
    if file.suffix == ".h" and not path.endswith("-inl.h") and "#pragma once" not in text:
        yield f"tenon/{path}: has no #pragma once"
    if own is None:
        unclaimed.add(path.split("/")[0])
        return
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        where = f"tenon/{path}:{number}"
        target = match[1]
        if not (ROOT / target).exists():
            yield f"{where}: includes {target}, which does not exist"
            continue
        other = graph.floor(target.removeprefix("tenon/"))
        if own == TOP or other == own:
            continue
        if other == TOP:
            yield f"{where}: includes {target}, which gathers headers for users"
        elif other not in graph.allowed[own]:
            may = ", ".join(sorted(graph.allowed[own])) or "nothing else"
            yield f"{where}: {own} may not include {other} ({target}); it may include {may}"


def check_sizes():
    for folder in SIZE_CHECKED:
        for file in sorted((ROOT / folder).rglob("*")):
            if file.suffix not in SOURCES or not file.is_file():
                continue
            lines = file.read_text(errors="replace").splitlines()
            if len(lines) > MAX_LINES and "do not edit" not in "".join(lines[:5]):
                name = file.relative_to(ROOT)
                yield f"{name}: {len(lines)} lines; the limit is {MAX_LINES}, split it"


def main() -> int:
    page = ROOT / GRAPH_PAGE
    if not page.exists():
        sys.exit(f"{GRAPH_PAGE}: does not exist; it holds the include graph")
    graph = Graph(page)
    problems = list(graph.problems())
    if not problems:
        unclaimed: set[str] = set()
        files = [f for f in sorted((ROOT / "tenon").rglob("*")) if f.suffix in {".h", ".cpp"}]
        for file in files:
            problems += check_file(graph, file, unclaimed)
        problems += [f"tenon/{floor}: {GRAPH_PAGE} has no line for this floor" for floor in sorted(unclaimed)]
    problems += check_sizes()
    for problem in problems:
        print(problem)
    print(f"include graph and file sizes: {len(problems) or 'no'} problem{'s'[: len(problems) != 1]}")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
