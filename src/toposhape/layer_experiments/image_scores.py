"""Table 10's metrics of sets of images."""

from __future__ import annotations

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from torch import Tensor, nn

from toposhape.topology import superlevel_diagrams

DIAGRAMS = 100
"""Size of the sets that are compared by diagrams, as in the paper."""
SHORTEST = 0.02
"""Bars that are shorter are left out of these comparisons: they would be most of the work."""


def image_scores(found: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """Return minimal matching distance and coverage, by squared L2 and by diagrams.

    Source: Achlioptas et al., Learning representations and generative models for 3D point clouds,
    2018.  The first 100 images of both sets are compared by the 1-Wasserstein distance of PD0.
    """
    pixels = cdist(truth.reshape(len(truth), -1), found.reshape(len(found), -1), "sqeuclidean")
    ours, theirs = (
        [
            superlevel_diagrams(each, min_persistence=SHORTEST).points[0].astype(np.float64)
            for each in images[:DIAGRAMS]
        ]
        for images in (truth, found)
    )
    bars = np.array([[first_wasserstein(p, q) for q in theirs] for p in ours])
    return {
        "MMD-L2": float(pixels.min(axis=1).mean()),
        "COV-L2": len(set(pixels.argmin(axis=0).tolist())) / len(truth),
        "MMD-Wass": float(bars.min(axis=1).mean()),
        "COV-Wass": len(set(bars.argmin(axis=0).tolist())) / len(ours),
    }


def first_wasserstein(p: np.ndarray, q: np.ndarray) -> float:
    """Return the least sum of Euclidean distances of matched points, or to the diagonal.

    A matching is worth what it saves: pairs that save nothing stay apart.
    """
    alone, also = (np.abs(x[:, 1] - x[:, 0]) / np.sqrt(2) for x in (p, q))
    savings = np.maximum(alone[:, None] + also - cdist(p, q), 0)
    rows, columns = linear_sum_assignment(savings, maximize=True)
    return float(alone.sum() + also.sum() - savings[rows, columns].sum())


@torch.no_grad()
def inception_score(classifier: nn.Module, images: Tensor) -> float:
    """Return exp of the mean divergence of a classifier's answers from their mean.

    Source: Salimans et al., Improved techniques for training GANs, 2016.
    """
    answers = classifier(images).softmax(1)
    mean = answers.mean(0)
    return float((torch.xlogy(answers, answers / mean)).sum(1).mean().exp())
