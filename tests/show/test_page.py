"""The page: one file, nothing fetched, everything escaped, the same bytes every time."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

import targeted_universalism as tu
from make import assessed, estimates, page_of, spaced
from targeted_universalism.show import contents as door

ROWS = pd.DataFrame(
    {
        "county": ["Inyo"] * 3 + ["Mono"] * 3,
        "group": ["<script>alert('x')</script>", "B & C", "ქართველი 日本 हिन्दी العربية Ελλάδα"] * 2,
        "x": [50, 7, 80, 40, 60, 0],
        "n": [100, 90, 120, 90, 70, 0],
    }
)


class Page(HTMLParser):
    """What a browser would fetch, run or read aloud."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[dict[str, str | None]] = []
        self.words: list[str] = []
        self.feed(spaced(text))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.append(dict(attrs))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [a for t, a in zip(self.tags, self.attributes, strict=True) if t == tag]


def assessment(**options: object) -> tu.Assessment:
    goal = tu.Goal.at_least(
        0.9, name="<b>Reach</b>", rationale="Because <i>we</i> said", source="Board & staff"
    )
    return assessed(ROWS, goal, segments="group", by="county", **options)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return assessment().report(tmp_path_factory.mktemp("page") / "report.html")


@pytest.fixture(scope="module")
def page(path: Path) -> Page:
    return Page(path.read_text(encoding="utf-8"))


def test_the_page_fetches_and_runs_nothing(page: Page) -> None:
    assert "script" not in page.tags
    assert "link" not in page.tags
    sources = [a["src"] for a in page.attributes if "src" in a]
    assert sources
    assert all(str(s).startswith("data:image/svg+xml;base64,") for s in sources)
    assert all(str(a["href"]).startswith("#part-") for a in page.attributes if "href" in a)


def test_the_list_of_contents_leads_to_what_it_names(page: Page) -> None:
    parts = [str(a["id"]) for a in page.attributes if str(a.get("id")).startswith("part-")]
    asked = [str(a["href"])[1:] for a in page.of("a")]
    assert len(asked) == len(set(asked)) == page.tags.count("h2") > 4
    assert set(asked) <= set(parts)


def test_names_from_the_data_stay_text(page: Page) -> None:
    text = "".join(page.words)
    assert "<script>alert('x')</script>" in text
    assert "<b>Reach</b>" in text
    assert "i" not in page.tags
    assert "b" not in page.tags


def test_names_in_five_scripts_are_kept(page: Page) -> None:
    assert "ქართველი 日本 हिन्दी العربية Ελλάδα" in "".join(page.words)


def test_pictures_carry_their_words_and_no_script(page: Page) -> None:
    pictures = page.of("img")
    assert len(pictures) == 3  # one of both strata, one of each
    assert "One line for each county" in str(pictures[0]["alt"])
    assert all("90 %" in str(p["alt"]) for p in pictures)
    for picture in pictures:
        drawn = base64.b64decode(str(picture["src"]).split(",")[1]).decode()
        assert "<script>" not in drawn


@pytest.mark.parametrize(
    ("strata", "pictures"), [(1, 2), (3, 4), pytest.param(61, 12, marks=pytest.mark.long)]
)
def test_a_page_of_some_strata_opens_with_all_of_them_and_stays_light(
    strata: int, pictures: int, tmp_path: Path
) -> None:
    rows = pd.DataFrame({"county": [f"C{i:02d}" for i in range(strata)] * 2, "x": 30, "n": 90})
    rows["race"] = ["A"] * strata + ["B"] * strata
    s = tu.from_counts(rows, numerator="x", denominator="n", segments="race", by="county")
    path = tu.assess(s, tu.Goal.at_least(0.5)).report(tmp_path / "page.html")
    assert len(Page(path.read_text(encoding="utf-8")).of("img")) == pictures
    assert path.stat().st_size < 1_000_000


def test_tables_have_captions_and_scoped_headings(page: Page) -> None:
    assert page.tags.count("caption") == page.tags.count("table") == 2
    assert all(a.get("scope") in ("row", "col", "rowgroup") for a in page.of("th"))
    assert page.of("html")[0]["lang"] == "en"


