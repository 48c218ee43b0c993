"""Samples of tenon/ops/elementwise.h."""

import numpy as np
import scipy.special as special
from op_suite.declare import (
    alias,
    all_types,
    away,
    call,
    floats,
    integral,
    ints,
    mask,
    numbers,
    one,
    op,
    samples,
    t,
    ties,
    two,
)  # fmt: skip

import tenon as tn

pairs = [((3, 4), (3, 4)), ((3, 4), (4,)), ((3, 1), (1, 4)), ((), (5,)), ((2, 0, 3), (3,))]

# ---- arithmetic ----

mismatch = (call(tn.ones(2, 3), tn.ones(4)), (RuntimeError, ValueError), ("(2, 3)", "(4,)"))

op(
    "add",
    two(all_types, 2).plus(
        call(t(3, 4), t(4), alpha=2),
        call(2, t(3, 4)),
        call(t(3), 0.1),
        call(0.1, t(3)),
        call(t(), 2),
        call(t(3), True),
    ),
    lambda a, b, alpha=1: np.add(a, b if alpha == 1 else np.multiply(b, alpha)),
    special=True,
    wrong=[
        mismatch,
        (
            call(tn.ones(2, dtype=tn.int64), tn.ones(2, dtype=tn.int64), alpha=1.5),
            RuntimeError,
            ("alpha", "1.5"),
        ),
        (call(tn.ones(2), "two"), TypeError, ("other", "str")),
    ],
)
op(
    "sub",
    two(numbers, 2).plus(call(t(3, 4), t(4), alpha=2), call(2, t(3, 4)), call(t(3), 1.5), call(9.5, t())),
    lambda a, b, alpha=1: np.subtract(a, b if alpha == 1 else np.multiply(b, alpha)),
    special=True,
    wrong=[
        mismatch,
        (call(tn.ones(2, dtype=tn.bool), tn.ones(2, dtype=tn.bool)), RuntimeError, ("bool", "logical_xor")),
    ],
)
op(
    "rsub",
    two(numbers, 2).plus(call(t(3, 4), t(4), alpha=2), call(t(3), 1.5)),
    lambda a, b, alpha=1: np.subtract(b, a if alpha == 1 else np.multiply(a, alpha)),
)
op(
    "mul",
    two(all_types, 2).plus(call(2, t(3)), call(t(3), 0.1), call(0.1, t())),
    np.multiply,
    special=True,
    wrong=[mismatch],
)
op(
    "div",
    two(all_types, 2).plus(call(2, t(3)), call(1.5, t())),
    np.true_divide,
    result="float",
    domain=away(0.5, 3),
    special=True,
    wrong=[
        mismatch,
        (call(tn.ones(2), 2, rounding_mode="up"), (RuntimeError, ValueError), ("up", "floor", "trunc")),
    ],
)
whole = two(numbers, 2).plus(call(7, t(3)), call(t(3), 2.5), call(t(4), t(4, dtype=tn.int64)))
zero_division = (call(tn.ones(2, dtype=tn.int64), 0), (RuntimeError, ZeroDivisionError), ("zero",))
op("floor_divide", whole, np.floor_divide, domain=away(1, 9), gradient=False, wrong=[zero_division])
op("remainder", whole, np.remainder, domain=away(1, 9), wrong=[zero_division, mismatch])
op("fmod", whole, np.fmod, domain=away(1, 9), wrong=[zero_division])
op("maximum", two(all_types, 2), np.maximum, special=True)
op("minimum", two(all_types, 2), np.minimum, special=True)
op(
    "pow",
    two(numbers, 2).plus(
        call(2, t(3)), call(t(3), 0), call(t(3), 1), call(t(3), 3), call(t(3), 0.5), call(t(3), 2.5), call(1.5, t()),
    ),
    np.power,
    domain=(0.5, 3),
    tolerance=4,
    reason="pow(x, y) multiplies the rounding of log(x) by y",
    wrong=[(call(tn.ones(2, dtype=tn.int64), -2), (RuntimeError, ValueError), ("negative",))],
)  # fmt: skip
op("atan2", two(all_types), np.arctan2, result="float", domain=away(0.3, 3), special=True)
op("xlogy", two(all_types, 2), special.xlogy, result="float", domain=(0.3, 3))
op("hypot", two(all_types), np.hypot, result="float", domain=away(0.3, 3), special=True)
op("copysign", two(all_types, -2), np.copysign, result="float", special=True)
op("logaddexp", two(all_types), np.logaddexp, result="float")
for name, of in [
    ("multiply", "mul"),
    ("divide", "div"),
    ("true_divide", "div"),
    ("subtract", "sub"),
    ("arctan2", "atan2"),
]:
    alias(name, of)

