"""Tables and figures, and what the report shows of them: they are read and drawn, no more."""


rule tables:
    input:
        **origin_inputs(CATEGORIES),
        scores=all_scores(),
        trainings=of_all_generators(
            f"{TRAINED}/generator.json", method=trained(METHODS)
        ),
    output:
        published_table("table1", "1: geometry and topology"),
        published_table("table2", "2: pieces, handles, cavities"),
        published_table("details", "every score"),
    log:
        f"{LOGS}/tables.log",
    conda:
        "../envs/publication.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        **origin_params(RUN.training_seeds),
        **settings_of("methods"),
        categories=CATEGORIES,
    message:
        "Tables 1 and 2, and the table of every score"
    script:
        "../workflow_scripts/tables.py"


rule shapes_table:
    input:
        **origin_inputs(CATEGORIES),
    output:
        published_table("shapes", "accepted and rejected", category="Shapes"),
    log:
        f"{LOGS}/shapes_table.log",
    conda:
        "../envs/publication.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        **origin_params(),
        categories=CATEGORIES,
    message:
        "How many shapes were accepted, and why the others were not"
    script:
        "../workflow_scripts/shapes_table.py"


rule overview_figure:
    input:
        **origin_inputs(),
        trainings=of_first_seed(f"{TRAINED}/generator.json", method=OVERVIEW_METHODS),
        topology=f"{SHAPES}/topology.csv",
        training=f"{PICTURES}/shapes/{{category}}/examples",
        synthetic=pictures_of(
            of_first_seed(f"{SYNTHETIC}/meshes", method=OVERVIEW_METHODS)
        ),
    output:
        **published_figure("overview", "Figure 1: without and with topology"),
    log:
        f"{LOGS}/overview_figure/{{category}}.log",
    conda:
        "../envs/publication.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        **origin_params(),
        methods=OVERVIEW_METHODS,
        shapes=OVERVIEW_SHAPES,
    message:
        "Shapes without and with topological terms, {wildcards.category}"
    script:
        "../workflow_scripts/overview_figure.py"


rule interpolation_figure:
    input:
        **origin_inputs(),
        trainings=of_first_seed(
            [f"{PRETRAINED}/generator.json", f"{TRAINED}/generator.json"],
            variant=LIPSCHITZ,
            method=TOPOLOGICAL,
        ),
        frames=INTERPOLATIONS,
        pictures=pictures_of(INTERPOLATIONS),
    output:
        **published_figure("interpolation", "Figure 2: interpolations"),
    log:
        f"{LOGS}/interpolation_figure/{{category}}.log",
    conda:
        "../envs/publication.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        **origin_params(),
        methods=[LIPSCHITZ, TOPOLOGICAL],
    message:
        "Interpolated shapes, {wildcards.category}"
    script:
        "../workflow_scripts/interpolation_figure.py"


rule matrices_figure:
    input:
        **origin_inputs(),
        trainings=of_first_seed([f"{TRAINED}/generator.json"], method=MATRICES_METHOD),
        diagrams=f"{SHAPES}/diagrams.parquet",
        matrices=MATRICES,
    output:
        **published_figure(
            "matrices", "Figure 3: diagrams of shapes and of the generator"
        ),
    log:
        f"{LOGS}/matrices_figure/{{category}}.log",
    conda:
        "../envs/publication.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        **origin_params(),
        method=MATRICES_METHOD,
    message:
        "Distances of training shapes to shapes and to generated diagrams, {wildcards.category}"
    script:
        "../workflow_scripts/matrices_figure.py"


rule comparison_figure:
    input:
        **origin_inputs(CATEGORIES[:2]),
        trainings=of_shown_generators(
            f"{TRAINED}/generator.json",
            category=CATEGORIES[:2],
            method=trained(COMPARED_METHODS),
        ),
        synthetic=pictures_of(
            of_shown_generators(
                f"{SYNTHETIC}/meshes",
                category=CATEGORIES[:2],
                method=COMPARED_METHODS,
            )
        ),
    output:
        **published_figure(
            "comparison", "Figure 4: methods side by side", by_category=False
        ),
    log:
        f"{LOGS}/comparison_figure.log",
    conda:
        "../envs/publication.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        **origin_params(),
        methods=COMPARED_METHODS,
        categories=CATEGORIES[:2],
        columns=4,
    message:
        "Methods side by side in two categories"
    script:
        "../workflow_scripts/comparison_figure.py"


rule samples_figure:
    input:
        **origin_inputs(),
        trainings=of_first_seed(f"{TRAINED}/generator.json", method=trained(METHODS)),
        training=f"{PICTURES}/shapes/{{category}}/examples",
        synthetic=pictures_of(of_first_seed(f"{SYNTHETIC}/meshes", method=METHODS)),
    output:
        **published_figure("samples", "Generated shapes of every method"),
    log:
        f"{LOGS}/samples_figure/{{category}}.log",
    conda:
        "../envs/publication.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        **origin_params(),
        methods=METHODS,
        columns=RUN.publication.shapes_per_row,
    message:
        "Pictures of generated shapes, {wildcards.category}"
    script:
        "../workflow_scripts/samples_figure.py"


