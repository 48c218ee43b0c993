"""Decorators: gradient modes, and __torch_function__ for functions written in Python."""

from __future__ import annotations

import functools
import warnings

from tenon import _tenon

_GENERATOR = 0x20  # inspect.CO_GENERATOR, without the cost of importing inspect


def overridable(function):
    """Lets arguments with ``__torch_function__`` take over the calls of a function."""

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        result = _tenon._override(wrapper, args, kwargs)
        return function(*args, **kwargs) if result is NotImplemented else result

    return wrapper


def decorate(mode, function):
    """A function that runs as ``function`` does, under the mode."""
    if isinstance(function, type):
        warnings.warn(
            f"Decorating classes is deprecated: {type(mode).__name__} holds only while an instance is made; "
            "decorate the methods that need it.",
            FutureWarning,
            stacklevel=3,
        )
        init = function.__init__  # type: ignore[misc]
        setattr(function, "__init__", decorate(mode, init))  # noqa: B010
        return function
    code = getattr(function, "__code__", None)
    if code is not None and code.co_flags & _GENERATOR:
        return _decorate_generator(mode, function)

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        with mode.clone():
            return function(*args, **kwargs)

    return wrapper


def _decorate_generator(mode, function):
    # The mode holds while the generator runs, not while its caller does.
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        generator = function(*args, **kwargs)
        try:
            with mode.clone():
                item = generator.send(None)
            while True:
                try:
                    request = yield item
                except GeneratorExit:
                    with mode.clone():
                        generator.close()
                    raise
                except BaseException as error:
                    with mode.clone():
                        item = generator.throw(error)
                else:
                    with mode.clone():
                        item = generator.send(request)
        except StopIteration as stop:
            return stop.value

    return wrapper
