"""Gradients from Python: backward, grad, hooks, graphs, custom functions, modes."""

from __future__ import annotations

import gc
import math
import pathlib
import threading
import weakref

import pytest

import tenon as tn
from tenon.autograd import Function, functional
from tenon.autograd.function import once_differentiable


def leaf(*values: float, dtype=tn.float64) -> tn.Tensor:
    return tn.tensor(values or (1.0, 2.0, 3.0), dtype=dtype, requires_grad=True)


# ---- backward and grad ----


def test_backward_accumulates() -> None:
    x = leaf()
    (x * x).sum().backward()
    assert x.grad.tolist() == [2.0, 4.0, 6.0]
    first = x.grad
    (x * x).sum().backward()
    assert x.grad.tolist() == [4.0, 8.0, 12.0] and x.grad is first
    x.grad = None
    (x * 2).backward(tn.tensor([1.0, 10.0, 100.0], dtype=tn.float64))
    assert x.grad.tolist() == [2.0, 20.0, 200.0]


def test_backward_of_some_inputs() -> None:
    x, y = leaf(1.0), leaf(2.0)
    (x * y).sum().backward(inputs=[x])
    assert x.grad.tolist() == [2.0] and y.grad is None
    tn.autograd.backward([x.sum(), (y * 3).sum()])
    assert x.grad.tolist() == [3.0] and y.grad.tolist() == [3.0]
    with pytest.raises(RuntimeError, match="empty"):
        (x * y).sum().backward(inputs=[])


def test_grad_leaves_grad_alone() -> None:
    x = leaf()
    (g,) = tn.autograd.grad((x**3).sum(), x)
    assert g.tolist() == [3.0, 12.0, 27.0] and x.grad is None
    y = x * 2
    gx, gy = tn.autograd.grad(y.sum(), [x, y])
    assert gx.tolist() == [2.0] * 3 and gy.tolist() == [1.0] * 3
    (weighted,) = tn.autograd.grad(x * 2, x, grad_outputs=tn.ones(3, dtype=tn.float64) * 5)
    assert weighted.tolist() == [10.0] * 3


def test_grad_of_unused_inputs() -> None:
    x, y = leaf(), leaf()
    with pytest.raises(RuntimeError, match="allow_unused"):
        tn.autograd.grad(x.sum(), [x, y])
    assert tn.autograd.grad(x.sum(), [x, y], allow_unused=True)[1] is None
    assert tn.autograd.grad(x.sum(), [x, y], materialize_grads=True)[1].tolist() == [0.0] * 3
    with pytest.raises(ValueError, match="materialize_grads"):
        tn.autograd.grad(x.sum(), [x], allow_unused=False, materialize_grads=True)


def test_gradients_of_gradients() -> None:
    x = leaf(2.0)
    (first,) = tn.autograd.grad((x**3).sum(), x, create_graph=True)
    (second,) = tn.autograd.grad(first.sum(), x, create_graph=True)
    (third,) = tn.autograd.grad(second.sum(), x)
    assert (first.item(), second.item(), third.item()) == (12.0, 12.0, 6.0)
    x.grad = None
    (x**3).sum().backward(create_graph=True)
    assert x.grad.requires_grad


def test_graphs_run_once() -> None:
    x = leaf()
    y = x.exp().sum()
    y.backward(retain_graph=True)
    y.backward()
    with pytest.raises(RuntimeError, match="second time.*retain_graph"):
        y.backward()


def test_what_has_no_gradient() -> None:
    with pytest.raises(RuntimeError, match="scalar"):
        (leaf() * 2).backward()
    with pytest.raises(RuntimeError, match="require"):
        tn.ones(()).backward()
    with pytest.raises(RuntimeError, match="floating"):
        tn.ones(2, dtype=tn.int64).requires_grad_()
    with pytest.raises(RuntimeError, match="leaf"):
        (leaf() * 2).requires_grad_(False)
    with pytest.raises(RuntimeError):
        (leaf() * 2).backward(tn.ones(2, dtype=tn.float64))
    with pytest.raises(TypeError, match="unexpected"):
        leaf().sum().backward(bogus=1)
    x = leaf()
    with pytest.raises((RuntimeError, TypeError)):
        x.grad = tn.ones(2, dtype=tn.float64)
    with pytest.raises(TypeError):
        x.grad = 3


