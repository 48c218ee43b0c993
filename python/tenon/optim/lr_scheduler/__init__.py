"""Learning-rate schedules: each changes ``lr`` of an optimiser's groups when stepped."""

from tenon.optim.lr_scheduler._base import LRScheduler
from tenon.optim.lr_scheduler._composed import ChainedScheduler, SequentialLR
from tenon.optim.lr_scheduler._epochs import (
    ConstantLR,
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiplicativeLR,
    MultiStepLR,
    PolynomialLR,
    StepLR,
)
from tenon.optim.lr_scheduler._one_cycle import OneCycleLR
from tenon.optim.lr_scheduler._plateau import ReduceLROnPlateau

_LRScheduler = LRScheduler

__all__ = [
    "ChainedScheduler",
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "ExponentialLR",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "MultiplicativeLR",
    "OneCycleLR",
    "PolynomialLR",
    "ReduceLROnPlateau",
    "SequentialLR",
    "StepLR",
]

# Pickles and programs name them by this module, as with PyTorch.
for _name in __all__:
    globals()[_name].__module__ = __name__
