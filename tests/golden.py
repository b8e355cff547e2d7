"""Every number of a peer's stored output beside ours, and why where they differ.

The peers' outputs are in the shared folder; ``python tests/golden.py`` prints the tables of
``docs/peers.md`` from them. A difference is named by its cause, with the peer's own formula in
floats (which must give the peer's number) and a third computation in fractions (which must give
ours).
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

import targeted_universalism as tu
from targeted_universalism.measures.impact import impact_ratio, point_gap, proportionality

NAN = math.nan
ROUNDING = "rounding"
TIE = "tie"
MARGIN = "margin"
EDGE = "edge"
UNDEFINED = "undefined"
LEVEL = "level"
NOBODY = "no events"
UNSUMMED = "not summed"
CAUSES = {
    ROUNDING: (
        "Rounding: floats beside a whole number",
        "`ceiling((reference - rate) * n)`, and a ratio of 0.8 − 10⁻¹⁶ counted as below 0.8",
        "the same formula in fractions",
    ),
    TIE: (
        "Equality: the people added leave the flag where it was",
        "`ceiling((reference - (rate + margin)) * n)`, and rate + margin = reference is flagged",
        "the fewest people whose recomputed flag is gone, in fractions",
    ),
    MARGIN: (
        "Margin: it changes with the rate, and was held fixed",
        "`ceiling((reference - (rate + margin)) * n)` with the margin of today",
        "the fewest people whose recomputed flag is gone, in fractions",
    ),
    EDGE: (
        "Nobody or everybody: a substitute for the proportion in the margin",
        "1.96·√(q(1−q)/n) with q = 0.5, 0.1 or 0.8 in place of 0 or 1",
        "max(1.96·√(p(1−p)/n), floor) at p = 0 or 1 is the floor",
    ),
    UNDEFINED: (
        "Undefined: no flag is given as no impact",
        "`ifelse(is.na(flag), 0, …)`",
        "0/0 is missing, with its reason",
    ),
    LEVEL: (
        "Level: an interval of 100 %",
        "Wilson's limits at z = ∞ set to 0 and 1",
        "∞/∞ is missing; `assess` stops with an error",
    ),
    NOBODY: (
        "No events: Byar's lower limit",
        "x·(1 − 1/(9x) − z/(3√x))³ at x = 0 is 0·(−∞)",
        "the exact lower limit of no events is 0",
    ),
    UNSUMMED: (
        "One group: its rows are not summed",
        "the formula on each row of data grouped into a single group",
        "the formula on the sum, by statsmodels (proportions) and by chi-squared quantiles (rates)",
    ),
}


@dataclass(frozen=True)
class Beside:
    """One number of the peer, ours, and where they differ the cause and two checks."""

    case: str
    stratum: str
    group: str
    output: str
    peer: float
    ours: float
    cause: str = ""
    peers_formula: float = NAN
    third: float = NAN

    @property
    def agrees(self) -> bool:
        """Whether the two are the same to a relative 1e-9."""
        if math.isnan(self.peer) or math.isnan(self.ours):
            return math.isnan(self.peer) and math.isnan(self.ours)
        return math.isclose(self.peer, self.ours, rel_tol=1e-9, abs_tol=1e-15)


def number(text: str) -> float:
    """Read a number as R writes it."""
    return NAN if text in ("NA", "NaN") else float(text)


def stored(
    shared: Path, peer: str, functions: set[str]
) -> Iterator[tuple[pd.Series, pd.DataFrame]]:
    """Give each case that ran, and its outputs as one row for each stratum and group."""
    folder = shared / "golden"
    cases = pd.read_csv(folder / f"cases_{peer}.csv", keep_default_na=False)
    expected = pd.read_csv(folder / f"expected_{peer}.csv", keep_default_na=False, dtype=str)
    parts = dict(list(expected.groupby("case")))
    for _, case in cases[cases["function"].isin(functions) & (cases["status"] == "ok")].iterrows():
        rows = parts[case["case"]].set_index(["stratum", "subgroup", "output_name"])["value"]
        yield case, rows.unstack("output_name").add_prefix("peer ").reset_index()


# --- DisImpact -----------------------------------------------------------------------------------

DI = {"di_ppg", "di_80_index", "di_prop_index", "di_iterate", "di_iterate_dt", "di_ppg_iterate",
      "di_iterate_on_long"}  # fmt: skip


def disimpact(shared: Path) -> list[Beside]:
    """Compare every number of DisImpact's output."""
    found: list[Beside] = []
    for case, peer in stored(shared, "disimpact", DI):
        arguments = json.loads(case["arguments"])
        counts = _counts(shared / "golden" / case["input_file"], case["function"], arguments)
        rows = peer.merge(counts, on=["stratum", "subgroup"], how="left", validate="1:1")
        assert rows["x"].notna().all(), case["case"]
        for method in _methods(case["function"], arguments):
            found += method(case["case"], rows, arguments)
    found += _margins(shared)
    return found


