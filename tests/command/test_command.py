"""The command: what the library says, on a line; a clear message and exit code 2 for bad input."""

from __future__ import annotations

import importlib
import inspect
import io
import os
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pandas as pd
import pytest

import targeted_universalism as tu
from make import unpainted
from targeted_universalism.command import main
from targeted_universalism.command.data import DATA, TABLE
from targeted_universalism.command.goals import GOAL_WORDS, goal
from targeted_universalism.command.pages import PAGE
from targeted_universalism.command.tasks import ASSESS, RULE

ROOT = Path(__file__).parents[2]
ABSENT = str(ROOT / "data" / "sample" / "chronic_absence_california_2021_22.csv")
TOLD = [
    "--numerator", "chronically_absent", "--denominator", "eligible", "--segments", "group",
    "--dimension", "dimension", "--total", "All students", "--exclusive", "programme=false",
]  # fmt: skip
GOAL = ["--goal", "at most 10 %"]


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A table with a small group, typed as text."""
    path = tmp_path / "small.csv"
    path.write_text(
        "county,race,absent,pupils\nInyo,Black,4,19\nInyo,Latino,60,210\nInyo,White,35,240\n"
        "Mono,Black,12,50\nMono,Latino,9,120\nMono,White,50,300\n", encoding="utf-8",
    )  # fmt: skip
    return path


SMALL = [
    "--numerator", "absent", "--denominator", "pupils", "--segments", "race", "--by", "county",
]  # fmt: skip


def said(argv: Sequence[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Say a line; its pages are unpainted, since their words are asked."""
    with unpainted():
        code = main(argv)
    out, err = capsys.readouterr()
    return code, out, err


def by_hand() -> tu.Assessment:
    """What the line asks, asked of the library."""
    segments = tu.from_counts(
        pd.read_csv(ABSENT), numerator="chronically_absent", denominator="eligible",
        segments="group", dimension="dimension", total="All students",
        exclusive={"programme": False},
    )  # fmt: skip
    goal_ = tu.Goal.at_most(10, per=100, name="Absence", deadline=2030, people="pupils")
    return tu.assess(segments, goal_)


def test_a_line_says_and_writes_what_the_library_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = [tmp_path / name for name in ("a.html", "a.csv", "a.xlsx", "a.docx")]
    more = ["--name", "Absence", "--deadline", "2030", "--people", "pupils"]
    argv = ["assess", ABSENT, *TOLD, *GOAL, *more, *(w for p in out for w in ("--out", str(p)))]
    code, (text, err) = main(argv), capsys.readouterr()
    a = by_hand()
    assert (code, err) == (0, "")
    assert text.startswith(f"{a!r}\n\n{a.describe()}\n")
    assert text.endswith("".join(f"Written: {path}\n" for path in out))
    page = a.report(tmp_path / "b.html")
    assert out[0].read_bytes() == page.read_bytes()
    numbers = ["rate", "gap", "needed", "population"]
    pd.testing.assert_frame_equal(
        pd.read_csv(out[1])[numbers], a.table[numbers], check_dtype=False, rtol=1e-12
    )
    assert all(map(zipfile.is_zipfile, out[2:]))


