"""Nothing hidden follows from what is published: an attacker tries, on tables of many shapes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

import targeted_universalism as tu
from make import HALF, fewer, hidden
from targeted_universalism.privacy.complement import Hiding
from targeted_universalism.privacy.equations import Terms
from targeted_universalism.privacy.interior import inner_solution
from targeted_universalism.privacy.primary import few_people_or_events
from targeted_universalism.privacy.releases import together
from targeted_universalism.privacy.rules import Least

RACES, SEXES, COUNTIES, YEARS = "ABCDE", "FM", ("Inyo", "Mono"), (2021, 2022)
QUANTITIES = {"people": "n", "events": "x", "people without the event": "y"}


@st.composite
def shapes(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the shape of a table: what is split, crossed, repeated over and summed."""
    by = draw(st.sampled_from([[], ["county"], ["county", "year"]]))
    splits = [["race"], ["race", "sex"], ["race*sex"], ["race", "sex", "race*sex"]]
    rollup = bool(by) and draw(st.booleans())
    return {
        "segments": draw(st.sampled_from(splits)),
        "by": by or None,
        "rollup": rollup,
        "sums_over": draw(st.sampled_from([(), *[(name,) for name in by]])),
        "zeros": draw(st.sampled_from(["show", "hide"])),
        "kind": draw(st.sampled_from(["proportion", "rate"])),
        "minimum": draw(st.sampled_from([5, 11])),
    }


@st.composite
def counts(draw: st.DrawFn, shape: dict[str, Any]) -> pd.DataFrame:
    """Draw counts for every combination of labels, some of them small, some of nobody."""
    keys: dict[str, Any] = {"race": list(RACES[: draw(st.integers(2, 5))])}
    if any("sex" in name for name in shape["segments"]):
        keys["sex"] = list(SEXES)
    for name in shape["by"] or ():
        keys[name] = {"county": COUNTIES, "year": YEARS}[name]
    rows = pd.MultiIndex.from_product(keys.values(), names=keys).to_frame(index=False)
    seed = draw(st.integers(0, 2**32 - 1))
    typical = draw(st.sampled_from([8, 25, 80, 400]))
    rng = np.random.default_rng(seed)
    people = rng.negative_binomial(1, 1 / (1 + typical), len(rows))
    rows["n"] = np.where(rng.random(len(rows)) < 0.1, 0, people)
    rate = rng.choice([0.0, 0.03, 0.3, 0.6, 1.0], len(rows), p=[0.1, 0.25, 0.3, 0.25, 0.1])
    rows["x"] = rng.binomial(rows["n"], rate)
    return rows


@st.composite
def tables(draw: st.DrawFn) -> tuple[pd.DataFrame, dict[str, Any]]:
    shape = draw(shapes())
    return draw(counts(shape)), shape


def assess(data: pd.DataFrame, shape: Mapping[str, Any]) -> tu.Assessment:
    segments = tu.from_counts(
        data, numerator="x", denominator="n", segments=shape["segments"], by=shape["by"],
        kind=shape["kind"],
    )  # fmt: skip
    return tu.assess(segments, HALF, rollup=shape["rollup"])


def suppress(data: pd.DataFrame, shape: Mapping[str, Any]) -> tu.Assessment:
    return assess(data, shape).suppress(
        shape["minimum"], zeros=shape["zeros"], sums_over=shape["sums_over"]
    )


# --- the audit ----------------------------------------------------------------------------------


@fewer(1, away=2)
@given(made=tables())
def test_no_hidden_count_follows_from_what_is_published(
    made: tuple[pd.DataFrame, dict[str, Any]],
) -> None:
    data, shape = made
    found = tu.audit(suppress(data, shape))
    assert found["passes"].all(), found[~found["passes"]].to_string()


# --- another attacker, written from the table alone ---------------------------------------------