@cache
def _read(path: Path) -> pd.DataFrame:
    """Read what many cases are about once."""
    return pd.read_csv(path)


def _counts(path: Path, function: str, arguments: dict[str, Any]) -> pd.DataFrame:
    """Let the library count people and successes of every stratum and group of a case."""
    data = _read(path)
    if function == "di_iterate_on_long":
        by = [arguments[k] for k in ("summarize_by_vars", "disagg_var_col", "cohort_var_col")]
        keys = [*by, arguments["group_var_col"]]
        sums = data.groupby(keys, as_index=False)[["value", "denom"]].sum()
        segments = tu.from_counts(
            sums, numerator="value", denominator="denom", segments=keys[-1], by=by
        )
        return _table(segments, by, by)
    if "success_vars" in arguments:
        return pd.concat(_iterated(data, arguments, "ppg" in function))
    group, success = arguments["group"][1:], arguments["success"][1:]
    by = [arguments["cohort"][1:]] if "cohort" in arguments else []
    if "weight" in arguments:
        segments = tu.from_counts(data, numerator=success, denominator=arguments["weight"][1:],
                                  segments=group, by=by or None)  # fmt: skip
    else:
        segments = tu.from_records(data, outcome=success, segments=group, by=by or None)
    return _table(segments, by, ["cohort"] if by else [])


def _table(
    segments: tu.Segments, by: list[str], named: list[str], *, total: bool = False
) -> pd.DataFrame:
    """Give x, n and the total's of every group, or of the total, under the peer's names."""
    table = tu.assess(segments, tu.Goal.at_least(0.5)).table
    stratum = pd.Series("", index=table.index)
    for name, column in zip(named, by, strict=True):
        value = table[column].astype(str).str.removesuffix(".0")
        stratum = stratum + ";" * (name != named[0]) + f"{name}=" + value
    frame = pd.DataFrame(
        {
            "stratum": stratum,
            "subgroup": table["segment"].astype(str).replace("Unknown", "<NA>"),
            "x": table["events"],
            "n": table["population"],
        }
    )
    of_all = (table["dimension"] == "total").to_numpy()
    sums = frame[of_all].set_index("stratum")
    frame["X"], frame["N"] = (frame["stratum"].map(sums[c]) for c in ("x", "n"))
    frame.loc[of_all, "subgroup"] = "- All"
    return frame[of_all if total else ~of_all & (frame["n"] > 0).to_numpy()]


def _iterated(data: pd.DataFrame, arguments: dict[str, Any], old: bool) -> Iterator[pd.DataFrame]:
    """Count every outcome, scenario and dimension of di_iterate."""
    scenarios, groups = (_listed(arguments, k) for k in ("scenario_repeat_by_vars", "group_vars"))
    cohorts = _listed(arguments, "cohort_vars") or [""]
    whole = not old and arguments.get("include_non_disagg_results", True)
    for place, success in enumerate(_listed(arguments, "success_vars")):
        cohort = cohorts[min(place, len(cohorts) - 1)]
        rows = data[data[success].notna()]
        for mask in range(2 ** len(scenarios)):
            by = [name for i, name in enumerate(scenarios) if mask >> i & 1]
            by += [cohort] if cohort else []
            for group in [*groups, *(["- None"] if whole else [])]:
                total = group == "- None"
                segments = tu.from_records(
                    rows, outcome=success, by=by or None, segments=groups[0] if total else group
                )
                table = _table(segments, by, by, total=total)
                names = _Names(scenarios, success, cohort, group, old)
                yield table.assign(stratum=[names.of(text) for text in table["stratum"]])


