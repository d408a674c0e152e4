"""Signatures: what is near and what is a copy, in steps."""

import numpy as np
import pytest

from toposhape.shapes.signature import geometry_signature, near_duplicates

STEP = 5e-4
FLAT = np.zeros((8, 8, 8))


def shifted(steps, block=(0, 0, 0)):
    """A grid whose mean in one block of 2 x 2 x 2 vertices is so many steps higher."""
    grid = FLAT.copy()
    grid[tuple(slice(2 * b, 2 * b + 2) for b in block)] = steps * STEP
    return geometry_signature(grid)


def groups(*signatures):
    return near_duplicates(signatures).tolist()


@pytest.mark.parametrize("block", [(0, 0, 0), (3, 1, 2), (3, 3, 3)])
def test_four_steps_are_a_copy_and_five_are_not(block):
    """0.002 in the mean of each block, as docs/shapes.md says."""
    assert groups(shifted(0), shifted(4, block), shifted(-4, block)) == [0, 0, 0]
    assert groups(shifted(0), shifted(5, block)) == [0, 1]
    assert groups(shifted(0), shifted(-5, block)) == [0, 1]


def test_a_chain_of_near_copies_is_one_group():
    assert groups(shifted(0), shifted(20), shifted(4), shifted(8)) == [0, 1, 0, 0]


def test_every_block_counts_by_itself():
    """Four steps in all blocks at once are a copy; five in one of them are none."""
    everywhere = geometry_signature(FLAT + 4 * STEP)
    assert groups(shifted(0), everywhere) == [0, 0]
    mixed = FLAT + 4 * STEP
    mixed[6:, 6:, 6:] = 5 * STEP
    assert groups(shifted(0), geometry_signature(mixed)) == [0, 1]


def test_a_signature_is_the_means_in_hexadecimals():
    signature = shifted(3, (0, 0, 1))
    assert [signature[4 * k : 4 * k + 4] for k in range(3)] == ["8000", "8003", "8000"]
    assert len(signature) == 4 * 64
    far = geometry_signature(FLAT + 1000)
    assert far == "ffff" * 64
    assert geometry_signature(FLAT - 1000) == "0000" * 64


def test_grids_that_blocks_do_not_divide():
    grid = np.random.default_rng(0).normal(size=(10, 10, 10))
    blocks = [np.array_split(np.arange(10), 4)] * 3
    first = grid[np.ix_(blocks[0][0], blocks[1][0], blocks[2][0])].mean()
    assert int(geometry_signature(grid)[:4], 16) == pytest.approx(first / STEP + 2**15, abs=1.01)


def test_no_signatures_have_no_groups():
    assert groups() == []