def sums_in(table: pd.DataFrame, by: list[str]) -> Iterator[tuple[int, list[int]]]:
    """Row numbers that add up: to a total, to the parents of a crossing."""
    for _, rows in table.groupby(by or (lambda _: 0), dropna=False, sort=False, observed=True):
        where = {
            frozenset(zip(str(d).split("*"), str(s).split(" × "), strict=True)): i
            for i, d, s in zip(rows.index, rows["dimension"], rows["segment"], strict=True)
        }
        where = {frozenset() if ("total", "All") in key else key: i for key, i in where.items()}
        axes = {frozenset(name for name, _ in key) for key in where}
        for above, below in itertools.permutations(axes, 2):
            if above < below:
                finest = [k for k in where if {n for n, _ in k} == below]
                for key, i in where.items():
                    if {n for n, _ in key} == above:
                        yield i, [where[k] for k in finest if key <= k]


def rolled_up_in(table: pd.DataFrame, by: list[str]) -> Iterator[tuple[int, list[int]]]:
    """Row numbers of a roll-up and of the strata in it."""
    for _, rows in table.groupby(["dimension", "segment"], observed=True):
        together = rows[by].isna().all(axis=1)
        if by and together.any():
            yield rows.index[together][0], list(rows.index[~together])


def worked_out(table: pd.DataFrame, by: list[str], kind: str) -> pd.DataFrame:
    """Range of every hidden count, by whole-number programs over the rows of the table."""
    hidden = np.flatnonzero(table["status"] == "suppressed")
    n, x = table["population"].to_numpy(), table["events"].to_numpy()
    values = {"n": n, "x": x} | ({"y": n - x} if kind == "proportion" else {})
    place = {pair: k for k, pair in enumerate(itertools.product(values, hidden))}
    rows, left = [], []
    for (parent, parts), quantity in itertools.product(
        [*sums_in(table, by), *rolled_up_in(table, by)], values
    ):
        row, total = np.zeros(len(place)), 0.0
        for i, sign in [(parent, -1.0), *((p, 1.0) for p in parts)]:
            if (quantity, i) in place:
                row[place[quantity, i]] += sign
            else:
                total -= sign * values[quantity][i]
        rows.append(row)
        left.append(total)
    for i in hidden if kind == "proportion" else ():
        row = np.zeros(len(place))
        row[[place["x", i], place["y", i], place["n", i]]] = 1, 1, -1
        rows.append(row)
        left.append(0.0)
    limits = LinearConstraint(np.array(rows).reshape(-1, len(place)), left, left)
    least = [float(quantity == "n") for quantity, _ in place]
    out = []
    for (quantity, i), k in place.items():
        ends = []
        for sign in (1.0, -1.0):
            aim = np.zeros(len(place))
            aim[k] = sign
            found = milp(
                aim, constraints=limits, bounds=Bounds(least), integrality=np.ones(len(place))
            )
            ends.append(np.nan if found.x is None else round(found.x[k]))
        out.append((i, quantity, *ends))
    return pd.DataFrame(out, columns=["row", "quantity", "low", "high"])


@fewer(6)
@given(made=tables())
def test_the_audit_finds_the_ranges_that_another_attacker_finds(
    made: tuple[pd.DataFrame, dict[str, Any]],
) -> None:
    data, shape = made
    by = ["county"] if shape["by"] else []
    data = data[data["year"] == 2021] if "year" in data else data
    public = assess(data, {**shape, "by": by or None}).suppress(
        shape["minimum"], zeros=shape["zeros"]
    )
    audited = tu.audit(public).rename(columns={"quantity": "of"})
    keys = [*by, "dimension", "segment"]
    table = public.table.reset_index().rename(columns={"index": "row"})
    found = table[[*keys, "row"]].merge(audited, on=keys)
    found["quantity"] = found["of"].astype(str).map(QUANTITIES)
    if audited.empty:
        return
    theirs = worked_out(public.table, by, shape["kind"])
    both = found.merge(theirs, on=["row", "quantity"], suffixes=("", "_theirs"))
    assert len(both) == len(theirs) == len(found)
    assert both["low"].tolist() == both["low_theirs"].tolist()
    np.testing.assert_array_equal(both["high"], both["high_theirs"])