# ---- comparisons and logic ----

compared = two(all_types, 1).plus(
    call(1, t(3)),
    call(t(3), 0.5),
    call(t(3), t(3, dtype=tn.float64)),
)
for names, function in {
    ("eq",): np.equal,
    ("ne", "not_equal"): np.not_equal,
    ("lt", "less"): np.less,
    ("le", "less_equal"): np.less_equal,
    ("gt", "greater"): np.greater,
    ("ge", "greater_equal"): np.greater_equal,
}.items():
    for name in names:
        op(name, compared, function, result=tn.bool, domain=ties, special=True, wrong=[mismatch])
for name in ("logical_and", "logical_or", "logical_xor"):
    op(name, two(all_types), getattr(np, name), result=tn.bool, domain=ties, special=True)
op("logical_not", one(all_types), np.logical_not, result=tn.bool, domain=ties, special=True)

for name in ("bitwise_and", "bitwise_or", "bitwise_xor"):
    wrong = [(call(tn.ones(2), tn.ones(2)), (RuntimeError, TypeError), (name, "float32"))]
    op(name, two(integral, 1), getattr(np, name), special=True, wrong=wrong)
op("bitwise_left_shift", two(ints, 1), np.left_shift, domain=(0, 3))
op("bitwise_right_shift", two(ints, 1), np.right_shift, domain=(0, 3))
op("bitwise_not", one(integral), np.invert, special=True)

# ---- one operand that keeps its dtype ----

op("neg", one(numbers), np.negative, special=True)
op("abs", one(numbers), np.abs, special=True)
op("sign", one(all_types), lambda a: a if a.dtype == bool else np.sign(a), gradient=False)
op("square", one(numbers), np.square, special=True)
op("relu", one(numbers), lambda a: np.maximum(a, a.dtype.type(0)))
for name, function in {"floor": np.floor, "ceil": np.ceil, "trunc": np.trunc}.items():
    op(
        name,
        one(numbers),
        lambda a, f=function: a if a.dtype.kind in "iu" else f(a),
        special=True,
        gradient=False,
    )
op("frac", one(floats), lambda a: a - np.trunc(a))
op(
    "round",
    one(numbers).plus(call(t(3, 4), decimals=1), call(t(3, 4), decimals=2)),
    lambda a, decimals=0: a if a.dtype.kind in "iu" else np.round(a, decimals),
    domain=lambda rng, s, d: rng.integers(-9, 9, s) / 2 if d.kind == "f" else rng.integers(0, 9, s),
    gradient=False,
)  # fmt: skip
op("positive", one(numbers), np.positive)
for name, of in [("absolute", "abs"), ("negative", "neg"), ("fix", "trunc")]:
    alias(name, of)

# ---- one operand, integers become floats ----

