"""The C++ class that Module is, and how Python hangs its part of the methods onto it."""

from tenon import _tenon

Module = _tenon.nn.Module


def method(function):
    """The function becomes a method of Module."""
    setattr(Module, function.__name__, function)
    function.__qualname__ = "Module." + function.__name__
    function.__module__ = "tenon.nn.modules.module"
    return function
