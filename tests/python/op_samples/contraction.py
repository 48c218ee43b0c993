"""Samples of tenon/ops/contraction.h."""

import numpy as np
from op_suite.declare import call, floats, numbers, op, samples, t
from scipy.spatial.distance import cdist

import tenon as tn

summed = dict(tolerance=8, reason="sums of products in an order of the library's own")


def wrong(equation, shapes, *words):
    return (call(equation, *(tn.ones(s) for s in shapes)), (RuntimeError, ValueError), ("einsum", *words))


EQUATIONS = [
    ("ij,jk->ik", (3, 4), (4, 2)), ("ij,jk", (3, 4), (4, 2)), ("ij->ji", (3, 4)), ("ji", (3, 4)), ("ij->", (3, 4)),
    ("ij->j", (3, 4)), ("ii->i", (3, 3)), ("ii", (3, 3)), ("iij->ji", (3, 3, 2)), ("i,i->", (4,), (4,)),
    ("i,j->ij", (3,), (4,)), ("bij,bjk->bik", (2, 3, 4), (2, 4, 5)), ("bij,jk->bik", (2, 3, 4), (4, 5)),
    ("bij,bij->bij", (2, 3, 4), (2, 3, 4)), ("...ij,...jk->...ik", (2, 3, 4), (5, 1, 4, 2)), ("...ij->...ji", (2, 3, 4)),
    ("i...->...", (3, 4)), ("bhqd,bhkd->bhqk", (2, 3, 4, 5), (2, 3, 6, 5)), ("ij,kl,jk->il", (2, 3), (4, 5), (3, 4)),
    ("a,b,c,abc->", (2,), (3,), (4,), (2, 3, 4)), ("ij,ij->j", (3, 1), (3, 4)), ("ij,jk->k", (3, 4), (4, 2)),
    (" ij , jk -> ik ", (0, 4), (4, 2)), ("ij,jk->ik", (3, 0), (0, 2)), (",ij->ij", (), (2, 3)), ("zA,Az->zA", (2, 3), (3, 2)),
]  # fmt: skip
op(
    "einsum",
    samples(numbers, *(call(equation, *(t(*s) for s in shapes)) for equation, *shapes in EQUATIONS)),
    lambda equation, *operands: np.einsum(equation.replace(" ", ""), *operands),
    **summed,
    wrong=[
        wrong("ij,jk->ik", [(2, 3), (4, 5)], "label 'j'", "3", "4"),
        wrong("ij->ik", [(2, 3)], "label 'k'", "no operand"),
        wrong("ij->ii", [(2, 2)], "twice"),
        wrong("ij", [(2, 3, 4)], "2 labels", "3 dimensions"),
        wrong("ij,jk", [(2, 3)], "2 operands", "1"),
        wrong("i.j", [(2, 3)], "'...'"),
        wrong("i1", [(2, 3)], "'1'", "no letter"),
        wrong("ii", [(2, 3)], "repeated", "(2, 3)"),
    ],
)
op(
    "tensordot",
    samples(
        numbers,
        call(t(2, 3, 4), t(3, 4, 5)), call(t(2, 3), t(3, 4), 1), call(t(2), t(3), 0), call(t(3, 4), t(3, 4), dims=2), call(t(0, 3), t(3, 2), 1),
    ),
    lambda a, b, dims=2: np.tensordot(a, b, dims),
    **summed,
    wrong=[(call(tn.ones(2, 3), tn.ones(2, 3), 3), (RuntimeError, ValueError), ("tensordot", "dims is 3"))],
)  # fmt: skip
op(
    "tensordot.over",
    samples(
        numbers,
        call(t(2, 3, 4), t(4, 5, 3), (1, 2), (2, 0)), call(t(2, 3), t(4, 3), (1,), (1,)), call(t(2), t(3), (), ()), call(t(2, 3), t(3, 2), (-1, 0), (0, 1)),
    ),
    lambda a, b, dims_a, dims_b: np.tensordot(a, b, (dims_a, dims_b)),
    **summed,
    wrong=[(call(tn.ones(2, 3), tn.ones(4, 5), (1,), (0,)), (RuntimeError, ValueError), ("tensordot", "3", "4"))],
)  # fmt: skip
op(
    "kron",
    samples(numbers, call(t(2, 3), t(3, 2)), call(t(2), t(3, 2)), call(t(), t(2, 2)), call(t(2, 0), t(1, 2))),
    np.kron,
)
op(
    "trace",
    samples(numbers, call(t(3, 3)), call(t(2, 5)), call(t(0, 2))),
    lambda x: np.trace(x, dtype=np.int64 if x.dtype.kind in "biu" else x.dtype),
    result=lambda _, dtype: dtype if dtype.is_floating_point else tn.int64,
    tolerance=4,
    reason="the sum's order is the library's own",
    wrong=[(call(tn.ones(2, 2, 2)), (RuntimeError, ValueError), ("trace", "matrix"))],
)
op(
    "vdot",
    samples(numbers, call(t(4), t(4)), call(t(0), t(0))),
    np.dot,
    **summed,
    wrong=[(call(tn.ones(2), tn.ones(3)), (RuntimeError, ValueError), ("2", "3"))],
)


