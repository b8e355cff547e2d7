"""What several releases, taken together, give away: found by hand, and closed."""

from __future__ import annotations

import itertools
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import LinearConstraint, milp

import targeted_universalism as tu
from make import HALF, counts, hidden, records, some_of
from targeted_universalism.privacy.keys import rows_of
from targeted_universalism.privacy.releases import SHARED, together

Rows = list[tuple[Any, ...]]


def table(rows: Rows, columns: str, /, **options: Any) -> tu.Assessment:
    """Assess rows of labels, events and people."""
    names = columns.split()
    options = {"segments": names[-1], "by": names[:-1] or None, **options}
    return tu.assess(counts(pd.DataFrame(rows, columns=[*names, "x", "n"]), **options), HALF)


def passes(*public: tu.Assessment) -> bool:
    return bool(tu.audit(*public)["passes"].all())


COUNTIES = [
    ("Alpine", "A", 60, 186), ("Alpine", "B", 88, 221), ("Alpine", "C", 74, 189),
    ("Inyo", "A", 5, 168), ("Inyo", "B", 66, 166), ("Inyo", "C", 55, 181),
    ("Mono", "A", 49, 124), ("Mono", "B", 71, 178), ("Mono", "C", 84, 212),
]  # fmt: skip
SEXES = [
    ("F", "A", 57, 239), ("M", "A", 57, 239), ("F", "B", 112, 282), ("M", "B", 113, 283),
    ("F", "C", 106, 291), ("M", "C", 107, 291),
]  # fmt: skip


def test_two_tables_that_add_up_to_the_same_unpublished_sum_are_tied_by_it() -> None:
    """114 with the event are in race A by sex; Inyo's 5 would be 114 less Alpine's and Mono's."""
    county, sex = table(COUNTIES, "county race").suppress(), table(SEXES, "sex race").suppress()
    assert hidden(county, "county") == [["Inyo", "A"], ["Inyo", "B"]]
    assert not passes(county, sex)
    assert not passes(sex, county)
    aware = table(COUNTIES, "county race").suppress(published=[sex])
    assert {"Alpine", "Mono"} & {c for c, race in hidden(aware, "county") if race == "A"}
    assert passes(aware, sex)


def test_a_table_told_of_the_other_half_of_a_sum_hides_what_would_complete_it() -> None:
    county = table(COUNTIES, "county race").suppress()
    sex = table(SEXES, "sex race").suppress(published=[county])
    assert "A" in [race for _, race in hidden(sex, "sex")]
    assert passes(county, sex)


CROSSED = [
    ("A", "F", 4, 30), ("A", "M", 40, 90), ("B", "F", 20, 35), ("B", "M", 50, 90),
    ("C", "F", 60, 120), ("C", "M", 70, 150),
]  # fmt: skip
RACES = [("A", 44, 120), ("B", 70, 125), ("C", 130, 270)]


def crossed(**options: Any) -> tu.Assessment:
    rows = pd.DataFrame(CROSSED, columns=["race", "sex", "x", "n"])
    return tu.assess(counts(rows, **{"segments": ["race", "sex", "race*sex"], **options}), HALF)


def test_a_crossing_that_is_told_of_its_margin_hides_a_pair_within_it() -> None:
    race = table(RACES, "race").suppress()
    both = crossed(segments="race*sex").suppress(published=[race])
    assert hidden(both) == ["A × F", "A × M"]
    assert passes(race, both)
    assert not passes(race, crossed(segments="race*sex").suppress())


def test_parts_of_one_assessment_are_tied() -> None:
    a = crossed()
    race, sex, both = (a.where(dimension=name).suppress() for name in ("race", "sex", "race*sex"))
    assert passes(race)
    assert passes(both)
    assert not passes(race, sex, both)
    aware = a.where(dimension="race*sex").suppress(published=[race, sex])
    assert passes(race, sex, aware)
    assert hidden(aware) == hidden(a.suppress())


def test_a_column_is_one_axis_whether_it_is_by_or_a_segment() -> None:
    by = crossed(segments="race", by="sex").suppress()
    segment = crossed(segments="race*sex").suppress(2)
    assert not passes(by, segment)
    aware = crossed(segments="race", by="sex").suppress(published=[table(RACES, "race").suppress()])
    assert hidden(aware, "sex") == [["F", "A"], ["F", "B"], ["M", "A"], ["M", "B"]]


# --- what is the same, and what is not ----------------------------------------------------------

FIVE = [("A", 4, 48), ("B", 30, 50), ("C", 85, 95), ("D", 60, 130), ("E", 70, 140)]


def test_one_revised_cell_does_not_untie_the_others() -> None:
    first = table(FIVE, "race").suppress()
    again = table([*FIVE[:4], ("E", 71, 140)], "race").suppress(2)
    found = tu.audit(first, again)
    assert found[~found["passes"]][["segment", "low"]].to_numpy().tolist() == [
        ["A", 48], ["A", 4], ["A", 44], ["C", 95], ["C", 85], ["C", 10],
    ]  # fmt: skip


def test_tables_of_other_people_are_not_tied() -> None:
    first = table(FIVE, "race").suppress()
    other = table([(race, x + 17, n + 31) for race, x, n in FIVE], "race").suppress(2)
    assert passes(first, other)


def test_an_event_turned_round_is_tied() -> None:
    first = table(FIVE, "race").suppress()
    turned = table([(race, n - x, n) for race, x, n in FIVE], "race").suppress(2)
    assert not passes(first, turned)
    found = tu.audit(first, turned).query("segment == 'A'")
    assert found[["quantity", "low", "high"]].to_numpy().tolist() == [
        ["people", 48, 48], ["events", 4, 4], ["people without the event", 44, 44],
    ]  # fmt: skip


