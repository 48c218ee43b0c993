"""What `import tenon` costs, and what it leaves alone."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

PROBE = """
import json, sys, time
before = set(sys.modules)
start = time.perf_counter()
import tenon
seconds = time.perf_counter() - start
resident = next(int(l.split()[1]) for l in open("/proc/self/status") if l.startswith("VmRSS"))
maps = open("/proc/self/maps").read()
print(json.dumps({
    "seconds": seconds,
    "megabytes": resident / 1024,
    "modules": sorted(set(sys.modules) - before),
    "onednn": "libdnnl" in maps,
}))
"""


def run(code: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def probes() -> list[dict]:
    return [json.loads(run(PROBE)) for _ in range(5)]


def test_import_is_fast(probes) -> None:
    # 20 ms on an idle machine. The best of five, for the machine may be busy with other tests.
    assert min(p["seconds"] for p in probes) < 0.1


def test_import_is_small(probes) -> None:
    assert min(p["megabytes"] for p in probes) < 35


def test_import_loads_no_more_than_it_needs(probes) -> None:
    loaded = set(probes[0]["modules"])
    assert not {
        m for m in loaded if m.split(".")[0] in ("numpy", "inspect", "scipy", "torch", "multiprocessing")
    }
    assert not loaded & {"tenon.nn", "tenon.optim", "tenon.utils.data", "tenon.testing"}
    assert not probes[0]["onednn"]


def test_parts_are_loaded_when_used() -> None:
    out = run(
        "import tenon as tn\n"
        "print(tn.nn.Linear.__name__, tn.nn.functional.relu.__name__, tn.utils.data.DataLoader.__name__,"
        " tn.optim.SGD.__name__, tn.io.read_png.__name__, tn.linalg.norm.__name__)\n"
        "from tenon import nn, optim\nfrom tenon.autograd import Function\n"
    )
    assert out.split()[:6] == ["Linear", "relu", "DataLoader", "SGD", "read_png", "norm"]


def test_star_import_leaves_pythons_exceptions() -> None:
    run(
        "from tenon import *\nimport builtins\nassert TypeError is builtins.TypeError and zeros(2).shape == (2,)"
    )


def test_as_torch() -> None:
    out = run(
        "import tenon\ntenon.install_as_torch()\ntenon.install_as_torch()\n"
        "import torch, torch.nn as nn\nimport torch.nn.functional as F\nfrom torch import Tensor\n"
        "from torch.autograd import Function\n"
        "assert torch is tenon and nn is tenon.nn and F is tenon.nn.functional and Tensor is tenon.Tensor\n"
        "assert nn.__spec__.name == 'tenon.nn'\n"
        "print(torch.tensor([1, 2], dtype=torch.int32), torch.ones(1).type(), repr(torch.Size([1])))\n"
        "try:\n    import torch.no_such_part\nexcept ModuleNotFoundError as e:\n    print(e)\n"
    )
    lines = out.splitlines()
    assert lines[0] == "tensor([1, 2], dtype=torch.int32) torch.FloatTensor torch.Size([1])"
    assert "torch.no_such_part" in lines[1]


def test_as_torch_runs_scripts(tmp_path) -> None:
    script = tmp_path / "program.py"
    script.write_text("import sys, torch\nprint(__name__, sys.argv[1:], torch.zeros(2).tolist())\n")
    command = [sys.executable, "-m", "tenon.as_torch", str(script), "--lr", "1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "__main__ ['--lr', '1'] [0.0, 0.0]", done.stderr
    none = subprocess.run(command[:3], capture_output=True, text=True, timeout=120)
    assert none.returncode != 0 and "usage" in none.stderr


def test_as_torch_refuses_beside_pytorch() -> None:
    out = run(
        "import sys, types\nsys.modules['torch'] = types.ModuleType('torch')\nimport tenon\n"
        "try:\n    tenon.install_as_torch()\nexcept RuntimeError as e:\n    print(e)"
    )
    assert "PyTorch is already loaded" in out