in_unit, positive_only = (-0.95, 0.95), (0.1, 5)
FLOAT_UNARY = {
    "exp": (np.exp, (-3, 3)),
    "exp2": (np.exp2, (-3, 3)),
    "expm1": (np.expm1, (-2, 2)),
    "log": (np.log, positive_only),
    "log1p": (np.log1p, (-0.9, 5)),
    "log2": (np.log2, positive_only),
    "log10": (np.log10, positive_only),
    "sqrt": (np.sqrt, positive_only),
    "rsqrt": (lambda a: 1 / np.sqrt(a), positive_only),
    "reciprocal": (np.reciprocal, away(0.3, 4)),
    "sin": (np.sin, (-9, 9)),
    "cos": (np.cos, (-9, 9)),
    "tan": (np.tan, (-1.4, 1.4)),
    "asin": (np.arcsin, in_unit),
    "acos": (np.arccos, in_unit),
    "atan": (np.arctan, (-5, 5)),
    "sinh": (np.sinh, (-3, 3)),
    "cosh": (np.cosh, (-3, 3)),
    "asinh": (np.arcsinh, (-5, 5)),
    "acosh": (np.arccosh, (1.1, 5)),
    "atanh": (np.arctanh, in_unit),
    "tanh": (np.tanh, (-3, 3)),
    "sigmoid": (special.expit, (-5, 5)),
    "erf": (special.erf, (-3, 3)),
    "erfc": (special.erfc, (-3, 3)),
    "erfinv": (lambda a: np.copysign(special.erfinv(a), a), in_unit),
    "lgamma": (special.gammaln, (0.2, 6)),
    "digamma": (special.digamma, (0.3, 6)),
}
WIDER = {
    "erfinv": (16, "the slope of erfinv is 6 at 0.9: it enlarges the rounding of its own steps"),
    "digamma": (16, "digamma crosses zero at 1.46, where its relative precision ends"),
    "lgamma": (8, "lgamma crosses zero at 1 and 2, where its relative precision ends"),
    "tan": (4, "a quotient of two rounded series"),
}
for name, (function, domain) in FLOAT_UNARY.items():
    factor, reason = WIDER.get(name, (1, ""))
    op(
        name, one(all_types), function, result="float", domain=domain, tolerance=factor, reason=reason,
        special=name not in ("lgamma", "digamma"),
    )  # fmt: skip
op(
    "polygamma",
    samples(
        floats, *(call(n, t(*s, domain=(0.5, 6))) for n in (0, 1, 2, 3) for s in [(3, 4), (), (67,), (0,)])
    ),
    lambda n, a: special.polygamma(n, a),
    tolerance=64,
    reason="a series whose terms grow with n, and digamma's zero at 1.46",
    wrong=[(call(-1, tn.ones(2)), (RuntimeError, ValueError), ("polygamma", "-1"))],
)
op("silu", one(floats), lambda a: a * special.expit(a))
op(
    "logit",
    one(all_types).plus(call(t(3, 4), 0.1), call(t(3, 4), eps=0.2)),
    lambda a, eps=None: special.logit(a if eps is None else np.clip(a, eps, 1 - eps)),
    result="float",
    domain=(0.05, 0.95),
    tolerance=4,
    reason="the logarithm of a quotient near 1 loses relative precision",
)
op(
    "gelu",
    one(floats).plus(call(t(3, 4), approximate="tanh")),
    lambda a, approximate="none": (
        a * special.ndtr(a)
        if approximate == "none"
        else 0.5 * a * (1 + np.tanh(np.sqrt(2 / np.pi) * (a + 0.044715 * a**3)))
    ),
    wrong=[(call(tn.ones(2), approximate="rough"), (RuntimeError, ValueError), ("rough", "tanh"))],
)
op(
    "leaky_relu",
    one(floats).plus(call(t(3, 4), 0.3), call(t(3, 4), negative_slope=0.2)),
    lambda a, negative_slope=0.01: np.where(a > 0, a, a * negative_slope),
)
op("elu", one(floats).plus(call(t(3, 4), 0.5)), lambda a, alpha=1.0: np.where(a > 0, a, alpha * np.expm1(a)))
op(
    "softplus",
    one(floats).plus(call(t(3, 4), 2.0), call(t(3, 4), beta=3.0, threshold=2.0)),
    lambda a, beta=1.0, threshold=20.0: np.where(
        a * beta > threshold, a, np.log1p(np.exp(np.minimum(a * beta, threshold))) / beta
    ),
)
for name in ("isnan", "isinf", "isfinite", "signbit"):
    op(name, one(numbers), getattr(np, name), result=tn.bool, special=True)

# ---- selections, three operands ----


