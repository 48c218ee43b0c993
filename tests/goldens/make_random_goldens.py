"""Writes what PyTorch draws for given seeds, to be compared with Tenon's.

    python tests/goldens/make_random_goldens.py      # needs torch and numpy, not a part of the tests

Writes random.npz beside this file (keys are "<seed>/<what>"; the calls of a seed run in the order of
the keys, from one torch.manual_seed, so each also checks the state that the one before left) and
tests/cpp/core/random_goldens.h (a few of them for the C++ tests). Values of float32 randn of 16 or more
and of scaled uniforms are those of PyTorch's AVX2 and AVX512 builds; its plain build differs in the last
bits. float64 and short randn depend on the C library's sin, cos, log and log1p (here glibc's).
"""

import pathlib
import sys

import numpy as np
import torch

SEEDS = (0, 42, 2**40 + 7)


def draws():
    """The calls, in order; names are keys of random.npz."""
    f64, i32, i64, u8 = torch.float64, torch.int32, torch.int64, torch.uint8
    return {
        "rand_0": lambda: torch.rand(0),
        "rand_10": lambda: torch.rand(10),
        "rand_f64_7": lambda: torch.rand(7, dtype=f64),
        "randn_1": lambda: torch.randn(1),
        "randn_5": lambda: torch.randn(5),  # begins with the spare half of the one before
        "randn_15": lambda: torch.randn(15),
        "randn_f64_3": lambda: torch.randn(3, dtype=f64),
        "randn_16": lambda: torch.randn(16),
        "randn_17": lambda: torch.randn(17),
        "randn_100": lambda: torch.randn(100),
        "randn_f64_16": lambda: torch.randn(16, dtype=f64),
        "randn_f64_21": lambda: torch.randn(21, dtype=f64),
        "rand_4_5": lambda: torch.rand(4, 5),
        "uniform_-0.3_0.7_33": lambda: torch.empty(33).uniform_(-0.3, 0.7),
        "uniform_f64_-3_5_9": lambda: torch.empty(9, dtype=f64).uniform_(-3, 5),
        "normal_3_0.02_9": lambda: torch.empty(9).normal_(3, 0.02),
        "normal_3_0.02_35": lambda: torch.empty(35).normal_(3, 0.02),
        "normal_f64_3_0.02_18": lambda: torch.empty(18, dtype=f64).normal_(3, 0.02),
        "randint_0_10_20": lambda: torch.randint(0, 10, (20,)),
        "randint_-5_2e27_9": lambda: torch.randint(-5, 2**27, (9,)),
        "randint_0_2e28_9": lambda: torch.randint(0, 2**28, (9,)),
        "randint_-7_2e40_9": lambda: torch.randint(-7, 2**40, (9,)),
        "randint_full_5": lambda: torch.empty(5, dtype=i64).random_(-(2**63), None),
        "randint_i32_9": lambda: torch.randint(-(2**31), 2**31 - 1, (9,), dtype=i32),
        "randint_u8_9": lambda: torch.randint(0, 256, (9,), dtype=u8),
        "randint_f32_9": lambda: torch.randint(0, 2**20, (9,), dtype=torch.float32),
        "randperm_0": lambda: torch.randperm(0),
        "randperm_1": lambda: torch.randperm(1),
        "randperm_10": lambda: torch.randperm(10),
        "randperm_200": lambda: torch.randperm(200),
        "bernoulli_0.3_50": lambda: torch.empty(50).bernoulli_(0.3),
        "bernoulli_bool_0.9_50": lambda: torch.empty(50, dtype=torch.bool).bernoulli_(0.9),
        "exponential_2_20": lambda: torch.empty(20).exponential_(2.0),
        "exponential_f64_0.5_5": lambda: torch.empty(5, dtype=f64).exponential_(0.5),
        "randn_7": lambda: torch.randn(7),  # uses up the spare half
        "rand_last_3": lambda: torch.rand(3),
    }


