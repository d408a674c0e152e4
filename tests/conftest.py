"""What all tests share: one thread for each process, deterministic examples."""

import os
import sys

import pytest
from hypothesis import settings

from toposhape.base.garbage import collect_little

collect_little()  # as every job does

# Tests run side by side, one on each core: threads of small operations would only wait for each
# other, and sums over other numbers of threads differ in their last bit. Programs inherit it.
os.environ["OMP_NUM_THREADS"] = "1"

# Property tests draw the same examples every time and take the time that they need.
settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")


@pytest.fixture(autouse=True)
def denormals():
    """Trainings flush denormal numbers in their process; hypothesis does not start without them."""
    yield
    if "torch" in sys.modules:
        sys.modules["torch"].set_flush_denormal(False)
