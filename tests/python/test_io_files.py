"""Safetensors, PNG and IDX from Python."""

import base64
import gzip
import json
import os
import struct

import numpy as np
import pytest

import tenon as tn
from tenon import io, safetensors

DTYPES = "bool uint8 int8 int16 int32 int64 float16 bfloat16 float32 float64 complex64".split()


def sample(name):
    return tn.arange(6).reshape(2, 3).to(getattr(tn, name))


def test_round_trip_of_every_dtype(tmp_path):
    tensors = {name: sample(name) for name in DTYPES}
    tensors["scalar"] = tn.tensor(2.5)
    tensors["empty"] = tn.zeros(0, 4)
    tensors['ünïcode "x"\n'] = tn.ones(1)
    path = tmp_path / "w.safetensors"
    io.save_safetensors(tensors, path, {"author": "me"})
    for back in (io.load_safetensors(path), io.load_safetensors(str(path), map=False)):
        assert set(back) == set(tensors)
        for name, tensor in tensors.items():
            assert back[name].dtype == tensor.dtype and back[name].shape == tensor.shape
            assert (back[name] == tensor).all()
    assert io.safetensors_metadata(path) == {"format": "pt", "author": "me"}


def test_names_of_the_safetensors_library(tmp_path):
    path = tmp_path / "w.safetensors"
    safetensors.save_file({"a": tn.ones(2, 3).t(), "b": tn.zeros(1)}, path)
    assert safetensors.load_file(path)["a"].shape == (3, 2)
    assert safetensors.save(safetensors.load_file(path)) == path.read_bytes()
    assert (safetensors.load(path.read_bytes())["a"] == 1).all()
    with safetensors.safe_open(path, framework="pt", device="cpu") as f:
        assert sorted(f.keys()) == ["a", "b"]
        assert f.metadata() == {"format": "pt"}
        assert f.get_tensor("b").shape == (1,)
        part = f.get_slice("a")
        assert part.get_shape() == [3, 2] and part.get_dtype() == "F32"
        assert part[1:].shape == (2, 2)


def test_models(tmp_path):
    first, second = (tn.nn.Linear(3, 2) for _ in range(2))
    safetensors.save_model(first, tmp_path / "m")
    assert safetensors.load_model(second, tmp_path / "m") == (set(), [])
    assert all((a == b).all() for a, b in zip(first.parameters(), second.parameters(), strict=True))


def test_wrong_arguments(tmp_path):
    with pytest.raises(TypeError, match="names must be str, not int"):
        io.save_safetensors({1: tn.ones(1)}, tmp_path / "w")
    with pytest.raises(TypeError, match="'a' must be a Tensor, not list"):
        io.save_safetensors({"a": [1.0]}, tmp_path / "w")
    with pytest.raises(TypeError):
        io.save_safetensors({"a": tn.ones(1)}, tmp_path / "w", {"k": 1})
    assert not os.listdir(tmp_path)


def test_hostile_files(tmp_path):
    path = tmp_path / "w.safetensors"
    header = json.dumps({"w": {"dtype": "F32", "shape": [3], "data_offsets": [0, 8]}}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + bytes(8))
    with pytest.raises(tn.FileError, match=r"w\.safetensors: tensor 'w': shape \[3\] F32"):
        io.load_safetensors(path)
    with pytest.raises(OSError, match="cannot be opened: No such file"):
        io.load_safetensors(tmp_path / "none")
    with pytest.raises(OSError, match="not a regular file"):
        io.load_safetensors(tmp_path)
    whole = safetensors.save({"w": tn.ones(4)})
    for length in range(len(whole)):
        with pytest.raises(tn.FileError):
            safetensors.load(whole[:length])


def test_mapped_tensors_never_change_the_file(tmp_path):
    path = tmp_path / "w.safetensors"
    io.save_safetensors({"w": tn.zeros(1000)}, path)
    before = path.read_bytes()
    w = io.load_safetensors(path)["w"]
    w += 1
    assert path.read_bytes() == before
    io.save_safetensors({"w": w}, path)
    assert (io.load_safetensors(path)["w"] == 1).all()


def test_png(tmp_path):
    path = tmp_path / "i.png"
    image = (tn.arange(3 * 5 * 7) * 2).to(tn.uint8).reshape(3, 5, 7)
    try:
        io.write_png(image, path)
    except RuntimeError as problem:
        if "this Tenon was built without libpng" not in str(problem):
            raise
        pytest.skip("built without libpng (-DTENON_IMAGES=OFF)")
    assert (io.read_png(path) == image).all()
    io.write_png(image[0], path)
    assert io.read_png(path).shape == (1, 5, 7)
    with pytest.raises(TypeError, match="must be uint8"):
        io.write_png(tn.ones(2, 2), path)
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(tn.FileError, match=r"i\.png: not a sound PNG image"):
        io.read_png(path)


