"""The exceptions of Tenon. Each is also the one that programs written for PyTorch catch."""

from tenon._tenon import (
    AutogradError,
    DeviceError,
    DTypeError,
    Error,
    FileError,
    IndexError,
    InternalError,
    KeyError,
    MemoryError,
    ShapeError,
    TypeError,
    ValueError,
)

__all__ = [
    "AutogradError",
    "DTypeError",
    "DeviceError",
    "Error",
    "FileError",
    "IndexError",
    "InternalError",
    "KeyError",
    "MemoryError",
    "ShapeError",
    "TypeError",
    "ValueError",
]
