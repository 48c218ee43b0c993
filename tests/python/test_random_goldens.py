"""Same seed, same numbers: what PyTorch draws, and what it puts into fresh layers.

The calls are those of tests/goldens/make_random_goldens.py itself, with Tenon in PyTorch's place.
"""

import importlib.util
import pathlib
import sys

import numpy as np
import pytest

import tenon as tn

GOLDENS = pathlib.Path(__file__).resolve().parent.parent / "goldens"
SEEDS = (0, 42, 2**40 + 7)

# Composites and initialisers of the first slice, and layers with their weights.
DRAWS = """dropout_0.3_60 dropout2d_0.5_4_6_2_2 bernoulli_tensor_40 multinomial_8 multinomial_replacement_30
    normal_tensor_20 randn_transposed_6_5 random_i64_5 random_f32_5 rand_f16_20 rand_bf16_20 randn_f16_9
    kaiming_uniform_6_7 kaiming_uniform_a5_6_7 kaiming_normal_6_7 kaiming_normal_fan_out_relu_4_3_3_3
    xavier_uniform_6_7 xavier_normal_6_7 trunc_normal_40 sparse_6_4""".split()
LAYERS = (
    "Linear_37_19 Linear_5_3_no_bias Conv1d_4_6_3 Conv2d_3_8_3 Conv2d_4_8_3_groups_2 Embedding_10_6".split()
)


@pytest.fixture(scope="module")
def script():
    """The script that made the goldens, calling Tenon."""
    spec = importlib.util.spec_from_file_location("make_random_goldens", GOLDENS / "make_random_goldens.py")
    module = importlib.util.module_from_spec(spec)
    before = sys.modules.get("torch")
    sys.modules["torch"] = tn
    try:
        spec.loader.exec_module(module)
    finally:
        if before is None:
            del sys.modules["torch"]
        else:
            sys.modules["torch"] = before
    return module


@pytest.fixture(scope="module")
def goldens():
    with np.load(GOLDENS / "random.npz") as file:
        return dict(file)


def check(found, golden):
    """Integers and masks bit for bit; floats within 2 ulp or 1e-6 (PyTorch's own builds differ by that)."""
    found = found.detach().numpy()
    assert found.dtype == golden.dtype
    assert found.shape == golden.shape
    if found.dtype.kind == "f":
        bound = np.maximum(2 * np.spacing(np.abs(golden)), 1e-6)
        assert (np.abs(found - golden) <= bound).all()
    else:
        np.testing.assert_array_equal(found, golden)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_row_of_draws_and_the_state_after_it(script, goldens, seed):
    tn.manual_seed(seed)
    for name, draw in script.draws().items():
        found, golden = draw(), goldens[f"{seed}/{name}"]
        check(found, golden)
        if name.startswith(("rand_", "randint", "randperm")):
            np.testing.assert_array_equal(found.numpy(), golden, err_msg=name)
    np.testing.assert_array_equal(tn.get_rng_state().numpy(), goldens[f"{seed}/state"])


@pytest.mark.parametrize("name", DRAWS)
@pytest.mark.parametrize("seed", SEEDS[:2])
def test_one_call(script, goldens, name, seed):
    draws, _ = script.more_draws()
    tn.manual_seed(seed)
    check(draws[name](), goldens[f"{seed}/own/{name}"])


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("seed", SEEDS[:2])
def test_weights_of_a_fresh_layer(script, goldens, name, seed):
    _, layers = script.more_draws()
    tn.manual_seed(seed)
    state = layers[name]().state_dict()
    golden = {key: value for key, value in goldens.items() if key.startswith(f"{seed}/init/{name}/")}
    assert list(state) == [key.rsplit("/", 1)[1] for key in golden]
    for key, value in golden.items():
        check(state[key.rsplit("/", 1)[1]], value)


def test_trunc_normal_stays_inside():
    tn.manual_seed(1)
    weights = tn.nn.init.trunc_normal_(tn.empty(20_000), std=1.0)
    assert weights.abs().max() <= 2
    assert abs(float(weights.std()) - 0.8796) < 0.02  # of a normal cut at 2
    with pytest.warns(UserWarning, match="more than 2 std"):
        tail = tn.nn.init.trunc_normal_(tn.empty(100), a=3.0, b=4.0)
    assert 3 <= float(tail.min()) and float(tail.max()) <= 4


def test_random_of_int32_takes_one_word_per_value():
    tn.manual_seed(3)
    assert tn.empty(3, dtype=tn.int32).random_().tolist() == [218175338, 303761048, 893988089]
