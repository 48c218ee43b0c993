"""Modules of several arguments, keywords and results: in Python, in C++, and one inside the other."""

from __future__ import annotations

import copy
import inspect
import pathlib
import pickle
from typing import NamedTuple

import pytest

import tenon as tn
from tenon import _tenon, nn

LIBRARY = pathlib.Path(__file__).resolve().parents[2] / "build/release/user_library/libuser_library.so"


def as_cpp(module, *args, **kwargs):
    """A call as C++ code makes it."""
    return _tenon.nn._call_values_from_cpp(module, *args, **kwargs)


@pytest.fixture(scope="module")
def classes():
    assert LIBRARY.exists(), f"{LIBRARY} is not built; `make test` builds it"
    tn.ops.load_library(LIBRARY)
    return tn.classes


@pytest.fixture
def attend(classes):
    return classes.Attend(3, bias=False)


def by_hand(module, q, k, mask=None):
    scores = module.project(q) @ k.T
    weights = tn.softmax(scores if mask is None else scores + mask, -1)
    return weights @ k, weights


class Recurrent(nn.Module):
    """Takes and gives nested tuples."""

    def forward(self, x, hx=None, *, steps=1):
        h, c = hx if hx is not None else (tn.zeros_like(x), tn.ones_like(x))
        for _ in range(steps):
            h = h + x * c
        return h, (h, c)


# ---- a module of a user's library -------------------------------------------------------------------------


def test_a_cpp_module_of_several_inputs(attend):
    q, k, mask = tn.randn(2, 3), tn.randn(4, 3), tn.randn(2, 4)
    out, weights = attend(q, k)
    expected, expected_weights = by_hand(attend, q, k)
    tn.testing.assert_close(out, expected)
    tn.testing.assert_close(weights, expected_weights)
    out, weights = attend(key=k, query=q, mask=mask, need_weights=False)
    assert weights is None
    tn.testing.assert_close(out, by_hand(attend, q, k, mask)[0])
    out.sum().backward()
    assert attend.project.weight.grad is not None


def test_it_is_a_class_like_others(attend, classes):
    assert repr(attend) == (
        "Attend(\n  a user's\n  (project): Linear(in_features=3, out_features=3, bias=False)\n)"
    )
    assert str(inspect.signature(classes.Attend)) == "(features, bias=True)"
    assert (
        str(inspect.signature(attend.forward)) == "(query, key, value=None, *, mask=None, need_weights=True)"
    )
    assert list(attend.state_dict()) == ["project.weight"]
    assert "Attend" in dir(classes)

    class Loud(classes.Attend):
        def forward(self, query, key):
            out, weights = super().forward(query, key)
            return out * 0, weights

    loud = Loud(3)
    assert loud(tn.ones(2, 3), tn.ones(2, 3))[0].abs().sum() == 0
    assert as_cpp(loud, tn.ones(2, 3), key=tn.ones(2, 3))[0].abs().sum() == 0


