"""Functions of tensors that networks are made of. Each is the op itself, where PyTorch's signature is the op's."""

from __future__ import annotations

import warnings

from tenon import _tenon
from tenon._decorate import overridable
from tenon._tenon import Tensor

__all__ = [
    "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d", "adaptive_max_pool1d",
    "adaptive_max_pool2d", "adaptive_max_pool3d", "avg_pool1d", "avg_pool2d", "avg_pool3d", "batch_norm",
    "binary_cross_entropy", "binary_cross_entropy_with_logits", "conv1d", "conv2d", "conv3d",
    "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "cosine_similarity", "cross_entropy",
    "dropout", "dropout1d", "dropout2d", "dropout3d", "elu", "embedding", "gelu", "glu", "group_norm",
    "hardtanh", "huber_loss", "instance_norm", "kl_div", "l1_loss", "layer_norm", "leaky_relu", "linear",
    "log_softmax", "logsigmoid", "max_pool1d", "max_pool1d_with_indices", "max_pool2d",
    "max_pool2d_with_indices", "max_pool3d", "max_pool3d_with_indices", "mse_loss", "nll_loss",
    "normalize", "one_hot", "pad", "relu", "relu6", "relu_", "rms_norm", "sigmoid", "silu",
    "smooth_l1_loss", "softmax", "softmin", "softplus", "tanh",
]  # fmt: skip

adaptive_avg_pool1d = _tenon.adaptive_avg_pool1d
adaptive_avg_pool2d = _tenon.adaptive_avg_pool2d
adaptive_avg_pool3d = _tenon.adaptive_avg_pool3d
avg_pool1d = _tenon.avg_pool1d
avg_pool2d = _tenon.avg_pool2d
avg_pool3d = _tenon.avg_pool3d
binary_cross_entropy = _tenon.binary_cross_entropy
binary_cross_entropy_with_logits = _tenon.binary_cross_entropy_with_logits
conv1d = _tenon.conv1d
conv2d = _tenon.conv2d
conv3d = _tenon.conv3d
conv_transpose1d = _tenon.conv_transpose1d
conv_transpose2d = _tenon.conv_transpose2d
conv_transpose3d = _tenon.conv_transpose3d
cross_entropy = _tenon.cross_entropy
dropout = _tenon.dropout
dropout1d = _tenon.dropout1d
dropout2d = _tenon.dropout2d
dropout3d = _tenon.dropout3d
gelu = _tenon.gelu
group_norm = _tenon.group_norm
kl_div = _tenon.kl_div
layer_norm = _tenon.layer_norm
linear = _tenon.linear
max_pool1d_with_indices = _tenon.max_pool1d_with_indices
max_pool2d_with_indices = _tenon.max_pool2d_with_indices
max_pool3d_with_indices = _tenon.max_pool3d_with_indices
nll_loss = _tenon.nll_loss
one_hot = _tenon.one_hot
pad = _tenon.pad
relu_ = _tenon.relu_
rms_norm = _tenon.rms_norm
sigmoid = _tenon.sigmoid
softplus = _tenon.softplus
tanh = _tenon.tanh


# ---- activations whose in-place form is an argument ------------------------------------------------


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """max(x, 0)."""
    return _tenon.relu_(input) if inplace else _tenon.relu(input)


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """x * sigmoid(x)."""
    return _tenon.silu_(input) if inplace else _tenon.silu(input)


def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """x, where it is negative times the slope."""
    return (_tenon.leaky_relu_ if inplace else _tenon.leaky_relu)(input, negative_slope)


def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """x, where it is negative alpha * (exp(x) - 1)."""
    return (_tenon.elu_ if inplace else _tenon.elu)(input, alpha)


@overridable
def hardtanh(input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Tensor:
    """x, kept within [min_val, max_val]."""
    if min_val > max_val:
        raise ValueError("min_val cannot be greater than max_val")
    return (_tenon.clamp_ if inplace else _tenon.clamp)(input, min_val, max_val)


def relu6(input: Tensor, inplace: bool = False) -> Tensor:
    """x, kept within [0, 6]."""
    return hardtanh(input, 0.0, 6.0, inplace)


@overridable
def logsigmoid(input: Tensor) -> Tensor:
    """log(sigmoid(x)), without overflow."""
    return -_tenon.softplus(-input)


@overridable
def glu(input: Tensor, dim: int = -1) -> Tensor:
    """The first half along ``dim`` times the sigmoid of the second."""
    size = input.size(dim)
    if size % 2:
        raise RuntimeError(f"glu: the size along dim {dim} must be even; input is {tuple(input.shape)}")
    first, second = input.split(size // 2, dim)
    return first * second.sigmoid()


# ---- softmax ----------------------------------------------------------------------------------------


def _softmax_dim(name: str, dim: int | None, dims: int, stacklevel: int) -> int:
    if dim is not None:
        return dim
    warnings.warn(
        f"Implicit dimension choice for {name} has been deprecated. "
        "Change the call to include dim=X as an argument.",
        stacklevel=stacklevel + 1,  # past the decorator
    )
    return 0 if dims in (0, 1, 3) else 1


@overridable
def softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype=None) -> Tensor:
    """exp(x) / sum(exp(x)) along ``dim``."""
    return _tenon.softmax(input, _softmax_dim("softmax", dim, input.dim(), _stacklevel), dtype=dtype)


@overridable
def log_softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype=None) -> Tensor:
    """The logarithm of softmax, computed without forming it."""
    dim = _softmax_dim("log_softmax", dim, input.dim(), _stacklevel)
    return _tenon.log_softmax(input, dim, dtype=dtype)


