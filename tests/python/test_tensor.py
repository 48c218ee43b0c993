"""Tensors as Python objects: numbers, containers, constructors, conversions, copies."""

from __future__ import annotations

import copy
import gc
import operator
import pickle
import weakref

import numpy as np
import pytest

import tenon as tn
from tenon import nn

# ---- as Python numbers ----


def test_one_element_tensors_are_numbers() -> None:
    t = tn.tensor(2.5)
    assert float(t) == 2.5 and int(t) == 2 and bool(t) and complex(t) == 2.5 + 0j
    assert isinstance(t.item(), float) and isinstance(tn.tensor(2).item(), int)
    assert isinstance(tn.tensor(True).item(), bool)
    assert int(tn.tensor([[7]])) == 7 and not bool(tn.tensor([0.0]))
    assert [10, 20, 30][tn.tensor(1)] == 20
    assert np.arange(5)[tn.tensor(3)] == 3
    assert list(range(tn.tensor(3))) == [0, 1, 2]
    assert round(float(tn.tensor(1.26)), 1) == 1.3
    assert tn.Tensor([[tn.tensor(1.0), 2]]).tolist() == [[1.0, 2.0]]
    assert tn.tensor([tn.tensor(1), tn.tensor(2)]).tolist() == [1, 2]


def test_tensors_that_are_no_numbers() -> None:
    with pytest.raises(RuntimeError, match="more than one value"):
        bool(tn.ones(2))
    with pytest.raises(RuntimeError, match="no values"):
        bool(tn.empty(0))
    with pytest.raises(RuntimeError, match="more than one value"):
        _ = 0 < tn.ones(2) < 3
    with pytest.raises((RuntimeError, ValueError)):
        float(tn.ones(2))
    with pytest.raises(TypeError, match="index"):
        [1, 2][tn.tensor(1.0)]
    with pytest.raises(TypeError, match="index"):
        [1, 2][tn.tensor([0, 1])]
    with pytest.raises(ValueError):
        int(tn.tensor(float("nan")))
    with pytest.raises(OverflowError):
        int(tn.tensor(float("inf")))


# ---- as containers ----


def test_tensors_are_containers() -> None:
    x = tn.arange(6).reshape(2, 3)
    assert len(x) == 2
    assert [row.tolist() for row in x] == [[0, 1, 2], [3, 4, 5]]
    a, b = x
    assert b.tolist() == [3, 4, 5]
    assert 4 in x and 9 not in x and tn.tensor(5) in x
    assert [r.tolist() for r in reversed(x)] == [[3, 4, 5], [0, 1, 2]]
    assert x.tolist() == [[0, 1, 2], [3, 4, 5]] and tn.tensor(1).tolist() == 1
    assert tn.empty(2, 0).tolist() == [[], []]
    assert x[range(2), [0, 2]].tolist() == [0, 5]
    with pytest.raises(TypeError, match="iteration over a 0-d tensor"):
        iter(tn.tensor(1))
    with pytest.raises(TypeError, match="len\\(\\) of a 0-d tensor"):
        len(tn.tensor(1))
    with pytest.raises(RuntimeError, match="__contains__"):
        assert "a" in x


def test_identity_and_equality() -> None:
    x = tn.ones(2)
    assert hash(x) == hash(x) and x in {x} and {x: 1}[x] == 1
    assert tn.ones(2) not in {x}
    assert (x == x).all() and (x != 2).all()
    layer = nn.Linear(2, 2)
    assert layer.weight is layer.weight
    x.note = "kept"
    holder = [x]
    assert holder[0].note == "kept" and x.data.__dict__ == {}


def test_attributes_survive_in_the_graph() -> None:
    x = tn.ones(2, requires_grad=True)
    x.tag = 7
    y = (x * 2).sum()
    key = id(x)
    del x
    gc.collect()
    leaf = y.grad_fn.next_functions[0][0].next_functions[0][0].variable
    assert leaf.tag == 7 and id(leaf) == key


