"""Samples of tenon/ops/indexing.h."""

import numpy as np
from op_suite.declare import all_types, call, distinct_index, floats, index, mask, numbers, op, samples, t

import tenon as tn

whole = tn.ones(2, 3)


def picks(*calls):
    return samples(all_types, *calls)


def places(indices):
    return tuple(slice(None) if i is None else i for i in indices)


op(
    "index",
    picks(
        call(t(5, 4), [index(3, below=5)]), call(t(5, 4), [index(3, below=5, low=-5), index(3, below=4)]), call(t(5, 4), [None, index(2, 2, below=4)]),
        call(t(5, 4), [index(2, 1, below=5), index(3, below=4)]), call(t(3, 4, 5), [index(2, below=3), None, index(2, below=5)]), call(t(5, 4), [mask(5)]),
        call(t(5, 4), [mask(5, 4)]), call(t(3, 4, 5), [None, mask(4, 5)]), call(t(5), [index(0, below=5)]), call(t(5, 4), [index(below=5)]),
    ),
    lambda a, i: a[places(i)],
    result="first",
    meta=False,
    wrong=[
        (call(tn.ones(3), [tn.tensor([0, 7])]), IndexError, ("7", "3")),
        (call(tn.ones(3), [tn.tensor([0.5])]), (IndexError, RuntimeError), ("index", "float32")),
        (call(tn.ones(3), [tn.tensor([0]), tn.tensor([0])]), IndexError, ("too many indices",)),
        (call(tn.ones(3), [tn.tensor([True, False])]), IndexError, ("mask", "(2,)", "(3,)")),
        (call(tn.ones(3, 3), [tn.tensor([0, 1]), tn.tensor([0, 1, 2])]), (IndexError, RuntimeError), ("(2,)", "(3,)")),
    ],
)  # fmt: skip


def index_put(a, indices, values, accumulate=False):
    out = a.copy()
    if accumulate:
        np.add.at(out, places(indices), values)
    else:
        out[places(indices)] = values
    return out


op(
    "index_put",
    samples(
        numbers, call(t(5, 4), [distinct_index(3, below=5)], t(4)), call(t(5, 4), [distinct_index(3, below=5), index(3, below=4)], t(3)), call(t(5, 4), [mask(5, 4)], 2),
        call(t(5, 4), [index(7, below=5)], t(7, 4), accumulate=True), call(t(5, 4), [None, distinct_index(2, below=4)], t(5, 2)), call(t(3), [index(0, below=3)], t(0)),
    ),
    index_put,
    result="first",
    wrong=[(call(tn.zeros(3), [tn.tensor([5])], tn.ones(1)), IndexError, ("5", "3")), (call(tn.zeros(3), [tn.tensor([0, 1])], tn.ones(3)), (RuntimeError, ValueError), ("(3,)",))],
)  # fmt: skip
sparse = samples(
    all_types,
    *(call(t(*s, domain=lambda rng, s, d: rng.integers(0, 2, s))) for s in [(3, 4), (), (0, 2), (67,)]),
)
op("nonzero", sparse, np.argwhere, result=tn.int64, meta=False)
op("argwhere", sparse, np.argwhere, result=tn.int64, meta=False)
op(
    "where.condition",
    samples(all_types, *sparse.calls[:1], *sparse.calls[2:]),
    lambda a: list(np.nonzero(a)),
    result=tn.int64,
    meta=False,
)
op(
    "masked_select", picks(call(t(3, 4), mask(3, 4)), call(t(3, 4), mask(4)), call(t(), mask(3)), call(t(0), mask(0))), lambda a, m: np.broadcast_to(a, np.broadcast_shapes(a.shape, m.shape))[np.broadcast_to(m, np.broadcast_shapes(a.shape, m.shape))],
    result="first", meta=False, wrong=[(call(tn.ones(3), tn.ones(3)), RuntimeError, ("mask", "float32"))],
)  # fmt: skip


def masked_scatter(a, m, source):
    out, m = a.copy(), np.broadcast_to(m, a.shape)
    out[m] = source.reshape(-1)[: m.sum()]
    return out


op(
    "masked_scatter",
    picks(call(t(3, 4), mask(3, 4), t(12)), call(t(3, 4), mask(4), t(3, 5))),
    masked_scatter,
    result="first",
    wrong=[(call(tn.zeros(3), tn.ones(3, dtype=tn.bool), tn.ones(2)), RuntimeError, ("masked_scatter",))],
)

