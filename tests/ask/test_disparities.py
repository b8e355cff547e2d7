"""Differences and ratios between segments: laws, second libraries, edges, what stays hidden."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, test_proportions_2indep
from statsmodels.stats.rates import confint_poisson_2indep

import targeted_universalism as tu
from make import assessed, counts, fewer, groups, pairs, records, row_of
from targeted_universalism.measures import contrasts, significance

test_proportions_2indep.__test__ = False
REFERENCES = ("best", "total", "rest", "goal", "each", "A")
LIMITS = ["difference_low", "difference_high", "ratio_low", "ratio_high"]


p_values = st.lists(
    st.sampled_from([math.nan, 0.0, 1e-9, 0.01, 0.02, 0.3, 1.0]), min_size=1, max_size=9
)

# --- second libraries ----------------------------------------------------------------------------


@given(pairs(400), pairs(400))
def test_newcombe_and_the_score_test_agree_with_statsmodels(
    one: tuple[int, int], two: tuple[int, int]
) -> None:
    arrays = [np.array([float(v)]) for v in (*one, *two)]
    low, high = contrasts.newcombe(*arrays)
    expected = confint_proportions_2indep(*one, *two, method="newcomb", compare="diff")
    assert (low[0], high[0]) == pytest.approx(expected, abs=1e-12)
    pooled = one[0] + two[0]
    if 0 < pooled < one[1] + two[1]:
        with np.errstate(divide="ignore", invalid="ignore"):
            p = test_proportions_2indep(*one, *two, method="score", compare="diff")
        assert significance.score_test(*arrays)[0] == pytest.approx(p.pvalue, abs=1e-7)


@given(st.integers(0, 60), st.integers(1, 500), st.integers(0, 60), st.integers(1, 500))
def test_rates_agree_with_statsmodels_and_scipy(x: int, n: int, y: int, m: int) -> None:
    table = assessed([("A", x, n), ("B", y, m)], tu.Goal.at_most(0.5, per=1), kind="rate")
    row = row_of(table.disparities("B"), "A")
    expected = confint_poisson_2indep(x, n, y, m, method="mover", compare="diff",
                                      method_mover="exact-c") if x and y else None  # fmt: skip
    if expected is not None:
        assert tuple(row[["difference_low", "difference_high"]]) == pytest.approx(expected)
    if x + y:
        tails = [
            stats.binomtest(x, x + y, n / (n + m), alternative=side).pvalue
            for side in ("less", "greater")
        ]
        assert row["p_value"] == pytest.approx(min(1, 2 * min(tails)))
    if y:
        share = stats.binomtest(x, x + y, 0.5).proportion_ci(0.95, "exact")
        limits = [m / n * s / (1 - s) for s in share]
        assert tuple(row[["ratio_low", "ratio_high"]]) == pytest.approx(limits, rel=1e-9)


@given(st.integers(0, 50), st.integers(50, 90), st.floats(0.01, 0.99))
def test_exact_tests_against_the_goal_agree_with_scipy(x: int, n: int, share: float) -> None:
    goal = tu.Goal.at_least(share, per=1)
    a = assessed([("A", x, n), ("B", 1, 2)], goal, interval="exact")
    row = row_of(a.disparities("goal"), "A")
    tails = [stats.binomtest(x, n, share, alternative=a).pvalue for a in ("less", "greater")]
    assert row["p_value"] == pytest.approx(min(1, 2 * min(tails)))
    row = row_of(assessed([("A", x, n), ("B", 1, 2)], goal, kind="rate").disparities("goal"), "A")
    tails = [stats.poisson.cdf(x, n * share), stats.poisson.sf(x - 1, n * share)]
    assert row["p_value"] == pytest.approx(min(1, 2 * min(tails)))


def test_means_agree_with_scipy() -> None:
    rng = np.random.default_rng(4)
    data = pd.DataFrame({"g": np.repeat(["A", "B", "C"], [9, 14, 20]), "y": rng.normal(50, 9, 43)})
    a = tu.assess(
        tu.from_records(data, outcome="y", segments="g", kind="mean"), tu.Goal.at_least(50)
    )
    one, two, three = (data["y"][data["g"] == g] for g in "ABC")
    for row, other in (
        (row_of(a.disparities("B"), "A"), two),
        (row_of(a.disparities("rest"), "A"), pd.concat([two, three])),
    ):
        test = stats.ttest_ind(one, other, equal_var=False)
        assert row["p_value"] == pytest.approx(test.pvalue)
        limits = tuple(test.confidence_interval())
        assert tuple(row[["difference_low", "difference_high"]]) == pytest.approx(limits)
    goal = row_of(a.disparities("goal"), "A")
    assert goal["p_value"] == pytest.approx(stats.ttest_1samp(one, 50).pvalue)


def test_published_estimates_are_compared_as_normal() -> None:
    data = pd.DataFrame({"g": ["A", "B"], "rate": [34.0, 40.0], "se": [1.5, 2.0], "n": [600, 400]})
    s = tu.from_estimates(
        data, estimate="rate", se="se", population="n", segments="g", kind="rate", per=100
    )
    a = tu.assess(s, tu.Goal.at_most(30, per=100))
    row = row_of(a.disparities("B"), "A")
    z, se = stats.norm.ppf(0.975), math.hypot(1.5, 2.0)
    assert row["p_value"] == pytest.approx(2 * stats.norm.sf(6 / se))
    assert row["difference_low"] == pytest.approx(-6 - z * se)
    step = z * math.hypot(1.5 / 34, 2.0 / 40)
    assert row["ratio_high"] == pytest.approx(34 / 40 * math.exp(step))
    total = row_of(a.disparities("total"), "A")
    se = math.hypot(0.4 * 1.5, 0.4 * 2.0)  # p − μ = 0.4·(34 − 40)
    assert total["difference_high"] == pytest.approx(-2.4 + z * se)
    assert total["p_value"] == pytest.approx(2 * stats.norm.sf(2.4 / se))
    rest = row_of(a.disparities("rest"), "A")
    assert rest["reference_rate"] == pytest.approx(40)
    assert rest["difference_low"] == pytest.approx(row["difference_low"])


@pytest.mark.parametrize("seed", range(5))
def test_adjusted_p_values_agree_with_statsmodels(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.choice([math.nan, 0.0, 1e-9, 0.01, 0.02, 0.3, 1.0, *rng.random(3)], 4 * seed + 1)
    values[0] = 0.04
    known = ~np.isnan(values)
    for ours, theirs in (
        (significance.holm, "holm"),
        (significance.benjamini_hochberg, "fdr_bh"),
    ):
        adjusted = ours(values)
        assert np.isnan(adjusted[~known]).all()
        expected = multipletests(values[known], method=theirs)[1]
        assert adjusted[known] == pytest.approx(expected, abs=1e-15)
    assert np.isnan(significance.holm(np.array([math.nan]))).all()


@given(p_values)
def test_adjusted_p_values_follow_their_definitions(p: list[float]) -> None:
    """Holm: the largest of (m − j + 1)·p so far; Benjamini and Hochberg: the least of m·p/j yet."""
    known = sorted(v for v in p if not math.isnan(v))
    m = len(known)
    of_holm = [min(1, max((m - j) * known[j] for j in range(i + 1))) for i in range(m)]
    of_bh = [min(1, *(m * known[j] / (j + 1) for j in range(i, m))) for i in range(m)]
    for adjust, expected in (
        (significance.holm, of_holm),
        (significance.benjamini_hochberg, of_bh),
    ):
        found = adjust(np.array(p))
        assert np.isnan(found).tolist() == np.isnan(p).tolist()
        assert sorted(found[~np.isnan(found)]) == pytest.approx(expected)


def test_each_pair_is_one_test_of_its_family() -> None:
    rows = [("A", 40, 90), ("B", 30, 80), ("C", 12, 60), ("D", 25, 70)]
    table = assessed(rows).disparities("each").set_index(["segment", "reference"])
    pairs = list(itertools.combinations("ABCD", 2))
    expected = multipletests([table.loc[pair, "p_value"] for pair in pairs], method="holm")[1]
    assert [table.loc[pair, "p_adjusted"] for pair in pairs] == pytest.approx(expected)


@pytest.mark.parametrize("kind", ["proportion", "rate"])
def test_a_pair_and_its_mirror_are_as_if_each_reference_were_named(kind: str) -> None:
    """Two indicators, so that pairs are picked apart; none at all, everybody, one event, nobody."""
    rng = np.random.default_rng(4)
    data = pd.DataFrame({
        "sort": pd.Categorical(np.tile(["b", "a"], 40), ["a", "b"]),
        "place": np.repeat(np.arange(8), 10), "race": np.tile(np.repeat(list("CABED"), 2), 8),
        "n": rng.integers(0, 60, 80), "x": 0,
    })  # fmt: skip
    data["x"] = np.where(rng.random(80) < 0.3, 0, rng.binomial(data["n"], rng.random(80)))
    data.loc[data["race"] == "E", "race"] = None
    goals = dict.fromkeys("ab", tu.Goal.at_most(0.3, per=1))
    a = assessed(data, goals, by="place", indicator="sort", kind=kind)
    each = a.disparities("each").drop(columns="p_adjusted")
    assert set(each["reference"]) == set("ABCD")
    for label in "ABCD":
        named = a.disparities(label).drop(columns="p_adjusted")
        named = named[(named["segment"] != label) & (named["dimension"] == "race")]
        found = each[each["reference"] == label]
        pd.testing.assert_frame_equal(
            found.reset_index(drop=True), named.reset_index(drop=True), rtol=1e-10, atol=1e-14,
            check_categorical=False, check_dtype=False,
        )  # fmt: skip


def test_families_lie_side_by_side() -> None:
    p = np.random.default_rng(1).random((7, 40))
    p[p > 0.8] = np.nan
    for adjust in (significance.holm, significance.benjamini_hochberg):
        one_by_one = np.stack([adjust(p[:, j]) for j in range(40)], axis=1)
        np.testing.assert_array_equal(adjust(p), one_by_one)


# --- published numbers ---------------------------------------------------------------------------


def test_ratio_of_proportions_as_published() -> None:
    """Fagerland & Newcombe; Zou & Donner, as in Laud, ratesci tests/testthat/test3.R."""
    published = {
        (24, 73, 53, 65): (0.282, 0.563),
        (29, 55, 11, 11): (0.398, 0.761),
        (7, 18, 1, 18): (1.277, 40.751),
    }
    for (x, n, y, m), limits in published.items():
        row = row_of(assessed([("A", x, n), ("B", y, m)], interval="wilson").disparities("B"), "A")
        assert tuple(row[["ratio_low", "ratio_high"]]) == pytest.approx(limits, abs=6e-4)


def test_difference_of_proportions_as_published() -> None:
    """Newcombe 1998, example (d); Fagerland et al. 2015, 7/34 against 1/34."""
    row = row_of(assessed([("A", 5, 56), ("B", 0, 29)], interval="wilson").disparities("B"), "A")
    limits = tuple(row[["difference_low", "difference_high"]])
    assert limits == pytest.approx((-0.0381, 0.1926), abs=6e-5)
    assert math.isnan(row["ratio"])
    row = row_of(assessed([("A", 7, 34), ("B", 1, 34)], interval="wilson").disparities("B"), "A")
    limits = tuple(row[["difference_low", "difference_high"]])
    assert limits == pytest.approx((0.019, 0.34), abs=6e-4)


def test_adjusted_p_values_as_published() -> None:
    """R's multtest, as in statsmodels test_multi res_multtest1: the four smallest."""
    p = np.array([
        0.838541367553, 0.642193923795, 0.680845947633, 0.967833824309, 0.71626938238,
        0.177096952723, 5.23656777208e-05, 0.0202732688798, 0.00028140506198, 0.0149877310796,
    ])  # fmt: skip
    expected = [0.000523656777208, 0.00253264555782, 0.1199018486368, 0.1419128821586]
    assert sorted(significance.holm(p))[:4] == pytest.approx(expected, abs=1e-11)
    expected = [0.000523656777208, 0.0014070253099, 0.04995910359866667, 0.0506831721995]
    assert sorted(significance.benjamini_hochberg(p))[:4] == pytest.approx(expected, abs=1e-11)


