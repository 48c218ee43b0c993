"""Adam."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tenon import Tensor, _tenon, float32, tensor
from tenon.optim.optimizer import (
    Optimizer,
    ParamsT,
    _global_post_hooks,
    _global_pre_hooks,
    _read_options,
    _run_closure,
)

__all__ = ["Adam"]

_adam_step = _tenon.optim.adam_step


class Adam(Optimizer):
    """Adam (Kingma and Ba, 2015); with ``amsgrad`` the variant of Reddi et al. (2018).

    The update of a parameter p with gradient g at step t: ``g += weight_decay * p`` (with
    ``decoupled_weight_decay`` instead ``p *= 1 - lr * weight_decay``), ``m += (1 - b1) * (g - m)``,
    ``v = b2 * v + (1 - b2) * g * g``, ``p -= lr / (1 - b1**t) * m / (sqrt(v / (1 - b2**t)) + eps)``;
    with ``amsgrad`` the largest v so far. ``maximize`` starts from -g.
    ``foreach``, ``fused`` and ``capturable`` are taken for PyTorch's sake: there is one step, fused.
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        if not 0.0 <= lr:
            raise ValueError(f"Invalid learning rate: {lr}")
        if not 0.0 <= eps:
            raise ValueError(f"Invalid epsilon value: {eps}")
        if not 0.0 <= betas[0] < 1.0:
            raise ValueError(f"Invalid beta parameter at index 0: {betas[0]}")
        if not 0.0 <= betas[1] < 1.0:
            raise ValueError(f"Invalid beta parameter at index 1: {betas[1]}")
        if not 0.0 <= weight_decay:
            raise ValueError(f"Invalid weight_decay value: {weight_decay}")
        _read_options(foreach, fused, differentiable, lr)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "differentiable": differentiable,
            "fused": fused,
            "decoupled_weight_decay": decoupled_weight_decay,
        }
        super().__init__(params, defaults)

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        for group in self.param_groups:
            for name in ("amsgrad", "maximize", "capturable", "differentiable"):
                group.setdefault(name, False)
            group.setdefault("foreach", None)
            group.setdefault("fused", None)
            group.setdefault("decoupled_weight_decay", self.defaults.get("decoupled_weight_decay", False))
            # Old checkpoints hold the step as a number.
            for p in group["params"]:
                own = self.state.get(p)
                if own and not isinstance(own.get("step", p), Tensor):
                    own["step"] = tensor(float(own["step"]), dtype=float32)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Updates the parameters once; returns what ``closure``, called with gradients on, returns."""
        if (
            closure is None
            and not self._optimizer_step_pre_hooks
            and not self._optimizer_step_post_hooks
            and not _global_pre_hooks
            and not _global_post_hooks
        ):
            return _adam_step(self.param_groups, self.state)
        return self._hooked_step(_step, () if closure is None else (closure,), {})

    step.hooked = True


def _step(self: Adam, closure: Callable[[], Any] | None = None) -> Any:
    loss = _run_closure(closure)
    _adam_step(self.param_groups, self.state)
    return loss
