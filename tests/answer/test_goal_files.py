"""Shared goals in files: what is written is what is read; what is broken is refused in words."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

import targeted_universalism as tu
from make import counts

PARTS = ("numerator", "denominator", "exclusions", "period", "unit")
TOML = """
version = "2026-03"
source = "Inyo and Mono, 12 March 2026"

[absence]
direction = "at most"
target = 10
per = 100
name = "Chronic absence"
deadline = 2030
people = "students"
numerator = "students absent on 10 % or more of the days enrolled"
denominator = "students enrolled for 31 days or more"

["infant mortality"]
direction = "at most"
target = 4.35
per = 1_000
source = "Healthy People 2030, MICH-02"
version = "MICH-02"
"""
CSV = """indicator,direction,target,per,name,deadline,source,version,numerator,denominator,people
absence,at most,10,100,Chronic absence,2030,"Inyo and Mono, 12 March 2026",2026-03,\
students absent on 10 % or more of the days enrolled,students enrolled for 31 days or more,students
infant mortality,at most,4.35,1000,,,"Healthy People 2030, MICH-02",MICH-02,,,
"""
GOALS = {
    "absence": tu.Goal.at_most(
        10, per=100, name="Chronic absence", deadline=2030, people="students", version="2026-03",
        source="Inyo and Mono, 12 March 2026",
        definition=tu.Definition(
            numerator="students absent on 10 % or more of the days enrolled",
            denominator="students enrolled for 31 days or more",
        ),
    ),
    "infant mortality": tu.Goal.at_most(
        4.35, per=1000, source="Healthy People 2030, MICH-02", version="MICH-02"
    ),
}  # fmt: skip
LINES = CSV.splitlines()


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., dict[str, tu.Goal]]:
    def reading(text: str | bytes, suffix: str = ".toml") -> dict[str, tu.Goal]:
        path = tmp_path / f"goals{suffix}"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return tu.read_goals(path)

    return reading


Read = Callable[..., dict[str, tu.Goal]]


# --- what is read ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "suffix"), [(TOML, ".toml"), (CSV, ".csv"), (CSV, ".CSV")])
def test_both_kinds_of_file_give_the_goals_that_a_person_would_type(
    read: Read, text: str, suffix: str
) -> None:
    found = read(text, suffix)
    assert found == GOALS
    assert list(found) == list(GOALS)


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + CSV,
        CSV.replace("\n", "\r\n"),
        CSV.replace("\n", "\r"),
        f"\n,,\n{LINES[0]}\n\n , , ,\n{LINES[1]}\n{LINES[2]}\n\n",
        CSV.replace(",", ";").replace("Inyo and Mono; ", "Inyo and Mono, ").replace(
            "2030; MICH", "2030, MICH"
        ),
        CSV.replace("at most", " at  most ").replace(",10,", ", 10.0 ,"),
    ],
    ids=["mark of byte order", "Windows", "old Mac", "blank lines", "semicolons", "blanks"],
)  # fmt: skip
def test_spreadsheets_write_it_in_several_ways(read: Read, text: str) -> None:
    assert read(text, ".csv") == GOALS


def test_cells_may_hold_separators_quotation_marks_and_line_breaks(read: Read) -> None:
    text = 'indicator;direction;target;rationale\na;at least;0.5;"why; ""this"",\nnumber"\n'
    assert read(text, ".csv")["a"].rationale == 'why; "this",\nnumber'


def test_what_a_table_says_goes_before_what_the_file_says(read: Read) -> None:
    found = read(TOML.replace('version = "MICH-02"', 'version = " "'))
    assert [goal.version for goal in found.values()] == ["2026-03", "2026-03"]
    assert found["infant mortality"].source == "Healthy People 2030, MICH-02"


def test_a_unit_that_is_not_said_is_not_said(read: Read) -> None:
    said, unsaid = (read(f"[a]\ndirection='at most'\ntarget=3\n{x}")["a"] for x in ("per=1", ""))
    deaths = counts([("A", 900, 100), ("B", 800, 100)], kind="rate")
    late = counts([("A", 9, 100), ("B", 8, 100)], kind="rate")
    tu.assess(deaths, unsaid)
    tu.assess(late, said)
    with pytest.raises(tu.InputError, match="Say the unit of the goal"):
        tu.assess(late, unsaid)


def test_shared_goals_are_what_data_are_made_and_assessed_by(read: Read) -> None:
    goals = read(TOML)
    rows = [("absence", "A", 9, 90), ("absence", "B", 20, 90), ("infant mortality", "A", 1, 900)]
    data = [{"what": w, "race": r, "x": x, "n": n} for w, r, x, n in rows]
    s = counts({k: [row[k] for row in data] for k in data[0]}, indicator="what", definition=goals)
    a = tu.assess(s, goals)
    assert list(s.choices["definition"]) == ["absence"]
    assert a.goals["version"].tolist() == ["2026-03", "MICH-02"]
    assert a.goals["fingerprint"][0] == s.choices["definition"]["absence"]["fingerprint"]
    theirs = read(TOML.replace("31 days", "1 day"))
    with pytest.raises(tu.InputError, match="'students enrolled for 1 day or more'"):
        tu.assess(s, theirs)


# --- numbers --------------------------------------------------------------------------------------

WRITTEN = st.builds(
    lambda whole, part: f"{whole}.{part}" if part else str(whole),
    st.integers(-999, 999),
    st.text("0123456789", max_size=9),
)


@given(WRITTEN, st.sampled_from([".toml", ".csv"]))
def test_decimals_are_exact_as_they_are_written(
    tmp_path_factory: pytest.TempPathFactory, written: str, suffix: str
) -> None:
    path = tmp_path_factory.mktemp("goals") / f"a{suffix}"
    path.write_text(
        f"[a]\ndirection = 'at least'\ntarget = {written}\nper = 1000"
        if suffix == ".toml"
        else f"indicator,direction,target,per\na,at least,{written},1000"
    )
    assert tu.read_goals(path)["a"].fraction == Fraction(written) / 1000


@pytest.mark.parametrize(
    ("written", "exact", "kind"),
    [
        ("0.1", Fraction(1, 10), float),
        ("1e-3", Fraction(1, 1000), float),
        ("90.0", Fraction(90), int),
        ("0.12345678901234567890", Decimal("0.12345678901234567890"), Decimal),
    ],
)
def test_a_number_is_the_one_that_a_person_would_type(
    read: Read, written: str, exact: Any, kind: type
) -> None:
    for text, suffix in (
        (f"[a]\ndirection = 'at least'\ntarget = {written}", ".toml"),
        (f"indicator,direction,target\na,at least,{written}", ".csv"),
    ):
        target = read(text, suffix)["a"].target
        assert type(target) is kind
        assert Fraction(str(target)) == Fraction(exact)


# --- there and back -------------------------------------------------------------------------------

LETTERS = st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"])
TEXTS = st.text(LETTERS, max_size=8).map(lambda text: " ".join(text.split()))
NAMES = TEXTS.filter(bool)
NUMBERS = st.one_of(
    st.integers(-(10**12), 10**12),
    st.floats(1e-9, 1e9).map(lambda value: float(f"{value:.9g}")).filter(lambda v: v % 1),
)
DEFINED = (
    st.fixed_dictionaries({}, optional=dict.fromkeys(PARTS, NAMES))
    .filter(bool)
    .map(lambda parts: tu.Definition(**parts))
)
A_GOAL = st.builds(
    tu.Goal,
    direction=st.sampled_from(["at least", "at most"]),
    target=NUMBERS,
    per=st.sampled_from([1, 100, 1000, 0.5]),
    name=TEXTS,
    deadline=st.none() | st.integers(1000, 9999),
    ambition=st.sampled_from(["aspirational", "interim", "statutory"]),
    rationale=TEXTS,
    source=TEXTS,
    people=NAMES,
    version=TEXTS,
    definition=st.none() | DEFINED,
)


def said(goal: tu.Goal) -> dict[str, Any]:
    """Everything that a goal says, as keys of a file."""
    keys = (
        "direction", "target", "per", "name", "deadline", "ambition", "rationale", "source",
        "people", "version",
    )  # fmt: skip
    found = {key: getattr(goal, key) for key in keys}
    if goal.definition is not None:
        found |= {part: getattr(goal.definition, part) for part in PARTS}
    return {key: value for key, value in found.items() if value not in (None, "")}


def as_toml(goals: dict[str, tu.Goal]) -> str:
    """A table for each goal; strings of JSON are strings of TOML where nothing is a control."""

    def word(value: object) -> str:
        return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)

    return "\n".join(
        "\n".join([f"[{word(name)}]", *(f"{k} = {word(v)}" for k, v in said(goal).items())])
        for name, goal in goals.items()
    )


def as_csv(goals: dict[str, tu.Goal], separator: str) -> str:
    rows = [{"indicator": name, **said(goal)} for name, goal in goals.items()]
    names = list(dict.fromkeys(key for row in rows for key in row))
    out = io.StringIO()
    table = csv.DictWriter(out, names, delimiter=separator)
    table.writeheader()
    table.writerows(rows)
    return out.getvalue()


@settings(suppress_health_check=[*HealthCheck])
@given(st.dictionaries(NAMES, A_GOAL, min_size=1, max_size=4), st.sampled_from(",;\t"))
def test_goals_come_back_from_a_file_as_they_were(
    read: Read, goals: dict[str, tu.Goal], separator: str
) -> None:
    assert read(as_toml(goals)) == goals
    assert read(as_csv(goals, separator), ".csv") == goals


# --- what is refused ------------------------------------------------------------------------------

HERE = "[absence]\ndirection = 'at most'\ntarget = 10\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"{HERE}targt = 3", r"'goals\.toml', table \[absence\] says 'targt', .* mean 'target'"),
        (f"{HERE}[absence.definition]\nunit='x'", r"\[absence\] says 'definition', which no goal"),
        (f"Version = '1'\n{HERE}", r"says 'Version' above its tables, .* mean 'version'"),
        (f"[[goals]]\n{HERE}", "says 'goals' above its tables"),
        (HERE + HERE, r"'goals\.toml' is no TOML .*\(at line 4"),
        (f"{HERE}target = 3\n[b]", r"is no TOML .*Cannot overwrite a value \(at line 4"),
        (f"{HERE}['absence ']\ndirection='at least'\ntarget=1", "'absence' a second goal"),
        ("[absence]\ntarget = 10", r"\[absence\] has no direction: say 'at least' or 'at most'"),
        ("[absence]\ndirection = ' '\ntarget = 10", "has no direction"),
        ("[absence]\ndirection = 'at most'", "has no target: say a number"),
        ("[absence]\ndirection = 'up'\ntarget = 1", r"\[absence\]: direction='up' is not known"),
        ("[absence]\ndirection = 1\ntarget = 1", "direction=1 is not known"),
        ("[absence]\ndirection = 'at most'\ntarget = '10'", "target='10', which is no plain"),
        ("[absence]\ndirection = 'at most'\ntarget = '90 %'", "for 90 %, write target 90 and per"),
        ("[absence]\ndirection = 'at most'\ntarget = [1, 2]", "one number for every segment"),
        ("[absence]\ndirection = 'at most'\ntarget = {White = 1}", "one number for every segment"),
        ("[absence]\ndirection = 'at most'\ntarget = true", "one number for every segment"),
        ("[absence]\ndirection = 'at most'\ntarget = nan", "no plain number"),
        ("[absence]\ndirection = 'at most'\ntarget = 1e400", "no plain number"),
        (f"{HERE}per = 0", r"\[absence\]: per=0 must be a number above 0"),
        (f"{HERE}deadline = 2030-06-30", "deadline=.*must be a whole number"),
        (f"{HERE}deadline = '2030'", "deadline='2030', which is no plain number"),
        (f"{HERE}version = 3", "version=3 must be text"),
        (f"{HERE}numerator = 3", "numerator=3 must be text"),
        (f"{HERE}ambition = 'high'", "ambition='high' is not known"),
        ("['']\ndirection = 'at most'\ntarget = 10", "does not say which indicator"),
        ("", r"'goals\.toml' holds no goal\. A goal is a table"),
        ("version = '1'", "holds no goal"),
        ("x", "is no TOML that can be read"),
        (f"a = {'[' * 20_000}", "is no TOML that can be read"),
        (f"{HERE}deadline = {'9' * 5000}", "is no TOML that can be read"),
        (b"\xff\xfe", "is not in UTF-8"),
    ],
)  # fmt: skip
def test_a_toml_file_that_is_not_clear_is_refused_with_the_place(
    read: Read, text: str | bytes, message: str
) -> None:
    with pytest.raises(tu.InputError, match=message):
        read(text)


HEAD = "indicator,direction,target"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("direction,target\nat most,10", r"'goals\.csv' has no column 'indicator' in row 1"),
        ("Indicator,target\na,10", "Did you mean 'Indicator'"),
        (f"Our goals,,\n{HEAD}\na,at most,1", "no column 'indicator' in row 1"),
        (f"{HEAD},targt\na,at most,10,3", r"row 2 \(a\) says 'targt', .* mean 'target'"),
        (f"{HEAD},target\na,at most,10,10", "two columns 'target'"),
        (f"{HEAD}\na,at most,10\n\n a ,at most,12", r"row 4 \(a\) gives indicator 'a' a second"),
        (f"{HEAD}\na,,10", r"row 2 \(a\) has no direction"),
        (f"{HEAD}\na,at most,", r"row 2 \(a\) has no target"),
        (f"{HEAD}\n,at most,10", "row 2 does not say which indicator"),
        (f"{HEAD}\na,at most", "row 2 has 2 cells, and the heading 3"),
        (f"{HEAD}\na,at most,1,000", "row 2 has 4 cells"),
        (f"{HEAD}\na,At most,10", "direction='At most' is not known"),
        (f"{HEAD}\na,at most,90 %", "target='90 %', .* write target 90 and per 100"),
        (f'{HEAD}\na,at most,"1,000"', "target='1,000', which is no plain number"),
        (f"{HEAD.replace(',', ';')}\na;at most;0,9", "target='0,9', which is no plain number"),
        (f"{HEAD}\na,at most,1_000", "which is no plain number"),
        (f"{HEAD}\na,at most,1 000", "which is no plain number"),
        (f"{HEAD}\na,at most,ten", "which is no plain number"),
        (f"{HEAD}\na,at most,inf", "which is no plain number"),
        (f"{HEAD}\na,at most,\u0663", "which is no plain number"),
        (f"{HEAD}\na,at most,1e-999999999", "which is no plain number"),
        (f"{HEAD}\na,at most,{'1' * 5000}", "which is no plain number"),
        (f"{HEAD},deadline\na,at most,1,2030-06", "deadline='2030-06', which is no plain"),
        (f"{HEAD},deadline\na,at most,1,2030.5", "deadline=2030.5 must be a whole number"),
        (f'{HEAD}\na,at most,"10', "row 2 is no CSV that can be read"),
        (f'{HEAD}\na,at most,"10"x', "row 2 is no CSV that can be read"),
        (f"{HEAD}\na,at most,{'x' * 200_000}", "is no CSV that can be read"),
        (HEAD, r"'goals\.csv' holds no goal\. A goal is a row"),
        ("", "holds no goal"),
        (",,\n\n", "holds no goal"),
        (b"indicator,name\na,caf\xe9", "is not in UTF-8"),
    ],
)
def test_a_csv_file_that_is_not_clear_is_refused_with_the_place(
    read: Read, text: str | bytes, message: str
) -> None:
    with pytest.raises(tu.InputError, match=message):
        read(text, ".csv")


def test_a_file_that_is_no_file_of_goals_is_refused(read: Read, tmp_path: Path) -> None:
    with pytest.raises(tu.InputError, match=r"'goals\.xlsx' must end in \.toml or \.csv"):
        read(TOML, ".xlsx")
    with pytest.raises(tu.InputError, match="cannot be read"):
        tu.read_goals(tmp_path / "nothing.toml")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(tu.InputError, match="cannot be read"):
        tu.read_goals(tmp_path / "folder.csv")
    for wrong in (None, 3, "", b"a.toml", "a\0.toml"):
        with pytest.raises(tu.InputError):
            tu.read_goals(wrong)  # type: ignore[arg-type]


def spoilt(text: str, rng: random.Random) -> bytes:
    """Take out, put in, double and swap pieces of a file, as hands and programs do."""
    found = bytearray(text.encode())
    for _ in range(rng.randint(1, 6)):
        place, length = rng.randrange(len(found) + 1), rng.randint(0, 12)
        piece = bytes(found[place : place + length])
        more = rng.choice([b"", piece * 2, b'"', b"\n", b",", b"[", b"]", b"=", b"\0", b"\xff",
                           b"9" * 40, b"-", b"'''", b"#", "½".encode(), b"e", b"nan"])  # fmt: skip
        found[place : place + length] = more
    return bytes(found)


@pytest.mark.parametrize("suffix", [".toml", ".csv"])
def test_a_broken_file_gives_goals_or_words_and_nothing_else(read: Read, suffix: str) -> None:
    rng = random.Random(suffix)  # noqa: S311
    refused = 0
    for _ in range(400):
        try:
            found = read(spoilt(TOML if suffix == ".toml" else CSV, rng), suffix)
        except tu.InputError:
            refused += 1
        else:
            assert all(isinstance(goal, tu.Goal) for goal in found.values())
    assert 100 < refused < 400