def test_every_pair_as_child_welfare_publishes_it() -> None:
    """Wiegmann (CCWIP) 2017: 18.7 % of entries and 5.5 % of children against 24.0 and 28.3 %."""
    rows = [("Black", 187, 550), ("White", 240, 2830), ("Other", 573, 6620)]
    table = assessed(rows, tu.Goal.at_most(0.05, per=1), kind="rate").disparities("each")
    assert row_of(table, "Black", reference="White")["ratio"] == pytest.approx(4.0, abs=0.011)
    assert len(table) == 6


# --- a group is inside the total -----------------------------------------------------------------


def test_variance_inside_the_total_is_that_of_every_sample() -> None:
    """Enumerate all samples of three small groups: the variance of p₁ − μ, to the last digit."""
    sizes, p = (3, 4, 2), (0.3, 0.6, 0.5)
    moments = np.zeros(3)
    for sample in itertools.product(*(range(n + 1) for n in sizes)):
        chance = math.prod(
            stats.binom.pmf(x, n, q) for x, n, q in zip(sample, sizes, p, strict=True)
        )
        d = sample[0] / sizes[0] - sum(sample) / sum(sizes)
        moments += chance * np.array([1, d, d * d])
    w = np.array(sizes) / sum(sizes)
    v = np.array([q * (1 - q) / n for q, n in zip(p, sizes, strict=True)])
    others = ((w**2 * v)[1:]).sum()
    found, _ = contrasts.inside_total(
        *(np.array([value]) for value in (0.3, (w * p).sum(), w[0], v[0], others))
    )
    assert found[0] == pytest.approx(moments[2] - moments[1] ** 2, rel=1e-12)


