"""What an output shares with the inputs is what the record declares: neither more nor less."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import op_samples  # noqa: F401
import pytest
from op_suite.build import Built
from op_suite.compare import as_list
from op_suite.declare import OPS, Op

import tenon as tn

LAYOUTS = ("contiguous", "transposed", "strided", "offset")


def tensors(items: Any) -> list[tn.Tensor]:
    """The inputs of a call in the record's order; those of a list come after the others."""
    plain = [x for x in items if isinstance(x, tn.Tensor)]
    lists = [y for x in items if isinstance(x, list | tuple) for y in x if isinstance(y, tn.Tensor)]
    return plain + lists


def sources(output: tn.Tensor, inputs: list[tn.Tensor]) -> set[int]:
    """The inputs in whose storage an output lies."""
    where = output.untyped_storage().data_ptr()
    return {i for i, x in enumerate(inputs) if x.numel() and x.untyped_storage().data_ptr() == where}


def shared(op: Op) -> Iterator[tuple[Built, int, set[int]]]:
    """Each output of each sample in each layout: its place, and the inputs that it shares memory with."""
    for sample in op.samples.calls:
        for layout in LAYOUTS:
            if layout != "contiguous" and layout not in op.layouts:
                continue
            built = Built(op, sample, op.samples.dtypes[0], layout)
            inputs = tensors([*built.args, *built.kwargs.values()])
            for place, output in enumerate(as_list(built.run())):
                if output.numel():
                    yield built, place, sources(output, inputs)


@pytest.mark.parametrize("key", [k for k, op in OPS.items() if op.form("function") or op.form("method")])
def test_outputs_share_what_the_record_says(key: str) -> None:
    op = OPS[key]
    is_list = "list_output" in op.signature["traits"]
    for built, place, inputs in shared(op):
        _, effect, source = op.signature["outputs"][0 if is_list else place]
        source = place if source == "each" else source
        what = f"{built}: output {place} is declared {effect} of {source}, and shares memory with {inputs}"
        if effect == "view":
            assert inputs == {source}, what
        elif effect == "maybe_view":
            assert inputs <= {source}, what
        else:
            assert not inputs, what
