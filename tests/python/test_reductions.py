"""Reductions, scans and sorting against NumPy: layouts, dims, NaN, empty inputs, errors and gradients."""

import itertools

import numpy as np
import pytest

import tenon as tn

RNG = np.random.default_rng(0)
FLOATS = ["float32", "float64"]
DTYPES = [*FLOATS, "int64", "int32", "int8", "uint8", "bool"]
SHAPES = [(), (1,), (5,), (3, 4), (2, 3, 4), (70, 33, 5), (3, 70000), (70000, 3), (2, 0, 3)]


def values(shape, dtype):
    if dtype == "bool":
        return np.asarray(RNG.random(shape) > 0.5)
    return np.asarray((RNG.standard_normal(shape) * 3).astype(dtype))


def layouts(a):
    """The tensor and its array, laid out in several ways."""
    x = tn.tensor(a)
    yield x, a
    if a.ndim >= 2:
        yield x.transpose(0, -1), a.swapaxes(0, -1)
    if a.ndim >= 1 and a.shape[-1] > 1:
        yield x[..., ::2], a[..., ::2]
    if a.ndim and a.size < 1000:
        yield x.unsqueeze(0).expand(3, *a.shape), np.broadcast_to(a, (3, *a.shape))


def dims_of(a):
    yield None
    for count in range(1, a.ndim + 1):
        yield from itertools.combinations(range(a.ndim), count)


def same(got, want, tolerance=0.0):
    got = got.numpy()
    assert got.shape == np.shape(want)
    if tolerance:
        np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance)
    else:
        np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_sums_and_extremes(shape, dtype):
    # Float sums of up to 210000 elements: NumPy's own error is what the tolerance allows.
    tolerance = {"float32": 1e-3, "float64": 1e-11}.get(dtype, 0)
    wide = None if dtype in FLOATS else "int64"
    for x, a in layouts(values(shape, dtype)):
        for dim, keep in itertools.product(dims_of(a), (False, True)):
            options = {"dim": dim, "keepdim": keep}
            axis = {"axis": dim, "keepdims": keep}
            same(x.sum(**options), a.sum(dtype=wide, **axis), tolerance)
            same(x.all(**options), a.all(**axis))
            same(x.any(**options), a.any(**axis))
            if a.size:
                same(x.amax(dim=dim or (), keepdim=keep), a.max(**axis))
                same(x.amin(dim=dim or (), keepdim=keep), a.min(**axis))
            if a.size and dtype in FLOATS:
                same(x.mean(**options), a.mean(**axis), tolerance)
        same(tn.count_nonzero(x), np.count_nonzero(a))


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("shape", [(5,), (3, 4), (70, 33, 5), (70000, 3)])
def test_moments_and_norms(shape, dtype):
    tolerance = {"float32": 1e-5, "float64": 1e-11}[dtype]
    for x, a in layouts(values(shape, dtype) + 100):
        exact = a.astype("float64")
        for dim in dims_of(a):
            if np.prod([a.shape[d] for d in dim or range(a.ndim)]) < 2:
                continue
            same(x.var(dim), exact.var(axis=dim, ddof=1), tolerance)
            same(x.std(dim, correction=0), exact.std(axis=dim), tolerance)
            for p in (0, 1, 2, 3.5, np.inf, -np.inf):
                size = np.abs(exact)
                if p == 0:
                    want = (size != 0).sum(axis=dim)
                elif np.isinf(p):
                    want = size.max(axis=dim) if p > 0 else size.min(axis=dim)
                else:
                    want = (size**p).sum(axis=dim) ** (1 / p)
                np.testing.assert_allclose(tn.norm(x, p, dim).numpy(), want, rtol=tolerance)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(5,), (3, 4), (70, 33, 5), (3, 2000), (2000, 3)])
def test_along_a_dim(shape, dtype):
    wide = "float64" if dtype in FLOATS else "int64"
    tolerance = {"float32": 1e-5, "float64": 1e-11}.get(dtype, 0)
    for x, a in layouts(values(shape, dtype)):
        for dim in range(a.ndim):
            same(x.argmax(dim), a.argmax(axis=dim))
            same(x.argmin(dim, keepdim=True), a.argmin(axis=dim, keepdims=True))
            high = x.max(dim)
            same(high.values, a.max(axis=dim))
            same(high.indices, a.argmax(axis=dim))
            same(x.cumsum(dim), a.astype(wide).cumsum(axis=dim), 10 * tolerance)
            running = x.cummax(dim)
            same(running.values, np.maximum.accumulate(a, axis=dim))
            same(tn.gather(x, dim, running.indices), running.values.numpy())
            if dtype in FLOATS:
                same(x.logcumsumexp(dim), np.logaddexp.accumulate(a.astype(wide), axis=dim), tolerance)
                same(x.logsumexp(dim), np.logaddexp.reduce(a.astype(wide), axis=dim), tolerance)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(5,), (3, 7), (2, 5000), (5000, 3), (4, 0)])
