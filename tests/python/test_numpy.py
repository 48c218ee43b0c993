"""NumPy in and out: shared memory where it can be shared, clear errors where not."""

from __future__ import annotations

import gc

import numpy as np
import pytest

import tenon as tn

PAIRS = [
    (tn.bool, np.bool_),
    (tn.uint8, np.uint8),
    (tn.int8, np.int8),
    (tn.int16, np.int16),
    (tn.int32, np.int32),
    (tn.int64, np.int64),
    (tn.float16, np.float16),
    (tn.float32, np.float32),
    (tn.float64, np.float64),
    (tn.complex64, np.complex64),
    (tn.complex128, np.complex128),
]


@pytest.mark.parametrize(("dtype", "kind"), PAIRS, ids=lambda p: str(p))
def test_every_dtype_goes_both_ways_without_a_copy(dtype, kind) -> None:
    a = np.array([[0, 1, 2], [3, 4, 5]]).astype(kind)
    t = tn.from_numpy(a)
    assert t.dtype is dtype and t.shape == a.shape and t.data_ptr() == a.__array_interface__["data"][0]
    b = t.numpy()
    assert b.dtype == a.dtype and np.array_equal(b, a)
    assert b.__array_interface__["data"][0] == t.data_ptr()
    if kind is not np.bool_:
        a[0, 0] = 9
        assert t[0, 0].item() == 9 and b[0, 0] == 9


def test_layouts_are_kept() -> None:
    a = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    for view in (a.T, a[:, ::2], a[1:, 1:, 1:], a[..., 0], np.broadcast_to(a[:1], (5, 3, 4)).copy()[:, 0]):
        t = tn.from_numpy(view)
        assert np.array_equal(t.numpy(), view)
        assert [s * 4 for s in t.stride()] == list(view.strides) or view.size == 0
    assert tn.from_numpy(np.array(2, dtype=np.float32)).shape == ()
    assert tn.from_numpy(np.empty((0, 3))).shape == (0, 3)
    assert tn.zeros(0, 3).numpy().shape == (0, 3)
    assert np.array_equal(tn.arange(6).reshape(2, 3).t().numpy(), np.arange(6).reshape(2, 3).T)


def test_memory_lives_as_long_as_either_side() -> None:
    a = np.arange(1000, dtype=np.float64)
    t = tn.from_numpy(a)
    expected = a.copy()
    del a
    gc.collect()
    assert np.array_equal(t.numpy(), expected)
    b = tn.arange(1000).numpy()
    gc.collect()
    assert b[-1] == 999


def test_array_protocol() -> None:
    t = tn.ones(2, 2)
    assert np.asarray(t).dtype == np.float32
    assert np.array(t, dtype=np.float64).dtype == np.float64
    assert np.array(t, copy=True).__array_interface__["data"][0] != t.data_ptr()
    assert np.sin(t).shape == (2, 2)
    assert np.concatenate([t, t]).shape == (4, 2)
    assert isinstance(np.ones(2) * tn.ones(2), tn.Tensor)
    assert isinstance(tn.ones(2) * np.ones(2), tn.Tensor)
    assert (np.float64(2) * tn.ones(2)).tolist() == [2.0, 2.0]
    assert np.allclose(t, np.ones((2, 2)))


def test_buffer_protocol() -> None:
    t = tn.arange(6, dtype=tn.int32).reshape(2, 3)
    view = memoryview(t)
    assert view.shape == (2, 3) and view.format == "i" and view.tolist() == [[0, 1, 2], [3, 4, 5]]
    view[0, 0] = 7
    assert t[0, 0].item() == 7
    assert bytes(memoryview(tn.tensor([1, 2], dtype=tn.uint8))) == b"\x01\x02"
    assert tn.frombuffer(bytearray(b"\x01\x00\x02\x00"), dtype=tn.int16).tolist() == [1, 2]
    data = bytearray(8)
    tn.frombuffer(data, dtype=tn.float32)[0] = 1.0
    assert data[:4] == np.float32(1).tobytes()
    assert tn.frombuffer(bytearray(16), dtype=tn.int32, count=2, offset=4).shape == (2,)
    with pytest.raises(ValueError, match="multiple"):
        tn.frombuffer(bytearray(5), dtype=tn.int32)
    with pytest.raises(ValueError):
        tn.frombuffer(bytearray(0), dtype=tn.int32)
    with pytest.raises(ValueError):
        tn.frombuffer(bytearray(4), dtype=tn.int32, count=2)
    with pytest.raises(BufferError, match="grad"):
        memoryview(tn.ones(1, requires_grad=True))


def test_what_numpy_cannot_have() -> None:
    with pytest.raises(RuntimeError, match="detach"):
        tn.ones(2, requires_grad=True).numpy()
    assert tn.ones(2, requires_grad=True).numpy(force=True).tolist() == [1.0, 1.0]
    with pytest.raises(RuntimeError, match="detach"):
        np.asarray(tn.ones(2, requires_grad=True) * 2)
    with pytest.raises(TypeError, match="BFloat16"):
        tn.ones(2, dtype=tn.bfloat16).numpy()
    with pytest.raises(TypeError, match="meta"):
        tn.ones(2, device="meta").numpy()


def test_what_tensors_cannot_have() -> None:
    with pytest.raises(ValueError, match="negative"):
        tn.from_numpy(np.arange(3.0)[::-1])
    for bad in (
        np.array([None]),
        np.array(["a"]),
        np.array([1], dtype=np.uint16),
        np.array([1], "datetime64[s]"),
    ):
        with pytest.raises(TypeError, match="can't convert"):
            tn.from_numpy(bad)
    with pytest.raises(ValueError, match="byte order"):
        tn.from_numpy(np.array([1.0], dtype=">f4"))
    with pytest.raises(TypeError, match="ndarray"):
        tn.from_numpy([1, 2])
    record = np.zeros(2, dtype=[("a", "i1"), ("b", "f4")])["b"]
    with pytest.raises(ValueError, match="strides"):
        tn.from_numpy(record)
    fixed = np.arange(3.0)
    fixed.flags.writeable = False
    with pytest.warns(UserWarning, match="not writable"):
        tn.from_numpy(fixed)


def test_numpy_values_in_calls() -> None:
    x = tn.arange(12).reshape(3, 4)
    assert x[np.int64(1)].tolist() == [4, 5, 6, 7]
    assert x[np.array([0, 2])].shape == (2, 4)
    assert x[np.array([True, False, True])].shape == (2, 4)
    assert x.sum(np.int64(0)).shape == (4,)
    assert (x + np.int64(1))[0, 0].item() == 1
    assert x.reshape(np.int64(4), 3).shape == (4, 3)
    assert tn.full((np.int32(2),), np.float32(1.5)).tolist() == [1.5, 1.5]
    x[np.array([0, 1]), np.array([1, 2])] = np.array([70, 71])
    assert x[0, 1].item() == 70 and x[1, 2].item() == 71
