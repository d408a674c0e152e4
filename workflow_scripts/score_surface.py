"""How far one surface is from the truth and from its scan."""

from running import finish, start

job = start(snakemake)

from pathlib import Path

from toposhape.jobs.surfaces import score_surface

names = job.wildcards
labels = {"scan": names.scan, "method": names.surface, "seed": int(names.seed)}
score_surface(
    Path(job.input.mesh), Path(job.input.scan), labels, job.params.samples, Path(job.output[0])
)
finish(job)
