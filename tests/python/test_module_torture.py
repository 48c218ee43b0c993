"""Modules under every kind of strain that Python programs put on them, across the border of the languages."""

from __future__ import annotations

import abc
import copy
import gc
import pickle
import threading
import typing
import weakref

import pytest

import tenon as tn
from tenon import _tenon, nn


def as_cpp(module, x):
    """A call as C++ code makes it."""
    return _tenon.nn._call_from_cpp(module, x)


class Double(nn.Module):
    def forward(self, x):
        return x * 2


class Net(nn.Module):
    def __init__(self, width: int = 3) -> None:
        super().__init__()
        self.first = nn.Linear(width, width)
        self.act = nn.ReLU()
        self.scale = nn.Parameter(tn.full((width,), 2.0))
        self.register_buffer("shift", tn.ones(width))
        self.register_buffer("hidden", tn.zeros(1), persistent=False)
        self.note = "kept"

    def forward(self, x):
        return self.act(self.first(x)) * self.scale + self.shift


class MyLinear(nn.Linear):
    """A C++ layer with a forward of its own in Python."""

    def forward(self, x):
        return super().forward(x) + 100


def same(a, b) -> None:
    assert tn.equal(a, b)


# ---- nesting -----------------------------------------------------------------------------------------


def test_languages_nest():
    deep = nn.Sequential(
        nn.Sequential(Double(), nn.Sequential(nn.ReLU(), Double())), nn.ModuleList([Double()])[0]
    )
    x = tn.tensor([-1.0, 2.0])
    expected = tn.tensor([0.0, 16.0])
    same(deep(x), expected)
    same(as_cpp(deep, x), expected)
    assert [n for n, _ in deep.named_modules()] == ["", "0", "0.0", "0.1", "0.1.0", "0.1.1", "1"]


def test_overridden_forward_is_called_from_cpp():
    layer = MyLinear(2, 2)
    x = tn.zeros(1, 2)
    expected = nn.functional.linear(x, layer.weight, layer.bias) + 100
    same(layer(x), expected)
    same(nn.Sequential(layer)(x), expected)
    same(as_cpp(nn.Sequential(layer), x), expected)


def test_forward_of_the_instance():
    layer = nn.Linear(2, 2)
    layer.forward = lambda x: x + 7
    x = tn.zeros(2)
    for got in (layer(x), nn.Sequential(layer)(x), as_cpp(layer, x), as_cpp(nn.Sequential(layer), x)):
        same(got, x + 7)
    del layer.forward
    same(layer(x), nn.functional.linear(x, layer.weight, layer.bias))
    net = Double()
    net.forward = lambda x: x - 1
    same(net(x), x - 1)


def test_a_wrong_result_is_reported_to_cpp():
    layer = nn.ReLU()
    layer.forward = lambda x: "no tensor"
    assert layer(tn.zeros(1)) == "no tensor"
    with pytest.raises(TypeError, match="must return a Tensor, it returned str"):
        as_cpp(layer, tn.zeros(1))


def test_values_that_are_no_tensors_pass_through_sequential():
    class Pair(nn.Module):
        def forward(self, x):
            return x, x * 3

    class Add(nn.Module):
        def forward(self, pair):
            return pair[0] + pair[1]

    same(nn.Sequential(nn.ReLU(), Pair(), Add(), nn.ReLU())(tn.ones(2)), tn.full((2,), 4.0))


def test_an_exception_crosses_cpp():
    class Raises(nn.Module):
        def forward(self, x):
            raise LookupError("from the inside")

    with pytest.raises(LookupError, match="from the inside"):
        nn.Sequential(nn.ReLU(), Raises())(tn.ones(1))
    with pytest.raises(LookupError, match="from the inside"):
        as_cpp(nn.Sequential(nn.ReLU(), Raises()), tn.ones(1))


def test_a_class_with_its_own_call():
    class Loud(nn.Linear):
        def __call__(self, *args, **kwargs):
            return super().__call__(*args, **kwargs) * 0 + 5

    same(Loud(2, 2)(tn.ones(2)), tn.full((2,), 5.0))


