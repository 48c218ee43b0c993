"""Gradients against finite differences."""

from __future__ import annotations

from collections.abc import Callable

from tenon import _tenon
from tenon._tenon import Tensor

__all__ = ["GradcheckError", "gradcheck", "gradgradcheck"]


class GradcheckError(RuntimeError):
    """The gradient of a function is not what differences of its values say."""


def _outputs(func: Callable, inputs) -> list[Tensor]:
    result = func(*inputs)
    items = (result,) if isinstance(result, Tensor) else result
    return [o for o in items if isinstance(o, Tensor) and o.is_floating_point()]


def _numerical(func: Callable, inputs, x: Tensor, eps: float) -> list[Tensor]:
    """Per output the Jacobian with respect to x, shape (x.numel(), output.numel())."""
    flat = x.detach().reshape(-1) if x.is_contiguous() else None
    if flat is None:
        raise ValueError("gradcheck: the inputs must be contiguous")
    rows: list[list[Tensor]] = []
    with _tenon.no_grad():
        for i in range(flat.numel()):
            value = flat[i].item()
            flat[i] = value + eps
            above = [o.clone() for o in _outputs(func, inputs)]
            flat[i] = value - eps
            below = [o.clone() for o in _outputs(func, inputs)]
            flat[i] = value
            rows.append([(a - b).reshape(-1) / (2 * eps) for a, b in zip(above, below, strict=True)])
    return [_tenon.stack(column) for column in zip(*rows, strict=True)]


def _analytical(output: Tensor, x: Tensor) -> Tensor:
    """The same for one output by backward passes."""
    columns = []
    for i in range(output.numel()):
        seed = _tenon.zeros_like(output).reshape(-1)
        seed[i] = 1
        (g,) = _tenon._grad([output], [x], [seed.reshape(output.shape)], True, False, True, True)
        columns.append((_tenon.zeros_like(x) if g is None else g).reshape(-1))
    return _tenon.stack(columns, 1)


def gradcheck(
    func: Callable,
    inputs,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
) -> bool:
    """Whether the gradients of ``func(*inputs)`` agree with central differences of its values.

    Inputs that require grad should be float64: differences of float32 values are too coarse.
    """
    given = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    wanted = [(i, x) for i, x in enumerate(given) if isinstance(x, Tensor) and x.requires_grad]
    if not wanted:
        raise ValueError("gradcheck expects at least one input tensor to require gradient")
    # First all values, then the graph: the values are found by writing to the inputs, which a graph would resent.
    found = [(i, x, _numerical(func, given, x, eps)) for i, x in wanted if x.numel() > 0]
    outputs = _outputs(func, given)
    for i, x, columns in found:
        for k, numerical in enumerate(columns):
            if not outputs[k].requires_grad:
                continue
            analytical = _analytical(outputs[k], x)
            error = (analytical - numerical).abs()
            if bool((error <= atol + rtol * numerical.abs()).all()):
                continue
            if raise_exception:
                raise GradcheckError(
                    f"Jacobian mismatch for output {k} with respect to input {i},\nnumerical:{numerical}\n"
                    f"analytical:{analytical}\n"
                )
            return False
    return True


def gradgradcheck(
    func: Callable,
    inputs,
    grad_outputs=None,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
) -> bool:
    """As :func:`gradcheck`, for the gradients of the gradients."""
    given = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    if grad_outputs is None:
        seeds = [_tenon.randn(o.shape, dtype=o.dtype).requires_grad_() for o in _outputs(func, given)]
    else:
        seeds = [grad_outputs] if isinstance(grad_outputs, Tensor) else list(grad_outputs)
    count = len(given)

    def gradient(*arguments):
        wanted = [x for x in arguments[:count] if isinstance(x, Tensor) and x.requires_grad]
        with _tenon.enable_grad():
            outputs = _outputs(func, arguments[:count])
            found = _tenon._grad(outputs, wanted, list(arguments[count:]), True, True, True, True)
        return tuple(g for g in found if g is not None and g.requires_grad)

    return gradcheck(gradient, (*given, *seeds), eps, atol, rtol, raise_exception)
