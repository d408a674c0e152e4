"""Meshes to signed distance, ground-truth diagrams and a split."""

from toposhape.shapes.batches import (
    assign_batches,
    read_assignment,
    write_assignment,
)
from toposhape.shapes.requests import list_requests


def requested_batches(category):
    """Which shapes each batch of a category prepares: {batch: [ShapeRequest]}."""
    settings = RUN.category(category)
    try:
        requests = list_requests(**settings.model_dump(), seed=RUN.seed)
        earlier = read_assignment(REQUESTED.format(category=category))
    except ValueError as error:
        raise WorkflowError(f"category {category}: {error}") from None
    return assign_batches(requests, RUN.shapes.batch_size, earlier)


BATCHES = {category: requested_batches(category) for category in CATEGORIES}


def store_batches():
    """Remember the batches when a run starts: shapes that come later then make new ones."""
    for category, batches in BATCHES.items():
        write_assignment(REQUESTED.format(category=category), batches)


def batch_requests(wildcards):
    """The shapes of a batch as plain values: other shapes mean another batch, and it reruns."""
    return [tuple(request) for request in BATCHES[wildcards.category][wildcards.batch]]


def mesh_files(wildcards):
    """The meshes of a batch that exist; what is missing is for the manifest to say."""
    if RUN.category(wildcards.category).source == "procedural":
        return []
    sources = [source for _, source in batch_requests(wildcards)]
    return [source for source in sources if os.path.isfile(source)]


def given_split_files(wildcards):
    """The split files that come with a category's data."""
    return list(RUN.category(wildcards.category).split_files)


def preparation_settings():
    """What `prepare_batch` is told; the split and the limit of rejections are no part of it."""
    plain = RUN.shapes.model_dump(mode="json")
    return {
        key: plain[key]
        for key in plain
        if key not in ("batch_size", "max_rejected", "split")
    }


def of_all_batches(pattern):
    """An input function: that file of every batch of a category."""
    return lambda wildcards: expand(
        pattern, batch=list(BATCHES[wildcards.category]), category=wildcards.category
    )


rule prepare_shapes:
    input:
        meshes=mesh_files,
    output:
        samples=f"{BATCH}/samples.npy",
        grid=f"{BATCH}/grid.npy",
        surface=f"{BATCH}/surface.npy",
        manifest=f"{BATCH}/manifest.csv",
    log:
        f"{LOGS}/prepare_shapes/{{category}}_{{batch}}.log",
    benchmark:
        f"{TIMES}/prepare_shapes/{{category}}_{{batch}}.tsv"
    conda:
        "../envs/shapes.yaml"
    threads: 2
    resources:
        mem_mb=3000,
        runtime=120,
    params:
        requests=batch_requests,
        up=lambda wildcards: RUN.category(wildcards.category).up,
        seed=RUN.seed,
        shapes=preparation_settings(),
    message:
        "Signed distance of {wildcards.category} shapes, batch {wildcards.batch}"
    script:
        "../workflow_scripts/prepare_shapes.py"


rule compute_diagrams:
    input:
        grid=f"{BATCH}/grid.npy",
        manifest=f"{BATCH}/manifest.csv",
    output:
        diagrams=f"{BATCH}/diagrams.parquet",
    log:
        f"{LOGS}/compute_diagrams/{{category}}_{{batch}}.log",
    benchmark:
        f"{TIMES}/compute_diagrams/{{category}}_{{batch}}.tsv"
    conda:
        "../envs/shapes.yaml"
    threads: 2
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        **settings_of("topology"),
    message:
        "Ground-truth diagrams of {wildcards.category} shapes, batch {wildcards.batch}"
    script:
        "../workflow_scripts/compute_diagrams.py"


rule gather_shapes:
    input:
        manifests=of_all_batches(f"{BATCH}/manifest.csv"),
        diagrams=of_all_batches(f"{BATCH}/diagrams.parquet"),
    output:
        manifest=f"{SHAPES}/manifest.csv",
        diagrams=f"{SHAPES}/diagrams.parquet",
    log:
        f"{LOGS}/gather_shapes/{{category}}.log",
    conda:
        "../envs/shapes.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        max_rejected=RUN.shapes.max_rejected,
    message:
        "One manifest and one table of diagrams of all {wildcards.category} shapes"
    script:
        "../workflow_scripts/gather_shapes.py"


rule split_shapes:
    input:
        manifest=f"{SHAPES}/manifest.csv",
        given=given_split_files,
    output:
        split=f"{SHAPES}/split.json",
    log:
        f"{LOGS}/split_shapes/{{category}}.log",
    conda:
        "../envs/shapes.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        shares=RUN.shapes.split.model_dump(),
        seed=RUN.seed,
        synset=lambda wildcards: RUN.category(wildcards.category).synset,
    message:
        "Training, validation and test {wildcards.category} shapes"
    script:
        "../workflow_scripts/split_shapes.py"
