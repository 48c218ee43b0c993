"""The edges of the Python interface: data that is odd, hooks and subclasses that misbehave, modes that are copied."""

import copy
import gc
import pickle

import numpy as np
import pytest

import tenon as t
from tenon import nn
from tenon.nn.modules import module as hooks


class Refuses:
    def __bool__(self):
        raise ArithmeticError("no truth here")


# ---- data ----


def test_an_object_that_shows_an_array_is_read_once():
    class Both:
        def __array__(self, dtype=None, copy=None):
            return np.arange(3.0)

        def __float__(self):
            return 7.0

    for make in (t.tensor, t.as_tensor):
        assert make(Both()).tolist() == [0.0, 1.0, 2.0]
        with pytest.raises(TypeError, match="datetime64"):
            make(np.datetime64("2020"))


def test_data_goes_to_the_device_that_is_asked_for():
    for make in (t.tensor, t.as_tensor):
        for data in (1, [1.0, 2.0], np.ones(3), bytearray(b"abc")):
            assert make(data, device="meta").device.type == "meta"
            with t.device("meta"):
                assert make(data).device.type == "meta"
                assert make(data, device="cpu").device.type == "cpu"
    with t.device("meta"):
        assert t.as_tensor(t.ones(2, device="cpu")).device.type == "meta"
        assert t.empty(2, device=None).device.type == "meta"
        assert t.from_numpy(np.ones(2)).device.type == "cpu"
    assert t.as_tensor(t.ones(2, device="meta")).device.type == "meta"
    with pytest.raises(RuntimeError, match="no data"):
        t.tensor([t.ones(2, device="meta")])


@pytest.mark.parametrize("change", [lambda data: data.extend([1] * 10000), lambda data: data.clear()])
def test_data_that_changes_while_it_is_read(change):
    data, calls = [], []

    def index(self):
        calls.append(self)
        if len(calls) == 2:  # measured, now being written
            change(data)
        return 1

    # Named as NumPy's, so that its own `__index__` is asked.
    number = type("numpy.int64", (np.int64,), {"__index__": index})(1)
    data.extend([number, 2, 3])
    with pytest.raises(RuntimeError, match="the data changed while it was read"):
        t.tensor(data, dtype=t.int64)


def test_data_without_an_end():
    class Endless:
        def __len__(self):
            return 2

        def __getitem__(self, i):
            return self

    nested, inner = [], [[1.0]]
    nested.append(nested)
    inner[0].append(inner)
    for data, kind in ((Endless(), TypeError), (nested, ValueError), (inner, TypeError)):
        with pytest.raises(kind):
            t.tensor(data)
    assert t.tensor(range(3)).tolist() == [0, 1, 2]


# ---- devices of modules ----


MODULES = [
    lambda **k: nn.Linear(2, 2, **k),
    lambda **k: nn.Conv2d(1, 2, 3, **k),
    lambda **k: nn.BatchNorm1d(3, **k),
    lambda **k: nn.LayerNorm(3, **k),
    lambda **k: nn.Embedding(3, 2, **k),
    lambda **k: nn.LazyLinear(3, **k),
    lambda **k: nn.LazyBatchNorm1d(**k),
]


@pytest.mark.parametrize("make", MODULES)
def test_modules_are_made_on_the_default_device(make):
    def devices(module):
        return {v.data.device.type for v in (*module.parameters(), *module.buffers())}

    with t.device("meta"):
        assert devices(make()) == {"meta"}
        assert devices(make(device="cpu")) == {"cpu"}
        assert nn.Parameter().device.type == "meta"
    t.set_default_device("meta")
    try:
        assert devices(make()) == {"meta"}
    finally:
        t.set_default_device(None)
    assert devices(make()) == {"cpu"}


# ---- registration ----


def test_registration_hooks_must_return_tensors():
    handle = hooks.register_module_parameter_registration_hook(lambda module, name, value: 3)
    try:
        module = nn.Linear(1, 1)
        with pytest.raises(TypeError, match="'int' object to parameter 'p'"):
            module.p = nn.Parameter(t.ones(1))
    finally:
        handle.remove()
    handle = hooks.register_module_buffer_registration_hook(lambda module, name, value: "x")
    try:
        with pytest.raises(TypeError, match="'str' object to buffer 'b'"):
            nn.Module().register_buffer("b", t.ones(1))
    finally:
        handle.remove()


# ---- subclasses ----


class Logging(t.Tensor):
    calls: list = []

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        cls.calls.append(func.__name__)
        return super().__torch_function__(func, types, args, kwargs or {})


