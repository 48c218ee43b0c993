"""Samples of tenon/ops/loss.h."""

import numpy as np
import scipy.special as special
from op_suite.declare import call, floats, index, op, samples, t

import tenon as tn

means = dict(tolerance=4, reason="a mean of terms that are themselves logarithms of sums")


def finish(values, reduction, total=None):
    if reduction == "none":
        return values
    return values.sum() if reduction == "sum" else values.sum() / (values.size if total is None else total)


def nll(log_p, target, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0):
    classes = 0 if log_p.ndim == 1 else 1
    n = log_p.shape[classes]
    weight = np.ones(n) if weight is None else weight
    wide = (-1, *(1,) * (log_p.ndim - 1 - classes))
    keep = target != ignore_index
    known = np.where(keep, target, 0)
    picked = np.take_along_axis(log_p, np.expand_dims(known, classes), classes).squeeze(classes)
    losses = -picked * weight[known] * keep
    smooth = -(log_p * weight.reshape(wide)).sum(classes) * keep / n
    total = (weight[known] * keep).sum()
    return finish((1 - label_smoothing) * losses + label_smoothing * smooth, reduction, total)


def cross_entropy(x, target, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0):
    classes = 0 if x.ndim == 1 else 1
    log_p = special.log_softmax(x, axis=classes)
    if target.dtype.kind != "f":
        return nll(log_p, target, weight, ignore_index, reduction, label_smoothing)
    target = target * (1 - label_smoothing) + label_smoothing / x.shape[classes]
    wide = (-1, *(1,) * (x.ndim - 1 - classes))
    losses = -(log_p * target * (1 if weight is None else weight.reshape(wide))).sum(classes)
    return finish(losses, reduction, losses.size)


target = index(4, below=3)
positive = (0.2, 2)
class_wrong = [
    (call(tn.ones(2, 3), tn.tensor([0, 5])), IndexError, ("5",)),
    (call(tn.ones(2, 3), tn.tensor([0, 1, 2])), (RuntimeError, ValueError), ("(2, 3)", "(3,)")),
    (
        call(tn.ones(2, 3), tn.tensor([0, 1]), reduction="average"),
        (RuntimeError, ValueError),
        ("average", "mean"),
    ),
]
op(
    "cross_entropy",
    samples(
        floats, call(t(4, 3), target), call(t(4, 3), target, t(3, domain=positive, fixed=True)), call(t(3), index(below=3)), call(t(4, 3), target, reduction="none"), call(t(4, 3), target, reduction="sum"),
        call(t(4, 3), target, ignore_index=1), call(t(4, 3), target, label_smoothing=0.2), call(t(2, 3, 5, 2), index(2, 5, 2, below=3)), call(t(4, 3), t(4, 3, domain=positive)),
        call(t(4, 3), t(4, 3, domain=positive), label_smoothing=0.1), call(t(4, 3), target, t(3, domain=positive, fixed=True), ignore_index=1, label_smoothing=0.1, reduction="none"),
    ),
    cross_entropy,
    result="first",
    **means,
    wrong=class_wrong,
)  # fmt: skip
op(
    "nll_loss",
    samples(
        floats, call(t(4, 3), target), call(t(4, 3), target, t(3, domain=positive, fixed=True)), call(t(3), index(below=3)), call(t(4, 3), target, reduction="none"), call(t(4, 3), target, reduction="sum"),
        call(t(4, 3), target, ignore_index=1), call(t(2, 3, 5, 2), index(2, 5, 2, below=3)),
    ),
    nll,
    result="first",
    **means,
    wrong=class_wrong,
)  # fmt: skip


def binary(x, y, weight=None, reduction="mean"):
    losses = -(y * np.log(x) + (1 - y) * np.log1p(-x))
    return finish(losses if weight is None else losses * weight, reduction)


def binary_logits(x, y, weight=None, reduction="mean", pos_weight=None):
    pos = 1 if pos_weight is None else pos_weight
    losses = -(pos * y * special.log_expit(x) + (1 - y) * special.log_expit(-x))
    return finish(losses if weight is None else losses * weight, reduction)


def reductions(*args):
    return tuple(call(*args, reduction=r) for r in ("mean", "sum", "none"))


unit = (0.1, 0.9)
chances = t(4, 3, domain=unit)
mismatch = (call(tn.ones(4, 3), tn.ones(4, 2)), (RuntimeError, ValueError), ("(4, 3)", "(4, 2)"))
op(
    "binary_cross_entropy",
    samples(
        floats,
        *reductions(chances, chances),
        call(chances, chances, t(3, domain=positive, fixed=True)),
        call(chances, chances, weight=t(4, 3, domain=positive, fixed=True), reduction="sum"),
    ),
    binary,
    **means,
    wrong=[mismatch, (call(tn.tensor([1.5]), tn.tensor([1.0])), (RuntimeError, ValueError), ("1.5",))],
)
op(
    "binary_cross_entropy_with_logits",
    samples(
        floats,
        *reductions(t(4, 3), chances),
        call(t(4, 3), chances, t(3, domain=positive, fixed=True)),
        call(t(4, 3), chances, pos_weight=t(3, domain=positive, fixed=True)),
    ),
    binary_logits,
    **means,
    wrong=[mismatch],
)


def distance(function):
    def reference(x, y, reduction="mean", weight=None, **kwargs):
        losses = function(x - y, **kwargs)
        return (
            finish(losses, reduction)
            if weight is None
            else finish(losses * weight, reduction, np.broadcast_to(weight, losses.shape).sum())
        )

    return reference


same = (t(4, 3), t(4, 3))
op(
    "mse_loss",
    samples(floats, *reductions(*same), call(t(0), t(0), reduction="sum")),
    distance(np.square),
    wrong=[mismatch],
)
op("l1_loss", samples(floats, *reductions(*same)), distance(np.abs), wrong=[mismatch])
op(
    "smooth_l1_loss",
    samples(floats, *reductions(*same), call(*same, beta=0.5), call(*same, beta=0.0)),
    distance(
        lambda d, beta=1.0: np.where(
            np.abs(d) < beta, d * d / (2 * beta if beta else 1), np.abs(d) - beta / 2
        )
    ),
    wrong=[mismatch, (call(tn.ones(2), tn.ones(2), beta=-1.0), (RuntimeError, ValueError), ("beta", "-1"))],
)
op(
    "huber_loss",
    samples(floats, *reductions(*same), call(*same, delta=0.5)),
    distance(lambda d, delta=1.0: np.where(np.abs(d) <= delta, d * d / 2, delta * (np.abs(d) - delta / 2))),
    wrong=[mismatch, (call(tn.ones(2), tn.ones(2), delta=0.0), (RuntimeError, ValueError), ("delta", "0"))],
)


def kl_div(x, y, reduction="mean", log_target=False):
    losses = np.exp(y) * (y - x) if log_target else special.xlogy(y, y) - y * x
    return losses.sum() / x.shape[0] if reduction == "batchmean" else finish(losses, reduction)


op(
    "kl_div",
    samples(
        floats,
        *reductions(t(4, 3), t(4, 3, domain=positive)),
        call(t(4, 3), t(4, 3, domain=positive), reduction="batchmean"),
        call(*same, log_target=True),
    ),
    kl_div,
    **means,
)