def test_leaves_and_flags() -> None:
    x = leaf()
    y = x * 2
    assert x.is_leaf and not y.is_leaf and y.requires_grad and y.detach().is_leaf
    assert not y.detach().requires_grad and y.detach().data_ptr() == y.data_ptr()
    with pytest.warns(UserWarning, match="not a leaf"):
        assert y.grad is None
    y.retain_grad()
    y.sum().backward()
    assert y.grad.tolist() == [1.0] * 3 and y.retains_grad and not x.retains_grad
    z = x * 2
    z.detach_()
    assert z.is_leaf and not z.requires_grad
    assert (x > 1).requires_grad is False


# ---- modes ----


def test_modes() -> None:
    x = leaf()
    with tn.no_grad():
        assert not (x * 2).requires_grad and not tn.is_grad_enabled()
        with tn.enable_grad():
            assert (x * 2).requires_grad
        assert not tn.is_grad_enabled()
    with tn.set_grad_enabled(False):
        assert not tn.is_grad_enabled()
    assert tn.is_grad_enabled()
    tn.set_grad_enabled(False)
    assert not tn.is_grad_enabled()
    tn.set_grad_enabled(True)
    with tn.inference_mode():
        y = x * 2
        assert tn.is_inference_mode_enabled() and not y.requires_grad
    with tn.inference_mode(False):
        assert tn.is_grad_enabled()
    try:
        with tn.no_grad():
            raise KeyError
    except KeyError:
        pass
    assert tn.is_grad_enabled()


def test_modes_as_decorators() -> None:
    @tn.no_grad()
    def f(x):
        """Doubles."""
        return x * 2

    @tn.no_grad
    def g(x):
        return x * 2

    @tn.no_grad()
    def numbers():
        yield tn.is_grad_enabled()
        yield tn.is_grad_enabled()

    @tn.set_grad_enabled(False)
    def h(x):
        return x * 2

    assert f.__name__ == "f" and f.__doc__ == "Doubles."
    assert not f(leaf()).requires_grad and not g(leaf()).requires_grad and not h(leaf()).requires_grad
    assert tn.is_grad_enabled()
    seen = []
    for inside in numbers():
        seen += [inside, tn.is_grad_enabled()]
    assert seen == [False, True, False, True]

    class Model:
        @tn.inference_mode()
        def predict(self, x):
            return x * 2

    assert not Model().predict(leaf()).requires_grad


def test_modes_belong_to_their_thread() -> None:
    seen = []
    with tn.no_grad():
        thread = threading.Thread(target=lambda: seen.append(tn.is_grad_enabled()))
        thread.start()
        thread.join()
    assert seen == [True]


# ---- in-place writes ----


def test_writes_in_place() -> None:
    x = leaf()
    y = x * 2
    y.mul_(x)
    y[0] = 0.0
    y.sum().backward()
    assert x.grad.tolist() == [0.0, 8.0, 12.0]
    with pytest.raises(RuntimeError, match="leaf"):
        x.add_(1)
    with tn.no_grad():
        x.add_(1)
    assert x._version == 1
    z = leaf()
    w = z.exp()
    w.add_(1)
    with pytest.raises(RuntimeError, match="exp.*add_.*version"):
        w.sum().backward()


# ---- hooks ----


