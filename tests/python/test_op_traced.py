"""Eager = traced = planned = reloaded, bit for bit, for every op."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import op_samples  # noqa: F401
import pytest
from op_suite.build import Built
from op_suite.compare import as_list
from op_suite.declare import OPS

import tenon as tn

# Ops whose calls cannot all be programs, and why.
UNTRACEABLE = {
    "empty_like": "its values are what the memory held before",
    "new_empty": "its values are what the memory held before",
    "masked_scatter": "it takes as many values as the mask has ones, which a slice of the source cannot be checked for",
}


def builds(key: str) -> Any:
    op = OPS[key]
    for i, call in enumerate(op.samples.calls):
        layout = "contiguous" if i % 2 or "mixed" not in op.layouts else "mixed"
        yield Built(op, call, op.samples.dtypes[i % len(op.samples.dtypes)], layout)


def bits(tensor: tn.Tensor) -> bytes:
    tensor = tensor.detach().contiguous()
    if tensor.dtype == tn.bfloat16:
        tensor = tensor.view(tn.int16)
    return tensor.numpy().tobytes()


@pytest.mark.parametrize("key", [k for k in OPS if k not in UNTRACEABLE])
def test_traced_planned_and_reloaded_are_eager(key: str, tmp_path: Path) -> None:
    for built in builds(key):
        if not built.tensors:
            continue

        def run(*tensors: tn.Tensor, built: Built = built) -> tuple[tn.Tensor, ...]:
            args, kwargs = built.with_tensors(list(tensors))
            return tuple(as_list(built.op.function(*args, **kwargs)))

        inputs = [x.clone() for x in built.tensors]
        state = tn.get_rng_state()
        expected = run(*[x.clone() for x in inputs])
        tn.set_rng_state(state)
        if not expected:
            continue
        made = tn.export(run, tuple(inputs), tmp_path / "op.tenon", fusion=False)
        for program in (made, tn.load_program(tmp_path / "op.tenon")):
            found = program(*inputs)
            assert len(found) == len(expected), built
            for got, want in zip(found, expected, strict=True):
                assert got.shape == want.shape and got.dtype == want.dtype, f"{built}: {got}, eager {want}"
                assert bits(got) == bits(want), f"{built}: {got}, eager {want}"


def test_the_size_of_a_mask_is_not_known() -> None:
    def scatter(x: tn.Tensor, mask: tn.Tensor, source: tn.Tensor) -> tn.Tensor:
        return x.masked_scatter(mask, source)

    with pytest.raises(RuntimeError, match="is unknown while tracing"):
        tn.export(scatter, (tn.rand(4), tn.rand(4) > 0.5, tn.rand(4)))
