"""Names of the columns of every table."""

from __future__ import annotations

# Columns of the tables in which `by` columns stand beside the answer.
RESERVED = frozenset(
    """indicator dimension segment population n events rate ci_low ci_high goal per gap gap_low
    gap_high ratio_to_goal status needed needed_low needed_high effort_share flag reason reference
    reference_rate difference difference_low difference_high ratio ratio_low ratio_high p_value
    p_adjusted method measure code scale value se expected_if_equal segments rule margin index
    threshold flagged needed_to_leave needed_to_parity events_share base_share ceiling
    dimension_needed intensity intensity_remaining effort_index unit_cost cost cost_low cost_high
    awarded spent rate_after gap_after gap_closed needed_after worst_rate_after unspent
    baseline_time baseline_rate latest_time latest_rate change percent_of_target percent_change
    progress pace pace_so_far pace_needed acceleration projected_time projected_low projected_high
    probability leveling_down masked_shortfall milestone trend symbol n_effective rse ci_width
    relative_width df footnote quantity low high possible_values passes difference_change
    ratio_change finding detail raw shrunken prior stage parent count base stage_rate
    population_rate stage_index stage_index_low stage_index_high population_index
    population_index_low population_index_high disparity_share
    annotation""".split()
)
