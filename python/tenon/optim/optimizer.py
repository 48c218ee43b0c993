"""The base of all optimisers: parameter groups, state, hooks, and their dictionaries."""

from __future__ import annotations

import functools
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Hashable, Iterable
from copy import deepcopy
from itertools import chain
from typing import Any

from tenon import Tensor, _tenon, enable_grad, is_grad_enabled, set_grad_enabled
from tenon.utils.hooks import RemovableHandle

__all__ = [
    "Optimizer",
    "register_optimizer_step_post_hook",
    "register_optimizer_step_pre_hook",
]

ParamsT = Iterable[Any]
StateDict = dict[str, Any]

_global_pre_hooks: dict[int, Callable] = OrderedDict()
_global_post_hooks: dict[int, Callable] = OrderedDict()
_zero_grad = _tenon.optim.zero_grad


class _RequiredParameter:
    """What a group has to give because the optimiser has no default for it."""

    def __repr__(self) -> str:
        return "<required parameter>"


required = _RequiredParameter()


def _add_hook(hooks: dict[int, Callable], hook: Callable, prepend: bool = False) -> RemovableHandle:
    handle = RemovableHandle(hooks)
    hooks[handle.id] = hook
    if prepend:
        hooks.move_to_end(handle.id, last=False)
    return handle


def register_optimizer_step_pre_hook(hook: Callable) -> RemovableHandle:
    """Calls ``hook(optimizer, args, kwargs)`` before each step of every optimiser."""
    return _add_hook(_global_pre_hooks, hook)


def register_optimizer_step_post_hook(hook: Callable) -> RemovableHandle:
    """Calls ``hook(optimizer, args, kwargs)`` after each step of every optimiser."""
    return _add_hook(_global_post_hooks, hook)


def _use_grad_for_differentiable(step: Callable) -> Callable:
    """Runs a subclass's ``step`` with gradients off, unless the optimiser is differentiable."""

    @functools.wraps(step)
    def wrapper(self, *args, **kwargs):
        before = is_grad_enabled()
        try:
            set_grad_enabled(bool(self.defaults.get("differentiable", False)))
            return step(self, *args, **kwargs)
        finally:
            set_grad_enabled(before)

    return wrapper


def _read_options(foreach: bool | None, fused: bool | None, differentiable: bool, lr: Any) -> None:
    """Checks the options that choose between PyTorch's implementations; here there is one."""
    if differentiable:
        raise NotImplementedError(
            "differentiable=True: the optimizer's step is one fused op and is not recorded; "
            "write the update with ordinary ops to differentiate through it"
        )
    if foreach and fused:
        raise RuntimeError("`fused` and `foreach` cannot be `True` together.")
    if isinstance(lr, Tensor) and lr.numel() != 1:
        raise ValueError("Tensor lr must be 1-element")


