"""Compute how often projected times hold the truth: docs/coverage-trends.md.

Part of ``make docs-coverage``: series of counts and means are drawn about lines that reach a goal
at a known time, or never, and lines are fitted to them and drawn on as ``a.progress`` does.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy import optimize, sparse, special

from targeted_universalism.measures.arrival import Arrival, arrival
from targeted_universalism.measures.pace import PACE_OF_KIND, PACES
from targeted_universalism.measures.trend import Trend, fitted, on_scale

DOCS = Path(__file__).parents[1]
PAGE = DOCS / "coverage-trends.md"
BEGIN, END = "<!-- made by make docs-coverage -->", "<!-- end -->"
SERIES, DRAWS = 4000, 1000
LEAST, TAIL = 0.93, 0.025
POINTS, DISPERSIONS = (3, 4, 6, 10), (1, 2, 5)
ARRIVALS = ((0.1, 3.0), (-0.1, 12.0), (0.0, np.inf))  # slope a year on the scale, years to the goal
NEVER = 0.5  # how far a goal lies that a level line never reaches
# Outcome, its rate now, and how many people, or units of time, stand behind one point; of a mean,
# its standard error.
OUTCOMES = {
    "half of n": ("proportion", 0.5, (30, 100, 500, 5000)),
    "85 % of n": ("proportion", 0.85, (30, 100, 500, 5000)),
    "4 % of n": ("proportion", 0.04, (30, 100, 500, 5000)),
    "a rate of n events": ("rate", 1.0, (3, 10, 30, 300)),
    "a mean with se n": ("mean", 3.0, (0.2, 0.05)),
}
Array = np.ndarray


class Cell(NamedTuple):
    """One kind of series."""

    outcome: str
    size: float
    dispersion: float
    points: int
    slope: float
    years: float

    @property
    def seed(self) -> list[int]:
        """Where its chance comes from."""
        place = list(OUTCOMES).index(self.outcome), int(1000 * self.size), int(self.dispersion)
        return [*place, self.points, int(100 + 100 * self.slope)]


def cells() -> list[Cell]:
    """Give all of them."""
    return [
        Cell(outcome, size, dispersion, points, *arrival)
        for outcome, (_, _, sizes) in OUTCOMES.items()
        for size, dispersion, points, arrival in product(sizes, DISPERSIONS, POINTS, ARRIVALS)
    ]


def drawn(cell: Cell, series: int) -> tuple[Trend, float]:
    """Draw series and fit lines to them; give the goal that the line behind them reaches."""
    rng = np.random.default_rng(cell.seed)
    kind, level, _ = OUTCOMES[cell.outcome]
    when = np.arange(cell.points) - (cell.points - 1.0)
    pace = PACES[PACE_OF_KIND[kind]]
    line = float(pace.judge(np.asarray(level))) + cell.slope * when
    rates = np.broadcast_to(pace.back(line)[:, None], (cell.points, series))
    given = _POINTS[kind](rng, rates, cell.size, cell.dispersion)
    points = on_scale(when, pace=pace.name, kind=kind, **given)
    goal = line[-1] + (cell.slope * cell.years if np.isfinite(cell.years) else NEVER)
    line = fitted(when, points.value, points.variance, np.asarray(0.0), points.lean)
    return line, float(goal)


def _proportions(
    rng: np.random.Generator, rates: Array, size: float, dispersion: float
) -> dict[str, Array]:
    """Draw binomial counts, or beta-binomial ones of `dispersion` times their variance."""
    if dispersion > 1:
        more = (size - dispersion) / (dispersion - 1)
        rates = rng.beta(rates * more, (1 - rates) * more)
    return _counted(rng.binomial(int(size), rates), size)


def _rates(
    rng: np.random.Generator, rates: Array, size: float, dispersion: float
) -> dict[str, Array]:
    """Draw Poisson counts, or gamma-Poisson ones."""
    expected = rates * size
    if dispersion > 1:
        expected = rng.gamma(expected / (dispersion - 1), dispersion - 1)
    return _counted(rng.poisson(expected), size)


def _counted(events: Any, size: float) -> dict[str, Array]:
    people = np.full(events.shape, float(size))
    return {
        "rate": events / people, "se": np.full(events.shape, np.nan),
        "events": events.astype(float), "size": people,
    }  # fmt: skip


def _means(
    rng: np.random.Generator, rates: Array, size: float, dispersion: float
) -> dict[str, Array]:
    none = np.full(rates.shape, np.nan)
    rate = rates + np.sqrt(dispersion) * size * rng.standard_normal(rates.shape)
    return {"rate": rate, "se": np.full(rates.shape, size), "events": none, "size": none}


_POINTS = {"proportion": _proportions, "rate": _rates, "mean": _means}


def arrivals(cell: Cell, series: int = SERIES) -> Arrival:
    """Project every series, with the time of the true arrival for its deadline."""
    trend, goal = drawn(cell, series)
    sign, deadline = np.asarray(-1.0 if cell.slope < 0 else 1.0), np.asarray(cell.years)
    return arrival(trend, np.asarray(goal), direction=sign, deadline=deadline, draws=DRAWS)


def held(cell: Cell, series: int = SERIES) -> float:
    """Give the share of 95 % intervals of the projected time that hold the true one.

    Where the truth comes at the deadline this is also how often the probability of arriving by it
    lies between .025 and .975: both ask the same draws.
    """
    found = arrivals(cell, series)
    return float(((found.low <= cell.years) & (cell.years <= found.high)).mean())


def computed(series: int = SERIES) -> dict[Cell, float]:
    """Compute every cell."""
    return {cell: held(cell, series) for cell in cells()}


# --- other rules ---------------------------------------------------------------------------------

RULES = ("the larger", "beyond", "drawn scatter", "plug-in, Student", "plug-in, normal",
         "known alone", "scatter alone")  # fmt: skip
SHORTER, STRATA = "where it is shorter", 200
BEYOND = 0.9  # of the known variances: scatter below it counts for nothing


def limits_by_rule(scatter: Array, df: int) -> dict[str, Array]:
    """Give by each rule how many known standard errors a 95 % limit lies off."""
    z, t = special.ndtri(1 - TAIL), special.stdtrit(df, 1 - TAIL)
    own, least = np.sqrt(scatter), np.sqrt(np.maximum(scatter, 1.0))
    limits = (
        np.maximum(z, t * own), _beyond(scatter, z, t), _drawn_scatter(scatter, df), t * least,
        z * least, z + 0 * own, t * own,
    )  # fmt: skip
    return dict(zip(RULES, limits, strict=True))


def _beyond(scatter: Array, z: float, t: float) -> Array:
    """Give the known limit, rising to Student's where scatter is more than it could be by luck."""
    rising = z**2 + 2 * t**2 * np.maximum(scatter - BEYOND, 0.0)
    return np.maximum(z, np.sqrt(np.minimum(t**2 * scatter, rising)))


