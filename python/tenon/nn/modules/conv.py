"""Convolutions. The classes are written in C++."""

from tenon import _tenon

from . import module  # noqa: F401 - the methods that every class inherits

__all__ = ["Conv1d", "Conv2d", "Conv3d"]

Conv1d = _tenon.nn.Conv1d
Conv2d = _tenon.nn.Conv2d
Conv3d = _tenon.nn.Conv3d
