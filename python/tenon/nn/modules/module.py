"""Module: the C++ class with the parts that only Python needs: hooks that are Python callables, state
dicts that Python code may bend, pickling.
"""

from __future__ import annotations

import itertools
import warnings
from collections import OrderedDict, namedtuple
from collections.abc import Mapping

from tenon.nn.parameter import Parameter, is_lazy
from tenon.utils.hooks import BackwardHook, RemovableHandle

import tenon
from tenon import _tenon

from . import _module_state
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
Module = _nn.Module
_type = type  # Module.type is a method of that name
_EXTRA_STATE_KEY_SUFFIX = "_extra_state"


class _IncompatibleKeys(namedtuple("IncompatibleKeys", ["missing_keys", "unexpected_keys"])):
    __slots__ = ()

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return super().__repr__()

    __str__ = __repr__


# ---- methods are written as functions and hung onto the C++ class below ---------------------------


def _method(function):
    setattr(Module, function.__name__, function)
    function.__qualname__ = "Module." + function.__name__
    return function


def _attribute(name, **functions):
    setattr(Module, name, property(**functions))


_attribute("_parameters", fget=lambda self: Table(self, PARAMETERS))
_attribute("_buffers", fget=lambda self: Table(self, BUFFERS))
_attribute("_modules", fget=lambda self: Table(self, MODULES))
_attribute("_non_persistent_buffers_set", fget=lambda self: NonPersistent(self))
Module._version = 1
Module.dump_patches = False
Module.call_super_init = False


# ---- hooks ----------------------------------------------------------------------------------------

_CALL_HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
_HOOK_FLAGS = (
    "_forward_hooks_with_kwargs",
    "_forward_hooks_always_called",
    "_forward_pre_hooks_with_kwargs",
)
_STATE_HOOKS = (
    "_state_dict_hooks",
    "_state_dict_pre_hooks",
    "_load_state_dict_pre_hooks",
    "_load_state_dict_post_hooks",
)


def _hook_dict(name: str, is_call_hook: bool):
    """A dict of hooks that is made when first asked for. Asking for one that matters to calls sends
    the next call down the slow path, which looks whether there is a hook."""

    def fget(self):
        if is_call_hook:
            self._has_python_hooks = True
        return self.__dict__.setdefault(name, OrderedDict())

    def fset(self, value):
        if is_call_hook:
            self._has_python_hooks = True
        self.__dict__[name] = value

    return property(fget, fset)


for _name in _CALL_HOOKS:
    setattr(Module, _name, _hook_dict(_name, True))
for _name in (*_HOOK_FLAGS, *_STATE_HOOKS):
    setattr(Module, _name, _hook_dict(_name, False))


class _GlobalHooks(OrderedDict):
    """Hooks of all modules. The fast path is off while there is one."""

    def __setitem__(self, key, value) -> None:
        super().__setitem__(key, value)
        _update_global_hooks()

    def __delitem__(self, key) -> None:
        super().__delitem__(key)
        _update_global_hooks()

    def clear(self) -> None:
        super().clear()
        _update_global_hooks()


_global_forward_hooks = _GlobalHooks()
_global_forward_pre_hooks = _GlobalHooks()
_global_backward_hooks = _GlobalHooks()
_global_backward_pre_hooks = _GlobalHooks()
_global_forward_hooks_with_kwargs: OrderedDict = OrderedDict()
_global_forward_hooks_always_called: OrderedDict = OrderedDict()
_global_parameter_registration_hooks: OrderedDict = OrderedDict()
_global_buffer_registration_hooks: OrderedDict = OrderedDict()
_global_module_registration_hooks: OrderedDict = OrderedDict()


def _update_global_hooks() -> None:
    _nn._set_global_hooks(
        bool(
            _global_forward_hooks
            or _global_forward_pre_hooks
            or _global_backward_hooks
            or _global_backward_pre_hooks
        )
    )


def _add_hook(hooks, hook, prepend=False, flags=()):
    wanted = [d for d, on in flags if on]
    handle = RemovableHandle(hooks, extra_dict=wanted)
    hooks[handle.id] = hook
    for d in wanted:
        d[handle.id] = True
    if prepend:
        hooks.move_to_end(handle.id, last=False)
    return handle