def _listed(arguments: dict[str, Any], name: str) -> list[str]:
    value = arguments.get(name, [])
    return [value] if isinstance(value, str) else list(value)


@dataclass(frozen=True)
class _Names:
    """How di_iterate names its strata."""

    scenarios: list[str]
    success: str
    cohort: str
    group: str
    old: bool

    def of(self, text: str) -> str:
        """Name one stratum."""
        known = dict(part.split("=", 1) for part in text.split(";")) if text else {}
        parts = [f"{name}={known.get(name, '- All')}" for name in self.scenarios]
        parts.append(f"success_variable={self.success}")
        if not self.old:
            parts.append(f"cohort_variable={self.cohort}")
        return ";".join(
            [*parts, f"cohort={known.get(self.cohort, '')}", f"disaggregation={self.group}"]
        )


Method = Callable[[str, pd.DataFrame, dict[str, Any]], list[Beside]]


def _methods(function: str, arguments: dict[str, Any]) -> list[Method]:
    one = {"di_ppg": [_ppg], "di_ppg_iterate": [_ppg], "di_80_index": [_index],
           "di_prop_index": [_share]}  # fmt: skip
    return one.get(function, [_ppg, _index, _share])


def _reference(rows: pd.DataFrame, wanted: object) -> tuple[pd.Series, pd.Series]:
    """Give events and people of the reference of every row."""
    if wanted == "overall":
        return rows["X"], rows["N"]
    if wanted == "all but current":
        return rows["X"] - rows["x"], rows["N"] - rows["n"]
    names = wanted if isinstance(wanted, list) else [wanted]
    if not isinstance(names[0], str):
        levels = sorted(rows["stratum"].unique())
        values = names if len(names) > 1 else names * len(levels)
        of = {s: Fraction(str(v)) for s, v in zip(levels, values, strict=True)}
        parts = rows["stratum"].map(of)
        return parts.map(lambda f: float(f.numerator)), parts.map(lambda f: float(f.denominator))
    rate = rows["x"] / rows["n"]
    if wanted == "hpg":
        best = rate.groupby(rows["stratum"]).idxmax()
    else:
        best = rows.index.to_series()[rows["subgroup"].isin(names)].groupby(rows["stratum"]).first()
    at = rows["stratum"].map(best)
    return at.map(rows["x"]), at.map(rows["n"])


def _ppg(case: str, rows: pd.DataFrame, arguments: dict[str, Any]) -> list[Beside]:
    options = arguments
    names = ("reference", "ppg_reference_groups", "reference_groups")
    wanted = next((options[name] for name in names if name in options), "overall")
    floor, observed = options.get("min_moe", 0.03), options.get("use_prop_in_moe", False)
    substitutes = {0.0: options.get("prop_sub_0", 0.5), 1.0: options.get("prop_sub_1", 0.5)}
    ref_x, ref_n = _reference(rows, _unlisted(wanted))
    found = point_gap(*_arrays(rows["x"], rows["n"], ref_x, ref_n), floor=floor, observed=observed)
    several = "peer di_indicator_ppg" in rows
    end = "_ppg" if several else ""
    out: list[Beside] = []
    for i, row in enumerate(rows.to_dict("records")):
        x, n = int(row["x"]), int(row["n"])
        p, reference = x / n, _divided(ref_x.iloc[i], ref_n.iloc[i])
        edge = observed and p in substitutes
        q = substitutes.get(p, p) if observed else 0.5
        moe = max(1.96 * math.sqrt(q * (1 - q) / n), floor)
        ours = found.margin[i] if not math.isnan(found.margin[i]) else moe
        add = _adder(out, case, row)
        add("n", n), add("success", x), add("pct", p)
        add("ppg_reference" if several else "reference", reference)
        add("moe", ours, EDGE * edge, moe, ours)
        add("pct_lo", p - ours, EDGE * edge, p - moe, p - ours)
        add("pct_hi", p + ours, EDGE * edge, p + moe, p + ours)
        flag = float(p + moe <= reference)
        lost = UNDEFINED * math.isnan(reference)
        rule = _Rule(x, n, ref_x.iloc[i], ref_n.iloc[i], floor, observed)
        exact = rule.flag(0)
        add(f"di_indicator{end}", found.flagged[i], lost or EDGE * edge or ROUNDING, flag, exact)
        leave = math.ceil((reference - (p + moe)) * n) if flag else 0
        cause = lost or EDGE * edge or (MARGIN if observed and moe > floor else rule.cause(leave))
        add(f"success_needed_not_di{end}", found.needed_to_leave[i], cause, leave, rule.fewest())
        parity = math.ceil((reference - p) * n) if p < reference else 0
        exact = _ceil((ref_x.iloc[i], n), (ref_n.iloc[i], x), ref_n.iloc[i])
        add(f"success_needed_full_parity{end}", found.needed_to_parity[i], lost or ROUNDING,
            parity, exact)  # fmt: skip
    return out


