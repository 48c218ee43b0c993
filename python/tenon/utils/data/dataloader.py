"""DataLoader: batches of a dataset, made when asked for or ahead of time by worker threads."""

from __future__ import annotations

import itertools
import threading
import time
import warnings
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, Generic, TypeVar

from tenon import _tenon

from ._fetch import map_fetcher, rows_of, stream_fetcher
from ._utils import default_collate, default_convert
from ._worker import END, ExceptionWrapper, Job, Worker, WorkerInfo, get_worker_info
from .dataset import Dataset, IterableDataset
from .sampler import BatchSampler, RandomSampler, Sampler, SequentialSampler

__all__ = ["DataLoader", "WorkerInfo", "default_collate", "default_convert", "get_worker_info"]

T_co = TypeVar("T_co", covariant=True)

_JOIN_SECONDS = 1.0  # how long a loader that is left early waits for samples that are being made


class _InfiniteConstantSampler(Sampler[None]):
    """Stands for the sampler of a stream, which has no indices."""

    def __iter__(self) -> Iterator[None]:
        return itertools.repeat(None)


def _check_workers(
    num_workers: int, timeout: float, prefetch_factor: int | None, persistent: bool
) -> int | None:
    if num_workers < 0:
        raise ValueError(
            "num_workers option should be non-negative; use num_workers=0 to disable multiprocessing."
        )
    if timeout < 0:
        raise ValueError("timeout option should be non-negative")
    if num_workers == 0 and prefetch_factor is not None:
        raise ValueError(
            "prefetch_factor option could only be specified in multiprocessing."
            "let num_workers > 0 to enable multiprocessing, otherwise set prefetch_factor to None."
        )
    if num_workers > 0 and prefetch_factor is None:
        prefetch_factor = 2
    elif prefetch_factor is not None and prefetch_factor < 1:
        raise ValueError("prefetch_factor option should be non-negative, and 1 or more")
    if persistent and num_workers == 0:
        raise ValueError("persistent_workers option needs num_workers > 0")
    return prefetch_factor


def _check_stream(shuffle: Any, sampler: Any, batch_sampler: Any) -> None:
    text = "DataLoader with IterableDataset: expected unspecified {0} option, but got {0}={1}"
    if shuffle not in {False, None}:
        raise ValueError(text.format("shuffle", shuffle))
    if sampler is not None:
        raise ValueError(text.format("sampler", sampler))
    if batch_sampler is not None:
        raise ValueError(text.format("batch_sampler", batch_sampler))


