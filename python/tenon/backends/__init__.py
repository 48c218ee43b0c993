"""Settings of what computes. Without a device they hold their values and change nothing."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

__all__ = ["cuda", "cudnn", "mkl", "mps", "openmp"]


class _Flags(ModuleType):
    """A module of settings that can be read and assigned; a name it does not have is an error."""

    def __init__(self, name: str, doc: str, functions: dict[str, Any], **values: Any) -> None:
        super().__init__(f"{__name__}.{name}", doc)
        self.__dict__.update(functions)
        self.__dict__.update(values)
        sys.modules[f"{__name__}.{name}"] = self

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("__") and name not in self.__dict__:
            raise AttributeError(f"{self.__name__} has no setting '{name}'")
        super().__setattr__(name, value)


def _no() -> bool:
    return False


cuda = _Flags("cuda", "CUDA.", {"is_built": _no})
cuda.__dict__["matmul"] = _Flags(
    "cuda.matmul",
    "Products of matrices on CUDA.",
    {},
    allow_tf32=False,
    allow_fp16_reduced_precision_reduction=True,
    allow_bf16_reduced_precision_reduction=True,
)
cudnn = _Flags(
    "cudnn",
    "cuDNN.",
    {"is_available": _no, "version": lambda: None},
    enabled=True,
    benchmark=False,
    benchmark_limit=10,
    deterministic=False,
    allow_tf32=True,
)
mps = _Flags("mps", "Apple's devices.", {"is_available": _no, "is_built": _no})
mkl = _Flags("mkl", "Intel's MKL.", {"is_available": _no})
openmp = _Flags("openmp", "OpenMP: Tenon has a thread pool of its own.", {"is_available": _no})
