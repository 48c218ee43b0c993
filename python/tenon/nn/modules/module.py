"""Module: the C++ class with the parts that only Python needs: hooks that are Python callables, state
dicts that Python code may bend, pickling.
"""

from __future__ import annotations

import tenon
from tenon import _tenon
from tenon.nn.parameter import Parameter, is_lazy

from . import _hooks, _module_state
from ._hooks import (
    register_module_buffer_registration_hook,
    register_module_forward_hook,
    register_module_forward_pre_hook,
    register_module_full_backward_hook,
    register_module_full_backward_pre_hook,
    register_module_module_registration_hook,
    register_module_parameter_registration_hook,
)
from ._native import Module, method
from ._state_dict import (  # noqa: F401 - where programs look for them
    _EXTRA_STATE_KEY_SUFFIX,
    _IncompatibleKeys,
)
from ._tables import BUFFERS, MODULES, PARAMETERS, NonPersistent, Table

__all__ = [
    "Module",
    "register_module_buffer_registration_hook",
    "register_module_forward_hook",
    "register_module_forward_pre_hook",
    "register_module_full_backward_hook",
    "register_module_full_backward_pre_hook",
    "register_module_module_registration_hook",
    "register_module_parameter_registration_hook",
]

_nn = _tenon.nn
_type = type  # Module.type is a method of that name

# ---- methods are written as functions and hung onto the C++ class below ---------------------------


def _attribute(name, **functions):
    setattr(Module, name, property(**functions))


_attribute("_parameters", fget=lambda self: Table(self, PARAMETERS))
_attribute("_buffers", fget=lambda self: Table(self, BUFFERS))
_attribute("_modules", fget=lambda self: Table(self, MODULES))
_attribute("_non_persistent_buffers_set", fget=lambda self: NonPersistent(self))
Module._version = 1
Module.dump_patches = False
Module.call_super_init = False


# ---- registering ----------------------------------------------------------------------------------


def _check_new_name(self, name, kind, table) -> None:
    if not isinstance(name, str):
        raise TypeError(f"{kind} name should be a string. Got {tenon.typename(name)}")
    if "." in name:
        raise KeyError(f'{kind} name can\'t contain "."' + (f", got: {name}" if kind == "module" else ""))
    if name == "":
        raise KeyError(f'{kind} name can\'t be empty string ""')
    if hasattr(self, name) and name not in table:
        raise KeyError(f"attribute '{name}' already exists")


def _check_ready(self, what) -> None:
    if not _nn._is_initialised(self):
        raise AttributeError(f"cannot assign {what} before Module.__init__() call")


@method
def register_parameter(self, name, param) -> None:
    """Adds a parameter; None keeps the name without one."""
    _check_ready(self, "parameter")
    if name not in self._parameters:
        _check_new_name(self, name, "parameter", self._parameters)
    if param is None:
        self._parameters[name] = None
        return
    if not isinstance(param, Parameter):
        raise TypeError(
            f"cannot assign '{tenon.typename(param)}' object to parameter '{name}' "
            "(tenon.nn.Parameter or None required)"
        )
    if param.grad_fn is not None:
        raise ValueError(
            f"Cannot assign non-leaf Tensor to parameter '{name}'. Model parameters must be created "
            f"explicitly. To express '{name}' as a function of another Tensor, compute the value in "
            "the forward() method."
        )
    for hook in _hooks.parameter_registration_hooks.values():
        output = hook(self, name, param)
        if output is not None:
            param = output
    self._set_parameter(name, param)


@method
def register_buffer(self, name, tensor, persistent=True) -> None:
    """Adds a tensor that is state but no parameter; persistent ones are in the state dict."""
    _check_ready(self, "buffer")
    _check_new_name(self, name, "buffer", self._buffers)
    if tensor is not None and not isinstance(tensor, tenon.Tensor):
        raise TypeError(
            f"cannot assign '{tenon.typename(tensor)}' object to buffer '{name}' "
            "(tenon.Tensor or None required)"
        )
    for hook in _hooks.buffer_registration_hooks.values():
        output = hook(self, name, tensor)
        if output is not None:
            tensor = output
    self._set_buffer(name, tensor, persistent)