def test_weak_references() -> None:
    x = tn.ones(2)
    r = weakref.ref(x)
    assert r() is x
    del x
    assert r() is None


# ---- constructors ----


def test_tensor_infers_dtypes() -> None:
    assert tn.tensor([1, 2]).dtype is tn.int64
    assert tn.tensor([1, 2.0]).dtype is tn.float32
    assert tn.tensor([True]).dtype is tn.bool
    assert tn.tensor([1, True]).dtype is tn.int64
    assert tn.tensor(1j).dtype is tn.complex64
    assert tn.tensor(np.float64(1)).dtype is tn.float64
    assert tn.tensor(np.arange(2, dtype=np.int32)).dtype is tn.int32
    assert tn.tensor([np.float32(1), np.float32(2)]).dtype is tn.float32
    assert tn.tensor([]).dtype is tn.float32 and tn.tensor([]).shape == (0,)
    assert tn.tensor([[], []]).shape == (2, 0)
    assert tn.tensor([1], dtype=float).dtype is tn.float64
    assert tn.tensor([1], dtype=int).dtype is tn.int64
    assert tn.tensor(range(3)).tolist() == [0, 1, 2]
    tn.set_default_dtype(tn.float64)
    try:
        assert tn.tensor(1.0).dtype is tn.float64 and tn.zeros(1).dtype is tn.float64
        assert tn.tensor(1j).dtype is tn.complex128
    finally:
        tn.set_default_dtype(tn.float32)


def test_tensor_refuses() -> None:
    with pytest.raises(ValueError, match="expected sequence of length 2"):
        tn.tensor([[1, 2], [3]])
    with pytest.raises((TypeError, ValueError)):
        tn.tensor(["a"])
    with pytest.raises((TypeError, ValueError)):
        tn.tensor([[1], 2])
    with pytest.raises((RuntimeError, TypeError)):
        tn.tensor(None)
    with pytest.raises((RuntimeError, OverflowError, ValueError)):
        tn.tensor(2**70)
    with pytest.raises(TypeError, match="unexpected"):
        tn.tensor([1], wrong=2)
    nested: list = []
    nested.append(nested)
    with pytest.raises((ValueError, RuntimeError, RecursionError)):
        tn.tensor(nested)


def test_sharing() -> None:
    a = np.zeros(3, dtype=np.float32)
    assert tn.as_tensor(a).data_ptr() == a.__array_interface__["data"][0]
    t = tn.ones(2)
    assert tn.as_tensor(t) is t
    assert tn.tensor(a).data_ptr() != a.__array_interface__["data"][0]
    with pytest.warns(UserWarning, match="clone"):
        tn.tensor(t)


def test_legacy_constructors() -> None:
    assert tn.Tensor(2, 3).shape == (2, 3)
    assert tn.Tensor([1, 2]).tolist() == [1.0, 2.0]
    assert tn.Tensor().shape == (0,)
    assert tn.LongTensor([1, 2]).dtype is tn.int64
    assert tn.FloatTensor(2, 3).shape == (2, 3)
    assert tn.FloatTensor([[1, 2]]).tolist() == [[1.0, 2.0]]
    assert isinstance(tn.ones(1), tn.FloatTensor) and not isinstance(tn.ones(1), tn.LongTensor)
    assert tn.ones(1).type() == "tenon.FloatTensor"
    assert tn.ones(1).type(tn.LongTensor).dtype is tn.int64
    assert tn.ones(1).type("torch.DoubleTensor").dtype is tn.float64
    assert tn.ones(1).type(tn.int32).dtype is tn.int32


