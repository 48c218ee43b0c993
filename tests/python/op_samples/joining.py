"""Samples of tenon/ops/joining.h."""

import numpy as np
import scipy.linalg
from op_suite.declare import T, all_types, call, floats, numbers, op, samples, t

import tenon as tn

whole = tn.ones(2, 3)
empty_list = (call([]), (RuntimeError, ValueError), ("empty",))


def moved(*calls):
    return samples(all_types, *calls)


cats = moved(
    call([t(2, 3), t(4, 3)]), call([t(2, 3), t(2, 1)], 1), call([t(2, 3), t(2, 3)], dim=-1), call([t(3)]),
    call([t(0, 3), t(2, 3)]), call((t(3), t(2), t(67))), call([t(2), t(2, dtype=tn.float64)]), call([t(2), t(3, dtype=tn.int32)]),
)  # fmt: skip
for name in ("cat", "concat", "concatenate"):
    op(
        name, cats, lambda a, dim=0: np.concatenate(a, dim),
        wrong=[
            (call([tn.ones(2, 3), tn.ones(2, 4)]), (RuntimeError, ValueError), ("cat", "3", "4")),
            (call([tn.ones(2), tn.ones(2, 1)]), (RuntimeError, ValueError), ("cat", "(2,)", "(2, 1)")),
            (call([tn.ones(2), 3]), TypeError, ("tensors",)),
            empty_list,
        ],
    )  # fmt: skip
op(
    "stack",
    moved(
        call([t(2, 3), t(2, 3)]),
        call([t(2, 3)] * 3, 1),
        call([t(2, 3), t(2, 3)], -1),
        call([t(), t()]),
        call([t(0), t(0)]),
    ),
    lambda a, dim=0: np.stack(a, dim),
    wrong=[
        (call([tn.ones(2), tn.ones(3)]), (RuntimeError, ValueError), ("stack", "(2,)", "(3,)")),
        empty_list,
    ],
)
for name, function in {
    "hstack": np.hstack,
    "vstack": np.vstack,
    "row_stack": np.vstack,
    "dstack": np.dstack,
}.items():
    op(name, moved(call([t(2, 3), t(2, 3)]), call([t(3), t(3)]), call([t(), t()])), function)
op("column_stack", moved(call([t(3), t(3, 2)]), call([t(2, 2), t(2, 1)])), np.column_stack)
for n, function in {1: np.atleast_1d, 2: np.atleast_2d, 3: np.atleast_3d}.items():
    op(f"atleast_{n}d", moved(call(t()), call(t(3)), call(t(2, 3)), call(t(2, 3, 4))), function)
op(
    "meshgrid",
    moved(call([t(2), t(3)]), call([t(2), t(3)], indexing="xy"), call([t(2), t(), t(4)], indexing="ij")),
    lambda a, indexing="ij": list(np.meshgrid(*a, indexing=indexing)),
    wrong=[(call([tn.ones(2)], indexing="up"), (RuntimeError, ValueError), ("up", "ij"))],
)
op("broadcast_tensors", moved(call([t(2, 1), t(3)]), call([t()])), lambda a: list(np.broadcast_arrays(*a)))

# ---- repetition ----


def tile(a, *n):
    return np.tile(a, n[0] if isinstance(n[0], tuple) else n)


op(
    "repeat",
    moved(call(t(2, 3), 2, 1), call(t(2), (3, 2)), call(t(), 2), call(t(2, 3), 0, 2), call(t(0), 2)),
    tile,
    wrong=[
        (call(whole, 2), (RuntimeError, ValueError), ("repeat",)),
        (call(tn.ones(2), -1), (RuntimeError, ValueError), ("repeat", "-1")),
    ],
)
op("tile", moved(call(t(2, 3), 2, 1), call(t(2, 3), 2), call(t(2), (3, 2))), tile)
op(
    "repeat_interleave",
    moved(call(t(2, 3), 2), call(t(2, 3), 2, 1), call(t(2, 3), 3, dim=0), call(t(4), 0)),
    lambda a, n, dim=None: np.repeat(a, n, dim),
    wrong=[(call(whole, -1), (RuntimeError, ValueError), ("repeat_interleave", "-1"))],
)


