"""The façade's pictures: ``a.plot``; matplotlib loads when one is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from targeted_universalism.answer.questions import Assessed, Question, Rooms

if TYPE_CHECKING:
    import targeted_universalism.show.pictures.allocation
    import targeted_universalism.show.pictures.concentration
    import targeted_universalism.show.pictures.disparities
    import targeted_universalism.show.pictures.equiplot
    import targeted_universalism.show.pictures.funnel
    import targeted_universalism.show.pictures.gaps
    import targeted_universalism.show.pictures.heatmap
    import targeted_universalism.show.pictures.needed
    import targeted_universalism.show.pictures.slope
    import targeted_universalism.show.pictures.spending
    import targeted_universalism.show.pictures.trajectory

    pictures = targeted_universalism.show.pictures
else:
    pictures = Rooms("show.pictures")


class Plots(Assessed):
    """Pictures of an assessment: an answer in, matplotlib Axes out."""

    gaps = Question(lambda: pictures.gaps.gaps)
    needed = Question(lambda: pictures.needed.needed)
    allocation = Question(lambda: pictures.allocation.allocation)
    spending = Question(lambda: pictures.spending.spending)
    disparities = Question(lambda: pictures.disparities.disparities)
    equiplot = Question(lambda: pictures.equiplot.equiplot)
    heatmap = Question(lambda: pictures.heatmap.heatmap)
    concentration = Question(lambda: pictures.concentration.concentration)
    trajectory = Question(lambda: pictures.trajectory.trajectory)
    funnel = Question(lambda: pictures.funnel.funnel)
    slope = Question(lambda: pictures.slope.slope)

    def __repr__(self) -> str:
        asked = (f".{name}()" for name, one in vars(Plots).items() if isinstance(one, Question))
        return f"Pictures of an assessment: {', '.join(asked)}"
