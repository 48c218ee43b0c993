"""Tables looked up by index. The classes are written in C++."""

from tenon import _tenon

from . import module  # noqa: F401 - the methods that every class inherits

__all__ = ["Embedding"]

Embedding = _tenon.nn.Embedding
