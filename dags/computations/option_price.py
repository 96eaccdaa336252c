"""Options, priced many at a time."""

from datetime import timedelta
from math import sqrt
from typing import Literal

from pydantic import BaseModel, Field

from batchwell import Failure, computation
from computations.monte_carlo import estimate

SIGN = {"call": 1.0, "put": -1.0}
FIXINGS = {"european": 1, "asian": 12}


class Option(BaseModel, frozen=True):
    """The terms of one option and its market; rates are fractions per year: 0.03 is 3 %."""

    kind: Literal["call", "put"] = Field("call", title="Kind", description="To buy or to sell.")
    style: Literal["european", "asian"] = Field(
        "european", title="Style", description="Pays on the last price, or on the mean of twelve."
    )
    spot: float = Field(100.0, title="Spot", description="Price today.", ge=0.01, le=1e6)
    strike: float = Field(100.0, title="Strike", description="Price agreed.", ge=0.01, le=1e6)
    rate: float = Field(0.03, title="Rate", description="Riskless interest.", ge=-0.1, le=0.5)
    volatility: float = Field(0.2, title="Volatility", description="Of the price.", ge=0.01, le=2)
    years: float = Field(1.0, title="Years", description="Time to expiry.", ge=0.01, le=30)


class Price(BaseModel):
    """The value of one option today, and how far chance may have moved it."""

    price: float
    standard_error: float


@computation(batch=True, max_batch=1000, max_wait=timedelta(milliseconds=20))
def option_price(items: list[Option]) -> list[Price | Failure]:
    """Price European and Asian options by Monte Carlo.

    All options that wait are priced in one call, in the Black-Scholes model, on one sample of
    8,192 paths that never changes: the same terms give the same price, whoever asks with them.
    An Asian option pays on the mean of twelve prices, equally spaced, the last at expiry.
    The standard error is near 0.00003 of the spot price (European: 0.000001); it misleads where
    hardly a path reaches the strike, and a price of 0 means that none did. An option with
    volatility x sqrt(years) above 2 fails as `too_volatile`: the sample is too small for it.
    """
    wild = Failure("volatility x sqrt(years) is above 2: too wild for the sample", "too_volatile")
    outcomes: list[Price | Failure] = [wild] * len(items)
    for style, fixings in FIXINGS.items():
        chosen = {
            i: (SIGN[item.kind], item.spot, item.strike, item.rate, item.volatility, item.years)
            for i, item in enumerate(items)
            if item.style == style and item.volatility * sqrt(item.years) <= 2
        }
        estimates = estimate(list(chosen.values()), fixings)
        for i, (price, error) in zip(chosen, estimates, strict=True):
            outcomes[i] = Price(price=price, standard_error=error)
    return outcomes