def test_sort_and_topk(shape, dtype):
    a = values(shape, dtype)
    if dtype in FLOATS and a.size > 3:
        a.flat[:3] = [-0.0, 0.0, np.nan]
    for x, a in layouts(a):  # noqa: PLW2901, B020
        for dim in range(a.ndim):
            ordered, places = x.sort(dim, stable=True)
            same(ordered, np.sort(a, dim, kind="stable"))
            same(places, np.argsort(a, dim, kind="stable"))
            down = x.sort(dim, descending=True)
            falling = np.flip(np.sort(a, dim, kind="stable"), dim)
            same(down.values, falling)
            same(tn.gather(x, dim, down.indices), falling)
            k = a.shape[dim] // 2
            same(x.topk(k, dim).values, falling.take(range(k), dim))
            same(x.topk(k, dim, largest=False).values, np.sort(a, dim).take(range(k), dim))


def test_search():
    rows, wanted = np.sort(RNG.standard_normal((3, 10)), 1), RNG.standard_normal((3, 6))
    for side in ("left", "right"):
        want = np.stack([np.searchsorted(r, w, side=side) for r, w in zip(rows, wanted, strict=True)])
        same(tn.searchsorted(tn.tensor(rows), tn.tensor(wanted), side=side), want)
    assert tn.searchsorted(tn.tensor([1, 3, 5]), 2.5).item() == 1
    assert tn.bucketize(tn.tensor([3, 6, 9]), tn.tensor([1, 3, 5, 7, 9]), right=True).tolist() == [2, 3, 5]
    assert tn.bincount(tn.tensor([1, 2, 2]), minlength=4).tolist() == [0, 1, 2, 0]
    assert tn.bincount(tn.tensor([0, 2, 2]), tn.tensor([1.0, 2.0, 3.0])).tolist() == [1, 0, 5]


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_sums_in_float(dtype):
    x = tn.ones(5000).to(getattr(tn, dtype))  # adding one by one would stop at 2048 and at 256
    assert x.sum().item() == pytest.approx(5000, rel=4e-3)
    assert x.mean().item() == 1
    assert x.sum(dtype=tn.float32).item() == 5000


def test_nan_and_infinity():
    x = tn.tensor([[1.0, np.nan, 3.0], [np.inf, 2.0, -np.inf]])
    assert np.isnan(x.sum().item())
    assert x.nansum(1)[0].item() == 4
    assert np.isnan(x.amax(1)[0].item())
    assert x.argmax(1).tolist() == [1, 0]
    assert x.amin(1)[1].item() == -np.inf
    assert x.cummax(1).indices.tolist() == [[0, 1, 1], [0, 0, 0]]
    assert tn.tensor([np.inf] * 5000).sum().item() == np.inf
    assert tn.tensor([-np.inf, -np.inf]).logsumexp(0).item() == -np.inf
    assert tn.tensor([3e38, 3e38, -3e38]).sum().item() == pytest.approx(3e38)  # no overflow on the way


ERRORS = [
    (lambda: tn.zeros(3, 0).max(1), IndexError, "non-zero size"),
    (lambda: tn.zeros(0).max(), IndexError, "numel"),
    (lambda: tn.zeros(0).argmax(), IndexError, "numel"),
    (lambda: tn.zeros(2).sum(1), IndexError, "out of range"),
    (lambda: tn.arange(3).mean(), RuntimeError, "dtype"),
    (lambda: tn.arange(3).var(), RuntimeError, "floating"),
    (lambda: tn.zeros(3).topk(4), Exception, "k is 4"),
    (lambda: tn.searchsorted(tn.tensor([1, 3]), 1, side="up"), Exception, "'left' or 'right'"),
    (lambda: tn.searchsorted(tn.tensor([1, 3]), 1, side="left", right=True), Exception, "contradict"),
    (lambda: tn.searchsorted(tn.zeros(2, 3), tn.zeros(3, 3)), RuntimeError, "sizes of input"),
    (lambda: tn.searchsorted(tn.tensor([1, 3]), tn.tensor([1.0])), RuntimeError, "one dtype"),
    (lambda: tn.bincount(tn.tensor([-1])), Exception, "negative"),
    (lambda: tn.zeros(3).cumsum(2), IndexError, "out of range"),
]


