"""Corners of modules, hooks and functional forms that ordinary programs reach."""

from __future__ import annotations

import gc
import inspect
import warnings
import weakref
from typing import Any

import pytest

import tenon as tn
from tenon import nn
from tenon.nn import functional as F
from tenon.utils.data import default_collate


@pytest.mark.parametrize("register", ["register_hook", "register_post_accumulate_grad_hook"])
def test_hook_that_holds_its_leaf_is_collected(register: str) -> None:
    x = tn.ones(2, requires_grad=True)
    getattr(x, register)(lambda _, x=x: None)
    alive = weakref.ref(x)
    product = x * 2
    del x
    gc.collect()
    assert alive() is not None  # the graph has it
    product.sum().backward()
    del product
    gc.collect()
    assert alive() is None


def test_hooks_of_accumulation_see_the_incoming_gradient() -> None:
    x = tn.ones(2, requires_grad=True)
    node: Any = (x * 2).grad_fn.next_functions[0][0]
    before: list[Any] = []
    after: list[Any] = []
    node.register_prehook(lambda grads: before.append(grads[0].tolist()))
    handle = node.register_hook(lambda _, grads: after.append(grads[0].tolist()))
    (x * 2).sum().backward()
    (x * 3).sum().backward()
    handle.remove()
    (x * 4).sum().backward()
    assert before == [[2, 2], [3, 3], [4, 4]]
    assert after == [[2, 2], [3, 3]]
    node.register_prehook(lambda grads: (grads[0] * 10,))
    x.grad = None
    (x * 2).sum().backward()
    assert x.grad is not None and x.grad.tolist() == [20, 20]


def test_names_of_entries_beyond_ascii() -> None:
    module = nn.Module()
    module.register_parameter("gr\u00f6" + str(1), nn.Parameter(tn.ones(1)))
    assert hasattr(module, "".join(["gr\u00f6", "1"]))
    assert list(module.state_dict()) == ["gr\u00f61"]


def test_functional_call_leaves_other_names_alone() -> None:
    layer = nn.Linear(1, 1)
    x = tn.ones(1)
    extra = {"foo": tn.ones(1)}
    assert tn.func.functional_call(layer, extra, x).tolist() == layer(x).tolist()
    assert not hasattr(layer, "foo") and list(extra) == ["foo"]
    with pytest.raises(AttributeError, match="`a`"):
        tn.func.functional_call(layer, {"a.foo": tn.ones(1)}, x)
    with pytest.raises(RuntimeError, match='Unexpected key.*"foo"'):
        tn.func.functional_call(layer, extra, x, strict=True)


def test_native_layers_can_be_inspected() -> None:
    layer = nn.Linear(1, 1)
    assert str(inspect.signature(layer.forward)) == "(input)"
    assert list(inspect.signature(nn.MSELoss().forward).parameters) == ["input", "target"]
    assert layer.forward.__name__ == "forward"
    assert "bound method Linear.forward" in repr(layer.forward)
    init = inspect.signature(nn.Linear.__init__).parameters
    assert list(init) == ["self", "in_features", "out_features", "bias", "device", "dtype"]
    assert init["bias"].default is True
    for kind in (nn.Conv2d, nn.Embedding, nn.LayerNorm, nn.BatchNorm1d, nn.CrossEntropyLoss, nn.GELU):
        assert "kwargs" not in inspect.signature(kind.__init__).parameters

    class WithoutBias(nn.Linear):
        def __init__(self, *sizes: int) -> None:
            super().__init__(*sizes, bias=False)

    assert WithoutBias(2, 3).bias is None
    with pytest.raises(TypeError, match="out_features"):
        WithoutBias(2)


def test_containers_show_and_index() -> None:
    values = nn.ParameterDict({"a": nn.Parameter(tn.ones(2, 3)), "b": 3})
    assert "(a): Parameter containing: [tenon.float32 of size 2x3]" in repr(values)
    assert "(b): Object of type: int" in repr(values)
    assert "(0): Parameter containing: [tenon.float32 of size 1]" in repr(nn.ParameterList([tn.ones(1)]))
    layers = nn.ModuleList([nn.ReLU(), nn.Tanh()])
    assert layers[-1] is layers[1] and len(layers) == len(layers._modules) == 2
    for index in (2, -3, 10**30):
        with pytest.raises(IndexError):
            layers[index]
    with pytest.raises(TypeError):
        layers["a"]


def test_parameters_without_shape_cannot_be_counted() -> None:
    weight = nn.LazyLinear(3).weight
    for question in (weight.numel, weight.nelement, weight.dim):
        with pytest.raises(ValueError, match="uninitialized parameter"):
            question()