def test_an_indicator_that_one_table_names_is_tied() -> None:
    first = table(FIVE, "race").suppress()
    rows = pd.DataFrame(FIVE, columns=["race", "x", "n"]).assign(what="graduated")
    named = tu.assess(counts(rows, indicator="what"), {"graduated": HALF}).suppress(2)
    assert not passes(first, named)
    assert not passes(named, first)
    other = rows.assign(x=rows["n"] // 3)
    apart = tu.assess(counts(other, indicator="what"), {"graduated": HALF}).suppress(2)
    assert passes(first.where(dimension="race"), apart) == passes(first)


# --- groups that overlap ------------------------------------------------------------------------


def flagged(rows: Rows) -> tu.Assessment:
    """Assess records: race, flag, people, events."""
    parts = [
        pd.DataFrame({"race": race, "fa": flag, "y": [1] * x + [0] * (n - x)})
        for race, flag, n, x in rows
    ]
    splits = ["race", tu.overlapping(["fa"], name="prog")]
    return tu.assess(records(pd.concat(parts), segments=splits, cross=2), HALF)


OVERLAPPING = [
    ("r0", 0, 50, 2), ("r0", 1, 40, 4), ("r1", 0, 140, 2), ("r1", 1, 60, 18), ("r2", 0, 25, 0),
    ("r2", 1, 75, 30), ("r3", 0, 250, 100), ("r3", 1, 250, 100),
]  # fmt: skip


@pytest.mark.parametrize(
    "rows",
    [
        OVERLAPPING,
        [
            ("r0", 0, 30, 6),
            ("r0", 1, 50, 0),
            ("r1", 0, 40, 15),
            ("r1", 1, 60, 30),
            ("r2", 1, 75, 30),
        ],
    ],
)
def test_a_part_of_an_overlapping_group_is_no_more_than_the_group(rows: Rows) -> None:
    """Ranges by trying every count of the two hidden races and of their parts."""
    public = flagged(rows).suppress()
    found = tu.audit(public)
    assert found["passes"].all()
    for quantity, low, high in by_trying(public):
        of = found[(found["dimension"] == "race") & (found["quantity"] == quantity)]
        assert of["low"].tolist() == low
        assert of["high"].tolist() == high


def by_trying(public: tu.Assessment) -> list[tuple[str, list[float], list[float]]]:
    """Find the ranges of events and of the rest of hidden races, each for itself."""
    t = public.table.set_index("segment")
    t["rest"] = t["population"] - t["events"]
    races = [s for s in t.index if s.startswith("r") and "×" not in s]
    one, other = [r for r in races if t["status"][r] == "suppressed"]
    out = []
    for quantity, column in (("events", "events"), ("people without the event", "rest")):
        v = t[column]
        both = int(v["All"] - v[[r for r in races if r not in (one, other)]].sum())
        parts = [f"{r} × fa" for r in races if f"{r} × fa" in t.index]
        dark = [p for p in parts if np.isnan(v[p])]
        together = int(v["fa"] - v[[p for p in parts if p not in dark]].sum())
        fits = []
        for x in range(both + 1):
            at = {one: x, other: both - x}
            ways = itertools.product(range(together + 1), repeat=len(dark))
            known = [(p.split(" × ")[0], v[p]) for p in parts if p not in dark]
            if all(at.get(r, v[r]) >= part for r, part in known) and any(
                sum(way) == together
                and all(
                    at.get(p.split(" × ")[0], v[p.split(" × ")[0]]) >= k
                    for p, k in zip(dark, way, strict=True)
                )
                for way in ways
            ):
                fits.append(x)
        low, high = min(fits), max(fits)
        out.append((quantity, [low, both - high], [high, both - low]))
    return out


def test_people_that_another_indicator_shows_are_hidden_there_too() -> None:
    """38 people, 12 of r0 shown under i2 and 11 of r2 under i0, would leave 15 for r3."""
    rows = [(race, what, 0, 0) for race in ("r1", "r4") for what in ("i0", "i1", "i2")]
    rows += [
        ("r0", "i0", 10, 12), ("r2", "i0", 0, 11), ("r3", "i0", 6, 15), ("r0", "i1", 11, 12),
        ("r2", "i1", 0, 11), ("r3", "i1", 3, 15), ("r0", "i2", 0, 12), ("r2", "i2", 3, 11),
        ("r3", "i2", 4, 15),
    ]  # fmt: skip
    data = pd.DataFrame(rows, columns=["race", "what", "x", "n"])
    made = counts(data, indicator="what", kind="rate")
    goal = tu.Goal.at_least(0.5, per=1)
    public = tu.assess(made, {f"i{k}": goal for k in range(3)}).suppress()
    assert passes(public)
    shown = public.table.dropna(subset=["population"]).drop_duplicates("segment")
    people = shown.set_index("segment")["population"]
    assert not {"All", "r0", "r2"} <= set(people.index)


# --- a census knows the people of every group ---------------------------------------------------

TWO = [("c0", "r0", 0, 37), ("c0", "r1", 1, 2), ("c1", "r0", 19, 61), ("c1", "r1", 53, 86)]
STATE = [("r0", 19, 98), ("r1", 54, 88)]


def test_the_audit_knows_the_people_of_hidden_groups_where_it_is_given_a_census() -> None:
    """c0 has 21 events, 2 people of r1: of 54 events of r1, 33 to 54 or 52 to 54 are in c1."""
    private = table([("c0", "r0", 20, 37), *TWO[1:]], "county race")
    state = table([("r0", 39, 98), ("r1", 54, 88)], "race").suppress(5)
    public = private.suppress(54)
    of = "county == 'c1' and segment == 'r1' and quantity == 'events'"
    alone = tu.audit(public, state).query(of)
    assert alone[["low", "high"]].to_numpy().tolist() == [[33, 54]]
    for census in (private, private.segments, [private]):
        found = tu.audit(public, state, census=census).query(of)
        assert found[["low", "high", "passes"]].to_numpy().tolist() == [[52, 54, False]]


@pytest.mark.parametrize("beside", [{"sums_over": "county"}, {"published": True}])
def test_what_nothing_can_protect_from_a_census_stops_with_its_name(beside: Any) -> None:
    if "published" in beside:
        beside = {"published": [table(STATE, "race").suppress(zeros="hide")]}
    with pytest.raises(tu.InputError, match=r"county 'c1', race 'r1' \(events\)"):
        table(TWO, "county race").suppress(zeros="hide", **beside)


EARLIER = [
    ("c0", "r0", 18, 33), ("c0", "r1", 65, 115), ("c0", "r2", 7, 23), ("c1", "r0", 0, 111),
    ("c1", "r1", 7, 11), ("c1", "r2", 12, 44), ("c2", "r0", 11, 21), ("c2", "r1", 1, 1),
    ("c2", "r2", 11, 22),
]  # fmt: skip


@pytest.mark.parametrize("counted", [False, True])
def test_what_an_earlier_release_hides_is_kept_from_a_census(counted: bool) -> None:
    """c2 has one person of r1, so that 8 of 12 in c1 and c2 would leave 7 or 8 of 11 in c1."""
    private = table(EARLIER, "county race")
    county = private.suppress(5)
    sums = pd.DataFrame(EARLIER, columns=["county", "race", "x", "n"])
    whole = sums.groupby("race", as_index=False)[["x", "n"]].sum()
    told = {"census": private} if counted else {}
    state = tu.assess(counts(whole), HALF).suppress(5, published=[county], **told)
    assert "r1" in hidden(state)
    assert tu.audit(county, state, census=private)["passes"].all()
    assert not tu.audit(county, tu.assess(counts(whole), HALF).suppress(5), census=private)[
        "passes"
    ].all()


def test_a_census_is_segments_or_assessments() -> None:
    public = table(FIVE, "race").suppress()
    with pytest.raises(TypeError, match="census= takes segments or assessments, not DataFrame"):
        tu.audit(public, census=[public.table])
    with pytest.raises(TypeError, match="census="):
        tu.audit(public, census=3)  # type: ignore[arg-type]


# --- what intervals and weighted sums tell --------------------------------------------------------

NO_INTERVAL = "no interval: it would tell of hidden parts"


def estimated(data: dict[str, Any], **options: Any) -> tu.Assessment:
    rows = pd.DataFrame({"race": list("ABCDEFGH")[: len(data["rate"])], **data})
    made = tu.from_estimates(
        rows, estimate="rate", segments="race", kind="proportion", population="pop", **options
    )
    return tu.assess(made, HALF)


def test_the_interval_of_a_total_with_hidden_parts_is_withheld() -> None:
    """Σw²se² of all, less that of the shown, would single out 7 and 60 events of 90 and 140."""
    n = np.array([90, 140, 500, 700])
    p = np.array([7, 60, 300, 420]) / n
    public = estimated({"rate": p, "se": np.sqrt(p * (1 - p) / n), "pop": n}, se="se").suppress()
    found = public.table.set_index("segment")
    assert hidden(public) == ["A", "B"]
    assert found["ci_low"].isna().tolist() == [True, True, True, False, False]
    assert found["rate"]["All"] == pytest.approx(787 / 1430)
    assert NO_INTERVAL in found["reason"]["All"]
    assert found["status"]["All"] == "uncertain"
    assert passes(public)


def test_the_interval_of_a_declared_total_is_its_own() -> None:
    rows = {"rate": [0.07, 0.45, 0.6, 0.6], "se": [0.02] * 4, "pop": [90, 140, 500, 700]}
    data = pd.DataFrame({"race": list("ABCD"), **rows})
    total = pd.DataFrame({"race": ["All"], "rate": [0.55], "se": [0.011], "pop": [1430]})
    made = tu.from_estimates(
        pd.concat([total, data]), estimate="rate", se="se", segments="race", kind="proportion",
        population="pop", total="All",
    )  # fmt: skip
    public = tu.assess(made, HALF).suppress()
    assert hidden(public) == ["A", "B"]
    assert public.table["ci_low"].notna().tolist() == [True, False, False, True, True]
    assert passes(public)


def test_the_people_asked_of_a_total_with_hidden_parts_are_withheld() -> None:
    """207 less 200 would leave 1 to 6 for each of two samples."""
    data = {"rate": [0.3, 0.4, 0.5], "pop": [5000, 6000, 90000], "n": [4, 3, 200]}
    found = estimated(data, n="n").suppress().table.set_index("segment")
    assert found["n"].isna().tolist() == [True, True, True, False]
    assert found["population"]["All"] == 101_000


def repeated(**options: Any) -> tu.Assessment:
    """Assess people with up to four events each; few of race A have any."""
    rng = np.random.default_rng(1)
    rows = pd.DataFrame({"race": np.repeat(list("ABC"), [30, 80, 200])})
    rows["sex"] = np.where(rng.random(310) < 0.5, "F", "M")
    rows["y"] = np.where(rng.random(310) < 0.2, rng.integers(1, 5, 310), 0)
    rows.loc[rows["race"] == "A", "y"] = [3, 2] + [0] * 28
    made = records(rows, **{"kind": "rate", **options})
    return tu.assess(made, tu.Goal.at_most(1, per=1))


def test_squares_of_repeated_events_are_not_told_by_a_total() -> None:
    public = repeated().suppress()
    t = public.table.set_index("segment")
    assert hidden(public) == ["A", "B"]
    assert t["ci_low"].isna().tolist() == [True, True, True, False]
    assert NO_INTERVAL in t["reason"]["All"]
    assert passes(public)


def test_few_events_of_a_rate_without_a_population_are_hidden() -> None:
    """A tenth of 40 people asked is 4 events, whatever the population is."""
    rows = pd.DataFrame({"race": list("ABC"), "rate": [0.1, 0.4, 0.5], "n": [40, 300, 200]})
    made = tu.from_estimates(rows, estimate="rate", kind="proportion", n="n", segments="race")
    assert "A" in hidden(tu.assess(made, HALF).suppress())


def test_a_second_partition_does_not_bring_the_interval_back() -> None:
    """Σy² of the total is the sum over the other dimension's segments too."""
    public = repeated(segments=["race", "sex"]).suppress()
    told = public.table.set_index("segment")["ci_low"].notna()
    assert hidden(public) == ["A", "B"]
    assert not (told["C"] and (told["All"] or (told["F"] and told["M"])))
    assert told.sum() == 3
    assert passes(public)


def test_intervals_of_two_releases_that_were_not_told_of_each_other_fail() -> None:
    private = repeated(segments=["race", "sex"])
    race, sex = (private.where(dimension=name).suppress() for name in ("race", "sex"))
    assert passes(race)
    assert passes(sex)
    assert not passes(race, sex)
    aware = private.where(dimension="sex").suppress(published=[race])
    assert passes(race, aware)


def weighted(n: dict[str, int], x: dict[str, int], people: dict[str, int]) -> tu.Assessment:
    """Assess records whose weights bring every group up to its people."""
    parts = [
        pd.DataFrame({"race": k, "y": [1] * x[k] + [0] * (n[k] - x[k]), "w": people[k] / n[k]})
        for k in n
    ]
    return tu.assess(records(pd.concat(parts), weight="w"), HALF)


N, X = {"A": 40, "B": 55, "C": 300, "D": 400}, {"A": 4, "B": 23, "C": 150, "D": 210}
PEOPLE = {"A": 1733, "B": 2911, "C": 21007, "D": 30211}


@pytest.mark.parametrize("small", [1733, 5_000, 17_330])
def test_weighted_sums_of_a_total_leave_hidden_counts_as_open_as_counts(small: int) -> None:
    """Somebody who knows everybody's weight and every group's size tries all counts."""
    people = {**PEOPLE, "A": small}
    public = weighted(N, X, people).suppress()
    t = public.table.set_index("segment")
    assert hidden(public) == ["A", "B"]
    assert t["ci_low"].isna()["All"]
    assert "rounded" in t["reason"]["All"]
    exact = sum(people[k] * X[k] / N[k] for k in N)
    total, shown = t["events"]["All"], t["events"]["C"] + t["events"]["D"]
    assert 0 < abs(total - exact) < 0.1 * exact
    units = [k * 10.0**power for power in range(9) for k in (1, 2, 5)]
    step = max(unit for unit in units if total % unit == 0)
    fits = [
        (i, j) for i in range(N["A"] + 1) for j in range(N["B"] + 1)
        if abs(i * small / N["A"] + j * people["B"] / N["B"] + shown - total) <= step / 2
    ]  # fmt: skip
    for at, size in ((0, N["A"]), (1, N["B"])):
        values = {fit[at] for fit in fits}
        assert len(values) >= 5
        assert max(values) > 10 or 0 in values
        assert size - min(values) > 10
    assert passes(public)


def test_a_total_that_would_have_to_be_rounded_beyond_use_is_hidden() -> None:
    """A speaks for nearly everybody: any total tells of its 4 people with the event."""
    public = weighted(N, X, {**PEOPLE, "A": 900_000}).suppress()
    assert "All" in hidden(public)
    assert passes(public)


def test_equal_weights_tell_no_more_than_rows() -> None:
    public = weighted(N, X, {k: 7 * n for k, n in N.items()}).suppress()
    t = public.table.set_index("segment")
    assert t["events"]["All"] == 7 * sum(X.values())
    assert "rounded" not in t["reason"]["All"]


# --- indicators that are tied by their meaning ----------------------------------------------------


def staged(rows: Rows, *names: str) -> tu.Assessment:
    data = pd.DataFrame(rows, columns=["race", "what", "x", "n"])
    return tu.assess(counts(data, indicator="what"), dict.fromkeys(names, HALF))


CHAIN = [
    row
    for race, n, x, y in [
        ("A", 400, 5, 2), ("B", 300, 30, 15), ("C", 250, 60, 30), ("D", 260, 70, 33)
    ]
    for row in [(race, "substantiated", x, n), (race, "removed", y, x)]
]  # fmt: skip


def test_people_of_a_stage_are_the_events_of_the_one_before_where_it_is_declared() -> None:
    """165 substantiated, less 30, 70 and the 60 people of `removed`, would be A's 5."""
    a = staged(CHAIN, "substantiated", "removed")
    public = a.suppress(same_people={"substantiated": "removed"})
    t = public.table.set_index(["indicator", "segment"])
    events = t["events"]["substantiated"].fillna(t["population"]["removed"])
    assert events[["B", "C", "D"]].isna().any()
    assert passes(public)
    assert public.choices["suppression"]["same_people"] == (("substantiated", "removed"),)


# Race, people, events, events of the next stage. What is shown of the two stages looks as if they
# were of the same people: nobody is there, or all of a group had the first event.
LOOKALIKES = [
    [("A", 0, 0, 0), ("B", 23, 17, 3)],
    [("A", 80, 80, 40), ("B", 40, 33, 20), ("C", 60, 30, 15)],
    [("A", 80, 80, 40), ("B", 40, 33, 20)],
]


@pytest.mark.parametrize("groups", LOOKALIKES)
def test_stages_are_not_taken_to_be_of_the_same_people_for_what_is_shown(
    groups: list[tuple[str, int, int, int]],
) -> None:
    rows = [
        row
        for race, n, x, y in groups
        for row in [(race, "substantiated", x, n), (race, "removed", y, x)]
    ]
    a = staged(rows, "substantiated", "removed")
    found = tu.audit(a.suppress(same_people={"substantiated": "removed"}))
    assert found["passes"].all()
    counts = a.table.set_index(["indicator", "segment"])
    for row in found.astype(object).to_dict("records"):
        people, events = counts.loc[(row["indicator"], row["segment"]), ["n", "events"]]
        true = {"people": people, "events": events}.get(row["quantity"], people - events)
        assert row["low"] <= true
        assert pd.isna(row["high"]) or row["high"] >= true


OUTCOMES = [
    (race, what, x, n)
    for race, n, each in [
        ("A", 200, (100, 80, 20)), ("B", 300, (150, 140, 10)), ("C", 250, (120, 110, 20)),
        ("D", 260, (120, 110, 30)),
    ]
    for what, x in zip(("graduated", "enrolled", "left"), each, strict=True)
]  # fmt: skip


def test_outcomes_that_make_up_a_cohort_are_tied_where_it_is_declared() -> None:
    """300 people of B, less 150 and 140, would be the 10 who left."""
    names = ("graduated", "enrolled", "left")
    public = staged(OUTCOMES, *names).suppress(adds_to=names)
    t = public.table.set_index(["indicator", "segment"])["events"]
    assert t[[("graduated", "B"), ("enrolled", "B")]].isna().any()
    assert passes(public)
    alone = staged(OUTCOMES, *names).suppress()
    assert alone.table.set_index(["indicator", "segment"])["events"]["graduated"]["B"] == 150


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"same_people": {"substantiated": "remove"}}, "same_people= names 'remove'.*'removed'"),
        ({"adds_to": ["removed"]}, "adds_to= needs two outcomes"),
        ({"adds_to": [["removed", "other"]]}, "adds_to= names 'other'"),
        ({"same_people": {"removed": "substantiated"}}, "does not hold in any cell"),
    ],
)
def test_a_declared_tie_is_checked(options: dict[str, Any], said: str) -> None:
    with pytest.raises(tu.InputError, match=said):
        staged(CHAIN, "substantiated", "removed").suppress(**options)


