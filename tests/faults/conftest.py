"""What tests of faults share."""

import pytest
from harm import bounded_memory


@pytest.fixture
def bounded():
    """Reading takes little memory within the test."""
    with bounded_memory():
        yield