def register_module_forward_pre_hook(hook):
    return _add_hook(_global_forward_pre_hooks, hook)


def register_module_forward_hook(hook, *, with_kwargs=False, always_call=False):
    return _add_hook(
        _global_forward_hooks,
        hook,
        flags=(
            (_global_forward_hooks_with_kwargs, with_kwargs),
            (_global_forward_hooks_always_called, always_call),
        ),
    )


def register_module_full_backward_pre_hook(hook):
    return _add_hook(_global_backward_pre_hooks, hook)


def register_module_full_backward_hook(hook):
    return _add_hook(_global_backward_hooks, hook)


def register_module_parameter_registration_hook(hook):
    return _add_hook(_global_parameter_registration_hooks, hook)


def register_module_buffer_registration_hook(hook):
    return _add_hook(_global_buffer_registration_hooks, hook)


def register_module_module_registration_hook(hook):
    return _add_hook(_global_module_registration_hooks, hook)


@_method
def register_forward_pre_hook(self, hook, *, prepend=False, with_kwargs=False):
    """Runs ``hook(module, args[, kwargs])`` before forward; what it returns replaces the arguments."""
    flags = ((self._forward_pre_hooks_with_kwargs, with_kwargs),)
    return _add_hook(self._forward_pre_hooks, hook, prepend, flags)


@_method
def register_forward_hook(self, hook, *, prepend=False, with_kwargs=False, always_call=False):
    """Runs ``hook(module, args[, kwargs], output)`` after forward; what it returns replaces the output."""
    flags = (
        (self._forward_hooks_with_kwargs, with_kwargs),
        (self._forward_hooks_always_called, always_call),
    )
    return _add_hook(self._forward_hooks, hook, prepend, flags)


@_method
def register_full_backward_pre_hook(self, hook, prepend=False):
    """Runs ``hook(module, grad_output)`` before the module's backward."""
    return _add_hook(self._backward_pre_hooks, hook, prepend)


@_method
def register_full_backward_hook(self, hook, prepend=False):
    """Runs ``hook(module, grad_input, grad_output)`` when the gradients of the inputs are known."""
    return _add_hook(self._backward_hooks, hook, prepend)


def _run_forward(self, progress, args, kwargs):
    """One call with everything around it; ``progress`` keeps what always-called hooks need."""
    own = self.__dict__
    pre_with_kwargs = own.get("_forward_pre_hooks_with_kwargs", ())
    with_kwargs = own.get("_forward_hooks_with_kwargs", ())
    always = own.get("_forward_hooks_always_called", ())
    for key, hook in (
        *_global_forward_pre_hooks.items(),
        *own.get("_forward_pre_hooks", {}).items(),
    ):
        if key in pre_with_kwargs:
            changed = hook(self, args, kwargs)
            if changed is None:
                continue
            if not (isinstance(changed, tuple) and len(changed) == 2):
                raise RuntimeError(
                    "forward pre-hook must return None or a tuple of (new_args, new_kwargs), "
                    f"but got {changed}."
                )
            args, kwargs = changed
        else:
            changed = hook(self, args)
            if changed is not None:
                args = changed if isinstance(changed, tuple) else (changed,)
    progress["args"], progress["kwargs"] = args, kwargs

    backward = None
    hooks = [*_global_backward_hooks.values(), *own.get("_backward_hooks", {}).values()]
    pre_hooks = [*_global_backward_pre_hooks.values(), *own.get("_backward_pre_hooks", {}).values()]
    if hooks or pre_hooks:
        backward = BackwardHook(self, hooks, pre_hooks)
        args = backward.setup_input_hook(args)

    result = progress["result"] = self._call_forward(*args, **kwargs)
    for key, hook in (*_global_forward_hooks.items(), *own.get("_forward_hooks", {}).items()):
        if key in always or key in _global_forward_hooks_always_called:
            progress["called"].add(key)
        if key in with_kwargs or key in _global_forward_hooks_with_kwargs:
            changed = hook(self, args, kwargs, result)
        else:
            changed = hook(self, args, result)
        if changed is not None:
            result = progress["result"] = changed

    if backward is not None:
        if not isinstance(result, (tenon.Tensor, tuple)):
            warnings.warn(
                "For backward hooks to be called, module output should be a Tensor or a tuple of "
                f"Tensors but received {type(result)}",
                stacklevel=4,
            )
        result = backward.setup_output_hook(result)
    return result