def test_new_tensors_like_this() -> None:
    x = tn.ones(2, dtype=tn.float64)
    for made in (
        x.new_zeros(3),
        x.new_ones((3,)),
        x.new_empty(3),
        x.new_full((3,), 2.0),
        x.new_tensor([1, 2, 3]),
    ):
        assert made.dtype is tn.float64 and made.shape == (3,)
    assert x.new_zeros(2, dtype=tn.int32).dtype is tn.int32
    assert tn.zeros_like(x, dtype=tn.int8).dtype is tn.int8
    assert tn.full_like(x, 3).tolist() == [3.0, 3.0]
    assert tn.full((2,), 3).dtype is tn.int64 and tn.full((2,), True).dtype is tn.bool
    assert tn.arange(3.0).dtype is tn.float32 and tn.arange(0, 1, 0.25).tolist() == [0, 0.25, 0.5, 0.75]


def test_sizes_may_be_given_in_any_way() -> None:
    shapes = [
        tn.zeros(2, 3),
        tn.zeros((2, 3)),
        tn.zeros([2, 3]),
        tn.zeros(tn.Size([2, 3])),
        tn.zeros(size=(2, 3)),
    ]
    shapes += [tn.zeros(tn.tensor(2), np.int64(3))]
    assert all(s.shape == (2, 3) for s in shapes)
    assert tn.zeros(()).shape == () and tn.zeros(0).shape == (0,)
    x = tn.arange(6)
    assert x.view(2, 3).shape == x.view((2, 3)).shape == x.view(-1, 3).shape == (2, 3)
    assert x.reshape(3, -1).shape == (3, 2)


# ---- dtype, device, layout ----


def test_to() -> None:
    x = tn.ones(2)
    assert x.to(tn.float32) is x and x.to("cpu") is x and x.cpu() is x and x.float() is x
    assert x.to(tn.float64).dtype is tn.float64
    assert x.to("cpu", tn.int32).dtype is tn.int32
    assert x.to(device="cpu", dtype=tn.int8).dtype is tn.int8
    assert x.to(tn.ones(1, dtype=tn.int16)).dtype is tn.int16
    assert x.to(tn.float32, copy=True) is not x
    assert x.to(tn.float64, non_blocking=True).dtype is tn.float64
    assert x.type_as(tn.ones(1, dtype=tn.int64)).dtype is tn.int64
    names = ["bool", "byte", "char", "short", "int", "long", "half", "bfloat16", "float", "double"]
    kinds = [
        tn.bool,
        tn.uint8,
        tn.int8,
        tn.int16,
        tn.int32,
        tn.int64,
        tn.float16,
        tn.bfloat16,
        tn.float32,
        tn.float64,
    ]
    for name, kind in zip(names, kinds, strict=True):
        assert getattr(x, name)().dtype is kind
    assert tn.tensor([2.7, -2.7]).to(tn.int64).tolist() == [2, -2]
    with pytest.raises(RuntimeError, match="cuda"):
        x.cuda()
    with pytest.raises(RuntimeError, match="cuda"):
        x.to("cuda")


def test_transposes() -> None:
    x = tn.arange(24).reshape(2, 3, 4)
    assert x.T.shape == (4, 3, 2) and x.mT.shape == (2, 4, 3)
    assert (x[0].T == x[0].t()).all()
    with pytest.raises(RuntimeError, match="mT"):
        _ = tn.ones(2).mT


def test_data() -> None:
    x = tn.ones(2, requires_grad=True)
    d = x.data
    assert not d.requires_grad and d.data_ptr() == x.data_ptr() and d.is_leaf
    d.mul_(3)
    assert x.tolist() == [3.0, 3.0] and x._version == 0
    x.data = tn.zeros(4)
    assert x.shape == (4,) and x.requires_grad
    with pytest.raises(TypeError, match="tensor"):
        x.data = 3