# --- the audit explains itself, and the log is private --------------------------------------------


def test_the_audit_writes_down_the_published_numbers_that_give_a_count_away() -> None:
    county, sex = table(COUNTIES, "county race").suppress(), table(SEXES, "sex race").suppress()
    found = tu.audit(county, sex).query("segment == 'A' and quantity == 'events'")
    assert found["reason"].tolist() == ["5 = 114 (A) − 60 (Alpine, A) − 49 (Mono, A)"]
    race, both = (crossed().where(dimension=name).suppress() for name in ("race", "race*sex"))
    found = tu.audit(race, both).query("segment == 'A × F' and quantity == 'events'")
    assert found["reason"].tolist() == ["4 = 44 (A) − 40 (A × M)"]


def test_the_audit_says_what_a_missing_end_means() -> None:
    rows = pd.DataFrame({"race": ["A", "B"], "x": [1, 2], "n": [20, 30]})
    found = tu.audit(tu.assess(counts(rows), HALF).suppress())
    assert found["high"].isna().all()
    assert found["passes"].all()
    assert set(found["reason"]) == {"passes: nothing that is published bounds it from above"}


def test_what_could_not_be_tied_is_said() -> None:
    first = table(FIVE, "race").suppress()
    revised = [(race, x + 2, n + 2) if race in "BDE" else (race, x, n) for race, x, n in FIVE]
    found = tu.audit(first, table(revised, "race").suppress())
    assert any("not tied" in reason for reason in found["reason"])


