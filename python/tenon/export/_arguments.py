"""Arguments and results of a model as lists of tensors, and back."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from tenon import _tenon


class _Place:
    """Where a tensor goes among the arguments."""

    def __init__(self, index: int):
        self.index = index


class Call:
    """A call of `model` with some arguments, whose tensors are the inputs of the program."""

    def __init__(self, model: Callable[..., Any], example: Any, both: bool = False):
        self.model = model
        self.example = _Both(*example) if both else example
        self.tensors: list[_tenon.Tensor] = []
        self.names: list[str] = []
        args, kwargs = _split(self.example)
        self.args = [
            self._take(value, name)
            for value, name in zip(args, _positional_names(model, len(args)), strict=True)
        ]
        self.kwargs = {name: self._take(value, name) for name, value in kwargs.items()}

    def _take(self, value: Any, name: str) -> Any:
        tensor = _as_tensor(value)
        if tensor is not None:
            self.tensors.append(tensor)
            self.names.append(name)
            return _Place(len(self.tensors) - 1)
        if isinstance(value, list | tuple):
            items = [self._take(item, f"{name}_{i}") for i, item in enumerate(value)]
            return tuple(items) if type(value) is tuple else items
        if isinstance(value, dict):
            return {key: self._take(item, f"{name}_{key}") for key, item in value.items()}
        return value

    def call(self, tensors: list[_tenon.Tensor]) -> Any:
        args = [_put(value, tensors) for value in self.args]
        return self.model(*args, **{name: _put(value, tensors) for name, value in self.kwargs.items()})

    def flatten(self, example: Any) -> list[_tenon.Tensor]:
        """The tensors of another call, whose other arguments are the same."""
        other = Call(self.model, example)
        if other.names != self.names:
            raise _tenon.ValueError(
                f"export: the second example has the tensors {other.names}, and the first {self.names}"
            )
        return other.tensors


class _Both:
    def __init__(self, args: tuple[Any, ...], kwargs: dict[str, Any]):
        self.args, self.kwargs = args, kwargs


def _split(example: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    if isinstance(example, _Both):
        return example.args, example.kwargs
    if isinstance(example, dict):
        return (), example
    if isinstance(example, tuple | list):
        return tuple(example), {}
    return (example,), {}


def _as_tensor(value: Any) -> _tenon.Tensor | None:
    if isinstance(value, _tenon.Tensor):
        return value
    if type(value).__module__ == "numpy" and hasattr(value, "dtype"):
        return _tenon.as_tensor(value)
    return None


def _put(value: Any, tensors: list[_tenon.Tensor]) -> Any:
    if isinstance(value, _Place):
        return tensors[value.index]
    if isinstance(value, list):
        return [_put(item, tensors) for item in value]
    if type(value) is tuple:
        return tuple(_put(item, tensors) for item in value)
    if isinstance(value, dict):
        return {key: _put(item, tensors) for key, item in value.items()}
    return value


def _positional_names(model: Callable[..., Any], count: int) -> list[str]:
    names: list[str] = []
    try:
        signature = inspect.signature(getattr(model, "forward", model))
        for parameter in signature.parameters.values():
            if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
                names.append(parameter.name)
    except (TypeError, ValueError):
        pass
    for i in range(len(names), count):
        names.append("input" if i == 0 else f"input_{i}")
    return names[:count]


class Returned:
    """What the model returns: a tensor, a tuple or a dict of tensors."""

    def __init__(self) -> None:
        self.kind = "tensor"
        self._names: list[str] = []

    def names(self) -> list[str]:
        return self._names

    def flatten(self, result: Any) -> list[_tenon.Tensor]:
        if isinstance(result, _tenon.Tensor):
            self.kind, self._names = "tensor", ["output"]
            return [result]
        if isinstance(result, Mapping):
            self.kind, self._names = "dict", [str(key) for key in result]
            values = list(result.values())
        elif isinstance(result, tuple | list):
            fields = getattr(result, "_fields", None)
            self.kind = "tuple"
            self._names = [str(f) for f in fields] if fields else [f"output_{i}" for i in range(len(result))]
            values = list(result)
        else:
            values, self._names = [result], ["output"]
        for name, value in zip(self._names, values, strict=True):
            if not isinstance(value, _tenon.Tensor):
                raise _tenon.TraceError(
                    f"export: {name} is {type(value).__name__}; a program returns a tensor, "
                    "or a tuple or dict of tensors"
                )
        return values


def dynamic_dimensions(dynamic: Any, names: list[str]) -> tuple[dict[str, dict[int, str]], str]:
    """Names of dimensions by input, and of dimension 0 of all."""
    if not dynamic:
        return {}, ""
    if isinstance(dynamic, str):
        return {}, dynamic
    if not isinstance(dynamic, Mapping):
        given = [_name(item) for item in dynamic]
        if len(given) != 1:
            raise _tenon.ValueError(
                f"export: dynamic={sorted(given)} names dimension 0 of every input by one name; use a dict for more"
            )
        return {}, given[0]
    out: dict[str, dict[int, str]] = {}
    for name, dims in dynamic.items():
        if name not in names:
            raise _tenon.ValueError(f"export: dynamic names '{name}', which is no input; they are {names}")
        if isinstance(dims, Mapping):
            pairs = dims.items()
        elif isinstance(dims, str):
            pairs = {0: dims}.items()
        else:
            pairs = dict(enumerate(dims)).items()
        out[name] = {int(dim): _name(size) for dim, size in pairs if size is not None}
    return out, ""


def _name(size: Any) -> str:
    name = size if isinstance(size, str) else getattr(size, "__name__", None)
    if not isinstance(name, str) or not name.isidentifier():
        raise _tenon.ValueError(f"export: a dynamic size has a name such as 'batch', not {size!r}")
    return name
