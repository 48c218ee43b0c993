"""Export: from a model in Python to a program and a file that compute the same."""

import re
from pathlib import Path

import numpy as np
import pytest

import tenon as tn
from tenon import nn
from tenon.nn import functional as F


def line_of(text: str) -> int:
    lines = Path(__file__).read_text().splitlines()
    return next(i for i, line in enumerate(lines, 1) if text in line and "line_of" not in line)


def same(a: tn.Tensor, b: tn.Tensor) -> bool:
    return a.dtype == b.dtype and a.shape == b.shape and bool((a == b).all())


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten())
        self.head = nn.Linear(36, 5)

    def forward(self, image):
        return self.head(self.body(image))


def test_a_file_computes_what_the_model_does(tmp_path):
    tn.manual_seed(0)
    model = Net().eval()
    path = tmp_path / "net.tenon"
    made = tn.export(
        model, tn.rand(2, 1, 8, 8), path, dynamic={"batch"}, fusion=False, labels=list("abcde"),
        license="Apache-2.0", metadata={"author": "us"},
    )  # fmt: skip
    loaded = tn.load_program(path)
    for batch in (1, 2, 7):
        x = tn.rand(batch, 1, 8, 8)
        assert same(made(x), model(x))
        assert same(loaded(x), model(x))
        assert same(loaded(image=x.numpy()), model(x))
    assert loaded.inputs == ["image"] and loaded.outputs == ["output"] and loaded.functions == ["forward"]
    assert loaded.labels == list("abcde")
    assert loaded.metadata["license"] == "Apache-2.0" and loaded.metadata["author"] == "us"
    assert "body.0.weight" in str(made) and "test_export.py:" in str(made)
    fused = tn.export(model, tn.rand(2, 1, 8, 8), dynamic={"batch"})
    assert tn.allclose(fused(x), model(x), rtol=1e-5, atol=1e-6)


def test_several_results_and_named_inputs():
    def both(a, b):
        return {"sum": a + b, "product": a * b, "same": a}

    made = tn.export(both, {"a": tn.rand(3), "b": tn.rand(3)}, dynamic={"a": {0: "n"}, "b": {0: "n"}})
    a, b = tn.rand(5), tn.rand(5)
    out = made(a, b=b)
    assert list(out) == ["sum", "product", "same"]
    assert same(out["sum"], a + b) and same(out["product"], a * b) and same(out["same"], a)
    made = tn.export(lambda x: (x, x, x + 1), tn.rand(3))
    assert [same(y, a[:3] + d) for y, d in zip(made(a[:3]), (0, 0, 1), strict=True)] == [True] * 3
    with pytest.raises(
        tn.errors.TypeError if hasattr(tn.errors, "TypeError") else TypeError, match="missing"
    ):
        made()
    with pytest.raises(RuntimeError):
        made(tn.rand(4))


def test_as_pytorch_spells_it():
    batch = tn.export.Dim("batch")
    made = tn.export.export(Net().eval(), (tn.rand(2, 1, 8, 8),), dynamic_shapes={"image": {0: batch}})
    assert made(tn.rand(3, 1, 8, 8)).shape == (3, 5)


