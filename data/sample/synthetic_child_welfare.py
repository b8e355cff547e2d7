"""Write a synthetic table of first entries to foster care in 40 invented counties.

Only the entry rates of five groups, the overall rate and three of the population shares are
published figures (README.md names the sources). All else is assumed, and no row is about
a real county or a real child. Run ``python data/sample/synthetic_child_welfare.py`` to write
``synthetic_child_welfare_entries.csv`` beside this file.
"""

from itertools import product
from pathlib import Path

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

SEED = 2015
YEARS = range(2015, 2023)

# First entries per 1,000 children, California 2011-13. Published, except Multiracial: 2.4 is
# assumed, because with the shares below it brings all children to the published 2.8.
RATE_PER_1000 = {
    "Black": 8.5,
    "American Indian or Alaska Native": 8.8,
    "Latino": 2.7,
    "White": 2.6,
    "Asian or Pacific Islander": 0.7,
    "Multiracial": 2.4,
}

# Shares of all children. Published: Black 5.5 %, White 28.3 % (2016) and Multiracial 4.5 %.
# Assumed: American Indian or Alaska Native, and how Latino and Asian divide the rest.
POPULATION_SHARE = {
    "Black": 0.055,
    "American Indian or Alaska Native": 0.007,
    "Latino": 0.500,
    "White": 0.283,
    "Asian or Pacific Islander": 0.110,
    "Multiracial": 0.045,
}

# Assumed: ages are spread almost evenly by year of life, and entry is likeliest when youngest.
AGE_SHARE = {"0-4": 0.270, "5-9": 0.275, "10-14": 0.285, "15-17": 0.170}
AGE_EFFECT = {"0-4": 1.9, "5-9": 0.8, "10-14": 0.7, "15-17": 0.6}

# Assumed: county sizes (about 9 million children in all), how much counties differ in their
# entry rate and in who lives there (standard deviations of logarithms), and both yearly trends.
SMALLEST, LARGEST, SKEW = 1_500, 2_000_000, 1.40
COUNTY_EFFECT, COMPOSITION_EFFECT = 0.15, 0.40
ENTRY_TREND, POPULATION_TREND = 0.985, 0.995

COUNTIES = (
    "Abelmoor", "Amberfold", "Brindlecove", "Calderwisp", "Coppergrove", "Dapplefen",
    "Dunmarrow", "Emberlow", "Fernwhistle", "Fogharrow", "Gantrelle", "Glasswater",
    "Hollowquay", "Inklemere", "Ivorstone", "Jasperdune", "Kestrelby", "Kilnwater",
    "Lanternholt", "Lumenfield", "Marrowick", "Mistlebury", "Nimbledale", "Oatmantle",
    "Ostrelle", "Pebblethorn", "Plumhaven", "Quillmarsh", "Rushelden", "Saltember",
    "Silverbarrow", "Tansyfold", "Tindlewick", "Umberlane", "Velmora", "Wickerdown",
    "Wrenhollow", "Xanderlea", "Yarrowquill", "Zephyrcombe",
)  # fmt: skip


def values(table: dict[str, float]) -> FloatArray:
    """Return the numbers of a table above, in its order."""
    return np.array(list(table.values()))


def county_sizes(rng: np.random.Generator) -> FloatArray:
    """Return children per county, skewed from SMALLEST to LARGEST, in random order."""
    position = rng.permutation(np.linspace(0.0, 1.0, len(COUNTIES)))
    return SMALLEST * (LARGEST / SMALLEST) ** (position**SKEW)


def children_by_race(rng: np.random.Generator, sizes: FloatArray) -> FloatArray:
    """Return (county, race) children: counties differ, statewide shares are kept."""
    target = sizes.sum() * values(POPULATION_SHARE)
    people = np.outer(sizes, values(POPULATION_SHARE))
    people = people * rng.lognormal(0.0, COMPOSITION_EFFECT, people.shape)
    for _ in range(50):
        people *= (sizes / people.sum(axis=1))[:, None]
        people *= target / people.sum(axis=0)
    return people


def child_population(rng: np.random.Generator) -> IntArray:
    """Return whole children by (county, year, race, age)."""
    people = children_by_race(rng, county_sizes(rng))[:, None, :, None]
    trend = POPULATION_TREND ** np.arange(len(YEARS))
    return np.rint(people * trend[:, None, None] * values(AGE_SHARE)).astype(np.int64)


def entry_probability(rng: np.random.Generator, children: IntArray) -> FloatArray:
    """Return entry probabilities whose mean over all children is each race's own rate.

    All groups in a county share its county effect, and all years and ages share one trend and
    one pattern, so groups compare much the same way everywhere.
    """
    county = rng.lognormal(0.0, COUNTY_EFFECT, len(COUNTIES))[:, None, None, None]
    trend = (ENTRY_TREND ** np.arange(len(YEARS)))[:, None, None]
    pattern = county * trend * values(AGE_EFFECT)
    pooled: FloatArray = (children * pattern).sum(axis=(0, 1, 3)) / children.sum(axis=(0, 1, 3))
    return pattern * (values(RATE_PER_1000) / 1000 / pooled)[:, None]


def csv_text() -> str:
    """Return the whole synthetic table as CSV text."""
    rng = np.random.Generator(np.random.PCG64(SEED))
    children = child_population(rng)
    entries = rng.binomial(children, entry_probability(rng, children))
    keys = product(COUNTIES, YEARS, RATE_PER_1000, AGE_SHARE)
    cells = zip(keys, entries.ravel(), children.ravel(), strict=True)
    lines = [f"{c},{year},{race},{age},{x},{n}" for (c, year, race, age), x, n in cells]
    return "\n".join(["county,year,race,age,entries,children", *lines, ""])


if __name__ == "__main__":
    output = Path(__file__).with_name("synthetic_child_welfare_entries.csv")
    output.write_bytes(csv_text().encode())