def _index(case: str, rows: pd.DataFrame, arguments: dict[str, Any]) -> list[Beside]:
    wanted = arguments.get("reference_group", arguments.get("di_80_index_reference_groups", "hpg"))
    cut = Fraction(str(arguments.get("di_80_index_cutoff", 0.8)))
    ref_x, ref_n = _reference(rows, _unlisted(wanted))
    found = impact_ratio(*_arrays(rows["x"], rows["n"], ref_x, ref_n), threshold=cut)
    several = "peer di_indicator_80_index" in rows
    end = "_80_index" if several else ""
    out: list[Beside] = []
    for i, row in enumerate(rows.to_dict("records")):
        x, n, y, m = int(row["x"]), int(row["n"]), ref_x.iloc[i], ref_n.iloc[i]
        p, reference, c = x / n, _divided(y, m), float(cut)
        index = _divided(p, reference)
        add = _adder(out, case, row)
        if not several:
            add("n", n), add("success", x), add("pct", p), add("reference", reference)
        lost = UNDEFINED * math.isnan(found.index[i])
        add("di_80_index", found.index[i], lost, math.inf if y == 0 and x > 0 else index)
        flag = float(index < c)
        leave = math.ceil((c * reference - p) * n) if flag else 0
        exact = _ceil((cut.numerator, n, y), (cut.denominator, x, m), cut.denominator * m)
        add(f"di_indicator{end}", found.flagged[i], lost or ROUNDING, flag, float(exact > 0))
        add(f"success_needed_not_di{end}", found.needed_to_leave[i], lost or ROUNDING, leave, exact)
        parity = math.ceil((reference - p) * n) if p < reference else 0
        exact = _ceil((n, y), (x, m), m)
        add(f"success_needed_full_parity{end}", found.needed_to_parity[i], lost or ROUNDING,
            parity, exact)  # fmt: skip
    return out


def _share(case: str, rows: pd.DataFrame, arguments: dict[str, Any]) -> list[Beside]:
    cut = Fraction(str(arguments.get("di_prop_index_cutoff", 0.8)))
    found = proportionality(*_arrays(*(rows[c] for c in ("x", "n", "X", "N"))), threshold=cut)
    several = "peer di_indicator_prop_index" in rows
    end = "_prop_index" if several else ""
    out: list[Beside] = []
    for i, row in enumerate(rows.to_dict("records")):
        x, n, all_x, all_n = (int(row[c]) for c in ("x", "n", "X", "N"))
        g, c = n / all_n, float(cut)
        index = _divided(_divided(x, all_x), g)
        add = _adder(out, case, row)
        if not several:
            add("n", n), add("success", x)
            add("pct_success", _divided(x, all_x)), add("pct_group", g)
        lost = UNDEFINED * math.isnan(found.index[i])
        add("di_prop_index", found.index[i], lost, index)
        flag = float(index < c)
        exact = float(_solved(row, cut) > 0)
        add(f"di_indicator{end}", found.flagged[i], lost or ROUNDING, flag, exact)
        for name, ours, share in (
            ("not_di", found.needed_to_leave[i], cut),
            ("full_parity", found.needed_to_parity[i], Fraction(1)),
        ):
            s = float(share)
            below = flag if share == cut else index < 1
            peer = math.ceil((all_x * g * s - x) / (1 - g * s)) if below else 0
            add(f"success_needed_{name}{end}", ours, lost or ROUNDING, peer, _solved(row, share))
    return out


