"""Samples of tenon/ops/activation.h."""

import numpy as np
import scipy.special as special
from op_suite.declare import call, floats, op, samples, t

import tenon as tn

rows = samples(
    floats, call(t(3, 4), 1), call(t(3, 4), 0), call(t(2, 3, 4), -2), call(t(67), 0), call(t(5, 33), 1), call(t(), 0), call(t(0, 3), 1), call(t(2, 0), 1), call(t(3, 4), 1, dtype=tn.float64)
)  # fmt: skip
for name, function in {"softmax": special.softmax, "log_softmax": special.log_softmax}.items():
    op(
        name, rows, lambda a, dim, dtype=None, f=function: f(a, axis=dim) if a.ndim and a.size else f(a[None], axis=0)[0] if a.ndim == 0 else a,
        tolerance=4, reason="a sum of exponentials divides each",
        wrong=[(call(tn.ones(2, 3), 2), IndexError, (name, "2")), (call(tn.ones(3, dtype=tn.int64), 0), RuntimeError, (name, "int64"))],
    )  # fmt: skip

# What is random of dropout is in test_op_random.py: here p is 0 or 1, or training is off.
for name, shape in {
    "dropout": (3, 4),
    "dropout1d": (2, 3, 4),
    "dropout2d": (2, 3, 4, 5),
    "dropout3d": (2, 3, 2, 4, 5),
}.items():
    op(
        name,
        samples(floats, call(t(*shape), 0.5, False), call(t(*shape), 0.0), call(t(*shape), p=1.0)),
        lambda a, p=0.5, training=True: np.zeros_like(a) if training and p == 1 else a,
        wrong=[
            (call(tn.ones(*shape), 1.5), (RuntimeError, ValueError), ("1.5",)),
            (call(tn.ones(*shape), -0.1), (RuntimeError, ValueError), ("-0.1",)),
            (call(tn.ones(*shape), float("nan")), (RuntimeError, ValueError), ("nan",)),
        ],
    )
