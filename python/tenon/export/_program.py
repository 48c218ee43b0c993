"""Programs: exported models that run."""

from __future__ import annotations

import os
from typing import Any

from tenon import _tenon


class Program:
    """An exported model. Calling it runs it; ``save`` writes it; ``str`` shows its graph."""

    def __init__(self, made: Any):
        self._made = made

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.run("", *args, **kwargs)

    def run(self, function: str, /, *args: Any, **kwargs: Any) -> Any:
        """Calls one of the program's functions."""
        names = self._made.inputs(function)
        if len(args) > len(names):
            raise _tenon.TypeError(f"program: takes {len(names)} inputs {names}, but got {len(args)}")
        given = dict(zip(names, args, strict=False))
        for name, value in kwargs.items():
            if name not in names or name in given:
                problem = "is given twice" if name in given else "is no input"
                raise _tenon.TypeError(f"program: '{name}' {problem}; the inputs are {names}")
            given[name] = value
        missing = [name for name in names if name not in given]
        if missing:
            raise _tenon.TypeError(f"program: missing input{'s' * (len(missing) > 1)} {', '.join(missing)}")
        outputs = self._made.run([_tenon.as_tensor(given[name]) for name in names], function)
        if self.metadata.get(f"{function or self.functions[0]}.returns") == "dict":
            return dict(zip(self._made.outputs(function), outputs, strict=True))
        return outputs[0] if self._made.outputs(function) == ["output"] else tuple(outputs)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes a .tenon file, in one step or not at all."""
        self._made.save(os.fsencode(path))

    @property
    def functions(self) -> list[str]:
        """Names of the program's functions."""
        return self._made.functions()

    @property
    def inputs(self) -> list[str]:
        """Names of the inputs of the first function."""
        return self._made.inputs("")

    @property
    def outputs(self) -> list[str]:
        """Names of the outputs of the first function."""
        return self._made.outputs("")

    @property
    def state(self) -> list[str]:
        """Names of the state that the first function keeps from call to call."""
        return self._made.state("")

    @property
    def labels(self) -> list[str]:
        return self._made.labels()

    @property
    def metadata(self) -> dict[str, str]:
        return self._made.metadata()

    def __str__(self) -> str:
        return "\n".join(self._made.text(name) for name in self.functions)

    def __repr__(self) -> str:
        return f"Program({', '.join(self.functions)})"


def load_program(path: str | os.PathLike[str], *, verify: bool = False) -> Program:
    """Opens a .tenon file. ``verify`` compares the weights with their checksums too."""
    return Program(_tenon._load_program(os.fsencode(path), verify))