def test_tensor_hooks() -> None:
    x = leaf()
    seen = []
    handle = x.register_hook(lambda g: seen.append(g.tolist()))
    double = x.register_hook(lambda g: g * 2)
    x.sum().backward()
    assert seen == [[1.0] * 3] and x.grad.tolist() == [2.0] * 3
    handle.remove()
    double.remove()
    x.sum().backward()
    assert len(seen) == 1 and x.grad.tolist() == [3.0] * 3
    y = x * 2
    y.register_hook(lambda g: g * 10)
    y.sum().backward()
    assert x.grad.tolist() == [23.0] * 3
    with pytest.raises(RuntimeError, match="require"):
        tn.ones(1).register_hook(lambda g: g)
    z = leaf()
    z.register_hook(lambda g: "no")
    with pytest.raises(TypeError, match="str"):
        z.sum().backward()


def test_hooks_after_accumulation() -> None:
    x = leaf()
    seen = []
    handle = x.register_post_accumulate_grad_hook(lambda p: seen.append(p.grad.tolist()))
    (x * 2).sum().backward()
    assert seen == [[2.0] * 3]
    handle.remove()
    (x * 2).sum().backward()
    assert len(seen) == 1
    with pytest.raises(RuntimeError, match="leaf"):
        (x * 2).register_post_accumulate_grad_hook(lambda p: None)


def test_node_hooks() -> None:
    x = leaf()
    y = x * 2
    seen = []
    y.grad_fn.register_hook(lambda inputs, outputs: seen.append((len(inputs), outputs[0].tolist())))
    y.grad_fn.register_prehook(lambda outputs: (outputs[0] * 3,))
    y.sum().backward()
    assert seen[0][1] == [3.0] * 3 and x.grad.tolist() == [6.0] * 3


