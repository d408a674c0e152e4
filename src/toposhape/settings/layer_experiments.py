"""The experiments of the TopologyLayer paper."""

from typing import Annotated

from .base import Count, Seed, Settings, Unique, key

DIGITS = ("mnist", "train_images", "test_images")
REGRESSION = ("regression_trials", "regression_steps")
KEYS = {
    "points": ("points", "point_steps"),
    "denoising": DIGITS,
    "clusters": REGRESSION,
    "lines": REGRESSION,
    "image_regression": ("image_steps",),
    "generator": (*DIGITS, "generator_iterations", "generator_more", "generated"),
    "voxels": ("chairs", "voxel_iterations", "voxels_scored"),
    "attack": (*DIGITS, "attacked"),
    "comparison": DIGITS,
    "mapping": DIGITS,
}
"""What each experiment depends on."""


class LayerExperiments(Settings):
    """`snakemake --cores all layer_experiments`; nothing else depends on these keys."""

    seeds: Annotated[tuple[Seed, ...], Unique] = key(
        (0, 1, 2, 3, 4), "each experiment runs once for each", min_length=1, max_length=100
    )
    mnist: str = key(
        "", "folder with MNIST's four IDX files, gzipped or not; empty: digits are drawn"
    )
    train_images: Count = key(2000, "digits to learn from", source="MNIST: 60000")
    test_images: Count = key(500, "digits to judge by", source="paper: 1000")
    points: Count = key(100, "points that are moved, figures 1 and 2", source="paper: 100")
    point_steps: Count = key(100, "of Adam, figures 1 and 2", source="official code: 100")
    regression_trials: Count = key(5, "draws, figures 5 and 6", source="official code: 10, 100")
    regression_steps: Count = key(200, "of Adam, figures 5 and 6", source="official code: 100, 200")
    image_steps: Count = key(500, "of Adam, figure 7", source="official code: 500")
    generator_iterations: Count = key(
        2000, "batches of the generator before the loss", source="paper: 32000"
    )
    generator_more: Count = key(
        500, "batches of the generator that goes on instead", source="paper: 60000"
    )
    generated: Count = key(500, "images that are scored", source="paper: 1000")
    chairs: Count = key(400, "chairs in voxels to learn from", source="paper: ModelNet's")
    voxel_iterations: Count = key(
        600, "batches of the generator of voxels before the loss", source="paper: 333000"
    )
    voxels_scored: Count = key(100, "chairs in voxels that are scored", source="paper: 100")
    attacked: Count = key(100, "images that are attacked", source="paper: 1000")
