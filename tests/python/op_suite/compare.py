"""What is right: dtypes by PyTorch's promotion, values within what the dtype can hold."""

from __future__ import annotations

from typing import Any

import numpy as np

import tenon as tn

from .build import NUMPY, Built

# Relative and absolute, per dtype: a few roundings of the result.
TOLERANCE = {
    tn.float64: (1e-12, 1e-12),
    tn.float32: (2e-6, 2e-6),
    tn.bfloat16: (1.6e-2, 1e-2),
    tn.float16: (2e-3, 1e-3),
    tn.complex64: (4e-6, 4e-6),
    tn.complex128: (1e-12, 1e-12),
}
RANK = [
    tn.uint8, tn.int8, tn.int16, tn.int32, tn.int64, tn.float16, tn.bfloat16, tn.float32, tn.float64,
    tn.complex64, tn.complex128,
]  # fmt: skip


def kind_of(dtype: Any) -> int:
    """0 bool, 1 integer, 2 floating, 3 complex."""
    if dtype == tn.bool:
        return 0
    return 3 if dtype.is_complex else 2 if dtype.is_floating_point else 1


def wider(a: Any, b: Any) -> Any:
    if a is None or b is None or a == b:
        return b if a is None else a
    if kind_of(a) != kind_of(b):
        return a if kind_of(a) > kind_of(b) else b
    if tn.uint8 in (a, b) and kind_of(a) == 1:
        return tn.int16 if tn.int8 in (a, b) else (a if b == tn.uint8 else b)
    return RANK[max(RANK.index(a), RANK.index(b))]


def promoted(items: list[Any]) -> Any:
    """The common dtype of tensors and Python numbers: a kind is decided by whoever has dimensions first."""
    with_dims = without = number = None
    for item in items:
        if isinstance(item, tn.Tensor) and item.dim() > 0:
            with_dims = wider(with_dims, item.dtype)
        elif isinstance(item, tn.Tensor):
            without = wider(without, item.dtype)
        else:
            number = wider(number, dtype_of_number(item))
    out = None
    for dtype in (with_dims, without, number):
        if dtype is not None and (out is None or kind_of(dtype) > kind_of(out)):
            out = dtype
    return out


def dtype_of_number(value: Any) -> Any:
    if isinstance(value, bool):
        return tn.bool
    return tn.int64 if isinstance(value, int) else tn.get_default_dtype()


def operands(built: Built) -> list[Any]:
    """The tensors of a call, and the numbers that stand where tensors could."""
    numbers = []
    for parameter, value in zip(built.op.signature["parameters"], built.args, strict=False):
        if parameter["takes_number"] and isinstance(value, (bool, int, float)):
            numbers.append(value)
    return built.tensors + numbers


def expected_dtypes(built: Built, count: int) -> list[Any]:
    rules = built.op.result if isinstance(built.op.result, tuple) else (built.op.result,) * count
    return [expected_dtype(built, rule) for rule in rules]


def expected_dtype(built: Built, rule: Any) -> Any:
    asked = built.kwargs.get("dtype")
    if asked is not None and rule != "first":
        return asked
    if isinstance(rule, tn.dtype):
        return rule
    if rule == "first":
        return built.tensors[0].dtype
    common = promoted(operands(built))
    if rule == "promoted":
        return common
    if rule == "float":
        return common if kind_of(common) >= 2 else tn.get_default_dtype()
    if rule == "sum":
        return common if kind_of(common) >= 2 else tn.int64
    return rule(built, common)


def precision(built: Built, dtype: Any) -> Any:
    """The least precise floating dtype that took part."""
    all_dtypes = [t.dtype for t in built.tensors if kind_of(t.dtype) >= 2] + [dtype]
    return max(all_dtypes, key=lambda d: TOLERANCE.get(d, (0, 0))[0])


def as_list(result: Any) -> list[Any]:
    return list(result) if isinstance(result, (tuple, list)) else [result]


def reference_of(built: Built) -> list[np.ndarray]:
    """The reference's results. It computes in float64, so that its own rounding does not count; integers
    meet in their common dtype, as promotion says; comparisons, whose result is bool, are of the values."""
    meet = built.op.result == "promoted" and built.tensors
    common = promoted(operands(built)) if meet else None
    common = None if common is None or kind_of(common) != 1 else NUMPY[common]

    def widen(item: Any) -> Any:
        if isinstance(item, np.ndarray) and item.dtype.kind in "biu" and common is not None:
            return item.astype(common)
        if isinstance(item, np.ndarray) and item.dtype.kind == "f":
            return item.astype(np.float64)
        if isinstance(item, np.ndarray) and item.dtype.kind in "biu" and built.op.result == "float":
            return item.astype(np.float32).astype(np.float64)
        return [widen(i) for i in item] if isinstance(item, list) else item

    args = [widen(a) for a in built.np_args]
    kwargs = {k: widen(v) for k, v in built.np_kwargs.items()}
    assert built.op.reference is not None
    with np.errstate(all="ignore"):
        return as_list(built.op.reference(*args, **kwargs))


def check_values(built: Built, actual: tn.Tensor, expected: Any, what: str = "", signs: bool = False) -> None:
    got = actual.detach().numpy() if actual.dtype in NUMPY else actual.detach().to(tn.float32).numpy()
    want = np.asarray(expected)
    assert got.shape == want.shape, f"{built}{what}: shape {got.shape}, expected {want.shape}"
    if kind_of(actual.dtype) < 2:
        with np.errstate(all="ignore"):
            cast = want.astype(got.dtype)
        if not np.array_equal(got, cast):
            raise AssertionError(f"{built}{what}:\n got {got}\n expected {cast}")
        return
    relative, absolute = TOLERANCE[precision(built, actual.dtype)]
    scale = built.op.tolerance
    with np.errstate(all="ignore"):
        wide = got.astype(np.complex128 if got.dtype.kind == "c" else np.float64)
        if got.dtype != np.float64 and want.dtype.kind == "f":
            want = want.astype(got.dtype).astype(np.float64)  # overflow as the dtype overflows
        good = np.isclose(wide, want, rtol=relative * scale, atol=absolute * scale, equal_nan=True)
        if signs:
            good &= (wide != 0) | (want != 0) | (np.signbit(wide) == np.signbit(want))
    if not good.all():
        bad = tuple(np.argwhere(~good)[0])
        raise AssertionError(
            f"{built}{what}: {(~good).sum()} of {good.size} differ, first at {bad}:"
            f" got {wide[bad]!r}, expected {want[bad]!r}; arguments {at(built, bad)}"
        )


def at(built: Built, place: tuple[int, ...]) -> list[Any]:
    """What the arguments hold at a place of the result, where shapes agree."""
    out = []
    for tensor in built.tensors:
        inside = len(place) == tensor.dim() and all(i < n for i, n in zip(place, tensor.shape, strict=True))
        out.append(tensor.detach()[place].item() if inside else tuple(tensor.shape))
    return out
