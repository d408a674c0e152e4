"""Scores of a row's clouds, or of clouds of training shapes."""

from running import finish, start

job = start(snakemake)

import numpy as np
from cloud_jobs import cloud_source

from toposhape.base.files import whole
from toposhape.evaluation.score_table import FLOOR
from toposhape.jobs.point_clouds import score_cloud_sets, training_sets

names, params, test = job.wildcards, job.params, cloud_source(job.input, "test")
if clouds := job.input.get("clouds"):
    sets = np.load(clouds, mmap_mode="r")[: params.draws, :, : params.points]
    scored = names.category, names.method, int(names.seed)
else:
    training = cloud_source(job.input, "training")
    n = min(len(test), len(training))
    sets = training_sets(training, params.draws, n, params.points)
    scored = names.category, FLOOR, None
scores = score_cloud_sets(scored, sets, test, params.earth_mover_points, job.threads)
with whole(job.output.scores) as file:
    scores.to_csv(file, index=False)
finish(job)
