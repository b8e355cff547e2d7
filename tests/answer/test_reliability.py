"""Flags of published rates: judged by what was published, never by what was not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

import targeted_universalism as tu
from make import rule_tests
from targeted_universalism.measures.reliability import (
    FOOTNOTES,
    OF_WIDTH,
    RULES,
    UNRELIABLE,
    Evidence,
)
from targeted_universalism.reasons import Reason


def flagged(goal: tu.Goal, **columns: Any) -> tuple[str, str]:
    """Flag and reason of one published rate."""
    options = {
        name: columns.pop(name) for name in ("kind", "per", "ci", "se", "n") if name in columns
    }
    options = {name: value for name, value in options.items() if value is not None}
    people = {"population": "pop"} if "pop" in columns else {}
    data = pd.DataFrame({"g": ["a"], **{name: [value] for name, value in columns.items()}})
    made = tu.from_estimates(data, estimate="r", segments="g", **options, **people)
    found = tu.assess(made, goal).table.iloc[1]
    return found["flag"], found["reason"]


@pytest.mark.parametrize(
    ("low", "high", "flag"),
    [(4.0, 12.5, "unreliable"), (2.2, 10.15, "ok"), (2.3, 10.4, "unreliable")],
)
def test_a_published_interval_is_judged_by_its_own_width(
    low: float, high: float, flag: str
) -> None:
    goal = tu.Goal.at_most(3, per=1000)
    found, _ = flagged(
        goal, r=5.0, lo=low, hi=high, pop=2000.0, kind="rate", per=1000, ci=("lo", "hi")
    )
    assert found == flag


@pytest.mark.parametrize(("level", "flag"), [(0.95, "ok"), (0.90, "unreliable")])
def test_an_interval_at_another_level_is_brought_to_95_percent(level: float, flag: str) -> None:
    """2.4 to 9.2 is 136 % of 5; as a 90 % interval it is 2.25 to 11.1 at 95 %, 178 %."""
    data = pd.DataFrame({"g": ["a"], "r": [5.0], "lo": [2.4], "hi": [9.2], "pop": [2000.0]})
    made = tu.from_estimates(
        data, estimate="r", ci=("lo", "hi"), level=level, population="pop", segments="g",
        kind="rate", per=1000,
    )  # fmt: skip
    found = tu.assess(made, tu.Goal.at_most(3, per=1000), confidence=level).reliability().iloc[1]
    assert found["flag"] == flag
    assert found["relative_width"] == pytest.approx({0.95: 1.36, 0.90: 1.7777}[level], abs=1e-4)


def test_fewer_than_ten_implied_events_are_unreliable_however_narrow() -> None:
    goal = tu.Goal.at_most(3, per=1000)
    assert flagged(goal, r=4.5, s=0.1, pop=2000.0, kind="rate", per=1000, se="s")[0] == "unreliable"
    assert flagged(goal, r=5.0, s=0.1, pop=2000.0, kind="rate", per=1000, se="s")[0] == "ok"


def test_a_population_is_no_sample_size() -> None:
    goal = tu.Goal.at_least(90, per=100)
    flag, reason = flagged(goal, r=80.0, pop=500_000.0, kind="proportion", per=100)
    assert flag == "ok"
    assert "reliability not assessed" in reason


def test_a_population_below_thirty_is_too_few_for_any_sample() -> None:
    goal = tu.Goal.at_least(90, per=100)
    flag, reason = flagged(goal, r=80.0, pop=29.0, kind="proportion", per=100)
    assert flag == "unreliable"
    assert "not assessed" not in reason


@pytest.mark.parametrize(("n", "flag"), [(29.0, "unreliable"), (400.0, "ok")])
def test_a_sample_size_is_judged_as_a_count(n: float, flag: str) -> None:
    goal = tu.Goal.at_least(90, per=100)
    found, _ = flagged(goal, r=80.0, size=n, kind="proportion", per=100, n="size")
    assert found == flag


def test_a_roll_up_is_not_blamed_for_the_total_of_one_stratum() -> None:
    data = pd.DataFrame(
        {
            "c": [1, 1, 1, 2, 2, 2], "g": ["T", "a", "b"] * 2,
            "r": [9.0, 1.0, 2.0, 2.5, 2.0, 3.0], "pop": [20.0, 10, 10, 2000, 1000, 1000],
        }
    )  # fmt: skip
    made = tu.from_estimates(
        data, estimate="r", segments="g", kind="rate", per=1000, population="pop", total="T", by="c"
    )
    table = tu.assess(made, tu.Goal.at_most(3, per=1000), rollup=True).table
    totals = table[table["dimension"] == "total"]["reason"]
    outside = totals.str.contains("declared total outside the range of its segments")
    assert outside.tolist() == [True, False, False]


# --- the register, held against the published rule tests -----------------------------------------


def judged(rule: str, kind: str, **known: float) -> frozenset[Reason]:
    """Reasons that a rule finds in one rate."""
    fields = ("rate", "effective", "people", "width", "rse", "df")
    arrays = {name: np.array([known.get(name, np.nan)]) for name in fields}
    return RULES[rule].judge(Evidence(kind, **arrays)).of_cell(0)


WHY = {"n_eff": Reason.FEW_CASES, "abs_width": Reason.WIDE, "rel_width": Reason.RELATIVELY_WIDE}
FOOTNOTE = {
    "complement": Reason.COMPLEMENT, "review_df": Reason.FEW_DF, "review_0_or_100": Reason.REVIEW,
}  # fmt: skip


def test_every_published_judgement_of_proportions(shared: Path) -> None:
    entries = rule_tests(shared, "nchs_p_")
    assert len(entries) == 11
    for entry in entries:
        given, expected = entry["inputs"], entry["expected"]
        reasons = judged(
            "nchs", "proportion", rate=given["p"], effective=given["n_eff"],
            people=given["n_eff"], width=given["hi"] - given["lo"], df=given["df"],
        )  # fmt: skip
        shown = not reasons & UNRELIABLE
        assert shown == expected["show"], entry["id"]
        why = {WHY[expected["why"]]} if "why" in expected else set()
        assert reasons & UNRELIABLE == why, entry["id"]
        footnotes = {FOOTNOTE[name] for name in expected.get("flags", [])}
        assert reasons & FOOTNOTES == footnotes, entry["id"]


def test_every_published_judgement_of_rates(shared: Path) -> None:
    entries = rule_tests(shared, "nchs_rate_")
    assert len(entries) == 6
    for entry in entries:
        given, expected = entry["inputs"], entry["expected"]
        if "rate" in given:
            rate, width = given["rate"], given["hi"] - given["lo"]
        else:
            rate = given["n"]
            low, high = tu.measures.poisson(np.array([float(rate)]), np.ones(1))
            width = float((high - low)[0])
            assert low[0] == pytest.approx(expected["lo"], abs=6e-5)
            assert width / rate == pytest.approx(expected["relative_width"], abs=6e-5)
        reasons = judged("nchs", "rate", rate=rate, effective=given["n"], width=width)
        assert (not reasons & UNRELIABLE) == expected["show"], entry["id"]


# --- what `reliability()` shows ---------------------------------------------------------------


COUNTS = pd.DataFrame(
    {"g": ["a", "b", "c", "d", "e"], "x": [5, 33, 95, 0, 12], "n": [100, 110, 100, 40, 29]}
)
COLUMNS = [
    "dimension", "segment", "rule", "n_effective", "rse", "ci_width", "relative_width", "df",
    "flag", "footnote", "reason",
]  # fmt: skip


def counted(kind: str = "proportion", goal: tu.Goal | None = None, **options: Any) -> tu.Assessment:
    made = tu.from_counts(COUNTS, numerator="x", denominator="n", segments="g", kind=kind)
    return tu.assess(made, goal or tu.Goal.at_least(0.5, per=1), **options)


@pytest.mark.parametrize("rule", RULES)
def test_same_call_same_columns(rule: str) -> None:
    found = counted().reliability(rule)
    assert found.columns.tolist() == COLUMNS
    assert found["rule"].unique().tolist() == [rule]
    assert found[["segment"]].equals(counted().table[["segment"]])


@pytest.mark.parametrize("kind", ["proportion", "rate"])
@pytest.mark.parametrize("rule", RULES)
def test_the_flag_of_the_table_is_that_of_the_rule(rule: str, kind: str) -> None:
    a = counted(kind, reliability=rule)
    assert a.choices["reliability"] == rule
    assert a.table["flag"].tolist() == a.reliability(rule)["flag"].tolist()
    assert a.table["flag"].tolist() == counted(kind).reliability(rule)["flag"].tolist()


def test_widths_are_those_of_the_exact_interval_of_another_library() -> None:
    found = counted().reliability().iloc[1:]
    low, high = proportion_confint(COUNTS["x"], COUNTS["n"], alpha=0.05, method="beta")
    np.testing.assert_allclose(found["ci_width"], high - low, rtol=1e-12)
    p = COUNTS["x"] / COUNTS["n"]
    relative = ((high - low) / p).where(p > 0)
    np.testing.assert_allclose(found["relative_width"], relative, rtol=1e-12)
    rse = np.sqrt(p * (1 - p) / COUNTS["n"]) / p.where(p > 0)
    np.testing.assert_allclose(found["rse"], rse, rtol=1e-12)
    assert found["n_effective"].tolist() == COUNTS["n"].tolist()
    assert found["footnote"].tolist() == [
        "", "", "the share of people without the event is not reliable",
        "no events or all events: NCHS asks for review", "",
    ]  # fmt: skip


def test_widths_are_in_units_of_the_goal() -> None:
    one = counted().reliability()
    percent = counted(goal=tu.Goal.at_least(50, per=100)).reliability()
    np.testing.assert_allclose(percent["ci_width"], 100 * one["ci_width"])
    for name in ("relative_width", "rse", "flag", "reason"):
        assert percent[name].equals(one[name])


@pytest.mark.parametrize(
    ("rule", "events", "flag"),
    [
        ("nchs", 9, "unreliable"), ("nchs", 10, "ok"), ("nchs-20", 19, "unreliable"),
        ("nchs-20", 20, "ok"), ("rse-30", 11, "unreliable"), ("rse-30", 12, "ok"),
        ("rse-30", 0, "unreliable"), ("calhhs-survey", 1, "ok"),
    ],
)  # fmt: skip
def test_events_that_a_rule_asks_of_a_rate(rule: str, events: int, flag: str) -> None:
    """RSE ≤ 30 % of a count is 12 events; vital statistics ask for 10, to data year 2022 for 20."""
    data = pd.DataFrame({"g": ["a"], "x": [events], "n": [5000]})
    made = tu.from_counts(data, numerator="x", denominator="n", segments="g", kind="rate")
    a = tu.assess(made, tu.Goal.at_most(3, per=1000), reliability=rule)
    assert a.table["flag"].iloc[1] == flag
    assert not np.isinf(a.reliability(rule)[["rse", "relative_width"]].to_numpy(float)).any()


@pytest.mark.parametrize(
    ("rule", "se", "flag"),
    [
        ("rse-30", 1.5, "ok"), ("rse-30", 1.5001, "unreliable"),
        ("rse-30-inclusive", 1.5, "unreliable"), ("rse-30-inclusive", 1.4999, "ok"),
    ],
)  # fmt: skip
def test_thirty_percent_is_above_or_not(rule: str, se: float, flag: str) -> None:
    data = pd.DataFrame({"g": ["a"], "r": [5.0], "s": [se], "pop": [20_000.0]})
    made = tu.from_estimates(
        data, estimate="r", se="s", population="pop", segments="g", kind="rate", per=1000
    )
    a = tu.assess(made, tu.Goal.at_most(3, per=1000), reliability=rule)
    assert a.table["flag"].iloc[1] == flag


@pytest.mark.parametrize(("n", "flag"), [(29, "unreliable"), (30, "ok")])
def test_calhhs_asks_for_thirty_sample_cases(n: int, flag: str) -> None:
    data = pd.DataFrame({"g": ["a"], "r": [0.5], "s": [0.2], "n": [float(n)]})
    made = tu.from_estimates(data, estimate="r", se="s", n="n", segments="g", kind="proportion")
    a = tu.assess(made, tu.Goal.at_least(0.5), reliability="calhhs-survey")
    assert a.table["flag"].iloc[1] == flag
    data = data.assign(pop=50_000.0)
    made = tu.from_estimates(
        data, estimate="r", se="s", population="pop", segments="g", kind="proportion"
    )
    found = tu.assess(made, tu.Goal.at_least(0.5)).reliability("calhhs-survey").iloc[1]
    assert (found["flag"], found["reason"]) == ("ok", "reliability not assessed")


def test_rounding_the_width_first_can_save_a_rate() -> None:
    """The NCHS macro rounds widths to a tenth of a point: .0504 is .050, and narrow."""
    given = {"rate": 0.01, "effective": 800.0, "people": 800.0, "width": 0.0504}
    assert judged("nchs", "proportion", **given) == {Reason.RELATIVELY_WIDE}
    assert not judged("nchs-rounded", "proportion", **given)
    assert judged("nchs-rounded", "proportion", **given | {"width": 0.0506})


@pytest.mark.parametrize("rule", ["nchs", "rse-30"])
def test_means_are_judged_where_the_rule_knows_means(rule: str) -> None:
    scores = pd.DataFrame({"g": ["a"] * 40 + ["b"] * 20, "y": [*range(1, 41), *range(1, 21)]})
    made = tu.from_records(scores, outcome="y", segments="g", kind="mean")
    found = tu.assess(made, tu.Goal.at_least(30, per=1)).reliability(rule).iloc[1:]
    se = scores.groupby("g")["y"].sem()
    np.testing.assert_allclose(found["rse"], se / scores.groupby("g")["y"].mean())
    assert found["df"].tolist() == [39, 19]
    flags = {"nchs": ["ok", "ok"], "rse-30": ["ok", "unreliable"]}[rule]
    assert found["flag"].tolist() == flags
    assert ("not assessed" in found["reason"].iloc[0]) == (rule == "nchs")


def test_korn_graubard_is_clopper_pearson_at_the_adjusted_size() -> None:
    p, size, n, df = 0.25, 80.0, 120.0, 20.0
    adjusted = size * (stats.t.ppf(0.975, n - 1) / stats.t.ppf(0.975, df)) ** 2
    x = p * adjusted
    low, high = tu.measures.korn_graubard(*(np.array([v]) for v in (p, size, n, df)))
    assert low[0] == pytest.approx(stats.beta.ppf(0.025, x, adjusted - x + 1), rel=1e-10)
    assert high[0] == pytest.approx(stats.beta.ppf(0.975, x + 1, adjusted - x), rel=1e-10)
    capped = tu.measures.korn_graubard(*(np.array([v]) for v in (p, 500.0, n, 20.0)))
    exact = tu.measures.clopper_pearson(np.array([30.0]), np.array([120.0]))
    np.testing.assert_allclose(capped, exact)


def test_a_hidden_cell_is_not_judged() -> None:
    public = counted().suppress()
    hidden = public.table["status"] == "suppressed"
    assert hidden.any()
    assert not public.table.loc[hidden, "reason"].str.contains("assessed").any()
    for rule in RULES:
        found = public.reliability(rule)[hidden]
        assert found[["n_effective", "rse", "ci_width", "relative_width"]].isna().to_numpy().all()
        assert found["flag"].eq("suppressed").all()
        assert found["reason"].eq("suppressed").all()
        assert found["footnote"].eq("").all()


def test_an_unknown_rule_is_an_error() -> None:
    with pytest.raises(tu.InputError, match="rule='NCHS' is not known"):
        counted().reliability("NCHS")


def test_every_rule_names_its_source() -> None:
    assert all(rule.source and rule.says for rule in RULES.values())


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("kind", ["proportion", "rate"])
def test_no_rule_finds_less_in_a_wider_interval(rule: str, kind: str) -> None:
    """So that what is narrow by a bound is narrow: flags are made without its exact interval."""
    rng = np.random.default_rng(21)
    many = 4000
    size, rate = np.round(np.exp(rng.uniform(2, 8, many))), rng.beta(0.5, 0.5, many)
    width = np.exp(rng.uniform(-5, 0, many))
    nothing = np.full(many, np.nan)

    def findings(width: np.ndarray) -> Any:
        return RULES[rule].judge(Evidence(kind, rate, size, size, width, 1 / size, nothing))

    narrow, wide = findings(width), findings(width * np.exp(rng.exponential(0.5, many)))
    assert (wide.any_of(*OF_WIDTH) >= narrow.any_of(*OF_WIDTH)).all()
    settled = ~wide.any_of(*OF_WIDTH)
    for reason in set(Reason) - OF_WIDTH - {Reason.COMPLEMENT}:
        assert (wide.any_of(reason) == findings(nothing).any_of(reason))[settled].all()


@pytest.mark.parametrize("rule", ["nchs", "nchs-rounded"])
def test_flags_are_those_of_every_exact_interval(rule: str) -> None:
    """Flags are settled by a bound where it can; `reliability()` works every interval out."""
    rng = np.random.default_rng(22)
    n = np.round(np.exp(rng.uniform(2, 8.5, 8000)))
    data = pd.DataFrame({"c": np.arange(8000) // 4, "g": np.arange(8000) % 4, "n": n})
    data["x"] = rng.binomial(n.astype(int), rng.beta(0.4, 0.4, 8000))
    made = tu.from_counts(data, numerator="x", denominator="n", segments="g", by="c")
    a = tu.assess(made, tu.Goal.at_least(0.5), reliability=rule)
    flags = a.reliability(rule)["flag"]
    assert a.table["flag"].tolist() == flags.tolist()
    assert flags.value_counts()[["ok", "unreliable"]].min() > 500
