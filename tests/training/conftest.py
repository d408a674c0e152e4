"""What tests of trainings share: one thread, and joint trainings that many look at."""

from pathlib import Path

import pytest
import torch
from joint_runs import PLAIN, Start, pretrain, settings_of, train


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Sums over other numbers of threads differ in their last bit."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def start(tmp_path_factory) -> Start:
    return pretrain(tmp_path_factory.mktemp("start"))


@pytest.fixture(scope="module")
def ours(start, tmp_path_factory) -> Path:
    return train(tmp_path_factory.mktemp("ours"), start)


@pytest.fixture(scope="module")
def plain(start, tmp_path_factory) -> Path:
    return train(tmp_path_factory.mktemp("plain"), start, settings_of(PLAIN))
