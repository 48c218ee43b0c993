"""Other tensors in the place of a module's own: functional calls, parametrizations, lazy parameters."""

from __future__ import annotations

import copy

import pytest

import tenon as tn
from tenon import _tenon, nn


def as_cpp(module, x):
    """A call as C++ code makes it."""
    return _tenon.nn._call_from_cpp(module, x)


class Net(nn.Module):
    def __init__(self, width: int = 3) -> None:
        super().__init__()
        self.first = nn.Linear(width, width)
        self.act = nn.ReLU()
        self.scale = nn.Parameter(tn.full((width,), 2.0))
        self.register_buffer("shift", tn.ones(width))
        self.register_buffer("hidden", tn.zeros(1), persistent=False)
        self.note = "kept"

    def forward(self, x):
        return self.act(self.first(x)) * self.scale + self.shift


def same(a, b) -> None:
    assert tn.equal(a, b)


def test_functional_call():
    net = nn.Sequential(nn.Linear(2, 2), Net(2))
    x = tn.ones(1, 2)
    before = {n: p for n, p in net.named_parameters()}
    zeros = {n: tn.zeros_like(p) for n, p in net.named_parameters()}
    got = tn.func.functional_call(net, zeros, (x,))
    same(got, net[1].shift.expand(1, 2))
    assert all(p is before[n] for n, p in net.named_parameters())
    weight = tn.ones(2, 2, requires_grad=True)
    tn.func.functional_call(net, {"0.weight": weight}, x).sum().backward()
    assert weight.grad is not None and net[0].weight.grad is None
    with pytest.raises(RuntimeError, match="Missing key"):
        tn.func.functional_call(net, {"0.weight": weight}, x, strict=True)
    assert tn.func.functional_call(net, {"absent": weight}, x).shape == net(x).shape
    assert net[0].weight is before["0.weight"]
    gradients = tn.func.grad(lambda p: tn.func.functional_call(net, p, x).sum())(
        {n: p.detach() for n, p in net.named_parameters()}
    )
    assert gradients.keys() == before.keys()


def test_parametrized_cpp_layer():
    class Symmetric(nn.Module):
        def forward(self, x):
            return x.triu() + x.triu(1).t()

    layer = nn.Linear(3, 3)
    original = layer.weight
    nn.utils.parametrize.register_parametrization(layer, "weight", Symmetric())
    assert isinstance(layer, nn.Linear) and nn.utils.parametrize.is_parametrized(layer, "weight")
    same(layer.weight, layer.weight.t())
    assert layer.parametrizations.weight.original is original
    assert [n for n, _ in layer.named_parameters()] == ["bias", "parametrizations.weight.original"]
    x = tn.randn(2, 3)
    expected = nn.functional.linear(x, layer.weight, layer.bias)
    for got in (layer(x), nn.Sequential(layer)(x), as_cpp(layer, x)):
        same(got, expected)
    layer(x).sum().backward()
    assert original.grad is not None
    twin = copy.deepcopy(layer)
    same(twin.weight, layer.weight)
    same(twin(x), expected)
    assert repr(layer).startswith(
        "ParametrizedLinear(\n  in_features=3, out_features=3, bias=True\n  (parametrizations): ModuleDict("
    )
    nn.utils.parametrize.remove_parametrizations(layer, "weight")
    assert type(layer) is nn.Linear and isinstance(layer.weight, nn.Parameter)
    same(layer(x), expected)


def test_lazy_layers():
    net = nn.Sequential(nn.LazyConv2d(4, 3), nn.LazyBatchNorm2d(), nn.Flatten(), nn.LazyLinear(5))
    weight = net[3].weight
    with pytest.raises(RuntimeError, match="uninitialized"):
        weight.shape  # noqa: B018
    assert net(tn.randn(2, 3, 6, 6)).shape == (2, 5)
    assert type(net[3]) is nn.Linear and net[3].in_features == 64 and net[3].weight is weight
    assert type(weight) is nn.Parameter and weight.shape == (5, 64) and weight.requires_grad
    assert type(net[0]) is nn.Conv2d and net[0].in_channels == 3 and type(net[1]) is nn.BatchNorm2d
    fresh = nn.Sequential(nn.LazyConv2d(4, 3), nn.LazyBatchNorm2d(), nn.Flatten(), nn.LazyLinear(5))
    fresh.load_state_dict(net.state_dict())
    x = tn.randn(2, 3, 6, 6)
    same(fresh.eval()(x), net.eval()(x))
