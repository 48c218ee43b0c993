"""State dicts: the names and values of a module's tensors, and how they are loaded."""

from __future__ import annotations

import functools
import itertools
import warnings
import weakref
from collections import OrderedDict, namedtuple
from collections.abc import Mapping

import tenon
from tenon.nn.parameter import Parameter, is_lazy

from ._hooks import add_hook
from ._native import Module, method

_EXTRA_STATE_KEY_SUFFIX = "_extra_state"


class _IncompatibleKeys(namedtuple("IncompatibleKeys", ["missing_keys", "unexpected_keys"])):
    __slots__ = ()

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return super().__repr__()

    __str__ = __repr__


class _WrappedHook:
    """A hook that gets its module first, without keeping the module alive."""

    def __init__(self, hook, module=None) -> None:
        self.hook = hook
        functools.update_wrapper(self, hook)
        self.with_module = module is not None
        self.module = weakref.ref(module) if self.with_module else None

    def __call__(self, *args, **kwargs):
        if not self.with_module:
            return self.hook(*args, **kwargs)
        module = self.module()
        if module is None:
            raise RuntimeError("You are trying to call the hook of a dead Module!")
        return self.hook(module, *args, **kwargs)

    def __getstate__(self):
        state = {"hook": self.hook, "with_module": self.with_module}
        if self.with_module:
            state["module"] = self.module()
        return state

    def __setstate__(self, state) -> None:
        self.__init__(state["hook"], state.get("module"))


@method
def _register_state_dict_hook(self, hook):
    if getattr(hook, "_from_public_api", False):
        raise RuntimeError(
            "Cannot register the same function as the state dict post hook that was previously "
            "registered via register_state_dict_post_hook"
        )
    return add_hook(self._state_dict_hooks, hook)


@method
def register_state_dict_post_hook(self, hook):
    """Runs ``hook(module, state_dict, prefix, local_metadata)`` after state_dict()."""
    hook._from_public_api = True
    return add_hook(self._state_dict_hooks, hook)


@method
def register_state_dict_pre_hook(self, hook):
    return add_hook(self._state_dict_pre_hooks, hook)


@method
def _register_load_state_dict_pre_hook(self, hook, with_module=False):
    return add_hook(self._load_state_dict_pre_hooks, _WrappedHook(hook, self if with_module else None))


@method
def register_load_state_dict_pre_hook(self, hook):
    return self._register_load_state_dict_pre_hook(hook, with_module=True)


@method
def register_load_state_dict_post_hook(self, hook):
    """Runs ``hook(module, incompatible_keys)``, which may change the keys in place."""
    return add_hook(self._load_state_dict_post_hooks, hook)


@method
def get_extra_state(self):
    raise RuntimeError("Reached a code path in Module.get_extra_state() that should never be called.")


@method
def set_extra_state(self, state) -> None:
    raise RuntimeError("Reached a code path in Module.set_extra_state() that should never be called.")


@method
def _save_to_state_dict(self, destination, prefix, keep_vars) -> None:
    for name, param in self._parameters.items():
        if param is not None:
            destination[prefix + name] = param if keep_vars or is_lazy(param) else param.detach()
    skipped = self._non_persistent_buffers_set._names()
    for name, buffer in self._buffers.items():
        if buffer is not None and name not in skipped:
            destination[prefix + name] = buffer if keep_vars else buffer.detach()
    if type(self).get_extra_state is not Module.get_extra_state:
        destination[prefix + _EXTRA_STATE_KEY_SUFFIX] = self.get_extra_state()


@method
def state_dict(self, *args, destination=None, prefix="", keep_vars=False):
    """Names and tensors of the parameters and persistent buffers, of the children too."""
    if args:
        warnings.warn(
            "Positional args are being deprecated, use kwargs instead. Refer to "
            "https://pytorch.org/docs/main/generated/torch.nn.Module.html#torch.nn.Module.state_dict"
            " for details.",
            FutureWarning,
            stacklevel=2,
        )
        destination = args[0] if destination is None else destination
        prefix = args[1] if len(args) > 1 and prefix == "" else prefix
        keep_vars = args[2] if len(args) > 2 and keep_vars is False else keep_vars
    if destination is None:
        destination = OrderedDict()
        destination._metadata = OrderedDict()
    local_metadata = {"version": self._version}
    if hasattr(destination, "_metadata"):
        destination._metadata[prefix[:-1]] = local_metadata
    own = self.__dict__
    for hook in own.get("_state_dict_pre_hooks", {}).values():
        hook(self, prefix, keep_vars)
    self._save_to_state_dict(destination, prefix, keep_vars)
    for name, module in self._modules.items():
        if module is not None:
            module.state_dict(destination=destination, prefix=prefix + name + ".", keep_vars=keep_vars)
    for hook in own.get("_state_dict_hooks", {}).values():
        result = hook(self, destination, prefix, local_metadata)
        if result is None:
            continue
        if getattr(hook, "_from_public_api", False):
            raise RuntimeError("state_dict post-hook must return None")
        destination = result
    return destination


