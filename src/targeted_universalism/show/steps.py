"""The sheet of five steps as it stands on paper: its tables, and lines for what is not decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from targeted_universalism.show.content import (
    Beside,
    Blank,
    Block,
    Cell,
    Column,
    Items,
    Paragraph,
    Part,
    Row,
    Rows,
    Section,
    Table,
    Text,
)
from targeted_universalism.show.five_steps import Group, Sheet, Strategy
from targeted_universalism.show.getting_there import Headway
from targeted_universalism.show.nouns import everyone_words
from targeted_universalism.show.words import PASSED

_UNRELIABLE = "† not reliable: too few people, or too wide an interval."
_FIFTH = (
    Column("Group"), Column("Strategy"), Column("Owner"), Column("When"),
    Column("Reaches", number=True), Column("Cost", number=True), Column("Evidence"),
    Column("The community’s part"),
)  # fmt: skip


def steps(sheet: Sheet, counted: str, headway: Headway | None) -> Section:
    """Lay out the sheet of one stratum.

    Parameters
    ----------
    sheet : Sheet
        What it says.
    counted : str
        Who is needed: "pupils".
    headway : Headway, optional
        The progress of the total.
    """
    place = f": {sheet.heading}" if sheet.heading else ""
    return Section(
        f"One goal, a plan for every group{place}",
        (
            Beside((_goal(sheet), _together(sheet, counted, headway))),
            _groups(sheet, counted, place),
            _structures(sheet),
            _strategies(sheet),
            *_open(sheet),
            Beside(tuple(_by_hand(sheet))),
        ),
        role="sheet",
    )


def _or_blank(text: str, what: str) -> Part:
    return text or Blank(what)


# --- the steps ------------------------------------------------------------------------------------


def _goal(sheet: Sheet) -> Section:
    goal = sheet.goal
    by = f" by {goal.deadline}{PASSED if sheet.passed else ''}" if goal.deadline else ""
    name = f": {goal.name}" if goal.name else ""
    return Section(
        f"1 The goal for {everyone_words(goal.people)}",
        (
            Paragraph.of(Text(f"{sheet.goal_words}{by}"), f"{name} ({goal.ambition} goal)"),
            Paragraph.of("Why this goal, and who made it: ", _or_blank(goal.rationale, "reason")),
            Paragraph.of("Source: ", _or_blank(goal.source, "source")),
        ),
        role="step",
    )


def _together(sheet: Sheet, counted: str, headway: Headway | None) -> Section:
    total = sheet.total
    if not total.rate:
        said = Paragraph.of(total.status)
    else:
        interval = f" ({total.interval})" if total.interval else ""
        span = total.needed_range if total.needed_range != total.needed else ""
        need = f"; {counted} needed: {total.needed}" if total.needed else ""
        need += f" ({span})" if need and span else ""
        said = Paragraph.of(Text(total.rate), f"{interval}, {total.gap}{need}.")
    since = [] if headway is None else [Paragraph.of(_headway_words(headway))]
    return Section("2 Where all stand together", (said, *since), role="step")


def _headway_words(headway: Headway) -> str:
    said = []
    if headway.before and headway.now:
        status = f": {headway.status}" if headway.status else ""
        said.append(
            f"From {headway.before} in {headway.before_time} to {headway.now} in "
            f"{headway.now_time}{status}."
        )
    if headway.when:
        dated = headway.when.startswith("in ")
        arrives = "On the current trend at the goal " if dated else "At the goal: "
        said.append(f"{arrives}{headway.when}.")
    if headway.notes:
        said.append(f"Of note: {'; '.join(headway.notes)}.")
    return " ".join(said)


def _groups(sheet: Sheet, counted: str, place: str) -> Section:
    targets = [Column(time, number=True) for time in sheet.targets]
    table = Table(
        caption=f"Rate, gap and targets{sheet.unit} of every group{place}",
        columns=(
            Column("Group"),
            Column("Rate now", number=True),
            Column("Gap to the goal", number=True),
            Column(f"{counted.capitalize()} needed", number=True),
            *(targets or [Column("Targets on the way")]),
        ),
        groups=(Rows("", tuple(_group(group, sheet.targets) for group in sheet.groups)),),
        label="Step 3: groups and targets",
    )
    note = [Paragraph.of(_UNRELIABLE, soft=True)] if sheet.unreliable else []
    heading = "3 Where groups and places stand, and what they have to reach when"
    return Section(heading, (table, *note), role="step")


def _group(group: Group, targets: Sequence[str]) -> Row:
    line = group.line
    mark = " †" if line.unreliable else ""
    span = line.needed_range if line.needed_range != line.needed else ""
    on_the_way = [Cell(rate) for rate in group.targets] if targets else [Cell(Blank("targets"))]
    on_the_way += [Cell("")] * (len(targets) - len(on_the_way))
    return Row(
        (
            Cell(group.name),
            Cell(f"{line.rate or line.status}{mark}"),
            Cell.of(line.gap, line.gap_range),
            Cell.of(line.needed, span),
            *on_the_way,
        )
    )


def _structures(sheet: Sheet) -> Section:
    table = Table(
        caption="Structures that stand in the way of a group, or that help it",
        columns=(
            Column("Group"),
            Column("Rules, practices and places"),
            Column("What the community already has"),
        ),
        groups=(Rows("", tuple(_structure(group) for group in sheet.groups if group.shown)),),
        label="Step 4: structures",
    )
    resting = f"At or past the goal, or without a rate: {sheet.resting}. What helps them there: "
    rest = [Paragraph.of(resting, Blank("what helps"))] if sheet.resting else []
    return Section("4 What stands in the way, and what helps", (table, *rest), role="step")


def _structure(group: Group) -> Row:
    why = "not yet assessed" if group.short else ""
    return Row(
        (
            Cell.of(group.name, group.line.status if group.hidden else ""),
            Cell("; ".join(group.structures) or Blank("structures", why)),
            Cell(_or_blank("; ".join(group.assets), "assets")),
        )
    )


def _strategies(sheet: Sheet) -> Section:
    rows = [_strategy("Everybody", one, "") for one in sheet.everybody]
    for group in sheet.groups:
        if group.shown:
            rows += _of_group(group)
    table = Table(
        caption="Who does what, until when, for how many, at what cost",
        columns=_FIFTH,
        groups=(Rows("", tuple(rows)),),
        label="Step 5: strategies",
        wide=True,
    )
    return Section("5 Strategies, each for a structure", (table,), role="step")


def _of_group(group: Group) -> Iterator[Row]:
    """Give the strategies for a group; a line to fill in where it needs one and has none."""
    need = f"needed: {group.line.needed}" if group.line.needed else ""
    for one in group.strategies:
        yield _strategy(group.name, one, need)
    if (group.short or group.hidden) and not group.strategies:
        blank = (
            Cell(Blank("strategy")), Cell(Blank("owner")), Cell(Blank("dates")),
            Cell.of(Blank("reach"), need), Cell(Blank("cost")), Cell(Blank("evidence")),
            Cell(Blank("how the community takes part")),
        )  # fmt: skip
        yield Row((Cell(group.name), *blank))


def _strategy(name: str, one: Strategy, need: str) -> Row:
    addresses = f"addresses: {one.structure}" if one.structure else ""
    about = "; ".join(words for words in (addresses, one.level) if words)
    return Row(
        (
            Cell(name),
            Cell.of(_or_blank(one.what, "strategy"), about),
            Cell.of(_or_blank(one.owner, "owner"), f"with {one.partner}" if one.partner else ""),
            Cell(_or_blank(one.when, "dates")),
            Cell.of(_or_blank(one.reach, "reach"), need),
            Cell.of(_or_blank(one.cost[0] if one.cost else "", "cost"), *one.cost[1:]),
            Cell.of(_or_blank(one.evidence, "evidence"), one.scale),
            Cell.of(_or_blank(one.stance, "how the community takes part"), *one.split.split(", ")),
        )
    )


# --- what is left to do ---------------------------------------------------------------------------


def _open(sheet: Sheet) -> Iterator[Section]:
    """List what the plan leaves open."""
    if not sheet.findings:
        return
    blocks: list[Block] = [Items(tuple(f"{segment}: {words}" for segment, words in sheet.findings))]
    if sheet.more:
        blocks.append(Paragraph.of(f"And {sheet.more} more.", soft=True))
    yield Section("What is still open", tuple(blocks), role="open")


def _by_hand(sheet: Sheet) -> Iterator[Section]:
    """Leave room for what no data say: who took part, the message, who measures."""
    took_part = (Blank("who took part"), Blank("how"), Blank("since when"))
    message = (Blank("message"), Blank("message, second line"), Blank("message, third line"))
    when = f" in {sheet.measured}" if sheet.measured else ""
    measures = [Blank("who measures"), Blank("from what source")]
    measures += [] if sheet.measured else [Blank("when")]
    for heading, words, blanks in (
        ("Made together", "Who took part in setting the goal, and how: ", took_part),
        ("The message", "In one sentence, for everyone: ", message),
        (
            "What will be measured when",
            f"The rate of every group{when}. By whom, and from what source: ",
            measures,
        ),
    ):
        yield Section(heading, (Paragraph.of(words, *blanks),), role="step")
