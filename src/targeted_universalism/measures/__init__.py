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

from targeted_universalism.intervals import (
    byar,
    byar_or_exact,
    clopper_pearson,
    from_standard_error,
    korn_graubard,
    poisson,
    wilson,
)
from targeted_universalism.measures.contrasts import (
    inside_total,
    mover_difference,
    mover_ratio,
    newcombe,
    poisson_ratio,
)
from targeted_universalism.measures.curves import concentration_curve, twice_the_area
from targeted_universalism.measures.effort import effort_share, needed
from targeted_universalism.measures.goal import gap, gap_limits, ratio_to_goal, status
from targeted_universalism.measures.impacts import impact_ratio, point_gap, proportionality
from targeted_universalism.measures.screening import calhhs_points, calhhs_score, passes_screen
from targeted_universalism.measures.significance import (
    benjamini_hochberg,
    binomial_test,
    conditional_test,
    holm,
    poisson_test,
    score_test,
)

__all__ = [
    "benjamini_hochberg",
    "binomial_test",
    "byar",
    "byar_or_exact",
    "calhhs_points",
    "calhhs_score",
    "clopper_pearson",
    "concentration_curve",
    "conditional_test",
    "effort_share",
    "from_standard_error",
    "gap",
    "gap_limits",
    "holm",
    "impact_ratio",
    "inside_total",
    "korn_graubard",
    "mover_difference",
    "mover_ratio",
    "needed",
    "newcombe",
    "passes_screen",
    "point_gap",
    "poisson",
    "poisson_ratio",
    "poisson_test",
    "proportionality",
    "ratio_to_goal",
    "score_test",
    "status",
    "twice_the_area",
    "wilson",
]
