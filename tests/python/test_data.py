"""tenon.utils.data: samplers, batches, workers, and what must not be left behind."""

import collections
import copy
import gc
import os
import pickle
import random
import subprocess
import sys
import threading
import time
import weakref

import numpy as np
import pytest

import tenon
from tenon.utils import data
from tenon.utils.data import (
    BatchSampler,
    ConcatDataset,
    DataLoader,
    Dataset,
    IterableDataset,
    RandomSampler,
    SequentialSampler,
    Subset,
    SubsetRandomSampler,
    TensorDataset,
    WeightedRandomSampler,
    default_collate,
    get_worker_info,
    random_split,
)


def tensors(n=10):
    return TensorDataset(tenon.arange(n * 3).reshape(n, 3).float(), tenon.arange(n))


class Squares(Dataset):
    def __init__(self, n):
        self.n = n

    def __getitem__(self, i):
        if not 0 <= i < self.n:
            raise IndexError(i)
        return tenon.tensor(i * i), i

    def __len__(self):
        return self.n


class Slow(Squares):
    def __getitem__(self, i):
        time.sleep(0.002 * (i % 3))
        return i


def labels(loader):
    return [batch[1].tolist() for batch in loader]


def wait_for_threads(before, seconds=5):
    end = time.monotonic() + seconds
    while threading.active_count() > before and time.monotonic() < end:
        time.sleep(0.01)
    return threading.active_count()


# ---- batches ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("num_workers", [0, 1, 3])
@pytest.mark.parametrize("make", [tensors, Squares])
def test_batches_come_in_order(make, num_workers):
    assert labels(DataLoader(make(10), batch_size=4, num_workers=num_workers)) == [
        [0, 1, 2, 3],
        [4, 5, 6, 7],
        [8, 9],
    ]
    loader = DataLoader(make(10), batch_size=4, num_workers=num_workers, drop_last=True)
    assert labels(loader) == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert len(loader) == len(iter(loader)) == 2 and len(DataLoader(make(10), batch_size=4)) == 3


def test_batches_are_rows():
    x, y = next(iter(DataLoader(tensors(), batch_size=2)))
    assert x.tolist() == [[0, 1, 2], [3, 4, 5]] and x.dtype == tenon.float32 and y.dtype == tenon.int64


@pytest.mark.parametrize("num_workers", [0, 2])
def test_same_seed_same_batches(num_workers):
    def draw(make, **options):
        tenon.manual_seed(7)
        return labels(DataLoader(make(11), batch_size=3, shuffle=True, num_workers=num_workers, **options))

    first = draw(tensors)
    assert sorted(sum(first, [])) == list(range(11)) and first != [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10]]
    assert draw(Squares) == first
    # PyTorch 2.15's; the same numbers stand in tests/cpp/data/dataloader_test.cpp.
    assert first == [[1, 6, 0], [10, 3, 4], [5, 7, 9], [2, 8]]
    g = tenon.Generator()
    g.manual_seed(3)
    by_generator = draw(tensors, generator=g)
    g.manual_seed(3)
    assert draw(tensors, generator=g) == by_generator != first


def test_draws_are_pytorchs():
    # What PyTorch's loader does, spelled out: a seed for the workers, then one for the permutation.
    tenon.manual_seed(0)
    got = sum(labels(DataLoader(tensors(), batch_size=3, shuffle=True)), [])
    tenon.manual_seed(0)
    tenon.empty((), dtype=tenon.int64).random_()
    seed = int(tenon.empty((), dtype=tenon.int64).random_().item())
    assert got == tenon.randperm(10, generator=tenon.Generator().manual_seed(seed)).tolist()


def test_a_pass_leaves_an_explicit_generator_where_pytorch_does():
    g, h = tenon.Generator().manual_seed(5), tenon.Generator().manual_seed(5)
    list(DataLoader(tensors(), batch_size=5, shuffle=True, generator=g))
    tenon.empty((), dtype=tenon.int64).random_(generator=h)
    tenon.randperm(10, generator=h)
    tenon.randperm(10, generator=h)  # for the rest of the samples, of which there are none
    assert g.get_state().tolist() == h.get_state().tolist()


def test_without_batches():
    samples = list(DataLoader(Squares(3), batch_size=None))
    assert [s[1] for s in samples] == [0, 1, 2] and samples[2][0].shape == ()
    assert list(DataLoader([np.float32(1), "a"], batch_size=None))[1] == "a"
    assert [b.tolist() for b in DataLoader([1, 2, 3], batch_size=2)] == [[1, 2], [3]]


