"""The sheet of five steps and the section of progress: what they say, and what they leave blank."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import targeted_universalism as tu
from make import assessed, page_of, some_of
from targeted_universalism.show import contents as door

GROUPS = ["Asian", "Black", "Latino", "Native American", "Pacific Islander", "White"]
SIX = pd.DataFrame(
    {
        "group": GROUPS,
        "x": [412, 131, 520, 22, 9, 760],
        "n": [450, 210, 800, 41, 17, 900],
    }
)
READY = tu.Goal.at_least(
    0.85, name="Ready for school", deadline=2030, people="children",
    rationale="Agreed by 84 families", source="Survey 2025",
)  # fmt: skip
ROWS: list[dict[str, Any]] = [
    {"segment": "Black", "structure": "places are full by March", "assets": "three churches",
     "strategy": "hold places", "level": "system", "owner": "County", "partner": "First 5; Parents",
     "start": "2026-07", "end": 2028, "unit_cost": 700, "reach": 60, "amount": 20_000,
     "evidence": "promising", "stance": 3, "share_administration": 55, "share_involvement": 45},
    {"segment": "Latino", "structure": "forms in English only", "strategy": "family liaisons",
     "owner": "District", "unit_cost": 350, "reach": 180, "funded": "no",
     "evidence": "told by elders", "evidence_scale": "community-defined"},
    {"segment": "Latino", "structure": "forms in English only", "assets": "promotoras"},
    {"segment": "Latino", "structure": "the bus ends at 3 pm"},
    {"segment": "All", "strategy": "one form for all", "owner": "State"},
]  # fmt: skip


class Parts(HTMLParser):
    """Tables as rows of cells, and all words; what a screen reader alone says is in brackets."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.words = ""
        self._row: list[str] = []
        self._cell: list[str] | None = None
        self._caption = self._name = ""
        self._hush = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("td", "th", "caption"):
            self._cell = []
        elif tag == "tr":
            self._row = []
        self._hush = dict(attrs).get("class") == "hush"

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th") and self._cell is not None:
            self._row.append(" ".join(" ".join(self._cell).split()))
            self._cell = None
        elif tag == "caption" and self._cell is not None:
            self._name = " ".join(self._cell).split(":")[0].strip()
            self.tables[self._name] = []
        elif tag == "tr":
            self.tables[self._name].append(self._row)

    def handle_data(self, data: str) -> None:
        words = f"[{data}]" if self._hush and data.strip() else data
        self.words += words
        if self._cell is not None:
            self._cell.append(words)


def written(a: tu.Assessment, folder: Path, **options: Any) -> Parts:
    return Parts(page_of(a, folder, **options))


def six(goal: tu.Goal = READY) -> tu.Assessment:
    return assessed(SIX, goal, segments="group")


@pytest.fixture(scope="module")
def sheet(tmp_path_factory: pytest.TempPathFactory) -> Parts:
    return written(six(), tmp_path_factory.mktemp("sheet"), plan=tu.Plan(ROWS))


STEP_3, STEP_4 = (
    "Rate, gap and targets of every group",
    "Structures that stand in the way of a group, or that help it",
)
STEP_5, PROGRESS = (
    "Who does what, until when, for how many, at what cost",
    "Progress toward the goal",
)
BLANK = "not decided yet]"


# --- the five steps -----------------------------------------------------------------------------


def test_five_steps_and_three_more_stand_in_their_order(sheet: Parts) -> None:
    heads = ["1 The goal for all children", "2 Where all stand together",
             "3 Where groups and places", "4 What stands in the way", "5 Strategies",
             "What is still open", "Made together", "The message",
             "What will be measured when"]  # fmt: skip
    places = [sheet.words.index(head) for head in heads]
    assert places == sorted(places)
    for words in ("at least 85 % by 2030", "Agreed by 84 families", "Survey 2025", "76.7 %"):
        assert words in sheet.words[: places[2]]


@pytest.mark.parametrize(
    ("years", "words"),
    [
        ([500, 550, 600], "On the current trend at the goal in 20"),
        ([600, 550, 500], "At the goal: never on the current trend."),
        ([600, 550], "At the goal: no projection from fewer than three times."),
    ],
)
def test_a_sheet_says_when_all_together_arrive_or_that_they_do_not(
    tmp_path: Path, years: list[int], words: str
) -> None:
    data = pd.DataFrame(
        [(2020 + i, race, x, 1000) for i, x in enumerate(years) for race in "AB"],
        columns=["year", "group", "x", "n"],
    )
    a = assessed(data, READY, segments="group", by="year")
    said = written(a, tmp_path, plan=tu.Plan([]), time="year").words
    assert words in " ".join(said.split())


