"""What a trajectory says: the latest rate, when the goal is reached, and the whole in sentences."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from targeted_universalism.show.courses import Course, joined
from targeted_universalism.show.nouns import join_words
from targeted_universalism.show.pictures.canvas import Unit, fitting, wrapped
from targeted_universalism.show.pictures.trajectory.scene import Scene

_LABEL_CHARS = 44


def broken(text: str) -> str:
    """Break what stands at the end of a line into lines."""
    return "\n".join(wrapped(text, fitting(_LABEL_CHARS)))


def latest(course: Course, unit: Unit) -> str:
    """Say the latest rate, or that there is none."""
    if course.last >= 0:
        return unit.rate(float(course.rate[course.last]))
    return "hidden every year" if course.hidden.any() else "no rate in any year"


def outlook_words(course: Course, scene: Scene) -> list[str]:
    """Say when the goal is reached, and how likely by the deadline."""
    if course.last < 0:
        return []
    chance, by = course.outlook.chance, scene.courses.goal.deadline
    return [course.outlook.sentence, *([f"chance by {by}: {chance}"] if chance else [])]


def sentences(scene: Scene) -> Iterator[str]:
    """Put every course into words, the total first."""
    for _, name in scene.courses.breaks:
        yield f"A new series begins in {name}"
    for course in scene.courses.each:
        words = [_observed(course, scene), *outlook_words(course, scene), *_gaps(course, scene)]
        yield f"{course.name}: {joined(words)}"


def _observed(course: Course, scene: Scene) -> str:
    known = np.flatnonzero(course.known).tolist()
    if not known:
        return latest(course, scene.unit)
    labels = [scene.courses.series.times.labels[i] for i in scene.courses.here]
    ends = [
        f"{scene.unit.rate(float(course.rate[i]))} in {labels[i]}" for i in (known[0], known[-1])
    ]
    return " to ".join(dict.fromkeys(ends))


def _gaps(course: Course, scene: Scene) -> Iterator[str]:
    """Name the years without a rate."""
    if course.last < 0:
        return
    labels = np.array([scene.courses.series.times.labels[i] for i in scene.courses.here])
    for words, here in (("hidden in", course.hidden), ("no rate in", course.missing)):
        if here.any():
            yield f"{words} {join_words(labels[here].tolist())}"
