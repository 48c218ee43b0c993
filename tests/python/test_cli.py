"""The program `tenon`, as a shell runs it."""

import json
import pathlib
import shutil
import subprocess

import pytest

import tenon as tn
from tenon import io

PROGRAM = pathlib.Path(__file__).resolve().parents[2] / "build/release/bin/tenon"
COMMANDS = ["run", "info", "convert", "bench", "completions"]
FAILED, USAGE = 1, 2

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="the program is not built (-DTENON_CLI=OFF)")


def tenon(*words, status=0):
    """Standard output of a run that ends well; the one line on standard error of one that does not."""
    done = subprocess.run(
        [PROGRAM, *map(str, words)], text=True, capture_output=True, timeout=60, stdin=subprocess.DEVNULL
    )
    assert done.returncode == status, f"exit status {done.returncode}\n{done.stdout}{done.stderr}"
    if status == 0:
        assert done.stderr == ""
        return done.stdout
    assert done.stdout == "" and done.stderr.count("\n") == 1, done
    return done.stderr


@pytest.fixture
def weights(tmp_path):
    path = tmp_path / "weights.safetensors"
    tensors = {"layer.weight": tn.arange(6.0).reshape(2, 3), "layer.bias": tn.ones(2), "steps": tn.tensor(7)}
    io.save_safetensors(tensors, path, {"licence": "CC0"})
    return path


def test_help_and_version():
    assert all(command in tenon("--help") for command in COMMANDS)
    for command in COMMANDS:
        text = tenon(command, "--help")
        assert "Examples:" in text and f"tenon {command}" in text
    assert tenon("--version") == tn.__config__.show()


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ([], "subcommand"),
        (["fly"], "no command 'fly'"),
        (["run"], "FILE"),
        (["info", "x.tenon", "--wings"], "--wings"),
        (["run", "x.tenon", "--top", "0"], "--top"),
        (["convert", "x.npz", "y.pt"], "must end in .safetensors or .npz"),
        (["convert", "x.npz", "y.safetensors", "--compress"], "only .npz"),
        (["completions", "powershell"], "powershell"),
        (["info", "x.safetensors", "--graph"], "no graph"),
    ],
)
def test_a_wrong_command_line_is_a_usage_error(words, problem):
    text = tenon(*words, status=USAGE)
    assert text.startswith("tenon") and problem in text


def test_what_cannot_be_read_fails_with_its_name(tmp_path):
    empty, text = tmp_path / "empty.tenon", tmp_path / "text.safetensors"
    empty.write_bytes(b"")
    text.write_text("what a model looks like to nobody")
    for command in ("run", "info", "bench"):
        for path in (empty, tmp_path / "missing.tenon", tmp_path):
            assert path.name in tenon(command, path, status=FAILED)
    assert "text.safetensors" in tenon("info", text, status=FAILED)
    assert "missing.npz" in tenon(
        "convert", tmp_path / "missing.npz", tmp_path / "x.safetensors", status=FAILED
    )
    assert not (tmp_path / "x.safetensors").exists()


def test_info_of_weights(weights):
    text = tenon("info", weights)
    assert "3 tensors" in text and "layer.weight" in text and "(2, 3)" in text and "licence: CC0" in text
    told = json.loads(tenon("info", weights, "--json"))
    assert told["parameters"] == 9 and told["metadata"]["licence"] == "CC0"
    by_name = {tensor["name"]: tensor for tensor in told["tensors"]}
    assert by_name["layer.weight"] == {
        "name": "layer.weight",
        "dtype": "float32",
        "shape": [2, 3],
        "bytes": 24,
    }
    assert by_name["steps"]["shape"] == []


def test_convert_there_and_back(weights, tmp_path):
    archive, back = tmp_path / "weights.npz", tmp_path / "back.safetensors"
    # The archive has no place for the licence: said, and no failure.
    done = subprocess.run([PROGRAM, "convert", weights, archive], text=True, capture_output=True, check=True)
    assert "metadata" in done.stderr and "3 tensors" in done.stdout
    tenon("convert", archive, back)
    first, second = io.load_safetensors(weights), io.load_safetensors(back)
    assert list(first) == list(second) == list(io.load_npz(archive))
    for name, tensor in first.items():
        assert second[name].dtype == tensor.dtype and second[name].equal(tensor)
    assert "to convert" in tenon("convert", archive, archive, status=USAGE)
    tenon("convert", back, archive, "--compress")
    assert io.load_npz(archive)["layer.bias"].tolist() == [1.0, 1.0]


def test_bfloat16_has_no_place_in_an_archive(tmp_path):
    io.save_safetensors({"x": tn.ones(2).to(tn.bfloat16)}, tmp_path / "x.safetensors")
    text = tenon("convert", tmp_path / "x.safetensors", tmp_path / "x.npz", status=FAILED)
    assert "bfloat16" in text and not (tmp_path / "x.npz").exists()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completions(shell, tmp_path):
    script = tenon("completions", shell)
    assert all(command in script for command in COMMANDS) and "threads" in script
    if shutil.which(shell):
        (tmp_path / "script").write_text(script)
        subprocess.run([shell, "-n", tmp_path / "script"], check=True)


def test_completions_of_bash_complete(tmp_path):
    (tmp_path / "script").write_text(tenon("completions", "bash"))
    ask = 'source ./script; COMP_WORDS=(tenon {}); COMP_CWORD={}; _tenon; echo "${{COMPREPLY[@]}}"'
    for words, at, wanted in (("co", 1, "convert completions"), ("bench --th", 2, "--threads")):
        done = subprocess.run(
            ["bash", "-c", ask.format(words, at)], cwd=tmp_path, text=True, capture_output=True, check=True
        )
        assert done.stdout.strip() == wanted


def test_an_output_that_cannot_be_written(weights):
    if not pathlib.Path("/dev/full").exists():
        pytest.skip("no /dev/full")
    with open("/dev/full", "w") as full:
        done = subprocess.run([PROGRAM, "info", weights], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == FAILED and "could not be written" in done.stderr
