"""Shapes along the way between the first two codes of a generator, with their diagrams."""

from running import finish, start

job = start(snakemake)

import torch

from toposhape.evaluation.frames import write_frames
from toposhape.evaluation.interpolation import codes_on_arc, shapes_of_codes
from toposhape.generators import load
from toposhape.learning.seeds import choose_device
from toposhape.settings.topology import Topology
from toposhape.shapes.prepared import open_rows

torch.set_num_threads(job.threads)
params = job.params
generator = load(job.input.generator[0], choose_device(params.device))
drawn = open_rows(job.input.codes)
drawn = drawn.reshape(-1, drawn.shape[-1])  # a set may have one shape: the next is another set's
first, last = drawn[0], drawn[min(1, len(drawn) - 1)]
codes = codes_on_arc(first, last, params.frames)
topology = Topology.model_validate(params.topology)
write_frames(
    job.output.folder,
    codes,
    shapes_of_codes(generator, codes, params.resolution, topology, job.threads),
)
finish(job)