@overridable
def softmin(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype=None) -> Tensor:
    """The softmax of -x."""
    return _tenon.softmax(-input, _softmax_dim("softmin", dim, input.dim(), _stacklevel), dtype=dtype)


# ---- losses that broadcast -----------------------------------------------------------------------------


def _warn_of_sizes(input: Tensor, target: Tensor) -> None:
    if input.shape != target.shape:
        warnings.warn(
            f"Using a target size ({target.size()}) that is different to the input size ({input.size()}): "
            "they are broadcast, which is seldom what a loss should compare; give them the same size.",
            stacklevel=4,
        )


@overridable
def mse_loss(input, target, size_average=None, reduce=None, reduction="mean", weight=None):
    """The squared differences, averaged."""
    _warn_of_sizes(input, target)
    return _tenon.mse_loss(input, target, size_average, reduce, reduction, weight)


@overridable
def l1_loss(input, target, size_average=None, reduce=None, reduction="mean", weight=None):
    """The absolute differences, averaged."""
    _warn_of_sizes(input, target)
    return _tenon.l1_loss(input, target, size_average, reduce, reduction, weight)


@overridable
def smooth_l1_loss(input, target, size_average=None, reduce=None, reduction="mean", beta=1.0):
    """Squared differences up to ``beta``, absolute ones beyond it, averaged."""
    _warn_of_sizes(input, target)
    return _tenon.smooth_l1_loss(input, target, size_average, reduce, reduction, beta)


@overridable
def huber_loss(input, target, reduction="mean", delta=1.0, weight=None):
    """Squared differences up to ``delta``, absolute ones times ``delta`` beyond it, averaged."""
    _warn_of_sizes(input, target)
    return _tenon.huber_loss(input, target, reduction, delta, weight)


# ---- pooling: the indices are an argument ------------------------------------------------------------


def _max_pool(name: str):
    plain, with_indices = getattr(_tenon, name), getattr(_tenon, name + "_with_indices")

    def max_pool(
        input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False
    ):
        """The largest of each window; with ``return_indices`` also where in the plane it is."""
        function = with_indices if return_indices else plain
        return function(input, kernel_size, stride or None, padding, dilation, ceil_mode)

    max_pool.__name__ = max_pool.__qualname__ = name
    return max_pool


max_pool1d = _max_pool("max_pool1d")
max_pool2d = _max_pool("max_pool2d")
max_pool3d = _max_pool("max_pool3d")


def _adaptive_max_pool(name: str):
    plain = getattr(_tenon, name)

    def adaptive_max_pool(input, output_size, return_indices=False):
        """The largest of each of ``output_size`` windows; with ``return_indices`` also where it is."""
        if return_indices:
            dims = int(name[-2])
            sizes = [output_size] * dims if isinstance(output_size, int) else list(output_size)
            sizes = [n if s is None else s for s, n in zip(sizes, input.shape[-dims:], strict=True)]
            return _tenon._adaptive_max_pool(input, sizes)
        return plain(input, output_size)

    adaptive_max_pool.__name__ = adaptive_max_pool.__qualname__ = name
    return adaptive_max_pool


adaptive_max_pool1d = _adaptive_max_pool("adaptive_max_pool1d")
adaptive_max_pool2d = _adaptive_max_pool("adaptive_max_pool2d")
adaptive_max_pool3d = _adaptive_max_pool("adaptive_max_pool3d")


# ---- normalisation -------------------------------------------------------------------------------------


def batch_norm(
    input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-05
):
    """Each channel to mean 0 and variance 1: of the batch in training, which moves the running ones."""
    return _tenon.batch_norm(input, running_mean, running_var, weight, bias, training, momentum, eps)


def instance_norm(
    input,
    running_mean=None,
    running_var=None,
    weight=None,
    bias=None,
    use_input_stats=True,
    momentum=0.1,
    eps=1e-05,
):
    """Each channel of each sample to mean 0 and variance 1."""
    return _tenon.instance_norm(
        input, running_mean, running_var, weight, bias, use_input_stats, momentum, eps
    )


@overridable
def normalize(input: Tensor, p: float = 2.0, dim: int = 1, eps: float = 1e-12, out=None) -> Tensor:
    """Vectors along ``dim`` divided by their p-norm, or by eps where that is larger."""
    norm = _tenon.linalg_vector_norm(input, p, dim, True).clamp_min(eps)
    return _tenon.div(input, norm.expand_as(input), out=out) if out is not None else input / norm


@overridable
def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """The cosine of the angle between vectors along ``dim``."""
    x1, x2 = _tenon.broadcast_tensors(x1, x2)
    n1 = _tenon.linalg_vector_norm(x1, 2, dim, True).clamp_min(eps)
    n2 = _tenon.linalg_vector_norm(x2, 2, dim, True).clamp_min(eps)
    return ((x1 / n1) * (x2 / n2)).sum(dim)


@overridable
def embedding(
    input, weight, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, sparse=False
):
    """Rows of ``weight`` (rows, features) by index; the row ``padding_idx`` gets no gradient."""
    for name, value in (
        ("max_norm", max_norm),
        ("scale_grad_by_freq", scale_grad_by_freq),
        ("sparse", sparse),
    ):
        if value:
            raise NotImplementedError(f"embedding: {name} is not supported yet")
    if padding_idx is not None:
        rows = weight.size(0)
        if not -rows <= padding_idx < rows:
            raise ValueError(
                f"embedding: padding_idx must be within num_embeddings; it is {padding_idx} of {rows}"
            )
        padding_idx %= rows
    return _tenon.embedding(input, weight, padding_idx)