@given(groups(400, 6), st.sampled_from(["proportion", "rate"]))
def test_ratio_to_the_total_is_the_ratio_to_the_rest_turned(
    rows: list[tuple[str, int, int]], kind: str
) -> None:
    """p/μ = r/(wr + 1 − w), in fractions: the limits of r become those of p/μ, 1/w the last."""
    a = assessed(rows, kind=kind)
    rest, total = (row_of(a.disparities(r), "A") for r in ("rest", "total"))
    w = Fraction(rows[0][2], sum(n for _, _, n in rows))
    if math.isnan(total["ratio"]) or w == 1:
        return
    for name in ("ratio_low", "ratio_high"):
        if not math.isnan(rest[name]):
            r = Fraction(float(rest[name]))
            assert total[name] == pytest.approx(float(r / (w * r + 1 - w)), rel=1e-9)
    if rest["reference_rate"] == 0:
        assert total["ratio_high"] == pytest.approx(float(1 / w))


@pytest.mark.parametrize(
    ("n", "p", "m", "q", "kind"),
    [
        (30, 0.9, 2400, 0.97, "proportion"), (5, 0.5, 600, 0.3, "proportion"),
        (300, 0.3, 30, 0.02, "proportion"), (20, 0.05, 200, 0.02, "proportion"),
        (50, 0.02, 2000, 0.03, "rate"),
    ],
)  # fmt: skip
def test_ratio_to_the_total_covers(n: int, p: float, m: int, q: float, kind: str) -> None:
    """The delta form of ln(p/μ) covered 78 to 95 % of these."""
    rng = np.random.default_rng(3)
    draw = rng.binomial if kind == "proportion" else (lambda n, p, size: rng.poisson(n * p, size))
    x, y = draw(n, p, 2000), draw(m, q, 2000)
    table = drawn(np.stack([x, y], axis=1), np.array([n, m]), kind).disparities("total")
    a = table[table["segment"] == "s0"]
    truth = p * (n + m) / (n * p + m * q)
    held = (a["ratio_low"].fillna(0) <= truth) & (a["ratio_high"].fillna(np.inf) >= truth)
    assert held.mean() >= 0.93


@given(groups(400, 6), st.sampled_from(["proportion", "rate"]))
def test_total_and_rest_tell_one_story(rows: list[tuple[str, int, int]], kind: str) -> None:
    a = assessed(rows, kind=kind)
    total, rest = (a.disparities(r).set_index("segment") for r in ("total", "rest"))
    people = sum(n for _, _, n in rows)
    for name, x, n in rows:
        others = sum(row[1] for row in rows) - x
        assert rest["reference_rate"][name] == others / (people - n)
        for column in ("difference", "difference_low", "difference_high"):
            shrunk = (1 - n / people) * rest[column][name]
            assert total[column][name] == pytest.approx(shrunk, abs=1e-12)
        assert total["p_value"][name] == rest["p_value"][name]
    weighted = sum(n * total["difference"][name] for name, _, n in rows)
    assert weighted == pytest.approx(0, abs=1e-9 * people)


# --- laws ----------------------------------------------------------------------------------------


@given(groups(400, 6), st.sampled_from(["proportion", "rate"]))
def test_swapping_the_two_groups_turns_the_answer_round(
    rows: list[tuple[str, int, int]], kind: str
) -> None:
    table = assessed(rows, kind=kind).disparities("each").set_index(["segment", "reference"])
    for one, two in itertools.combinations([name for name, _, _ in rows], 2):
        there, back = table.loc[(one, two)], table.loc[(two, one)]
        assert there["difference"] == -back["difference"]
        assert there["difference_low"] == pytest.approx(-back["difference_high"], abs=1e-12)
        assert there["p_value"] == pytest.approx(back["p_value"], abs=1e-9)
        assert there["p_adjusted"] == back["p_adjusted"]
        if there["rate"] > 0 and back["rate"] > 0:
            assert there["ratio"] == pytest.approx(1 / back["ratio"])
            assert there["ratio_low"] == pytest.approx(1 / back["ratio_high"])


@given(groups(400, 6), st.sampled_from(REFERENCES), st.sampled_from(["proportion", "rate"]))
def test_intervals_hold_the_point(
    rows: list[tuple[str, int, int]], reference: str, kind: str
) -> None:
    table = assessed(rows, kind=kind).disparities(reference, minimum=1)
    for value, low, high in (("difference", *LIMITS[:2]), ("ratio", *LIMITS[2:])):
        known = table[low].notna() & table[high].notna()
        assert (table[low] <= table[value] * (1 + 1e-12) + 1e-12)[known].all()
        assert (table[high] >= table[value] * (1 - 1e-12) - 1e-12)[known].all()
    assert not np.isinf(table.select_dtypes("number").to_numpy()).any()
    assert table["p_value"].dropna().between(0, 1).all()
    known = table["p_adjusted"].notna()
    assert (table["p_adjusted"] >= table["p_value"] - 1e-9)[known].all()
    empty = table[["difference", "ratio", *LIMITS, "p_value"]].isna().any(axis=1)
    assert (table["reason"] != "")[empty].all()


def test_an_upper_limit_without_end_is_missing_and_says_so() -> None:
    """Where the rest has no events the ratio to the total ends at 1/w; that to the rest nowhere."""
    a = assessed([("A", 0, 1), ("B", 1, 1)], kind="rate")
    assert row_of(a.disparities("total", minimum=1), "B")["ratio_high"] == 2
    rows = {"race": list("AAABBB"), "y": [5.0, 6, 7, 0, 1, 9]}
    a = assessed(rows, tu.Goal.at_least(3, per=1), make=records, kind="mean")
    alone = row_of(a.disparities("B"), "A")
    assert alone["ratio_low"] >= 0
    assert np.isnan(alone["ratio_high"])
    assert alone["reason"] == "no interval: standard error of zero or estimate at its bound"


