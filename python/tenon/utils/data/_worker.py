"""What runs in a loader's worker threads."""

from __future__ import annotations

import copy
import sys
import threading
import traceback
from collections.abc import Callable
from functools import partial
from typing import Any

__all__ = ["WorkerInfo", "get_worker_info"]


class WorkerInfo:
    """What a worker knows of itself: ``id``, ``num_workers``, ``seed`` (differs between workers and passes)
    and ``dataset``, the worker's own shallow copy."""

    def __init__(self, id: int, num_workers: int, seed: int, dataset: Any) -> None:
        self.id = id
        self.num_workers = num_workers
        self.seed = seed
        self.dataset = dataset

    def __repr__(self) -> str:
        return f"WorkerInfo(id={self.id}, num_workers={self.num_workers}, seed={self.seed}, dataset={self.dataset!r})"


_local = threading.local()


def get_worker_info() -> WorkerInfo | None:
    """In a worker of a ``DataLoader`` what it knows of itself, None elsewhere."""
    return getattr(_local, "info", None)


class _KeyErrorMessage(str):
    """KeyError prints the repr of its argument, which would put a traceback on one line."""

    def __repr__(self) -> str:
        return str(self)


class ExceptionWrapper:
    """An exception on its way from a worker to the loop that reads the batches."""

    def __init__(self, where: str) -> None:
        kind, value, trace = sys.exc_info()
        self.exc_type: Any = kind
        self.exc_msg = "".join(traceback.format_exception(kind, value, trace))
        self.where = where

    def reraise(self) -> None:
        """Raises the same type, whose text names the worker and holds the worker's traceback."""
        text = f"Caught {self.exc_type.__name__} {self.where}.\nOriginal {self.exc_msg}"
        error: Exception
        try:
            if issubclass(self.exc_type, StopIteration):
                error = RuntimeError(text)  # the loop would take it for the end
            elif self.exc_type is KeyError:
                error = KeyError(_KeyErrorMessage(text))
            else:
                error = self.exc_type(text)
        except Exception:  # its constructor wants something else
            error = RuntimeError(text)
        raise error


END = object()  # instead of a batch: this worker's stream is at its end


class Job:
    """What the workers of a pass share. Knows nothing of the loader, so that that can be collected."""

    def __init__(self, make_fetcher: Callable, dataset: Any, num_workers: int, init: Callable | None) -> None:
        self.make_fetcher = make_fetcher
        self.dataset = dataset
        self.num_workers = num_workers
        self.init = init
        self.base_seed = 0
        self.epoch = 0
        self.stopped = False

    def outdated(self, epoch: int) -> bool:
        """Nobody waits for this pass's batches any more."""
        return self.stopped or self.epoch != epoch


class Worker:
    """One worker's side: its copy of the dataset, and its place in a stream."""

    def __init__(self, job: Job, id: int) -> None:
        self.job = job
        self.id = id
        self.epoch = -1
        self.info: WorkerInfo | None = None
        self.fetcher: Any = None
        self.failure: ExceptionWrapper | None = None

    def _copy(self) -> Any:
        # Files that a dataset opens when first asked, and what worker_init_fn sets, are each worker's own.
        try:
            return copy.copy(self.job.dataset)
        except TypeError:
            return self.job.dataset

    def _prepare(self, epoch: int) -> None:
        if self.info is None:
            dataset = self._copy()
            self.info = WorkerInfo(self.id, self.job.num_workers, self.job.base_seed + self.id, dataset)
            _local.info = self.info
            if self.job.init is not None:
                self.job.init(self.id)
        self.fetcher = self.job.make_fetcher(self.info.dataset, partial(self.job.outdated, epoch))

    def fetch(self, epoch: int, indices: Any) -> Any:
        """A batch, END, or an ExceptionWrapper; None when nobody waits for it any more."""
        if self.job.outdated(epoch):
            return None
        if self.failure is not None:
            return self.failure
        try:
            if self.epoch != epoch:
                self.epoch = epoch
                try:
                    self._prepare(epoch)
                except Exception:
                    self.failure = ExceptionWrapper(f"in DataLoader worker thread {self.id}")
                    return self.failure
            return self.fetcher(indices)
        except Exception:
            return ExceptionWrapper(f"in DataLoader worker thread {self.id}")
