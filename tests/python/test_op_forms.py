"""The spellings of an op agree: function, method, in place, `out=`, and its meaning in simpler ops."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import op_samples  # noqa: F401
import pytest
from op_suite.build import NUMPY, Built, strided, transposed
from op_suite.compare import TOLERANCE, as_list, kind_of
from op_suite.declare import OPS, SIGNATURES, Op

import tenon as tn

PUBLIC = {key: op for key, op in OPS.items() if op.reference is not None}


def having(*forms: str) -> Any:
    return pytest.mark.parametrize("key", [k for k, op in PUBLIC.items() if all(op.form(f) for f in forms)])


def builds(op: Op, layouts: tuple[str, ...] = ("contiguous", "mixed")) -> Iterator[Built]:
    for i, call in enumerate(op.samples.calls):
        chosen = layouts[i % len(layouts)]
        layout = chosen if chosen in op.layouts else "contiguous"
        for dtype in {op.samples.dtypes[-1], op.samples.dtypes[0]}:
            yield Built(op, call, dtype, layout)


def assert_same(got: tn.Tensor, want: tn.Tensor, what: object, scale: float = 1) -> None:
    assert got.shape == want.shape and got.dtype == want.dtype, (
        f"{what}: {got.shape} {got.dtype}, {want.shape} {want.dtype}"
    )
    a, b = (x.detach() if x.dtype in NUMPY else x.detach().to(tn.float32) for x in (got, want))
    assert a.numpy().tobytes() == b.numpy().tobytes() or near(a, b, scale), (
        f"{what}:\n got {got}\n expected {want}"
    )


def near(a: tn.Tensor, b: tn.Tensor, scale: float) -> bool:
    if a.dtype not in TOLERANCE:
        return False
    relative, absolute = TOLERANCE[a.dtype]
    return np.allclose(a.numpy(), b.numpy(), relative * scale, absolute * scale, equal_nan=True)


@having("function", "method")
def test_method_is_the_function(key: str) -> None:
    op = OPS[key]
    for built in builds(op):
        if not isinstance(built.args[0], tn.Tensor):
            continue
        method = getattr(built.args[0], op.name)
        result = as_list(method(*built.args[1:], **built.kwargs))
        for got, want in zip(result, as_list(built.run()), strict=True):
            assert_same(got, want, built)


def is_first_input(op: Op) -> bool:
    return op.signature["parameters"][0]["kind"] == "input"


@having("inplace")
def test_in_place(key: str) -> None:
    """`x.add_(y)` holds what `add(x, y)` gives, or says why it cannot; it also writes through views."""
    op = OPS[key]
    only_in_place = not op.form("function") and not op.form("method")
    done = 0
    for built in builds(op, ("contiguous", "transposed", "mixed")):
        x = built.args[0]
        if not isinstance(x, tn.Tensor):
            continue
        want = as_list(built.run(lambda x, *a, **k: op.function(x.clone(), *a, **k)))[0]
        for make in (tn.Tensor.clone, lambda x: strided(x.numpy()), lambda x: transposed(x.numpy())):
            target = make(x)
            args = (target, *built.args[1:])
            if (want.shape, want.dtype) != (x.shape, x.dtype):
                if can_take(want, x):
                    assert getattr(target, op.name + "_")(*args[1:], **built.kwargs) is target
                    assert_same(target, want.to(x.dtype), built)
                    continue
                with pytest.raises(RuntimeError, match=op.name):
                    getattr(target, op.name + "_")(*args[1:], **built.kwargs)
                assert_same(target, x, f"{built}: the failed call must leave the tensor alone")
                continue
            result = getattr(target, op.name + "_")(*args[1:], **built.kwargs)
            assert result is target, f"{built}"
            assert_same(target, want, f"{built}, in place")
            done += 1
    assert done or only_in_place, f"{key}: no sample fits in place"


def can_take(result: tn.Tensor, into: tn.Tensor) -> bool:
    return result.shape == into.shape and kind_of(result.dtype) <= kind_of(into.dtype)


@having("out")
def test_out(key: str) -> None:
    """Into fresh, strided and transposed memory; the rest of the memory stays as it is."""
    op = OPS[key]
    for built in builds(op):
        want = as_list(built.run())
        for make in (
            tn.empty_like,
            lambda x: strided(np.zeros_like(x.numpy())),
            lambda x: transposed(np.zeros_like(x.numpy())),
        ):
            destinations = [make(w) for w in want]
            out = destinations[0] if len(want) == 1 else tuple(destinations)
            result = as_list(built.run(out=out))
            for got, given, expected in zip(result, destinations, want, strict=True):
                assert got is given, f"{built}: out= returns what it was given"
                assert_same(got, expected, f"{built}, out=")


@having("out")
def test_out_of_another_shape_or_dtype(key: str) -> None:
    """An empty destination grows; a number that would lose its kind is refused."""
    op = OPS[key]
    for built in list(builds(op))[:3]:
        want = as_list(built.run())
        destinations = [tn.empty(0, dtype=w.dtype) for w in want]
        built.run(out=destinations[0] if len(want) == 1 else tuple(destinations))
        for got, expected in zip(destinations, want, strict=True):
            assert_same(got, expected, f"{built}, out= of no elements")
        if want[0].dtype.is_floating_point and not op.has("creation"):
            wrong = [tn.empty(w.shape, dtype=tn.int64) for w in want]
            with pytest.raises(RuntimeError, match="int64"):
                built.run(out=wrong[0] if len(want) == 1 else tuple(wrong))


@pytest.mark.parametrize(
    "key",
    [k for k, op in PUBLIC.items() if op.form("inplace") and op.has("elementwise") and op.form("function")],
)
def test_operand_is_its_own_destination(key: str) -> None:
    """x.op_(x) and x.op_(view of x) read before they write."""
    op = OPS[key]
    for call in op.samples.calls[:2]:
        built = Built(op, call, op.samples.dtypes[-1])
        want = as_list(built.run())[0]
        if len(built.tensors) < 2 or built.tensors[0].shape != built.tensors[1].shape:
            continue
        x = built.tensors[0]
        if (want.shape, want.dtype) != (x.shape, x.dtype) or built.tensors[1].dtype != x.dtype:
            continue
        square = x.narrow(-1, 0, min(x.shape)) if x.dim() == 2 else x
        target = square.clone()
        args, kwargs = built.with_tensors(
            [target, target.t(), *(y.narrow(-1, 0, target.shape[-1]) for y in built.tensors[2:])]
        )
        expected = op.function(*args, **kwargs)
        getattr(target, op.name + "_")(*args[1:], **kwargs)
        assert_same(target, expected, f"{built}, with its own transpose")


@pytest.mark.parametrize(
    "key", [k for k, s in SIGNATURES.items() if s["has_kernel"] and s["has_decomposition"] and k in OPS]
)
def test_meaning_in_simpler_ops_is_what_the_kernel_computes(key: str) -> None:
    op = OPS[key]
    for built in builds(op, ("contiguous", "transposed", "strided")):
        whole = as_list(built.run())
        parts = as_list(
            built.run(lambda *a, **k: tn._tenon._decompose(op.name, op.signature["overload"], *a, **k))
        )
        for got, want in zip(whole, parts, strict=True):
            assert_same(got, want, built, op.tolerance)
