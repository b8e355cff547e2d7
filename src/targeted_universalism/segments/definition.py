"""What a rate is a rate of, in words: shared measurement is one definition, or it is nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from hashlib import sha256
from typing import Any, Protocol, TypeAlias
from unicodedata import normalize

from targeted_universalism.errors import (
    CallError,
    InputError,
    advised,
    check_text,
    did_you_mean,
    shown,
)
from targeted_universalism.labels import label
from targeted_universalism.segments.tab import Tidy

# How many characters a fingerprint has: among a million definitions two that differ share one with
# a probability of 0.2 %.
_CHARACTERS = 12
DEFINED_BY_SOME = "some of the parts that were added"


@dataclass(frozen=True, kw_only=True)
class Definition(Tidy):
    """What is measured, in words: who is counted, among whom, without whom, when, in which unit.

    Partners measure the same where their definitions have the same ``fingerprint``; ``combine`` and
    ``assess`` refuse to put together what does not.

    Parameters
    ----------
    numerator : str
        Who or what is counted ("students absent on 10 % or more of the days enrolled").
    denominator : str
        Among whom ("students enrolled for 31 days or more").
    exclusions : str
        Who is left out of both ("students in home and hospital instruction").
    period : str
        When ("school year, July to June").
    unit : str
        What one count is ("student, once a school").

    Raises
    ------
    InputError
        If a part is no text, or none is given.

    Notes
    -----
    Blanks around a text, runs of them, upper and lower case, and the ways in which one letter is
    coded make no difference; every other character does. What one party leaves out and another
    says is a difference too.

    Examples
    --------
    >>> import targeted_universalism as tu
    >>> ours = tu.Definition(numerator="absent on 10 % of days", denominator="enrolled 31 days")
    >>> theirs = tu.Definition(numerator="Absent on 10 % of days ", denominator="enrolled")
    >>> ours.fingerprint, theirs.fingerprint
    ('5b101d51ccab', 'f07decf1dfab')
    >>> ours.differences(theirs)
    ("The denominators differ: 'enrolled 31 days' and 'enrolled'.",)

    """

    _shown = (
        "numerator", "denominator", "exclusions", "period", "unit", "fingerprint", "differences",
    )  # fmt: skip

    numerator: str = ""
    denominator: str = ""
    exclusions: str = ""
    period: str = ""
    unit: str = ""

    def __post_init__(self) -> None:
        for name in PARTS:
            check_text(name, getattr(self, name))
            object.__setattr__(self, name, label(getattr(self, name)))
        if not any(self.parts.values()):
            raise InputError(f"A definition says at least one of: {', '.join(PARTS)}.")

    @property
    def parts(self) -> dict[str, str]:
        """Every part by its name, the empty ones too."""
        return asdict(self)

    @property
    def fingerprint(self) -> str:
        """A short text that is the same for definitions that read alike, and for no others."""
        canonical = {name: _canonical(text) for name, text in self.parts.items()}
        text = json.dumps(canonical, sort_keys=True, ensure_ascii=True)
        return sha256(text.encode()).hexdigest()[:_CHARACTERS]

    @advised
    def differences(self, other: Definition) -> tuple[str, ...]:
        """Say which parts differ from another definition's, a sentence each, with both texts."""
        if not isinstance(other, Definition):
            raise CallError(f"differences() takes a tu.Definition, not {shown(other)}.")
        theirs = other.parts
        return tuple(
            f"The {_plural(name)} differ: {_said(text)} and {_said(theirs[name])}."
            for name, text in self.parts.items()
            if _canonical(text) != _canonical(theirs[name])
        )


PARTS = tuple(field.name for field in fields(Definition))


class Defined(Protocol):
    """What may have a definition: a goal."""

    @property
    def definition(self) -> Definition | None:
        """What is measured, where that is said."""


Defining: TypeAlias = Definition | Defined | Mapping[str, Definition | Defined]


def _plural(name: str) -> str:
    return name if name.endswith("s") else f"{name}s"


def _said(text: str) -> str:
    return repr(text) if text else "nothing said"


def _canonical(text: str) -> str:
    """Give the text that stands for all that read alike."""
    return label(normalize("NFC", normalize("NFC", text).casefold()))


# --- definitions that are declared for data -----------------------------------------------------


