"""From indices to a batch."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial
from typing import Any

from tenon import _tenon

from ._utils import default_collate
from ._worker import END
from .dataset import Subset, TensorDataset

__all__ = ["map_fetcher", "rows_of", "stream_fetcher"]


def _never() -> bool:
    return False


def map_fetcher(
    batched: bool, collate: Callable, dataset: Any, outdated: Callable[[], bool] = _never
) -> Callable:
    """A function of indices; of one index when the loader does not batch."""

    def fetch(indices: Any) -> Any:
        if not batched:
            return collate(dataset[indices])
        if callable(getattr(dataset, "__getitems__", None)):
            return collate(dataset.__getitems__(indices))
        if outdated is _never:
            return collate([dataset[i] for i in indices])
        samples = []
        for i in indices:
            if outdated():
                return None
            samples.append(dataset[i])
        return collate(samples)

    return fetch


def stream_fetcher(
    batched: bool, drop_last: bool, collate: Callable, dataset: Any, outdated: Callable[[], bool] = _never
) -> Callable:
    """A function of as many things as samples are wanted; returns END after the last batch."""
    stream = iter(dataset)

    def fetch(indices: Any) -> Any:
        if not batched:
            sample = next(stream, END)
            return END if sample is END else collate(sample)
        samples = []
        for sample in itertools.islice(stream, len(indices)):
            samples.append(sample)
            if outdated():
                return None
        if not samples or (drop_last and len(samples) < len(indices)):
            return END
        return collate(samples)

    return fetch


def rows_of(dataset: Any, collate: Callable) -> tuple[Any, Callable | None] | None:
    """For a TensorDataset, or subsets of one, that is collated by default: its C++ form, and the function from
    a loader's indices to its rows (None: they are the same). Whole batches are then gathered in C++.

    None where a subclass or a collate function of the user's must be asked.
    """
    if collate is not default_collate:
        return None
    subsets = []
    while type(dataset) is Subset:
        subsets.append(dataset.indices)
        dataset = dataset.dataset
    kind = type(dataset)
    plain = isinstance(dataset, TensorDataset) and kind.__getitem__ is TensorDataset.__getitem__
    if not plain or hasattr(kind, "__getitems__"):
        return None
    handle = _tenon.data.TensorDataset(list(dataset.tensors))
    return handle, (partial(_through, subsets) if subsets else None)


def _through(subsets: list, indices: list) -> list:
    for inner in subsets:
        indices = [inner[i] for i in indices]
    return indices