def test_errors_in_hooks_reach_the_caller() -> None:
    x = leaf()
    x.register_hook(lambda g: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        x.sum().backward()


# ---- the graph ----


def test_graph_can_be_walked() -> None:
    x = leaf()
    y = (x * 2 + 1).sum()
    node = y.grad_fn
    names = []
    while node is not None:
        names.append(node.name())
        node = next((n for n, _ in node.next_functions if n is not None), None)
    assert names == ["SumBackward0", "AddBackward0", "MulBackward0", "AccumulateGrad"]
    assert y.grad_fn is y.grad_fn and isinstance(y.grad_fn, tn.autograd.graph.Node)
    end = y.grad_fn.next_functions[0][0].next_functions[0][0].next_functions[0][0]
    assert end.variable is x
    held = y.grad_fn
    held.metadata["note"] = 1
    assert y.grad_fn.metadata == {"note": 1}


def test_memory_is_freed() -> None:
    x = leaf()
    y = (x * 2).exp()
    held = weakref.ref(y)
    z = y.sum()
    del y
    gc.collect()
    z.backward()
    assert held() is None
    for _ in range(3):
        t = leaf()
        t.sum().backward(create_graph=True)
        t.grad = None


def test_long_graphs() -> None:
    x = leaf(1.0)
    y = x
    for _ in range(100_000):
        y = y + 1
    y.sum().backward()
    assert x.grad.item() == 1.0
    del y
    gc.collect()


# ---- custom functions ----


class Cube(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return 3 * x**2 * grad


def test_custom_functions() -> None:
    x = leaf(2.0)
    y = Cube.apply(x)
    assert y.item() == 8.0 and y.grad_fn.name() == "CubeBackward"
    y.sum().backward()
    assert x.grad.item() == 12.0
    (first,) = tn.autograd.grad(Cube.apply(x).sum(), x, create_graph=True)
    (second,) = tn.autograd.grad(first.sum(), x)
    assert second.item() == 12.0
    assert tn.autograd.gradcheck(Cube.apply, leaf()) and tn.autograd.gradgradcheck(Cube.apply, leaf())
    with tn.no_grad():
        assert not Cube.apply(x).requires_grad
    with pytest.raises(RuntimeError, match="apply"):
        Cube()


def test_custom_functions_with_all_kinds_of_arguments() -> None:
    class Mixed(Function):
        @staticmethod
        def forward(ctx, a, factor, b, flag=None):
            ctx.factor = factor
            ctx.save_for_backward(a, b)
            ctx.needs = ctx.needs_input_grad
            return a * factor, a + b

        @staticmethod
        def backward(ctx, ga, gb):
            assert ctx.needs_input_grad == (True, False, False, False)
            return ga * ctx.factor + gb, None, None, None

    x, constant = leaf(), tn.ones(3, dtype=tn.float64)
    p, q = Mixed.apply(x, 5.0, constant, "flag")
    assert p.requires_grad and q.requires_grad
    (p + q).sum().backward()
    assert x.grad.tolist() == [6.0] * 3


def test_setup_context() -> None:
    class Scale(Function):
        @staticmethod
        def forward(x, factor):
            return x * factor

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.factor = inputs[1]

        @staticmethod
        def backward(ctx, grad):
            return grad * ctx.factor, None

    x = leaf()
    Scale.apply(x, 4.0).sum().backward()
    assert x.grad.tolist() == [4.0] * 3


def test_missing_gradients_are_zeros_or_none() -> None:
    seen = []

    def make(materialize: bool):
        class Two(Function):
            @staticmethod
            def forward(ctx, x):
                ctx.set_materialize_grads(materialize)
                return x * 1, x * 2

            @staticmethod
            def backward(ctx, a, b):
                seen.append(b if b is None else b.tolist())
                return a

        return Two

    for materialize in (True, False):
        first, _ = make(materialize).apply(leaf())
        first.sum().backward()
    assert seen == [[0.0] * 3, None]


def test_marks() -> None:
    class Sorted(Function):
        @staticmethod
        def forward(ctx, x):
            places = (x > 1).to(tn.float64)
            ctx.mark_non_differentiable(places)
            return x * 2, places

        @staticmethod
        def backward(ctx, grad, _):
            return grad * 2

    values, places = Sorted.apply(leaf())
    assert values.requires_grad and not places.requires_grad

    class Inplace(Function):
        @staticmethod
        def forward(ctx, x):
            x.mul_(3)
            ctx.mark_dirty(x)
            return x

        @staticmethod
        def backward(ctx, grad):
            return grad * 3

    x = leaf()
    y = x * 1
    z = Inplace.apply(y)
    assert z is y
    z.sum().backward()
    assert x.grad.tolist() == [3.0] * 3


def test_once_differentiable() -> None:
    class Once(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        @once_differentiable
        def backward(ctx, grad):
            return 2 * ctx.saved_tensors[0] * grad

    x = leaf(3.0)
    Once.apply(x).sum().backward()
    assert x.grad.item() == 6.0
    seed = tn.ones(1, dtype=tn.float64, requires_grad=True)
    (g,) = tn.autograd.grad(Once.apply(x), x, seed, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        g.sum().backward()


def test_wrong_custom_functions() -> None:
    def function(backward_result):
        class Wrong(Function):
            @staticmethod
            def forward(ctx, x, y):
                return x * y

            @staticmethod
            def backward(ctx, grad):
                return backward_result(grad)

        return Wrong

    for result, words in [
        (lambda g: g, "incorrect number of gradients.*expected 2, got 1"),
        (lambda g: (g, g, g), "incorrect number of gradients"),
        (lambda g: (g, g), "gradient different from None"),
        (lambda g: ("no", None), "str"),
        (lambda g: (g[:1], None), "shape|size"),
    ]:
        with pytest.raises((RuntimeError, TypeError), match=words):
            function(result).apply(leaf(), 2.0).sum().backward()

    class NoBackward(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

    with pytest.raises(NotImplementedError, match="backward"):
        NoBackward.apply(leaf()).sum().backward()

    class Raises(Function):
        @staticmethod
        def forward(ctx, x):
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        Raises.apply(leaf())


def test_contexts_do_not_leak() -> None:
    class Keeps(Function):
        @staticmethod
        def forward(ctx, x):
            out = x * 2
            ctx.save_for_backward(x, out)
            return out

        @staticmethod
        def backward(ctx, grad):
            return grad * 2

    x = leaf()
    held = weakref.ref(x)
    y = Keeps.apply(x)
    y.sum().backward()
    del x, y
    gc.collect()
    assert held() is None


# ---- products with Jacobians ----


def test_functional() -> None:
    x = tn.tensor([1.0, 2.0], dtype=tn.float64)

    def f(v):
        return v**3

    assert functional.jacobian(f, x).tolist() == [[3.0, 0.0], [0.0, 12.0]]
    assert functional.hessian(lambda v: (v**3).sum(), x).tolist() == [[6.0, 0.0], [0.0, 12.0]]
    v = tn.tensor([1.0, 10.0], dtype=tn.float64)
    assert functional.vjp(f, x, v)[1].tolist() == [3.0, 120.0]
    assert functional.jvp(f, x, v)[1].tolist() == [3.0, 120.0]
    assert functional.hvp(lambda a: (a**3).sum(), x, v)[1].tolist() == [6.0, 120.0]
    assert functional.vhp(lambda a: (a**3).sum(), x, v)[1].tolist() == [6.0, 120.0]
    a, b = functional.jacobian(lambda p, q: p * q, (x, v))
    assert a.tolist() == [[1.0, 0.0], [0.0, 10.0]] and b.tolist() == [[1.0, 0.0], [0.0, 2.0]]
    assert x.grad is None and not x.requires_grad


def test_func() -> None:
    x = tn.tensor(2.0, dtype=tn.float64)
    assert tn.func.grad(lambda v: v**3)(x).item() == 12.0
    assert tn.func.grad(tn.func.grad(lambda v: v**3))(x).item() == 12.0
    gradient, value = tn.func.grad_and_value(lambda p, s: (p["w"] * s).sum())({"w": x}, 3.0)
    assert gradient["w"].item() == 3.0 and value.item() == 6.0
    output, pull = tn.func.vjp(lambda v: v**2, x)
    assert output.item() == 4.0 and pull(tn.ones((), dtype=tn.float64))[0].item() == 4.0


def test_gradcheck_finds_mistakes() -> None:
    class Wrong(Function):
        @staticmethod
        def forward(ctx, x):
            return x.sin()

        @staticmethod
        def backward(ctx, grad):
            return grad

    with pytest.raises(RuntimeError, match="Jacobian mismatch"):
        tn.autograd.gradcheck(Wrong.apply, leaf())
    assert not tn.autograd.gradcheck(Wrong.apply, leaf(), raise_exception=False)
    assert tn.autograd.gradcheck(lambda a, b: a.sin() * b, (leaf(), leaf(4.0, 5.0, 6.0)))


def test_variable() -> None:
    v = tn.autograd.Variable(tn.ones(2), requires_grad=True)
    assert isinstance(v, tn.autograd.Variable) and isinstance(v, tn.Tensor) and v.requires_grad


# ---- ops of a library of one's own ----


def library() -> pathlib.Path | None:
    root = pathlib.Path(__file__).resolve().parents[2]
    return next(iter(sorted(root.glob("build/release/**/*cubed*.so"))), None)


def test_ops_of_a_library() -> None:
    path = library()
    if path is None:
        with pytest.raises((OSError, RuntimeError), match="no-such-library"):
            tn.ops.load_library("no-such-library.so")
        return
    tn.ops.load_library(path)
    tn.ops.load_library(path)  # once more changes nothing
    x = leaf(2.0)
    y = tn.ops.cubed(x, scale=3.0)
    assert y.item() == pytest.approx(24.0)
    y.sum().backward()
    assert x.grad.item() == pytest.approx(36.0)
    assert math.isclose(x.detach().cubed().item(), 8.0)
    with pytest.raises(AttributeError, match="no op 'bogus'"):
        tn.ops.bogus(x)
