"""Option prices: against closed forms, against brute force, and alone against in company."""

from collections.abc import Callable, Iterator
from itertools import product
from math import erfc, exp, log, sqrt
from typing import Literal

import numpy as np
import pytest

from batchwell import Failure
from batchwell.errors import InvalidParameters
from computations import monte_carlo
from computations.option_price import Option, Price, option_price

CALLS = [
    Option(spot=spot, rate=rate, volatility=volatility, years=years)
    for spot, rate, volatility, years in product(
        (70, 85, 100, 115, 130), (0.01, 0.08), (0.2, 0.35, 0.6), (0.5, 1, 3)
    )
    if abs(log(spot / 100)) < 2 * volatility * sqrt(years)
]
PUTS = [call.model_copy(update={"kind": "put"}) for call in CALLS]


def as_asian(options: list[Option]) -> list[Option]:
    return [option.model_copy(update={"style": "asian"}) for option in options]


def priced(options: list[Option]) -> list[Price]:
    outcomes = option_price(options)
    assert len(outcomes) == len(options)
    prices = [outcome for outcome in outcomes if isinstance(outcome, Price)]
    assert len(prices) == len(options)
    return prices


def black_scholes(option: Option) -> float:
    deviation = option.volatility * sqrt(option.years)
    d1 = (log(option.spot / option.strike) + option.rate * option.years) / deviation + deviation / 2
    sign = 1 if option.kind == "call" else -1
    present_strike = option.strike * exp(-option.rate * option.years)
    return sign * (
        option.spot * normal(sign * d1) - present_strike * normal(sign * (d1 - deviation))
    )


def normal(x: float) -> float:
    return erfc(-x / sqrt(2)) / 2


def brute_force_asian(option: Option) -> tuple[float, float]:
    """Price with neither mirror images, strata nor control: 100,000 paths, their own seed."""
    step = option.years / 12
    drift = (option.rate - option.volatility**2 / 2) * step
    noise = np.random.default_rng(7).standard_normal((100_000, 12))
    paths = option.spot * np.exp((drift + option.volatility * sqrt(step) * noise).cumsum(axis=1))
    gain = (paths.mean(axis=1) - option.strike) * (1 if option.kind == "call" else -1)
    payoff = exp(-option.rate * option.years) * np.maximum(gain, 0)
    return float(payoff.mean()), float(payoff.std() / sqrt(len(payoff)))


@pytest.mark.parametrize("options", [CALLS, PUTS], ids=["calls", "puts"])
def test_european_prices_agree_with_black_scholes_within_three_standard_errors(
    options: list[Option],
) -> None:
    assert len(options) > 60
    for option, found in zip(options, priced(options), strict=True):
        assert abs(found.price - black_scholes(option)) <= 3 * found.standard_error, option
        assert 0 < found.standard_error < 1e-4 * option.spot


@pytest.mark.parametrize("kind", ["call", "put"])
@pytest.mark.parametrize("strike", [85.0, 100.0, 115.0])
def test_asian_prices_agree_with_a_brute_force_simulation(
    kind: Literal["call", "put"], strike: float
) -> None:
    option = Option(kind=kind, style="asian", strike=strike, volatility=0.4, years=2)
    (found,) = priced([option])
    expected, error = brute_force_asian(option)
    assert found.price == pytest.approx(expected, abs=3 * (error + found.standard_error))
    assert found.standard_error < error / 5


@pytest.fixture
def reseed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """Draw another sample of paths; the usual one is back after the test."""

    def draw(seed: int) -> None:
        monkeypatch.setattr(monte_carlo, "SEED", seed)
        monte_carlo._walks.cache_clear()

    yield draw
    monte_carlo._walks.cache_clear()


def test_standard_error_is_the_spread_of_prices_over_other_samples(
    reseed: Callable[[int], None],
) -> None:
    found = []
    for seed in range(16):
        reseed(seed)
        found += priced([Option(style="asian", volatility=0.3)])
    spread = np.std([price.price for price in found])
    assert spread == pytest.approx(np.mean([price.standard_error for price in found]), rel=0.4)


@pytest.mark.parametrize("style", ["european", "asian"])
def test_call_less_put_is_worth_the_forward(style: str) -> None:
    calls, puts = CALLS, PUTS
    if style == "asian":
        calls, puts = as_asian(calls), as_asian(puts)
    for option, call, put in zip(calls, priced(calls), priced(puts), strict=True):
        fixings = np.arange(1, 13) / 12 if style == "asian" else np.ones(1)
        mean_forward = option.spot * np.exp(option.rate * option.years * fixings).mean()
        forward = exp(-option.rate * option.years) * (mean_forward - option.strike)
        assert call.price - put.price == pytest.approx(forward, abs=1e-9)


def test_an_asian_call_costs_no_more_than_the_european() -> None:
    for asian, european in zip(priced(as_asian(CALLS)), priced(CALLS), strict=True):
        assert 0 < asian.price < european.price


def test_a_price_does_not_depend_on_who_shares_its_batch() -> None:
    calls, puts = CALLS[::4], PUTS[::4]
    options = calls + as_asian(puts) + puts + as_asian(calls)
    together = priced(options)
    alone = [price for option in options for price in priced([option])]
    backwards = priced(options[::-1])[::-1]
    halves = priced(options[:31]) + priced(options[31:])
    for company in (alone, backwards, halves):
        for one, other in zip(together, company, strict=True):
            assert one.price == pytest.approx(other.price, rel=1e-12)
            assert one.standard_error == pytest.approx(other.standard_error, rel=1e-9)


def test_equal_terms_have_equal_prices_each_time() -> None:
    option = Option(style="asian")
    first, second = priced([option, option])
    assert first == second
    assert priced([option]) == priced([option])


def test_an_option_too_volatile_fails_alone() -> None:
    outcomes = option_price([Option(), Option(volatility=2.0, years=4.0), Option(style="asian")])
    assert [type(outcome) for outcome in outcomes] == [Price, Failure, Price]
    failure = outcomes[1]
    assert isinstance(failure, Failure)
    assert failure.type == "too_volatile"


def test_prices_are_finite_and_never_negative_at_the_bounds() -> None:
    options = [
        Option(kind=kind, style=style, spot=spot, rate=rate, volatility=volatility, years=years)
        for kind, style, spot, rate, (volatility, years) in product(
            ("call", "put"),
            ("european", "asian"),
            (0.01, 100, 1e6),
            (-0.1, 0.5),
            ((0.01, 0.01), (0.01, 30), (2, 0.01), (2, 1), (0.36, 30)),
        )
    ]
    for found in priced(options):
        assert 0 <= found.price < 2e7
        assert 0 <= found.standard_error < 1e6


def test_no_options_have_no_prices() -> None:
    assert option_price([]) == []


@pytest.mark.parametrize(
    "params",
    [
        {"spot": 0},
        {"strike": -1},
        {"rate": 0.6},
        {"volatility": 0},
        {"years": 31},
        {"kind": "straddle"},
        {"style": "american"},
        {"spot": float("nan")},
    ],
)
def test_option_price_refuses_terms_out_of_bounds(params: dict[str, object]) -> None:
    with pytest.raises(InvalidParameters, match=next(iter(params))):
        option_price.parse(params)


def test_default_terms_mean_the_same_as_the_same_terms_spelled_out() -> None:
    spelled_out = {"spot": 100.0, "strike": 100, "rate": 0.03, "volatility": 0.2, "years": 1}
    assert option_price.parse({}).digest == option_price.parse(spelled_out).digest
