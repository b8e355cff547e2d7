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

from targeted_universalism.measures.contrasts import (
    inside_total,
    mover_difference,
    mover_ratio,
    newcombe,
    poisson_ratio,
)
from targeted_universalism.measures.effort import effort_share, needed
from targeted_universalism.measures.goal import gap, gap_limits, ratio_to_goal, status
from targeted_universalism.measures.impact import impact_ratio, point_gap, proportionality
from targeted_universalism.measures.inequality.arithmetic import midrank, quantile_group
from targeted_universalism.measures.inequality.attributable import (
    attributable_fraction,
    attributable_fraction_by_order,
    attributable_risk,
    attributable_risk_by_order,
)
from targeted_universalism.measures.inequality.curves import concentration_curve, twice_the_area
from targeted_universalism.measures.inequality.deviations import (
    index_of_disparity,
    mean_difference_from_best,
    mean_difference_from_mean,
    mean_difference_from_reference,
    mean_shortfall,
    unweighted_mean_shortfall,
    weighted_index_of_disparity,
    weighted_mean_difference_from_best,
    weighted_mean_difference_from_mean,
    weighted_mean_difference_from_reference,
)
from targeted_universalism.measures.inequality.entropy import (
    atkinson,
    generalized_entropy,
    gini,
    mean_log_deviation,
    renyi,
    theil,
    theil_by_place,
)
from targeted_universalism.measures.inequality.healthy_people import (
    hp_index_of_disparity,
)
from targeted_universalism.measures.inequality.rank import (
    absolute_concentration_index,
    erreygers_index,
    relative_concentration_index,
    wagstaff_index,
)
from targeted_universalism.measures.inequality.simple import (
    difference,
    difference_by_order,
    difference_from_reference,
    ratio,
    ratio_by_order,
    ratio_from_reference,
    summary_rate_difference,
    summary_rate_ratio,
)
from targeted_universalism.measures.inequality.slope import (
    relative_index_linear,
    relative_index_log,
    relative_index_logit,
    relative_index_logit_line,
    slope_index_linear,
    slope_index_log,
    slope_index_logit,
    slope_index_logit_line,
    slope_over_mean,
)
from targeted_universalism.measures.inequality.variance import (
    between_group_standard_deviation,
    between_group_variance,
    coefficient_of_variation,
    corrected_between_group_variance,
)
from targeted_universalism.measures.intervals import (
    byar,
    byar_or_exact,
    clopper_pearson,
    from_standard_error,
    korn_graubard,
    poisson,
    wilson,
)
from targeted_universalism.measures.publication_score import (
    calhhs_points,
    calhhs_score,
    passes_screen,
)
from targeted_universalism.measures.significance import (
    benjamini_hochberg,
    binomial_test,
    conditional_test,
    holm,
    poisson_test,
    score_test,
)

__all__ = [
    "absolute_concentration_index",
    "atkinson",
    "attributable_fraction",
    "attributable_fraction_by_order",
    "attributable_risk",
    "attributable_risk_by_order",
    "benjamini_hochberg",
    "between_group_standard_deviation",
    "between_group_variance",
    "binomial_test",
    "byar",
    "byar_or_exact",
    "calhhs_points",
    "calhhs_score",
    "clopper_pearson",
    "coefficient_of_variation",
    "concentration_curve",
    "conditional_test",
    "corrected_between_group_variance",
    "difference",
    "difference_by_order",
    "difference_from_reference",
    "effort_share",
    "erreygers_index",
    "from_standard_error",
    "gap",
    "gap_limits",
    "generalized_entropy",
    "gini",
    "holm",
    "hp_index_of_disparity",
    "impact_ratio",
    "index_of_disparity",
    "inside_total",
    "korn_graubard",
    "mean_difference_from_best",
    "mean_difference_from_mean",
    "mean_difference_from_reference",
    "mean_log_deviation",
    "mean_shortfall",
    "midrank",
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
    "quantile_group",
    "ratio",
    "ratio_by_order",
    "ratio_from_reference",
    "ratio_to_goal",
    "relative_concentration_index",
    "relative_index_linear",
    "relative_index_log",
    "relative_index_logit",
    "relative_index_logit_line",
    "renyi",
    "score_test",
    "slope_index_linear",
    "slope_index_log",
    "slope_index_logit",
    "slope_index_logit_line",
    "slope_over_mean",
    "status",
    "summary_rate_difference",
    "summary_rate_ratio",
    "theil",
    "theil_by_place",
    "twice_the_area",
    "unweighted_mean_shortfall",
    "wagstaff_index",
    "weighted_index_of_disparity",
    "weighted_mean_difference_from_best",
    "weighted_mean_difference_from_mean",
    "weighted_mean_difference_from_reference",
    "wilson",
]


def __dir__() -> list[str]:
    return list(__all__)
