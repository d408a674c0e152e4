"""What a run shows: pictures, tables, figures, and what is told of their origin."""

TABLES = ["table1", "table2", "details", "shapes"]
FORMATS = ["csv", "md", "html", "tex"]
GALLERY_SHAPES = 300  # about so many on the page; more would make it slow to open
GALLERY_ROW = max(8, GALLERY_SHAPES // (len(CATEGORIES) * len(METHODS)))
OVERVIEW_SHAPES = 9
WALK_FRAMES = 13
PICTURED = max(
    GALLERY_ROW, OVERVIEW_SHAPES, WALK_FRAMES, RUN.publication.shapes_per_row
)


def pictures_of(folders):
    """Where the pictures of folders of meshes are; or an input function, of an input function."""
    if callable(folders):
        return lambda wildcards: pictures_of(folders(wildcards))
    return [f"{PICTURES}/{os.path.relpath(folder, RESULTS)}" for folder in folders]


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
        *expand(f"{PUBLICATION}/{name}.{{format}}", format=["csv", "md", "tex"]),
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


def publication_files():
    """Everything that a run publishes."""
    figures = [
        "overview",
        "samples",
        "training",
        "diagrams",
        "betti",
        "barcodes",
        "latents",
    ]
    figures += ["interpolation"] if LIPSCHITZ and TOPOLOGICAL else []
    figures += ["matrices"] if PLAIN else []
    return [
        *expand(f"{PUBLICATION}/{{table}}.{{format}}", table=TABLES, format=FORMATS),
        f"{PUBLICATION}/comparison.png",
        f"{PUBLICATION}/gallery.html",
        *expand(
            f"{PUBLICATION}/{{figure}}_{{category}}.png",
            figure=figures,
            category=CATEGORIES,
        ),
    ]
