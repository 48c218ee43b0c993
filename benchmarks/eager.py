"""What a call costs: Tenon and PyTorch in one process, one thread, the same Python.

python benchmarks/eager.py            (in an environment that has torch; `make bench` makes one)
"""

from __future__ import annotations

import types
from collections.abc import Callable

import torch
from peers import Case, table

import tenon

torch.set_num_threads(1)
tenon.set_num_threads(1)

Make = Callable[[types.ModuleType], Callable[[], object]]


def case(name: str, at_least: float, make: Make) -> Case:
    """The same program on either library, which is what PyTorch's names are for."""
    ours, theirs = make(tenon), make(torch)

    def same() -> bool:
        a, b = ours(), theirs()
        if isinstance(a, tuple):
            a, b = a[0], b[0]
        if not hasattr(a, "tolist"):
            return True
        return torch.allclose(torch.tensor(a.detach().tolist()), torch.tensor(b.detach().tolist()), atol=1e-5)

    return Case(name, ours, theirs, at_least, same)


def sixteen(tn: types.ModuleType, grad: bool = False):  # noqa: ANN201
    return tn.arange(16, dtype=tn.float32).requires_grad_(grad)


def add(tn: types.ModuleType):  # noqa: ANN201
    a, b = sixteen(tn), sixteen(tn)
    return lambda: a + b


def times_number(tn):  # noqa: ANN001, ANN201
    a = sixteen(tn)
    return lambda: a * 2.0


def add_function(tn):  # noqa: ANN001, ANN201
    a, b = sixteen(tn), sixteen(tn)
    f = tn.add
    return lambda: f(a, b)


def add_recorded(tn):  # noqa: ANN001, ANN201
    a, b = sixteen(tn, True), sixteen(tn, True)
    return lambda: a + b


def view(tn):  # noqa: ANN001, ANN201
    x = sixteen(tn)
    return lambda: x.view(2, 8)


def first(tn):  # noqa: ANN001, ANN201
    x = sixteen(tn)
    return lambda: x[0]


def part(tn):  # noqa: ANN001, ANN201
    x = sixteen(tn).reshape(4, 4)
    return lambda: x[1:3, 2]


def total(tn):  # noqa: ANN001, ANN201
    x = sixteen(tn)
    return lambda: x.sum()


def matmul(tn):  # noqa: ANN001, ANN201
    a, b = sixteen(tn).reshape(4, 4), sixteen(tn).reshape(4, 4)
    return lambda: a @ b


def cat(tn):  # noqa: ANN001, ANN201
    a, b = sixteen(tn), sixteen(tn)
    f = tn.cat
    return lambda: f([a, b])


def softmax(tn):  # noqa: ANN001, ANN201
    a = sixteen(tn).reshape(4, 4)
    f = tn.softmax
    return lambda: f(a, 1)


def creation(name: str, *args):  # noqa: ANN002, ANN201
    def make(tn):  # noqa: ANN001, ANN202
        f = getattr(tn, name)
        if name == "empty":
            return lambda: (f(*args), None)[1]
        return lambda: f(*args)

    return make


def identity_module(tn):  # noqa: ANN001, ANN201
    class Identity(tn.nn.Module):
        def forward(self, x):  # noqa: ANN001, ANN202
            return x

    m, x = Identity(), sixteen(tn)
    return lambda: m(x)


def linear(grad: bool) -> Make:
    def make(tn):  # noqa: ANN001, ANN202
        tn.manual_seed(0)
        m, x = tn.nn.Linear(16, 16), sixteen(tn).reshape(1, 16)
        if grad:
            return lambda: m(x)

        def call():  # noqa: ANN202
            with tn.no_grad():
                return m(x)

        return call

    return make


def backward(tn):  # noqa: ANN001, ANN201
    a, b = sixteen(tn, True), sixteen(tn, True)

    def call() -> None:
        a.grad = b.grad = None
        (a * b + a).sum().backward()

    return call


def training_step(optimizer: str) -> Make:
    def make(tn):  # noqa: ANN001, ANN202
        tn.manual_seed(0)
        nn = tn.nn
        model = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 16))
        x, y = tn.randn(4, 16), tn.tensor([1, 2, 3, 4])
        loss_of = nn.CrossEntropyLoss()
        opt = getattr(tn.optim, optimizer)(model.parameters(), lr=1e-3)

        def call() -> None:
            opt.zero_grad()
            loss_of(model(x), y).backward()
            opt.step()

        return call

    return make


def step_alone(optimizer: str) -> Make:
    def make(tn):  # noqa: ANN001, ANN202
        parameters = [tn.nn.Parameter(tn.ones(4, 4)) for _ in range(4)]
        for p in parameters:
            p.grad = tn.ones(4, 4)
        opt = getattr(tn.optim, optimizer)(parameters, lr=1e-3)
        return lambda: (opt.step(), None)[1]

    return make


def no_grad(tn):  # noqa: ANN001, ANN201
    def call() -> None:
        with tn.no_grad():
            pass

    return call


def main() -> int:
    cases = [
        case("a + b, 16 floats", 10, add),
        case("a * 2.0", 10, times_number),
        case("add(a, b)", 10, add_function),
        case("a + b, gradient recorded", 10, add_recorded),
        case("x.view(2, 8)", 6, view),
        case("x[0]", 6, first),
        case("x[1:3, 2]", 6, part),
        case("x.sum()", 6, total),
        case("softmax 4x4", 6, softmax),
        case("matmul 4x4", 6, matmul),
        case("cat of two", 6, cat),
        case("tensor([1., 2., 3., 4.])", 5, creation("tensor", [1.0, 2.0, 3.0, 4.0])),
        case("zeros(4, 4)", 5, creation("zeros", 4, 4)),
        case("empty(16)", 5, creation("empty", 16)),
        case("module call, forward is Python's identity", 3, identity_module),
        case("Linear(16, 16), one row, no_grad", 8, linear(False)),
        case("Linear(16, 16), one row, with gradient", 8, linear(True)),
        case("multiply, add, sum, backward, 16 floats", 18, backward),
        case("training step, MLP 16-32-16, SGD", 15, training_step("SGD")),
        case("training step, MLP 16-32-16, Adam", 15, training_step("Adam")),
        case("with no_grad()", 4, no_grad),
        case("SGD.step(), 4 small parameters", 12, step_alone("SGD")),
        case("Adam.step(), 4 small parameters", 12, step_alone("Adam")),
    ]
    return 0 if table("Cost of a call, from Python", cases, "torch") else 1


if __name__ == "__main__":
    raise SystemExit(main())
