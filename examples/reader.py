"""From a picture to a digit: with this around it, the exported network needs no help."""

import tenon as tn
from tenon import nn
from tenon.nn import functional as F


class Reader(nn.Module):
    """A picture (3, height, width) of bytes, ink on paper or chalk on a board, to scores and probabilities (1, 10)."""

    def __init__(self, network: nn.Module):
        super().__init__()
        self.network = network

    def forward(self, image: tn.Tensor) -> dict[str, tn.Tensor]:
        grey = image.float().mean(0) / 255
        ink = tn.where(grey.mean() > 0.5, 1 - grey, grey)
        ink = ink - ink.mean()  # paper is rarely white, nor are boards black
        ink = F.adaptive_avg_pool2d(ink[None, None], (28, 28)).clamp(min=0)
        scores = self.network(ink / ink.amax().clamp(min=0.01))
        return {"scores": scores, "probabilities": scores.softmax(1)}