def test_forward_missing():
    with pytest.raises(
        NotImplementedError, match='Module \\[Module\\] is missing the required "forward" function'
    ):
        nn.Module()(tn.ones(1))
    with pytest.raises(NotImplementedError, match="forward"):
        nn.ModuleList([nn.ReLU()])(tn.ones(1))


def test_train_overridden_below_cpp():
    seen = []

    class Frozen(nn.Module):
        def train(self, mode=True):
            seen.append(mode)
            return super().train(False)

    class OtherSignature(nn.Module):
        def train(self):
            seen.append("bare")

    net = nn.Sequential(Frozen(), nn.Dropout())
    net.train()
    assert seen == [True] and not net[0].training and net[1].training
    net.eval()
    assert seen == [True, False] and not net[1].training
    OtherSignature().train()
    assert seen[-1] == "bare"


# ---- construction -------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [lambda: nn.Parameter(tn.ones(1)), lambda: nn.ReLU()])
def test_assigned_before_init(value):
    class Early(nn.Module):
        def __init__(self):
            self.thing = value()
            super().__init__()

    with pytest.raises(
        AttributeError, match=r"cannot assign (parameters|module) before Module.__init__\(\) call"
    ):
        Early()


def test_used_before_init():
    class Forgot(nn.Linear):
        def __init__(self):
            self.plain = 3

        def forward(self, x):
            return x

    broken = Forgot()
    assert broken.plain == 3
    with pytest.raises(AttributeError, match="Module.__init__|super"):
        broken(tn.ones(1))
    with pytest.raises(AttributeError, match="super"):
        broken.train()
    with pytest.raises(AttributeError, match="super"):
        list(broken.parameters())
    with pytest.raises(AttributeError):
        broken.weight  # noqa: B018
    with pytest.raises(AttributeError, match="before Module.__init__"):
        broken.register_buffer("b", tn.ones(1))
    with pytest.raises(AttributeError, match="super|Module.__init__"):
        nn.Sequential(broken)
    with pytest.raises(AttributeError):
        repr(broken)


def test_init_twice():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.a = nn.Linear(1, 1)
            super().__init__()
            self.b = nn.Linear(1, 1)

    assert [n for n, _ in Twice().named_children()] == ["b"]
    layer = nn.Linear(2, 3)
    old = layer.weight
    layer.__init__(4, 5)
    assert layer.weight.shape == (5, 4) and old.shape == (3, 2)


def test_mixins_and_isinstance():
    T = typing.TypeVar("T")

    class Base(nn.Module, abc.ABC):
        @abc.abstractmethod
        def forward(self, x): ...

    class Named:
        title = "mixed in"

    class Whole(Base, Named, typing.Generic[T]):
        def forward(self, x):
            return x

    with pytest.raises(TypeError, match="abstract"):
        Base()
    whole = Whole()
    assert isinstance(whole, nn.Module) and isinstance(whole, Named) and whole.title == "mixed in"
    assert isinstance(nn.BatchNorm2d(1), nn.modules.batchnorm._BatchNorm)
    assert issubclass(nn.CrossEntropyLoss, nn.modules.loss._Loss)
    assert type(nn.Linear(1, 1)) is nn.Linear is nn.modules.linear.Linear
    with pytest.raises(TypeError, match="Linear.__init__"):
        nn.Linear(1)
    with pytest.raises(TypeError, match="unexpected keyword"):
        nn.Linear(1, 1, biass=True)


# ---- attributes ----------------------------------------------------------------------------------------


def test_identity_of_parameters():
    layer = nn.Linear(2, 3)
    assert layer.weight is layer.weight
    assert next(layer.parameters()) is layer.weight
    layer.weight.note = "mine"
    gc.collect()
    assert layer.weight.note == "mine"
    where = id(layer.weight)
    layer.weight.grad = tn.ones(3, 2)
    assert id(layer.weight) == where and isinstance(layer.weight, nn.Parameter)
    assert nn.Sequential(layer)[0] is layer


