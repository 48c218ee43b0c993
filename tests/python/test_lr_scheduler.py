"""Schedules against their closed forms, resuming, composition, and the warnings about misuse."""

import copy
import math
import pickle
import warnings

import pytest

import tenon as tn
from tenon import optim
from tenon.optim import lr_scheduler as schedules


def make_optimizer(*rates, cls=optim.SGD, **options):
    params = [tn.zeros(1).requires_grad_(True) for _ in rates or (0.5,)]
    groups = [{"params": [p], "lr": r} for p, r in zip(params, rates or (0.5,), strict=True)]
    return cls(groups, lr=1.0, **options)


def cosine(epoch, base, period, least):
    return least + (base - least) * (1 + math.cos(math.pi * epoch / period)) / 2


CASES = {
    "step": (lambda o: schedules.StepLR(o, 3, 0.5), lambda e, b: b * 0.5 ** (e // 3)),
    "multistep": (
        lambda o: schedules.MultiStepLR(o, [2, 5, 5], 0.5),
        lambda e, b: b * 0.5 ** sum(e >= m for m in (2, 5, 5)),
    ),
    "constant": (
        lambda o: schedules.ConstantLR(o, 0.25, 4),
        lambda e, b: b * (0.25 if e < 4 else 1),
    ),
    "linear": (
        lambda o: schedules.LinearLR(o, 0.2, 0.9, 6),
        lambda e, b: b * (0.2 + 0.7 * min(e, 6) / 6),
    ),
    "exponential": (lambda o: schedules.ExponentialLR(o, 0.9), lambda e, b: b * 0.9**e),
    "lambda": (lambda o: schedules.LambdaLR(o, lambda e: 1 / (e + 1)), lambda e, b: b / (e + 1)),
    "multiplicative": (
        lambda o: schedules.MultiplicativeLR(o, lambda e: e / (e + 1)),
        lambda e, b: b / (e + 1),
    ),
    "polynomial": (
        lambda o: schedules.PolynomialLR(o, 8, 2.0),
        lambda e, b: b * (1 - min(e, 8) / 8) ** 2,
    ),
    "cosine": (
        lambda o: schedules.CosineAnnealingLR(o, 5, 0.01),
        lambda e, b: cosine(e, b, 5, 0.01),
    ),
    "restarts": (
        lambda o: schedules.CosineAnnealingWarmRestarts(o, 3, 2, 0.01),
        # Periods of 3, 6, 12 epochs.
        lambda e, b: (
            cosine(e, b, 3, 0.01)
            if e < 3
            else cosine(e - 3, b, 6, 0.01)
            if e < 9
            else cosine(e - 9, b, 12, 0.01)
        ),
    ),
    "sequential": (
        lambda o: schedules.SequentialLR(
            o, [schedules.LinearLR(o, 0.1, total_iters=4), schedules.ExponentialLR(o, 0.9)], [4]
        ),
        lambda e, b: b * (0.1 + 0.9 * e / 4) if e < 4 else b * 0.9 ** (e - 4),
    ),
    "chained": (
        lambda o: schedules.ChainedScheduler(
            [schedules.ConstantLR(o, 0.1, 4), schedules.ExponentialLR(o, 0.9)]
        ),
        lambda e, b: b * 0.9**e * (0.1 if e < 4 else 1),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_closed_form(name):
    make, form = CASES[name]
    optimizer = make_optimizer(0.5, 2.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scheduler = make(optimizer)
        for epoch in range(20):
            rates = [g["lr"] for g in optimizer.param_groups]
            expected = [form(epoch, 0.5), form(epoch, 2.0)]
            assert rates == pytest.approx(expected, rel=1e-9, abs=1e-12), epoch
            assert scheduler.get_last_lr() == rates
            optimizer.step()
            scheduler.step()


@pytest.mark.parametrize("name", CASES)
def test_state_dict_goes_on_where_it_was(name):
    make, _ = CASES[name]
    first, second = make_optimizer(0.5, 2.0), make_optimizer(0.5, 2.0)
    one, two = make(first), make(second)
    for _ in range(5):
        first.step()
        one.step()
    two.load_state_dict(pickle.loads(pickle.dumps(one.state_dict())))
    second.load_state_dict(first.state_dict())
    for _ in range(6):
        for optimizer, scheduler in ((first, one), (second, two)):
            optimizer.step()
            scheduler.step()
        assert one.get_last_lr() == two.get_last_lr()
        assert [g["lr"] for g in second.param_groups] == two.get_last_lr()


@pytest.mark.parametrize("name", ["step", "multistep", "linear", "exponential", "cosine"])
def test_resuming_by_last_epoch(name):
    make, form = CASES[name]
    optimizer = make_optimizer(0.5)
    optimizer.param_groups[0].update(initial_lr=0.5, lr=form(6, 0.5))
    kinds = {
        "step": lambda: schedules.StepLR(optimizer, 3, 0.5, last_epoch=6),
        "multistep": lambda: schedules.MultiStepLR(optimizer, [2, 5, 5], 0.5, last_epoch=6),
        "linear": lambda: schedules.LinearLR(optimizer, 0.2, 0.9, 6, last_epoch=6),
        "exponential": lambda: schedules.ExponentialLR(optimizer, 0.9, last_epoch=5),
        "cosine": lambda: schedules.CosineAnnealingLR(optimizer, 5, 0.01, last_epoch=5),
    }
    scheduler = kinds[name]()
    for epoch in range(scheduler.last_epoch, 15):
        assert optimizer.param_groups[0]["lr"] == pytest.approx(form(epoch, 0.5), rel=1e-9)
        optimizer.step()
        scheduler.step()


def test_resuming_needs_initial_lr():
    with pytest.raises(KeyError, match="param 'initial_lr' is not specified in param_groups"):
        schedules.StepLR(make_optimizer(), 3, last_epoch=4)


def test_rates_written_elsewhere_carry_through():
    optimizer = make_optimizer(1.0)
    scheduler = schedules.StepLR(optimizer, 2, 0.5)
    optimizer.step()
    scheduler.step()
    optimizer.param_groups[0]["lr"] = 8.0
    scheduler.step()
    assert optimizer.param_groups[0]["lr"] == 4.0


def test_order_of_steps():
    optimizer = make_optimizer()
    scheduler = schedules.StepLR(optimizer, 3)
    with pytest.warns(UserWarning, match=r"`lr_scheduler.step\(\)` before `optimizer.step\(\)`"):
        scheduler.step()
    optimizer = make_optimizer()
    scheduler = schedules.StepLR(optimizer, 3)
    optimizer.step = lambda: None
    with pytest.warns(UserWarning, match="has been overridden after learning rate scheduler"):
        scheduler.step()
    with pytest.warns(UserWarning, match="epoch parameter"):
        scheduler.step(6)
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.5 * 0.01)
    with pytest.warns(UserWarning, match=r"please use `get_last_lr\(\)`"):
        scheduler.get_lr()


def test_optimizer_still_steps_hooks_and_copies():
    optimizer = make_optimizer(1.0)
    calls = []
    optimizer.register_step_post_hook(lambda *a: calls.append(1))
    schedules.StepLR(optimizer, 3)
    schedules.StepLR(optimizer, 3)
    p = optimizer.param_groups[0]["params"][0]
    p.grad = tn.ones(1)
    assert optimizer.step(lambda: 5) == 5
    assert calls == [1] and p.tolist() == [-1.0]
    copied = copy.deepcopy(optimizer)
    copied.step()
    assert p.tolist() == [-1.0] and copied.param_groups[0]["params"][0].tolist() == [-2.0]


def test_user_schedule_and_added_group():
    class Halving(schedules.LRScheduler):
        def get_lr(self):
            return [base / 2**self.last_epoch for base in self.base_lrs]

    optimizer = make_optimizer(1.0)
    scheduler = Halving(optimizer)
    optimizer.add_param_group({"params": [tn.zeros(1).requires_grad_(True)], "lr": 3.0})
    optimizer.step()
    scheduler.step()
    assert [g["lr"] for g in optimizer.param_groups] == [0.5, 3.0]
    assert schedules._LRScheduler is schedules.LRScheduler
    assert schedules.StepLR.__module__ == "tenon.optim.lr_scheduler"


def test_rate_that_is_a_tensor():
    optimizer = make_optimizer()
    rate = tn.tensor(0.5)
    optimizer.param_groups[0]["lr"] = rate
    scheduler = schedules.ExponentialLR(optimizer, 0.5)
    optimizer.step()
    scheduler.step()
    assert optimizer.param_groups[0]["lr"] is rate and rate.item() == 0.25
    assert scheduler.base_lrs[0].item() == 0.5


def test_functions_with_a_state():
    class Factor:
        def __init__(self, by):
            self.by = by

        def __call__(self, epoch):
            return self.by**epoch

    optimizer = make_optimizer(1.0, 1.0)
    scheduler = schedules.LambdaLR(optimizer, [Factor(0.5), lambda e: 1.0])
    state = scheduler.state_dict()
    assert state["lr_lambdas"] == [{"by": 0.5}, None]
    other = schedules.LambdaLR(make_optimizer(1.0, 1.0), [Factor(0.1), lambda e: 1.0])
    other.load_state_dict(state)
    assert other.lr_lambdas[0].by == 0.5
    with pytest.raises(ValueError, match="Expected 2 lr_lambdas, but got 1"):
        schedules.LambdaLR(optimizer, [Factor(0.5)])


# ---- one cycle -----------------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", ["cos", "linear"])
@pytest.mark.parametrize("three_phase", [False, True])
def test_one_cycle(strategy, three_phase):
    optimizer = make_optimizer(0.5, cls=optim.Adam)
    scheduler = schedules.OneCycleLR(
        optimizer, 1.0, total_steps=20, anneal_strategy=strategy, three_phase=three_phase
    )
    first, last = 1 / 25, 1 / 25 / 1e4

    def between(start, end, part):
        if strategy == "cos":
            part = (1 - math.cos(math.pi * part)) / 2
        return start + (end - start) * part

    knots = [(0, first, 0.95), (5, 1.0, 0.85), (19, last, 0.95)]
    if three_phase:
        knots = [(0, first, 0.95), (5, 1.0, 0.85), (10, first, 0.95), (19, last, 0.95)]
    for step in range(20):
        i = next(i for i in range(len(knots) - 1) if step <= knots[i + 1][0])
        (a, rate_a, momentum_a), (b, rate_b, momentum_b) = knots[i : i + 2]
        part = (step - a) / (b - a)
        group = optimizer.param_groups[0]
        assert group["lr"] == pytest.approx(between(rate_a, rate_b, part), rel=1e-9)
        assert group["betas"][0] == pytest.approx(between(momentum_a, momentum_b, part), rel=1e-9)
        assert group["betas"][1] == 0.999
        optimizer.step()
        if step < 19:
            scheduler.step()
    scheduler.step()
    with pytest.raises(ValueError, match="Tried to step 21 times"):
        scheduler.step()


def test_one_cycle_arguments():
    optimizer = make_optimizer(momentum=0.9)
    scheduler = schedules.OneCycleLR(optimizer, 1.0, epochs=3, steps_per_epoch=4)
    assert scheduler.total_steps == 12 and optimizer.param_groups[0]["momentum"] == 0.95
    for options, text in [
        ({}, "total_steps OR"),
        ({"total_steps": 0}, "Expected positive integer total_steps"),
        ({"total_steps": 9, "pct_start": 2.0}, "pct_start"),
        ({"total_steps": 9, "anneal_strategy": "x"}, "anneal_strategy must be one of"),
    ]:
        with pytest.raises(ValueError, match=text):
            schedules.OneCycleLR(optimizer, 1.0, **options)


# ---- plateau -------------------------------------------------------------------------------------


def follow(metrics, **options):
    optimizer = make_optimizer(1.0)
    scheduler = schedules.ReduceLROnPlateau(optimizer, factor=0.5, **options)
    rates = []
    for m in metrics:
        scheduler.step(m)
        rates.append(optimizer.param_groups[0]["lr"])
        assert scheduler.get_last_lr() == [rates[-1]]
    return rates


def test_plateau():
    assert follow([3, 2, 2, 2, 2, 2], patience=1) == [1, 1, 1, 0.5, 0.5, 0.25]
    assert follow([1, 2, 2, 2], mode="max", patience=0) == [1, 1, 0.5, 0.25]
    # Improvements below the threshold do not count.
    assert follow([1, 0.95, 0.89], patience=0, threshold=0.1) == [1, 0.5, 0.5]
    assert follow([10, 9.95, 9.8], patience=0, threshold=0.1, threshold_mode="abs") == [1, 0.5, 0.5]
    assert follow([1, 1, 1, 1, 1], patience=0, cooldown=2) == [1, 0.5, 0.5, 0.5, 0.25]
    assert follow([1, 1, 1, 1], patience=0, min_lr=0.3) == [1, 0.5, 0.3, 0.3]
    assert follow([1, float("nan"), tn.tensor(1.0)], patience=1) == [1, 1, 0.5]


def test_plateau_state():
    optimizer = make_optimizer(1.0, 2.0)
    scheduler = schedules.ReduceLROnPlateau(optimizer, patience=2, min_lr=[0.5, 0.1])
    scheduler.step(1.0)
    scheduler.step(2.0)
    other = schedules.ReduceLROnPlateau(make_optimizer(1.0, 2.0), patience=7)
    other.load_state_dict(pickle.loads(pickle.dumps(scheduler.state_dict())))
    assert (other.best, other.num_bad_epochs, other.patience) == (1.0, 1, 2)
    assert other.min_lrs == [0.5, 0.1]
    with pytest.raises(ValueError, match="Expected 2 min_lrs, but got 1"):
        schedules.ReduceLROnPlateau(optimizer, min_lr=[0.1])
    with pytest.raises(ValueError, match="Factor should be < 1.0"):
        schedules.ReduceLROnPlateau(optimizer, factor=1.0)
    with pytest.raises(ValueError, match="mode best is unknown"):
        schedules.ReduceLROnPlateau(optimizer, mode="best")


# ---- errors --------------------------------------------------------------------------------------


def test_wrong_schedules():
    optimizer, other = make_optimizer(), make_optimizer()
    with pytest.raises(TypeError, match="list is not an Optimizer"):
        schedules.StepLR([], 3)
    with pytest.raises(ValueError, match="step_size must be positive"):
        schedules.StepLR(optimizer, 0)
    with pytest.raises(ValueError, match="T_max must be positive"):
        schedules.CosineAnnealingLR(optimizer, 0)
    with pytest.raises(ValueError, match="between 0 and 1"):
        schedules.ConstantLR(optimizer, 2.0)
    with pytest.raises(ValueError, match="greater than 0"):
        schedules.LinearLR(optimizer, 0.0)
    with pytest.raises(ValueError, match="T_0"):
        schedules.CosineAnnealingWarmRestarts(optimizer, 0)
    parts = [schedules.StepLR(optimizer, 2), schedules.StepLR(other, 2)]
    with pytest.raises(ValueError, match="same optimizer"):
        schedules.SequentialLR(optimizer, parts, [3])
    with pytest.raises(ValueError, match="number of milestones"):
        schedules.SequentialLR(optimizer, parts[:1], [3])
    with pytest.raises(ValueError, match="at least one scheduler"):
        schedules.ChainedScheduler([])
    with pytest.raises(ValueError, match="ReduceLROnPlateau"):
        schedules.ChainedScheduler([schedules.ReduceLROnPlateau(optimizer)])