def _drawn_scatter(scatter: Array, df: int) -> Array:
    """Give the limit of a normal deviate whose dispersion is itself drawn, 1 at least."""
    shares = (np.arange(STRATA) + 0.5) / STRATA
    drawn = np.sqrt(np.maximum(scatter[:, None] * df / special.chdtri(df, shares), 1.0))
    low, high = np.zeros(len(scatter)), np.full(len(scatter), 1e4)
    for _ in range(40):
        middle = (low + high) / 2
        outside = special.ndtr(-middle[:, None] / drawn).mean(axis=1) > TAIL
        low, high = np.where(outside, middle, low), np.where(outside, high, middle)
    return high


def rules(series: int = SERIES) -> dict[tuple[int, int], dict[str, tuple[float, float]]]:
    """Give what each rule holds of normal points, and its mean width over the known one's.

    Last, what scatter alone holds where it makes the interval shorter than the known variances do,
    and how often that is.
    """
    rng, found = np.random.default_rng(2), {}
    for points, dispersion in product(POINTS, DISPERSIONS):
        df = points - 2
        scatter = dispersion * rng.chisquare(df, series) / df
        off = np.abs(rng.standard_normal(series)) * np.sqrt(dispersion)
        limits = limits_by_rule(scatter, df)
        known, alone = limits["known alone"], limits["scatter alone"]
        found[points, dispersion] = {
            name: (float((off <= limit).mean()), float(limit.mean() / known.mean()))
            for name, limit in limits.items()
        }
        shorter = alone < known
        inside = float((off <= alone)[shorter].mean())
        found[points, dispersion][SHORTER] = inside, float(shorter.mean())
    return found


