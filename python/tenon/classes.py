"""Classes of modules that users' libraries define in C++."""

from __future__ import annotations

import sys
from types import ModuleType

from tenon import _tenon
from tenon.ops import load_library

__all__ = ["load_library"]


class _Classes(ModuleType):
    def __getattr__(self, name: str):
        found = None if name.startswith("__") else _tenon.nn._classes.__dict__.get(name)
        if found is None:
            text = f"tenon.classes has no class '{name}'; load_library() adds those of a library"
            raise AttributeError(text, name=name, obj=self)
        return found

    def __dir__(self) -> list[str]:
        return ["load_library", *(name for name in vars(_tenon.nn._classes) if not name.startswith("__"))]


sys.modules[__name__].__class__ = _Classes
