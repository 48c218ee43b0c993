"""Functions that are no ops: questions whose answer is a Python value, and settings."""

from __future__ import annotations

from tenon import _tenon
from tenon._decorate import overridable
from tenon._tenon import Tensor


@overridable
def is_floating_point(input: Tensor) -> bool:
    """Whether the dtype is floating."""
    return input.is_floating_point()


@overridable
def is_complex(input: Tensor) -> bool:
    """Whether the dtype is complex."""
    return input.is_complex()


@overridable
def is_nonzero(input: Tensor) -> bool:
    """Whether the one element of a tensor is not zero."""
    if input.numel() != 1:
        kind = "no values" if input.numel() == 0 else "more than one value"
        raise RuntimeError(f"Boolean value of Tensor with {kind} is ambiguous")
    return bool(input)


@overridable
def numel(input: Tensor) -> int:
    """The number of elements."""
    return input.numel()


@overridable
def equal(input: Tensor, other: Tensor) -> bool:
    """Whether two tensors have the same shape and the same elements; a NaN equals nothing."""
    if input.shape != other.shape:
        return False
    with _tenon.no_grad():
        return bool(_tenon.eq(input, other).all())


@overridable
def isclose(
    input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> Tensor:
    """Where ``|input - other| <= atol + rtol * |other|``; infinities are close to themselves."""
    if rtol < 0 or atol < 0:
        raise RuntimeError(f"isclose: rtol and atol must not be negative; they are {rtol} and {atol}")
    with _tenon.no_grad():
        same = input == other
        if equal_nan and (input.is_floating_point() or input.is_complex()):
            same = same | (input.isnan() & other.isnan())
        if rtol == 0 and atol == 0:
            return same
        near = (input - other).abs() <= atol + (rtol * other).abs()
        # An infinite bound is no bound.
        return same | (near & (input - other).abs().isfinite())


@overridable
def allclose(
    input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> bool:
    """Whether all elements are close, as :func:`isclose` says."""
    return bool(isclose(input, other, rtol, atol, equal_nan).all())


_nonzero = _tenon.nonzero


@overridable
def nonzero(input: Tensor, *, as_tuple: bool = False):
    """Where the elements are not zero: one row per element, or with ``as_tuple`` one tensor per dimension."""
    return _tenon.where(input != 0) if as_tuple else _nonzero(input)


_tensordot, _einsum = _tenon.tensordot, _tenon.einsum


@overridable
def tensordot(a: Tensor, b: Tensor, dims=2, out: Tensor | None = None) -> Tensor:
    """Sums of products over the last ``dims`` dimensions of a and the first of b, or over pairs of dimensions:
    ``dims=([1, 0], [0, 1])``."""
    if isinstance(dims, Tensor):
        dims = dims.tolist()
    if isinstance(dims, int):
        return _tensordot(a, b, dims, out=out)
    over = [(d,) if isinstance(d, int) else tuple(d) for d in dims]
    if len(over) != 2:
        raise ValueError(
            f"tensordot: dims is {dims!r}; it must be a number, or a pair of lists: one for a, one for b"
        )
    return _tensordot(a, b, *over, out=out)


_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@overridable
def einsum(*args) -> Tensor:
    """``einsum("ij,jk->ik", a, b)``, or with lists of numbers for letters: ``einsum(a, [0, 1], b, [1, 2], [0, 2])``."""
    if not args or isinstance(args[0], str):
        return _einsum(*args)

    def spelled(labels) -> str:
        try:
            return "".join("..." if label is Ellipsis else _LETTERS[label] for label in labels)
        except (IndexError, TypeError):
            raise ValueError(f"einsum: {labels!r} must be a list of numbers from 0 to 51 and '...'") from None

    pairs = len(args) // 2
    equation = ",".join(spelled(labels) for labels in args[1 : 2 * pairs : 2])
    if len(args) % 2:
        equation += "->" + spelled(args[-1])
    return _einsum(equation, *args[: 2 * pairs : 2])


def broadcast_shapes(*shapes):
    """The shape that tensors of these shapes broadcast to. Raises when they do not."""
    probes = [_tenon.empty((s,) if isinstance(s, int) else s, device="meta") for s in shapes]
    return _tenon.broadcast_tensors(*probes)[0].shape if probes else _tenon.Size()


def result_type(tensor1, tensor2):
    """The dtype of an arithmetic op on two tensors or numbers."""
    if not isinstance(tensor1, Tensor) and not isinstance(tensor2, Tensor):
        return _tenon.promote_types(_tenon.tensor(tensor1).dtype, _tenon.tensor(tensor2).dtype)
    probes = [_meta(t) if isinstance(t, Tensor) else t for t in (tensor1, tensor2)]
    return _tenon.add(*(probes if isinstance(probes[0], Tensor) else probes[::-1])).dtype


def _meta(t: Tensor) -> Tensor:
    # Of the shape only the number of dimensions counts.
    return _tenon.empty((1,) * t.dim(), dtype=t.dtype, device="meta")


def _kind(dtype) -> int:
    if dtype is _tenon.bool:
        return 0
    return 3 if dtype.is_complex else 2 if dtype.is_floating_point else 1


def can_cast(from_, to) -> bool:
    """Whether promotion may turn a value of one dtype into the other: never down in kind."""
    return _kind(from_) <= _kind(to)


def typename(obj) -> str:
    """The type of an object, of a tensor with its dtype: ``tenon.FloatTensor``."""
    if isinstance(obj, Tensor):
        return obj.type()
    kind = obj if isinstance(obj, type) else type(obj)
    module = getattr(obj, "__module__", None) or kind.__module__
    name = getattr(obj, "__qualname__", None) or kind.__qualname__
    return name if module in ("builtins", "__builtin__") else f"{module}.{name}"


def set_default_tensor_type(t) -> None:
    """Sets the default dtype by the name or class of an older kind of tensor type."""
    import tenon

    kind = getattr(tenon, t.rpartition(".")[2]) if isinstance(t, str) else t
    _tenon.set_default_dtype(kind.dtype)


_matmul_precision = "highest"


def get_float32_matmul_precision() -> str:
    """What products of float32 matrices may be computed in."""
    return _matmul_precision


def set_float32_matmul_precision(precision: str) -> None:
    """Allows products of float32 matrices in lower precision; on the CPU they are exact all the same."""
    global _matmul_precision
    if precision not in ("highest", "high", "medium"):
        raise RuntimeError(
            f"set_float32_matmul_precision: '{precision}' must be 'highest', 'high' or 'medium'"
        )
    _matmul_precision = precision


def load_library(path) -> None:
    """Loads a shared library of ops; they are then functions of ``tenon.ops``."""
    from tenon import ops

    ops.load_library(path)


@overridable
def unique(
    input: Tensor, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False, dim=None
):
    """The distinct elements, in order; with ``dim`` the distinct slices along it.

    Also, where asked, where in them each element went (of the input's shape), and how often each occurs.
    """
    with _tenon.no_grad():
        input = input.detach()
        if dim is None:
            values, order = input.reshape(-1).sort(stable=True)
            starts = _starts(values)
            inverse_shape = input.shape
        else:
            slices = input.movedim(dim, 0)
            rows = slices.reshape(slices.shape[0], -1)
            order = _lexicographic_order(rows)
            values = slices[order]
            starts = _row_starts(rows[order])
            inverse_shape = None
        result = values[starts]
        if dim is not None:
            result = result.movedim(0, dim)
        if not return_inverse and not return_counts:
            return result
        parts = [result]
        if return_inverse:
            inverse = _tenon.empty_like(order)
            inverse[order] = starts.cumsum(0) - 1
            parts.append(inverse if inverse_shape is None else inverse.reshape(inverse_shape))
        if return_counts:
            parts.append(_counts(starts))
        return tuple(parts)


@overridable
def unique_consecutive(input: Tensor, return_inverse: bool = False, return_counts: bool = False, dim=None):
    """As :func:`unique`, but only elements that follow an equal one are left out."""
    with _tenon.no_grad():
        input = input.detach()
        if dim is None:
            values = input.reshape(-1)
            starts = _starts(values)
        else:
            values = input.movedim(dim, 0)
            starts = _row_starts(values.reshape(values.shape[0], -1))
        result = values[starts] if dim is None else values[starts].movedim(0, dim)
        parts = [result]
        if return_inverse:
            inverse = starts.cumsum(0) - 1
            parts.append(inverse.reshape(input.shape) if dim is None else inverse)
        if return_counts:
            parts.append(_counts(starts))
        return parts[0] if len(parts) == 1 else tuple(parts)


def _starts(values: Tensor) -> Tensor:
    starts = _tenon.ones(values.shape, dtype=_tenon.bool, device=values.device)
    if len(values) > 1:
        starts[1:] = values[1:] != values[:-1]
    return starts


def _row_starts(rows: Tensor) -> Tensor:
    starts = _tenon.ones(rows.shape[0], dtype=_tenon.bool, device=rows.device)
    if rows.shape[0] > 1:
        starts[1:] = (rows[1:] != rows[:-1]).any(1)
    return starts


def _lexicographic_order(rows: Tensor) -> Tensor:
    # Stable sorts from the last column to the first.
    order = _tenon.arange(rows.shape[0])
    for column in range(rows.shape[1] - 1, -1, -1):
        order = order[rows[:, column][order].sort(stable=True)[1]]
    return order


def _counts(starts: Tensor) -> Tensor:
    where = starts.nonzero().reshape(-1)
    ends = _tenon.cat([where[1:], _tenon.tensor([len(starts)])])
    return ends - where if len(where) else where
