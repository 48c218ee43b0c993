"""Gradients: grad(), backward(), custom functions, and the modes that turn recording on and off."""

from __future__ import annotations

from collections.abc import Sequence

from tenon import _tenon
from tenon._tenon import Tensor, enable_grad, inference_mode, no_grad, set_grad_enabled
from tenon.autograd import function, functional, grad_mode, graph
from tenon.autograd.function import Function
from tenon.autograd.gradcheck import gradcheck, gradgradcheck
from tenon.autograd.variable import Variable

__all__ = [
    "Function",
    "Variable",
    "backward",
    "enable_grad",
    "function",
    "functional",
    "grad",
    "grad_mode",
    "gradcheck",
    "gradgradcheck",
    "graph",
    "inference_mode",
    "no_grad",
    "set_grad_enabled",
]

Tensors = Tensor | Sequence[Tensor]


def backward(
    tensors: Tensors,
    grad_tensors: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    grad_variables=None,
    inputs: Tensors | None = None,
) -> None:
    """Adds the gradients of ``tensors`` to ``.grad`` of the leaves they were computed from.

    ``grad_tensors`` has the gradient with respect to each of them; one of a single element may be left out.
    With ``inputs`` only these tensors get theirs. ``create_graph`` records the backward pass itself.
    """
    if grad_variables is not None:
        if grad_tensors is not None:
            raise RuntimeError(
                "'grad_tensors' and 'grad_variables' (deprecated) arguments both passed to backward(). Please "
                "only use 'grad_tensors'."
            )
        grad_tensors = grad_variables
    _tenon._backward(tensors, grad_tensors, retain_graph, create_graph, inputs)


def grad(
    outputs: Tensors,
    inputs: Tensors,
    grad_outputs: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    *,
    materialize_grads: bool = False,
) -> tuple[Tensor, ...]:
    """The gradients of the sum of ``outputs`` with respect to each input; ``.grad`` stays as it is.

    An input that the outputs do not depend on is an error, unless ``allow_unused`` (then None) or
    ``materialize_grads`` (then zeros).
    """
    return _tenon._grad(
        outputs,
        inputs,
        grad_outputs,
        retain_graph,
        create_graph,
        only_inputs,
        allow_unused,
        False,
        materialize_grads,
    )
