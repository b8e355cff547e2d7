"""What chance alone makes of a measure, on average, where all segments share one rate.

Where few events are expected, errors are not normal and a measure may not even be defined: there
counts are drawn. Elsewhere the closed forms of the module ``noise`` hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray
from targeted_universalism.measures.inequality.draws import FEW, drawn, mean_of_known
from targeted_universalism.measures.inequality.register import Measure

Asked = tuple[Measure, Mapping[str, Any]]


def few_expected(size: FloatArray, mean: FloatArray, kind: str) -> BoolArray:
    """Tell the strata in which some segment has an expected count below ten.

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
    array([False,  True])

    """
    if kind not in ("proportion", "rate"):
        return np.zeros(np.shape(mean), dtype=np.bool_)
    fewest = size.min(axis=0)
    part = np.minimum(mean, 1 - mean) if kind == "proportion" else mean
    with np.errstate(invalid="ignore"):
        return np.asarray((fewest * part < FEW) & (part > 0))


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
    One set of draws serves all measures. Within 3 % of the average over all samples.

    Examples
    --------
    >>> from targeted_universalism.measures.inequality import noise
    >>> from targeted_universalism.measures.inequality.register import REGISTER
    >>> n, w, mean = np.full((2, 1), 8.0), np.full((2, 1), 0.5), np.array([0.5])
    >>> given = noise.equal({"share": w, "mean": mean}, np.sqrt(0.25 / n))
    >>> asked = [(REGISTER["difference"], given)]
    >>> expected_if_equal(asked, size=n, mean=mean, share=w, kind="proportion")[0].round(3)
    array([0.196])

    """
    found = [np.array(measure.if_equal(given)) for measure, given in asked]
    few = np.flatnonzero(few_expected(size, mean, kind))
    rate = np.broadcast_to(mean, size.shape)
    for part, rates in drawn(size[:, few], rate[:, few], share[:, few], kind):
        strata = few[part]
        for values, (measure, given) in zip(found, asked, strict=True):
            if measure.one_sided:
                wide = {name: _widened(v, len(mean), strata) for name, v in given.items()}
                values[strata] = mean_of_known(measure.value({**wide, "rate": rates}))
    return found


def _widened(value: Any, m: int, strata: Any) -> Any:
    """Give some strata of an array, and an axis for draws."""
    if not isinstance(value, np.ndarray) or not value.ndim or value.shape[-1] != m:
        return value
    return value[..., strata, None]
