"""From a model to a file that runs without it.

``tn.export(model, example, "digits.tenon", dynamic={"batch"})`` traces the model, checks the program on an example
of another size and writes it. The module itself is the function; ``tn.export.export`` has PyTorch's signature.
"""

from __future__ import annotations

import os
import sys
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from tenon import _tenon
from tenon.export._arguments import Call, Returned, dynamic_dimensions
from tenon.export._program import Program, load_program

__all__ = ["Dim", "Program", "export", "export_program", "load_program"]


class Dim:
    """The name of a size that differs from call to call, as in ``torch.export.Dim``."""

    def __init__(self, name: str, *, min: int | None = None, max: int | None = None):
        self.__name__ = name
        self.min, self.max = min, max

    def __repr__(self) -> str:
        return f"Dim({self.__name__!r})"


def export_program(
    model: Callable[..., Any],
    example: Any,
    path: str | os.PathLike[str] | None = None,
    *,
    dynamic: Any = None,
    second_example: Any = None,
    labels: Sequence[str] | None = None,
    license: str | None = None,
    metadata: Mapping[str, str] | None = None,
    fusion: bool = True,
    check: bool = True,
    name: str = "forward",
) -> Program:
    """Traces a module or function into a Program, and writes it when there is a path.

    example: a tensor, a tuple of arguments, or a dict of arguments by name.
    dynamic: ``{"batch"}`` calls dimension 0 of every input batch; ``{"image": {1: "height", 2: "width"}}`` names
        dimensions of inputs. Sizes of one name are equal; all others are those of the example.
    second_example: arguments of other sizes on which program and model must agree; by default the example
        with its dynamic dimensions doubled. ``check=False`` leaves this out.
    fusion: also the passes that change results by rounding.

    The model is traced as it is: call ``model.eval()`` first, or its running statistics are state of the program.
    TraceError names the line of code that cannot be traced.
    """
    call = Call(model, example)
    returned = Returned()
    second = [] if second_example is None else call.flatten(second_example)
    dims, batch = dynamic_dimensions(dynamic, call.names)
    parameters, buffers = _state_of(model)

    def run(tensors: list[_tenon.Tensor]) -> list[_tenon.Tensor]:
        return returned.flatten(call.call(tensors))

    words = {str(k): str(v) for k, v in (metadata or {}).items()}
    if license is not None:
        words["license"] = license
    made = _tenon._export_program(
        run, parameters, buffers, call.tensors, call.names, returned, dims, batch, second,
        check, fusion, name, list(labels or []), words,
    )  # fmt: skip
    program = Program(made)
    if path is not None:
        program.save(path)
    return program


def _state_of(model: Any) -> tuple[list[tuple[str, Any]], list[tuple[str, Any]]]:
    owner = model if hasattr(model, "named_parameters") else getattr(model, "__self__", None)
    if owner is None or not hasattr(owner, "named_parameters"):
        return [], []
    return list(owner.named_parameters()), list(owner.named_buffers())


def export(
    mod: Callable[..., Any],
    args: Sequence[Any],
    kwargs: Mapping[str, Any] | None = None,
    *,
    dynamic_shapes: Mapping[str, Any] | Iterable[Any] | None = None,
    strict: bool = False,
) -> Program:
    """As ``torch.export.export``: positional and keyword arguments, and dynamic shapes by argument."""
    del strict  # there is one way to trace
    call = Call(mod, (tuple(args), dict(kwargs or {})), both=True)
    if dynamic_shapes is not None and not isinstance(dynamic_shapes, Mapping):
        dynamic_shapes = dict(zip(call.names, dynamic_shapes, strict=False))
    dynamic = {name: dims for name, dims in (dynamic_shapes or {}).items() if dims}
    return export_program(mod, call.example, dynamic=dynamic or None)


class _CallableModule(types.ModuleType):
    __call__ = staticmethod(export_program)


sys.modules[__name__].__class__ = _CallableModule
