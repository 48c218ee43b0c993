"""Samples of tenon/ops/sorting.h."""

import numpy as np
from op_suite.declare import call, distinct, ints, numbers, op, samples, t, ties

import tenon as tn

whole = tn.ones(2, 3)


def ordered(dtypes):
    return samples(
        dtypes, call(t(3, 7)), call(t(3, 7), 0), call(t(3, 7), 1, True), call(t(2, 3, 4), -2, descending=True), call(t(67)), call(t()), call(t(0)), call(t(3, 7), dim=1, stable=True)
    )  # fmt: skip


def places(a, dim=-1, descending=False, stable=False):
    if a.ndim == 0:
        return np.int64(0)
    return (
        np.flip(np.argsort(np.flip(a, dim), dim, stable=True), dim) * -1 + a.shape[dim] - 1
        if descending
        else np.argsort(a, dim, stable=True)
    )


def sort(a, dim=-1, **kwargs):
    at = places(a, dim, **kwargs)
    return [np.take_along_axis(a, at, dim) if a.ndim else a, at]


def sort_call(a, dim=-1, descending=False, stable=False):
    return sort(a, dim, descending=descending)


op(
    "sort",
    ordered(numbers),
    sort_call,
    result=("promoted", tn.int64),
    domain=distinct,
    wrong=[(call(whole, 2), IndexError, ("sort", "2"))],
)
op("argsort", ordered(numbers), places, result=tn.int64, domain=distinct)
op("msort", samples(numbers, call(t(3, 4)), call(t(5))), lambda a: np.sort(a, 0), domain=distinct)


def topk(a, k, dim=-1, largest=True, sorted=True):
    values, at = sort(a, dim, descending=largest)
    return [np.take(values, range(k), dim), np.take(at, range(k), dim)]


op(
    "topk",
    samples(
        numbers,
        call(t(3, 7), 2),
        call(t(3, 7), 2, 0),
        call(t(3, 7), 3, 1, False),
        call(t(67), 5),
        call(t(4), 0),
        call(t(4), 4),
    ),
    topk,
    result=("promoted", tn.int64),
    domain=distinct,
    wrong=[
        (call(whole, 4), (RuntimeError, ValueError, IndexError), ("topk", "4", "3")),
        (call(whole, -1), (RuntimeError, ValueError, IndexError), ("topk", "-1")),
    ],
)


def kthvalue(a, k, dim=-1, keepdim=False):
    values, at = sort(a, dim)
    picked = [np.take(values, [k - 1], dim), np.take(at, [k - 1], dim)]
    return picked if keepdim else [np.squeeze(p, dim) for p in picked]


op(
    "kthvalue",
    samples(numbers, call(t(3, 7), 2), call(t(3, 7), 1, 0), call(t(3, 7), 7, 1, True)),
    kthvalue,
    result=("promoted", tn.int64),
    domain=distinct,
    wrong=[
        (call(whole, 4), (RuntimeError, ValueError, IndexError), ("kthvalue", "4")),
        (call(whole, 0), (RuntimeError, ValueError, IndexError), ("kthvalue", "0")),
    ],
)


def rising(rng, shape, dtype):
    return np.sort(ties(rng, shape, dtype), -1)


def search(rows, values, out_int32=False, right=False, side=None):
    side = side or ("right" if right else "left")
    if rows.ndim == 1 or np.ndim(values) == 0:
        return np.searchsorted(rows, values, side)
    flat = [
        np.searchsorted(r, v, side)
        for r, v in zip(rows.reshape(-1, rows.shape[-1]), values.reshape(-1, values.shape[-1]), strict=True)
    ]
    return np.array(flat).reshape(values.shape)


counted = dict(result=lambda built, _: tn.int32 if built.kwargs.get("out_int32") else tn.int64, domain=ties)
op(
    "searchsorted",
    samples(numbers, call(t(9, domain=rising), t(3, 4)), call(t(9, domain=rising), t(5), right=True), call(t(2, 9, domain=rising), t(2, 5)), call(t(9, domain=rising), t(5), side="right", out_int32=True), call(t(9, domain=rising), 1)),
    search,
    wrong=[(call(tn.ones(2, 3), tn.ones(3, 3)), (RuntimeError, ValueError), ("searchsorted",)), (call(tn.ones(3), tn.ones(3), side="middle"), (RuntimeError, ValueError), ("middle",))],
    **counted,
)  # fmt: skip
op(
    "bucketize",
    samples(
        numbers,
        call(t(3, 4), t(9, domain=rising)),
        call(t(5), t(9, domain=rising), right=True),
        call(1, t(9, domain=rising), out_int32=True),
    ),
    lambda a, rows, out_int32=False, right=False: np.searchsorted(rows, a, "right" if right else "left"),
    **counted,
)
op(
    "bincount",
    samples(
        ints,
        call(t(9, domain=(0, 5))),
        call(t(9, domain=(0, 5)), minlength=9),
        call(t(9, domain=(0, 5)), t(9, dtype=tn.float64)),
        call(t(0)),
    ),
    lambda a, weights=None, minlength=0: np.bincount(a, weights, minlength),
    result=lambda built, _: tn.float64 if len(built.tensors) > 1 else tn.int64,
    meta=False,
    wrong=[
        (call(tn.tensor([-1])), (RuntimeError, ValueError), ("bincount", "-1")),
        (call(tn.ones(2)), RuntimeError, ("bincount", "float32")),
        (call(tn.ones(2, 2, dtype=tn.int64)), RuntimeError, ("bincount", "(2, 2)")),
    ],
)