SEEN = [
    (lambda: nn.Linear(2, 2), (1, 2), ["linear"]),
    (lambda: nn.Conv2d(1, 1, 1), (1, 1, 2, 2), ["conv2d"]),
    (lambda: nn.LayerNorm(2), (2, 2), ["layer_norm"]),
    (lambda: nn.ReLU(), (2,), ["relu"]),
    (lambda: nn.ReLU(inplace=True), (2,), ["relu_"]),
    (lambda: nn.Sigmoid(), (2,), ["sigmoid"]),
    (lambda: nn.Flatten(), (2, 2), ["flatten"]),
    (lambda: nn.Softmax(0), (2,), ["softmax"]),
    (lambda: nn.GELU("tanh"), (2,), ["gelu"]),
    (lambda: nn.MaxPool2d(2), (1, 1, 2, 2), ["max_pool2d"]),
    (lambda: nn.Dropout(0.5), (2,), ["dropout"]),
    (lambda: nn.BatchNorm1d(2), (2, 2), ["batch_norm"]),
    (lambda: nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.ReLU())), (1, 2), ["linear", "relu"]),
    (lambda: nn.Identity(), (2,), []),
]


@pytest.mark.parametrize("make, shape, names", SEEN)
def test_overrides_see_what_modules_call(make, shape, names):
    module, plain = make(), t.rand(shape)
    Logging.calls.clear()
    t.manual_seed(0)
    out = module(plain.clone().as_subclass(Logging))
    assert type(out) is Logging
    assert Logging.calls == names
    Logging.calls.clear()
    t.manual_seed(0)
    again = make() if isinstance(module, nn.BatchNorm1d) else module
    assert type(again(plain.clone())) is t.Tensor and Logging.calls == []
    t.manual_seed(0)
    assert t.Tensor.tolist(out.detach()) == again(plain.clone()).tolist()


def test_overrides_see_modules_through_their_parameters_and_gradients_flow():
    module = nn.Linear(2, 1, bias=False)
    x = t.ones(1, 2, requires_grad=True)
    Logging.calls.clear()
    y = module(x.as_subclass(Logging))
    y.sum().backward()
    assert x.grad.tolist() == module.weight.tolist() and module.weight.grad.tolist() == [[1.0, 1.0]]
    loss = nn.MSELoss()(t.ones(2).as_subclass(Logging), t.zeros(2))
    assert type(loss) is Logging and "mse_loss" in Logging.calls


def test_an_override_may_call_modules_and_answer_itself():
    inner = nn.Linear(2, 2)

    class Routed(t.Tensor):
        depth = 0

        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            if func.__name__ == "sigmoid":
                return inner(args[0])  # seen again, as linear
            if func.__name__ == "linear":
                cls.depth += 1
                return super().__torch_function__(func, types, args, kwargs or {})
            if func.__name__ == "tanh":
                return 3
            return super().__torch_function__(func, types, args, kwargs or {})

    x = t.ones(1, 2).as_subclass(Routed)
    assert type(nn.Sigmoid()(x)) is Routed and Routed.depth == 1
    with pytest.raises(TypeError, match="tanh: .*returned int"):
        nn.Tanh()(x)

    class Refusing(t.Tensor):
        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            return NotImplemented

    with pytest.raises(TypeError, match="no implementation found"):
        nn.ReLU()(t.ones(2).as_subclass(Refusing))

    class Silent(t.Tensor):
        __torch_function__ = t._tenon._disabled_torch_function_impl

    assert type(nn.ReLU()(t.ones(2).as_subclass(Silent))) is t.Tensor


def test_a_parameter_of_a_subclass_keeps_the_class():
    weight = nn.Parameter(t.ones(2, 2).as_subclass(Logging))
    assert type(weight) is Logging and isinstance(weight, nn.Parameter) and weight.requires_grad
    assert not isinstance(t.ones(1).as_subclass(Logging), nn.Parameter)
    assert not isinstance(t.ones(1), nn.Parameter) and not isinstance(3, nn.Parameter)
    module = nn.Linear(2, 2, bias=False)
    module.weight = weight
    assert module.weight is weight and dict(module.named_parameters()) == {"weight": weight}
    Logging.calls.clear()
    out = module(t.ones(1, 2))
    assert type(out) is Logging and Logging.calls == ["linear"]
    out.sum().backward()
    assert weight.grad.tolist() == [[1.0, 1.0], [1.0, 1.0]]

    weight.note = "kept"
    for again in (copy.deepcopy(weight), pickle.loads(pickle.dumps(weight)), copy.deepcopy(module).weight):
        assert type(again) is Logging and isinstance(again, nn.Parameter) and again.requires_grad
        assert again.note == "kept" and again.tolist() == weight.tolist()

    class Own(nn.Parameter):
        pass

    own = Own(t.ones(1))
    assert type(own) is Own and isinstance(own, nn.Parameter) and not isinstance(nn.Parameter(), Own)
    assert type(own * 2) is t.Tensor


