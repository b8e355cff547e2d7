"""Is a rate precise enough to be read? Flags by a rule of the register, apart from disclosure.

A flag never removes a value. The rules judge their own exact intervals, never the table's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from targeted_universalism._typing import BoolArray, ByteArray, FloatArray, IntArray
from targeted_universalism.answer.answer import FLAG_WORDS, Answer
from targeted_universalism.answer.tables import Words
from targeted_universalism.measures.entry import entry_of
from targeted_universalism.measures.intervals import (
    clopper_pearson,
    clopper_pearson_at_most,
    korn_graubard,
    poisson,
    student,
    z_value,
)
from targeted_universalism.measures.reliability import (
    FOOTNOTES,
    OF_WIDTH,
    RULES,
    UNRELIABLE,
    Evidence,
    Rule,
)
from targeted_universalism.reasons import (
    WITHOUT_RATE,
    Reason,
    Reasons,
    ReasonsInPlaces,
    because,
    no_reason,
)
from targeted_universalism.segments.cells import State, Stats
from targeted_universalism.segments.columns import RELIABILITY
from targeted_universalism.segments.families import Counts

RULE_NAMES = (*RULES, None)  # None flags nothing
OK, UNRELIABLE_FLAG, SUPPRESSED, NO_DATA = range(len(FLAG_WORDS))
_LEVEL = 0.95

# What the table says beside its flag; the rest is told by ``reliability()``.
_IN_TABLE = frozenset({Reason.REVIEW, Reason.FEW_DF, Reason.NOT_ASSESSED})


def flagged(answer: Answer) -> Answer:
    """Give every row its flag, by the rule in the answer's options."""
    findings = no_reason(answer.cells.shape)
    if answer.options.reliability is not None:
        rule = RULES[answer.options.reliability]
        findings = _judged(answer, rule, _evidence(answer, rule))
    reason = answer.reason | findings.only(_IN_TABLE)
    return replace(answer, flag=_flag(answer, findings), reason=reason)


def reliability(answer: Answer, rule: str = "nchs") -> pd.DataFrame:
    """Judge every rate by a reliability rule, and show what the rule looks at.

    Parameters
    ----------
    rule : str
        Rules, and what they call unreliable:

        - ``"nchs"``: by the standards of the US National Center for Health Statistics: fewer than
          30 people, or an interval of 30 points or more, or one above 5 points and 130 % of the
          proportion; for rates fewer than 10 events, or an interval above 160 % of the rate
        - ``"nchs-20"``: by the standards of the US National Center for Health Statistics: fewer
          than 30 people, or an interval of 30 points or more, or one above 5 points and 130 % of
          the proportion; for rates fewer than 20 events, or an interval above 160 % of the rate
        - ``"nchs-rounded"``: by the standards of the US National Center for Health Statistics:
          fewer than 30 people, or an interval of 30 points or more, or one above 5 points and 130 %
          of the proportion; for rates fewer than 10 events, or an interval above 160 % of the rate;
          widths are rounded to a tenth of a point first
        - ``"rse-30"``: fewer than 30 people, or a relative standard error above 30 %
        - ``"rse-30-inclusive"``: fewer than 30 people, or a relative standard error of 30 % or more
        - ``"calhhs-survey"``: fewer than 30 sample cases in the denominator

    Returns
    -------
    DataFrame
        One row for each segment in each stratum, the total first.

        Columns (units in brackets): the `by` columns, and

        - ``indicator``: what is measured, where indicator= says
        - ``dimension``: how people are split: race, race*sex, total
        - ``segment``: the group: Black, Black × Female, Unknown for a missing value, All for the
          total
        - ``rule``: the rule
        - ``n_effective`` (cases): the cases that carry the information: for rates, events
        - ``rse``: standard error / rate
        - ``ci_width`` (``per``): the width of the rule's own exact 95 % interval
        - ``relative_width``: that width / rate
        - ``df``: degrees of freedom, where a survey design has them
        - ``flag``: ok, unreliable, suppressed, no data
        - ``footnote``: what to print beside a rate that is shown
        - ``reason``: why the rate is not reliable

    Raises
    ------
    InputError
        If there is no such rule.

    Notes
    -----
    A flag never removes a value, and is no protection of people: that is
    :meth:`Assessment.suppress`. Proportions: Parker et al. (2017), Vital and Health Statistics
    2(175); rates and counts: Parker et al. (2023), 2(200); the sources of the others are in the
    page on reliability.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> rows = pd.DataFrame({"race": ["A", "B", "C"], "x": [5, 33, 12], "n": [100, 110, 29]})
    >>> s = tu.from_counts(rows, numerator="x", denominator="n", segments="race")
    >>> a = tu.assess(s, tu.Goal.at_least(0.5))
    >>> a.reliability()[["segment", "ci_width", "flag", "reason"]].round(3)
      segment  ci_width        flag                                         reason
    0     All     0.107          ok
    1       A     0.096  unreliable     interval too wide for the size of the rate
    2       B     0.178          ok
    3       C     0.375  unreliable  fewer people or events than the rule asks for

    """
    entry = entry_of(RULES, rule)
    evidence = _evidence(answer)
    findings = _judged(answer, entry, evidence)
    of_goal = answer.segments.strata.indicator
    per = np.array([float(goal.per) for goal in answer.goals])[of_goal]
    values = {name: np.full(answer.cells.shape, np.nan) for name in RELIABILITY.numbers}
    for strata, of_strata in evidence:
        for name, column in _columns(of_strata).items():
            values[name][:, strata] = column
    values["ci_width"] = values["ci_width"] * per
    known = answer.cells.state == State.OK
    unsaid = np.isnan(values["rse"] + values["ci_width"] + values["relative_width"])
    findings |= because(known & unsaid & ~findings.some, Reason.INTERVAL_UNDEFINED)
    return answer.frame(
        RELIABILITY,
        {
            "rule": Words((entry.name,), np.zeros(len(of_goal), dtype=np.int64)),
            **{name: np.where(known, column, np.nan) for name, column in values.items()},
            "flag": Words(FLAG_WORDS, _flag(answer, findings).astype(np.int64)),
            "footnote": findings.only(FOOTNOTES),
            "reason": findings.other_than(FOOTNOTES).kept(known, answer.reason.only(WITHOUT_RATE)),
        },
    )


