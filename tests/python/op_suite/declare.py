"""What an op declares for its tests: calls, a reference in NumPy, dtypes, tolerances, wrong calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

import tenon as tn

SIGNATURES = {
    f"{s['name']}.{s['overload']}" if s["overload"] else s["name"]: s for s in tn._tenon._signatures()
}

LAYOUTS = ("contiguous", "transposed", "strided", "expanded", "offset", "mixed")

booleans = (tn.bool,)
ints = (tn.uint8, tn.int8, tn.int16, tn.int32, tn.int64)
floats = (tn.float32, tn.float64)
numbers = ints + floats
all_types = booleans + numbers
integral = booleans + ints

Domain = Any  # (low, high), or a function of (rng, shape, dtype) that draws an array


@dataclass(frozen=True)
class T:
    """A tensor argument. Without a dtype it takes the one under test."""

    shape: tuple[int, ...]
    dtype: Any = None
    domain: Domain = None
    expandable: bool = True  # False: values must stay distinct, so no expanded layout
    fixed: bool = False  # gets no gradient

    def with_domain(self, domain: Domain) -> T:
        return replace(self, domain=domain)


def t(*shape: int, dtype: Any = None, domain: Domain = None, fixed: bool = False) -> T:
    return T(shape, dtype, domain, True, fixed)


def index(*shape: int, below: int, low: int = 0) -> T:
    """int64 indices in [low, below)."""
    return T(shape, tn.int64, lambda rng, s, _: rng.integers(low, below, s))


def distinct_index(*shape: int, below: int) -> T:
    """int64 indices of which none occurs twice along the last dimension."""
    return T(shape, tn.int64, lambda rng, s, _: permutations(rng, s, below), expandable=False)


def permutations(rng: np.random.Generator, shape: tuple[int, ...], below: int) -> np.ndarray:
    rows = int(np.prod(shape[:-1]))
    n = shape[-1] if shape else 1
    return np.array([rng.permutation(below)[:n] for _ in range(rows)], dtype=np.int64).reshape(shape)


def mask(*shape: int) -> T:
    return T(shape, tn.bool, lambda rng, s, _: rng.random(s) < 0.5)


# ---- domains ----


def distinct(rng: np.random.Generator, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """No two elements alike: for extremes and sorting."""
    n = int(np.prod(shape))
    values = rng.permutation(np.arange(n) - (0 if dtype.kind == "u" else n // 3)).reshape(shape)
    return values * (3 / max(n, 1)) if dtype.kind == "f" else values


def ties(rng: np.random.Generator, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """Few values, so that many are alike."""
    return rng.integers(0 if dtype.kind in "ub" else -2, 3, shape)


def away(low: float, high: float) -> Domain:
    """low <= |x| <= high."""

    def draw(rng: np.random.Generator, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        size = (
            rng.integers(int(np.ceil(low)), int(high) + 1, shape)
            if dtype.kind in "iu"
            else rng.uniform(low, high, shape)
        )
        return size if dtype.kind == "u" else size * rng.choice([-1, 1], shape)

    return draw


# ---- calls ----


@dataclass(frozen=True)
class Call:
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def __repr__(self) -> str:
        parts = [repr(a) for a in self.args] + [f"{k}={v!r}" for k, v in self.kwargs.items()]
        return f"call({', '.join(parts)})"


def call(*args: Any, **kwargs: Any) -> Call:
    return Call(args, kwargs)


@dataclass(frozen=True)
class Samples:
    dtypes: tuple[Any, ...]
    calls: tuple[Call, ...]

    def plus(self, *more: Call) -> Samples:
        return Samples(self.dtypes, self.calls + more)


def samples(dtypes: Sequence[Any], *calls: Call) -> Samples:
    return Samples(tuple(dtypes), calls)


def one(dtypes: Sequence[Any], *args: Any, **kwargs: Any) -> Samples:
    """Of one operand: zero-dimensional, empty, and long enough for vector loops and their rests."""
    shapes = [(3, 4), (), (2, 3, 4), (67,), (0,), (2, 0, 3)]
    return samples(dtypes, *(call(t(*s), *args, **kwargs) for s in shapes))


def two(dtypes: Sequence[Any], number: Any = None, **kwargs: Any) -> Samples:
    """Of two operands: same shapes, broadcast both ways, empty, and of two dtypes; with a Python number."""
    pairs = [
        ((3, 4), (3, 4)), ((3, 4), (4,)), ((3, 1), (1, 4)), ((), (5,)), ((2, 3), ()), ((), ()), ((67,), (67,)),
        ((2, 0, 3), (3,)), ((4,), (2, 3, 4)),
    ]  # fmt: skip
    out = samples(dtypes, *(call(t(*a), t(*b), **kwargs) for a, b in pairs))
    others = [d for d in (tn.int32, tn.float64, tn.uint8, tn.bool) if d in dtypes]
    out = out.plus(*(call(t(3, 4), t(4, dtype=d), **kwargs) for d in others[:3]))
    out = out.plus(*(call(t(3, 4), t(dtype=d), **kwargs) for d in others[:1]))
    return out if number is None else out.plus(call(t(3, 4), number, **kwargs))


@dataclass
class Op:
    key: str  # "max.dim"
    samples: Samples
    reference: Callable[..., Any] | None
    # Dtype of the result: "promoted", "float" (integers become the default float), "first" (of the first
    # tensor), a dtype, or a function of the promoted dtype; a tuple for several outputs.
    result: Any
    domain: Domain
    wrong: tuple[tuple[Call, Any, tuple[str, ...]], ...]
    tolerance: float  # a factor on the dtype's own, with `reason`
    reason: str
    special: bool  # the reference defines nan, inf, -0.0 and the extreme integers
    gradient: bool
    second: bool
    meta: bool  # the shape of the result follows from shapes, and the device from the inputs
    layouts: tuple[str, ...]
    test: str  # instead of a reference: the name of the special test

    @property
    def signature(self) -> dict[str, Any]:
        return SIGNATURES[self.key]

    @property
    def name(self) -> str:
        return self.signature["name"]

    def has(self, trait: str) -> bool:
        return trait in self.signature["traits"]

    def form(self, name: str) -> bool:
        return name in self.signature["forms"]

    @property
    def function(self) -> Callable[..., Any]:
        """The function, or the method called like one."""
        if self.form("function"):
            return getattr(tn._tenon, self.name)
        name = self.name if self.form("method") else self.name + "_"
        return lambda x, *args, **kwargs: getattr(x, name)(*args, **kwargs)


OPS: dict[str, Op] = {}


def op(
    key: str,
    what: Samples,
    reference: Callable[..., Any] | None = None,
    *,
    result: Any = "promoted",
    domain: Domain = (-3, 3),
    wrong: Sequence[tuple[Call, Any, tuple[str, ...]]] = (),
    tolerance: float = 1,
    reason: str = "",
    special: bool = False,
    gradient: bool = True,
    second: bool = True,
    meta: bool = True,
    layouts: tuple[str, ...] = LAYOUTS,
    test: str = "",
) -> None:
    """Declares an op once. `test` names the special test of an op that has no reference."""
    assert key not in OPS, f"{key} is declared twice"
    assert (reference is None) == bool(test), f"{key}: a reference, or the name of its special test"
    assert tolerance == 1 or reason, f"{key}: say why its tolerance is wider"
    OPS[key] = Op(
        key,
        what,
        reference,
        result,
        domain,
        tuple(wrong),
        tolerance,
        reason,
        special,
        gradient,
        second,
        meta,
        layouts,
        test,
    )


def alias(key: str, of: str) -> None:
    """A second name: declared as the first."""
    assert key not in OPS, f"{key} is declared twice"
    OPS[key] = replace(OPS[of], key=key, wrong=())
