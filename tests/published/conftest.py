"""Real tables that several files read."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest


@pytest.fixture(scope="session")
def children(shared: Path) -> pd.DataFrame:
    """Children aged 0-17 in 2018 with their entry rates as printed; None where there is no row."""
    keys = ["date", "ageCensus", "ethnicityCensus", "geog"]
    folder = shared / "data"
    rates = pd.read_csv(folder / "wa_ooh_entry_rates_counties.csv", dtype={"datacol": object})
    people = pd.read_csv(folder / "wa_ooh_population_counties.csv")
    rows = people.rename(columns={"datacol": "population"}).merge(
        rates.rename(columns={"datacol": "printed"}), on=keys, how="left"
    )
    rows = rows[(rows["date"] == 2018) & (rows["ageCensus"] == 0)].reset_index(drop=True)
    return rows.assign(rate=rows["printed"].astype(float))
