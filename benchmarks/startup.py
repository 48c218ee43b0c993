"""Time and memory of `import`, and size on disk, beside PyTorch's. Each import runs in a process of its own."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import sysconfig
from pathlib import Path

PROBE = """
import time
start = time.perf_counter()
import {name}
seconds = time.perf_counter() - start
status = open('/proc/self/status').read()
resident = next(line for line in status.splitlines() if line.startswith('VmRSS')).split()[1]
print(seconds, resident)
"""


def measure(name: str) -> tuple[float, float]:
    """Median seconds of the import, and MB resident after it."""
    seconds, resident = [], []
    for _ in range(7):
        out = subprocess.run(
            [sys.executable, "-c", PROBE.format(name=name)], capture_output=True, text=True, check=True
        ).stdout.split()
        seconds.append(float(out[0]))
        resident.append(int(out[1]) / 1024)
    return statistics.median(seconds), statistics.median(resident)


def size_of(*paths: Path) -> float:
    """MB of all files below the paths."""
    files = (f for p in paths for f in ([p] if p.is_file() else p.rglob("*")))
    return sum(f.stat().st_size for f in files if f.is_file() and not f.is_symlink()) / 1e6


def main() -> int:
    measure("tenon")  # fills the caches of compiled files
    rows = {name: measure(name) for name in ("tenon", "torch")}
    site = Path(sysconfig.get_paths()["purelib"])
    package = Path(__file__).resolve().parent.parent / "python" / "tenon"
    onednn = [p for p in Path("/usr/lib").rglob("libdnnl.so.*") if not p.is_symlink()]
    ours = size_of(package) + size_of(*(site / n for n in ("numpy", "numpy.libs"))) + size_of(*onednn)
    theirs = size_of(site)
    print(f"\n{'':12}{'import':>12}{'resident':>12}{'on disk, with needs':>24}")
    for name, (seconds, resident) in rows.items():
        disk = ours if name == "tenon" else theirs
        print(f"{name:12}{seconds * 1e3:>9.0f} ms{resident:>9.0f} MB{disk:>21.0f} MB")
    good = rows["tenon"][0] < 0.1 and rows["tenon"][1] < 35 and ours < 150
    print("asked:       under 100 ms, 35 MB, 150 MB" + ("" if good else "   missed"))
    return 0 if good else 1


if __name__ == "__main__":
    os.environ.setdefault("PYTHONPATH", str(Path(__file__).resolve().parent.parent / "python"))
    raise SystemExit(main())
