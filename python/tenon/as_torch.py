"""Runs programs written for PyTorch on Tenon: ``python -m tenon.as_torch script.py [arguments]``."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import runpy
import sys

import tenon
from tenon import _tenon


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Answers imports of ``torch`` and its submodules with Tenon's modules."""

    def find_spec(self, fullname, path=None, target=None):
        if fullname != "torch" and not fullname.startswith("torch."):
            return None
        name = "tenon" + fullname[len("torch") :]
        try:
            if name not in sys.modules and importlib.util.find_spec(name) is None:
                return None
        except ModuleNotFoundError:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec):
        module = importlib.import_module("tenon" + spec.name[len("torch") :])
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module):
        # The module is Tenon's own and has run; the import system has put torch's spec on it.
        module.__spec__ = module.__spec__.loader_state


def install() -> None:
    """Makes ``import torch`` mean Tenon for the rest of the process. Once is enough; more does nothing.

    Raises RuntimeError when PyTorch is already loaded.
    """
    loaded = sys.modules.get("torch")
    if loaded is tenon:
        return
    if loaded is not None:
        raise RuntimeError(
            "install_as_torch: PyTorch is already loaded in this process; call it before anything imports torch"
        )
    sys.meta_path.insert(0, _Finder())
    sys.modules["torch"] = tenon
    _tenon._set_name_prefix("torch")


def main(arguments: list[str]) -> None:
    """Runs a script, or with -m a module, as Python would."""
    module = arguments[:1] == ["-m"]
    rest = arguments[1:] if module else arguments
    if not rest:
        raise SystemExit(
            "usage: python -m tenon.as_torch script.py [arguments]\n"
            "       python -m tenon.as_torch -m module [arguments]"
        )
    install()
    sys.argv[:] = rest
    if module:
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    else:
        import os

        sys.path.insert(0, os.path.dirname(os.path.abspath(rest[0])))
        runpy.run_path(rest[0], run_name="__main__")


if __name__ == "__main__":
    main(sys.argv[1:])