@method
def add_module(self, name, module) -> None:
    """Adds a child; None keeps the name without one."""
    if module is not None and not isinstance(module, Module):
        raise TypeError(f"{tenon.typename(module)} is not a Module subclass")
    _check_new_name(self, name, "module", self._modules)
    module = _hooks.run_module_registration_hooks(self, name, module)
    self._modules[name] = module


@method
def register_module(self, name, module) -> None:
    """Alias for add_module."""
    self.add_module(name, module)


# ---- finding --------------------------------------------------------------------------------------


@method
def get_submodule(self, target):
    """The descendant at ``"a.b.c"``."""
    module = self
    for item in target.split(".") if target else ():
        if not hasattr(module, item):
            raise AttributeError(f"{module._get_name()} has no attribute `{item}`")
        module = getattr(module, item)
        if not isinstance(module, Module):
            raise AttributeError(f"`{item}` is not an nn.Module")
    return module


@method
def set_submodule(self, target, module, strict=False) -> None:
    """Puts a module at ``"a.b.c"``; strict: only where there is one."""
    if target == "":
        raise ValueError("Cannot set the submodule without a target name!")
    path, _, name = target.rpartition(".")
    parent = self.get_submodule(path)
    if strict and not hasattr(parent, name):
        raise AttributeError(f"{parent._get_name()} has no attribute `{name}`")
    if not isinstance(module, Module):
        raise ValueError(f"`module` is not an nn.Module, found {type(module)}")
    if hasattr(parent, name) and not isinstance(getattr(parent, name), Module):
        raise AttributeError(f"`{name}` is not an nn.Module")
    setattr(parent, name, module)


def _get_tensor(self, target, kind, is_one):
    path, _, name = target.rpartition(".")
    module = self.get_submodule(path)
    if not hasattr(module, name):
        raise AttributeError(f"{module._get_name()} has no attribute `{name}`")
    found = getattr(module, name)
    if not is_one(module, name, found):
        raise AttributeError(f"`{name}` is not {kind}")
    return found


@method
def get_parameter(self, target):
    return _get_tensor(self, target, "an nn.Parameter", lambda module, name, p: isinstance(p, Parameter))


@method
def get_buffer(self, target):
    return _get_tensor(self, target, "a buffer", lambda module, name, b: name in module._buffers)


@method
def named_parameters(self, prefix="", recurse=True, remove_duplicate=True):
    """(name, parameter) of this module and its children, each parameter once, in definition order."""
    yield from _nn._named(self, PARAMETERS, prefix, recurse, remove_duplicate)


@method
def parameters(self, recurse=True):
    for _, parameter in self.named_parameters(recurse=recurse):
        yield parameter


@method
def named_buffers(self, prefix="", recurse=True, remove_duplicate=True):
    yield from _nn._named(self, BUFFERS, prefix, recurse, remove_duplicate)


@method
def buffers(self, recurse=True):
    for _, buffer in self.named_buffers(recurse=recurse):
        yield buffer


@method
def named_children(self):
    yield from _nn._named(self, MODULES, "", False, True)


@method
def children(self):
    for _, module in self.named_children():
        yield module


@method
def named_modules(self, memo=None, prefix="", remove_duplicate=True):
    """(path, module) of this module and all below it, each once."""
    if memo is None:
        yield from _nn._named(self, MODULES, prefix, True, remove_duplicate)
        return
    for name, module in _nn._named(self, MODULES, prefix, True, remove_duplicate):
        if module in memo:
            continue
        if remove_duplicate:
            memo.add(module)
        yield name, module


@method
def modules(self, remove_duplicate=True):
    for _, module in self.named_modules(remove_duplicate=remove_duplicate):
        yield module


@method
def _named_members(self, get_members_fn, prefix="", recurse=True, remove_duplicate=True):
    seen = set()
    found = (
        self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate) if recurse else [(prefix, self)]
    )
    for path, module in found:
        for name, value in get_members_fn(module):
            if value is None or value in seen:
                continue
            if remove_duplicate:
                seen.add(value)
            yield path + ("." if path else "") + name, value