def _solved(row: dict[str, Any], share: Fraction) -> float:
    """Fewest k with (x + k)/(X + k) ≥ c·n/N, in fractions."""
    x, n, all_x, all_n = (int(row[c]) for c in ("x", "n", "X", "N"))
    aim = share * Fraction(n, all_n)
    return 0.0 if aim >= 1 else float(max(0, math.ceil((aim * all_x - x) / (1 - aim))))


def _margins(shared: Path) -> list[Beside]:
    """Compare the margins of error alone."""
    out: list[Beside] = []
    data = pd.read_csv(shared / "golden" / "inputs" / "di_moe.csv")
    for case, peer in stored(shared, "disimpact", {"ppg_moe"}):
        arguments = json.loads(case["arguments"])
        floor, observed = arguments.get("min_moe", 0.03), "proportion" in arguments
        for row in peer.to_dict("records"):
            at = data.iloc[int(row["subgroup"].removeprefix("row")) - 1]
            x, n = at["proportion"] * at["n"], at["n"]
            ours = point_gap(*(np.array([float(v)]) for v in (x, n, 1, 2)), floor=floor,
                             observed=observed).margin[0]  # fmt: skip
            p = at["proportion"]
            q = (0.5 if p in (0, 1) else p) if observed else 0.5
            moe = max(1.96 * math.sqrt(q * (1 - q) / n), floor)
            edge = EDGE * (observed and p in (0, 1))
            _adder(out, case["case"], row)("moe", ours, edge, moe, floor)
    return out


@dataclass(frozen=True)
class _Rule:
    """The percentage point gap rule of one group, in fractions."""

    x: int
    n: int
    ref_x: float
    ref_n: float
    floor: float
    observed: bool

    def flag(self, k: int) -> float:
        """Whether the group is flagged after k more successes."""
        if math.isnan(self.ref_x) or self.ref_n == 0:
            return NAN
        p = Fraction(self.x + k, self.n)
        behind = Fraction(int(self.ref_x), int(self.ref_n)) - p
        q = p if self.observed else Fraction(1, 2)
        least = Fraction(str(self.floor))
        spread = Fraction(196, 100) ** 2 * q * (1 - q) / self.n
        return float(behind >= least and behind**2 >= spread)

    def fewest(self) -> float:
        """Fewest successes after which the flag is gone."""
        if self.flag(0) != 1:
            return self.flag(0)
        low, high = 0, self.n - self.x
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.flag(middle) else (low, middle)
        return float(high)

    def cause(self, peers: float) -> str:
        """Equality if the peer's number leaves the flag, else rounding."""
        return TIE if self.flag(0) == 1 and self.flag(int(peers)) == 1 else ROUNDING


def _unlisted(wanted: object) -> object:
    """One word out of a list of one."""
    return wanted[0] if isinstance(wanted, list) and len(wanted) == 1 else wanted


def _arrays(*columns: pd.Series) -> list[np.ndarray]:
    return [column.to_numpy(dtype=float) for column in columns]


def _divided(top: float, bottom: float) -> float:
    return NAN if bottom == 0 or math.isnan(bottom) else top / bottom


