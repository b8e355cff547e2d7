"""Metamorphic laws: what may be done to a table, and what must then be the same, or follow.

Each law takes a random table, asks twice, and says where the answers are not what the law wants;
nothing where the law has nothing to say of such a table.
"""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pandas as pd

import targeted_universalism as tu
from fuzz import arguments, containers, oracle, tables
from fuzz.tables import Table

Law = Callable[[Random, Path], Iterator[str]]
MIRROR = {"at least": "at most", "at most": "at least"}


def _read(table: Table, rows: Sequence[tables.Row] | None = None, **more: Any) -> tu.Segments:
    held = table if rows is None else replace(table, rows=list(rows))
    options = arguments.options(held) | more
    return getattr(tu, table.door)(containers.objects(held.columns), **options)  # type: ignore[no-any-return]


def _assessed(table: Table, goal: oracle.Goal, **more: Any) -> tu.Assessment:
    return tu.assess(_read(table, **more), arguments.goal_for(table, goal))


def _drawn(rng: Random, door: str) -> tuple[Table, oracle.Goal]:
    table = tables.MAKERS[door](rng)
    while tables.nobody(table):
        table = tables.MAKERS[door](rng)
    return table, oracle.Goal(**tables.goal_of(rng, table))


def text(found: pd.DataFrame) -> pd.DataFrame:
    """Make words of categories, so that tables compare by what they say."""
    return found.astype({c: object for c in found if found[c].dtype == "category"})


