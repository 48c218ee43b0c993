"""Indexing against NumPy: reading, writing, arithmetic in place, gradients."""

from __future__ import annotations

import numpy as np
import pytest

import tenon as tn

rng = np.random.default_rng(0)
BASE = np.arange(60, dtype=np.float64).reshape(3, 4, 5)
MASK3 = BASE % 3 == 0
MASK1 = np.array([True, False, True])
MASK2 = rng.random((3, 4)) > 0.5

# Indices that mean the same to both libraries.
INDICES = {
    "int": 1,
    "negative int": -1,
    "two ints": (1, 2),
    "three ints": (1, 2, 3),
    "slice": slice(1, 3),
    "open slice": slice(None, 2),
    "step": (slice(None), slice(None, None, 2)),
    "beyond the end": slice(1, 100),
    "empty slice": slice(2, 1),
    "negative bounds": (slice(-2, -1), slice(-3, None)),
    "ellipsis": (..., 1),
    "ellipsis first and last": (0, ..., 1),
    "only ellipsis": ...,
    "new axis": (None, 1, None, slice(1, None)),
    "new axis at the end": (..., None),
    "nothing": (),
    "true": True,
    "false": False,
    "array": np.array([2, 0]),
    "array of negatives": np.array([-1, 0]),
    "list": [0, 2],
    "matrix of indices": np.array([[0, 1], [2, 0]]),
    "empty array": np.array([], dtype=np.int64),
    "empty list": [],
    "two arrays": (np.array([0, 2]), np.array([1, 3])),
    "three arrays": (np.array([0, 2]), np.array([1, 3]), np.array([4, 0])),
    "broadcast arrays": (np.array([[0], [2]]), np.array([1, 3])),
    "array after slice": (slice(None), np.array([1, 3])),
    "array last": (slice(None), slice(1, 3), np.array([1, 3, 3])),
    "array and int": (np.array([0, 2]), 1),
    "int and array": (1, np.array([0, 2])),
    "arrays apart": (np.array([0, 2]), slice(None), np.array([1, 3])),
    "arrays together in the middle": (slice(None), np.array([0, 2]), np.array([1, 3])),
    "array with new axis": (np.array([0, 2]), None, slice(1, 3)),
    "array with ellipsis": (..., np.array([1, 3])),
    "range": (range(3), [0, 1, 2]),
    "mask": MASK3,
    "mask of the first dimension": MASK1,
    "mask of two dimensions": MASK2,
    "mask and slice": (MASK1, slice(1, 3)),
    "mask and array": (MASK1, np.array([1, 3])),
    "mask in the middle": (slice(None), np.array([True, False, True, True])),
    "mask then int": (MASK2, 0),
    "empty mask": np.zeros(3, dtype=bool),
    "int32 array": np.array([0, 2], dtype=np.int32),
    "slice and mask": (slice(1, 3), slice(None), np.array([True, False, True, False, True])),
}


def ours(index):
    """The index with tensors in place of arrays."""
    if isinstance(index, tuple):
        return tuple(ours(i) for i in index)
    return tn.from_numpy(index) if isinstance(index, np.ndarray) else index


def layouts():
    """The same values in different memory."""
    yield tn.from_numpy(BASE.copy())
    yield tn.from_numpy(np.asfortranarray(BASE))
    wide = np.zeros((3, 8, 5))
    wide[:, ::2] = BASE
    yield tn.from_numpy(wide)[:, ::2]


def same(tensor, array) -> bool:
    return tuple(tensor.shape) == np.shape(array) and np.array_equal(tensor.detach().numpy(), array)


@pytest.mark.parametrize("name", INDICES)
def test_read(name: str) -> None:
    index = INDICES[name]
    for x in layouts():
        assert same(x[ours(index)], BASE[index])
        assert same(x[index], BASE[index])


@pytest.mark.parametrize("name", INDICES)
def test_write(name: str) -> None:
    index = INDICES[name]
    shape = BASE[index].shape
    values = [7.5, rng.random(shape)]
    if shape:
        values.append(rng.random(shape[-1:]))
    for value in values:
        expected = BASE.copy()
        expected[index] = value
        for x in layouts():
            x[ours(index)] = value if isinstance(value, float) else tn.from_numpy(value)
            if has_repeats(index):
                continue
            assert same(x, expected)


def has_repeats(index) -> bool:
    return index is INDICES["array last"] or index is INDICES["matrix of indices"]


@pytest.mark.parametrize("name", INDICES)
def test_arithmetic_in_place(name: str) -> None:
    index = INDICES[name]
    expected = BASE.copy()
    expected[index] += 1
    for x in layouts():
        x[ours(index)] += 1
        assert same(x, expected)
    expected = BASE.copy()
    expected[index] *= rng.random(BASE[index].shape) * 0 + 2
    x = tn.from_numpy(BASE.copy())
    x[ours(index)] *= tn.from_numpy(np.full(BASE[index].shape, 2.0))
    assert same(x, expected)


@pytest.mark.parametrize("name", INDICES)
def test_gradient_of_read(name: str) -> None:
    index = INDICES[name]
    x = tn.from_numpy(BASE.copy()).requires_grad_()
    y = x[ours(index)]
    weight = rng.random(BASE[index].shape)
    (y * tn.from_numpy(weight)).sum().backward()
    expected = np.zeros_like(BASE)
    np.add.at(expected, index, weight)
    assert np.allclose(x.grad.numpy(), expected)