@pytest.mark.parametrize(("call", "kind", "text"), ERRORS)
def test_errors(call, kind, text):
    with pytest.raises(kind, match=text):
        call()


GRADIENTS = {
    "sum": lambda x: x.sum(0),
    "mean": lambda x: x.mean((0, 1), True),
    "nansum": lambda x: x.nansum(),
    "prod": lambda x: x.prod(),
    "prod_dim": lambda x: x.prod(1),
    "max": lambda x: x.max(),
    "max_dim": lambda x: x.max(1)[0],
    "min_dim": lambda x: x.min(0, True)[0],
    "amax": lambda x: x.amax(1),
    "amin": lambda x: x.amin((0, 1)),
    "var": lambda x: x.var(1),
    "std": lambda x: x.std(0),
    "norm0": lambda x: tn.norm(x, 0),
    "norm1": lambda x: tn.norm(x, 1, 1),
    "norm2": lambda x: tn.norm(x),
    "norm3": lambda x: tn.norm(x, 3, 1),
    "norm_inf": lambda x: tn.norm(x, float("inf"), 1),
    "cumsum": lambda x: x.cumsum(0),
    "cumprod": lambda x: x.cumprod(1),
    "logcumsumexp": lambda x: x.logcumsumexp(1),
    "cummax": lambda x: x.cummax(1)[0],
    "cummin": lambda x: x.cummin(0)[0],
    "logsumexp": lambda x: x.logsumexp(1),
    "sort": lambda x: x.sort(1, descending=True)[0],
    "topk": lambda x: x.topk(2, 0)[0],
    "kthvalue": lambda x: tn.kthvalue(x, 2, 1)[0],
}


def gradient_of(f, a, weights):
    x = tn.tensor(a, requires_grad=True)
    return tn.autograd.grad((f(x) * tn.tensor(weights)).sum(), [x])[0].numpy()


def second_gradient(f, a, weights, direction):
    x = tn.tensor(a, requires_grad=True)
    (first,) = tn.autograd.grad((f(x) * tn.tensor(weights)).sum(), [x], create_graph=True)
    if not first.requires_grad:
        return np.zeros_like(a)
    (second,) = tn.autograd.grad((first * tn.tensor(direction)).sum(), [x], allow_unused=True)
    return np.zeros_like(a) if second is None else second.numpy()


def differences(f, a, step=1e-6):
    out = np.zeros_like(a)
    for i in np.ndindex(a.shape):
        up, down = a.copy(), a.copy()
        up[i] += step
        down[i] -= step
        out[i] = (f(up) - f(down)) / (2 * step)
    return out


@pytest.mark.parametrize("name", GRADIENTS)
@pytest.mark.parametrize("zeros", [False, True])
def test_gradients(name, zeros):
    f, a = GRADIENTS[name], RNG.standard_normal((3, 4))
    if zeros:
        if name not in ("prod", "prod_dim", "cumprod", "cumsum"):
            return
        a[0, 1] = a[1, 0] = a[1, 2] = 0
    weights = RNG.standard_normal(tuple(f(tn.tensor(a)).shape))
    direction = RNG.standard_normal(a.shape)
    first = differences(lambda b: float((f(tn.tensor(b)).numpy() * weights).sum()), a)
    np.testing.assert_allclose(gradient_of(f, a, weights), first, atol=1e-7)
    second = differences(lambda b: float((gradient_of(f, b, weights) * direction).sum()), a)
    np.testing.assert_allclose(second_gradient(f, a, weights, direction), second, atol=1e-6)


def test_ties_and_zero_norms():
    def gradient(f, data):
        x = tn.tensor(data, requires_grad=True)
        f(x).backward()
        return x.grad.tolist()

    assert gradient(lambda x: x.max(), [1.0, 3.0, 3.0]) == [0, 0.5, 0.5]
    assert gradient(lambda x: x.amin(0), [1.0, 1.0, 3.0]) == [0.5, 0.5, 0]
    assert gradient(lambda x: x.max(0)[0], [1.0, 3.0, 3.0]) == [0, 1, 0]
    assert gradient(lambda x: tn.norm(x), [0.0, 0.0]) == [0, 0]
    assert gradient(lambda x: tn.norm(x, 3), [0.0, 0.0]) == [0, 0]
    assert gradient(lambda x: x.std(), [2.0, 2.0]) == [0, 0]
