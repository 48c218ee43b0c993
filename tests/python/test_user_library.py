"""An op from somebody's own shared library: signature, gradient and forms come from its record."""

import pathlib

import pytest

import tenon as tn

LIBRARY = pathlib.Path(__file__).resolve().parents[2] / "build/release/user_library/libuser_library.so"


@pytest.fixture(scope="module")
def cubed():
    assert LIBRARY.exists(), f"{LIBRARY} is not built; `make test` builds it"
    tn.ops.load_library(LIBRARY)
    tn.ops.load_library(LIBRARY)  # a second time changes nothing
    return tn.ops.cubed


def test_has_its_keywords_and_its_gradient(cubed):
    x = tn.tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = cubed(x, scale=2)
    assert y.tolist() == [2.0, 16.0, 54.0]
    y.sum().backward()
    assert x.grad.tolist() == [6.0, 24.0, 54.0]
    assert type(y.grad_fn).__name__ == "CubedBackward0"


def test_has_the_forms_that_its_record_lists(cubed):
    out = tn.empty(0)
    assert cubed(tn.tensor([2.0]), out=out) is out
    assert out.tolist() == [8.0]


def test_errors_teach(cubed):
    with pytest.raises(TypeError, match=r"cubed\(input, \*, scale=1.0\)"):
        cubed(tn.ones(2), 3)
    with pytest.raises(tn.DTypeError, match=r"input is \(2,\) float64, and must be float32"):
        cubed(tn.ones(2, dtype=tn.float64))
    with pytest.raises(AttributeError, match="load_library"):
        tn.ops.no_such_op  # noqa: B018


def test_what_is_no_library(tmp_path):
    with pytest.raises(OSError, match="cannot be loaded"):
        tn.ops.load_library(tmp_path / "absent.so")
    (tmp_path / "text.so").write_text("text")
    with pytest.raises(tn.FileError):
        tn.ops.load_library(tmp_path / "text.so")