def test_samplers_of_the_users():
    assert labels(DataLoader(Squares(5), batch_size=2, sampler=[4, 0, 2])) == [[4, 0], [2]]
    assert labels(DataLoader(tensors(), batch_sampler=[[1], [9, 9, 0]])) == [[1], [9, 9, 0]]
    assert labels(DataLoader(tensors(), sampler=[-1, 0])) == [[9], [0]]
    with pytest.raises(IndexError, match="index 10 is out of range for 10 samples"):
        list(DataLoader(tensors(), sampler=[10]))


def test_getitems_is_asked_for_whole_batches():
    class Whole(Squares):
        def __getitems__(self, indices):
            return [(tenon.tensor(0), i + 100) for i in indices]

    assert labels(DataLoader(Whole(3), batch_size=2)) == [[100, 101], [102]]


def test_a_subclass_and_a_collate_function_are_asked():
    class Doubled(TensorDataset):
        def __getitem__(self, index):
            x, y = super().__getitem__(index)
            return x, y * 2

    assert labels(DataLoader(Doubled(*tensors(3).tensors), batch_size=3)) == [[0, 2, 4]]
    assert list(DataLoader(tensors(3), batch_size=2, collate_fn=len)) == [2, 1]


# ---- datasets --------------------------------------------------------------------------------------


def test_tensor_dataset():
    dataset = tensors(4)
    assert len(dataset) == 4 and dataset[1][0].tolist() == [3, 4, 5] and int(dataset[-1][1]) == 3
    with pytest.raises(IndexError):
        dataset[4]
    for kind in (AssertionError, tenon.ShapeError, ValueError):
        with pytest.raises(kind, match="Size mismatch between tensors"):
            TensorDataset(tenon.zeros(3), tenon.zeros(4))
    with pytest.raises(ValueError, match="at least one tensor"):
        TensorDataset()


def test_subset_concat_split():
    both = tensors(3) + tensors(2)
    assert isinstance(both, ConcatDataset) and len(both) == 5
    assert [int(both[i][1]) for i in range(5)] == [0, 1, 2, 0, 1] and int(both[-1][1]) == 1
    with pytest.raises(IndexError):
        both[5]
    subset = Subset(Subset(tensors(), [8, 6, 4, 2]), [3, 1])
    assert labels(DataLoader(subset, batch_size=2)) == [[2, 6]]
    for rows in (tenon.tensor([8, 6]), np.array([8, 6]), range(8, 5, -2)):
        assert labels(DataLoader(Subset(tensors(), rows), batch_size=2)) == [[8, 6]]
    tenon.manual_seed(0)
    parts = random_split(tensors(), [7, 3])
    assert [len(p) for p in parts] == [7, 3]
    assert sorted(sum((list(p.indices) for p in parts), [])) == list(range(10))
    assert [len(p) for p in random_split(range(10), [0.5, 0.25, 0.25])] == [6, 2, 2]
    with pytest.raises(ValueError, match="does not equal the length"):
        random_split(range(10), [4, 4])


# ---- samplers --------------------------------------------------------------------------------------


def test_random_sampler():
    tenon.manual_seed(1)
    assert sorted(RandomSampler(range(10))) == list(range(10))
    assert len(list(RandomSampler(range(3), num_samples=8))) == 8
    drawn = list(RandomSampler(range(5), replacement=True, num_samples=100))
    assert len(drawn) == 100 and set(drawn) == set(range(5))
    for bad in (0, -1, 2.5):
        with pytest.raises(ValueError, match="num_samples should be a positive integer value"):
            RandomSampler(range(3), num_samples=bad)
    with pytest.raises(TypeError, match="replacement should be a boolean"):
        RandomSampler(range(3), replacement=1)


def test_random_sampler_is_lazy():
    sampler = RandomSampler(range(10), replacement=True, num_samples=10**10)
    assert len(sampler) == 10**10
    batch = next(iter(DataLoader(tensors(), batch_size=4, sampler=sampler)))
    assert batch[1].shape == (4,)


