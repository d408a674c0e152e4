"""What all tests share."""

import sys

import pytest
from hypothesis import settings

# Property tests draw the same examples every time and take the time that they need.
settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")


@pytest.fixture(autouse=True)
def denormals():
    """Trainings flush denormal numbers in their process; hypothesis does not start without them."""
    yield
    if "torch" in sys.modules:
        sys.modules["torch"].set_flush_denormal(False)
