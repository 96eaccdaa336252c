"""Monte Carlo estimates of options on an average price, on one common sample of paths.

All options meet the same paths (common random numbers): drawing them once makes a batch cheap, and
an option that draws none cannot feel its neighbours. The price: their errors are correlated.
Few paths do, as each has its mirror image (antithetic variates), as they are spread evenly over the
mean of the Brownian motion, which nearly decides the payoff (stratification), and as the mean share
price, of known expectation, corrects the payoff (control variate); so put-call parity is exact.
"""

from collections.abc import Sequence
from functools import cache
from math import sqrt
from statistics import NormalDist
from typing import Any

SEED = 1973
PAIRS = 4096  # paths with their mirror images
AT_ONCE = 4  # options in one array of 1.5 MB, which stays in the processor's cache


def estimate(terms: Sequence[tuple[float, ...]], fixings: int) -> list[list[float]]:
    """Return [price, standard error] of each (sign, spot, strike, rate, volatility, years).

    ``sign`` is 1 for a call and -1 for a put on the mean of ``fixings`` equally spaced prices.
    """
    import numpy as np

    times, walks = _walks(fixings)
    estimates: list[list[float]] = []
    for first in range(0, len(terms), AT_ONCE):
        columns = np.array(terms[first : first + AT_ONCE]).T[:, :, None]
        sign, spot, strike, rate, volatility, years = columns  # each (options, 1)
        forward = spot * np.exp(rate * years * times)  # (options, fixings)
        median = (forward * np.exp(-(volatility**2) / 2 * years * times))[:, :, None]
        growth = np.exp((volatility * np.sqrt(years))[:, :, None] * walks)
        up, down = (median * growth).mean(axis=1), (median / growth).mean(axis=1)
        payoff = (np.maximum(sign * (up - strike), 0) + np.maximum(sign * (down - strike), 0)) / 2
        control = (up + down) / 2 - forward.mean(axis=1, keepdims=True)
        # Neighbouring strata differ by chance alone: their gaps fit beta and measure the error.
        gap, control_gap = (x[:, ::2] - x[:, 1::2] for x in (payoff, control))
        beta = (gap * control_gap).sum(axis=1) / (control_gap**2).sum(axis=1)
        price = (payoff - beta[:, None] * control).mean(axis=1)
        error = np.sqrt(((gap - beta[:, None] * control_gap) ** 2).sum(axis=1)) / PAIRS
        estimates += (np.exp(-rate * years) * np.stack([price, error], axis=1)).tolist()
    return estimates


@cache
def _walks(fixings: int) -> tuple[Any, Any]:
    """Draw the Brownian paths: times (fixings,), values (fixings, pairs) sorted by their mean."""
    import numpy as np

    chance = np.random.default_rng(SEED)
    times = np.arange(1, fixings + 1) / fixings
    pull = np.minimum.outer(times, times).mean(axis=1)  # covariance with the mean
    strata = 0.5 + (np.arange(PAIRS) + chance.random(PAIRS)) / (2 * PAIRS)
    mean = list(map(NormalDist(0, sqrt(pull.mean())).inv_cdf, strata.tolist()))
    walks = chance.standard_normal((fixings, PAIRS)).cumsum(axis=0) / sqrt(fixings)
    return times, walks + np.outer(pull / pull.mean(), mean - walks.mean(axis=0))
