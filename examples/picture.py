"""One PNG of a training run: the loss curve, test images and what the network said of them."""

from pathlib import Path

import show
from digits import network

import tenon as tn

# Digits, 3 x 5 points each, a row in three bits.
GLYPHS = {
    "0": (7, 5, 5, 5, 7), "1": (2, 6, 2, 2, 7), "2": (7, 1, 7, 4, 7), "3": (7, 1, 7, 1, 7), "4": (5, 5, 7, 1, 1),
    "5": (7, 4, 7, 1, 7), "6": (7, 4, 7, 5, 7), "7": (7, 1, 2, 2, 2), "8": (7, 5, 7, 5, 7), "9": (7, 5, 7, 1, 7),
    ".": (0, 0, 0, 0, 2), "%": (5, 1, 2, 4, 5), " ": (0, 0, 0, 0, 0),
}  # fmt: skip
INK, GRID, CURVE, FINE, WRONG = (40, 40, 40), (225, 225, 225), (190, 205, 235), (30, 80, 190), (200, 40, 40)
Colour = tuple[int, int, int]


class Canvas:
    """White paper of (3, height, width) bytes."""

    def __init__(self, height: int, width: int):
        self.pixels = tn.full((3, height, width), 255, dtype=tn.uint8)

    def box(self, y: int, x: int, height: int, width: int, colour: Colour) -> None:
        self.pixels[:, y : y + height, x : x + width] = tn.tensor(colour, dtype=tn.uint8)[:, None, None]

    def text(self, y: int, x: int, text: str, colour: Colour = INK, size: int = 3) -> None:
        for i, letter in enumerate(text):
            for row, bits in enumerate(GLYPHS[letter]):
                for column in range(3):
                    if bits >> (2 - column) & 1:
                        self.box(y + row * size, x + (4 * i + column) * size, size, size, colour)

    def image(self, y: int, x: int, image: tn.Tensor, size: int) -> None:
        """A (28, 28) picture from 0 to 1, each pixel `size` wide, dark on white."""
        grey = (255 * (1 - image)).to(tn.uint8)
        big = grey.repeat_interleave(size, 0).repeat_interleave(size, 1)
        self.pixels[:, y : y + big.shape[0], x : x + big.shape[1]] = big

    def curve(
        self, y: int, x: int, height: int, width: int, values: list[float], top: float, colour: Colour
    ) -> None:
        """Values from 0 to `top` as a line; each step is joined to the one before."""
        last = None
        for i, value in enumerate(values):
            at = x + i * (width - 1) // max(1, len(values) - 1)
            level = y + height - 1 - int(min(value, top) / top * (height - 1))
            low, high = (level, level) if last is None else (min(last, level), max(last, level))
            self.box(low, at, high - low + 2, 2, colour)
            last = level


def smooth(values: list[float]) -> list[float]:
    """A running mean that forgets a twentieth a step."""
    out = values[:1]
    for value in values[1:]:
        out.append(0.95 * out[-1] + 0.05 * value)
    return out


def draw_report(path: Path, losses: tn.Tensor, weights: Path, seed: int) -> None:
    """Draws the losses, and the first held-out images with guess and confidence in red where it is wrong."""
    images, labels = show.read_digits()
    tn.manual_seed(seed)
    held_out = tn.randperm(len(images))[8500:]
    images, labels = images[held_out], labels[held_out]
    model = network()
    model.load_state_dict(tn.io.load_safetensors(weights))
    with tn.no_grad():
        sure, guess = model(images).softmax(1).max(1)
    # The wrong ones are the interesting ones: half of the picture, if there are so many.
    wrong = (guess != labels).nonzero().flatten().tolist()[:8]
    right = (guess == labels).nonzero().flatten().tolist()[: 16 - len(wrong)]

    canvas = Canvas(620, 940)
    values = losses.tolist()
    top = max(values)
    for line in range(5):
        canvas.box(30 + line * 60, 80, 1, 830, GRID)
        canvas.text(23 + line * 60, 15, f"{top * (4 - line) / 4:.2f}")
    canvas.curve(30, 80, 241, 830, values, top, CURVE)
    canvas.curve(30, 80, 241, 830, smooth(values), top, FINE)
    for place, index in enumerate(right + wrong):
        y, x = 310 + place // 8 * 150, 30 + place % 8 * 112
        canvas.image(y, x, images[index, 0], 3)
        colour = INK if guess[index] == labels[index] else WRONG
        canvas.text(y + 94, x, f"{guess[index].item()}", colour, 4)
        canvas.text(y + 96, x + 24, f"{100 * sure[index].item():.0f}%", colour)
    tn.io.write_png(canvas.pixels, path)
