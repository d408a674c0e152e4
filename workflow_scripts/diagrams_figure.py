"""Persistence diagrams of test shapes and of the first draw of every method."""

from running import start

job = start(snakemake)

import json
from pathlib import Path

from sidecars import write_sidecars

from toposhape.publication.diagrams_figure import diagrams_figure
from toposhape.publication.style import save_figure
from toposhape.topology.tables import read_diagrams

test = json.loads(Path(job.input.splits[0]).read_text())["test"]
first_draw = [f"{index:03d}" for index in range(job.params.shapes_per_draw or len(test))]
synthetic = {
    method: read_diagrams(path, first_draw, set_number=0)
    for method, path in zip(job.params.methods, job.input.synthetic, strict=True)
}
figure = diagrams_figure(read_diagrams(job.input.diagrams, test), synthetic)
save_figure(figure, job.output.png, job.output.pdf)
write_sidecars(job)
