"""Reconstruct every test shape and measure how near its surface comes."""

from running import finish, start

job = start(snakemake)

import json
from pathlib import Path

import torch

from toposhape.generators import Examples, load
from toposhape.jobs.synthesis import reconstruct_examples
from toposhape.learning.seeds import choose_device
from toposhape.settings.implicit import Reconstruction
from toposhape.shapes.prepared import PreparedShapes

torch.set_num_threads(job.threads)
given, params = job.input, job.params
reconstruct_examples(
    load(given.generator[0], choose_device(params.device)),
    Examples(
        json.loads(Path(given.split).read_text())["test"],
        PreparedShapes(given.manifest, given.samples),
        PreparedShapes(given.manifest, given.surfaces),
    ),
    Path(job.output.distances),
    Path(job.output.meshes),
    resolution=params.resolution,
    settings=Reconstruction.model_validate(params.reconstruction),
    seed=1000 * params.run_seed + int(job.wildcards.seed),
)
finish(job)
