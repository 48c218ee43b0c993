"""Data loading, hooks and other helpers; each part is loaded when first used."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

__all__ = ["data", "hooks"]


def __getattr__(name: str):
    if name in __all__:
        return import_module(f"tenon.utils.{name}")
    package = Path(__file__).resolve().parent.parent
    if name == "cmake_prefix_path" and (package / "cmake/TenonConfig.cmake").exists():
        return str(package)  # for find_package(Tenon); an installed package has it
    raise AttributeError(f"module 'tenon.utils' has no attribute '{name}'")
