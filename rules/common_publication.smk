"""What a run shows: pictures, tables, figures, and what is told of their origin."""

from toposhape.jobs.plan import FORMATS

GALLERY_SHAPES = 200  # about so many on the page; more would make it slow to open
GALLERY_ROW = max(8, GALLERY_SHAPES // (len(CATEGORIES) * len(METHODS)))
OVERVIEW_SHAPES = 9
WALK_FRAMES = 13
PICTURED = max(
    GALLERY_ROW, OVERVIEW_SHAPES, WALK_FRAMES, RUN.publication.shapes_per_row
)


def pictures_of(folders):
    """Where the pictures of folders of meshes are."""
    return [PATHS.pictures_of(folder) for folder in folders]


def published_table(name, label, category="Tables"):
    """The files of a table; the report shows the HTML."""
    html = report(
        f"{PUBLICATION}/{name}.html",
        caption=f"../report/{name}.rst",
        category=category,
        labels={"table": label},
    )
    return [
        html,
        *(f"{PUBLICATION}/{name}.{format}" for format in FORMATS if format != "html"),
    ]


def published_figure(kind, heading, by_category=True):
    """The files of a figure; the report shows the PNG."""
    name = (
        f"{PUBLICATION}/{kind}_{{category}}" if by_category else f"{PUBLICATION}/{kind}"
    )
    png = report(
        f"{name}.png",
        caption=f"../report/{kind}.rst",
        category="Figures",
        subcategory=heading,
        labels={"category": "{category}"} if by_category else {"figure": heading},
    )
    return {"png": png, "pdf": f"{name}.pdf"}


def origin_inputs(categories=None):
    """What sidecars count shapes by: of the rule's category, or of several."""
    return {
        name: (
            expand(f"{SHAPES}/{file}", category=categories)
            if categories
            else [f"{SHAPES}/{file}"]
        )
        for name, file in (("manifests", "manifest.csv"), ("splits", "split.json"))
    }


def origin_params(seeds=RUN.training_seeds[:1]):
    """What sidecars tell of the run."""
    return {
        "config_digest": RUN.digest(),
        "training_seeds": seeds,
        "draws": RUN.evaluation.draws,
    }


def all_scores():
    """Score tables of every generator, and of what is no generator."""
    generators, references = SCORE_FILES
    return [*of_all_generators(generators), *expand(references, category=CATEGORIES)]