def test_the_log_tells_what_is_small_and_what_is_hidden_beside_it() -> None:
    private = table(FIVE, "race")
    public = private.suppress()
    log = private.suppression_log(public)
    assert log[["segment", "events", "why"]].to_numpy().tolist() == [
        ["A", 4, "small: events"], ["C", 85, "small: people without the event"],
    ]  # fmt: skip
    county = table(COUNTIES, "county race")
    assert county.suppression_log(county.suppress())["why"].tolist() == [
        "small: events", "complement",
    ]  # fmt: skip
    with pytest.raises(tu.InputError, match="this one is public"):
        public.suppression_log(public)
    with pytest.raises(tu.InputError, match="other segments or strata"):
        private.suppression_log(county.suppress())


def test_public_choices_show_no_small_count() -> None:
    """Three people have no known outcome."""
    rows = pd.DataFrame({"race": ["A"] * 40 + ["B"] * 60, "y": [1, 0] * 48 + [1] + [np.nan] * 3})
    a = tu.assess(records(rows), HALF)
    assert a.choices["dropped"] == 3
    assert a.suppress().choices["dropped"] == "fewer than 11"
    assert a.suppress(3).choices["dropped"] == 3


@pytest.mark.parametrize("weight", [None, "w"])
def test_scores_of_nothing_but_0_and_1_are_no_mean(weight: str | None) -> None:
    rows = pd.DataFrame({"race": ["A"] * 5 + ["B"] * 5, "y": [0, 1] * 5, "w": np.arange(1, 11.0)})
    with pytest.raises(tu.InputError, match="nothing but 0 and 1: say kind='proportion'"):
        records(rows, kind="mean", weight=weight)
    records(rows.assign(y=rows["y"] * 2), kind="mean", weight=weight)
    records(rows.assign(y=0), kind="mean", weight=weight)