def _load_tensor(self, name, param, value, key, assign, errors) -> None:
    lazy = is_lazy(param)
    if not lazy and param.dim() == 0 and value.dim() == 1 and value.shape[0] == 1:
        value = value[0]  # scalars of very old checkpoints
    if not lazy and value.shape != param.shape:
        errors.append(
            f"size mismatch for {key}: copying a param with shape {tuple(value.shape)} from checkpoint, "
            f"the shape in current model is {tuple(param.shape)}."
        )
        return
    if param.is_meta and not value.is_meta and not assign:
        warnings.warn(
            f"for {key}: copying from a non-meta parameter in the checkpoint to a meta parameter in "
            "the current model, which is a no-op. (Did you mean to pass `assign=True` to assign "
            "items in the state dictionary to their corresponding key in the module instead of "
            "copying them in place?)",
            stacklevel=4,
        )
    try:
        with tenon.no_grad():
            if assign:
                if isinstance(param, Parameter):
                    if isinstance(value, Parameter):
                        value.requires_grad_(param.requires_grad)
                    else:
                        value = Parameter(value, requires_grad=param.requires_grad)
                setattr(self, name, value)
            else:
                param.copy_(value)
    except Exception as error:
        action = "assigning" if assign else "copying"
        errors.append(
            f'While {action} the parameter named "{key}", whose dimensions in the model are '
            f"{param.size()} and whose dimensions in the checkpoint are {value.size()}, an exception "
            f"occurred : {error.args}."
        )


@method
def _load_from_state_dict(
    self, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs
) -> None:
    """Loads this module's own tensors, not the children's."""
    for hook in self.__dict__.get("_load_state_dict_pre_hooks", {}).values():
        hook(state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs)
    skipped = self._non_persistent_buffers_set._names()
    local = {
        name: value
        for name, value in itertools.chain(self._parameters.items(), self._buffers.items())
        if value is not None and name not in skipped
    }
    assign = local_metadata.get("assign_to_params_buffers", False)
    for name, param in local.items():
        key = prefix + name
        if key not in state_dict:
            if strict:
                missing_keys.append(key)
            continue
        value = state_dict[key]
        if not isinstance(value, tenon.Tensor):
            error_msgs.append(
                f'While copying the parameter named "{key}", expected tenon.Tensor or Tensor-like '
                f"object from checkpoint but received {type(value)}"
            )
            continue
        _load_tensor(self, name, param, value, key, assign, error_msgs)

    extra_key = prefix + _EXTRA_STATE_KEY_SUFFIX
    if type(self).set_extra_state is not Module.set_extra_state:
        if extra_key in state_dict:
            self.set_extra_state(state_dict[extra_key])
        elif strict:
            missing_keys.append(extra_key)
    elif strict and extra_key in state_dict:
        unexpected_keys.append(extra_key)

    if strict:
        for key in state_dict:
            if not key.startswith(prefix) or key == extra_key:
                continue
            first, *rest = key[len(prefix) :].split(".", 1)
            if first not in (self._modules if rest else local):
                unexpected_keys.append(key)


@method
def load_state_dict(self, state_dict, strict=True, assign=False):
    """Copies values into this module's tensors (assign: takes the tensors themselves).

    strict: names that are missing or unexpected are an error that lists them all."""
    if not isinstance(state_dict, Mapping):
        raise TypeError(f"Expected state_dict to be dict-like, got {type(state_dict)}.")
    missing: list[str] = []
    unexpected: list[str] = []
    errors: list[str] = []
    metadata = getattr(state_dict, "_metadata", None)
    state_dict = OrderedDict(state_dict)  # hooks may change it
    if metadata is not None:
        state_dict._metadata = metadata

    def load(module, local, prefix=""):
        local_metadata = dict(metadata.get(prefix[:-1], {})) if metadata is not None else {}
        if assign:
            local_metadata["assign_to_params_buffers"] = True
        module._load_from_state_dict(local, prefix, local_metadata, True, missing, unexpected, errors)
        for name, child in module._modules.items():
            if child is not None:
                start = prefix + name + "."
                load(child, {k: v for k, v in local.items() if k.startswith(start)}, start)
        keys = _IncompatibleKeys(missing, unexpected)
        for hook in module.__dict__.get("_load_state_dict_post_hooks", {}).values():
            if hook(module, keys) is not None:
                raise AssertionError(
                    "Hooks registered with ``register_load_state_dict_post_hook`` are not expected "
                    "to return new values, if incompatible_keys need to be modified, it should be "
                    "done inplace."
                )

    load(self, state_dict)
    if strict:
        if unexpected:
            names = ", ".join(f'"{k}"' for k in unexpected)
            errors.insert(0, f"Unexpected key(s) in state_dict: {names}. ")
        if missing:
            names = ", ".join(f'"{k}"' for k in missing)
            errors.insert(0, f"Missing key(s) in state_dict: {names}. ")
    if errors:
        raise RuntimeError(
            "Error(s) in loading state_dict for {}:\n\t{}".format(type(self).__name__, "\n\t".join(errors))
        )
    return _IncompatibleKeys(missing, unexpected)
