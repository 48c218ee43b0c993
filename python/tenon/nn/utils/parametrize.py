"""Parametrizations: a parameter that is computed from others each time it is read.

``register_parametrization(layer, "weight", Symmetric())`` moves the tensor to
``layer.parametrizations.weight.original`` and puts a property ``weight`` on a class of the layer's own.
A layer written in C++ finds that property where its slot is empty.
"""

from __future__ import annotations

import copy
from contextlib import contextmanager

from tenon import _tenon
from tenon._tenon import Tensor
from tenon.nn.modules.container import ModuleDict, ModuleList
from tenon.nn.parameter import Parameter

__all__ = [
    "ParametrizationList",
    "cached",
    "is_parametrized",
    "register_parametrization",
    "remove_parametrizations",
    "type_before_parametrizations",
]

_cache_depth = 0
_cache: dict = {}


@contextmanager
def cached():
    """Within it each parametrized tensor is computed once."""
    global _cache_depth
    _cache_depth += 1
    try:
        yield
    finally:
        _cache_depth -= 1
        if not _cache_depth:
            _cache.clear()


class ParametrizationList(ModuleList):
    """The parametrizations of one tensor, applied first to last to ``original`` (or original0, 1, ...)."""

    def __init__(self, modules, original: Tensor, unsafe: bool = False) -> None:
        if not modules:
            raise ValueError("ParametrizationList requires one or more modules.")
        super().__init__(modules)
        self.unsafe = unsafe
        value = original
        with _tenon.no_grad():
            for module in reversed(list(self)):
                if hasattr(module, "right_inverse"):
                    try:
                        value = module.right_inverse(value)
                    except NotImplementedError:
                        pass
        if not isinstance(value, Tensor | tuple | list):
            raise ValueError(
                "'right_inverse' must return a Tensor or a Sequence of tensors, "
                f"it returned {type(value).__name__}"
            )
        self.is_tensor = isinstance(value, Tensor)
        self.ntensors = 1 if self.is_tensor else len(value)
        if self.is_tensor:
            if original.dtype != value.dtype:
                raise ValueError(
                    "When `right_inverse` outputs one tensor, it may not change the dtype: "
                    f"{original.dtype} became {value.dtype}"
                )
            with _tenon.no_grad():
                original.data = value.data
            self._register("original", original)
        else:
            for i, part in enumerate(value):
                if not isinstance(part, Tensor):
                    raise ValueError(
                        f"'right_inverse' must return tensors, item {i} is {type(part).__name__}"
                    )
                if isinstance(original, Parameter):
                    part = Parameter(part, requires_grad=original.requires_grad and part.is_floating_point())
                self._register(f"original{i}", part)
        if not unsafe:
            self._check(original)

    def _register(self, name, tensor) -> None:
        if isinstance(tensor, Parameter):
            self.register_parameter(name, tensor)
        else:
            self.register_buffer(name, tensor)

    def _originals(self) -> tuple:
        if self.is_tensor:
            return (self.original,)
        return tuple(getattr(self, f"original{i}") for i in range(self.ntensors))

    def _check(self, original) -> None:
        with _tenon.no_grad():
            value = self()
        if not isinstance(value, Tensor):
            raise ValueError(f"A parametrization must return a tensor. Got {type(value).__name__}.")
        if value.dtype != original.dtype:
            raise ValueError(
                "Registering a parametrization may not change the dtype of the tensor, unless the "
                f"`unsafe` flag is enabled: {original.dtype} became {value.dtype}"
            )

    def right_inverse(self, value: Tensor) -> None:
        """Sets the originals so that the parametrized tensor becomes ``value``."""
        with _tenon.no_grad():
            for module in reversed(list(self)):
                if not hasattr(module, "right_inverse"):
                    raise RuntimeError(
                        f"parametrization {type(module).__name__} does not implement right_inverse."
                    )
                value = module.right_inverse(value)
            parts = (value,) if isinstance(value, Tensor) else tuple(value)
            if len(parts) != self.ntensors:
                raise ValueError(
                    f"'right_inverse' must return {self.ntensors} tensors, it returned {len(parts)}"
                )
            for own, part in zip(self._originals(), parts, strict=True):
                own.data = part.data

    def forward(self) -> Tensor:
        first, *others = self
        value = first(*self._originals())
        for module in others:
            value = module(value)
        return value


def _parametrized_class(module):
    """Gives the module a class of its own, to hang properties on."""
    cls = type(module)

    def __reduce_ex__(self, protocol):
        raise RuntimeError(
            "Serialization of parametrized modules is only supported through state_dict(). See "
            "`remove_parametrizations` for how to make the values ordinary parameters again."
        )

    def __deepcopy__(self, memo):
        return _deepcopy(self, memo)

    made = type(
        f"Parametrized{cls.__name__}",
        (cls,),
        {"__reduce_ex__": __reduce_ex__, "__deepcopy__": __deepcopy__, "__module__": cls.__module__},
    )
    _tenon.nn._set_class(module, made)