def three(dtypes, *extra, **kwargs):
    shapes = [((3, 4),) * 3, ((3, 4), (4,), (3, 1)), ((), (5,), ()), ((2, 0, 3), (3,), (1, 1)), ((67,),) * 3]
    return samples(dtypes, *(call(*(t(*s) for s in each), **kwargs) for each in shapes), *extra)


def chosen(mask_shape, *rest):
    return call(mask(*mask_shape), *rest)


op(
    "where",
    samples(
        all_types,
        *(chosen(c, t(*a), t(*b)) for c, (a, b) in zip([(3, 4), (3, 1), (), (5,), (2, 0, 1)], pairs, strict=True)),
        chosen((3, 4), t(4), t(4, dtype=tn.float64)), chosen((67,), t(67), t(67)),
        chosen((3,), t(3), 2), chosen((3,), 2, t(3)), chosen((3,), 1.5, t(3)),
    ),
    np.where,
    result=lambda built, common: common,
    wrong=[(call(tn.ones(2), tn.ones(2), tn.ones(2)), (RuntimeError, TypeError), ("condition", "float32", "bool"))],
)  # fmt: skip
op(
    "where.method",
    samples(all_types, call(t(3, 4), mask(3, 1), t(4)), call(t(3), mask(3), 2), call(t(), mask(5), t())),
    lambda a, c, b: np.where(c, a, b),
)
op(
    "masked_fill",
    samples(
        all_types,
        *(call(t(*a), mask(*b), 1) for a, b in pairs),
        call(t(3, 4), mask(4), t()),
        call(t(67), mask(67), 1),
    ),
    lambda a, m, v: np.where(m, np.asarray(v).astype(a.dtype), a),
    result="first",
    wrong=[
        (call(tn.ones(3), tn.ones(3), 1), (RuntimeError, TypeError), ("mask", "bool", "float32")),
        (call(tn.ones(3), tn.ones(3, dtype=tn.bool), tn.ones(3)), RuntimeError, ("value", "(3,)")),
    ],
)


def clip(a, min=None, max=None):
    a = a if min is None else np.maximum(a, min)
    return a if max is None else np.minimum(a, max)


op(
    "clamp",
    one(numbers, 1, 2).plus(
        call(t(3, 4), min=1), call(t(3, 4), max=1), call(t(3, 4), 0.5, 1.5), call(t(3), 2, 1)
    ),
    clip,
    result=lambda built, common: _with_bounds(built, common),
    special=True,
    wrong=[(call(tn.ones(3)), (RuntimeError, ValueError, TypeError), ("clamp", "min", "max"))],
)


def _with_bounds(built, common):
    bounds = list(built.args[1:]) + list(built.kwargs.values())
    floating = any(isinstance(b, float) for b in bounds)
    return tn.float32 if floating and not common.is_floating_point else common


op(
    "clamp.tensor",
    three(numbers).plus(call(t(3, 4), min=t(4)), call(t(3, 4), max=t(3, 1)), call(t(3, 4), t(4), t(4))),
    clip,
)
alias("clip", "clamp")
alias("clip.tensor", "clamp.tensor")
op("clamp_min", two(numbers, 1), np.maximum)
op("clamp_max", two(numbers, 1), np.minimum)
op(
    "lerp",
    three(floats, call(t(3, 4), t(4), 0.25), call(t(3), t(3), t())),
    lambda a, b, w: a + w * (b - a),
    tolerance=2,
    reason="a + w (b - a) cancels where the ends lie on both sides of zero",
)
op(
    "addcmul",
    three(numbers, call(t(3, 4), t(4), t(3, 1), value=2)),
    lambda a, b, c, value=1: a + value * b * c,
)
op(
    "addcdiv",
    three(floats, call(t(3, 4), t(4), t(3, 1), value=2)),
    lambda a, b, c, value=1: a + value * b / c,
    domain=away(0.5, 3),
)


def nan_to_num(a, nan=None, posinf=None, neginf=None):
    if a.dtype.kind != "f":
        return a
    limits = np.finfo(a.dtype)
    out = np.where(np.isnan(a), 0 if nan is None else nan, a)
    out = np.where(np.isposinf(a), limits.max if posinf is None else posinf, out)
    return np.where(np.isneginf(a), limits.min if neginf is None else neginf, out)


