"""Who does what for whom by a plan, and for whom nobody does anything."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from targeted_universalism._typing import FloatArray, IntArray
from targeted_universalism.answer.tables import Text, Values, Words, tabled
from targeted_universalism.ask.plans.held import HeldPlan
from targeted_universalism.ask.plans.places import alike
from targeted_universalism.segments.columns import COVERAGE
from targeted_universalism.segments.strata import members_of

_ROLES = ("owner", "partner", "nobody")


class Doers:
    """Who stands behind the rows of a plan: each row once for each of them.

    Attributes
    ----------
    rows : (entries,) array of int64
        Rows of the plan, those for strata that are here.
    names : list of str
        Owners and partners.
    who, role : (entries,) arrays of int64
        Positions in `names`, -1 for nobody, and in ``_ROLES``.
    """

    def __init__(self, held: HeldPlan) -> None:
        self.held = held
        every = [
            (i, who, role)
            for i in np.flatnonzero(held.in_place).tolist()
            for who, role in _doers_of(held.texts["owner"][i], held.texts["partner"][i])
        ]
        self.rows = np.array([i for i, _, _ in every], dtype=np.int64)
        self.names = list(dict.fromkeys(who for _, who, _ in every if who))
        place = {"": -1, **{who: i for i, who in enumerate(self.names)}}
        self.who = np.array([place[who] for _, who, _ in every], dtype=np.int64)
        self.role = np.array([role for _, _, role in every], dtype=np.int64)

    def table(self) -> pd.DataFrame:
        """Put what everybody does for a segment into one row, and nobody after the others."""
        held, first, members = self.held, *self._groups()
        stratum, row = held.listed_under[self.rows[first]], held.row[self.rows[first]]
        bare = held.found_in(
            held.short & ~held.cells_of(np.ones(len(held.rows), dtype=np.bool_)),
            lambda _, row: [""] * len(row),
        )
        more = len(bare.row)
        stratum, row = np.append(stratum, bare.stratum), np.append(row, bare.row)
        role = np.append(self.role[first], np.full(more, _ROLES.index("nobody")))
        order = np.lexsort((role == _ROLES.index("nobody"), row, stratum))
        reach, cost = (np.append(v, np.full(more, np.nan))[order] for v in self._sums(members))
        columns: dict[str, Values | Text] = {
            "who": Words(self.names, np.append(self.who[first], np.full(more, -1))[order]),
            "role": Words(_ROLES, role[order]),
            "planned_reach": reach,
            "planned_cost": cost,
        }
        for name in ("structure", "strategy"):
            texts = [*self._joined(members, name), *bare.detail]
            columns[_MANY[name]] = [texts[i] for i in order]
        return tabled(COVERAGE, held.keys(stratum[order], row[order]), columns)

    def _groups(self) -> tuple[IntArray, list[IntArray]]:
        """Give the first of what somebody does for a segment, and all of it, in order."""
        held = self.held
        key = alike(held.listed_under[self.rows], held.row[self.rows], self.who, self.role)
        _, first, group = np.unique(key, return_index=True, return_inverse=True)
        members = members_of(group, len(first))
        order = np.argsort(first)
        return first[order], [self.rows[members[i]] for i in order]

    def _sums(self, members: Sequence[IntArray]) -> tuple[FloatArray, FloatArray]:
        """Add up reach and cost over rows that have a reach; missing where none has."""
        reach, cost = self.held.rows.numbers["reach"], self.held.cost
        said = [rows[~np.isnan(reach[rows])] for rows in members]
        return (
            np.array([reach[rows].sum() if rows.size else np.nan for rows in said]),
            np.array([cost[rows].sum() if rows.size else np.nan for rows in said]),
        )

    def _joined(self, members: Sequence[IntArray], name: str) -> list[str]:
        """Name structures or strategies, each once."""
        texts = self.held.texts[name]
        return ["; ".join(dict.fromkeys(texts[i] for i in rows if texts[i])) for rows in members]


_MANY = {"structure": "structures", "strategy": "strategies"}


def _doers_of(owner: str, partner: str) -> list[tuple[str, int]]:
    """List the owner and the partners of a row, or nobody."""
    partners = dict.fromkeys(part.strip() for part in partner.split(";"))
    named = [(owner, 0), *((one, 1) for one in partners if one != owner)]
    return [(who, role) for who, role in named if who] or [("", _ROLES.index("nobody"))]