ASCII = {"PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "ascii"}


def in_a_process(*argv: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own interpreter, our own code
        [sys.executable, "-m", "targeted_universalism", *argv], capture_output=True, text=True,
        check=False, cwd=folder, env={**os.environ, **ASCII},
    )  # fmt: skip


def test_python_m_is_the_same_without_a_traceback(tmp_path: Path) -> None:
    """In a process of its own: the code, and what goes to which stream."""
    wrong = in_a_process("assess", ABSENT, *TOLD, "--goal", "at most 10 %%", folder=tmp_path)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr.startswith("tu: --goal 'at most 10 %%' is no goal. A goal is written as")


@pytest.mark.long
def test_python_m_says_what_it_found(tmp_path: Path) -> None:
    fine = in_a_process("assess", ABSENT, *TOLD, *GOAL, folder=tmp_path)
    assert (fine.returncode, fine.stderr) == (0, "")
    assert r"\u25b2 short" in fine.stdout


def test_letters_that_a_terminal_lacks_are_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    bare = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", bare)
    assert main(["assess", ABSENT, *TOLD, *GOAL]) == 0
    bare.seek(0)
    assert r"\u25b2 short" in bare.read()


def test_the_script_is_the_same_function() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["scripts"] == {"tu": "targeted_universalism.command:main"}


def test_importing_the_library_loads_no_command() -> None:
    code = "import sys, targeted_universalism; print('argparse' in sys.modules)"
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(  # noqa: S603 - our own interpreter, our own code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env
    )
    assert done.stdout == "False\n"


# --- goals ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "direction", "target", "per"),
    [
        ("at least 90 %", "at least", 90, 100),
        ("At least 90%", "at least", 90, 100),
        ("at most 12.5 percent", "at most", 12.5, 100),
        ("at most 3 per 1,000", "at most", 3, 1000),
        ("at most 3 per 1000", "at most", 3, 1000),
        ("at  most 1,250.5 per 100,000 ", "at most", 1250.5, 100_000),
        ("at least 0.9", "at least", 0.9, 1),
        ("at least -2", "at least", -2, 1),
    ],
)
def test_a_goal_is_read_as_it_is_said(text: str, direction: str, target: float, per: int) -> None:
    found = goal(text)
    assert (found.direction, found.target, found.per) == (direction, target, per)