def with_holes(rng, shape, dtype):
    values = rng.uniform(0, 3, shape)
    return (
        np.where(rng.random(shape) < 0.5, values, rng.choice([np.nan, np.inf, -np.inf], shape))
        if dtype.kind == "f"
        else values
    )


op(
    "nan_to_num",
    samples(
        numbers, *(call(t(*s, domain=with_holes), 1.0, 2.0, -3.0) for s in [(3, 4), (67,), (), (0,)])
    ).plus(call(t(3, 4)), call(t(5, domain=with_holes), posinf=4.0, neginf=5.0)),
    nan_to_num,
)

# ---- copies and casts ----

op(
    "copy",
    samples(all_types, *(call(t(*a), t(*b)) for a, b in [((3, 4), (4,)), ((), ()), ((2, 0), (1,)), ((67,), (67,))]))
    .plus(call(t(3, 4), t(4, dtype=tn.int32, domain=(0, 3))), call(t(5), t(5, dtype=tn.float64, domain=(0, 3)))),
    lambda a, b, non_blocking=False: np.broadcast_to(np.asarray(b).astype(a.dtype), a.shape),
    result="first",
    wrong=[(call(tn.ones(3), tn.ones(4)), (RuntimeError, ValueError), ("(3,)", "(4,)"))],
)  # fmt: skip
op(
    "fill",
    samples(
        all_types, *(call(t(*s), 1) for s in [(3, 4), (), (0,), (67,)]), call(t(3, 4), t()), call(t(3), True)
    ),
    lambda a, v: np.broadcast_to(np.asarray(v).astype(a.dtype), a.shape),
    result="first",
    wrong=[(call(tn.ones(3), tn.ones(3)), RuntimeError, ("(3,)",))],
)
op("zero", one(all_types), np.zeros_like)
op(
    "clone",
    one(all_types).plus(call(t(2, 3, 4), memory_format=tn.contiguous_format)),
    lambda a, memory_format=None: a,
)
op("contiguous", one(all_types), lambda a: a)
op(
    "to.dtype",
    samples(
        all_types, *(call(t(3, 4, domain=(0, 3)), d) for d in all_types), call(t(3, 4), tn.float32, copy=True)
    ),
    lambda a, d, copy=False: a.astype(d),
    result=lambda built, _: built.args[1],
)
op(
    "to.device",
    samples(all_types, call(t(3, 4), "cpu"), call(t(3, 4), device="cpu"), call(t(3, 4), "cpu", tn.float64)),
    lambda a, d=None, dtype=None, device=None: a if dtype is None else a.astype(dtype),
    result=lambda built, common: built.args[2] if len(built.args) > 2 else common,
    wrong=[(call(tn.ones(2), "nowhere"), RuntimeError, ("nowhere",))],
    meta=False,
)
other_type = samples(
    all_types, call(t(3, 4), t(2, dtype=tn.float64)), call(t(3, domain=(0, 3)), t(2, dtype=tn.int32))
)
op("to.other", other_type, lambda a, b: a.astype(b.dtype), result=lambda built, _: built.args[1].dtype)
op("type_as", other_type, lambda a, b: a.astype(b.dtype), result=lambda built, _: built.args[1].dtype)
CASTS = {
    "float": tn.float32, "double": tn.float64, "half": tn.float16, "bfloat16": tn.bfloat16, "long": tn.int64,
    "int": tn.int32, "short": tn.int16, "char": tn.int8, "byte": tn.uint8, "bool": tn.bool,
}  # fmt: skip
for name, dtype in CASTS.items():
    kind = np.float64 if dtype.is_floating_point else np.bool_ if dtype == tn.bool else np.int64
    op(
        name, one(all_types), lambda a, kind=kind: a.astype(kind), result=dtype,
        domain=lambda rng, s, _: rng.integers(0, 4, s) * 0.5, gradient=dtype in floats,
    )  # fmt: skip