def test_replacing_a_weight():
    layer = nn.Linear(2, 2, bias=False)
    new = nn.Parameter(tn.eye(2) * 3)
    layer.weight = new
    assert layer.weight is new
    same(layer(tn.ones(2)), tn.full((2,), 3.0))
    with pytest.raises(
        TypeError,
        match=r"cannot assign 'Tensor' as parameter 'weight' \(tenon.nn.Parameter or None expected\)",
    ):
        layer.weight = tn.ones(2, 2)
    layer.bias = nn.Parameter(tn.ones(2))
    same(layer(tn.ones(2)), tn.full((2,), 4.0))
    layer.bias = None
    same(layer(tn.ones(2)), tn.full((2,), 3.0))


def test_tied_weights():
    a, b = nn.Linear(3, 3), nn.Linear(3, 3)
    b.weight = a.weight
    net = nn.Sequential(a, b)
    assert b.weight is a.weight
    assert [n for n, _ in net.named_parameters()] == ["0.weight", "0.bias", "1.bias"]
    assert list(net.state_dict()) == ["0.weight", "0.bias", "1.weight", "1.bias"]
    twin = copy.deepcopy(net)
    assert twin[0].weight is twin[1].weight is not a.weight
    twin = pickle.loads(pickle.dumps(net))
    assert twin[0].weight is twin[1].weight


def test_deletion():
    net = Net()
    del net.scale
    assert not hasattr(net, "scale") and "scale" not in net._parameters
    del net.shift, net.act, net.note
    assert not hasattr(net, "shift") and not hasattr(net, "act") and not hasattr(net, "note")
    with pytest.raises(AttributeError):
        del net.scale
    layer = nn.Linear(2, 2)
    del layer.weight
    with pytest.raises((AttributeError, KeyError), match="weight"):
        layer(tn.ones(2))
    layer.weight = tn.eye(2)  # a plain tensor stands in for the empty slot
    assert [n for n, _ in layer.named_parameters()] == ["bias"]
    same(layer(tn.zeros(2)), layer.bias)


def test_one_name_one_kind():
    net = Net()
    with pytest.raises(TypeError, match="cannot assign 'int' as parameter 'scale'"):
        net.scale = 3
    with pytest.raises(TypeError, match="cannot assign 'int' as child module 'act'"):
        net.act = 3
    with pytest.raises(TypeError, match="cannot assign 'str' as buffer 'shift'"):
        net.shift = "x"
    net.shift = tn.zeros(3)
    assert "shift" in net._buffers and tn.equal(net.shift, tn.zeros(3))
    net.shift = nn.Parameter(tn.ones(3))
    assert "shift" in net._parameters and "shift" not in net._buffers
    net.act = nn.Parameter(tn.ones(1))
    assert "act" not in net._modules and "act" in net._parameters
    net.note = nn.ReLU()
    assert "note" in net._modules and "note" not in net.__dict__
    net.other = tn.ones(2)
    assert "other" in net.__dict__ and "other" not in net._buffers
    with pytest.raises(KeyError, match="attribute 'forward' already exists"):
        net.register_buffer("forward", tn.ones(1))
    with pytest.raises(KeyError, match="contain"):
        net.register_parameter("a.b", None)
    with pytest.raises(KeyError, match="empty string"):
        net.add_module("", nn.ReLU())
    with pytest.raises(TypeError, match="not a Module subclass"):
        net.add_module("x", 3)


def test_parameter_replaced_by_a_module():
    net = Net()
    with pytest.raises(TypeError, match="cannot assign 'ReLU' as parameter 'scale'"):
        net.scale = nn.ReLU()
    del net.scale
    net.scale = nn.ReLU()
    assert "scale" in net._modules


def test_tables_are_live():
    net = Net()
    parameters, modules, buffers = net._parameters, net._modules, net._buffers
    assert (
        list(parameters) == ["scale"]
        and list(modules) == ["first", "act"]
        and list(buffers) == ["shift", "hidden"]
    )
    modules["more"] = Double()
    assert net.more is modules["more"] and len(net._modules) == 3
    del net._modules["more"]
    assert not hasattr(net, "more")
    parameters["scale"] = nn.Parameter(tn.zeros(3))
    same(net.scale, tn.zeros(3))
    parameters.pop("scale")
    assert not hasattr(net, "scale")
    buffers["fresh"] = tn.ones(1)
    assert net.fresh is buffers["fresh"] and "fresh" in net.state_dict()
    assert net._non_persistent_buffers_set == {"hidden"}
    assert parameters == {} and dict(buffers).keys() == {"shift", "hidden", "fresh"}
    with pytest.raises(KeyError):
        modules["absent"]