@pytest.mark.parametrize(
    "text",
    [
        "", "90 %", "at least", "at least ninety", "at least 90 % per 100", "atleast 90 %",
        "at least 9 0", "at most 3 per", "at most 3 per 1,00", "at most 1,2", "at most 3.0.1",
        "at most 3 pro mille", "under 3", "at least 90 % or so", "at most 3 per 0", "at most .",
        "at most " + "9" * 5000,
    ],
)  # fmt: skip
def test_what_is_no_goal_is_an_error_with_examples(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = said(["assess", ABSENT, *TOLD, "--goal", text], capsys)
    assert (code, out) == (2, "")
    assert err.startswith("tu: ")
    assert "at least 90 %" in err or "per=0" in err or "takes a number such as" in err


def test_every_indicator_has_its_goal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "two.csv"
    path.write_text("what,race,x,n\nin,A,40,90\nin,B,30,70\nout,A,5,90\nout,B,6,70\n")
    argv = ["assess", str(path), "--numerator", "x", "--denominator", "n", "--segments", "race",
            "--indicator", "what", "--goal", "in=at least 50 %", "--goal", "out=at most 5 %",
            "--out", str(tmp_path / "a.csv")]  # fmt: skip
    assert said(argv, capsys)[0] == 0
    table = pd.read_csv(tmp_path / "a.csv")
    assert dict(zip(table["indicator"], table["goal"], strict=True)) == {"in": 50, "out": 5}
    code, _, err = said([*argv, "--goal", "at least 1 %"], capsys)
    assert (code, "one indicator each" in err) == (2, True)
    assert "twice" in said([*argv, "--goal", "in=at least 1 %"], capsys)[2]


def test_goals_may_stand_in_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    goals = tmp_path / "goals.csv"
    goals.write_text("indicator,direction,target,per,unit\nin,at most,10,100,pupil\n")
    data = tmp_path / "one.csv"
    data.write_text("what,race,x,n\nin,A,40,90\nin,B,30,70\n")
    argv = ["assess", str(data), "--numerator", "x", "--denominator", "n", "--segments", "race",
            "--indicator", "what", "--goals", str(goals)]  # fmt: skip
    code, out, err = said(argv, capsys)
    assert (code, err) == (0, "")
    assert "at most 10" in out
    assert "leave --goal" in said([*argv, *GOAL], capsys)[2]


TRACTS = """area,race,people,people_moe,poor,poor_moe
Port,Black,1310,214,402,121
Port,Black,1890,260,520,150
Port,White,880,152,101,58
Hills,Black,410,96,0,13
Hills,White,2150,188,96,51
"""
SUMS = ["--numerator", "poor", "--numerator-moe", "poor_moe", "--denominator", "people",
        "--denominator-moe", "people_moe", "--segments", "race", "--per", "100",
        "--goal", "at most 12 %"]  # fmt: skip


def test_estimates_are_added_up_with_their_margins(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By hand: 922 of 3,200, its margin that of the Census Bureau for a proportion."""
    path = tmp_path / "tracts.csv"
    path.write_text(TRACTS)
    out = tmp_path / "a.csv"
    code, _, err = said(["assess", str(path), *SUMS, "--by", "area", "--out", str(out)], capsys)
    assert (code, err) == (0, "")
    table = pd.read_csv(out).set_index(["area", "segment"])
    assert table.loc[("Port", "Black"), "rate"] == pytest.approx(100 * 922 / 3200)
    assert table.loc[("Port", "Black"), "needed"] == 538
    sums = tu.add_estimates(
        pd.read_csv(path), numerator="poor", numerator_moe="poor_moe", denominator="people",
        denominator_moe="people_moe", by=["area", "race"], per=100,
    )  # fmt: skip
    s = tu.from_estimates(sums, estimate="estimate", moe="moe", population="population", per=100,
                          segments="race", by="area", kind="proportion")  # fmt: skip
    wanted = tu.assess(s, tu.Goal.at_most(12, per=100)).table
    assert table["ci_high"].tolist() == pytest.approx(wanted["ci_high"].tolist(), nan_ok=True)


@pytest.mark.parametrize(
    ("gone", "more", "words"),
    [
        ("--numerator-moe", [], "--numerator-moe is needed"),
        ("--denominator-moe", [], "--denominator-moe is needed"),
        ("--segments", [], "--segments is needed"),
        ("", ["--kind", "mean"], "Expected one of: 'proportion', 'rate'"),
        ("", ["--estimate", "poor"], "one of: counts"),
        ("", ["--weight", "poor"], "weight"),
    ],
)
def test_a_line_that_cannot_be_added_up_says_why(
    gone: str, more: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "tracts.csv"
    path.write_text(TRACTS)
    at = SUMS.index(gone) if gone else len(SUMS)
    argv = ["assess", str(path), *SUMS[:at], *SUMS[at + 2 :], *more]
    code, out, err = said(argv, capsys)
    assert (code, out) == (2, "")
    assert words in err


# --- options --------------------------------------------------------------------------------------


def test_every_parameter_of_the_constructors_is_an_option() -> None:
    """A new parameter of another shape must be readable from a line, or be left out by name."""
    makers = (tu.from_counts, tu.from_estimates, tu.from_records, tu.add_estimates)
    asked = {p for make in makers for p in inspect.signature(make).parameters} - {"data"}
    assert {option.name for option in DATA} == asked - {"definition"}
    assert all(option.words for option in DATA)


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("numerator", "x", "x"),
        ("segments", ["race", "sex"], ["race", "sex"]),
        ("by", ["county"], "county"),
        ("kind", ["rate"], "rate"),
        ("kind", ["in=rate", "out=proportion"], {"in": "rate", "out": "proportion"}),
        ("exclusive", ["false"], False),
        ("exclusive", ["programme=false"], {"programme": False}),
        ("suppressed", ["<11=1:10", "*=none", ">=50=50:inf"],
         {"<11": (1, 10), "*": None, ">=50": (50, float("inf"))}),
        ("order", ["income=low,middle,high"], {"income": ["low", "middle", "high"]}),
        ("dimension", ["Black=race", "Foster=programme"], {"Black": "race", "Foster": "programme"}),
        ("total", [""], ""),
        ("labels", ["RB=Black", "RH=Latino"], {"RB": "Black", "RH": "Latino"}),
        ("ci", ["low", "high"], ("low", "high")),
        ("per", ["1,000"], 1000),
        ("cross", "2", 2),
        ("level", "0.9", 0.9),
        ("rounded", ["x=5", "n=10"], {"x": 5, "n": 10}),
        ("adjusted", True, True),
    ],
)  # fmt: skip
def test_text_becomes_what_the_parameter_takes(name: str, given: object, value: object) -> None:
    (option,) = (option for option in DATA if option.name == name)
    assert option.value(given) == value


def test_confidence_and_reliability_may_be_none_and_roll_ups_all(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ["--out", str(tmp_path / "a.csv")]
    more = ["--confidence", "none", "--reliability", "none", "--rollup"]
    assert said(["assess", str(small), *SMALL, *GOAL, *more, *out], capsys)[0] == 0
    table = pd.read_csv(tmp_path / "a.csv")
    assert table["ci_low"].isna().all()
    assert set(table["flag"]) == {"ok"}
    assert table["county"].isna().sum() == 4


def test_flags_of_overlapping_segments_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "people.csv"
    path.write_text("foster,homeless,out\n1,0,1\n1,1,0\n0,1,1\n0,0,0\n")
    argv = ["assess", str(path), "--outcome", "out", "--segments", "programme=foster,homeless",
            "--goal", "at most 10 %", "--out", str(tmp_path / "a.csv")]  # fmt: skip
    assert said(argv, capsys)[0] == 0
    assert pd.read_csv(tmp_path / "a.csv")["n"].tolist() == [4, 2, 2]


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ([], "arguments are required: COMMAND"),
        (["asess"], "invalid choice: 'asess'"),
        (["assess"], "arguments are required: FILE"),
        (["assess", "no.csv", *TOLD, *GOAL], "There is no file 'no.csv'"),
        (["assess", str(ROOT / "Makefile"), *TOLD, *GOAL], "Makefile"),
        (["assess", "a" * 5000 + ".csv", *TOLD, *GOAL], "tu: "),
        (["assess", ABSENT, *TOLD], "What should everybody reach?"),
        (["assess", ABSENT, *TOLD, *GOAL, "--dimenson", "x"], "Did you mean '--dimension'?"),
        (["assess", ABSENT, *GOAL, "--segments", "group"], "Say what the table holds"),
        (["assess", ABSENT, *GOAL, "--numerator", "eligible"], "--denominator is needed: Columns"),
        (["assess", ABSENT, *GOAL, *TOLD, "--se", "x"], "from_counts() takes no se="),
        (["assess", ABSENT, *GOAL, *TOLD, "--cross", "two"], "--cross takes a number"),
        (["assess", ABSENT, *GOAL, *TOLD, "--by"], "--by takes a value"),
        (["assess", ABSENT, *GOAL, *TOLD, "--suppressed", "<11"], "takes NAME=VALUE"),
        (["assess", ABSENT, *GOAL, *TOLD, "--suppressed", "<11=5"], "takes TOKEN=LEAST:MOST"),
        (["assess", ABSENT, *GOAL, *TOLD, "--exclusive", "maybe"], "takes true or false"),
        (["assess", ABSENT, *GOAL, *TOLD, "--where", "group"], "--where takes COLUMN=VALUE"),
        (["assess", ABSENT, *GOAL, *TOLD, "--out", "no/where/a.html"], "There is no folder"),
        (["assess", ABSENT, *GOAL, *TOLD, "--out", "a.pdf"], "'a.pdf' must end in"),
        (["assess", ABSENT, *GOAL, *TOLD[:-3], "Everyone"], "which label of 'group' is the total"),
        (["inspect", ABSENT, "--segments", "grup"], "Did you mean 'group'?"),
        (["inspect", ABSENT, "--out", "a.html"], "must end in .csv"),
        (["audit", ABSENT], "cannot be read"),
    ],
)  # fmt: skip
def test_bad_input_ends_in_2_and_the_library_s_message(
    argv: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = said(argv, capsys)
    assert (code, out) == (2, "")
    assert err.startswith("tu: ")
    assert message in err


@pytest.mark.parametrize("argv", [["--help"], ["assess", "--help"], ["inspect", "--help"],
                                  ["audit", "--help"]])  # fmt: skip
def test_help_documents_exit_codes_and_every_option(
    argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = said(argv, capsys)
    assert (code, err) == (0, "")
    assert "exit codes:" in out
    if argv[0] == "assess":
        assert "--denominator" in out
        assert all(option.flag in out for option in DATA)


def test_help_says_whole_sentences_and_lists_names(capsys: pytest.CaptureFixture[str]) -> None:
    help_ = " ".join(said(["assess", "--help"], capsys)[1].split())
    assert "Columns of events and of people (or person-time): whole numbers, or weighted" in help_
    assert "Rules, and what they hide: count, cms, ccwip, nsize, calhhs" in help_
    assert "What everybody should reach, in words" in help_
    assert ":meth:" not in help_
    assert "`" not in help_
    assert all(o.words for o in (*DATA, *TABLE, *GOAL_WORDS, *ASSESS, *RULE, *PAGE))


# --- a plan, and the page -------------------------------------------------------------------------

VISITS = (
    "Group,county,Referred,Seen,Structure,Lead agency\nBlack,Inyo,90,40,No bus,Public Health\n"
    "Latino,Inyo,260,150,One worker,\nBlack,Mono,45,33,,\nLatino,Mono,190,152,,\n"
)
WAITING = ["--numerator", "Seen", "--denominator", "Referred", "--segments", "Group",
           "--by", "county", "--goal", "at least 75 %"]  # fmt: skip
CALLED = ["Group=segment", "Structure=structure", "Lead agency=owner"]


@pytest.fixture
def visits(tmp_path: Path) -> str:
    path = tmp_path / "visits.csv"
    path.write_text(VISITS, encoding="utf-8")
    return str(path)


def test_a_plan_is_held_against_the_goal_and_stands_on_the_page(
    visits: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = ["--plan", visits, "--plan-columns", *CALLED, "--title", "Seen in ten days",
            "--where", "county=Inyo", "--out", str(tmp_path / "by_line.md")]  # fmt: skip
    code, out, err = said(["assess", visits, *WAITING, *more], capsys)
    assert (code, err) == (0, "")
    frame = pd.read_csv(visits)
    s = tu.from_counts(
        frame, numerator="Seen", denominator="Referred", segments="Group", by="county"
    )
    a = tu.assess(s, tu.Goal.at_least(75, per=100)).where(county="Inyo")
    plan = tu.Plan(frame, by="county", columns=dict(t.split("=") for t in CALLED))
    with unpainted():
        path = a.report(tmp_path / "by_hand.md", plan=plan, title="Seen in ten days")
    by_line = (tmp_path / "by_line.md").read_text(encoding="utf-8")
    assert by_line.replace("by_line", "by_hand") == path.read_text(encoding="utf-8")
    for row in plan.check(a).itertuples():
        assert f"  Inyo, Group, {row.segment}: {row.finding}. {row.detail}\n" in out
    assert f"What it leaves open: {len(plan.check(a))} findings." in out


def test_along_time_what_is_said_and_the_plan_are_as_of_the_latest_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each place has its own: Mono ends a year before Inyo."""
    rows = pd.DataFrame(
        [(c, y, r, 10 * y - 20_100 + k, 100) for c, last in (("Inyo", 2022), ("Mono", 2021))
         for y in range(2019, last + 1) for k, r in enumerate(("Black", "White"))],
        columns=["county", "year", "race", "x", "n"],
    )  # fmt: skip
    rows["x"] = 20 + rows["x"] % 60
    data, plan = tmp_path / "years.csv", tmp_path / "plan.csv"
    rows.to_csv(data, index=False)
    plan.write_text("segment,structure\nBlack,bus ends at 3 pm\n", encoding="utf-8")
    told = ["--numerator", "x", "--denominator", "n", "--segments", "race", "--by", "county",
            "year", "--goal", "at least 99 %"]  # fmt: skip
    more = ["--time", "year", "--plan", str(plan), "--out", str(tmp_path / "page.md")]
    code, out, _ = said(["assess", str(data), *told, *more], capsys)
    segments = tu.from_counts(
        rows, numerator="x", denominator="n", segments="race", by=["county", "year"]
    )
    a = tu.assess(segments, tu.Goal.at_least(99, per=100))
    found = tu.Plan(pd.read_csv(plan)).check(a)
    at = found["county"].astype("string") + " " + found["year"].astype("string")
    wanted = found[at.isna() | at.isin(["Inyo 2022", "Mono 2021"])]
    assert code == 0
    assert f"What it leaves open: {len(wanted)} findings." in out
    assert 0 < len(wanted) < len(found)
    assert all(("Inyo" in line) == ("2022" in line) for line in out.splitlines() if ", 20" in line)
    assert "2019" not in out
    assert "2020" not in out


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--plan", "no.csv"], "There is no file 'no.csv'"),
        (["--plan", "VISITS"], "say so: columns={'Group': 'segment'}"),
        (["--plan", "VISITS", "--plan-columns", "Group=segmnt"], "Did you mean 'segment'"),
        (["--plan-columns", "Group=segment"], "name --plan"),
        (["--plan", "VISITS", "--plan-columns", "Group"], "takes NAME=VALUE"),
        (["--title", "x"], "--title is for a page: say where, as in --out report.html"),
    ],
)
def test_a_plan_that_is_none_ends_in_2(
    visits: str, more: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    more = [visits if word == "VISITS" else word for word in more]
    code, out, err = said(["assess", visits, *WAITING, *more], capsys)
    assert (code, out) == (2, "")
    assert message in err


def test_the_demo_is_the_command_on_the_sample(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    demo = importlib.import_module("demo")
    monkeypatch.setattr(demo, "OUT", tmp_path / "out")
    assert demo.main() == 0
    page = demo.assessed().report(tmp_path / "report.html").read_bytes()
    assert (tmp_path / "out" / "report.html").read_bytes() == page
    assert "Written: " in capsys.readouterr().out


# --- a spoilt file --------------------------------------------------------------------------------

SPOILT = {
    "empty.csv": b"", "head.csv": b"race,x,n\n", "ragged.csv": b"a,b\n1,2,3\n1\n1,2,3,4\n",
    "zero.csv": b"\0\0\0",
    "quote.csv": b'race,x,n\n"A,1,2\n', "no.parquet": b"PAR1", "no.xlsx": b"PK\x03\x04 no",
}  # fmt: skip


@pytest.mark.parametrize("name", SPOILT)
@pytest.mark.parametrize("what", ["assess", "inspect"])
def test_a_spoilt_file_ends_in_a_message(
    what: str, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    path.write_bytes(SPOILT[name])
    argv = [what, str(path), "--numerator", "x", "--denominator", "n", "--segments", "race"]
    code, _, err = said(argv + (GOAL if what == "assess" else []), capsys)
    assert code == 2 or (name in ("head.csv", "quote.csv") and what == "inspect")
    assert err.startswith("tu: ") or code == 0


def test_text_stays_text_on_its_way_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """01 is not 1, and NA is a label; a mark at the start of the file is no part of a name."""
    path = tmp_path / "a.csv"
    path.write_text("\ufeffrace,x,n\n01,1,20\n1,2,20\nNA,3,20\n", encoding="utf-8")
    out = tmp_path / "out.csv"
    argv = ["assess", str(path), "--numerator", "x", "--denominator", "n", "--segments", "race"]
    assert said([*argv, *GOAL, "--out", str(out)], capsys)[0] == 0
    table = pd.read_csv(out, dtype=str, keep_default_na=False)
    assert table["segment"].tolist() == ["All", "01", "1", "NA"]


def test_what_was_changed_on_the_way_in_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes('race,x,n\nAsi\u00e1n,1,"1,200"\nB,3,30\n'.encode("cp1252"))
    argv = ["assess", str(path), "--numerator", "x", "--denominator", "n", "--segments", "race"]
    code, out, err = said([*argv, *GOAL], capsys)
    assert (code, err) == (0, "")
    told = "Changed on the way in, as tu.read_table logs it: code page (1); thousands comma (1)."
    assert told in out
    assert "Asi\u00e1n" in out


# --- inspect and audit ----------------------------------------------------------------------------


def test_inspect_says_that_more_is_seen_where_columns_are_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The total of the sample is a segment until somebody says so: bare, nothing is found."""
    code, out, err = said(["inspect", ABSENT], capsys)
    assert (code, err) == (0, "")
    assert out.startswith("0 findings.\nNothing was said of its columns: ")
    _, out, _ = said(["inspect", ABSENT, "--segments", "group"], capsys)
    assert "undeclared total" in out
    assert "Nothing was said" not in out


def test_the_ledger_on_a_line_is_the_library_s(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small.write_text(small.read_text().replace("Mono,Black", "Mono,black"))
    code, out, err = said(["inspect", str(small), *SMALL, "--out", str(tmp_path / "a.csv")], capsys)
    found = tu.inspect(
        pd.read_csv(small), numerator="absent", denominator="pupils", segments="race", by="county"
    )
    assert (code, err, len(found)) == (0, "", 1)
    assert f"warning: {found['finding'][0]} (1 row)" in out
    assert pd.read_csv(tmp_path / "a.csv")["advice"].tolist() == found["advice"].tolist()


def test_what_is_published_is_written_and_attacked(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    public, leaky = tmp_path / "public.parquet", tmp_path / "leaky.parquet"
    argv = ["assess", str(small), *SMALL, *GOAL, "--suppress", "11", "--out", str(public)]
    assert said(argv, capsys)[0] == 0
    code, out, err = said(["audit", str(public)], capsys)
    segments = tu.from_counts(
        pd.read_csv(small), numerator="absent", denominator="pupils", segments="race", by="county"
    )
    hidden = tu.audit(tu.assess(segments, tu.Goal.at_most(10, per=100)).suppress())
    assert (code, err) == (0, "")
    assert out.endswith(f"0 of {len(hidden)} hidden counts can be narrowed down too far.\n")
    assert said(["audit", str(public), "--width", "5000"], capsys)[0] == 1
    code, _, err = said(["audit", str(public), "--width", "5.5"], capsys)
    assert (code, "width=5.5 must be a whole number" in err) == (2, True)
    argv = ["assess", str(small), *SMALL, *GOAL, "--out", str(leaky)]
    code, _, err = said(argv, capsys)
    assert (code, "confidential=True" in err) == (2, True)
    assert said([*argv, "--confidential"], capsys)[0] == 0
    code, _, err = said(["audit", str(leaky)], capsys)
    assert (code, "still holds everything" in err) == (2, True)


# --- whatever the words ---------------------------------------------------------------------------

WORDS = [
    "assess", "inspect", "audit", "--goal", "at most 10 %", "at least", "--by", "county", "race",
    "x", "--cross", "2", "-1", "--", "-h", "--out", "/", ".", "", "\ud800", "=", "a=b", "<11=1:10",
    "--suppressed", "--exclusive", "--rollup", "--where", "--suppress", "11", "9" * 20,
    "--per", "--per=0", "--kind", "rate", "mean", "--order", "race=A,B", "--total", "All", "none",
    "--confidence", "--interval", "--width", "--deadline", "1e400", "nan", "%s", "{}", "--goals",
    "--population", "pupils", "--unknown", "--labels", "Black=White", "--header", "--plan",
    "--plan-columns", "race=segment", "small.csv", "--time", "--title", "--breaks", "--preset",
]  # fmt: skip


def held(seed: int, small: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Draw a line: a right one with words put in, taken out and changed."""
    rng = Random(seed)  # noqa: S311
    line = ["assess", str(small), *SMALL, *GOAL, "--out", str(folder / "a.csv")]
    if rng.random() < 0.3:
        line = ["inspect", str(small), *SMALL]
    for _ in range(rng.randint(1, 4)):
        place, change = rng.randrange(len(line) + 1), rng.random()
        if change < 0.6:
            line[place:place] = rng.sample(WORDS, rng.randint(1, 3))
        elif change < 0.8 and place < len(line):
            line[place] = rng.choice(WORDS)
        else:
            line[place : place + 1] = []
    code, _, err = said(line, capsys)
    assert code in (0, 2), line
    assert (code == 0) == (err == ""), (line, err)
    assert "Traceback" not in err


@pytest.mark.filterwarnings("error")
def test_a_random_line_ends_in_0_or_2(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for seed in range(40):
        held(seed, small, tmp_path, capsys)


@pytest.mark.long
def test_many_random_lines_end_in_0_or_2(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for seed in range(40, 4_000):
        held(seed, small, tmp_path, capsys)