# --- means: nobody's value makes up most of a sum -------------------------------------------------


def scored(**values: Any) -> tu.Assessment:
    parts = [pd.DataFrame({"race": k, "y": np.asarray(v, dtype=float)}) for k, v in values.items()]
    return tu.assess(records(pd.concat(parts), kind="mean"), tu.Goal.at_least(50, per=1))


def test_the_value_of_one_person_does_not_follow_from_means() -> None:
    """13 hidden people would have 91,266 together, 90,000 of them one person's."""
    rich = scored(A=[90_000], B=range(100, 112), C=range(200))
    public = rich.suppress()
    t = public.table.set_index("segment")
    both = t.loc["All"] if t["status"]["All"] != "suppressed" else None
    shown = [k for k in "ABC" if t["status"][k] != "suppressed"]
    if both is not None:
        left = both["rate"] * both["n"] - sum(t["rate"][k] * t["n"][k] for k in shown)
        assert left - 90_000 > 0.15 * 90_000
    assert "A" in hidden(public)


def test_a_group_that_one_person_dominates_is_hidden_however_large() -> None:
    private = scored(A=[100_000, *[10] * 40], B=[50.0] * 60, C=range(20, 120))
    public = private.suppress()
    assert "A" in hidden(public)
    why = private.suppression_log(public).set_index("segment")["why"]
    assert why["A"] == "dominated: one person may make up most of the sum"