@pytest.mark.parametrize("name", INDICES)
def test_gradient_of_write(name: str) -> None:
    index = INDICES[name]
    if has_repeats(index):
        return  # which of several values written to one place counts is unspecified
    x = tn.from_numpy(BASE.copy()).requires_grad_()
    value = tn.from_numpy(rng.random(BASE[index].shape)).requires_grad_()
    weight = rng.random(BASE.shape)
    y = x * 1
    y[ours(index)] = value
    (y * tn.from_numpy(weight)).sum().backward()
    expected = weight.copy()
    expected[index] = 0
    assert np.allclose(x.grad.numpy(), expected)
    assert np.allclose(value.grad.numpy(), weight[index])


def test_gradient_of_arithmetic_in_place() -> None:
    x = tn.ones(2, 3, dtype=tn.float64, requires_grad=True)
    y = x * 2
    y[..., -1] += 1
    y[0] *= 3
    y[tn.tensor([True, False])] -= x[1]
    (y**2).sum().backward()

    def value(a):
        b = a * 2
        b[..., -1] += 1
        b[0] *= 3
        b[[True, False]] -= a[1]
        return (b**2).sum()

    point, numerical = np.ones((2, 3)), np.zeros((2, 3))
    for i in np.ndindex(2, 3):
        up, down = point.copy(), point.copy()
        up[i] += 1e-6
        down[i] -= 1e-6
        numerical[i] = (value(up) - value(down)) / 2e-6
    assert np.allclose(x.grad.numpy(), numerical, atol=1e-5)


def test_an_int_is_taken_before_the_arrays() -> None:
    # NumPy would count the int among the arrays and put their dimension first; PyTorch does not.
    x = tn.from_numpy(BASE.copy())
    assert same(x[0, :, tn.tensor([1, 3])], BASE[0][:, [1, 3]])


def test_views_share_memory_and_copies_do_not() -> None:
    x = tn.zeros(3, 4)
    x[1:, ::2].fill_(1)
    assert x.sum().item() == 4
    x[[0]].fill_(9)
    assert x[0].sum().item() == 0
    y = x[...]
    assert y is not x and y.data_ptr() == x.data_ptr()


def test_dtypes_of_values() -> None:
    x = tn.zeros(3, dtype=tn.int64)
    x[0] = 2.7
    x[1:] = tn.tensor([1.5, 2.5])
    assert x.tolist() == [2, 1, 2]
    m = tn.zeros(3)
    m[tn.tensor([True, False, True])] = 1
    assert m.tolist() == [1.0, 0.0, 1.0]
    m[tn.tensor(1)] = True
    assert m[1].item() == 1.0
    m[:] = [1, 2, 3]
    assert m.tolist() == [1.0, 2.0, 3.0]


def test_repeated_indices() -> None:
    x = tn.zeros(3)
    x.index_put_((tn.tensor([0, 0, 2]),), tn.tensor([1.0, 2.0, 3.0]), accumulate=True)
    assert x.tolist() == [3.0, 0.0, 3.0]


WRONG = {
    "too large": (lambda x: x[3], ["3", "size 3"]),
    "too small": (lambda x: x[-4], ["-4"]),
    "second dimension": (lambda x: x[0, 4], ["4", "dimension 1", "size 4"]),
    "too many": (lambda x: x[0, 0, 0, 0], ["too many indices"]),
    "two ellipses": (lambda x: x[..., 0, ...], ["ellipsis"]),
    "float": (lambda x: x[1.5], ["integers", "float"]),
    "string": (lambda x: x["a"], ["integers", "str"]),
    "float tensor": (lambda x: x[tn.ones(2)], ["long", "float32"]),
    "tensor out of range": (lambda x: x[tn.tensor([0, 3])], ["3", "size 3"]),
    "tensor too small": (lambda x: x[tn.tensor([-4])], ["-4", "size 3"]),
    "mask of another size": (lambda x: x[tn.ones(4, dtype=tn.bool)], ["mask", "(4,)", "(3, 4, 5)"]),
    "indices that do not broadcast": (lambda x: x[tn.tensor([0, 1]), tn.tensor([0, 1, 2])], ["broadcast"]),
    "scalar": (lambda x: x[0, 0, 0][0], ["0-dim"]),
    "write out of range": (lambda x: x.__setitem__(3, 1.0), ["3"]),
    "write tensor out of range": (lambda x: x.__setitem__(tn.tensor([5]), 1.0), ["5"]),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_indices(name: str) -> None:
    program, words = WRONG[name]
    x = tn.from_numpy(BASE.copy())
    with pytest.raises(IndexError) as caught:
        program(x)
    for word in words:
        assert word in str(caught.value)
    assert same(x, BASE)


def test_wrong_values() -> None:
    x = tn.zeros(3, 4)
    with pytest.raises(RuntimeError):
        x[0] = tn.ones(3)
    with pytest.raises(RuntimeError):
        x[tn.tensor([0, 1])] = tn.ones(3)
    with pytest.raises(ValueError, match="step"):
        x[::-1]
    with pytest.raises(ValueError, match="step"):
        x[::0]
    with pytest.raises(TypeError, match="delet"):
        del x[0]
    with pytest.raises((TypeError, ValueError)):
        x[0] = "a"
    assert x.sum().item() == 0
