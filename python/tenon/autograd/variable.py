"""Variable: what tensors with gradients were called in old programs."""

from __future__ import annotations

from tenon._tenon import Tensor


class _VariableMeta(type):
    def __instancecheck__(cls, instance) -> bool:
        return isinstance(instance, Tensor)

    def __call__(cls, data: Tensor, requires_grad: bool = False) -> Tensor:
        out = data.detach()
        return out.requires_grad_() if requires_grad else out


class Variable(metaclass=_VariableMeta):
    """Variable(data, requires_grad=False): a tensor on the same memory. Every tensor is a Variable."""
