"""Normalisation of each sample by itself. The classes are written in C++."""

from tenon import _tenon

from . import module  # noqa: F401 - the methods that every class inherits

__all__ = ["LayerNorm"]

LayerNorm = _tenon.nn.LayerNorm