def by_key(found: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Sort by what a row is about."""
    keys = [*table.options.get("by", ()), "indicator", "dimension", "segment"]
    held = text(found)
    order = held[[k for k in keys if k in held]].astype(str).agg("\x00".join, axis=1)
    return held.iloc[np.argsort(order.to_numpy(), kind="stable")].reset_index(drop=True)


def differ(one: pd.DataFrame, other: pd.DataFrame, relative: float = 0.0) -> Iterator[str]:
    """Say where two tables differ: to the bit, or by more than a relative difference."""
    one, other = text(one), text(other)
    for name in [n for n in one if n in other and one[n].dtype != other[n].dtype]:
        one, other = (t.assign(**{name: t[name].map(oracle.text)}) for t in (one, other))
    options: dict[str, Any] = {"check_exact": True}
    if relative:
        options = {"rtol": relative, "atol": 1e-12}
    try:
        pd.testing.assert_frame_equal(one, other, check_dtype=False, **options)
    except AssertionError as error:
        yield " ".join(str(error).split())[:300]


# --- what may not matter ------------------------------------------------------------------------


def the_order_of_rows(rng: Random, folder: Path) -> Iterator[str]:
    """Rows in another order hold the same numbers; sums of weights to their rounding."""
    table, goal = _drawn(rng, rng.choice(list(tables.MAKERS)))
    shuffled = replace(table, rows=rng.sample(table.rows, len(table.rows)))
    one, other = (by_key(_assessed(t, goal).table, table) for t in (table, shuffled))
    yield from differ(one, other, 1e-9)


def the_names_of_segments(rng: Random, folder: Path) -> Iterator[str]:
    """Segments under other names hold the same numbers, in the same order."""
    table, goal = _drawn(rng, "from_counts")
    named = [name for name in table.options["segments"] if "*" not in name]
    if any(isinstance(v, str) is False and v is not None for n in named for v in table.columns[n]):
        return
    kept = {oracle.text(v) for v in (*_listed(table, "total"), *_listed(table, "unknown"))} | {""}

    def renamed(value: Any) -> Any:
        return value if oracle.text(value) in kept else f"~{oracle.text(value)}~"

    rows = [row | {name: renamed(row[name]) for name in named} for row in table.rows]
    order = {n: list(map(renamed, of)) for n, of in table.options.get("order", {}).items()}
    other = replace(table, rows=rows, options=table.options | {"order": order})
    one, two = (_assessed(t, goal).table.drop(columns="segment") for t in (table, other))
    yield from differ(one, two)


def _listed(table: Table, name: str) -> list[Any]:
    value = table.options.get(name, ())
    return list(value) if isinstance(value, (list, tuple)) else [value]


def the_container(rng: Random, folder: Path) -> Iterator[str]:
    """Every container and file of the same rows gives the same answer, in the same order."""
    table, goal = _drawn(rng, rng.choice(list(tables.MAKERS)))
    said, options = arguments.goal_for(table, goal), arguments.options(table)
    fitting = [name for name in containers.CONTAINERS if containers.fits(name, table.columns)]
    wanted = None
    for name in rng.sample(fitting, min(3, len(fitting))):
        data = containers.CONTAINERS[name](table.columns)
        found = tu.assess(getattr(tu, table.door)(data, **options), said).table
        wanted = found if wanted is None else wanted
        yield from (f"{name}: {fault}" for fault in differ(found, wanted, 1e-12))
    if table.door == "from_records" and containers.fits("arrow", table.columns):
        made = tu.from_parquet(containers.parquet(table.columns, folder), **options)
        yield from differ(tu.assess(made, said).table, wanted, 1e-12)  # type: ignore[arg-type]


def one_stratum_at_a_time(rng: Random, folder: Path) -> Iterator[str]:
    """Strata asked for with where() hold what they hold beside the others."""
    table, goal = _drawn(rng, rng.choice(list(tables.MAKERS)))
    a = _assessed(table, goal)
    whole = text(a.table)
    row = whole.iloc[rng.randrange(len(whole))]
    over = {name: row[name] for name in table.options.get("by", ())}
    here = np.logical_and.reduce([whole[n] == v for n, v in over.items()] or [[True] * len(whole)])
    wanted = whole[here & whole["dimension"].isin(["total", row["dimension"]])]
    found = a.where({**over, "dimension": row["dimension"]})
    yield from differ(found.table, wanted.reset_index(drop=True))


def copies(rng: Random, folder: Path) -> Iterator[str]:
    """Copies and pickles of everything answer as the original."""
    table, goal = _drawn(rng, rng.choice(list(tables.MAKERS)))
    a = _assessed(table, goal)
    for made in (copy.copy(a), copy.deepcopy(a), pickle.loads(pickle.dumps(a))):  # noqa: S301
        yield from differ(made.table, a.table)
        yield from [] if repr(made) == repr(a) and made.choices == a.choices else ["choices"]
    segments = pickle.loads(pickle.dumps(a.segments))  # noqa: S301
    yield from differ(tu.assess(segments, arguments.goal_for(table, goal)).table, a.table)


def a_file_and_back(rng: Random, folder: Path) -> Iterator[str]:
    """Segments that were written and read answer to the bit as before."""
    table, goal = _drawn(rng, rng.choice(list(tables.MAKERS)))
    segments, said = _read(table), arguments.goal_for(table, goal)
    read = tu.read_segments(segments.to_parquet(folder / "s.parquet", confidential=True))
    yield from differ(tu.assess(read, said).table, tu.assess(segments, said).table)


# --- parts and wholes ---------------------------------------------------------------------------


def splitting_and_merging(rng: Random, folder: Path) -> Iterator[str]:
    """Parts of a table, each read by itself, add up to the whole, by + and by combine."""
    table, goal = _drawn(rng, rng.choice(["from_counts", "from_records"]))
    outcome = table.options.get("outcome")
    margins = any(_margin(row, table) for row in table.rows)
    if margins or len(table.rows) < 2 or isinstance(outcome, list) or "indicator" in table.options:
        return
    rows = rng.sample(table.rows, len(table.rows))
    cut = rng.randrange(1, len(rows))
    parts = [replace(table, rows=rows[:cut]), replace(table, rows=rows[cut:])]
    if any(tables.nobody(part) or not _whole(part, table) for part in parts):
        return
    one, two = map(_read, parts)
    said = arguments.goal_for(table, goal)
    whole = by_key(_assessed(table, goal).table, table)
    for made in (one + two, tu.combine([one, two])):
        found = by_key(tu.assess(made, said).table, table)
        # Of which rows weights sum to the number of people is said of each part by itself.
        yield from differ(
            *(t.assign(reason=t["reason"].map(_unweighed)) for t in (found, whole)), 1e-9
        )


def _unweighed(reason: str) -> str:
    return "; ".join(part for part in reason.split("; ") if not part.startswith("weights sum"))


def _margin(row: tables.Row, table: Table) -> bool:
    named = [name for name in table.options["segments"] if "*" not in name]
    return any(oracle.read_label(row[name], table.options) == oracle.MARGIN for name in named)


def _whole(part: Table, table: Table) -> bool:
    """Tell whether a part can be read by itself: flags have both signs, ranks all their labels."""
    flags = [{row[f] for row in part.rows} for f in table.options.get("flags", ())]
    if any(not {0, 1} <= held for held in flags):
        return False
    named = table.options.get("order", {})
    return all({row[n] for row in part.rows} >= set(of) for n, of in named.items())


def duplicated_people(rng: Random, folder: Path) -> Iterator[str]:
    """A row that stands k times is a row of weight k: points, not intervals."""
    table, goal = _drawn(rng, "from_records")
    if set(table.options) & {"weight", "exposure", "flags"} or table.options["kind"] == "mean":
        return
    times = [rng.randint(1, 3) for _ in table.rows]
    repeated = [row for row, k in zip(table.rows, times, strict=True) for _ in range(k)]
    weighted = [row | {"w": float(k)} for row, k in zip(table.rows, times, strict=True)]
    one = _assessed(replace(table, rows=repeated), goal).table
    options = table.options | {"weight": "w"}
    two = _assessed(replace(table, rows=weighted, options=options), goal).table
    names = ["dimension", "segment", "population", "events", "rate", "gap", "needed"]
    yield from differ(one[names], two[names], 1e-9)


def a_segment_split_in_two(rng: Random, folder: Path) -> Iterator[str]:
    """Weighted measures do not see that a segment was split into two of its own rate."""
    sizes, rates = [rng.randint(1, 40) for _ in range(4)], [rng.randint(1, 9) for _ in range(4)]
    rows = [(label, 20 * n, 2 * n * r) for label, n, r in zip("ABCD", sizes, rates, strict=True)]
    split = [("A1", rows[0][1] // 2, rows[0][2] // 2), ("A2", rows[0][1] // 2, rows[0][2] // 2)]
    asked = ["bgv", "bgsd", "cov", "ti", "mld", "gini", "idisw", "mdmw", "paf", "atkinson(0.5)"]
    found = []
    for held in (rows, split + rows[1:]):
        data = pd.DataFrame(held, columns=["race", "n", "x"])
        made = tu.from_counts(
            data, numerator="x", denominator="n", segments="race", total=(), kind="rate"
        )
        a = tu.assess(made, tu.Goal.at_most(0.5))
        found.append(a.summarize(asked)[["measure", "value"]])
    yield from differ(*found, 1e-9)


# --- what must follow ---------------------------------------------------------------------------


def the_unit(rng: Random, folder: Path) -> Iterator[str]:
    """Another unit scales rates and gaps, and leaves people, status and words alone."""
    table, goal = _drawn(rng, "from_counts")
    scaled = ["rate", "ci_low", "ci_high", "goal", "gap", "gap_low", "gap_high"]
    per = rng.choice([1, 10, 1_000, 100_000])
    target = Fraction(str(goal.target)).limit_denominator(10**6) / Fraction(str(goal.per)) * per
    other = replace(goal, target=target, per=per)
    one, two = _assessed(table, goal).table, _assessed(table, other).table
    apart = [*scaled, "per", "ratio_to_goal"]
    yield from differ(one.drop(columns=apart), two.drop(columns=apart))
    yield from differ(one[scaled] / float(goal.per), two[scaled] / per, 1e-9)


def the_mirror(rng: Random, folder: Path) -> Iterator[str]:
    """What is wanted at least of an outcome is wanted at most of its opposite."""
    table, goal = _drawn(rng, "from_counts")
    plain = set(table.known["kinds"].values()) == {"proportion"}
    if not plain or "suppressed" in table.options:
        return
    rows = [row | {"events": _without(row)} for row in table.rows]
    other = replace(goal, direction=MIRROR[goal.direction], target=_opposite(goal))
    one = _assessed(table, goal).table
    two = _assessed(replace(table, rows=rows), other).table
    kept = ["dimension", "segment", "population", "n", "needed", "needed_low", "needed_high",
            "effort_share"]  # fmt: skip
    yield from differ(one[kept], two[kept], 1e-9)
    gaps = ["gap", "gap_low", "gap_high"]
    yield from differ(one[gaps] / goal.per, two[gaps] / goal.per, 1e-9)


def _without(row: tables.Row) -> Any:
    missing = row["people"] is None or row["events"] is None
    return None if missing else row["people"] - row["events"]


def _opposite(goal: oracle.Goal) -> Fraction:
    per = Fraction(str(goal.per))
    return per - Fraction(str(goal.target)).limit_denominator(10**6)


def rounded_counts(rng: Random, folder: Path) -> Iterator[str]:
    """Whatever counts were rounded, the need of each group lies in the range that is shown."""
    groups = [(label, rng.randint(3, 400)) for label in "ABC"]
    exact = [(label, rng.randint(0, n), n) for label, n in groups]
    near = [(label, _near(x), _near(n)) for label, x, n in exact]
    if any(x > n for _, x, n in near):
        return
    goal = oracle.Goal(rng.choice(["at least", "at most"]), rng.randint(1, 19) / 20, 1)
    data = pd.DataFrame(near, columns=["race", "x", "n"])
    made = tu.from_counts(
        data, numerator="x", denominator="n", segments="race", rounded=5, total=()
    )
    found = tu.assess(made, tu.Goal(direction=goal.direction, target=goal.target)).table
    for label, x, n in exact:
        row = found[found["segment"] == label].iloc[0]
        need = goal.needed(Fraction(x), Fraction(n))
        if not row["needed_low"] <= need <= row["needed_high"]:
            yield f"{x} of {n}: {need} outside {row['needed_low']} to {row['needed_high']}"
        gap = goal.sign * (goal.target - x / n)
        if not row["gap_low"] - 1e-9 <= gap <= row["gap_high"] + 1e-9:
            yield f"{x} of {n}: gap outside {row['gap_low']} to {row['gap_high']}"


def _near(count: int) -> int:
    return 5 * round(count / 5)


def suppressing_twice(rng: Random, folder: Path) -> Iterator[str]:
    """What is public stays as it is when it is made public again, and holds no more than before."""
    table, goal = _drawn(rng, rng.choice(["from_counts", "from_records"]))
    a = _assessed(table, goal)
    try:
        once = a.suppress()
    except tu.InputError:
        return
    try:
        twice = once.suppress()
    except tu.InputError as error:
        yield "" if "public" in str(error) else f"refused: {error}"
        return
    # Of scores, and of rows that weigh or repeat, more may be hidden the second time.
    if table.door == "from_counts":
        yield from differ(twice.table, once.table)
    # Weighted sums may be rounded, so that they tell of no hidden part; rows are counted.
    names = ["n"] if "weight" in table.options else ["population", "events", "rate", "needed"]
    yield from _no_more(twice, once, names)
    yield from _no_more(once, a, names)


def _no_more(public: tu.Assessment, a: tu.Assessment, names: Sequence[str]) -> Iterator[str]:
    """Say where what is shown is not what the assessment behind it holds."""
    shown = text(public.table)["status"] != "suppressed"
    yield from differ(public.table.loc[shown, list(names)], a.table.loc[shown, list(names)])


LAWS: tuple[Law, ...] = (
    the_order_of_rows, the_names_of_segments, the_container, one_stratum_at_a_time, copies,
    a_file_and_back, splitting_and_merging, duplicated_people, a_segment_split_in_two, the_unit,
    the_mirror, rounded_counts, suppressing_twice,
)  # fmt: skip
