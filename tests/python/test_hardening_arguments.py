"""Arguments that are wrong in length, place or range: named in an error, never garbage and never a crash."""

import numpy as np
import pytest

import tenon as t
import tenon.nn.functional as F
from tenon import _tenon as primitives


def raises(kind, text):
    return pytest.raises(kind, match=text)


# ---- as many values as there are dimensions ----


def test_one_value_in_a_tuple_stands_for_all():
    x, w = t.ones(1, 1, 9, 9), t.ones(1, 1, 3, 3)
    assert F.avg_pool2d(x, 2, stride=(1,)).shape == (1, 1, 8, 8)
    assert F.max_pool2d(x, (2,), (1,)).shape == (1, 1, 8, 8)
    assert F.conv2d(x, w, stride=(2,), padding=[1]).shape == (1, 1, 5, 5)
    assert F.conv_transpose2d(x, w, stride=(2,), output_padding=(1,)).shape == (1, 1, 20, 20)
    assert F.max_pool2d(x, 2, stride=()).shape == (1, 1, 4, 4)  # an empty stride is none


@pytest.mark.parametrize("name", ["stride", "padding", "dilation"])
@pytest.mark.parametrize("value", [(), (1, 2, 3)])
def test_convolution_arguments_have_one_value_a_dimension(name, value):
    x, w = t.ones(1, 1, 9, 9), t.ones(1, 1, 3, 3)
    with raises(RuntimeError, f"conv2d: {name} must be one int or a tuple of 2"):
        F.conv2d(x, w, **{name: value})
    with raises(RuntimeError, f"conv_transpose2d: {name} must be one int or a tuple of 2"):
        F.conv_transpose2d(x, w, **{name: value})
    if name != "padding":
        with raises(RuntimeError, f"conv2d: {name} must be one int or a tuple of 2"):
            F.conv2d(x, w, padding="same", **{name: value})


def test_a_kernel_has_elements():
    with raises(RuntimeError, "conv2d: kernel_size must be at least 1"):
        F.conv2d(t.ones(1, 1, 3, 3), t.ones(1, 1, 0, 2))


def test_pooling_arguments_have_one_value_a_dimension():
    x = t.ones(1, 1, 9, 9)
    for call, name in [
        (lambda: F.avg_pool2d(x, ()), "kernel_size"),
        (lambda: F.avg_pool2d(x, 2, stride=(1, 2, 3)), "stride"),
        (lambda: F.avg_pool2d(x, 2, padding=()), "padding"),
        (lambda: F.max_pool2d(x, 2, dilation=(1, 1, 1)), "dilation"),
        (lambda: F.max_pool1d(x[0], (2, 2)), "kernel_size"),
        (lambda: F.adaptive_avg_pool2d(x, ()), "output_size"),
        (lambda: F.adaptive_max_pool2d(x, (1, 2, 3)), "output_size"),
    ]:
        with raises(RuntimeError, f"{name} must be one int or a tuple of"):
            call()


def test_geometry_of_primitives_is_checked():
    x, w = t.ones(1, 1, 9, 9), t.ones(1, 1, 3, 3)
    zero, one, zeros, ones = (0,), (1,), (0, 0), (1, 1)
    for call in [
        lambda: primitives._convolution(x, w, None, one, zeros, zeros, ones, 1),
        lambda: primitives._convolution(x, w, None, ones, zero, zeros, ones, 1),
        lambda: primitives._convolution_input_gradient(x, w, (11, 11), one, zeros, zeros, ones, 1),
        lambda: primitives._convolution_input_gradient(x, w, (11,), ones, zeros, zeros, ones, 1),
        lambda: primitives._convolution_input_gradient(x, w, (99, 99), ones, zeros, zeros, ones, 1),
        lambda: primitives._convolution_weight_gradient(x, x, (3, 3), ones, zeros, zeros, ones, 1),
        lambda: primitives._convolution_weight_gradient(
            x, t.ones(1, 1, 11, 11), (3,), ones, zeros, zeros, ones, 1
        ),
        lambda: primitives._avg_pool(x, (2, 2), ones, zero, False, True, None),
        lambda: primitives._avg_pool_gradient(x, (99, 99), (2, 2), ones, zeros, False, True, None),
        lambda: primitives._pool_gather(x, t.zeros(3, 1, 9, 9, dtype=t.int64), 2),
    ]:
        with raises(RuntimeError, "must have 2 values|places along|divisible|makes|must share|expected"):
            call()


# ---- windows that lie in the padding alone ----


