"""Samples of tenon/ops/views.h."""

import numpy as np
from op_suite.declare import alias, all_types, call, floats, op, samples, t

import tenon as tn


def views(*calls):
    return samples(all_types, *calls)


ranged = (RuntimeError, IndexError)
whole = tn.ones(2, 3)


def sized(a, *size):
    return a.reshape(size[0] if len(size) == 1 and not isinstance(size[0], int) else size)


op("alias", views(call(t(3, 4)), call(t())), lambda a: a)
# Only splits: those exist in every layout.
op(
    "view",
    views(
        call(t(6, 4), 2, 3, 4),
        call(t(6, 4), (3, 2, -1, 1)),
        call(t(), 1, 1),
        call(t(0, 3), 0, 1, 3),
        call(t(6, 4), -1, 4),
    ),
    sized,
    wrong=[
        (call(tn.ones(6), 4), (RuntimeError, ValueError), ("view", "(4,)", "6")),
        (call(tn.ones(6), -1, -1), (RuntimeError, ValueError), ("view", "-1")),
        (call(tn.ones(6), -2, 3), (RuntimeError, ValueError), ("view", "-2")),
        (call(whole.t(), 6), RuntimeError, ("view", "reshape")),
        (call(tn.ones(0), -1, 0), (RuntimeError, ValueError), ("view", "-1")),
    ],
)


def view_dtype(a, dtype):
    if a.dtype.kind == "f":
        raise TypeError("the reference sees floats widened")
    return a.view(dtype)


op(
    "view.dtype",
    samples((tn.int32,), call(t(3, 4), tn.float32), call(t(), tn.float32)),
    view_dtype,
    result=tn.float32,
    gradient=False,
)
op(
    "reshape",
    views(
        call(t(6, 4), 2, 3, 4),
        call(t(6, 4), (3, -1)),
        call(t(6, 4), 24),
        call(t(), (1,)),
        call(t(0, 3), 3, -1),
        call(t(1), ()),
    ),
    sized,
    wrong=[(call(tn.ones(6), 4), (RuntimeError, ValueError), ("reshape", "(4,)", "6"))],
)
op("reshape_as", views(call(t(6, 4), t(4, 6)), call(t(1), t())), lambda a, b: a.reshape(b.shape))
op("view_as", views(call(t(6, 4), t(2, 3, 4)), call(t(1), t(1, 1))), lambda a, b: a.reshape(b.shape))


def flatten(a, start_dim=0, end_dim=-1):
    if a.ndim == 0:
        return a.reshape(1)
    start, end = start_dim % a.ndim, end_dim % a.ndim
    return a.reshape(*a.shape[:start], int(np.prod(a.shape[start : end + 1])), *a.shape[end + 1 :])


op(
    "flatten",
    views(
        call(t(2, 3, 4)),
        call(t(2, 3, 4), 1),
        call(t(2, 3, 4), 0, 1),
        call(t(2, 3, 4), -2, -1),
        call(t()),
        call(t(2, 0, 3), 1),
    ),
    flatten,
    wrong=[(call(tn.ones(2, 3), 1, 0), (RuntimeError, ValueError), ("flatten", "start_dim", "end_dim"))],
)
op("ravel", views(call(t(3, 4)), call(t())), np.ravel)
op(
    "unflatten",
    views(call(t(6, 4), 0, (2, 3)), call(t(6, 4), -1, (2, -1)), call(t(0, 2), 1, (1, 2))),
    lambda a, dim, sizes: a.reshape(*a.shape[: dim % a.ndim], *sizes, *a.shape[dim % a.ndim + 1 :]),
    wrong=[(call(tn.ones(6), 0, (4, 2)), (RuntimeError, ValueError), ("unflatten", "6"))],
)

# ---- order ----

swaps = views(
    call(t(2, 3), 0, 1),
    call(t(2, 3, 4), 0, -1),
    call(t(2, 3, 4), 1, 1),
    call(t(0, 3), 1, 0),
    call(t(), 0, -1),
)
for name in ("transpose", "swapaxes", "swapdims"):
    op(
        name,
        swaps,
        lambda a, i, j: np.swapaxes(a, i, j) if a.ndim else a,
        wrong=[(call(whole, 0, 2), IndexError, ("2",))],
    )
