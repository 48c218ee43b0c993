"""Norms of vectors and matrices."""

from __future__ import annotations

from tenon import _tenon
from tenon._tenon import Tensor

__all__ = ["matmul", "matrix_norm", "multi_dot", "norm", "vector_norm"]

matmul = _tenon.matmul
vector_norm = _tenon.linalg_vector_norm


def matrix_norm(A: Tensor, ord="fro", dim=(-2, -1), keepdim: bool = False, *, dtype=None, out=None) -> Tensor:
    """The norm of matrices: ``ord`` is 'fro', or the largest (1, inf) or smallest (-1, -inf) sum of magnitudes
    over columns (1, -1) or rows (inf, -inf)."""
    if len(dim) != 2:
        raise ValueError(f"linalg.matrix_norm: dim must name two dimensions; it is {dim}")
    rows, columns = (d % A.dim() for d in dim)
    if rows == columns:
        raise ValueError(f"linalg.matrix_norm: the two dimensions must differ; dim is {dim}")
    if ord == "fro":
        result = vector_norm(A, 2, (rows, columns), keepdim, dtype=dtype)
    elif ord in (1, -1, float("inf"), -float("inf")):
        summed, rest = (rows, columns) if abs(ord) == 1 else (columns, rows)
        sums = vector_norm(A, 1, summed, True, dtype=dtype)
        result = sums.amax(rest, True) if ord > 0 else sums.amin(rest, True)
        if not keepdim:
            result = result.squeeze(max(rows, columns)).squeeze(min(rows, columns))
    else:
        raise ValueError(
            f"linalg.matrix_norm: ord={ord!r} is not supported; it may be 'fro', 1, -1, inf or -inf "
            "(2, -2 and 'nuc' need singular values)"
        )
    return result if out is None else out.copy_(result)


def norm(A: Tensor, ord=None, dim=None, keepdim: bool = False, *, out=None, dtype=None) -> Tensor:
    """The norm of a vector or matrix: of all elements when neither ``ord`` nor ``dim`` says otherwise."""
    options = {} if out is None else {"out": out}
    if isinstance(ord, str) or (ord is not None and (A.dim() if dim is None else _count(dim)) == 2):
        return matrix_norm(A, ord, (-2, -1) if dim is None else dim, keepdim, dtype=dtype, **options)
    return vector_norm(A, 2 if ord is None else ord, dim, keepdim, dtype=dtype, **options)


def _count(dim) -> int:
    return 1 if isinstance(dim, int) else len(dim)


def multi_dot(tensors, *, out=None) -> Tensor:
    """The product of several matrices, in the order that takes the fewest multiplications."""
    items = list(tensors)
    if len(items) < 2:
        raise ValueError(f"linalg.multi_dot: expects at least 2 tensors but got {len(items)}")
    first_vector, last_vector = items[0].dim() == 1, items[-1].dim() == 1
    if first_vector:
        items[0] = items[0].unsqueeze(0)
    if last_vector:
        items[-1] = items[-1].unsqueeze(1)
    sizes = [items[0].shape[0], *(t.shape[1] for t in items)]
    n = len(items)
    cost = [[0] * n for _ in range(n)]
    split = [[0] * n for _ in range(n)]
    for length in range(1, n):
        for i in range(n - length):
            j = i + length
            cost[i][j], split[i][j] = min(
                (cost[i][k] + cost[k + 1][j] + sizes[i] * sizes[k + 1] * sizes[j + 1], k) for k in range(i, j)
            )

    def product(i: int, j: int) -> Tensor:
        if i == j:
            return items[i]
        k = split[i][j]
        return product(i, k) @ product(k + 1, j)

    result = product(0, n - 1)
    if last_vector:
        result = result.squeeze(-1)
    if first_vector:
        result = result.squeeze(0)
    return result if out is None else out.copy_(result)
