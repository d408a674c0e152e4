"""Joint training of one method, from the pretrained generators of its variant."""

from running import finish, start

job = start(snakemake)

from pathlib import Path

import torch

from toposhape.jobs.training import Start, train_method
from toposhape.shapes.prepared import PreparedShapes

torch.set_num_threads(job.threads)
params, given = job.params, job.input.diagram_weights
train_method(
    Start(Path(job.input.weights), Path(given) if given else None, Path(job.input.diagrams)),
    PreparedShapes(job.input.manifest, job.input.samples),
    dict(params.items()),
    device=params.device,
    seed=(params.run_seed, int(job.wildcards.seed)),
    checkpoints=Path(params.checkpoints),
    history=Path(job.output.history),
    title=f"{job.wildcards.method}, {job.wildcards.category}",
)
finish(job)
