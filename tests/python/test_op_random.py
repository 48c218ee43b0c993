"""Ops that draw: the same numbers for the same seed, and the moments of their distributions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import op_samples  # noqa: F401
import pytest
from op_suite.build import Built
from op_suite.declare import OPS

import tenon as tn

N = 40_000
DRAWN = [k for k, op in OPS.items() if op.test == "random"]


def run(key: str, number: int, **more: object) -> tn.Tensor:
    op = OPS[key]
    return Built(op, op.samples.calls[number], op.samples.dtypes[-1]).run(**more)


@pytest.mark.parametrize("key", DRAWN)
def test_the_seed_decides(key: str) -> None:
    for number in range(len(OPS[key].samples.calls)):
        tn.manual_seed(5)
        first = run(key, number)
        again = run(key, number)
        tn.manual_seed(5)
        assert tn.equal(first, run(key, number)), f"{key}: the same seed, other numbers"
        if first.numel() > 8 and first.dtype.is_floating_point and "bernoulli" not in key:
            assert not tn.equal(first, again), f"{key}: the generator stands still"


@pytest.mark.parametrize(
    "key", [k for k in DRAWN if any(p["type"] == "generator" for p in OPS[k].signature["parameters"])]
)
def test_a_generator_of_ones_own(key: str) -> None:
    tn.manual_seed(1)
    state = tn.get_rng_state()
    first = run(key, 0, generator=tn.Generator().manual_seed(7))
    second = run(key, 0, generator=tn.Generator().manual_seed(7))
    assert tn.equal(first, second)
    assert tn.equal(tn.get_rng_state(), state), f"{key}: the default generator has moved"


# What is drawn, and the mean and deviation that it must have.
MOMENTS: dict[str, tuple[Callable[[], tn.Tensor], float, float]] = {
    "rand": (lambda: tn.rand(N), 0.5, 12**-0.5),
    "randn": (lambda: tn.randn(N), 0, 1),
    "randn of float64": (lambda: tn.randn(N, dtype=tn.float64), 0, 1),
    "rand_like": (lambda: tn.rand_like(tn.empty(N)), 0.5, 12**-0.5),
    "randn_like": (lambda: tn.randn_like(tn.empty(N)), 0, 1),
    "randint": (lambda: tn.randint(10, (N,)), 4.5, (99 / 12) ** 0.5),
    "randint low": (lambda: tn.randint(-5, 5, (N,)), -0.5, (99 / 12) ** 0.5),
    "randint_like": (lambda: tn.randint_like(tn.empty(N), 10), 4.5, (99 / 12) ** 0.5),
    "randint_like low": (lambda: tn.randint_like(tn.empty(N), 2, 12), 6.5, (99 / 12) ** 0.5),
    "uniform_": (lambda: tn.empty(N).uniform_(-1, 3), 1, 4 * 12**-0.5),
    "normal_": (lambda: tn.empty(N).normal_(2, 3), 2, 3),
    "normal": (lambda: tn.normal(2.0, 3.0, (N,)), 2, 3),
    "normal of tensors": (lambda: tn.normal(tn.full((N,), 2.0), tn.full((N,), 3.0)), 2, 3),
    "exponential_": (lambda: tn.empty(N).exponential_(2), 0.5, 0.5),
    "bernoulli_": (lambda: tn.empty(N).bernoulli_(0.3), 0.3, 0.21**0.5),
    "bernoulli": (lambda: tn.bernoulli(tn.full((N,), 0.3)), 0.3, 0.21**0.5),
    "bernoulli p": (lambda: tn.bernoulli(tn.empty(N), 0.3), 0.3, 0.21**0.5),
    "random_ to": (lambda: tn.empty(N).random_(10), 4.5, (99 / 12) ** 0.5),
    "random_ from": (lambda: tn.empty(N).random_(2, 12), 6.5, (99 / 12) ** 0.5),
    "multinomial": (lambda: tn.multinomial(tn.tensor([1.0, 2.0, 1.0]), N, True), 1, 0.5**0.5),
    "strided": (lambda: tn.empty(N, 2)[:, 0].uniform_(), 0.5, 12**-0.5),
}


@pytest.mark.parametrize("name", MOMENTS)
def test_moments(name: str) -> None:
    draw, mean, deviation = MOMENTS[name]
    tn.manual_seed(3)
    values = draw().numpy().astype(np.float64)
    # Five standard errors: a wrong distribution is far outside, and the seed is fixed.
    assert abs(values.mean() - mean) < 5 * deviation / N**0.5
    assert abs(values.std() / deviation - 1) < 0.03
    neighbours = np.corrcoef(values[:-1], values[1:])[0, 1]
    assert abs(neighbours) < 5 / N**0.5


def test_permutations() -> None:
    tn.manual_seed(0)
    for n in (0, 1, 2, 1000):
        assert sorted(tn.randperm(n).tolist()) == list(range(n))
    firsts = [int(tn.randperm(4)[0]) for _ in range(400)]
    assert min(firsts.count(i) for i in range(4)) > 60


def test_ranges() -> None:
    tn.manual_seed(0)
    for values in (tn.rand(N), tn.rand(N, dtype=tn.float64), tn.empty(N).uniform_()):
        assert 0 <= float(values.numpy().min()) and float(values.numpy().max()) < 1
    assert set(tn.randint(3, 6, (1000,)).tolist()) == {3, 4, 5}
    assert set(tn.empty(100, dtype=tn.uint8).random_(0, 3).tolist()) == {0, 1, 2}
    assert tn.empty(N).exponential_().numpy().min() > 0


def test_multinomial_draws_by_weight_and_without_replacement() -> None:
    tn.manual_seed(0)
    rows = tn.multinomial(tn.tensor([[0.0, 1.0, 1.0, 0.0, 2.0]]).expand(200, 5), 3)
    assert rows.shape == (200, 3)
    assert all(sorted(row) == [1, 2, 4] for row in rows.tolist())


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_dropout(p: float) -> None:
    tn.manual_seed(2)
    x = tn.ones(N, requires_grad=True)
    y = tn.dropout(x, p)
    kept = y.detach().numpy() != 0
    assert abs(kept.mean() - (1 - p)) < 5 * (p * (1 - p) / N) ** 0.5
    assert np.allclose(y.detach().numpy()[kept], 1 / (1 - p))
    (gradient,) = tn.autograd.grad(y.sum(), x)
    assert tn.equal(gradient, y.detach()), "the gradient passes where the value did"


@pytest.mark.parametrize("n", [1, 2, 3])
def test_feature_dropout_drops_whole_channels(n: int) -> None:
    tn.manual_seed(2)
    y = getattr(tn._tenon, f"dropout{n}d")(tn.ones(40, 50, *(3,) * n), 0.5)
    channels = y.numpy().reshape(2000, -1)
    assert set(np.unique(channels)) == {0.0, 2.0}
    assert (channels == channels[:, :1]).all()
    assert 0.4 < (channels[:, 0] == 0).mean() < 0.6


def test_batch_norm_moves_its_running_statistics() -> None:
    x = tn.randn(64, 3, 5)
    mean, var = tn.zeros(3), tn.ones(3)
    tn.batch_norm(x, mean, var, None, None, True, 0.25)
    values = x.numpy()
    assert np.allclose(mean.numpy(), 0.25 * values.mean((0, 2)), atol=1e-6)
    assert np.allclose(var.numpy(), 0.75 + 0.25 * values.var((0, 2), ddof=1), atol=1e-5)


@pytest.mark.parametrize("key", [k for k, op in OPS.items() if op.test == "data"])
def test_uninitialised_memory_has_the_right_shape(key: str) -> None:
    op = OPS[key]
    for call in op.samples.calls:
        built = Built(op, call, op.samples.dtypes[-1])
        zeros = built.run(OPS[key.replace("empty", "zeros")].function)
        made = built.run()
        assert (made.shape, made.dtype, made.device) == (zeros.shape, zeros.dtype, zeros.device)
