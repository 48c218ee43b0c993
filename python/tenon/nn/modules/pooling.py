"""Pooling. The classes are written in C++."""

from tenon import _tenon

from . import module  # noqa: F401 - the methods that every class inherits

__all__ = ["AdaptiveAvgPool2d", "AvgPool2d", "MaxPool2d"]

AdaptiveAvgPool2d = _tenon.nn.AdaptiveAvgPool2d
AvgPool2d = _tenon.nn.AvgPool2d
MaxPool2d = _tenon.nn.MaxPool2d
