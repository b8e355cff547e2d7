"""What chance alone makes of a measure, on average, where all segments share one rate.

Where less than a hundred events are expected, errors are not normal and a measure may not even be
defined: there counts are drawn. Elsewhere the closed forms of the room ``noise`` hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.measures.inequality.draws import CLOSE, drawn, mean_of_known
from targeted_universalism.measures.inequality.register import Measure

_PRECISE = np.float32  # more than chance needs, and half the work
Asked = tuple[Measure, Mapping[str, Any]]


def few_expected(size: FloatArray, mean: FloatArray, kind: str) -> BoolArray:
    """Tell the strata in which some segment has an expected count below a hundred.

    Parameters
    ----------
    size : (k, ...) array
        People behind each rate; missing for means and published estimates, which are never few.
    mean : (...) array
        The overall rate.
    kind : str
        Of proportions, those without the outcome are counted too.

    Examples
    --------
    >>> few_expected(np.array([[30.0, 30.0], [500.0, 500.0]]), np.array([0.5, 0.9]), "proportion")
    array([ True,  True])

    """
    if kind not in ("proportion", "rate"):
        return np.zeros(np.shape(mean), dtype=np.bool_)
    fewest = size.min(axis=0)
    part = np.minimum(mean, 1 - mean) if kind == "proportion" else mean
    with np.errstate(invalid="ignore"):
        return np.asarray((fewest * part < CLOSE) & (part > 0))


def expected_if_equal(
    asked: Sequence[Asked], *, size: FloatArray, mean: FloatArray, share: FloatArray, kind: str
) -> list[FloatArray]:
    """Average measures over what chance makes of segments that share the overall rate.

    Parameters
    ----------
    asked : sequence of (Measure, mapping)
        Measures, and what each is given where all segments are equal: see
        :func:`targeted_universalism.measures.inequality.noise.equal`.
    size : (k, m) array
        People behind each rate.
    mean : (m,) array
        The overall rate.
    share : (k, m) array
        Population shares.
    kind : str
        Kind of outcome.

    Returns
    -------
    list of (m,) arrays
        One for each measure. Of the draws in which it is defined; its value at equality where
        chance moves it both ways.

    Notes
    -----
    One set of draws serves all measures, where fewer than a hundred with or without the outcome are
    expected. Within 3 % of the average over all samples; within 5 % where many of them leave a
    measure undefined. Of a shortfall it is not what noise adds, but all that segments at the
    overall rate would show: above 0 where that rate itself falls short.

    Examples
    --------
    >>> from targeted_universalism.measures.inequality import noise
    >>> from targeted_universalism.measures.inequality.register import REGISTER
    >>> n, w, mean = np.full((2, 1), 8.0), np.full((2, 1), 0.5), np.array([0.5])
    >>> given = noise.equal({"share": w, "mean": mean}, np.sqrt(0.25 / n))
    >>> asked = [(REGISTER["difference"], given)]
    >>> expected_if_equal(asked, size=n, mean=mean, share=w, kind="proportion")[0].round(3)
    array([0.198])

    """
    found = [np.full(mean.shape, float(measure.value_at_equality)) for measure, _ in asked]
    moved = [i for i, (measure, _) in enumerate(asked) if measure.one_sided]
    close = few_expected(size, mean, kind)
    others, few = np.flatnonzero(~close), np.flatnonzero(close)
    for i in moved if others.size else ():
        measure, given = asked[i]
        found[i][others] = measure.if_equal(_some(given, len(mean), others))
    rate = np.broadcast_to(mean, size.shape)
    for part, rates in drawn(size[:, few], rate[:, few], share[:, few], kind):
        strata, of_draws = few[part], rates.astype(_PRECISE)
        for i in moved:
            measure, given = asked[i]
            wide = {k: _widened(v) for k, v in _some(given, len(mean), strata).items()}
            found[i][strata] = mean_of_known(measure.value({**wide, "rate": of_draws}))
    return found


def _some(given: Mapping[str, Any], m: int, strata: IntArray) -> dict[str, Any]:
    """Give what holds for some of m strata."""
    return {
        k: v[..., strata] if isinstance(v, np.ndarray) and v.shape[-1:] == (m,) else v
        for k, v in given.items()
    }


def _widened(value: Any) -> Any:
    """Give an array an axis for draws."""
    if not isinstance(value, np.ndarray) or not value.ndim:
        return value
    return (value.astype(_PRECISE) if value.dtype == np.float64 else value)[..., None]
