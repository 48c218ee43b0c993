"""Tenon: a deep-learning framework with PyTorch's Python, on one engine in C++."""

from tenon import _tenon
from tenon._tenon import *  # noqa: F403
