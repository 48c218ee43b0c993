"""Samples of tenon/ops/reduction.h."""

import numpy as np
import scipy.special as special
from op_suite.declare import all_types, call, distinct, floats, numbers, op, samples, t, ties

import tenon as tn

whole = tn.ones(2, 3)
out_of_range = (call(whole, 2), IndexError, ("2",))
twice = (call(whole, (0, 0)), (RuntimeError, ValueError), ("0",))
no_integers = (call(tn.ones(3, dtype=tn.int64)), RuntimeError, ("int64",))


def reduced(dtypes, *extra, dims=True, **kwargs):
    out = samples(
        dtypes, call(t(3, 4), **kwargs), call(t(2, 3, 4), 1, **kwargs), call(t(2, 3, 4), -1, True, **kwargs),
        call(t(), **kwargs), call(t(67), **kwargs), call(t(5, 33), 1, **kwargs), call(t(33, 5), 0, **kwargs), *extra,
    )  # fmt: skip
    if dims:
        out = out.plus(call(t(2, 3, 4), (0, 2), **kwargs), call(t(2, 3, 4), (-1, 0), keepdim=True, **kwargs))
    return out


empty = (call(t(0)), call(t(2, 0, 3), 1), call(t(2, 0, 3), 2))


def over(function):
    return lambda a, dim=None, keepdim=False, dtype=None: function(
        a if dtype is None else a.astype(dtype), axis=dim, keepdims=keepdim
    )


wide_sum = over(lambda a, **k: np.sum(a, dtype=None if a.dtype.kind in "fc" else np.int64, **k))
op(
    "sum",
    reduced(all_types, *empty, call(t(3, 4), 0, dtype=tn.float64), call(t(2, 1000))),
    wide_sum,
    result="sum",
    wrong=[out_of_range, twice],
)


def with_nan(rng, shape, dtype):
    return np.where(rng.random(shape) < 0.3, np.nan if dtype.kind == "f" else 0, rng.integers(0, 3, shape))


op(
    "nansum",
    reduced(numbers, *empty),
    over(lambda a, **k: np.nansum(a, dtype=None if a.dtype.kind in "fc" else np.int64, **k)),
    result="sum",
    domain=with_nan,
)
op(
    "mean",
    reduced(floats, call(t(3, 4), 0, dtype=tn.float64), call(t(0)), call(t(2, 1000))),
    over(np.mean),
    wrong=[out_of_range, no_integers],
)
op("nanmean", reduced(floats), over(np.nanmean), domain=with_nan)
op(
    "prod",
    reduced(all_types, *empty, dims=False),
    over(lambda a, **k: np.prod(a, dtype=None if a.dtype.kind in "fc" else np.int64, **k)),
    result="sum",
    domain=(0.5, 1.5),
    tolerance=16,
    reason="each of up to 67 factors rounds",
)

# ---- extremes ----

all_of_it = samples(numbers, *(call(t(*s)) for s in [(3, 4), (), (67,), (5, 33)]))
no_elements = (call(tn.ones(0)), (RuntimeError, ValueError, IndexError), ("empty", "dim"))
for name, function, arg in [("max", np.max, np.argmax), ("min", np.min, np.argmin)]:
    op(name, all_of_it, function, domain=distinct, wrong=[(no_elements[0], no_elements[1], (name,))])
    op(
        f"{name}.dim",
        samples(
            numbers,
            call(t(3, 4), 1),
            call(t(3, 4), 0, True),
            call(t(2, 3, 4), -2, keepdim=True),
            call(t(), 0),
            call(t(2, 0), 0),
            call(t(33, 5), 0),
            call(t(5, 33), 1),
        ),
        lambda a, dim, keepdim=False, f=function, g=arg: (
            [f(a, axis=dim, keepdims=keepdim), g(a, axis=dim, keepdims=keepdim)]
            if a.ndim
            else [a, np.int64(0)]
        ),
        result=("promoted", tn.int64),
        domain=distinct,
        wrong=[
            (call(whole, 2), IndexError, ("2",)),
            (call(tn.ones(2, 0), 1), (RuntimeError, ValueError, IndexError), (name, "dim")),
        ],
    )
    binary = np.maximum if name == "max" else np.minimum
    op(
        f"{name}.other",
        samples(numbers, call(t(3, 4), t(4)), call(t(2, 0), t(1)), call(t(3), t(3, dtype=tn.float64))),
        binary,
    )
    op(
        f"a{name}",
        reduced(numbers),
        over(function),
        domain=distinct,
        wrong=[out_of_range, (call(tn.ones(2, 0), 1), (RuntimeError, ValueError, IndexError), (f"a{name}",))],
    )
    op(
        f"arg{name}",
        reduced(numbers, dims=False),
        over(arg),
        result=tn.int64,
        domain=distinct,
        wrong=[out_of_range, (no_elements[0], no_elements[1], (f"arg{name}",))],
    )
op(
    "aminmax",
    samples(numbers, call(t(3, 4)), call(t(3, 4), dim=1), call(t(3, 4), dim=0, keepdim=True)),
    lambda a, dim=None, keepdim=False: [
        np.min(a, axis=dim, keepdims=keepdim),
        np.max(a, axis=dim, keepdims=keepdim),
    ],
    domain=distinct,
)

# ---- logic, counts ----

for name in ("all", "any"):
    op(
        name,
        reduced(all_types, *empty),
        over(getattr(np, name)),
        result=lambda built, common: tn.uint8 if common == tn.uint8 else tn.bool,
        domain=ties,
        wrong=[out_of_range],
    )
