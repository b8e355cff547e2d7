"""Tables as they come in somebody's file: legal, and messy in every way that the rules allow."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product
from random import Random
from typing import Any

Row = dict[str, Any]

NAMES = ("race", "sex", "age group", "stratum", "unknown race", "segment", "Größe", "a.b", "x")
STRATA = ("county", "year", "from", "total")
WORDS = (
    "A", "b", "B b", "É", "01", "1.5", "nan", "None", "<11", "a,b", 'say "so"', "-", "Total-ish",
    "👩🏽‍🦱", "best", "rest", "goal", "each", "0", "y" * 40,
)  # fmt: skip
POOLS: Mapping[str, Sequence[Any]] = {
    "text": WORDS,
    "whole": (0, 1, -1, 7, 2022, 2**53 + 1),
    "float": (0.0, 1.5, 2.0, -3.25, 2.0**60),
    "bool": (False, True),
    "date": (datetime.date(1899, 12, 31), datetime.date(2020, 2, 29), datetime.date(2021, 1, 1)),
}
TIMES: Sequence[Sequence[Any]] = (
    range(2012, 2024),
    [str(year) for year in range(2012, 2024)],
    [f"{year}-{year % 100 + 1}" for year in range(2012, 2024)],
    [f"{year}-{year + 4}" for year in range(2005, 2019)],
    [datetime.date(year, 7, 2) for year in range(2012, 2024)],
)
TOTALS = ("All", "Total", "All students", None)
UNKNOWNS = ("n/a", "Unknown", "not reported")


@dataclass
class Table:
    """Rows with their columns, and the options by which the library reads them.

    Parameters
    ----------
    door : str
        The constructor.
    rows : list of dict
        One value for every column in each row.
    options : dict
        What the constructor is told.
    known : dict
        What the oracle is told beside them.
    """

    door: str
    rows: list[Row]
    options: dict[str, Any]
    known: dict[str, Any] = field(default_factory=dict)

    @property
    def columns(self) -> dict[str, list[Any]]:
        """Values by column."""
        return {name: [row[name] for row in self.rows] for name in self.rows[0]}


def chance(rng: Random, share: float) -> bool:
    """Tell whether something happens this time."""
    return rng.random() < share


def padded(value: Any, rng: Random) -> Any:
    """Put blanks around a text, or inside it where there are some: it reads as before."""
    if not isinstance(value, str) or not chance(rng, 0.15):
        return value
    blank = rng.choice([" ", "  ", "\u00a0", "\t", "\u2003"])
    inner = value.replace(" ", blank) if len(value) < 30 else value
    return rng.choice([blank + inner, inner + blank, blank + inner + blank])


def labels(rng: Random, most: int = 4) -> list[Any]:
    """Draw labels of one type, none of which read alike."""
    pool = POOLS[rng.choice(["text", "text", "text", *POOLS])]
    return rng.sample(list(pool), rng.randint(1, min(most, len(pool))))


def axes(rng: Random, most: int = 3) -> dict[str, list[Any]]:
    """Draw columns of segments, each with its labels."""
    names = rng.sample(NAMES, rng.randint(1, most))
    return {name: labels(rng) for name in names}


def strata(rng: Random) -> dict[str, list[Any]]:
    """Draw columns that the analysis is repeated over."""
    names = rng.sample(STRATA, rng.choice([0, 0, 1, 1, 2]))
    return {name: years(rng) if name == "year" else labels(rng, 3) for name in names}


def years(rng: Random) -> list[Any]:
    """Draw times of one kind, two to five; or labels that may be none."""
    if chance(rng, 0.3):
        return labels(rng, 3)
    return rng.sample(rng.choice(TIMES), rng.randint(2, 5))


def people(rng: Random) -> int:
    """Draw how many people a group has: none, few, many, very many."""
    most = rng.choice([0, 1, 5, 12, 40, 40, 300, 300, 2_500, 2**30])
    return rng.randint(0, most)


def events(rng: Random, n: int, kind: str) -> int:
    """Draw events among people; those of rates may be more than the people."""
    most = n if kind == "proportion" else 2 * n + 3
    return rng.choice([0, n, rng.randint(0, most), rng.randint(0, most)])


def goal(rng: Random, kinds: Sequence[str]) -> dict[str, Any]:
    """Draw a direction, a target and a unit that fit every kind."""
    per = rng.choice([1, 1, 100, 1_000])
    share = rng.choice([0, 1, 19, 18, 10, 3, 1])
    whole = 20 if "proportion" in kinds else rng.choice([20, 7])
    target = share * per // whole if share * per % whole == 0 else share * per / whole
    return {"direction": rng.choice(["at least", "at most"]), "target": target, "per": per}


def counted(rng: Random) -> Table:
    """Draw a table of counts, with declared margins, blanks, tokens, ranks and indicators."""
    split, over = axes(rng), strata(rng)
    kinds = {"": rng.choice(["proportion", "rate"])}
    options: dict[str, Any] = {
        "numerator": "events", "denominator": "people", "segments": list(split),
        "kind": kinds[""],
    }  # fmt: skip
    if over:
        options["by"] = list(over)
    if chance(rng, 0.2):
        kinds = {name: rng.choice(["proportion", "rate"]) for name in ("done", "left early")}
        options |= {"indicator": "what", "kind": dict(kinds)}
    rows = _finest(rng, split, over, kinds)
    _lose_labels(rng, rows, split, options)
    _hide(rng, rows, options)
    margins = _margins(rng, rows, split, over, options)
    options["total"] = options.get("total", ())
    _say(rng, rows, split, options)
    if chance(rng, 0.5):
        rng.shuffle(rows)
        rows = margins + rows if chance(rng, 0.5) else rows + margins
    else:
        rows = rows + margins
    for row in rows:
        for name in split:
            row[name] = padded(row[name], rng)
    kinds = {what: kind for what, kind in kinds.items() if not what or _holds(rows, what)}
    return Table("from_counts", rows, options, {"kinds": kinds})


def _holds(rows: list[Row], what: str) -> bool:
    return any(row["what"] == what for row in rows)


def _finest(
    rng: Random, split: Mapping[str, list[Any]], over: Mapping[str, list[Any]],
    kinds: Mapping[str, str],
) -> list[Row]:  # fmt: skip
    """Count people and events of the finest groups, some of which are not there."""
    rows = []
    for what, kind in kinds.items():
        for key in product(*over.values(), *split.values()):
            if len(rows) > 0 and chance(rng, 0.15):
                continue
            row = dict(zip([*over, *split], key, strict=True))
            if what:
                row["what"] = what
            n = people(rng)
            rows.append(row | {"people": n, "events": events(rng, n, kind)})
    return rows


def _lose_labels(
    rng: Random, rows: list[Row], split: Mapping[str, list[Any]], options: dict[str, Any]
) -> None:
    """Take one label of a column away, or write a word in its place that says it is not known."""
    name = rng.choice(list(split))
    way = rng.choice(["kept", "kept", "blank", "word"])
    if way == "kept" or not all(isinstance(label, str) for label in split[name]):
        return
    word = None if way == "blank" else rng.choice(UNKNOWNS)
    lost = rng.choice(split[name])
    for row in rows:
        row[name] = word if row[name] == lost else row[name]
    if word is not None:
        options["unknown"] = rng.choice([word, [word]])


def _hide(rng: Random, rows: list[Row], options: dict[str, Any]) -> None:
    """Hide small counts behind a token, or lose some."""
    way = rng.choice(["shown", "shown", "shown", "events", "both", "lost", "lost people"])
    if way in ("events", "both"):
        bounds = (1, 10)
        for row in rows:
            small = 1 <= row["events"] <= 10
            if way == "both" and 1 <= row["people"] <= 10:
                row["people"] = "<11"
            row["events"] = "<11" if small else row["events"]
        options["suppressed"] = {"<11": bounds}
    elif way != "shown":
        for row in rows:
            if chance(rng, 0.15):
                row["events" if way == "lost" else "people"] = None


def _margins(
    rng: Random, rows: list[Row], split: Mapping[str, list[Any]],
    over: Mapping[str, list[Any]], options: dict[str, Any],
) -> list[Row]:  # fmt: skip
    """Add up some margins and declare them, as agencies print them beside the finest rows."""
    blank = any(row[name] is None for row in rows for name in split)
    word = rng.choice([t for t in TOTALS if not (t is None and blank)])
    texts = all(isinstance(label, str) for name in split for label in split[name])
    plain = all(isinstance(row[c], int) for row in rows for c in ("people", "events"))
    if not (texts and plain and chance(rng, 0.4)):
        return []
    options["total"] = [None] if word is None else rng.choice([word, [word, "Everybody"]])
    keys = [*over, *(["what"] if "indicator" in options else [])]
    found: dict[tuple[Any, ...], Row] = {}
    for size in range(len(split)):
        for kept in combinations(split, size):
            if size and chance(rng, 0.6):
                continue
            for row in rows:
                margin = {name: row[name] if name in kept else word for name in split}
                key = tuple(row[name] for name in keys) + tuple(margin.values())
                first = {name: row[name] for name in keys} | margin | {"people": 0, "events": 0}
                held = found.setdefault(key, first)
                for count in ("people", "events"):
                    held[count] += row[count]
    return list(found.values())


def _say(
    rng: Random, rows: list[Row], split: Mapping[str, list[Any]], options: dict[str, Any]
) -> None:
    """Say something about dimensions: ranks, crossings, or that people can be in several."""
    if chance(rng, 0.3):
        name = rng.choice(list(split))
        here = [label for label in split[name] if any(row[name] == label for row in rows)]
        options["order"] = {name: rng.sample(here, len(here))}
    if len(split) > 1 and chance(rng, 0.5):
        options["cross"] = rng.randint(2, len(split))
    elif len(split) > 1 and chance(rng, 0.4):
        options["segments"] = [*split, "*".join(rng.sample(list(split), 2))]
    if chance(rng, 0.1):
        options["exclusive"] = rng.choice([False, {next(iter(split)): False}])


def recorded(rng: Random) -> Table:
    """Draw records about people: outcomes of every kind, weights, exposure, flags, blanks."""
    split, over = axes(rng, 2), strata(rng)
    kind = rng.choice(["proportion", "proportion", "rate", "mean"])
    rows = [
        {name: rng.choice(of) for name, of in (over | split).items()}
        | {"y": _outcome(rng, kind), "y2": _outcome(rng, kind)}
        for _ in range(rng.choice([1, 3, 12, 40, 90]))
    ]
    options: dict[str, Any] = {"outcome": "y", "segments": list(split), "kind": kind}
    if over:
        options["by"] = list(over)
    if chance(rng, 0.2):
        options["outcome"] = ["y", "y2"]
    _lose_labels(rng, rows, split, options)
    _weigh(rng, rows, options)
    if chance(rng, 0.2) and "flag" not in split:
        for row in rows:
            row |= {"flag": rng.choice([0, 1]), "other flag": rng.choice([0, 0, 1, None])}
        rows[0]["other flag"] = 0  # a flag of nothing but 1 and blanks is refused
        options["flags"] = ("flag", "other flag")
    elif len(split) > 1 and chance(rng, 0.5):
        options["cross"] = 2
    return Table("from_records", rows, options, {"kinds": {"": kind}})


def _outcome(rng: Random, kind: str) -> Any:
    """Draw what happened to one person; sometimes nobody knows."""
    if chance(rng, 0.08):
        return None
    if kind == "proportion":
        return rng.choice([0, 1])
    return rng.choice([0, 0, 1, 2, 7]) if kind == "rate" else rng.randint(-20, 60) / 8


def _weigh(rng: Random, rows: list[Row], options: dict[str, Any]) -> None:
    """Give people weights, or time under risk, some of it nil or not known."""
    if chance(rng, 0.35):
        for row in rows:
            row["w"] = rng.choice([0, None, 0.25, 1.0, 1.0, 2.5, 7.75])
        options["weight"] = "w"
    elif options["kind"] == "rate" and chance(rng, 0.5):
        for row in rows:
            row["time"] = rng.choice([0.5, 1.0, 1.0, 12.0, None])
        options["exposure"] = "time"


def published(rng: Random) -> Table:
    """Draw published rates with their errors, limits, populations, or nothing beside them."""
    split, over = axes(rng, 1), strata(rng)
    kind = rng.choice(["proportion", "rate", "mean", "standardized"])
    per = rng.choice([1, 100, 1_000])
    options: dict[str, Any] = {
        "estimate": "rate", "segments": list(split), "kind": kind, "per": per, "total": (),
    }  # fmt: skip
    if over:
        options["by"] = list(over)
    rows = [
        dict(zip([*over, *split], key, strict=True)) | _estimate(rng, kind, per)
        for key in product(*over.values(), *split.values())
        if not chance(rng, 0.1)
    ] or [{name: of[0] for name, of in (over | split).items()} | _estimate(rng, kind, per)]
    way = rng.choice(["nothing", "se", "moe", "ci", "n"])
    if way == "ci":
        options["ci"] = ("low", "high")
    elif way != "nothing":
        options[way] = way
    if chance(rng, 0.6):
        options["population"] = "people"
    _lose_labels(rng, rows, split, options)
    return Table("from_estimates", rows, options, {"kinds": {"": kind}, "way": way})


def _estimate(rng: Random, kind: str, per: int) -> Row:
    """Draw a rate in units of `per`, and what an agency may print beside it."""
    most = 1_000 if kind == "proportion" else 1_500
    share = rng.choice([0, 1_000, rng.randint(0, most), rng.randint(0, most)])
    rate = None if chance(rng, 0.08) else round(share * per / 1_000, 6)
    at = 0.0 if rate is None else rate
    error = rng.choice([0.0, per / 64, per / 16])
    top = per if kind == "proportion" else at + 2 * error
    return {
        "rate": rate, "se": error, "moe": error * 1.5, "people": rng.randint(0, 5_000),
        "n": rng.randint(1, 900), "low": max(0.0, at - 2 * error), "high": min(top, at + 2 * error),
    }  # fmt: skip


def goal_of(rng: Random, table: Table) -> dict[str, Any]:
    """Draw a goal that fits a table: published rates keep the unit that they are printed in."""
    drawn = goal(rng, list(table.known["kinds"].values()))
    if table.door == "from_estimates":
        per = table.options["per"]
        return drawn | {"target": round(drawn["target"] / drawn["per"] * per, 6), "per": per}
    return drawn


def intervals(table: Table) -> list[str]:
    """List the intervals that fit a table's kinds."""
    counted = table.door != "from_estimates"
    if counted and set(table.known["kinds"].values()) == {"proportion"}:
        return ["auto", "auto", "wilson", "midp", "exact"]
    return ["auto"]


def nobody(table: Table) -> bool:
    """Tell whether records hold nobody with an outcome, a weight and time: nothing to assess."""
    if table.door != "from_records":
        return False
    options = table.options
    outcomes = options["outcome"] if isinstance(options["outcome"], list) else [options["outcome"]]
    wanted = [options[name] for name in ("weight", "exposure") if name in options]
    return not any(
        any(row[y] is not None for y in outcomes) and all(row[name] for name in wanted)
        for row in table.rows
    )


MAKERS = {"from_counts": counted, "from_records": recorded, "from_estimates": published}