@given(groups(400, 6), st.sampled_from(["best", "B"]))
def test_the_reference_itself_is_zero_and_one(
    rows: list[tuple[str, int, int]], reference: str
) -> None:
    table = assessed(rows).disparities(reference, minimum=1)
    own = table[table["segment"] == table["reference"]]
    assert len(own) == 1
    assert (own["difference"] == 0).all()
    assert own["ratio"].isin([1.0]).all() or (own["rate"] == 0).all()
    assert own[[*LIMITS, "p_value", "p_adjusted"]].isna().all(axis=None)
    assert (own["reason"].str.contains("the reference itself")).all()


@fewer(1, away=3)
@given(
    groups(400, 6), st.sampled_from(["total", "rest", "goal", "each"]), st.permutations("ABCDEF")
)
def test_names_and_order_of_segments_change_nothing(
    rows: list[tuple[str, int, int]], reference: str, names: list[str]
) -> None:
    renamed = [(names["ABCDEF".index(name)], x, n) for name, x, n in rows][::-1]
    keys, columns = ["segment", "reference"], ["difference", *LIMITS, "p_value", "p_adjusted"]
    before = assessed(rows).disparities(reference)
    for key in keys:
        words = before[key].astype(str)
        before[key] = [names["ABCDEF".index(w)] if w in "ABCDEF" else w for w in words]
    after = assessed(renamed).disparities(reference)
    after[keys] = after[keys].astype(str)
    pd.testing.assert_frame_equal(
        before.set_index(keys)[columns].sort_index(), after.set_index(keys)[columns].sort_index()
    )


@fewer(1, away=3)
@given(st.lists(groups(400, 6), min_size=2, max_size=4), st.sampled_from(REFERENCES))
def test_many_strata_are_as_one_at_a_time(
    strata: list[list[tuple[str, int, int]]], reference: str
) -> None:
    data = pd.DataFrame(
        [(place, *row) for place, rows in enumerate(strata) for row in rows],
        columns=["place", "group", "x", "n"],
    )

    def table(part: pd.DataFrame) -> pd.DataFrame:
        s = tu.from_counts(part, numerator="x", denominator="n", segments="group", by="place")
        return tu.assess(s, tu.Goal.at_least(0.5)).disparities(reference)

    together = table(data)
    together = together[~together["reason"].str.contains("no row in the data")]
    if reference == "each":
        together = together[together["reason"] != "the reference has no rate"]
    alone = pd.concat([table(data[data["place"] == place]) for place in range(len(strata))])
    keys = ["place", "segment", "reference"]
    for frame in (together, alone):
        frame[keys[1:]] = frame[keys[1:]].astype(object)
    columns = [*keys, "difference", *LIMITS, "p_value", "p_adjusted"]
    pd.testing.assert_frame_equal(
        together[columns].reset_index(drop=True), alone[columns].reset_index(drop=True)
    )


# --- which group is best -------------------------------------------------------------------------

FIVE = [("A", 9, 10), ("B", 70, 100), ("C", 30, 60), ("Unknown", 95, 100), ("D", 70, 100)]


def best_of(goal: tu.Goal, **options: object) -> str:
    table = assessed(FIVE, goal, unknown="Unknown").disparities("best", **options)
    (name,) = table["reference"].astype(str).unique()
    return str(name)


def test_best_needs_people_and_is_never_unknown() -> None:
    at_least, at_most = tu.Goal.at_least(0.9), tu.Goal.at_most(0.9)
    assert best_of(at_least) == "B"  # A has 10 people, D ties with B
    assert best_of(at_least, minimum=10) == "A"
    assert best_of(at_most) == "C"
    table = assessed(FIVE, at_least, unknown="Unknown").disparities("best")
    assert row_of(table, "C")["reason"] == "reference chosen from the data"
    table = assessed(FIVE, at_least, unknown="Unknown").disparities("best", minimum=1000)
    assert table["reference"].isna().all()
    assert row_of(table, "C")["reason"].startswith("no segment can be the best")


def test_unknown_is_shown_and_not_adjusted() -> None:
    table = assessed(FIVE, unknown="Unknown").disparities("B", adjust="bh")
    unknown = row_of(table, "Unknown")
    assert unknown["p_value"] < 0.001
    assert math.isnan(unknown["p_adjusted"])
    assert unknown["reason"] == "Unknown takes no part"
    family = [row_of(table, name)["p_value"] for name in "ACD"]
    expected = multipletests(family, method="fdr_bh")[1]
    assert [row_of(table, name)["p_adjusted"] for name in "ACD"] == pytest.approx(expected)
    each = assessed(FIVE, unknown="Unknown").disparities("each")
    assert "Unknown" not in set(each["reference"])


def test_overlapping_segments_have_no_best_but_a_rest() -> None:
    data = pd.DataFrame({"y": [1, 0, 1, 1, 0, 1], "f": [1, 1, 0, 0, 1, 0], "h": [1, 0, 0, 1, 1, 0]})
    s = tu.from_records(data, outcome="y", segments=tu.overlapping(["f", "h"], name="p"))
    a = tu.assess(s, tu.Goal.at_least(0.5))
    assert a.disparities("best", minimum=1)["difference"].isna().all()
    rest = a.disparities("rest").set_index("segment")["reference_rate"]
    assert rest["f"] == 1.0
    assert rest["h"] == pytest.approx(2 / 3)
    total = row_of(a.disparities("total"), "f")
    assert total["difference"] == pytest.approx(1 / 3 - 4 / 6)
    assert total["ratio_low"] < 0.5 < total["ratio_high"]


# --- edges ---------------------------------------------------------------------------------------


def test_reference_rate_of_zero_keeps_the_difference() -> None:
    row = row_of(assessed([("A", 5, 56), ("B", 0, 29)], interval="wilson").disparities("B"), "A")
    assert row["difference"] == 5 / 56
    assert row[["ratio", "ratio_low", "ratio_high"]].isna().all()
    assert row["reason"] == "no ratio: the reference is 0"
    goal = row_of(assessed([("A", 5, 56)], tu.Goal.at_most(0)).disparities("goal"), "A")
    assert math.isnan(goal["ratio"])
    assert goal["difference"] == 5 / 56