def test_every_group_is_on_the_sheet_those_past_the_goal_too(sheet: Parts) -> None:
    assert [row[0] for row in sheet.tables[STEP_3][1:]] == GROUPS
    assert [row[0] for row in sheet.tables[STEP_4][1:]] == GROUPS[1:]
    assert "At or past the goal, or without a rate: Asian." in sheet.words
    assert sheet.tables[STEP_3][1][1:3] == ["91.6 %", "6.6 points past"]


def test_what_is_decided_is_said_and_what_is_not_is_a_blank_line(sheet: Parts) -> None:
    structures = {row[0]: row[1:] for row in sheet.tables[STEP_4][1:]}
    assert structures["Latino"] == ["forms in English only; the bus ends at 3 pm", "promotoras"]
    assert structures["White"] == [f"not yet assessed [structures: {BLANK}", f"[assets: {BLANK}"]
    rows = {tuple(row[:2]): row[2:] for row in sheet.tables[STEP_5][1:]}
    assert rows["Black", "hold places addresses: places are full by March; system"] == [
        "County with First 5; Parents", "2026-07 to 2028", "60 needed: 48",
        "42,000 700 each 20,000 found", "promising Title IV-E",
        "3 Voice 55 % administration 45 % involvement",
    ]  # fmt: skip
    assert rows["Latino", "family liaisons addresses: forms in English only"][-2:] == [
        "told by elders community-defined", f"[how the community takes part: {BLANK}"
    ]  # fmt: skip
    bus = rows["Latino", f"[strategy: {BLANK} addresses: the bus ends at 3 pm"]
    assert all(BLANK in cell for cell in bus)
    assert ("Everybody", "one form for all") in rows
    # A structure that one strategy meets needs no blank line; each group with a gap has one row.
    names = [row[0] for row in sheet.tables[STEP_5][1:]]
    assert names == ["Everybody", "Black", "Latino", "Latino", *GROUPS[3:]]


def test_what_the_plan_leaves_open_is_said_without_rows_and_raw_numbers(sheet: Parts) -> None:
    found = tu.Plan(ROWS).check(six())
    opened = sheet.words[
        sheet.words.index("What is still open") : sheet.words.index("Made together")
    ]
    for segment, finding in zip(found["segment"], found["finding"], strict=True):
        assert re.search(rf"{segment}: [^\n]*{re.escape(finding)}", opened)
    assert "“the bus ends at 3 pm”: nobody owns it" in opened
    assert not re.search(r"\brow \d|0\.\d{3}", opened)


def test_a_goal_without_reason_and_source_leaves_lines_for_them(tmp_path: Path) -> None:
    page = written(six(tu.Goal.at_least(0.85)), tmp_path, plan=tu.Plan([{"segment": "Black"}]))
    assert f"Why this goal, and who made it: [reason: {BLANK}" in page.words
    assert f"Source: [source: {BLANK}" in page.words
    assert all(f"[targets: {BLANK}" in row for row in page.tables[STEP_3][1:])


def test_hidden_groups_are_named_as_hidden_and_have_no_number(tmp_path: Path) -> None:
    page = written(six().suppress(11), tmp_path, plan=tu.Plan(ROWS))
    hidden = [row for row in page.tables[STEP_3] if "suppressed" in row[1]]
    assert {row[0] for row in hidden} >= {"Pacific Islander"}
    assert all(not re.search(r"\d", " ".join(row[1:])) for row in hidden)
    assert ["Pacific Islander ■ suppressed", f"[structures: {BLANK}", f"[assets: {BLANK}"] in (
        page.tables[STEP_4]
    )


def test_words_are_about_structures_and_never_blame_people(sheet: Parts) -> None:
    assert not re.search(
        r"deficit|underperform|target(ed)? group|at-risk", sheet.words, re.IGNORECASE
    )


def test_a_sheet_of_a_place_holds_the_rows_for_that_place(tmp_path: Path) -> None:
    rows = pd.concat([SIX.assign(county=name) for name in ("Inyo", "Mono")])
    a = assessed(rows, READY, segments="group", by="county")
    plan = tu.Plan(
        [{"county": "Inyo", "segment": "Black", "structure": "snow", "strategy": "ploughs"},
         {"county": None, "segment": "Black", "structure": "forms", "strategy": "liaisons"}],
        by="county",
    )  # fmt: skip
    mono = written(a.where(county="Mono"), tmp_path, plan=plan)
    assert "liaisons" in mono.words
    assert "ploughs" not in mono.words
    both = written(a, tmp_path, plan=plan)
    assert both.words.count("One goal, a plan for every group") == 4  # each in the contents too
    assert (
        both.words.count("ploughs") == 2
    )  # in steps 5 and, as it has no owner, among what is open


