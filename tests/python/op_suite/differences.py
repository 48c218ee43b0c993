"""Derivatives by central differences along random directions, in float64."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

import tenon as tn

STEP = 1e-6
# A central difference has an error of f''' h^2 / 6 + eps |f| / h: about 1e-9 of the values that occur here.
TOLERANCE = 2e-7


def direction(rng: np.random.Generator, like: tn.Tensor) -> tn.Tensor:
    return tn.from_numpy(np.asarray(rng.uniform(-1, 1, tuple(like.shape))))


def along(
    function: Callable[[Sequence[tn.Tensor]], tn.Tensor], inputs: Sequence[tn.Tensor], i: int, d: tn.Tensor
) -> float:
    """How fast `function` grows when input i moves along d."""
    values = []
    for sign in (1, -1):
        moved = list(inputs)
        moved[i] = inputs[i].detach() + sign * STEP * d
        values.append(float(function(moved)))
    return (values[0] - values[1]) / (2 * STEP)


def check(
    function: Callable[[Sequence[tn.Tensor]], tn.Tensor],
    inputs: Sequence[tn.Tensor],
    gradients: Sequence[tn.Tensor | None],
    rng: np.random.Generator,
    what: str,
) -> None:
    """`gradients` are what the tape says of the scalar `function` at `inputs`."""
    for i, gradient in enumerate(gradients):
        if inputs[i].numel() == 0:
            assert gradient is None or gradient.shape == inputs[i].shape, (
                f"{what}: gradient {i} is {gradient.shape}"
            )
            continue
        d = direction(rng, inputs[i])
        if gradient is not None:
            assert gradient.shape == inputs[i].shape, (
                f"{what}: gradient {i} is {gradient.shape} of {inputs[i].shape}"
            )
            assert gradient.dtype == inputs[i].dtype, f"{what}: gradient {i} is {gradient.dtype}"
        said = 0.0 if gradient is None else float((gradient.detach().numpy() * d.numpy()).sum())
        found = along(function, inputs, i, d)
        size = 1 + abs(found) + abs(said)
        assert abs(said - found) <= TOLERANCE * size, (
            f"{what}: the gradient of input {i} along a direction is {said}, differences say {found}"
        )
