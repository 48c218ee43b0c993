"""Samples of tenon/ops/norm.h."""

import numpy as np
from op_suite.declare import call, floats, op, samples, t

import tenon as tn

relative = dict(tolerance=8, reason="a mean is subtracted and a deviation divided by")
positive = (0.5, 2)


def scaled(x, weight, bias, shape):
    x = x if weight is None else x * weight.reshape(shape)
    return x if bias is None else x + bias.reshape(shape)


def normalised(x, axes, eps):
    return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + eps)


def batch_norm(x, mean, var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5):
    shape = (1, -1, *(1,) * (x.ndim - 2))
    axes = (0, *range(2, x.ndim))
    y = (
        normalised(x, axes, eps)
        if training
        else (x - mean.reshape(shape)) / np.sqrt(var.reshape(shape) + eps)
    )
    return scaled(y, weight, bias, shape)


def running(n):
    return t(n, fixed=True), t(n, fixed=True, domain=positive)


op(
    "batch_norm",
    samples(
        floats, call(t(4, 3), None, None, t(3), t(3), True), call(t(4, 3, 5, 2), None, None, t(3), t(3), True), call(t(4, 3, 5), None, None, training=True),
        call(t(4, 3, 5, 2), *running(3), t(3), t(3)), call(t(4, 3), *running(3)), call(t(2, 3, 17, 5), None, None, t(3), None, True, 0.1, 1e-3), call(t(0, 3), *running(3)),
    ),
    batch_norm,
    **relative,
    wrong=[
        (call(tn.ones(2, 4, 5, 5), tn.zeros(3), tn.ones(3)), (RuntimeError, ValueError), ("batch_norm", "4", "3")),
        (call(tn.ones(2, 3), None, None, tn.ones(4), None, True), (RuntimeError, ValueError), ("batch_norm", "weight", "3")),
        (call(tn.ones(1, 3), None, None, None, None, True), (RuntimeError, ValueError), ("batch_norm", "(1, 3)")),
        (call(tn.ones(2, 3), None, None), (RuntimeError, ValueError), ("batch_norm", "running_mean")),
    ],
)  # fmt: skip


def layer_norm(x, normalized_shape, weight=None, bias=None, eps=1e-5):
    return scaled(
        normalised(x, tuple(range(-len(normalized_shape), 0)), eps), weight, bias, tuple(normalized_shape)
    )


op(
    "layer_norm",
    samples(
        floats,
        call(t(3, 5), (5,)),
        call(t(3, 5), (5,), t(5), t(5)),
        call(t(2, 3, 4), (3, 4), t(3, 4), t(3, 4)),
        call(t(5), (5,), t(5)),
        call(t(2, 67), (67,), t(67), t(67), 1e-3),
        call(t(0, 5), (5,)),
    ),
    layer_norm,
    **relative,
    wrong=[
        (call(tn.ones(2, 4), (5,)), (RuntimeError, ValueError), ("layer_norm", "(5,)", "(2, 4)")),
        (call(tn.ones(2, 4), (4,), tn.ones(3)), (RuntimeError, ValueError), ("layer_norm", "weight", "(3,)")),
    ],
)


def group_norm(x, groups, weight=None, bias=None, eps=1e-5):
    y = normalised(x.reshape(x.shape[0], groups, -1), (2,), eps).reshape(x.shape)
    return scaled(y, weight, bias, (1, -1, *(1,) * (x.ndim - 2)))


op(
    "group_norm",
    samples(
        floats,
        call(t(2, 6), 2),
        call(t(2, 6, 5), 3, t(6), t(6)),
        call(t(2, 4, 3, 5), 1, t(4)),
        call(t(2, 4, 3, 5), 4, t(4), t(4), 1e-3),
    ),
    group_norm,
    **relative,
    wrong=[(call(tn.ones(2, 6), 4), (RuntimeError, ValueError), ("group_norm", "6", "4"))],
)


def instance_norm(
    x, mean=None, var=None, weight=None, bias=None, use_input_stats=True, momentum=0.1, eps=1e-5
):
    shape = (1, -1, *(1,) * (x.ndim - 2))
    if use_input_stats:
        return scaled(normalised(x, tuple(range(2, x.ndim)), eps), weight, bias, shape)
    return scaled((x - mean.reshape(shape)) / np.sqrt(var.reshape(shape) + eps), weight, bias, shape)


op(
    "instance_norm",
    samples(
        floats,
        call(t(2, 3, 5)),
        call(t(2, 3, 4, 5), None, None, t(3), t(3)),
        call(t(2, 3, 5), *running(3), t(3), t(3), False),
    ),
    instance_norm,
    **relative,
)


def rms_norm(x, normalized_shape, weight=None, eps=None):
    axes = tuple(range(-len(normalized_shape), 0))
    y = x / np.sqrt((x * x).mean(axes, keepdims=True) + (1e-7 if eps is None else eps))
    return y if weight is None else y * weight


op(
    "rms_norm",
    samples(
        floats,
        call(t(3, 5), (5,), None, 1e-5),
        call(t(2, 3, 4), (3, 4), t(3, 4), 1e-5),
        call(t(5), (5,), t(5), 1e-3),
    ),
    rms_norm,
    domain=positive,
    **relative,
    wrong=[(call(tn.ones(2, 4), (5,)), (RuntimeError, ValueError), ("rms_norm", "(5,)", "(2, 4)"))],
)
