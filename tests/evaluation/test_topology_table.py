"""topology.csv of this version and of earlier ones."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from made_sets import shapes, table

from toposhape.base.checksums import DamagedFileError
from toposhape.evaluation.set_scores import describe_set
from toposhape.evaluation.topology_table import LATER_COLUMNS, join_topology, read_topology


@pytest.fixture
def files(tmp_path):
    """Of this version, and of one that did not know what dangles."""
    lines = table([1, 1, 2], dangling=[0, 1, 0])
    paths = []
    for name, dropped in (("new", []), ("old", LATER_COLUMNS)):
        paths.append(tmp_path / f"{name}.csv")
        lines.assign(shape=[f"{name}{k}" for k in range(3)]).drop(columns=dropped).to_csv(
            paths[-1], index=False
        )
    return paths


def test_what_earlier_versions_did_not_write_is_unknown(files):
    new, old = (read_topology(path) for path in files)
    assert new["dangling"].tolist() == [0, 1, 0]
    assert old["dangling"].isna().all()
    assert (old["b0"].to_numpy() == new["b0"].to_numpy()).all()
    made = shapes(3, 0)
    found = [
        describe_set(replace(made, table=each))["nothing_dangles_share"] for each in (new, old)
    ]
    assert found == pytest.approx([2 / 3, np.nan], nan_ok=True)


def test_batches_of_both_are_joined(files, tmp_path):
    join_topology(files, tmp_path / "joined.csv")
    assert read_topology(tmp_path / "joined.csv")["dangling"].isna().sum() == 3


def test_a_table_without_pieces_is_damaged(files):
    pd.read_csv(files[0]).drop(columns="b0").to_csv(files[0], index=False)
    with pytest.raises(DamagedFileError, match="no column b0"):
        read_topology(files[0])