# --- the audit can fail -------------------------------------------------------------------------


def test_a_table_with_the_primary_rule_alone_does_not_pass(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nothing = np.zeros((len(QUANTITIES), 4), dtype=np.bool_)
    monkeypatch.setattr(Hiding, "hidden", lambda hiding: (hiding.first, nothing))
    rows = pd.DataFrame({"race": ["A", "B", "C"], "x": [40, 4, 30], "n": [90, 50, 70]})
    public = tu.assess(
        tu.from_counts(rows, numerator="x", denominator="n", segments="race"), HALF
    ).suppress()
    found = tu.audit(public)
    assert found["segment"].tolist() == ["B"] * 3
    assert found[["low", "high"]].to_numpy().tolist() == [[50, 50], [4, 4], [46, 46]]
    assert not found["passes"].any()


def test_an_assessment_that_is_not_public_cannot_be_audited() -> None:
    rows = pd.DataFrame({"race": ["A", "B"], "x": [40, 30], "n": [90, 70]})
    segments = tu.from_counts(rows, numerator="x", denominator="n", segments="race")
    private = tu.assess(segments, HALF)
    with pytest.raises(tu.InputError, match=r"a\.suppress"):
        tu.audit(private)
    with pytest.raises(tu.InputError, match="at least one"):
        tu.audit()
    with pytest.raises(TypeError, match="not DataFrame"):
        tu.audit(private.table)
    with pytest.raises(tu.InputError, match="width=0"):
        tu.audit(private.suppress(), width=0)


# --- what is hidden, and what is not ------------------------------------------------------------


@fewer(3)
@given(made=tables())
def test_a_table_with_nothing_small_loses_nothing(made: tuple[pd.DataFrame, Any]) -> None:
    data, shape = made
    data = data.assign(n=data["n"] + 30, x=data["x"] + 11)
    public = assess(data, shape).suppress(11, sums_over=shape["sums_over"])
    assert not (public.table["status"] == "suppressed").any()
    assert tu.audit(public).empty


def one_dimension(**counts: tuple[int, int]) -> list[str]:
    rows = pd.DataFrame(
        {"race": list(counts), "x": [x for x, _ in counts.values()],
         "n": [n for _, n in counts.values()]}
    )  # fmt: skip
    segments = tu.from_counts(rows, numerator="x", denominator="n", segments="race")
    table = tu.assess(segments, HALF).suppress().table
    return table.loc[table["status"] == "suppressed", "segment"].tolist()


def test_the_smallest_group_that_protects_is_hidden_beside_a_small_one() -> None:
    assert one_dimension(A=(40, 90), B=(4, 50), C=(30, 70), D=(60, 120)) == ["B", "C"]


def test_a_group_without_events_does_not_protect_another() -> None:
    assert one_dimension(A=(40, 90), B=(4, 50), C=(0, 20), D=(60, 120)) == ["A", "B"]


def test_hidden_events_add_to_the_minimum_at_least() -> None:
    # 3 and 5 are hidden for themselves; 8 together is a small count too.
    assert one_dimension(A=(3, 60), B=(5, 80), C=(30, 100), D=(90, 300)) == ["A", "B", "C"]


def test_one_more_is_hidden_where_all_are_three_or_fewer() -> None:
    counts = {name: (3, 60 + i) for i, name in enumerate("ABCDE")}
    assert one_dimension(**counts, F=(50, 110), G=(99, 300)) == [*"ABCDEF"]


def test_the_total_is_hidden_where_its_segments_cannot_be_protected_under_it() -> None:
    # Nobody has the event: under a total of 0 every group of it is 0.
    assert one_dimension(A=(0, 5), B=(0, 90), C=(0, 80)) == ["All", "A"]


def test_the_difference_to_an_overlapping_group_is_not_small() -> None:
    rows = pd.DataFrame(
        {"programme": ["All", "meals", "foster"], "x": [90, 88, 30], "n": [200, 195, 60]}
    )
    segments = tu.from_counts(
        rows, numerator="x", denominator="n", segments="programme", total="All", exclusive=False
    )
    found = tu.assess(segments, HALF).suppress().table
    # 5 of 200 get no meals.
    assert found.loc[found["status"] == "suppressed", "segment"].tolist() == ["meals"]


def test_of_two_overlapping_groups_that_nearly_are_one_the_inner_is_hidden() -> None:
    rows = pd.DataFrame({"programme": ["A", "B", "C"], "x": [50, 52, 30], "n": [100, 104, 160]})
    segments = tu.from_counts(
        rows, numerator="x", denominator="n", segments="programme", exclusive=False
    )
    found = tu.assess(segments, HALF).suppress().table
    assert found.loc[found["status"] == "suppressed", "segment"].tolist() == ["A"]


@pytest.mark.parametrize("sums_over", ["state", ("county", "state")])
def test_sums_are_over_columns_of_by(sums_over: Any) -> None:
    rows = pd.DataFrame({"race": ["A"], "x": [40], "n": [90], "county": ["Inyo"]})
    segments = tu.from_counts(rows, numerator="x", denominator="n", segments="race", by="county")
    with pytest.raises(tu.InputError, match=r"sums_over= names 'state'.*'county'"):
        tu.assess(segments, HALF).suppress(sums_over=sums_over)


def test_a_published_sum_over_counties_protects_no_less() -> None:
    data = pd.DataFrame(
        {"county": ["Inyo"] * 3 + ["Mono"] * 3, "race": list("ABC") * 2,
         "x": [4, 40, 30, 50, 60, 70], "n": [50, 90, 70, 200, 300, 400]}
    )  # fmt: skip
    segments = tu.from_counts(data, numerator="x", denominator="n", segments="race", by="county")
    alone = tu.assess(segments, HALF).suppress().table
    summed = tu.assess(segments, HALF).suppress(sums_over="county").table
    assert (alone["status"] == "suppressed").sum() == 2
    hidden = summed[summed["status"] == "suppressed"]
    assert hidden[["county", "segment"]].to_numpy().tolist() == [
        ["Inyo", "A"], ["Inyo", "C"], ["Mono", "A"], ["Mono", "C"],
    ]  # fmt: skip


# --- earlier releases ---------------------------------------------------------------------------

RELEASED = pd.DataFrame(
    {"county": ["Inyo"] * 4 + ["Mono"] * 4, "race": list("ABCD") * 2,
     "x": [4, 40, 30, 25, 50, 60, 70, 80], "n": [50, 90, 70, 60, 200, 300, 400, 260]}
)  # fmt: skip


def released(data: pd.DataFrame, **options: Any) -> tu.Assessment:
    options = {"by": "county", "segments": "race", **options}
    return tu.assess(tu.from_counts(data, numerator="x", denominator="n", **options), HALF)


def test_a_second_release_hides_no_other_cells_than_the_first() -> None:
    first = released(RELEASED).suppress()
    assert hidden(first, "county") == [["Inyo", "A"], ["Inyo", "D"]]
    second = released(RELEASED).suppress(published=[first])
    assert hidden(second, "county") == hidden(first, "county")
    assert tu.audit(first, second)["passes"].all()
    assert second.choices["suppression"]["published"] == 1


def test_a_state_table_hides_what_its_counties_would_give_away() -> None:
    whole = RELEASED.groupby("race", as_index=False)[["x", "n"]].sum()
    state = released(whole, by=None).suppress()
    assert hidden(state) == []
    alone = released(RELEASED).suppress()
    # Inyo's small cell is the state's less Mono's.
    assert not tu.audit(alone, state)["passes"].all()
    together = released(RELEASED).suppress(published=[state])
    assert tu.audit(together, state)["passes"].all()
    assert ["Inyo", "A"] in hidden(together, "county")
    assert ["Mono", "A"] in hidden(together, "county")


def test_what_an_earlier_release_hides_stays_hidden() -> None:
    first = released(RELEASED).suppress(35)
    second = released(RELEASED).suppress(11, published=[first])
    assert set(map(tuple, hidden(first, "county"))) <= set(map(tuple, hidden(second, "county")))


def test_what_an_earlier_release_shows_is_known() -> None:
    first = released(RELEASED).suppress(2)
    assert hidden(first, "county") == []
    # The small cell would be hidden in vain: it says so, and stops.
    with pytest.raises(tu.InputError, match=r"cannot protect county 'Inyo', race 'A' \("):
        released(RELEASED).suppress(11, published=first)
    found = tu.audit(released(RELEASED).suppress(11), first)
    found = found[found["segment"] == "A"]
    assert (found["low"] == found["high"]).all()
    assert not found["passes"].any()


def test_only_public_releases_can_be_named() -> None:
    private = released(RELEASED)
    with pytest.raises(tu.InputError, match=r"published.*a\.suppress"):
        private.suppress(published=[private])
    with pytest.raises(TypeError, match="not DataFrame"):
        private.suppress(published=[private.table])


@fewer(6)
@given(made=tables(), minimum=st.sampled_from([5, 11]))
def test_releases_one_after_the_other_pass_together(
    made: tuple[pd.DataFrame, dict[str, Any]], minimum: int
) -> None:
    data, shape = made
    shape = {**shape, "rollup": False}
    one = shape["segments"][:1]
    coarse = data.groupby([*one[0].split("*"), *(shape["by"] or ())], as_index=False, sort=False)
    first = assess(coarse[["x", "n"]].sum(), {**shape, "segments": one}).suppress(11)
    second = assess(data, shape).suppress(minimum, published=[first])
    found = tu.audit(first, second)
    # A total without events, once shown, says that no group of it has any: nothing can undo that.
    known_zero = (found["low"] == 0) & (found["high"] == 0)
    bad = found[~found["passes"] & ~known_zero]
    assert bad.empty, bad.to_string()


def test_a_group_without_a_rate_protects_the_people_of_another() -> None:
    """Only its people are published, and they would tell how few the others are."""
    rows = pd.DataFrame({"race": ["All", "A", "B"], "rate": [0.4, None, 0.4], "n": [300, 294, 6]})
    segments = tu.from_estimates(
        rows, estimate="rate", kind="proportion", population="n", segments="race", total="All"
    )
    public = tu.assess(segments, HALF).suppress()
    assert tu.audit(public)["passes"].all()
    assert public.table["population"].isna().tolist() == [False, True, True]


def fewest(hiding: Hiding, most: int) -> int:
    """Try every choice of cells, the smallest first, and count those that must be hidden."""
    free = np.flatnonzero(~hiding.first & (hiding.grid.counts.people > 0))
    for more in range(most + 1):
        for chosen in itertools.combinations(free, more):
            secret = hiding.first.copy()
            secret[list(chosen)] = True
            if not hiding.thin(secret).any() and not hiding.exposed(secret).any():
                return int(secret.sum())
    return int(hiding.first.sum()) + most


@pytest.mark.long
def test_few_more_cells_are_hidden_than_must_be() -> None:
    rng = np.random.default_rng(3)
    ours, best = 0, 0
    for crossed in [True, False, False] * 8:
        keys = {"race": list("ABC")} | ({"sex": ["F", "M"]} if crossed else {})
        data = pd.MultiIndex.from_product(keys.values(), names=keys).to_frame(index=False)
        data["n"] = rng.negative_binomial(1, 1 / 120, len(data)) + 1
        data["x"] = rng.binomial(data["n"], rng.choice([0.1, 0.4, 0.7], len(data)))
        split = ["race", "sex", "race*sex"] if crossed else ["race"]
        counted = together(
            [tu.from_counts(data, numerator="x", denominator="n", segments=split)]
        ).grid
        terms = Terms(11, 11, 5)
        first = few_people_or_events(counted.counts, Least(11, 11), "show")
        hiding = Hiding(counted, first, np.zeros_like(first), terms)
        hidden = int(hiding.hidden()[0].sum())
        ours += hidden
        best += fewest(hiding, hidden - int(first.sum()))
    assert 0 < best <= ours <= 1.06 * best


@pytest.mark.parametrize("kind", ["rate", "proportion"])
def test_where_everything_is_hidden_no_count_has_an_upper_end(kind: str) -> None:
    """The total is hidden too, so that nothing says how many people there are."""
    rows = pd.DataFrame(itertools.product("AB", "FM"), columns=["race", "sex"]).assign(x=1, n=3)
    s = tu.from_counts(
        rows, numerator="x", denominator="n", segments=["race", "sex"], cross=2, kind=kind
    )
    found = tu.audit(tu.assess(s, tu.Goal.at_least(0.5, per=1)).suppress(21))
    assert set(found["dimension"]) == {"total", "race", "sex", "race*sex"}
    assert found["high"].isna().all()
    assert found["passes"].all()


# --- several indicators, records with weights, and groups that overlap --------------------------


@fewer(3, away=4)
@given(made=tables())
def test_indicators_of_the_same_people_do_not_give_each_other_away(
    made: tuple[pd.DataFrame, dict[str, Any]],
) -> None:
    data, shape = made
    other = data.assign(x=(data["x"] * 0.4).round())
    both = pd.concat([data, other], keys=["one", "other"], names=["what", None])
    segments = tu.from_counts(
        both.reset_index("what"), numerator="x", denominator="n", segments=shape["segments"],
        by=shape["by"], kind=shape["kind"], indicator="what",
    )  # fmt: skip
    a = tu.assess(segments, {"one": HALF, "other": HALF}, rollup=shape["rollup"])
    public = a.suppress(shape["minimum"], zeros=shape["zeros"], sums_over=shape["sums_over"])
    found = tu.audit(public)
    assert found["passes"].all(), found[~found["passes"]].to_string()


@fewer(6)
@given(made=tables(), seed=st.integers(0, 2**32 - 1))
def test_records_with_weights_and_flags_keep_what_is_hidden(
    made: tuple[pd.DataFrame, dict[str, Any]], seed: int
) -> None:
    data, shape = made
    rng = np.random.default_rng(seed)
    rows = data.loc[data.index.repeat(np.minimum(data["n"], 60))].reset_index(drop=True)
    rows["y"] = rng.random(len(rows)) < (rows["x"] / rows["n"])
    rows["w"] = rng.gamma(2.0, 1.0, len(rows))
    rows["foster"] = rng.random(len(rows)) < 0.2
    if rows.empty:
        return
    splits = [*shape["segments"], tu.overlapping(["foster"], name="programme")]
    segments = tu.from_records(rows, outcome="y", segments=splits, by=shape["by"], weight="w")
    a = tu.assess(segments, HALF, rollup=shape["rollup"])
    public = a.suppress(shape["minimum"], zeros=shape["zeros"], sums_over=shape["sums_over"])
    found = tu.audit(public)
    assert found["passes"].all(), found[~found["passes"]].to_string()


def test_a_solution_on_its_bounds_is_not_inside() -> None:
    """Sums that leave no room: what lies on a bound cannot be moved from."""
    one, low = sparse.csr_array(np.ones((1, 2))), np.full(2, 1e9)
    assert inner_solution(one, np.array([2e9]), low, low + 10) is None
    middle = inner_solution(one, np.array([2e9 + 10]), low, low + 10)
    assert middle is not None
    assert np.allclose(middle.reach(np.array([0])), [[1e9], [1e9 + 10]])