def cross(a, b, dim=None):
    shape = np.broadcast_shapes(a.shape, b.shape)
    axis = shape.index(3) if dim is None else dim
    return np.cross(np.broadcast_to(a, shape), np.broadcast_to(b, shape), axis=axis)


op(
    "cross",
    samples(floats, call(t(3), t(3)), call(t(2, 3), t(2, 3)), call(t(3, 4), t(3, 4)), call(t(3, 3), t(3), dim=-1), call(t(3, 3), t(3, 3), dim=1)),
    cross,
    tolerance=4,
    reason="differences of products",
    wrong=[(call(tn.ones(2, 4), tn.ones(2, 4)), (RuntimeError, ValueError), ("cross", "size 3"))],
)  # fmt: skip
op(
    "addbmm",
    samples(
        floats,
        call(t(3, 5), t(2, 3, 4), t(2, 4, 5)), call(t(5), t(2, 3, 4), t(2, 4, 5), beta=2, alpha=3), call(t(3, 5), t(0, 3, 4), t(0, 4, 5)),
    ),
    lambda c, a, b, beta=1, alpha=1: beta * c + alpha * np.matmul(a, b).sum(0),
    **summed,
    wrong=[(call(tn.ones(3, 5), tn.ones(2, 3, 4), tn.ones(3, 4, 5)), (RuntimeError, ValueError), ("addbmm", "batches"))],
)  # fmt: skip
op(
    "chain_matmul",
    samples(floats, call(t(2, 3), t(3, 4)), call(t(2, 9), t(9, 3), t(3, 4), t(4, 2)), call(t(2, 3))),
    lambda *m: np.linalg.multi_dot(m) if len(m) > 1 else m[0],
    **summed,
    wrong=[(call(tn.ones(2), tn.ones(2, 2)), (RuntimeError, ValueError), ("chain_matmul", "matrix"))],
)


def distances(a, b, p=2.0, compute_mode=None):
    kinds = {
        0.0: ("hamming", a.shape[-1]),
        1.0: ("cityblock", 1),
        2.0: ("euclidean", 1),
        np.inf: ("chebyshev", 1),
    }
    kind, scale = kinds.get(p, (None, 1))
    one = (
        (lambda x, y: cdist(x, y, "minkowski", p=p))
        if kind is None
        else (lambda x, y: scale * cdist(x, y, kind))
    )
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    x, y = (np.broadcast_to(v, batch + v.shape[-2:]).reshape(-1, *v.shape[-2:]) for v in (a, b))
    out = np.stack([one(u, v) for u, v in zip(x, y, strict=True)])
    return out.reshape(*batch, a.shape[-2], b.shape[-2]).astype(a.dtype)


op(
    "cdist",
    samples(
        floats,
        call(t(3, 4), t(5, 4)), call(t(2, 3, 4), t(2, 5, 4), 1.0), call(t(2, 3, 4), t(5, 4), p=float("inf")), call(t(3, 4), t(5, 4), 3.0),
        call(t(30, 4), t(3, 4)), call(t(3, 4), t(5, 4), compute_mode="use_mm_for_euclid_dist"),
    ),
    distances,
    tolerance=64,
    reason="by a product, small distances are differences of large squares",
    wrong=[
        (call(tn.ones(3, 4), tn.ones(3, 5)), (RuntimeError, ValueError), ("cdist", "columns")),
        (call(tn.ones(3, 4), tn.ones(3, 4), -1.0), (RuntimeError, ValueError), ("cdist", "negative")),
    ],
)  # fmt: skip
