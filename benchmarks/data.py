"""What a DataLoader costs: one pass over 10,000 images of 28x28 in memory, batches of 64, Tenon and PyTorch.

python benchmarks/data.py            (in an environment that has torch; `make bench` makes one)
"""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Callable

import torch
from peers import Case, compare, limits, table

import tenon

torch.set_num_threads(1)
tenon.set_num_threads(1)

IMAGES = 10_000
BYTES = 2 * IMAGES * (784 * 4 + 8)  # read and written
AT_LEAST = 1e6  # images per second, so that no small model waits for its data


def loader(tn: types.ModuleType, **options: object) -> Callable[[], object]:
    data = importlib.import_module(f"{tn.__name__}.utils.data")
    images = tn.arange(IMAGES * 784).remainder(255).float().reshape(IMAGES, 1, 28, 28)
    dataset = data.TensorDataset(images, tn.arange(IMAGES))
    batches = data.DataLoader(dataset, batch_size=64, **options)

    def one_pass() -> list[int]:
        tn.manual_seed(0)
        return [int(y[0]) for _, y in batches]

    return one_pass


def case(name: str, **options: object) -> Case:
    ours, theirs = loader(tenon, **options), loader(torch, **options)
    return Case(name, ours, theirs, None, lambda: ours() == theirs())


def main() -> bool:
    plain, shuffled = case("one pass, in order"), case("one pass, shuffled", shuffle=True)
    table("DataLoader over TensorDataset", [plain, shuffled], "torch")
    seconds, _ = compare(shuffled, rounds=3)
    _, copied = limits()
    share = BYTES / seconds / copied
    print(
        f"{IMAGES / seconds / 1e6:.1f} M images/s shuffled; {100 * share:.0f} % of the speed of a large copy"
    )
    return IMAGES / seconds >= AT_LEAST


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
