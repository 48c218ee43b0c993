"""``__torch_function__``: classes that take part in calls of Tenon's functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from tenon import _tenon
from tenon._tenon import Tensor

__all__ = [
    "get_overridable_functions",
    "handle_torch_function",
    "has_torch_function",
    "is_tensor_like",
    "is_tensor_method_or_property",
    "resolve_name",
    "wrap_torch_function",
]

_disabled = _tenon._disabled_torch_function_impl


def _overrides(value: Any) -> bool:
    kind = type(value)
    if kind is Tensor or not hasattr(kind, "__torch_function__"):
        return False
    return kind.__torch_function__ is not _disabled


def is_tensor_like(inp: Any) -> bool:
    """Whether an object is a tensor or takes part as one."""
    return type(inp) is Tensor or hasattr(inp, "__torch_function__")


def has_torch_function(relevant_args: Iterable[Any]) -> bool:
    """Whether one of the arguments wants to handle the call."""
    return any(_overrides(a) for a in relevant_args)


def handle_torch_function(
    public_api: Callable, relevant_args: Iterable[Any], *args: Any, **kwargs: Any
) -> Any:
    """Lets the arguments handle a call: subclasses before their bases, else from left to right."""
    found: list[Any] = []
    for a in relevant_args:
        if not _overrides(a) or any(type(a) is type(f) for f in found):
            continue
        at = next((i for i, f in enumerate(found) if issubclass(type(a), type(f))), len(found))
        found.insert(at, a)
    types = tuple(type(f) for f in found)
    for f in found:
        result = f.__torch_function__(public_api, types, args, kwargs)
        if result is not NotImplemented:
            return result
    raise TypeError(
        f"no implementation found for '{resolve_name(public_api)}' on types that implement __torch_function__: "
        f"{[t.__name__ for t in types]}"
    )


def wrap_torch_function(dispatcher: Callable) -> Callable:
    """Makes a Python function overridable; ``dispatcher`` returns the arguments that may handle the call."""

    def decorate(function: Callable) -> Callable:
        import functools

        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            relevant = dispatcher(*args, **kwargs)
            if has_torch_function(relevant):
                return handle_torch_function(wrapper, relevant, *args, **kwargs)
            return function(*args, **kwargs)

        return wrapper

    return decorate


def is_tensor_method_or_property(func: Callable) -> bool:
    """Whether a function that __torch_function__ got is a method of Tensor, so that its first argument is self."""
    name = getattr(func, "__name__", "")
    return name == "__get__" or getattr(Tensor, name, None) is func


def resolve_name(f: Any) -> str | None:
    """The name a function goes by: ``tenon.add``, ``tenon.Tensor.add``."""
    name = getattr(f, "__name__", None)
    if name is None:
        return None
    return f"tenon.Tensor.{name}" if getattr(Tensor, name, None) is f else f"{f.__module__}.{name}"


def get_overridable_functions() -> dict[Any, list[Callable]]:
    """The functions that call __torch_function__, by where they are found."""
    import tenon

    functions = [f for f in vars(_tenon).values() if type(f) is type(_tenon.add)]
    methods = [f for n in dir(Tensor) if type(f := getattr(Tensor, n)) is type(Tensor.add)]
    return {tenon: functions, Tensor: methods}