def _deepcopy(module, memo):
    names = list(module.parametrizations)
    cls = type_before_parametrizations(module)
    # Copied as what it was before: the tables do not hold the parametrized names.
    new, _, state = cls.__reduce_ex__(module, 4)
    out = memo[id(module)] = new(cls)
    out.__setstate__(copy.deepcopy(state, memo))
    _parametrized_class(out)
    for name in names:
        _add_property(out, name)
    return out


def _add_property(module, name) -> None:
    def get(self):
        parametrization = self.parametrizations[name]
        if not _cache_depth:
            return parametrization()
        key = (id(self), name)
        if key not in _cache:
            _cache[key] = parametrization()
        return _cache[key]

    def set_(self, value) -> None:
        self.parametrizations[name].right_inverse(value)

    setattr(type(module), name, property(get, set_))


def register_parametrization(module, tensor_name: str, parametrization, *, unsafe: bool = False):
    """Makes ``module.<tensor_name>`` what the parametrization makes of the original tensor."""
    parametrization.train(module.training)
    if is_parametrized(module, tensor_name):
        parametrizations = module.parametrizations[tensor_name]
        with _tenon.no_grad():
            before = getattr(module, tensor_name)
        if not unsafe:
            with _tenon.no_grad():
                after = parametrization(before)
            if not isinstance(after, Tensor) or after.dtype != before.dtype or after.shape != before.shape:
                raise ValueError(
                    "Registering a parametrization may not change the dtype or the shape of the "
                    "tensor, unless the `unsafe` flag is enabled"
                )
        if hasattr(parametrization, "right_inverse"):
            # The value stays what it was: the originals move to where the new one leads back to it.
            with _tenon.no_grad():
                parametrizations.right_inverse(parametrization.right_inverse(before))
        parametrizations.append(parametrization)
        return module
    if tensor_name not in module._parameters and tensor_name not in module._buffers:
        raise ValueError(
            f"Module '{type(module).__name__}' does not have a parameter, a buffer, or a "
            f"parametrized element with name '{tensor_name}'"
        )
    original = getattr(module, tensor_name)
    if original is None:
        raise ValueError(f"register_parametrization: '{tensor_name}' of {type(module).__name__} is None")
    shape = original.shape
    parametrizations = ParametrizationList([parametrization], original, unsafe=unsafe)
    if not unsafe:
        with _tenon.no_grad():
            made = parametrizations().shape
        if made != shape:
            raise ValueError(
                "Registering a parametrization may not change the shape of the tensor, unless the "
                f"`unsafe` flag is enabled: {tuple(shape)} became {tuple(made)}"
            )
    delattr(module, tensor_name)
    if not is_parametrized(module):
        _parametrized_class(module)
        module.parametrizations = ModuleDict()
    _add_property(module, tensor_name)
    module.parametrizations[tensor_name] = parametrizations
    return module


def is_parametrized(module, tensor_name: str | None = None) -> bool:
    """Whether the module has parametrizations, or one of that tensor."""
    parametrizations = module._modules.get("parametrizations")
    if not isinstance(parametrizations, ModuleDict):
        return False
    return len(parametrizations) > 0 if tensor_name is None else tensor_name in parametrizations


def remove_parametrizations(module, tensor_name: str, leave_parametrized: bool = True):
    """Makes the tensor an ordinary one again: its present value, or what it was computed from."""
    if not is_parametrized(module, tensor_name):
        raise ValueError(f"Module {type(module).__name__} does not have a parametrization on {tensor_name}")
    parametrizations = module.parametrizations[tensor_name]
    original = parametrizations._originals()[0]
    if parametrizations.is_tensor:
        if leave_parametrized:
            with _tenon.no_grad():
                original.data = getattr(module, tensor_name).data
    elif leave_parametrized:
        with _tenon.no_grad():
            value = getattr(module, tensor_name)
        original = Parameter(value.detach()) if isinstance(original, Parameter) else value.detach()
    else:
        raise ValueError(
            "Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is parametrized "
            "in terms of a sequence of tensors."
        )
    before = type_before_parametrizations(module)
    delattr(type(module), tensor_name)
    del module.parametrizations[tensor_name]
    if isinstance(original, Parameter):
        module.register_parameter(tensor_name, original)
    else:
        module.register_buffer(tensor_name, original)
    if not is_parametrized(module):
        del module.parametrizations
        _tenon.nn._set_class(module, before)
    return module


def type_before_parametrizations(module) -> type:
    """The module's class, without the one that parametrizations put before it."""
    cls = type(module)
    return cls.__bases__[0] if cls.__name__.startswith("Parametrized") and is_parametrized(module) else cls
