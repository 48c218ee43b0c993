"""Initial values. Each function writes its tensor in place and returns it."""

from __future__ import annotations

import warnings

from tenon import Tensor, _tenon

__all__ = [
    "calculate_gain", "constant_", "dirac_", "eye_", "kaiming_normal_", "kaiming_uniform_", "normal_",
    "ones_", "orthogonal_", "sparse_", "trunc_normal_", "uniform_", "xavier_normal_",
    "xavier_uniform_", "zeros_",
]  # fmt: skip

_nn = _tenon.nn
calculate_gain = _nn.calculate_gain
uniform_ = _nn.uniform_
normal_ = _nn.normal_
constant_ = _nn.constant_
ones_ = _nn.ones_
zeros_ = _nn.zeros_
xavier_uniform_ = _nn.xavier_uniform_
xavier_normal_ = _nn.xavier_normal_
kaiming_uniform_ = _nn.kaiming_uniform_
kaiming_normal_ = _nn.kaiming_normal_
eye_ = _nn.eye_
dirac_ = _nn.dirac_
orthogonal_ = _nn.orthogonal_
sparse_ = _nn.sparse_
_calculate_fan_in_and_fan_out = _nn.calculate_fan_in_and_fan_out


def _calculate_correct_fan(tensor: Tensor, mode: str) -> int:
    mode = mode.lower()
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"Mode {mode} not supported, please use one of ['fan_in', 'fan_out']")
    return _calculate_fan_in_and_fan_out(tensor)[mode == "fan_out"]


def trunc_normal_(tensor: Tensor, mean=0.0, std=1.0, a=-2.0, b=2.0, generator=None) -> Tensor:
    """A normal distribution, cut to [a, b]."""
    if mean < a - 2 * std or mean > b + 2 * std:
        warnings.warn(
            "mean is more than 2 std from [a, b] in nn.init.trunc_normal_. The distribution of "
            "values may be incorrect.",
            stacklevel=2,
        )
    return _nn.trunc_normal_(tensor, mean, std, a, b, generator)
