"""What WHO's healthequal and PHEindicatormethods return, put beside our functions.

Their own standard errors, and their defects, live here and nowhere else: each is a formula in our
words that gives the peer's number.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from targeted_universalism.measures import midrank
from targeted_universalism.measures.inequality.register import REGISTER
from targeted_universalism.measures.inequality.slope import logistic_ends

PLACES = (1, 100, 1000, 10_000, 100_000, 1_000_000)


@dataclass(frozen=True)
class Case:
    """One call of a peer on one stratum, and what it returned."""

    name: str
    function: str
    stratum: str
    options: dict[str, Any]
    columns: dict[str, np.ndarray]
    returned: dict[str, float]

    @property
    def z(self) -> float:
        return float(special.ndtri(0.5 + self.options.get("conf.level", 0.95) / 2))

    def column(self, name: str) -> np.ndarray | None:
        return self.columns.get(name)


def cases(folder: Path, package: str) -> Iterator[Case]:
    """Give every call that returned numbers, one stratum at a time."""
    calls = pd.read_csv(folder / f"cases_{package}.csv")
    answers = pd.read_csv(folder / f"expected_{package}.csv", dtype={"stratum": str})
    answers = answers[answers.output_name.isin(["estimate", "se", "lowerci", "upperci"])]
    answers = answers[answers["value"].notna()].fillna({"subgroup": ""})
    found = dict(list(answers.groupby(["case", "stratum", "subgroup"])))
    inputs = {name: pd.read_csv(folder / name) for name in calls.input_file.unique()}
    strata = {name: parts(rows) for name, rows in inputs.items()}
    named = {call.case: call for call in calls.itertuples()}
    for (name, stratum, _), part in found.items():
        call = named[name]
        arguments = json.loads(call.arguments)
        split = strata[call.input_file]
        rows = split[stratum] if split else inputs[call.input_file]
        if "@weight" in arguments.values():
            continue  # survey designs
        columns = {
            key: rows[value[1:]].to_numpy(dtype=float)
            for key, value in arguments.items()
            if isinstance(value, str) and value.startswith("@")
        }
        options = {k: v for k, v in arguments.items() if k not in columns}
        if "indicator_scale" in rows:
            options["scale"] = float(rows["indicator_scale"].iloc[0])
        values = {r.output_name: float(r.value) for r in part.itertuples()}
        yield Case(name, call.function, stratum, options, columns, values)


def parts(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Give the rows of each stratum, where there are strata."""
    return dict(list(rows.groupby(rows["stratum"].astype(str)))) if "stratum" in rows else {}


def known(case: Case) -> dict[str, np.ndarray]:
    """Give a case's columns without the rows that have no estimate, as the peer drops them."""
    there = ~np.isnan(case.columns["est"])
    return {name: values[there] for name, values in case.columns.items()}