def test_other_samplers():
    assert list(SequentialSampler("abc")) == [0, 1, 2]
    assert sorted(SubsetRandomSampler([5, 7, 9])) == [5, 7, 9]
    assert set(WeightedRandomSampler([0.0, 1.0, 3.0], 50)) == {1, 2}
    assert sorted(WeightedRandomSampler([1.0, 1.0, 1.0], 3, replacement=False)) == [0, 1, 2]
    assert list(BatchSampler(SequentialSampler(range(5)), 2, False)) == [[0, 1], [2, 3], [4]]
    assert list(BatchSampler("abcde", 2, True)) == [["a", "b"], ["c", "d"]]
    with pytest.raises(ValueError, match="batch_size should be a positive integer value"):
        BatchSampler(range(5), 0, False)
    with pytest.raises(ValueError, match="1d sequence"):
        WeightedRandomSampler([[1.0]], 3)


# ---- collate ---------------------------------------------------------------------------------------


def test_default_collate():
    Point = collections.namedtuple("Point", "x y")
    assert default_collate([1, 2]).dtype == tenon.int64
    assert default_collate([1.0, 2.0]).dtype == tenon.float64
    assert default_collate([True, False]).dtype == tenon.bool
    assert default_collate(["a", "b"]) == ["a", "b"]
    assert default_collate([np.ones(2, np.float32)] * 3).shape == (3, 2)
    assert default_collate([np.float32(1), np.float32(2)]).dtype == tenon.float32
    assert default_collate([{"a": 1, "b": [2.0]}, {"a": 3, "b": [4.0]}])["b"][0].tolist() == [2, 4]
    point = default_collate([Point(1, "p"), Point(2, "q")])
    assert type(point) is Point and point.x.tolist() == [1, 2] and point.y == ["p", "q"]
    assert type(default_collate([(1, 2), (3, 4)])) is list
    ordered = default_collate([collections.OrderedDict(z=1), collections.OrderedDict(z=2)])
    assert type(ordered) is collections.OrderedDict and ordered["z"].tolist() == [1, 2]
    with pytest.raises(TypeError, match="batch must contain tensors, numpy arrays, numbers"):
        default_collate([object()])
    with pytest.raises(TypeError, match="found <U1"):
        default_collate([np.array(["a"])])
    with pytest.raises(RuntimeError, match="equal size"):
        default_collate([(1, 2), (3,)])


# ---- options ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"num_workers": -1}, "num_workers option should be non-negative"),
        ({"timeout": -1}, "timeout option should be non-negative"),
        ({"prefetch_factor": 2}, "let num_workers > 0"),
        ({"num_workers": 1, "prefetch_factor": 0}, "prefetch_factor option"),
        ({"persistent_workers": True}, "persistent_workers option needs num_workers > 0"),
        ({"sampler": [0], "shuffle": True}, "sampler option is mutually exclusive with shuffle"),
        ({"batch_sampler": [[0]], "shuffle": True}, "batch_sampler option is mutually exclusive"),
        ({"batch_sampler": [[0]], "batch_size": 2}, "batch_sampler option is mutually exclusive"),
        ({"batch_size": None, "drop_last": True}, "mutually exclusive with drop_last"),
        ({"batch_size": 0}, "batch_size should be a positive integer value, but got batch_size=0"),
        ({"drop_last": 1}, "drop_last should be a boolean value"),
        ({"multiprocessing_context": "spawn"}, "multiprocessing_context can only be used"),
    ],
)
def test_wrong_options(options, text):
    with pytest.raises(ValueError, match=text):
        DataLoader(tensors(), **options)


def test_options_stay():
    loader = DataLoader(tensors(), pin_memory=True, num_workers=1, multiprocessing_context="spawn")
    with pytest.raises(ValueError, match="attribute should not be set after DataLoader is initialized"):
        loader.batch_size = 3
    assert len(list(loader)) == 10
    with pytest.raises(ValueError, match="expected unspecified shuffle option"):
        DataLoader(Stream(3), shuffle=True)


# ---- streams ---------------------------------------------------------------------------------------


class Stream(IterableDataset):
    def __init__(self, n):
        self.begin, self.n = 0, n

    def __iter__(self):
        return iter(range(self.begin, self.n))


class Shared(Stream):
    def __iter__(self):
        info = get_worker_info()
        return iter(range(self.n) if info is None else range(info.id, self.n, info.num_workers))


def test_streams():
    assert [b.tolist() for b in DataLoader(Stream(5), batch_size=2)] == [[0, 1], [2, 3], [4]]
    assert [b.tolist() for b in DataLoader(Stream(5), batch_size=2, drop_last=True)] == [[0, 1], [2, 3]]
    assert list(DataLoader(Stream(3), batch_size=None)) == [0, 1, 2]
    got = [b.tolist() for b in DataLoader(Shared(10), batch_size=2, num_workers=3)]
    assert sorted(sum(got, [])) == list(range(10)) and got[:3] == [[0, 3], [1, 4], [2, 5]]
    assert sorted(sum((b.tolist() for b in DataLoader(Stream(2), num_workers=2)), [])) == [0, 0, 1, 1]


