"""Layers, losses, initial values and state dicts: values against NumPy, gradients against finite differences."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special

import tenon as tn
from tenon import nn

F = nn.functional


def array(t) -> np.ndarray:
    return t.detach().numpy()


def close(t, expected, tolerance=1e-6) -> None:
    np.testing.assert_allclose(array(t), expected, rtol=tolerance, atol=tolerance)


def double(*shape):
    return tn.randn(*shape, dtype=tn.float64)


# ---- values ------------------------------------------------------------------------------------------


def test_linear():
    layer = nn.Linear(3, 2)
    x = tn.randn(5, 3)
    close(layer(x), array(x) @ array(layer.weight).T + array(layer.bias))
    close(nn.Linear(3, 2, bias=False)(tn.zeros(3)), np.zeros(2))
    assert layer(tn.randn(2, 4, 3)).shape == (2, 4, 2)
    bound = 1 / math.sqrt(3)
    assert float(layer.weight.abs().max()) <= bound and float(layer.bias.abs().max()) <= bound


def test_activations():
    x = tn.linspace(-3, 3, 13)
    a = array(x)
    for module, function, expected in (
        (nn.ReLU(), F.relu, np.maximum(a, 0)),
        (nn.Sigmoid(), F.sigmoid, special.expit(a)),
        (nn.Tanh(), F.tanh, np.tanh(a)),
        (nn.SiLU(), F.silu, a * special.expit(a)),
        (nn.GELU(), F.gelu, a * special.ndtr(a)),
        (nn.LeakyReLU(0.2), lambda t: F.leaky_relu(t, 0.2), np.where(a > 0, a, 0.2 * a)),
        (nn.Softmax(0), lambda t: F.softmax(t, 0), special.softmax(a)),
        (nn.LogSoftmax(0), lambda t: F.log_softmax(t, 0), special.log_softmax(a)),
        (nn.Identity(3, some="thing"), lambda t: t, a),
    ):
        close(module(x), expected)
        close(function(x), expected)
    tanh = 0.5 * a * (1 + np.tanh(math.sqrt(2 / math.pi) * (a + 0.044715 * a**3)))
    close(nn.GELU(approximate="tanh")(x), tanh)
    y = x.clone()
    assert nn.ReLU(inplace=True)(y) is y
    close(y, np.maximum(a, 0))
    close(F.relu6(x * 4), np.clip(a * 4, 0, 6))
    close(F.hardtanh(x), np.clip(a, -1, 1))
    close(F.elu(x), np.where(a > 0, a, np.expm1(a)))
    close(F.softplus(x), np.log1p(np.exp(a)))
    close(F.logsigmoid(x), np.log(special.expit(a)))
    close(F.softmin(x, 0), special.softmax(-a))
    close(F.glu(x[:12], 0), a[:6] * special.expit(a[6:12]))
    with pytest.warns(UserWarning, match="Implicit dimension choice for softmax"):
        close(F.softmax(x), special.softmax(a))


@pytest.mark.parametrize("dtype", [tn.float32, tn.float64])
@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 8, 16, 17])
def test_softmax_keeps_rows_apart(n, dtype):
    a = np.random.default_rng(n).normal(size=(7, n), scale=20)
    for row, place, value in ((2, n - 1, np.nan), (3, 0, np.nan), (4, slice(None), -np.inf), (5, 0, np.inf)):
        a[row, place] = value  # each makes its row NaN, and no other
    x = tn.tensor(a.tolist(), dtype=dtype)
    a = array(x).astype(np.float64)
    a[2:6] = np.nan
    close(F.softmax(x, 1), special.softmax(a, 1))
    close(F.log_softmax(x, 1), special.log_softmax(a, 1), 1e-5)


def test_convolution():
    layer = nn.Conv2d(2, 4, 3, stride=2, padding=1, groups=2)
    x = tn.randn(2, 2, 6, 5)
    padded = np.pad(array(x), ((0, 0), (0, 0), (1, 1), (1, 1)))
    expected = np.zeros((2, 4, 3, 3), np.float32)
    for out in range(4):
        for i in range(3):
            for j in range(3):
                window = padded[:, out // 2, 2 * i : 2 * i + 3, 2 * j : 2 * j + 3]
                expected[:, out, i, j] = (window * array(layer.weight)[out, 0]).sum((1, 2)) + array(
                    layer.bias
                )[out]
    close(layer(x), expected, 1e-5)
    assert nn.Conv2d(1, 1, 3, padding="same")(tn.zeros(1, 1, 5, 5)).shape == (1, 1, 5, 5)
    assert nn.Conv2d(1, 1, (3, 1), padding_mode="reflect", padding=1)(tn.zeros(1, 1, 5, 5)).shape == (
        1,
        1,
        5,
        7,
    )
    assert nn.Conv1d(2, 3, 3)(tn.zeros(2, 7)).shape == (3, 5)
    ones = nn.Conv1d(1, 1, 3, padding=1, padding_mode="circular", bias=False)
    with tn.no_grad():
        ones.weight.fill_(1)
    close(ones(tn.tensor([[1.0, 2, 3, 4]])), [[7, 6, 9, 8]])
    for bad, text in (
        (dict(groups=2), "divisible by groups"),
        (dict(padding="some"), "Invalid padding string"),
        (dict(padding="same", stride=2), "strided"),
        (dict(padding_mode="mirror"), "padding_mode"),
    ):
        with pytest.raises(ValueError, match=text):
            nn.Conv2d(3, 4, 3, **bad)
    with pytest.raises(RuntimeError, match="expected input.* to have 2 channels"):
        layer(tn.zeros(2, 3, 6, 5))


def test_pooling():
    x = tn.arange(16.0).view(1, 1, 4, 4)
    close(nn.MaxPool2d(2)(x), [[[[5, 7], [13, 15]]]])
    close(nn.AvgPool2d(2, stride=1, padding=0)(x)[0, 0, 0], [2.5, 3.5, 4.5])
    close(nn.AdaptiveAvgPool2d(1)(x), [[[[7.5]]]])
    close(nn.AdaptiveAvgPool2d((4, 2))(x)[0, 0, 0], [0.5, 2.5])
    assert nn.MaxPool2d(3, 2, padding=1, ceil_mode=True)(tn.zeros(1, 1, 6, 6)).shape == (1, 1, 4, 4)
    values, indices = F.max_pool2d(x, 2, return_indices=True)
    assert indices.flatten().tolist() == [5, 7, 13, 15] and values.flatten().tolist() == [5, 7, 13, 15]
    assert nn.Flatten()(x).shape == (1, 16) and nn.Flatten(0, 2)(x).shape == (4, 4)


def test_batch_norm():
    layer = nn.BatchNorm2d(3)
    x = tn.randn(4, 3, 2, 2) * 2 + 1
    a = array(x)
    mean, var = a.mean((0, 2, 3)), a.var((0, 2, 3))
    shape = (1, 3, 1, 1)
    close(layer(x), (a - mean.reshape(shape)) / np.sqrt(var.reshape(shape) + 1e-5), 1e-5)
    close(layer.running_mean, 0.1 * mean, 1e-5)
    close(layer.running_var, 0.9 + 0.1 * a.var((0, 2, 3), ddof=1), 1e-5)
    assert int(layer.num_batches_tracked) == 1 and layer.num_batches_tracked.dtype == tn.int64
    layer.eval()
    before = layer.running_mean.clone()
    close(
        layer(x),
        (a - array(before).reshape(shape)) / np.sqrt(array(layer.running_var).reshape(shape) + 1e-5),
        1e-5,
    )
    assert tn.equal(layer.running_mean, before) and int(layer.num_batches_tracked) == 1


def test_batch_norm_of_all_batches():
    layer = nn.BatchNorm1d(2, momentum=None)
    batches = [tn.randn(8, 2) for _ in range(3)]
    for batch in batches:
        layer(batch)
    close(layer.running_mean, np.mean([array(b).mean(0) for b in batches], 0), 1e-5)
    close(layer.running_var, np.mean([array(b).var(0, ddof=1) for b in batches], 0), 1e-5)
    untracked = nn.BatchNorm1d(2, affine=False, track_running_stats=False).eval()
    assert list(untracked.state_dict()) == [] and untracked.running_mean is None and untracked.weight is None
    close(untracked(batches[0]).mean(0), np.zeros(2), 1e-6)
    with pytest.raises(ValueError, match="expected 2D or 3D input"):
        layer(tn.zeros(1, 2, 3, 4))
    with pytest.raises(ValueError, match="expected 4D input"):
        nn.BatchNorm2d(2)(tn.zeros(1, 2))
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        layer(tn.zeros(1, 2))


def test_layer_norm():
    layer = nn.LayerNorm([2, 3])
    x = tn.randn(4, 2, 3)
    a = array(x)
    expected = (a - a.mean((1, 2), keepdims=True)) / np.sqrt(a.var((1, 2), keepdims=True) + 1e-5)
    close(layer(x), expected, 1e-5)
    assert nn.LayerNorm(3).normalized_shape == (3,)
    assert nn.LayerNorm(3, bias=False).bias is None and not list(
        nn.LayerNorm(3, elementwise_affine=False).parameters()
    )


def test_embedding():
    layer = nn.Embedding(5, 3, padding_idx=-1)
    assert layer.padding_idx == 4 and not bool(layer.weight[4].any())
    ids = tn.tensor([[1, 4], [1, 0]])
    out = layer(ids)
    close(out, array(layer.weight)[array(ids)])
    out.sum().backward()
    close(layer.weight.grad[:, 0], [1, 2, 0, 0, 0])
    frozen = nn.Embedding.from_pretrained(tn.eye(3))
    assert not frozen.weight.requires_grad and frozen(tn.tensor(1)).tolist() == [0, 1, 0]
    with pytest.raises(ValueError, match="[Pp]adding_idx"):
        nn.Embedding(3, 2, padding_idx=3)
    with pytest.raises(IndexError):
        layer(tn.tensor([5]))


def test_dropout():
    tn.manual_seed(3)
    x = tn.ones(200, 100)
    layer = nn.Dropout(0.3)
    y = layer(x)
    kept = array(y) != 0
    # 20,000 draws: the share kept lies within 5 standard deviations of 0.7.
    assert abs(kept.mean() - 0.7) < 5 * math.sqrt(0.21 / 20000)
    np.testing.assert_allclose(array(y)[kept], 1 / 0.7, rtol=1e-6)
    tn.manual_seed(3)
    assert tn.equal(layer(x), y)
    assert layer.eval()(x) is x or tn.equal(layer(x), x)
    close(nn.Dropout(1.0)(x), np.zeros((200, 100)))
    with pytest.raises(ValueError, match="between 0 and 1"):
        nn.Dropout(1.5)


# ---- losses ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
def test_losses(reduction):
    x, target = tn.randn(4, 3), tn.tensor([0, 2, 1, 2])
    reduce = {"none": lambda v: v, "sum": np.sum, "mean": np.mean}[reduction]
    log_p = special.log_softmax(array(x), 1)
    picked = -log_p[np.arange(4), array(target)]
    close(nn.CrossEntropyLoss(reduction=reduction)(x, target), reduce(picked))
    close(nn.NLLLoss(reduction=reduction)(tn.tensor(log_p), target), reduce(picked))
    y = tn.randn(4, 3)
    d = array(x) - array(y)
    close(nn.MSELoss(reduction=reduction)(x, y), reduce(d**2))
    close(nn.L1Loss(reduction=reduction)(x, y), reduce(np.abs(d)))
    smooth = np.where(np.abs(d) < 0.5, d**2, np.abs(d) - 0.25)
    close(nn.SmoothL1Loss(reduction=reduction, beta=0.5)(x, y), reduce(smooth))
    p, t = special.expit(array(x)), (array(y) > 0).astype(np.float32)
    bce = -(t * np.log(p) + (1 - t) * np.log1p(-p))
    close(nn.BCELoss(reduction=reduction)(tn.tensor(p), tn.tensor(t)), reduce(bce), 1e-5)
    close(nn.BCEWithLogitsLoss(reduction=reduction)(x, tn.tensor(t)), reduce(bce), 1e-5)


def test_cross_entropy_options():
    x, target = tn.randn(4, 3), tn.tensor([0, -100, 1, 2])
    weight = tn.tensor([1.0, 2.0, 3.0])
    log_p = special.log_softmax(array(x), 1)
    rows, classes = np.array([0, 2, 3]), np.array([0, 1, 2])
    w = array(weight)[classes]
    close(nn.CrossEntropyLoss(weight)(x, target), (-log_p[rows, classes] * w).sum() / w.sum())
    # Smoothing spreads 0.1 over all classes.
    smooth = 0.9 * -log_p[rows, classes] - 0.1 * log_p[rows].mean(1)
    close(nn.CrossEntropyLoss(label_smoothing=0.1)(x, target), smooth.mean())
    soft = special.softmax(np.random.default_rng(0).normal(size=(4, 3)), 1).astype(np.float32)
    close(nn.CrossEntropyLoss()(x, tn.tensor(soft)), -(soft * log_p).sum(1).mean())
    loss = nn.CrossEntropyLoss(weight)
    assert list(loss.state_dict()) == ["weight"] and loss.weight is weight
    assert nn.MSELoss(size_average=False).reduction == "sum" and nn.MSELoss(reduce=False).reduction == "none"
    positive = tn.tensor([2.0, 1.0, 1.0])
    t = tn.ones(4, 3)
    close(
        nn.BCEWithLogitsLoss(pos_weight=positive)(x, t),
        (array(positive) * np.log1p(np.exp(-array(x)))).mean(),
    )
    with pytest.raises(ValueError, match="reduction|is not a valid value"):
        nn.MSELoss(reduction="average")(x, x)


# ---- gradients ------------------------------------------------------------------------------------------


def check_gradients(module, *inputs, step=1e-6):
    """Central differences in float64 of a weighted sum of the outputs, for inputs and parameters."""
    module = module.double()
    variables = [x for x in inputs if x.is_floating_point()]
    for x in variables:
        x.requires_grad_()
    variables += list(module.parameters())
    weights = None

    def value():
        nonlocal weights
        out = module(*inputs)
        if weights is None:
            weights = tn.linspace(0.5, 1.5, out.numel(), dtype=tn.float64).view(out.shape)
        return (out * weights).sum()

    gradients = tn.autograd.grad(value(), variables)
    with tn.no_grad():
        for variable, gradient in zip(variables, gradients, strict=True):
            flat, expected = variable.data.view(-1), []
            for i in range(flat.numel()):
                kept = float(flat[i])
                flat[i] = kept + step
                high = float(value())
                flat[i] = kept - step
                low = float(value())
                flat[i] = kept
                expected.append((high - low) / (2 * step))
            np.testing.assert_allclose(array(gradient).ravel(), expected, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (lambda: nn.Linear(3, 2), (4, 3)),
        (lambda: nn.Conv1d(2, 3, 2), (2, 2, 5)),
        (lambda: nn.Conv2d(2, 2, 3, stride=2, padding=1, bias=False), (2, 2, 5, 4)),
        (lambda: nn.Conv2d(2, 4, 2, groups=2, dilation=2, padding_mode="reflect", padding=1), (1, 2, 4, 4)),
        (lambda: nn.BatchNorm1d(3, track_running_stats=False), (4, 3)),
        (lambda: nn.BatchNorm2d(2).eval(), (2, 2, 3, 2)),
        (lambda: nn.LayerNorm(4), (3, 4)),
        (lambda: nn.MaxPool2d(2), (1, 2, 4, 4)),
        (lambda: nn.AvgPool2d(3, 1, 1), (1, 2, 4, 4)),
        (lambda: nn.AdaptiveAvgPool2d(3), (1, 1, 5, 4)),
        (lambda: nn.GELU(), (7,)),
        (lambda: nn.GELU("tanh"), (7,)),
        (lambda: nn.Sigmoid(), (7,)),
        (lambda: nn.Tanh(), (7,)),
        (lambda: nn.SiLU(), (7,)),
        (lambda: nn.LeakyReLU(0.1), (7,)),
        (lambda: nn.Softmax(1), (3, 4)),
        (lambda: nn.LogSoftmax(0), (3, 4)),
        (lambda: nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)), (5, 3)),
    ],
)
def test_gradients(make, shape):
    tn.manual_seed(1)
    check_gradients(make(), double(*shape))


@pytest.mark.parametrize(
    ("loss", "target"),
    [
        (nn.CrossEntropyLoss(label_smoothing=0.1), tn.tensor([0, 2, 1])),
        (nn.NLLLoss(), tn.tensor([0, 2, 1])),
        (nn.MSELoss(), None),
        (nn.L1Loss(reduction="sum"), None),
        (nn.SmoothL1Loss(), None),
        (nn.BCEWithLogitsLoss(), None),
    ],
)
def test_gradients_of_losses(loss, target):
    tn.manual_seed(2)
    check_gradients(loss, double(3, 4), double(3, 4) if target is None else target)


# ---- modules as a whole -------------------------------------------------------------------------------


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3)
        self.norm = nn.BatchNorm2d(2)
        self.head = nn.ModuleDict({"a": nn.Linear(2, 3), "b": nn.Linear(2, 1, bias=False)})
        self.layers = nn.ModuleList([nn.ReLU(), nn.ReLU(), nn.Dropout(0.1)])
        self.scale = nn.Parameter(tn.ones(1))

    def forward(self, x):
        return self.head["a"](self.norm(self.conv(x)).mean((2, 3)) * self.scale)


def test_state_dict_round_trip():
    net = Net()
    keys = (
        "scale conv.weight conv.bias norm.weight norm.bias norm.running_mean norm.running_var "
        "norm.num_batches_tracked head.a.weight head.a.bias head.b.weight"
    ).split()
    state = net.state_dict()
    assert list(state) == keys and not state["scale"].requires_grad
    assert state._metadata["norm"] == {"version": 2}
    other = Net()
    assert str(other.load_state_dict(state)) == "<All keys matched successfully>"
    for key, value in other.state_dict().items():
        assert tn.equal(value, state[key])
    with tn.no_grad():
        state["scale"].fill_(7)
    assert float(net.scale) == 7 and float(other.scale) == 1
    assert list(net.state_dict(prefix="x."))[0] == "x.scale"
    assert net.state_dict(keep_vars=True)["scale"] is net.scale


def test_load_errors_list_everything():
    net = Net()
    state = net.state_dict()
    del state["scale"], state["conv.bias"]
    state["extra"] = tn.ones(1)
    state["conv.more"] = tn.ones(1)
    with pytest.raises(RuntimeError) as error:
        net.load_state_dict(state)
    assert str(error.value) == (
        "Error(s) in loading state_dict for Net:\n"
        '\tMissing key(s) in state_dict: "scale", "conv.bias". \n'
        '\tUnexpected key(s) in state_dict: "extra", "conv.more". '
    )
    found = net.load_state_dict(state, strict=False)
    assert found.missing_keys == ["scale", "conv.bias"] and found.unexpected_keys == ["extra", "conv.more"]
    with pytest.raises(
        RuntimeError,
        match=r"size mismatch for conv.weight: copying a param with shape \(1, 2\) from checkpoint, the shape in current model is \(2, 1, 3, 3\)",
    ):
        net.load_state_dict({**net.state_dict(), "conv.weight": tn.ones(1, 2)})
    with pytest.raises(TypeError, match="dict-like"):
        net.load_state_dict([1])
    with pytest.raises(RuntimeError, match="expected tenon.Tensor"):
        net.load_state_dict({**net.state_dict(), "scale": 3})


def test_assign_and_hooks_of_state_dicts():
    net = Net()
    fresh = tn.full((1,), 5.0)
    net.load_state_dict({**net.state_dict(), "scale": fresh}, assign=True)
    assert net.scale.data_ptr() == fresh.data_ptr() and isinstance(net.scale, nn.Parameter)
    net.register_state_dict_post_hook(lambda m, state, prefix, meta: state.pop("scale") and None)
    assert "scale" not in net.state_dict()
    other = Net()
    other.register_load_state_dict_pre_hook(lambda m, state, prefix, *rest: state.update(scale=tn.zeros(1)))
    other.register_load_state_dict_post_hook(lambda m, keys: keys.missing_keys.clear())
    other.load_state_dict(net.state_dict())
    assert float(other.scale) == 0


def test_repr():
    assert (
        repr(Net())
        == """Net(
  (conv): Conv2d(1, 2, kernel_size=(3, 3), stride=(1, 1))
  (norm): BatchNorm2d(2, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
  (head): ModuleDict(
    (a): Linear(in_features=2, out_features=3, bias=True)
    (b): Linear(in_features=2, out_features=1, bias=False)
  )
  (layers): ModuleList(
    (0-1): 2 x ReLU()
    (2): Dropout(p=0.1, inplace=False)
  )
)"""
    )
    for module, text in (
        (
            nn.Conv2d(4, 4, (3, 5), 2, 1, 2, 2, False, "reflect"),
            "Conv2d(4, 4, kernel_size=(3, 5), stride=(2, 2), padding=(1, 1), dilation=(2, 2), groups=2, bias=False, padding_mode=reflect)",
        ),
        (nn.Conv1d(1, 1, 3, padding="same"), "Conv1d(1, 1, kernel_size=(3,), stride=(1,), padding=same)"),
        (
            nn.MaxPool2d((2, 3), stride=2),
            "MaxPool2d(kernel_size=(2, 3), stride=2, padding=0, dilation=1, ceil_mode=False)",
        ),
        (nn.AvgPool2d(3), "AvgPool2d(kernel_size=3, stride=3, padding=0)"),
        (nn.AdaptiveAvgPool2d((1, 2)), "AdaptiveAvgPool2d(output_size=(1, 2))"),
        (
            nn.BatchNorm1d(3, momentum=None),
            "BatchNorm1d(3, eps=1e-05, momentum=None, affine=True, track_running_stats=True)",
        ),
        (nn.LayerNorm((2, 3)), "LayerNorm((2, 3), eps=1e-05, elementwise_affine=True, bias=True)"),
        (nn.LayerNorm(3), "LayerNorm((3,), eps=1e-05, elementwise_affine=True, bias=True)"),
        (nn.Embedding(5, 2, padding_idx=1), "Embedding(5, 2, padding_idx=1)"),
        (nn.Flatten(), "Flatten(start_dim=1, end_dim=-1)"),
        (nn.ReLU(inplace=True), "ReLU(inplace=True)"),
        (nn.GELU(), "GELU(approximate='none')"),
        (nn.LeakyReLU(0.2), "LeakyReLU(negative_slope=0.2)"),
        (nn.Softmax(dim=1), "Softmax(dim=1)"),
        (nn.CrossEntropyLoss(), "CrossEntropyLoss()"),
        (nn.Sequential(), "Sequential()"),
        (nn.ModuleList(), "ModuleList()"),
        (nn.Identity(), "Identity()"),
    ):
        assert repr(module) == text


def test_to_and_modes():
    net = Net()
    weight = net.conv.weight
    assert net.to(tn.float64) is net
    assert net.conv.weight is weight and weight.dtype == tn.float64
    assert net.norm.running_mean.dtype == tn.float64 and net.norm.num_batches_tracked.dtype == tn.int64
    net(tn.randn(2, 1, 5, 5, dtype=tn.float64)).sum().backward()
    net.float()
    assert net.conv.weight.grad.dtype == tn.float32 and weight.is_leaf
    with pytest.raises(TypeError, match="floating point"):
        net.to(tn.int32)
    assert all(not m.training for m in net.eval().modules()) and all(
        m.training for m in net.train().modules()
    )
    with pytest.raises(ValueError, match="boolean"):
        net.train("yes")
    net.requires_grad_(False)
    assert not any(p.requires_grad for p in net.parameters())
    meta = Net().to("meta")
    assert meta.conv.weight.is_meta and meta(tn.zeros(2, 1, 5, 5, device="meta")).shape == (2, 3)
    assert nn.Linear(2, 3, device="meta", dtype=tn.float64).weight.is_meta


def test_zero_grad_and_apply():
    net = Net()
    net(tn.randn(2, 1, 5, 5)).sum().backward()
    net.zero_grad(set_to_none=False)
    assert float(net.conv.weight.grad.abs().sum()) == 0
    net.zero_grad()
    assert net.conv.weight.grad is None
    seen = []
    assert net.apply(lambda m: seen.append(type(m).__name__)) is net
    assert seen[0] == "Conv2d" and seen[-1] == "Net" and len(seen) == 10


def test_names_and_paths():
    net = Net()
    assert [n for n, _ in net.named_children()] == ["conv", "norm", "head", "layers"]
    assert net.get_submodule("head.a") is net.head["a"] and net.get_submodule("") is net
    assert net.get_parameter("head.a.weight") is net.head["a"].weight
    assert net.get_buffer("norm.running_mean") is net.norm.running_mean
    with pytest.raises(AttributeError, match="has no attribute `x`"):
        net.get_submodule("head.x")
    with pytest.raises(AttributeError, match="is not an nn.Module"):
        net.get_submodule("conv.weight")
    net.set_submodule("head.a", nn.Identity())
    assert isinstance(net.head["a"], nn.Identity)
    for path in (
        "linear.Linear",
        "container.ModuleList",
        "batchnorm._BatchNorm",
        "conv.Conv2d",
        "loss.MSELoss",
    ):
        file, name = path.split(".")
        assert getattr(getattr(nn.modules, file), name).__module__ == f"tenon.nn.modules.{file}"


def test_containers():
    seq = nn.Sequential(nn.Linear(1, 2), nn.ReLU())
    seq.append(nn.Linear(2, 3))
    seq.insert(1, nn.Tanh())
    assert [type(m).__name__ for m in seq] == ["Linear", "Tanh", "ReLU", "Linear"] and len(seq) == 4
    assert type(seq[1:3]) is nn.Sequential and seq[-1] is seq[3] and len(seq[:2] + seq[2:]) == 4
    del seq[1]
    assert list(seq._modules) == ["0", "1", "2"] and isinstance(seq.pop(1), nn.ReLU)
    with pytest.raises(IndexError):
        seq[5]
    from collections import OrderedDict

    named = nn.Sequential(OrderedDict(first=nn.ReLU(), second=nn.Tanh()))
    assert isinstance(named.second, nn.Tanh) and list(named._modules) == ["first", "second"]
    layers = nn.ModuleList(nn.Linear(1, 1) for _ in range(3))
    layers += [nn.ReLU()]
    layers[0] = nn.Tanh()
    assert len(layers) == 4 and isinstance(layers[0], nn.Tanh) and layers[-1] in layers
    both = nn.ModuleDict({"x": nn.ReLU()})
    both["y"] = nn.Linear(1, 1)
    both.update({"z": nn.Tanh()})
    assert list(both) == ["x", "y", "z"] and "y" in both and isinstance(both.pop("z"), nn.Tanh)
    held = nn.ParameterList([tn.ones(1), nn.Parameter(tn.zeros(2))])
    assert len(list(held.parameters())) == 2 and isinstance(held[0], nn.Parameter)
    assert list(nn.ParameterDict({"a": tn.ones(1)}).state_dict()) == ["a"]
    with pytest.raises(TypeError, match="not a Module subclass"):
        nn.Sequential(lambda x: x)


# ---- initial values and utils ----------------------------------------------------------------------------


def test_initialisers():
    tn.manual_seed(0)
    w = tn.empty(60, 40)
    for function, std in (
        (lambda: nn.init.xavier_uniform_(w), math.sqrt(2 / 100)),
        (lambda: nn.init.xavier_normal_(w, gain=2.0), 2 * math.sqrt(2 / 100)),
        (lambda: nn.init.kaiming_uniform_(w, nonlinearity="relu"), math.sqrt(2 / 40)),
        (lambda: nn.init.kaiming_normal_(w, mode="fan_out", nonlinearity="relu"), math.sqrt(2 / 60)),
        (lambda: nn.init.normal_(w, 1.0, 0.5), 0.5),
        (lambda: nn.init.uniform_(w, -1, 2), 3 / math.sqrt(12)),
    ):
        assert function() is w
        # 2,400 draws: the sample's deviation is within 10 % of the distribution's.
        assert abs(float(w.std()) / std - 1) < 0.1
    nn.init.trunc_normal_(w, std=2.0)
    assert float(w.min()) >= -2 and float(w.max()) <= 2 and 0.9 < float(w.std()) < 1.2
    for shape in ((5, 3), (3, 5), (4, 4), (2, 3, 2)):
        q = nn.init.orthogonal_(tn.empty(shape, dtype=tn.float64), gain=2.0)
        m = array(q).reshape(shape[0], -1)
        product = m @ m.T if m.shape[0] <= m.shape[1] else m.T @ m
        np.testing.assert_allclose(product, 4 * np.eye(len(product)), atol=1e-12)
    close(nn.init.eye_(tn.empty(2, 3)), np.eye(2, 3))
    close(nn.init.constant_(tn.empty(2), 3.5), [3.5, 3.5])
    passed = F.conv1d(tn.arange(8.0).view(1, 2, 4), nn.init.dirac_(tn.empty(2, 2, 3)), padding=1)
    close(passed, np.arange(8.0).reshape(1, 2, 4))
    assert int((nn.init.sparse_(tn.empty(10, 4), 0.3) == 0).sum()) == 12
    assert nn.init.calculate_gain("tanh") == 5 / 3 and nn.init.calculate_gain("leaky_relu", 1.0) == 1.0
    parameter = nn.Parameter(tn.empty(2))
    assert nn.init.ones_(parameter) is parameter and parameter.is_leaf and parameter.requires_grad
    with pytest.raises(ValueError, match="fewer than 2 dimensions"):
        nn.init.xavier_uniform_(tn.empty(3))
    with pytest.raises(ValueError, match="Unsupported nonlinearity"):
        nn.init.calculate_gain("wave")
    with pytest.raises(ValueError, match="fan_in"):
        nn.init.kaiming_normal_(w, mode="fan")


def test_utils():
    a, b = nn.Parameter(tn.ones(2)), nn.Parameter(tn.ones(1))
    a.grad, b.grad = tn.tensor([3.0, 0.0]), tn.tensor([4.0])
    assert float(nn.utils.clip_grad_norm_([a, b], 1.0)) == 5
    close(a.grad, [0.6, 0], 1e-5)
    close(b.grad, [0.8], 1e-5)
    assert float(nn.utils.clip_grad_norm_([a, b], 10.0, norm_type=math.inf)) == pytest.approx(0.8, 1e-5)
    nn.utils.clip_grad_value_([a, b], 0.5)
    close(a.grad, [0.5, 0])
    b.grad = tn.tensor([math.nan])
    with pytest.raises(RuntimeError, match="non-finite"):
        nn.utils.clip_grad_norm_([a, b], 1.0, error_if_nonfinite=True)
    net = nn.Linear(2, 1)
    vector = nn.utils.parameters_to_vector(net.parameters())
    assert vector.shape == (3,)
    nn.utils.vector_to_parameters(tn.tensor([1.0, 2, 3]), net.parameters())
    assert net.weight.tolist() == [[1, 2]] and net.bias.tolist() == [3] and net.weight.is_leaf


def test_same_seed_same_weights():
    made = []
    for _ in range(2):
        tn.manual_seed(5)
        made.append(nn.Sequential(nn.Linear(4, 3), nn.Conv2d(1, 2, 3), nn.Embedding(3, 2)).state_dict())
    assert all(tn.equal(a, b) for a, b in zip(made[0].values(), made[1].values(), strict=True))
