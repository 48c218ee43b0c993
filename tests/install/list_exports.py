#!/usr/bin/env python3
"""Lists what a libtenon exports, by namespace; fails on any name that is not Tenon's own.

    list_exports.py LIBRARY

Own is what lies in namespace tenon::v0 (with its vtables and type information), and the C names tenon_*.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter

# A C name, or a mangled one: perhaps a table, guard or thunk, of a perhaps qualified name in namespace tenon::v0.
OWN = re.compile(r"tenon_\w+$|_Z(T[ISVTWH]|T[hvc]\w*?_|GV|GR)?N[KVRO]*5tenon2v0(\w*)")


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    listed = subprocess.run(
        ["nm", "-D", "--defined-only", sys.argv[1]], check=True, capture_output=True, text=True
    )
    names = [line.split()[-1].split("@")[0] for line in listed.stdout.splitlines()]
    if not names:
        print(f"list_exports: {sys.argv[1]} exports nothing", file=sys.stderr)
        return 1
    foreign = [name for name in names if not OWN.match(name)]
    if foreign:
        print(
            f"list_exports: {sys.argv[1]} exports {len(foreign)} names that are not its own:", file=sys.stderr
        )
        subprocess.run(["c++filt"], input="\n".join(foreign[:20]) + "\n", text=True, stdout=sys.stderr)
        return 1
    spaces: Counter[str] = Counter()
    for name in names:
        inner = (OWN.match(name) or [""])[2]
        space = re.match(r"(\d+)([a-z]\w*)", inner or "")
        known = space and space[2][: int(space[1])] in (
            "nn",
            "optim",
            "data",
            "io",
            "exec",
            "graph",
            "trace",
            "autograd",
        )
        spaces[
            "C" if name.startswith("tenon_") else f"tenon::{space[2][: int(space[1])]}" if known else "tenon"
        ] += 1
    print(
        f"  {len(names)} exported names: " + ", ".join(f"{space} {n}" for space, n in sorted(spaces.items()))
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
