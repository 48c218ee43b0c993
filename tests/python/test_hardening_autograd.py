"""Programs that once hung, went wrong in silence or lost a gradient."""

from __future__ import annotations

import threading

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
