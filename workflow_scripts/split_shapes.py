"""Which shapes are for training, for validation and for the tables."""

from running import finish, start

job = start(snakemake)

import json
from pathlib import Path

from toposhape.shapes.prepared import read_manifest
from toposhape.shapes.split_files import read_split_files
from toposhape.shapes.splits import split_shapes

given = read_split_files(job.input.given, job.params.synset) if job.input.given else None
split = split_shapes(read_manifest(job.input.manifest), job.params.shares, job.params.seed, given)
Path(job.output.split).write_text(json.dumps(split, indent=1) + "\n", encoding="utf-8")
finish(job)