def _call_with_hooks(self, *args, **kwargs):
    own = self.__dict__
    if not any(own.get(name) for name in _CALL_HOOKS):
        self._has_python_hooks = False
    progress = {"args": args, "kwargs": kwargs, "result": None, "called": set()}
    try:
        return _run_forward(self, progress, args, kwargs)
    except Exception:
        with_kwargs = own.get("_forward_hooks_with_kwargs", ())
        always = own.get("_forward_hooks_always_called", ())
        for key, hook in (*_global_forward_hooks.items(), *own.get("_forward_hooks", {}).items()):
            if key in progress["called"]:
                continue
            if key not in always and key not in _global_forward_hooks_always_called:
                continue
            given = (self, progress["args"], progress["result"])
            if key in with_kwargs or key in _global_forward_hooks_with_kwargs:
                given = (self, progress["args"], progress["kwargs"], progress["result"])
            try:
                changed = hook(*given)
                if changed is not None:
                    progress["result"] = changed
            except Exception as error:
                warnings.warn(
                    "module forward hook with ``always_call=True`` raised an exception that was "
                    f"silenced as another error was raised in forward: {error}",
                    stacklevel=2,
                )
        raise


_nn._set_hook_caller(_call_with_hooks)


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


@_method
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
    for hook in _global_parameter_registration_hooks.values():
        output = hook(self, name, param)
        if output is not None:
            param = output
    self._set_parameter(name, param)


@_method
def register_buffer(self, name, tensor, persistent=True) -> None:
    """Adds a tensor that is state but no parameter; persistent ones are in the state dict."""
    _check_ready(self, "buffer")
    _check_new_name(self, name, "buffer", self._buffers)
    if tensor is not None and not isinstance(tensor, tenon.Tensor):
        raise TypeError(
            f"cannot assign '{tenon.typename(tensor)}' object to buffer '{name}' "
            "(tenon.Tensor or None required)"
        )
    for hook in _global_buffer_registration_hooks.values():
        output = hook(self, name, tensor)
        if output is not None:
            tensor = output
    self._set_buffer(name, tensor, persistent)


@_method
def add_module(self, name, module) -> None:
    """Adds a child; None keeps the name without one."""
    if module is not None and not isinstance(module, Module):
        raise TypeError(f"{tenon.typename(module)} is not a Module subclass")
    _check_new_name(self, name, "module", self._modules)
    for hook in _global_module_registration_hooks.values():
        output = hook(self, name, module)
        if output is not None:
            module = output
    self._modules[name] = module


@_method
def register_module(self, name, module) -> None:
    """Alias for add_module."""
    self.add_module(name, module)


# ---- finding --------------------------------------------------------------------------------------


@_method
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


@_method
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


@_method
def get_parameter(self, target):
    return _get_tensor(self, target, "an nn.Parameter", lambda module, name, p: isinstance(p, Parameter))


@_method
def get_buffer(self, target):
    return _get_tensor(self, target, "a buffer", lambda module, name, b: name in module._buffers)


@_method
def named_parameters(self, prefix="", recurse=True, remove_duplicate=True):
    """(name, parameter) of this module and its children, each parameter once, in definition order."""
    yield from _nn._named(self, PARAMETERS, prefix, recurse, remove_duplicate)


@_method
def parameters(self, recurse=True):
    for _, parameter in self.named_parameters(recurse=recurse):
        yield parameter


@_method
def named_buffers(self, prefix="", recurse=True, remove_duplicate=True):
    yield from _nn._named(self, BUFFERS, prefix, recurse, remove_duplicate)