def test_each_worker_has_its_own_dataset():
    def init(id):
        info = get_worker_info()
        info.dataset.begin, info.dataset.n = id * 5, id * 5 + 5

    loader = DataLoader(Stream(10), batch_size=5, num_workers=2, worker_init_fn=init)
    for _ in range(2):
        assert [b.tolist() for b in loader] == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]


def test_a_length_that_is_too_short_is_said():
    class Short(Stream):
        def __len__(self):
            return 2

    with pytest.warns(UserWarning, match="Length of IterableDataset"):
        list(DataLoader(Short(4)))


# ---- workers ---------------------------------------------------------------------------------------


def test_workers_keep_the_order_of_slow_samples():
    loader = DataLoader(Slow(40), batch_size=3, num_workers=4, prefetch_factor=3)
    assert sum((b.tolist() for b in loader), []) == list(range(40))


def test_worker_info():
    seen = {}

    class Who(Squares):
        def __getitem__(self, i):
            info = get_worker_info()
            seen[info.id] = (info.num_workers, info.seed, type(info.dataset))
            return i

    assert get_worker_info() is None
    list(DataLoader(Who(8), num_workers=2))
    assert set(seen) == {0, 1} and seen[0][0] == 2 and seen[1][1] == seen[0][1] + 1 and seen[0][2] is Who


class Noisy(Squares):
    """Random samples, made in a random time."""

    def __getitem__(self, i):
        time.sleep(0.002 * random.random())
        sample = tenon.rand(2)
        time.sleep(0.002 * random.random())
        return sample + tenon.rand(())


@pytest.mark.parametrize("persistent", [False, True])
def test_random_samples_do_not_depend_on_timing(persistent):
    def passes(seed):
        tenon.manual_seed(seed)
        loader = DataLoader(Noisy(30), batch_size=3, num_workers=3, persistent_workers=persistent)
        for _ in zip(loader, range(2), strict=False):  # given up in the middle
            pass
        return [[b.tolist() for b in loader] for _ in range(2)]

    first, second = passes(5)
    assert [first, second] == passes(5)
    assert first != second and first != passes(6)[0]
    assert len({str(b) for b in first}) == len(first)  # workers do not repeat one another


def test_a_worker_may_seed_its_own_generator():
    same = DataLoader(Noisy(8), num_workers=2, worker_init_fn=lambda id: tenon.manual_seed(3))
    before = tenon.initial_seed()
    batches = [b.tolist() for b in same]
    assert batches[0] == batches[1] and batches[2] == batches[3]
    assert tenon.initial_seed() == before


class Broken(Squares):
    def __init__(self, error):
        super().__init__(8)
        self.error = error

    def __getitem__(self, i):
        if i == 3:
            raise self.error
        return i


class Difficult(Exception):
    def __init__(self, a, b):
        super().__init__(a, b)


@pytest.mark.parametrize("kind", [KeyError, ValueError, ZeroDivisionError, tenon.ShapeError, StopIteration])
def test_an_exception_comes_out_of_a_worker(kind):
    loader = DataLoader(Broken(kind("third")), num_workers=2)
    it = iter(loader)
    assert [next(it).item() for _ in range(3)] == [0, 1, 2]
    raised = RuntimeError if kind is StopIteration else kind  # which would end the loop
    with pytest.raises(raised, match=rf"Caught {kind.__name__} in DataLoader worker thread 1") as caught:
        next(it)
    assert "in __getitem__" in str(caught.value) and "third" in str(caught.value)
    assert [b.item() for b in it] == [4, 5, 6, 7]


def test_a_stop_iteration_of_the_dataset_does_not_end_the_pass():
    with pytest.raises(RuntimeError, match="the dataset raised StopIteration"):
        list(DataLoader(Broken(StopIteration())))


def test_exceptions_that_cannot_be_made_again():
    with pytest.raises(RuntimeError, match="Caught Difficult in DataLoader worker thread"):
        list(DataLoader(Broken(Difficult(1, 2)), num_workers=1))
    with pytest.raises(Difficult):
        list(DataLoader(Broken(Difficult(1, 2))))
    with pytest.raises(
        IndexError, match="Caught IndexError in DataLoader worker thread 0.\nTensorDataset: index"
    ):
        list(DataLoader(tensors(), sampler=[99], num_workers=1))


