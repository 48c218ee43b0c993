"""Ops by name: those of Tenon and of libraries that users load."""

from __future__ import annotations

import os
import sys
from types import ModuleType

from tenon import _tenon

loaded_libraries: set[str] = set()


def load_library(path: str | os.PathLike[str]) -> None:
    """Loads a shared library of ops and modules: ``tenon.ops.name(...)``, ``tenon.classes.Name(...)``.

    FileError: it is missing, is no library of ops, or was built for another Tenon.
    """
    name = os.path.realpath(os.fspath(path))
    _tenon.load_library(name)
    _tenon._add_ops()
    _tenon.nn._add_classes()
    loaded_libraries.add(name)


def _is_op(value: object) -> bool:
    return type(value) is type(_tenon.add)


class _Ops(ModuleType):
    def __getattr__(self, name: str):
        found = None if name.startswith("__") else _tenon.__dict__.get(name)
        if not _is_op(found):
            text = f"tenon.ops has no op '{name}'; load_library() adds those of a library"
            raise AttributeError(text, name=name, obj=self)
        return found

    def __dir__(self) -> list[str]:
        return ["load_library", *(name for name, value in vars(_tenon).items() if _is_op(value))]


sys.modules[__name__].__class__ = _Ops
