"""Persistence diagrams of test shapes and of the first draw of every method."""

from running import start

job = start(snakemake)

from sidecars import write_sidecars

from toposhape.jobs.publication import diagrams_of_first_draw, diagrams_of_part
from toposhape.publication.figures.diagrams import diagrams_figure
from toposhape.publication.figures.style import save_figure

given, params = job.input, job.params
test = list(diagrams_of_part(given.diagrams, given.splits[0], "test").values())
synthetic = {
    method: diagrams_of_first_draw(path, params.shapes_per_draw or len(test))
    for method, path in zip(params.methods, given.synthetic, strict=True)
}
save_figure(diagrams_figure(test, synthetic), job.output.png, job.output.pdf)
write_sidecars(job)
