"""Optimisers against the formulas in float64, their groups, states, dictionaries and errors."""

import copy
import gc
import inspect
import pickle
import weakref

import numpy as np
import pytest

import tenon as tn
from tenon import optim

SHAPES = [(3, 5), (4,), (), (2, 0), (2, 3, 4)]


# ---- reference formulas --------------------------------------------------------------------------


class ReferenceSGD:
    def __init__(self, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False):
        self.__dict__.update({k: v for k, v in locals().items() if k != "self"})
        self.buffers = {}

    def update(self, key, p, g):
        g = -g if self.maximize else g
        g = g + self.weight_decay * p
        if self.momentum:
            if key in self.buffers:
                buffer = self.momentum * self.buffers[key] + (1 - self.dampening) * g
            else:
                buffer = g
            self.buffers[key] = buffer
            g = g + self.momentum * buffer if self.nesterov else buffer
        return p - self.lr * g


class ReferenceAdam:
    def __init__(
        self,
        lr,
        betas=(0.9, 0.999),
        eps=1e-8,
        weight_decay=0,
        amsgrad=False,
        maximize=False,
        decoupled=False,
    ):
        self.__dict__.update({k: v for k, v in locals().items() if k != "self"})
        self.states = {}

    def update(self, key, p, g):
        g = -g if self.maximize else g
        t, m, v, most = self.states.get(key, (0, 0.0, 0.0, 0.0))
        b1, b2 = self.betas
        if self.decoupled:
            p = p * (1 - self.lr * self.weight_decay)
        else:
            g = g + self.weight_decay * p
        t, m, v = t + 1, b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        most = np.maximum(most, v)
        self.states[key] = (t, m, v, most)
        used = (most if self.amsgrad else v) / (1 - b2**t)
        return p - self.lr * (m / (1 - b1**t)) / (np.sqrt(used) + self.eps)


