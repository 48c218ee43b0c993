"""Linear layers. The classes are written in C++."""

from tenon import _tenon

from . import module  # noqa: F401 - the methods that every class inherits

__all__ = ["Identity", "Linear"]

Identity = _tenon.nn.Identity
Linear = _tenon.nn.Linear
