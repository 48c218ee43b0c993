"""What the door must refuse or get right: destinations, aliasing, devices, sizes, and writes that fail."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import tenon as tn
from tenon import nn

F = nn.functional


# ---- dimensions and sizes ----


@pytest.mark.parametrize(
    "make",
    [
        lambda: tn.ones([1] * 70),
        lambda: tn.empty([1] * 65),
        lambda: tn.ones([1] * 64).unsqueeze(0),
        lambda: tn.zeros(3)[(None,) * 70],
        lambda: F.one_hot(tn.zeros([1] * 64, dtype=tn.int64)),
        lambda: tn.stack([tn.ones([1] * 64)] * 2),
    ],
)
def test_a_tensor_has_at_most_64_dimensions(make: Callable[[], tn.Tensor]) -> None:
    with pytest.raises((RuntimeError, ValueError), match="at most 64"):
        make()


def test_64_dimensions_work() -> None:
    x = tn.arange(6).reshape([2] + [1] * 62 + [3])
    assert x.sum(63).flatten().tolist() == [3, 12]
    assert x.nonzero().shape == (5, 64)


def test_a_result_too_large_for_64_bits_is_a_memory_error() -> None:
    with pytest.raises(MemoryError):
        F.one_hot(tn.tensor([0] * 7 + [2**62]))
    with pytest.raises(ValueError, match="one_hot"):
        F.one_hot(tn.tensor([2**63 - 1]))


# ---- a destination that is also an input ----


def test_scatter_whose_index_is_the_destination() -> None:
    x = tn.tensor([1, 2, 3, 4, 0])
    x.scatter_(0, x, tn.full((5,), 10**12, dtype=tn.int64))
    assert x.tolist() == [10**12] * 5
    x = tn.tensor([1, 2, 3, 4, 0])
    x.scatter_(0, x, x.clone())
    assert x.tolist() == [0, 1, 2, 3, 4]
    x = tn.tensor([1, 2, 3, 4, 0])
    x.index_put_((x,), x)
    assert x.tolist() == [0, 1, 2, 3, 4]


def test_cumsum_into_itself_is_still_right() -> None:
    x = tn.arange(5)
    x.cumsum_(0)
    assert x.tolist() == [0, 1, 3, 6, 10]


def test_outs_that_share_memory_are_refused() -> None:
    b, one = tn.empty(6), tn.empty(3)
    for outs in ((b[:3], b[:3].view(tn.int32)), (b[:3], b[:3]), (one, one)):
        with pytest.raises(ValueError, match="share memory"):
            tn.max(tn.rand(3, 4), 1, out=outs)
    # Interleaved ones share a range of memory, and no element.
    i = tn.empty(6, dtype=tn.int64)
    values, indices = tn.max(tn.arange(12).view(3, 4), 1, out=(i[::2], i[1::2]))
    assert (values.tolist(), indices.tolist()) == ([3, 7, 11], [3, 3, 3])


def test_a_refused_out_keeps_its_shape() -> None:
    out = tn.empty(0, dtype=tn.int64)
    with pytest.raises(RuntimeError, match="can't be cast"):
        tn.add(tn.ones(2), 1, out=out)
    assert out.shape == (0,)


def test_a_resized_out_is_no_longer_a_view() -> None:
    a = tn.ones(3)
    out = a[0:0]
    tn.add(tn.ones(2), 1, out=out)
    p = tn.ones(3, requires_grad=True)
    a.mul_(p)
    assert not out.requires_grad and out._base is None and out.tolist() == [2, 2]
    v = a.detach()[1:]
    v.data = tn.ones(2)
    assert v._base is None


# ---- devices ----


def test_a_destination_on_another_device_is_refused() -> None:
    meta = tn.zeros(3, device="meta")
    for call in (
        lambda: tn.add(tn.zeros(3), 1, out=meta),
        lambda: tn.add(meta, 1, out=tn.zeros(3)),
        lambda: tn.zeros(3, out=meta),
        lambda: tn.tensor(1.0).add_(tn.ones((), device="meta")),
        lambda: tn.zeros(3).add_(meta),
    ):
        with pytest.raises(RuntimeError, match="meta"):
            call()
    assert meta.add_(tn.tensor(1.0)).device.type == "meta"


def test_sizes_that_depend_on_values_cannot_be_found_on_meta() -> None:
    x = tn.zeros(3, device="meta")
    n = tn.zeros(3, device="meta", dtype=tn.int64)
    for call in (
        lambda: x[x > 0],
        lambda: tn.masked_select(x, x > 0),
        lambda: x.nonzero(),
        lambda: n.bincount(),
        lambda: tn.unique(x),
        lambda: F.one_hot(n),
        lambda: tn.repeat_interleave(x, n),
    ):
        with pytest.raises(RuntimeError, match="depends on values"):
            call()
    hot = F.one_hot(n, 5)
    assert hot.shape == (3, 5) and hot.stride() == (5, 1)


# ---- writes ----


def nested(depth: int, call: Callable[[], None]) -> None:
    """Calls through `depth` frames of C, so that each depth has its own place on the stack."""
    if depth == 0:
        call()
    else:
        for _ in map(lambda _: nested(depth - 1, call), [0]):
            pass


def resident() -> int:
    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * 4096


def test_a_failed_write_keeps_no_memory() -> None:
    leaf = tn.ones(1_000_000, requires_grad=True)

    def fail() -> None:
        y = leaf * 1
        with pytest.raises(ValueError):
            y.mul_(tn.ones(3, requires_grad=True))

    nested(1, fail)
    before = resident()
    for depth in range(2, 32):
        nested(depth, fail)
    assert resident() - before < 60e6  # thirty copies are 120 MB


def test_running_statistics_of_one_cell_are_refused() -> None:
    x = tn.rand(4, 3)
    with pytest.raises(ValueError, match="single memory location"):
        F.batch_norm(x, tn.zeros(1).expand(3), tn.ones(3), training=True)
    m = tn.zeros(3)
    with pytest.raises(ValueError, match="shares memory"):
        F.batch_norm(x, m, m, training=True)


def test_a_parameter_that_overlaps_its_gradient_is_refused() -> None:
    b = tn.arange(5.0)
    p = nn.Parameter(b[1:])
    p.grad = b[:-1]
    with pytest.raises(ValueError, match="shares memory"):
        tn.optim.SGD([p], lr=1).step()
    assert b.tolist() == [0, 1, 2, 3, 4]
    p = nn.Parameter(b[::2])
    p.grad = tn.arange(6.0)[::2]
    tn.optim.SGD([p], lr=1).step()
    assert p.tolist() == [0, 0, 0]


def test_a_stale_value_names_the_optimizer() -> None:
    p = nn.Parameter(tn.ones(3))
    p.grad = tn.ones(3)
    loss = (p * p).sum()
    tn.optim.SGD([p], lr=1).step()
    with pytest.raises(RuntimeError, match="changed by _sgd_step"):
        loss.backward()


def test_inference_tensors_know_it() -> None:
    normal = tn.ones(3)
    with tn.inference_mode():
        made = normal * 2
        view = normal.view(3)
        normal.add_(1)
    assert made.is_inference() and made[:2].is_inference() and made.detach().is_inference()
    assert not (view.is_inference() or normal.is_inference() or made.clone().is_inference())
    w = tn.ones(3, requires_grad=True)
    with pytest.raises(RuntimeError, match="Inference tensors cannot be saved"):
        w * made
    (w * made.clone()).sum().backward()
    assert w.grad.tolist() == [2, 2, 2]
