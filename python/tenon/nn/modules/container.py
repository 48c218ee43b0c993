"""Modules made of modules. Sequential and ModuleList are C++ classes with their list methods here."""

from __future__ import annotations

import operator
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from itertools import chain, islice

import tenon
from tenon import _tenon
from tenon.nn.parameter import Parameter

from ._tables import MODULES
from .module import Module

_nn = _tenon.nn

__all__ = ["ModuleDict", "ModuleList", "ParameterDict", "ParameterList", "Sequential"]

Sequential = _tenon.nn.Sequential
ModuleList = _tenon.nn.ModuleList


def _on(cls):
    def add(function):
        setattr(cls, function.__name__, function)
        function.__qualname__ = f"{cls.__name__}.{function.__name__}"
        return function

    return add


def _index(self, idx) -> int:
    idx, size = operator.index(idx), len(self)
    if not -size <= idx < size:
        raise IndexError(f"index {idx} is out of range")
    return idx % size


def _name_at(self, idx) -> str:
    return next(islice(self._modules, _index(self, idx), None))


def _renumber(self, modules) -> None:
    """Makes the children exactly these, named 0, 1, 2 ..."""
    modules = list(modules)
    self._modules.clear()
    for i, module in enumerate(modules):
        self._modules[str(i)] = module


def _check_module(module) -> None:
    if not isinstance(module, Module):
        raise TypeError(f"{tenon.typename(module)} is not a Module subclass")


# ---- what both have ---------------------------------------------------------------------------------


def __len__(self):
    return _nn._table_size(self, MODULES)


def __iter__(self):
    return iter(list(self._modules.values()))


def __contains__(self, module):
    return any(m is module for m in self._modules.values())


def __setitem__(self, idx, module):
    _check_module(module)
    setattr(self, _name_at(self, idx), module)


def __delitem__(self, idx):
    names = list(self._modules)
    for name in names[idx] if isinstance(idx, slice) else [_name_at(self, idx)]:
        del self._modules[name]
    _renumber(self, self._modules.values())


def append(self, module):
    """Adds a module at the end."""
    _check_module(module)
    self.add_module(str(len(self)), module)
    return self


def extend(self, modules):
    """Adds several modules at the end."""
    if not isinstance(modules, Iterable):
        raise TypeError(
            f"{type(self).__name__}.extend should be called with an iterable, but got "
            + type(modules).__name__
        )
    for module in list(modules):
        self.append(module)
    return self


def insert(self, index, module):
    """Puts a module before the one at ``index``."""
    _check_module(module)
    modules = list(self._modules.values())
    if isinstance(self, Sequential) and not -len(modules) <= index <= len(modules):
        raise IndexError(f"Index out of range: {index}")
    modules.insert(index, module)
    _renumber(self, modules)
    return self if isinstance(self, Sequential) else None


def pop(self, key):
    """Takes the module at ``key`` out and returns it."""
    module = self[key]
    del self[key]
    return module


def __iadd__(self, modules):
    return self.extend(modules)


for _cls in (Sequential, ModuleList):
    for _function in (
        __len__, __iter__, __contains__, __setitem__, __delitem__, append, extend, insert, pop,
        __iadd__,
    ):  # fmt: skip
        setattr(_cls, _function.__name__, _function)


# ---- Sequential ---------------------------------------------------------------------------------------


@_on(Sequential)
def __init__(self, *args):
    super(Sequential, self).__init__()
    if len(args) == 1 and isinstance(args[0], OrderedDict):
        for key, module in args[0].items():
            self.add_module(key, module)
    else:
        for idx, module in enumerate(args):
            self.add_module(str(idx), module)


@_on(Sequential)
def __getitem__(self, idx):
    if isinstance(idx, slice):
        return type(self)(OrderedDict(list(self._modules.items())[idx]))
    return _nn._child_at(self, idx)


@_on(Sequential)
def __add__(self, other):
    if not isinstance(other, Sequential):
        raise ValueError(
            f"add operator supports only objects of Sequential class, but {type(other)} is given."
        )
    return Sequential(*self, *other)


@_on(Sequential)
def __mul__(self, other):
    if not isinstance(other, int):
        raise TypeError(f"unsupported operand type(s) for *: {type(self)} and {type(other)}")
    if other <= 0:
        raise ValueError(f"Non-positive multiplication factor {other} for {type(self)}")
    return Sequential(*(module for _ in range(other) for module in self))


Sequential.__rmul__ = Sequential.__mul__


@_on(Sequential)
def __imul__(self, other):
    modules = list(self * other)
    return self.extend(modules[len(self) :])


# ---- ModuleList -----------------------------------------------------------------------------------------


@_on(ModuleList)
def __init__(self, modules=None):  # noqa: F811
    super(ModuleList, self).__init__()
    if modules is not None:
        self += modules


@_on(ModuleList)
def __getitem__(self, idx):  # noqa: F811
    if isinstance(idx, slice):
        return type(self)(list(self._modules.values())[idx])
    return _nn._child_at(self, idx)


