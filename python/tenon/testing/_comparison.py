"""assert_close and make_tensor."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tenon import _tenon
from tenon._functions import isclose
from tenon._tenon import Tensor

# relative and absolute, as torch.testing has them
_tolerances = {
    _tenon.float16: (1e-3, 1e-5),
    _tenon.bfloat16: (1.6e-2, 1e-5),
    _tenon.float32: (1.3e-6, 1e-5),
    _tenon.float64: (1e-7, 1e-7),
    _tenon.complex64: (1.3e-6, 1e-5),
    _tenon.complex128: (1e-7, 1e-7),
}


def _default_tolerances(*dtypes) -> tuple[float, float]:
    pairs = [_tolerances.get(d, (0.0, 0.0)) for d in dtypes]
    return max(p[0] for p in pairs), max(p[1] for p in pairs)


class _Mismatch(AssertionError):
    pass


class _Comparison:
    def __init__(self, rtol, atol, equal_nan, check_device, check_dtype, check_stride) -> None:
        if (rtol is None) != (atol is None):
            raise ValueError(
                f"rtol and atol must both be specified or both be unspecified, but got rtol={rtol} and atol={atol}"
            )
        self.rtol, self.atol, self.equal_nan = rtol, atol, equal_nan
        self.check_device, self.check_dtype, self.check_stride = check_device, check_dtype, check_stride

    def compare(self, actual: Any, expected: Any, where: str) -> None:
        if isinstance(actual, Mapping) and isinstance(expected, Mapping):
            if actual.keys() != expected.keys():
                missing, extra = expected.keys() - actual.keys(), actual.keys() - expected.keys()
                raise _Mismatch(
                    "The keys of the mappings do not match:\n"
                    f"Missing keys in the actual mapping: {sorted(map(str, missing))}\n"
                    f"Additional keys in the actual mapping: {sorted(map(str, extra))}"
                )
            for key in expected:
                self.compare(actual[key], expected[key], f"{where}[{key!r}]")
            return
        if self._is_sequence(actual) and self._is_sequence(expected):
            if len(actual) != len(expected):
                raise _Mismatch(f"The length of the sequences mismatch: {len(actual)} != {len(expected)}")
            for i, (a, b) in enumerate(zip(actual, expected, strict=True)):
                self.compare(a, b, f"{where}[{i}]")
            return
        self.compare_values(actual, expected, where)

    @staticmethod
    def _is_sequence(value: Any) -> bool:
        return isinstance(value, Sequence) and not isinstance(value, str | bytes)

    def compare_values(self, actual: Any, expected: Any, where: str) -> None:
        if actual is None or expected is None or isinstance(actual, str) or isinstance(expected, str):
            if type(actual) is not type(expected) or actual != expected:
                raise _Mismatch(f"{actual!r} is not {expected!r}{self._place(where)}")
            return
        numbers = not isinstance(actual, Tensor) and not isinstance(expected, Tensor)
        a, b = self._tensor(actual), self._tensor(expected)
        if numbers and not _is_array(actual, expected):
            common = _tenon.promote_types(a.dtype, b.dtype)  # 1 and 1.0 are numbers alike
            a, b = a.to(common), b.to(common)
        elif isinstance(actual, Tensor) != isinstance(expected, Tensor) and not _is_array(actual, expected):
            raise TypeError(
                f"assert_close: cannot compare {type(actual).__name__} with {type(expected).__name__}"
                f"{self._place(where)}"
            )
        self.compare_attributes(a, b, where)
        self.compare_tensors(a, b, numbers, where)

    @staticmethod
    def _tensor(value: Any) -> Tensor:
        try:
            return value.detach() if isinstance(value, Tensor) else _tenon.as_tensor(value)
        except (TypeError, ValueError) as error:
            raise TypeError(f"assert_close: no comparison for {type(value).__name__}: {error}") from None

    def compare_attributes(self, a: Tensor, b: Tensor, where: str) -> None:
        checks: list[tuple[str, Any, Any, bool]] = [("shape", tuple(a.shape), tuple(b.shape), True)]
        checks.append(("device", a.device, b.device, self.check_device))
        checks.append(("dtype", a.dtype, b.dtype, self.check_dtype))
        checks.append(("stride", a.stride(), b.stride(), self.check_stride))
        for name, x, y, wanted in checks:
            if wanted and x != y:
                raise _Mismatch(
                    f"The values for attribute '{name}' do not match: {x} != {y}.{self._place(where, 'The failure')}"
                )

    def compare_tensors(self, a: Tensor, b: Tensor, scalars: bool, where: str) -> None:
        rtol, atol = (
            _default_tolerances(a.dtype, b.dtype)
            if self.rtol is None
            else (float(self.rtol), float(self.atol))
        )
        common = _tenon.promote_types(a.dtype, b.dtype)
        a, b = a.to(common), b.to(common)
        if common in (_tenon.float16, _tenon.bfloat16):
            a, b = a.float(), b.float()
        if common is _tenon.bool:
            a, b = a.to(_tenon.uint8), b.to(_tenon.uint8)
        close = isclose(a, b, rtol=rtol, atol=atol, equal_nan=self.equal_nan)
        if bool(close.all()):
            return
        raise _Mismatch(self._report(a, b, close, rtol, atol, scalars) + self._place(where, "The failure"))

    @staticmethod
    def _place(where: str, subject: str = "It") -> str:
        return f"\n\n{subject} occurred for item {where}" if where else ""

    @staticmethod
    def _report(a: Tensor, b: Tensor, close: Tensor, rtol: float, atol: float, scalars: bool) -> str:
        exact = rtol == 0 and atol == 0
        wide = _tenon.complex128 if a.is_complex() else _tenon.float64
        difference = (a.to(wide) - b.to(wide)).abs()
        relative = difference / b.to(wide).abs()
        kind = "equal" if exact else "close"
        if scalars or a.dim() == 0:
            noun = "Scalars" if scalars else "Tensor-likes"
            return (
                f"{noun} are not {kind}!\n\nExpected {b.item()} but got {a.item()}.\n"
                f"Absolute difference: {difference.item()} (up to {atol} allowed)\n"
                f"Relative difference: {relative.item()} (up to {rtol} allowed)"
            )
        count = int((~close).sum())

        def greatest(values: Tensor) -> tuple[float, tuple[int, ...]]:
            # Of what does not agree; a NaN is the greatest.
            flat = _tenon.where(close, _tenon.zeros_like(values), values).reshape(-1)
            flat = _tenon.where(flat.isnan(), _tenon.full_like(flat, math.inf), flat)
            at = int(flat.argmax())
            place: list[int] = []
            for size in reversed(values.shape):
                at, rest = divmod(at, size)
                place.insert(0, rest)
            return values[tuple(place)].item(), tuple(place)

        absolute, absolute_at = greatest(difference)
        ratio, ratio_at = greatest(relative)
        allowed = ("", "") if exact else (f" (up to {atol} allowed)", f" (up to {rtol} allowed)")
        return (
            f"Tensor-likes are not {kind}!\n\n"
            f"Mismatched elements: {count} / {a.numel()} ({count / a.numel():.1%})\n"
            f"Greatest absolute difference: {absolute} at index {absolute_at}{allowed[0]}\n"
            f"Greatest relative difference: {ratio} at index {ratio_at}{allowed[1]}"
        )


def _is_array(*values: Any) -> bool:
    return any(not isinstance(v, Tensor) and hasattr(v, "__array__") for v in values)


def assert_close(
    actual: Any,
    expected: Any,
    *,
    allow_subclasses: bool = True,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = False,
    check_device: bool = True,
    check_dtype: bool = True,
    check_layout: bool = True,
    check_stride: bool = False,
    msg: str | Callable[[str], str] | None = None,
) -> None:
    """Raises AssertionError unless ``|actual - expected| <= atol + rtol * |expected|`` everywhere.

    Takes tensors, arrays, numbers, and sequences and mappings of them. Without tolerances they follow the
    dtype: float32 1.3e-6 and 1e-5, float64 1e-7 and 1e-7; integers must be equal.
    """
    if not allow_subclasses and type(actual) is not type(expected):
        raise TypeError(f"assert_close: {type(actual)} and {type(expected)} are not of the same type")
    with _tenon.no_grad():
        try:
            comparison = _Comparison(rtol, atol, equal_nan, check_device, check_dtype, check_stride)
            comparison.compare(actual, expected, "")
        except _Mismatch as mismatch:
            text = str(mismatch)
            if msg is not None:
                text = msg(text) if callable(msg) else msg
            raise AssertionError(text) from None


def assert_allclose(
    actual: Any, expected: Any, rtol=None, atol=None, equal_nan: bool = True, msg: str = ""
) -> None:
    """As :func:`assert_close`, without checks of dtype and device; the older name."""
    assert_close(
        actual,
        expected if isinstance(expected, Tensor) else _tenon.as_tensor(expected),
        rtol=rtol,
        atol=atol,
        equal_nan=equal_nan,
        check_device=False,
        check_dtype=False,
        msg=msg or None,
    )


def make_tensor(
    *shape: Any,
    dtype,
    device=None,
    low: float | None = None,
    high: float | None = None,
    requires_grad: bool = False,
    noncontiguous: bool = False,
    exclude_zero: bool = False,
) -> Tensor:
    """Random values in [low, high): by default [-9, 9) for floating, [-9, 10) for signed, [0, 10) for unsigned
    dtypes, and both values for bool."""
    sizes = tuple(shape[0]) if len(shape) == 1 and not isinstance(shape[0], int) else shape
    extended = (*sizes[:-1], 2 * sizes[-1]) if noncontiguous and sizes and sizes[-1] > 1 else sizes
    if dtype is _tenon.bool:
        out = _tenon.randint(0, 2, extended).to(dtype)
    elif dtype.is_floating_point or dtype.is_complex:
        real = dtype.to_real() if dtype.is_complex else dtype
        a, b = -9.0 if low is None else low, 9.0 if high is None else high
        out = (_tenon.rand(extended, dtype=_tenon.float64) * (b - a) + a).to(real).to(dtype)
    else:
        a = (-9 if dtype.is_signed else 0) if low is None else int(low)
        out = _tenon.randint(a, 10 if high is None else int(high), extended).to(dtype)
    if exclude_zero:
        out[out == 0] = 1
    if extended != sizes:
        out = out[..., ::2]
    out = out.to(device) if device is not None else out
    return out.requires_grad_() if requires_grad else out
