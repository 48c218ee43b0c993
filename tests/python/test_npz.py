"""NumPy archives, both ways with NumPy, and damaged ones."""

import io as python_io
import struct
import zipfile

import numpy as np
import pytest

import tenon as tn
from tenon import io

DTYPES = "bool uint8 int8 int16 int32 int64 float16 float32 float64 complex64 complex128".split()


def arrays():
    out = {name: np.arange(6).reshape(2, 3).astype(name) for name in DTYPES}
    out["scalar"] = np.float32(2.5)
    out["vector"] = np.arange(4)
    out["empty"] = np.zeros((0, 4), np.int16)
    out["fortran"] = np.asfortranarray(np.arange(24.0).reshape(2, 3, 4))
    out["big"] = np.arange(5, dtype=">i4")
    out["big_complex"] = np.array([1 + 2j, 3 - 4j], dtype=">c8")
    out["layer.0/wëight"] = np.ones((3, 1, 2), np.float32)
    return out


def expect_same(tensors, arrays):
    assert list(tensors) == list(arrays)
    for name, array in arrays.items():
        got = tensors[name]
        got = got.numpy() if isinstance(got, tn.Tensor) else got
        np.testing.assert_array_equal(got, array)
        assert got.shape == array.shape and got.dtype == array.dtype.newbyteorder("=")


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_reads_what_numpy_writes(tmp_path, save):
    save(tmp_path / "a.npz", **arrays())
    expect_same(io.load_npz(tmp_path / "a.npz"), arrays())


@pytest.mark.parametrize("compress", [False, True])
def test_numpy_reads_what_it_writes(tmp_path, compress):
    tensors = {
        name: tn.from_numpy(np.array(a, dtype=a.dtype.newbyteorder("="))) for name, a in arrays().items()
    }
    tensors["view"] = tn.arange(6).reshape(2, 3).t()
    io.save_npz(tensors, tmp_path / "a.npz", compress=compress)
    with np.load(tmp_path / "a.npz") as back:
        expect_same(dict(back), {name: t.numpy() for name, t in tensors.items()})
    assert zipfile.ZipFile(tmp_path / "a.npz").testzip() is None
    expect_same(io.load_npz(tmp_path / "a.npz"), {name: t.numpy() for name, t in tensors.items()})


def test_newer_headers(tmp_path):
    for version in [(1, 0), (2, 0), (3, 0)]:
        file = python_io.BytesIO()
        np.lib.format.write_array(file, np.arange(3), version=version)
        with zipfile.ZipFile(tmp_path / "a.npz", "w") as z:
            z.writestr("x.npy", file.getvalue())
        assert io.load_npz(tmp_path / "a.npz")["x"].tolist() == [0, 1, 2]


def npz(path, header, data=b"", name="x.npy", method=zipfile.ZIP_STORED):
    header = header.encode()
    with zipfile.ZipFile(path, "w", method) as z:
        z.writestr(name, b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + data)
    return path


def header(descr="'<f4'", shape="(2,)", order="False"):
    return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}"


@pytest.mark.parametrize(
    "text, words",
    [
        (header("'<U3'"), "dtype '<U3', which Tenon does not have"),
        (header("'<u2'"), "dtype '<u2'.*astype"),
        (header("'|O'"), "Python objects"),
        (header("[('a', '<f4')]"), "records"),
        (header("'f4'"), "dtype 'f4'"),
        (header(shape="(3,)"), "claims \\(3,\\) float32, and 8 bytes are there"),
        (header(shape="(9223372036854775807, 2, 2)"), "claims"),
        (header(shape="(-2,)"), "header of the array is damaged"),
        (header(shape="(99999999999999999999,)"), "header of the array is damaged"),
        (header(shape="(" + "1," * 65 + ")"), "more than 64 dimensions"),
        (header(order="None"), "header of the array is damaged"),
        ("{'descr': '<f4'}", "header of the array is damaged"),
        (header() + "x", "header of the array is damaged"),
        ("", "header of the array is damaged"),
    ],
)
def test_wrong_headers(tmp_path, text, words):
    with pytest.raises(tn.errors.FileError, match=words):
        io.load_npz(npz(tmp_path / "a.npz", text, bytes(8)))


def test_what_is_no_archive_of_arrays(tmp_path):
    path = tmp_path / "a.npz"
    for content, words in [
        (b"", "not a zip"),
        (b"hello" * 9, "not a zip"),
        (b"PK\3\4" + bytes(60), "cut off"),
    ]:
        path.write_bytes(content)
        with pytest.raises(tn.errors.FileError, match=words):
            io.load_npz(path)
    with zipfile.ZipFile(path, "w") as z:
        z.writestr("readme.txt", "hello, world")
    with pytest.raises(tn.errors.FileError, match="readme.txt' is no NumPy array"):
        io.load_npz(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as z:
        z.writestr("x.npy", "hello, world")
    with pytest.raises(tn.errors.FileError, match="packed by method 14"):
        io.load_npz(path)
    with pytest.warns(UserWarning), zipfile.ZipFile(path, "w") as z:
        for _ in range(2):
            z.write(npz(tmp_path / "b.npz", header(), bytes(8)), "x.npy")
    with pytest.raises(tn.errors.FileError):
        io.load_npz(path)


def test_a_bomb_is_not_allocated(tmp_path):
    """A terabyte that is said to be packed in a few bytes."""
    path = npz(tmp_path / "a.npz", header(shape="(262144,)"), bytes(1 << 20), method=zipfile.ZIP_DEFLATED)
    raw = bytearray(path.read_bytes())
    directory = raw.index(b"PK\1\2")
    raw[directory + 24 : directory + 28] = struct.pack("<I", 0xFFFFFFF0)
    path.write_bytes(raw)
    with pytest.raises(tn.errors.FileError, match="claims 4294967280 bytes"):
        io.load_npz(path)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_damage_is_found(tmp_path, save):
    path = tmp_path / "a.npz"
    save(path, x=np.arange(20.0), mask=np.array([True, False]))
    good = path.read_bytes()
    wanted = io.load_npz(path)
    for at in range(len(good)):
        path.write_bytes(good[:at])
        with pytest.raises(tn.errors.FileError):
            io.load_npz(path)
        bad = bytearray(good)
        bad[at] ^= 0x51
        path.write_bytes(bad)
        try:
            got = io.load_npz(path)
        except tn.errors.FileError:
            continue
        # Times, versions and the like may change; a name may, what it names may not.
        for a, b in zip(got.values(), wanted.values(), strict=True):
            assert a.dtype == b.dtype and (a == b).all()


def test_what_numpy_does_not_have(tmp_path):
    with pytest.raises(ValueError, match="'w' is bfloat16, which NumPy does not have"):
        io.save_npz({"w": tn.ones(2, dtype=tn.bfloat16)}, tmp_path / "a.npz")
    with pytest.raises(TypeError, match="save_npz: names must be str, not int"):
        io.save_npz({1: tn.ones(1)}, tmp_path / "a.npz")
    assert not (tmp_path / "a.npz").exists()
