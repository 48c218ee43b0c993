"""Functions of functions: gradients without leaves, modules called with other parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tenon import _tenon
from tenon._tenon import Tensor

__all__ = ["functional_call", "grad", "grad_and_value", "vjp"]


def functional_call(
    module, parameter_and_buffer_dicts, args=None, kwargs=None, *, tie_weights=True, strict=False
):
    """Calls a module with other tensors in place of the parameters and buffers that the dict names."""
    from tenon.nn.utils.stateless import functional_call as call

    given = parameter_and_buffer_dicts
    if not isinstance(given, dict):
        merged: dict[str, Tensor] = {}
        for part in given:
            repeated = merged.keys() & part.keys()
            if repeated:
                raise ValueError(f"functional_call: {sorted(repeated)} are in more than one of the dicts")
            merged.update(part)
        given = merged
    return call(module, given, args, kwargs, tie_weights=tie_weights, strict=strict)


def _leaves(value, found: list[Tensor]):
    """The structure with a fresh leaf for each of its tensors."""
    if isinstance(value, Tensor):
        leaf = value.view_as(value) if value.requires_grad else value.detach().requires_grad_()
        found.append(leaf)
        return leaf
    if isinstance(value, dict):
        return {k: _leaves(v, found) for k, v in value.items()}
    if isinstance(value, tuple | list):
        items = [_leaves(v, found) for v in value]
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
    raise TypeError(
        f"gradients are taken for tensors and dicts, lists and tuples of them, not {type(value).__name__}"
    )


def _structured(value, gradients):
    if isinstance(value, Tensor):
        return next(gradients)
    if isinstance(value, dict):
        return {k: _structured(v, gradients) for k, v in value.items()}
    items = [_structured(v, gradients) for v in value]
    return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)


def grad_and_value(func: Callable, argnums: int | tuple[int, ...] = 0, has_aux: bool = False) -> Callable:
    """A function that returns the gradient of ``func`` with respect to the arguments named, and its value."""

    def wrapper(*args: Any, **kwargs: Any):
        numbers = (argnums,) if isinstance(argnums, int) else tuple(argnums)
        outer = _tenon.is_grad_enabled()
        with _tenon.enable_grad():
            arguments = list(args)
            leaves: list[Tensor] = []
            for i in numbers:
                arguments[i] = _leaves(arguments[i], leaves)
            result = func(*arguments, **kwargs)
            value, aux = result if has_aux else (result, None)
            if not isinstance(value, Tensor) or value.dim() != 0:
                raise RuntimeError("grad: the function must return a Tensor with no dimensions (a scalar)")
            if value.requires_grad:
                found = _tenon._grad([value], leaves, None, True, True, True, True, False, True)
            else:
                found = tuple(_tenon.zeros_like(x) for x in leaves)
        if not outer or not any(a.requires_grad for a in _tensors(args)):
            found = tuple(g.detach() for g in found)
            value = value.detach()
        remaining = iter(found)
        parts = [_structured(args[i], remaining) for i in numbers]
        gradient = parts[0] if isinstance(argnums, int) else tuple(parts)
        return (gradient, (value, aux)) if has_aux else (gradient, value)

    return wrapper


def _tensors(value):
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _tensors(item)
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _tensors(item)


def grad(func: Callable, argnums: int | tuple[int, ...] = 0, has_aux: bool = False) -> Callable:
    """A function that returns the gradient of ``func`` with respect to the arguments named."""
    both = grad_and_value(func, argnums, has_aux)

    def wrapper(*args: Any, **kwargs: Any):
        gradient, value = both(*args, **kwargs)
        return (gradient, value[1]) if has_aux else gradient

    return wrapper


def vjp(func: Callable, *primals: Any, has_aux: bool = False):
    """``func(*primals)``, and a function from the gradient of its outputs to those of its arguments."""
    with _tenon.enable_grad():
        leaves: list[Tensor] = []
        arguments = [_leaves(p, leaves) for p in primals]
        result = func(*arguments)
        output, aux = result if has_aux else (result, None)

    def pull(*cotangents: Any, retain_graph: bool = True, create_graph: bool | None = None):
        seeds = list(_tensors(cotangents))
        outputs = list(_tensors(output))
        create = _tenon.is_grad_enabled() if create_graph is None else create_graph
        found = iter(_tenon._grad(outputs, leaves, seeds, retain_graph, create, True, True, False, True))
        return tuple(_structured(p, found) for p in primals)

    return (output, pull, aux) if has_aux else (output, pull)
