"""Which shapes each job prepares, and what the rules ask about them."""

from snakemake.logging import logger

from toposhape.base.files import REMEDY, require_writable, write_atomically
from toposhape.jobs.plan import PlanError, require_enough_shapes
from toposhape.shapes.batches import (
    assign_batches,
    read_assignment,
    write_assignment,
)
from toposhape.shapes.requests import request_shapes


def requested_shapes(category):
    """The shapes of a category, and their batches: {batch: [ShapeRequest]}."""
    settings = RUN.categories[category]
    try:
        requests = request_shapes(**settings.model_dump(), seed=RUN.seed)
        earlier = read_assignment(REQUESTED.format(category=category))
    except ValueError as error:
        raise WorkflowError(f"category {category}: {error}") from None
    return requests, assign_batches(requests.shapes, RUN.shapes.batch_size, earlier)


REQUESTS = {category: requested_shapes(category) for category in CATEGORIES}
BATCHES = {category: batches for category, (_, batches) in REQUESTS.items()}

try:
    require_enough_shapes(RUN, {c: asked.shapes for c, (asked, _) in REQUESTS.items()})
except PlanError as error:
    raise WorkflowError(str(error)) from None


def store_plan():
    """Remember batches and settings when a run starts.

    Shapes that come later then make new batches, and commands know how each row draws.
    """
    settings = yaml.safe_dump(RUN.model_dump(mode="json"), sort_keys=False, width=100)
    try:
        require_writable(RESULTS)
        Path(RESULTS).mkdir(parents=True, exist_ok=True)
        write_atomically(PATHS.configuration, settings.encode())
        for category, batches in BATCHES.items():
            write_assignment(REQUESTED.format(category=category), batches)
    except OSError as error:
        raise WorkflowError(f"{error}. {REMEDY}") from None


def tell_of_files_left_out():
    """Say which mesh files of a folder are named by no split file."""
    for category, (requests, _) in REQUESTS.items():
        if files := requests.unnamed:
            shown = ", ".join(map(repr, files[:5])) + (" ..." if files[5:] else "")
            logger.warning(
                f"category {category}: the split files name {len(requests.shapes)} shapes; "
                f"{len(files)} mesh files are left out: {shown}"
            )


def batch_requests(wildcards):
    """The shapes of a batch as plain values: other shapes mean another batch, and it reruns."""
    return plain_requests(BATCHES[wildcards.category][wildcards.batch])


def category_requests(wildcards):
    """The shapes of a category as plain values."""
    return plain_requests(REQUESTS[wildcards.category][0].shapes)


def plain_requests(requests):
    """Requests as tuples.

    Snakemake takes {x} in a file's name for a wildcard, so such a mesh is no input; its size and
    time stand here instead.
    """
    return [
        (
            (*request, *size_and_time(request.source))
            if "{" in request.source
            else tuple(request)
        )
        for request in requests
    ]


def size_and_time(file):
    """Bytes and modification time [ns] of a file; nothing if it is not there."""
    if not os.path.isfile(file):
        return ()
    found = os.stat(file)
    return found.st_size, found.st_mtime_ns


def mesh_files(wildcards):
    """The meshes of a batch that exist; what is missing is for the manifest to say."""
    if RUN.categories[wildcards.category].source == "procedural":
        return []
    return existing_files(BATCHES[wildcards.category][wildcards.batch])


def files_of_category(wildcards):
    """The same of all batches of a category."""
    return existing_files(REQUESTS[wildcards.category][0].shapes)


def existing_files(requests):
    """The files of requests, those aside that Snakemake cannot name."""
    sources = [source for _, source in requests]
    return [s for s in sources if "{" not in s and os.path.isfile(s)]


def frame_of_category(wildcards):
    """The frame that all clouds of a category share, if they do."""
    if RUN.categories[wildcards.category].normalisation == "shape":
        return []
    return f"{SHAPES}/frame.json".format(**wildcards)


def samples_of(wildcards):
    """Signed-distance samples of all batches; clouds have none."""
    if wildcards.category in RUN.cloud_categories:
        return []
    return of_all_batches(f"{BATCH}/samples.npy")(wildcards)


def given_parts(wildcards):
    """The ids that split files put into each part, None without split files."""
    return REQUESTS[wildcards.category][0].parts


def preparation_settings():
    """What `prepare_batch` is told; the split and the limit of rejections are no part of it."""
    return Parameters(RUN.shapes, leave_out=("batch_size", "max_rejected", "split"))


def if_scanned(pattern):
    """An input function: a file of the meshes of a category whose shapes are scanned."""
    return lambda wildcards: (
        pattern.format(**wildcards) if wildcards.category in SCANNED else []
    )


def of_all_batches(pattern):
    """An input function: that file of every batch of a category."""
    return lambda wildcards: expand(
        pattern, batch=list(BATCHES[wildcards.category]), category=wildcards.category
    )


# what scores read of prepared shapes, by the names of `toposhape.jobs.scoring.TruthFiles`
TRUTH = {
    "diagrams": f"{SHAPES}/diagrams.parquet",
    "topology": f"{SHAPES}/topology.csv",
    "surfaces": of_all_batches(f"{BATCH}/surface.npy"),
    "manifest": f"{SHAPES}/manifest.csv",
    "split": f"{SHAPES}/split.json",
}
# ... and of synthetic ones, in the order of `SetFiles`
SCORED = ["diagrams.parquet", "surfaces.npy", "topology.csv"]
