"""Activations. The classes are written in C++."""

from tenon import _tenon

from . import module  # noqa: F401 - the methods that every class inherits

__all__ = ["GELU", "LeakyReLU", "LogSoftmax", "ReLU", "SiLU", "Sigmoid", "Softmax", "Tanh"]

GELU = _tenon.nn.GELU
LeakyReLU = _tenon.nn.LeakyReLU
LogSoftmax = _tenon.nn.LogSoftmax
ReLU = _tenon.nn.ReLU
SiLU = _tenon.nn.SiLU
Sigmoid = _tenon.nn.Sigmoid
Softmax = _tenon.nn.Softmax
Tanh = _tenon.nn.Tanh
