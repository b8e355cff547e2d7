"""What no sum of whole numbers says: products of unknowns, tried out, and magnitudes.

Each attack is on one table of one dimension, under one total, with few hidden groups.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
from attacker import EVENTS, PEOPLE, WITHOUT, Leak, Release, Row, World
from scipy.stats import norm
from scipy.stats import t as student

MOST_TRIED = 4_000_000
NEAR = 0.15  # p of the p % rule


def families(release: Release) -> list[tuple[Row, list[Row], list[Row]]]:
    """Take every total with its hidden and its shown groups."""
    found = []
    for total in release.rows:
        if total.where[-2] == "total" and not total.hidden:
            parts = [r for r in release.rows if r.where[:-2] == total.where[:-2] and r is not total]
            hidden = [row for row in parts if row.hidden]
            if hidden:
                found.append((total, hidden, [row for row in parts if not row.hidden]))
    return found


def _leaks(
    release: Release,
    rows: Sequence[Row],
    quantity: str,
    values: Sequence[np.ndarray],
    needs: Sequence[int],
) -> list[Leak]:
    """Name the counts that have too few values left, or small ones alone."""
    found = []
    for row, left, enough in zip(rows, values, needs, strict=True):
        kept = np.unique(left)
        assert len(kept), "the truth contradicts the attacker's equations"
        small = (kept >= 1) & (kept <= release.small(quantity))
        if len(kept) < enough or small.all():
            told = tuple(float(v) for v in kept)
            found.append(Leak(0, row.key, row.where, row.indicator, quantity, told, enough))
    return found


def by_variance(world: World, release: Release) -> list[Leak]:
    """Attack events of published rates with the variance behind their total's interval.

    The attacker takes a standard error of a rate p among N people to be √(p(1 − p)/N), as it is
    for a count, and the population to be known. Then N²·se² = x(N − x)/N, and the total's
    interval, on the logit scale, gives the sum of them.
    """
    found: list[Leak] = []
    for total, hidden, shown in families(release):
        if {"ci_high", "rate", "population"} - set(total.shown):
            continue
        people = [int(world.people(row.key, row.indicator)) for row in hidden]
        if np.prod([n + 1.0 for n in people]) > MOST_TRIED:
            continue
        events = _events(total) - sum(map(_events, shown))
        squares = _variance(total) - sum(map(_variance, shown))
        tried = np.array(list(product(*(range(n + 1) for n in people))), dtype=float)
        sizes = np.array(people, dtype=float)
        fits = np.abs(tried.sum(axis=1) - events) < 1e-6
        fits &= np.abs((tried * (sizes - tried) / sizes).sum(axis=1) - squares) < 1e-6 * (
            1 + _variance(total)
        )
        needs = [min(release.width, n + 1) for n in people]
        kept = tried[fits]
        found += _leaks(release, hidden, EVENTS, list(kept.T), needs)
        found += _leaks(release, hidden, WITHOUT, list((sizes - kept).T), needs)
    return found


def _events(row: Row) -> float:
    found = row.events
    assert found is not None
    return found


def _variance(row: Row) -> float:
    """Work N²·se² out of an interval on the logit scale."""
    p, low, high = (row.shown[name] / row.shown["per"] for name in ("rate", "ci_low", "ci_high"))
    if not 0 < low < high < 1:
        return 0.0
    width = np.log(high / (1 - high)) - np.log(low / (1 - low))
    se = width / (2 * norm.ppf(0.975)) * p * (1 - p)
    return float((row.shown["population"] * se) ** 2)


def by_census_totals(population: Callable[[Row], float], release: Release) -> list[Leak]:
    """Attack the sample of two hidden groups whose weights are census people over sample.

    Parameters
    ----------
    population : callable
        The census: Σ weights of a row's group. Everybody of a group has the same weight.
    """
    found: list[Leak] = []
    for total, hidden, shown in families(release):
        ready = len(hidden) == 2 and "n" in total.shown and total.events is not None
        if not ready or total.unit:
            continue
        n = round(total.shown["n"] - sum(row.shown["n"] for row in shown))
        if n**3 / 6 > MOST_TRIED:
            continue
        events = _events(total) - sum(map(_events, shown))
        one, other = (population(row) for row in hidden)
        kept = []
        for first in range(1, n):
            x = np.arange(first + 1)[:, None] * one / first
            y = np.arange(n - first + 1)[None, :] * other / (n - first)
            if (np.abs(x + y - events) < 1e-7 * (1 + total.shown["population"])).any():
                kept.append(first)
        values = [np.array(kept), n - np.array(kept)]
        found += _leaks(release, hidden, PEOPLE, values, [release.width] * 2)
    return found


def dominated(values: Mapping[Any, np.ndarray], release: Release) -> list[str]:
    """Say which sums of magnitudes give the largest contribution away, to within 15 %.

    The p % rule: whoever gave the second largest knows the largest to within what all others
    gave. It holds for what is shown, and for what the total leaves to all hidden groups together.
    A total's interval gives their sum of squares Q as well: the largest value lies between
    Q over their sum and √Q.
    """
    found = []
    for row in release.rows:
        if not row.hidden and "rate" in row.shown and _sensitive(values[row.key]):
            found.append(f"{row.where}: shown, and one value is nearly all of it")
    for total, hidden, shown in families(release):
        if "rate" not in total.shown or "n" not in total.shown:
            continue
        rest = np.concatenate([values[row.key] for row in hidden])
        if _sensitive(rest):
            found.append(f"{total.where}: less the shown, one value is nearly all of it")
        known = [total, *shown]
        if all("ci_high" in row.shown or row.shown.get("n", 0) < 2 for row in known):
            sums, squares = zip(*map(_moments, known), strict=True)
            s, q = 2 * sums[0] - sum(sums), 2 * squares[0] - sum(squares)
            if s > 0 and 0 < np.sqrt(q) <= (1 + NEAR) * q / s:
                found.append(f"{total.where}: the largest lies in {q / s:.6g} to {np.sqrt(q):.6g}")
    return found


def _sensitive(values: np.ndarray) -> bool:
    """Say whether the rest is less than 15 % of the largest, once the second is taken away."""
    ordered = np.sort(values)[::-1]
    return bool(len(ordered) and ordered[0] > 0 and ordered[2:].sum() < NEAR * ordered[0])


def _moments(row: Row) -> tuple[float, float]:
    """Work the sum and the sum of squares out of a mean and its Student interval."""
    n, mean = row.shown.get("n", 0.0), row.shown.get("rate", 0.0)
    if n < 2:
        return n * mean, n * mean**2
    se = (row.shown["ci_high"] - row.shown["ci_low"]) / 2 / float(student.ppf(0.975, n - 1))
    return n * mean, se**2 * n * (n - 1) + n * mean**2