# ---- an index per element ----


def along(shape, dim, index_array):
    """Indices of the places that `index_array` names along `dim`."""
    grid = list(np.indices(index_array.shape))
    grid[dim] = np.where(index_array < 0, index_array + shape[dim], index_array)
    return tuple(grid)


op(
    "gather",
    picks(
        call(t(3, 4), 1, index(3, 2, below=4)),
        call(t(3, 4), 0, index(5, 4, below=3)),
        call(t(3, 4), -1, index(2, 6, below=4)),
        call(t(4), 0, index(0, below=4)),
        call(t(), 0, index(below=1)),
    ),
    lambda a, dim, i: a[along(a.shape, dim, i)] if a.ndim else a,
    result="first",
    wrong=[
        (call(tn.ones(2, 2), 1, tn.tensor([[0, 4]])), (IndexError, RuntimeError), ("gather", "4", "2")),
        (call(tn.ones(2, 2), 1, tn.tensor([0])), (RuntimeError, ValueError), ("gather", "index")),
        (call(tn.ones(2, 2), 1, tn.ones(2, 2)), (RuntimeError, IndexError), ("gather", "index", "float32")),
        (
            call(tn.ones(2, 2), 0, tn.zeros(1, 3, dtype=tn.int64)),
            (RuntimeError, ValueError),
            ("gather", "(1, 3)", "(2, 2)"),
        ),
    ],
)


def scatter(combine):
    def reference(a, dim, i, src, **kwargs):
        out = a.copy()
        part = src if np.ndim(src) == 0 else src[tuple(slice(n) for n in i.shape)]
        combine(out, along(a.shape, dim, i), part)
        return out

    return reference


def put(out, where, values):
    out[where] = values


scatter_wrong = [
    (
        call(tn.zeros(2, 2), 1, tn.tensor([[0, 4]]), tn.ones(1, 2)),
        (IndexError, RuntimeError),
        ("scatter", "4", "2"),
    ),
    (
        call(tn.zeros(2, 2), 1, tn.zeros(2, 3, dtype=tn.int64), tn.ones(2, 2)),
        (RuntimeError, ValueError),
        ("scatter", "(2, 3)", "(2, 2)"),
    ),
]
op(
    "scatter",
    picks(
        call(t(3, 5), 1, distinct_index(3, 4, below=5), t(3, 4)),
        call(t(3, 5), -1, distinct_index(2, 3, below=5), t(2, 4)),
    ),
    scatter(put),
    result="first",
    wrong=scatter_wrong,
)
op("scatter.value", picks(call(t(3, 5), 1, index(3, 4, below=5), 1)), scatter(put), result="first")
op(
    "scatter_add",
    samples(
        numbers,
        call(t(3, 5), 1, index(3, 8, below=5), t(3, 8)),
        call(t(3, 4), 0, index(5, 4, below=3), t(6, 4)),
        call(t(3), 0, index(0, below=3), t(0)),
    ),
    scatter(np.add.at),
    result="first",
    wrong=scatter_wrong,
)


def scatter_reduce(a, dim, i, src, reduce, include_self=True):
    out = a.astype(np.complex128 if a.dtype.kind == "c" else np.float64)
    where = along(a.shape, dim, i)
    counts = np.full(a.shape, int(include_self))
    np.add.at(counts, where, 1)
    if not include_self:
        out[where] = {"sum": 0, "mean": 0, "prod": 1, "amax": -np.inf, "amin": np.inf}[reduce]
    part = src[tuple(slice(n) for n in i.shape)]
    {"sum": np.add, "mean": np.add, "prod": np.multiply, "amax": np.maximum, "amin": np.minimum}[reduce].at(
        out, where, part
    )
    return out / np.maximum(counts, 1) if reduce == "mean" else out