# ---- changing all of it ---------------------------------------------------------------------------


@method
def apply(self, fn):
    """Calls ``fn`` on every child, then on the module itself."""
    for module in self.children():
        module.apply(fn)
    fn(self)
    return self


@method
def _apply(self, fn, recurse=True):
    """Replaces the data of every parameter and buffer by what ``fn`` makes of it."""
    if recurse:
        for module in self.children():
            module._apply(fn)
    for param in self._parameters.values():
        if param is None:
            continue
        with tenon.no_grad():
            param.data = fn(param.data) if not is_lazy(param) else param.data
            if param.grad is not None:
                param.grad = fn(param.grad)
    for name, buffer in self._buffers.items():
        if buffer is not None and not is_lazy(buffer):
            self._buffers[name] = fn(buffer)
    return self


def _parse_to(*args, device=None, dtype=None, non_blocking=False, memory_format=None, tensor=None):
    given = list(args)
    if given and isinstance(given[0], tenon.Tensor):
        tensor = given.pop(0)
    elif given and isinstance(given[0], (tenon.dtype, _type)):
        dtype = given.pop(0)
    elif given:
        device = given.pop(0)
        if given and (given[0] is None or isinstance(given[0], (tenon.dtype, _type))):
            dtype = given.pop(0)
    if given:
        non_blocking = given.pop(0)
    if tensor is not None:
        device, dtype = tensor.device, tensor.dtype
    return device, dtype, non_blocking, memory_format


@method
def to(self, *args, **kwargs):
    """Moves or casts all parameters and buffers; dtypes apply to floating tensors only."""
    device, dtype, non_blocking, _ = _parse_to(*args, **kwargs)
    if dtype is not None and not (dtype.is_floating_point or dtype.is_complex):
        raise TypeError(
            f"nn.Module.to only accepts floating point or complex dtypes, but got desired dtype={dtype}"
        )

    def convert(t):
        wanted = dtype if t.is_floating_point() or t.is_complex() else None
        if wanted is None and device is None:
            return t
        if wanted is None:
            return t.to(device, non_blocking=non_blocking)
        if device is None:
            return t.to(wanted, non_blocking=non_blocking)
        return t.to(device, wanted, non_blocking=non_blocking)

    return self._apply(convert)


@method
def to_empty(self, *, device, recurse=True):
    """Moves to a device without copying values."""
    return self._apply(lambda t: tenon.empty_like(t, device=device), recurse=recurse)


@method
def cpu(self):
    return self._apply(lambda t: t.to("cpu"))


@method
def type(self, dst_type):
    return self._apply(lambda t: t.to(dst_type))


def _cast_method(name, dtype):
    def cast(self):
        wanted = getattr(tenon, dtype)
        return self._apply(lambda t: t.to(wanted) if t.is_floating_point() else t)

    cast.__name__ = name
    cast.__doc__ = f"Casts all floating tensors to {dtype}."
    method(cast)


for _name, _dtype in (
    ("float", "float32"),
    ("double", "float64"),
    ("half", "float16"),
    ("bfloat16", "bfloat16"),
):
    _cast_method(_name, _dtype)


@method
def eval(self):
    """``train(False)``."""
    return self.train(False)


@method
def requires_grad_(self, requires_grad=True):
    for p in self.parameters():
        p.requires_grad_(requires_grad)
    return self


@method
def zero_grad(self, set_to_none=True) -> None:
    for p in self.parameters():
        if p.grad is None:
            continue
        if set_to_none:
            p.grad = None
        else:
            if p.grad.grad_fn is not None:
                p.grad = p.grad.detach()
            with tenon.no_grad():
                p.grad.zero_()


# ---- the rest --------------------------------------------------------------------------------------


@method
def __dir__(self):
    names = {*dir(_type(self)), *self.__dict__}
    names.update(self._parameters, self._buffers, self._modules)
    return sorted(name for name in names if not name[0].isdigit())


_module_state.install(Module)
