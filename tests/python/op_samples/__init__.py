"""Samples of every op, a file per family of records. Importing this declares them all."""

from . import creation, elementwise, views  # noqa: F401
