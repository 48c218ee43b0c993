"""Samples of tenon/ops/random.h: their values are the subject of test_op_random.py."""

from op_suite.declare import call, floats, numbers, op, samples, t

import tenon as tn

plain = (tn.float32,)
chance = t(3, 4, domain=(0, 1))
sized = samples(plain, call(2, 3), call((4,)), call(0), call(3, dtype=tn.float64))
for name in ("rand", "randn"):
    op(
        name,
        sized,
        test="random",
        result=tn.float32,
        wrong=[
            (call(-1), (RuntimeError, ValueError), ("-1",)),
            (call(2, dtype=tn.int64), RuntimeError, (name, "int64")),
        ],
    )
low_high = (RuntimeError, ValueError)
op(
    "randint",
    samples(plain, call(5, (2, 3)), call(5, (0,)), call(5, (2,), dtype=tn.float32)),
    test="random",
    result=tn.int64,
    wrong=[(call(0, (2,)), low_high, ("randint", "0"))],
)
op(
    "randint.low",
    samples(plain, call(2, 5, (2, 3)), call(-5, 5, (4,), dtype=tn.int8)),
    test="random",
    result=tn.int64,
    wrong=[(call(5, 5, (2,)), low_high, ("randint", "5"))],
)
op(
    "randperm",
    samples(plain, call(5), call(0), call(7, dtype=tn.int32)),
    test="random",
    result=tn.int64,
    wrong=[(call(-1), low_high, ("randperm", "-1"))],
)
for name in ("rand_like", "randn_like"):
    op(name, samples(floats, call(t(3, 4)), call(t()), call(t(3), dtype=tn.float64)), test="random")
op("randint_like", samples(numbers, call(t(3, 4), 5)), test="random")
op("randint_like.low", samples(numbers, call(t(3, 4), 2, 5)), test="random")
op(
    "uniform",
    samples(floats, call(t(3, 4)), call(t(3), -1, 2)),
    test="random",
    wrong=[(call(tn.ones(2), 2, 1), low_high, ("uniform", "2", "1"))],
)
op(
    "normal.fill",
    samples(floats, call(t(3, 4)), call(t(3), 1, 2)),
    test="random",
    wrong=[(call(tn.ones(2), 0, -1), low_high, ("normal", "-1"))],
)
op(
    "exponential",
    samples(floats, call(t(3, 4)), call(t(3), 2)),
    test="random",
    wrong=[(call(tn.ones(2), 0), low_high, ("exponential", "0"))],
)
op(
    "bernoulli.fill",
    samples(numbers, call(t(3, 4)), call(t(3), 0.3)),
    test="random",
    wrong=[(call(tn.ones(2), 1.5), low_high, ("bernoulli", "1.5"))],
)
op(
    "random",
    samples(numbers, call(t(3, 4)), call(t(3), 9)),
    test="random",
    wrong=[(call(tn.ones(2), 0), low_high, ("random", "0"))],
)
op(
    "random.from",
    samples(numbers, call(t(3, 4), 2, 9)),
    test="random",
    wrong=[(call(tn.ones(2), 3, 3), low_high, ("random", "3"))],
)
op(
    "bernoulli",
    samples(floats, call(chance)),
    test="random",
    gradient=False,
    wrong=[(call(tn.tensor([1.5])), low_high, ("bernoulli", "1.5"))],
)
op(
    "bernoulli.p",
    samples(floats, call(t(3, 4), 0.3)),
    test="random",
    wrong=[(call(tn.ones(2), -0.1), low_high, ("bernoulli", "-0.1"))],
)
op(
    "normal.size",
    samples(plain, call(1.0, 2.0, (3, 4))),
    test="random",
    result=tn.float32,
    wrong=[(call(0.0, -1.0, (2,)), low_high, ("normal", "-1"))],
)
op(
    "normal.tensors",
    samples(floats, call(t(3, 4), chance), call(t(4), 2.0), call(1.0, chance)),
    test="random",
    gradient=False,
)
op(
    "multinomial",
    samples(floats, call(chance, 2), call(t(5, domain=(0.1, 1)), 9, True)),
    test="random",
    wrong=[
        (call(tn.ones(2), 3), low_high, ("multinomial", "3", "2")),
        (call(tn.tensor([-1.0]), 1), low_high, ("multinomial",)),
        (call(tn.zeros(2), 1), low_high, ("multinomial",)),
    ],
)
