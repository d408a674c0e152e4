"""Tables and figures, and what the report shows of them."""


rule tables:
    input:
        scores=all_scores(),
        manifests=expand(f"{SHAPES}/manifest.csv", category=CATEGORIES),
        splits=expand(f"{SHAPES}/split.json", category=CATEGORIES),
        trainings=of_all_generators(f"{TRAINED}/generator.json"),
    output:
        report(
            f"{PUBLICATION}/table1.html",
            caption="../report/table1.rst",
            category="Tables",
            labels={"table": "1: topology and geometry"},
        ),
        report(
            f"{PUBLICATION}/details.html",
            caption="../report/details.rst",
            category="Tables",
            labels={"table": "every score"},
        ),
        expand(
            f"{PUBLICATION}/{{table}}.{{format}}",
            table=["table1", "details"],
            format=["csv", "md", "tex"],
        ),
    log:
        f"{LOGS}/tables.log",
    conda:
        "../envs/publication.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        **settings_of("methods"),
        categories=CATEGORIES,
        config_digest=RUN.digest(),
        training_seeds=RUN.training_seeds,
        draws=RUN.evaluation.draws,
    message:
        "Table 1, and the table of every score"
    script:
        "../workflow_scripts/tables.py"


rule shapes_table:
    input:
        manifests=expand(f"{SHAPES}/manifest.csv", category=CATEGORIES),
        splits=expand(f"{SHAPES}/split.json", category=CATEGORIES),
    output:
        report(
            f"{PUBLICATION}/shapes.html",
            caption="../report/shapes.rst",
            category="Shapes",
            labels={"table": "accepted and rejected"},
        ),
        expand(f"{PUBLICATION}/shapes.{{format}}", format=["csv", "md", "tex"]),
    log:
        f"{LOGS}/shapes_table.log",
    conda:
        "../envs/publication.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        categories=CATEGORIES,
        config_digest=RUN.digest(),
        training_seeds=RUN.training_seeds,
    message:
        "How many shapes were accepted, and why the others were not"
    script:
        "../workflow_scripts/shapes_table.py"


rule samples_figure:
    input:
        trainings=lambda wildcards: of_all_generators(
            f"{TRAINED}/generator.json",
            category=wildcards.category,
            seed=RUN.training_seeds[0],
        ),
        grids=of_all_batches(f"{BATCH}/grid.npy"),
        manifest=f"{SHAPES}/manifest.csv",
        split=f"{SHAPES}/split.json",
        synthetic=lambda wildcards: of_all_generators(
            f"{SYNTHETIC}/meshes",
            category=wildcards.category,
            seed=RUN.training_seeds[0],
        ),
    output:
        png=report(
            f"{PUBLICATION}/samples_{{category}}.png",
            caption="../report/samples.rst",
            category="Figures",
            subcategory="Generated shapes (figure 4)",
            labels={"category": "{category}"},
        ),
        pdf=f"{PUBLICATION}/samples_{{category}}.pdf",
    log:
        f"{LOGS}/samples_figure/{{category}}.log",
    conda:
        "../envs/publication.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        **settings_of("publication"),
        methods=METHODS,
        config_digest=RUN.digest(),
        training_seeds=RUN.training_seeds[:1],
        draws=RUN.evaluation.draws,
    message:
        "Pictures of generated shapes, {wildcards.category}"
    script:
        "../workflow_scripts/samples_figure.py"


rule overview_figure:
    input:
        trainings=lambda wildcards: of_all_generators(
            f"{TRAINED}/generator.json",
            category=wildcards.category,
            method=OVERVIEW_METHODS,
            seed=RUN.training_seeds[0],
        ),
        grids=of_all_batches(f"{BATCH}/grid.npy"),
        manifest=f"{SHAPES}/manifest.csv",
        split=f"{SHAPES}/split.json",
        synthetic=lambda wildcards: of_all_generators(
            f"{SYNTHETIC}/meshes",
            category=wildcards.category,
            method=OVERVIEW_METHODS,
            seed=RUN.training_seeds[0],
        ),
    output:
        png=report(
            f"{PUBLICATION}/overview_{{category}}.png",
            caption="../report/overview.rst",
            category="Figures",
            subcategory="Without and with topology (figure 1)",
            labels={"category": "{category}"},
        ),
        pdf=f"{PUBLICATION}/overview_{{category}}.pdf",
    log:
        f"{LOGS}/overview_figure/{{category}}.log",
    conda:
        "../envs/publication.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        **settings_of("publication"),
        methods=OVERVIEW_METHODS,
        config_digest=RUN.digest(),
        training_seeds=RUN.training_seeds[:1],
        draws=RUN.evaluation.draws,
    message:
        "Shapes without and with topological terms, {wildcards.category}"
    script:
        "../workflow_scripts/overview_figure.py"


