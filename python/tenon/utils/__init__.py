"""Data loading, hooks and other helpers; each part is loaded when first used."""

from __future__ import annotations

from importlib import import_module

__all__ = ["data", "hooks"]


def __getattr__(name: str):
    if name in __all__:
        return import_module(f"tenon.utils.{name}")
    raise AttributeError(f"module 'tenon.utils' has no attribute '{name}'")
