"""Wrong programs: each with the exception it must raise and the words its text must have.

An error teaches when it names the op, what was expected, what came, and how to mend it.
"""

from __future__ import annotations

import numpy as np
import pytest

import tenon as tn
from tenon import nn

F = nn.functional


def leaf() -> tn.Tensor:
    return tn.ones(3, requires_grad=True)


def twice() -> None:
    loss = (leaf() * 2).exp().sum()
    loss.backward()
    loss.backward()


def saved_then_changed() -> None:
    x = leaf()
    y = x * 2
    z = y.exp()
    z.mul_(3)
    z.sum().backward()


def view_saved_then_changed() -> None:
    x = leaf()
    y = x * 1
    z = y * y
    y[0] = 7.0
    z.sum().backward()


def worker_raises() -> None:
    class Bad(tn.utils.data.Dataset):
        def __len__(self) -> int:
            return 8

        def __getitem__(self, i: int) -> tn.Tensor:
            if i == 5:
                raise KeyError("row 5 is damaged")
            return tn.ones(2)

    for _ in tn.utils.data.DataLoader(Bad(), batch_size=2, num_workers=2):
        pass


def load_mismatch() -> None:
    nn.Linear(3, 2).load_state_dict({"weight": tn.ones(2, 4), "bias": tn.ones(2), "extra": tn.ones(1)})


def load_missing() -> None:
    nn.Linear(3, 2).load_state_dict({"weight": tn.ones(2, 3)})


def before_init() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            self.layer = nn.Linear(2, 2)

    Net()


def no_forward() -> None:
    class Net(nn.Module):
        pass

    Net()(tn.ones(2))


def grad_of_unused() -> None:
    x, y = leaf(), leaf()
    tn.autograd.grad((x * 2).sum(), [x, y])


