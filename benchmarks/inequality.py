"""Inequality measures beside what one would write instead: a function or a fit per stratum."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import county_table
import numpy as np
import pandas as pd

import targeted_universalism as tu
from targeted_universalism.measures import midrank, slope_index_logit
from targeted_universalism.measures.inequality.arithmetic import sharing
from targeted_universalism.measures.inequality.register import REGISTER

Run = Callable[[], object]
FEW = 300


@dataclass(frozen=True)
class Job:
    """Ours on all strata, the other on some of them: `per_row` makes the ratio that of one row."""

    name: str
    ours: Run
    other_name: str
    theirs: Run
    per_row: float
    goal: float | None = None


def jobs() -> list[Job]:
    """Give the comparisons, each checked to agree first."""
    data = county_table.county_table()
    data = data[data["people"] > 0]
    data["place"] = data["county"].astype(str) + " " + data["year"].astype(str)
    some = data[data["place"].isin(data["place"].unique()[:FEW])]
    part = len(some) / len(data)
    a = assessed(data)
    rate, share, rank = arrays(data)
    _check(a, some)
    pace = assessed(tenths())
    return [
        Job("20 measures on arrays, county table", lambda: on_arrays(rate, share, rank),
            "groupby.apply, 20 measures", lambda: applied(some), part, 1 / 1200),
        Job("summarize, 35 measures with errors and intervals", a.summarize,
            "groupby.apply, 20 measures", lambda: applied(some), part),
        Job("logistic slope index, county table", lambda: slope_index_logit(rate, share, rank),
            "statsmodels GLM in a loop", lambda: fits(some), part, 1 / 200),
        Job("simulated intervals, 300 strata × 10", lambda: simulated(pace),
            "analytic, 35 measures", pace.summarize, 1.0),
    ]  # fmt: skip


def assessed(data: pd.DataFrame) -> tu.Assessment:
    """Assess counts in places by an ordered race."""
    levels = list(data["race"].unique())
    made = tu.from_counts(
        data, numerator="events", denominator="people", segments="race", by="place",
        order={"race": sorted(levels)},
    )  # fmt: skip
    return tu.assess(made, tu.Goal.at_least(0.35))


def tenths() -> pd.DataFrame:
    """Make the table on which healthequal's pace is known: 300 strata of 10 subgroups."""
    rng = np.random.default_rng(20260102)
    people = rng.integers(500, 5000, 3000)
    return pd.DataFrame(
        {
            "place": np.repeat(np.arange(300), 10),
            "race": np.tile([f"group {i}" for i in range(10)], 300),
            "people": people,
            "events": rng.binomial(people, 0.3),
        }
    )


def simulated(a: tu.Assessment) -> pd.DataFrame:
    """Summarize by 100 draws, the peer's number, of every measure."""
    return a.summarize(intervals="simulate", draws=100)


