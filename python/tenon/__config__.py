"""How this build was made."""

import os

from tenon import _tenon
from tenon.version import __version__


def show() -> str:
    """The version and threads in one text."""
    return f"Tenon {__version__}\n{parallel_info()}"


def parallel_info() -> str:
    """What runs in parallel."""
    return f"threads: {_tenon.get_num_threads()} of {os.cpu_count()} processors\n"
