"""Values of every op against its reference: dtypes, layouts, special values, dtype of the result, meta."""

from __future__ import annotations

import numpy as np
import op_samples  # noqa: F401
import pytest
from op_suite.build import NUMPY, Built, combinations, contiguous
from op_suite.compare import as_list, check_values, expected_dtypes, reference_of
from op_suite.declare import OPS, SIGNATURES, all_types

import tenon as tn

PUBLIC = [key for key in SIGNATURES if not key.startswith("_")]
REFERENCED = [key for key, op in OPS.items() if op.reference is not None]
everything = pytest.mark.parametrize(
    "everything", [pytest.param(False, id="part"), pytest.param(True, id="all", marks=pytest.mark.slow)]
)


def test_every_public_op_has_samples() -> None:
    missing = [key for key in PUBLIC if key not in OPS]
    assert not missing, f"declare samples in tests/python/op_samples for: {missing}"
    unknown = [key for key in OPS if key not in SIGNATURES]
    assert not unknown, f"samples of ops that do not exist: {unknown}"


@everything
@pytest.mark.parametrize("key", REFERENCED)
def test_values(key: str, everything: bool) -> None:
    op = OPS[key]
    for built in combinations(op, everything):
        result = as_list(built.run())
        expected = reference_of(built)
        assert len(result) == len(expected), f"{built}: {len(result)} results, expected {len(expected)}"
        wanted = expected_dtypes(built, len(result))
        for i, (got, want, dtype) in enumerate(zip(result, expected, wanted, strict=True)):
            assert got.dtype == dtype, f"{built}: result {i} is {got.dtype}, expected {dtype}"
            check_values(built, got, want, f", result {i}")


@pytest.mark.parametrize("key", REFERENCED)
def test_layouts_agree(key: str) -> None:
    """The same numbers in any layout give the same bits, or nearly: the order of sums may differ."""
    op = OPS[key]
    for call in op.samples.calls:
        dtype = op.samples.dtypes[-1]
        plain = as_list(Built(op, call, dtype).run())
        for layout in op.layouts:
            if layout == "expanded":
                continue
            built = Built(op, call, dtype, layout)
            for got, want in zip(as_list(built.run()), plain, strict=True):
                check_values(
                    built, got, want.to(tn.float32).numpy() if want.dtype not in NUMPY else want.numpy()
                )


SPECIAL = [0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 0.5, -2.5, 1e-30, 1e30, -1e30, 88.0, -104.0, 3e4]


def special_values(dtype: tn.dtype) -> np.ndarray:
    if dtype.is_floating_point:
        limits = np.finfo(NUMPY[dtype])
        return np.array([*SPECIAL, limits.max, limits.min, limits.tiny], NUMPY[dtype])
    if dtype == tn.bool:
        return np.array([False, True])
    limits = np.iinfo(NUMPY[dtype])
    values = {limits.min, limits.max, 0, 1, limits.max // 2, max(limits.min, -1)}
    return np.array(sorted(values), NUMPY[dtype])


@pytest.mark.parametrize("key", [key for key, op in OPS.items() if op.special])
def test_special_values(key: str) -> None:
    op = OPS[key]
    for dtype in op.samples.dtypes:
        values = special_values(dtype)
        built = Built(op, op.samples.calls[0], dtype)
        arrays = [values] if len(built.tensors) == 1 else list(np.meshgrid(values, values, indexing="ij"))
        places = iter(range(len(arrays)))
        built.np_args = tuple(arrays[next(places)] if isinstance(a, np.ndarray) else a for a in built.np_args)
        built.tensors = [contiguous(a) for a in arrays]
        built.args, built.kwargs = built.with_tensors(built.tensors)
        for got, want in zip(as_list(built.run()), reference_of(built), strict=True):
            check_values(built, got, want, ", special values", signs=True)


def test_numbers_keep_their_digits() -> None:
    assert (tn.zeros((), dtype=tn.float64) + 0.1).item() == 0.1
    assert bool(tn.tensor(0.1) == 0.1), "a number takes the precision of the tensor it is compared with"
    assert (tn.zeros((), dtype=tn.int64) + 0.1).dtype == tn.get_default_dtype()


@pytest.mark.parametrize("key", REFERENCED)
def test_other_dtypes_work_or_say_so(key: str) -> None:
    """A dtype that is not declared gives the reference's values, or an error that names it."""
    op = OPS[key]
    others = [d for d in (*all_types, tn.float16, tn.complex64, tn.complex128) if d not in op.samples.dtypes]
    for dtype in others:
        built = Built(op, op.samples.calls[0], dtype)
        try:
            result = as_list(built.run())
        except RuntimeError as error:
            name = str(dtype).removeprefix("tenon.")
            kind = name.rstrip("0123456789")
            assert kind in str(error), f"{built}: {kind} not in {error}"
            continue
        try:
            expected = reference_of(built)
        except TypeError:
            continue
        for got, want in zip(result, expected, strict=True):
            check_values(built, got, want)


def on_meta(item: object) -> object:
    if isinstance(item, tn.Tensor):
        return item.to("meta")
    return [on_meta(i) for i in item] if isinstance(item, list) else item


@pytest.mark.parametrize("key", [key for key, op in OPS.items() if op.meta])
def test_meta_gives_the_same_shape_and_dtype(key: str) -> None:
    op = OPS[key]
    for call in op.samples.calls:
        for layout in op.layouts[:2]:
            built = Built(op, call, op.samples.dtypes[-1], layout)
            real = as_list(built.run())
            args, kwargs = built.with_tensors([on_meta(x) for x in built.tensors])
            if op.has("creation"):
                kwargs["device"] = "meta"
            result = as_list(op.function(*args, **kwargs))
            assert len(result) == len(real), f"{built}"
            for got, want in zip(result, real, strict=True):
                assert got.device.type == "meta", f"{built}"
                assert (got.shape, got.dtype) == (want.shape, want.dtype), f"{built}"
