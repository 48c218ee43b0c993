#!/usr/bin/env python3
"""Lists what a wheel bundles: files, sizes, shared libraries, what those want of the system, and the licences.

    list_wheel.py WHEEL

Fails when the wheel is too large, holds a library that is not listed here, wants one whose licence nobody has
looked at, or lacks LICENSE or NOTICE.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import zipfile
from collections import defaultdict
from pathlib import Path

MAX_BYTES = 30 << 20  # of the compressed wheel
OWN = {
    "libtenon": "Apache-2.0",
    "_tenon": "Apache-2.0, with nanobind (BSD-3-Clause)",
    "tenon": "Apache-2.0",
}
# What the machine provides; the wheel holds none of it.
SYSTEM = {
    "libhwy": "Apache-2.0 or BSD-3-Clause",
    "libz": "Zlib",
    "libpng16": "libpng-2.0",
    "libjpeg": "IJG, BSD-3-Clause, Zlib",
    "libstdc++": "GPL-3.0 with the GCC runtime library exception",
    "libgcc_s": "GPL-3.0 with the GCC runtime library exception",
    "libc": "LGPL-2.1 (glibc)",
    "libm": "LGPL-2.1 (glibc)",
    "libdl": "LGPL-2.1 (glibc)",
    "libpthread": "LGPL-2.1 (glibc)",
    "ld-linux-x86-64": "LGPL-2.1 (glibc)",
    "ld-linux-aarch64": "LGPL-2.1 (glibc)",
}


def needed(binary: bytes) -> list[str]:
    """The libraries that an ELF file names as its needs."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(binary)
        file.flush()
        printed = subprocess.run(
            ["readelf", "-d", file.name], check=True, capture_output=True, text=True
        ).stdout
    return re.findall(r"\(NEEDED\).*\[(.*)\]", printed)


def licence_of(name: str, table: dict[str, str]) -> str | None:
    return table.get(name) or table.get(name.split(".so")[0]) or table.get(name.split(".")[0])


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    path = Path(sys.argv[1])
    wheel = zipfile.ZipFile(path)
    problems = []
    folders: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    binaries: list[zipfile.ZipInfo] = []
    for info in wheel.infolist():
        total = folders["/".join(info.filename.split("/")[:-1][:2]) or "."]
        for i, number in enumerate((1, info.file_size, info.compress_size)):
            total[i] += number
        if wheel.open(info).read(4) == b"\x7fELF":
            binaries.append(info)
    unpacked = sum(info.file_size for info in wheel.infolist())
    size = path.stat().st_size
    print(f"{path.name}: {size / 1e6:.2f} MB, {unpacked / 1e6:.1f} MB unpacked")
    for folder, (count, raw, packed) in sorted(folders.items()):
        print(f"  {folder}/: {count} files, {packed / 1e3:.0f} kB of {raw / 1e3:.0f} kB")
    outside: set[str] = set()
    inside = {info.filename.split("/")[-1] for info in binaries}
    for info in binaries:
        name = info.filename.split("/")[-1]
        licence = licence_of(name, OWN)
        print(
            f"  bundled: {info.filename} {info.compress_size / 1e6:.2f} MB of {info.file_size / 1e6:.1f} MB, {licence}"
        )
        if licence is None:
            problems.append(f"bundles {info.filename}, which list_wheel.py and NOTICE do not know")
        outside |= set(needed(wheel.read(info))) - inside
    for name in sorted(outside):
        licence = licence_of(name, SYSTEM)
        print(f"  of the system: {name}, {licence}")
        if licence is None:
            problems.append(f"wants {name}, which list_wheel.py does not know")
    for text in ("LICENSE", "NOTICE"):
        if not any(name.endswith(f".dist-info/licenses/{text}") for name in wheel.namelist()):
            problems.append(f"lacks {text}")
    if size > MAX_BYTES:
        problems.append(f"is larger than {MAX_BYTES >> 20} MiB")
    for problem in problems:
        print(f"list_wheel: {path.name} {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
