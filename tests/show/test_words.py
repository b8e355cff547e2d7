"""Sentences and tables as people read them: the goal, the distance, the people, how sure."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

import targeted_universalism as tu
from make import alt, assessed, page_of
from targeted_universalism.show.nouns import join_words, people_words
from targeted_universalism.show.words import rate_words

SIX = pd.DataFrame(
    {
        "race": ["Asian", "Black", "Hispanic", "Multi-Ethnicity", "Native American", "White"],
        "n": [6000, 2000, 4000, 1000, 200, 6800],
        "x": [4292, 607, 847, 504, 78, 4200],
    }
)


def test_the_sentence_names_goal_distance_people_and_who_has_arrived() -> None:
    said = assessed(SIX, tu.Goal.at_least(0.54, name="Transfer", deadline=2030)).describe()
    assert said.startswith("The goal for everyone is at least 54 % (Transfer, by 2030).")
    assert "All together: 52.6 %, 1.4 points to go. To reach the goal: 272 people.\n" in said
    assert "Black: 23.6 points to go (473 people)." in said
    assert "Hispanic: 32.8 points to go (1,313 people)." in said
    assert "At or past the goal: Asian and White." in said


def test_a_small_group_short_by_the_count_is_named_and_its_doubt_is_said() -> None:
    rows = pd.DataFrame({"race": ["A", "B"], "n": [2000, 40], "x": [1900, 34]})
    said = assessed(rows, tu.Goal.at_least(0.9)).describe()
    assert "B: 5.0 points to go (2 people)." in said
    assert "Short by the count, though the interval includes the goal: B." in said


@pytest.mark.parametrize("goal", [tu.Goal.at_least(0.9), tu.Goal.at_most(0.2)])
def test_groups_are_never_ranked(goal: tu.Goal) -> None:
    said = assessed(SIX, goal).describe()
    places = [said.find(f". {name}: ") for name in SIX["race"] if f". {name}: " in said]
    assert len(places) > 1
    assert places == sorted(places)


def test_words_describe_structures_not_people() -> None:
    a = assessed(SIX, tu.Goal.at_least(0.9))
    for text in (a.describe(), repr(a), a._repr_html_()):
        assert not re.search("deficit|underperform|target group|worst|best", text, re.I)


def test_hidden_cells_are_counted_and_say_nothing_else() -> None:
    rows = pd.DataFrame({"race": ["A", "B", "C"], "n": [900, 70, 800], "x": [800, 7, 600]})
    a = assessed(rows, tu.Goal.at_least(0.9)).suppress()
    assert "2 groups are suppressed." in a.describe()
    line = next(line for line in repr(a).splitlines() if line.strip().startswith("B"))
    assert re.sub(r"\s+", " ", line).strip() == "B ■ suppressed"


def test_several_strata_are_summed_up_in_counts() -> None:
    rows = pd.concat([SIX.assign(year=y, x=SIX["x"] + 50 * y) for y in range(3)])
    said = assessed(rows, tu.Goal.at_least(0.54), by="year").describe()
    assert "By year, the total has a distance to go in 1 of 3 strata." in said
    assert "Of 18 rates of groups, " in said


def test_a_roll_up_is_described_by_itself() -> None:
    rows = pd.concat([SIX.assign(year=y) for y in (2021, 2022)])
    segments = tu.from_counts(rows, numerator="x", denominator="n", segments="race", by="year")
    said = tu.assess(segments, tu.Goal.at_least(0.54), rollup=True).describe()
    assert "All strata together. All together: 52.6 %" in said
    assert "Black: 23.6 points to go (946 people)." in said


def test_each_indicator_has_its_sentence() -> None:
    rows = pd.concat([SIX.assign(what=w) for w in ("enrolled", "expelled")])
    segments = tu.from_counts(
        rows, numerator="x", denominator="n", segments="race", indicator="what"
    )
    goals = {"enrolled": tu.Goal.at_least(0.54), "expelled": tu.Goal.at_most(3, per=100)}
    said = tu.assess(segments, goals).describe()
    first, second = (line for line in said.split("\n") if ": The goal for" in line)
    seen = said.split("\n")[-1]
    assert seen.endswith("multiples of 5 than chance gives: they may have been rounded.")
    assert first.startswith("enrolled: The goal for everyone is at least 54 %.")
    assert second.startswith("expelled: The goal for everyone is at most 3 %.")


def test_rates_per_thousand_are_worded_in_their_unit() -> None:
    a = tu.assess(
        tu.from_counts(SIX, numerator="x", denominator="n", segments="race", kind="rate"),
        tu.Goal.at_most(300, per=1000),
    )
    assert "Asian: 415.33 per 1,000 to go (2,492 events to avert)." in a.describe()


@pytest.mark.parametrize(
    ("value", "kind", "per", "words"),
    [
        (0.8610, "proportion", 1, "86.1 %"),
        (86.10, "proportion", 100, "86.1 %"),
        (4.889, "rate", 1000, "4.89 per 1,000"),
        (-0.0001, "mean", 1, "-0.0001"),
        (1234.5, "mean", 1, "1,234.50"),
        (float("nan"), "rate", 1, ""),
    ],
)
def test_a_number_is_written_in_its_unit(value: float, kind: str, per: float, words: str) -> None:
    assert rate_words(value, kind, per) == words


def test_lists_and_people_read_as_sentences() -> None:
    assert join_words(["a"]) == "a"
    assert join_words([]) == ""
    assert people_words(1) == "1 person"
    assert people_words(1, "events") == "1 event"


def test_the_text_fits_a_terminal() -> None:
    names = [f"a rather long name of a segment, number {i}" for i in range(6)]
    a = assessed(SIX.assign(group=names), tu.Goal.at_least(0.9))
    assert max(len(line) for line in repr(a).splitlines()[1:]) <= 110


class _Table(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_the_notebook_table_has_a_caption_and_scoped_headings() -> None:
    parsed = _Table()
    parsed.feed(assessed(SIX, tu.Goal.at_least(0.9))._repr_html_())
    tags = [tag for tag, _ in parsed.tags]
    assert tags.count("caption") == 1
    headings = [attributes for tag, attributes in parsed.tags if tag == "th"]
    assert headings
    assert all(h.get("scope") in ("row", "col") for h in headings)


def test_a_segment_called_script_stays_text() -> None:
    rows = SIX.assign(race=["<script>alert(1)</script>", *SIX["race"][1:]])
    assert "<script>" not in assessed(rows, tu.Goal.at_least(0.9))._repr_html_()


def test_long_tables_say_what_is_left_out() -> None:
    rows = pd.concat([SIX.assign(county=f"c{i}") for i in range(9)])
    a = assessed(rows, tu.Goal.at_least(0.9), by="county")
    assert "43 more rows in .table" in repr(a)
    assert "43 more rows in .table" in a._repr_html_()


def test_totals_that_nowhere_have_a_rate_are_said_so_once() -> None:
    data = pd.DataFrame({"year": [1, 1, 2, 2], "race": ["A", "B"] * 2, "rate": 30.0})
    s = tu.from_estimates(
        data, estimate="rate", segments="race", by="year", kind="standardized", per=1000
    )
    said = tu.assess(s, tu.Goal.at_most(15, per=1000)).describe()
    assert "By year, no rate of the total can be shown. Of 4 rates of groups, 4 have a" in said


# --- words that are true --------------------------------------------------------------------------

PUBLISHED = pd.DataFrame(
    {"county": ["A", "A", "B", "B"], "race": ["Black", "White"] * 2,
     "rate": [40.0, 92.0, 50.0, 95.0], "people": [500, 900, 400, 800], "se": [2.0, 1.5, None, None]}
)  # fmt: skip


def published(**options: str) -> tu.Assessment:
    made = tu.from_estimates(
        PUBLISHED, estimate="rate", population="people", segments="race", by="county",
        kind="proportion", per=100, **options,
    )  # fmt: skip
    return tu.assess(made, tu.Goal.at_least(90, per=100))


def everything(a: tu.Assessment, path: Path) -> str:
    page = page_of(a, path)
    pictures = [a.where(county=name).plot.gaps().tu_alt for name in ("A", "B")]  # type: ignore[attr-defined]
    return "\n".join([a.describe(), repr(a), a._repr_html_(), page, *pictures])


def test_no_interval_is_claimed_where_none_was_given(tmp_path: Path) -> None:
    a = published()
    assert a.table["ci_low"].isna().all()
    said = everything(a, tmp_path)
    assert "interval includes" not in said
    assert "by the count" not in said.replace("decided by the count", "")
    assert "4 are without an interval, so that it cannot be said" in a.describe()
    assert "~▲ short, no interval" in repr(a)
    assert "~✓ met, no interval" in repr(a)


def test_intervals_are_spoken_of_where_they_stand_and_only_there(tmp_path: Path) -> None:
    a = published(se="se")
    table = a.table.set_index(["county", "segment"])
    assert table.loc[("A", "White"), "status"] == "uncertain"
    assert table.loc[("A", "White"), "ci_low"] < 90 < table.loc[("A", "White"), "ci_high"]
    assert a.where(county="A").describe().count("By its interval White has a need of 0 to") == 1
    without = a.where(county="B")
    assert "interval includes" not in without.describe()
    assert "Without an interval it cannot be said how sure this is for Black and White." in (
        without.describe()
    )
    assert "1 is at or past the goal by the count, though the interval includes it." in a.describe()
    assert "2 are without an interval" in a.describe()
    assert repr(a).endswith(
        "by the count: the interval includes the goal.\n"
        "no interval: whether chance alone could make the gap cannot be said."
    )
    assert "~✓ met by the count" in everything(a, tmp_path)


FEW = pd.DataFrame(
    {"race": ["Black", "AI/AN", "Latino", "White"], "x": [5, 0, 30, 6],
     "n": [731, 20, 12626, 2803]}
)  # fmt: skip


def test_a_zero_whose_interval_includes_the_goal_says_so_as_the_short_ones_do() -> None:
    made = tu.from_counts(FEW, numerator="x", denominator="n", segments="race", kind="rate")
    a = tu.assess(made, tu.Goal.at_most(2.5, per=1000))
    needed = a.table.set_index("segment")["needed_high"]
    said = a.describe()
    assert "Short by the count, though the interval includes the goal: Black." in said
    assert "At or past the goal by the count, though the interval includes it: AI/AN" in said
    assert f"By its interval Latino has a need of 0 to {needed['Latino']} events." in said
    assert f"By its interval White has a need of 0 to {needed['White']} events." in said


def test_nothing_is_called_every_rate_while_some_are_hidden() -> None:
    made = tu.from_counts(FEW, numerator="x", denominator="n", segments="race", kind="rate")
    public = tu.assess(made, tu.Goal.at_most(2.5, per=1000)).suppress()
    assert (public.table["status"] == "suppressed").sum() == 2
    said = public.describe()
    assert "every group that can be shown is at or past the goal. " in said
    assert "At or past the goal: AI/AN and Latino." in said
    whole = assessed(SIX.assign(x=SIX["n"]), tu.Goal.at_least(0.5)).describe()
    assert "every group is at or past the goal." in whole


def test_hidden_rates_of_many_strata_are_not_counted_as_all() -> None:
    rows = pd.concat([FEW.assign(year=y, n=FEW["n"] * 2) for y in (1, 2)])
    made = tu.from_counts(
        rows, numerator="x", denominator="n", segments="race", by="year", kind="rate"
    )
    a = tu.assess(made, tu.Goal.at_most(2.5, per=1000))
    assert "Of 8 rates of groups, " in a.describe()
    assert "rates are suppressed" not in a.describe()
    public = a.suppress()
    hidden = (public.table["status"][public.table["segment"] != "All"] == "suppressed").sum()
    assert f"Of {8 - hidden} rates of groups, " in public.describe()
    assert f"{hidden} rates are suppressed." in public.describe()


# --- for whom a goal counts ----------------------------------------------------------------------


def test_the_noun_of_a_goal_stands_in_every_sentence_heading_and_picture(tmp_path: Path) -> None:
    """PERSONAS 2: children, not people."""
    goal = tu.Goal.at_least(0.54, name="Placed with kin", people="foster children")
    order = {"race": SIX["race"].tolist()}
    plain, named = (
        assessed(SIX, g, order=order)
        for g in (tu.Goal.at_least(0.54, name="Placed with kin"), goal)
    )
    said = named.describe()
    assert said.startswith("The goal for all foster children is at least 54 %")
    assert "Black: 23.6 points to go (473 foster children)." in said
    assert "Together that is 1,852 foster children, though the total needs " in said
    assert repr(named).startswith("Distance to the goal for all foster children.")
    page = page_of(named.suppress(), tmp_path)
    assert "One goal for all foster children: at least 54 %" in page
    assert '<th scope="col" class="number">Foster children</th>' in page
    assert "foster children needed" in page
    assert "1 to 10 foster children, events, or foster children without the event" in page
    ax = named.plot.needed()
    assert "Foster children needed to reach the goal" in ax.get_xlabel()
    assert "Black: 473 foster children (" in alt(ax)
    assert "Cumulative percent of foster children" in named.plot.concentration().get_xlabel()
    for text in (said, repr(named), named._repr_html_(), alt(ax), alt(named.plot.gaps())):
        assert "people" not in text
    assert plain.table.equals(named.table)
    assert named.goals["people"].tolist() == ["foster children"]


def test_one_child_is_one_and_events_stay_events() -> None:
    children = tu.Goal.at_least(0.5, people="children")
    assert (
        "A: 1.0 point to go (1 child)."
        in assessed([("A", 49, 100), ("B", 9, 9)], children).describe()
    )
    fewer = tu.Goal.at_most(200, per=1000, people="children")
    said = assessed([("A", 49, 100), ("B", 30, 90)], fewer, kind="rate").describe()
    assert "A: 290.00 per 1,000 to go (29 events to avert)." in said
    assert "Together that is 41 events to avert. By" in said


@pytest.mark.parametrize(
    ("noun", "kept"), [("", "people"), ("  ", "people"), (" young  adults", "young adults")]
)
def test_a_noun_is_text(noun: str, kept: str) -> None:
    assert tu.Goal.at_least(0.5, people=noun).people == kept
    with pytest.raises(tu.InputError, match=r"people=7 must be text"):
        tu.Goal.at_least(0.5, people=7)  # type: ignore[arg-type]


# --- several segments in one breath --------------------------------------------------------------


def test_the_sum_stands_beside_a_total_that_is_at_the_goal() -> None:
    rows = [("A", 400, 900), ("B", 200, 500), ("C", 950, 950)]
    said = assessed(rows).describe()
    assert "Together that is 100 people, though the total needs none. By their" in said
    assert "Together" not in assessed(rows[1:]).describe()  # one need is its own sum
    assert "Together" not in assessed(rows, exclusive={"race": False}).describe()


def test_a_sum_says_that_unknown_is_left_out_where_unknown_has_a_need() -> None:
    rows = [("A", 400, 900), ("B", 200, 500)]
    with_need = assessed([*rows, ("Unknown", 3, 20)], unknown="Unknown")
    words = "Together, Unknown left out, that is 100 people"
    assert words in with_need.describe()
    ax = with_need.plot.needed()
    assert "Together, Unknown left out: 100 people" in ax.tu_alt
    assert "All segments, shown here or not, Unknown left out, need 100 people" in (
        with_need.where(segment=["A", "B"]).describe()
    )
    at_goal = assessed([*rows, ("Unknown", 20, 20)], unknown="Unknown")
    assert "Together that is 100 people" in at_goal.describe()
    hidden = assessed([*rows, ("Unknown", "*", 20)], unknown="Unknown", suppressed={"*": (1, 10)})
    assert words in hidden.describe()


def test_ranges_of_rounded_counts_are_said_to_be_of_that() -> None:
    """10 and 25 stand for 8 to 12 and 23 to 27: of 200 and 300 (198 to 302) 15 % are 30 and 45."""
    rows = [("A", 10, 200), ("B", 25, 300), ("C", 75, 500)]
    a = assessed(rows, tu.Goal.at_least(0.15), rounded=5)
    said = a.describe()
    assert "range from all counts that round to these" in a.plot.needed().get_xlabel()
    assert "Together that is 40 people. As their counts are rounded it is " in said
    assert "As its counts are rounded C has a need of 0 to " in said
    assert "By their intervals" not in said
    assert "By its interval" not in said


def test_one_rate_of_several_strata_is_one() -> None:
    rows = [(2020, "A", "*", 60), (2021, "A", 20, 60)]
    data = pd.DataFrame(rows, columns=["year", "race", "x", "n"])
    said = assessed(data, by="year", suppressed={"*": (1, 10)}).describe()
    assert "Of 1 rate of groups, 1 has a distance to go. 1 rate is suppressed." in said


def test_a_total_of_few_events_is_said_to_be_unreliable() -> None:
    a = assessed([("A", 2, 300), ("B", 3, 400)], tu.Goal.at_most(5, per=1000), kind="rate")
    assert a.table["flag"].iloc[0] == "unreliable"
    total, race = a.describe().splitlines()[:2]
    assert total.endswith("Too few events or people for a reliable rate (NCHS).")
    assert race.endswith("Too few events or people for a reliable rate (NCHS): A and B.")


def test_a_hidden_need_gives_a_sum_between_two_numbers() -> None:
    rows = [("A", "<11", 60), ("B", "40", 90), ("C", "<11", 200), ("D", "300", 1000)]
    a = assessed(rows, tu.Goal.at_least(0.4), suppressed={"<11": (1, 10)})
    assert "Together that is between 184 and 202 people." in a.describe()
    assert "Together" not in a.suppress().describe()


def test_one_sentence_says_who_is_short_for_certain() -> None:
    rows = [("A", 300, 1000), ("B", 440, 1000), ("C", 470, 1000), ("D", 900, 1000)]
    said = assessed(rows).describe()
    assert said.endswith("With 95 % certainty all of these are short of the goal: A and B.")
    held = assessed(rows).joint()
    assert held[held["gap_low"] > 0]["segment"].tolist() == ["A", "B"]
    assert (
        "With 99 % certainty one is short of the goal: A."
        in assessed(rows[:1] + rows[2:], confidence=0.99).describe()
    )
    assert "certainty" not in assessed(rows, confidence=None).describe()
    assert "certainty" not in assessed(rows[2:]).describe()


def test_many_are_named_up_to_eight() -> None:
    rows = [(f"G{i}", 100, 1000) for i in range(12)]
    every = "With 95 % certainty every one is short of the goal, the total too."
    assert assessed(rows).describe().endswith(every)
    said = assessed([*rows, ("G12", 9, 9)]).describe()
    assert "short of the goal: the total, G0, G1, G2, G3, G4, G5, G6 and 5 more." in said
