"""Shapes with much persistence are those that the consistency is taken near more often."""

import numpy as np
import pytest
import torch
from joint_runs import OURS, settings_of, train

from toposhape.generators.joint import epochs
from toposhape.generators.joint.emphasis import emphasis, in_order
from toposhape.settings.joint import TopologicalTerms


def diagrams(*lifetimes):
    """Of each shape a point of every degree that lives so long, and a second one in degree 1."""
    one = [np.array([[-each, 0.0]]) for each in lifetimes]
    return [[each, np.concatenate([each, each]), each] for each in one]


def test_weights_are_the_roots_of_total_persistence_in_part():
    truth = diagrams(0.1, 0.3, 0.0)
    assert emphasis(truth, 1).tolist() == pytest.approx([0.75, 2.25, 0])
    assert emphasis(truth, 0.8).tolist() == pytest.approx([0.2 + 0.6, 0.2 + 1.8, 0.2])
    assert emphasis(truth, 0).tolist() == [1, 1, 1]


def test_shapes_without_any_persistence_are_alike():
    assert emphasis([[np.zeros((0, 2))] * 3] * 2, 1).tolist() == [1, 1]


def test_each_next_shape_is_drawn_by_its_weight():
    batch, weights = torch.tensor([4, 1, 3]), torch.tensor([9.0, 1, 9, 2, 0])
    random = torch.Generator().manual_seed(0)
    orders = torch.stack([in_order(batch, weights, random) for _ in range(3000)])
    assert orders.sort(dim=1).values.unique(dim=0).tolist() == [[1, 3, 4]]
    first = torch.bincount(orders[:, 0], minlength=5) / 3000
    assert first.tolist() == pytest.approx([0, 1 / 3, 0, 2 / 3, 0], abs=0.03)
    assert set(orders[:, 2].tolist()) == {4}


def test_a_training_takes_the_consistency_near_them(start, tmp_path, monkeypatch):
    seen, true_step = [], epochs.ShapeStep

    class Step(true_step):
        def __init__(self, *given):
            super().__init__(*given)
            seen.append((self.draw.batch.tolist(), self.nearby.tolist(), self._shapes(0).tolist()))

    monkeypatch.setattr(epochs, "ShapeStep", Step)
    near = OURS.model_copy(update={"consistency_bandwidth": 0.25})
    for share in (0.0, 0.8):
        terms = near.model_copy(update={"persistence_share": share})
        train(tmp_path / str(share), start, settings_of(terms, {"steps": 4}))
    alike, other = seen[:4], seen[4:]
    assert all(batch == nearby == shapes for batch, nearby, shapes in alike)
    assert [batch for batch, *_ in other] == [batch for batch, *_ in alike]
    assert all(sorted(batch) == sorted(nearby) for batch, nearby, _ in other)
    assert any(batch != nearby for batch, nearby, _ in other)


def test_a_share_needs_codes_near_those_of_training_shapes():
    with pytest.raises(ValueError, match="no training shape is near"):
        TopologicalTerms(consistency_weight=1, persistence_share=0.8)