class DataLoader(Generic[T_co]):
    """Batches of ``dataset``: ``for x, y in DataLoader(dataset, batch_size=64, shuffle=True)``.

    Options, defaults and errors are PyTorch's, and the same seed gives the same batches. What differs:
    workers are threads of this process. They share its memory, so nothing is pickled or copied on the way;
    each works on a shallow copy of the dataset, so that what ``worker_init_fn`` sets or ``__getitem__`` opens
    is its own, while tensors and caches are shared. Python code of several workers takes turns; what lets the
    GIL go runs at once. Each worker has a default generator of its own, seeded for each pass, so that random
    transforms made of Tenon's functions do not depend on timing; those of Python's ``random`` and of NumPy draw
    from the process's generators: seed one per worker with ``get_worker_info().seed``.

    ``multiprocessing_context``, ``pin_memory``, ``pin_memory_device`` and ``in_order`` are accepted and change
    nothing: there are no processes, no pinned memory, and batches always come in order.
    """

    dataset: Dataset[T_co]
    batch_size: int | None
    num_workers: int
    pin_memory: bool
    drop_last: bool
    timeout: float
    sampler: Any
    batch_sampler: Any
    prefetch_factor: int | None
    _iterator: Any = None
    __initialized = False

    def __init__(
        self,
        dataset: Dataset[T_co],
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Sampler | Iterable | None = None,
        batch_sampler: Sampler[list] | Iterable[list] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[list], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], None] | None = None,
        multiprocessing_context: Any = None,
        generator: Any = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
    ) -> None:
        prefetch_factor = _check_workers(num_workers, timeout, prefetch_factor, persistent_workers)
        self._stream = isinstance(dataset, IterableDataset)
        if self._stream:
            _check_stream(shuffle, sampler, batch_sampler)
        elif sampler is not None and shuffle:
            raise ValueError("sampler option is mutually exclusive with shuffle")
        if batch_sampler is not None:
            if batch_size != 1 or shuffle or sampler is not None or drop_last:
                raise ValueError(
                    "batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last"
                )
            batch_size = None
            drop_last = False
        elif batch_size is None and drop_last:
            raise ValueError(
                "batch_size=None option disables auto-batching and is mutually exclusive with drop_last"
            )
        if sampler is None:
            if self._stream:
                sampler = _InfiniteConstantSampler()
            elif shuffle:
                sampler = RandomSampler(dataset, generator=generator)  # type: ignore[arg-type]
            elif batch_sampler is None:
                sampler = SequentialSampler(dataset)  # type: ignore[arg-type]
        if batch_size is not None and batch_sampler is None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)  # type: ignore[arg-type]
        if sampler is None:
            sampler = SequentialSampler(dataset)  # type: ignore[arg-type]

        self.dataset = dataset
        self.num_workers = num_workers
        self.prefetch_factor = prefetch_factor
        self.pin_memory = pin_memory
        self.pin_memory_device = pin_memory_device
        self.timeout = timeout
        self.worker_init_fn = worker_init_fn
        self.in_order = in_order
        self.batch_size = batch_size
        self.drop_last = drop_last
        self.sampler = sampler
        self.batch_sampler = batch_sampler
        self.generator = generator
        if collate_fn is None:
            collate_fn = default_collate if self._auto_collation else default_convert
        self.collate_fn = collate_fn
        self.persistent_workers = persistent_workers
        self.multiprocessing_context = multiprocessing_context
        self.__initialized = True

    @property
    def multiprocessing_context(self) -> Any:
        return self.__multiprocessing_context

    @multiprocessing_context.setter
    def multiprocessing_context(self, context: Any) -> None:
        if context is not None and self.num_workers == 0:
            raise ValueError(
                "multiprocessing_context can only be used with multi-process loading (num_workers > 0), "
                f"but got num_workers={self.num_workers}"
            )
        self.__multiprocessing_context = context

    def __setattr__(self, name: str, value: Any) -> None:
        fixed = ("batch_size", "batch_sampler", "sampler", "drop_last", "dataset", "persistent_workers")
        if self.__initialized and name in fixed:
            raise ValueError(f"{name} attribute should not be set after {type(self).__name__} is initialized")
        super().__setattr__(name, value)

    @property
    def _auto_collation(self) -> bool:
        return self.batch_sampler is not None

    @property
    def _index_sampler(self) -> Any:
        return self.batch_sampler if self._auto_collation else self.sampler

    def __iter__(self) -> Iterator[Any]:
        if self.num_workers == 0:
            return _SingleProcessDataLoaderIter(self)
        if not self.persistent_workers:
            return _WorkerThreadsDataLoaderIter(self)
        if self._iterator is None:
            self._iterator = _WorkerThreadsDataLoaderIter(self)
        else:
            self._iterator._reset(self)
        return self._iterator

    def __len__(self) -> int:
        """Batches in a pass; of a stream, a guess from its length."""
        if not self._stream:
            return len(self._index_sampler)
        samples = len(self.dataset)  # type: ignore[arg-type]
        if self.batch_size is None:
            return samples
        return samples // self.batch_size if self.drop_last else -(-samples // self.batch_size)


class _BaseDataLoaderIter:
    def __init__(self, loader: DataLoader) -> None:
        self._auto_collation = loader._auto_collation
        self._stream = loader._stream
        self._index_sampler = loader._index_sampler
        self._sampler_iter = iter(self._index_sampler)
        # Drawn also without workers, as PyTorch does, so that what follows is the same with any number.
        self._base_seed = _tenon.data.draw_seed(loader.generator)
        self._num_yielded = 0
        self._expected = self._length_of(loader)

    def _length_of(self, loader: DataLoader) -> int | None:
        if not loader._stream or not hasattr(type(loader.dataset), "__len__"):
            return None
        return len(loader)

    def _make_fetcher(self, loader: DataLoader) -> Callable:
        if self._stream:
            return partial(stream_fetcher, self._auto_collation, loader.drop_last, loader.collate_fn)
        return partial(map_fetcher, self._auto_collation, loader.collate_fn)

    def _count(self) -> None:
        self._num_yielded += 1
        if self._expected is not None and self._num_yielded > self._expected:
            warnings.warn(
                f"Length of IterableDataset was reported to be {self._expected} batches, but "
                f"{self._num_yielded} have been fetched. Share the stream out between the workers with "
                "get_worker_info(), or every sample comes once per worker.",
                stacklevel=3,
            )
            self._expected = None

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        raise NotImplementedError

    def __len__(self) -> int:
        return len(self._index_sampler)


class _SingleProcessDataLoaderIter(_BaseDataLoaderIter):
    """Makes each batch when it is asked for."""

    def __init__(self, loader: DataLoader) -> None:
        super().__init__(loader)
        rows = rows_of(loader.dataset, loader.collate_fn) if self._auto_collation else None
        if rows is None:
            self._fetch = self._make_fetcher(loader)(loader.dataset)
        elif rows[1] is None:
            self._fetch = rows[0].rows
        else:
            self._fetch = partial(_fetch_rows, rows[0], rows[1])

    def __next__(self) -> Any:
        indices = next(self._sampler_iter)
        try:
            batch = self._fetch(indices)
        except StopIteration as error:  # the loop would take it for the end
            raise RuntimeError("DataLoader: the dataset raised StopIteration") from error
        if batch is END:
            raise StopIteration
        self._count()
        return batch


