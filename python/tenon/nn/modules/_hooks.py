"""Hooks of modules that are Python callables: how they are kept, and the call that runs them."""

from __future__ import annotations

import warnings
from collections import OrderedDict

import tenon
from tenon import _tenon
from tenon.utils.hooks import BackwardHook, RemovableHandle

from ._native import Module, method

_nn = _tenon.nn

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
parameter_registration_hooks: OrderedDict = OrderedDict()
buffer_registration_hooks: OrderedDict = OrderedDict()


class _RegistrationHooks(OrderedDict):
    """Hooks of children that are added. C++ asks for them while there is one."""

    def _changed(self) -> None:
        _nn._set_registration_hook(run_module_registration_hooks if self else None)

    def __setitem__(self, key, value) -> None:
        super().__setitem__(key, value)
        self._changed()

    def __delitem__(self, key) -> None:
        super().__delitem__(key)
        self._changed()


module_registration_hooks = _RegistrationHooks()


def run_module_registration_hooks(parent, name, child):
    """The child to register: what the last hook returned that was not None."""
    for hook in module_registration_hooks.values():
        output = hook(parent, name, child)
        if output is not None:
            child = output
    return child


def _update_global_hooks() -> None:
    _nn._set_global_hooks(
        bool(
            _global_forward_hooks
            or _global_forward_pre_hooks
            or _global_backward_hooks
            or _global_backward_pre_hooks
        )
    )


def add_hook(hooks, hook, prepend=False, flags=()):
    wanted = [d for d, on in flags if on]
    handle = RemovableHandle(hooks, extra_dict=wanted)
    hooks[handle.id] = hook
    for d in wanted:
        d[handle.id] = True
    if prepend:
        hooks.move_to_end(handle.id, last=False)
    return handle


def register_module_forward_pre_hook(hook):
    return add_hook(_global_forward_pre_hooks, hook)


def register_module_forward_hook(hook, *, with_kwargs=False, always_call=False):
    return add_hook(
        _global_forward_hooks,
        hook,
        flags=(
            (_global_forward_hooks_with_kwargs, with_kwargs),
            (_global_forward_hooks_always_called, always_call),
        ),
    )


def register_module_full_backward_pre_hook(hook):
    return add_hook(_global_backward_pre_hooks, hook)


def register_module_full_backward_hook(hook):
    return add_hook(_global_backward_hooks, hook)


def register_module_parameter_registration_hook(hook):
    return add_hook(parameter_registration_hooks, hook)


def register_module_buffer_registration_hook(hook):
    return add_hook(buffer_registration_hooks, hook)


def register_module_module_registration_hook(hook):
    return add_hook(module_registration_hooks, hook)


@method
def register_forward_pre_hook(self, hook, *, prepend=False, with_kwargs=False):
    """Runs ``hook(module, args[, kwargs])`` before forward; what it returns replaces the arguments."""
    flags = ((self._forward_pre_hooks_with_kwargs, with_kwargs),)
    return add_hook(self._forward_pre_hooks, hook, prepend, flags)


@method
def register_forward_hook(self, hook, *, prepend=False, with_kwargs=False, always_call=False):
    """Runs ``hook(module, args[, kwargs], output)`` after forward; what it returns replaces the output."""
    flags = (
        (self._forward_hooks_with_kwargs, with_kwargs),
        (self._forward_hooks_always_called, always_call),
    )
    return add_hook(self._forward_hooks, hook, prepend, flags)


@method
def register_full_backward_pre_hook(self, hook, prepend=False):
    """Runs ``hook(module, grad_output)`` before the module's backward."""
    return add_hook(self._backward_pre_hooks, hook, prepend)


@method
def register_full_backward_hook(self, hook, prepend=False):
    """Runs ``hook(module, grad_input, grad_output)`` when the gradients of the inputs are known."""
    return add_hook(self._backward_hooks, hook, prepend)


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
    progress: dict = {"args": args, "kwargs": kwargs, "result": None, "called": set()}
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
            given: tuple = (self, progress["args"], progress["result"])
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
