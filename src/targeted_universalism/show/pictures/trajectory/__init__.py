"""The trajectory: each segment along time, where its trend leads, and what the goal asks of it.

What was observed is a line with marks; it is never joined over a year that is hidden or missing,
nor over a break. What lies ahead is a band and a thin line, and what the goal asks is dashed.
"""

from __future__ import annotations

from matplotlib.axes import Axes

from targeted_universalism.answer.answer import Answer
from targeted_universalism.ask.progress import ProgressOptions
from targeted_universalism.errors import InputError
from targeted_universalism.show.courses import Courses, courses_of
from targeted_universalism.show.pictures.canvas import fewer_segments, only_series
from targeted_universalism.show.pictures.trajectory.panels import draw_panels
from targeted_universalism.show.pictures.trajectory.scene import Scene
from targeted_universalism.show.pictures.trajectory.together import draw_together

# Together in one panel: more lines than this nobody can tell apart.
_TOGETHER = 4
MOST_PANELS = 48


def trajectory(
    answer: Answer,
    time: str,
    *,
    baseline: object = None,
    latest: object = None,
    pace: str | None = None,
    breaks: object = (),
    draws: int = 2000,
    seed: int = 0,
    ax: Axes | None = None,
) -> Axes:
    """Draw every segment along time: its rates, its trend ahead, and the way to the goal.

    Parameters
    ----------
    time, baseline, latest, pace, breaks, draws, seed
        As in :meth:`Assessment.progress`.
    ax : Axes, optional
        Where to draw up to four segments, best in a figure with ``layout="constrained"``, since
        labels stand beside the axes; a new figure of fitting size without it.

    Returns
    -------
    Axes
        With the picture in words in ``ax.tu_alt``. Beyond four segments each has a panel of its
        own, and the axes are those of the first; ``ax.figure`` holds them all.

    Raises
    ------
    InputError
        As ``a.progress``; if there are several series (choose one with ``a.where(…)``), more
        segments than panels, or more than four and an ``ax``.

    Notes
    -----
    The band is where the trend may lead: 80 % of drawn trends and the confidence of the answer,
    the same draws as those of the probability in ``a.progress``. A rate that is counted later
    varies by chance around its trend.

    Examples
    --------
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> pupils = pd.DataFrame({
    ...     "year": [2019, 2019, 2020, 2020, 2021, 2021, 2022, 2022],
    ...     "group": ["Black", "White"] * 4,
    ...     "graduated": [690, 1700, 705, 1710, 722, 1705, 741, 1712],
    ...     "cohort": [1000, 2000] * 4,
    ... })
    >>> a = tu.assess(
    ...     tu.from_counts(
    ...         pupils, numerator="graduated", denominator="cohort", segments="group", by="year"
    ...     ),
    ...     tu.Goal.at_least(0.90, name="Graduate in four years", deadline=2030),
    ... )
    >>> a.plot.trajectory("year").tu_alt.split(". ")[4]
    'Black: 69.0 % in 2019 to 74.1 % in 2022; at the goal in 2036 (2030 at the earliest); \
chance by 2030: 6 %'

    """
    asked = ProgressOptions(
        time=time, baseline=baseline, latest=latest, pace=pace, breaks=breaks, draws=draws,
        seed=seed,
    )  # fmt: skip
    return _drawn(answer, Scene(_one_series(answer, asked)), ax)


def along(answer: Answer, courses: Courses) -> Axes:
    """Draw a series that has been followed already; the answer is that of its strata."""
    return _drawn(answer, Scene(courses), None)


def _drawn(answer: Answer, scene: Scene, ax: Axes | None) -> Axes:
    if len(scene.segments) <= _TOGETHER:
        return draw_together(scene, ax)
    _check_panels(answer, scene, ax)
    return draw_panels(scene)


def fits(answer: Answer) -> bool:
    """Tell whether a picture can show every segment."""
    return int(answer.seen.any(axis=1).sum()) <= MOST_PANELS


def _one_series(answer: Answer, asked: ProgressOptions) -> Courses:
    """Give the series that is drawn: the only one, or the only roll-up."""
    every = courses_of(answer, asked)
    position = only_series(every[0].series.strata, asked.time, "trajectory")
    return next(one for one in every if one.position == position)


def _check_panels(answer: Answer, scene: Scene, ax: Axes | None) -> None:
    """Stop where there are more panels than fit, or where they should go into one."""
    if not fits(answer):
        fix = fewer_segments(answer, "trajectory(…)", "a.progress(…)")
        raise InputError(
            f"{len(scene.courses.each)} panels are more than a picture can show ({MOST_PANELS}): "
            f"{fix}."
        )
    if ax is not None:
        raise InputError(
            f"{len(scene.segments)} segments need a panel each, and ax= is one: leave it out, or "
            f"keep up to {_TOGETHER}, as in a.where(dimension=…)."
        )
