"""Tenon: a deep-learning framework with PyTorch's Python, on one engine in C++."""

from __future__ import annotations

import sys
from importlib import import_module
from math import e, inf, nan, pi
from typing import Any

from tenon import _functions, _tenon
from tenon._functions import (
    allclose,
    broadcast_shapes,
    can_cast,
    equal,
    get_float32_matmul_precision,
    is_complex,
    is_floating_point,
    is_nonzero,
    isclose,
    load_library,
    numel,
    result_type,
    set_default_tensor_type,
    set_float32_matmul_precision,
    typename,
    unique,
    unique_consecutive,
)
from tenon._info import finfo, iinfo
from tenon._tenon import *  # noqa: F403
from tenon._tensor import UntypedStorage
from tenon.version import __version__

newaxis = None
nonzero = _functions.nonzero  # the op, and as_tuple=True
tensordot, einsum = _functions.tensordot, _functions.einsum  # the ops, and PyTorch's lists

# Loaded when first used, so that a program pays only for what it touches.
_submodules = frozenset(
    {
        "autograd",
        "backends",
        "classes",
        "cuda",
        "errors",
        "export",
        "func",
        "io",
        "linalg",
        "nn",
        "ops",
        "optim",
        "overrides",
        "random",
        "safetensors",
        "special",
        "testing",
        "utils",
        "version",
        "__config__",
    }
)
_legacy_names = frozenset(
    f"{kind}Tensor"
    for kind in ("Bool", "Byte", "Char", "Short", "Int", "Long", "Half", "BFloat16", "Float", "Double")
)

sys.modules["tenon.return_types"] = _tenon.return_types


def __getattr__(name: str) -> Any:
    if name in _submodules:
        return import_module(f"tenon.{name}")
    if name == "load_program":
        return import_module("tenon.export").load_program
    if name in _legacy_names:
        value = getattr(import_module("tenon._legacy"), name)
        globals()[name] = value
        return value
    # With name and obj Python adds the nearest name that there is.
    raise AttributeError(f"module 'tenon' has no attribute '{name}'", name=name, obj=sys.modules[__name__])


def __dir__() -> list[str]:
    return sorted({*globals(), *_submodules, *_legacy_names})


def get_include() -> str:
    """The folder of Tenon's C++ headers, for builds that do not use CMake; see also ``utils.cmake_prefix_path``."""
    from pathlib import Path

    package = Path(__file__).resolve().parent
    installed = package / "include"
    return str(installed if installed.exists() else package.parents[1])


def install_as_torch() -> None:
    """Lets Tenon and its submodules answer to ``torch`` for code that imports it.

    Raises RuntimeError when PyTorch is already loaded: two frameworks cannot share one name.
    """
    from tenon.as_torch import install

    install()


__all__ = [
    *_tenon.__all__,
    "UntypedStorage",
    "__version__",
    "allclose",
    "broadcast_shapes",
    "can_cast",
    "e",
    "equal",
    "finfo",
    "get_float32_matmul_precision",
    "get_include",
    "iinfo",
    "inf",
    "install_as_torch",
    "is_complex",
    "is_floating_point",
    "is_nonzero",
    "isclose",
    "load_library",
    "nan",
    "newaxis",
    "numel",
    "pi",
    "result_type",
    "set_default_tensor_type",
    "set_float32_matmul_precision",
    "typename",
    "unique",
    "unique_consecutive",
]
