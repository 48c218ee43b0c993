"""Arguments from declared samples: values by seed, in every layout, for Tenon and for NumPy."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import tenon as tn

from .declare import Call, Op, T

NUMPY = {
    tn.bool: np.bool_, tn.uint8: np.uint8, tn.int8: np.int8, tn.int16: np.int16, tn.int32: np.int32,
    tn.int64: np.int64, tn.float16: np.float16, tn.float32: np.float32, tn.float64: np.float64,
    tn.complex64: np.complex64, tn.complex128: np.complex128,
}  # fmt: skip


def seed_of(*parts: Any) -> int:
    return zlib.crc32(repr(parts).encode())


def draw(rng: np.random.Generator, shape: tuple[int, ...], dtype: Any, domain: Any) -> np.ndarray:
    kind = np.dtype(NUMPY[dtype])
    if callable(domain):
        return np.asarray(domain(rng, shape, kind)).astype(kind)
    low, high = domain
    if kind.kind == "b":
        return rng.random(shape) < 0.5
    if kind.kind in "iu":
        least, most = int(np.ceil(low)), int(np.floor(high))
        if kind.kind == "u":
            least, most = max(0, least), max(1, most)
        most = max(least, most)
        return rng.integers(least, most + 1, shape).astype(kind)
    if kind.kind == "c":
        return (rng.uniform(low, high, shape) + 1j * rng.uniform(low, high, shape)).astype(kind)
    return rng.uniform(low, high, shape).astype(kind)


# ---- layouts: from values to a tensor that lies in memory in some way, and what it then holds ----


def contiguous(values: np.ndarray) -> tn.Tensor:
    # from_numpy takes no negative strides and no foreign byte orders; a copy has neither.
    return tn.from_numpy(np.array(values, order="C"))


def transposed(values: np.ndarray) -> tn.Tensor:
    if values.ndim < 2:
        return strided(values)
    order = tuple(reversed(range(values.ndim)))
    return contiguous(values.transpose(order)).permute(*order)


def strided(values: np.ndarray) -> tn.Tensor:
    if values.ndim == 0:
        return offset(values)
    wide = np.ones(tuple(2 * n + 1 for n in values.shape), values.dtype)
    places = tuple(slice(1, None, 2) for _ in values.shape)
    wide[places] = values
    return contiguous(wide)[places]


def expanded(values: np.ndarray) -> tn.Tensor:
    if values.ndim == 0 or values.shape[0] == 0:
        return strided(values)
    return contiguous(values[:1]).expand(values.shape)


def offset(values: np.ndarray) -> tn.Tensor:
    wide = np.concatenate([np.ones((3, *values.shape), values.dtype), values[None]])
    return contiguous(wide)[-1]


LAYOUT: dict[str, Callable[[np.ndarray], tn.Tensor]] = {
    "contiguous": contiguous, "transposed": transposed, "strided": strided, "expanded": expanded, "offset": offset,
}  # fmt: skip


def place(values: np.ndarray, layout: str, expandable: bool, turn: int) -> tuple[tn.Tensor, np.ndarray]:
    """The tensor, and the values that it holds in this layout."""
    if layout == "mixed":
        layout = ("transposed", "contiguous", "strided", "offset")[turn % 4]
    if layout == "expanded":
        if not expandable:
            layout = "strided"
        elif values.ndim > 0 and values.shape[0] > 0:
            values = np.broadcast_to(values[:1], values.shape)
    return LAYOUT[layout](values), values


class Built:
    """One call with its arguments made: `args` and `kwargs` for Tenon, `np_args` and `np_kwargs` for NumPy."""

    def __init__(self, op: Op, call: Call, dtype: Any, layout: str = "contiguous") -> None:
        self.op, self.call, self.dtype, self.layout = op, call, dtype, layout
        self.rng = np.random.default_rng(seed_of(op.key, repr_of(call)))
        self.tensors: list[tn.Tensor] = []
        self.specs: list[T] = []
        pairs = [self._make(a) for a in call.args]
        named = {k: self._make(v) for k, v in call.kwargs.items()}
        self.args = tuple(a for a, _ in pairs)
        self.np_args = tuple(b for _, b in pairs)
        self.kwargs = {k: a for k, (a, _) in named.items()}
        self.np_kwargs = {k: b for k, (_, b) in named.items()}

    def _make(self, item: Any) -> tuple[Any, Any]:
        if isinstance(item, T):
            dtype = item.dtype or self.dtype
            values = np.asarray(
                draw(self.rng, item.shape, dtype, self.op.domain if item.domain is None else item.domain)
            )
            tensor, values = place(values, self.layout, item.expandable, len(self.tensors))
            self.tensors.append(tensor)
            self.specs.append(item)
            return tensor, values
        if isinstance(item, (list, tuple)) and any(isinstance(i, T) or i is None for i in item):
            made = [self._make(i) for i in item]
            return type(item)(a for a, _ in made), [b for _, b in made]
        if isinstance(item, tn.dtype):
            return item, np.dtype(NUMPY[item])
        return item, item

    def run(self, function: Callable[..., Any] | None = None, **more: Any) -> Any:
        return (function or self.op.function)(*self.args, **self.kwargs, **more)

    def with_tensors(self, tensors: list[Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments with other tensors in the places of `self.tensors`."""
        left = iter(tensors)

        def swap(item: Any) -> Any:
            if isinstance(item, tn.Tensor):
                return next(left)
            return type(item)(swap(i) for i in item) if type(item) in (list, tuple) else item

        args = tuple(swap(a) for a in self.args)
        return args, {k: swap(v) for k, v in self.kwargs.items()}

    def __str__(self) -> str:
        return f"{self.op.key}: {repr_of(self.call)}, dtype {self.dtype}, layout {self.layout}"


def repr_of(item: Any) -> str:
    """Stable text of a call, without addresses of functions."""
    if isinstance(item, Call):
        parts = [repr_of(a) for a in item.args] + [f"{k}={repr_of(v)}" for k, v in item.kwargs.items()]
        return f"({', '.join(parts)})"
    if isinstance(item, T):
        return f"t{item.shape}" + (f" {item.dtype}" if item.dtype else "")
    if isinstance(item, list):
        return f"[{', '.join(repr_of(i) for i in item)}]"
    return repr(item)


def combinations(op: Op, everything: bool) -> Iterator[Built]:
    """Calls times dtypes times layouts: all, or a fixed part in which every call, dtype and layout occurs."""
    n = 0
    for i, call in enumerate(op.samples.calls):
        for j, dtype in enumerate(op.samples.dtypes):
            for k, layout in enumerate(op.layouts):
                n += 1
                chosen = (i + k) % len(op.layouts) == 0 and (i + j) % 3 == 0
                chosen |= i == 0 and (j + k) % 4 == 0
                if everything or chosen:
                    yield Built(op, call, dtype, layout)
