"""Ops by name: those of Tenon and of libraries that users load."""

from __future__ import annotations

import os
import sys
from types import ModuleType

from tenon import _tenon

loaded_libraries: set[str] = set()


def load_library(path: str | os.PathLike[str]) -> None:
    """Loads a shared library that registers ops; ``tenon.ops.name(...)`` calls them from then on."""
    name = os.path.realpath(os.fspath(path))
    _tenon.load_library(name)
    _tenon._add_ops()
    loaded_libraries.add(name)


class _Ops(ModuleType):
    def __getattr__(self, name: str):
        found = None if name.startswith("__") else _tenon.__dict__.get(name)
        if found is None or type(found) is not type(_tenon.add):
            raise AttributeError(f"tenon.ops has no op '{name}'; load_library() adds those of a library")
        return found


sys.modules[__name__].__class__ = _Ops