def test_no_events_have_an_upper_limit() -> None:
    for kind in ("proportion", "rate"):
        for reference in ("B", "total", "rest"):
            a = assessed([("A", 0, 56), ("B", 9, 29)], kind=kind)
            row = row_of(a.disparities(reference), "A")
            assert row["ratio"] == row["ratio_low"] == 0
            assert 0 < row["ratio_high"] < 2


def test_one_segment_has_no_disparity() -> None:
    a = assessed([("A", 5, 56)])
    for reference, reason in (
        ("best", "no segment can be"), ("rest", "nobody is known"), ("total", "nobody is known"),
    ):  # fmt: skip
        row = row_of(a.disparities(reference), "A")
        assert row[["reference_rate", "difference", "ratio", "p_value"]].isna().all()
        assert row["reason"].startswith(reason)
    assert row_of(a.disparities("goal"), "A")["difference"] == pytest.approx(5 / 56 - 0.5)
    assert a.disparities("each").empty


def test_nobody_there_is_missing_with_its_reason() -> None:
    table = assessed([("A", 5, 56), ("B", 0, 0), ("C", 5, 50)]).disparities("total")
    assert row_of(table, "B")["reason"] == "no population"
    assert math.isnan(row_of(table, "B")["difference"])
    named = assessed([("A", 5, 56), ("B", 0, 0), ("C", 5, 50)]).disparities("B")
    assert row_of(named, "A")["reason"] == "the reference has no rate"


def test_segments_past_the_goal_stay() -> None:
    table = assessed([("A", 50, 56), ("B", 28, 29)]).disparities("goal")
    assert (table["difference"] > 0).all()
    assert len(table) == 3


def test_lower_is_better_keeps_the_signs() -> None:
    rows = [("A", 5, 56), ("B", 9, 29)]
    low = assessed(rows, tu.Goal.at_most(0.5)).disparities("B")
    high = assessed(rows, tu.Goal.at_least(0.5)).disparities("B")
    pd.testing.assert_frame_equal(low, high)


def test_declared_total_that_does_not_fit_has_no_rest() -> None:
    rows = [("All", 20, 50), ("A", 15, 56), ("B", 9, 29)]
    a = assessed(rows, total="All", exclusive=False)
    row = row_of(a.disparities("rest"), "A")
    assert math.isnan(row["difference"])
    assert row["reason"] == "nobody is known in the rest of the total"
    row = row_of(a.disparities("total"), "A")
    assert row["difference"] == 15 / 56 - 0.4
    assert row[[*LIMITS, "p_value"]].isna().all()
    assert row["reason"] == "nobody is known in the rest of the total"


def test_without_confidence_there_is_no_interval() -> None:
    data = pd.DataFrame({"g": ["A", "B"], "x": [40, 30], "n": [90, 70]})
    for kind in ("proportion", "rate"):
        s = tu.from_counts(data, numerator="x", denominator="n", segments="g", kind=kind)
        a = tu.assess(s, tu.Goal.at_least(0.5, per=1), confidence=None)
        for reference in REFERENCES:
            table = a.disparities(reference)
            assert table[LIMITS].isna().all(axis=None)
            assert table["difference"].notna().all()


@pytest.mark.parametrize("errors", [(0.03, 0.04), (0.025, 0.045)])
def test_a_ratio_of_estimates_that_contradicts_the_difference_is_movers(
    errors: tuple[float, float],
) -> None:
    """Donner and Zou (2012), equation 5, by hand; the limits of the log ratio say otherwise."""
    data = pd.DataFrame({"g": ["A", "B"], "rate": [0.1, 0.2], "se": errors})
    s = tu.from_estimates(data, estimate="rate", se="se", segments="g", kind="proportion")
    row = row_of(tu.assess(s, tu.Goal.at_least(0.5)).disparities("B"), "A")
    z = stats.norm.isf(0.025)
    one, other = 0.1 + z * errors[0] * np.array([-1, 1]), 0.2 + z * errors[1] * np.array([-1, 1])
    against = other[::-1] * (0.4 - other[::-1])
    root = np.sqrt(0.02**2 - one * (0.2 - one) * against)
    wanted = (0.02 + np.array([-1, 1]) * root) / against
    assert [row["ratio_low"], row["ratio_high"]] == pytest.approx(wanted)
    apart = row["difference_high"] < 0
    assert (row["ratio_high"] < 1) == apart == (row["p_value"] < 0.05)
    log_arm = z * np.hypot(errors[0] / 0.1, errors[1] / 0.2)
    assert (np.log(0.5) + log_arm < 0) != apart


def test_estimates_without_errors_or_people() -> None:
    data = pd.DataFrame({"g": ["A", "B"], "rate": [0.3, 0.4]})
    s = tu.from_estimates(data, estimate="rate", segments="g", kind="proportion")
    a = tu.assess(s, tu.Goal.at_least(0.5))
    row = row_of(a.disparities("best"), "A")
    assert row["difference"] == pytest.approx(-0.1)
    assert math.isnan(row["difference_low"])
    assert "no interval given" in row["reason"]
    assert "size not known" in row["reason"]
    assert (
        row_of(a.disparities("rest"), "A")["reason"] == "nobody is known in the rest of the total"
    )


def test_estimates_without_people_have_no_interval_to_the_total() -> None:
    data = pd.DataFrame({"g": ["All", "A", "B"], "rate": [0.35, 0.3, 0.4], "se": 0.02})
    s = tu.from_estimates(
        data, estimate="rate", se="se", segments="g", kind="proportion", total="All"
    )
    row = row_of(tu.assess(s, tu.Goal.at_least(0.5)).disparities("total"), "A")
    assert row["difference"] == pytest.approx(-0.05)
    assert row[[*LIMITS, "p_value"]].isna().all()
    assert row["reason"] == "no population to weight the rates by"


def test_more_events_than_people_are_a_rate() -> None:
    row = row_of(assessed([("A", 30, 10), ("B", 20, 10)], kind="rate").disparities("B"), "A")
    assert row["ratio"] == 1.5
    assert row["ratio_low"] < 1 < row["ratio_high"]


def test_all_segments_hidden_leave_the_total_to_the_goal() -> None:
    a = assessed([("A", 4, 56), ("B", 9, 29), ("C", 6, 30)]).suppress()
    for reference in ("best", "total", "rest", "A", "each"):
        table = a.disparities(reference).query("dimension != 'total'")
        assert table[["rate", "difference", "ratio", "p_value"]].isna().all(axis=None)
        assert (table["reason"] == "suppressed").all()
    assert row_of(a.disparities("goal"), "All")["difference"] == pytest.approx(19 / 115 - 0.5)


