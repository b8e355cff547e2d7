"""Rules, findings, presets and stances, from their registers: tables, and docstrings."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from targeted_universalism.ask import impact
from targeted_universalism.ask.plans import findings
from targeted_universalism.measures import allocation, engagement, reliability
from targeted_universalism.measures.entry import Entry
from targeted_universalism.measures.publication_score import RELEASED
from targeted_universalism.privacy import rules as privacy
from targeted_universalism.read.changes import RULES as CHANGES
from targeted_universalism.read.presets import PRESETS

_ANY = 1_000


def hides(rule: privacy.Rule, mark: str = "`") -> str:
    """Say what a rule for small cells hides, from what it shows at some minimum."""
    shown, minimum = rule.judge(_ANY), f"{mark}minimum{mark}"
    if shown.events == shown.people:
        text = f"1 to {minimum} − 1 people, events, or people without the event"
    else:
        text = (
            f"groups of fewer than {minimum} people, and 1 to {shown.events - 1} events or people "
            "without the event"
        )
    least = f"; {minimum} is {rule.least_minimum} at least" if rule.least_minimum > 1 else ""
    score = f"{mark}score{mark}"
    whole = f"; strata whose {score} is at most {RELEASED} are released whole"
    return f"{text}{least}{whole if rule.scored else ''}"


def of_reliability() -> str:
    """Give the table of reliability rules."""
    return _table("unreliable is", reliability.RULES, lambda rule: rule.says)


def of_impact() -> str:
    """Give the table of rules of disproportionate impact."""
    return _table("flagged is", impact.RULES, lambda rule: rule.says)


def of_allocation() -> str:
    """Give the table of rules of allocation."""
    return _table("whom it reaches", allocation.RULES, lambda rule: rule.says)


def of_plans() -> str:
    """Give the table of what a plan is checked for."""
    return _table("it says that", findings.FINDINGS, lambda rule: rule.says, head="finding")


def of_stances() -> str:
    """Give the spectrum of community engagement to ownership, and the split of resources."""
    rows = (f"| {s.number} | {s.name} | {s.says} |" for s in engagement.STANCES.values())
    lines = ["| stance | name | resources |", "|---|---|---|", *rows]
    return "\n".join([*lines, "", f"Source: {engagement.SOURCE}."])


def of_presets() -> str:
    """Give the table of files whose shape is known."""
    return _table("what it reads", PRESETS, lambda preset: preset.says, head="preset")


def of_changes() -> str:
    """Give the table of what reading a file may change."""
    rows = (f"| `{rule}` | {says} |" for rule, says in CHANGES.items())
    return "\n".join(["| rule | what was done |", "|---|---|", *rows])


def of_suppression() -> str:
    """Give the table of rules for small cells."""
    return _table("hidden are", privacy.RULES, hides)


def block(name: str) -> list[str]:
    """Give the lines of a docstring's list of rules."""
    head, register, words = _BLOCKS[name]
    return [head, "", *(f'- ``"{rule.name}"``: {words(rule)}' for rule in register.values())]


def _table(
    what: str,
    register: Mapping[str, Entry],
    words: Callable[[privacy.Rule], str],
    head: str = "rule",
) -> str:
    rows = [
        f"| `{rule.name}` | {words(rule).replace('|', chr(92) + '|')} | {rule.source} |"
        for rule in register.values()
    ]
    return "\n".join([f"| {head} | {what} | source |", "|---|---|---|", *rows])


_BLOCKS = {
    "allocate": ("Rules, and whom they reach:", allocation.RULES, lambda rule: rule.says),
    "reliability": (
        "Rules, and what they call unreliable:", reliability.RULES, lambda rule: rule.says
    ),
    "impact": ("Rules, and what they flag:", impact.RULES, lambda rule: rule.says),
    "check": ("Findings, and what they say:", findings.FINDINGS, lambda rule: rule.says),
    "read_table": ("Presets, and what they read:", PRESETS, lambda preset: preset.says),
    "suppress": (
        "Rules, and what they hide:", privacy.RULES, lambda rule: f"{rule.says}: {hides(rule)}"
    ),
}  # fmt: skip