def test_attributes() -> None:
    x = tn.ones(2, 3, dtype=tn.float64)
    assert x.shape == x.size() == (2, 3) and x.size(1) == x.size(-1) == x.shape[1] == 3
    assert isinstance(x.shape, tn.Size) and x.shape.numel() == 6
    assert x.stride() == (3, 1) and x.stride(0) == 3 and x.t().stride() == (1, 3)
    assert x.ndim == x.dim() == 2 and x.numel() == x.nelement() == 6
    assert x.itemsize == x.element_size() == 8 and x.nbytes == 48
    assert x.is_contiguous() and not x.t().is_contiguous()
    assert x.is_floating_point() and not x.is_complex() and x.is_leaf and x.grad is None
    assert x.device == tn.device("cpu") and x.layout is tn.strided and not x.is_cuda
    assert tn.is_tensor(x) and not tn.is_tensor(1)
    assert x[1:].storage_offset() == 3
    with pytest.raises(IndexError, match="size"):
        x.size(2)


def test_size_is_a_tuple() -> None:
    s = tn.Size([2, 3])
    assert s == (2, 3) and isinstance(s, tuple) and s.numel() == 6
    assert isinstance(s[:1], tn.Size) and isinstance(s + (1,), tn.Size)
    assert pickle.loads(pickle.dumps(s)) == s and hash(s) == hash((2, 3))
    with pytest.raises(TypeError, match="int"):
        tn.Size([1.5])


def test_dtypes_and_devices() -> None:
    assert tn.float32.is_floating_point and tn.float32.itemsize == 4 and not tn.int8.is_floating_point
    assert tn.float is tn.float32 and tn.long is tn.int64 and tn.half is tn.float16
    assert pickle.loads(pickle.dumps(tn.float32)) is tn.float32 and copy.deepcopy(tn.int8) is tn.int8
    d = tn.device("cpu")
    assert d == tn.device("cpu") and hash(d) == hash(tn.device("cpu")) and d.type == "cpu" and d.index is None
    assert pickle.loads(pickle.dumps(d)) == d and d != tn.device("meta")
    assert tn.zeros(1, device=d).device == d and tn.ones(2, device="meta").is_meta
    with tn.device("meta"):
        assert tn.ones(2).is_meta
    assert not tn.ones(2).is_meta
    with pytest.raises(RuntimeError):
        tn.device("gpu")


# ---- promotion ----

DTYPES = [
    tn.bool,
    tn.uint8,
    tn.int8,
    tn.int16,
    tn.int32,
    tn.int64,
    tn.float16,
    tn.bfloat16,
    tn.float32,
    tn.float64,
]
# torch.promote_types, row by row, in the order of DTYPES
PROMOTION = """
b  u1 i1 i2 i4 i8 f2 bf f4 f8
u1 u1 i2 i2 i4 i8 f2 bf f4 f8
i1 i2 i1 i2 i4 i8 f2 bf f4 f8
i2 i2 i2 i2 i4 i8 f2 bf f4 f8
i4 i4 i4 i4 i4 i8 f2 bf f4 f8
i8 i8 i8 i8 i8 i8 f2 bf f4 f8
f2 f2 f2 f2 f2 f2 f2 f4 f4 f8
bf bf bf bf bf bf f4 bf f4 f8
f4 f4 f4 f4 f4 f4 f4 f4 f4 f8
f8 f8 f8 f8 f8 f8 f8 f8 f8 f8
"""
SHORT = dict(zip("b u1 i1 i2 i4 i8 f2 bf f4 f8".split(), DTYPES, strict=True))


def test_promotion_table() -> None:
    for a, line in zip(DTYPES, PROMOTION.split("\n")[1:], strict=False):
        for b, name in zip(DTYPES, line.split(), strict=True):
            assert tn.promote_types(a, b) is SHORT[name], (a, b)
            assert tn.result_type(tn.ones(1, dtype=a), tn.ones(1, dtype=b)) is SHORT[name], (a, b)
    for real, complex_ in [(tn.float32, tn.complex64), (tn.float64, tn.complex128), (tn.int64, tn.complex64)]:
        assert tn.promote_types(real, tn.complex64) is complex_


def kind(dtype) -> int:
    return 0 if dtype is tn.bool else 2 if dtype.is_floating_point else 1