def test_getattr_falls_back():
    class Wrapper(nn.Module):
        def __init__(self, inner):
            super().__init__()
            self.inner = inner
            self.inner.secret = 42

        def __getattr__(self, name):
            try:
                return super().__getattr__(name)
            except AttributeError:
                return getattr(self.inner, name)

    wrapper = Wrapper(Net())
    assert wrapper.secret == 42 and wrapper.scale is wrapper.inner.scale
    with pytest.raises(AttributeError, match="'Net' object has no attribute 'absent'"):
        wrapper.absent  # noqa: B018
    with pytest.raises(AttributeError, match="'Linear' object has no attribute 'absent'"):
        nn.Linear(1, 1).absent  # noqa: B018


def test_property_and_setattr_overrides():
    class Watched(nn.Module):
        def __init__(self):
            super().__init__()
            object.__setattr__(self, "log", [])
            self.layer = nn.ReLU()
            self.number = 1

        def __setattr__(self, name, value):
            if "log" in self.__dict__:
                self.log.append(name)
            super().__setattr__(name, value)

        @property
        def doubled(self):
            return self.number * 2

        @doubled.setter
        def doubled(self, value):
            self.number = value // 2

    watched = Watched()
    watched.doubled = 10
    assert watched.number == 5 and watched.log == ["layer", "number", "doubled", "number"]
    assert "layer" in watched._modules


def test_extra_repr():
    class Described(nn.Linear):
        def extra_repr(self):
            return "mine, " + super().extra_repr()

    assert repr(nn.Sequential(Described(1, 2))) == (
        "Sequential(\n  (0): Described(mine, in_features=1, out_features=2, bias=True)\n)"
    )

    class Lines(nn.Module):
        def __init__(self):
            super().__init__()
            self.a = nn.ReLU()

        def extra_repr(self):
            return "one\ntwo"

    assert repr(Lines()) == "Lines(\n  one\n  two\n  (a): ReLU()\n)"


# ---- copies and pickles ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "way", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))], ids=["deepcopy", "pickle"]
)
def test_copies(way):
    net = nn.Sequential(
        Net(), nn.BatchNorm1d(3), MyLinear(3, 2), nn.Conv2d(1, 2, 3, padding="same"), Double()
    )
    net.extra = {"list": [1, 2]}
    net[0].eval()
    net[0].first.weight.requires_grad_(False)
    twin = way(net)
    assert type(twin) is nn.Sequential and type(twin[2]) is MyLinear and type(twin[0]) is Net
    assert twin.extra == net.extra and twin.extra is not net.extra
    assert not twin[0].training and twin[1].training and twin[0].note == "kept"
    assert not twin[0].first.weight.requires_grad and twin[0].first.bias.requires_grad
    assert twin[0]._non_persistent_buffers_set == {"hidden"} and "0.hidden" not in twin.state_dict()
    assert twin[3].padding == "same" and repr(twin) == repr(net)
    for (name, a), (other, b) in zip(net.state_dict().items(), twin.state_dict().items(), strict=True):
        assert name == other and tn.equal(a, b) and a is not b
    x = tn.randn(4, 3)
    same(twin[0](x), net[0](x))
    with tn.no_grad():
        twin[0].scale.zero_()
    assert not tn.equal(twin[0].scale, net[0].scale)


def test_shallow_copy():
    net = Net()
    twin = copy.copy(net)
    assert twin.scale is net.scale and twin.first is net.first and twin.note == "kept"
    twin.more = nn.ReLU()
    assert not hasattr(net, "more")


