"""Every table's columns, in order: name, type, unit, and what each holds.

Tables get their order and types from here, the page of tables and the lists in docstrings are made
from it, and so are the names that no `by` column may have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

Type: TypeAlias = Literal["category", "float64", "Int64", "boolean", "bool", "text"]


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name : str
        What it is called.
    type : {"category", "float64", "Int64", "boolean", "bool", "text"}
        Words and reasons are categories; people are whole numbers that can be missing.
    unit : str
        What its numbers count or are measured in, "per" for the unit of the goal; empty for words
        and plain numbers.
    doc : str
        What it holds. Neighbours of one type, unit and doc are shown in one line.
    """

    name: str
    type: Type
    unit: str
    doc: str


@dataclass(frozen=True)
class Schema:
    """The columns of one table.

    Parameters
    ----------
    name : str
        The function that gives it.
    call : str
        How a person asks for it.
    rows : str
        What one row is.
    keys : tuple of Column
        What a row is about; ``indicator`` only where there is one.
    columns : tuple of Column
        What is said of it.
    by : bool
        Whether the `by` columns stand first.
    """

    name: str
    call: str
    rows: str
    keys: tuple[Column, ...]
    columns: tuple[Column, ...]
    by: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, keys left out."""
        return tuple(column.name for column in self.columns)

    @property
    def numbers(self) -> tuple[str, ...]:
        """Names of the columns of numbers, keys left out."""
        return tuple(c.name for c in self.columns if c.type in ("float64", "Int64"))


def _alike(names: str, type_: Type, unit: str, doc: str) -> tuple[Column, ...]:
    return tuple(Column(name, type_, unit, doc) for name in names.split())


INDICATOR = Column("indicator", "category", "", "what is measured, where indicator= says")
DIMENSION = Column("dimension", "category", "", "how people are split: race, race*sex, total")
SEGMENT = Column(
    "segment", "category", "",
    "the group: Black, Black × Female, Unknown for a missing value, All for the total",
)  # fmt: skip
KEYS = (INDICATOR, DIMENSION, SEGMENT)


def _time(name: str, words: str) -> tuple[Column, ...]:
    at = Column(f"{name}_time", "category", "", f"{words}, as the column of time has it")
    return at, Column(f"{name}_rate", "float64", "per", f"the rate at {words}")


_RATE = Column("rate", "float64", "per", "the rate")
_GOAL = Column("goal", "float64", "per", "the goal")
_PER = Column(
    "per", "float64", "", "the unit of rates, goals and gaps: 1, 100, 1,000 or 100,000"
)  # fmt: skip
_GAP = Column(
    "gap", "float64", "per",
    "the distance still to go: positive is short of the goal, negative is past it",
)  # fmt: skip
_STATUS = Column("status", "category", "", "met, short, uncertain, no data, suppressed")
_REFERENCE_RATE = Column("reference_rate", "float64", "per", "the rate of the reference")
_REASON = Column(
    "reason", "category", "",
    "why a value is missing or must be read with care; empty where there is nothing to say",
)  # fmt: skip

TABLE = Schema(
    "table", "a.table", "One row for each segment in each stratum, the total first.", KEYS,
    (
        Column("population", "float64", "people", "the denominator"),
        Column("n", "Int64", "people",
               "the unweighted denominator; for published rates the column named by n="),
        Column("events", "float64", "events", "the numerator; missing for published rates"),
        _RATE,
        *_alike("ci_low ci_high", "float64", "per", "the interval of the rate"),
        _GOAL, _PER, _GAP,
        *_alike("gap_low gap_high", "float64", "per",
                "the gap at the ends of the interval; for a cell hidden in the input, the range "
                "over all counts that it may hold"),
        Column("ratio_to_goal", "float64", "",
               "rate over goal, never turned round; missing for a goal of 0"),
        _STATUS,
        Column("needed", "Int64", "people", "the fewest people whose outcome must change"),
        *_alike("needed_low needed_high", "Int64", "people",
                "the need if the rate behind the counts lay at its limits; for a cell hidden in "
                "the input, the range over all counts that it may hold"),
        Column("effort_share", "float64", "",
               "the segment's share of all people needed in its dimension; missing for totals, "
               "Unknown and overlapping segments"),
        Column("flag", "category", "",
               "ok, unreliable, suppressed, no data, by the reliability rule (nchs unless you "
               "choose)"),
        _REASON,
    ),
)  # fmt: skip

DISPARITIES = Schema(
    "disparities", "a.disparities()", "One row for each segment and what it is compared with.",
    KEYS,
    (
        Column("reference", "category", "",
               "what the segment is compared with: a segment, total, rest or goal"),
        _RATE,
        _REFERENCE_RATE,
        *_alike("difference difference_low difference_high", "float64", "per",
                "rate − reference rate, and its interval"),
        *_alike("ratio ratio_low ratio_high", "float64", "",
                "rate / reference rate, and its interval"),
        Column("p_value", "float64", "", "of the test that both rates are equal"),
        Column("p_adjusted", "float64", "",
               "the same, adjusted for the tests of one dimension of one stratum"),
        Column("method", "category", "", "interval, test and adjustment"),
        _REASON,
    ),
)  # fmt: skip

SUMMARY = Schema(
    "summarize", "a.summarize()", "One row for each stratum, dimension and measure.",
    (INDICATOR, DIMENSION),
    (
        Column("measure", "category", "", "name of the function in tu.measures"),
        Column("code", "category", "", "the measure as it is asked for: ti, atkinson(0.5)"),
        Column("scale", "category", "", "absolute or relative"),
        Column("value", "float64", "per",
               "the measure; variances in the square of the unit, relative measures plain numbers"),
        Column("se", "float64", "per", "its standard error"),
        *_alike("ci_low ci_high", "float64", "per", "its interval"),
        Column("expected_if_equal", "float64", "per",
               "what noise alone makes of it, on average, where all segments are equal"),
        Column("segments", "Int64", "", "how many segments are in it"),
        _REASON,
    ),
)  # fmt: skip

IMPACT = Schema(
    "impact", "a.impact()", "One row for each segment in each stratum, totals left out.", KEYS,
    (
        Column("rule", "category", "", "the rule"),
        Column("reference", "category", "",
               "whom the segment is held against: a segment, total, rest or rest of all strata"),
        _REFERENCE_RATE,
        Column("margin", "float64", "per",
               "how far a gap may go for lack of people; percentage point gaps only"),
        Column("index", "float64", "",
               "rate / reference rate, or the ratio of shares; for percentage point gaps rate − "
               "reference rate, in units of per"),
        Column("threshold", "float64", "", "the index at which the flag begins"),
        Column("flagged", "boolean", "", "whether the rule flags the segment"),
        Column("needed_to_leave", "Int64", "people",
               "the fewest people whose outcome must change for the flag, computed again, to go"),
        Column("needed_to_parity", "Int64", "people",
               "the fewest people whose outcome must change to reach the reference"),
        _REASON,
    ),
)  # fmt: skip

REPRESENTATION = Schema(
    "representation", "a.representation()",
    "One row for each segment in each stratum, totals left out.", KEYS,
    (
        Column("events_share", "float64", "", "the segment's share of the events"),
        Column("base_share", "float64", "", "its share of the base: of the people unless you say"),
        Column("index", "float64", "", "events share / base share"),
        Column("ceiling", "float64", "", "the most that the index can be: 1 / base share"),
        _REASON,
    ),
)  # fmt: skip

EFFORT = Schema(
    "effort", "a.effort()", "One row for each segment in each stratum, the total first.", KEYS,
    (
        Column("population", "float64", "people", "the denominator"),
        Column("needed", "Int64", "people",
               "the fewest people whose outcome must change; of a rate, the fewest events"),
        *_alike("needed_low needed_high", "Int64", "people",
                "its range: the need if the rate behind the counts lay at its limits; for a cell "
                "hidden in the input, over all counts that it may hold"),
        Column("needed_per_year", "float64", "people",
               "needed / the years that are pooled, where years= said how many"),
        Column("effort_share", "float64", "",
               "the segment's share of all people needed in its dimension; missing for totals, "
               "Unknown and overlapping segments"),
        Column("dimension_needed", "Int64", "people",
               "the people needed in all segments of the dimension together, Unknown left out; of "
               "the total its own need, which is no sum"),
        *_alike("dimension_needed_low dimension_needed_high", "Int64", "people",
                "the range of that sum, narrower than its segments' ranges added up; where cells "
                "are hidden or rounded in the input, or a rate is not known, over all counts that "
                "they may hold; it holds wherever people of unknown segment belong"),
        Column("intensity", "float64", "", "needed / population: the need per head"),
        Column("intensity_remaining", "float64", "",
               "needed / those whose outcome could change: the people without the outcome for a "
               "goal of at least, the events for one of at most"),
        Column("effort_index", "float64", "",
               "the share of the effort / the share of the people: above 1 where need is denser"),
        Column("unit_cost", "float64", "money", "what reaching one more person costs"),
        Column("cost", "float64", "money", "needed × unit cost"),
        *_alike("cost_low cost_high", "float64", "money", "needed_low, needed_high × unit cost"),
        Column("dimension_cost", "float64", "money",
               "what all segments of the dimension cost together, Unknown left out"),
        *_alike("dimension_cost_low dimension_cost_high", "float64", "money",
                "the range of that sum, made as that of dimension_needed"),
        _REASON,
    ),
)  # fmt: skip

JOINT = Schema(
    "joint", "a.joint()", "One row for each segment in each stratum, the total first.", KEYS,
    (
        _RATE,
        *_alike("ci_low ci_high", "float64", "per",
                "its interval, wide enough to hold together with those of all other rows of the "
                "stratum and indicator"),
        *_alike("gap_low gap_high", "float64", "per", "the gap at the ends of that interval"),
        Column("status", "category", "",
               "met, short, uncertain by that interval; no data, suppressed"),
        _REASON,
    ),
)  # fmt: skip

ALLOCATION = Schema(
    "allocate", "a.allocate(amount)",
    "Under each rule, one row for each segment of one dimension in each stratum, the total first.",
    KEYS,
    (
        Column("rule", "category", "", "the rule"),
        Column("needed", "Int64", "people",
               "the fewest people whose outcome must change; of the total its own need, which is "
               "no sum"),
        Column("unit_cost", "float64", "money", "what reaching one more person costs"),
        Column("awarded", "Int64", "people",
               "the people whom the amount reaches; of the total those of all segments together"),
        *_alike("awarded_low awarded_high", "Int64", "people",
                "the same if the needs of all segments lay at the low ends of their ranges, or at "
                "the high ends"),
        Column("spent", "float64", "money",
               "awarded × unit cost; without costs the people themselves"),
        Column("rate_after", "float64", "per", "the rate when those awarded have been reached"),
        Column("gap_after", "float64", "per", "the distance that is then still to go"),
        Column("gap_closed", "float64", "",
               "the share of the gap that is closed; missing where there is no gap"),
        Column("needed_after", "Int64", "people", "the people who are then still needed"),
        Column("worst_rate_after", "float64", "per",
               "the rate of the segment of the stratum that is then furthest from the goal"),
        Column("unspent", "float64", "money",
               "what is left of the stratum's amount, or of the one amount of all strata; without "
               "costs people"),
        _REASON,
    ),
)  # fmt: skip

SPENDING = Schema(
    "spending", "a.spending(money)",
    "One row for each segment of one dimension in each stratum, the total first.", KEYS,
    (
        Column("spent", "float64", "money",
               "what is spent on the segment today; of the total, on all, Unknown included"),
        Column("spent_share", "float64", "", "its share of the money whose segment is known"),
        Column("population_share", "float64", "", "its share of the people whose segment is known"),
        Column("effort_share", "float64", "", "its share of the people needed"),
        Column("spent_per_head", "float64", "money", "spent / population"),
        Column("spent_per_needed", "float64", "money",
               "spent / needed: the money for each person still to reach, of the total by its own "
               "need"),
        _REASON,
    ),
)  # fmt: skip

SCORECARD = Schema(
    "scorecard", "a.scorecard()",
    "One row for each segment in each stratum and indicator, the total first.", KEYS,
    (
        _STATUS,
        Column("symbol", "category", "",
               "the status, and for uncertain whether there is way to go: ✓, ▲, ~✓, ~▲, –, ■"),
        _RATE, _GOAL, _PER, _GAP, _REASON,
    ),
)  # fmt: skip

MILESTONES = Schema(
    "milestones", 'a.milestones("year")',
    "One row for each milestone of each segment in each series of strata, the total first.", KEYS,
    (
        Column("time", "float64", "years",
               "when: a year, a school year by the year it ends in; of dates with the part of the "
               "year that has passed, so that the end of 2030 is 2031"),
        Column("milestone", "float64", "per",
               "the rate to have reached by then: at the deadline the goal, for everybody"),
        Column("pace", "category", "", "on which pace: linear, geometric or log-odds"),
        _REASON,
    ),
)  # fmt: skip

GAP_TRENDS = Schema(
    "gap_trends", 'a.gap_trends("year", "White")',
    "One row for each segment and what it is compared with, in each series of strata.", KEYS,
    (
        Column("reference", "category", "",
               "what the segment is compared with: a segment, total or rest"),
        Column("difference_change", "float64", "per",
               "how rate − reference rate has changed, from the baseline to the latest time"),
        Column("ratio_change", "float64", "", "how rate / reference rate has changed"),
        Column("trend", "category", "",
               "whether the gap has narrowed or widened in points (absolute) and as a ratio "
               "(relative), whichever side it is on"),
        Column("p_value", "float64", "", "of the test that the difference has not changed"),
        _REASON,
    ),
)  # fmt: skip

RELIABILITY = Schema(
    "reliability", "a.reliability()", "One row for each segment in each stratum, the total first.",
    KEYS,
    (
        Column("rule", "category", "", "the rule"),
        Column("n_effective", "float64", "cases",
               "the cases that carry the information: for rates, events"),
        Column("rse", "float64", "", "standard error / rate"),
        Column("ci_width", "float64", "per", "the width of the rule's own exact 95 % interval"),
        Column("relative_width", "float64", "", "that width / rate"),
        Column("df", "float64", "", "degrees of freedom, where a survey design has them"),
        Column("flag", "category", "", "ok, unreliable, suppressed, no data"),
        Column("footnote", "category", "", "what to print beside a rate that is shown"),
        Column("reason", "category", "", "why the rate is not reliable"),
    ),
)  # fmt: skip

AUDIT = Schema(
    "audit", "tu.audit()", "One row for each hidden count.", KEYS,
    (
        Column("quantity", "category", "", "people, events, or people without the event"),
        *_alike("low high", "float64", "people",
                "the range that the count can be narrowed down to; high is missing where nothing "
                "that is published bounds it, which passes"),
        Column("possible_values", "Int64", "", "how many values are left to it"),
        Column("passes", "bool", "",
               "whether at least width values are possible, and the range does not lie within 1 "
               "to minimum − 1"),
        Column("reason", "category", "",
               "for the analyst alone: the published numbers that narrow the count down most, as "
               "a sum; why it has no upper end; what could not be tied"),
    ),
)  # fmt: skip

LOG = Schema(
    "suppression_log", "a.suppression_log()", "One row for each hidden cell, with what it hides.",
    KEYS,
    (
        Column("population", "float64", "people", "the denominator"),
        Column("events", "float64", "events", "the numerator"),
        Column("why", "category", "",
               "small, and which counts are; dominated: one person may make up most of the sum "
               "behind a mean; hidden in the input; or complement: hidden so that another cannot "
               "be worked out, or because an earlier table hides it"),
    ),
)  # fmt: skip

PATHWAY = Schema(
    "pathway", "tu.pathway()",
    "A row for each stage after the population, of each segment in each stratum.",
    (DIMENSION, SEGMENT),
    (
        Column("stage", "category", "", "the stage"),
        Column("parent", "category", "", "the stage that feeds it"),
        Column("direction", "category", "", "which side is wanted: at least or at most"),
        Column("count", "float64", "people", "how many reach the stage"),
        Column("base", "float64", "people", "how many are at its parent"),
        Column("stage_rate", "float64", "", "count / base"),
        Column("population_rate", "float64", "", "count / people at the first stage"),
        Column("reference", "category", "", "the segment that others are compared with"),
        *_alike("stage_index stage_index_low stage_index_high", "float64", "",
                "stage rate / that of the reference, and its interval"),
        *_alike("population_index population_index_low population_index_high", "float64", "",
                "population rate / that of the reference, and its interval"),
        Column("disparity_share", "float64", "",
               "the share of the stage in the disparity at the end of the path; missing where that "
               "cannot be told from none"),
        Column("flag", "category", "", "ok, unreliable, suppressed, no data"),
        _REASON,
    ),
)  # fmt: skip

PLAN = Schema(
    "Plan", "tu.Plan(frame).table",
    "One row for each row of the plan, in its order; columns named in by= stand first.", KEYS,
    (
        Column("structure", "text", "",
               "the structure, rule or practice that impedes the segment or supports it: what "
               "other pages call a barrier; empty where none was assessed"),
        Column("assets", "text", "", "what the community already has to build on"),
        Column("strategy", "text", "", "what is to be done; empty where nothing is decided"),
        Column("level", "category", "", "where it acts: service, program or system"),
        Column("owner", "text", "", "who answers for the row"),
        Column("partner", "text", "", "who does it with them; several with semicolons"),
        *_alike("start end", "text", "",
                "a year, a month or a day: 2027, 2027-07, 2027-07-01; a year or a month is meant "
                "from its first day to its last"),
        Column("unit_cost", "float64", "money", "what reaching one person costs"),
        Column("reach", "Int64", "people", "how many people the row is expected to reach"),
        Column("funded", "boolean", "", "whether money has been found: yes or no"),
        Column("amount", "float64", "money", "how much money has been found; 0 is none"),
        Column("evidence", "category", "",
               "the grade of the strategy on its own scale; never converted into another"),
        Column("evidence_scale", "category", "",
               "Title IV-E (well-supported, supported, promising, does not currently meet "
               "criteria), CEBC (1 to 5, 1 the best, and NR) or community-defined (any words)"),
        Column("stance", "Int64", "",
               "how the community takes part, 0 to 5: Marginalization, Placation, Tokenization, "
               "Voice, Delegated Power, Community Ownership"),
        *_alike("share_administration share_promotion share_consultation share_involvement "
                "share_partners", "float64", "",
                "how the resources are really split: shares of all of them, which sum to 1"),
    ),
    by=False,
)  # fmt: skip

CHECK = Schema(
    "check", "plan.check(a)", "One row for each finding, in the order of a.table.", KEYS,
    (
        Column("finding", "category", "", "what was found, in words of one register"),
        Column("detail", "text", "",
               "where, and by how much; rows of the plan are counted from 0"),
    ),
)  # fmt: skip

COVERAGE = Schema(
    "coverage", "plan.coverage(a)",
    "One row for each segment and who does something for it; last, what nobody does.", KEYS,
    (
        Column("who", "category", "", "an owner or a partner; missing where it is nobody"),
        Column("role", "category", "", "owner, partner or nobody"),
        Column("structures", "text", "", "the structures that this is about"),
        Column("strategies", "text", "", "what they do; empty where there is no strategy"),
        Column("planned_reach", "Int64", "people",
               "the people whom it is expected to reach, added up over rows that say so"),
        Column("planned_cost", "float64", "money",
               "unit cost × reach, added up; missing where a row with a reach has no unit cost"),
    ),
)  # fmt: skip

CANDIDATES = Schema(
    "candidate_goals", "tu.candidate_goals()", "One row for each candidate of each indicator.", (),
    (
        Column("indicator", "text", "", "what is measured; empty where nothing says"),
        Column("candidate", "category", "", "where the value comes from"),
        Column("value", "float64", "per", "the value; missing where there is none"),
        Column("per", "float64", "", "the unit of the value"),
        Column("refers_to_group", "bool", "", "whether it is what one group has"),
        Column("admissible", "bool", "",
               "whether such a value may be a universal goal: none that refers to a group may"),
        Column("provenance", "text", "",
               "the numbers that the value comes from, or why there is none, and whose method"),
    ),
    by=False,
)  # fmt: skip

GOALS = Schema(
    "goals", "a.goals", "One row for each goal.", (),
    (
        Column("indicator", "text", "", "what is measured; empty where nothing says"),
        Column("name", "text", "", "what everybody should reach, in words"),
        Column("direction", "text", "", "at least or at most"),
        Column("target", "float64", "per", "the goal"),
        Column("per", "float64", "", "the unit of the target"),
        Column("deadline", "Int64", "", "the year to reach it by"),
        Column("ambition", "text", "", "aspirational, interim or statutory"),
        *_alike("rationale source", "text", "", "why this number, and where it is written down"),
        Column("people", "text", "", "for whom it counts: people, children"),
        Column("version", "text", "", "which edition of a shared goal it is"),
        Column("fingerprint", "text", "",
               "of its definition: the same where the same is measured; empty without one"),
    ),
    by=False,
)  # fmt: skip

WORKBOOK = Schema(
    "to_excel", "a.to_excel(path)", "As in a.table; one column more in the workbook.", KEYS,
    (
        Column("annotation", "Int64", "",
               "code of the CalHHS Open Data Portal: 1 hidden, 3 no data, 4 statistically "
               "unstable, 5 incomplete, 0 nothing"),
    ),
)  # fmt: skip

PROGRESS = Schema(
    "progress", "a.progress(time)",
    "One row for each segment in each stratum, the column of time left out; the total first.",
    KEYS,
    (
        *_time("baseline", "the baseline"),
        *_time("latest", "the latest time"),
        Column("goal", "float64", "per", "the goal"),
        Column("change", "float64", "per", "latest rate − baseline rate"),
        Column("percent_of_target", "float64", "",
               "percent of the targeted change that is achieved: 100 is all of it; only for "
               "movement toward the goal (Healthy People's for a total; for segments ours)"),
        Column("percent_change", "float64", "",
               "percent of the baseline rate by which it changed, up or down"),
        Column("p_value", "float64", "",
               "that there was no change: two-sided under our rule, one-sided under hp2020"),
        Column("progress", "category", "",
               "target met or exceeded, improving, little or no detectable change, getting worse, "
               "baseline only, by Healthy People's rules"),
        Column("pace", "category", "", "the kind of pace: linear, geometric or log-odds"),
        *_alike("pace_so_far pace_needed", "float64", "",
                "the trend from baseline to latest time, and the pace that leads from the latest "
                "rate to the goal by the deadline: linear in units of the goal a year, geometric "
                "as relative change a year, log-odds as change of the log-odds a year"),
        Column("acceleration", "float64", "",
               "pace needed / pace so far: how many times as fast; missing where the pace so far "
               "leads away from the goal"),
        Column("projected_time", "float64", "year",
               "when the trend reaches the goal; infinite if never on the current trend, or if "
               "it is at the goal and leaves it before the deadline"),
        *_alike("projected_low projected_high", "float64", "year",
                "its interval, by simulation; infinite where the trend may never reach it"),
        Column("probability", "float64", "",
               "the share of simulated trends that are at the goal at its deadline"),
        Column("leveling_down", "boolean", "",
               "whether the segment moved away from the goal, by more than the rule takes for "
               "chance, and toward the segment of its dimension that is furthest from it: a "
               "smaller gap that helped nobody; missing where that hangs on a segment that is "
               "hidden or has no rate"),
        Column("masked_shortfall", "boolean", "",
               "whether it is at the goal, and a segment inside it is not; missing where that "
               "hangs on a segment that is hidden or has no rate"),
        _REASON,
    ),
)  # fmt: skip

ADDED = Schema(
    "add_estimates", "tu.add_estimates()",
    "One row for each combination of the columns that stay apart, in the order of the data.", (),
    (
        Column("estimate", "float64", "outcome units",
               "the rate of the sums, in units of per=; missing where nobody is counted, or an "
               "estimate is missing"),
        Column("moe", "float64", "outcome units",
               "its margin of error, at the level of those that were added up; missing where one "
               "of them is"),
        Column("population", "float64", "people", "the sum of all people"),
        Column("population_moe", "float64", "people", "its margin of error"),
        Column("events", "float64", "", "the sum of people with the event"),
        Column("events_moe", "float64", "", "its margin of error"),
    ),
)  # fmt: skip

READING = Schema(
    "read_table", "tu.read_table(path).log",
    "One row for each change; counts of rows by rule and column are counts of changes.", (),
    (
        Column("row", "Int64", "",
               "the row of the file, counting from 1 as a spreadsheet does; missing for a change "
               "of a whole column or file"),
        Column("column", "text", "", "the column; empty for a change of a whole row or file"),
        *_alike("was became", "text", "", "the text before, and after; empty where there is none"),
        Column("rule", "category", "", "what was done, and why"),
    ),
    by=False,
)  # fmt: skip

INSPECT = Schema(
    "inspect", "tu.inspect()", "One row for each thing that was seen, errors first.", (),
    (
        Column("severity", "category", "",
               "error: the answer would be wrong, or is refused; warning: it may be wrong; note"),
        Column("where", "text", "", "the column or group, and its first rows, counted from 0"),
        Column("rows", "Int64", "rows",
               "how many rows it is about; missing where it is the whole table"),
        Column("finding", "text", "", "the name of the finding, and what was seen"),
        Column("advice", "text", "", "what to do"),
    ),
    by=False,
)  # fmt: skip

SCHEMAS: Mapping[str, Schema] = {
    schema.name: schema
    for schema in (
        TABLE, DISPARITIES, SUMMARY, IMPACT, REPRESENTATION, EFFORT, JOINT, ALLOCATION, SPENDING,
        PROGRESS, MILESTONES, GAP_TRENDS, SCORECARD, RELIABILITY, AUDIT, LOG, PATHWAY, PLAN, CHECK,
        COVERAGE, CANDIDATES, GOALS, READING, INSPECT, ADDED,
        WORKBOOK,
    )
}  # fmt: skip

# Columns of tables still to come, so that what is refused as a `by` column today is refused then,
# and nothing more.
TO_COME: Mapping[str, str] = {
    "shrink": "raw shrunken low high prior",
}

# Names that no `by` column may have: those of the tables in which `by` columns stand. `time` is not
# among them: the column of milestones stands for the `by` column that they are laid along.
RESERVED = (
    frozenset(
        column.name
        for schema in SCHEMAS.values()
        if schema.by
        for column in (*schema.keys, *schema.columns)
    )
    | frozenset(name for names in TO_COME.values() for name in names.split())
) - {"time"}