@pytest.mark.parametrize("dtype", [t.float32, t.float64, t.float16])
def test_max_pool_of_a_window_without_elements(dtype):
    x = t.arange(25, dtype=dtype).reshape(1, 1, 5, 5).requires_grad_()
    values, indices = F.max_pool2d(x, 2, padding=1, dilation=6, return_indices=True)
    assert values.tolist() == [[[[-float("inf")]]]]
    assert indices.tolist() == [[[[-1]]]]
    values.backward(t.ones_like(values))
    assert not x.grad.any()


def test_max_pool_of_integers_without_elements():
    for dtype, least in [(t.int64, -(2**63)), (t.int8, -128), (t.uint8, 0)]:
        x = t.ones(1, 1, 5, 5, dtype=dtype)
        assert F.max_pool2d(x, 2, padding=1, dilation=6).item() == least


def test_max_pool_with_some_windows_in_the_padding():
    # Columns -1 and 5 of 6, then 1 and 7: the first window sees column 5, the second column 1.
    x = t.arange(6.0).reshape(1, 1, 6).requires_grad_()
    values, indices = F.max_pool1d(x, 2, stride=2, padding=1, dilation=6, return_indices=True)
    assert values.flatten().tolist() == [5.0]
    assert indices.flatten().tolist() == [5]
    y = t.arange(25.0).reshape(1, 1, 5, 5)
    values, indices = F.max_pool2d(y, 2, stride=1, padding=1, dilation=(1, 6), return_indices=True)
    assert values.shape == indices.shape == (1, 1, 6, 1)
    assert bool((values == -float("inf")).all()) and bool((indices == -1).all())
    assert np.isneginf(values.numpy()).all()


# ---- primitives do not trust their callers ----


def test_views_stay_inside_their_storage():
    x = t.zeros(4)
    for size, stride, offset in [
        ((10**9,), (1,), 0),
        ((5,), (1,), 0),
        ((2,), (1,), 3),
        ((1,), (1,), -1),
        ((2,), (-1,), 1),
        ((2, 2), (1,), 0),
        ((2,), (2**62,), 2**62),
        ((2**20, 2**20), (0, 0), 4),
    ]:
        for function in (primitives._as_strided, t.as_strided):
            with raises(RuntimeError, "as_strided"):
                function(x, size, stride, offset)
    assert t.as_strided(x, (0, 5), (7, 7), 9).shape == (0, 5)
    assert t.as_strided(x, (2, 3), (0, 1), 1).shape == (2, 3)
    assert t.as_strided(t.zeros(4, device="meta"), (2, 2), (1, 2), 0).shape == (2, 2)


def test_gradients_of_views_stay_inside_their_result():
    x = t.ones(4)
    for sizes, stride, offset in [((2,), (10**9,), 0), ((2,), (1,), 0), ((8,), (), 0), ((8,), (1,), -1)]:
        with raises(RuntimeError, "_as_strided_backward"):
            primitives._as_strided_backward(x, sizes, stride, offset)
    for sizes, pattern, values in [
        ((2,), "s", (0, 9)),
        ((9,), "s", ()),
        ((9,), "i", (1,)),
        ((3, 3), "i", (7,)),
    ]:
        with raises((RuntimeError, IndexError), "index"):
            primitives._basic_index_backward(x, sizes, pattern, values)
    assert primitives._basic_index_backward(x, (9,), "s", (0, 4)).sum() == 4


def test_gradients_of_norms_and_losses_check_their_shapes():
    one, few, many = t.ones(1), t.ones(1, 1), t.ones(100, 1000)
    with raises(RuntimeError, "_batch_norm_gradient"):
        primitives._batch_norm_gradient(few, many, None, one, one)
    with raises(RuntimeError, "_batch_norm_gradient: mean should contain 1000"):
        primitives._batch_norm_gradient(many, many, None, one, one)
    with raises(RuntimeError, "_layer_norm_gradient"):
        primitives._layer_norm_gradient(many, many, None, one, one, 1)
    with raises(RuntimeError, "_layer_norm_gradient"):
        primitives._layer_norm_gradient(many, many, None, one, one, 7)
    with raises(RuntimeError, "_class_loss_gradient"):
        target = t.zeros(100, dtype=t.int64)
        primitives._class_loss_gradient(few, many, target, None, few, one, False, -100, 0, 0.0)
    with raises(RuntimeError, "_embedding_backward"):
        primitives._embedding_backward(few, t.zeros(100, dtype=t.int64), 5)
    with raises(RuntimeError, "binary_cross_entropy"):
        primitives._binary_loss(many, few)


