"""Samples of tenon/ops/matmul.h."""

import numpy as np
from op_suite.declare import call, floats, numbers, op, samples, t

import tenon as tn

summed = dict(tolerance=8, reason="sums of up to 70 products in an order of the library's own")


def products(*shapes, **kwargs):
    return samples(numbers, *(call(*(t(*s) for s in each), **kwargs) for each in shapes))


def wrong(name, a, b, *words):
    return (call(tn.ones(a), tn.ones(b)), (RuntimeError, ValueError), (name, *words))


op(
    "matmul",
    products(
        ((3, 4), (4, 2)), ((4,), (4,)), ((3, 4), (4,)), ((4,), (4, 2)), ((5, 3, 4), (5, 4, 2)), ((5, 3, 4), (4, 2)), ((3, 4), (5, 4, 2)), ((2, 1, 3, 4), (5, 4, 2)),
        ((4,), (5, 4, 2)), ((0, 4), (4, 2)), ((3, 0), (0, 2)), ((1, 70), (70, 33)), ((19, 70), (70, 35)), ((0, 3, 4), (4, 2)),
    ),
    np.matmul,
    **summed,
    wrong=[
        wrong("matmul", (2, 3), (4, 5), "(2, 3)", "(4, 5)", "float32"),
        wrong("matmul", (), (3,), "matmul"),
        wrong("matmul", (2, 3, 4), (5, 4, 2), "(2, 3, 4)", "(5, 4, 2)"),
        (call(tn.ones(2, 2), tn.ones(2, 2, dtype=tn.float64)), RuntimeError, ("matmul", "float32", "float64")),
    ],
)  # fmt: skip
op(
    "mm",
    products(((3, 4), (4, 2)), ((3, 0), (0, 2)), ((19, 70), (70, 35)), ((1, 5), (5, 1))),
    np.matmul,
    **summed,
    wrong=[wrong("mm", (2, 3), (4, 5), "(2, 3)", "(4, 5)"), wrong("mm", (2,), (2, 2))],
)
op(
    "bmm",
    products(
        ((5, 3, 4), (5, 4, 2)), ((0, 3, 4), (0, 4, 2)), ((2, 3, 0), (2, 0, 4)), ((3, 19, 20), (3, 20, 21))
    ),
    np.matmul,
    **summed,
    wrong=[wrong("bmm", (2, 3, 4), (5, 4, 6), "2", "5"), wrong("bmm", (3, 4), (4, 6))],
)
op(
    "mv",
    products(((3, 4), (4,)), ((3, 0), (0,)), ((35, 70), (70,))),
    np.matmul,
    **summed,
    wrong=[wrong("mv", (2, 3), (2,), "(2, 3)", "(2,)")],
)
op(
    "dot",
    products(((4,), (4,)), ((0,), (0,)), ((67,), (67,))),
    np.dot,
    **summed,
    wrong=[wrong("dot", (2,), (3,), "2", "3"), wrong("dot", (2, 2), (2,))],
)
op("outer", products(((4,), (3,)), ((0,), (2,))), np.outer, wrong=[wrong("outer", (2, 2), (2,))])
op(
    "inner",
    products(((4,), (4,)), ((2, 4), (3, 4)), ((), (3,)), ((2, 3, 4), (4,))),
    np.inner,
    **summed,
    wrong=[wrong("inner", (2, 3), (2, 4))],
)


def added(name, shapes, product):
    calls = products(*shapes).plus(
        *(call(*(t(*s) for s in each), beta=2, alpha=3) for each in shapes[:2]),
        call(*(t(*s) for s in shapes[0]), beta=0),
    )
    op(name, calls, lambda c, a, b, beta=1, alpha=1: beta * c + alpha * product(a, b), **summed)


added(
    "addmm",
    [((3, 2), (3, 4), (4, 2)), ((2,), (3, 4), (4, 2)), ((), (3, 4), (4, 2)), ((3, 2), (3, 0), (0, 2))],
    np.matmul,
)
added("baddbmm", [((5, 3, 2), (5, 3, 4), (5, 4, 2)), ((2,), (5, 3, 4), (5, 4, 2))], np.matmul)
added("addmv", [((3,), (3, 4), (4,)), ((), (3, 4), (4,))], np.matmul)
added("addr", [((3, 4), (3,), (4,)), ((4,), (3,), (4,))], np.outer)
op(
    "linear",
    samples(
        floats,
        call(t(3, 4), t(2, 4)),
        call(t(3, 4), t(2, 4), t(2)),
        call(t(4), t(2, 4), t(2)),
        call(t(2, 3, 4), t(5, 4), t(5)),
        call(t(0, 4), t(2, 4), t(2)),
        call(t(3, 70), t(33, 70), bias=t(33)),
        call(t(3, 4), t(4)),
    ),
    lambda x, w, bias=None: np.matmul(x, w.T) + (0 if bias is None else bias),
    **summed,
    wrong=[
        wrong("linear", (5, 4), (2, 3), "(5, 4)", "(2, 3)"),
        (
            call(tn.ones(5, 4), tn.ones(2, 4), tn.ones(3)),
            (RuntimeError, ValueError),
            ("linear", "bias", "(3,)"),
        ),
    ],
)