def test_names_in_a_plan_stay_text(tmp_path: Path) -> None:
    plan = tu.Plan(
        [{"segment": "Black", "structure": "<script>x</script>", "strategy": "<b>s</b>"}]
    )
    text = six().report(tmp_path / "p.html", plan=plan).read_text(encoding="utf-8")
    assert "<script>" not in text
    assert "&lt;script&gt;x" in text
    assert "<b>" not in text


def test_what_is_no_plan_or_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(tu.InputError, match=r"plan=3 must be a plan: plan = tu\.Plan"):
        six().report(tmp_path / "p.html", plan=3)  # type: ignore[arg-type]
    with pytest.raises(tu.InputError, match="title"):
        six().report(tmp_path / "p.html", title=3)  # type: ignore[arg-type]
    with pytest.raises(tu.InputError, match=r"no by= columns"):
        six().report(tmp_path / "p.html", time="year")
    with pytest.raises(tu.InputError, match="Did you mean 'Black'"):
        six().report(tmp_path / "p.html", plan=tu.Plan([{"segment": "Blak"}]))
    assert not list(tmp_path.iterdir())


def test_title_author_and_date_stand_over_the_page(tmp_path: Path) -> None:
    page = written(six(), tmp_path, title="For the meeting", author="Equity office", date="27 May")
    assert "For the meeting" in page.words
    assert "Equity office, 27 May" in page.words


# --- with years ---------------------------------------------------------------------------------

OVER_TIME = {
    "A": [60, 62, 61, 65, 66, 68],
    "B": [80, 82, 85, 84, 86, 87],
    "C": [70, 69, 68, 66, 66, 64],
}


def over_time(goal: tu.Goal = READY, ends: int = 2022, **options: Any) -> tu.Assessment:
    rows = [
        (county, year, group, 10 * x + (county == "Mono"), 1000)
        for county in ("Inyo", "Mono")
        for group, values in OVER_TIME.items()
        for year, x in zip(range(2017, 2023), values, strict=True)
        if county == "Inyo" or year <= ends
    ]
    data = pd.DataFrame(rows, columns=["county", "year", "race", "x", "n"])
    return assessed(data, goal, by=["county", "year"], **options)


def test_targets_are_the_milestones_and_all_arrive_at_one_goal(tmp_path: Path) -> None:
    a = over_time().where(county="Inyo")
    page = written(a, tmp_path, time="year", plan=tu.Plan([{"segment": "A", "structure": "x"}]))
    head, *rows = page.tables[STEP_3]
    assert head[4:] == ["2024", "2026", "2028", "2030"]
    way = a.milestones("year", every=2)
    for name, *_, first, _, _, last in rows:
        mine = way[way["segment"] == name]["milestone"]
        assert first == f"{100 * mine.iloc[0]:.1f} %"
        assert last == "85.0 %"
    assert "The rate of every group in 2024, 2026, 2028 and 2030." in page.words
    assert "From 70.0 % in 2017 to 73.0 % in 2022: improving." in " ".join(page.words.split())


def test_the_table_of_progress_says_whole_years_and_whole_percent(tmp_path: Path) -> None:
    a = over_time().where(county="Inyo")
    page, table = written(a, tmp_path, time="year"), a.progress("year").set_index("segment")
    rows = {row[0].split(" fell")[0]: row[1:] for row in page.tables[PROGRESS][1:] if len(row) > 1}
    assert set(rows) == {"All", "A", "B", "C"}
    assert rows["B"][2:] == ["target met or exceeded", "", "", ""]
    assert rows["C"][2:] == [
        "getting worse", "moves away from the goal, or not at all", "never on the current trend",
        "under 1 %",
    ]  # fmt: skip
    assert rows["A"][:2] == ["60.0 % 2017", "68.0 % 2022"]
    year = int(np.ceil(table["projected_time"]["A"]))
    assert rows["A"][3] == f"{table['acceleration']['A']:.1f} times as fast as so far"
    assert rows["A"][4].startswith(f"in {year} (")
    assert 0 < table["probability"]["A"] < 0.01
    assert rows["A"][5] == "under 1 %"
    assert "Chance by 2030" in page.tables[PROGRESS][0]


def test_with_years_every_place_stands_at_its_latest_time(tmp_path: Path) -> None:
    a = over_time()
    page = written(a, tmp_path, time="year")
    assert page.words.count("county Inyo, year 2022") >= 1
    assert "year 2021" not in page.words
    assert page.words.count("Are we getting there") == 2
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    alts = re.findall(r'<img [^>]*alt="([^"]*)"', text)
    assert sum("Along time, where the trend leads" in alt for alt in alts) == 2
    assert all(alts)


