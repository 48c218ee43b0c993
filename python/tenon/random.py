"""The default generator of random numbers."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from tenon._tenon import (
    default_generator,
    get_rng_state,
    initial_seed,
    manual_seed,
    seed,
    set_rng_state,
)

__all__ = [
    "default_generator",
    "fork_rng",
    "get_rng_state",
    "initial_seed",
    "manual_seed",
    "seed",
    "set_rng_state",
]


@contextlib.contextmanager
def fork_rng(devices: Iterable | None = None, enabled: bool = True, device_type: str = "cuda"):
    """A scope after which the default generator is as it was before."""
    if not enabled:
        yield
        return
    state = get_rng_state()
    try:
        yield
    finally:
        set_rng_state(state)
