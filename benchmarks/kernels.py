"""What the work itself costs: Tenon and PyTorch in one process, one thread, beside the physical limit.

python benchmarks/kernels.py          (in an environment that has torch; `make bench` makes one)
"""

from __future__ import annotations

import functools
import math
import types
from collections.abc import Callable

import torch
from peers import Case, compare, limits

import tenon

torch.set_num_threads(1)
tenon.set_num_threads(1)

Work = Callable[[types.ModuleType, list], object]


class Kernel:
    """An op on inputs of these shapes, and what it must at least do: floating operations and bytes moved."""

    def __init__(self, name: str, work: Work, *shapes: tuple[int, ...], flops: float, moved: float):
        self.name, self.flops, self.moved = name, flops, moved
        torch.manual_seed(0)
        theirs = [torch.randn(s) for s in shapes]
        ours = [tenon.from_numpy(t.numpy().copy()) for t in theirs]
        self.case = Case(name, lambda: work(tenon, ours), lambda: work(torch, theirs))
        a, b = self.case.ours(), self.case.theirs()
        scale = float(b.abs().max())
        worst = float(torch.from_numpy(a.numpy()).sub(b).abs().max())
        if not worst <= 1e-4 * max(scale, 1):
            raise AssertionError(f"{name}: the outputs differ by {worst}")


def conv(x: tuple[int, ...], w: tuple[int, ...], padding: int) -> Kernel:
    n, _, h, _ = x
    out = h + 2 * padding - w[2] + 1
    elements = n * w[0] * out * out
    moved = 4 * (n * x[1] * h * h + w[0] * w[1] * w[2] * w[3] + elements)
    name = f"conv2d {n}x{x[1]}x{h}x{h}, {w[2]}x{w[3]} to {w[0]}"
    return Kernel(
        name,
        lambda tn, t: tn.conv2d(t[0], t[1], None, 1, padding),
        x,
        w,
        flops=2 * elements * w[1] * w[2] * w[3],
        moved=moved,
    )


def conv_gradient(x: tuple[int, ...], w: tuple[int, ...], padding: int, of_weight: bool) -> Kernel:
    """The gradient of conv2d with respect to its input or weight, by calling backward again on one graph."""
    n, _, h, _ = x
    out = h + 2 * padding - w[2] + 1
    y = (n, w[0], out, out)
    sizes = [math.prod(s) for s in (x, w, y)]
    graphs: dict[str, tuple] = {}

    def work(tn: types.ModuleType, t: list) -> object:
        if tn.__name__ not in graphs:
            t[of_weight].requires_grad_()
            graphs[tn.__name__] = (tn.conv2d(t[0], t[1], None, 1, padding), t[of_weight], t[2])
        result, leaf, grad = graphs[tn.__name__]
        return tn.autograd.grad(result, leaf, grad, retain_graph=True)[0]

    name = f"conv2d {n}x{x[1]}x{h}x{h}, {w[2]}x{w[3]} to {w[0]}, {'weight' if of_weight else 'input'} grad"
    flops = 2 * sizes[2] * w[1] * w[2] * w[3]
    return Kernel(name, work, x, w, y, flops=flops, moved=4 * sum(sizes))


def max_pool(x: tuple[int, ...]) -> Kernel:
    moved = 4 * math.prod(x) * 1.75  # a quarter of values, and of indices twice as wide
    name = f"max_pool2d {'x'.join(map(str, x))}, 2x2"
    return Kernel(name, lambda tn, t: tn.max_pool2d(t[0], 2), x, flops=0, moved=moved)


def matmul(m: int, k: int, n: int) -> Kernel:
    moved = 4 * (m * k + k * n + m * n)
    return Kernel(
        f"matmul {m}x{k}x{n}", lambda tn, t: t[0] @ t[1], (m, k), (k, n), flops=2 * m * k * n, moved=moved
    )


def map_of(name: str, work: Work, shape: tuple[int, int], inputs: int = 1, outputs: float = 1) -> Kernel:
    elements = shape[0] * shape[1]
    return Kernel(name, work, *[shape] * inputs, flops=0, moved=4 * elements * (inputs + outputs))


def main() -> None:
    square = (1000, 1000)
    convolutions = [
        ((64, 1, 28, 28), (16, 1, 5, 5), 0),
        ((64, 16, 12, 12), (32, 16, 5, 5), 0),
        ((8, 64, 56, 56), (64, 64, 3, 3), 1),
    ]
    input_grad = functools.partial(conv_gradient, of_weight=False)
    weight_grad = functools.partial(conv_gradient, of_weight=True)
    kernels = [
        matmul(64, 64, 64),
        matmul(256, 256, 256),
        matmul(1024, 1024, 1024),
        matmul(1, 1024, 1024),
        *[f(*shapes) for shapes in convolutions for f in (conv, input_grad, weight_grad)],
        max_pool((64, 16, 24, 24)),
        map_of("a + b", lambda tn, t: t[0] + t[1], square, inputs=2),
        map_of("a + b, one transposed", lambda tn, t: t[0] + t[1].t(), square, inputs=2),
        map_of("relu", lambda tn, t: tn.relu(t[0]), square),
        map_of("exp", lambda tn, t: tn.exp(t[0]), square),
        map_of("gelu", lambda tn, t: tn.nn.functional.gelu(t[0]), square),
        map_of("sum", lambda tn, t: t[0].sum(), square, outputs=0),
        map_of("sum(0)", lambda tn, t: t[0].sum(0), square, outputs=0),
        map_of("sum(1)", lambda tn, t: t[0].sum(1), square, outputs=0),
        map_of("softmax(1)", lambda tn, t: t[0].softmax(1), square),
        map_of("layer_norm", lambda tn, t: tn.layer_norm(t[0], (1000,)), square),
        map_of("t().contiguous()", lambda tn, t: t[0].t().contiguous(), square),
    ]
    flops, bandwidth = limits()
    print(
        f"\nKernels, float32, one thread. Limits measured here: {flops / 1e9:.0f} GFLOP/s, {bandwidth / 1e9:.1f} GB/s"
    )
    print(f"{'':44}{'tenon':>12}{'torch':>12}{'times':>8}{'of limit':>10}")
    for k in kernels:
        ours, theirs = compare(k.case)
        limit = max(k.flops / flops, k.moved / bandwidth)
        print(
            f"{k.name:44}{ours * 1e6:>9.1f} µs{theirs * 1e6:>9.1f} µs{theirs / ours:>8.2f}{100 * limit / ours:>8.0f} %",
            flush=True,
        )


if __name__ == "__main__":
    main()