@pytest.mark.parametrize("a", DTYPES, ids=str)
def test_python_numbers_promote_by_kind(a) -> None:
    x = tn.ones(2, dtype=a)
    for number, number_kind, default in [(True, 0, tn.bool), (2, 1, tn.int64), (2.5, 2, tn.float32)]:
        expected = a if kind(a) >= number_kind else default
        assert tn.result_type(x, number) is expected
        if expected not in (tn.float16, tn.bfloat16):
            assert (x * number).dtype is expected
            assert (number * x).dtype is expected


@pytest.mark.parametrize("a", DTYPES, ids=str)
def test_zero_dimensional_tensors_promote_by_kind(a) -> None:
    x = tn.ones(2, dtype=a)
    for b in DTYPES:
        zero = tn.ones((), dtype=b)
        expected = a if kind(a) >= kind(b) else b
        assert tn.result_type(x, zero) is expected, (a, b)
        assert tn.result_type(zero, tn.ones((), dtype=a)) is tn.promote_types(a, b)


def test_numbers_keep_all_their_digits() -> None:
    # They promote as float32 does, but beside float64 none of their digits are lost.
    x = tn.zeros(3, dtype=tn.float64)
    x[0] = 0.1
    x[tn.tensor([1])] = 0.1
    x[x == 0] = 0.1
    assert x.tolist() == [0.1] * 3 and x.fill_(0.1).tolist() == [0.1] * 3
    one = tn.ones(1, dtype=tn.float64)
    assert (one * 0.1).item() == (0.1 * one).item() == 0.1 and (one + 0.1).item() == 1.1
    assert (one / 3.3).item() == 1 / 3.3 and (one - 0.7).item() == 1 - 0.7
    assert tn.where(one > 2, one, 0.1).item() == 0.1 and one.masked_fill(one > 0, 0.1).item() == 0.1
    assert (one * 0.1 < 0.1).item() is False and (one * 0.1 == 0.1).item() is True
    y = one.clone().requires_grad_()
    (y * 0.1).sum().backward()
    assert y.grad.item() == 0.1
    i = tn.zeros(1, dtype=tn.int64) + (2**60 + 1)
    assert i.item() == 2**60 + 1


