"""Products with Jacobians and Hessians of functions of tensors."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tenon import _tenon
from tenon._tenon import Tensor

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]

Tensors = Tensor | Sequence[Tensor]


def _as_tuple(value, what: str) -> tuple[tuple[Tensor, ...], bool]:
    if isinstance(value, Tensor):
        return (value,), False
    items = tuple(value)
    for i, item in enumerate(items):
        if not isinstance(item, Tensor):
            raise TypeError(f"{what}: element {i} must be a Tensor, not {type(item).__name__}")
    return items, True


def _result(values, is_tuple: bool):
    return tuple(values) if is_tuple else values[0]


def _gradients(outputs, inputs, grads=None, create_graph=False, strict=False, retain_graph=None):
    live = [i for i, o in enumerate(outputs) if o.requires_grad]
    if live:
        seeds = None if grads is None else [grads[i] for i in live]
        found = _tenon._grad(
            [outputs[i] for i in live], inputs, seeds, retain_graph or create_graph, create_graph, True, True
        )
    else:
        found = (None,) * len(inputs)
    if strict and any(g is None for g in found):
        raise RuntimeError("the output of the function is independent of one of its inputs, and strict=True")
    return tuple(_tenon.zeros_like(x) if g is None else g for g, x in zip(found, inputs, strict=True))


def _leaves(inputs, create_graph: bool):
    # Fresh leaves, so that gradients of other parts of the program are not touched.
    if create_graph:
        return tuple(x.view_as(x) if x.requires_grad else x.detach().requires_grad_() for x in inputs)
    return tuple(x.detach().requires_grad_() for x in inputs)


def _check_like(v, reference, what: str):
    for i, (a, b) in enumerate(zip(v, reference, strict=True)):
        if a.shape != b.shape:
            raise RuntimeError(f"{what}: v[{i}] has shape {tuple(a.shape)}, expected {tuple(b.shape)}")


def _vector(v, reference, what: str):
    if v is None:
        if len(reference) != 1 or reference[0].numel() != 1:
            raise RuntimeError(f"{what}: the vector v can be None only for a function with one single value")
        return (_tenon.ones_like(reference[0]),)
    given, _ = _as_tuple(v, what)
    if len(given) != len(reference):
        raise RuntimeError(f"{what}: v has {len(given)} tensors, expected {len(reference)}")
    _check_like(given, reference, what)
    return given


def _detach(values, create_graph: bool):
    return tuple(values) if create_graph else tuple(v.detach() for v in values)


def vjp(
    func: Callable,
    inputs: Tensors,
    v: Tensors | None = None,
    create_graph: bool = False,
    strict: bool = False,
):
    """``func(*inputs)``, and v times its Jacobian, one tensor per input."""
    given, is_tuple = _as_tuple(inputs, "vjp")
    with _tenon.enable_grad():
        leaves = _leaves(given, create_graph)
        outputs, many = _as_tuple(func(*leaves), "vjp")
        found = _gradients(outputs, leaves, _vector(v, outputs, "vjp"), create_graph, strict)
    return _result(_detach(outputs, create_graph), many), _result(_detach(found, create_graph), is_tuple)


def jvp(
    func: Callable,
    inputs: Tensors,
    v: Tensors | None = None,
    create_graph: bool = False,
    strict: bool = False,
):
    """``func(*inputs)``, and its Jacobian times v, one tensor per output."""
    given, _ = _as_tuple(inputs, "jvp")
    with _tenon.enable_grad():
        leaves = _leaves(given, create_graph)
        vector = _vector(v, leaves, "jvp")
        outputs, many = _as_tuple(func(*leaves), "jvp")
        # The vector-Jacobian product is linear in its vector: its own gradient is the product wanted.
        seeds = tuple(_tenon.zeros_like(o).requires_grad_() for o in outputs)
        products = _gradients(outputs, leaves, seeds, True, strict)
        found = _gradients(products, seeds, vector, create_graph)
    return _result(_detach(outputs, create_graph), many), _result(_detach(found, create_graph), many)


def jacobian(func: Callable, inputs: Tensors, create_graph: bool = False, strict: bool = False):
    """The Jacobian: per output and input a tensor of shape output.shape + input.shape."""
    given, is_tuple = _as_tuple(inputs, "jacobian")
    with _tenon.enable_grad():
        leaves = _leaves(given, create_graph)
        outputs, many = _as_tuple(func(*leaves), "jacobian")
        rows = []
        for output in outputs:
            flat = output.reshape(-1)
            parts: list[list[Tensor]] = [[] for _ in leaves]
            for i in range(flat.numel()):
                found = _gradients((flat[i],), leaves, None, create_graph, strict, retain_graph=True)
                for part, g in zip(parts, found, strict=True):
                    part.append(g)
            blocks = [
                (_tenon.stack(part) if part else x.new_zeros((0, *x.shape))).reshape(output.shape + x.shape)
                for part, x in zip(parts, leaves, strict=True)
            ]
            rows.append(_result(_detach(blocks, create_graph), is_tuple))
    return _result(rows, many)


def hessian(func: Callable, inputs: Tensors, create_graph: bool = False, strict: bool = False):
    """The second derivatives of a function with one value: a tensor, or one per pair of inputs."""
    given, is_tuple = _as_tuple(inputs, "hessian")

    def gradient(*values):
        output = _one_value(func(*values), "hessian")
        found = _gradients((output,), values, None, True, strict)
        return found if is_tuple else found[0]

    return jacobian(gradient, given if is_tuple else given[0], create_graph, strict)


def _one_value(output, what: str) -> Tensor:
    if not isinstance(output, Tensor) or output.numel() != 1:
        raise RuntimeError(f"{what}: the function must return one Tensor with a single element")
    return output


def hvp(
    func: Callable,
    inputs: Tensors,
    v: Tensors | None = None,
    create_graph: bool = False,
    strict: bool = False,
):
    """``func(*inputs)``, and its Hessian times v."""
    given, is_tuple = _as_tuple(inputs, "hvp")
    with _tenon.enable_grad():
        leaves = _leaves(given, create_graph)
        vector = _vector(v, leaves, "hvp")
        output = _one_value(func(*leaves), "hvp")
        first = _gradients((output,), leaves, None, True, strict)
        found = _gradients(first, leaves, vector, create_graph)
    return _detach((output,), create_graph)[0], _result(_detach(found, create_graph), is_tuple)


def vhp(
    func: Callable,
    inputs: Tensors,
    v: Tensors | None = None,
    create_graph: bool = False,
    strict: bool = False,
):
    """``func(*inputs)``, and v times its Hessian, which is symmetric."""
    return hvp(func, inputs, v, create_graph, strict)