def test_idx(tmp_path):
    values = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    raw = struct.pack(">4B3I", 0, 0, 8, 3, 2, 3, 4) + values.tobytes()
    (tmp_path / "plain").write_bytes(raw)
    (tmp_path / "packed.gz").write_bytes(gzip.compress(raw))
    for name in ("plain", "packed.gz"):
        assert (io.read_idx(tmp_path / name).numpy() == values).all()
    (tmp_path / "cut.gz").write_bytes(gzip.compress(raw)[:-9])
    with pytest.raises(tn.FileError, match=r"cut\.gz: is cut off"):
        io.read_idx(tmp_path / "cut.gz")


# 12 x 9 pixels: the first channel grows by 20 to the right, the second by 25 down, the third is 128.
GREY_JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMU"
    "FRUVDA8XGBYUGBIUFRT/wAALCAAJAAwBAREA/8QAFQABAQAAAAAAAAAAAAAAAAAACQj/xAAdEAABAgcAAAAAAAAAAAAAAAAAAQQH"
    "CDZBRIHw/9oACAEBAAA/AJklJwtC0Q2pJp1kCXlJwtC0Q2pJp1kP/9k="
)
RGB_JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMU"
    "FRUVDA8XGBYUGBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU"
    "FBQUFBQUFBT/wAARCAAJAAwDAREAAhEBAxEB/8QAFAABAAAAAAAAAAAAAAAAAAAAB//EAB4QAAEEAQUAAAAAAAAAAAAAAAACBQYk"
    "CDM0Q6Gi/8QAFgEBAQEAAAAAAAAAAAAAAAAABggJ/8QAIREAAQIFBQEAAAAAAAAAAAAAAAYiAQIDBTIEJDE0QUL/2gAMAwEAAhED"
    "EQA/ABGE486dbofa9TcuD6RWGLhsaceaSK3kBVlM+LitLasNtK4RYRxhi4emZyR+RsadkgB1s4laW3rSn//Z"
)


@pytest.mark.parametrize("data", [GREY_JPEG, RGB_JPEG])
def test_jpeg(tmp_path, data):
    if not tn.__config__.jpeg:
        pytest.skip("built without libjpeg")
    path = tmp_path / "i.jpg"
    path.write_bytes(data)
    image = io.read_jpeg(path)
    ramps = [
        tn.arange(12).mul(20).expand(9, 12),
        tn.arange(9).mul(25)[:, None].expand(9, 12),
        tn.full((9, 12), 128),
    ]
    wanted = tn.stack(ramps[: image.size(0)])
    assert image.dtype == tn.uint8 and image.shape == wanted.shape
    assert (image.long() - wanted).abs().max() < 12
    assert io.read_image(path).equal(image)


def test_a_damaged_jpeg_is_an_error(tmp_path):
    if not tn.__config__.jpeg:
        pytest.skip("built without libjpeg")
    path = tmp_path / "i.jpg"
    for length in range(0, len(RGB_JPEG) - 2, 7):
        path.write_bytes(RGB_JPEG[:length])
        with pytest.raises(tn.FileError, match=r"i\.jpg: not a"):
            io.read_jpeg(path)
    size = RGB_JPEG.index(bytes([0, 9, 0, 12]))  # height and width
    path.write_bytes(RGB_JPEG[:size] + b"\xff\x00\xff\x00" + RGB_JPEG[size + 4 :])
    with pytest.raises(tn.FileError, match="65280 x 65280 pixels do not fit"):
        io.read_jpeg(path)
    for at in range(2, len(RGB_JPEG)):  # any byte: an image or an error, never a crash
        path.write_bytes(RGB_JPEG[:at] + bytes([RGB_JPEG[at] ^ 0x55]) + RGB_JPEG[at + 1 :])
        try:
            assert io.read_jpeg(path).dtype == tn.uint8
        except tn.FileError as problem:
            assert "i.jpg" in str(problem)


def test_images_by_how_they_begin(tmp_path):
    path = tmp_path / "i.bmp"
    path.write_bytes(b"BM" + bytes(60))
    with pytest.raises(tn.FileError, match="neither a PNG nor a JPEG"):
        io.read_image(path)