rule training_figure:
    input:
        **origin_inputs(),
        trainings=of_used_variants(f"{PRETRAINED}/generator.json"),
        histories=of_used_variants(f"{PRETRAINED}/history.csv"),
    output:
        **published_figure("training", "Training"),
    log:
        f"{LOGS}/training_figure/{{category}}.log",
    conda:
        "../envs/publication.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        **origin_params(),
        variants=lambda wildcards: list(used_variants(RUN, wildcards.category)),
    message:
        "Training curves, {wildcards.category}"
    script:
        "../workflow_scripts/training_figure.py"


rule betti_figure:
    input:
        **origin_inputs(),
        trainings=of_first_seed(f"{TRAINED}/generator.json", method=trained(METHODS)),
        topology=f"{SHAPES}/topology.csv",
        synthetic=of_first_seed(f"{SYNTHETIC}/topology.csv", method=METHODS),
    output:
        **published_figure("betti", "Pieces, handles, cavities"),
    log:
        f"{LOGS}/betti_figure/{{category}}.log",
    conda:
        "../envs/publication.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        **origin_params(),
        methods=METHODS,
    message:
        "Histograms of Betti numbers, {wildcards.category}"
    script:
        "../workflow_scripts/betti_figure.py"


rule latents_figure:
    input:
        **origin_inputs(),
        trainings=of_first_seed(f"{TRAINED}/generator.json", method=OVERVIEW_METHODS),
        topology=f"{SHAPES}/topology.csv",
        weights=of_first_seed(
            f"{TRAINED}/generator.safetensors", method=OVERVIEW_METHODS
        ),
        codes=of_first_seed(f"{SYNTHETIC}/codes.npy", method=OVERVIEW_METHODS),
        synthetic=of_first_seed(f"{SYNTHETIC}/topology.csv", method=OVERVIEW_METHODS),
    output:
        **published_figure("latents", "Latent space"),
    log:
        f"{LOGS}/latents_figure/{{category}}.log",
    conda:
        "../envs/publication.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        **origin_params(),
        methods=OVERVIEW_METHODS,
    message:
        "Maps of the latent space, {wildcards.category}"
    script:
        "../workflow_scripts/latents_figure.py"


rule barcodes_figure:
    input:
        **origin_inputs(),
        trainings=of_first_seed(f"{TRAINED}/generator.json", method=OVERVIEW_METHODS),
        diagrams=of_first_seed(f"{SYNTHETIC}/diagrams.parquet", method=OVERVIEW_METHODS),
        synthetic=pictures_of(
            of_first_seed(f"{SYNTHETIC}/meshes", method=OVERVIEW_METHODS)
        ),
    output:
        **published_figure("barcodes", "Barcodes"),
    log:
        f"{LOGS}/barcodes_figure/{{category}}.log",
    conda:
        "../envs/publication.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        **origin_params(),
        methods=OVERVIEW_METHODS,
        columns=RUN.publication.shapes_per_row,
        side=RUN.topology.side,
    message:
        "Shapes and their barcodes, {wildcards.category}"
    script:
        "../workflow_scripts/barcodes_figure.py"


rule diagrams_figure:
    input:
        **origin_inputs(),
        trainings=of_first_seed(f"{TRAINED}/generator.json", method=trained(METHODS)),
        diagrams=f"{SHAPES}/diagrams.parquet",
        synthetic=of_first_seed(f"{SYNTHETIC}/diagrams.parquet", method=METHODS),
    output:
        **published_figure("diagrams", "Persistence diagrams"),
    log:
        f"{LOGS}/diagrams_figure/{{category}}.log",
    conda:
        "../envs/publication.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        **origin_params(),
        methods=METHODS,
        shapes_per_draw=RUN.evaluation.shapes_per_draw,
    message:
        "Persistence diagrams, {wildcards.category}"
    script:
        "../workflow_scripts/diagrams_figure.py"


rule gallery:
    input:
        **origin_inputs(CATEGORIES),
        pictures=pictures_of(of_shown_generators(f"{SYNTHETIC}/meshes")),
        diagrams=of_shown_generators(f"{SYNTHETIC}/diagrams.parquet"),
        topology=of_shown_generators(f"{SYNTHETIC}/topology.csv"),
        trainings=of_shown_generators(
            f"{TRAINED}/generator.json", method=trained(METHODS)
        ),
        walks=of_shown_generators(WALK, method=OVERVIEW_METHODS),
        walk_pictures=pictures_of(of_shown_generators(WALK, method=OVERVIEW_METHODS)),
        test_diagrams=expand(f"{SHAPES}/diagrams.parquet", category=CATEGORIES),
    output:
        page=report(
            f"{PUBLICATION}/gallery.html",
            caption="../report/gallery.rst",
            category="Gallery",
            labels={"page": "shapes to turn"},
        ),
    log:
        f"{LOGS}/gallery.log",
    conda:
        "../envs/publication.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        **origin_params(),
        title=RUN.name,
        categories=CATEGORIES,
        generators=[(c, m) for c in CATEGORIES for m in METHODS],
        trained=[(c, m) for c in CATEGORIES for m in trained(METHODS)],
        walking=[(c, m) for c in CATEGORIES for m in OVERVIEW_METHODS],
        shapes=GALLERY_ROW,
        side=RUN.topology.side,
    message:
        "The gallery of generated shapes"
    script:
        "../workflow_scripts/gallery.py"