def _columns(evidence: Evidence) -> dict[str, FloatArray]:
    """Give what the table shows of the evidence, by column."""
    with np.errstate(invalid="ignore", divide="ignore"):
        relative = evidence.width / np.abs(evidence.rate)
    return {
        "n_effective": evidence.effective,
        "rse": evidence.rse,
        "ci_width": evidence.width,
        "relative_width": np.where(np.isfinite(relative), relative, np.nan),
        "df": evidence.df,
    }


# Strata by position, and the evidence on their rates.
ByStrata = list[tuple[IntArray | slice, Evidence]]


def _judged(answer: Answer, rule: Rule, evidence: ByStrata) -> Reasons:
    """Give the findings on every known rate."""
    findings = ReasonsInPlaces(answer.cells.shape)
    for strata, of_strata in evidence:
        findings.add((slice(None), strata), rule.judge(of_strata))
    return findings[...].without(answer.cells.state != State.OK)


def _flag(answer: Answer, findings: Reasons) -> ByteArray:
    """Turn findings, shaped (rows, strata), into positions in ``FLAG_WORDS``."""
    state = answer.cells.state
    flag = np.where(findings.any_of(*UNRELIABLE), UNRELIABLE_FLAG, OK).astype(np.uint8)
    flag[state == State.SUPPRESSED] = SUPPRESSED
    flag[state >= State.NO_DATA] = NO_DATA
    return flag


def _evidence(answer: Answer, rule: Rule | None = None) -> ByStrata:
    """Collect what rules ask for, indicator by indicator; only what one rule needs for its flags.

    Without a rule every width is there.
    """
    cells, found = answer.cells, []
    for i in range(len(answer.goals)):
        strata = answer.segments.strata.of(i)
        known = cells.state[:, strata] == State.OK
        stats = {
            name: np.where(known, values[:, strata], np.nan) for name, values in cells.stats.items()
        }
        kind, unit = answer.segments.kinds[i], float(answer.segments.unit_of(i))
        if isinstance(cells.family, Counts):
            found.append((strata, _OF_COUNTS[kind](cells.family, stats, rule)))
        else:
            own_widths = answer.segments.level == _LEVEL
            found.append((strata, _of_published(stats, kind, unit, own_widths)))
    return found