@pytest.mark.parametrize("make", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_it_is_copied_with_its_weights(attend, make):
    other = make(attend)
    q, k = tn.randn(2, 3), tn.randn(4, 3)
    assert other is not attend and other.project is not attend.project
    tn.testing.assert_close(other(q, k)[0], attend(q, k)[0], rtol=0, atol=0)


def test_its_errors_teach(attend, classes):
    q = tn.ones(2, 3)
    for args, kwargs, text in [
        ((q,), {}, r"Attend\.forward\(\) missing required argument 'key'"),
        ((q, q, q, q), {}, "takes 3 positional arguments"),
        ((q, q), {"query": q}, "multiple values for argument 'query'"),
        ((q, q), {"maks": q}, "unexpected keyword argument 'maks'; its parameters are"),
        ((q, "k"), {}, "argument 'key' must be Tensor, not str"),
        ((q, None), {}, "argument 'key' must be Tensor, not None"),
        ((q, q), {"need_weights": 1}, "argument 'need_weights' must be bool, not int"),
    ]:
        with pytest.raises(TypeError, match=text):
            attend(*args, **kwargs)
    with pytest.raises(TypeError, match=r"Attend\.__init__\(\) missing required argument 'features'"):
        classes.Attend()
    with pytest.raises(TypeError, match="argument 'features' must be int, not float"):
        classes.Attend(2.5)
    with pytest.raises(AttributeError, match="load_library"):
        classes.NoSuchClass  # noqa: B018


def test_a_child_of_a_class_that_nothing_names(classes):
    module = classes.Doubled()
    inner = module.inner
    assert type(inner).__name__ == "Inner" and repr(inner) == "Inner()"
    assert str(inspect.signature(inner.forward)) == "(input, times=2)"
    assert module(tn.ones(1)).item() == 2
    assert inner(tn.ones(1), times=3).item() == 3
    with pytest.raises(TypeError, match="can only be made by C"):
        copy.deepcopy(inner)

    class Tripled(nn.Module):
        def forward(self, input, times=2):
            return input * 3

    module.inner = Tripled()  # C++ calls it from now on
    assert module(tn.ones(1)).item() == 3


# ---- Python modules called from C++ -------------------------------------------------------------------------


def test_cpp_calls_a_python_module_with_keywords_and_tuples():
    module, x = Recurrent(), tn.ones(2)
    out, (h, c) = as_cpp(module, x)
    assert out.tolist() == [1, 1] and h is out
    out, state = as_cpp(module, x, (h, c), steps=2)
    assert out.tolist() == [3, 3]
    assert isinstance(state, tuple)


def test_all_kinds_of_values_cross_the_border():
    class Point(NamedTuple):
        x: int

    class Echo(nn.Module):
        def forward(self, *args, **kwargs):
            return args, kwargs

    class Own(dict):
        pass

    same = [Point(1), Own(a=1), object(), 1 << 70, {1: 2}, tn.float32, tn.device("cpu"), tn.randn(1)]
    args, kwargs = as_cpp(
        Echo(), None, True, 2, 0.5, "text", [1, (2,)], {"k": None}, tn.Size([2]), *same, key=3
    )
    assert args[:8] == (None, True, 2, 0.5, "text", [1, (2,)], {"k": None}, (2,))
    assert type(args[1]) is bool and type(args[2]) is int
    for got, given in zip(args[8:], same, strict=True):
        assert got is given or got == given
    assert args[9] is same[1] and args[10] is same[2] and args[15] is same[7]
    assert kwargs == {"key": 3}
    ring: list = []
    ring.append(ring)
    with pytest.raises(RecursionError):
        as_cpp(Echo(), ring)


def test_sequential_of_both_languages(attend):
    class Pair(nn.Module):
        def forward(self, x):
            return x, (x, x)

    class Sum(nn.Module):
        def forward(self, values):
            return values[0] + values[1][0] + values[1][1]

    net = nn.Sequential(Pair(), Sum(), nn.ReLU())
    assert net(tn.ones(2)).tolist() == [3, 3]
    assert as_cpp(net, tn.ones(2)).tolist() == [3, 3]
    with pytest.raises(TypeError, match="must be Tensor, not tuple"):
        _tenon.nn._call_from_cpp(nn.Sequential(Pair()), tn.ones(2))
    assert len(as_cpp(nn.Sequential(Pair()), tn.ones(2))) == 2


def test_losses_take_keywords():
    x, y = tn.randn(3, 4), tn.tensor([0, 1, 2])
    loss = nn.CrossEntropyLoss()
    assert loss(target=y, input=x).item() == as_cpp(loss, x, y).item() == loss(x, y).item()
    with pytest.raises(TypeError, match=r"CrossEntropyLoss\.forward\(\) missing required argument 'target'"):
        loss(x)


# ---- hooks ----------------------------------------------------------------------------------------------------


def test_hooks_see_arguments_keywords_and_results(attend):
    q, k = tn.randn(2, 3), tn.randn(4, 3)
    seen = []

    def before(module, args, kwargs):
        seen.append((len(args), sorted(kwargs)))
        return args, {**kwargs, "need_weights": False}

    def after(module, args, kwargs, output):
        assert kwargs["need_weights"] is False and output[1] is None
        return output[0] * 2, output[1]

    attend.register_forward_pre_hook(before, with_kwargs=True)
    attend.register_forward_hook(after, with_kwargs=True)
    expected = by_hand(attend, q, k)[0] * 2
    for call in (attend, lambda *a, **kw: as_cpp(attend, *a, **kw)):
        out, weights = call(q, key=k)
        assert weights is None
        tn.testing.assert_close(out, expected)
    assert seen == [(1, ["key"])] * 2


def test_a_hook_that_is_always_called(attend):
    calls = []
    attend.register_forward_hook(lambda *a: calls.append(a[-1]), always_call=True)
    with pytest.raises(TypeError):
        attend(1)
    assert calls == [None]
