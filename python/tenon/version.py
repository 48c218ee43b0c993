"""The version of Tenon."""

__version__ = "0.1.0"
cuda = None  # the version of CUDA this build uses
hip = None
