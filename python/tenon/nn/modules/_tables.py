"""``_parameters``, ``_buffers`` and ``_modules``: views of the tables that C++ keeps."""

from __future__ import annotations

from collections.abc import MutableMapping, MutableSet

from tenon import _tenon

_nn = _tenon.nn
PARAMETERS, BUFFERS, MODULES = range(3)


class Table(MutableMapping):
    """A live mapping in definition order: what is written here is what the module has."""

    __slots__ = ("_kind", "_module")

    def __init__(self, module, kind: int) -> None:
        self._module = module
        self._kind = kind

    def __getitem__(self, name):
        return _nn._table_get(self._module, self._kind, name)

    def __setitem__(self, name, value) -> None:
        _nn._table_set(self._module, self._kind, name, value)

    def __delitem__(self, name) -> None:
        _nn._table_delete(self._module, self._kind, name)

    def __iter__(self):
        return iter(_nn._table_keys(self._module, self._kind))

    def __reversed__(self):
        return reversed(_nn._table_keys(self._module, self._kind))

    def __len__(self) -> int:
        return _nn._table_size(self._module, self._kind)

    def __repr__(self) -> str:
        return repr(dict(self))

    def copy(self) -> dict:
        return dict(self)

    def __or__(self, other):
        return dict(self) | dict(other)

    def move_to_end(self, name, last: bool = True) -> None:
        names = list(self)
        names.remove(name)
        _nn._table_reorder(self._module, [*names, name] if last else [name, *names])

    def __reduce__(self):
        # Taken out of its module it is an ordinary dict.
        return dict, (dict(self),)


class NonPersistent(MutableSet):
    """The names of the buffers that the state dict leaves out."""

    __slots__ = ("_module",)

    def __init__(self, module) -> None:
        self._module = module

    def _names(self) -> list[str]:
        module = self._module
        return [n for n in _nn._table_keys(module, BUFFERS) if not _nn._buffer_persistent(module, n)]

    def __contains__(self, name) -> bool:
        return name in self._names()

    def __iter__(self):
        return iter(self._names())

    def __len__(self) -> int:
        return len(self._names())

    def add(self, name) -> None:
        if name in _nn._table_keys(self._module, BUFFERS):
            _nn._buffer_persistent(self._module, name, False)

    def discard(self, name) -> None:
        if name in _nn._table_keys(self._module, BUFFERS):
            _nn._buffer_persistent(self._module, name, True)

    def __repr__(self) -> str:
        return repr(set(self))

    def __reduce__(self):
        return set, (list(self),)
