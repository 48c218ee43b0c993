"""Handles that take a hook away again, and the machinery of full backward hooks."""

from __future__ import annotations

import weakref
from typing import Any

__all__ = ["BackwardHook", "RemovableHandle", "unserializable_hook", "warn_if_has_hooks"]


class RemovableHandle:
    """``remove()`` takes the hook out of its dict. Also a context manager that removes on exit."""

    id: int
    next_id = 0

    def __init__(self, hooks_dict: Any, *, extra_dict: Any = None) -> None:
        self.hooks_dict_ref = weakref.ref(hooks_dict)
        self.id = RemovableHandle.next_id
        RemovableHandle.next_id += 1
        extras = extra_dict if isinstance(extra_dict, list) else [extra_dict]
        self.extra_dict_ref = tuple(weakref.ref(d) for d in extras if d is not None)

    def remove(self) -> None:
        for ref in (self.hooks_dict_ref, *self.extra_dict_ref):
            hooks = ref()
            if hooks is not None and self.id in hooks:
                del hooks[self.id]

    def __getstate__(self):
        return self.hooks_dict_ref(), self.id, tuple(ref() for ref in self.extra_dict_ref)

    def __setstate__(self, state) -> None:
        import collections

        hooks, self.id, extras = state
        # A dict that is gone is replaced by an empty one, so that remove() still does nothing.
        self.hooks_dict_ref = weakref.ref(hooks if hooks is not None else collections.OrderedDict())
        self.extra_dict_ref = tuple(
            weakref.ref(d if d is not None else collections.OrderedDict()) for d in extras
        )
        RemovableHandle.next_id = max(RemovableHandle.next_id, self.id + 1)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *exc) -> None:
        self.remove()


def unserializable_hook(f):
    """Marks a hook that must not be pickled with its tensor."""
    f.__torch_unserializable__ = True
    return f


def warn_if_has_hooks(tensor) -> None:
    import warnings

    for hook in (getattr(tensor, "_backward_hooks", None) or {}).values():
        if not hasattr(hook, "__torch_unserializable__"):
            warnings.warn(
                f"backward hook {hook!r} on tensor will not be serialized. If this is expected, "
                "you can decorate the function with @utils.hooks.unserializable_hook to suppress "
                "this warning",
                stacklevel=2,
            )


def _identity_function():
    # Made when first needed: autograd is not imported yet when nn is.
    global _Identity
    if _Identity is None:
        from tenon import autograd

        class Identity(autograd.Function):
            """Passes tensors through; its backward sees all their gradients at once."""

            @staticmethod
            def forward(ctx, on_backward, *tensors):
                ctx.on_backward = on_backward
                ctx.set_materialize_grads(False)
                return tuple(t.view_as(t) for t in tensors)

            @staticmethod
            def backward(ctx, *grads):
                return (None, *ctx.on_backward(grads))

        _Identity = Identity
    return _Identity


_Identity: type | None = None


class BackwardHook:
    """Wraps a module's inputs and outputs so that full backward hooks see both sides' gradients."""

    def __init__(self, module, user_hooks, user_pre_hooks) -> None:
        self.module = module
        self.user_hooks = user_hooks
        self.user_pre_hooks = user_pre_hooks
        self.grad_outputs: tuple | None = None
        self.n_inputs = -1
        self.input_index: list[int] | None = None
        self.n_outputs = -1
        self.output_index: list[int] | None = None

    @staticmethod
    def _spread(grads, index, size):
        out: list[Any] = [None] * size
        for i, grad in zip(index, grads, strict=True):
            out[i] = grad
        return tuple(out)

    @staticmethod
    def _as_tuple(result):
        return result if isinstance(result, tuple) else (result,)

    def _run_hooks(self, grad_inputs):
        for hook in self.user_hooks:
            result = hook(self.module, grad_inputs, self.grad_outputs)
            if result is None:
                continue
            result = self._as_tuple(result)
            if len(result) != len(grad_inputs):
                raise RuntimeError(
                    "Backward hook returned an invalid number of grad_input, "
                    f"got {len(result)}, but expected {len(grad_inputs)}"
                )
            grad_inputs = result
        return grad_inputs

    def _on_input_grads(self, grads):
        if self.grad_outputs is None:
            # The gradient reached the inputs around the outputs: nothing to report.
            return grads
        grad_inputs = self._run_hooks(self._spread(grads, self.input_index, self.n_inputs))
        self.grad_outputs = None
        return tuple(grad_inputs[i] for i in self.input_index or ())

    def _on_output_grads(self, grads):
        grad_outputs = self._spread(grads, self.output_index, self.n_outputs)
        for hook in self.user_pre_hooks:
            result = hook(self.module, grad_outputs)
            if result is None:
                continue
            result = self._as_tuple(result)
            if len(result) != len(grad_outputs):
                raise RuntimeError(
                    "Backward pre hook returned an invalid number of grad_output, "
                    f"got {len(result)}, but expected {len(grad_outputs)}"
                )
            grad_outputs = result
        self.grad_outputs = grad_outputs
        # Without an input that wants a gradient this is the last we hear of this backward.
        if self.input_index is None:
            self._run_hooks((None,) * max(self.n_inputs, 0))
            self.grad_outputs = None
        return tuple(grad_outputs[i] for i in self.output_index or ())

    @staticmethod
    def _wrap(values, on_backward):
        import tenon

        index = [i for i, v in enumerate(values) if isinstance(v, tenon.Tensor) and v.requires_grad]
        if not index or not tenon.is_grad_enabled():
            return values, None
        wrapped = _identity_function().apply(on_backward, *(values[i] for i in index))
        if isinstance(wrapped, tenon.Tensor):
            wrapped = (wrapped,)
        values = list(values)
        for i, value in zip(index, wrapped, strict=True):
            values[i] = value
        return tuple(values), index

    def setup_input_hook(self, args):
        self.n_inputs = len(args)
        args, self.input_index = self._wrap(args, self._on_input_grads)
        return args

    def setup_output_hook(self, result):
        single = not isinstance(result, tuple)
        values = (result,) if single else result
        self.n_outputs = len(values)
        values, self.output_index = self._wrap(values, self._on_output_grads)
        return values[0] if single else values
