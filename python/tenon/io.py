"""Files: safetensors, NumPy archives, PNG and JPEG images, IDX."""

from __future__ import annotations

import os
from collections.abc import Mapping

from . import Tensor, _tenon

__all__ = [
    "load_npy",
    "load_npz",
    "load_safetensors",
    "read_idx",
    "read_image",
    "read_jpeg",
    "read_png",
    "safetensors_metadata",
    "save_npz",
    "save_safetensors",
    "write_png",
]

Path = str | bytes | os.PathLike


def save_safetensors(
    tensors: Mapping[str, Tensor], path: Path, metadata: Mapping[str, str] | None = None
) -> None:
    """Writes named tensors, such as a state dict, to one file, which is replaced whole or not at all.

    The metadata gets ``format=pt``, which programs that use PyTorch ask for, unless it names a format.
    """
    _tenon.io.save_safetensors(os.fsencode(path), dict(tensors), dict(metadata or {}))


def load_safetensors(path: Path, *, map: bool = True) -> dict[str, Tensor]:
    """The tensors of a file by name, in the file's order.

    With ``map`` they look into the mapped file: loading takes no time and the memory is shared with
    other processes. Writing to them never changes the file. Damage of any kind raises FileError.
    """
    return _tenon.io.load_safetensors(os.fsencode(path), map)


def safetensors_metadata(path: Path) -> dict[str, str]:
    """The text that was stored with a safetensors file."""
    return _tenon.io.safetensors_header(os.fsencode(path))[0]


def load_npy(path: Path) -> Tensor:
    """One array, as ``numpy.save`` writes it."""
    return _tenon.io.load_npy(os.fsencode(path))


def load_npz(path: Path) -> dict[str, Tensor]:
    """The arrays of a NumPy archive by name, as ``numpy.savez`` writes it. NumPy itself is not needed."""
    return _tenon.io.load_npz(os.fsencode(path))


def save_npz(tensors: Mapping[str, Tensor], path: Path, *, compress: bool = False) -> None:
    """Writes named tensors as an archive that ``numpy.load`` reads."""
    _tenon.io.save_npz(os.fsencode(path), dict(tensors), compress)


def read_png(path: Path) -> Tensor:
    """A uint8 tensor (channels, height, width): 1 channel is grey, 3 are RGB, one more is alpha."""
    return _tenon.io.read_png(os.fsencode(path))


def read_jpeg(path: Path) -> Tensor:
    """A uint8 tensor (channels, height, width): 1 channel is grey, 3 are RGB. Damage raises FileError."""
    return _tenon.io.read_jpeg(os.fsencode(path))


def read_image(path: Path) -> Tensor:
    """A PNG or JPEG image, by how the file begins."""
    return _tenon.io.read_image(os.fsencode(path))


def write_png(input: Tensor, filename: Path) -> None:
    """Writes a uint8 tensor (height, width) or (1 to 4, height, width)."""
    _tenon.io.write_png(input, os.fsencode(filename))


def read_idx(path: Path) -> Tensor:
    """A file of the MNIST family, plain or gzipped."""
    return _tenon.io.read_idx(os.fsencode(path))
