"""Programs that once hung, went wrong in silence or lost a gradient."""

from __future__ import annotations

import threading

import pytest

import tenon as tn


def within(seconds: float, work) -> None:
    """Runs `work` in a thread, so that a deadlock fails the test instead of stopping the suite."""
    errors: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    assert not thread.is_alive(), "it hangs"
    if errors:
        raise errors[0]


# ---- gradients that come together under a lock ----


def test_double_backward_through_many_views() -> None:
    # A leaf and a view of another may share one of the hashed locks.
    kept = []

    def work() -> None:
        for _ in range(400):
            x = tn.ones(3, 2, requires_grad=True)
            (x.t() ** 3).sum().backward(create_graph=True)
            (x.t() ** 3).sum().backward(create_graph=True)
            kept.append(x)

    within(120, work)
    assert all(x.grad.flatten().tolist() == [6.0] * 6 for x in kept)


def test_retained_gradients_add_up() -> None:
    x = tn.ones(2, requires_grad=True)
    y = x * 2
    y.retain_grad()
    (y**2).sum().backward(create_graph=True)
    (y**2).sum().backward(create_graph=True)
    assert y.grad.tolist() == [8.0, 8.0]
    y.grad.sum().backward()
    assert x.grad.tolist() == [16.0 + 8.0] * 2


def test_backwards_of_several_threads_add_up_in_one_leaf() -> None:
    x = tn.zeros(1000, requires_grad=True)
    held: list[tn.Tensor] = []

    def work(create_graph: bool) -> None:
        for _ in range(50):
            (x * 1).sum().backward(create_graph=create_graph)
            held.append(x.grad)

    for create_graph in (False, True):
        x.grad = None
        threads = [threading.Thread(target=work, args=(create_graph,), daemon=True) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        assert x.grad.eq(200).all()


# ---- rules that were wrong somewhere ----


def leaf(values, dtype=tn.float64) -> tn.Tensor:
    return tn.tensor(values, dtype=dtype, requires_grad=True)


def derivative(f, x: tn.Tensor, order: int = 1) -> list:
    y = f(x).sum()
    for _ in range(order):
        (g,) = tn.autograd.grad(y, x, create_graph=True)
        y = g.sum()
    return g.tolist()


def test_elu_second_derivative_of_large_values() -> None:
    f = tn.nn.functional.elu
    assert derivative(f, leaf([1000.0]), 2) == [0.0]
    assert derivative(f, leaf([-1.0]), 2)[0] == pytest.approx(derivative(f, leaf([-1.0]))[0])


def test_maximum_gives_nan_to_both() -> None:
    nan = float("nan")
    a, b = leaf([nan, 1.0, 2.0, 3.0]), leaf([1.0, nan, 2.0, 1.0])
    for f, ga, gb in (
        (tn.maximum, [1.0, 1.0, 0.5, 1.0], [1.0, 1.0, 0.5, 0.0]),
        (tn.minimum, [1.0, 1.0, 0.5, 0.0], [1.0, 1.0, 0.5, 1.0]),
    ):
        found = tn.autograd.grad(f(a, b).sum(), (a, b))
        assert [g.tolist() for g in found] == [ga, gb]


def test_scatter_reduce_prod_with_zeros() -> None:
    x, index = leaf([2.0, 3.0, 5.0, 0.0]), tn.tensor([0, 0, 1, 1, 1, 3])
    src = leaf([0.0, 7.0, 0.0, 0.0, 2.0, 4.0])
    y = x.scatter_reduce(0, index, src, "prod")
    assert y.tolist() == [0.0, 0.0, 5.0, 0.0]
    gx, gs = tn.autograd.grad(y.sum(), (x, src))
    assert gx.tolist() == [0.0, 0.0, 1.0, 4.0]
    assert gs.tolist() == [14.0, 0.0, 0.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize("reduce", ["sum", "prod", "mean", "amax", "amin"])
@pytest.mark.parametrize("include_self", [True, False])
def test_scatter_reduce_from_a_larger_src(reduce: str, include_self: bool) -> None:
    x, src = leaf([[2.0, 3.0, 5.0]]), leaf([[1.0, 7.0, -4.0, 9.0], [1.5, 2.5, 3.5, 4.5]])
    index = tn.tensor([[0, 2, 0]])

    def f(x, src):
        return x.scatter_reduce(1, index, src, reduce, include_self=include_self)

    assert tn.autograd.gradcheck(f, (x, src))
