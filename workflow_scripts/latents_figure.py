"""Maps of the latent space of a baseline and of a method with topological terms."""

from running import start

job = start(snakemake)

from sidecars import write_sidecars

from toposhape.jobs.publication import latent_map
from toposhape.publication.figures.latents import latents_figure
from toposhape.publication.figures.style import save_figure

given = job.input
files = zip(given.trainings, given.weights, given.codes, given.synthetic, strict=True)
maps = {
    method: latent_map(given.topology, *of_method)
    for method, of_method in zip(job.params.methods, files, strict=True)
}
save_figure(latents_figure(maps), job.output.png, job.output.pdf)
write_sidecars(job)
