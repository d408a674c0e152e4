"""Steps of 3DShape2VecSet on a GPU: nobody waits between them."""

from pathlib import Path

import pytest
import small_trainings
import torch
from simulated import WAITS


@pytest.mark.skipif(torch.cuda.is_available(), reason="a real GPU does not count who waits for it")
def test_steps_do_not_wait_for_the_gpu(tmp_path: Path, gpu):
    """More steps an epoch, and as often a wait."""
    waits = []
    for size in (6, 1):
        WAITS.clear()
        small_trainings.train_sets(tmp_path / str(size), gpu, shapes_per_batch=size)
        waits.append(dict(WAITS))
    assert waits[0] == waits[1]