op(
    "permute",
    views(call(t(2, 3, 4), 2, 0, 1), call(t(2, 3, 4), (0, -1, 1)), call(t(2), 0), call(t(), ())),
    lambda a, *d: np.transpose(a, d[0] if isinstance(d[0], tuple) else d),
    wrong=[
        (call(whole, 0), (RuntimeError, ValueError), ("permute", "2")),
        (call(whole, 0, 0), (RuntimeError, ValueError), ("permute", "0")),
        (call(whole, 0, 5), IndexError, ("permute", "5")),
    ],
)
op(
    "t",
    views(call(t(2, 3)), call(t(4)), call(t())),
    lambda a: a.T,
    wrong=[(call(tn.ones(1, 2, 3)), RuntimeError, ("t", "3"))],
)
moves = views(call(t(2, 3, 4), 0, 2), call(t(2, 3, 4), (0, 1), (-1, 0)), call(t(2, 3), -1, 0))
op(
    "movedim",
    moves,
    np.moveaxis,
    wrong=[(call(whole, (0, 0), (0, 1)), (RuntimeError, ValueError), ("movedim",))],
)
alias("moveaxis", "movedim")

# ---- sizes of one, broadcasting ----


def squeeze(a, dim=None):
    dims = range(a.ndim) if dim is None else [d % max(a.ndim, 1) for d in np.atleast_1d(dim)]
    return np.squeeze(a, tuple(d for d in dims if a.ndim and a.shape[d] == 1))


op(
    "squeeze",
    views(
        call(t(1, 3, 1)),
        call(t(1, 3, 1), 0),
        call(t(1, 3, 1), 1),
        call(t(1, 3, 1), (0, -1)),
        call(t()),
        call(t(0, 1)),
    ),
    squeeze,
    wrong=[(call(tn.ones(1), 3), IndexError, ("squeeze", "3"))],
)
op(
    "unsqueeze",
    views(call(t(3, 4), 0), call(t(3, 4), -1), call(t(3, 4), 2), call(t(), 0), call(t(0), 1)),
    np.expand_dims,
)


def expand(a, *size):
    size = size[0] if len(size) == 1 and not isinstance(size[0], int) else size
    lead = len(size) - a.ndim
    return np.broadcast_to(a, [n if n != -1 else a.shape[i - lead] for i, n in enumerate(size)])


op(
    "expand",
    views(
        call(t(3, 1), 3, 4),
        call(t(3, 1), 2, -1, 4),
        call(t(1), (5,)),
        call(t(), 2, 3),
        call(t(1, 3), 0, 3),
        call(t(2, 3), -1, -1),
    ),
    expand,
    wrong=[
        (call(whole, 4, 3), (RuntimeError, ValueError), ("expand", "4", "2")),
        (call(whole, 3), (RuntimeError, ValueError), ("expand",)),
        (call(tn.ones(3), -1, 3), (RuntimeError, ValueError), ("expand", "-1")),
    ],
)
op("expand_as", views(call(t(3, 1), t(3, 4)), call(t(), t(2, 0))), lambda a, b: np.broadcast_to(a, b.shape))
op("broadcast_to", views(call(t(3, 1), (2, 3, 4)), call(t(), (2,))), lambda a, s: np.broadcast_to(a, s))

# ---- parts ----