op(
    "scatter_reduce",
    samples(
        floats,
        *(
            call(t(3, 5), 1, index(3, 8, below=5), t(3, 8), r, include_self=s)
            for r in ("sum", "mean", "prod", "amax", "amin")
            for s in (True, False)
        ),
    ),
    scatter_reduce,
    domain=(0.5, 3),
    tolerance=4,
    reason="a product of up to eight factors",
    wrong=[
        (
            call(tn.zeros(2), 0, tn.zeros(2, dtype=tn.int64), tn.ones(2), "median"),
            (RuntimeError, ValueError),
            ("median", "amax"),
        )
    ],
)
op(
    "take_along_dim",
    picks(
        call(t(3, 4), index(3, 2, below=4), 1),
        call(t(3, 4), index(6, below=12)),
        call(t(3, 4), index(1, 4, below=3), dim=0),
    ),
    lambda a, i, dim=None: np.take_along_axis(a, i, dim),
    result="first",
)
op(
    "take",
    picks(call(t(3, 4), index(2, 3, below=12, low=-12)), call(t(5), index(below=5))),
    lambda a, i: a.reshape(-1)[i],
    result="first",
    wrong=[(call(whole, tn.tensor([6])), IndexError, ("6",))],
)

# ---- an index per slice ----

op(
    "index_select",
    picks(
        call(t(3, 4), 1, index(6, below=4)),
        call(t(3, 4), 0, index(2, below=3)),
        call(t(4), 0, index(0, below=4)),
        call(t(3, 4), -1, index(below=4)),
    ),
    lambda a, dim, i: np.take(a, np.atleast_1d(i), dim),
    result="first",
    wrong=[
        (call(whole, 0, tn.tensor([2])), IndexError, ("index_select", "2")),
        (call(whole, 0, tn.tensor([[0]])), (RuntimeError, IndexError), ("index_select", "index")),
        (call(whole, 0, tn.tensor([0.0])), RuntimeError, ("index_select", "index", "float32")),
    ],
)


def index_write(combine):
    def reference(a, dim, i, source, alpha=1):
        out = a.copy()
        values = np.moveaxis(source, dim, 0) if np.ndim(source) else source
        combine(np.moveaxis(out, dim, 0), i, values if alpha == 1 else alpha * values)
        return out

    return reference


op(
    "index_add",
    samples(
        numbers,
        call(t(3, 4), 1, index(6, below=4), t(3, 6)),
        call(t(3, 4), 0, index(2, below=3), t(2, 4), alpha=2),
        call(t(3), 0, index(0, below=3), t(0)),
    ),
    index_write(np.add.at),
    result="first",
    wrong=[
        (call(tn.zeros(3), 0, tn.tensor([5]), tn.ones(1)), IndexError, ("5", "3")),
        (
            call(tn.zeros(3), 0, tn.tensor([1]), tn.ones(2)),
            (RuntimeError, ValueError, IndexError),
            ("index", "2"),
        ),
    ],
)
op(
    "index_copy",
    picks(
        call(t(3, 4), 1, distinct_index(2, below=4), t(3, 2)),
        call(t(3, 4), 0, distinct_index(2, below=3), t(2, 4)),
    ),
    index_write(put),
    result="first",
)
op(
    "index_fill",
    picks(call(t(3, 4), 1, index(2, below=4), 1), call(t(3, 4), 0, index(2, below=3), t())),
    index_write(put),
    result="first",
)

# ---- embeddings ----

op(
    "embedding",
    samples(
        floats,
        call(index(2, 3, below=5), t(5, 4)),
        call(index(6, below=5, low=3), t(5, 4), 2),
        call(index(below=5), t(5, 4)),
        call(index(0, below=5), t(5, 4)),
    ),
    lambda i, w, padding_idx=None: w[i],
    result=lambda built, _: built.args[1].dtype,
    wrong=[
        (call(tn.tensor([3]), tn.ones(3, 2)), IndexError, ("embedding", "3")),
        (call(tn.tensor([-1]), tn.ones(3, 2)), IndexError, ("embedding", "-1")),
        (call(tn.ones(2), tn.ones(3, 2)), RuntimeError, ("embedding", "float32")),
        (call(tn.tensor([0]), tn.ones(3)), (RuntimeError, ValueError), ("embedding", "(3,)")),
    ],
)
op(
    "one_hot",
    samples(
        (tn.int64,), call(t(2, 3, domain=(0, 4)), 5), call(t(domain=(0, 4)), 5), call(t(0, domain=(0, 4)), 3)
    ),
    lambda a, n: np.eye(n, dtype=np.int64)[a],
    result=tn.int64,
    wrong=[
        (call(tn.tensor([3]), 3), (RuntimeError, ValueError, IndexError), ("one_hot", "3")),
        (call(tn.tensor([-1])), (RuntimeError, ValueError, IndexError), ("one_hot", "-1")),
        (call(tn.ones(2), 3), RuntimeError, ("one_hot", "float32")),
    ],
)
