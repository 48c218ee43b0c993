"""Tables looked up by index. The classes are written in C++."""

from tenon import _tenon

from . import module  # noqa: F401 - the methods that every class inherits

__all__ = ["Embedding"]

Embedding = _tenon.nn.Embedding


@classmethod
def from_pretrained(
    cls,
    embeddings,
    freeze=True,
    padding_idx=None,
    max_norm=None,
    norm_type=2.0,
    scale_grad_by_freq=False,
    sparse=False,
):
    """A table with the given rows: shape (rows, features). freeze: they get no gradient."""
    if embeddings.dim() != 2:
        raise ValueError(
            f"Embedding.from_pretrained: embeddings must be 2-dimensional, they are {tuple(embeddings.shape)}"
        )
    rows, features = embeddings.shape
    return cls(
        rows,
        features,
        _weight=embeddings,
        _freeze=freeze,
        padding_idx=padding_idx,
        max_norm=max_norm,
        norm_type=norm_type,
        scale_grad_by_freq=scale_grad_by_freq,
        sparse=sparse,
    )


Embedding.from_pretrained = from_pretrained
