"""Timing of two implementations side by side: interleaved rounds, medians, one thread, a ratio."""

from __future__ import annotations

import gc
import statistics
import time
import timeit
from collections.abc import Callable
from dataclasses import dataclass

Call = Callable[[], object]


@dataclass
class Case:
    """One line of a table: the same work in Tenon and in the peer."""

    name: str
    ours: Call
    theirs: Call
    at_least: float | None = None  # the ratio the design asks for
    same: Callable[[], bool] | None = None  # compares the outputs, before anything is timed


# A loop of its own for every call: the interpreter adapts a loop to the one function that it sees.
_loops: dict[Call, timeit.Timer] = {}


def _seconds(call: Call, count: int) -> float:
    loop = _loops.setdefault(call, timeit.Timer(call, timer=time.perf_counter))
    return loop.timeit(count) / count


def _rounds(call: Call, target: float = 0.02) -> int:
    call()
    once = max(_seconds(call, 10), 1e-9)
    return max(1, min(200_000, int(target / once)))


def compare(case: Case, rounds: int = 11) -> tuple[float, float]:
    """Median seconds per call of ours and theirs, measured in turns."""
    if case.same is not None and not case.same():
        raise AssertionError(f"{case.name}: the outputs differ")
    ours_count, theirs_count = _rounds(case.ours), _rounds(case.theirs)
    ours, theirs = [], []
    enabled = gc.isenabled()
    gc.disable()
    try:
        for _ in range(rounds):
            ours.append(_seconds(case.ours, ours_count))
            theirs.append(_seconds(case.theirs, theirs_count))
            gc.collect()
    finally:
        if enabled:
            gc.enable()
    return statistics.median(ours), statistics.median(theirs)


def limits() -> tuple[float, float]:
    """What this machine's core can do: float32 operations per second (the best product of NumPy's BLAS and
    PyTorch), and bytes per second of a large copy, counting read and write."""
    import numpy as np
    import torch

    a = torch.randn(1536, 1536)
    best = min(_seconds(lambda: a @ a, 1) for _ in range(5))
    source = np.ones(8 << 20, np.float64)
    target = np.empty_like(source)
    copy = min(_seconds(lambda: np.copyto(target, source), 1) for _ in range(5))
    return 2 * 1536**3 / best, 2 * source.nbytes / copy


def _time(seconds: float) -> str:
    if seconds < 1e-6:
        return f"{seconds * 1e9:.0f} ns"
    return f"{seconds * 1e6:.2f} µs" if seconds < 1e-3 else f"{seconds * 1e3:.2f} ms"


def table(title: str, cases: list[Case], peer: str) -> bool:
    """Prints the table; False when a ratio is below what the design asks for."""
    print(f"\n{title}\n{'':44}{'tenon':>12}{peer:>12}{'times':>9}{'asked':>8}")
    good = True
    for case in cases:
        ours, theirs = compare(case)
        ratio = theirs / ours
        reached = case.at_least is None or ratio >= case.at_least
        good &= reached
        asked = "" if case.at_least is None else f"{case.at_least:g}"
        print(
            f"{case.name:44}{_time(ours):>12}{_time(theirs):>12}{ratio:>9.1f}{asked:>8}{'' if reached else '  below'}",
            flush=True,
        )
    return good
