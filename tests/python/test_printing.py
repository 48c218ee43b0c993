"""Tensors print as PyTorch prints them."""

from __future__ import annotations

import math

import pytest

import tenon as tn


@pytest.fixture(autouse=True)
def default_options():
    yield
    tn.set_printoptions(profile="default")


CASES = {
    "floats": (lambda: tn.tensor([1.0, 2.5, -3.0]), "tensor([ 1.0000,  2.5000, -3.0000])"),
    "whole floats": (lambda: tn.tensor([1.0, 2.0]), "tensor([1., 2.])"),
    "ints": (lambda: tn.tensor([1, -20, 300]), "tensor([  1, -20, 300])"),
    "bools": (lambda: tn.tensor([True, False]), "tensor([ True, False])"),
    "matrix": (
        lambda: tn.tensor([[1, 2], [3, 4]]),
        "tensor([[1, 2],\n        [3, 4]])",
    ),
    "three dimensions": (
        lambda: tn.zeros(2, 1, 2),
        "tensor([[[0., 0.]],\n\n        [[0., 0.]]])",
    ),
    "zero-dimensional": (lambda: tn.tensor(3.5), "tensor(3.5000)"),
    "zero-dimensional int": (lambda: tn.tensor(3), "tensor(3)"),
    "zero-dimensional bool": (lambda: tn.tensor(True), "tensor(True)"),
    "dtype": (lambda: tn.tensor([1, 2], dtype=tn.int32), "tensor([1, 2], dtype=tenon.int32)"),
    "double": (lambda: tn.tensor([0.5], dtype=tn.float64), "tensor([0.5000], dtype=tenon.float64)"),
    "half": (lambda: tn.tensor([0.5], dtype=tn.float16), "tensor([0.5000], dtype=tenon.float16)"),
    "bfloat16": (lambda: tn.tensor([1.0], dtype=tn.bfloat16), "tensor([1.], dtype=tenon.bfloat16)"),
    "uint8": (lambda: tn.tensor([7], dtype=tn.uint8), "tensor([7], dtype=tenon.uint8)"),
    "leaf": (lambda: tn.ones(2, requires_grad=True), "tensor([1., 1.], requires_grad=True)"),
    "result": (lambda: tn.ones(2, requires_grad=True) + 1, "tensor([2., 2.], grad_fn=<AddBackward0>)"),
    "empty": (lambda: tn.empty(0), "tensor([])"),
    "empty matrix": (lambda: tn.empty(2, 0), "tensor([], size=(2, 0))"),
    "empty ints": (lambda: tn.empty(0, dtype=tn.int64), "tensor([], dtype=tenon.int64)"),
    "empty int matrix": (
        lambda: tn.empty(0, 3, dtype=tn.int64),
        "tensor([], size=(0, 3), dtype=tenon.int64)",
    ),
    "meta": (lambda: tn.empty(2, 3, device="meta"), "tensor(..., device='meta', size=(2, 3))"),
    "not finite": (
        lambda: tn.tensor([math.inf, -math.inf, math.nan, 1.0]),
        "tensor([inf, -inf, nan, 1.])",
    ),
    "large": (lambda: tn.tensor([1e10, 1.0]), "tensor([1.0000e+10, 1.0000e+00])"),
    "small": (lambda: tn.tensor([1e-6, 1.0]), "tensor([1.0000e-06, 1.0000e+00])"),
    "large whole": (lambda: tn.tensor([100000.0, 1.0]), "tensor([1.0000e+05, 1.0000e+00])"),
    "complex": (lambda: tn.tensor([1 + 2j, -1.5j]), "tensor([1.+2.0000j, -0.-1.5000j])"),
    "whole complex": (lambda: tn.tensor([1 + 2j]), "tensor([1.+2.j])"),
    "truncated": (lambda: tn.arange(2000), "tensor([   0,    1,    2,  ..., 1997, 1998, 1999])"),
    "wrapped": (
        lambda: tn.arange(30),
        "tensor([ 0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15, 16, 17,\n"
        "        18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29])",
    ),
    "truncated matrix": (
        lambda: tn.zeros(100, 100),
        "tensor([[0., 0., 0.,  ..., 0., 0., 0.],\n"
        "        [0., 0., 0.,  ..., 0., 0., 0.],\n"
        "        [0., 0., 0.,  ..., 0., 0., 0.],\n"
        "        ...,\n"
        "        [0., 0., 0.,  ..., 0., 0., 0.],\n"
        "        [0., 0., 0.,  ..., 0., 0., 0.],\n"
        "        [0., 0., 0.,  ..., 0., 0., 0.]])",
    ),
    "parameter": (
        lambda: tn.nn.Parameter(tn.ones(2)),
        "Parameter containing:\ntensor([1., 1.], requires_grad=True)",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_repr(name: str) -> None:
    make, expected = CASES[name]
    assert repr(make()) == expected
    assert str(make()) == expected


def test_gradient_functions_have_pytorchs_names() -> None:
    x = tn.ones(2, 2, requires_grad=True)
    names = {
        "MulBackward0": x * 2,
        "SubBackward0": x - 1,
        "DivBackward0": x / 2,
        "ExpBackward0": x.exp(),
        "SelectBackward0": x[0],
        "ViewBackward0": x.view(4),
        "UnsqueezeBackward0": x.unsqueeze(0),
        "ReluBackward0": x.relu(),
        "CloneBackward0": x.clone(),
    }
    for name, y in names.items():
        assert y.grad_fn.name() == name
        assert type(y.grad_fn).__name__ == name


def test_print_options() -> None:
    x = tn.tensor([1.23456789, 1e-5])
    tn.set_printoptions(precision=2)
    assert repr(tn.tensor([1.23456])) == "tensor([1.23])"
    tn.set_printoptions(profile="default", sci_mode=True)
    assert repr(x) == "tensor([1.2346e+00, 1.0000e-05])"
    tn.set_printoptions(profile="default", sci_mode=False)
    assert repr(x) == "tensor([    1.2346,     0.0000])"
    tn.set_printoptions(profile="default", threshold=5, edgeitems=1)
    assert repr(tn.arange(10)) == "tensor([0,  ..., 9])"
    with pytest.raises(ValueError, match="profile"):
        tn.set_printoptions(profile="loud")


def test_format() -> None:
    t = tn.tensor(3.14159)
    assert f"{t:.4f}" == "3.1416"
    assert f"{t.requires_grad_():.2f}" == "3.14"
    assert f"{tn.tensor(5):03d}" == "005"
    assert "%d" % tn.tensor(7) == "7"  # noqa: UP031
    assert "%.3f" % tn.tensor(2.5) == "2.500"  # noqa: UP031
    assert f"{tn.tensor(5)}" == "5"
    assert f"{tn.tensor([5])}" == "tensor([5])"
    with pytest.raises(TypeError, match="format"):
        f"{tn.ones(2):.2f}"


def test_values_print_as_the_same_types_do() -> None:
    assert repr(tn.float32) == "tenon.float32"
    assert repr(tn.Size([2, 3])) == "tenon.Size([2, 3])"
    assert repr(tn.device("cpu")) == "device(type='cpu')"
    assert str(tn.device("cpu")) == "cpu"
    assert repr(tn.strided) == "tenon.strided"
    named = tn.tensor([3.0, 1.0]).sort()
    assert repr(named).startswith(
        "tenon.return_types.sort(\nvalues=tensor([1., 3.]),\nindices=tensor([1, 0]))"
    )
    assert named.values is named[0]
