"""How modules are copied and pickled: the C++ side beside whatever the class's own __getstate__ says."""

from __future__ import annotations

from types import GetSetDescriptorType

from tenon import _tenon

from ._tables import BUFFERS, MODULES, PARAMETERS

_nn = _tenon.nn
_TABLES = {"_parameters": PARAMETERS, "_buffers": BUFFERS, "_modules": MODULES}


def _field(cls, name):
    """The C++ member behind an attribute, also where a subclass has another attribute of that name."""
    for base in cls.__mro__:
        found = base.__dict__.get(name)
        if isinstance(found, GetSetDescriptorType):
            return found
    raise AttributeError(name)


def _native_state(module) -> dict | None:
    if not _nn._is_initialised(module):
        return None
    cls = type(module)
    state: dict = {"training": module.training}
    state["fields"] = {name: _field(cls, name).__get__(module) for name in module._fields()}
    for key, kind in _TABLES.items():
        state[key] = {name: _nn._table_get(module, kind, name) for name in _nn._table_keys(module, kind)}
    if "_arguments" in module.__dict__:  # a user's C++ class is made again by its constructor
        state["arguments"] = module.__dict__["_arguments"]
    state["non_persistent"] = [name for name in state["_buffers"] if not _nn._buffer_persistent(module, name)]
    return state


def _set_native_state(module, state) -> None:
    cls = type(module)
    if "arguments" in state:
        _nn._make_again(module, *state["arguments"])
    else:
        _nn.Module.__init__(module)
    for name, value in state["fields"].items():
        _field(cls, name).__set__(module, value)
    for key, kind in _TABLES.items():
        for name, value in state[key].items():
            _nn._table_set(module, kind, name, value)
    for name in state["non_persistent"]:
        _nn._buffer_persistent(module, name, False)
    module.training = state["training"]


class _Restore:
    """Stands before the class's own __setstate__, on the instance, for one call."""

    def __init__(self, module) -> None:
        self.module = module

    def __call__(self, state) -> None:
        module = self.module
        native, own = state
        del module.__dict__["__setstate__"]
        if native is not None:
            _set_native_state(module, native)
        if own is None:
            return
        setter = type(module).__setstate__
        if setter is not _nn.Module.__setstate__ or not isinstance(own, dict):
            setter(module, own)
        else:
            module.__dict__.update(own)
        # `self.__dict__.update(state)` must not hide the tables.
        for name in (*_TABLES, "training", "_non_persistent_buffers_set"):
            module.__dict__.pop(name, None)
        _note_hooks(module)


def _note_hooks(module) -> None:
    names = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
    if any(module.__dict__.get(name) for name in names):
        module._has_python_hooks = True


def _new(cls):
    module = cls.__new__(cls)
    module.__dict__["__setstate__"] = _Restore(module)
    return module


def __reduce_ex__(self, protocol):
    return _new, (type(self),), (_native_state(self), self.__getstate__())


def __getstate__(self):
    state = self.__dict__.copy()
    state.pop("_compiled_call_impl", None)
    return state


def __setstate__(self, state) -> None:
    """Takes a dict as PyTorch pickles it: attributes, `_parameters`, `_buffers` and `_modules`."""
    state = dict(state)
    cls = type(self)
    if not _nn._is_initialised(self):
        _nn.Module.__init__(self)
    for name in self._fields():
        if name in state:
            _field(cls, name).__set__(self, state.pop(name))
    non_persistent = state.pop("_non_persistent_buffers_set", ())
    for key, kind in _TABLES.items():
        for name, value in (state.pop(key, None) or {}).items():
            _nn._table_set(self, kind, name, value)
    for name in non_persistent:
        if name in _nn._table_keys(self, BUFFERS):
            _nn._buffer_persistent(self, name, False)
    if "training" in state:
        self.training = bool(state.pop("training"))
    for name in [n for n in state if n.endswith(("_hooks", "_hooks_with_kwargs"))]:
        if not state[name]:
            del state[name]
    state.pop("_is_full_backward_hook", None)
    self.__dict__.update(state)
    _note_hooks(self)


def install(cls) -> None:
    cls.__reduce_ex__ = __reduce_ex__
    cls.__getstate__ = __getstate__
    cls.__setstate__ = __setstate__
