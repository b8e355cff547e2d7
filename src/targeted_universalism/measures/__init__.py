"""Array functions for tools that embed the library: arrays in, arrays out, no frames.

Segments lie on the first axis; any further axes are strata, computed side by side.

Examples
--------
>>> import numpy as np
>>> import targeted_universalism as tu
>>> tu.measures.gap(np.array([0.49, 0.39, 0.35]), 0.60, direction="at least").round(2)
array([0.11, 0.21, 0.25])

"""

from __future__ import annotations

import numpy as np  # noqa: F401 - for the examples, which run through the door too

from targeted_universalism.measures import (
    allocation,
    contrasts,
    effort,
    goal,
    impact,
    intervals,
    pace,
    progress,
    publication_score,
    significance,
    trend,
)
from targeted_universalism.measures.allocation import *
from targeted_universalism.measures.contrasts import *
from targeted_universalism.measures.doorway import doorway
from targeted_universalism.measures.effort import *
from targeted_universalism.measures.goal import *
from targeted_universalism.measures.impact import *
from targeted_universalism.measures.inequality import (
    arithmetic,
    attributable,
    curves,
    deviations,
    entropy,
    healthy_people,
    rank,
    simple,
    slope,
    variance,
)
from targeted_universalism.measures.inequality.arithmetic import *
from targeted_universalism.measures.inequality.attributable import *
from targeted_universalism.measures.inequality.curves import *
from targeted_universalism.measures.inequality.deviations import *
from targeted_universalism.measures.inequality.entropy import *
from targeted_universalism.measures.inequality.healthy_people import *
from targeted_universalism.measures.inequality.rank import *
from targeted_universalism.measures.inequality.simple import *
from targeted_universalism.measures.inequality.slope import *
from targeted_universalism.measures.inequality.variance import *
from targeted_universalism.measures.intervals import *
from targeted_universalism.measures.pace import *
from targeted_universalism.measures.progress import *
from targeted_universalism.measures.publication_score import *
from targeted_universalism.measures.significance import *
from targeted_universalism.measures.trend import *

__all__: list[str] = []
__all__ += allocation.__all__
__all__ += contrasts.__all__
__all__ += effort.__all__
__all__ += goal.__all__
__all__ += impact.__all__
__all__ += arithmetic.__all__
__all__ += attributable.__all__
__all__ += curves.__all__
__all__ += deviations.__all__
__all__ += entropy.__all__
__all__ += healthy_people.__all__
__all__ += rank.__all__
__all__ += simple.__all__
__all__ += slope.__all__
__all__ += variance.__all__
__all__ += intervals.__all__
__all__ += pace.__all__
__all__ += progress.__all__
__all__ += publication_score.__all__
__all__ += significance.__all__
__all__ += trend.__all__

# Callers outside come in by one door; inside, the functions are called where they are defined.
globals().update({name: doorway(globals()[name]) for name in __all__})


def __dir__() -> list[str]:
    return sorted(__all__)