def test_means_of_ordinary_values_stay_shown() -> None:
    rng = np.random.default_rng(3)
    incomes = {k: rng.lognormal(10, 0.8, n) for k, n in (("A", 40), ("B", 80), ("C", 300))}
    assert hidden(scored(**incomes).suppress()) == []
    signed = {k: rng.normal(0, 1, n) for k, n in (("A", 40), ("B", 80))}
    assert hidden(scored(**signed).suppress()) == []


# --- what one release tells by itself, and what a census tells without any ----------------------

AGES = [
    ("young", "A", "F", 0, 0), ("young", "A", "M", 0, 6), ("young", "B", "F", 0, 0),
    ("young", "B", "M", 20, 60), ("old", "B", "M", 19, 29),
]  # fmt: skip
SHORT = [
    ("A", "M", "young", 9, 23), ("B", "F", "young", 20, 70), ("B", "F", "old", 5, 106),
    ("B", "M", "old", 4, 12),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "columns", "options", "beside"),
    [
        (AGES, "age race sex", {"minimum": 5, "zeros": "hide"}, ["A × young", "B × young"]),
        (SHORT, "race sex age", {"width": 8}, ["F × young", "F × old"]),
    ],
)
def test_crossings_of_one_release_are_tied_by_the_margin_that_neither_publishes(
    rows: Rows, columns: str, options: dict[str, Any], beside: list[str]
) -> None:
    """A × young would be the 66 young of both sexes less 60, F × old all 176 of F less 70."""
    frame = pd.DataFrame(rows, columns=[*columns.split(), "x", "n"])
    pair = ["race*age", "sex*age"] if rows is AGES else ["race*sex", "sex*age"]
    public = tu.assess(counts(frame, segments=pair), HALF).suppress(**options)
    assert set(beside) <= set(hidden(public))
    assert tu.audit(public, width=options.get("width", 5))["passes"].all()


def test_rows_that_nobody_publishes_are_made_of_crossings_alone() -> None:
    def unpublished(a: tu.Assessment) -> int:
        rows = rows_of(a.segments.index.dimensions)
        return len(rows.keys) - rows.published

    assert unpublished(table(RACES, "race")) == 0
    assert unpublished(crossed()) == 0
    assert unpublished(crossed(segments="race*sex")) == 0
    frame = pd.DataFrame(AGES, columns=["age", "race", "sex", "x", "n"])
    pair = tu.assess(counts(frame, segments=["race*age", "sex*age"]), HALF)
    assert unpublished(pair) == 2


def test_what_is_lost_of_an_earlier_release_is_named_where_a_census_is_given() -> None:
    private = table(TWO, "county race")
    earlier = table([("r0", 19, 98), ("r1", 54, 88)], "race").suppress(zeros="hide")
    with pytest.raises(tu.InputError, match=r"county 'c1', race 'r1' \(events\)"):
        private.suppress(zeros="hide", published=[earlier], census=[private, private])


def test_a_group_too_small_to_show_passes_where_only_the_census_narrows_it() -> None:
    """All of 0 to 4 are left of 4 people: whoever counts people knows that without any table."""
    rows: Rows = [("A", 1, 4), ("B", 20, 45), ("C", 30, 70)]
    private = table(rows, "race")
    public = private.suppress(zeros="hide")
    found = tu.audit(public, census=private)
    few = found.query("segment == 'A' and quantity == 'events'")
    assert few[["low", "high", "possible_values"]].to_numpy().tolist() == [[0, 4, 5]]
    assert found["passes"].all()


def test_a_group_too_small_to_show_fails_where_a_table_tells_that_it_has_an_event() -> None:
    """Of 21 with the event at most 20 are in B: one at least of the 4 people of A has it."""
    private = table([("A", 1, 4), ("B", 20, 20), ("C", 30, 70)], "race")
    public = private.suppress(5, zeros="hide")
    other = table([("C", 30, 70), ("A or B", 21, 24)], "race").suppress(1)
    found = tu.audit(public, other, width=1, census=private)
    few = found.query("segment == 'A' and quantity == 'events'")
    assert few[["low", "high", "passes"]].to_numpy().tolist() == [[1, 4, False]]