@_method
def buffers(self, recurse=True):
    for _, buffer in self.named_buffers(recurse=recurse):
        yield buffer


@_method
def named_children(self):
    yield from _nn._named(self, MODULES, "", False, True)


@_method
def children(self):
    for _, module in self.named_children():
        yield module


@_method
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


@_method
def modules(self, remove_duplicate=True):
    for _, module in self.named_modules(remove_duplicate=remove_duplicate):
        yield module


@_method
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


@_method
def apply(self, fn):
    """Calls ``fn`` on every child, then on the module itself."""
    for module in self.children():
        module.apply(fn)
    fn(self)
    return self


@_method
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
    elif given and isinstance(given[0], (tenon.dtype, type)):
        dtype = given.pop(0)
    elif given:
        device = given.pop(0)
        if given and (given[0] is None or isinstance(given[0], (tenon.dtype, type))):
            dtype = given.pop(0)
    if given:
        non_blocking = given.pop(0)
    if tensor is not None:
        device, dtype = tensor.device, tensor.dtype
    return device, dtype, non_blocking, memory_format


@_method
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


@_method
def to_empty(self, *, device, recurse=True):
    """Moves to a device without copying values."""
    return self._apply(lambda t: tenon.empty_like(t, device=device), recurse=recurse)


@_method
def cpu(self):
    return self._apply(lambda t: t.to("cpu"))


@_method
def type(self, dst_type):
    return self._apply(lambda t: t.to(dst_type))


def _cast_method(name, dtype):
    def cast(self):
        wanted = getattr(tenon, dtype)
        return self._apply(lambda t: t.to(wanted) if t.is_floating_point() else t)

    cast.__name__ = name
    cast.__doc__ = f"Casts all floating tensors to {dtype}."
    _method(cast)


for _name, _dtype in (
    ("float", "float32"),
    ("double", "float64"),
    ("half", "float16"),
    ("bfloat16", "bfloat16"),
):
    _cast_method(_name, _dtype)


@_method
def eval(self):
    """``train(False)``."""
    return self.train(False)


@_method
def requires_grad_(self, requires_grad=True):
    for p in self.parameters():
        p.requires_grad_(requires_grad)
    return self


@_method
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


@_method
def share_memory(self):
    return self._apply(lambda t: t.share_memory_())


# ---- state dict -----------------------------------------------------------------------------------


class _WrappedHook:
    """A hook that gets its module first, without keeping the module alive."""

    def __init__(self, hook, module=None) -> None:
        import functools
        import weakref

        self.hook = hook
        functools.update_wrapper(self, hook)
        self.with_module = module is not None
        self.module = weakref.ref(module) if self.with_module else None

    def __call__(self, *args, **kwargs):
        if not self.with_module:
            return self.hook(*args, **kwargs)
        module = self.module()
        if module is None:
            raise RuntimeError("You are trying to call the hook of a dead Module!")
        return self.hook(module, *args, **kwargs)

    def __getstate__(self):
        state = {"hook": self.hook, "with_module": self.with_module}
        if self.with_module:
            state["module"] = self.module()
        return state

    def __setstate__(self, state) -> None:
        self.__init__(state["hook"], state.get("module"))


@_method
def _register_state_dict_hook(self, hook):
    if getattr(hook, "_from_public_api", False):
        raise RuntimeError(
            "Cannot register the same function as the state dict post hook that was previously "
            "registered via register_state_dict_post_hook"
        )
    return _add_hook(self._state_dict_hooks, hook)


@_method
def register_state_dict_post_hook(self, hook):
    """Runs ``hook(module, state_dict, prefix, local_metadata)`` after state_dict()."""
    hook._from_public_api = True
    return _add_hook(self._state_dict_hooks, hook)


@_method
def register_state_dict_pre_hook(self, hook):
    return _add_hook(self._state_dict_pre_hooks, hook)


@_method
def _register_load_state_dict_pre_hook(self, hook, with_module=False):
    return _add_hook(self._load_state_dict_pre_hooks, _WrappedHook(hook, self if with_module else None))


