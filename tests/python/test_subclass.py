"""Classes that take part in calls: subclasses of Tensor and others with __torch_function__."""

from __future__ import annotations

import copy
import pickle

import pytest

import tenon as tn


class Logging(tn.Tensor):
    """Writes down what is called on it, as in PyTorch's guide to extending."""

    calls: list[str] = []

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        cls.calls.append(func.__name__)
        return super().__torch_function__(func, types, args, kwargs or {})


class Plain(tn.Tensor):
    pass


class Scaled:
    """No tensor, and takes part all the same."""

    def __init__(self, value: float) -> None:
        self.value = value

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        if func is tn.mean:
            return sum(a.value for a in args) / len(args)
        if func in (tn.add, tn.Tensor.add):
            return Scaled(sum(a.value if isinstance(a, Scaled) else float(a) for a in args))
        return NotImplemented


@pytest.fixture(autouse=True)
def no_calls():
    Logging.calls.clear()


def log() -> Logging:
    return tn.ones(2, 2).as_subclass(Logging)


def test_functions_methods_and_operators_are_seen() -> None:
    x = log()
    results = [tn.add(x, 1), x.add(1), x + 1, 1 + x, -x, x @ x, x[0], x.exp(), x == 1, tn.stack([x, x])]
    assert all(type(r) is Logging for r in results)
    assert Logging.calls == ["add", "add", "add", "add", "neg", "matmul", "__getitem__", "exp", "eq", "stack"]


def test_writes_are_seen() -> None:
    x = log()
    x[0] = 5.0
    x += 1
    x.mul_(2)
    assert Logging.calls == ["__setitem__", "add_", "mul_"]
    assert type(x) is Logging
    assert tn.Tensor.tolist(x) == [[12.0, 12.0], [4.0, 4.0]]


def test_subclasses_in_any_place_are_seen() -> None:
    x = log()
    plain = tn.ones(2, 2)
    assert type(plain + x) is Logging and type(tn.cat([plain, x])) is Logging
    assert type(tn.where(x > 0, plain, plain)) is Logging
    assert type(tn.add(plain, other=x)) is Logging


def test_results_of_many_outputs() -> None:
    values, indices = log().max(dim=1)
    assert type(values) is Logging and type(indices) is Logging
    parts = log().split(1)
    assert all(type(p) is Logging for p in parts)


def test_a_subclass_without_a_handler_keeps_its_class() -> None:
    x = tn.ones(2).as_subclass(Plain)
    assert type(x + 1) is Plain and type(x.sum()) is Plain and type(x[0]) is Plain and type(x.T) is Plain
    assert type(x.detach()) is Plain and isinstance(x, tn.Tensor)
    assert repr(x) == "Plain([1., 1.])"


def test_the_most_derived_class_is_asked_first() -> None:
    class Derived(Logging):
        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            assert types[0] is Derived
            return super().__torch_function__(func, types, args, kwargs)

    derived = tn.ones(2).as_subclass(Derived)
    assert type(tn.ones(2).as_subclass(Logging) + derived) is Derived


def test_unrelated_subclasses_do_not_mix() -> None:
    class Refuses(tn.Tensor):
        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            return NotImplemented

    with pytest.raises(TypeError, match="no implementation found.*add"):
        tn.add(tn.ones(2).as_subclass(Refuses), 1)


def test_objects_that_are_no_tensors() -> None:
    assert tn.mean(Scaled(2.0)) == 2.0
    assert tn.add(tn.tensor(1.0), Scaled(2.0)).value == 3.0
    assert (tn.tensor(1.0) + Scaled(2.0)).value == 3.0
    with pytest.raises(TypeError, match="no implementation found"):
        tn.exp(Scaled(1.0))
    assert tn.overrides.has_torch_function((Scaled(1.0),)) and not tn.overrides.has_torch_function(
        (tn.ones(1), 2)
    )
    assert tn.overrides.is_tensor_like(Scaled(1.0)) and not tn.overrides.is_tensor_like(1)


def test_python_functions_can_be_overridden() -> None:
    @tn.overrides.wrap_torch_function(lambda x: (x,))
    def double(x):
        return x * 2

    class Special:
        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            assert func is double
            return "special"

    assert double(3) == 6 and double(Special()) == "special"


def test_the_default_can_be_switched_off() -> None:
    class Quiet(tn.Tensor):
        __torch_function__ = tn._tenon._disabled_torch_function_impl

    x = tn.ones(2).as_subclass(Quiet)
    assert type(x + 1) is tn.Tensor


def test_gradients_flow_through_subclasses() -> None:
    leaf = tn.ones(2, requires_grad=True)
    x = leaf.as_subclass(Logging)
    (x * 3).sum().backward()
    assert leaf.grad.tolist() == [3.0, 3.0]
    own = tn.ones(2).as_subclass(Plain).requires_grad_()
    (own * 2).sum().backward()
    assert own.grad.tolist() == [2.0, 2.0]


def test_attributes_and_constructors() -> None:
    class Named(tn.Tensor):
        @staticmethod
        def __new__(cls, data, name):
            made = tn.Tensor._make_subclass(cls, tn.as_tensor(data))
            made.name = name
            return made

        def __init__(self, data, name) -> None:
            pass

    x = Named([1.0, 2.0], "weights")
    assert type(x) is Named and x.name == "weights" and x.tolist() == [1.0, 2.0]
    assert copy.deepcopy(x).name == "weights" and type(copy.deepcopy(x)) is Named
    assert type(x * 2) is Named


def test_copies_keep_the_class() -> None:
    x = tn.ones(2).as_subclass(Plain)
    x.note = "a"
    assert type(copy.deepcopy(x)) is Plain and copy.deepcopy(x).note == "a"
    y = pickle.loads(pickle.dumps(x))
    assert type(y) is Plain and y.note == "a" and y.tolist() == [1.0, 1.0]


def test_names_of_functions() -> None:
    assert tn.overrides.resolve_name(tn.Tensor.add) == "tenon.Tensor.add"
    assert tn.overrides.resolve_name(tn.add) == "tenon.add"
    assert tn.overrides.is_tensor_method_or_property(tn.Tensor.add)
    assert not tn.overrides.is_tensor_method_or_property(tn.add)
    assert tn.add in tn.overrides.get_overridable_functions()[tn]


def test_functions_as_objects() -> None:
    assert pickle.loads(pickle.dumps(tn.exp)) is tn.exp and copy.deepcopy(tn.exp) is tn.exp
    assert pickle.loads(pickle.dumps(tn.Tensor.exp)) is tn.Tensor.exp
    assert tn.exp.__name__ == "exp" and "exp(input" in tn.exp.__doc__

    class Holder:
        activation = tn.relu

    assert Holder().activation(tn.tensor([-1.0, 2.0])).tolist() == [0.0, 2.0]
