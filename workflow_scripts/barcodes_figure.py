"""The first synthetic shapes with their barcodes, without and with topological terms."""

from running import start

job = start(snakemake)

from pathlib import Path

from sidecars import write_figure_sidecars

from toposhape.publication.barcodes_figure import Example, barcodes_figure
from toposhape.publication.samples_figure import read_meshes
from toposhape.publication.style import save_figure
from toposhape.topology.tables import read_diagrams

columns = job.params.publication["shapes_per_row"]
rows = {}
for method, folder, diagrams in zip(
    job.params.methods, job.input.synthetic, job.input.diagrams, strict=True
):
    files = sorted(Path(folder).glob("*.ply"))[:columns]
    stored = read_diagrams(diagrams, [file.stem for file in files], set_number=0)
    rows[method] = [Example(*each) for each in zip(read_meshes(files), stored, strict=True)]
figure = barcodes_figure(rows, job.params.publication["picture_pixels"])
save_figure(figure, job.output.png, job.output.pdf)
write_figure_sidecars(job, job.input.diagrams)