# --- parts by where ------------------------------------------------------------------------------

THREE = [
    ("Alpine", "A", 21, 36), ("Alpine", "B", 40, 190), ("Inyo", "A", 7, 11), ("Inyo", "B", 0, 0),
    ("Mono", "A", 0, 0), ("Mono", "B", 9, 12),
]  # fmt: skip


def rolled(rows: Rows) -> tu.Assessment:
    """Assess counties and the State that they make up."""
    return tu.assess(table(rows, "county race").segments, HALF, rollup=True)


def parts_of_a_state(told: bool) -> tuple[tu.Assessment, list[tu.Assessment]]:
    """Publish a State, then two of its counties, told of the State or not."""
    a = rolled(THREE)
    public: list[tu.Assessment] = []
    for part in ({"rollup": True}, {"county": ["Alpine", "Inyo"]}):
        before = {"published": [*public], "census": [a]} if told else {}
        public.append(a.where(**part).suppress(**before))
    return a, public


def test_counties_that_leave_nobody_of_a_state_are_tied_to_it() -> None:
    """All 47 of A are in Alpine and Inyo: Inyo's 7 are the State's 28 less Alpine's 21."""
    a, public = parts_of_a_state(told=False)
    found = tu.audit(*public, census=a).query("quantity == 'events' and segment == 'A'")
    assert found[["county", "low", "high", "passes"]].to_numpy().tolist() == [["Inyo", 7, 7, False]]
    a, public = parts_of_a_state(told=True)
    assert ["Alpine", "A"] in hidden(public[1], "county")
    assert tu.audit(*public, census=a)["passes"].all()


WHOLE = [
    ("Alpine", "A", 12, 28), ("Alpine", "B", 46, 83), ("Alpine", "C", 25, 46),
    ("Inyo", "A", 139, 371), ("Inyo", "B", 12, 300), ("Inyo", "C", 8, 31),
    ("Mono", "A", 5, 41), ("Mono", "B", 19, 86), ("Mono", "C", 2, 96),
]  # fmt: skip


def test_parts_in_several_tables_that_make_up_a_state_are_tied_to_it() -> None:
    """Of 156 in A, 12 are in Alpine and 139 in Inyo; Mono is published last, and by itself."""
    a = rolled(WHOLE)
    state = a.where(rollup=True).suppress()
    two = a.where(county=["Alpine", "Inyo"]).suppress(published=[state])
    mono = a.where(county="Mono")
    with pytest.raises(tu.InputError, match="county 'Mono', race 'A'"):
        mono.suppress(published=[state, two])
    found = tu.audit(state, two, mono.suppress()).query("county == 'Mono' and quantity == 'events'")
    assert found.query("segment == 'A'")[["low", "high", "passes"]].to_numpy().tolist() == [
        [5, 5, False]
    ]


def test_a_part_by_itself_leaves_a_rest_of_which_nothing_is_known() -> None:
    """Mono's 5 of A are among the State's 156: no more is told of them."""
    a = rolled(WHOLE)
    state, mono = a.where(rollup=True).suppress(), a.where(county="Mono").suppress()
    assert passes(state, mono)
    found = tu.audit(state, mono)
    assert (found["high"] <= 223).all()


def test_parts_of_another_time_are_not_tied() -> None:
    """The counties have more people than the State: they are no parts of it."""
    a = rolled(WHOLE)
    later = [(county, race, x, 2 * n) for county, race, x, n in WHOLE]
    two = table(later, "county race").where(county=["Alpine", "Inyo"]).suppress()
    state = a.where(rollup=True).suppress()
    found, alone = tu.audit(state, two), tu.audit(two)
    columns = ["county", "segment", "quantity", "low", "high"]
    pd.testing.assert_frame_equal(found[columns], alone[columns], check_dtype=False)


# --- suppress() and its own audit ----------------------------------------------------------------


@pytest.mark.parametrize("seed", some_of(range(6), 0))
def test_releases_told_of_each_other_pass_the_audit_with_a_census(seed: int) -> None:
    random = np.random.default_rng([12, seed])
    cells = [
        (county, race, sex, int(x), int(n))
        for county, race, sex in itertools.product("cde", "rst", "FM")
        for n in [random.choice([0, 2, 6, 15, 40, 120])]
        for x in [random.binomial(n, 0.4)]
    ]
    frame = pd.DataFrame(cells, columns=["county", "race", "sex", "x", "n"])
    published: list[tu.Assessment] = []
    private: list[tu.Assessment] = []
    for names, segments, by in (
        (["county", "race"], "race", "county"),
        (["sex", "county"], "sex*county", None),
        (["race", "sex"], ["race", "sex", "race*sex"], None),
    ):
        summed = frame.groupby(names, as_index=False)[["x", "n"]].sum()
        a = tu.assess(counts(summed, segments=segments, by=by), HALF)
        try:
            public = a.suppress(published=published, census=private)
        except tu.InputError:
            continue
        published.append(public)
        assert tu.audit(*published, census=private)["passes"].all()
        private.append(a)
        assert tu.audit(*published, census=private)["passes"].all()
    assert published


# --- what is measured -----------------------------------------------------------------------------

TEN = tu.Definition(numerator="absent on 10 % of days")
FIFTEEN = tu.Definition(numerator="absent on 15 % of days")


def made(rows: Rows, columns: str, name: str, definition: tu.Definition | None) -> tu.Segments:
    """Make segments of an indicator that a column names."""
    names = columns.split()
    data = pd.DataFrame(rows, columns=[*names, "x", "n"]).assign(what=name)
    options: dict[str, Any] = {} if definition is None else {"definition": {name: definition}}
    return counts(data, indicator="what", segments=names[-1], by=names[:-1] or None, **options)


