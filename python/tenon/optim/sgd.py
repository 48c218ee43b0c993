"""Stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tenon import Tensor, _tenon
from tenon.optim.optimizer import (
    Optimizer,
    ParamsT,
    _global_post_hooks,
    _global_pre_hooks,
    _read_options,
    _run_closure,
)

__all__ = ["SGD"]

_sgd_step = _tenon.optim.sgd_step


class SGD(Optimizer):
    """Stochastic gradient descent, with momentum (Sutskever et al., 2013) when ``momentum`` is not 0.

    The update of a parameter p with gradient g: ``g += weight_decay * p``; with momentum
    ``b = momentum * b + (1 - dampening) * g`` (at first ``b = g``) and g becomes b, or with
    ``nesterov`` ``g + momentum * b``; then ``p -= lr * g``. ``maximize`` starts from -g.
    ``foreach`` and ``fused`` are taken for PyTorch's sake: there is one step, and it is fused.
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        if lr < 0.0:
            raise ValueError(f"Invalid learning rate: {lr}")
        if momentum < 0.0:
            raise ValueError(f"Invalid momentum value: {momentum}")
        if weight_decay < 0.0:
            raise ValueError(f"Invalid weight_decay value: {weight_decay}")
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        _read_options(foreach, fused, differentiable, lr)
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
            "foreach": foreach,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults)

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        for group in self.param_groups:
            for name, value in (("nesterov", False), ("maximize", False), ("foreach", None)):
                group.setdefault(name, value)
            group.setdefault("differentiable", False)
            group.setdefault("fused", None)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Updates the parameters once; returns what ``closure``, called with gradients on, returns."""
        if (
            closure is None
            and not self._optimizer_step_pre_hooks
            and not self._optimizer_step_post_hooks
            and not _global_pre_hooks
            and not _global_post_hooks
        ):
            return _sgd_step(self.param_groups, self.state)
        return self._hooked_step(_step, () if closure is None else (closure,), {})

    step.hooked = True


def _step(self: SGD, closure: Callable[[], Any] | None = None) -> Any:
    loss = _run_closure(closure)
    _sgd_step(self.param_groups, self.state)
    return loss
