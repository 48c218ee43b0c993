"""How this build was made, and what it chose on this machine: ``show()``, or one attribute for each answer.

``version``, ``commit`` (empty when whoever built it did not say), ``compiler``, ``build_type``, ``sanitizers``,
``onednn`` ("optional": opened where the machine has it; empty: left out), ``png``, ``jpeg``, ``shared``,
``simd_compiled``, ``simd`` (the instruction set that runs) and ``threads``.
"""

import os

from tenon import _tenon


def show() -> str:
    """All of it in one text."""
    return _tenon._build_config_text()


def parallel_info() -> str:
    """What runs in parallel."""
    return f"threads: {_tenon.get_num_threads()} of {os.cpu_count()} processors\n"


def __getattr__(name: str):
    config = _tenon._build_config()
    if name in config:
        return config[name]
    raise AttributeError(f"module 'tenon.__config__' has no attribute '{name}'")


def __dir__() -> list[str]:
    return [*globals(), *_tenon._build_config()]