rule comparison_figure:
    input:
        trainings=of_all_generators(
            f"{TRAINED}/generator.json",
            category=CATEGORIES[:2],
            method=COMPARED_METHODS,
            seed=RUN.training_seeds[0],
        ),
        manifests=expand(f"{SHAPES}/manifest.csv", category=CATEGORIES[:2]),
        splits=expand(f"{SHAPES}/split.json", category=CATEGORIES[:2]),
        synthetic=of_all_generators(
            f"{SYNTHETIC}/meshes",
            category=CATEGORIES[:2],
            method=COMPARED_METHODS,
            seed=RUN.training_seeds[0],
        ),
    output:
        png=report(
            f"{PUBLICATION}/comparison.png",
            caption="../report/comparison.rst",
            category="Figures",
            subcategory="Methods side by side (figure 4)",
        ),
        pdf=f"{PUBLICATION}/comparison.pdf",
    log:
        f"{LOGS}/comparison_figure.log",
    conda:
        "../envs/publication.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        **settings_of("publication"),
        methods=COMPARED_METHODS,
        categories=CATEGORIES[:2],
        config_digest=RUN.digest(),
        training_seeds=RUN.training_seeds[:1],
        draws=RUN.evaluation.draws,
    message:
        "Five methods in two categories"
    script:
        "../workflow_scripts/comparison_figure.py"


rule training_figure:
    input:
        manifest=f"{SHAPES}/manifest.csv",
        split=f"{SHAPES}/split.json",
        histories=lambda wildcards: of_all_variants(
            f"{PRETRAINED}/history.csv", wildcards.category
        ),
        trainings=lambda wildcards: of_all_variants(
            f"{PRETRAINED}/generator.json", wildcards.category
        ),
    output:
        png=report(
            f"{PUBLICATION}/training_{{category}}.png",
            caption="../report/training.rst",
            category="Figures",
            subcategory="Training",
            labels={"category": "{category}"},
        ),
        pdf=f"{PUBLICATION}/training_{{category}}.pdf",
    log:
        f"{LOGS}/training_figure/{{category}}.log",
    conda:
        "../envs/publication.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        variants=VARIANTS,
        config_digest=RUN.digest(),
        training_seeds=RUN.training_seeds[:1],
        draws=RUN.evaluation.draws,
    message:
        "Training curves, {wildcards.category}"
    script:
        "../workflow_scripts/training_figure.py"


rule betti_figure:
    input:
        trainings=lambda wildcards: of_all_generators(
            f"{TRAINED}/generator.json",
            category=wildcards.category,
            method=METHODS,
            seed=RUN.training_seeds[0],
        ),
        manifest=f"{SHAPES}/manifest.csv",
        split=f"{SHAPES}/split.json",
        grids=of_all_batches(f"{BATCH}/grid.npy"),
        synthetic=lambda wildcards: of_all_generators(
            f"{SYNTHETIC}/topology.csv",
            category=wildcards.category,
            method=METHODS,
            seed=RUN.training_seeds[0],
        ),
    output:
        png=report(
            f"{PUBLICATION}/betti_{{category}}.png",
            caption="../report/betti.rst",
            category="Figures",
            subcategory="Pieces, handles, cavities",
            labels={"category": "{category}"},
        ),
        pdf=f"{PUBLICATION}/betti_{{category}}.pdf",
    log:
        f"{LOGS}/betti_figure/{{category}}.log",
    conda:
        "../envs/publication.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        **settings_of("topology"),
        methods=METHODS,
        config_digest=RUN.digest(),
        training_seeds=RUN.training_seeds[:1],
        draws=RUN.evaluation.draws,
    message:
        "Histograms of Betti numbers, {wildcards.category}"
    script:
        "../workflow_scripts/betti_figure.py"


