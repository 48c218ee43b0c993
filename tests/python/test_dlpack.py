"""DLPack: memory shared with other libraries, both ways."""

from __future__ import annotations

import gc

import numpy as np
import pytest

import tenon as tn


@pytest.mark.parametrize("dtype", [tn.bool, tn.uint8, tn.int8, tn.int16, tn.int32, tn.int64, tn.float16, tn.float32, tn.float64, tn.complex64, tn.complex128], ids=str)  # fmt: skip
def test_to_numpy_and_back(dtype) -> None:
    t = tn.tensor([[0, 1, 2], [3, 4, 5]]).to(dtype)
    a = np.from_dlpack(t)
    assert a.__array_interface__["data"][0] == t.data_ptr() and np.array_equal(a, t.numpy())
    back = tn.from_dlpack(a)
    assert back.dtype is dtype and back.data_ptr() == t.data_ptr() and back.tolist() == t.tolist()


def test_strides_and_sizes() -> None:
    t = tn.arange(24).reshape(2, 3, 4)
    for view in (t.permute(2, 0, 1), t[:, 1:, ::2], t[0, 0, 0], t[:, :0], t[..., :1]):
        assert np.array_equal(np.from_dlpack(view), view.numpy())
        assert tn.from_dlpack(view).tolist() == view.tolist()
    a = np.arange(12, dtype=np.float32).reshape(3, 4)
    assert tn.from_dlpack(a.T).tolist() == a.T.tolist()


def test_between_tensors_memory_is_shared() -> None:
    t = tn.zeros(3)
    other = tn.from_dlpack(t)
    other[0] = 5
    assert t[0].item() == 5 and other.data_ptr() == t.data_ptr()
    del t
    gc.collect()
    assert other.tolist() == [5.0, 0.0, 0.0]


def test_bfloat16() -> None:
    t = tn.tensor([1.5, -2.0], dtype=tn.bfloat16)
    assert tn.from_dlpack(t).dtype is tn.bfloat16 and tn.from_dlpack(t).float().tolist() == [1.5, -2.0]


def test_versions_of_the_capsule() -> None:
    t = tn.ones(2)
    assert "dltensor_versioned" in repr(t.__dlpack__(max_version=(1, 0)))
    assert '"dltensor"' in repr(t.__dlpack__())
    assert tn.from_dlpack(t.__dlpack__()).tolist() == [1.0, 1.0]
    assert tn.from_dlpack(t.__dlpack__(max_version=(1, 1))).tolist() == [1.0, 1.0]
    assert t.__dlpack_device__() == (1, 0)


def test_copy() -> None:
    t = tn.ones(2)
    copied = tn.from_dlpack(t.__dlpack__(max_version=(1, 0), copy=True))
    assert copied.data_ptr() != t.data_ptr() and copied.tolist() == [1.0, 1.0]


def test_capsules_that_nobody_takes() -> None:
    for _ in range(100):
        tn.ones(10).__dlpack__()
        tn.ones(10).__dlpack__(max_version=(1, 0))
    gc.collect()


def test_refusals() -> None:
    capsule = tn.ones(2).__dlpack__()
    tn.from_dlpack(capsule)
    with pytest.raises((RuntimeError, ValueError)):
        tn.from_dlpack(capsule)
    with pytest.raises((RuntimeError, BufferError), match="grad"):
        tn.ones(2, requires_grad=True).__dlpack__()
    with pytest.raises((TypeError, AttributeError)):
        tn.from_dlpack(3)
    with pytest.raises((RuntimeError, BufferError, TypeError)):
        tn.from_dlpack(np.array(["a"]))
    with pytest.raises((RuntimeError, BufferError)):
        tn.ones(2, device="meta").__dlpack__()


def test_read_only_memory_is_not_taken_silently() -> None:
    a = np.arange(3.0)
    a.flags.writeable = False
    try:
        with pytest.warns(UserWarning, match="writable|read"):
            t = tn.from_dlpack(a)
    except (BufferError, RuntimeError):
        return  # older NumPy does not export it at all
    assert t.tolist() == [0.0, 1.0, 2.0]