@_on(ModuleList)
def __add__(self, other):  # noqa: F811
    return ModuleList(chain(self, other))


# ---- dictionaries ------------------------------------------------------------------------------------------


class ModuleDict(Module):
    """Modules in a dict."""

    def __init__(self, modules=None) -> None:
        super().__init__()
        if modules is not None:
            self.update(modules)

    def __getitem__(self, key):
        return self._modules[key]

    def __setitem__(self, key, module) -> None:
        self.add_module(key, module)

    def __delitem__(self, key) -> None:
        del self._modules[key]

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self):
        return iter(self._modules)

    def __contains__(self, key) -> bool:
        return key in self._modules

    def clear(self) -> None:
        self._modules.clear()

    def pop(self, key):
        return self._modules.pop(key)

    def keys(self):
        return self._modules.keys()

    def items(self):
        return self._modules.items()

    def values(self):
        return self._modules.values()

    def update(self, modules) -> None:
        pairs = modules.items() if isinstance(modules, (Mapping, ModuleDict)) else modules
        if not isinstance(pairs, Iterable):
            raise TypeError(
                "ModuleDict.update should be called with an iterable of key/value pairs, but got "
                + type(modules).__name__
            )
        for key, module in pairs:
            self[key] = module


def _listing(items) -> str:
    """One line for each value: what kind it is, and a tensor's dtype and shape."""
    lines = []
    for key, value in items:
        if isinstance(value, tenon.Tensor):
            kind = "Parameter" if isinstance(value, Parameter) else "Tensor"
            size = "x".join(str(n) for n in value.size())
            lines.append(f"  ({key}): {kind} containing: [{value.dtype} of size {size}]")
        else:
            lines.append(f"  ({key}): Object of type: {type(value).__name__}")
    return "\n".join(lines)


class ParameterList(Module):
    """Parameters, and any other values, in a list. Plain tensors become parameters."""

    def __init__(self, values=None) -> None:
        super().__init__()
        self._size = 0
        if values is not None:
            self += values

    def __getitem__(self, idx):
        if isinstance(idx, slice):
            return type(self)(list(self)[idx])
        return getattr(self, str(_index(self, idx)))

    def __setitem__(self, idx, value) -> None:
        if isinstance(value, tenon.Tensor) and not isinstance(value, Parameter):
            value = Parameter(value)
        setattr(self, str(_index(self, idx)), value)

    def __len__(self) -> int:
        return self._size

    def __iter__(self):
        return iter(self[i] for i in range(len(self)))

    def __iadd__(self, values):
        return self.extend(values)

    def append(self, value):
        self._size += 1
        self[self._size - 1] = value
        return self

    def extend(self, values):
        if not isinstance(values, Iterable) or isinstance(values, tenon.Tensor):
            raise TypeError(
                "ParameterList.extend should be called with an iterable, but got " + type(values).__name__
            )
        for value in values:
            self.append(value)
        return self

    def extra_repr(self) -> str:
        return _listing(enumerate(self))

    def __call__(self, *args, **kwargs):
        raise RuntimeError("ParameterList should not be called.")


class ParameterDict(Module):
    """Parameters, and any other values, in a dict. Plain tensors become parameters."""

    def __init__(self, parameters=None) -> None:
        super().__init__()
        self._keys: dict = {}
        if parameters is not None:
            self.update(parameters)

    def __getitem__(self, key):
        return getattr(self, str(key)) if key in self._keys else self._missing(key)

    def _missing(self, key):
        raise KeyError(key)

    def __setitem__(self, key, value) -> None:
        self._keys[key] = None
        if isinstance(value, tenon.Tensor) and not isinstance(value, Parameter):
            value = Parameter(value)
        setattr(self, str(key), value)

    def __delitem__(self, key) -> None:
        del self._keys[key]
        delattr(self, str(key))

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self):
        return iter(self._keys)

    def __reversed__(self):
        return reversed(list(self._keys))

    def __contains__(self, key) -> bool:
        return key in self._keys

    def keys(self):
        return self._keys.keys()

    def items(self):
        return ((k, self[k]) for k in self._keys)

    def values(self):
        return (self[k] for k in self._keys)

    def get(self, key, default=None):
        return self[key] if key in self else default

    def setdefault(self, key, default=None):
        if key not in self:
            self[key] = default
        return self[key]

    def clear(self) -> None:
        for key in list(self._keys):
            del self[key]

    def pop(self, key):
        value = self[key]
        del self[key]
        return value

    def popitem(self):
        key = next(reversed(self._keys))
        return key, self.pop(key)

    def copy(self):
        return ParameterDict(OrderedDict((k, self[k]) for k in self._keys))

    def update(self, parameters) -> None:
        pairs = parameters.items() if hasattr(parameters, "items") else parameters
        for key, value in pairs:
            self[key] = value

    def __or__(self, other):
        out = self.copy()
        out.update(other)
        return out

    def extra_repr(self) -> str:
        return _listing(self.items())

    def __call__(self, input):
        raise RuntimeError("ParameterDict should not be called.")