def _ceil(ahead: tuple[float, ...], behind: tuple[float, ...], bottom: float) -> float:
    """Round people up, in whole numbers."""
    if any(math.isnan(v) for v in (*ahead, *behind, bottom)) or bottom == 0:
        return NAN
    top = math.prod(map(int, ahead)) - math.prod(map(int, behind))
    return float(max(0, -(-top // int(bottom))))


def _adder(out: list[Beside], case: str, row: dict[str, Any]) -> Callable[..., None]:
    """Give a function that adds one number of a row, if the peer has it."""

    def add(
        name: str, ours: float, cause: str = "", formula: float = NAN, third: float = NAN
    ) -> None:
        text = row.get(f"peer {name}")
        if isinstance(text, str):
            beside = Beside(
                case, row["stratum"], row["subgroup"], name, number(text), float(ours), cause,
                float(formula), NAN if cause == UNDEFINED else float(third),
            )  # fmt: skip
            out.append(beside)

    return add


# --- PHEindicatormethods -------------------------------------------------------------------------

PHE = {"phe_proportion", "phe_rate", "phe_mean", "wilson_lower", "wilson_upper", "byars_lower",
       "byars_upper"}  # fmt: skip


def phe(shared: Path) -> list[Beside]:
    """Compare every number of PHEindicatormethods' proportions, rates, means and limits."""
    found: list[Beside] = []
    for case, peer in stored(shared, "phe", PHE):
        arguments = json.loads(case["arguments"])
        data = pd.read_csv(shared / "golden" / case["input_file"])
        of = {"phe_proportion": _rates, "phe_rate": _rates, "phe_mean": _means}
        found += of.get(case["function"], _limits)(case, peer, data, arguments)
    return found


def _levels(arguments: dict[str, Any]) -> list[float | None]:
    given = arguments.get("confidence", 0.95)
    levels = given if isinstance(given, list) else [given]
    return [None if v is None else float(v) / 100 if v > 1 else float(v) for v in levels]


def _rates(
    case: pd.Series, peer: pd.DataFrame, data: pd.DataFrame, arguments: dict[str, Any]
) -> list[Beside]:
    kind = case["function"].removeprefix("phe_")
    per = arguments.get("multiplier", 1 if kind == "proportion" else 100_000)
    interval = "wilson" if kind == "proportion" else "byar"
    by, levels = arguments.get("group_by"), _levels(arguments)
    data = data.assign(row="row" + (data.index + 1).astype(str))
    if by:
        data = data.groupby(by, as_index=False)[["x", "n"]].sum()
    segments = tu.from_counts(
        data, numerator="x", denominator="n", segments=by[0] if by else "row", kind=kind
    )
    out: list[Beside] = []
    for level in levels:
        goal, whole = tu.Goal.at_least(0.5 * per, per=per), level == 1
        a = tu.assess(segments, goal, confidence=None if whole else level, interval=interval)
        table = a.table.set_index("segment")
        for row in peer.to_dict("records"):
            name = row["stratum"].removeprefix("area=") if by else row["subgroup"]
            one, at = bool(by and row["subgroup"]), table.loc[name]
            add = _adder(out, case["case"], row)
            end = f"{100 * level:.1f}".replace(".", "_") if len(levels) > 1 and level else ""
            low, high = (f"{side}{end}cl" for side in ("lower", "upper"))
            if level == levels[0]:
                first = _one_group(row, kind, per) if one else (NAN,) * 6
                add("value", at["rate"], UNSUMMED * one, first[0], first[3])
                if not one:
                    add("x", at["events"]), add("n", at["population"])
            cause = LEVEL * whole or UNSUMMED * one
            for place, (column, ours) in enumerate(((low, at["ci_low"]), (high, at["ci_high"])), 1):
                formula = float(place - 1) if whole else first[place]
                add(column, ours, cause, formula, NAN if whole else first[place + 3])
    return out


def _one_group(row: dict[str, Any], kind: str, per: float) -> tuple[float, ...]:
    """Give value and limits of the row alone, as the peer does, and of the sum of both rows."""
    x, n = {"row1": (3, 10), "row2": (4, 20)}[row["subgroup"]]
    return (*_by_others(x, n, kind, per), *_by_others(7, 30, kind, per))


def _by_others(x: int, n: int, kind: str, per: float) -> tuple[float, float, float]:
    if kind == "proportion":
        low, high = proportion_confint(x, n, method="wilson")
    else:
        low, high = (stats.chi2.ppf(q, d) / 2 / n for q, d in ((0.025, 2 * x), (0.975, 2 * x + 2)))
    return x / n * per, low * per, high * per


def _means(
    case: pd.Series, peer: pd.DataFrame, data: pd.DataFrame, arguments: dict[str, Any]
) -> list[Beside]:
    segments = tu.from_records(data, outcome="v", segments="area", kind="mean")
    levels = _levels(arguments)
    out: list[Beside] = []
    for level in levels:
        table = tu.assess(segments, tu.Goal.at_least(50), confidence=level).table
        table = table.set_index("segment")
        for row in peer.to_dict("records"):
            at = table.loc[row["stratum"].removeprefix("area=") or "All"]
            add = _adder(out, case["case"], row)
            end = f"{100 * level:.1f}".replace(".", "_") if len(levels) > 1 and level else ""
            half = (at["ci_high"] - at["ci_low"]) / 2
            spread = half / stats.t.ppf(0.5 + (level or 0.95) / 2, max(at["n"] - 1, 1))
            if level == levels[0]:
                add("value", at["rate"]), add("value_count", at["n"])
                add("value_sum", at["rate"] * at["n"]), add("stdev", spread * math.sqrt(at["n"]))
            add(f"lower{end}cl", at["ci_low"]), add(f"upper{end}cl", at["ci_high"])
    return out


def _limits(
    case: pd.Series, peer: pd.DataFrame, data: pd.DataFrame, arguments: dict[str, Any]
) -> list[Beside]:
    """Compare Wilson's and Byar's limits alone."""
    method, side = case["function"].split("_")
    x = data["x"].to_numpy(dtype=float)
    n = data["n"].to_numpy(dtype=float) if method == "wilson" else np.ones(len(data))
    of = {"wilson": tu.measures.wilson, "byars": tu.measures.byar}[method]
    limits = of(x, n, arguments["confidence"])[side == "upper"]
    out: list[Beside] = []
    for row in peer.to_dict("records"):
        i = int(row["subgroup"].removeprefix("row")) - 1
        empty = method == "byars" and side == "lower" and x[i] == 0
        exact = stats.chi2.ppf(0.0, 2) / 2
        _adder(out, case["case"], row)("value", limits[i], NOBODY * bool(empty), NAN, exact)
    return out


# --- the page ------------------------------------------------------------------------------------

PEERS: dict[str, Callable[[Path], list[Beside]]] = {
    "DisImpact 0.0.22.9000": disimpact,
    "PHEindicatormethods 2.1.0": phe,
}


def page(shared: Path) -> list[str]:
    """Give the sections of ``docs/peers.md``: a row for each number that differs."""
    lines: list[str] = []
    for name, compare in PEERS.items():
        found = compare(shared)
        differ = [beside for beside in found if not beside.agrees]
        lines += [f"## {name}", "", f"{len(found):,} numbers, {len(differ)} differ.", ""]
        for cause in dict.fromkeys(beside.cause for beside in differ):
            title, formula, third = CAUSES[cause]
            rows = [beside for beside in differ if beside.cause == cause]
            lines += [
                f"### {title}", "", f"{len(rows)} numbers. The peer's formula: {formula}. "
                f"The third computation: {third}.", "",
                "| case | stratum | group | number | peer | here |", "|---|---|---|---|---|---|",
            ]  # fmt: skip
            lines += [row_of(beside) for beside in rows]
            lines.append("")
    return lines


def row_of(beside: Beside) -> str:
    """Give the row of one number that differs."""
    case = beside.case.split(".", 1)[1]
    shown = ("missing" if math.isnan(v) else f"{v:.10g}" for v in (beside.peer, beside.ours))
    group = beside.group.replace("<NA>", "(missing)") or "all"
    stratum = beside.stratum.replace("success_variable=", "").replace("cohort_variable=", "")
    return f"| {case} | {stratum or 'all'} | {group} | {beside.output} | {' | '.join(shown)} |"


if __name__ == "__main__":
    root = Path(__file__).parents[1]
    folder = Path(os.environ.get("TU_SHARED", root.parent / "shared"))
    path = root / "docs" / "peers.md"
    head = path.read_text().split("\n## ", 1)[0].rstrip()
    path.write_text("\n".join([head, "", *page(folder)]).rstrip() + "\n")