def test_progress_is_that_since_the_last_break(tmp_path: Path) -> None:
    page = written(over_time().where(county="Inyo"), tmp_path, time="year", breaks=[2019, 2018])
    assert page.tables[PROGRESS][1][1] == "71.3 % 2019"


def test_a_place_that_ends_before_a_break_is_on_the_page_without_progress(tmp_path: Path) -> None:
    """The page keeps the strata that ``tu assess --time`` prints."""
    a = over_time(ends=2019)
    page = written(a, tmp_path, time="year", breaks=2020)
    strata = a._at_latest("year").table[["county", "year"]].drop_duplicates()
    assert strata.to_numpy().tolist() == [["Inyo", 2022], ["Mono", 2019]]
    for county, year in strata.to_numpy().tolist():
        assert f"county {county}, year {year}" in page.words
    assert page.words.count("Every row – no rate at the baseline.") == 1


def test_a_goal_without_a_deadline_has_no_chance_and_no_pace(tmp_path: Path) -> None:
    page = written(over_time(tu.Goal.at_least(0.85)).where(county="Mono"), tmp_path, time="year")
    assert page.tables[PROGRESS][0] == [
        "Group", "From", "To", "Progress", "When at the goal, on the current trend"
    ]  # fmt: skip


@pytest.mark.parametrize(("deadline", "passed"), [(2019, True), (2022, True), (2023, False)])
def test_a_deadline_that_has_passed_is_said_to(deadline: int, passed: bool, tmp_path: Path) -> None:
    a = over_time(tu.Goal.at_least(0.85, deadline=deadline)).where(county="Mono")
    page = written(a, tmp_path, time="year", plan=tu.Plan([{"segment": "A", "structure": "x"}]))
    assert (f"at least 85 % by {deadline}, which has passed" in page.words) is passed
    assert (f"The deadline, {deadline}, has passed: agree" in page.words) is passed
    assert (f"Chance by {deadline}" in page.tables[PROGRESS][0]) is not passed
    assert ("Pace that is needed" in page.tables[PROGRESS][0]) is not passed


def test_the_same_call_writes_the_same_bytes(tmp_path: Path) -> None:
    one, other = (
        over_time().where(county="Mono").report(
            tmp_path / f"{i}.html", time="year", plan=tu.Plan([{"segment": "A", "owner": "X"}])
        )
        for i in range(2)
    )  # fmt: skip
    assert one.read_bytes() == other.read_bytes()


def test_tables_have_captions_and_scopes_and_blanks_are_read_aloud(tmp_path: Path) -> None:
    plan = tu.Plan([{"segment": "A", "structure": "x"}])
    text = page_of(over_time(), tmp_path, time="year", plan=plan)
    assert text.count("<caption") == text.count("<table>") == 10
    assert not re.search(r"<th(?![^>]*scope=)[ >]", text)
    blanks = re.findall(r'<span class="blank">(.*?)</span></span>', text)
    assert blanks
    assert all("not decided yet" in blank for blank in blanks)


@pytest.mark.parametrize("goals", some_of((3, 25), 3))
def test_a_packet_of_many_goals_over_8_years_has_a_section_for_each(
    goals: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The budget office's file: 25 indicators × 8 years × 5 groups, one long table."""
    monkeypatch.setattr(door, "MOST_INDICATORS", 2)  # drawing all takes long
    rng = np.random.default_rng(10)
    names = [f"Indicator {k + 1:02d}" for k in range(goals)]
    rows = pd.MultiIndex.from_product(
        [names, range(2016, 2024), ["Black", "Latino", "Native American", "White", "Asian"]],
        names=["indicator", "year", "race"],
    ).to_frame(index=False)
    rows["n"] = rng.integers(40, 2000, len(rows))
    rows["x"] = rng.binomial(rows["n"], 0.7)
    shared = {name: tu.Goal.at_least(0.8, name=f"{name} of ours", deadline=2030) for name in names}
    a = assessed(rows, shared, by="year", indicator="indicator")
    page = written(a, tmp_path, time="year")
    assert page.words.count("Are we getting there") == 2
    assert f"{goals - 2} more strata are not on this page" in page.words
    assert page.words.count("One goal for everyone") == goals
    one = written(a.where(indicator="Indicator 03"), tmp_path, time="year")
    assert one.words.count("One goal for everyone") == 1
    assert "Indicator 03 of ours" in one.words