@pytest.mark.parametrize("reference", ["Bb", "All", 0.5, None])
def test_a_reference_that_is_not_there_is_named(reference: object) -> None:
    with pytest.raises(tu.InputError, match=r"reference="):
        assessed(FIVE, unknown="Unknown").disparities(reference)  # type: ignore[arg-type]


def test_bad_options_are_named() -> None:
    a = assessed(FIVE, unknown="Unknown")
    with pytest.raises(tu.InputError, match="cannot be the reference"):
        a.disparities("Unknown")
    with pytest.raises(tu.InputError, match="adjust='sidak'"):
        a.disparities(adjust="sidak")
    for minimum in (0, True, 2.5):
        with pytest.raises(tu.InputError, match="minimum="):
            a.disparities(minimum=minimum)  # type: ignore[arg-type]


# --- what is hidden stays hidden -----------------------------------------------------------------

HIDDEN = [("A", 40, 90), ("B", 4, 50), ("C", 30, 80), ("D", 25, 60)]


@pytest.mark.parametrize("way", ["suppressed", "hidden in the input"])
@pytest.mark.parametrize("reference", REFERENCES)
def test_one_hidden_segment_takes_the_comparisons_with_all(way: str, reference: str) -> None:
    if way == "suppressed":
        a = assessed(HIDDEN).suppress()
    else:
        rows = [(g, "*" if g == "B" else x, n) for g, x, n in HIDDEN]
        a = assessed([*rows, ("All", 99, 280)], suppressed={"*": (1, 10)}, total="All")  # type: ignore[list-item]
    table = a.disparities(reference)
    gone = ["B", "D"] if way == "suppressed" else ["B"]
    hidden = table["segment"].isin(gone) | table["reference"].isin(gone)
    others = table[~hidden & (table["segment"] != "All")]
    own = others["segment"].astype(str) == others["reference"].astype(str)
    assert others["p_adjusted"].isna().all()
    assert (others["reason"].str.contains("suppressed segment") | own).all()
    whole = reference in ("best", "total", "rest")
    assert (others["difference"].isna() == whole).all()
    b = table[table["segment"] == "B"]
    assert b[["rate", "difference", "p_value"]].isna().all(axis=None)
    assert b["reason"].str.contains(way).all()
    if reference == "best":
        assert table["reference"].isna().all()


@pytest.mark.parametrize(("one", "two"), [(1, 10), (3, 4)])
def test_hidden_counts_change_nothing_that_is_public(one: int, two: int) -> None:
    """Two hidden cells of one total: move events between them, and every table stays the same."""
    rows = [("A", 40, 90), ("B", one, 50), ("C", two, 50), ("D", 25, 60)]
    moved = [("A", 40, 90), ("B", two, 50), ("C", one, 50), ("D", 25, 60)]
    for reference in REFERENCES:
        tables = [assessed(r).suppress().disparities(reference) for r in (rows, moved)]
        pd.testing.assert_frame_equal(*tables)


def test_a_reference_with_a_single_event_says_that_ratios_to_it_are_unsure() -> None:
    rows = [("A", 40, 90), ("B", 1, 50), ("C", 12, 50)]
    table = assessed(rows).disparities("B")
    assert "few events" in row_of(table, "A")["reason"]
    assert "few events" not in row_of(table, "B")["reason"]
    assert "few events" not in str(row_of(assessed(rows).disparities("C"), "A")["reason"])


def test_weighted_records_use_effective_counts() -> None:
    rng = np.random.default_rng(7)
    data = pd.DataFrame({
        "g": rng.choice(["A", "B"], 200), "y": rng.integers(0, 2, 200), "w": rng.uniform(1, 5, 200)
    })  # fmt: skip
    s = tu.from_records(data, outcome="y", segments="g", weight="w")
    a = tu.assess(s, tu.Goal.at_least(0.5))
    row = row_of(a.disparities("rest"), "A")
    part = dict(list(data.groupby("g")))
    p = {g: np.average(d["y"], weights=d["w"]) for g, d in part.items()}
    limits, sizes = {}, {}
    for g, d in part.items():
        # RULES 3: (n - 1)/n of p(1 - p)/v, at most Kish's size; Wilson with Student's quantile.
        n, w, q = len(d), d["w"], p[g]
        v = (w**2 * (d["y"] - q) ** 2).sum() / w.sum() ** 2
        size = min((n - 1) / n * q * (1 - q) / v, w.sum() ** 2 / (w**2).sum())
        sizes[g], z = size, stats.t.ppf(0.975, n - 1)
        middle, arm = (
            q + z**2 / (2 * size),
            z * math.sqrt(q * (1 - q) / size + z**2 / (2 * size) ** 2),
        )
        limits[g] = (middle - arm) / (1 + z**2 / size), (middle + arm) / (1 + z**2 / size)
    (low, high), (low_b, high_b) = limits["A"], limits["B"]
    difference = p["A"] - p["B"]
    expected = (
        difference - math.hypot(p["A"] - low, high_b - p["B"]),
        difference + math.hypot(high - p["A"], p["B"] - low_b),
    )
    assert row["reference_rate"] == pytest.approx(p["B"])
    assert tuple(row[["difference_low", "difference_high"]]) == pytest.approx(expected)
    # Miettinen and Nurminen's statistic, with Welch's degrees of freedom, as the limits have them.
    total = sum(sizes.values())
    q = sum(p[g] * size for g, size in sizes.items()) / total
    parts = {g: q * (1 - q) / size for g, size in sizes.items()}
    df = sum(parts.values()) ** 2 / sum(v**2 / (len(part[g]) - 1) for g, v in parts.items())
    t = difference / math.sqrt(sum(parts.values()) * total / (total - 1))
    assert row["p_value"] == pytest.approx(2 * stats.t.sf(abs(t), df))


# --- worked out by hand --------------------------------------------------------------------------


def test_nobody_is_known_in_a_rest_with_fewer_than_no_events() -> None:
    """A declared total of 10 in 100 leaves A's 20 in 50 a rest of −10, and B's 5 in 40 one of 5."""
    rows = [("A", 20, 50), ("B", 5, 40), ("All", 10, 100)]
    table = assessed(rows, total="All").disparities("rest")
    assert math.isnan(row_of(table, "A")["reference_rate"])
    assert row_of(table, "A")["reason"] == "nobody is known in the rest of the total"
    assert row_of(table, "B")["reference_rate"] == 5 / 60
    assert row_of(table, "B")["reason"] == ""