def counts(*shape):
    return T(shape, tn.int64, lambda rng, s, _: rng.integers(0, 4, s))


op(
    "repeat_interleave.tensor",
    moved(call(t(2, 3), counts(3), 1), call(t(4), counts(4)), call(t(2, 3), counts(6))),
    lambda a, n, dim=None: np.repeat(a, n, dim),
    result="first",
    meta=False,
    wrong=[
        (call(tn.ones(3), tn.tensor([1, -1, 2]), 0), (RuntimeError, ValueError), ("repeat", "-1")),
        (call(tn.ones(3), tn.tensor([1, 2]), 0), (RuntimeError, ValueError), ("repeat_interleave", "3", "2")),
    ],
)

# ---- order ----


def roll(a, shifts, dims=()):
    return np.roll(a, shifts, dims or None)


op(
    "roll",
    moved(call(t(3, 4), 1), call(t(3, 4), -2, 1), call(t(3, 4), (1, 6), (0, 1)), call(t(0), 1, 0)),
    roll,
    wrong=[(call(whole, (1, 2), 0), (RuntimeError, ValueError), ("roll",))],
)
op(
    "flip",
    moved(call(t(3, 4), 0), call(t(3, 4), (0, 1)), call(t(2, 3, 4), 0, -1), call(t(2, 0), 0)),
    lambda a, *d: np.flip(a, d[0] if isinstance(d[0], tuple) else d),
    wrong=[(call(whole, 0, 0), (RuntimeError, ValueError), ("flip", "0"))],
)
op(
    "fliplr",
    moved(call(t(3, 4))),
    np.fliplr,
    wrong=[(call(tn.ones(2)), (RuntimeError, ValueError), ("fliplr",))],
)
op("flipud", moved(call(t(3, 4)), call(t(3))), np.flipud)
op(
    "rot90",
    moved(*(call(t(2, 3), k) for k in (-1, 0, 1, 2, 3)), call(t(2, 3, 4), 1, (1, 2))),
    lambda a, k=1, d=(0, 1): np.rot90(a, k, d),
)

# ---- triangles and diagonals ----

triangles = moved(
    *(call(t(3, 4), k) for k in (-2, 0, 1, 9)), call(t(2, 3, 3)), call(t(0, 3)), call(t(17, 19), diagonal=-3)
)
for name, function in {"tril": np.tril, "triu": np.triu}.items():
    op(
        name,
        triangles,
        lambda a, diagonal=0, f=function: f(a, diagonal),
        wrong=[(call(tn.ones(3)), (RuntimeError, ValueError), (name, "2"))],
    )
op(
    "diag",
    moved(call(t(3)), call(t(3), 1), call(t(3, 4)), call(t(3, 4), -1)),
    lambda a, diagonal=0: np.diag(a, diagonal),
    wrong=[(call(tn.ones(1, 1, 1)), (RuntimeError, ValueError), ("diag", "3"))],
)


def diag_embed(a, offset=0, dim1=-2, dim2=-1):
    n = a.shape[-1] + abs(offset)
    out = np.zeros((*a.shape[:-1], n, n), a.dtype)
    at = np.arange(a.shape[-1])
    out[..., at + max(-offset, 0), at + max(offset, 0)] = a
    return np.moveaxis(out, (-2, -1), (dim1, dim2))