rule latents_figure:
    input:
        trainings=lambda wildcards: of_all_generators(
            f"{TRAINED}/generator.json",
            category=wildcards.category,
            method=OVERVIEW_METHODS,
            seed=RUN.training_seeds[0],
        ),
        manifest=f"{SHAPES}/manifest.csv",
        split=f"{SHAPES}/split.json",
        grids=of_all_batches(f"{BATCH}/grid.npy"),
        weights=lambda wildcards: of_all_generators(
            f"{TRAINED}/generator.safetensors",
            category=wildcards.category,
            method=OVERVIEW_METHODS,
            seed=RUN.training_seeds[0],
        ),
        codes=lambda wildcards: of_all_generators(
            f"{SYNTHETIC}/codes.npy",
            category=wildcards.category,
            method=OVERVIEW_METHODS,
            seed=RUN.training_seeds[0],
        ),
        topology=lambda wildcards: of_all_generators(
            f"{SYNTHETIC}/topology.csv",
            category=wildcards.category,
            method=OVERVIEW_METHODS,
            seed=RUN.training_seeds[0],
        ),
    output:
        png=report(
            f"{PUBLICATION}/latents_{{category}}.png",
            caption="../report/latents.rst",
            category="Figures",
            subcategory="Latent space",
            labels={"category": "{category}"},
        ),
        pdf=f"{PUBLICATION}/latents_{{category}}.pdf",
    log:
        f"{LOGS}/latents_figure/{{category}}.log",
    conda:
        "../envs/publication.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        **settings_of("topology"),
        methods=OVERVIEW_METHODS,
        config_digest=RUN.digest(),
        training_seeds=RUN.training_seeds[:1],
        draws=RUN.evaluation.draws,
    message:
        "Maps of the latent space, {wildcards.category}"
    script:
        "../workflow_scripts/latents_figure.py"


rule barcodes_figure:
    input:
        trainings=lambda wildcards: of_all_generators(
            f"{TRAINED}/generator.json",
            category=wildcards.category,
            method=OVERVIEW_METHODS,
            seed=RUN.training_seeds[0],
        ),
        manifest=f"{SHAPES}/manifest.csv",
        split=f"{SHAPES}/split.json",
        synthetic=lambda wildcards: of_all_generators(
            f"{SYNTHETIC}/meshes",
            category=wildcards.category,
            method=OVERVIEW_METHODS,
            seed=RUN.training_seeds[0],
        ),
        diagrams=lambda wildcards: of_all_generators(
            f"{SYNTHETIC}/diagrams.parquet",
            category=wildcards.category,
            method=OVERVIEW_METHODS,
            seed=RUN.training_seeds[0],
        ),
    output:
        png=report(
            f"{PUBLICATION}/barcodes_{{category}}.png",
            caption="../report/barcodes.rst",
            category="Figures",
            subcategory="Barcodes",
            labels={"category": "{category}"},
        ),
        pdf=f"{PUBLICATION}/barcodes_{{category}}.pdf",
    log:
        f"{LOGS}/barcodes_figure/{{category}}.log",
    conda:
        "../envs/publication.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        **settings_of("publication"),
        methods=OVERVIEW_METHODS,
        config_digest=RUN.digest(),
        training_seeds=RUN.training_seeds[:1],
        draws=RUN.evaluation.draws,
    message:
        "Shapes and their barcodes, {wildcards.category}"
    script:
        "../workflow_scripts/barcodes_figure.py"