def test_mixins_hear_of_subclasses_of_tensor():
    heard = []

    class Mix:
        def __init_subclass__(cls, **kwargs):
            heard.append((cls.__name__, kwargs))
            super().__init_subclass__()

    class Mixed(t.Tensor, Mix, size=1):
        pass

    assert heard == [("Mixed", {"size": 1})]
    with pytest.raises(TypeError):

        class Wrong(t.Tensor, size=1):
            pass


# ---- autograd ----


def test_results_without_gradients_keep_their_places():
    seen = []

    class Mixed(t.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return {"a": 1}, 3, x * 2, None

        @staticmethod
        def backward(ctx, *grads):
            seen.append(grads)
            return grads[2] * 2

    x = t.ones(2, requires_grad=True)
    results = Mixed.apply(x)
    assert results[0] == {"a": 1} and results[1] == 3 and results[3] is None
    results[2].sum().backward()
    (grads,) = seen
    assert [g is None for g in grads] == [True, True, False, True]
    assert x.grad.tolist() == [2.0, 2.0]


def test_metadata_of_a_node_is_kept():
    x = t.ones(2, requires_grad=True)
    y = x * 2
    y.grad_fn.metadata["name"] = "double"
    y.grad_fn.next_functions[0][0].metadata["name"] = "leaf"
    gc.collect()
    assert y.grad_fn.metadata == {"name": "double"}
    assert y.grad_fn.next_functions[0][0].metadata == {"name": "leaf"}
    y.sum().backward()
    assert x.grad.tolist() == [2.0, 2.0]
    assert (x * 2).grad_fn.metadata == {}


def test_backward_takes_an_argument_once():
    x = t.ones((), requires_grad=True)
    with pytest.raises(TypeError, match="multiple values for argument 'gradient'"):
        (x * 2).backward(t.tensor(1.0), gradient=t.tensor(1.0))


def test_what_raises_when_asked_for_its_truth_is_not_false():
    x = t.ones((), requires_grad=True)
    module = nn.Linear(1, 1)
    for call in (
        lambda: (x * 2).backward(retain_graph=Refuses()),
        lambda: (x * 2).backward(create_graph=Refuses()),
        lambda: t.tensor([1.0], requires_grad=Refuses()),
        lambda: nn.Parameter(t.ones(2), Refuses()),
        lambda: list(module.named_parameters(recurse=Refuses())),
        lambda: setattr(module, "_has_python_hooks", Refuses()),
        lambda: module.register_buffer("b", t.ones(1), persistent=Refuses()),
        lambda: t.ones(2).numpy(force=Refuses()),
        lambda: nn.Linear(1, 1, bias=Refuses()),
    ):
        with pytest.raises(ArithmeticError):
            call()


# ---- gradient modes ----


@pytest.mark.parametrize("mode", [t.no_grad, t.enable_grad, t.set_grad_enabled, t.inference_mode])
def test_gradient_modes_check_their_arguments(mode):
    for args, kwargs in ((True, 2), {}), ((), {"foo": 3}):
        with pytest.raises(TypeError):
            mode(*args, **kwargs)
    if mode in (t.no_grad, t.enable_grad):
        with pytest.raises(TypeError, match="no argument, not int"):
            mode(3)
    assert t.is_grad_enabled()


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda mode: pickle.loads(pickle.dumps(mode))])
def test_gradient_modes_can_be_copied(again):
    with again(t.no_grad()):
        assert not t.is_grad_enabled()
        with again(t.enable_grad()):
            assert t.is_grad_enabled()
    with again(t.inference_mode()):
        assert t.is_inference_mode_enabled()
    with again(t.inference_mode(False)):
        assert not t.is_inference_mode_enabled()
    off = t.set_grad_enabled(False)
    t.set_grad_enabled(True)
    copied = again(off)
    assert t.is_grad_enabled()
    with copied:
        assert not t.is_grad_enabled()
    assert t.is_grad_enabled()
