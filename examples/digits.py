"""A small network learns to read handwritten digits. digits.cpp is the same program in C++.

python examples/digits.py [seed [weights]]: with weights, of either program, it only tests them.
"""

import sys

import show

import tenon as tn
from tenon import nn


def network() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(1, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(512, 10),
    )  # fmt: skip


def main(seed: int = 0, weights: str = "") -> None:
    images, labels = show.read_digits()
    tn.manual_seed(seed)
    order = tn.randperm(10000)
    train = tn.utils.data.TensorDataset(images[order[:8500]], labels[order[:8500]])
    test_images, test_labels = images[order[8500:]], labels[order[8500:]]

    model = network()
    epochs = 0 if weights else 8
    loader = tn.utils.data.DataLoader(train, batch_size=64, shuffle=True)
    loss_of = nn.CrossEntropyLoss()
    optimizer = tn.optim.AdamW(model.parameters(), lr=5e-3)
    scheduler = tn.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=8)
    progress = show.Progress(epochs, len(train))
    for _ in range(epochs):
        for x, y in loader:
            optimizer.zero_grad()
            scores = model(x)
            loss = loss_of(scores, y)
            loss.backward()
            optimizer.step()
            progress.step(loss, (scores.argmax(1) == y).sum(), len(y))
        scheduler.step()
        with tn.no_grad():
            show.guesses(test_images, test_labels, model(test_images))
    if weights:
        model.load_state_dict(tn.io.load_safetensors(weights))
        with tn.no_grad():
            show.guesses(test_images, test_labels, model(test_images))
    else:
        tn.io.save_safetensors(model.state_dict(), "digits.safetensors")
        progress.save_losses("losses.safetensors")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 0, sys.argv[2] if len(sys.argv) > 2 else "")