def test_goal_reason_source_and_choices_are_on_the_page(page: Page) -> None:
    text = "".join(page.words)
    for words in ("Because <i>we</i> said", "Board & staff", "the groups of group added up"):
        assert words in text


def test_the_same_assessment_writes_the_same_bytes(path: Path, tmp_path: Path) -> None:
    assert assessment().report(tmp_path / "again.html").read_bytes() == path.read_bytes()


def test_hidden_counts_are_nowhere_on_the_page(tmp_path: Path) -> None:
    public = assessment().suppress()
    text = public.report(tmp_path / "public.html").read_text(encoding="utf-8")
    drawn = [
        base64.b64decode(found).decode() for found in re.findall(r"base64,([A-Za-z0-9+/=]+)", text)
    ]
    words = "".join(Page(text).words) + "".join(drawn)
    assert "Small cells have been removed" in words
    assert "7.8 %" not in words  # 7 of 90
    assert "82.2 points" not in words
    assert "suppressed" in words


def test_many_strata_show_the_roll_up_first_and_say_what_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "MOST_STRATA", 4)  # that it is 12, 61 strata show at length
    rows = pd.concat([ROWS.assign(county=f"c{i:02d}") for i in range(30)])
    rows = rows.drop_duplicates(["county", "group"])
    segments = tu.from_counts(rows, numerator="x", denominator="n", segments="group", by="county")
    a = tu.assess(segments, tu.Goal.at_least(0.9), rollup=True)
    text = page_of(a, tmp_path)
    assert text.index("all together: every county") < text.index("county c00")
    assert "27 more strata are not on this page" in text


def test_what_a_board_reads_comes_first_in_few_words(tmp_path: Path) -> None:
    a = assessment().where(county="Inyo")
    text = page_of(a, tmp_path)
    words = Page(text).words
    said = next(one for one in words if one.startswith("All together"))
    assert said in a.describe(short=True)
    assert all(len(re.findall(r"[\d.,]*\d", one)) <= 2 for one in said.split(". "))
    order = ["<b>Reach</b>, county Inyo", "One goal for everyone", "All together", "How to read"]
    places = [next(i for i, one in enumerate(words) if one.startswith(o)) for o in order]
    assert places == sorted(places)
    assert text.index("All together") < text.index("<img") < text.index("<table")


def test_a_title_says_that_more_is_measured_than_it_names(tmp_path: Path) -> None:
    rows = [(f"Indicator {i}", race, 40, 90) for i in range(5) for race in "AB"]
    data = pd.DataFrame(rows, columns=["what", "race", "x", "n"])
    for count, title in ((5, "Indicator 0 · Indicator 1 · Indicator 2 and 2 more"),
                         (3, "Indicator 0 · Indicator 1 · Indicator 2")):  # fmt: skip
        some = data[data["what"] < f"Indicator {count}"]
        goals = {what: tu.Goal.at_least(0.5) for what in some["what"].unique()}
        page = page_of(assessed(some, goals, indicator="what"), tmp_path)
        assert f"<title>{title}</title>" in page


def test_indicators_of_different_units_share_a_picture_and_keep_their_goals(
    tmp_path: Path,
) -> None:
    data = {
        "what": ["Absence"] * 2 + ["Entries"] * 2, "race": ["A", "B"] * 2,
        "rate": [13.0, 23.0, 2.0, 5.5], "se": [1.0, 1.0, 0.5, 0.5],
    }  # fmt: skip
    goals = {"Absence": tu.Goal.at_most(15, per=100), "Entries": tu.Goal.at_most(3, per=1000)}
    kinds = {"Absence": "proportion", "Entries": "rate"}
    per = {"Absence": 100, "Entries": 1000}
    a = assessed(data, goals, estimates, se="se", kind=kinds, indicator="what", per=per)
    page = Page(page_of(a, tmp_path))
    assert "Absence · Entries" in page.words
    assert "Absence. One goal for everyone: at most 15 %" in page.words
    assert "Entries. One goal for everyone: at most 3 per 1,000" in page.words
    assert "5.50 per 1,000" in str(page.of("img")[0]["alt"])
    assert {"Absence", "Entries"} <= set(page.words)


def test_a_missing_folder_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(tu.InputError, match="no folder"):
        assessment().report(tmp_path / "nowhere" / "report.html")