def in_order(columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    place = np.argsort(columns["subgroup_order"], kind="stable")
    return {name: values[place] for name, values in columns.items()}


def shares(people: np.ndarray) -> np.ndarray:
    return np.asarray(people / people.sum())


def normal(estimate: float, se: float, z: float) -> dict[str, float]:
    return {
        "estimate": estimate,
        "se": se,
        "lowerci": estimate - z * se,
        "upperci": estimate + z * se,
    }


def pair(case: Case) -> dict[str, float]:
    """d and r: the two segments that the peer chooses, by our three functions."""
    columns = known(case)
    name = {"d": "difference", "r": "ratio"}[case.function]
    given: dict[str, Any] = {
        "direction": "at least" if columns["favourable_indicator"][0] else "at most"
    }
    if columns["ordered_dimension"][0]:
        columns, name = in_order(columns), f"{name}_by_order"
    elif "reference_subgroup" in columns:
        given["reference"], name = (
            int(columns["reference_subgroup"].argmax()),
            f"{name}_from_reference",
        )
    given |= {"rate": columns["est"], "se": columns.get("se", np.full(len(columns["est"]), np.nan))}
    value, se = (float(f(given)) for f in (REGISTER[name].value, REGISTER[name].standard_error))
    if case.function == "d":
        return normal(value, se, case.z)
    half = case.z * se / value
    return {
        "estimate": value,
        "se": se / value,
        "lowerci": value * math.exp(-half),
        "upperci": value * math.exp(half),
    }


WHO = {
    "bgv": ("between_group_variance", 1),
    "bgsd": ("between_group_standard_deviation", 1),
    "covar": ("coefficient_of_variation", 100),
    "mld": ("mean_log_deviation", 1000),
    "ti": ("theil", 1000),
    "idisu": ("index_of_disparity", 100),
    "idisw": ("weighted_index_of_disparity", 100),
    "mdmu": ("mean_difference_from_mean", 1),
    "mdmw": ("weighted_mean_difference_from_mean", 1),
    "mdbu": ("mean_difference_from_best", 1),
    "mdbw": ("weighted_mean_difference_from_best", 1),
    "mdru": ("mean_difference_from_reference", 1),
    "mdrw": ("weighted_mean_difference_from_reference", 1),
}


def plain(case: Case) -> dict[str, float]:
    """Measures of all segments, times the peer's own constant."""
    columns = known(case)
    name, times = WHO[case.function]
    given: dict[str, Any] = {}
    if "favourable_indicator" in columns:
        given["direction"] = "at least" if columns["favourable_indicator"][0] else "at most"
    if "reference_subgroup" in columns:
        given["reference"] = int(columns["reference_subgroup"].argmax())
    y = columns["est"]
    given |= {
        "rate": y,
        "se": columns.get("se", np.full(len(y), np.nan)),
        "share": shares(columns.get("pop", np.ones(len(y)))),
    }
    measure = REGISTER[name]
    value = float(measure.value(given))
    if "setting_average" in columns and "pop" not in columns:
        with_mean = {n: given[n] for n in measure.needs} | {"mean": columns["setting_average"][0]}
        value = float(measure.judge(**with_mean))
    return normal(times * value, times * float(measure.standard_error(given)), case.z)


def walter(case: Case) -> float:
    """Standard error of the attributable fraction as the peer has it, after Walter (1978)."""
    columns = known(case)
    y, scale = columns["est"], columns["scaleval"][0]
    n = columns.get("pop", None)
    # Of tied segments it takes the first highest, and the last lowest.
    best = int(y.argmax() if columns["favourable_indicator"][0] else len(y) - 1 - y[::-1].argmin())
    if columns["ordered_dimension"][0]:
        best = int(columns["subgroup_order"].argmax())
    mean = (shares(n) * y).sum()
    total = n.sum()
    c = y[best] * n[best] / scale
    d = n[best] - c
    a = mean * total / scale - c
    b = total - a - n[best]
    return float(
        np.sqrt(c * total * (a * d * (total - c) + b * c**2) / ((a + c) ** 3 * (c + d) ** 3))
    )


def ols(y: np.ndarray, rank: np.ndarray, weight: np.ndarray) -> float:
    """Homoskedastic standard error of a weighted slope, from its residuals."""
    root = np.sqrt(weight)
    x = np.stack([rank * root, root], axis=1)
    beta = np.linalg.lstsq(x, y * root, rcond=None)[0]
    left = y * root - x @ beta
    variance = (left**2).sum() / (len(y) - 2) * np.linalg.inv(x.T @ x)
    return float(np.sqrt(variance[0, 0]))


def concentration(case: Case) -> dict[str, float]:
    """aci and rci, with the peer's own standard error."""
    columns = in_order(known(case))
    y, n = columns["est"], columns.get("pop", np.ones(len(columns["est"])))
    if "lmin" in case.options:
        y = (y - case.options["lmin"]) / (case.options["lmax"] - case.options["lmin"])
    share = shares(n)
    rank = midrank(share)
    name = {"aci": "absolute_concentration_index", "rci": "relative_concentration_index"}[
        case.function
    ]
    name = {"wagstaff": "wagstaff_index", "erreygers": "erreygers_index"}.get(
        case.options.get("method"), name
    )
    value = float(REGISTER[name].value({"rate": y, "share": share, "rank": rank}))
    mean = (share * y).sum()
    left = 2 * (share * (rank - 0.5) ** 2).sum() * y
    left = (
        left
        / {
            "absolute_concentration_index": 1,
            "relative_concentration_index": mean,
            "wagstaff_index": mean * (1 - mean),
            "erreygers_index": 1 / 4,
        }[name]
    )
    return normal(value, ols(left, rank, n), case.z)


def attributable(case: Case) -> dict[str, float]:
    """paf and par: ours are 0 or more, the peer's have the sign of best less average."""
    columns = in_order(known(case)) if "subgroup_order" in case.columns else known(case)
    sign = 1 if columns["favourable_indicator"][0] else -1
    name, times = {"paf": ("attributable_fraction", 100), "parisk": ("attributable_risk", 1)}[
        case.function
    ]
    if columns["ordered_dimension"][0]:
        name = f"{name}_by_order"
    y, n = columns["est"], columns.get("pop", np.ones(len(columns["est"])))
    given: dict[str, Any] = {
        "rate": y,
        "share": shares(n),
        "direction": "at least" if sign > 0 else "at most",
    }
    if "pop" not in columns:
        given["mean"] = columns["setting_average"][0]
    value = sign * times * float(REGISTER[name].judge(**given))
    if "pop" not in columns:
        return {"estimate": value}
    mean = 1 if case.function == "paf" else (shares(n) * y).sum()
    return normal(value, (100 if case.function == "paf" else mean) * walter(case), case.z)


def scale_of(y: np.ndarray) -> int:
    """The scale that the peer guesses from the data."""
    return next(place for place in PLACES if place >= y.max())


@dataclass(frozen=True)
class Fit:
    """A line through segments: its ends, and the peer's own standard errors (HC1)."""

    low: float
    high: float
    se_difference: float
    se_log_ratio: float


def hc1(rate: np.ndarray, rank: np.ndarray, weight: np.ndarray, logit: bool) -> Fit:
    """Fit by our functions, and sandwich the residuals of K rows, times K/(K − 2)."""
    share = shares(weight)
    name = "slope_index_logit" if logit else "slope_index_linear"
    given = {"rate": rate, "share": share, "rank": rank}
    low, high = ends(given, logit)
    assert math.isclose(high - low, float(REGISTER[name].value(given)), rel_tol=1e-9)
    a, b = (special.logit(low), special.logit(high)) if logit else (low, high)
    line = a + (b - a) * rank
    fitted = special.expit(line) if logit else line
    curve = fitted * (1 - fitted) if logit else np.ones(len(rate))
    x = np.stack([np.ones(len(rate)), rank], axis=1)
    bread = np.linalg.inv((x * (weight * curve)[:, None]).T @ x)
    score = x * (weight * (rate - fitted))[:, None]
    k = len(rate)
    variance = k / (k - 2) * bread @ (score.T @ score) @ bread
    at = np.array([low, high])
    steps = (at * (1 - at) if logit else np.ones(2))[:, None] * np.array([[1.0, 0.0], [1.0, 1.0]])
    d, r = steps[1] - steps[0], steps[1] / high - steps[0] / low
    return Fit(low, high, float(np.sqrt(d @ variance @ d)), float(np.sqrt(r @ variance @ r)))


def ends(given: dict[str, np.ndarray], logit: bool) -> tuple[float, float]:
    if logit:
        low, high = logistic_ends(**given)
        return float(low), float(high)
    slope = float(REGISTER["slope_index_linear"].value(given))
    low = float((given["rate"] * given["share"]).sum()) - slope * float(
        (given["rank"] * given["share"]).sum()
    )
    return low, low + slope


OWN_WAYS = ("population squared", "counts rounded", "scale guessed")


def slope(case: Case, ways: tuple[str, ...] = ()) -> dict[str, float]:
    """Give sii and rii with the peer's own errors.

    `ways` are the peer's other ways: in the logistic fit the population enters twice; people are
    rounded up and events rounded to whole ones; the scale is guessed from the largest value.
    """
    columns = in_order(known(case))
    y, n = columns["est"], columns.get("pop", np.ones(len(columns["est"])))
    logit = not case.options.get("linear", False)
    scale = scale_of(y) if "scale guessed" in ways else case.options["scale"]
    rate = y / scale
    if "counts rounded" in ways:
        n = np.ceil(n)
        rate = np.round(rate * n) / n if logit else rate
    weight = n**2 if logit and "population squared" in ways else n
    fit = hc1(rate, midrank(shares(n)), weight, logit)
    if case.function == "sii":
        found = normal(fit.high - fit.low, fit.se_difference, case.z)
        return {k: v if k == "se" else scale * v for k, v in found.items()}
    value, half = fit.high / fit.low, case.z * fit.se_log_ratio
    limits = value * math.exp(-half), value * math.exp(half)
    return {"estimate": value, "se": fit.se_log_ratio, "lowerci": limits[0], "upperci": limits[1]}


def ours(case: Case) -> dict[str, float]:
    """Give what our functions say, on the peer's scale."""
    if case.function in WHO:
        return plain(case)
    return {"d": pair, "r": pair, "paf": attributable, "parisk": attributable, "aci": concentration,
            "rci": concentration, "sii": slope, "rii": slope}[case.function](case)  # fmt: skip


def unscaled(case: Case) -> dict[str, float] | None:
    """The estimate is multiplied by 1,000 or 100, its standard error is not."""
    times = {"mld": 1000, "ti": 1000, "paf": 100}.get(case.function)
    found = ours(case)
    if times is None or "se" not in found:
        return None
    return normal(found["estimate"], found["se"] / times, case.z)


def zero_replaced(case: Case) -> dict[str, float] | None:
    """Rates of 0 become 0.000001, whatever the unit; the standard error is unscaled too."""
    if case.function not in ("mld", "ti") or (case.columns["est"] != 0).all():
        return None
    y = np.where(case.columns["est"] == 0, 1e-6, case.columns["est"])
    return unscaled(replace(case, columns={**case.columns, "est": y}))


def infinite_ratio(case: Case) -> dict[str, float] | None:
    """A ratio to a rate of 0 is infinite there, and missing here."""
    columns = known(case)
    zero = case.function == "r" and (columns["est"] == 0).any()
    return {"estimate": math.inf} if zero and np.isnan(ours(case)["estimate"]) else None


def with_itself(case: Case) -> dict[str, float] | None:
    """One segment alone is compared with itself, as if with another one."""
    columns = known(case)
    if case.function not in ("d", "r") or len(columns["est"]) > 1:
        return None
    y, se = float(columns["est"][0]), math.sqrt(2) * float(columns["se"][0])
    if case.function == "d":
        return normal(0.0, se, case.z)
    half = case.z * se / y
    return {"estimate": 1.0, "se": se / y, "lowerci": math.exp(-half), "upperci": math.exp(half)}


def sliding_reference(case: Case) -> dict[str, float] | None:
    """The position of the reference is found before, and used after, missing rows are dropped."""
    there = ~np.isnan(case.columns["est"])
    if case.function != "mdrw" or there.all():
        return None
    columns = known(case)
    position = int(case.columns["reference_subgroup"].argmax())
    slid = np.arange(len(columns["est"])) == position
    columns = {**columns, "reference_subgroup": slid.astype(float)}
    return plain(replace(case, columns=columns))


def own_slope(ways: tuple[str, ...]) -> Callable[[Case], dict[str, float] | None]:
    """Do as the peer does in some of its own ways: :func:`slope`."""

    def made(case: Case) -> dict[str, float] | None:
        return slope(case, ways) if case.function in ("sii", "rii") else None

    return made


def other_tied(case: Case) -> dict[str, float] | None:
    """Of two tied segments each has a row of its own, with its own standard error."""
    if case.function not in ("d", "r") or "reference_subgroup" not in case.columns:
        return None
    return pair(replace(case, columns={name: v[::-1] for name, v in case.columns.items()}))


DEFECTS = {
    "unscaled standard error": unscaled,
    "zero replaced": zero_replaced,
    "infinite ratio": infinite_ratio,
    "compared with itself": with_itself,
    "a row for each tied segment": other_tied,
    "sliding reference": sliding_reference,
    **{
        " + ".join(ways): own_slope(ways)
        for size in (1, 2, 3)
        for ways in combinations(OWN_WAYS, size)
    },
}
