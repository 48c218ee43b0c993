"""Losses: modules of two tensors. The classes are written in C++."""

from tenon import _tenon

from . import module  # noqa: F401 - the methods that every class inherits

__all__ = ["BCELoss", "BCEWithLogitsLoss", "CrossEntropyLoss", "L1Loss", "MSELoss", "NLLLoss", "SmoothL1Loss"]

BCELoss = _tenon.nn.BCELoss
BCEWithLogitsLoss = _tenon.nn.BCEWithLogitsLoss
CrossEntropyLoss = _tenon.nn.CrossEntropyLoss
L1Loss = _tenon.nn.L1Loss
MSELoss = _tenon.nn.MSELoss
NLLLoss = _tenon.nn.NLLLoss
SmoothL1Loss = _tenon.nn.SmoothL1Loss
_Loss = _tenon.nn._Loss