def more_draws():
    """Composites and initial weights; in random.npz only, each from its own manual_seed."""
    nn, init = torch.nn, torch.nn.init

    def filled(shape, fill, *args, **kwargs):
        return fill(torch.empty(shape), *args, **kwargs)

    out = {
        "dropout_0.3_60": lambda: nn.functional.dropout(torch.ones(60), 0.3),
        "dropout2d_0.5_4_6_2_2": lambda: nn.functional.dropout2d(torch.ones(4, 6, 2, 2), 0.5),
        "bernoulli_tensor_40": lambda: torch.bernoulli(torch.linspace(0, 1, 40)),
        "multinomial_8": lambda: torch.multinomial(torch.arange(1.0, 21.0), 8),
        "multinomial_replacement_30": lambda: torch.multinomial(torch.arange(1.0, 6.0), 30, True),
        "normal_tensor_20": lambda: torch.normal(torch.arange(20.0), torch.linspace(0.1, 1, 20)),
        "rand_like_transposed": lambda: torch.rand_like(torch.empty(3, 4).t()),
        "randn_transposed_6_5": lambda: torch.empty(5, 6).t().normal_(),
        "random_i64_5": lambda: torch.empty(5, dtype=torch.int64).random_(),
        "random_f32_5": lambda: torch.empty(5).random_(),
        "rand_f16_20": lambda: torch.rand(20, dtype=torch.float16).float(),
        "rand_bf16_20": lambda: torch.rand(20, dtype=torch.bfloat16).float(),
        "randn_f16_9": lambda: torch.randn(9, dtype=torch.float16).float(),
        "randn_bf16_20": lambda: torch.randn(20, dtype=torch.bfloat16).float(),
        "rand_complex64_5": lambda: torch.rand(5, dtype=torch.complex64),
        "randn_complex64_5": lambda: torch.randn(5, dtype=torch.complex64),
        "kaiming_uniform_6_7": lambda: filled((6, 7), init.kaiming_uniform_),
        "kaiming_uniform_a5_6_7": lambda: filled((6, 7), init.kaiming_uniform_, a=5**0.5),
        "kaiming_normal_6_7": lambda: filled((6, 7), init.kaiming_normal_),
        "kaiming_normal_fan_out_relu_4_3_3_3": lambda: filled(
            (4, 3, 3, 3), init.kaiming_normal_, mode="fan_out", nonlinearity="relu"
        ),
        "xavier_uniform_6_7": lambda: filled((6, 7), init.xavier_uniform_),
        "xavier_normal_6_7": lambda: filled((6, 7), init.xavier_normal_, gain=1.5),
        "trunc_normal_40": lambda: filled((40,), init.trunc_normal_, std=0.02),
        "orthogonal_5_4": lambda: filled((5, 4), init.orthogonal_),
        "sparse_6_4": lambda: filled((6, 4), init.sparse_, sparsity=0.5),
    }
    modules = {
        "Linear_37_19": lambda: nn.Linear(37, 19),
        "Linear_5_3_no_bias": lambda: nn.Linear(5, 3, bias=False),
        "Bilinear_3_4_5": lambda: nn.Bilinear(3, 4, 5),
        "Conv1d_4_6_3": lambda: nn.Conv1d(4, 6, 3),
        "Conv2d_3_8_3": lambda: nn.Conv2d(3, 8, 3),
        "Conv2d_4_8_3_groups_2": lambda: nn.Conv2d(4, 8, 3, groups=2),
        "ConvTranspose2d_4_3_2": lambda: nn.ConvTranspose2d(4, 3, 2),
        "Embedding_10_6": lambda: nn.Embedding(10, 6, padding_idx=2),
        "LSTM_4_5": lambda: nn.LSTM(4, 5, num_layers=2, bidirectional=True),
        "GRUCell_4_5": lambda: nn.GRUCell(4, 5),
        "MultiheadAttention_8_2": lambda: nn.MultiheadAttention(8, 2),
        "TransformerEncoderLayer_8_2_16": lambda: nn.TransformerEncoderLayer(8, 2, 16),
    }
    return out, modules


def literal(value, dtype):
    if dtype == "bool":
        return "true" if value else "false"
    if dtype.startswith("float"):
        return float(value).hex() + ("f" if dtype == "float32" else "")
    if dtype == "int64" and int(value) == -(2**63):
        return "INT64_MIN"
    return f"{int(value)}" + ("LL" if dtype == "int64" else "")


C_TYPES = {
    "float32": "float",
    "float64": "double",
    "bool": "bool",
    "int64": "int64_t",
    "int32": "int32_t",
    "uint8": "uint8_t",
}


def identifier(key):
    return key.replace("-", "m").replace(".", "p")


def write_header(path, drawn, states):
    lines = [
        f"// Made by tests/goldens/make_random_goldens.py with PyTorch {torch.__version__}; do not edit.",
        "#pragma once",
        "",
        "#include <cstdint>",
        "",
        "namespace goldens {",
        "",
    ]
    for seed in SEEDS:
        lines.append(f"struct Seed{seed} {{")
        lines.append(f"  static constexpr uint64_t seed = {seed}u;")
        for key, value in drawn[seed].items():
            if value.size == 0:
                continue
            dtype = str(value.dtype)
            text = ", ".join(literal(v, dtype) for v in value.ravel())
            lines.append(f"  static constexpr {C_TYPES[dtype]} {identifier(key)}[] = {{")
            while len(text) > 96:
                cut = text.rfind(", ", 0, 96) + 1
                lines.append("    " + text[:cut])
                text = text[cut + 1 :]
            lines += ["    " + text, "  };"]
        lines.append("  // FNV-1a of torch.get_rng_state() after the last draw.")
        lines.append(f"  static constexpr uint64_t state_hash = {states[seed]:#x}u;")
        lines += ["};", ""]
    lines += ["}  // namespace goldens", ""]
    path.write_text("\n".join(lines))


def fnv(data):
    h = 0xCBF29CE484222325
    for byte in data:
        h = (h ^ byte) * 0x100000001B3 % 2**64
    return h


def main():
    if torch.backends.cpu.get_cpu_capability() not in ("AVX2", "AVX512"):
        sys.exit("needs a PyTorch that runs its AVX2 or AVX512 kernels")
    here = pathlib.Path(__file__).resolve().parent
    arrays, drawn, states = {}, {}, {}
    for seed in SEEDS:
        torch.manual_seed(seed)
        drawn[seed] = {}
        for key, draw in draws().items():
            drawn[seed][key] = arrays[f"{seed}/{key}"] = draw().numpy()
        state = torch.get_rng_state().numpy()
        arrays[f"{seed}/state"] = state
        states[seed] = fnv(state.tobytes())
    out, modules = more_draws()
    for seed in SEEDS[:2]:
        for key, draw in out.items():
            torch.manual_seed(seed)
            arrays[f"{seed}/own/{key}"] = draw().detach().numpy()
        for key, build in modules.items():
            torch.manual_seed(seed)
            for name, weight in build().state_dict().items():
                arrays[f"{seed}/init/{key}/{name}"] = weight.numpy()
    np.savez_compressed(here / "random.npz", **arrays)
    write_header(here.parent / "cpp" / "core" / "random_goldens.h", drawn, states)


if __name__ == "__main__":
    main()
