"""Which shapes each job prepares, and what the rules ask about them."""

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
