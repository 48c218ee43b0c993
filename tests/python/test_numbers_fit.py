"""Python numbers that a dtype cannot hold are refused where they are written, on the CPU and on meta alike."""

from __future__ import annotations

import pytest

import tenon as tn

FILLS = {
    "fill_": lambda x, v: x.fill_(v),
    "fill": lambda x, v: tn.fill(x, v),
    "full": lambda x, v: tn.full((2,), v, dtype=x.dtype, device=x.device),
    "full_like": lambda x, v: tn.full_like(x, v),
    "new_full": lambda x, v: x.new_full((2,), v),
    "masked_fill": lambda x, v: x.masked_fill(tn.ones(2, dtype=tn.bool, device=x.device), v),
    "masked_fill_": lambda x, v: x.masked_fill_(tn.ones(2, dtype=tn.bool, device=x.device), v),
    "index_fill": lambda x, v: x.index_fill(0, tn.tensor([0], device=x.device), v),
    "scatter": lambda x, v: x.scatter(0, tn.tensor([0], device=x.device), v),
}


@pytest.mark.parametrize("device", ["cpu", "meta"])
@pytest.mark.parametrize("fill", FILLS.values(), ids=FILLS)
@pytest.mark.parametrize(
    ("dtype", "value", "c_type"),
    [
        (tn.float32, 1e300, "float"),
        (tn.float32, -3.5e38, "float"),
        (tn.float16, 7e4, "c10::Half"),
        (tn.bfloat16, 1e39, "c10::BFloat16"),
        (tn.complex64, 1e300, "c10::complex<float>"),
        (tn.int8, 300, "int8_t"),
        (tn.int64, 1e300, "int64_t"),
    ],
)
def test_too_large(device, fill, dtype, value, c_type):
    x = tn.ones(2, dtype=dtype, device=device)
    with pytest.raises(RuntimeError, match=f"value cannot be converted to type {c_type} without overflow"):
        fill(x, value)
    if device == "cpu":
        assert x.tolist() == [1, 1]


@pytest.mark.parametrize("fill", FILLS.values(), ids=FILLS)
@pytest.mark.parametrize("dtype", [tn.float32, tn.float16, tn.float64])
def test_what_fits(fill, dtype):
    x = tn.zeros(2, dtype=dtype)
    assert fill(x, float("inf"))[0].item() == float("inf")
    largest = tn.finfo(dtype).max
    assert fill(x, largest)[0].item() == largest
    assert fill(x, -1)[0].item() == -1


def test_clamp():
    x = tn.ones(2)
    with pytest.raises(RuntimeError, match="clamp: max=1e\\+300 .* type float without overflow"):
        x.clamp(max=1e300)
    assert x.clamp(min=float("-inf"), max=0.5).tolist() == [0.5, 0.5]


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("index_add", lambda x, i: x.index_add(0, i, tn.ones(1))),
        ("index_copy", lambda x, i: x.index_copy(0, i, tn.ones(1))),
        ("index_fill", lambda x, i: x.index_fill(0, i, 1.0)),
    ],
)
def test_slice_writes_report_under_their_own_names(name, write):
    with pytest.raises(IndexError, match=f"^{name}: .*index 5"):
        write(tn.zeros(3), tn.tensor([5]))
    with pytest.raises((IndexError, RuntimeError), match=f"^{name}: .*index"):
        write(tn.zeros(3), tn.tensor([1.0]))
