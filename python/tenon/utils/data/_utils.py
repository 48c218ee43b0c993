"""How samples become a batch."""

from __future__ import annotations

import copy
from collections.abc import Mapping, MutableMapping, MutableSequence, Sequence
from typing import Any

import tenon

__all__ = ["default_collate", "default_convert"]


def _is_numpy(value: Any) -> bool:
    return type(value).__module__ == "numpy"  # without importing NumPy for programs that do not use it


def _rebuild_mapping(like: Mapping, items: dict) -> Any:
    try:
        if isinstance(like, MutableMapping) and type(like) is not dict:
            out = copy.copy(like)
            out.update(items)
            return out
        return type(like)(items)  # type: ignore[call-arg]
    except TypeError:  # a type that is not made like a dict
        return items


def _rebuild_sequence(like: Sequence, items: list) -> Any:
    if type(like) is list:
        return items
    try:
        if isinstance(like, MutableSequence):
            out = copy.copy(like)
            for i, item in enumerate(items):
                out[i] = item
            return out
        return type(like)(items)  # type: ignore[call-arg]
    except TypeError:  # a type that is not made like a list, range for one
        return items


def default_convert(data: Any) -> Any:
    """NumPy's arrays and numbers as tensors, also inside of containers; anything else stays as it is."""
    if isinstance(data, tenon.Tensor):
        return data
    if _is_numpy(data):
        kind = getattr(getattr(data, "dtype", None), "kind", "O")
        return data if kind in "SUOaV" else tenon.as_tensor(data)
    if isinstance(data, Mapping):
        return _rebuild_mapping(data, {key: default_convert(value) for key, value in data.items()})
    if isinstance(data, tuple) and hasattr(data, "_fields"):
        return type(data)(*(default_convert(value) for value in data))
    if isinstance(data, tuple):
        return [default_convert(value) for value in data]
    if isinstance(data, Sequence) and not isinstance(data, (str, bytes)):
        return _rebuild_sequence(data, [default_convert(value) for value in data])
    return data


_UNKNOWN = "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found {}"


def _collate_numpy(batch: list, first: Any) -> Any:
    if first.dtype.kind in "SUOV":
        raise TypeError(_UNKNOWN.format(first.dtype))
    if first.shape == ():
        return tenon.stack([tenon.as_tensor(value) for value in batch])
    return default_collate([tenon.as_tensor(value) for value in batch])


def default_collate(batch: Any) -> Any:
    """Puts samples together: tensors and arrays are stacked along a new first dimension, numbers become a
    tensor, strings a list; dicts, tuples, namedtuples and lists are put together item by item.

    TypeError for samples of any other type, RuntimeError when sequences differ in length.
    """
    first = batch[0]
    if isinstance(first, tenon.Tensor):
        return tenon.stack(list(batch), 0)
    if _is_numpy(first) and hasattr(first, "dtype"):
        return _collate_numpy(batch, first)
    if isinstance(first, float):
        return tenon.tensor(list(batch), dtype=tenon.float64)
    if isinstance(first, int):
        return tenon.tensor(list(batch))
    if isinstance(first, (str, bytes)):
        return batch
    if isinstance(first, Mapping):
        return _rebuild_mapping(first, {key: default_collate([d[key] for d in batch]) for key in first})
    if isinstance(first, tuple) and hasattr(first, "_fields"):
        return type(first)(*(default_collate(list(samples)) for samples in zip(*batch, strict=True)))
    if isinstance(first, Sequence):
        if any(len(sample) != len(first) for sample in batch):
            raise RuntimeError("each element in list of batch should be of equal size")
        # Of tuples each column is a tuple: strings, which stay as they come, are one too.
        kind = tuple if isinstance(first, tuple) else list
        columns = [default_collate(kind(samples)) for samples in zip(*batch, strict=True)]
        return columns if isinstance(first, tuple) else _rebuild_sequence(first, columns)
    raise TypeError(_UNKNOWN.format(type(first)))
