"""Optimisers and learning-rate schedules."""

from tenon.optim import lr_scheduler
from tenon.optim.adam import Adam
from tenon.optim.adamw import AdamW
from tenon.optim.optimizer import Optimizer
from tenon.optim.sgd import SGD

__all__ = ["SGD", "Adam", "AdamW", "Optimizer", "lr_scheduler"]
