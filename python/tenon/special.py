"""Functions of mathematics under the names of ``torch.special``."""

from tenon._tenon import (
    digamma,
    erf,
    erfc,
    erfinv,
    exp2,
    expm1,
    lgamma as gammaln,
    log1p,
    log_softmax,
    logit,
    logsumexp,
    round,
    sigmoid as expit,
    softmax,
    xlogy,
)

psi = digamma

__all__ = [
    "digamma",
    "erf",
    "erfc",
    "erfinv",
    "exp2",
    "expit",
    "expm1",
    "gammaln",
    "log1p",
    "log_softmax",
    "logit",
    "logsumexp",
    "psi",
    "round",
    "softmax",
    "xlogy",
]
