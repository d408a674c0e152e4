"""Figure 4: the first shapes of five methods in two categories."""

from running import start

job = start(snakemake)

from pathlib import Path

from toposhape.publication.comparison_figures import comparison_sheet
from toposhape.publication.samples_figure import read_meshes, save_sheet
from toposhape.publication.summary import count_shapes
from toposhape.publication.traceability import write_sidecar

COLUMNS = 4
params, given = job.params, job.input
folders = iter(given.synthetic)  # category by category, in the methods' order
blocks = {
    category: {
        method: read_meshes(sorted(Path(next(folders)).glob("*.ply"))[:COLUMNS])
        for method in params.methods
    }
    for category in params.categories
}
sheet = comparison_sheet(blocks, params.publication["picture_pixels"])
save_sheet(sheet, job.output.png, job.output.pdf)
parts = zip(params.categories, given.manifests, given.splits, strict=True)
shapes = {category: count_shapes(manifest, split) for category, manifest, split in parts}
for path in (job.output.png, job.output.pdf):
    write_sidecar(
        path,
        inputs=[file for folder in given.synthetic for file in Path(folder).glob("*.ply")],
        config_digest=params.config_digest,
        training_seeds=params.training_seeds,
        draws=params.draws,
        shapes=shapes,
        trainings=given.trainings,
    )
