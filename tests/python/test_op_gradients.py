"""Gradients of every op against finite differences: first and second order, any layout, broadcast inputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import op_samples  # noqa: F401
import pytest
from op_suite import differences
from op_suite.build import Built, seed_of
from op_suite.compare import as_list
from op_suite.declare import OPS, SIGNATURES, Op

import tenon as tn

SMOOTH = [
    k
    for k, op in OPS.items()
    if op.gradient and op.signature["differentiable"] and tn.float64 in op.samples.dtypes
]


def test_every_op_has_a_gradient_or_says_that_it_has_none() -> None:
    without = [
        k
        for k, s in SIGNATURES.items()
        if not s["differentiable"] and "not_differentiable" not in s["traits"]
    ]
    assert not without, f"no gradient, no decomposition, no kNotDifferentiable: {without}"
    with pytest.raises(RuntimeError, match="does not require grad"):
        tn.ones(2, requires_grad=True).view(tn.float64).sum().backward()


def variables(built: Built) -> list[int]:
    """Which tensors of the call move: those of the dtype under test, and other floating ones."""
    return [i for i, x in enumerate(built.tensors) if x.dtype == tn.float64 and not built.specs[i].fixed]


def scalar_of(built: Built, moving: list[int]) -> Callable[[Sequence[tn.Tensor]], Any]:
    """A random linear functional of the op's float64 results, as a function of the moving tensors; None
    when no result has the precision that differences need."""
    rng = np.random.default_rng(seed_of("weights", built.op.key, str(built.call)))
    weights: list[tn.Tensor] = []

    def function(inputs: Sequence[tn.Tensor]) -> tn.Tensor | None:
        tensors = list(built.tensors)
        for i, x in zip(moving, inputs, strict=True):
            tensors[i] = x
        args, kwargs = built.with_tensors(tensors)
        out = [y for y in as_list(built.op.function(*args, **kwargs)) if y.dtype == tn.float64]
        if not out:
            return None
        if not weights:
            # Strided weights: what arrives in backward need not be contiguous.
            weights.extend(tn.from_numpy(rng.uniform(0.5, 1.5, (*y.shape, 2)))[..., 0] for y in out)
        total = tn.zeros((), dtype=tn.float64)
        for y, w in zip(out, weights, strict=True):
            total = total + (y.to(tn.float64) * w).sum()
        return total

    return function


def leaves(built: Built, moving: list[int]) -> list[tn.Tensor]:
    return [built.tensors[i].detach().requires_grad_() for i in moving]


def first_and_second(op: Op, layouts: Sequence[str], second: bool) -> None:
    layouts = [layout for layout in layouts if layout in op.layouts]
    if not layouts:
        return
    for n, call in enumerate(op.samples.calls):
        built = Built(op, call, tn.float64, layouts[n % len(layouts)])
        moving = variables(built)
        if not moving:
            continue
        function = scalar_of(built, moving)
        inputs = leaves(built, moving)
        rng = np.random.default_rng(seed_of("directions", op.key, n))
        value = function(inputs)
        if value is None:
            continue
        if not value.requires_grad:
            assert all(x.numel() == 0 for x in inputs), f"{built}: the result has lost its graph"
            continue
        gradients = tn.autograd.grad(value, inputs, create_graph=second, allow_unused=True)
        differences.check(function, inputs, gradients, rng, str(built))
        if second:
            check_second(function, inputs, gradients, rng, f"{built}, second order")


def check_second(
    function: Callable[[Sequence[tn.Tensor]], tn.Tensor],
    inputs: list[tn.Tensor],
    gradients: Sequence[tn.Tensor | None],
    rng: np.random.Generator,
    what: str,
) -> None:
    alive = [g for g in gradients if g is not None and g.requires_grad]
    if not alive:
        return
    weights = [differences.direction(rng, g) for g in alive]
    which = [i for i, g in enumerate(gradients) if g is not None and g.requires_grad]

    def slope(moved: Sequence[tn.Tensor]) -> tn.Tensor:
        fresh = [x.detach().requires_grad_() for x in moved]
        grads = tn.autograd.grad(function(fresh), fresh, create_graph=True, allow_unused=True)
        total = tn.zeros((), dtype=tn.float64)
        for i, w in zip(which, weights, strict=True):
            if grads[i] is not None:
                total = total + (grads[i] * w).sum()
        return total

    total = tn.zeros((), dtype=tn.float64)
    for g, w in zip(alive, weights, strict=True):
        total = total + (g * w).sum()
    second = tn.autograd.grad(total, inputs, allow_unused=True)
    differences.check(slope, inputs, second, rng, what)


@pytest.mark.parametrize("key", SMOOTH)
def test_gradients_are_those_of_finite_differences(key: str) -> None:
    first_and_second(OPS[key], ("contiguous",), OPS[key].second)


@pytest.mark.parametrize("key", SMOOTH)
def test_gradients_through_other_layouts(key: str) -> None:
    first_and_second(OPS[key], ("transposed", "strided", "offset", "mixed"), second=False)


@pytest.mark.slow
@pytest.mark.parametrize("layout", ["transposed", "strided", "offset", "mixed"])
@pytest.mark.parametrize("key", SMOOTH)
def test_gradients_in_every_layout(key: str, layout: str) -> None:
    first_and_second(OPS[key], (layout,), OPS[key].second)


@pytest.mark.parametrize("key", [k for k, op in OPS.items() if op.has("not_differentiable")])
def test_what_is_not_differentiable_stops_the_gradient(key: str) -> None:
    op = OPS[key]
    for call in op.samples.calls[:3]:
        built = Built(op, call, op.samples.dtypes[-1])
        floating = [x for x in built.tensors if x.dtype.is_floating_point]
        if not floating or op.form("inplace") and not op.form("function"):
            continue
        for x in floating:
            x.requires_grad_()
        assert all(not y.requires_grad for y in as_list(built.run())), f"{built}"
