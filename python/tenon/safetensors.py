"""The names of ``safetensors`` and ``safetensors.torch``, for Tenon's tensors."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from . import Tensor, _tenon
from .io import Path, load_safetensors, save_safetensors

__all__ = ["load", "load_file", "load_model", "safe_open", "save", "save_file", "save_model"]


def save_file(
    tensors: Mapping[str, Tensor], filename: Path, metadata: Mapping[str, str] | None = None
) -> None:
    save_safetensors(tensors, filename, metadata)


def load_file(filename: Path, device: Any = "cpu") -> dict[str, Tensor]:
    return {name: _on(t, device) for name, t in load_safetensors(filename).items()}


def save(tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None) -> bytes:
    return _tenon.io.safetensors_bytes(dict(tensors), dict(metadata or {}))


def load(data: bytes) -> dict[str, Tensor]:
    return _tenon.io.safetensors_from_bytes(data)


def save_model(model: Any, filename: Path, metadata: Mapping[str, str] | None = None) -> None:
    """Weights that share their data are written once for each name."""
    save_file(model.state_dict(), filename, metadata)


def load_model(
    model: Any, filename: Path, strict: bool = True, device: Any = "cpu"
) -> tuple[set[str], list[str]]:
    """Loads into the model; returns the missing and the unexpected names."""
    missing, unexpected = model.load_state_dict(load_file(filename, device), strict=strict)
    return set(missing), list(unexpected)


class safe_open:
    """``with safe_open(path, framework="pt") as f: f.get_tensor(name)``; the file stays mapped."""

    def __init__(self, filename: Path, framework: str = "pt", device: Any = "cpu"):
        if framework not in ("pt", "torch", "pytorch", "tenon"):
            raise ValueError(f"safe_open: framework {framework!r} is not 'pt' or 'tenon'")
        self._metadata, self._entries = _tenon.io.safetensors_header(os.fsencode(filename))
        self._tensors = load_safetensors(filename)
        self._device = device

    def __enter__(self) -> safe_open:
        return self

    def __exit__(self, *exception: object) -> None:
        self._tensors = {}

    def keys(self) -> list[str]:
        return list(self._entries)

    def metadata(self) -> dict[str, str]:
        return dict(self._metadata)

    def get_tensor(self, name: str) -> Tensor:
        return _on(self._tensors[name], self._device)

    def get_slice(self, name: str) -> _Slice:
        return _Slice(self._tensors[name], self._entries[name], self._device)


class _Slice:
    """A tensor of which parts are asked for."""

    def __init__(self, tensor: Tensor, entry: tuple[str, Any], device: Any):
        self._tensor, self._entry, self._device = tensor, entry, device

    def get_shape(self) -> list[int]:
        return list(self._entry[1])

    def get_dtype(self) -> str:
        return self._entry[0]

    def __getitem__(self, index: Any) -> Tensor:
        return _on(self._tensor[index], self._device)


def _on(tensor: Tensor, device: Any) -> Tensor:
    return tensor if str(device) == "cpu" else tensor.to(device)
