"""Parameter, Buffer and their forms whose shape is not known yet."""

from __future__ import annotations

import tenon
from tenon import Tensor, _tenon

__all__ = ["Buffer", "Parameter", "UninitializedBuffer", "UninitializedParameter", "is_lazy"]

Parameter = _tenon.Parameter


class _BufferMeta(type(Tensor)):
    def __instancecheck__(cls, instance) -> bool:
        if cls is Buffer and isinstance(instance, Tensor):
            return getattr(instance, "_is_buffer", False)
        return super().__instancecheck__(instance)


class Buffer(Tensor, metaclass=_BufferMeta):
    """A tensor that becomes a module's buffer when it is assigned to an attribute."""

    def __new__(cls, data=None, *, persistent: bool = True):
        if data is None:
            data = tenon.empty(0)
        out = data.detach().requires_grad_(data.requires_grad)
        out.persistent = persistent
        out._is_buffer = True
        return out


_UNKNOWN = (
    "Attempted to use an uninitialized parameter in {}: it has no shape yet. Call the module once, with a "
    "batch of the shape to come, before counting or optimising its parameters."
)


class UninitializedTensorMixin:
    """A tensor without a shape: what a lazy module has until it sees its first input."""

    cls_to_become: type
    data: Tensor

    def materialize(self, shape, device=None, dtype=None) -> None:
        """Gives it memory, in place: whoever holds the parameter holds the real one from now on."""
        with tenon.no_grad():
            made = tenon.empty(shape, device=device or self.data.device, dtype=dtype or self.data.dtype)
        self.data = made
        _tenon.nn._set_class(self, self.cls_to_become)

    @property
    def shape(self):
        raise RuntimeError(
            "Can't access the shape of an uninitialized parameter or buffer. This error usually "
            "happens in `load_state_dict` when trying to load an uninitialized parameter into an "
            "initialized module. Call `forward` to initialize the parameters before accessing "
            "their attributes."
        )

    def numel(self) -> int:
        raise ValueError(_UNKNOWN.format("numel()"))

    nelement = numel

    def dim(self) -> int:
        raise ValueError(_UNKNOWN.format("dim()"))

    ndimension = dim

    def __deepcopy__(self, memo):
        if id(self) in memo:
            return memo[id(self)]
        out = type(self)(self.requires_grad, self.data.device, self.data.dtype)
        memo[id(self)] = out
        return out

    def __reduce_ex__(self, protocol):
        return type(self), (self.requires_grad, self.data.device, self.data.dtype)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class UninitializedParameter(UninitializedTensorMixin, Parameter):
    cls_to_become = Parameter

    def __new__(cls, requires_grad=True, device=None, dtype=None):
        return super().__new__(cls, tenon.empty(0, device=device, dtype=dtype), requires_grad)


class UninitializedBuffer(UninitializedTensorMixin, Tensor):
    cls_to_become = Tensor

    def __new__(cls, requires_grad=False, device=None, dtype=None, persistent=True):
        out = tenon.empty(0, device=device, dtype=dtype).as_subclass(cls)
        out.persistent = persistent
        out._is_buffer = True
        return out


def is_lazy(param) -> bool:
    """Whether the parameter or buffer still waits for its shape."""
    return isinstance(param, UninitializedTensorMixin)