# ---- numbers that a dtype cannot hold ----

OVERFLOW = "value cannot be converted to type .* without overflow"
inf, nan = float("inf"), float("nan")
TOO_LARGE = [
    (t.uint8, [256, -256, -0.5, 256.0, inf, nan, 1 + 2j]),
    (t.int8, [300, 128, -129, 128.5, -128.5, inf, nan, 1 + 2j]),
    (t.int16, [2**15, -(2**15) - 1, 1e9]),
    (t.int32, [2**31, 2.0**31, inf, nan]),
    (t.int64, [2.0**63, -(2.0**64), inf, nan]),
    (t.float16, [65520, -1e9, 1 + 2j]),
]
FITTING = [
    (t.bool, [300, -1, nan, inf], [True] * 4),
    (t.uint8, [255, -1, -255, 255.9, -0.0], [255, 255, 1, 255, 0]),
    (t.int8, [127, -128, 127.9, -127.9, 5 + 0j], [127, -128, 127, -127, 5]),
    (t.int64, [2**63 - 1, -(2.0**63)], [2**63 - 1, -(2**63)]),
    (t.float16, [65504, inf, -inf], [65504.0, inf, -inf]),
]


def filled(dtype, value):
    """Every way to put one number into a tensor of `dtype`."""
    x, mask, first = t.zeros(2, dtype=dtype), t.tensor([True, False]), t.tensor([0])

    def assigned(key):
        y = x.clone()
        y[key] = value
        return y

    yield lambda: t.full((2,), value, dtype=dtype)
    yield lambda: t.full_like(x, value)
    yield lambda: x.new_full((2,), value)
    yield lambda: x.clone().fill_(value)
    yield lambda: x.masked_fill(mask, value)
    yield lambda: x.clone().masked_fill_(mask, value)
    yield lambda: x.index_fill(0, first, value)
    for key in [0, slice(0, 1), ..., first, mask]:
        yield lambda key=key: assigned(key)
    if not isinstance(value, complex):
        yield lambda: x.scatter(0, first, value)
    yield lambda: F.pad(x, (1, 1), value=value)[:1]


@pytest.mark.parametrize(("dtype", "values"), TOO_LARGE)
def test_fills_do_not_wrap(dtype, values):
    for value in values:
        for fill in filled(dtype, value):
            for kind in (RuntimeError, ValueError):
                with raises(kind, OVERFLOW):
                    fill()


@pytest.mark.parametrize(("dtype", "values", "expected"), FITTING)
def test_fills_take_what_fits(dtype, values, expected):
    for value, want in zip(values, expected, strict=True):
        for fill in filled(dtype, value):
            assert fill()[0].item() == want, (dtype, value)


def test_factors_do_not_wrap():
    x, square = t.ones(2, dtype=t.int8), t.ones(1, 1, dtype=t.int8)
    for call in [
        lambda: t.add(x, x, alpha=300),
        lambda: t.addcmul(x, x, x, value=300),
        lambda: t.addmm(square, square, square, alpha=300),
        lambda: t.addmm(square, square, square, beta=-300),
        lambda: x.index_add(0, t.tensor([0]), x[:1], alpha=300),
        lambda: t.linspace(0, 300, 4, dtype=t.int8),
        lambda: t.where(x > 0, x, 300),
        lambda: x**300,
        lambda: t.add(x.half(), x.half(), alpha=1e9),
    ]:
        with raises(RuntimeError, OVERFLOW):
            call()


def test_comparisons_are_of_values():
    small, byte = t.tensor([44, -128], dtype=t.int8), t.tensor([255], dtype=t.uint8)
    for number in (300, t.tensor(300)):
        assert (small == number).tolist() == [False, False]
        assert (small != number).tolist() == [True, True]
        assert (small < number).tolist() == [True, True]
        assert (number > small).tolist() == [True, True]
    assert (byte == -1).tolist() == [False]
    assert (byte > -1).tolist() == [True]
    assert (small >= -129).tolist() == [True, True]
    assert (small == 44).tolist() == [True, False]


def test_a_bool_alpha_is_for_bool_results():
    numbers, bools = t.tensor([1.0, 2.0]), t.tensor([True, False])
    for x in (numbers, numbers.long()):
        for function in (t.add, t.sub):
            for alpha in (True, False):
                with raises(RuntimeError, "Boolean alpha only supported for Boolean results"):
                    function(x, x, alpha=alpha)
    assert t.add(bools, ~bools, alpha=False).tolist() == [True, False]
    assert t.add(bools, ~bools, alpha=True).tolist() == [True, True]