op(
    "count_nonzero",
    samples(all_types, call(t(3, 4)), call(t(3, 4), 1), call(t(2, 3, 4), (0, 2)), call(t(0)), call(t(67))),
    lambda a, dim=None: np.count_nonzero(a, axis=dim),
    result=tn.int64,
    domain=ties,
)

# ---- moments and norms ----


def moment(function):
    def reference(a, dim=None, correction=1, keepdim=False):
        return function(a, axis=dim, ddof=1 if correction is None else correction, keepdims=keepdim)

    return reference


moments = samples(
    floats,
    call(t(3, 4)),
    call(t(3, 4), 1),
    call(t(2, 3, 4), (0, 2), keepdim=True),
    call(t(3, 4), 0, correction=0),
    call(t(3, 4), correction=2),
    call(t(5, 33), 1),
    call(t(67)),
)
relative = dict(tolerance=2, reason="a mean is subtracted before squares are summed")
for name, function in [("var", np.var), ("std", np.std)]:
    op(name, moments, moment(function), **relative, wrong=[out_of_range, no_integers])
    op(
        f"{name}.unbiased_dim",
        samples(
            floats,
            call(t(3, 4), 1, False),
            call(t(3, 4), (0, 1), True, True),
            call(t(3, 4), 0, unbiased=False),
        ),
        lambda a, dim, unbiased=True, keepdim=False, f=function: f(
            a, axis=dim, ddof=int(unbiased), keepdims=keepdim
        ),
        **relative,
    )
    op(
        f"{name}.unbiased",
        samples(floats, call(t(3, 4), False), call(t(67), unbiased=True)),
        lambda a, unbiased, f=function: f(a, ddof=int(unbiased)),
        **relative,
    )
    op(
        f"{name}_mean",
        moments,
        lambda a, dim=None, correction=1, keepdim=False, f=function: [
            f(a, axis=dim, ddof=correction, keepdims=keepdim),
            np.mean(a, axis=dim, keepdims=keepdim),
        ],
        **relative,
    )


def vector_norm(a, ord=2, dim=None, keepdim=False, dtype=None):
    a = np.abs(a)
    options = dict(axis=dim, keepdims=keepdim)
    if ord == np.inf:
        return np.max(a, **options)
    if ord == -np.inf:
        return np.min(a, **options)
    return np.sum(a != 0, **options) * 1.0 if ord == 0 else np.sum(a**ord, **options) ** (1 / ord)


op(
    "linalg_vector_norm",
    samples(
        floats,
        *(call(t(3, 4), p) for p in (2, 1, 3, 0, 0.5, np.inf, -np.inf)),
        call(t(2, 3, 4), 2, (0, 2), True),
        call(t(3, 4), 2, 1),
        call(t(5, 33), 1, 1),
    ),
    vector_norm,
    tolerance=8,
    reason="roots of sums of powers",
)
op(
    "norm",
    samples(
        floats,
        call(t(3, 4)),
        call(t(3, 4), 1),
        call(t(3, 4), 2, 1),
        call(t(3, 4), np.inf, 0, True),
        call(t(3, 4), p=3.0, dim=1),
    ),
    lambda a, p=2, dim=None, keepdim=False: vector_norm(a, p, dim, keepdim),
    tolerance=8,
    reason="roots of sums of powers",
)
op(
    "norm.named",
    samples(floats, call(t(3, 4), "fro"), call(t(2, 3, 4), "fro", (1, 2))),
    lambda a, p, dim=None: vector_norm(a, 2, dim),
    wrong=[(call(whole, "odd"), (RuntimeError, ValueError), ("odd",))],
)
op(
    "logsumexp",
    samples(floats, call(t(3, 4), 1), call(t(3, 4), (0, 1)), call(t(3, 4), 0, True), call(t(67), 0)),
    lambda a, dim, keepdim=False: special.logsumexp(a, axis=dim, keepdims=keepdim),
)

# ---- along a dim ----

scans = samples(
    numbers,
    call(t(3, 4), 1),
    call(t(3, 4), 0),
    call(t(2, 3, 4), -2),
    call(t(67), 0),
    call(t(0), 0),
    call(t(), 0),
)


def scan(function):
    def reference(a, dim, dtype=None):
        a = a if dtype is None else a.astype(dtype)
        return function(a, axis=dim, dtype=None if a.dtype.kind in "fc" else np.int64) if a.ndim else a

    return reference


op(
    "cumsum",
    scans.plus(call(t(3, 4), 1, dtype=tn.float64)),
    scan(np.cumsum),
    result="sum",
    tolerance=4,
    reason="67 steps of one sum",
    wrong=[(call(whole, 2), IndexError, ("cumsum", "2"))],
)
op(
    "cumprod",
    scans,
    scan(np.cumprod),
    result="sum",
    domain=(0.5, 1.5),
    tolerance=16,
    reason="each of up to 67 factors rounds",
)
op(
    "logcumsumexp",
    samples(floats, *scans.calls),
    lambda a, dim: np.logaddexp.accumulate(a, axis=dim) if a.ndim and a.size else a,
    tolerance=8,
    reason="67 steps of one sum",
)


def running(function):
    def reference(a, dim):
        if a.ndim == 0 or a.size == 0:
            return [a, np.zeros(a.shape, np.int64)]
        values = function.accumulate(a, axis=dim)
        places = np.moveaxis(np.broadcast_to(np.arange(a.shape[dim]), np.moveaxis(a, dim, -1).shape), -1, dim)
        return [values, np.maximum.accumulate(np.where(a == values, places, 0), axis=dim)]

    return reference


for name, function in [("cummax", np.maximum), ("cummin", np.minimum)]:
    op(name, scans, running(function), result=("promoted", tn.int64), domain=distinct)