def test_worker_init_fn():
    ids = []
    list(DataLoader(tensors(), num_workers=2, worker_init_fn=ids.append))
    assert sorted(ids) == [0, 1]

    def bad(id):
        raise OSError("no such camera")

    with pytest.raises(OSError, match="no such camera"):
        list(DataLoader(tensors(), num_workers=2, worker_init_fn=bad))


def test_timeout():
    class Stuck(Squares):
        def __getitem__(self, i):
            time.sleep(0.5)
            return i

    with pytest.raises(RuntimeError, match="DataLoader timed out after 0.05 seconds"):
        next(iter(DataLoader(Stuck(4), num_workers=1, timeout=0.05)))


def test_persistent_workers():
    names = collections.defaultdict(set)

    class Named(Squares):
        def __getitem__(self, i):
            names[epoch].add(threading.get_ident())
            return i

    loader = DataLoader(Named(8), num_workers=2, persistent_workers=True)
    for epoch in range(3):
        got = []
        for batch in loader:
            got.append(batch.item())
            if epoch == 1 and batch.item() == 2:
                break
        assert got == list(range(3 if epoch == 1 else 8))
    assert names[0] == names[1] == names[2] and len(names[0]) == 2


# ---- nothing is left behind ------------------------------------------------------------------------


@pytest.mark.parametrize("make", [tensors, Slow, lambda n: Shared(n)])
def test_leaving_early_ends_the_workers(make):
    before = threading.active_count()
    for _ in DataLoader(make(100), batch_size=2, num_workers=3):
        break
    assert wait_for_threads(before) == before
    it = iter(DataLoader(make(100), batch_size=2, num_workers=3))
    next(it)
    assert threading.active_count() == before + 3
    del it
    assert wait_for_threads(before) == before
    list(DataLoader(make(20), batch_size=2, num_workers=3))
    assert threading.active_count() == before


def test_collected_loader_lets_go_of_dataset_and_batches():
    before = threading.active_count()
    dataset = Slow(1000)
    loader = DataLoader(dataset, num_workers=2, persistent_workers=True)
    it = iter(loader)
    batch = next(it)
    refs = [weakref.ref(o) for o in (dataset, loader, it, batch)]
    del dataset, loader, it, batch
    assert wait_for_threads(before) == before
    gc.collect()
    assert [r() for r in refs] == [None] * 4


def test_keyboard_interrupt():
    import _thread

    class Stuck(Squares):
        def __getitem__(self, i):
            time.sleep(0.4)
            return i

    before = threading.active_count()
    timer = threading.Timer(0.1, _thread.interrupt_main)
    timer.start()
    begin = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        list(DataLoader(Stuck(100), num_workers=2))
    assert time.monotonic() - begin < 2.5
    timer.join()
    assert wait_for_threads(before) == before


def test_two_passes_at_once():
    loader = DataLoader(tensors(6), batch_size=2, num_workers=2)
    assert [(a[1].tolist(), b[1].tolist()) for a, b in zip(loader, loader, strict=True)][1] == (
        [2, 3],
        [2, 3],
    )


def test_a_loader_within_a_worker():
    class Outer(Squares):
        def __getitem__(self, i):
            return sum(b.item() for b in DataLoader(range(i + 1), num_workers=1))

    assert [b.item() for b in DataLoader(Outer(4), num_workers=2)] == [0, 1, 3, 6]


def test_a_loader_can_be_copied():
    loader = copy.deepcopy(DataLoader(tensors(), batch_size=4, shuffle=True))
    assert len(list(loader)) == 3
    assert len(list(pickle.loads(pickle.dumps(DataLoader(Squares(4), batch_size=2))))) == 2


def test_a_program_may_end_in_the_middle_of_a_pass():
    program = """
import time
from tenon.utils.data import DataLoader
class Slow:
    def __len__(self): return 1000
    def __getitem__(self, i): time.sleep(0.01); return i
it = iter(DataLoader(Slow(), num_workers=3))
next(it)
raise SystemExit(3)
"""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, timeout=60, text=True, env=env
    )
    assert (done.returncode, done.stderr) == (3, "")


def test_names():
    assert tenon.utils.data.dataloader.DataLoader is DataLoader and data.dataset.Dataset is Dataset
    assert tenon.utils.data.sampler.BatchSampler is BatchSampler
    assert isinstance(DataLoader[int], type(list[int])) or DataLoader[int] is not None