def test_the_ratio_of_a_mean_to_the_total_is_that_to_the_rest_turned() -> None:
    """A: 1, 2, 4; all others: 2, 3, 5, 9, 1, 6. Fieller's quadratic with Welch's t, then r turned.

    All R with (a − Rb)² ≤ t²(v + R²u) are the interval of a/b.
    """
    rows = {"race": list("AAABBBBCC"), "y": [1.0, 2, 4, 2, 3, 5, 9, 1, 6]}
    a = assessed(rows, tu.Goal.at_least(3, per=1), make=records, kind="mean")
    found = row_of(a.disparities("total"), "A")
    assert found["ratio"] == pytest.approx(7 / 11)
    one, rest = np.array([1.0, 2, 4]), np.array([2.0, 3, 5, 9, 1, 6])
    v, u = one.var(ddof=1) / 3, rest.var(ddof=1) / 6
    t = stats.t.ppf(0.975, (v + u) ** 2 / (v**2 / 2 + u**2 / 5))
    p, q = one.mean(), rest.mean()
    r = np.sort(np.roots([q**2 - t**2 * u, -2 * p * q, p**2 - t**2 * v])).clip(0)
    limits = r / (r / 3 + 2 / 3)
    assert found[["ratio_low", "ratio_high"]].tolist() == pytest.approx(limits.tolist(), rel=1e-9)


# --- simultaneous, agreeing, counted once --------------------------------------------------------


def drawn(events: np.ndarray, people: np.ndarray | int, kind: str = "proportion") -> tu.Assessment:
    """Tables side by side: events shaped (tables, segments)."""
    tables, k = events.shape
    data = pd.DataFrame({
        "r": np.repeat(np.arange(tables), k), "g": np.tile([f"s{i}" for i in range(k)], tables),
        "x": events.ravel(), "n": np.broadcast_to(people, events.shape).ravel(),
    })  # fmt: skip
    s = tu.from_counts(data, numerator="x", denominator="n", segments="g", by="r", kind=kind)
    return tu.assess(s, tu.Goal.at_least(0.5, per=1), reliability=None)


def test_best_is_newcombe_at_the_quantile_of_the_studentized_range() -> None:
    """Three segments: z is q(3, ∞)/√2 = 2.3437; p is that of the range of score statistics."""
    rows = [("A", 60, 200), ("B", 80, 200), ("C", 95, 190)]
    row = row_of(assessed(rows).disparities("best"), "A")
    z = stats.studentized_range.ppf(0.95, 3, np.inf) / math.sqrt(2)
    low, high = confint_proportions_2indep(
        60, 200, 95, 190, method="newcomb", compare="diff", alpha=2 * stats.norm.sf(z)
    )
    assert row["difference_low"] == pytest.approx(low, abs=1e-7)
    assert row["difference_high"] == pytest.approx(high, abs=1e-7)
    p = test_proportions_2indep(60, 200, 95, 190, method="score", compare="diff").pvalue
    assert row["p_value"] == pytest.approx(p, rel=1e-6)
    q = stats.norm.isf(p / 2) * math.sqrt(2)
    assert row["p_adjusted"] == pytest.approx(stats.studentized_range.sf(q, 3, np.inf), rel=1e-5)
    assert "Tukey–Kramer" in row["method"]


@pytest.mark.parametrize("adjust", ["holm", "bh", None])
def test_best_holds_for_all_pairs_whatever_the_adjustment(adjust: str | None) -> None:
    rows = [("A", 60, 200), ("B", 80, 200), ("C", 95, 190)]
    pd.testing.assert_frame_equal(
        assessed(rows).disparities("best", adjust=adjust), assessed(rows).disparities("best")
    )


@pytest.mark.parametrize(("k", "n"), [(3, 200), (6, 200), (12, 200), (30, 200), (6, 5), (12, 20)])
@pytest.mark.parametrize("p", [0.02, 0.3])
def test_best_holds_all_segments_at_once(k: int, n: int, p: float) -> None:
    """800 tables of equal segments: 95 % less two standard errors of the draws (1.5 %)."""
    events = np.random.default_rng(k).binomial(n, p, (800, k))
    table = drawn(events, n).disparities("best", minimum=1)
    table = table[table["difference_low"].notna()]
    held = (table["difference_low"] <= 0) & (table["difference_high"] >= 0)
    assert held.groupby(table["r"]).all().mean() >= 0.95 - 0.015
    false = (table["p_adjusted"] < 0.05).groupby(table["r"]).any()
    assert false.mean() <= 0.05 + 0.015
    assert (held == (table["p_adjusted"] >= 0.05)).all()


@given(groups(60, 5), st.sampled_from(REFERENCES), st.sampled_from(["proportion", "rate"]),
       st.sampled_from([0.8, 0.95]))  # fmt: skip
def test_interval_ratio_and_p_say_the_same_of_equality(
    rows: list[tuple[str, int, int]], reference: str, kind: str, confidence: float
) -> None:
    s = groups_of(rows, kind)
    a = tu.assess(s, tu.Goal.at_least(0.5, per=1), confidence=confidence)
    table = a.disparities(reference, minimum=1, adjust=None)
    table = table[table["difference_low"].notna() & (table["segment"] != "All")]
    apart = (table["difference_low"] > 0) | (table["difference_high"] < 0)
    p = "p_adjusted" if reference == "best" else "p_value"
    assert ((table[p] < round(1 - confidence, 9)) == apart).all()
    said = (table["ratio_low"] > 1) | (table["ratio_high"] < 1)
    both = table["ratio_low"].notna() & (table["ratio_high"].notna() | (table["ratio_low"] > 1))
    assert (said == apart)[both].all()


def groups_of(rows: list[tuple[str, int, int]], kind: str) -> tu.Segments:
    data = pd.DataFrame(rows, columns=["g", "x", "n"])
    return tu.from_counts(data, numerator="x", denominator="n", segments="g", kind=kind)


def test_status_and_p_say_the_same_of_the_goal() -> None:
    rows = [(f"{x}/{n}", x, n) for n in (10, 30, 100) for x in range(n + 1)]
    for goal in (0.05, 0.3, 0.9):
        a = assessed(rows, tu.Goal.at_least(goal, per=1))
        p = a.disparities("goal", adjust=None).set_index("segment")["p_value"]
        sure = a.table.set_index("segment")["status"].isin(["met", "short"])
        assert (sure == (p < 0.05)).all()


