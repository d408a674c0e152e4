"""Synthetic shapes and their scores against the test shapes."""


rule synthesise_shapes:
    input:
        weights=f"{TRAINED}/generator.safetensors",
        metadata=f"{TRAINED}/generator.json",
        split=f"{SHAPES}/split.json",
    output:
        codes=f"{SYNTHETIC}/codes.npy",
        diagrams=f"{SYNTHETIC}/diagrams.parquet",
        surfaces=f"{SYNTHETIC}/surfaces.npy",
        topology=f"{SYNTHETIC}/topology.csv",
        meshes=directory(f"{SYNTHETIC}/meshes"),
    log:
        f"{LOGS}/synthesise_shapes/{{category}}_{{method}}_{{seed}}.log",
    benchmark:
        f"{TIMES}/synthesise_shapes/{{category}}_{{method}}_{{seed}}.tsv"
    wildcard_constraints:
        method=IMPLICIT,
    conda:
        "../envs/generators.yaml"
    threads: 1
    resources:
        gpu=gpus(),
        mem_mb=3000,
        runtime=120,
    params:
        **settings_of("topology", "device"),
        resolution=RUN.shapes.resolution,
        run_seed=RUN.seed,
        draws=RUN.evaluation.draws,
        shapes_per_draw=RUN.evaluation.shapes_per_draw,
        surface_points=RUN.evaluation.chamfer_points,
        code_source="prior",
    message:
        "Synthetic shapes of {wildcards.method}, {wildcards.category}, seed {wildcards.seed}"
    script:
        "../workflow_scripts/synthesise_shapes.py"


use rule synthesise_shapes as synthesise_from_posterior with:
    output:
        codes=f"{POSTERIOR}/codes.npy",
        diagrams=f"{POSTERIOR}/diagrams.parquet",
        surfaces=f"{POSTERIOR}/surfaces.npy",
        topology=f"{POSTERIOR}/topology.csv",
        meshes=directory(f"{POSTERIOR}/meshes"),
    log:
        f"{LOGS}/synthesise_from_posterior/{{category}}_{{method}}_{{seed}}.log",
    benchmark:
        f"{TIMES}/synthesise_from_posterior/{{category}}_{{method}}_{{seed}}.tsv"
    params:
        **settings_of("topology", "device"),
        resolution=RUN.shapes.resolution,
        run_seed=RUN.seed,
        draws=RUN.evaluation.posterior_draws,
        shapes_per_draw=RUN.evaluation.shapes_per_draw,
        surface_points=RUN.evaluation.chamfer_points,
        code_source="posterior",
    message:
        "Shapes at posterior codes of {wildcards.method}, {wildcards.category}, seed {wildcards.seed}"


rule reconstruct_shapes:
    input:
        weights=f"{TRAINED}/generator.safetensors",
        metadata=f"{TRAINED}/generator.json",
        samples=of_all_batches(f"{BATCH}/samples.npy"),
        surfaces=of_all_batches(f"{BATCH}/surface.npy"),
        manifest=f"{SHAPES}/manifest.csv",
        split=f"{SHAPES}/split.json",
    output:
        distances=f"{SYNTHETIC}/reconstruction.csv",
        meshes=directory(f"{SYNTHETIC}/reconstructed"),
    log:
        f"{LOGS}/reconstruct_shapes/{{category}}_{{method}}_{{seed}}.log",
    benchmark:
        f"{TIMES}/reconstruct_shapes/{{category}}_{{method}}_{{seed}}.tsv"
    wildcard_constraints:
        method=IMPLICIT,
    conda:
        "../envs/generators.yaml"
    threads: 1
    resources:
        gpu=gpus(),
        mem_mb=3000,
        runtime=240,
    params:
        **settings_of("device"),
        resolution=RUN.shapes.resolution,
        run_seed=RUN.seed,
        reconstruction=RUN.evaluation.reconstruction.model_dump(mode="json"),
    message:
        "Test shapes fitted by {wildcards.method}, {wildcards.category}, seed {wildcards.seed}"
    script:
        "../workflow_scripts/reconstruct_shapes.py"


rule score_generator:
    input:
        diagrams=f"{SYNTHETIC}/diagrams.parquet",
        surfaces=f"{SYNTHETIC}/surfaces.npy",
        topology=f"{SYNTHETIC}/topology.csv",
        reconstruction=if_first_seed(f"{SYNTHETIC}/reconstruction.csv"),
        posterior=if_implicit(
            f"{POSTERIOR}/diagrams.parquet",
            f"{POSTERIOR}/surfaces.npy",
            f"{POSTERIOR}/topology.csv",
        ),
        codes=f"{SYNTHETIC}/codes.npy",
        diagram_generator=if_implicit(
            f"{TRAINED}/diagrams.safetensors", f"{TRAINED}/diagrams.json"
        ),
        true_diagrams=f"{SHAPES}/diagrams.parquet",
        true_surfaces=of_all_batches(f"{BATCH}/surface.npy"),
        true_grids=of_all_batches(f"{BATCH}/grid.npy"),
        manifest=f"{SHAPES}/manifest.csv",
        split=f"{SHAPES}/split.json",
    output:
        scores=f"{SCORES}/{{method}}_seed{{seed}}.csv",
    log:
        f"{LOGS}/score_generator/{{category}}_{{method}}_{{seed}}.log",
    benchmark:
        f"{TIMES}/score_generator/{{category}}_{{method}}_{{seed}}.tsv"
    conda:
        "../envs/generators.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        **settings_of("topology"),
        surface_points=RUN.evaluation.chamfer_points,
    message:
        "Scores of {wildcards.method}, {wildcards.category}, seed {wildcards.seed}"
    script:
        "../workflow_scripts/score_generator.py"


rule score_references:
    input:
        diagrams=f"{SHAPES}/diagrams.parquet",
        grids=of_all_batches(f"{BATCH}/grid.npy"),
        surfaces=of_all_batches(f"{BATCH}/surface.npy"),
        manifest=f"{SHAPES}/manifest.csv",
        split=f"{SHAPES}/split.json",
    output:
        scores=f"{SCORES}/references.csv",
    log:
        f"{LOGS}/score_references/{{category}}.log",
    conda:
        "../envs/generators.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        **settings_of("topology"),
        draws=RUN.evaluation.draws,
        shapes_per_draw=RUN.evaluation.shapes_per_draw,
        surface_points=RUN.evaluation.chamfer_points,
    message:
        "What training shapes and empty diagrams would score, {wildcards.category}"
    script:
        "../workflow_scripts/score_references.py"