WRONG = {
    # shapes
    "matmul inner": (
        lambda: tn.ones(2, 3) @ tn.ones(4, 5),
        (RuntimeError, ValueError),
        ["matmul", "(2, 3)", "(4, 5)", "float32"],
    ),
    "matmul scalar": (lambda: tn.ones(()) @ tn.ones(3), RuntimeError, ["matmul", "at least 1D", "0D"]),
    "bmm batch": (lambda: tn.bmm(tn.ones(2, 3, 4), tn.ones(5, 4, 6)), RuntimeError, ["bmm", "2", "5"]),
    "broadcast": (
        lambda: tn.ones(2, 3) + tn.ones(4),
        (RuntimeError, ValueError),
        ["add", "(2, 3)", "(4,)", "must match"],
    ),
    "view size": (lambda: tn.ones(6).view(4), RuntimeError, ["view", "(4,)", "6"]),
    "view strides": (lambda: tn.ones(2, 3).t().view(6), RuntimeError, ["view", "reshape"]),
    "two unknown": (lambda: tn.ones(6).reshape(-1, -1), RuntimeError, ["reshape", "-1"]),
    "cat shapes": (lambda: tn.cat([tn.ones(2, 3), tn.ones(2, 4)]), RuntimeError, ["cat", "3", "4"]),
    "cat nothing": (lambda: tn.cat([]), (RuntimeError, ValueError), ["cat", "empty"]),
    "stack shapes": (lambda: tn.stack([tn.ones(2), tn.ones(3)]), RuntimeError, ["stack", "(2,)", "(3,)"]),
    "expand": (lambda: tn.ones(2, 3).expand(4, 3), RuntimeError, ["expand", "4"]),
    "linear": (lambda: nn.Linear(3, 2)(tn.ones(5, 4)), RuntimeError, ["linear", "(5, 4)", "(2, 3)"]),
    "conv channels": (
        lambda: nn.Conv2d(3, 8, 3)(tn.ones(1, 4, 8, 8)),
        RuntimeError,
        ["conv2d", "channels", "4"],
    ),
    "conv kernel too big": (
        lambda: nn.Conv2d(1, 1, 9)(tn.ones(1, 1, 4, 4)),
        RuntimeError,
        ["conv2d", "Kernel size", "(9 x 9)", "padding"],
    ),
    "batch norm channels": (
        lambda: nn.BatchNorm2d(3)(tn.ones(2, 4, 5, 5)),
        (RuntimeError, ValueError),
        ["batch_norm", "4", "3"],
    ),
    "layer norm shape": (lambda: nn.LayerNorm(5)(tn.ones(2, 4)), RuntimeError, ["layer_norm", "5"]),
    "inplace grows": (
        lambda: tn.ones(3).add_(tn.ones(2, 3)),
        RuntimeError,
        ["add_", "(3,)", "(2, 3)", "broadcast"],
    ),
    "item of many": (lambda: tn.ones(3).item(), RuntimeError, ["3 elements"]),
    "bool of many": (lambda: bool(tn.ones(3)), RuntimeError, ["ambiguous"]),
    "ragged list": (lambda: tn.tensor([[1, 2], [3]]), ValueError, ["2", "1"]),
    # dtypes
    "mean of ints": (lambda: tn.ones(3, dtype=tn.int64).mean(), RuntimeError, ["mean", "int64"]),
    "float into int": (
        lambda: tn.ones(3, dtype=tn.int64).mul_(1.5),
        RuntimeError,
        ["mul_", "float32", "int64"],
    ),
    "matmul dtypes": (
        lambda: tn.ones(2, 2) @ tn.ones(2, 2, dtype=tn.float64),
        RuntimeError,
        ["matmul", "float32", "float64"],
    ),
    "grad of ints": (lambda: tn.ones(3, dtype=tn.int64).requires_grad_(), RuntimeError, ["floating"]),
    "index dtype": (lambda: tn.ones(3)[tn.tensor([0.5])], (IndexError, RuntimeError), ["index"]),
    "embedding dtype": (lambda: nn.Embedding(3, 2)(tn.ones(2)), RuntimeError, ["embedding", "float32"]),
    "add a string": (lambda: tn.add(tn.ones(2), "two"), TypeError, ["add", "other", "str"]),
    "bitwise floats": (lambda: tn.ones(2) & tn.ones(2), RuntimeError, ["bitwise_and", "float32"]),
    "tensor of strings": (lambda: tn.tensor(["a"]), (TypeError, ValueError), ["str"]),
    "default dtype": (lambda: tn.set_default_dtype(tn.int32), (TypeError, ValueError), ["int32"]),
    # devices
    "unknown device": (lambda: tn.ones(2, device="cuda"), RuntimeError, ["cuda"]),
    "two devices": (
        lambda: tn.ones(2) + tn.ones(2, device="meta"),
        RuntimeError,
        ["add", "cpu", "meta"],
    ),
    "values of meta": (lambda: tn.ones(2, device="meta").tolist(), RuntimeError, ["meta"]),
    "device spelling": (lambda: tn.device("gpu"), RuntimeError, ["gpu"]),
    # indices
    "index range": (lambda: tn.ones(3)[5], IndexError, ["5", "0", "3"]),
    "index tensor range": (lambda: tn.ones(3)[tn.tensor([0, 7])], IndexError, ["7", "3"]),
    "too many indices": (lambda: tn.ones(3)[0, 0], IndexError, ["too many indices"]),
    "mask shape": (lambda: tn.ones(3)[tn.tensor([True, False])], IndexError, ["mask", "(2,)", "(3,)"]),
    "slice step": (lambda: tn.ones(3)[::-1], ValueError, ["step"]),
    "dim range": (lambda: tn.ones(2, 3).sum(2), IndexError, ["sum", "2"]),
    "dim twice": (lambda: tn.ones(2, 3).sum((0, 0)), RuntimeError, ["sum", "0"]),
    "transpose dim": (lambda: tn.ones(2, 3).transpose(0, 3), IndexError, ["transpose", "3"]),
    "gather range": (
        lambda: tn.gather(tn.ones(2, 2), 1, tn.tensor([[0, 4]])),
        (IndexError, RuntimeError),
        ["gather", "4"],
    ),
    "embedding range": (lambda: nn.Embedding(3, 2)(tn.tensor([3])), IndexError, ["embedding", "3"]),
    "target range": (lambda: F.cross_entropy(tn.ones(2, 3), tn.tensor([0, 5])), IndexError, ["5"]),
    # sizes
    "negative size": (lambda: tn.zeros(-1), (RuntimeError, ValueError), ["-1"]),
    "overflow": (lambda: tn.empty(2**40, 2**40), RuntimeError, ["64 bits"]),
    "too large": (lambda: tn.empty(2**45), (RuntimeError, MemoryError), ["memory"]),
    "expanded write": (
        lambda: tn.ones(1).expand(3).add_(1),
        RuntimeError,
        ["single memory location", "clone"],
    ),
    "overlapping windows written": (
        lambda: tn.ones(5).unfold(0, 3, 1).add_(1),
        RuntimeError,
        ["single memory location", "clone"],
    ),
    "copy into expanded": (lambda: tn.zeros(1).expand(3).copy_(tn.ones(3)), RuntimeError, ["single memory"]),
    "outside the storage": (
        lambda: tn.ones(4).as_strided((3, 2), (2, 1)),
        (RuntimeError, ValueError),
        ["as_strided", "storage"],
    ),
    "negative repeat": (lambda: tn.ones(2).repeat(-1), (RuntimeError, ValueError), ["repeat", "-1"]),
    "out of another shape": (
        lambda: tn.add(tn.ones(3), 1, out=tn.empty(2)),
        (RuntimeError, ValueError),
        ["add", "out", "(2,)", "(3,)"],
    ),
    "number without a number": (lambda: tn.tensor([]).item(), RuntimeError, ["0 elements"]),
    # autograd
    "leaf in place": (lambda: leaf().add_(1), RuntimeError, ["leaf", "no_grad"]),
    "leaf view in place": (lambda: leaf()[0].add_(1), RuntimeError, ["leaf"]),
    "backward twice": (twice, RuntimeError, ["second time", "retain_graph"]),
    "saved changed": (saved_then_changed, RuntimeError, ["exp", "mul_", "version"]),
    "saved changed through a view": (view_saved_then_changed, RuntimeError, ["mul", "version"]),
    "backward of many": (lambda: (leaf() * 2).backward(), RuntimeError, ["scalar"]),
    "backward of no graph": (lambda: tn.ones(()).backward(), RuntimeError, ["require"]),
    "unused input": (grad_of_unused, RuntimeError, ["allow_unused"]),
    "numpy of grad": (lambda: leaf().numpy(), RuntimeError, ["detach"]),
    "out with grad": (lambda: tn.add(leaf(), 1, out=tn.empty(3)), RuntimeError, ["out="]),
    # modules, optimisers, data
    "load mismatch": (load_mismatch, RuntimeError, ["weight", "(2, 4)", "(2, 3)", "extra"]),
    "load missing": (load_missing, RuntimeError, ["Missing", "bias"]),
    "before init": (before_init, AttributeError, ["__init__"]),
    "no forward": (no_forward, NotImplementedError, ["forward"]),
    "no such attribute": (lambda: nn.Linear(2, 2).wieght, AttributeError, ["Linear", "wieght"]),
    "dropout p": (lambda: F.dropout(tn.ones(2), 1.5), ValueError, ["1.5"]),
    "empty optimizer": (lambda: tn.optim.SGD([], lr=0.1), ValueError, ["empty"]),
    "negative rate": (lambda: tn.optim.SGD([leaf()], lr=-1.0), ValueError, ["-1"]),
    "optimise a result": (lambda: tn.optim.SGD([leaf() * 2], lr=0.1), ValueError, ["leaf"]),
    "worker raises": (worker_raises, KeyError, ["row 5 is damaged"]),
    "batch size": (lambda: tn.utils.data.DataLoader([1, 2], batch_size=0), ValueError, ["batch_size"]),
    # files
    "no file": (
        lambda: tn.io.load_safetensors("no-such-file.safetensors"),
        (OSError, RuntimeError),
        ["no-such-file"],
    ),
    # numpy
    "object array": (lambda: tn.from_numpy(np.array([None])), TypeError, ["object"]),
    "negative strides": (lambda: tn.from_numpy(np.arange(3.0)[::-1]), ValueError, ["negative", "copy"]),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_program(name: str) -> None:
    program, kinds, words = WRONG[name]
    kinds = kinds if isinstance(kinds, tuple) else (kinds,)
    with pytest.raises(kinds) as caught:
        program()
    if len(kinds) > 1 and name in {"matmul inner", "broadcast"}:
        assert all(isinstance(caught.value, kind) for kind in kinds)
    for word in words:
        assert word in str(caught.value), f"{word!r} is not in: {caught.value}"


def test_the_library_still_works_afterwards() -> None:
    for program, kinds, _ in WRONG.values():
        with pytest.raises(kinds):
            program()
    assert (tn.ones(2) + 1).tolist() == [2.0, 2.0]