@pytest.mark.parametrize("reference", ["rest", "total"])
def test_two_segments_are_one_test(reference: str) -> None:
    """60 and 80 of 200: one score test, p = 0.03626, is not doubled by its mirror."""
    table = assessed([("F", 60, 200), ("M", 80, 200), ("X", 0, 0)]).disparities(reference)
    for name in ("F", "M"):
        assert row_of(table, name)["p_adjusted"] == pytest.approx(0.03626, abs=5e-6)
    three = assessed([("F", 60, 200), ("M", 80, 200), ("X", 3, 9)]).disparities(reference)
    p = [row_of(three, name)["p_value"] for name in "FMX"]
    expected = multipletests(p, method="holm")[1]
    assert [row_of(three, name)["p_adjusted"] for name in "FMX"] == pytest.approx(expected)


@pytest.mark.parametrize("k", [2, 3, 5])
def test_the_rest_of_weighted_records_is_the_others_added_up(k: int) -> None:
    """Everybody else has the event: sums of other weights are equal, not a rounding apart."""
    rng, parts = np.random.default_rng(k), []
    for draw in range(40):
        size = rng.integers(2, 9, k) + 3
        part = pd.DataFrame({
            "g": np.repeat([*"ABCDE"[:k]], size), "y": 1, "w": rng.random(size.sum()) * 3 + 0.1
        })  # fmt: skip
        part.loc[:1, "y"] = 0
        parts.append(part.assign(draw=draw))
    data = pd.concat(parts)
    pooled = data.assign(g=np.where(data["g"] == "A", "A", "others"))
    options = {"outcome": "y", "segments": "g", "weight": "w", "by": "draw"}
    one, two = (
        tu.assess(tu.from_records(d, **options), tu.Goal.at_least(0.5)) for d in (data, pooled)
    )
    found, expected = (
        table[table["segment"] == "A"].set_index("draw")
        for table in (one.disparities("rest"), two.disparities("others"))
    )
    assert len(found) == 40
    for name in ("difference", *LIMITS, "p_value"):
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-9, atol=1e-12)


def published(**more: object) -> tu.Assessment:
    data = pd.DataFrame({
        "g": ["A", "B"], "r": [2.0, 9.0], "lo": [0.41, 8.1], "hi": [5.84, 10.0], "N": [1500, 40000]
    })  # fmt: skip
    s = tu.from_estimates(
        data, estimate="r", ci=("lo", "hi"), population="N", segments="g", kind="rate", per=1000
    )
    return tu.assess(s, tu.Goal.at_most(5, per=1000))


def test_published_limits_are_put_together_as_they_are() -> None:
    """Zou & Donner (2008): −7 − √(1.59² + 1²) to −7 + √(3.84² + 0.9²)."""
    row = row_of(published().disparities("B"), "A")
    limits = -7 - math.hypot(2 - 0.41, 10 - 9), -7 + math.hypot(5.84 - 2, 9 - 8.1)
    assert (row["difference_low"], row["difference_high"]) == pytest.approx(limits)
    low, high = contrasts.mover_ratio(
        tuple(np.array([v]) for v in (2.0, 0.41, 5.84)),  # type: ignore[arg-type]
        tuple(np.array([v]) for v in (9.0, 8.1, 10.0)),  # type: ignore[arg-type]
    )
    assert (row["ratio_low"], row["ratio_high"]) == pytest.approx((low[0], high[0]))
    assert "published limits" in row["method"]
    w, total = 1500 / 41500, row_of(published().disparities("total"), "A")
    turned = [r / (w * r + 1 - w) for r in (low[0], high[0])]
    assert (total["ratio_low"], total["ratio_high"]) == pytest.approx(turned)
    assert total["difference_low"] == pytest.approx(
        total["difference"] - (1 - w) * math.hypot(1.59, 1)
    )


def test_a_reference_may_have_the_type_of_the_data() -> None:
    data = pd.DataFrame({"race": [1, 2, 3], "x": [10, 20, 30], "n": [50, 50, 50]})
    a = tu.assess(
        tu.from_counts(data, numerator="x", denominator="n", segments="race"), tu.Goal.at_least(0.5)
    )
    for code in (1, 1.0, np.int64(1)):
        pd.testing.assert_frame_equal(a.disparities(code), a.disparities("1"))
    with pytest.raises(tu.InputError, match="reference='4' is no segment"):
        a.disparities(4)


def test_a_dimension_in_which_nobody_is_known_has_no_best() -> None:
    data = pd.DataFrame({"race": ["A", "B"], "sex": [None, None], "x": [40, 50], "n": [90, 80]})
    a = tu.assess(counts(data, segments=["race", "sex"]), tu.Goal.at_least(0.5))
    for reference in ("best", "each", "rest"):
        found = a.disparities(reference).set_index("dimension")
        assert found.loc["race", "difference"].notna().any()
    assert a.impact("index-80")["dimension"].tolist() == ["race", "race", "sex"]


def test_few_weighted_people_are_compared_with_the_best_without_a_warning() -> None:
    """Effective counts of .5 of .5 and .5 of 1.5 are rounded one by one."""
    data = pd.DataFrame(
        {"race": list("AABBCC"), "y": [1, 0, 1, 1, 0, 0], "w": [0.25, 7.75, 0.25, 7.75, 0.25, 2.5]}
    )
    made = tu.from_records(data, outcome="y", segments="race", weight="w")
    found = tu.assess(made, tu.Goal.at_least(0.5)).disparities("best", minimum=1)
    known = found["p_value"].dropna()
    assert len(known) == 2
    assert ((known > 0) & (known <= 1)).all()


@pytest.mark.parametrize("reference", ["goal", "b", "best", "total"])
def test_a_p_value_that_published_limits_do_not_give_has_its_reason(reference: str) -> None:
    """An estimate of 0 has limits, and no standard error to test with."""
    data = pd.DataFrame({
        "race": list("abc"), "rate": [0.0, 0.3, 0.4], "low": [0.0, 0.2, 0.3],
        "high": [0.125, 0.4, 0.5], "n": [8, 50, 60],
    })  # fmt: skip
    segments = tu.from_estimates(
        data, estimate="rate", ci=("low", "high"), segments="race", kind="proportion",
        population="n",
    )  # fmt: skip
    found = tu.assess(segments, tu.Goal.at_most(0.2)).disparities(reference)
    row = found[found["segment"] == "a"].iloc[0]
    assert np.isnan(row["p_value"])
    assert row["difference_low"] < row["difference_high"] < 0
    assert "no test: a standard error is not known" in row["reason"]
    tested = found["p_value"].notna()
    assert not found.loc[tested, "reason"].str.contains("no test").any()
