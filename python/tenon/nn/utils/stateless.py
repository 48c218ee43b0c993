"""Calls of a module with other tensors in place of its own."""

from __future__ import annotations

import contextlib

from tenon import _tenon
from tenon._tenon import Tensor

__all__ = ["functional_call"]

_nn = _tenon.nn
_PARAMETERS, _BUFFERS = 0, 1


def _slots(module) -> dict:
    """Every full name: (module, table, short name, tensor)."""
    out = {}
    for path, child in module.named_modules(remove_duplicate=False):
        prefix = path + "." if path else ""
        for kind in (_PARAMETERS, _BUFFERS):
            for name in _nn._table_keys(child, kind):
                out[prefix + name] = (child, kind, name, _nn._table_get(child, kind, name))
    return out


def _with_ties(slots: dict, given: dict) -> dict:
    """Also the other names of a tensor that several modules share."""
    names_of: dict[int, list[str]] = {}
    for full, (*_, tensor) in slots.items():
        if tensor is not None:
            names_of.setdefault(id(tensor), []).append(full)
    out = dict(given)
    for names in names_of.values():
        values = {id(given[n]): given[n] for n in names if n in given}
        if len(values) > 1:
            raise ValueError(
                f"functional_call got multiple values for keys {sorted(n for n in names if n in given)}, "
                "which are tied. Consider using tie_weights=False"
            )
        for value in values.values():
            out.update((n, value) for n in names)
    return out


@contextlib.contextmanager
def _reparametrize_module(module, parameters_and_buffers, *, tie_weights=False, strict=False):
    given = dict(parameters_and_buffers)
    slots = _slots(module)
    unexpected = [n for n in given if n not in slots]
    missing = [n for n in slots if n not in given and slots[n][3] is not None]
    if strict and (unexpected or missing):
        text = f"Error(s) in loading state_dict for {type(module).__name__}:"
        if unexpected:
            text += "\n\tUnexpected key(s): " + ", ".join(f'"{n}"' for n in unexpected) + "."
        if missing:
            text += "\n\tMissing key(s): " + ", ".join(f'"{n}"' for n in missing) + "."
        raise RuntimeError(text)
    for name, value in given.items():
        if value is not None and not isinstance(value, Tensor):
            raise TypeError(f"functional_call: '{name}' must be a Tensor, it is {type(value).__name__}")
    for name in unexpected:
        # Names that nothing has are left alone, but the module that they are in must exist.
        module.get_submodule(name.rpartition(".")[0])
        del given[name]
    if tie_weights:
        given = _with_ties(slots, given)
    try:
        for name, value in given.items():
            child, kind, short, _ = slots[name]
            _nn._table_set(child, kind, short, value)
        yield
    finally:
        for name in given:
            child, kind, short, own = slots[name]
            if kind == _BUFFERS:
                # A forward that assigns to a buffer changes the caller's dict, as with PyTorch.
                now = _nn._table_get(child, kind, short)
                if now is not given[name] and isinstance(parameters_and_buffers, dict):
                    parameters_and_buffers[name] = now
            _nn._table_set(child, kind, short, own)


def functional_call(
    module, parameters_and_buffers, args=None, kwargs=None, *, tie_weights=True, strict=False
):
    """``module(*args, **kwargs)`` with the tensors of the dict in place of those of the same names."""
    args = () if args is None else args if isinstance(args, tuple) else (args,)
    with _reparametrize_module(module, parameters_and_buffers, tie_weights=tie_weights, strict=strict):
        return module(*args, **(kwargs or {}))