def _proportion_of_counts(family: Counts, stats: Stats, rule: Rule | None) -> Evidence:
    """Give the evidence on a proportion; one that is narrow by a bound needs no exact interval."""
    events, size = family.effective(stats, "proportion")
    missing = np.full(events.shape, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = events / size
        rse = np.where(rate > 0, np.sqrt((1 - rate) / (rate * size)), np.nan)
        widest = clopper_pearson_at_most(events, size, _LEVEL)
    found = Evidence("proportion", rate, size, family.rows(stats), widest, rse, missing)
    asked = np.isfinite(events) & (size > 0)
    if rule is not None:
        asked &= rule.judge(found).any_of(*OF_WIDTH)
    return replace(found, width=_widths(asked, clopper_pearson, events, size))


def _rate_of_counts(family: Counts, stats: Stats, rule: Rule | None) -> Evidence:
    """Give the evidence on a rate; from ten events on its exact interval needs no test."""
    events, size = family.effective(stats, "rate")
    missing = np.full(events.shape, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        asked = np.isfinite(events) & (size > 0) & (rule is None)
        rate = events / size
        rse = np.where(events > 0, 1 / np.sqrt(events), np.nan)
    width = _widths(asked, poisson, events, size)
    people = family.rows(stats)
    return Evidence("rate", rate, events, people, width, rse, missing)


def _mean_of_counts(family: Counts, stats: Stats, _: Rule | None) -> Evidence:
    """Give the evidence on a mean, whose width needs no search."""
    mean, people = family.rate(stats, "mean"), family.rows(stats)
    se, df = family.standard_error(stats, "mean", 1.0), family.df(stats, "mean")
    low, high = student(mean, se, df, _LEVEL)
    with np.errstate(invalid="ignore", divide="ignore"):
        rse = np.where(mean != 0, se / np.abs(mean), np.nan)
    return Evidence("mean", mean, family.kish(stats), people, high - low, rse, df)


_OF_COUNTS: dict[str, Callable[[Counts, Stats, Rule | None], Evidence]] = {
    "proportion": _proportion_of_counts,
    "rate": _rate_of_counts,
    "mean": _mean_of_counts,
}


def _widths(
    asked: BoolArray,
    interval: Callable[[FloatArray, FloatArray, float], tuple[FloatArray, FloatArray]],
    events: FloatArray,
    size: FloatArray,
) -> FloatArray:
    """Give the widths of exact intervals where they are asked for; missing elsewhere."""
    width = np.full(events.shape, np.nan)
    low, high = interval(events[asked], size[asked], _LEVEL)
    width[asked] = high - low
    return width


def _of_published(stats: Stats, kind: str, unit: float, own_widths: bool) -> Evidence:
    """Give the evidence on estimates; their own intervals count where they are 95 % ones."""
    rate, se = stats["rate"] / unit, stats["se"] / unit
    given = (
        (stats["ci_high"] - stats["ci_low"]) / unit if own_widths else np.full_like(rate, np.nan)
    )
    df = stats["df"] if "df" in stats else np.full(rate.shape, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        rse = np.where(rate != 0, se / np.abs(rate), np.nan)
    if kind == "proportion":
        size, width = _published_proportion(stats, rate, se, df)
        people = _cases(stats["n"], stats["population"])
    elif kind == "mean":
        size = people = stats["n"]
        width = np.where(np.isfinite(given), given, 2 * z_value(_LEVEL) * se)
    else:
        exposed = np.where(stats["standardized"] > 0, np.nan, stats["population"])
        size, people = rate * exposed, _cases(stats["n"], exposed)
        width = _published_rate(rate, given, rse)
    return Evidence(kind, rate, size, people, width, rse, df)


def _cases(n: FloatArray, population: FloatArray) -> FloatArray:
    """Give the sample size, or a population that is smaller than any rule asks for."""
    with np.errstate(invalid="ignore"):
        return np.fmin(n, np.where(population < 30, population, np.nan))


def _published_proportion(
    stats: Stats, p: FloatArray, se: FloatArray, df: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Take p(1 − p)/se² for the effective size, at most the sample's own (RULES 8).

    At no events or all events it is the sample's own.
    """
    n = stats["n"]
    with np.errstate(invalid="ignore", divide="ignore"):
        size = np.fmin(p * (1 - p) / se**2, n)
        edge = (p == 0) | (p == 1)
        size = np.where(edge | ~(se > 0), n, size)
    low, high = korn_graubard(p, size, n, df, _LEVEL)
    return size, high - low


def _published_rate(rate: FloatArray, given: FloatArray, rse: FloatArray) -> FloatArray:
    """Take the width of the published interval, else that of exp(ln r ± z·se/r)."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        step = np.exp(z_value(_LEVEL) * rse)
        computed = np.where(rse > 0, rate * (step - 1 / step), np.nan)
        width = np.where(np.isfinite(given), given, computed)
        return np.where((rate > 0) & np.isfinite(width), width, np.nan)
