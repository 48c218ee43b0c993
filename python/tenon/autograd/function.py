"""Custom functions with a gradient of their own."""

from __future__ import annotations

import functools
from typing import Any

from tenon import _tenon
from tenon._tenon import FunctionCtx, Tensor

__all__ = ["Function", "FunctionCtx", "once_differentiable"]


class Function:
    """A function written with its gradient: subclass it, then call ``apply``.

    ::

        class Square(Function):
            @staticmethod
            def forward(ctx, x):
                ctx.save_for_backward(x)
                return x * x

            @staticmethod
            def backward(ctx, grad):
                (x,) = ctx.saved_tensors
                return 2 * x * grad

        y = Square.apply(x)

    ``backward`` gets one gradient per output and returns one per argument of forward, None for what needs
    none. Instead of saving in ``forward(ctx, ...)`` a class may have ``forward(...)`` without ctx and
    ``setup_context(ctx, inputs, output)``.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise RuntimeError(f"{type(self)} should not be instantiated. Call its static method apply().")

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """Computes the outputs. Nothing inside is recorded."""
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> Any:
        """Saves what backward needs, when forward has no ctx."""
        raise NotImplementedError("setup_context is not implemented.")

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """The gradients of forward's arguments."""
        raise NotImplementedError(
            "You must implement either the backward or vjp method for your custom autograd.Function to use it "
            "with backward mode AD."
        )

    @classmethod
    def apply(cls, *args: Any) -> Any:
        """Runs forward and records backward."""
        return _tenon._apply_function(cls, *args)


class _Refuses(Function):
    # The results of a once differentiable backward: they have a history, which cannot be run.
    @staticmethod
    def forward(ctx, anchor, value):
        return value.view_as(value)

    @staticmethod
    def backward(ctx, *grads):
        raise RuntimeError(
            "trying to differentiate twice a function that was marked with @once_differentiable"
        )


def once_differentiable(fn):
    """Marks a ``backward`` whose own gradient would be wrong: taking it raises."""

    @functools.wraps(fn)
    def wrapper(ctx, *args):
        with _tenon.no_grad():
            outputs = fn(ctx, *args)
        anchor = next((a for a in args if isinstance(a, Tensor) and a.requires_grad), None)
        if anchor is None or not _tenon.is_grad_enabled():
            return outputs
        if isinstance(outputs, Tensor):
            return _Refuses.apply(anchor, outputs)
        return tuple(_Refuses.apply(anchor, o) if isinstance(o, Tensor) else o for o in outputs)

    return wrapper