op(
    "select",
    views(call(t(3, 4), 0, 1), call(t(3, 4), -1, -2), call(t(2, 0), 0, 1), call(t(3), 0, 2)),
    lambda a, d, i: np.take(a, i, d),
    wrong=[
        (call(whole, 0, 2), IndexError, ("select", "2")),
        (call(tn.ones(()), 0, 0), IndexError, ("select",)),
    ],
)
op(
    "narrow",
    views(call(t(5, 4), 0, 1, 3), call(t(5, 4), -1, -3, 2), call(t(3), 0, 1, 0), call(t(3), 0, 3, 0)),
    lambda a, d, s, n: np.take(
        a, range(s % max(a.shape[d], 1) if s < 0 else s, (s % a.shape[d] if s < 0 else s) + n), d
    ),
    wrong=[
        (call(whole, 1, 2, 2), (RuntimeError, IndexError), ("narrow", "2", "3")),
        (call(whole, 0, 0, -1), RuntimeError, ("narrow", "-1")),
    ],
)
op(
    "slice",
    views(
        call(t(7, 2), 0, 1, 6, 2),
        call(t(3, 4), 1, -3),
        call(t(3, 4), 0, 0, 2),
        call(t(5), 0, 4, 2),
        call(t(5), 0, -99, 99, 3),
    ),
    lambda a, d=0, s=0, e=None, step=1: np.moveaxis(np.moveaxis(a, d, 0)[s:e:step], 0, d),
    wrong=[(call(whole, 0, 0, 2, 0), (RuntimeError, ValueError), ("step", "0"))],
)
op(
    "diagonal",
    views(
        call(t(3, 4)),
        call(t(3, 4), 1),
        call(t(3, 4), -2),
        call(t(2, 3, 4), 0, -2, -1),
        call(t(2, 3, 4), 1, 2, 0),
        call(t(3, 3), 5),
    ),
    lambda a, offset=0, dim1=0, dim2=1: np.diagonal(a, min(offset, a.shape[dim2]), dim1, dim2),
    wrong=[(call(whole, 0, 1, 1), (RuntimeError, ValueError), ("diagonal", "1"))],
)
op(
    "unfold",
    views(call(t(7), 0, 3, 2), call(t(2, 5), 1, 2, 1), call(t(5, 2), -2, 5, 1), call(t(4), 0, 0, 1)),
    lambda a, d, size, step: np.moveaxis(
        np.stack(
            [np.take(a, range(i, i + size), d) for i in range(0, a.shape[d] - size + 1, step)], d % a.ndim
        ),
        d % a.ndim + 1,
        -1,
    ),
    wrong=[
        (call(tn.ones(3), 0, 4, 1), RuntimeError, ("unfold", "4", "3")),
        (call(tn.ones(3), 0, 1, 0), RuntimeError, ("unfold", "step")),
    ],
)
op(
    "as_strided",
    views(
        call(t(12), (3, 2), (4, 1)),
        call(t(12), (3, 3), (1, 2), 2),
        call(t(12), (2, 2), (0, 1)),
        call(t(12), (), ()),
        call(t(12), (0, 2), (1, 1)),
    ),
    lambda a, size, stride, offset=0: np.lib.stride_tricks.as_strided(
        a[offset:], size, [s * a.itemsize for s in stride]
    ),
    layouts=("contiguous",),
    wrong=[
        (call(tn.ones(4), (3, 2), (2, 1)), (RuntimeError, ValueError), ("as_strided", "storage")),
        (call(tn.ones(4), (2,), (-1,)), (RuntimeError, ValueError), ("as_strided", "Negative", "-1")),
        (call(tn.ones(4), (2, 2), (1,)), (RuntimeError, ValueError), ("as_strided",)),
    ],
)
complexes = samples((tn.float32,), call(t(3, 4, dtype=tn.complex64)), call(t(dtype=tn.complex64)))
op(
    "view_as_real",
    complexes,
    lambda a: np.stack([a.real, a.imag], -1),
    result=tn.float32,
    gradient=False,
    wrong=[(call(whole), RuntimeError, ("complex",))],
)
op(
    "view_as_complex",
    samples(floats, call(t(3, 2)), call(t(2))),
    lambda a: a[..., 0] + 1j * a[..., 1],
    result=lambda built, common: tn.complex64 if common == tn.float32 else tn.complex128,
    layouts=("contiguous", "offset"),
    gradient=False,
    wrong=[(call(whole), (RuntimeError, ValueError), ("view_as_complex", "3"))],
)

# ---- lists ----

op(
    "unbind",
    views(call(t(3, 4)), call(t(3, 4), -1), call(t(2, 0))),
    lambda a, dim=0: [np.take(a, i, dim) for i in range(a.shape[dim])],
)


def cuts(a, sizes, dim):
    return np.split(a, np.cumsum(sizes)[:-1], dim)


op(
    "split",
    views(call(t(7, 2), 3), call(t(2, 6), 2, 1), call(t(3), 5), call(t(0), 2)),
    lambda a, n, dim=0: cuts(
        a, [n] * (a.shape[dim] // n) + [a.shape[dim] % n] * bool(a.shape[dim] % n) or [0], dim
    ),
    wrong=[(call(whole, -1), (RuntimeError, ValueError), ("split", "-1"))],
)
op(
    "split.sections",
    views(call(t(7, 2), [3, 0, 4]), call(t(2, 6), (1, 5), -1)),
    lambda a, sizes, dim=0: cuts(a, sizes, dim),
    wrong=[(call(whole, [1, 2]), (RuntimeError, ValueError), ("split", "2", "(1, 2)"))],
)
op(
    "chunk",
    views(call(t(7, 2), 3), call(t(2, 6), 4, 1), call(t(2), 5)),
    lambda a, n, dim=0: cuts(
        a,
        [min(-(-a.shape[dim] // n), a.shape[dim] - i) for i in range(0, a.shape[dim], -(-a.shape[dim] // n))],
        dim,
    ),
    wrong=[(call(whole, 0), (RuntimeError, ValueError), ("chunk", "0"))],
)
op(
    "tensor_split",
    views(call(t(7, 2), 3), call(t(2, 3), 5, 1)),
    np.array_split,
    wrong=[(call(whole, 0), (RuntimeError, ValueError), ("tensor_split", "0"))],
)
op(
    "tensor_split.indices",
    views(call(t(7, 2), (2, 5)), call(t(2, 6), [1, 4], -1), call(t(5), (3, 1, 9))),
    lambda a, at, dim=0: np.array_split(a, at, dim),
)