def arrays(data: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lay rates, shares and mid-ranks out, segments first; strata with all segments."""
    wide = data.pivot(index="place", columns="race", values=["events", "people"]).dropna()
    events, people = (np.ascontiguousarray(wide[v].to_numpy(float).T) for v in ("events", "people"))
    share = people / people.sum(axis=0)
    return events / people, share, midrank(share)


TWENTY = {
    "difference": "d", "ratio": "r", "between_group_variance": "bgv",
    "between_group_standard_deviation": "bgsd", "coefficient_of_variation": "cov",
    "mean_difference_from_mean": "mdmu", "weighted_mean_difference_from_mean": "mdmw",
    "mean_difference_from_best": "mdbu", "weighted_mean_difference_from_best": "mdbw",
    "mean_shortfall": "mdg", "index_of_disparity": "idisu", "weighted_index_of_disparity": "idisw",
    "theil": "ti", "mean_log_deviation": "mld", "gini": "gini",
    "absolute_concentration_index": "aci", "relative_concentration_index": "rci",
    "slope_index_linear": "sii", "attributable_risk": "par", "summary_rate_difference": "srd",
}  # fmt: skip


def on_arrays(rate: np.ndarray, share: np.ndarray, rank: np.ndarray) -> dict[str, np.ndarray]:
    """Compute the same twenty measures of all strata, in chunks that stay in the cache.

    Measures of one chunk share what they are made of, as those of ``summarize`` do.
    """
    step = 8192
    chunks = []
    for start in range(0, rate.shape[1], step):
        y, w, r = (np.ascontiguousarray(v[:, start : start + step]) for v in (rate, share, rank))
        given = {"rate": y, "share": w, "rank": r, "direction": "at least", "goal": 0.35}
        with sharing():
            chunks.append({code: REGISTER[name].value(given) for name, code in TWENTY.items()})
    return {code: np.concatenate([c[code] for c in chunks]) for code in TWENTY.values()}


def applied(data: pd.DataFrame) -> pd.DataFrame:
    """Compute them stratum by stratum."""
    return data.groupby("place", sort=False).apply(by_hand)


def by_hand(group: pd.DataFrame) -> pd.Series:
    """Compute twenty measures of one stratum, as one would write them for it."""
    n = group["people"].to_numpy()
    w, y = n / n.sum(), group["events"].to_numpy() / n
    mean, best, k = (w * y).sum(), y.max(), len(y)
    r, variance = y / mean, (w * (y - mean) ** 2).sum()
    rank = w.cumsum() - w / 2
    slope = (w * (rank - 0.5) * y).sum() / (w * (rank - 0.5) ** 2).sum()
    aci = 2 * (w * y * rank).sum() - mean
    with np.errstate(divide="ignore", invalid="ignore"):
        found = {
            "d": best - y.min(), "r": best / y.min(), "bgv": variance, "bgsd": variance**0.5,
            "cov": variance**0.5 / mean, "mdmu": np.abs(y - mean).mean(),
            "mdmw": (w * np.abs(y - mean)).sum(), "mdbu": (best - y).mean(),
            "mdbw": (w * (best - y)).sum(), "mdg": (w * np.maximum(0.35 - y, 0)).sum(),
            "idisu": np.abs(r - 1).mean(), "idisw": (w * np.abs(r - 1)).sum(),
            "ti": (w * np.where(r > 0, r * np.log(r), 0)).sum(), "mld": -(w * np.log(r)).sum(),
            "gini": (w[:, None] * w * np.abs(y[:, None] - y)).sum() / 2 / mean, "aci": aci,
            "rci": aci / mean, "sii": slope, "par": best - mean,
            "srd": best - (y.sum() - best) / max(k - 1, 1),
        }  # fmt: skip
    return pd.Series(found)


def fits(data: pd.DataFrame) -> list[float]:
    """Fit one binomial GLM to each stratum."""
    import statsmodels.api as sm

    found = []
    for _, group in data.groupby("place", sort=False):
        n = group["people"].to_numpy(dtype=float)
        w = n / n.sum()
        x = sm.add_constant(w.cumsum() - w / 2)
        y = np.stack([group["events"], n - group["events"]], axis=1)
        line = sm.GLM(y, x, family=sm.families.Binomial()).fit()
        found.append(float(np.diff(line.predict([[1, 0], [1, 1]]))[0]))
    return found


def _check(a: tu.Assessment, some: pd.DataFrame) -> None:
    """Both sides give the same numbers."""
    codes = ["bgv", "ti", "gini", "aci", "mdg"]
    ours = a.summarize(codes).pivot(index="place", columns="code", values="value")
    theirs = applied(some)
    np.testing.assert_allclose(ours.loc[theirs.index, codes], theirs[codes], rtol=1e-8, atol=1e-12)
    whole = some[some.groupby("place")["race"].transform("size") == some["race"].nunique()]
    mine, others = on_arrays(*arrays(whole)), applied(whole).sort_index()
    for code in TWENTY.values():
        np.testing.assert_allclose(mine[code], others[code], rtol=1e-8, atol=1e-12)
    lines = slope_index_logit(*arrays(whole))
    np.testing.assert_allclose(lines, fits(whole.sort_values("place", kind="stable")), rtol=1e-6)
