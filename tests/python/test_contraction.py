"""What the samples of the ops cannot say: PyTorch's lists, and the order of products."""

import numpy as np
import pytest

import tenon as tn


def test_tensordot_takes_pairs_of_lists() -> None:
    a, b = tn.arange(24.0).reshape(2, 3, 4), tn.arange(24.0).reshape(4, 3, 2)
    for dims in (([1, 2], [1, 0]), ((1,), (1,)), (1, 1), tn.tensor([[1, 2], [1, 0]])):
        pair = dims.tolist() if isinstance(dims, tn.Tensor) else dims
        np.testing.assert_allclose(
            tn.tensordot(a, b, dims=dims).numpy(), np.tensordot(a.numpy(), b.numpy(), pair)
        )
    with pytest.raises(ValueError, match="pair of lists"):
        tn.tensordot(a, b, dims=([1], [1], [0]))


def test_einsum_takes_lists_of_numbers() -> None:
    a, b = tn.randn(2, 3), tn.randn(3, 4)
    assert tn.equal(tn.einsum(a, [0, 1], b, [1, 2], [0, 2]), a @ b)
    assert tn.equal(tn.einsum(a, [0, 1], b, [1, 2]), a @ b)
    assert tn.equal(tn.einsum(a, [..., 1], b, [1, 2], [..., 2]), a @ b)
    with pytest.raises(ValueError, match="numbers from 0 to 51"):
        tn.einsum(a, [0, 77])


def test_einsum_takes_the_cheap_order() -> None:
    """From left to right the first product alone would have 512 ** 3 elements."""
    a, b, c = tn.ones(512, 1), tn.ones(512 * 512, 1), tn.ones(512 * 512, 1)
    assert tn.einsum("ia,ja,ja->i", a, b, c).shape == (512,)
    x = [tn.ones(2, 40), tn.ones(40, 50), tn.ones(50, 60), tn.ones(60, 3)]
    assert tn.einsum("ij,jk,kl,lm->im", *x)[0, 0].item() == 40 * 50 * 60


@pytest.mark.parametrize("mode", ["use_mm_for_euclid_dist", "donot_use_mm_for_euclid_dist"])
def test_cdist_has_no_gradient_at_distance_zero(mode: str) -> None:
    x = tn.tensor([[1.0, 2.0], [4.0, 6.0]], requires_grad=True)
    distances = tn.cdist(x, x.detach(), compute_mode=mode)
    assert tn.allclose(distances, tn.tensor([[0.0, 5.0], [5.0, 0.0]]))
    distances.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), [[-0.6, -0.8], [0.6, 0.8]], rtol=1e-6)
