"""Tables 1 and 2 and the table of every score, in every format, each with its origin."""

from running import start

job = start(snakemake)

from pathlib import Path

from sidecars import origin

from toposhape.evaluation.metrics import METRICS
from toposhape.evaluation.score_table import REFERENCES, read_scores
from toposhape.publication.tables.cells import cell_table, collect_cells
from toposhape.publication.tables.publish import publish_table
from toposhape.publication.tables.tables import HEADLINE, PARTS, details_table, table1, table2
from toposhape.settings.methods import read_method

params, folder, told = job.params, Path(job.output[0]).parent, origin(job)
methods = {name: read_method(each) for name, each in params.methods.items()}
cells = collect_cells(read_scores(job.input.scores), methods)
for make, metrics in ((table1, HEADLINE), (table2, PARTS), (details_table, list(METRICS))):
    data = cell_table(cells, [*methods, *REFERENCES], metrics)
    publish_table(make(cells, methods, params.categories), data, folder, **told)
