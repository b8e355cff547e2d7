"""Rules for small cells and the CalHHS publication score, against the published examples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import targeted_universalism as tu
from make import HALF, examples, rule_tests
from targeted_universalism.privacy.rules import RULES

points, score = tu.measures.calhhs_points, tu.measures.calhhs_score

# --- the score ------------------------------------------------------------------------------------

# (residence, enrolled, expected points of geography, programme, interactions, total, released):
# CalHHS Guidelines, Edition 2.0, Appendix I, Table 36; fewer than 11 events in a year.
PUBLISHED = {
    "ddg_county_4000": (1163, None, 7, 0, 0, 14, False),
    "ddg_county_10000": (10000, None, 5, 0, 0, 12, True),
    "ddg_county_30000": (30000, None, 4, 0, 0, 11, True),
    "ddg_state_medi_cal": (39538223, 14000000, -5, 0, 0, 2, True),
    "ddg_state_calfresh": (39538223, 5500000, -5, 1, 1, 4, True),
    "ddg_state_wic": (39538223, 1000000, -5, 2, 1, 5, True),
    "ddg_state_calworks_hsp": (39538223, 13000, -5, 7, 1, 10, True),
    "ddg_alpine_wic": (1163, 1000000, 7, 2, 1, 17, False),
}


@pytest.mark.parametrize("id_", PUBLISHED)
def test_score_of_the_published_examples(id_: str) -> None:
    residence, enrolled, place, programme, interactions, total, released = PUBLISHED[id_]
    found = score(2, residence=residence, means_tested=enrolled)
    assert (found.events, found.time) == (7, 0)
    assert (found.geography, found.means_tested) == (place, programme)
    assert (found.interactions, found.total) == (interactions, total)
    assert bool(found.released) is released


def test_the_scores_typed_here_are_those_of_the_shared_file(shared: Path) -> None:
    entries = rule_tests(shared, "ddg_")
    scored = {e["id"]: e for e in entries if "smallest_cell" in e["inputs"]}
    assert scored.keys() == PUBLISHED.keys()
    for id_, entry in scored.items():
        residence, enrolled, place, programme, interactions, total, released = PUBLISHED[id_]
        given, expected = entry["inputs"], entry["expected"]
        assert given["residence_population"] == residence
        assert given.get("means_tested_enrollment") == enrolled
        parts = expected["scores"]
        assert (parts["residence"], parts.get("means_tested", 0)) == (place, programme)
        assert (parts["interactions"], expected["total"]) == (interactions, total)
        assert expected["release_without_masking"] is released


def test_score_of_figure_6(shared: Path) -> None:
    entry = examples(shared, "rule_tests.json")["ddg_score_total"]
    found = score(
        5, residence=400_000, dependent=2,
        variables={"age range": [8, 10], "race": "with aian, nhpi or mixed"},
    )  # fmt: skip
    parts = entry["inputs"]["scores"]
    assert (found.events, found.time, found.geography) == (
        parts["events"], parts["time"], parts["residence"],
    )  # fmt: skip
    assert found.others == parts["age"] + parts["race"]
    assert found.interactions == parts["interactions"]
    assert found.total == entry["expected"]["total"]
    assert bool(found.released) is entry["expected"]["release_without_masking"]


def test_a_variable_counts_with_its_highest_category(shared: Path) -> None:
    entry = examples(shared)["calhhs_ddg_highest_score_rule"]
    spans = [[int(end) for end in group.split("-")] for group in entry["inputs"]["age_groups"]]
    years = [high - low + 1 for low, high in spans]
    assert points("age range", years).tolist() == entry["expected"]["age_scores"]
    found = score(2000, residence=3_000_000, variables={"age range": years})
    assert found.others == entry["expected"]["age"]


# Both sides of every edge of the guidelines' tables.
EDGES = [
    ("events", [0, 10, 11, 99, 100, 999, 1000], [7, 7, 5, 5, 3, 3, 2]),
    ("age range", [1, 2, 3, 5, 6, 10, 11, 29, 30], [7, 7, 5, 5, 3, 3, 2, 2, 1]),
    ("statewide population", [20000, 20001, 100000, 100001, 300000, 300001, 4e6, 4e6 + 1],
     [7, 5, 5, 3, 3, 2, 2, 1]),
    ("means-tested", [20000, 20001, 300001, 4e6, 4e6 + 1, 1e7, 1e7 + 1], [7, 5, 2, 2, 1, 1, 0]),
    ("residence", [4000, 4001, 20000, 20001, 50000, 50001, 100000, 100001, 250000, 250001, 560000,
                   560001, 1e6, 1e6 + 1, 2e6, 2e6 + 1],
     [7, 5, 5, 4, 4, 3, 3, 1, 1, 0, 0, -1, -1, -3, -3, -5]),
    ("insurance", [4000, 20000, 20001, 2e6 + 1], [5, 5, 4, -5]),
    ("service", [20000, 20001, 250000, 250001, 560000, 560001, 1e6, 1e6 + 1, 2e6, 2e6 + 1],
     [1, 0, 0, -1, -1, -3, -3, -4, -4, -5]),
    ("categories", [4, 5, 9, 10], [3, 5, 5, 7]),
    ("time", ["5 years", "2 to 4 years", "annual", "bi-annual", "quarterly", "monthly", "weekly"],
     [-5, -3, 0, 3, 4, 5, 5]),
    ("sex", ["male, female", "with intersex"], [1, 2]),
    ("gender identity", ["any", "detailed"], [3, 5]),
]  # fmt: skip


@pytest.mark.parametrize(("variable", "values", "expected"), EDGES, ids=lambda v: str(v)[:20])
def test_points_on_both_sides_of_every_edge(
    variable: str, values: list[Any], expected: list[int]
) -> None:
    assert points(variable, values).tolist() == expected


@pytest.mark.parametrize(("smallest", "taken"), [(2, 0), (3, -3), (4, -3), (5, -5)])
def test_events_time_and_place_alone_are_worth_less(smallest: int, taken: int) -> None:
    assert score(smallest, residence=10_000).interactions == taken
    assert score(smallest, residence=10_000, variables={"sex": "male, female"}).interactions == 0
    assert score(smallest, residence=10_000, dependent=3).interactions == 4


def test_members_replace_the_place_only_where_they_are_fewer() -> None:
    assert score(2, residence=60_000, members=3_000).geography == 5
    assert score(2, residence=3_000, members=60_000).geography == 7
    assert score(2, members=3_000).geography == 5


def test_scores_of_many_tables_at_once_and_a_missing_place() -> None:
    found = score([2, 2, 200], residence=[1163, np.nan, 3e6], time=["annual", "annual", "monthly"])
    assert found.total[[0, 2]].tolist() == [14, 3 + 5 - 5 - 5]
    assert np.isnan(found.total[1])
    assert found.released.tolist() == [False, False, True]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: score(2), "Say where people live"),
        (lambda: score(2, residence=1, service=1), "not both"),
        (lambda: score(2, service=1, members=1), "takes the place of residence"),
        (lambda: score(2, residence=1, dependent=4), "up to 3 dependent"),
        (lambda: score(2, residence=1, dependent=3, means_tested=5), "4 need an expert"),
        (lambda: score(2, residence=-1), "residence holds -1"),
        (lambda: score("2", residence=1), "must be numbers"),
        (lambda: points("time", "yearly"), "'yearly' has no score"),
        (lambda: points("tme", 1), "variable='tme' is not known"),
        (lambda: points("citizenship", "noncitizen statuses"), "has no score"),
    ],
)
def test_what_the_guidelines_do_not_score_is_an_error(call: Any, said: str) -> None:
    with pytest.raises(tu.InputError, match=said):
        call()


# --- the rules for small cells --------------------------------------------------------------------


def cells(**columns: list[Any]) -> pd.DataFrame:
    size = len(next(iter(columns.values())))
    return pd.DataFrame({"g": [f"g{i}" for i in range(size)], **columns})


def shown(rule: str, minimum: int = 11, /, x: Any = None, n: Any = None, **options: Any) -> Any:
    """Which overlapping segments a rule shows: nothing follows from a total here."""
    data = cells(x=x, n=n)
    made = tu.from_counts(data, numerator="x", denominator="n", segments="g", exclusive=False)
    table = tu.assess(made, HALF).suppress(minimum, rule=rule, **options).table
    return (table["status"].iloc[1:] != "suppressed").tolist()


def test_cms_shows_zero_and_eleven(shared: Path) -> None:
    entry = examples(shared, "rule_tests.json")["cms_1_10"]
    counts = entry["inputs"]["counts"]
    people = [1000 * (i + 1) for i in range(len(counts))]
    assert shown("cms", x=counts, n=people) == entry["expected"]["show"]


@pytest.mark.parametrize("rule", ["count", "cms", "ccwip", "nsize", "calhhs"])
def test_every_rule_holds_for_people_events_and_people_without_the_event(rule: str) -> None:
    x, n = [11, 10, 990, 5, 0, 11], [1000, 2000, 1000, 10, 3000, 22]
    assert shown(rule, x=x, n=n) == [True, False, False, False, True, True]
    assert shown(rule, x=x, n=n, zeros="hide") == [True, False, False, False, False, True]


def test_a_group_size_holds_for_people_and_ten_for_cells() -> None:
    x, n = [12, 12, 40, 10], [29, 30, 60, 200]
    assert shown("nsize", 30, x=x, n=n) == [False, True, True, False]
    assert shown("count", 30, x=x, n=n) == [False, False, False, False]


@pytest.mark.parametrize("rule", ["cms", "ccwip", "calhhs"])
def test_a_published_rule_allows_no_smaller_minimum(rule: str) -> None:
    with pytest.raises(tu.InputError, match=f"minimum=10 is below what rule='{rule}' asks for: 11"):
        shown(rule, 10, x=[1], n=[1000])
    assert shown(rule, 21, x=[20, 21], n=[1000, 2000]) == [False, True]


def test_every_rule_names_its_source() -> None:
    assert all(rule.says and rule.source for rule in RULES.values())


def test_cms_lets_no_value_be_worked_out(shared: Path) -> None:
    """120, 45 and 7 of 172: the 7 and one more cell are hidden, or the total."""
    entry = examples(shared, "rule_tests.json")["cms_derivable"]
    counts, total = entry["inputs"]["cells"], entry["inputs"]["total"]
    data = pd.DataFrame({"g": ["All", "a", "b", "c"], "x": [total, *counts],
                         "n": [6000, 1000, 2000, 3000]})  # fmt: skip
    made = tu.from_counts(data, numerator="x", denominator="n", segments="g", total="All")
    public = tu.assess(made, HALF).suppress(rule="cms")
    hidden = public.table["status"] == "suppressed"
    assert hidden.iloc[3]
    assert hidden.sum() >= entry["expected"]["hidden_min"]
    assert tu.audit(public)["passes"].all()


@pytest.mark.parametrize(
    ("rule", "minimum"),
    [("cms", 11), ("ccwip", 16), ("nsize", 30), ("nsize", 5), ("calhhs", 11)],
)
def test_the_attacker_fails_whatever_the_rule(rule: str, minimum: int) -> None:
    x, n = [40, 4, 30, 200, 12, 0, 90, 61], [90, 50, 70, 420, 25, 40, 180, 99]
    data = pd.DataFrame({"county": ["A"] * 4 + ["B"] * 4, "g": list("abcd") * 2, "x": x, "n": n})
    made = tu.from_counts(data, numerator="x", denominator="n", segments="g", by="county")
    a = tu.assess(made, HALF, rollup=True)
    public = a.suppress(minimum, rule=rule)
    least = {"nsize": (minimum, 11)}.get(rule, (minimum, minimum))
    few = np.zeros(len(a.table), dtype=np.bool_)
    for count, below in (("n", least[0]), ("events", least[1]), ("rest", least[1])):
        counted = a.table.assign(rest=a.table["n"] - a.table["events"])[count]
        few |= ((counted > 0) & (counted < below)).to_numpy(np.bool_)
    hidden = (public.table["status"] == "suppressed").to_numpy()
    assert few.any()
    assert hidden[few].all()
    assert tu.audit(public)["passes"].all()


COUNTIES = pd.DataFrame(
    {"county": ["Alpine", "Alpine", "Mono", "Mono"], "g": ["a", "b"] * 2,
     "x": [4, 400, 5, 500], "n": [900, 900, 900, 950]}
)  # fmt: skip


def county(rule: str = "calhhs", **options: Any) -> dict[str, list[str]]:
    made = tu.from_counts(
        COUNTIES, numerator="x", denominator="n", segments="g", by="county", exclusive=False
    )
    table = tu.assess(made, HALF).suppress(rule=rule, **options).table
    kept = table[(table["status"] == "suppressed")]
    return kept.groupby("county", observed=True)["segment"].agg(list).to_dict()


def test_a_score_of_at_most_12_releases_small_counts() -> None:
    both = {"Alpine": ["a"], "Mono": ["a"]}
    assert county() == both
    assert county(score=13) == both
    assert county(score=12) == {}
    assert county(score={"Mono": 12, "Alpine": 14}) == {"Alpine": ["a"]}
    assert county(score={("Mono",): 12}) == {"Alpine": ["a"]}
    assert county(score=np.float64(12)) == {}


def test_a_score_is_one_of_the_choices() -> None:
    made = tu.from_counts(COUNTIES, numerator="x", denominator="n", segments="g", by="county")
    a = tu.assess(made, HALF)
    chosen = a.suppress(rule="calhhs", score={"Mono": 12, "Alpine": 14}).choices["suppression"]
    assert chosen["score"] == "Mono 12, Alpine 14"
    assert a.suppress(rule="calhhs", score=12).choices["suppression"]["score"] == "12"
    assert "score" not in a.suppress(rule="calhhs").choices["suppression"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"rule": "cms", "score": 3}, "rule='cms' takes none"),
        ({"score": "12"}, "score='12' must be a number"),
        ({"score": float("nan")}, "must be a number"),
        ({"score": True}, "must be a number"),
        ({"score": {"Monoo": 12}}, "'Monoo', which is no stratum. Did you mean 'Mono'"),
    ],
)
def test_a_score_that_fits_nothing_is_an_error(options: dict[str, Any], said: str) -> None:
    with pytest.raises(tu.InputError, match=said):
        county(**options)


def test_the_screen_passes_eleven_of_twenty_thousand_and_one() -> None:
    x = np.array([0, 10, 11, 11, np.nan])
    n = np.array([10, 30_000, 20_000, 20_001, 30_000])
    assert tu.measures.passes_screen(x, n).tolist() == [True, False, False, True, False]