def test_sizes_compute():
    def f(x):
        n, h, w = x.shape
        flat = x.reshape(n, h * w)
        padded = tn.zeros(n, h * w + 2)
        padded[:, 1:-1] = flat
        mean = flat.sum(1) / (h * w)
        middle = x[:, h // 2 :, : w - 1]
        return padded, mean, middle * 1, tn.arange(w) + n, x.view(n, -1).sum() / x.numel()

    x = tn.rand(2, 6, 4)
    made = tn.export(f, x, dynamic={"x": {0: "n", 1: "h", 2: "w"}})
    for shape in ((2, 6, 4), (1, 3, 5), (4, 10, 2)):
        x = tn.rand(*shape)
        for found, expected in zip(made(x), f(x), strict=True):
            assert same(found, expected)


def test_writes_in_place_and_through_views():
    def f(x):
        y = x * 1
        rows = y[1:]
        y[0] = 7
        y.t()[1].mul_(3)
        rows += y[:1]
        y[y > 2] = -1
        return y, rows

    made = tn.export(f, tn.rand(4, 3))
    x = tn.rand(4, 3)
    kept = x.clone()
    for found, expected in zip(made(x), f(x), strict=True):
        assert same(found, expected)
    assert same(x, kept)


def test_state_becomes_slots():
    norm = nn.BatchNorm1d(3)
    made = tn.export(norm, tn.rand(4, 3), dynamic={"batch"})
    assert norm.num_batches_tracked.item() == 0 and norm.running_mean.abs().sum().item() == 0
    assert sorted(made.state) == ["num_batches_tracked", "running_mean", "running_var"]
    for batch in (4, 5):
        x = tn.rand(batch, 3)
        assert same(made(x), norm(x))
    tn.manual_seed(1)
    x = tn.rand(4, 3)
    before = tn.get_rng_state()
    made = tn.export(nn.Dropout(0.5), x)
    assert same(before, tn.get_rng_state())
    assert made.state == ["generator"]
    layer = nn.Dropout(0.5)
    assert same(made(x), layer(x)) and same(made(x), layer(x))


def test_gradients_inside():
    def f(x):
        x = x.detach().requires_grad_()
        return tn.autograd.grad((x.sin() * x).sum(), x)[0]

    made = tn.export(f, tn.rand(4))
    x = tn.rand(4)
    assert tn.allclose(made(x), f(x))


def test_functions_of_the_user():
    class Double(tn.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g * 2

    made = tn.export(lambda x: Double.apply(x) + 1, tn.rand(3))
    x = tn.rand(3)
    assert same(made(x), x * 2 + 1)


def branch_on_data(x):
    if x.sum() > 0:  # branch
        return x
    return -x


def branch_on_size(x):
    if x.shape[0] > 4:  # size branch
        return x
    return -x


def loop(x):
    for _ in range(x.shape[0]):  # loop
        x = x + 1
    return x


@pytest.mark.parametrize(
    ("function", "mark", "what"),
    [
        (branch_on_data, "# branch", "bool"),
        (lambda x: x * x.sum().item(), "lambda x: x * x.sum().item()", "item"),
        (lambda x: x * float(x.sum()), "lambda x: x * float(x.sum())", "float"),
        (lambda x: tn.tensor(x.numpy()), "lambda x: tn.tensor(x.numpy())", "NumPy"),
        (lambda x: tn.tensor(x.tolist()), "lambda x: tn.tensor(x.tolist())", "tolist"),
        (lambda x: x * len(x), "lambda x: x * len(x)", "len"),
        (lambda x: x * int(x.shape[0]), "lambda x: x * int(x.shape[0])", "int"),
        (branch_on_size, "# size branch", "> 4"),
        (loop, "# loop", "range"),
        (lambda x: x.data_ptr() and x, "lambda x: x.data_ptr() and x", "data_ptr"),
    ],
)
def test_what_cannot_be_traced_names_the_line(function, mark, what):
    with pytest.raises(tn.TraceError, match=re.escape(what)) as error:
        tn.export(function, tn.rand(3), dynamic={"batch"})
    assert f"test_export.py:{line_of(mark)}" in str(error.value)


def test_printing_is_allowed(capsys):
    def f(x):
        print("here", x, x.shape)
        return x + 1

    tn.export(f, tn.rand(3), dynamic={"batch"})
    assert "(batch,) float32" in capsys.readouterr().out


def test_the_second_example_finds_what_was_taken_for_good():
    scale = {}

    def f(x):
        scale.setdefault("n", tn.tensor(float(np.asarray(x.shape[-1]))))
        return x.sum(0) + scale.setdefault("first", 0) * 0 + calls.pop()

    calls = [3.0, 2.0, 1.0]
    with pytest.raises(tn.TraceError, match="second example output 'output' differs"):
        tn.export(f, tn.rand(3, 4), dynamic={"batch"})

    def fixed(x):
        return x.reshape(-1, 4)[:3] * 1

    tn.export(fixed, tn.rand(3, 4), dynamic={"batch"}, second_example=tn.rand(5, 4))


def test_sizes_that_depend_on_data():
    made = tn.export(lambda x: x[x > 0.5] * 2, tn.rand(8), dynamic={"batch"})
    for n in (4, 9):
        x = tn.rand(n)
        assert same(made(x), x[x > 0.5] * 2)


def test_bad_arguments():
    with pytest.raises(ValueError, match="no input"):
        tn.export(lambda x: x, tn.rand(2), dynamic={"y": {0: "n"}})
    with pytest.raises(ValueError, match="one name"):
        tn.export(lambda x: x, tn.rand(2), dynamic={"a", "b"})
    with pytest.raises(tn.TraceError, match="output is int"):
        tn.export(lambda x: 3, tn.rand(2))
    with pytest.raises(IndexError):
        tn.export(lambda x: x, tn.rand(2), dynamic={"x": {1: "n"}})


def test_pictures_of_any_size():
    class Shrink(nn.Module):
        def forward(self, image):
            grey = image.float().mean(0) / 255
            ink = tn.where(grey.mean() > 0.5, 1 - grey, grey)
            return F.adaptive_avg_pool2d(ink[None, None], (4, 4))

    model = Shrink()
    picture = tn.randint(0, 256, (3, 20, 16), dtype=tn.uint8)
    made = tn.export(model, picture, dynamic={"image": {1: "height", 2: "width"}}, fusion=False)
    for shape in ((3, 20, 16), (3, 9, 30), (3, 3, 3)):
        picture = tn.randint(0, 256, shape, dtype=tn.uint8)
        assert same(made(picture), model(picture))
