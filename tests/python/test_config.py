"""tenon.__config__: what was built."""

import pathlib

import pytest

import tenon as tn


def test_what_show_tells_the_attributes_tell():
    config, text = tn.__config__, tn.__config__.show()
    assert config.version == tn.__version__ and text.startswith(f"Tenon {tn.__version__}")
    assert config.compiler in text and config.build_type in text
    assert config.simd in config.simd_compiled and f"SIMD: {config.simd}" in text
    assert ("PNG" in text) == config.png and ("JPEG" in text) == config.jpeg
    assert config.shared is True  # Python and libraries of ops share one libtenon
    assert "compiler" in dir(config)
    with pytest.raises(AttributeError, match="no attribute 'cuda'"):
        config.cuda  # noqa: B018


def test_threads_are_those_of_now():
    before = tn.get_num_threads()
    try:
        tn.set_num_threads(1)
        assert tn.__config__.threads == 1 and "threads: 1\n" in tn.__config__.show()
    finally:
        tn.set_num_threads(before)


def test_headers_are_found():
    assert (pathlib.Path(tn.get_include()) / "tenon/tenon.h").exists()
