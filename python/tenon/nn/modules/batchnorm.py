"""Batch normalisation. The classes are written in C++."""

from tenon import _tenon

from . import module

__all__ = ["BatchNorm1d", "BatchNorm2d", "BatchNorm3d"]

_BatchNorm = _NormBase = _tenon.nn._BatchNorm
BatchNorm1d = _tenon.nn.BatchNorm1d
BatchNorm2d = _tenon.nn.BatchNorm2d
BatchNorm3d = _tenon.nn.BatchNorm3d

# From 2 on checkpoints hold num_batches_tracked.
_BatchNorm._version = 2


def _load_from_state_dict(
    self, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs
):
    """Older checkpoints lack the counter of batches: it then keeps its value."""
    version = local_metadata.get("version")
    counter = prefix + "num_batches_tracked"
    if (version is None or version < 2) and self.track_running_stats and counter not in state_dict:
        own = self.num_batches_tracked
        state_dict[counter] = own if own is not None else _tenon.tensor(0)
    module.Module._load_from_state_dict(
        self, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs
    )


_BatchNorm._load_from_state_dict = _load_from_state_dict
