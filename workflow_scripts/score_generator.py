"""Scores of one generator's synthetic shapes against the test shapes."""

from running import finish, start

job = start(snakemake)

from pathlib import Path

from truth_files import truth_files

from toposhape.base.files import whole
from toposhape.jobs.scoring import Scored, SetFiles, score_synthetic

given = job.input
scores = score_synthetic(
    Scored(job.wildcards.category, job.wildcards.method, int(job.wildcards.seed)),
    truth_files(given),
    SetFiles(*map(Path, given.synthetic)),
    job.params.surface_points,
    SetFiles(*map(Path, given.posterior)) if given.posterior else None,
    Path(given.generated[0]) if given.generated else None,
    Path(given.reconstruction) if given.reconstruction else None,
)
with whole(job.output.scores) as file:
    scores.to_csv(file, index=False)
finish(job)