class Optimizer:
    """Base class of optimisers.

    ``params`` is an iterable of Tensors, of ``(name, Tensor)`` pairs or of dicts, each of which makes a
    group with options of its own; ``defaults`` are the options of groups that do not give them.

    ``param_groups`` is a list of dicts that may be read and written between steps, ``state`` a dict
    from parameter to that parameter's state.
    """

    OptimizerPreHook = Callable[..., Any]
    OptimizerPostHook = Callable[..., None]

    def __init__(self, params: ParamsT, defaults: dict[str, Any]) -> None:
        self.defaults = defaults
        self._make_hooks()
        self._patch_step_function()
        if isinstance(params, Tensor):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, "
                "but got " + type(params).__name__ + "; put it in a list: [parameter]"
            )
        self.state: defaultdict[Tensor, Any] = defaultdict(dict)
        self.param_groups: list[dict[str, Any]] = []
        groups = list(params)
        if len(groups) == 0:
            raise ValueError("optimizer got an empty parameter list")
        if not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        for group in groups:
            self.add_param_group(group)

    def _make_hooks(self) -> None:
        self._optimizer_step_pre_hooks: dict[int, Callable] = OrderedDict()
        self._optimizer_step_post_hooks: dict[int, Callable] = OrderedDict()
        self._optimizer_state_dict_pre_hooks: dict[int, Callable] = OrderedDict()
        self._optimizer_state_dict_post_hooks: dict[int, Callable] = OrderedDict()
        self._optimizer_load_state_dict_pre_hooks: dict[int, Callable] = OrderedDict()
        self._optimizer_load_state_dict_post_hooks: dict[int, Callable] = OrderedDict()

    # ---- hooks around step ----------------------------------------------------------------------

    def _patch_step_function(self) -> None:
        # Subclasses write step() alone; their class gets it with hooks once.
        self._zero_grad_profile_name = f"Optimizer.zero_grad#{type(self).__name__}.zero_grad"
        cls = type(self)
        if not getattr(cls.step, "hooked", None):
            cls.step = self.profile_hook_step(cls.step)

    @staticmethod
    def profile_hook_step(func: Callable) -> Callable:
        """``func`` with the step hooks called before and after it."""

        @functools.wraps(func)
        def wrapper(self, *args, **kwargs):
            return self._hooked_step(func, args, kwargs)

        wrapper.hooked = True
        return wrapper

    def _hooked_step(self, func: Callable, args: tuple, kwargs: dict[str, Any]) -> Any:
        for hook in chain(tuple(_global_pre_hooks.values()), tuple(self._optimizer_step_pre_hooks.values())):
            result = hook(self, args, kwargs)
            if result is not None:
                if not (isinstance(result, tuple) and len(result) == 2):
                    raise RuntimeError(
                        f"{func} must return None or a tuple of (new_args, new_kwargs), but got {result}."
                    )
                args, kwargs = result
        out = func(self, *args, **kwargs)
        for hook in chain(
            tuple(self._optimizer_step_post_hooks.values()), tuple(_global_post_hooks.values())
        ):
            hook(self, args, kwargs)
        return out

    def register_step_pre_hook(self, hook: Callable) -> RemovableHandle:
        """Calls ``hook(optimizer, args, kwargs)`` before each step; it may return new ``(args, kwargs)``."""
        return _add_hook(self._optimizer_step_pre_hooks, hook)

    def register_step_post_hook(self, hook: Callable) -> RemovableHandle:
        """Calls ``hook(optimizer, args, kwargs)`` after each step."""
        return _add_hook(self._optimizer_step_post_hooks, hook)

    def register_state_dict_pre_hook(self, hook: Callable, prepend: bool = False) -> RemovableHandle:
        """Calls ``hook(optimizer)`` before ``state_dict()`` collects."""
        return _add_hook(self._optimizer_state_dict_pre_hooks, hook, prepend)

    def register_state_dict_post_hook(self, hook: Callable, prepend: bool = False) -> RemovableHandle:
        """Calls ``hook(optimizer, state_dict)``; what it returns, unless None, takes the dict's place."""
        return _add_hook(self._optimizer_state_dict_post_hooks, hook, prepend)

    def register_load_state_dict_pre_hook(self, hook: Callable, prepend: bool = False) -> RemovableHandle:
        """Calls ``hook(optimizer, state_dict)``; what it returns, unless None, is loaded instead."""
        return _add_hook(self._optimizer_load_state_dict_pre_hooks, hook, prepend)

    def register_load_state_dict_post_hook(self, hook: Callable, prepend: bool = False) -> RemovableHandle:
        """Calls ``hook(optimizer)`` after ``load_state_dict()``."""
        return _add_hook(self._optimizer_load_state_dict_post_hooks, hook, prepend)

    # ---- pickling and printing ------------------------------------------------------------------

    def __getstate__(self) -> dict[str, Any]:
        return {"defaults": self.defaults, "state": self.state, "param_groups": self.param_groups}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if "_optimizer_step_pre_hooks" not in self.__dict__:
            self._make_hooks()
        self._patch_step_function()
        self.defaults.setdefault("differentiable", False)

    def __repr__(self) -> str:
        text = type(self).__name__ + " ("
        for i, group in enumerate(self.param_groups):
            text += f"\nParameter Group {i}\n"
            for key in sorted(group.keys()):
                if key != "params":
                    text += f"    {key}: {group[key]}\n"
        return text + ")"

    # ---- groups ---------------------------------------------------------------------------------

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Adds a group: a dict with ``params`` and any options that differ from the defaults.

        TypeError, ValueError: no dict, no Tensors, not leaves, a parameter twice, or an option missing.
        """
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
        params = param_group["params"]
        if isinstance(params, Tensor):
            params = [params]
        elif isinstance(params, set):
            raise TypeError(
                "optimizer parameters need to be organized in ordered collections, but the ordering "
                "of tensors in sets will change between runs. Please use a list instead."
            )
        group = param_group
        group["params"] = params = list(params)
        self._take_names(group)
        self._check_params(group["params"])
        for name, default in self.defaults.items():
            if default is required and name not in group:
                raise ValueError(f"parameter group didn't specify a value of required option {name}")
            group.setdefault(name, default)
        own = set(group["params"])
        if len(own) != len(group["params"]):
            raise ValueError("some parameters appear more than once in a parameter group")
        if any(p in own for g in self.param_groups for p in g["params"]):
            raise ValueError("some parameters appear in more than one parameter group")
        self.param_groups.append(group)

    def _take_names(self, group: dict[str, Any]) -> None:
        """Splits ``(name, Tensor)`` pairs into ``params`` and ``param_names``."""
        params = group["params"]
        named = [isinstance(p, tuple) for p in params]
        if any(named):
            if not all(named):
                raise ValueError(
                    "all optimizer params should be with/without names. Some param names are missing"
                )
            group["param_names"] = [name for name, _ in params]
            group["params"] = [p for _, p in params]
        if self.param_groups and ("param_names" in group) != ("param_names" in self.param_groups[0]):
            raise ValueError("all optimizer param groups should be with/without names.")

    def _check_params(self, params: list[Any]) -> None:
        for p in params:
            if not isinstance(p, Tensor):
                raise TypeError(
                    "optimizer can only optimize Tensors, but one of the params is " + type(p).__name__
                )
            if not self.defaults.get("differentiable") and not (p.is_leaf or p.retains_grad):
                raise ValueError("can't optimize a non-leaf Tensor")

    # ---- what training calls --------------------------------------------------------------------

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Lets the gradients go; with ``set_to_none=False`` they are filled with zeros."""
        _zero_grad(self.param_groups, set_to_none)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Updates the parameters once; ``closure`` reevaluates the model and returns the loss."""
        raise NotImplementedError(f"{type(self).__name__} has no step()")

    # ---- dictionaries ---------------------------------------------------------------------------

    def state_dict(self) -> StateDict:
        """``{"state": {index: state}, "param_groups": [...]}``, with parameters as their indices."""
        for hook in tuple(self._optimizer_state_dict_pre_hooks.values()):
            hook(self)
        indices: dict[int, int] = {}
        groups = []
        for group in self.param_groups:
            packed = {k: v for k, v in group.items() if k != "params"}
            for p in group["params"]:
                indices.setdefault(id(p), len(indices))
            packed["params"] = [indices[id(p)] for p in group["params"]]
            groups.append(packed)
        state = {(indices[id(k)] if isinstance(k, Tensor) else k): v for k, v in self.state.items()}
        out: StateDict = {"state": state, "param_groups": groups}
        for hook in tuple(self._optimizer_state_dict_post_hooks.values()):
            result = hook(self, out)
            if result is not None:
                out = result
        return out

    def load_state_dict(self, state_dict: StateDict) -> None:
        """Takes the groups' options and a copy of the states of ``state_dict()``.

        States take their parameter's dtype and device, except ``step``. ValueError when the groups differ.
        """
        state_dict = state_dict.copy()
        for hook in tuple(self._optimizer_load_state_dict_pre_hooks.values()):
            result = hook(self, state_dict)
            if result is not None:
                state_dict = result
        groups = self.param_groups
        saved = deepcopy(state_dict["param_groups"])
        if len(groups) != len(saved):
            raise ValueError(
                "loaded state dict has a different number of parameter groups: "
                f"{len(saved)}, the optimizer has {len(groups)}"
            )
        for i, (group, other) in enumerate(zip(groups, saved, strict=True)):
            if len(group["params"]) != len(other["params"]):
                raise ValueError(
                    "loaded state dict contains a parameter group that doesn't match the size of "
                    f"optimizer's group: group {i} has {len(other['params'])} parameters in the dict, "
                    f"{len(group['params'])} in the optimizer"
                )
        params = dict(
            zip(
                chain.from_iterable(g["params"] for g in saved),
                chain.from_iterable(g["params"] for g in groups),
                strict=True,
            )
        )
        state: defaultdict[Any, Any] = defaultdict(dict)
        for k, v in state_dict["state"].items():
            if k in params:
                state[params[k]] = _loaded(params[k], v)
            else:
                state[k] = v
        for group, other in zip(groups, saved, strict=True):
            other["params"] = group["params"]
            if "param_names" in group and "param_names" not in other:
                other["param_names"] = group["param_names"]
        self.__setstate__({"state": state, "param_groups": saved})
        for hook in tuple(self._optimizer_load_state_dict_post_hooks.values()):
            hook(self)


def _loaded(param: Tensor, value: Any, key: Hashable = None) -> Any:
    """A copy of a state's value, with tensors as their parameter needs them."""
    if isinstance(value, Tensor):
        if key == "step":
            return value.detach().clone()
        dtype = param.dtype if param.is_floating_point() else value.dtype
        return value.detach().to(dtype=dtype, device=param.device, copy=True)
    if isinstance(value, dict):
        return {k: _loaded(param, v, k) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_loaded(param, v) for v in value)
    return value


def _run_closure(closure: Callable[[], Any] | None) -> Any:
    if closure is None:
        return None
    with enable_grad():
        return closure()
