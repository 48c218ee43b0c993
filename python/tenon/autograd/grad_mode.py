"""The gradient modes, under the name programs import them from."""

from tenon._tenon import enable_grad, inference_mode, no_grad, set_grad_enabled

__all__ = ["enable_grad", "inference_mode", "no_grad", "set_grad_enabled"]
