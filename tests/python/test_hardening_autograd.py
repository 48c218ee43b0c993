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


def test_index_by_many_tensors() -> None:
    x = leaf(2.0).detach().reshape((1,) * 17).requires_grad_()
    x[(tn.tensor([0]),) * 17].sum().backward()
    assert x.grad.flatten().tolist() == [1.0]
    y = x.detach().clone().requires_grad_() * 1
    y[(tn.tensor([0]),) * 17] = 3.0
    assert y.sum().item() == 3.0


def test_a_forgotten_input_is_an_error() -> None:
    logits, target = leaf([[1.0, 2.0], [3.0, 5.0]]), tn.tensor([0, 1])
    weight = leaf([1.0, 2.0])
    loss = tn.nn.functional.cross_entropy(logits, target, weight=weight)
    with pytest.raises(RuntimeError, match="derivative for argument 'weight'.* is not implemented"):
        loss.backward()
    tn.nn.functional.cross_entropy(logits, target, weight=weight.detach()).backward()
    assert logits.grad is not None


# ---- writes through views ----


def test_view_that_leaves_its_base() -> None:
    base = tn.zeros(1000, dtype=tn.float64)[900:].detach()
    p = leaf([1.0, 2.0, 3.0])
    base.as_strided((3,), (1,), 0).add_(p)
    assert tn.autograd.grad(base.sum(), p)[0].tolist() == [0.0] * 3
    base = tn.ones(1000, dtype=tn.float64)[900:].detach()
    across = base.as_strided((3,), (1,), 899)
    across.mul_(p)
    assert tn.autograd.grad((base * 2).sum(), p, retain_graph=True)[0].tolist() == [0.0, 2.0, 2.0]
    # What lies outside of the base has no history.
    assert tn.autograd.grad(across.sum(), p)[0].tolist() == [0.0, 1.0, 1.0]


def test_view_in_the_gaps_of_its_base() -> None:
    base = tn.zeros(6, dtype=tn.float64)[::2].detach()
    p = leaf([1.0, 2.0])
    gaps = base.as_strided((2,), (2,), 1)
    gaps.add_(p)
    ones = base.as_strided((2,), (1,), 0)
    ones.add_(p)
    assert tn.autograd.grad(base.sum(), p, retain_graph=True)[0].tolist() == [1.0, 0.0]


def test_recorded_write_through_a_view_made_without_grad() -> None:
    a = leaf([1.0, 2.0, 3.0, 4.0])
    x = a * 1
    with tn.no_grad():
        view = x[:2]
    for write in (
        lambda: view.mul_(a[:2] * 3),
        lambda: view[:1].mul_(a[:1]),
        lambda: view.__setitem__(0, a[0]),
    ):
        with pytest.raises(RuntimeError, match="was created in no_grad mode"):
            write()
    with tn.no_grad():
        view.mul_(2)
    x.sum().backward()
    assert a.grad.tolist() == [1.0] * 4


def test_what_was_made_without_grad_may_be_written_when_nothing_lies_behind() -> None:
    a = leaf([1.0, 2.0, 3.0, 4.0])
    with tn.no_grad():
        features = (a * 2).reshape(2, 2)
        other = tn.nn.functional.linear(features.expand(3, 2, 2), features)
    features.mul_(a.reshape(2, 2))
    other[0] = a.reshape(2, 2)
    (features.sum() + other.sum()).backward()
    assert a.grad.tolist() == [3.0, 5.0, 7.0, 9.0]
    detached = a.detach()[1:]
    detached.mul_(2)
    assert a.tolist() == [1.0, 4.0, 6.0, 8.0]


class Flatten(tn.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.view(-1)

    @staticmethod
    def backward(ctx, grad):
        return grad.reshape(2, 2)


class Same(tn.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x

    @staticmethod
    def backward(ctx, grad):
        return grad * 2


@pytest.mark.parametrize("function", [Flatten, Same])
def test_write_through_a_view_that_a_function_made(function) -> None:
    a = leaf([[1.0, 2.0], [3.0, 4.0]])
    x = a * 1
    y = function.apply(x)
    with pytest.raises(RuntimeError, match="inside a custom Function"):
        y.mul_(3)
    (function.apply(x).clone().mul_(3) + y).sum().backward()
    assert a.grad is not None


def test_gradients_that_are_views_can_be_used() -> None:
    x, w = leaf([[1.0, 2.0], [3.0, 4.0]]), leaf([[1.0, 1.0], [0.0, 2.0]])
    (x @ w.t()).sum().backward()
    scale = leaf(2.0)
    w.grad.mul_(scale)
    w.grad.sum().backward()
    assert scale.grad.item() == 20.0


def test_inference_tensors_are_written_under_inference_mode_only():
    with tn.inference_mode():
        x = tn.ones(3)
        x.add_(1)
    text = "Inplace update to inference tensor outside InferenceMode is not allowed"
    writes = [
        lambda: x.add_(1),
        lambda: x[1:].mul_(2),
        lambda: x.copy_(tn.zeros(3)),
        lambda: x.zero_(),
        lambda: x.normal_(),
        lambda: x.index_add_(0, tn.tensor([0]), tn.ones(1)),
        lambda: x.__setitem__(0, 5.0),
        lambda: tn.add(tn.ones(3), 1, out=x),
    ]
    for write in writes:
        with pytest.raises(RuntimeError, match=text):
            write()
        with tn.no_grad(), pytest.raises(RuntimeError, match=text):
            write()
    assert x.tolist() == [2, 2, 2]
    with pytest.raises(RuntimeError, match="Setting requires_grad=True on inference tensor"):
        x.requires_grad_()
    x.clone().add_(1)
    x.data.add_(1)
    with tn.inference_mode():
        x.add_(1)
        y = tn.ones(3).requires_grad_()
    assert x.tolist() == [4, 4, 4] and y.requires_grad
    z = tn.ones(3)
    with tn.inference_mode():
        view = z[1:]
    view.add_(1)  # of a normal tensor
    assert z.tolist() == [1, 2, 2]