@cache
def absent_in_counties() -> list[tu.Assessment]:
    return [
        tu.assess(made(rows, "county race", "absent", TEN), {"absent": HALF}).suppress()
        for rows in (WHOLE[:6], WHOLE[6:])
    ]


@pytest.mark.parametrize(
    ("name", "definition", "tied"),
    [
        ("absent", TEN, True), ("absent", None, True), ("absent", FIFTEEN, False),
        ("away", TEN, True), ("away", None, False), ("away", FIFTEEN, False),
    ],
)  # fmt: skip
def test_what_is_measured_is_one_by_its_name_unless_it_is_defined_otherwise(
    name: str, definition: tu.Definition | None, tied: bool
) -> None:
    """No cell is in two of the tables: words alone tie the State to its counties."""
    state = tu.assess(made(WHOLE, "county race", name, definition), {name: HALF}, rollup=True)
    public = [state.where(rollup=True).suppress(), *absent_in_counties()]
    for order in (public, public[::-1]):
        found = tu.audit(*order).query("county == 'Mono' and segment == 'A'")
        low, high, passing = found.set_index("quantity").loc["events", ["low", "high", "passes"]]
        assert (low == high == 5, not passing) == (tied, tied)


def test_numbers_that_agree_tie_what_is_defined_otherwise() -> None:
    public = [
        tu.assess(made(FIVE, "race", "absent", one), {"absent": HALF}).suppress(minimum)
        for one, minimum in ((TEN, 11), (FIFTEEN, 2))
    ]
    assert not passes(*public)


@pytest.mark.parametrize(
    ("definition", "why"), [(FIFTEEN, "defined otherwise there"), (TEN, "most numbers differ")]
)
def test_the_audit_says_why_tables_are_kept_apart(definition: tu.Definition, why: str) -> None:
    half = [(race, x // 2, n) for race, x, n in FIVE]
    first, second = (
        tu.assess(made(rows, "race", "absent", one), {"absent": HALF}).suppress()
        for rows, one in ((FIVE, TEN), (half, definition))
    )
    assert any(why in reason for reason in tu.audit(first, second)["reason"])


# --- crossings in a ring ------------------------------------------------------------------------

PAIRS = ("race*sex", "race*age", "sex*age")


def cube(seed: int) -> pd.DataFrame:
    """Draw people and events of two races by two sexes by two ages, few and many."""
    rng = np.random.default_rng(seed)
    labels = list(itertools.product(["r0", "r1"], ["s0", "s1"], ["a0", "a1"]))
    rows = pd.DataFrame(labels, columns=["race", "sex", "age"])
    rows["n"] = rng.choice([6, 20, 60], 8) + rng.integers(0, 6, 8)
    return rows.assign(x=rng.binomial(rows["n"], rng.choice([0.05, 0.4, 0.95], 8)))


def left_open(rows: pd.DataFrame, shown: pd.DataFrame, wanted: tuple[str, str]) -> list[float]:
    """Find the ends of a crossed cell's events by an integer program over the eight groups.

    Known are the people of every crossed cell, and the events of all together and of what is shown.
    """
    people, events = [], [(np.ones(8), rows["x"].sum())]
    for pair in PAIRS:
        one, other = pair.split("*")
        inside = (rows[one] + " × " + rows[other]).to_numpy()
        for name in np.unique(inside):
            people.append((inside == name, rows["n"][inside == name].sum()))
            found = shown.query("dimension == @pair and segment == @name")["events"]
            events += [(inside == name, value) for value in found if pd.notna(value)]
            if (pair, name) == wanted:
                aim = np.concatenate([np.zeros(8), inside == name])
    nobody = np.zeros(8)
    ties = [np.concatenate([here, nobody]) for here, _ in people]
    ties += [np.concatenate([nobody, here]) for here, _ in events]
    known = np.array([value for _, value in [*people, *events]], dtype=float)
    limits = [
        LinearConstraint(np.array(ties), known, known),
        LinearConstraint(np.hstack([np.eye(8), -np.eye(8)]), 0, np.inf),
    ]
    return [
        float(sign * milp(sign * aim, constraints=limits, integrality=np.ones(16)).fun)
        for sign in (1, -1)
    ]


@pytest.mark.parametrize("seed", some_of(range(3), 0))
def test_crossings_in_a_ring_are_tied_by_the_groups_that_they_share(seed: int) -> None:
    """Each alone is safe; together they are sums of eight groups, of whom none are below 0."""
    rows = cube(seed)
    crossed = [rows.groupby(pair.split("*"), as_index=False)[["x", "n"]].sum() for pair in PAIRS]
    alone = [
        tu.assess(counts(one, segments=pair), HALF)
        for one, pair in zip(crossed, PAIRS, strict=True)
    ]
    public = [a.suppress() for a in alone]
    found = tu.audit(*public, census=alone).query("quantity == 'events'").astype(object)
    shown = pd.concat([one.table.astype(object) for one in public])
    assert len(found)
    for row in found.to_dict("records"):
        ends = left_open(rows, shown, (row["dimension"], row["segment"]))
        assert [row["low"], row["high"]] == ends, row
    told = tu.assess(counts(rows, segments=list(PAIRS)), HALF).suppress(width=8)
    assert tu.audit(told, width=8, census=alone)["passes"].all()


def test_crossings_that_hang_on_a_margin_share_no_more() -> None:
    a = tu.assess(counts(cube(0), segments=["race*sex", "sex*age"]), HALF)
    ringed = tu.assess(counts(cube(0), segments=list(PAIRS)), HALF)
    assert not together([a.segments]).left.any()
    assert (together([ringed.segments]).left == SHARED).sum() == 8