CASES = [
    (optim.SGD, {"lr": 0.1}),
    (optim.SGD, {"lr": 0.1, "weight_decay": 0.1}),
    (optim.SGD, {"lr": 0.1, "momentum": 0.9}),
    (optim.SGD, {"lr": 0.1, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.01}),
    (optim.SGD, {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    (optim.SGD, {"lr": 0.1, "momentum": 0.8, "nesterov": True, "weight_decay": 0.01}),
    (optim.SGD, {"lr": 0.1, "momentum": 0.9, "maximize": True, "weight_decay": 0.01}),
    (optim.SGD, {"lr": 0.1, "maximize": True}),
    (optim.Adam, {"lr": 0.01}),
    (optim.Adam, {"lr": 0.01, "betas": (0.5, 0.9), "eps": 1e-4, "weight_decay": 0.1}),
    (optim.Adam, {"lr": 0.01, "amsgrad": True}),
    (optim.Adam, {"lr": 0.01, "amsgrad": True, "maximize": True, "weight_decay": 0.1}),
    (optim.AdamW, {"lr": 0.01}),
    (optim.AdamW, {"lr": 0.01, "weight_decay": 0.3, "amsgrad": True}),
    (optim.AdamW, {"lr": 0.01, "maximize": True, "betas": (0.8, 0.95)}),
]


def reference(cls, options):
    if cls is optim.SGD:
        return ReferenceSGD(**options)
    if cls is optim.AdamW:
        return ReferenceAdam(**{"weight_decay": 1e-2, **options}, decoupled=True)
    return ReferenceAdam(**options)


def leaf(values, dtype=None):
    out = tn.tensor(values, dtype=dtype)
    return out.requires_grad_(True)


def plain(tensor):
    return tensor.detach().to(tn.float64).numpy().copy()


def contiguous(array, dtype):
    return tn.tensor(array, dtype=dtype)


def transposed(array, dtype):
    return tn.tensor(np.ascontiguousarray(array.T), dtype=dtype).permute(*range(array.ndim)[::-1])


def strided(array, dtype):
    wide = np.full((*array.shape, 3), 7.0)
    wide[..., 1] = array
    return tn.tensor(wide, dtype=dtype)[..., 1]


LAYOUTS = {"contiguous": contiguous, "transposed": transposed, "strided": strided}


@pytest.mark.parametrize("cls,options", CASES, ids=str)
@pytest.mark.parametrize("dtype", [tn.float64, tn.float32], ids=str)
def test_values_over_200_steps(cls, options, dtype):
    rng = np.random.default_rng(0)
    values = [rng.normal(size=s) for s in SHAPES]
    params = [leaf(v, dtype) for v in values]
    expected = [plain(p) for p in params]
    optimizer, formula = cls(params, **options), reference(cls, options)
    for _ in range(200):
        for i, p in enumerate(params):
            # A bowl whose centre moves: gradients stay of the size of the values.
            gradient = np.asarray(np.cos(expected[i]) + rng.normal(size=SHAPES[i]))
            p.grad = tn.tensor(gradient, dtype=dtype)
            expected[i] = formula.update(i, expected[i], plain(p.grad))
        optimizer.step()
    # float32: 200 roundings of 6e-8 of values up to about 10, more where Adam divides by small numbers.
    tolerance = 1e-11 if dtype == tn.float64 else 2e-4
    for p, e in zip(params, expected, strict=True):
        np.testing.assert_allclose(plain(p), e, rtol=tolerance, atol=tolerance)


def test_both_languages_give_these_bits():
    # The same numbers stand in tests/cpp/optim/optim_test.cpp. All of the arithmetic is exact.
    p = leaf([0.25, -0.5, 1.0], tn.float64)
    optimizer = optim.SGD([p], lr=0.5, momentum=0.5, dampening=0.5, weight_decay=0.25)
    for t in range(4):
        p.grad = tn.tensor([((i * 7 + t * 3) % 11 - 5) / 8 for i in range(3)], dtype=tn.float64)
        optimizer.step()
    assert p.tolist() == [0.5465621948242188, -0.5806732177734375, 0.6461181640625]


@pytest.mark.parametrize("cls,options", CASES, ids=str)
@pytest.mark.parametrize("of_param", LAYOUTS)
@pytest.mark.parametrize("of_grad", LAYOUTS)
def test_layouts_give_the_same_numbers(cls, options, of_param, of_grad):
    rng = np.random.default_rng(1)
    start = rng.normal(size=(3, 4))
    gradients = rng.normal(size=(5, 3, 4))
    results = []
    for layouts in [("contiguous", "contiguous"), (of_param, of_grad)]:
        p = LAYOUTS[layouts[0]](start, tn.float32).detach().requires_grad_(True)
        optimizer = cls([p], **options)
        for g in gradients:
            p.grad = LAYOUTS[layouts[1]](g, tn.float32)
            optimizer.step()
        results.append(plain(p))
    # Loops over strided data are not turned into vectors with fused multiply-adds.
    np.testing.assert_allclose(results[0], results[1], rtol=2e-6, atol=2e-6)


def test_strided_parameter_leaves_its_neighbours_alone():
    whole = tn.zeros(4, 3)
    p = whole[:, 1].detach().requires_grad_(True)
    p.grad = tn.ones(4)
    optim.SGD([p], lr=0.5).step()
    assert whole.tolist() == [[0.0, -0.5, 0.0]] * 4


@pytest.mark.parametrize("dtype", [tn.float16, tn.bfloat16], ids=str)
@pytest.mark.parametrize("cls,options", CASES, ids=str)
def test_half_parameters(cls, options, dtype):
    rng = np.random.default_rng(2)
    p = leaf(rng.normal(size=(4, 5)), tn.float32).detach().to(dtype).requires_grad_(True)
    # eps=1e-8 is nothing in float16, as with PyTorch; the step is computed in float32.
    optimizer, formula = cls([p], **options), reference(cls, options)
    expected = plain(p)
    for _ in range(3):
        p.grad = tn.tensor(rng.normal(size=(4, 5)), dtype=tn.float32).to(dtype)
        expected = formula.update(0, expected, plain(p.grad))
        optimizer.step()
    assert p.dtype == dtype
    # One rounding of the parameter and of each state per step: 2**-11, 2**-8 of values below 4.
    tolerance = 0.02 if dtype == tn.float16 else 0.1
    np.testing.assert_allclose(plain(p), expected, rtol=tolerance, atol=tolerance)


# ---- groups and states ---------------------------------------------------------------------------


def with_grads(*shapes, value=1.0):
    params = [tn.zeros(*s).requires_grad_(True) for s in (shapes or [(2,), (3,)])]
    for p in params:
        p.grad = tn.full(tuple(p.shape), value)
    return params


def test_groups_are_read_and_written():
    a, b = with_grads()
    optimizer = optim.SGD([{"params": [a], "lr": 1.0}, {"params": b}], lr=0.5)
    assert [g["lr"] for g in optimizer.param_groups] == [1.0, 0.5]
    optimizer.step()
    assert a.tolist() == [-1.0] * 2 and b.tolist() == [-0.5] * 3
    for group in optimizer.param_groups:
        group["lr"] = 0.25
    optimizer.param_groups[1]["maximize"] = True
    optimizer.step()
    assert a.tolist() == [-1.25] * 2 and b.tolist() == [-0.25] * 3
    c = with_grads((1,))[0]
    optimizer.add_param_group({"params": c, "lr": tn.tensor(2.0)})
    optimizer.step()
    assert c.tolist() == [-2.0]
    assert optimizer.param_groups[2]["params"][0] is c


def test_parameters_without_gradients_are_passed_over():
    a, b = with_grads()
    b.grad = None
    optimizer = optim.Adam([a, b])
    optimizer.step()
    assert b.tolist() == [0.0] * 3 and b not in optimizer.state and a in optimizer.state
    b.grad = tn.ones(3)
    optimizer.step()
    assert optimizer.state[a]["step"].item() == 2 and optimizer.state[b]["step"].item() == 1


def test_momentum_of_a_parameter_that_comes_later():
    a, b = with_grads((1,), (1,))
    b.grad = None
    optimizer = optim.SGD([a, b], lr=1.0, momentum=0.5, dampening=0.5)
    optimizer.step()
    b.grad = tn.ones(1)
    optimizer.step()
    # a: buffer 1, then 0.5 + 0.5; b: its first buffer is the gradient itself.
    assert a.tolist() == [-2.0] and b.tolist() == [-1.0]


def test_state_is_a_dict_of_dicts():
    (a,) = with_grads((2,))
    optimizer = optim.Adam([a], amsgrad=True)
    optimizer.step()
    state = optimizer.state[a]
    assert list(state) == ["step", "exp_avg", "exp_avg_sq", "max_exp_avg_sq"]
    assert state["step"].dtype == tn.float32 and state["step"].shape == ()
    state["exp_avg"].zero_()
    before = state["exp_avg"]
    optimizer.step()
    assert optimizer.state[a]["exp_avg"] is before
    np.testing.assert_allclose(before.numpy(), 0.1, rtol=1e-6)


def test_generators_and_named_parameters():
    params = with_grads()
    assert optim.SGD((p for p in params), lr=1.0).param_groups[0]["params"] == params
    named = optim.SGD([("first", params[0]), ("second", params[1])], lr=1.0)
    assert named.param_groups[0]["param_names"] == ["first", "second"]
    assert named.state_dict()["param_groups"][0]["param_names"] == ["first", "second"]
    with pytest.raises(ValueError, match="Some param names are missing"):
        optim.SGD([("first", params[0]), params[1]], lr=1.0)
    with pytest.raises(ValueError, match="with/without names"):
        named.add_param_group({"params": with_grads((1,))})


def test_zero_grad():
    a, b = with_grads()
    optimizer = optim.SGD([a, b], lr=1.0)
    grad = a.grad
    optimizer.zero_grad(set_to_none=False)
    assert a.grad is grad and grad.tolist() == [0.0, 0.0]
    optimizer.zero_grad()
    assert a.grad is None and b.grad is None
    optimizer.zero_grad(set_to_none=False)
    assert a.grad is None


def test_zero_grad_cuts_off_the_graph():
    a = leaf([1.0, 2.0])
    (a * a * a).backward(tn.ones(2), create_graph=True)
    assert a.grad.requires_grad
    optim.SGD([a], lr=1.0).zero_grad(set_to_none=False)
    assert not a.grad.requires_grad and a.grad.tolist() == [0.0, 0.0]


def test_step_counts_a_write():
    (a,) = with_grads((2,))
    out = a * a
    optim.SGD([a], lr=0.1).step()
    with pytest.raises(RuntimeError, match="modified by an inplace operation|changed in place"):
        out.backward(tn.ones(2))


def test_closure():
    (a,) = with_grads((2,))
    optimizer = optim.Adam([a])
    seen = []

    def closure():
        optimizer.zero_grad()
        seen.append(tn.is_grad_enabled())
        loss = a * a
        loss.backward(tn.ones(2))
        return loss

    with tn.no_grad():
        loss = optimizer.step(closure)
    assert seen == [True] and loss.tolist() == [0.0, 0.0]


# ---- hooks, subclasses, printing ------------------------------------------------------------------


@pytest.mark.parametrize("cls", [optim.SGD, optim.Adam])
def test_step_hooks(cls):
    optimizer = cls(with_grads(), lr=1.0)
    calls = []
    pre = optimizer.register_step_pre_hook(lambda o, args, kwargs: calls.append(("pre", o, args)))
    post = optimizer.register_step_post_hook(lambda o, args, kwargs: calls.append(("post", o, args)))
    every = optim.optimizer.register_optimizer_step_post_hook(
        lambda o, args, kwargs: calls.append(("every", o, args))
    )
    try:
        optimizer.step()
    finally:
        every.remove()
    assert [c[0] for c in calls] == ["pre", "post", "every"]
    assert all(c[1] is optimizer and c[2] == () for c in calls)
    pre.remove()
    post.remove()
    optimizer.step()
    assert len(calls) == 3


def test_subclass():
    class Plain(optim.Optimizer):
        def __init__(self, params, lr=0.1):
            super().__init__(params, {"lr": lr})

        @tn.no_grad()
        def step(self, closure=None):
            for group in self.param_groups:
                for p in group["params"]:
                    p.sub_(p.grad * group["lr"])
                    self.state[p]["seen"] = self.state[p].get("seen", 0) + 1

    params = with_grads()
    optimizer = Plain(params, lr=0.5)
    calls = []
    optimizer.register_step_post_hook(lambda *a: calls.append(1))
    optimizer.step()
    assert params[0].tolist() == [-0.5, -0.5] and calls == [1]
    other = Plain(params)
    other.load_state_dict(optimizer.state_dict())
    assert other.state[params[1]]["seen"] == 1 and other.param_groups[0]["lr"] == 0.5
    with pytest.raises(NotImplementedError):
        optim.Optimizer(params, {}).step()


def test_required_option():
    from tenon.optim.optimizer import required

    with pytest.raises(ValueError, match="didn't specify a value of required option lr"):
        optim.Optimizer(with_grads(), {"lr": required})


def test_repr():
    assert repr(optim.SGD(with_grads(), lr=0.1, momentum=0.9)) == (
        "SGD (\nParameter Group 0\n    dampening: 0\n    differentiable: False\n    foreach: None\n"
        "    fused: None\n    lr: 0.1\n    maximize: False\n    momentum: 0.9\n    nesterov: False\n"
        "    weight_decay: 0\n)"
    )


def test_signatures_have_the_names_programs_look_for():
    for cls in (optim.SGD, optim.Adam, optim.AdamW):
        names = inspect.signature(cls).parameters
        assert {"params", "lr", "weight_decay", "maximize", "foreach", "fused"} <= set(names)
        cls(with_grads(), lr=0.1, fused=True)
        cls(with_grads(), lr=0.1, foreach=True)
    assert issubclass(optim.AdamW, optim.Adam)
    assert optim.SGD.__module__ == "tenon.optim.sgd"


def test_no_reference_cycle():
    params = with_grads()
    optimizer = optim.Adam(params)
    optimizer.step()
    optim.lr_scheduler.StepLR(optimizer, 3)
    gone = weakref.ref(optimizer)
    gc.disable()
    try:
        del optimizer
        assert gone() is None
    finally:
        gc.enable()


# ---- dictionaries ---------------------------------------------------------------------------------


@pytest.mark.parametrize("cls,options", CASES, ids=str)
def test_state_dict_goes_on_where_it_was(cls, options):
    rng = np.random.default_rng(3)
    gradients = rng.normal(size=(10, 4))
    a, b = leaf([0.0, 1.0, 2.0, 3.0]), leaf([0.0, 1.0, 2.0, 3.0])
    first, second = cls([a], **options), cls([b], **options)
    for i, g in enumerate(gradients):
        a.grad = tn.tensor(g, dtype=tn.float32)
        first.step()
        if i == 4:
            with tn.no_grad():
                b.copy_(a)
            second.load_state_dict(pickle.loads(pickle.dumps(first.state_dict())))
        if i > 4:
            b.grad = tn.tensor(g, dtype=tn.float32)
            second.step()
    assert a.tolist() == b.tolist()


def test_state_dict_structure():
    a, b, c = with_grads((1,), (1,), (1,))
    optimizer = optim.Adam([{"params": [a, b]}, {"params": [c], "lr": 0.5}])
    optimizer.step()
    out = optimizer.state_dict()
    assert list(out) == ["state", "param_groups"] and list(out["state"]) == [0, 1, 2]
    assert [g["params"] for g in out["param_groups"]] == [[0, 1], [2]]
    assert list(out["param_groups"][0])[-1] == "params"
    assert out["state"][2]["exp_avg"] is optimizer.state[c]["exp_avg"]


def test_load_state_dict_copies_and_casts():
    a = leaf([1.0, 2.0])
    a.grad = tn.ones(2)
    source = optim.Adam([a])
    source.step()
    b = leaf([1.0, 2.0], tn.float64)
    target = optim.Adam([b])
    target.load_state_dict(source.state_dict())
    state = target.state[b]
    assert state["exp_avg"].dtype == tn.float64 and state["step"].dtype == tn.float32
    state["exp_avg"].zero_()
    assert source.state[a]["exp_avg"].tolist() != [0.0, 0.0]
    # The dict given stays as it was.
    saved = source.state_dict()
    target.load_state_dict(saved)
    assert saved["param_groups"][0]["params"] == [0]


def test_old_checkpoints_hold_the_step_as_a_number():
    (a,) = with_grads((2,))
    optimizer = optim.Adam([a])
    optimizer.step()
    saved = optimizer.state_dict()
    saved["state"][0]["step"] = 7
    for group in saved["param_groups"]:
        del group["maximize"], group["decoupled_weight_decay"], group["amsgrad"]
    optimizer.load_state_dict(saved)
    optimizer.step()
    assert optimizer.state[a]["step"].item() == 8


def test_load_state_dict_mismatches():
    optimizer = optim.SGD(with_grads(), lr=0.1)
    saved = optimizer.state_dict()
    with pytest.raises(ValueError, match="different number of parameter groups"):
        optimizer.load_state_dict({"state": {}, "param_groups": saved["param_groups"] * 2})
    saved["param_groups"][0]["params"] = [0]
    with pytest.raises(ValueError, match="doesn't match the size of optimizer's group"):
        optimizer.load_state_dict(saved)


def test_state_dict_hooks():
    optimizer = optim.SGD(with_grads(), lr=0.1)
    optimizer.register_state_dict_pre_hook(lambda o: o.param_groups[0].update(lr=0.7))
    optimizer.register_state_dict_post_hook(lambda o, d: {**d, "extra": 1})
    out = optimizer.state_dict()
    assert out["extra"] == 1 and out["param_groups"][0]["lr"] == 0.7
    loaded = []
    optimizer.register_load_state_dict_pre_hook(lambda o, d: loaded.append(d["extra"]))
    optimizer.register_load_state_dict_post_hook(lambda o: loaded.append(o))
    optimizer.load_state_dict(out)
    assert loaded == [1, optimizer]


@pytest.mark.parametrize("copying", [copy.deepcopy, lambda o: pickle.loads(pickle.dumps(o))])
def test_copies_stand_alone(copying):
    params = with_grads()
    optimizer = optim.Adam(params, lr=0.1)
    optimizer.step()
    other = copying(optimizer)
    own = other.param_groups[0]["params"]
    assert own[0] is not params[0] and set(other.state) == set(own)
    for p in own:
        p.grad = tn.ones(*p.shape)
    before = params[0].tolist()
    other.step()
    assert other.state[own[0]]["step"].item() == 2 and params[0].tolist() == before
    other.register_step_post_hook(lambda *a: None)
    other.step()


# ---- errors --------------------------------------------------------------------------------------

WRONG_OPTIONS = [
    (optim.SGD, {"lr": -1}, "Invalid learning rate: -1"),
    (optim.SGD, {"momentum": -1}, "Invalid momentum value: -1"),
    (optim.SGD, {"weight_decay": -1}, "Invalid weight_decay value: -1"),
    (optim.SGD, {"nesterov": True}, "Nesterov momentum requires a momentum and zero dampening"),
    (optim.Adam, {"lr": -1}, "Invalid learning rate: -1"),
    (optim.Adam, {"lr": float("nan")}, "Invalid learning rate: nan"),
    (optim.Adam, {"eps": -1}, "Invalid epsilon value: -1"),
    (optim.Adam, {"betas": (1.0, 0.9)}, "Invalid beta parameter at index 0: 1.0"),
    (optim.AdamW, {"betas": (0.9, -1)}, "Invalid beta parameter at index 1: -1"),
    (optim.AdamW, {"weight_decay": -1}, "Invalid weight_decay value: -1"),
]


@pytest.mark.parametrize("cls,options,text", WRONG_OPTIONS, ids=str)
def test_wrong_options(cls, options, text):
    with pytest.raises(ValueError, match=text):
        cls(with_grads(), **options)


def test_wrong_parameters():
    a, b = with_grads()
    with pytest.raises(ValueError, match="optimizer got an empty parameter list"):
        optim.SGD([], lr=0.1)
    with pytest.raises(TypeError, match="should be an iterable of Tensors or dicts"):
        optim.SGD(a, lr=0.1)
    with pytest.raises(TypeError, match="can only optimize Tensors, but one of the params is float"):
        optim.SGD([a, 1.0], lr=0.1)
    with pytest.raises(ValueError, match="can't optimize a non-leaf Tensor"):
        optim.SGD([a * 2], lr=0.1)
    with pytest.raises(ValueError, match="more than one parameter group"):
        optim.SGD([{"params": [a]}, {"params": [b, a]}], lr=0.1)
    with pytest.raises(ValueError, match="more than once"):
        optim.SGD([a, a], lr=0.1)
    with pytest.raises(TypeError, match="ordered collections"):
        optim.SGD([{"params": {a, b}}], lr=0.1)
    with pytest.raises(NotImplementedError, match="differentiable"):
        optim.SGD([a], lr=0.1, differentiable=True)
    with pytest.raises(RuntimeError, match="cannot be `True` together"):
        optim.SGD([a], lr=0.1, foreach=True, fused=True)


def test_what_programs_break_later():
    a, b = with_grads()
    optimizer = optim.Adam([a, b])
    group = optimizer.param_groups[0]
    for key, value, text in [
        ("lr", "fast", "'lr' of a param group must be a number, got str"),
        ("betas", 0.9, "betas"),
        ("betas", (0.9,), "pair of numbers"),
        ("params", [a, None], "can only optimize Tensors"),
        ("params", a, "list of Tensors"),
    ]:
        kept, group[key] = group[key], value
        with pytest.raises(TypeError, match=text):
            optimizer.step()
        group[key] = kept
    kept = group.pop("eps")
    with pytest.raises(KeyError, match="eps"):
        optimizer.step()
    group["eps"] = kept
    optimizer.step()
    optimizer.state[a]["exp_avg"] = tn.zeros(5)
    with pytest.raises(ValueError, match=r"its state is \(5,\)"):
        optimizer.step()
    for name, value, error in [
        ("exp_avg", tn.zeros(2, dtype=tn.int64), TypeError),
        ("exp_avg", 1.0, TypeError),
        ("step", tn.zeros(0), ValueError),
        ("step", tn.tensor(1), TypeError),
        ("step", 1, TypeError),
    ]:
        optimizer.state[a].update(step=tn.tensor(1.0), exp_avg=tn.zeros(2))
        optimizer.state[a][name] = value
        with pytest.raises(error, match=name if not isinstance(value, tn.Tensor) else "parameter 0"):
            optimizer.step()
    optimizer.state[a] = 3
    with pytest.raises(TypeError, match="must be a dict"):
        optimizer.step()


def test_overlapping_parameter():
    p = tn.zeros(1).expand(4).detach().requires_grad_(True)
    p.grad = tn.ones(4)
    with pytest.raises((RuntimeError, ValueError), match="refers to a single memory location"):
        optim.SGD([p], lr=0.1).step()


def test_integer_and_complex_parameters():
    p = tn.zeros(3, dtype=tn.complex64).requires_grad_(True)
    p.grad = tn.ones(3, dtype=tn.complex64)
    with pytest.raises(TypeError, match="needs floating parameters"):
        optim.SGD([p], lr=0.1).step()
