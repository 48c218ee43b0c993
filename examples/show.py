"""What the digits example shows while it learns; show.h is the same in C++."""

import os
import shutil
import sys
import time
from pathlib import Path

import tenon as tn

TERMINAL = sys.stdout.isatty()
COLOUR = TERMINAL and "NO_COLOR" not in os.environ
sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]


def read_digits() -> tuple[tn.Tensor, tn.Tensor]:
    """Images (10000, 1, 28, 28) from 0 to 1, and the digit on each."""
    here = Path.cwd().resolve()
    data = next(
        (p / "examples/data/mnist" for p in (here, *here.parents) if (p / "examples/data").exists()),
        here,
    )
    images = tn.io.read_idx(data / "t10k-images-idx3-ubyte.gz")
    labels = tn.io.read_idx(data / "t10k-labels-idx1-ubyte.gz")
    return images.unsqueeze(1).float() / 255, labels.long()


class Progress:
    """A bar with loss, accuracy, images per second and the time left; in a pipe a line per epoch."""

    def __init__(self, epochs: int, images: int):
        self.epochs, self.images = epochs, images
        self.start = self.drawn = time.monotonic()
        self.losses: list[float] = []
        self.seen = self.epoch_loss = self.epoch_right = 0.0

    def step(self, loss: tn.Tensor, right: tn.Tensor, count: int) -> None:
        self.losses.append(loss.item())
        self.epoch_loss += self.losses[-1] * count
        self.epoch_right += right.item()
        self.seen += count
        in_epoch = (self.seen - 1) % self.images + 1
        now = time.monotonic()
        last = in_epoch == self.images
        if len(self.losses) == 1 or last or (TERMINAL and now - self.drawn > 0.1):
            self.drawn = now
            self._draw(in_epoch, now - self.start)
        if last:
            self.epoch_loss = self.epoch_right = 0.0

    def _draw(self, in_epoch: float, seconds: float) -> None:
        epoch = int((self.seen - 1) // self.images) + 1
        left = seconds / self.seen * (self.epochs * self.images - self.seen)
        text = (
            f"  loss {self.epoch_loss / in_epoch:.4f}"
            f"  accuracy {100 * self.epoch_right / in_epoch:5.2f} %"
            f"  {self.seen / max(seconds, 1e-9):.0f} images/s"
            f"  {int(left) // 60}:{int(left) % 60:02} left"
        )
        head = f"epoch {epoch}/{self.epochs} "
        room = min(24, shutil.get_terminal_size().columns - len(head) - len(text) - 1)
        full = max(0, int(room * in_epoch / self.images))
        bar = "█" * full + "░" * max(0, room - full)
        end = "" if TERMINAL and in_epoch < self.images else "\n"
        print(("\r\x1b[K" if TERMINAL else "") + head + bar + text, end=end, flush=True)

    def save_losses(self, path: str) -> None:
        tn.io.save_safetensors({"losses": tn.tensor(self.losses)}, path)


def guesses(images: tn.Tensor, labels: tn.Tensor, scores: tn.Tensor) -> float:
    """Draws a row of digits with guess and confidence; returns the accuracy over all of them."""
    sure, guess = scores.softmax(1).max(1)
    right = guess == labels
    accuracy = 100 * right.float().mean().item()
    count = max(1, min(8, (shutil.get_terminal_size().columns + 1) // 15))
    pixels = tn.nn.functional.avg_pool2d(images[:count], 2).squeeze(1).tolist()
    for y in range(0, 14, 2):
        print(" ".join(_half_blocks(top, bottom) for top, bottom in ((p[y], p[y + 1]) for p in pixels)))
    captions = []
    for i in range(count):
        caption = f"{guess[i].item()}  {100 * sure[i].item():.1f} %"
        wrong = not right[i].item()
        caption = (caption + f" not {labels[i].item()}" if wrong else caption).center(14)
        captions.append(f"\x1b[31m{caption}\x1b[0m" if COLOUR and wrong else caption)
    print(" ".join(captions).rstrip())
    total = len(labels)
    print(f"held-out digits: {int(right.sum().item())} of {total} right, {accuracy:.2f} %", flush=True)
    return accuracy


def _half_blocks(top: list[float], bottom: list[float]) -> str:
    """Two rows of pixels as one row of characters."""
    if not COLOUR:
        return "".join(" ▀▄█"[(t > 0.4) + 2 * (b > 0.4)] for t, b in zip(top, bottom, strict=True))
    cells = (
        f"\x1b[38;5;{232 + int(23 * t)};48;5;{232 + int(23 * b)}m▀" for t, b in zip(top, bottom, strict=True)
    )
    return "".join(cells) + "\x1b[0m"
