"""What a plan leaves open: one register of findings, each looked for in all strata at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from targeted_universalism.answer.tables import Text, Values, Words, tabled
from targeted_universalism.ask.plans import judges
from targeted_universalism.ask.plans.held import Found, HeldPlan
from targeted_universalism.measures.entry import Entry, by_name
from targeted_universalism.segments.columns import CHECK

_POWELL = "powell, Menendian & Ake, Targeted Universalism: Policy & Practice (2019)"
_PLANS = "after advice on California's Comprehensive Prevention Plans (WIC 16585–16589)"
_OURS = "as in every other table of this library"


def findings_of(held: HeldPlan) -> pd.DataFrame:
    """Look for everything in the register, and list it by strata, segments and the register.

    Parameters
    ----------
    held : HeldPlan
        A plan and an answer, held against each other.

    Returns
    -------
    DataFrame
        As ``plan.check(a)`` has it.
    """
    per_finding = [one.judge(held) for one in FINDINGS.values()]
    which = np.repeat(np.arange(len(per_finding)), [len(found.row) for found in per_finding])
    stratum = np.concatenate([found.stratum for found in per_finding])
    row = np.concatenate([found.row for found in per_finding])
    order = np.lexsort((which, row, stratum))
    detail = [text for found in per_finding for text in found.detail]
    columns: dict[str, Values | Text] = {
        "finding": Words(list(FINDINGS), which[order]),
        "detail": [detail[i] for i in order],
    }
    return tabled(CHECK, held.keys(stratum[order], row[order]), columns)


@dataclass(frozen=True, eq=False, kw_only=True)
class Finding(Entry):
    """One thing that a plan may leave open: it says where it is found.

    Parameters
    ----------
    name, says, source
        As in :class:`Entry`.
    judge : callable
        Given a plan held against an answer, tells where it is found.
    """

    judge: Callable[[HeldPlan], Found]


FINDINGS = by_name(
    Finding(
        name="barriers not yet assessed",
        says="the segment has a gap, and no row names a structure for it",
        source=f"{_POWELL}, Conclusion: to go from a disparity to a strategy is inadequate",
        judge=judges.no_structure,
    ),
    Finding(
        name="no strategy yet",
        says="the segment has a gap, and no row names a strategy for it",
        source=f"{_POWELL}, step 5",
        judge=judges.no_strategy,
    ),
    Finding(
        name="hidden: its gap is not published",
        says="the segment is hidden, so that nobody can see here whether it has a gap",
        source=_OURS,
        judge=judges.hidden_gap,
    ),
    Finding(
        name="no rate: its gap is not known",
        says="people may be there, and their rate is not known",
        source=_OURS,
        judge=judges.no_rate,
    ),
    Finding(
        name="masked shortfall",
        says="everybody together, or a segment, is at the goal while a segment inside is not: an "
        "average hides it",
        source=f"{_POWELL}, step 3: groups should be disaggregated",
        judge=judges.masked_shortfall,
    ),
    Finding(
        name="catch-all segment",
        says="a segment called Other or Unknown holds more than 5 % of the people (or "
        "catch_all=): averages hide who is in it",
        source=f"{_POWELL}, step 3: groups should be disaggregated",
        judge=judges.catch_all,
    ),
    Finding(
        name="reach below the need",
        says="the plan reaches fewer people than the low end of the people needed",
        source=_PLANS,
        judge=judges.reach_below,
    ),
    Finding(
        name="reach within the range of the need",
        says="the plan reaches as many people as may be needed",
        source=_PLANS,
        judge=judges.reach_within,
    ),
    Finding(
        name="reach above the need",
        says="the plan reaches more people than the high end of the people needed",
        source=_PLANS,
        judge=judges.reach_above,
    ),
    Finding(
        name="reach not said",
        says="the segment has a gap and a strategy, and no row says how many it reaches",
        source=_PLANS,
        judge=judges.reach_not_said,
    ),
    Finding(
        name="reach held against no need",
        says="a row has a reach, and the need that it belongs to is hidden, not known, or of "
        "several strata that are not added up",
        source=_OURS,
        judge=judges.reach_without_need,
    ),
    Finding(
        name="reach on several rows",
        says="one strategy for one segment stands on several rows with a reach each, which are "
        "added up",
        source=_PLANS,
        judge=judges.reach_repeated,
    ),
    Finding(
        name="strategy without a structure",
        says="a row has a strategy, and names no structure that it addresses",
        source=f"{_POWELL}, Conclusion: target structures, not people",
        judge=judges.strategy_without_structure,
    ),
    Finding(
        name="structure without a strategy",
        says="a structure is named, and no row for the segment has a strategy beside it",
        source=f"{_POWELL}, step 5",
        judge=judges.structure_without_strategy,
    ),
    Finding(
        name="no owner",
        says="a row has a structure or a strategy, and nobody who owns it",
        source=_PLANS,
        judge=judges.no_owner,
    ),
    Finding(
        name="starts after the goal's deadline",
        says="a row starts when the year of the deadline is over",
        source=_PLANS,
        judge=judges.starts_late,
    ),
    Finding(
        name="ends after the goal's deadline",
        says="a row starts in time, and ends when the year of the deadline is over",
        source=_PLANS,
        judge=judges.ends_late,
    ),
    Finding(
        name="unfunded",
        says="no money has been found for a row, which stays in the plan",
        source=f"{_POWELL}, Universal Goals and Limited Resources",
        judge=judges.unfunded,
    ),
    Finding(
        name="funded in part",
        says="the amount of a row is less than its unit cost × reach",
        source=f"{_POWELL}, Universal Goals and Limited Resources",
        judge=judges.partly_funded,
    ),
    Finding(
        name="stance against the split of resources",
        says="resources are not split as the stated stance has it",
        source="after Rosa González, The Spectrum of Community Engagement to Ownership (2019)",
        judge=judges.stance_against_split,
    ),
)