def _fetch_rows(handle: Any, through: Callable, indices: list) -> list:
    return handle.rows(through(indices))


def _serve(pool: Any, id: int) -> None:
    pool.serve(id)


def _shut_down(pool: Any, threads: list, job: Job) -> None:
    job.stopped = True
    pool.close()
    end = time.monotonic() + _JOIN_SECONDS
    for thread in threads:
        # The collector may have called from a worker.
        if thread is not threading.current_thread():
            thread.join(max(0.0, end - time.monotonic()))


class _WorkerThreadsDataLoaderIter(_BaseDataLoaderIter):
    """Batches come from worker threads, in the sampler's order; each worker gets every n-th."""

    def __init__(self, loader: DataLoader) -> None:
        super().__init__(loader)
        self._timeout = loader.timeout
        self._persistent = loader.persistent_workers
        self._ahead = loader.num_workers * (loader.prefetch_factor or 2)
        self._rows = None
        if self._auto_collation and loader.worker_init_fn is None:
            self._rows = rows_of(loader.dataset, loader.collate_fn)
        self._job = Job(self._make_fetcher(loader), loader.dataset, loader.num_workers, loader.worker_init_fn)
        self._job.base_seed = self._base_seed
        self._workers = [Worker(self._job, i) for i in range(loader.num_workers)]
        self._pool = _tenon.data.WorkerPool(loader.num_workers)
        self._pool.set_seed(self._base_seed)
        self._threads: list[threading.Thread] = []
        # Also runs when the program ends. Neither threads nor finalizer know this iterator.
        self._finalizer = weakref.finalize(self, _shut_down, self._pool, self._threads, self._job)
        for i in range(loader.num_workers):
            thread = threading.Thread(
                target=_serve, args=(self._pool, i), name=f"tenon-data-worker-{i}", daemon=True
            )
            thread.start()
            self._threads.append(thread)
        self._begin()

    def _begin(self) -> None:
        self._tasks: deque = deque()
        self._active = [True] * len(self._workers)
        self._turn = 0
        for _ in range(self._ahead):
            self._submit()

    def _reset(self, loader: DataLoader) -> None:
        """Another pass with the same threads; what is left of the last one is dropped."""
        self._job.epoch += 1
        self._pool.set_seed(self._base_seed + self._job.epoch * len(self._workers))
        self._sampler_iter = iter(self._index_sampler)
        self._num_yielded = 0
        self._expected = self._length_of(loader)
        self._rows = rows_of(loader.dataset, loader.collate_fn) if self._rows is not None else None
        self._begin()

    def _next_worker(self) -> int | None:
        for _ in self._workers:
            turn = self._turn
            self._turn = (turn + 1) % len(self._workers)
            if self._active[turn]:
                return turn
        return None

    def _submit(self) -> None:
        if len(self._tasks) >= self._ahead:
            return
        indices = next(self._sampler_iter, END)
        if indices is END:
            return
        worker = self._next_worker()
        if worker is None:
            return
        if self._rows is not None:
            handle, through = self._rows
            task = self._pool.submit_rows(worker, handle, through(indices) if through else indices)
        else:
            call = partial(self._workers[worker].fetch, self._job.epoch, indices)
            task = self._pool.submit(worker, call)
        self._tasks.append((worker, task))

    def _wait(self, worker: int, task: Any) -> None:
        end = time.monotonic() + self._timeout if self._timeout > 0 else None
        while True:
            left = 5.0 if end is None else min(5.0, max(0.0, end - time.monotonic()))
            if self._pool.wait(task, left):
                return
            if end is not None and time.monotonic() >= end:
                raise RuntimeError(f"DataLoader timed out after {self._timeout} seconds")
            # After fork() a child has no threads but this one.
            if self._pool.closed or not self._threads[worker].is_alive():
                raise RuntimeError(f"DataLoader worker (thread {worker}) exited unexpectedly")

    def __next__(self) -> Any:
        while self._tasks:
            worker, task = self._tasks[0]
            self._wait(worker, task)
            self._tasks.popleft()
            self._submit()
            batch = self._pool.result(task)
            if isinstance(batch, ExceptionWrapper):
                batch.reraise()
            if batch is END:
                self._active[worker] = False
                self._submit()
                continue
            self._count()
            return batch
        self._end()
        raise StopIteration

    def _end(self) -> None:
        if not self._persistent:
            self._finalizer()
