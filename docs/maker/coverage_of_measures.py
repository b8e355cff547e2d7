"""Compute how often intervals of inequality measures hold the truth: docs/coverage-measures.md.

Part of ``make docs-coverage``: it draws counts from known rates, summarizes them, and counts. It
takes some minutes; the page says what was drawn.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd

import targeted_universalism as tu
from targeted_universalism.measures import midrank
from targeted_universalism.measures.inequality.register import REGISTER, asked

DOCS = Path(__file__).parents[1]
PAGE = DOCS / "coverage-measures.md"
PICTURE = DOCS / "images" / "coverage-measures.png"
BEGIN, END = "<!-- made by make docs-coverage -->", "<!-- end -->"
PEOPLE = np.array([260, 140, 200, 100, 300])
PATTERN = np.array([-1.0, 0.1, -0.35, 0.55, 1.25])
MEAN, GOAL = 0.3, 0.45
SIGNALS = (0.0, 1.0, 2.0, 5.0, 10.0, 20.0)
WELL_ABOVE = 20.0
CHOICES = {"alpha": "2", "epsilon": "0.5", "reference": "s1"}
SHOWN = ("d", "ti", "bgv", "mdbw", "sii", "rci")
LABELS = [f"s{i + 1}" for i in range(len(PEOPLE))]


def rates(signal: float) -> np.ndarray:
    """Give true rates with n·BGV/(μ(1 − μ)) = `signal` × the number of segments."""
    share = PEOPLE / PEOPLE.sum()
    away = PATTERN - (share * PATTERN).sum()
    spread = signal * len(PEOPLE) * MEAN * (1 - MEAN) / PEOPLE.sum()
    return np.asarray(MEAN + away * np.sqrt(spread / (share * away**2).sum()))


def summarized(signal: float, strata: int, ordered: bool, **options: Any) -> pd.DataFrame:
    """Draw counts many times, one stratum each, and summarize them."""
    rng = np.random.default_rng(2026)
    events = rng.binomial(PEOPLE, rates(signal), (strata, len(PEOPLE)))
    data = pd.DataFrame(
        {
            "draw": np.repeat(np.arange(strata), len(PEOPLE)),
            "segment_": np.tile(LABELS, strata),
            "x": events.ravel(),
            "n": np.tile(PEOPLE, strata),
        }
    )
    made = tu.from_counts(
        data, numerator="x", denominator="n", segments="segment_", by="draw",
        order={"segment_": LABELS} if ordered else None,
    )  # fmt: skip
    a = tu.assess(made, tu.Goal.at_least(GOAL))
    return a.summarize(asked_of(ordered), **options)


def asked_of(ordered: bool) -> list[str]:
    """Ask for every measure once: of segments in order, unless it is for those without."""
    mine = [m for m in REGISTER.values() if (m.ordered is not False) == ordered]
    chosen = [f"{m.code}({CHOICES[m.choice]})" for m in mine if m.choice is not None]
    return list(dict.fromkeys([*(m.code for m in mine if m.choice is None), *chosen]))


def truth(signal: float, name: str, code: str) -> float:
    """Give the measure of the true rates."""
    share = PEOPLE / PEOPLE.sum()
    given: dict[str, Any] = {
        "rate": rates(signal), "share": share, "rank": midrank(share), "se": np.zeros(len(share)),
        "direction": "at least", "goal": GOAL, "reference": 0,
    }  # fmt: skip
    (one,) = asked([code])
    if one.chosen is not None and REGISTER[name].choice in ("alpha", "epsilon"):
        given[str(REGISTER[name].choice)] = float(one.chosen)
    return float(REGISTER[name].value(given))


def coverage(signal: float, strata: int, **options: Any) -> pd.Series:
    """Give the share of intervals that hold the truth; where there is none, nothing is counted."""
    parts = [summarized(signal, strata, ordered, **options) for ordered in (True, False)]
    found = pd.concat(parts, ignore_index=True)
    text = found.astype({"measure": object, "code": object})
    keys = text[["measure", "code"]].drop_duplicates().itertuples(index=False)
    true = {(m, c): truth(signal, m, c) for m, c in keys}
    target = np.array([true[key] for key in zip(text["measure"], text["code"], strict=True)])
    known = text["ci_low"].notna()
    slack = 1e-12
    inside = (text["ci_low"] <= target + slack) & (text["ci_high"] >= target - slack)
    return inside[known].groupby([text["measure"], text["code"]], sort=False).mean()


def written(page: str, analytic: pd.DataFrame, simulated: pd.Series) -> str:
    """Give the page with its table."""
    head = [f"{s:g}" for s in analytic.columns]
    rows = [
        f"| `{code}` | `{name}` | "
        + " | ".join(f"{100 * v:.1f}" for v in values)
        + f" | {100 * simulated[name, code]:.1f} |"
        for (name, code), values in zip(analytic.index, analytic.to_numpy(), strict=True)
    ]
    table = [
        f"| code | function | {' | '.join(head)} | simulated, {WELL_ABOVE:g} |",
        f"|---|---|{'---:|' * (len(head) + 1)}",
        *rows,
    ]
    before, rest = page.split(BEGIN)
    body = "\n".join(table)
    return f"{before}{BEGIN}\n\n{body}\n\n{END}{rest.split(END)[1]}"


def picture(analytic: pd.DataFrame) -> None:
    """Draw the curves of some measures."""
    mpl.use("Agg")
    import matplotlib.pyplot as plt  # noqa: PLC0415

    figure, ax = plt.subplots(figsize=(7, 4), layout="constrained")
    ax.axhspan(93, 97, color="0.9")
    ax.axhline(95, color="0.5", linewidth=1)
    for (name, code), marker in zip(
        [key for key in analytic.index if key[1] in SHOWN and not key[0].endswith("by_order")],
        "osD^v<>",
        strict=False,
    ):
        ax.plot(analytic.columns, 100 * analytic.loc[(name, code)], marker=marker, label=code)
    ax.set_xlabel("n·BGV/(μ(1 − μ)) over the number of segments")
    ax.set_ylabel("Intervals that hold the truth, %")
    ax.legend(title="measure", ncols=3)
    PICTURE.parent.mkdir(exist_ok=True)
    figure.savefig(PICTURE, dpi=110, metadata={"Software": None})


def main() -> None:
    """Compute and write."""
    analytic = pd.DataFrame({s: coverage(s, 10_000) for s in SIGNALS})
    simulated = coverage(WELL_ABOVE, 2_000, intervals="simulate", draws=1_000)
    PAGE.write_text(
        written(PAGE.read_text(encoding="utf-8"), analytic, simulated), encoding="utf-8"
    )
    picture(analytic)
    print(analytic.round(4).to_string(), simulated.round(4).to_string(), sep="\n")


if __name__ == "__main__":
    main()
