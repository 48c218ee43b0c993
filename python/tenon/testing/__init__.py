"""Comparisons for tests, with messages that say where two tensors differ."""

from tenon.testing._comparison import assert_allclose, assert_close, make_tensor

__all__ = ["assert_allclose", "assert_close", "make_tensor"]