op("diag_embed", moved(call(t(3)), call(t(2, 3), 1), call(t(2, 3), -1, 0, 2), call(t(0))), diag_embed)
op("diagflat", moved(call(t(3)), call(t(2, 3), 1), call(t(), -1)), lambda a, offset=0: np.diagflat(a, offset))
op(
    "block_diag",
    moved(call([t(2, 3), t(), t(2)]), call([t(1, 1), t(3, 2)])),
    lambda a: scipy.linalg.block_diag(*a),
)

# ---- padding ----


def pairs(a, pad):
    widths = [(0, 0)] * a.ndim
    for i in range(len(pad) // 2):
        widths[a.ndim - 1 - i] = (pad[2 * i], pad[2 * i + 1])
    return widths


def constant_pad(a, pad, value=0):
    widths = pairs(a, pad)
    cut = tuple(slice(max(0, -b), n - max(0, -e)) for n, (b, e) in zip(a.shape, widths, strict=True))
    return np.pad(a[cut], [(max(0, b), max(0, e)) for b, e in widths], constant_values=value)


op(
    "constant_pad_nd",
    samples(
        numbers,
        call(t(3, 4), (1, 2)),
        call(t(3, 4), (1, 0, 2, 1), 1.0),
        call(t(3, 4), (-1, 2)),
        call(t(3, 4), (0, -2, -1, 0), 5),
        call(t(0, 2), (1, 1, 2, 0)),
    ),
    constant_pad,
    wrong=[
        (call(whole, (1,)), (RuntimeError, ValueError), ("pad", "1")),
        (call(whole, (-2, -2)), (RuntimeError, ValueError), ("pad",)),
    ],
)
MODES = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}
op(
    "pad",
    samples(
        floats, call(t(2, 3, 4), (1, 2)), call(t(2, 3, 4), (1, 1), "constant", 2.0), call(t(2, 3, 4), (1, 2), "reflect"), call(t(2, 3, 4), (1, 2), mode="replicate"),
        call(t(2, 3, 4), (3, 2), mode="circular"), call(t(1, 2, 3, 4), (1, 2, 2, 0), "reflect"), call(t(1, 2, 3, 4), (1, 2, 2, 0), "replicate"), call(t(1, 2, 3, 4), (1, 2, 2, 0), "circular"),
    ),
    lambda a, pad, mode="constant", value=0.0: constant_pad(a, pad, value) if mode == "constant" else np.pad(a, pairs(a, pad), MODES[mode]),
    wrong=[
        (call(whole, (1, 1), "mirror"), (RuntimeError, ValueError, NotImplementedError), ("pad", "mirror")),
        (call(tn.ones(1, 1, 3), (3, 0), "reflect"), (RuntimeError, ValueError), ("pad", "3")),
    ],
)  # fmt: skip

# ---- a part replaced ----


def replaced(view):
    def reference(a, b, *args, **kwargs):
        out = a.copy()
        view(out, *args, **kwargs)[...] = b
        return out

    return reference


op(
    "select_scatter",
    moved(call(t(3, 4), t(4), 0, 1), call(t(3, 4), t(3), 1, -1)),
    replaced(lambda a, d, i: np.moveaxis(a, d, 0)[i]),
    wrong=[(call(whole, tn.ones(4), 0, 0), (RuntimeError, ValueError), ("(4,)",))],
)
op(
    "slice_scatter",
    moved(call(t(5, 4), t(2, 4), 0, 1, 3), call(t(5, 4), t(5, 2), 1, 0, 4, 2), call(t(3), t(3))),
    replaced(lambda a, d=0, s=None, e=None, step=1: np.moveaxis(np.moveaxis(a, d, 0)[s:e:step], 0, d)),
)


def diagonal_of(a, offset=0, dim1=0, dim2=1):
    view = np.diagonal(a, offset, dim1, dim2)
    view.flags.writeable = True
    return view


op(
    "diagonal_scatter",
    moved(call(t(3, 4), t(3)), call(t(3, 4), t(3), 1), call(t(2, 3, 3), t(2, 3), 0, 1, 2)),
    replaced(diagonal_of),
)
