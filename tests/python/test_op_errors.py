"""Wrong calls of every op: what its samples declare, and what is wrong for all ops alike."""

from __future__ import annotations

from typing import Any

import op_samples  # noqa: F401
import pytest
from op_suite.build import Built
from op_suite.declare import OPS, Call, Op

import tenon as tn

DECLARED = [pytest.param(key, i, id=f"{key}-{i}") for key, op in OPS.items() for i in range(len(op.wrong))]


@pytest.mark.parametrize(("key", "number"), DECLARED)
def test_declared_wrong_calls(key: str, number: int) -> None:
    op = OPS[key]
    call, kinds, words = op.wrong[number]
    with pytest.raises(kinds) as caught:
        op.function(*call.args, **call.kwargs)
    for word in words:
        assert word in str(caught.value), f"{key}: {word!r} is not in: {caught.value}"


def first(op: Op) -> Built:
    return Built(op, op.samples.calls[0], op.samples.dtypes[-1])


@pytest.mark.parametrize("key", OPS)
def test_unknown_keyword(key: str) -> None:
    built = first(OPS[key])
    with pytest.raises(TypeError, match=rf"{OPS[key].name}.*(no_such_keyword|invalid combination)"):
        built.run(no_such_keyword=1)


@pytest.mark.parametrize("key", OPS)
def test_too_many_arguments(key: str) -> None:
    op = OPS[key]
    if any(p["variadic"] or p["kind"] == "input_list" for p in op.signature["parameters"]):
        return
    args = first(op).args + (tn.ones(1),) * 12
    with pytest.raises(TypeError, match=op.name):
        op.function(*args)


@pytest.mark.parametrize("key", OPS)
def test_missing_arguments(key: str) -> None:
    op = OPS[key]
    if not op.form("function") or not any(p["required"] for p in op.signature["parameters"]):
        return
    with pytest.raises(TypeError, match=op.name):
        op.function()


@pytest.mark.parametrize("key", OPS)
def test_argument_of_the_wrong_type(key: str) -> None:
    """Each argument in turn is an object that no op takes."""
    op = OPS[key]
    built = first(op)
    for i in range(len(built.args)):
        if i == 0 and not op.form("function"):
            continue
        args = (*built.args[:i], object(), *built.args[i + 1 :])
        with pytest.raises(TypeError, match=op.name):
            op.function(*args, **built.kwargs)


def attributes(op: Op, kind: str, *names: str) -> list[str]:
    return [
        p["name"] for p in op.signature["parameters"] if p["type"].rstrip("?") == kind and p["name"] in names
    ]


def by_name(op: Op, call: Call) -> dict[str, Any] | None:
    """The call's arguments by their names, when none is variadic."""
    names = [p for p in op.signature["parameters"] if not p["keyword"]]
    if any(p["variadic"] for p in names) or len(call.args) > len(names):
        return None
    return {**{p["name"]: a for p, a in zip(names, call.args, strict=False)}, **call.kwargs}


@pytest.mark.parametrize(
    "key", [k for k, op in OPS.items() if attributes(op, "int", "dim", "dim0", "dim1", "start_dim")]
)
def test_dimension_out_of_range(key: str) -> None:
    op = OPS[key]
    built = first(op)
    named = by_name(op, Call(built.args, built.kwargs))
    assert named is not None
    for name in attributes(op, "int", "dim", "dim0", "dim1", "start_dim"):
        for value in (57, -58):
            positional = [named[p["name"]] for p in op.signature["parameters"][:1]]
            rest = {
                **{k: v for k, v in named.items() if k != op.signature["parameters"][0]["name"]},
                name: value,
            }
            with pytest.raises(IndexError) as caught:
                op.function(*positional, **rest)
            assert str(value) in str(caught.value), f"{key}: {value} is not in: {caught.value}"


def several_inputs(op: Op) -> bool:
    return op.has("elementwise") and sum(p["kind"] == "input" for p in op.signature["parameters"]) >= 2


@pytest.mark.parametrize("key", [k for k, op in OPS.items() if several_inputs(op)])
def test_shapes_that_do_not_broadcast(key: str) -> None:
    op = OPS[key]
    built = first(op)
    last = max(i for i, a in enumerate(built.args) if isinstance(a, tn.Tensor))
    if built.args[last].dim() == 0 or last == 0:
        return
    args = list(built.args)
    args[last] = tn.ones(7, 9, dtype=built.args[last].dtype)
    with pytest.raises((RuntimeError, ValueError)) as caught:
        op.function(*args, **built.kwargs)
    assert isinstance(caught.value, RuntimeError) and isinstance(caught.value, ValueError), (
        f"{key}: {caught.value!r}"
    )
    for word in ("(7, 9)", str(tuple(built.args[0].shape))):
        assert word in str(caught.value), f"{key}: {word!r} is not in: {caught.value}"


@pytest.mark.parametrize("key", [k for k, op in OPS.items() if several_inputs(op)])
def test_tensors_of_two_devices(key: str) -> None:
    op = OPS[key]
    built = first(op)
    places = [i for i, a in enumerate(built.args) if isinstance(a, tn.Tensor) and a.dim() > 0]
    if len(places) < 2:
        return
    args = list(built.args)
    args[places[-1]] = args[places[-1]].to("meta")
    with pytest.raises(RuntimeError) as caught:
        op.function(*args, **built.kwargs)
    for word in ("cpu", "meta"):
        assert word in str(caught.value), f"{key}: {word!r} is not in: {caught.value}"
