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
