"""What shapes that no generator made would score: training shapes, medoid, nothing."""

from running import finish, start

job = start(snakemake)

from truth_files import truth_files

from toposhape.base.files import whole
from toposhape.jobs.scoring import score_truth

params = job.params
scores = score_truth(
    job.wildcards.category,
    truth_files(job.input),
    params.draws,
    params.shapes_per_draw,
    params.surface_points,
)
with whole(job.output.scores) as file:
    scores.to_csv(file, index=False)
finish(job)
