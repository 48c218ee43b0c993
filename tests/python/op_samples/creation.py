"""Samples of tenon/ops/creation.h."""

import numpy as np
from op_suite.declare import all_types, call, op, samples, t

import tenon as tn

plain = (tn.float32,)
negative = (call(-1), (RuntimeError, ValueError), ("-1",))
huge = (call(2**40, 2**40), RuntimeError, ("64 bits",))
sizes = samples(
    plain,
    call(2, 3),
    call((2, 3)),
    call([4]),
    call(()),
    call(0, 2),
    call(size=(2,)),
    call(3, dtype=tn.int16),
    call(2, device="cpu"),
)


def of(function):
    return lambda *size, dtype=np.float32, device=None, **kw: function(
        kw.get("size", size[0] if size and not isinstance(size[0], int) else size), dtype
    )


op(
    "zeros",
    sizes,
    of(np.zeros),
    result=tn.float32,
    wrong=[negative, huge, (call("a"), TypeError, ("size", "str"))],
)
op("ones", sizes, of(np.ones), result=tn.float32, wrong=[negative, huge])
op("empty", sizes, test="data", result=tn.float32, wrong=[negative, huge])
op(
    "full",
    samples(
        plain,
        call((2, 3), 1.5),
        call((2,), 3),
        call((), True),
        call((2, 0), 1, dtype=tn.float64),
        call([2], 7.0, dtype=tn.int8),
    ),
    lambda size, value, dtype=None: np.full(size, value, dtype),
    result=lambda built, _: {bool: tn.bool, int: tn.int64, float: tn.float32}[type(built.args[1])],
    wrong=[(call((-1,), 1), (RuntimeError, ValueError), ("-1",))],
)

likes = samples(all_types, *(call(t(*s)) for s in [(3, 4), (), (0,), (2, 0, 3)]), call(t(3), dtype=tn.int32))
op("zeros_like", likes, np.zeros_like)
op("ones_like", likes, np.ones_like)
op("empty_like", likes, test="data")
op(
    "full_like",
    samples(all_types, call(t(3, 4), 1), call(t(2), 1, dtype=tn.float64)),
    lambda a, v, dtype=None: np.full_like(a, v, dtype=dtype),
)
news = samples(all_types, call(t(3), 2, 4), call(t(3), (2,)), call(t(1), ()), call(t(3), 2, dtype=tn.int16))


def new(function):
    return lambda a, *size, dtype=None: function(
        size[0] if not isinstance(size[0], int) else size, dtype or a.dtype
    )


op("new_zeros", news, new(np.zeros))
op("new_ones", news, new(np.ones))
op("new_empty", news, test="data")
op(
    "new_full",
    samples(all_types, call(t(3), (2, 4), 1), call(t(3), (2,), 1, dtype=tn.float64)),
    lambda a, size, v, dtype=None: np.full(size, v, dtype or a.dtype),
)


def whole_or_float(built, _):
    return tn.float32 if any(isinstance(a, float) for a in built.args) else tn.int64


op(
    "arange",
    samples(plain, call(5), call(4.5), call(0), call(6, dtype=tn.float64), call(1000)),
    lambda n, dtype=None: np.arange(n, dtype=dtype),
    result=whole_or_float,
    wrong=[(call(-1), (RuntimeError, ValueError), ("arange",)), (call("a"), TypeError, ("arange",))],
)
op(  # of an int the first overload has the call; the size of a traced tensor comes here
    "arange.size",
    samples(plain, call(5), call(0), call(6, dtype=tn.float64)),
    lambda n, dtype=None: np.arange(n, dtype=dtype),
    result=whole_or_float,
)
op(
    "arange.start",
    samples(
        plain,
        call(2, 7),
        call(7, 2, -2),
        call(0, 1, 0.25),
        call(1, 2.5),
        call(3, 3),
        call(0, 9, 3, dtype=tn.int8),
    ),
    lambda a, b, step=1, dtype=None: np.arange(a, b, step, dtype),
    result=whole_or_float,
    wrong=[
        (call(0, 5, 0), (RuntimeError, ValueError), ("arange", "step", "zero")),
        (call(0, 5, -1), (RuntimeError, ValueError), ("arange", "0", "5", "-1")),
        (call(0, float("inf"), 1), (RuntimeError, ValueError), ("arange", "inf")),
    ],
)
op(
    "linspace",
    samples(
        plain,
        call(0, 1, 5),
        call(3.0, -2.0, 8),
        call(2, 2, 1),
        call(0, 1, 0),
        call(0, 10, 6, dtype=tn.int64),
        call(-1, 1, 67, dtype=tn.float64),
    ),
    lambda a, b, steps, dtype=None: np.linspace(a, b, steps, dtype=dtype),
    result=tn.float32,
    wrong=[(call(0, 1, -2), (RuntimeError, ValueError), ("linspace", "-2"))],
)
op(
    "logspace",
    samples(plain, call(0, 2, 5), call(-1, 1, 4, base=2.0), call(0, 1, 0), call(0, 1, 9, dtype=tn.float64)),
    lambda a, b, steps, base=10.0, dtype=None: np.logspace(a, b, steps, base=base),
    result=tn.float32,
    tolerance=4,
    reason="a power multiplies the rounding of its exponent",
    wrong=[(call(0, 1, -2), (RuntimeError, ValueError), ("logspace", "-2"))],
)
op(
    "eye",
    samples(plain, call(3), call(2, 4), call(4, 2), call(0), call(3, dtype=tn.bool)),
    lambda n, m=None, dtype=None: np.eye(n, m, dtype=dtype or np.float32),
    result=tn.float32,
    wrong=[(call(-3), (RuntimeError, ValueError), ("eye", "-3"))],
)
