"""CUDA as a machine without one shows it: programs ask, are told no, and go on."""

from __future__ import annotations

import contextlib

from tenon import _tenon

__all__ = [
    "current_device",
    "device_count",
    "empty_cache",
    "get_device_name",
    "ipc_collect",
    "is_available",
    "is_bf16_supported",
    "is_initialized",
    "manual_seed",
    "manual_seed_all",
    "max_memory_allocated",
    "max_memory_reserved",
    "memory_allocated",
    "memory_reserved",
    "reset_max_memory_allocated",
    "reset_peak_memory_stats",
    "set_device",
    "synchronize",
]


def _no_device(what: str):
    raise _tenon.DeviceError(
        f"cuda.{what}: this build of Tenon has no CUDA device; ask cuda.is_available() first, and use device('cpu')"
    )


def is_available() -> bool:
    """Whether a CUDA device can be used."""
    return False


def is_initialized() -> bool:
    """Whether CUDA has been used."""
    return False


def is_bf16_supported(including_emulation: bool = True) -> bool:
    """Whether the CUDA device computes in bfloat16."""
    return False


def device_count() -> int:
    """How many CUDA devices there are."""
    return 0


def manual_seed(seed: int) -> None:
    """Seeds the generator of the current CUDA device: without one, of nothing."""


def manual_seed_all(seed: int) -> None:
    """Seeds the generators of all CUDA devices."""


def empty_cache() -> None:
    """Gives cached CUDA memory back."""


def ipc_collect() -> None:
    """Gives CUDA memory back that other processes have released."""


def memory_allocated(device=None) -> int:
    """Bytes of CUDA memory in use by tensors."""
    return 0


def max_memory_allocated(device=None) -> int:
    """The most bytes of CUDA memory that tensors have used."""
    return 0


def memory_reserved(device=None) -> int:
    """Bytes of CUDA memory held by the allocator."""
    return 0


def max_memory_reserved(device=None) -> int:
    """The most bytes of CUDA memory that the allocator has held."""
    return 0


def reset_peak_memory_stats(device=None) -> None:
    """Starts the peaks of memory anew."""


def reset_max_memory_allocated(device=None) -> None:
    """Starts the peak of memory anew."""


def synchronize(device=None) -> None:
    """Waits for the work of a CUDA device. Raises: there is none to wait for."""
    _no_device("synchronize()")


def current_device() -> int:
    """The index of the current CUDA device. Raises without one."""
    return _no_device("current_device()")


def set_device(device) -> None:
    """Makes a CUDA device the current one. Raises without one; a negative index changes nothing."""
    if not (isinstance(device, int) and device < 0):
        _no_device("set_device()")


def get_device_name(device=None) -> str:
    """The name of a CUDA device. Raises without one."""
    return _no_device("get_device_name()")


class device(contextlib.AbstractContextManager):
    """Makes a CUDA device the current one for a scope; a negative index or None changes nothing."""

    def __init__(self, device) -> None:
        self.idx = -1 if device is None else getattr(device, "index", device)

    def __enter__(self):
        if isinstance(self.idx, int) and self.idx < 0:
            return None
        return _no_device("device()")

    def __exit__(self, *exc) -> None:
        return None
