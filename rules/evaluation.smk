"""Synthetic shapes and their scores against the test shapes."""


rule synthesise_shapes:
    output:
        codes=f"{SYNTHETIC}/codes.npy",
        diagrams=f"{SYNTHETIC}/diagrams.parquet",
        surfaces=f"{SYNTHETIC}/surfaces.npy",
        topology=f"{SYNTHETIC}/topology.csv",
        meshes=directory(f"{SYNTHETIC}/meshes"),
    input:
        weights=f"{TRAINED}/generator.safetensors",
        metadata=f"{TRAINED}/generator.json",
        split=f"{SHAPES}/split.json",
    params:
        resolution=RUN.shapes.resolution,
        run_seed=RUN.seed,
        draws=RUN.evaluation.draws,
        shapes_per_draw=RUN.evaluation.shapes_per_draw,
        surface_points=RUN.evaluation.chamfer_points,
        **settings_of("topology", "device"),
    threads: 2
    resources:
        gpu=gpus(),
        mem_mb=3000,
        runtime=120,
    log:
        f"{LOGS}/synthesise_shapes/{{category}}_{{method}}_{{seed}}.log",
    benchmark:
        f"{TIMES}/synthesise_shapes/{{category}}_{{method}}_{{seed}}.tsv"
    conda:
        "../envs/generators.yaml"
    message:
        "Synthetic shapes of {wildcards.method}, {wildcards.category}, seed {wildcards.seed}"
    script:
        "../workflow_scripts/synthesise_shapes.py"


rule reconstruct_shapes:
    output:
        distances=f"{SYNTHETIC}/reconstruction.csv",
        meshes=directory(f"{SYNTHETIC}/reconstructed"),
    input:
        weights=f"{TRAINED}/generator.safetensors",
        metadata=f"{TRAINED}/generator.json",
        samples=of_all_batches(f"{BATCH}/samples.npy"),
        surfaces=of_all_batches(f"{BATCH}/surface.npy"),
        manifest=f"{SHAPES}/manifest.csv",
        split=f"{SHAPES}/split.json",
    params:
        resolution=RUN.shapes.resolution,
        run_seed=RUN.seed,
        reconstruction=RUN.evaluation.reconstruction.model_dump(mode="json"),
        **settings_of("device"),
    threads: 1
    resources:
        gpu=gpus(),
        mem_mb=3000,
        runtime=240,
    log:
        f"{LOGS}/reconstruct_shapes/{{category}}_{{method}}_{{seed}}.log",
    benchmark:
        f"{TIMES}/reconstruct_shapes/{{category}}_{{method}}_{{seed}}.tsv"
    conda:
        "../envs/generators.yaml"
    message:
        "Test shapes fitted by {wildcards.method}, {wildcards.category}, seed {wildcards.seed}"
    script:
        "../workflow_scripts/reconstruct_shapes.py"


rule score_generator:
    output:
        scores=f"{SCORES}/{{method}}_seed{{seed}}.csv",
    input:
        diagrams=f"{SYNTHETIC}/diagrams.parquet",
        surfaces=f"{SYNTHETIC}/surfaces.npy",
        topology=f"{SYNTHETIC}/topology.csv",
        reconstruction=f"{SYNTHETIC}/reconstruction.csv",
        true_diagrams=f"{SHAPES}/diagrams.parquet",
        true_surfaces=of_all_batches(f"{BATCH}/surface.npy"),
        manifest=f"{SHAPES}/manifest.csv",
        split=f"{SHAPES}/split.json",
    params:
        surface_points=RUN.evaluation.chamfer_points,
        run_seed=RUN.seed,
    threads: 1
    resources:
        mem_mb=2000,
        runtime=60,
    log:
        f"{LOGS}/score_generator/{{category}}_{{method}}_{{seed}}.log",
    benchmark:
        f"{TIMES}/score_generator/{{category}}_{{method}}_{{seed}}.tsv"
    conda:
        "../envs/generators.yaml"
    message:
        "Scores of {wildcards.method}, {wildcards.category}, seed {wildcards.seed}"
    script:
        "../workflow_scripts/score_generator.py"


rule score_references:
    output:
        scores=f"{SCORES}/references.csv",
    input:
        diagrams=f"{SHAPES}/diagrams.parquet",
        grids=of_all_batches(f"{BATCH}/grid.npy"),
        surfaces=of_all_batches(f"{BATCH}/surface.npy"),
        manifest=f"{SHAPES}/manifest.csv",
        split=f"{SHAPES}/split.json",
    params:
        draws=RUN.evaluation.draws,
        shapes_per_draw=RUN.evaluation.shapes_per_draw,
        surface_points=RUN.evaluation.chamfer_points,
        run_seed=RUN.seed,
        **settings_of("topology"),
    threads: 1
    resources:
        mem_mb=2000,
        runtime=60,
    log:
        f"{LOGS}/score_references/{{category}}.log",
    conda:
        "../envs/generators.yaml"
    message:
        "What training shapes and empty diagrams would score, {wildcards.category}"
    script:
        "../workflow_scripts/score_references.py"
