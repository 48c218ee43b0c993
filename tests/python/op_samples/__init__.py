"""Samples of every op, a file per family of records. Importing this declares them all."""

from . import (  # noqa: F401
    activation,
    contraction,
    conv,
    creation,
    elementwise,
    indexing,
    joining,
    loss,
    matmul,
    norm,
    random,
    reduction,
    sorting,
    views,
)
