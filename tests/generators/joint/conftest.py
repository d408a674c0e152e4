"""Joint trainings that many tests look at."""

from pathlib import Path

import pytest
from joint_runs import PLAIN, Start, pretrain, settings_of, train


@pytest.fixture(scope="module")
def start(tmp_path_factory) -> Start:
    return pretrain(tmp_path_factory.mktemp("start"))


@pytest.fixture(scope="module")
def ours(start, tmp_path_factory) -> Path:
    return train(tmp_path_factory.mktemp("ours"), start)


@pytest.fixture(scope="module")
def plain(start, tmp_path_factory) -> Path:
    return train(tmp_path_factory.mktemp("plain"), start, settings_of(PLAIN))