def test_columns_of_tuples_are_tuples() -> None:
    numbers, names = default_collate([(1, "x"), (2, "y")])
    assert numbers.tolist() == [1, 2] and names == ("x", "y")
    assert default_collate([["x"], ["y"]]) == [["x", "y"]]


def test_sharing_memory_between_processes_is_not_claimed() -> None:
    assert not hasattr(nn.Linear(1, 1), "share_memory")


def test_orthogonal_rows() -> None:
    weight = nn.init.orthogonal_(tn.empty(3, 4), gain=2)
    assert tn.allclose(weight @ weight.T, 4 * tn.eye(3), atol=1e-5)


def test_errors_carry_public_names() -> None:
    logits, targets = tn.ones(2, 3), tn.tensor([0, 5])
    x = tn.ones(3, 4)
    wrong: list[tuple[Any, type[Exception], str]] = [
        (lambda: F.cross_entropy(logits, targets), IndexError, "^cross_entropy: Target 5"),
        (lambda: F.nll_loss(logits, targets), IndexError, "^nll_loss: Target 5"),
        (
            lambda: F.binary_cross_entropy(logits * 2, logits),
            ValueError,
            "^binary_cross_entropy: all elements",
        ),
        (lambda: x[tn.tensor([0, 7])], IndexError, "^index: index 7 is out of bounds"),
        (lambda: F.max_pool2d(tn.ones(2, 2), 2), RuntimeError, "^max_pool2d: Expected 3D or 4D"),
        (lambda: F.avg_pool1d(tn.ones(2), 2), RuntimeError, "^avg_pool1d: "),
        (lambda: tn.zeros(-1), RuntimeError, "^zeros: .*negative dimension -1"),
        (lambda: -tn.tensor([True]), RuntimeError, "`~` or logical_not"),
        (lambda: tn.set_default_dtype(tn.int64), TypeError, "floating"),
    ]
    for call, kind, text in wrong:
        with pytest.raises(kind, match=text):
            call()


def test_assignments_name_both_shapes() -> None:
    x = tn.arange(12.0).reshape(3, 4)
    with pytest.raises(RuntimeError, match=r"shape \(5,\) .* indexed part of shape \(4,\)"):
        x[0] = tn.ones(5)
    with pytest.raises(RuntimeError, match=r"shape \(5, 3\) .* indexed part of shape \(2, 4\)"):
        x[0:2] = tn.ones(5, 3)
    with pytest.raises(ValueError, match=r"shape \(2,\) .* result of shape \(10,\)"):
        x[x > 1] = tn.ones(2)
    x[0] = tn.ones(1, 1, 4)
    assert x[0].tolist() == [1, 1, 1, 1]


def test_losses_warn_of_sizes_that_differ() -> None:
    x, target = tn.ones(2, 3), tn.ones(3)
    losses = (F.mse_loss, F.l1_loss, F.smooth_l1_loss, F.huber_loss)
    for loss in (*losses, nn.MSELoss(), nn.L1Loss(), nn.SmoothL1Loss()):
        with pytest.warns(UserWarning, match="Using a target size .* different to the input size") as seen:
            assert loss(x, target).item() == 0
        assert seen[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert F.mse_loss(x, tn.ones(2, 3)).item() == 0


def test_doubtful_accesses_warn() -> None:
    leaf = tn.ones(2, requires_grad=True)
    with pytest.warns(UserWarning, match="not a leaf"):
        assert (leaf * 2).grad is None
    with pytest.warns(UserWarning, match="uint8"):
        assert leaf[tn.tensor([1, 0], dtype=tn.uint8)].shape == (1,)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        kept = leaf * 2
        kept.retain_grad()
        assert leaf.grad is None and kept.grad is None


def test_functions_written_in_python_can_be_overridden() -> None:
    class Other:
        @classmethod
        def __torch_function__(cls, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            return function

    class Kept(tn.Tensor):
        pass

    other: Any = Other()
    for function in (F.softmax, F.normalize, tn.equal, tn.allclose, tn.unique, tn.is_floating_point):
        assert function(other) is function
    assert tn.equal(tn.ones(1), other=other) is tn.equal
    kept = tn.ones(2, 3).as_subclass(Kept)
    assert type(F.softmax(kept, 1)) is Kept and tn.equal(kept, kept) is True
    with pytest.warns(UserWarning, match="Implicit dimension") as seen:
        F.softmax(tn.ones(2))
    assert seen[0].filename == __file__
