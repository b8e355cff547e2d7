"""One segment moved to a limit of its own, every segment in turn: what sums of distances become.

Sums are read off the sorted rates, so that all moves together take little more than one sum.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from targeted_universalism._typing import FloatArray, IntArray
from targeted_universalism.measures.inequality.arithmetic import running

_FEW = 48  # points that are compared one by one, which is faster than sorting them with others


class Moves:
    """Every move of one segment of complete strata to its lower, or to its upper limit.

    Parameters
    ----------
    rate, share : (k, m) array
        Rates and population shares.
    low, high : (k, m) array
        The segments' own limits.

    Notes
    -----
    What is said of moves is shaped (2, k, m): to the lower limits, then to the upper ones.

    Examples
    --------
    >>> rate, share = np.array([[1.0], [3.0]]), np.array([[0.25], [0.75]])
    >>> moves = Moves(rate, share, rate - 1, rate + 1)
    >>> moves.mean[:, :, 0]
    array([[2.25, 1.75],
           [2.75, 3.25]])
    >>> moves.about_mean(share)[:, :, 0]
    array([[1.125, 0.375],
           [0.375, 1.125]])

    """

    def __init__(
        self, rate: FloatArray, share: FloatArray, low: FloatArray, high: FloatArray
    ) -> None:
        middle = (share * rate).sum(axis=0)
        self.share = share
        self.step = np.stack([low - rate, high - rate])
        self.shift = share * self.step  # of the average
        self.mean = middle + self.shift
        self._points = Points(rate - middle)

    @cached_property
    def _about_mean(self) -> IntArray:
        return self._points.below(self.shift)

    @cached_property
    def _about_limit(self) -> IntArray:
        return self._points.below(self._points.apart + self.step)

    def about_mean(self, weight: FloatArray) -> FloatArray:
        """Sum the distances from the average, Σ a |y − μ|, the average moving too."""
        apart = self._points.apart
        others = self._points.distances(weight, self.shift, self._about_mean)
        others -= weight * np.abs(apart - self.shift)
        return np.asarray(others + weight * np.abs(apart + self.step - self.shift))

    def in_pairs(self, total: FloatArray) -> FloatArray:
        """Sum the distances of pairs, Σ w_i w_j |y_i − y_j|, which is `total` before any move."""
        apart, share = self._points.apart, self.share
        before = self._points.distances(share, apart, self._points.below(apart))
        after = self._points.distances(share, apart + self.step, self._about_limit)
        return np.asarray(total + share * (after - share * np.abs(self.step) - before))


class Points:
    """Points of strata, from which sums of distances are taken anywhere.

    Parameters
    ----------
    apart : (k, m) array
        The points, about 0.
    """

    def __init__(self, apart: FloatArray) -> None:
        self.apart = apart
        self._order = np.argsort(apart, axis=0)
        self._sorted = np.take_along_axis(apart, self._order, axis=0)

    def below(self, places: FloatArray) -> IntArray:
        """Count the points that are not above each of (..., q, m) places."""
        k, m = self.apart.shape
        if k <= _FEW:
            found = np.zeros(places.shape, dtype=np.uint8)
            for point in self._sorted:
                found += places >= point
            return found.astype(np.intp)
        flat = places.reshape(-1, m)
        order = np.argsort(np.concatenate([self._sorted, flat]), axis=0, kind="stable")
        rank = np.empty(order.shape, dtype=np.intp)
        np.put_along_axis(rank, order, (order < k).cumsum(axis=0), axis=0)
        return rank[k:].reshape(places.shape)

    def distances(self, weight: FloatArray, places: FloatArray, below: IntArray) -> FloatArray:
        """Sum the distances of all points from each place, Σ a_j |x_j − t|.

        Parameters
        ----------
        weight : (k, m) array
            The weights a.
        places : (..., q, m) array
            Where from.
        below : (..., q, m) array of int
            How many points are not above each place, by :meth:`below`.
        """
        weights = np.take_along_axis(weight, self._order, axis=0)
        (number, whole), (sums, all_sums) = map(_running, (weights, weights * self._sorted))
        at = below * self.apart.shape[1] + np.arange(self.apart.shape[1])
        found = places * (2 * number.take(at) - whole)
        found -= 2 * sums.take(at) - all_sums
        return np.asarray(found)


def _running(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Add up from the first row on, starting at 0; with the sum of all."""
    sums = np.zeros((len(values) + 1, *values.shape[1:]))
    running(values, out=sums[1:])
    return sums, sums[-1]