@_method
def register_load_state_dict_pre_hook(self, hook):
    return self._register_load_state_dict_pre_hook(hook, with_module=True)


@_method
def register_load_state_dict_post_hook(self, hook):
    """Runs ``hook(module, incompatible_keys)``, which may change the keys in place."""
    return _add_hook(self._load_state_dict_post_hooks, hook)


@_method
def get_extra_state(self):
    raise RuntimeError("Reached a code path in Module.get_extra_state() that should never be called.")


@_method
def set_extra_state(self, state) -> None:
    raise RuntimeError("Reached a code path in Module.set_extra_state() that should never be called.")


@_method
def _save_to_state_dict(self, destination, prefix, keep_vars) -> None:
    for name, param in self._parameters.items():
        if param is not None:
            destination[prefix + name] = param if keep_vars or is_lazy(param) else param.detach()
    skipped = self._non_persistent_buffers_set._names()
    for name, buffer in self._buffers.items():
        if buffer is not None and name not in skipped:
            destination[prefix + name] = buffer if keep_vars else buffer.detach()
    if _type(self).get_extra_state is not Module.get_extra_state:
        destination[prefix + _EXTRA_STATE_KEY_SUFFIX] = self.get_extra_state()


@_method
def state_dict(self, *args, destination=None, prefix="", keep_vars=False):
    """Names and tensors of the parameters and persistent buffers, of the children too."""
    if args:
        warnings.warn(
            "Positional args are being deprecated, use kwargs instead. Refer to "
            "https://pytorch.org/docs/main/generated/torch.nn.Module.html#torch.nn.Module.state_dict"
            " for details.",
            FutureWarning,
            stacklevel=2,
        )
        destination = args[0] if destination is None else destination
        prefix = args[1] if len(args) > 1 and prefix == "" else prefix
        keep_vars = args[2] if len(args) > 2 and keep_vars is False else keep_vars
    if destination is None:
        destination = OrderedDict()
        destination._metadata = OrderedDict()
    local_metadata = {"version": self._version}
    if hasattr(destination, "_metadata"):
        destination._metadata[prefix[:-1]] = local_metadata
    own = self.__dict__
    for hook in own.get("_state_dict_pre_hooks", {}).values():
        hook(self, prefix, keep_vars)
    self._save_to_state_dict(destination, prefix, keep_vars)
    for name, module in self._modules.items():
        if module is not None:
            module.state_dict(destination=destination, prefix=prefix + name + ".", keep_vars=keep_vars)
    for hook in own.get("_state_dict_hooks", {}).values():
        result = hook(self, destination, prefix, local_metadata)
        if result is None:
            continue
        if getattr(hook, "_from_public_api", False):
            raise RuntimeError("state_dict post-hook must return None")
        destination = result
    return destination


def _load_tensor(self, name, param, value, key, assign, errors) -> None:
    lazy = is_lazy(param)
    if not lazy and param.dim() == 0 and value.dim() == 1 and value.shape[0] == 1:
        value = value[0]  # scalars of very old checkpoints
    if not lazy and value.shape != param.shape:
        errors.append(
            f"size mismatch for {key}: copying a param with shape {value.shape} from checkpoint, "
            f"the shape in current model is {param.shape}."
        )
        return
    if param.is_meta and not value.is_meta and not assign:
        warnings.warn(
            f"for {key}: copying from a non-meta parameter in the checkpoint to a meta parameter in "
            "the current model, which is a no-op. (Did you mean to pass `assign=True` to assign "
            "items in the state dictionary to their corresponding key in the module instead of "
            "copying them in place?)",
            stacklevel=4,
        )
    try:
        with tenon.no_grad():
            if assign:
                if isinstance(param, Parameter):
                    if isinstance(value, Parameter):
                        value.requires_grad_(param.requires_grad)
                    else:
                        value = Parameter(value, requires_grad=param.requires_grad)
                setattr(self, name, value)
            else:
                param.copy_(value)
    except Exception as error:
        action = "assigning" if assign else "copying"
        errors.append(
            f'While {action} the parameter named "{key}", whose dimensions in the model are '
            f"{param.size()} and whose dimensions in the checkpoint are {value.size()}, an exception "
            f"occurred : {error.args}."
        )