def test_results_of_division_and_comparison() -> None:
    i = tn.tensor([7, -7])
    assert (i / 2).dtype is tn.float32 and (i / 2).tolist() == [3.5, -3.5]
    assert (i // 2).dtype is tn.int64 and (i // 2).tolist() == [3, -4]
    assert (i % 4).tolist() == [3, 1] and (i > 0).dtype is tn.bool
    assert tn.div(i, 2, rounding_mode="trunc").tolist() == [3, -3]
    assert divmod(i, 4)[0].tolist() == [1, -2]
    assert (2 ** i.abs()).dtype is tn.int64
    assert (tn.tensor([True]) + tn.tensor([True])).dtype is tn.bool
    assert (1 - tn.tensor([0.25])).tolist() == [0.75] and (2 / tn.tensor([4.0])).tolist() == [0.5]
    assert tn.can_cast(tn.int64, tn.float16) and not tn.can_cast(tn.float32, tn.int64)


# ---- forms of a call ----


def test_forms_agree() -> None:
    a, b = tn.tensor([1.0, 2.0]), tn.tensor([3.0, 5.0])
    expected = [4.0, 7.0]
    assert (
        (a + b).tolist()
        == tn.add(a, b).tolist()
        == a.add(b).tolist()
        == operator.add(a, b).tolist()
        == expected
    )
    out = tn.empty(2)
    assert tn.add(a, b, out=out) is out and out.tolist() == expected
    c = a.clone()
    assert c.add_(b) is c and c.tolist() == expected
    d = a.clone()
    alias = d
    d += b
    assert d is alias and d.tolist() == expected
    assert tn.add(a, b, alpha=2).tolist() == [7.0, 12.0]
    assert tn.add(input=a, other=b).tolist() == expected
    assert (a @ b).item() == 13.0 and (-a).tolist() == [-1.0, -2.0] and abs(-a).tolist() == [1.0, 2.0]
    assert (a**2).tolist() == [1.0, 4.0] and (a == b).tolist() == [False, False]
    mask = tn.tensor([True, False])
    assert (~mask).tolist() == [False, True] and (mask & ~mask).tolist() == [False, False]
    assert (
        (tn.tensor(6) >> 1).item() == 3 and (tn.tensor(1) << 3).item() == 8 and (tn.tensor(6) ^ 3).item() == 5
    )


def test_out_refuses() -> None:
    with pytest.raises(TypeError, match="out"):
        tn.add(tn.ones(2), 1, out=3)
    with pytest.raises(RuntimeError, match="float32.*int64"):
        tn.add(tn.ones(2), 1, out=tn.empty(2, dtype=tn.int64))
    values, indices = tn.empty(2), tn.empty(2, dtype=tn.int64)
    result = tn.sort(tn.tensor([2.0, 1.0]), out=(values, indices))
    assert result[0] is values and values.tolist() == [1.0, 2.0] and indices.tolist() == [1, 0]


def test_call_errors_name_what_came() -> None:
    with pytest.raises(TypeError, match="add.*other.*str"):
        tn.add(tn.ones(1), "x")
    with pytest.raises(TypeError, match="unexpected keyword argument 'bogus'"):
        tn.exp(tn.ones(1), bogus=1)
    with pytest.raises(TypeError, match="missing"):
        tn.exp()
    with pytest.raises(TypeError):
        tn.ones(1) + "x"
    with pytest.raises(AttributeError, match="bogus"):
        tn.ones(1).bogus()
    with pytest.raises(AttributeError, match="bogus"):
        _ = tn.bogus


# ---- copies ----


def test_deepcopy_and_pickle_keep_what_matters() -> None:
    x = tn.arange(6, dtype=tn.float32).reshape(2, 3).t().requires_grad_()
    x.note = {"a": [1]}
    for y in (copy.deepcopy(x), pickle.loads(pickle.dumps(x))):
        assert y is not x and y.requires_grad and y.is_leaf and y.stride() == x.stride()
        assert y.tolist() == x.tolist() and y.note == x.note and y.note is not x.note
        assert y.data_ptr() != x.data_ptr()
    p = nn.Parameter(tn.ones(2), requires_grad=False)
    for q in (copy.deepcopy(p), pickle.loads(pickle.dumps(p)), copy.copy(p)):
        assert type(q) is nn.Parameter and not q.requires_grad and q.tolist() == [1.0, 1.0]
    z = tn.ones(2, requires_grad=True)
    z.sum().backward()
    assert copy.deepcopy(z).grad.tolist() == [1.0, 1.0]
    m = copy.deepcopy(tn.empty(2, 3, device="meta"))
    assert m.is_meta and m.shape == (2, 3)
    assert pickle.loads(pickle.dumps(tn.empty(2, 3, device="meta"))).shape == (2, 3)
    assert pickle.loads(pickle.dumps(tn.empty(0, 3))).shape == (0, 3)


@pytest.mark.parametrize("dtype", [*DTYPES, tn.complex64, tn.complex128], ids=str)
def test_pickle_of_every_dtype(dtype) -> None:
    x = tn.tensor([0, 1, 1]).to(dtype)
    y = pickle.loads(pickle.dumps(x))
    assert y.dtype is dtype and bytes(y.untyped_storage().tolist()) == bytes(x.untyped_storage().tolist())


def test_shared_storages_stay_shared() -> None:
    x = tn.zeros(4)
    pair = [x, x[1:3], x]
    for a, b, c in (copy.deepcopy(pair), pickle.loads(pickle.dumps(pair))):
        assert a is c
        b.fill_(5)
        assert a.tolist() == [0.0, 5.0, 5.0, 0.0]
    assert x.tolist() == [0.0] * 4
    assert (
        x.untyped_storage() is x[1:].untyped_storage()
        and x.untyped_storage() is not x.clone().untyped_storage()
    )
    assert x.untyped_storage().nbytes() >= 16 and x.untyped_storage().data_ptr() == x.data_ptr()


def test_results_are_not_copied_deeply() -> None:
    y = tn.ones(2, requires_grad=True) * 2
    with pytest.raises(RuntimeError, match="detach"):
        copy.deepcopy(y)
    with pytest.raises(RuntimeError, match="detach"):
        pickle.dumps(y)
    assert copy.copy(tn.ones(2)).tolist() == [1.0, 1.0]


def test_damaged_pickles_are_refused() -> None:
    data = tn.zeros(4).untyped_storage()._bytes
    for offset, size, stride in [
        (0, (5,), (1,)),
        (3, (2,), (1,)),
        (0, (2,), (9,)),
        (-1, (1,), (1,)),
        (0, (2,), (-1,)),
    ]:
        with pytest.raises((ValueError, RuntimeError)):
            tn._tenon._tensor_on(data[:16], tn.float32, offset + 100 * (data.numel() > 64), size, stride)
    with pytest.raises((ValueError, RuntimeError)):
        tn._tenon._tensor_on(data, tn.float32, 0, (2**62, 2**62), (1, 1))


# ---- functions with Python answers ----


def test_comparisons_of_whole_tensors() -> None:
    a = tn.tensor([1.0, float("nan"), float("inf")])
    assert not tn.equal(a, a) and tn.equal(tn.ones(2), tn.ones(2)) and not tn.equal(tn.ones(2), tn.ones(3))
    assert not tn.allclose(a, a) and tn.allclose(a, a, equal_nan=True)
    assert tn.isclose(tn.tensor([1.0, 1e9]), tn.tensor([1.0 + 1e-6, 2e9])).tolist() == [True, False]
    assert tn.isclose(tn.tensor([1.0]), tn.tensor([float("inf")])).tolist() == [False]
    assert tn.allclose(tn.tensor([1, 2]), tn.tensor([1, 2]))


def test_unique() -> None:
    x = tn.tensor([[3, 1], [2, 3], [3, 1]])
    assert tn.unique(x).tolist() == [1, 2, 3]
    values, inverse, counts = tn.unique(x, return_inverse=True, return_counts=True)
    assert (values[inverse] == x).all() and counts.tolist() == [2, 1, 3]
    rows, where = tn.unique(x, dim=0, return_inverse=True)
    assert rows.tolist() == [[2, 3], [3, 1]] and where.tolist() == [1, 0, 1]
    assert tn.unique_consecutive(tn.tensor([1, 1, 2, 1])).tolist() == [1, 2, 1]
    assert tn.unique(tn.tensor([], dtype=tn.int64)).tolist() == []


def test_nonzero() -> None:
    x = tn.tensor([[0, 1], [2, 0]])
    assert x.nonzero().tolist() == tn.nonzero(x).tolist() == [[0, 1], [1, 0]]
    rows, columns = x.nonzero(as_tuple=True)
    assert rows.tolist() == [0, 1] and columns.tolist() == [1, 0]
    assert (x[tn.nonzero(x, as_tuple=True)] == tn.tensor([1, 2])).all()
    assert tn.broadcast_shapes((2, 1), (3,)) == (2, 3) and tn.broadcast_shapes(2, (4, 1)) == (4, 2)
    with pytest.raises(RuntimeError):
        tn.broadcast_shapes((2,), (3,))


def test_limits() -> None:
    for dtype, kind in [(tn.float16, np.float16), (tn.float32, np.float32), (tn.float64, np.float64)]:
        ours, theirs = tn.finfo(dtype), np.finfo(kind)
        assert (ours.bits, ours.eps, ours.max, ours.min) == (theirs.bits, theirs.eps, theirs.max, theirs.min)
        assert ours.tiny == ours.smallest_normal == theirs.tiny
    for dtype, kind in [(tn.uint8, np.uint8), (tn.int8, np.int8), (tn.int64, np.int64)]:
        assert (tn.iinfo(dtype).min, tn.iinfo(dtype).max) == (np.iinfo(kind).min, np.iinfo(kind).max)
    assert tn.finfo(tn.bfloat16).max == 3.3895313892515355e38
    with pytest.raises(TypeError, match="iinfo"):
        tn.finfo(tn.int32)
    with pytest.raises(TypeError, match="finfo"):
        tn.iinfo(tn.float32)


def test_assert_close() -> None:
    tn.testing.assert_close(tn.ones(2), tn.ones(2) + 1e-7)
    tn.testing.assert_close({"a": [1.0, tn.zeros(1)]}, {"a": [1.0, tn.zeros(1)]})
    tn.testing.assert_close(np.ones(2), np.ones(2))
    with pytest.raises(AssertionError, match=r"Mismatched elements: 1 / 2 \(50.0%\)"):
        tn.testing.assert_close(tn.tensor([1.0, 2.0]), tn.tensor([1.0, 3.0]))
    with pytest.raises(AssertionError, match="dtype"):
        tn.testing.assert_close(tn.ones(1), tn.ones(1, dtype=tn.float64))
    with pytest.raises(AssertionError, match="shape"):
        tn.testing.assert_close(tn.ones(1), tn.ones(2))
    with pytest.raises(AssertionError, match="not equal"):
        tn.testing.assert_close(tn.tensor([1]), tn.tensor([2]))
    with pytest.raises(AssertionError, match=r"item \['b'\]"):
        tn.testing.assert_close({"b": 1}, {"b": 2})
    with pytest.raises(AssertionError, match="mine"):
        tn.testing.assert_close(1.0, 2.0, msg="mine")
    with pytest.raises(ValueError, match="rtol"):
        tn.testing.assert_close(1.0, 1.0, rtol=1e-3)


# ---- random numbers ----


def test_seeds() -> None:
    assert tn.manual_seed(5) is tn.default_generator
    a = tn.rand(4)
    tn.manual_seed(5)
    assert tn.equal(a, tn.rand(4)) and tn.initial_seed() == 5
    state = tn.get_rng_state()
    b = tn.randn(20)
    tn.set_rng_state(state)
    assert tn.equal(b, tn.randn(20))
    before = tn.get_rng_state()
    with tn.random.fork_rng():
        tn.rand(3)
    assert tn.equal(before, tn.get_rng_state())
    g = tn.Generator().manual_seed(5)
    assert tn.equal(tn.rand(4, generator=g), a)
    with pytest.raises((RuntimeError, ValueError)):
        tn.set_rng_state(tn.zeros(3, dtype=tn.uint8))


# ---- settings ----


def test_names_of_absent_devices_are_harmless() -> None:
    assert not tn.cuda.is_available() and tn.cuda.device_count() == 0 and not tn.backends.mps.is_available()
    tn.cuda.manual_seed_all(1)
    tn.cuda.empty_cache()
    tn.backends.cudnn.benchmark = True
    tn.backends.cudnn.deterministic = True
    tn.backends.cuda.matmul.allow_tf32 = True
    tn.backends.cudnn.benchmark = tn.backends.cudnn.deterministic = tn.backends.cuda.matmul.allow_tf32 = False
    with pytest.raises(AttributeError):
        tn.backends.cudnn.bogus = 1
    with pytest.raises(RuntimeError, match="is_available"):
        tn.cuda.current_device()
    tn.set_float32_matmul_precision("high")
    assert tn.get_float32_matmul_precision() == "high"
    tn.set_float32_matmul_precision("highest")
    with pytest.raises(RuntimeError, match="fast"):
        tn.set_float32_matmul_precision("fast")


def test_threads() -> None:
    n = tn.get_num_threads()
    try:
        tn.set_num_threads(1)
        assert tn.get_num_threads() == 1
        with pytest.raises((RuntimeError, ValueError)):
            tn.set_num_threads(0)
    finally:
        tn.set_num_threads(n)