def test_deepcopy_keeps_hooks_and_cycles():
    net = Net()
    calls = []
    net.register_forward_hook(lambda module, args, output: calls.append(module))
    net.myself = [net]  # a cycle through the dict
    twin = copy.deepcopy(net)
    assert twin.myself[0] is twin
    twin(tn.ones(3))
    assert calls == [twin]


def test_getstate_and_setstate_of_a_class():
    net = WithState()
    net.layer.weight.data.fill_(3)
    twin = pickle.loads(pickle.dumps(net))
    assert twin.restored and twin.cache is None and tn.equal(twin.layer.weight, net.layer.weight)


class WithState(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(1, 1)
        self.cache = lambda: None

    def __getstate__(self):
        state = self.__dict__.copy()
        state["cache"] = None
        return state

    def __setstate__(self, state):
        self.__dict__.update(state)
        self.restored = True


# ---- life and death ------------------------------------------------------------------------------------------


def gone(*refs) -> bool:
    gc.collect()
    return all(ref() is None for ref in refs)


def test_reference_counting_frees_without_the_collector():
    gc.disable()
    try:
        net = nn.Sequential(Net(), nn.Linear(3, 3))
        refs = [weakref.ref(net), weakref.ref(net[0]), weakref.ref(net[1]), weakref.ref(net[1].weight)]
        del net
        assert all(ref() is None for ref in refs)
    finally:
        gc.enable()


@pytest.mark.parametrize(
    "kind", ["attribute", "module", "hook", "bound forward", "parameter", "buffer", "closure"]
)
def test_cycles_are_collected(kind):
    assert gone(*cyclic(kind))


def cyclic(kind):
    """Weak references to a module, and to one of its children, in a cycle that nothing else holds."""
    net = nn.Sequential(nn.Linear(2, 2), Double())
    if kind == "attribute":
        net.me = net[0].parent = [net]
    elif kind == "module":
        holder = nn.Module()
        holder.child = net
        net[1].back = holder  # a child that holds its parent
    elif kind == "hook":
        net.register_forward_hook(lambda module, args, output: net and None)
        net[0].register_forward_pre_hook(lambda module, args: net and None)
        net(tn.ones(2))
    elif kind == "bound forward":
        net[0].forward = net[0].forward
    elif kind == "parameter":
        net[0].weight.owner = net
    elif kind == "buffer":
        net.register_buffer("b", tn.ones(1))
        net.b.owner = net
    else:
        net[1].f = lambda: net
        net(tn.ones(2)).sum().backward()
    return weakref.ref(net), weakref.ref(net[0])


def test_hook_handles_do_not_keep_modules():
    net = Net()
    handle = net.register_full_backward_hook(lambda module, gi, go: None)
    net(tn.ones(3, requires_grad=True)).sum().backward()
    ref = weakref.ref(net)
    del net
    assert gone(ref)
    handle.remove()


def test_kept_alive_by_a_parent_only():
    parent = nn.Sequential(Net())
    parent[0].note = "still here"
    gc.collect()
    assert parent[0].note == "still here" and type(parent[0]) is Net
    child = parent[0]
    del parent
    gc.collect()
    same(child(tn.zeros(3)).detach(), child(tn.zeros(3)).detach())


def test_weak_references_and_hash():
    net = Net()
    table = weakref.WeakKeyDictionary({net: 1})
    assert {net: 2}[net] == 2 and table[net] == 1 and net == net and net != Net()
    del net
    gc.collect()
    assert len(table) == 0


def test_finaliser_and_resurrection():
    saved = []

    class Lazarus(nn.Linear):
        def __del__(self):
            saved.append(self)

    Lazarus(2, 2)
    gc.collect()
    assert len(saved) == 1
    same(saved[0](tn.zeros(2)), saved[0].bias)
    saved.clear()


def test_deep_nesting_is_freed():
    net = nn.Sequential(nn.ReLU())
    for _ in range(3000):
        net = nn.Sequential(net)
    ref = weakref.ref(net)
    del net
    assert gone(ref)


def test_destroyed_on_a_thread():
    box = [nn.Sequential(Net(), Double())]
    ref = weakref.ref(box[0])
    thread = threading.Thread(target=lambda: (box[0](tn.ones(2, 3)), box.clear()))
    thread.start()
    thread.join()
    assert gone(ref)


def test_threads_call_and_change_modules():
    net = nn.Sequential(nn.Linear(8, 8), Double(), nn.ReLU(), MyLinear(8, 8))
    x = tn.randn(4, 8)
    expected = net(x)
    errors = []

    def work(seed):
        try:
            for i in range(100):
                if not tn.equal(net(x), expected):
                    errors.append("another value")
                own = copy.deepcopy(net)
                own.add_module(f"extra{seed}", nn.ReLU())
                own(x).sum().backward()
                list(own.named_parameters())
                if i % 10 == 0:
                    repr(net)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not errors


# ---- hooks ------------------------------------------------------------------------------------------------------


def test_hooks_change_inputs_and_outputs():
    layer = nn.Identity()
    order = []
    first = layer.register_forward_pre_hook(lambda m, args: order.append("pre") or (args[0] + 1,))
    layer.register_forward_hook(lambda m, args, out: order.append("post") or out * 10)
    x = tn.ones(1)
    same(layer(x), tn.full((1,), 20.0))
    same(nn.Sequential(layer)(x), tn.full((1,), 20.0))
    same(as_cpp(layer, x), tn.full((1,), 20.0))
    assert order == ["pre", "post"] * 3
    first.remove()
    same(layer(x), tn.full((1,), 10.0))
    with layer.register_forward_hook(lambda m, args, out: out + 1, prepend=True):
        same(layer(x), tn.full((1,), 20.0))
    same(layer(x), tn.full((1,), 10.0))


def test_hooks_with_kwargs_and_always():
    class Takes(nn.Module):
        def forward(self, x, *, factor=1):
            if factor == 0:
                raise ZeroDivisionError
            return x * factor

    module, seen = Takes(), []
    module.register_forward_pre_hook(
        lambda m, args, kwargs: (args, {"factor": kwargs["factor"] * 2}) if kwargs["factor"] else None,
        with_kwargs=True,
    )
    module.register_forward_hook(
        lambda m, args, kwargs, out: seen.append(kwargs), with_kwargs=True, always_call=True
    )
    same(module(tn.ones(1), factor=3), tn.full((1,), 6.0))
    with pytest.raises(ZeroDivisionError):
        module(tn.ones(1), factor=0)
    assert seen == [{"factor": 6}, {"factor": 0}]


def test_global_hooks():
    seen = []
    handle = nn.modules.module.register_module_forward_hook(
        lambda m, args, out: seen.append(type(m).__name__)
    )
    try:
        nn.Sequential(nn.ReLU(), Double())(tn.ones(1))
    finally:
        handle.remove()
    nn.ReLU()(tn.ones(1))
    assert seen == ["ReLU", "Double", "Sequential"]


def test_registration_hooks():
    seen = []

    def hook(parent, name, child):
        seen.append(name)
        return nn.Tanh() if isinstance(child, nn.ReLU) else None

    with nn.modules.module.register_module_module_registration_hook(hook):
        parent = nn.Module()
        parent.a = nn.ReLU()
        parent.add_module("b", Double())
    parent.c = nn.ReLU()
    assert seen == ["a", "b"] and isinstance(parent.a, nn.Tanh) and isinstance(parent.c, nn.ReLU)


def test_full_backward_hooks():
    layer = nn.Linear(2, 1, bias=False)
    with tn.no_grad():
        layer.weight.copy_(tn.tensor([[2.0, 3.0]]))
    seen = []

    def hook(module, grad_input, grad_output):
        seen.append((grad_input[0].tolist(), grad_output[0].tolist()))
        return (grad_input[0] * 10,)

    layer.register_full_backward_hook(hook)
    layer.register_full_backward_pre_hook(lambda m, grads: (grads[0] * 2,))
    x = tn.ones(1, 2, requires_grad=True)
    layer(x).sum().backward()
    assert seen == [([[4.0, 6.0]], [[2.0]])]
    assert x.grad.tolist() == [[40.0, 60.0]]