@_method
def _load_from_state_dict(
    self, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs
) -> None:
    """Loads this module's own tensors, not the children's."""
    for hook in self.__dict__.get("_load_state_dict_pre_hooks", {}).values():
        hook(state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs)
    skipped = self._non_persistent_buffers_set._names()
    local = {
        name: value
        for name, value in itertools.chain(self._parameters.items(), self._buffers.items())
        if value is not None and name not in skipped
    }
    assign = local_metadata.get("assign_to_params_buffers", False)
    for name, param in local.items():
        key = prefix + name
        if key not in state_dict:
            if strict:
                missing_keys.append(key)
            continue
        value = state_dict[key]
        if not isinstance(value, tenon.Tensor):
            error_msgs.append(
                f'While copying the parameter named "{key}", expected tenon.Tensor or Tensor-like '
                f"object from checkpoint but received {_type(value)}"
            )
            continue
        _load_tensor(self, name, param, value, key, assign, error_msgs)

    extra_key = prefix + _EXTRA_STATE_KEY_SUFFIX
    if _type(self).set_extra_state is not Module.set_extra_state:
        if extra_key in state_dict:
            self.set_extra_state(state_dict[extra_key])
        elif strict:
            missing_keys.append(extra_key)
    elif strict and extra_key in state_dict:
        unexpected_keys.append(extra_key)

    if strict:
        for key in state_dict:
            if not key.startswith(prefix) or key == extra_key:
                continue
            first, *rest = key[len(prefix) :].split(".", 1)
            if first not in (self._modules if rest else local):
                unexpected_keys.append(key)


@_method
def load_state_dict(self, state_dict, strict=True, assign=False):
    """Copies values into this module's tensors (assign: takes the tensors themselves).

    strict: names that are missing or unexpected are an error that lists them all."""
    if not isinstance(state_dict, Mapping):
        raise TypeError(f"Expected state_dict to be dict-like, got {_type(state_dict)}.")
    missing: list[str] = []
    unexpected: list[str] = []
    errors: list[str] = []
    metadata = getattr(state_dict, "_metadata", None)
    state_dict = OrderedDict(state_dict)  # hooks may change it
    if metadata is not None:
        state_dict._metadata = metadata

    def load(module, local, prefix=""):
        local_metadata = dict(metadata.get(prefix[:-1], {})) if metadata is not None else {}
        if assign:
            local_metadata["assign_to_params_buffers"] = True
        module._load_from_state_dict(local, prefix, local_metadata, True, missing, unexpected, errors)
        for name, child in module._modules.items():
            if child is not None:
                start = prefix + name + "."
                load(child, {k: v for k, v in local.items() if k.startswith(start)}, start)
        keys = _IncompatibleKeys(missing, unexpected)
        for hook in module.__dict__.get("_load_state_dict_post_hooks", {}).values():
            if hook(module, keys) is not None:
                raise AssertionError(
                    "Hooks registered with ``register_load_state_dict_post_hook`` are not expected "
                    "to return new values, if incompatible_keys need to be modified, it should be "
                    "done inplace."
                )

    load(self, state_dict)
    if strict:
        if unexpected:
            names = ", ".join(f'"{k}"' for k in unexpected)
            errors.insert(0, f"Unexpected key(s) in state_dict: {names}. ")
        if missing:
            names = ", ".join(f'"{k}"' for k in missing)
            errors.insert(0, f"Missing key(s) in state_dict: {names}. ")
    if errors:
        raise RuntimeError(
            "Error(s) in loading state_dict for {}:\n\t{}".format(_type(self).__name__, "\n\t".join(errors))
        )
    return _IncompatibleKeys(missing, unexpected)


# ---- the rest --------------------------------------------------------------------------------------


@_method
def __dir__(self):
    names = {*dir(_type(self)), *self.__dict__}
    names.update(self._parameters, self._buffers, self._modules)
    return sorted(name for name in names if not name[0].isdigit())


_module_state.install(Module)
