"""Samples of tenon/ops/conv.h."""

import itertools

import numpy as np
from op_suite.declare import call, distinct, floats, op, samples, t

import tenon as tn

summed = dict(tolerance=8, reason="sums of up to 100 products in an order of the library's own")


def each(value, n):
    return (value,) * n if isinstance(value, int) else tuple(value)


def same_padding(w, dilation, n):
    total = [d * (k - 1) for d, k in zip(each(dilation, n), w.shape[2:], strict=True)]
    return [(x // 2, x - x // 2) for x in total]


def conv(n):
    def reference(x, w, bias=None, stride=1, padding=0, dilation=1, groups=1):
        batched = x if x.ndim == n + 2 else x[None]
        stride, dilation = each(stride, n), each(dilation, n)
        if isinstance(padding, str):
            widths = same_padding(w, dilation, n) if padding == "same" else [(0, 0)] * n
        else:
            widths = [(p, p) for p in each(padding, n)]
        batched = np.pad(batched, [(0, 0), (0, 0), *widths])
        sizes = [
            (s - d * (k - 1) - 1) // t + 1
            for s, k, d, t in zip(batched.shape[2:], w.shape[2:], dilation, stride, strict=True)
        ]
        out = np.zeros((batched.shape[0], w.shape[0], *sizes), x.dtype)
        ci, co = w.shape[1], w.shape[0] // groups
        for place in itertools.product(*map(range, w.shape[2:])):
            window = tuple(
                slice(p * d, p * d + (s - 1) * t + 1, t)
                for p, d, s, t in zip(place, dilation, sizes, stride, strict=True)
            )
            part = batched[(slice(None), slice(None), *window)]
            for g in range(groups):
                weight = w[(slice(g * co, (g + 1) * co), slice(None), *place)]
                out[:, g * co : (g + 1) * co] += np.einsum(
                    "oc,bc...->bo...", weight, part[:, g * ci : (g + 1) * ci]
                )
        if bias is not None:
            out += bias.reshape(-1, *(1,) * n)
        return out if x.ndim == n + 2 else out[0]

    return reference


def conv_transpose(n):
    def reference(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
        batched = x if x.ndim == n + 2 else x[None]
        stride, padding, dilation, more = (each(v, n) for v in (stride, padding, dilation, output_padding))
        full = [
            (s - 1) * t + d * (k - 1) + 1 + m
            for s, t, d, k, m in zip(batched.shape[2:], stride, dilation, w.shape[2:], more, strict=True)
        ]
        ci, co = w.shape[0] // groups, w.shape[1]
        out = np.zeros((batched.shape[0], co * groups, *full), x.dtype)
        for place in itertools.product(*map(range, w.shape[2:])):
            window = tuple(
                slice(p * d, p * d + (s - 1) * t + 1, t)
                for p, d, s, t in zip(place, dilation, batched.shape[2:], stride, strict=True)
            )
            for g in range(groups):
                weight = w[(slice(g * ci, (g + 1) * ci), slice(None), *place)]
                out[(slice(None), slice(g * co, (g + 1) * co), *window)] += np.einsum(
                    "co,bc...->bo...", weight, batched[:, g * ci : (g + 1) * ci]
                )
        out = out[(..., *(slice(p, s - p) for p, s in zip(padding, full, strict=True)))]
        if bias is not None:
            out = out + bias.reshape(-1, *(1,) * n)
        return out if x.ndim == n + 2 else out[0]

    return reference


def image(n, *lead, size=6):
    return t(*lead, *(size - i for i in range(n)))


def kernel(n, *lead):
    return t(*lead, *(3 - i % 2 for i in range(n)))


for n in (1, 2, 3):
    name = f"conv{n}d"
    channels = (
        call(tn.ones(1, 4, *(8,) * n), tn.ones(8, 3, *(3,) * n)),
        (RuntimeError, ValueError),
        (name, "channels", "4", "3"),
    )
    too_big = (
        call(tn.ones(1, 1, *(4,) * n), tn.ones(1, 1, *(9,) * n)),
        (RuntimeError, ValueError),
        (name, "Kernel size"),
    )
    op(
        name,
        samples(
            floats, call(image(n, 2, 3), kernel(n, 4, 3)), call(image(n, 2, 3), kernel(n, 4, 3), t(4), 2, 1), call(image(n, 3), kernel(n, 4, 3), t(4)),
            call(image(n, 2, 4), kernel(n, 6, 2), t(6), stride=2, padding=1, dilation=2, groups=2), call(image(n, 1, 4), kernel(n, 4, 1), groups=4),
            call(image(n, 2, 3), t(5, 3, *(1,) * n)), call(image(n, 0, 3), kernel(n, 4, 3), t(4)),
        ),
        conv(n),
        **summed,
        wrong=[channels, too_big, (call(tn.ones(1, 1, *(4,) * n), tn.ones(1, 1, *(2,) * n), stride=0), (RuntimeError, ValueError), (name, "stride", "0"))],
    )  # fmt: skip
    op(
        f"{name}.padding",
        samples(
            floats,
            call(image(n, 2, 3), kernel(n, 4, 3), t(4), padding="same"),
            call(image(n, 2, 3), kernel(n, 4, 3), padding="same", dilation=2),
            call(image(n, 2, 3), kernel(n, 4, 3), t(4), 2, "valid"),
        ),
        conv(n),
        **summed,
        wrong=[
            (
                call(tn.ones(1, 1, *(4,) * n), tn.ones(1, 1, *(2,) * n), padding="full"),
                (RuntimeError, ValueError),
                (name, "full", "same"),
            )
        ],
    )
    op(
        f"conv_transpose{n}d",
        samples(
            floats, call(image(n, 2, 3, size=4), kernel(n, 3, 4)), call(image(n, 2, 3, size=4), kernel(n, 3, 4), t(4), 2, 1, 1), call(image(n, 3, size=4), kernel(n, 3, 4)),
            call(image(n, 2, 4, size=4), kernel(n, 4, 3), t(6), stride=2, padding=1, groups=2, dilation=2),
        ),
        conv_transpose(n),
        **summed,
        wrong=[(call(tn.ones(1, 4, *(8,) * n), tn.ones(3, 8, *(3,) * n)), (RuntimeError, ValueError), (f"conv_transpose{n}d", "4", "3"))],
    )  # fmt: skip

# ---- pooling ----


def windows(x, n, kernel_size, stride, padding, dilation, ceil_mode):
    """For each place of the result, the slices of the padded input that it sees."""
    kernel_size, padding, dilation = each(kernel_size, n), each(padding, n), each(dilation, n)
    stride = kernel_size if stride is None else each(stride, n)
    sizes = []
    for s, k, t_, p, d in zip(x.shape[-n:], kernel_size, stride, padding, dilation, strict=True):
        span = s + 2 * p - d * (k - 1) - 1
        size = (-(-span // t_) if ceil_mode else span // t_) + 1
        if ceil_mode and (size - 1) * t_ >= s + p:
            size -= 1  # a window may not begin in the padding behind
        sizes.append(size)
    for place in itertools.product(*map(range, sizes)):
        yield (
            sizes,
            place,
            [
                (i * t_ - p, k, d)
                for i, k, t_, p, d in zip(place, kernel_size, stride, padding, dilation, strict=True)
            ],
        )


def max_pool(n, with_indices):
    def reference(x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False):
        out = at = None
        shape = x.shape[-n:]
        for sizes, place, spans in windows(x, n, kernel_size, stride, padding, dilation, ceil_mode):
            if out is None:
                out, at = np.zeros((*x.shape[:-n], *sizes)), np.zeros((*x.shape[:-n], *sizes), np.int64)
            axes = [
                [b + j * d for j in range(k) if 0 <= b + j * d < s]
                for (b, k, d), s in zip(spans, shape, strict=True)
            ]
            seen = x[(..., *np.ix_(*axes))].reshape(*x.shape[:-n], int(np.prod([len(a) for a in axes])))
            flat = np.ravel_multi_index(np.ix_(*axes), shape).reshape(-1)
            out[(..., *place)], at[(..., *place)] = seen.max(-1), flat[seen.argmax(-1)]
        return [out, at] if with_indices else out

    return reference


def avg_pool(n):
    def reference(
        x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
    ):
        out = None
        for sizes, place, spans in windows(x, n, kernel_size, stride, padding, 1, ceil_mode):
            out = np.zeros((*x.shape[:-n], *sizes)) if out is None else out
            inside = [(max(b, 0), min(b + k, s)) for (b, k, _), s in zip(spans, x.shape[-n:], strict=True)]
            padded = [
                min(b + k, s + p) - b
                for (b, k, _), s, p in zip(spans, x.shape[-n:], each(padding, n), strict=True)
            ]
            count = np.prod(padded) if count_include_pad else np.prod([e - b for b, e in inside])
            part = x[(..., *(slice(b, e) for b, e in inside))]
            out[(..., *place)] = part.sum(axis=tuple(range(-n, 0))) / (divisor_override or count)
        return out

    return reference


def adaptive(n, function):
    def reference(x, output_size):
        sizes = [s if o in (-1, None) else o for o, s in zip(each(output_size, n), x.shape[-n:], strict=True)]
        out = np.zeros((*x.shape[:-n], *sizes))
        for place in itertools.product(*map(range, sizes)):
            part = tuple(
                slice(i * s // o, -(-(i + 1) * s // o))
                for i, o, s in zip(place, sizes, x.shape[-n:], strict=True)
            )
            out[(..., *place)] = function(x[(..., *part)], axis=tuple(range(-n, 0)))
        return out

    return reference


for n in (1, 2, 3):
    pools = (
        call(image(n, 2, 3), 2), call(image(n, 2, 3), 3, 2, 1), call(image(n, 3), 2, stride=1), call(image(n, 2, 3), 3, 2, ceil_mode=True),
        call(image(n, 2, 3), (2,) * n, (1,) * n, (1,) * n), call(image(n, 0, 3), 2),
    )  # fmt: skip
    dilated = (call(image(n, 2, 3), 2, 1, 0, 2), call(image(n, 2, 3), 2, 2, 1, dilation=2, ceil_mode=True))
    pool_wrong = [
        (call(tn.ones(1, 1, *(4,) * n), 3, 1, 2), (RuntimeError, ValueError), ("pad=2", "kernel_size=3")),
        (call(tn.ones(1, 1, *(2,) * n), 5), (RuntimeError, ValueError), ("pool", "5")),
        (call(tn.ones(1, 1, *(4,) * n), 0), (RuntimeError, ValueError), ("kernel_size", "0")),
    ]
    op(
        f"max_pool{n}d",
        samples(floats, *pools, *dilated),
        max_pool(n, False),
        domain=distinct,
        wrong=pool_wrong,
    )
    op(
        f"max_pool{n}d_with_indices",
        samples(floats, *pools[:5], *dilated),
        max_pool(n, True),
        domain=distinct,
        result=("promoted", tn.int64),
    )
    averages = [call(image(n, 2, 3), 3, 2, 1, count_include_pad=False), call(image(n, 2, 3), 3, 2, 1, True)]
    if n > 1:
        averages.append(call(image(n, 2, 3), 2, divisor_override=3))
    op(
        f"avg_pool{n}d",
        samples(floats, *pools, *averages),
        avg_pool(n),
        tolerance=2,
        reason="a sum of up to 27 terms",
        wrong=pool_wrong,
    )
    resized = samples(
        floats,
        call(image(n, 2, 3), 1),
        call(image(n, 2, 3), 2),
        call(image(n, 3), (3,) * n),
        call(image(n, 2, 3, size=5), 7),
    )
    op(
        f"adaptive_avg_pool{n}d",
        resized,
        adaptive(n, np.mean),
        tolerance=2,
        reason="a sum of up to 120 terms",
        wrong=[(call(tn.ones(1, 1, *(4,) * n), -3), (RuntimeError, ValueError), ("output_size", "-3"))],
    )
    op(f"adaptive_max_pool{n}d", resized, adaptive(n, np.max), domain=distinct)