def lacks_definition(value: object) -> bool:
    """Tell whether a value is a goal that does not say what is measured."""
    return getattr(value, "definition", value) is None and value is not None


def definition_of(value: object, whose: str = "") -> Definition:
    """Give the definition that an option names: itself, or a goal's; stop where there is none."""
    found = value if isinstance(value, Definition) else getattr(value, "definition", None)
    if isinstance(found, Definition):
        return found
    if lacks_definition(value):
        raise InputError(
            f"definition={shown(value)}{whose} is a goal without a definition: say what is "
            "measured, as in tu.Goal.at_least(…, definition=tu.Definition(numerator=…))."
        )
    raise InputError(
        f"definition={shown(value)}{whose} must be a tu.Definition, a goal that has one, or a "
        "mapping of these by indicator."
    )


def on_record(
    declared: Definition | Mapping[str, Definition], indicators: Sequence[str], named: bool
) -> dict[str, Any]:
    """Put the definition of each indicator on record; stop at one of an indicator not in the data.

    Parameters
    ----------
    declared : Definition or mapping by indicator
        What was said in the constructor.
    indicators : sequence of str
        What is in the data.
    named : bool
        Whether a column names them.

    Returns
    -------
    dict
        Plain texts: the parts and the fingerprint; by indicator where these are named.
    """
    if isinstance(declared, Definition):
        if len(indicators) > 1:
            raise InputError(
                f"definition= is one, and the data hold {len(indicators)} indicators: give each "
                f"its own, as in {{{indicators[0]!r}: tu.Definition(…)}}. "
                f"{did_you_mean('', indicators)}"
            )
        declared = {indicators[0]: declared}
    for name in declared:
        if name not in indicators:
            raise InputError(
                f"definition= names indicator {name!r}, which is not in the data. "
                f"{did_you_mean(name, indicators)}"
            )
    return _by_name({name: _record(one) for name, one in declared.items()}, named)


def declared_in(facts: Mapping[str, Any], named: bool) -> dict[str, Definition]:
    """Read the definitions on record, by indicator; the name is empty where nothing names it."""
    return {name: _definition(one) for name, one in _records(facts, named).items()}


def merged(parts: Sequence[tuple[Mapping[str, Any], bool]]) -> dict[str, Any] | None:
    """Put the definitions of parts that are added on record as one; stop where they differ.

    Parameters
    ----------
    parts : sequence of (facts, whether indicators are named)

    Returns
    -------
    dict or None
        As :func:`on_record` gives it, None where no part declares anything. A definition that some
        parts alone declare says so.
    """
    named = parts[0][1]
    records = [_records(facts, named) for facts, named in parts]
    names = dict.fromkeys(name for record in records for name in record)
    found = {name: _agreed(name, [record.get(name) for record in records]) for name in names}
    return _by_name(found, named) if found else None


def _agreed(name: str, records: Sequence[Mapping[str, str] | None]) -> dict[str, str]:
    """Give the one definition of an indicator in all parts that declare it."""
    said = [(place, record) for place, record in enumerate(records, 1) if record is not None]
    place, first = said[0]
    for other, record in said[1:]:
        differ = _definition(first).differences(_definition(record))
        if differ:
            what = f"indicator {name!r}" if name else "the outcome"
            raise InputError(
                f"These segments cannot be added: parts {place} and {other} do not measure {what} "
                f"alike. {' '.join(differ)} Agree on one definition and count by it, or correct "
                "definition= where only its words differ."
            )
    some = len(said) < len(records) or any(_BY in record for _, record in said)
    return {**first, _BY: DEFINED_BY_SOME} if some else dict(first)


_BY = "declared by"


def _record(definition: Definition) -> dict[str, str]:
    said = {name: text for name, text in definition.parts.items() if text}
    return {"fingerprint": definition.fingerprint, **said}


def _definition(record: Mapping[str, str]) -> Definition:
    return Definition(**{name: record[name] for name in PARTS if name in record})


def _by_name(records: dict[str, dict[str, str]], named: bool) -> dict[str, Any]:
    return records if named else next(iter(records.values()))


def _records(facts: Mapping[str, Any], named: bool) -> Mapping[str, Mapping[str, str]]:
    """Give the records of definitions by indicator; the name is empty where nothing names it."""
    found = facts.get("definition")
    if found is None:
        return {}
    return found if named else {"": found}