rule diagrams_figure:
    input:
        trainings=lambda wildcards: of_all_generators(
            f"{TRAINED}/generator.json",
            category=wildcards.category,
            seed=RUN.training_seeds[0],
        ),
        manifest=f"{SHAPES}/manifest.csv",
        diagrams=f"{SHAPES}/diagrams.parquet",
        split=f"{SHAPES}/split.json",
        synthetic=lambda wildcards: of_all_generators(
            f"{SYNTHETIC}/diagrams.parquet",
            category=wildcards.category,
            seed=RUN.training_seeds[0],
        ),
    output:
        png=report(
            f"{PUBLICATION}/diagrams_{{category}}.png",
            caption="../report/diagrams.rst",
            category="Figures",
            subcategory="Persistence diagrams",
            labels={"category": "{category}"},
        ),
        pdf=f"{PUBLICATION}/diagrams_{{category}}.pdf",
    log:
        f"{LOGS}/diagrams_figure/{{category}}.log",
    conda:
        "../envs/publication.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        methods=METHODS,
        shapes_per_draw=RUN.evaluation.shapes_per_draw,
        config_digest=RUN.digest(),
        training_seeds=RUN.training_seeds[:1],
        draws=RUN.evaluation.draws,
    message:
        "Persistence diagrams, {wildcards.category}"
    script:
        "../workflow_scripts/diagrams_figure.py"


rule interpolation_figure:
    input:
        trainings=of_one_generator(
            f"{PRETRAINED}/generator.json",
            f"{TRAINED}/generator.json",
            variant=LIPSCHITZ,
            method=TOPOLOGICAL,
        ),
        lipschitz=of_one_generator(
            f"{PRETRAINED}/generator.safetensors", variant=LIPSCHITZ
        ),
        topological=of_one_generator(
            f"{TRAINED}/generator.safetensors", method=TOPOLOGICAL
        ),
        diagram_metadata=of_one_generator(
            f"{TRAINED}/diagrams.json", method=TOPOLOGICAL
        ),
        diagram_weights=of_one_generator(
            f"{TRAINED}/diagrams.safetensors", method=TOPOLOGICAL
        ),
        grids=of_all_batches(f"{BATCH}/grid.npy"),
        manifest=f"{SHAPES}/manifest.csv",
        diagrams=f"{SHAPES}/diagrams.parquet",
        split=f"{SHAPES}/split.json",
    output:
        png=report(
            f"{PUBLICATION}/interpolation_{{category}}.png",
            caption="../report/interpolation.rst",
            category="Figures",
            subcategory="Interpolations (figure 2)",
            labels={"category": "{category}"},
        ),
        pdf=f"{PUBLICATION}/interpolation_{{category}}.pdf",
    log:
        f"{LOGS}/interpolation_figure/{{category}}.log",
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        **settings_of("topology", "publication"),
        resolution=RUN.shapes.resolution,
        lipschitz=LIPSCHITZ,
        topological=TOPOLOGICAL,
        config_digest=RUN.digest(),
        training_seeds=RUN.training_seeds[:1],
        draws=RUN.evaluation.draws,
    message:
        "Interpolated shapes, {wildcards.category}"
    script:
        "../workflow_scripts/interpolation_figure.py"


rule matrices_figure:
    input:
        trainings=of_one_generator(
            f"{TRAINED}/generator.json", f"{TRAINED}/diagrams.json", method=PLAIN
        ),
        manifest=f"{SHAPES}/manifest.csv",
        true_diagrams=f"{SHAPES}/diagrams.parquet",
        split=f"{SHAPES}/split.json",
        codes=of_one_generator(f"{SYNTHETIC}/codes.npy", method=PLAIN),
        diagrams=of_one_generator(f"{SYNTHETIC}/diagrams.parquet", method=PLAIN),
        diagram_weights=of_one_generator(
            f"{TRAINED}/diagrams.safetensors", method=PLAIN
        ),
    output:
        png=report(
            f"{PUBLICATION}/matrices_{{category}}.png",
            caption="../report/matrices.rst",
            category="Figures",
            subcategory="Diagrams of shapes and of the generator (figure 3)",
            labels={"category": "{category}"},
        ),
        pdf=f"{PUBLICATION}/matrices_{{category}}.pdf",
    log:
        f"{LOGS}/matrices_figure/{{category}}.log",
    conda:
        "../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        method=PLAIN,
        min_persistence=RUN.topology.min_persistence,
        config_digest=RUN.digest(),
        training_seeds=RUN.training_seeds[:1],
        draws=RUN.evaluation.draws,
    message:
        "Distances of training shapes to shapes and to generated diagrams, {wildcards.category}"
    script:
        "../workflow_scripts/matrices_figure.py"