def least_of_all(df: int) -> float:
    """Give the least that any rule holds of points that nothing but the known variances moves.

    Of all rules that hold 95 % at any dispersion, and are never shorter than the known variances
    make them: a linear program over what is inside, by scatter and by how far the line is off.
    """
    z, dispersions = special.ndtri(1 - TAIL), np.geomspace(1.0, 400.0, 40)
    scatter = np.concatenate([[0.0], np.geomspace(0.02, 2000.0, 60), [np.inf]])
    off = np.concatenate([[0.0], z + np.geomspace(0.05, 200.0, 80) - 0.05, [np.inf]])
    chances = np.array([
        np.outer(
            np.diff(special.chdtr(df, df * scatter / d)), np.diff(special.erf(off / np.sqrt(2 * d)))
        )
        for d in dispersions
    ])  # fmt: skip
    places = np.arange(chances[0].size).reshape(chances[0].shape)
    near, far = places[:, :-1].ravel(), places[:, 1:].ravel()
    pairs = np.arange(near.size)
    interval = sparse.coo_array(
        (np.repeat([-1.0, 1.0], near.size), (np.tile(pairs, 2), np.concatenate([near, far])))
    )
    every = chances.reshape(len(dispersions), -1)
    lowest = np.zeros(chances[0].shape)
    lowest[:, 0] = 1.0
    found = optimize.linprog(
        every[0],
        A_ub=sparse.vstack([interval, sparse.csr_array(-every)]),
        b_ub=np.concatenate([np.zeros(near.size), np.full(len(every), 2 * TAIL - 1)]),
        bounds=np.stack([lowest.ravel(), np.ones(lowest.size)], axis=1),
    )
    return float(found.fun)


# --- the page ------------------------------------------------------------------------------------


def table(found: dict[Cell, float]) -> list[str]:
    """One line for each kind of series, in per cent: by points, and of what never arrives."""
    head = " | ".join(f"{p} points" for p in POINTS)
    lines = [f"| outcome | n | dispersion | {head} | never |", "|---|---:|---:|" + "---:|" * 5]
    rows: dict[tuple[str, float, float], dict[object, list[float]]] = {}
    for cell, share in found.items():
        row = rows.setdefault((cell.outcome, cell.size, cell.dispersion), {})
        when = cell.points if np.isfinite(cell.years) else "never"
        row.setdefault(when, []).append(100 * share)
    for (outcome, size, dispersion), row in rows.items():
        shares = " | ".join(f"{min(row[p]):.1f}–{max(row[p]):.1f}" for p in (*POINTS, "never"))
        lines.append(f"| {outcome} | {size:g} | {dispersion} | {shares} |")
    return lines


def table_of_rules(found: dict[tuple[int, int], dict[str, tuple[float, float]]]) -> list[str]:
    """One line for each number of points and dispersion: what each rule holds, and its width."""
    names = (*RULES, SHORTER)
    lines = ["| points | dispersion | " + " | ".join(names) + " |",
             "|---:|---:|" + "---:|" * len(names)]  # fmt: skip
    for (points, dispersion), row in found.items():
        shares = " | ".join(f"{100 * row[name][0]:.1f} ({row[name][1]:.2f})" for name in names)
        lines.append(f"| {points} | {dispersion} | {shares} |")
    return lines


def table_of_bounds() -> list[str]:
    """One line for each number of points: what no rule can go below where counts are all."""
    head = ["| points | no rule below |", "|---:|---:|"]
    return [*head, *(f"| {points} | {100 * least_of_all(points - 2):.1f} |" for points in POINTS)]


def short(found: dict[Cell, float], series: int = SERIES) -> list[Cell]:
    """Name the cells that hold less than 93 % by more than twice the chance of the draws."""
    noise = 2 * np.sqrt(LEAST * (1 - LEAST) / series)
    return [cell for cell, share in found.items() if share < LEAST - noise]


def main() -> None:
    """Compute and write."""
    found = computed()
    body = "\n".join([
        *table(found), "", "Other rules:", "", *table_of_rules(rules()),
        "", "The least of all rules:", "", *table_of_bounds(),
    ])  # fmt: skip
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n\n{body}\n\n{END}{rest.split(END)[1]}", encoding="utf-8")
    print(body)
    print(*short(found), sep="\n")


if __name__ == "__main__":
    main()
