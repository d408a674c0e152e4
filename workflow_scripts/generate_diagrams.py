"""What a method's diagram generator makes of the codes of its synthetic shapes."""

from running import finish, start

job = start(snakemake)

from toposhape.evaluation.generated import write_generated
from toposhape.generators.diagrams.store import load_diagram_generator
from toposhape.shapes.prepared import open_rows

generator = load_diagram_generator(job.input.weights).diagrams
codes = open_rows(job.input.codes)
write_generated(job.output.generated, generator, codes, job.params.min_persistence)
finish(job)
